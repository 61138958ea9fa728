(ns eve.array
  "Typed arrays in shared memory, which change in place: at once, for all processes that hold them, without a commit.

    (def state (e/atom {:hits (arr/eve-array :int32 10)}))
    (arr/add! (:hits @state) 3 1)

  Types: :int8 :uint8 :uint8-clamped :int16 :uint16 :int32 :uint32 :int64 :float32 :float64. An array that is made here is in the
  memory of this process; put into an atom it is copied there, and the one that is read from the atom is the shared one."
  (:refer-clojure :exclude [aget amap areduce])
  (:require [eve.impl.bulk :as bulk]
            [eve.impl.memory :as memory]
            [eve.impl.wanted :as wanted])
  (:import (eve.jvm Element EveArray)
           (java.nio ByteBuffer)))

(set! *warn-on-reflection* true)

(defn eve-array
  "A new array.

    (eve-array :int32 10)          10 zeros
    (eve-array :float64 10 0.5)    10 times 0.5
    (eve-array :uint8 [1 2 3])     of a collection

  Integers lose the bits that the type has no room for; clamped ones stop at 0 and 255. Costs a copy."
  ([type size-or-coll]
   (if (number? size-or-coll)
     (eve-array type size-or-coll 0)
     (let [code (Element/code type) all (vec (wanted/elements size-or-coll))]
       (EveArray/make (memory/store) code (count all) (Element/pack code all (count all))))))
  ([type n value]
   (let [code (Element/code type) n (int (wanted/size n))]
     (EveArray/make (memory/store) code n (Element/pack code (repeat n value) n)))))

(defn int32-array
  "`(eve-array :int32 …)`"
  ([n] (eve-array :int32 n))
  ([n value] (eve-array :int32 n value)))

(defn int32-array-from
  "`(eve-array :int32 coll)`"
  [coll]
  (eve-array :int32 (vec coll)))

(defn array?
  "Is `x` a typed array?"
  [x]
  (instance? EveArray x))

(def eve-array? "The same." array?)

(defn- an-array ^EveArray [x]
  (if (array? x) x (wanted/wrong "a typed array, as eve.array/eve-array makes" x)))

(defn array-type
  "The type of its elements, like `:int32`."
  [a]
  (.type (an-array a)))

(defn aget
  "The element at an index. Atomic. Throws IndexOutOfBoundsException."
  [a index]
  (.get (an-array a) index))

(defn aset!
  "Sets the element at an index; returns the value given. Atomic."
  [a index value]
  (.set (an-array a) index value)
  value)

(defn cas!
  "Sets the element if it is `expected`; true if it was. Floats are compared by their bits."
  [a index expected value]
  (.compareAndSet (an-array a) index expected value))

(defn exchange!
  "Sets the element; returns what was there."
  [a index value]
  (.exchange (an-array a) index value))

(defn add!
  "Adds to an integer, which wraps around (`:uint8-clamped` stops at its ends); returns what was there."
  [a index delta]
  (.update (an-array a) "add" index delta))

(defn sub!
  "Subtracts from an integer; returns what was there."
  [a index delta]
  (.update (an-array a) "sub" index delta))

(defn band!
  "Bitwise and; returns what was there."
  [a index mask]
  (.update (an-array a) "and" index mask))

(defn bor!
  "Bitwise or; returns what was there."
  [a index mask]
  (.update (an-array a) "or" index mask))

(defn bxor!
  "Bitwise exclusive or; returns what was there."
  [a index mask]
  (.update (an-array a) "xor" index mask))

(defn wait!
  "Sleeps until the element (of 32 bits) is notified, by any process: `:ok`. `:not-equal` at once if it is not `expected`; `:timed-out`
  after so many milliseconds. May wake for no reason: look at the element again."
  ([a index expected] (wait! a index expected -1))
  ([a index expected milliseconds]
   (keyword (.await (an-array a) index expected (long milliseconds)))))

(defn notify!
  "Wakes who sleeps on the element: all, or up to `most`. How many."
  ([a index] (notify! a index Integer/MAX_VALUE))
  ([a index most] (.wake (an-array a) index (int (min most Integer/MAX_VALUE)))))

(defn get-typed-view
  "The elements as bytes: a little-endian java.nio.ByteBuffer, a copy."
  ^ByteBuffer [a]
  (.bytes (an-array a) 0 (count a)))

(defn retire!
  "Does nothing: an array goes when nobody holds it any more. For programs that call it. True."
  [_]
  true)

(defn from-typed-array
  "An array with the elements of one of Java's: `byte[]`, `short[]`, `int[]`, `long[]`, `float[]` or `double[]`."
  [elements]
  (let [type (cond (bytes? elements) :int8
                   (instance? (Class/forName "[S") elements) :int16
                   (instance? (Class/forName "[I") elements) :int32
                   (instance? (Class/forName "[J") elements) :int64
                   (instance? (Class/forName "[F") elements) :float32
                   (instance? (Class/forName "[D") elements) :float64
                   :else (wanted/wrong "an array of Java's primitive numbers" elements))]
    (eve-array type (vec elements))))

(defn areduce
  "`f` of the value so far, index and element, through the array."
  [a init f]
  (bulk/reduce-indexed (an-array a) init f))

(defn amap
  "A new array of the same type, of what `f` gives for index and element."
  [a f]
  (eve-array (array-type a) (vec (map-indexed f a))))

(defn amap!
  "Sets each element to what `f` gives for index and element. Each by itself is atomic."
  [a f]
  (dotimes [i (count (an-array a))]
    (aset! a i (f i (aget a i))))
  a)

(defn afill!
  "Sets all elements, or those from `start` up to but not including `end`. Each is atomic, all together are not."
  ([a value] (afill! a value 0))
  ([a value start] (afill! a value start (count (an-array a))))
  ([a value start end]
   (let [end (min end (count (an-array a)))]
     (when (< start end) (.fill (an-array a) start end value)))
   a))

(defn acopy!
  "Copies elements of one array into another of the same type: all for which there is room, or `n` of them from `start` on to `at`."
  ([to from] (acopy! to 0 from 0 (min (count (an-array to)) (count (an-array from)))))
  ([to at from start n]
   (when (pos? n) (.copyFrom (an-array to) at (an-array from) start n))
   to))

;; The names for bulk operations. They are no faster than the others and as safe.

(def afill-simd! afill!)
(def acopy-simd! acopy!)
(defn asum-simd
  "The sum of all elements, or of those from `start` up to but not including `end`."
  ([a] (reduce + 0 (an-array a)))
  ([a start end] (reduce + 0 (map #(aget a %) (range start end)))))
(defn amin-simd "The least element; 2147483647 of none." [a] (bulk/least (an-array a)))
(defn amax-simd "The greatest element; -2147483648 of none." [a] (bulk/greatest (an-array a)))
(defn aequal-simd? "Have both the same elements?" [a b] (= (an-array a) (an-array b)))
(def areduce-simd areduce)
(def amap-simd amap)
(def amap-simd! amap!)

(defn read-array
  "What `#eve/array [:int32 1 2 3]` reads."
  [[type & elements]]
  (eve-array type (vec elements)))

(defmethod print-method EveArray [a ^java.io.Writer out]
  (.write out (str a)))

;; A literal in code is compiled to its text.
(defmethod print-dup EveArray [a out]
  (print-method a out))
