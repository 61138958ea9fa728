(ns eve.deftype.rb-tree
  "Sorted sets by the names of the original: Clojure's own, which are stored as sorted sets."
  (:refer-clojure :exclude [sorted-set]))

(defn sorted-set
  "A set of these, in the order of `compare`."
  [& elements]
  (apply clojure.core/sorted-set elements))

(defn member?
  "Is `x` in the set?"
  [s x]
  (contains? s x))
