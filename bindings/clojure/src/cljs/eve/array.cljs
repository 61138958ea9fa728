(ns eve.array
  "Typed arrays in shared memory, changed in place with atomic operations by all threads and processes that have them.

    (def hits (e/atom {:id ::hits :persistent \"./my-db\"} {:counts (arr/eve-array :int32 100)}))
    (arr/add! (:counts @hits) 7 1)

  An array is made in the memory of this process; storing it in an atom copies it there, once. What is in it then is one for all
  versions of the atom. The names are those of the original."
  (:refer-clojure :exclude [aget areduce amap])
  (:require [eve.impl.bulk :as bulk]
            [eve.impl.lanes :as lanes]
            [eve.impl.memory :as memory]
            [eve.impl.typed :as typed :refer [EveArray]]
            [eve.impl.wanted :as wanted]))

(defn eve-array
  "An array: `(eve-array :int32 10)` of zeros, `(eve-array :float64 10 1.5)` filled, `(eve-array :uint8 [1 2 3])` of these. Types:
  `:int8 :uint8 :uint8-clamped :int16 :uint16 :int32 :uint32 :int64 :float32 :float64`."
  ([type size-or-coll]
   (memory/held (typed/new-array type ((if (number? size-or-coll) wanted/size wanted/elements) size-or-coll))))
  ([type n value]
   (memory/held (typed/new-array type (repeat (wanted/size n) value)))))

(defn int32-array
  "`(eve-array :int32 …)`."
  ([n] (eve-array :int32 n))
  ([n value] (eve-array :int32 n value)))

(defn int32-array-from
  "`(eve-array :int32 coll)`."
  [coll]
  (eve-array :int32 coll))

(defn from-typed-array
  "An array with the elements of a typed array of JavaScript."
  [elements]
  (eve-array (nth lanes/types (if (instance? js/Uint8Array elements) 1 (lanes/type-of elements))) (js/Array.from elements)))

(defn- an-array [x]
  (if (instance? EveArray x) x (wanted/wrong "a typed array, as eve.array/eve-array makes" x)))

(defn aget
  "The element at an index, read atomically."
  [array i]
  (typed/-load (an-array array) i))

(defn aset!
  "Sets an element atomically; gives the value."
  [array i value]
  (typed/-change (an-array array) i lanes/STORE value 0)
  value)

(defn- integers! [array operation]
  (let [type (typed/-type (an-array array))]
    (when (#{:float32 :float64} type)
      (throw (ex-info (str operation " is for integers, and this is an array of " (name type)) {:type type})))))

(defn cas!
  "Sets an element if it is `expected`; true if it did."
  [array i expected value]
  (== expected (typed/-change (an-array array) i lanes/CAS value expected)))

(defn exchange!
  "Sets an element; gives what it was."
  [array i value]
  (typed/-change (an-array array) i lanes/EXCHANGE value 0))

(defn- arithmetic [array i operation code operand]
  (integers! array operation)
  (typed/-change array i code operand 0))

(defn add! "Adds to an element; gives what it was. Wraps around." [array i delta] (arithmetic array i "add!" lanes/ADD delta))
(defn sub! "Subtracts from an element; gives what it was. Wraps around." [array i delta] (arithmetic array i "sub!" lanes/SUB delta))
(defn band! "Bitwise and; gives what the element was." [array i mask] (arithmetic array i "band!" lanes/AND mask))
(defn bor! "Bitwise or; gives what the element was." [array i mask] (arithmetic array i "bor!" lanes/OR mask))
(defn bxor! "Bitwise exclusive or; gives what the element was." [array i mask] (arithmetic array i "bxor!" lanes/XOR mask))

(defn- of-32-bits! [array operation]
  (let [type (typed/-type (an-array array))]
    (when-not (#{:int32 :uint32} type)
      (throw (ex-info (str operation " is for arrays of int32 and uint32") {:type type})))))

(defn wait!
  "Blocks this thread until somebody notifies at the index, unless the element is not `expected`: `:ok`, `:not-equal` or, after so many
  milliseconds, `:timed-out`. Other processes may be the ones."
  ([array i expected] (wait! array i expected -1))
  ([array i expected milliseconds]
   (of-32-bits! array "wait!")
   (typed/-wait (an-array array) i expected (if (= milliseconds ##Inf) -1 milliseconds))))

(defn notify!
  "Wakes those who wait at an index, all or so many; gives how many."
  ([array i] (notify! array i -1))
  ([array i n]
   (of-32-bits! array "notify!")
   (typed/-notify (an-array array) i (if (= n ##Inf) -1 n))))

(defn areduce
  "`f` of the value so far, index and element, through the array."
  [array init f]
  (bulk/reduce-indexed (an-array array) init f))

(defn amap
  "A new array of the same type, of what `f` gives for index and element."
  [array f]
  (eve-array (typed/-type (an-array array)) (into-array (map-indexed f array))))

(defn amap!
  "Sets each element to what `f` gives for index and element. Each by itself is atomic."
  [array f]
  (dotimes [i (count (an-array array))] (aset! array i (f i (aget array i))))
  array)

(defn afill!
  "Sets all elements, or those from `start` up to but not including `end`."
  ([array value] (afill! array value 0 (count (an-array array))))
  ([array value start] (afill! array value start (count (an-array array))))
  ([array value start end]
   (let [end (min end (count array))]
     (when (< start end) (typed/-fill (an-array array) start (- end start) value)))
   array))

(defn acopy!
  "Copies elements of one array into another of the same type."
  ([to from] (acopy! to 0 from 0 (min (count (an-array to)) (count (an-array from)))))
  ([to at from start n]
   (when (pos? n) (typed/-write-all (an-array to) at (typed/-copy (an-array from) start n)))
   to))

(defn get-typed-view
  "A copy of the elements, as a typed array of JavaScript: a view of foreign memory is not possible in Node."
  [array]
  (typed/-copy (an-array array) 0 (count array)))

(defn array-type
  "The type of the elements, as `:int32`."
  [array]
  (typed/-type (an-array array)))

(defn eve-array?
  "Is `x` a typed array of eve?"
  [x]
  (instance? EveArray x))

(defn retire!
  "Does nothing: what is not used is freed by itself. True."
  [_]
  true)

;; The names for bulk operations. They are no faster than the others and as safe.

(def afill-simd! afill!)
(def acopy-simd! acopy!)
(defn asum-simd
  "The sum of all elements, or of some."
  ([array] (reduce + 0 (an-array array)))
  ([array start end] (reduce + 0 (js/Array.from (typed/-copy (an-array array) start (- end start))))))
(defn amin-simd [array] (bulk/least (an-array array)))
(defn amax-simd [array] (bulk/greatest (an-array array)))
(defn aequal-simd? [a b] (= a b))
(def areduce-simd areduce)
(def amap-simd amap)
(def amap-simd! amap!)
