(ns eve.sorted-test
  "Sorted maps, sorted sets and integer maps against ClojureScript's own: random programs on both, equal at every step and in one order."
  (:require [clojure.test :refer [deftest is]]
            [clojure.test.check.clojure-test :refer-macros [defspec]]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [eve.alpha :as e]
            [eve.deftype.int-map :as im]
            [eve.deftype.rb-tree :as rb]
            [eve.edn :as edn]
            [eve.support :as s]))

(defn- alike? [mine model]
  (and (= mine model) (= model mine) (= (hash mine) (hash model))
       (= (count mine) (count model))
       (= (seq mine) (seq model)) (= (rseq mine) (rseq model))
       (sorted? mine) (= (reduce conj [] mine) (reduce conj [] model))))

(defn- ranges-alike?
  "ClojureScript's own sets give () where its maps give nil."
  [mine model k]
  (let [same? (fn [f] (= (seq (f mine)) (seq (f model))))]
    (and (same? #(subseq % >= k)) (same? #(subseq % > k)) (same? #(subseq % < k)) (same? #(rsubseq % <= k)) (same? #(rsubseq % > k))
         (same? #(subseq % > (- k 20) <= k)))))

(def ^:private step
  (gen/one-of [(gen/tuple (gen/return :assoc) (gen/choose -50 50) s/scalar)
               (gen/tuple (gen/return :dissoc) (gen/choose -50 50))
               (gen/tuple (gen/return :transient) (gen/vector (gen/tuple (gen/choose -50 50) gen/boolean)))
               (gen/return [:commit])]))

(defn- step-map [m [op a b]]
  (case op
    :assoc (assoc m a b)
    :dissoc (dissoc m a)
    ;; ClojureScript's sorted maps have no transients.
    :transient (if (satisfies? IEditableCollection m)
                 (persistent! (reduce (fn [t [k add?]] (if add? (assoc! t k k) (dissoc! t k))) (transient m) a))
                 (reduce (fn [m [k add?]] (if add? (assoc m k k) (dissoc m k))) m a))
    :commit m))

(defn- runs-alike? [start model steps k]
  (let [a (e/atom start)]
    (loop [mine @a, model model, steps steps]
      (and (alike? mine model)
           (ranges-alike? mine model k)
           (= (get mine k ::none) (get model k ::none))
           (= (reduce-kv (fn [acc k v] (conj acc [k v])) [] mine) (mapv vec model))
           (if-let [[now & more] (seq steps)]
             (let [mine (step-map mine now)]
               (recur (if (= now [:commit]) (reset! a mine) mine) (step-map model now) more))
             (alike? (reset! a mine) model))))))

(defspec sorted-maps-are-clojurescripts 60
  (prop/for-all [start (gen/map (gen/choose -50 50) s/scalar {:max-elements 60}) steps (gen/vector step 0 15) k (gen/choose -60 60)]
    (runs-alike? (into (sorted-map) start) (into (sorted-map) start) steps k)))

(defspec int-maps-are-sorted-maps 60
  (prop/for-all [start (gen/map (gen/choose -50 50) s/scalar {:max-elements 60}) steps (gen/vector step 0 15) k (gen/choose -60 60)]
    (runs-alike? (apply e/int-map (mapcat identity start)) (into (sorted-map) start) steps k)))

(defspec sorted-sets-are-clojurescripts 60
  (prop/for-all [start (gen/set (gen/choose -50 50) {:max-elements 60})
                 steps (gen/vector (gen/tuple (gen/elements [:conj :disj :commit]) (gen/choose -50 50)) 0 15)
                 k (gen/choose -60 60)]
    (let [a (e/atom (into (sorted-set) start))]
      (loop [mine @a, model (into (sorted-set) start), steps steps]
        (and (alike? mine model)
             (ranges-alike? mine model k)
             (if-let [[[op x] & more] (seq steps)]
               (let [f (fn [v] (case op :conj (conj v x) :disj (disj v x) :commit v)) mine (f mine)]
                 (recur (if (= op :commit) (reset! a mine) mine) (f model) more))
               (alike? (reset! a mine) model)))))))

(deftest names-and-strings-keep-clojurescripts-order
  (doseq [keys [[:b :a :n/a :a/z :z] ["b" "a" "ab" "" "ä" "z"] ['y 'x 'n/x] [[1 2] [0] [1 1] []] [3 -1 2.5 100]]]
    (let [model (into (sorted-set) keys) mine (s/stored model)]
      (is (= (seq model) (seq mine)))
      (is (= (rseq model) (rseq mine)))
      (is (= (seq (conj model (first keys))) (seq (conj mine (first keys)))))
      (is (= (pr-str model) (pr-str mine))))))

(deftest the-programs-of-the-original
  (let [state (e/atom {:data (im/int-map) :tags (rb/sorted-set)})]
    (swap! state update :data assoc 1 :a)
    (swap! state update :data assoc 2 :b)
    (swap! state update :data assoc -10 "cold")
    (is (= [[-10 "cold"] [1 :a] [2 :b]] (map vec (:data @state))))
    (is (im/int-map? (:data @state)))
    (is (= [[1 :a] [2 :b]] (map vec (im/range (:data @state) 0 7))))
    (is (= {1 :x 2 :b -10 "cold"} (im/merge (:data @state) (im/int-map 1 :x))))
    (is (= {1 3 2 5} (im/merge-with + (im/int-map 1 1 2 5) (im/int-map 1 2))))
    (swap! state update :tags conj "clojure")
    (swap! state update :tags conj "python")
    (is (rb/member? (:tags @state) "clojure"))
    (is (= ["clojure" "python"] (seq (:tags @state))))
    (is (= [1 3 4 5 8] (seq (s/stored (rb/sorted-set 5 3 8 1 4)))))
    (is (= [:a :f :m :z] (seq (s/stored (rb/sorted-set :z :a :m :f)))))
    (is (= {:key "value" :count 42} (let [a (e/atom {:key "value"})] (swap! a assoc :count 42))))
    (is (= {:count 1} (let [d (e/atom-domain {:count 0})] (swap! d update :count inc) @d)))))

(deftest text-keeps-the-order
  (let [[m s i] (edn/read-all "#eve/sorted-map {2 :b 1 :a} #eve/sorted-set #{3 1 2} #eve/int-map {5 1 -5 2}")]
    (is (= [[1 :a] [2 :b]] (map vec m)))
    (is (= [1 2 3] (seq s)))
    (is (= [[-5 2] [5 1]] (map vec i)))
    (is (im/int-map? i))))

(deftest keys-of-integer-maps-are-integers
  (is (thrown? cljs.core/ExceptionInfo (assoc (e/int-map 1 2) :a 1)))
  (is (thrown? cljs.core/ExceptionInfo (e/int-map "a" 1))))

(deftest what-is-emptied-has-the-hash-of-what-is-empty
  (let [{:keys [m s]} (s/stored {:m (sorted-map 1 2) :s (sorted-set 1)})]
    (is (= (hash {}) (hash (empty m)) (hash (s/stored (empty m)))))
    (is (= (hash #{}) (hash (empty s)) (hash (s/stored (empty s)))))
    (is (= {(empty m) 1} {{} 1}))))
