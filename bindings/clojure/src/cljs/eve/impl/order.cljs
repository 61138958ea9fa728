(ns eve.impl.order
  "The order of all values (spec/2-values.md), for changes over a map or set that keeps it: the engine orders what is stored."
  (:require [eve.impl.host :as host]))

(defn- rank [x]
  (cond
    (nil? x) 0
    (boolean? x) 1
    (or (number? x) (identical? "bigint" (goog/typeOf x)) (instance? host/Decimal x) (instance? host/Ratio x)) 2
    (string? x) 4
    (keyword? x) 5
    (symbol? x) 6
    (uuid? x) 7
    (inst? x) 8
    (instance? js/Uint8Array x) 9
    (sequential? x) 10
    (set? x) 11
    (map? x) 12
    :else 13))

(declare order)

(defn- each
  "The order of two sequences of equal length."
  [a b]
  (loop [a (seq a) b (seq b)]
    (if (or (nil? a) (nil? b))
      0
      (let [d (order (first a) (first b))]
        (if (zero? d) (recur (next a) (next b)) d)))))

(defn- by-size [a b then]
  (let [d (- (count a) (count b))]
    (if (zero? d) (then) d)))

(defn- numbers [a b]
  (let [exact? #(or (number? %) (identical? "bigint" (goog/typeOf %)))
        x (if (exact? a) a (js/Number a))
        y (if (exact? b) b (js/Number b))]
    (cond
      (and (number? x) (js/isNaN x)) (if (and (number? y) (js/isNaN y)) 0 -1)
      (and (number? y) (js/isNaN y)) 1
      (< x y) -1
      (> x y) 1
      (= a b) 0
      :else (compare (str a) (str b)))))

(defn- signed
  "A uuid as text that is ordered as two signed numbers are."
  [u]
  (let [flip (fn [c] (.toString (bit-xor 8 (js/parseInt c 16)) 16))
        text (str u)]
    (str (flip (subs text 0 1)) (subs text 1 19) (flip (subs text 19 20)) (subs text 20))))

(defn- sorted [xs]
  (sort order xs))

(defn order
  "Below, at or above zero as a comes before, with or behind b."
  [a b]
  (let [r (rank a) d (- r (rank b))]
    (if-not (zero? d)
      d
      (case r
        0 0
        2 (numbers a b)
        7 (compare (signed a) (signed b))
        9 (let [n (min (.-length a) (.-length b))]
            (loop [i 0]
              (if (== i n)
                (- (.-length a) (.-length b))
                (let [d (- (aget a i) (aget b i))] (if (zero? d) (recur (inc i)) d)))))
        10 (by-size a b #(each a b))
        11 (by-size a b #(each (sorted a) (sorted b)))
        12 (by-size a b #(let [ka (sorted (keys a)) kb (sorted (keys b)) d (each ka kb)]
                           (if (zero? d) (each (map a ka) (map b kb)) d)))
        13 (let [d (compare (str (:tag a)) (str (:tag b)))]
             (if (zero? d) (order (:form a) (:form b)) d))
        (compare a b)))))

;; Those that ClojureScript makes with a comparator have 0 for their hash, unlike all other empty ones; emptied ones do not.

(def empty-map "The map in this order that is empty." (dissoc (sorted-map-by order 0 0) 0))
(def empty-set "The set in this order that is empty." (disj (sorted-set-by order 0) 0))
