(ns eve.ordinary-test
  "Small things by which a program could tell a view from a collection of Clojure's own."
  (:require [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
            [eve.support :as s]))

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
    (when-not (= (s/calls of own) (s/calls of view))
      (is (= (s/calls of own) (s/calls of view)) [name n (class own)]))
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

(defn- read-without-eve
  "What a JVM that has only Clojure makes of a serialized value."
  [x]
  (let [bytes (java.io.ByteArrayOutputStream.)]
    (.writeObject (java.io.ObjectOutputStream. bytes) x)
    (.readObject (proxy [java.io.ObjectInputStream] [(java.io.ByteArrayInputStream. (.toByteArray bytes))]
                   (resolveClass [^java.io.ObjectStreamClass c]
                     (if (re-find #"^\[*L?eve\." (.getName c))
                       (throw (ClassNotFoundException. (.getName c)))
                       (Class/forName (.getName c) false (.getContextClassLoader (Thread/currentThread)))))))))

(deftest what-is-serialized-is-read-without-eve
  (let [v (s/stored {:map {:a {:b 1}} :vector [1 [2]] :set #{1 [2]} :list '(1 (2)) :sorted (sorted-map 1 [:a] 2 :b) :sorted-set (sorted-set "x" "y")
                     :no-map (sorted-map) :no-set (sorted-set) :no-integers (e/int-map) :integers (e/int-map 1 2)
                     :known (with-meta (sorted-map) {:a [1]})})]
    (doseq [x (concat [v (keys v) (vals v)] (vals v))
            [name of] {'itself identity 'empty empty 'filled #(into (empty %) %) 'seq seq 'rest rest 'changed #(if (map? %) (assoc % 1 [1]) %)}
            :let [x (of x) back (try (read-without-eve x) (catch ClassNotFoundException e e))]]
      (is (= [x (meta x) (sorted? x)] [back (meta back) (sorted? back)]) [name (class x)]))))

(deftest empty-sorted-collections-are-filled
  (doseq [v [(s/stored {:m (with-meta (sorted-map) {:a 1}) :s (with-meta (sorted-set) {:a 1})})
             (update-vals (s/stored {:m (with-meta (sorted-map 1 2) {:a 1}) :s (with-meta (sorted-set 1) {:a 1})}) empty)]
          :let [m (:m v) st (:s v)]]
    (is (= [{} #{} nil nil {:a 1} {:a 1} 0 0] [m st (seq m) (rseq st) (meta m) (meta st) (count m) (count st)]))
    (is (= [{} #{} (hash {}) (hash #{})] [(dissoc m 1) (disj st 1) (hash m) (hash st)]))
    (doseq [again [identity s/stored] :let [m (again (into m {3 :c 1 :a})) st (again (into st [3 1 2 1.0]))]]
      (is (= [[[1 :a] [3 :c]] [1 1.0 2 3] {:a 1} {:a 1}] [(seq m) (seq st) (meta m) (meta st)]))
      (is (= [[[3 :c]] [2 3] [1 1.0] true] [(subseq m > 1) (subseq st > 1.0) (subseq st < 2) (contains? st 1.0)]))
      (is (= [{1 :a} #{1 2 3} {} #{}] [(dissoc m 3) (disj st 1.0) (reduce dissoc m [1 3]) (reduce disj st [1 1.0 2 3])])))))
