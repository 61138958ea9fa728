(ns eve.alike-test
  "Ordinary code on views and on Clojure's own collections: the same results, the same errors."
  (:require [clojure.core.protocols :as p]
            [clojure.data :as data]
            [clojure.datafy :as datafy]
            [clojure.pprint :as pprint]
            [clojure.set :as set]
            [clojure.spec.alpha :as spec]
            [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [clojure.walk :as walk]
            [clojure.zip :as zip]
            [eve.support :as s]))

(defrecord Row [a b])

(defn- plain
  "A result as something that can be compared: what compares by identity as its kind, errors without names of classes."
  [f x]
  (try
    (let [r (f x)]
      (cond
        (instance? clojure.lang.ITransientCollection r) :transient
        (and (some? r) (.isArray (class r))) (vec r)
        (sequential? r) [r (meta r) (hash r) (mapv #(% r) [counted? seq? list? vector? chunked-seq? reversible? associative? empty?])]
        (coll? r) [r (meta r) (hash r) (mapv #(% r) [counted? map? set? sorted? record? empty?])]
        :else r))
    (catch Throwable e
      [(class e) (some-> (ex-message e) (str/replace #"(clojure\.lang|eve\.jvm)\.[\w$/]+|type: \w+|\(.*" "_"))])))

(defmacro ^:private alike
  "Forms of `x`, for each of the views of a collection and for itself."
  [views & forms]
  `(let [[own# & views#] ~views]
     (doseq [[form# f#] [~@(for [form forms] `['~form (fn [~'x] ~form)])] view# views#]
       (let [a# (plain f# own#) b# (plain f# view#)]
         (when-not (= a# b#) (is (= a# b#) form#))))
     (is (seq views#))))

(defn- maps [own]
  (let [[k v] (first own)]
    [own (s/stored own) (:in (s/stored {:in own})) (dissoc (assoc (s/stored (assoc (dissoc own k) ::gone 1)) k v) ::gone)]))

(deftest transients
  (alike (maps {:a 1 :b 2})
         (let [t (transient x)] (persistent! t) (assoc! t :a 1)) (let [t (transient x)] (persistent! t) (dissoc! t :a))
         (let [t (transient x)] (persistent! t) (count t)) (let [t (transient x)] (persistent! t) (get t :a))
         (let [t (transient x)] (persistent! t) (contains? t :a)) (let [t (transient x)] (persistent! t) (persistent! t))
         ((juxt #(% :a) #(% :z 9) #(:a %) #(get % :z 3) #(contains? % :a) #(find % :a) count) (transient x))
         (persistent! @(future (assoc! (transient x) :z 1))) ((transient x)) (conj! (transient x) 5) (conj! (transient x) [1])
         (persistent! (conj! (transient x) {:z 1 :y 2})) (persistent! (conj! (transient x) nil)) (disj! (transient x) 5) (pop! (transient x))
         (seq (transient x)) (persistent! (dissoc! (assoc! (transient x) :n 1 :m 2) :n :a :zz)) (transient (transient x)))
  (alike [#{1 2 [3]} (s/stored #{1 2 [3]})]
         (let [t (transient x)] (persistent! t) (conj! t 9)) (let [t (transient x)] (persistent! t) (disj! t 1))
         (let [t (transient x)] (persistent! t) (get t 1)) ((juxt #(% 1) #(% 9 9) #(get % '(3)) #(contains? % 1)) (transient x))
         (persistent! (disj! (conj! (transient x) 9 nil) 1 2)) (assoc! (transient x) 1 1) (persistent! @(future (conj! (transient x) :z))))
  (let [own (vec (range 70))]
    (alike [own (s/stored own) (conj (s/stored (pop own)) 69)]
           (let [t (transient x)] (persistent! t) (conj! t 1)) (let [t (transient x)] (persistent! t) (pop! t))
           (let [t (transient x)] (persistent! t) (nth t 0)) (let [t (transient x)] (persistent! t) (t 0))
           ((transient x) 70) ((transient x) :a) ((transient x) 0 1) (get (transient x) 1.0) (nth (transient x) -1 :n)
           (assoc! (transient x) 71 1) (assoc! (transient x) :a 1) (persistent! (assoc! (transient x) 70 1))
           (persistent! (nth (iterate pop! (transient x)) 70)) (nth (iterate pop! (transient x)) 71)
           (persistent! (reduce conj! (nth (iterate pop! (transient x)) 50) (range 50))) (dissoc! (transient x) 0))))

(deftest keys-that-are-special
  (alike (maps {0.0 :zero nil :nil ##Inf :inf 1 :one (->Row 1 [2]) :row [1] :v})
         (get x -0.0) (get x 0) (assoc x -0.0 :neg) (dissoc x -0.0) (find x 0.0) (contains? x nil) (dissoc x nil) (assoc x nil nil)
         (find (assoc x nil nil) nil) (count (assoc x ##NaN 1)) (get x (->Row 1 [2])) (get x {:a 1 :b [2]})
         (dissoc x (->Row 1 '(2))) (count (assoc x (->Row 1 [2]) 1 {:a 1 :b [2]} 2)) (get x (int 1)) (get x 1N) (get x 1.0) (get x 1M) (get x '(1))
         (get (assoc x inc 1) inc) (dissoc x inc) (contains? x (Object.)) (get x (java.util.ArrayList. [1])) (update x 1 str) (record? (ffirst (filter (comp #{:row} val) x))))
  (alike [[##NaN -0.0 0.0] (s/stored [##NaN -0.0 0.0])]
         (= x x) (pr-str x) (set (rest x)) (.indexOf ^java.util.List x ##NaN) (.contains ^java.util.List x 0.0) (frequencies (rest x))))

(deftest maps-in-ordinary-code
  (alike (maps (into {:a 1 :n 2 :c [1 2] nil 3 "s" nil} (map (juxt str identity)) (range 60)))
         (x) (x 1 2 3) (x :zz 1) (conj x [1]) (conj x 5) (conj x '(1 2)) (conj x nil) (conj x {:q 1}) (merge-with into x {:c [3]}) (into x {:z 9})
         (update x :zz (fnil inc 0)) (assoc-in x [:new :k] 1) (update-in x [:c 0] str) (select-keys x [:a :zz]) (update-vals x str) (update-keys x str)
         (zipmap (keys x) (vals x)) (reduce-kv (fn [_ _ _] (reduced :r)) 0 x) (reduce (fn [_ _] (reduced :r)) 0 x)
         (reduce-kv (fn [_ _ _] (throw (ex-info "x" {}))) 0 x) (reduce (fn [n _] (if (> n 40) (reduced :q) (inc n))) 0 (seq x))
         (reduce (fn [n _] (if (> n 40) (reduced :q) (inc n))) 0 (keys x)) (p/coll-reduce x (fn [n _] (inc n)) 0) (p/kv-reduce x (fn [n _ _] (inc n)) 0)
         (transduce (comp (map (constantly 1)) (take 5)) + x) (into #{} (eduction (map key) x)) (set (partition-all 1 x)) (group-by (comp nil? val) (sort-by pr-str x))
         (.equals (.entrySet ^java.util.Map x) (.entrySet (java.util.HashMap. ^java.util.Map x))) (.contains (.entrySet ^java.util.Map x) (java.util.AbstractMap$SimpleEntry. :a 1))
         (.containsValue ^java.util.Map x 1) (.put ^java.util.Map x 1 2) (.merge ^java.util.Map x :zz 1 nil) (.. ^java.util.Map x keySet parallelStream count)
         (.. ^Iterable x spliterator characteristics) (count (iterator-seq (.iterator ^Iterable x))) (let [i (.iterator ^Iterable x)] (dotimes [_ 99] (.next i)))
         (compare x x) (nth x 0) (peek x) (rseq x) (= #{x} #{(into {} x)}) (get {(into {} x) 1} x) (hash-unordered-coll x) (read-string (pr-str x))
         (binding [*print-length* 0] (pr-str x)) (binding [*print-level* 0] (pr-str x)) (binding [*print-level* 1] (count (pr-str x)))
         (binding [*print-meta* true] (meta (read-string (pr-str (with-meta x {:m 1}))))) (binding [*print-dup* true] (read-string (pr-str x)))
         (pprint/cl-format nil "~a" (:c x)) (datafy/datafy x) (datafy/nav x :a 1) (spec/valid? (spec/map-of any? any?) x) (walk/prewalk #(if (number? %) (inc %) %) x)
         (data/diff x (assoc x :q 1)) (let [{:keys [a n] :strs [s] :or {s 1}} x] [a n s]) ((fn [& {:keys [a]}] a) x) (meta (into (with-meta x {:a 1}) {:q 1}))
         (meta (persistent! (transient (with-meta x {:a 1})))) (meta (empty (with-meta x {:a 1}))) (meta (seq (with-meta x {:a 1}))) (eval (list 'quote x))
         (with-redefs [str (constantly "r")] (update-vals x str)) ((bound-fn [] (:a x))) (let [r (ref x)] (dosync (alter r assoc :q 1)) @r)
         (let [a (agent x)] (send a assoc :q 1) (await a) @a) (vec (find x :a)) (assoc (find x :a) 0 :z) (.hashCode (find x :a)) (instance? java.util.List (seq x))))

(deftest vectors-in-ordinary-code
  (let [own (vec (range 1100))]
    (alike [own (s/stored own) (pop (conj (s/stored own) :more)) (assoc (s/stored (assoc own 40 :old)) 40 40) (into (s/stored (subvec own 0 50)) (range 50 1100))]
           (x 1100) (x -1) (x :a) (x 1.0) (get x 1N) (get x 4294967296) (nth x 4294967296 :n) (contains? x 4294967296) (assoc x 1101 1) (assoc x 1N :one) (assoc x 1.5 1)
           (assoc x 1100 1) (find x 1N) (subvec x 3 3) (subvec x 3 1101) (reduce + (subvec x 3 1050)) (pop (subvec x 3 4)) (rseq (subvec x 1000)) (subvec (subvec x 3) 2 5)
           (reduce-kv (fn [a i v] (+ a (* i v))) 0 (subvec x 3 99)) (compare x own) (compare x [1]) (compare [1] x) (compare x '(1)) (nth (iterate pop x) 1050)
           (conj (nth (iterate pop x) 1025) 1 2 3) (nth (iterate pop x) 1101) (partition-all 300 x) (nthrest x 1099) (nthnext x 1100) (sort-by - x) (reductions + (drop 1090 x))
           (transduce (comp (map inc) (filter odd?)) + x) (transduce (halt-when #(= % 5)) conj [] x) (sequence (partition-all 400) x) (vec (eduction (map inc) x))
           (into [] (iteration #(get x (or % 0)) :kf #(when (< % 99) (inc %)) :somef some?)) (reduce (fn [a v] (if (= v 5) (reduced [a v]) (+ a v))) x)
           (reduce-kv (fn [a i v] (if (= i 33) (reduced a) (+ a v))) 0 x) (reduce (fn [_ v] (if (= v 1050) (reduced :r) v)) (rest x)) (reduce + 5 (next x)) (reduce + (rseq x))
           (p/coll-reduce x + 0) (p/internal-reduce (seq x) + 0) (reduce (fn [_ _] (throw (ex-info "x" {}))) 0 x) (.subList ^java.util.List x 3 5)
           (let [i (.listIterator ^java.util.List x 3)] [(.next i) (.previous i) (.previous i) (.nextIndex i)]) (.set ^java.util.List x 0 1) (.add ^java.util.List x 1)
           (java.util.Collections/binarySearch x 5) (java.util.Collections/sort x) (.. ^java.util.Collection x parallelStream count) (.. ^java.util.Collection x spliterator characteristics)
           (count (.toArray ^java.util.List x (object-array 2))) (.equals (java.util.ArrayList. ^java.util.Collection x) x) (hash-ordered-coll x) (binding [*print-length* 3] (pr-str x))
           (with-out-str (pprint/pprint (subvec x 0 99))) (spec/conform (spec/cat :a int? :b (spec/* int?)) (subvec x 0 9)) (-> (zip/vector-zip x) zip/down zip/rightmost zip/remove zip/root)
           (let [[a b & r :as all] x] [a b (count r) (count all)]) (map x [1 2]) (group-by odd? x) (frequencies x) (long-array x) (merge x 1) (keys x) (dissoc x 0))))

(deftest lists-and-sorted-collections-in-ordinary-code
  (alike [(list 1 2 3 4) (s/stored (list 1 2 3 4)) (conj (s/stored (list 2 3 4)) 1)]
         (x 1) (nth x 4) (get x 0) (pop x) (peek x) (nth (iterate pop x) 4) (nth (iterate pop x) 5) (rest x) (next x) (empty x) (assoc x 0 1) (rseq x) (transient x) (reduce (fn [_ _] (reduced :r)) x)
         (meta (conj (with-meta x {:a 1}) 1)) (meta (pop (with-meta x {:a 1}))) (meta (rest (with-meta x {:a 1}))) (.get ^java.util.List x 3) (.add ^java.util.List x 1) (binding [*print-length* 2] (pr-str x))
         (-> (zip/seq-zip x) zip/down zip/remove zip/root) (list? (rest x)) (= x (range 1 5)) (.equals (java.util.ArrayList. [1 2 3 4]) x))
  (let [own (into (sorted-map) (map (juxt identity str)) (range 90))]
    (alike [own (s/stored own) (into (empty (s/stored own)) own) (dissoc (assoc (s/stored (dissoc own 5)) 5 "5" 1.5 1) 1.5)]
           (x 0) (get x nil) (dissoc x 4 6 7) (subseq x > 10 < 20) (rsubseq x <= 3) (reduce-kv (fn [_ k _] (reduced k)) 0 x) (empty x) (transient x) (merge {1 1} x) (update-vals x count) (drop 85 x)
           (reduce dissoc x (keys x)) (seq (reduce dissoc x (keys x))) (.equals x (java.util.TreeMap. ^java.util.Map x)) (nth x 3) (nth (seq x) 3) (last x) (first (rseq x)) (pr-str x) (meta (empty (with-meta x {:a 1})))
           (walk/postwalk identity x) (data/diff x (assoc x 0 :q)) (let [i (.iterator ^Iterable x)] (dotimes [_ 91] (.next i)))))
  (let [own (into (sorted-set) (range 90))]
    (alike [own (s/stored own) (into (empty (s/stored own)) own)]
           (x 99) (get x 99 :n) (conj x 3) (disj x 3 99) (subseq x > 10 <= 12) (set/union x #{99}) (set/difference x #{1}) (reduce disj x x) (conj (reduce disj x x) 3 1) (nth x 0) (.. ^java.util.Set x spliterator characteristics)
           (.toArray ^java.util.Set x) (reduce + x) (rseq x) (transient x) (assoc x 1 1))))
