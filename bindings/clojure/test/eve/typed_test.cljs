(ns eve.typed-test
  "Typed arrays and objects: the programs of the original, lanes, text, other processes."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.array :as arr]
            [eve.files :refer-macros [with-file]]
            [eve.obj :as obj]
            [eve.support :as s]))

(deftest arrays-are-changed-in-place
  (let [a (e/atom {:n 0 :counts (arr/eve-array :int32 4)})
        counts (:counts @a)]
    (is (= [0 0 0 0] (vec (seq counts))))
    (is (= 5 (arr/aset! counts 1 5)))
    (is (= 5 (arr/add! counts 1 2)))
    (swap! a update :n inc)
    (is (= 7 (arr/aget (:counts @a) 1) (nth counts 1) (counts 1) (get counts 1)) "one array for all versions")
    (is (= :none (get counts 9 :none)))
    (is (arr/cas! counts 1 7 8))
    (is (not (arr/cas! counts 1 7 9)))
    (is (= 8 (arr/sub! counts 1 3)))
    (is (= 5 (arr/band! counts 1 4)))
    (is (= 4 (arr/bor! counts 1 3)))
    (is (= 7 (arr/bxor! counts 1 1)))
    (is (= 6 (arr/exchange! counts 1 -1)))
    (is (= -1 (arr/aget counts 1)))
    (is (thrown? cljs.core/ExceptionInfo (arr/aget counts 4)))
    (is (thrown? cljs.core/ExceptionInfo (arr/aset! counts -1 0)))
    (is (= :int32 (arr/array-type counts)))
    (is (= 4 (count counts)))
    (is (= 3 (reduce + (arr/afill! counts 1 0 3) )) "those from 0 to 2; the last is 0")))

