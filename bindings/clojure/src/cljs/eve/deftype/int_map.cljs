(ns eve.deftype.int-map
  "Maps of integers, kept in order. The names are those of the original."
  (:refer-clojure :exclude [merge merge-with range])
  (:require [eve.impl.memory :as memory]
            [eve.impl.sorted :as sorted]
            [eve.impl.wanted :as wanted]))

(defn int-map
  "An integer map of keys and values by turns."
  [& keyvals]
  (memory/held (sorted/->NewMap sorted/INT-MAP (partition 2 keyvals))))

(defn merge
  "All entries of both; those of the second count."
  [a b]
  (into a b))

(defn merge-with
  "All entries of both; `f` of the two values where both have the key."
  [f a b]
  (cljs.core/merge-with f a b))

(defn range
  "The entries with keys from `low` to `high`, both included, as an integer map."
  [m low high]
  (if (or (nil? m) (sorted? m))
    (apply int-map (mapcat identity (when (seq m) (subseq m >= low <= high))))
    (wanted/wrong "an integer map" m)))

(defn int-map?
  "Is `x` an integer map?"
  [x]
  (and (instance? sorted/EveSortedMap x) (== sorted/INT-MAP (.-code x))))
