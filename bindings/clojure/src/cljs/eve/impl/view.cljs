(ns eve.impl.view
  "What the views have in common: metadata that is read when it is asked for, going through elements in chunks, printing."
  (:require [eve.impl.host :as host]))

;; Where a view's metadata is

(def NONE 0)
(def STORED 1)
(def READ 2)
(def CHANGED 3)

;; Chunks

(def CHUNK "Elements of a chunk of ClojureScript's own vectors, so far ahead does `map` call its function; those of shorter ones have no chunks." 32)

(declare chunks-seq)

(defn- chunks-of
  "The elements of an array from an index on, then what comes behind it."
  [items from more rest]
  (let [n (alength items) to (min n (+ from CHUNK))]
    (chunk-cons (array-chunk items from to)
                (if (== to n) (chunks-seq more rest) (lazy-seq (chunks-of items to more rest))))))

(defn chunks-seq
  "A lazy sequence of the elements of the arrays that `more` gives, one after the other until it gives nil; then of `rest`."
  [more rest]
  (lazy-seq
    (loop []
      (let [items (more)]
        (cond
          (nil? items) (seq rest)
          (zero? (alength items)) (recur)
          :else (chunks-of items 0 more rest))))))

(defn reduce-chunks
  "`reduce` over the same; a reduced value is given back as such."
  [more f init]
  (loop [acc init]
    (let [items (more)]
      (if (nil? items)
        acc
        (let [n (alength items)
              acc (loop [i 0 acc acc]
                    (if (and (< i n) (not (reduced? acc)))
                      (recur (inc i) (f acc (aget items i)))
                      acc))]
          (if (reduced? acc) acc (recur acc)))))))

(defn reduce-all
  "The two arities of -reduce, given what reduces with an initial value and may give back a reduced one."
  ([f with-init]
   (let [none (js-obj)
         made (unreduced (with-init (fn [acc x] (if (identical? acc none) x (f acc x))) none))]
     (if (identical? made none) (f) made)))
  ([f init with-init]
   (unreduced (with-init f init))))

(defn print-one [x writer opts]
  (pr-seq-writer #js [x] writer opts))

;; The same without chunks: as ClojureScript's own sequences of maps, sets and lists have none, which would have `map` call its function ahead

(declare items-seq)

(deftype Part [items more after ^:mutable follow]
  Object
  ;; What comes behind the items; it is read once.
  (behind [_]
    (when (undefined? follow) (set! follow (items-seq more after)))
    follow))

(deftype Items [part i meta ^:mutable __hash]
  Object
  (toString [coll] (pr-str* coll))
  (equiv [this other] (-equiv this other))
  (indexOf [coll x] (.indexOf coll x 0))
  (indexOf [coll x start]
    (loop [i 0 s coll]
      (cond (nil? s) -1
            (and (>= i start) (= x (first s))) i
            :else (recur (inc i) (next s)))))
  (lastIndexOf [coll x] (.lastIndexOf coll x (count coll)))
  (lastIndexOf [coll x start]
    (loop [i 0 found -1 s coll]
      (if (or (nil? s) (> i start))
        found
        (recur (inc i) (if (= x (first s)) i found) (next s)))))
  (fold [_ f init]
    (loop [part part i i acc init]
      (let [items (.-items part)
            n (alength items)
            acc (loop [i i acc acc]
                  (if (and (< i n) (not (reduced? acc)))
                    (recur (inc i) (f acc (aget items i)))
                    acc))
            behind (when-not (reduced? acc) (.behind part))]
        (cond
          (nil? behind) acc
          (instance? Items behind) (recur (.-part behind) (.-i behind) acc)
          :else (reduce (fn [acc x] (let [acc (f acc x)] (if (reduced? acc) (reduced acc) acc))) acc behind)))))

  ICloneable
  (-clone [_] (Items. part i meta __hash))

  IMeta
  (-meta [_] meta)

  IWithMeta
  (-with-meta [coll new-meta]
    (if (identical? new-meta meta) coll (Items. part i new-meta __hash)))

  ISeqable
  (-seq [coll] coll)

  ISeq
  (-first [_] (aget (.-items part) i))
  (-rest [coll] (or (-next coll) ()))

  INext
  (-next [_]
    (if (< (inc i) (alength (.-items part)))
      (Items. part (inc i) nil nil)
      (.behind part)))

  ISequential

  ICollection
  (-conj [coll x] (cons x coll))

  IEmptyableCollection
  (-empty [_] ())

  IEquiv
  (-equiv [coll other] (equiv-sequential coll other))

  IHash
  (-hash [coll]
    (if (nil? __hash) (set! __hash (hash-ordered-coll coll)) __hash))

  IReduce
  (-reduce [coll f] (reduce-all f (fn [f init] (.fold coll f init))))
  (-reduce [coll f init] (reduce-all f init (fn [f init] (.fold coll f init))))

  IPrintWithWriter
  (-pr-writer [coll writer opts] (pr-sequential-writer writer print-one "(" " " ")" opts coll)))

(es6-iterable Items)

(defn items-seq
  "A sequence of the elements of the arrays that `more` gives, one after the other until it gives nil; then of `after`. Nil if there are none."
  [more after]
  (loop []
    (let [items (more)]
      (cond
        (nil? items) (seq after)
        (zero? (alength items)) (recur)
        :else (Items. (Part. items more after js/undefined) 0 nil nil)))))

;; The trail: what is changed while a function given to swap! runs, so that its result can be told by what is different (eve.impl.delta).
;; It is kept nowhere else: versions that a program holds know nothing of those made of them.

(def ^:private trail "From, key and to of each change in a row, or nil." nil)
(def ^:private LONGEST "Longer trails are of no use, and would hold many versions." (* 3 64))

(defn begin-trail [] (set! trail #js []))

(defn end-trail
  "The trail, which ends; nil if there is none."
  []
  (let [found trail]
    (set! trail nil)
    found))

(defn changed
  "A version that was made of another by a change at a key."
  [from k to]
  (when (some? trail)
    (if (> (alength trail) LONGEST)
      (set! trail nil)
      (.push trail from k to)))
  to)
