(ns eve.atom
  "The names of the original `eve.atom`, for programs written for it. New code uses `eve.alpha`."
  (:refer-clojure :exclude [atom])
  (:require [eve.alpha :as e]))

(def atom "See `eve.alpha/atom`." e/atom)

(defn persistent-atom
  "An atom in a file: `(persistent-atom {:id ::k :persistent \"path\"} value)`. Without `:persistent`, in the default file."
  [options value]
  (e/atom (merge {:persistent true} (if (map? options) options {:id options})) value))

(defn persistent-atom-domain
  "The domain in the file at `path`, created if it is not there: `eve.alpha/atom-domain`. Further options are accepted and
  have no effect: there is one kind of file."
  [path & _]
  (e/atom-domain path))

(defn join-atom-domain
  "The domain in a file that is there."
  [path & _]
  (e/atom-domain path {:create false}))

(defn lookup-or-create-mmap-atom!
  "The atom of a name in a domain, made with `value` if there is none. The name is a string like `\"ns/name\"`."
  [domain id value]
  (e/atom {:id id :persistent domain} value))

(def close-atom-domain! "See `eve.alpha/close-atom-domain!`." e/close-atom-domain!)

(def close! "See `eve.alpha/close!`." e/close!)

#?(:cljs (def sab-transfer-data "See `eve.alpha/sab-transfer-data`." e/sab-transfer-data))

#?(:cljs (def init-worker! "See `eve.alpha/init-worker!`." e/init-worker!))
