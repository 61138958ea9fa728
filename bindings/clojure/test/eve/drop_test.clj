(ns eve.drop-test
  "Passing over elements of vectors: as Clojure's own vectors do, without reading them."
  (:require [clojure.test :refer [deftest is testing]]
            [clojure.test.check.clojure-test :refer [defspec]]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [eve.alpha :as e]
            [eve.support :as s]))

(defn- views
  "The numbers below `n` as a vector of a view: as it is stored, with elements set anew and put behind, and cut off behind."
  [n]
  (let [stored (s/stored (vec (range n)))]
    [stored
     (-> (s/stored (assoc (vec (range n)) 0 :old)) (assoc 0 0) (conj n (inc n)) pop pop)
     (into (s/stored (vec (range (quot n 2)))) (range (quot n 2) n))
     (pop (conj stored :more))
     (pop (s/stored (vec (range (inc n)))))]))

(defn- facts [s]
  [s (empty? s) (counted? s) (bounded-count 10 s) (chunked-seq? s) (seq? s) (sequential? s) (instance? clojure.lang.IDrop s) (meta s)])

(def ^:private ways
  {'drop drop 'nthnext #(nthnext %2 %1) 'nthrest #(nthrest %2 %1) 'drop-last drop-last 'take-last take-last
   'drop-of-seq #(drop %1 (seq %2)) 'drop-of-rest #(drop %1 (rest %2)) 'drop-twice #(drop (quot %1 2) (drop %1 %2))
   'drop-of-drop #(nthrest (drop %1 %2) %1) 'split-at #(second (split-at %1 %2)) 'transduced #(into [] (drop %1) %2)
   'with-meta #(drop 1 (with-meta (drop %1 %2) {:a 1}))})

(deftest what-is-left-is-what-clojures-vectors-leave
  (doseq [n [1 2 31 32 33 100 1100]
          v (views n)
          :let [own (vec (range n))]
          k (distinct [-1 0 1 2 31 32 33 (quot n 2) (dec n) n (inc n) (* 2 n)])
          [named way] ways]
    (let [mine (way k v) theirs (way k own)]
      (when-not (and (= mine theirs) (= theirs mine) (= (facts mine) (facts theirs)) (= (hash mine) (hash theirs))
                     (= (reduce conj [] mine) (vec theirs)) (= (next mine) (next theirs)))
        (is (= (facts theirs) (facts mine)) [named n k])))))

(defspec any-steps-lead-where-they-lead-with-clojures 100
  (prop/for-all [steps (gen/vector (gen/tuple (gen/elements [nthrest nthnext #(drop %2 %1) (fn [s n] (nth (iterate rest s) n)) (fn [s n] (nth (iterate next s) n))])
                                              (gen/choose -2 70)) 0 8)
                 which (gen/choose 0 4)]
    (let [walk (fn [v] (reductions (fn [s [f n]] (f s (max n (if (#{nthrest nthnext} f) n 0)))) v steps))]
      (= (map seq (walk (nth (views 200) which))) (map seq (walk (vec (range 200))))))))

(deftest fractions-and-vectors-without-elements
  (is (= [2 3] (drop 1.5 (s/stored [0 1 2 3])) (drop 1.5 [0 1 2 3])))
  (is (= [() nil []] [(drop 0 (s/stored [])) (nthnext (s/stored []) 2) (nthrest (s/stored []) 0)])))

(deftest what-is-passed-over-is-not-read
  (testing "views say how many are left without a walk, which they would not if one were due"
    (let [n 1000000 v (s/stored (vec (range n)))]
      (is (= (- n 1) (first (drop (- n 1) v))))
      (is (= 1 (count (drop (- n 1) v)) (count (drop (- n 2) (rest v)))))
      (dotimes [_ 2] ; a walk over so many would take minutes
        (let [sum (reduce (fn [acc i] (+ acc (long (first (drop i v))))) 0 (range 0 n 50))]
          (is (= (reduce + (range 0 n 50)) sum)))))))
