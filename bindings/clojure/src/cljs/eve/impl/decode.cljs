(ns eve.impl.decode
  "What stored values become: the host that the JavaScript package is given (see eve/internal)."
  (:require [eve.impl.delta :as delta]
            [eve.impl.encode :as encode]
            [eve.impl.host :as host]
            [eve.impl.list :as list]
            [eve.impl.map :as map]
            [eve.impl.records :as records]
            [eve.impl.set :as set]
            [eve.impl.sorted :as sorted]
            [eve.impl.typed :as typed]
            [eve.impl.types]
            [eve.impl.vector :as vector]))

(defn- hex [bytes from to]
  (loop [i from text ""]
    (if (< i to)
      (let [b (aget bytes i)]
        (recur (inc i) (str text (when (< b 16) "0") (.toString b 16))))
      text)))

(defn- uuid-of [bytes]
  (uuid (str (hex bytes 0 4) "-" (hex bytes 4 6) "-" (hex bytes 6 8) "-" (hex bytes 8 10) "-" (hex bytes 10 16))))

(defn- named
  "`make` of namespace and name, split as Clojure's reader does: at the first slash that is not the first character."
  [make]
  (fn [text]
    (let [slash (if (> (.-length text) 1) (.indexOf text "/") -1)]
      (if (pos? slash)
        (make (.slice text 0 slash) (.slice text (inc slash)))
        (make nil text)))))

(def ^:private symbol-of (named (fn [ns-name name] (if (nil? ns-name) (symbol name) (symbol ns-name name)))))
(def ^:private keyword-of (named (fn [ns-name name] (keyword ns-name name))))

(defn tagged
  "A tagged literal, or what becomes a record when the reading under way is done."
  [text form]
  (if (records/known? text)
    (host/later (fn []
                  (let [form (host/settled form)]
                    (or (records/restore text form) (tagged-literal (symbol-of text) form)))))
    (tagged-literal (symbol-of text) form)))

(def host
  #js {"names" #js []
       "keyword" keyword-of
       "symbol" symbol-of
       "uuid" uuid-of
       "tagged" tagged
       "makers" #js {"15" (fn [snap low high n has-meta] (map/view false snap low high n has-meta))
                     "16" set/view
                     "17" vector/view
                     "18" list/view
                     "27" (sorted/map-view sorted/SORTED-MAP)
                     "28" sorted/set-view
                     "29" (sorted/map-view sorted/INT-MAP)
                     "30" typed/array-view
                     "31" typed/records-view}
       "own" encode/planned
       "result" identity
       "encode" delta/encode
       "writeDelta" delta/write})
