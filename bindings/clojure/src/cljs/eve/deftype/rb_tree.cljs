(ns eve.deftype.rb-tree
  "Sorted sets. The names are those of the original; the sets are ordinary ones, sorted in shared memory too."
  (:refer-clojure :exclude [sorted-set]))

(defn sorted-set
  "A sorted set of these elements."
  [& elements]
  (apply cljs.core/sorted-set elements))

(defn member?
  "Is `x` in the set?"
  [set x]
  (contains? set x))
