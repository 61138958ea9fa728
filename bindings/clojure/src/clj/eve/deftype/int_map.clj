(ns eve.deftype.int-map
  "Maps from integers, in their order, by the names of the original. In an atom they are stored as integer maps."
  (:refer-clojure :exclude [merge merge-with range])
  (:require [eve.impl.wanted :as wanted])
  (:import (eve.jvm EveSortedMap)))

(defn int-map
  "An integer map: `(int-map)`, `(int-map 1 :a 2 :b)`. Its keys are integers of 64 bits; another key throws ex-info."
  [& keyvals]
  (if keyvals (apply assoc EveSortedMap/NO_INTEGERS keyvals) EveSortedMap/NO_INTEGERS))

(defn int-map?
  "Is `x` an integer map?"
  [x]
  (and (instance? EveSortedMap x) (.isOfIntegers ^EveSortedMap x)))

(defn merge
  "All entries of both; where both have a key, that of `b`."
  [a b]
  (into (or a (int-map)) b))

(defn merge-with
  "All entries of both; where both have a key, `(f of-a of-b)`."
  [f a b]
  (reduce-kv (fn [m k v] (assoc m k (if-let [e (find m k)] (f (val e) v) v))) (or a (int-map)) b))

(defn range
  "The entries whose keys are `low` to `high`, both included. Costs what it gives."
  [m low high]
  (if (or (nil? m) (sorted? m))
    (into (int-map) (when (seq m) (subseq m >= low <= high)))
    (wanted/wrong "an integer map" m)))
