(ns eve.edn
  "Reading EDN with all its numbers: ClojureScript's own reader rounds large integers, decimals and ratios to doubles. The engine's
  reader does the work; what it reads are ordinary collections, and typed arrays and objects in the memory of this process."
  (:refer-clojure :exclude [read-string])
  (:require [eve.impl.decode :as decode]
            [eve.impl.host :as host]
            [eve.impl.memory :as memory]
            [eve.impl.order :refer [empty-map empty-set]]
            [eve.impl.sorted :as sorted]
            [eve.impl.typed :as typed]
            [eve.impl.wanted :as wanted]))

(defn- map-of [items]
  (let [n (alength items)]
    (loop [i 0 m (transient {})]
      (if (< i n)
        (recur (+ i 2) (assoc! m (aget items i) (aget items (inc i))))
        (persistent! m)))))

(defn- make [kind items tag]
  (case kind
    15 (map-of items)
    16 (set items)
    17 (vec items)
    18 (apply list items)
    27 (into empty-map (map vec) (partition 2 items))
    28 (into empty-set items)
    30 (memory/held (typed/->NewArray (aget items 0) (aget items 1)))
    31 (memory/held (typed/->NewRecords (aget items 0) (aget items 1) (aget items 2)))
    29 (memory/held (sorted/->NewMap sorted/INT-MAP (partition 2 items)))
    19 (host/settled (decode/tagged tag (aget items 0)))
    20 (with-meta (aget items 1) (aget items 0))))

(defn read-all
  "All values in a text, as a vector. Throws ex-info with `:eve/error` `:parse` that says where the text goes wrong."
  [text]
  (vec (host/parse (if (string? text) text (wanted/wrong "a text of EDN" text)) decode/host make)))

(defn read-string
  "The first value in a text; nil if there is none."
  [text]
  (first (read-all text)))
