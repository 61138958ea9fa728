(ns eve.ordinary-test
  "Small things by which a program could tell a view from a collection of ClojureScript's own."
  (:require [clojure.test :refer [deftest is]]
            [eve.support :as s]))

(deftest sequences-are-chunked-where-those-of-clojurescript-are
  (doseq [n [1 5 100 1000]
          :let [m (into (hash-map) (map (fn [i] [i i])) (range n))]
          [own view] [[m (s/stored m)] [m (assoc (s/stored (dissoc m 0)) 0 0)]
                      [(set (range n)) (s/stored (set (range n)))]
                      [(into (sorted-map) m) (s/stored (into (sorted-map) m))]
                      [(apply sorted-set (range n)) (s/stored (apply sorted-set (range n)))]
                      [(vec (range n)) (s/stored (vec (range n)))]
                      [(apply list (range n)) (s/stored (apply list (range n)))]]
          [name of] (cond-> {'seq seq 'next next 'rest rest}
                      (map? own) (assoc 'keys keys 'vals vals)
                      (and (reversible? own) (not (vector? own))) (assoc 'rseq rseq))]
    (is (= (s/calls of own) (s/calls of view)) [name n (type own)])
    (is (= (chunked-seq? (of own)) (chunked-seq? (of view))) [name n (type own)])))

(deftest sequences-of-maps-are-read-once
  (let [m (s/stored (zipmap (range 1000) (range)))
        own (into {} m)
        s (seq m)
        tagged (with-meta s {:a 1})]
    (is (= 1000 (count s) (count tagged) (count (set (map key s))) (count (array-seq (into-array s)))))
    (is (= s tagged (into [] s) (reduce conj '() (reverse s))))
    (is (= (hash s) (hash (into [] s))))
    (is (= [{:a 1} nil nil] [(meta tagged) (meta (next tagged)) (meta s)]))
    (is (= own (into {} s) (reduce (fn [acc [k v]] (assoc acc k v)) {} s)))
    (is (= 1000 (reduce (fn [n _] (inc n)) 0 s)))
    (is (= 300 (reduce (fn [n _] (if (= n 300) (reduced n) (inc n))) 0 s)))
    (is (= (first s) (reduce (fn [acc _] acc) s)))
    (is (= (pr-str (seq (s/stored {:a 1}))) "([:a 1])"))
    (is (= 1003 (count (seq (into m [[:a 1] [:b 2] [:c 3]]))) (reduce (fn [n _] (inc n)) 0 (seq (into m [[:a 1] [:b 2] [:c 3]])))))
    (is (= 999 (.indexOf s (last s)) (.lastIndexOf s (last s))))
    (is (= () (empty s)))))