(deftest every-type-holds-what-it-holds
  (doseq [[type values] {:int8 [-128 127 0] :uint8 [0 255 7] :uint8-clamped [0 255 1] :int16 [-32768 32767] :uint16 [65535 0]
                         :int32 [-2147483648 2147483647] :uint32 [4294967295 0]
                         :int64 [9007199254740991 -9007199254740991 0] :float32 [1.5 -0.25] :float64 [0.1 1e300]}]
    (let [made (arr/eve-array type values) stored (s/stored made)]
      (is (= values (vec (seq made)) (vec (seq stored))) (name type))
      (is (= made stored))
      (is (= (hash made) (hash stored)))
      (is (= type (arr/array-type stored)))
      (is (= (first values) (arr/exchange! stored 0 1)))
      (is (= 1 (arr/aget stored 0)))
      (is (not= made stored))
      (is (= (vec (js/Array.from (arr/get-typed-view made))) (vec (js/Array.from (arr/get-typed-view (s/stored made)))))
          "copies of both")))
  (is (= "#eve/array [:int32 1 2 3]" (pr-str (arr/eve-array :int32 [1 2 3]))))
  (is (= 256 (arr/aget (arr/eve-array :int32 1 256) 0)))
  (is (= (js/BigInt "9223372036854775807") (let [a (arr/eve-array :int64 1)] (arr/aset! a 0 (js/BigInt "9223372036854775807")) (arr/aget a 0))))
  (is (thrown? cljs.core/ExceptionInfo (arr/eve-array :int33 1)))
  (is (thrown? cljs.core/ExceptionInfo (arr/add! (arr/eve-array :float32 1) 0 1)))
  (is (= [1 2] (vec (seq (s/stored (js/Int16Array. #js [1 2])))))))

(deftest arrays-as-sequences
  (let [a (s/stored (arr/eve-array :float64 (range 3000)))]
    (is (= 4498500 (reduce + a) (reduce + 0 a) (arr/asum-simd a)))
    (is (= 3000 (count (seq a))))
    (is (= 10 (reduce (fn [acc x] (if (= x 10) (reduced x) acc)) 0 a)))
    (is (= [0 2 4] (vec (take 3 (arr/amap a (fn [i x] (+ i x)))))))
    (arr/amap! a (fn [_ x] (inc x)))
    (is (= 3000 (arr/aget a 2999)))
    (is (= 4501500 (arr/areduce a 0 (fn [acc _ x] (+ acc x)))))
    (let [b (arr/eve-array :float64 10)]
      (arr/acopy! b a)
      (is (= (take 10 a) (seq b))))))

(deftest typed-objects
  (let [node-schema (obj/create-schema {:key :int32 :left :int32 :right :int32 :value :float64})
        state (e/atom {:tree nil})]
    (swap! state assoc :tree (obj/obj node-schema {:key 42 :left -1 :right -1 :value 3.14}))
    (let [node (:tree @state)]
      (is (= 42 (:key node) (node :key) (obj/get node :key)))
      (is (= 3.14 (:value node)))
      (is (= :none (get node :other :none)))
      (is (= 4 (count node)))
      (is (= {:key 42 :left -1 :right -1 :value 3.14} (into {} (seq node))))
      (swap! state update :tree (fn [node] (obj/assoc! node :key 100) node))
      (is (= 100 (:key (:tree @state))))
      (is (obj/cas! node :key 100 200))
      (is (not (obj/cas! node :key 100 300)))
      (is (= 200 (obj/add! node :key 10)))
      (is (= 210 (obj/sub! node :key 5)))
      (is (= 205 (obj/exchange! node :key 999)))
      (is (= 999 (:key node)))
      (is (thrown? cljs.core/ExceptionInfo (obj/assoc! node :no 1)))
      (is (thrown? cljs.core/ExceptionInfo (obj/obj node-schema {:no 1}))))
    (swap! state assoc :point (obj/obj {:x :float64 :y :float64} {:x 1.5 :y 2.5}))
    (is (= "#eve/obj {:x [:float64 1.5], :y [:float64 2.5]}" (pr-str (:point @state))))
    (is (= (obj/obj {:x :float64 :y :float64} {:x 1.5 :y 2.5}) (:point @state)))))

(deftest arrays-of-typed-objects
  (let [particles (e/atom {:data nil})]
    (swap! particles assoc :data (obj/obj-array 1000 {:x :int32 :y :int32 :velocity :int32}))
    (let [data (:data @particles)]
      (obj/assoc-in! data [0 :x] 42)
      (obj/assoc-in! data [0 :y] 100)
      (is (= 42 (obj/get-in data [0 :x]) (:x (nth data 0))))
      (is (nil? (obj/get-in data [5000 :x])))
      (is (= {:x 42 :y 100 :velocity 0} (into {} (seq (nth data 0)))))
      (is (= "#eve/obj-array-row {:x 42, :y 100, :velocity 0}" (pr-str (nth data 0))))
      (is (= 1000 (count data) (count (seq data)) (count (obj/column data :x))))
      (is (= 42 (obj/column-reduce data :x 0 (fn [acc _ value] (+ acc value)))))
      (obj/column-map! data :x (fn [i _] i))
      (is (= 499500 (reduce + (obj/column (:data @particles) :x))))
      (is (= 7 (obj/add-in! data [7 :x] 1)))
      (is (obj/cas-in! data [7 :x] 8 9))
      (is (= 9 (obj/exchange-in! data [7 :x] 0)))
      (is (thrown? cljs.core/ExceptionInfo (obj/column data :no)))
      (is (= (range 3) (take 3 (s/stored (obj/column data :x)))) "a column stored is an array of its own"))))

(deftest what-rust-reads-of-arrays
  (with-file [file]
    (e/atom {:id "a" :persistent file} {:a (arr/eve-array :int32 [1 2]) :o (obj/obj {:x :int32} {:x 1})})
    (is (re-find #"#eve/array \[:int32 1 2\]" (s/run nil (s/setting "command") "get" file "a")))))

(deftest javascript-gets-what-is-in-them
  (let [values (fn [] {:array (arr/eve-array :int32 [1 -2]) :big (arr/eve-array :int64 [3]) :object (obj/obj {:x :int32 :y :float64} {:x 1 :y 2.5})
                       :objects (obj/obj-array [{:x 1} {:x 2}] {:x :int8})})
        expected "{\"array\":[1,-2],\"big\":[3],\"object\":{\"x\":1,\"y\":2.5},\"objects\":[{\"x\":1},{\"x\":2}]}"]
    (doseq [v [(s/stored (values)) (values)]]
      (is (= expected (js/JSON.stringify (clj->js (into (sorted-map) v))))))
    (is (= "{\"x\":2}" (js/JSON.stringify (clj->js (nth (:objects (values)) 1)))))))
