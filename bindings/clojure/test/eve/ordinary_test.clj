(ns eve.ordinary-test
  "Small things by which a program could tell a view from a collection of Clojure's own."
  (:require [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
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

(deftest what-changes-nothing-is-the-same-object
  (let [plain {:map {:a 1} :vector [1] :set #{1} :list '(1) :sorted (sorted-map 1 {:x [2]}) :sorted-set (sorted-set 1)
               :tagged (with-meta [1] {:doc 1})}
        wide (into plain (map (fn [i] [i [i]])) (range 100))]
    (doseq [own [plain wide]
            m [own (s/stored own) (:in (s/stored {:in own})) (assoc (s/stored own) :new 1)]]
      (doseq [k (keys plain)
              again [#(assoc % k (get % k)) #(update % k identity) #(conj % (find % k)) #(merge % (select-keys % [k]))]]
        (is (true? (identical? m (again m))) [k (class m)]))
      (doseq [same [#(dissoc % :absent) #(with-meta % (meta %)) #(merge % nil {})]]
        (is (identical? m (same m))))
      (is (true? (identical? m (update-in m [:sorted 1 :x] identity))))
      (testing "another one is put there, though it is equal"
        (is (= {:doc 2} (meta (:vector (assoc m :vector (with-meta (:vector m) {:doc 2}))))))
        (is (nil? (meta (:tagged (assoc m :tagged (with-meta (:tagged m) nil))))))
        (is (= [1 2] (:vector (assoc m :vector (conj (:vector m) 2)))))
        (is (= [1] (:other (assoc m :other (:vector m)))))
        (is (= {:a 1} (:vector (assoc m :vector (:map m)))))))
    (let [st (s/stored #{1 [2]})]
      (is (identical? st (-> st (conj 1) (conj [2]) (disj 3)))))
    (let [a (e/atom plain)]
      (is (= plain (swap! a update-in [:sorted 1 :x] identity) (swap! a assoc :map (:map @a))))
      (is (identical? @a (let [v @a] (swap! a update :vector identity) v))))))
