(ns eve.array
  "Typed arrays in shared memory, which change in place: at once, for all processes that hold them, without a commit.

    (def state (e/atom {:hits (arr/eve-array :int32 10)}))
    (arr/add! (:hits @state) 3 1)

  Types: :int8 :uint8 :uint8-clamped :int16 :uint16 :int32 :uint32 :int64 :float32 :float64. An array that is made here is in the
  memory of this process; put into an atom it is copied there, and the one that is read from the atom is the shared one."
  (:refer-clojure :exclude [aget])
  (:require [eve.impl.memory :as memory]
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
  "Wakes who sleeps on the element: one, or up to `most`. How many."
  ([a index] (notify! a index 1))
  ([a index most] (.wake (an-array a) index (int most))))

(defn get-typed-view
  "The elements as bytes: a little-endian java.nio.ByteBuffer, a copy."
  ^ByteBuffer [a]
  (.bytes (an-array a) 0 (count a)))

(defn retire!
  "Does nothing: an array goes when nobody holds it any more. For programs that call it."
  [_]
  nil)

(defn afill-simd!
  "Sets all elements, or those from `start` to before `end`. Each is atomic, all together are not."
  ([a value] (afill-simd! a value 0 (count (an-array a))))
  ([a value start end]
   (.fill (an-array a) start end value)
   a))

(defn acopy-simd!
  "Copies all elements of `source` to the beginning of `target`, of the same type."
  [target source]
  (.copyFrom (an-array target) (an-array source))
  target)

(defn asum-simd
  "The sum of the elements."
  [a]
  (reduce + 0 (an-array a)))

(defn areduce-simd
  "`(reduce f init a)`"
  [a init f]
  (reduce f init (an-array a)))

(defn amap-simd
  "A new array of the same type, of `(f element)`."
  [a f]
  (eve-array (array-type a) (mapv f a)))

(defn amap-simd!
  "Sets each element to `(f element)`; not one step."
  [a f]
  (dotimes [i (count (an-array a))]
    (aset! a i (f (aget a i))))
  a)

(defn read-array
  "What `#eve/array [:int32 1 2 3]` reads."
  [[type & elements]]
  (eve-array type (vec elements)))

(defmethod print-method EveArray [a ^java.io.Writer out]
  (.write out (str a)))

;; A literal in code is compiled to its text.
(defmethod print-dup EveArray [a out]
  (print-method a out))
