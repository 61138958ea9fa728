(ns eve.impl.view
  "What the views have in common: metadata that is read when it is asked for, going through elements in chunks, printing."
  (:require [eve.impl.host :as host]))

;; Where a view's metadata is

(def NONE 0)
(def STORED 1)
(def READ 2)
(def CHANGED 3)

;; Chunks

(defn chunks-seq
  "A lazy sequence of the elements of the arrays that `more` gives, one after the other until it gives nil; then of `rest`."
  [more rest]
  (lazy-seq
    (loop []
      (let [items (more)]
        (cond
          (nil? items) (seq rest)
          (zero? (alength items)) (recur)
          :else (chunk-cons (array-chunk items) (chunks-seq more rest)))))))

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
