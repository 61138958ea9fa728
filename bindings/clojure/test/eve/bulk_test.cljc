(ns eve.bulk-test
  "What is done to many elements of typed arrays and objects: the same functions in Clojure and in ClojureScript."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.array :as arr]
            [eve.obj :as obj]))

(defn- stored [value]
  (:it @(e/atom {:it value})))

(defn- all [array]
  (vec (seq array)))

(deftest functions-get-index-and-element
  (doseq [a [(arr/eve-array :int32 [5 6 7]) (stored (arr/eve-array :int32 [5 6 7]))]]
    (is (= [[0 5] [1 6] [2 7]] (arr/areduce a [] (fn [acc i x] (conj acc [i x]))) (arr/areduce-simd a [] (fn [acc i x] (conj acc [i x])))))
    (is (= [[0 5]] (arr/areduce a [] (fn [acc i x] (reduced (conj acc [i x]))))))
    (is (= [5 7 9] (all (arr/amap a +)) (all (arr/amap-simd a +))))
    (is (= :int32 (arr/array-type (arr/amap a +))))
    (is (= [5 6 7] (all a)))
    (is (identical? a (arr/amap! a +)))
    (is (= [5 7 9] (all a)))
    (arr/amap-simd! a (fn [i _] i))
    (is (= [0 1 2] (all a)))
    (is (arr/eve-array? a))
    (is (not (arr/eve-array? [0 1 2])))
    (is (true? (arr/retire! a)))))

(deftest parts-are-filled-and-copied
  (let [a (stored (arr/eve-array :int16 5))
        b (arr/eve-array :int16 [1 2 3])]
    (is (identical? a (arr/afill! a 9)))
    (arr/afill! a 8 3)
    (arr/afill! a 7 1 2)
    (is (= [9 7 9 8 8] (all a)))
    (arr/afill! a 6 4 100)
    (arr/afill! a 5 4 4)
    (is (= [9 7 9 8 6] (all a)))
    (is (identical? a (arr/acopy! a b)))
    (is (= [1 2 3 8 6] (all a)) "as much as there is")
    (arr/acopy! b a)
    (arr/acopy! a 3 b 1 2)
    (is (= [1 2 3 2 3] (all a)))
    (arr/acopy! a 1 a 0 3)
    (is (= [1 1 2 3 3] (all a)) "over itself")
    (is (thrown? #?(:clj Exception :cljs :default) (arr/acopy! a 4 b 0 2)))
    (is (thrown? #?(:clj Exception :cljs :default) (arr/acopy! a 0 b 2 2)))
    (is (= [1 1 2 3 3] (all a)))))

(deftest figures
  (let [a (arr/eve-array :int32 [3 -4 5])
        none (arr/eve-array :int32 0)]
    (is (= [4 1 -4 5] [(arr/asum-simd a) (arr/asum-simd a 1 3) (arr/amin-simd a) (arr/amax-simd a)]))
    (is (= [0 2147483647 -2147483648] [(arr/asum-simd none) (arr/amin-simd none) (arr/amax-simd none)]))
    (is (arr/aequal-simd? a (stored a)))
    (is (not (arr/aequal-simd? a none)))
    (is (= a (arr/from-typed-array #?(:clj (int-array [3 -4 5]) :cljs (js/Int32Array. #js [3 -4 5])))))
    (is (= :float64 (arr/array-type (arr/from-typed-array #?(:clj (double-array [0.5]) :cljs (js/Float64Array. #js [0.5]))))))))

(deftest rows-of-objects
  (let [schema (obj/create-schema {:x :int32 :v :float64})
        rows (stored (obj/obj-array 3 schema))
        row (nth rows 1)]
    (is (= [:x :v] (obj/fields rows)))
    (is (= (obj/get-schema rows) (obj/get-schema (obj/obj schema))))
    (is (= [0 0] (all (obj/column (obj/obj-array 2 (obj/get-schema rows)) :x))))
    (is (= 7 (obj/assoc! row :x 7)))
    (is (= 7 (obj/add! row :x 2)))
    (is (= 9 (obj/sub! row :x 1)))
    (is (obj/cas! row :x 8 10))
    (is (not (obj/cas! row :x 8 11)))
    (is (= 10 (obj/exchange! row :x 12)))
    (is (= 12 (obj/get row :x) (obj/get-in rows [1 :x])))
    (is (= [0 12 0] (all (obj/column rows :x))))
    (is (= [0 13 2] (all (obj/column-map! rows :x +))))
    (is (= [[0 0] [1 13] [2 2]] (obj/column-reduce rows :x [] (fn [acc i x] (conj acc [i x])))))
    (is (= [4 4] (all (obj/column (obj/obj-array 2 {:x :int8} 4) :x))))
    (is (true? (obj/retire! rows)))))

(deftest waiting-for-elements
  (doseq [[type there] [[:int32 -7] [:uint32 4000000000]]
          :let [a (stored (arr/eve-array type [there]))]]
    (is (= :not-equal (arr/wait! a 0 1 10000)))
    (is (= :timed-out (arr/wait! a 0 there 1)))
    (is (= 0 (arr/notify! a 0))))
  (is (thrown? #?(:clj Exception :cljs :default) (arr/wait! (stored (arr/eve-array :int16 1)) 0 0 1))))
