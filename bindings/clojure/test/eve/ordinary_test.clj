(ns eve.ordinary-test
  "Small things by which a program could tell a view from a collection of Clojure's own."
  (:require [clojure.test :refer [deftest is testing]]
            [eve.support :as s]))

(defn- calls
  "How often a function is called by whoever wants the first element of what it makes of a collection."
  [of coll]
  (let [n (atom 0)]
    (first (map (fn [x] (swap! n inc) x) (of coll)))
    @n))

(deftest sequences-are-chunked-where-clojures-are
  (doseq [n [1 5 100 1000]
          :let [m (into (hash-map) (map (fn [i] [i i])) (range n))]
          [own view] [[m (s/stored m)] [m (assoc (s/stored (dissoc m 0)) 0 0)]
                      [(set (range n)) (s/stored (set (range n)))]
                      [(into (sorted-map) m) (s/stored (into (sorted-map) m))]
                      [(vec (range n)) (s/stored (vec (range n)))]
                      [(apply list (range n)) (s/stored (apply list (range n)))]]
          [name of] (cond-> {'seq seq 'next next 'rest rest}
                      (map? own) (assoc 'keys keys 'vals vals)
                      (reversible? own) (assoc 'rseq rseq))]
    (when-not (= (calls of own) (calls of view))
      (is (= (calls of own) (calls of view)) [name n (class own)]))
    (is (= (chunked-seq? (of own)) (chunked-seq? (of view))) [name n (class own)])))

(deftest sequences-of-maps-are-read-once
  (let [m (s/stored (zipmap (range 1000) (range)))
        s (seq m)
        tagged (with-meta s {:a 1})]
    (is (= 1000 (count s) (count tagged) (count (set (map key s)))))
    (is (identical? (next s) (next s)))
    (is (identical? (next s) (next tagged)))
    (is (= [{:a 1} nil nil] [(meta tagged) (meta (next tagged)) (meta s)]))
    (is (identical? tagged (with-meta tagged (meta tagged))))
    (is (apply = (seq m) (pmap (fn [_] (doall (seq s))) (range 8))))
    (is (= s (reduce conj '() (reverse s)) (into [] s)))))
