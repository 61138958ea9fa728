(ns eve.typed-test
  "Typed arrays and typed objects: in place, atomic, shared by processes, and what they equal."
  (:require [clojure.edn :as edn]
            [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
            [eve.array :as arr]
            [eve.obj :as obj]
            [eve.support :as s]))

(def ^:private types
  {:int8 [-128 127] :uint8 [0 255] :uint8-clamped [0 255] :int16 [-32768 32767] :uint16 [0 65535]
   :int32 [Integer/MIN_VALUE Integer/MAX_VALUE] :uint32 [0 4294967295] :int64 [Long/MIN_VALUE Long/MAX_VALUE]
   :float32 [-1.5 0.25] :float64 [Double/MIN_VALUE Double/MAX_VALUE]})

(deftest elements-of-every-type-keep-their-values
  (doseq [[type ends] types]
    (testing type
      (let [made (arr/eve-array type ends)
            stored (:a @(e/atom {:a made}))]
        (doseq [a [made stored]]
          (is (= type (arr/array-type a)))
          (is (= ends (vec a) [(a 0) (nth a 1)] (reduce conj [] a)))
          (is (= 2 (count a)))
          (is (= :none (nth a 2 :none) (get a 2 :none) (get a -1 :none)))
          (is (thrown? IndexOutOfBoundsException (arr/aget a 2)))
          (is (thrown? IndexOutOfBoundsException (arr/aset! a -1 0)))
          (is (thrown-with-msg? IllegalArgumentException #"Key must be integer" (a :x)) "as vectors say")
          (is (= a (read-string (pr-str a)) (edn/read-string {:readers e/readers} (pr-str a)))))
        (is (= made stored))
        (is (= (hash made) (hash stored)))
        (is (= (first ends) (arr/exchange! stored 0 (second ends))))
        (is (= [(second ends) (second ends)] (vec stored)))
        (is (= ends (vec made)) "what is put into an atom is a copy")
        (is (not= made stored))))))

(deftest changes-in-place-are-seen-by-every-version
  (let [a (e/atom {:hits (arr/eve-array :int32 4) :n 0})
        before @a]
    (swap! a update :n inc)
    (is (= 0 (arr/add! (:hits @a) 2 5)))
    (is (= 5 (arr/aget (:hits before) 2) (arr/aget (:hits @a) 2)))
    (is (= 0 (:n before)))
    (is (arr/cas! (:hits @a) 2 5 6))
    (is (not (arr/cas! (:hits @a) 2 5 7)))
    (is (= 6 (arr/sub! (:hits @a) 2 2)))
    (is (= 4 (arr/bor! (:hits @a) 2 3)))
    (is (= 7 (arr/band! (:hits @a) 2 5)))
    (is (= 5 (arr/bxor! (:hits @a) 2 1)))
    (is (= [0 0 4 0] (vec (:hits @a))))
    (arr/afill-simd! (:hits @a) 9)
    (arr/afill-simd! (:hits @a) 1 1 3)
    (is (= [9 1 1 9] (vec (:hits before))))
    (is (= 20 (arr/asum-simd (:hits @a)) (reduce + (:hits @a))))
    (is (= [10 2 2 10] (vec (arr/acopy-simd! (:hits @a) (arr/amap (:hits @a) (fn [_ x] (inc x)))))))))

(deftest wrong-types-and-operations-say-so
  (is (thrown-with-msg? clojure.lang.ExceptionInfo #":int32" (arr/eve-array :int 3)))
  (is (thrown-with-msg? clojure.lang.ExceptionInfo #"number" (arr/eve-array :int32 [:x])))
  (is (thrown? clojure.lang.ExceptionInfo (arr/add! (arr/eve-array :float64 1) 0 1.0)))
  (is (thrown? clojure.lang.ExceptionInfo (e/atom {(arr/eve-array :int32 1) 1})) "no key: it changes")
  (is (= [44 0] (vec (arr/eve-array :uint8 [300 256]))))
  (is (= [255 0 128] (vec (arr/eve-array :uint8-clamped [300 -4 127.6])))))

(deftest threads-add-in-place-and-lose-nothing
  (let [a (e/atom (arr/eve-array :int64 2))
        threads (doall (repeatedly 4 #(future (dotimes [_ 20000] (arr/add! @a 1 1)))))]
    (run! deref threads)
    (is (= [0 80000] (vec @a)))))

(deftest who-sleeps-on-an-element-is-woken
  (let [a (:a @(e/atom {:a (arr/eve-array :int32 1)}))
        asleep #(future (loop [] (let [r (arr/wait! a 0 0 10000)] (if (and (= :ok r) (zero? (arr/aget a 0))) (recur) r))))
        sleepers [(asleep) (asleep)]]
    (is (= :not-equal (arr/wait! a 0 1)))
    (is (= :timed-out (arr/wait! a 0 0 1)))
    (Thread/sleep 100)
    (arr/aset! a 0 1)
    (arr/notify! a 0)
    (doseq [woken sleepers]
      (is (contains? #{:ok :not-equal} (deref woken 5000 :sleeping)) "all of them"))
    (is (= 0 (arr/notify! a 0) (arr/notify! a 0 1)))))

(deftest objects-change-in-place
  (let [schema (obj/create-schema {:key :int32 :left :int32 :right :int32 :value :float64})
        a (e/atom {:tree (obj/obj schema {:key 42 :left -1 :right -1 :value 3.5})})
        node (:tree @a)]
    (is (obj/obj? node))
    (is (= 42 (:key node) (node :key) (obj/get node :key)))
    (is (= :none (get node :other :none)))
    (is (= 4 (count node) (count (seq node))))
    (is (= {:key 42 :left -1 :right -1 :value 3.5} (into {} node)))
    (is (= 100 (obj/assoc! node :key 100)))
    (is (= 100 (:key (:tree @a))))
    (is (obj/cas! node :key 100 200))
    (is (= 200 (obj/add! node :key 10)))
    (is (= 210 (obj/sub! node :key 5)))
    (is (= 205 (obj/exchange! node :key 999)))
    (is (= node (read-string (pr-str node)) (:tree (s/stored {:tree node}))))
    (is (= (hash node) (hash (read-string (pr-str node)))))
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #":nope" (obj/assoc! node :nope 1)))
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #":nope" (obj/obj schema {:nope 1})))))

(deftest arrays-of-objects-are-columns
  (let [a (e/atom {:data (obj/obj-array 100 {:x :int32 :y :int32 :v :float32})})
        data (:data @a)]
    (is (obj/obj-array? data))
    (is (= 100 (count data)))
    (obj/assoc-in! data [0 :x] 42)
    (obj/assoc-in! data [7 :x] 5)
    (is (= 42 (obj/get-in data [0 :x]) (:x (nth data 0)) ((data 0) :x)))
    (is (= :none (obj/get-in data [100 :x] :none) (obj/get-in data [0 :z] :none)))
    (is (= "#eve/obj-array-row {:x 42, :y 0, :v 0.0}" (pr-str (nth data 0))))
    (is (= 47 (obj/column-reduce data :x 0 (fn [acc _ v] (+ acc v))) (reduce + (obj/column data :x))))
    (obj/column-map! data :y (fn [i _] i))
    (is (= (range 100) (seq (obj/column data :y))))
    (is (= 5 (obj/add-in! data [7 :x] 1)))
    (is (= 6 (:x (nth (:data @a) 7))))
    (obj/assoc! (nth data 7) :x 8)
    (is (= 8 (obj/get-in data [7 :x])))
    (is (= data (read-string (pr-str data))))
    (is (= (range 100) (vec (s/stored (obj/column data :y)))) "a column is stored as an array")
    (is (= [{:x 1 :y 2} {:x 3 :y 0}] (map #(into {} %) (obj/obj-array [{:x 1 :y 2} {:x 3}] {:x :int8 :y :int8}))))))

(deftest literals-in-code-are-what-they-say
  (is (= [1 2 3] (vec (eval (read-string "#eve/array [:int32 1 2 3]"))) ((eval (read-string "(fn [] (vec #eve/array [:int8 1 2 3]))")))))
  (is (= 7 (:x (eval (read-string "(identity #eve/obj {:x [:int32 7]})"))))))
