(ns eve.swaps-test
  "Swaps in a row, whose results are changes over an older version: each result, and what is in the file after it, against a model."
  (:require [clojure.test :refer [deftest is]]
            [clojure.test.check.clojure-test :refer-macros [defspec]]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [eve.alpha :as e]
            [eve.files :refer-macros [with-file]]
            [eve.impl.decode :as decode]
            [eve.impl.host :as host]
            [eve.support :as s]))

(defn- another
  "A function that reads the atom with nothing that this program knows of it."
  [file id]
  (let [at (host/find-atom (host/open file #js {"host" decode/host}) (subs (str id) 1))]
    #(host/value at)))

(defrecord Point [x y])

(def ^:private value
  (gen/one-of [gen/small-integer gen/boolean (gen/elements [nil "x" :k 'sym 1.5 (uuid "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")])
               (gen/elements [{} {:n 1 :deep {:v [1 2]}} [] [1 {:a 1} [2]] #{} #{"x" 1} '(1 2 3) (sorted-map :b 1 :a 2) (sorted-set 2 1)
                              (->Point 1 2) (zipmap (range 300) (range)) (with-meta {:a 1} {:m 1}) (js/Date. 5) (range 3)])]))

(def ^:private step
  (gen/tuple (gen/elements [:set :set :set :delete :inner :inner :inner :graft :root :none :twice :update :other :turn :transient :meta :old])
             (gen/elements [:a :b :c "d" 1])
             (gen/elements [:n :deep "x" 0 1])
             value))

(defn- change
  "Changes whatever a collection is, in the way that it can be changed."
  [coll k v]
  (cond
    (record? coll) (assoc coll :x v)
    (and (map? coll) (sorted? coll)) (if (keyword? k) (assoc coll k v) (dissoc coll :a))
    (map? coll) (if (= k 0) (dissoc coll :n) (assoc coll k v))
    (vector? coll) (cond (and (number? k) (< k (count coll))) (assoc coll k v) (= k "x") (if (seq coll) (pop coll) coll) :else (conj coll v))
    (sorted? coll) (if (= k 0) (disj coll 1) (conj coll (count coll)))
    (set? coll) (if (= k 0) (disj coll "x") (conj coll k))
    :else v))

(defn- step-map [m [what k inner v] old]
  (case what
    :set (assoc m k v)
    :delete (dissoc m k)
    :inner (let [now (get m k)] (assoc m k (if (coll? now) (change now inner v) {inner [v]})))
    :graft (assoc m k (get m (if (= k :a) :b :a)))
    :root {:a v}
    :twice (-> m (assoc k 1) (dissoc k) (assoc :c v) (update :c identity))
    :transient (persistent! (assoc! (transient m) k v))
    :meta (with-meta m {k 1})
    :old (or old m)
    m))

(defn- alike? [a b]
  (and (= a b) (= b a) (= (hash a) (hash b)) (= (count a) (count b)) (= (meta a) (meta b))
       (= (into {} a) b) (every? (fn [[k v]] (= v (get b k))) a)))

(def ^:private shared
  "One file for all runs: what they read is let go only when the event loop turns."
  (delay (let [file (s/temp-file)]
           {:a (e/atom {:id ::a :persistent file} {}) :b (e/atom {:id ::b :persistent file} 0) :stored (another file ::a)})))

(defspec each-result-is-what-is-stored-and-stays-so (s/times 200)
  (prop/for-all [steps (gen/vector step 0 30)]
    (let [{:keys [a b stored]} @shared]
      (e/register-record! map->Point)
      (reset! a {})
      (loop [steps steps model {} results []]
        (if-let [[[what k _ v :as now] & more] (seq steps)]
          (let [[old old-model] (when (seq results) (nth results (quot (count results) 2)))
                next-model (if (= what :update) (assoc model k 0) (step-map model now old-model))]
            (case what
              :update (e/update! a assoc k 0)
              :other (e/update! b inc)
              (swap! a step-map now old))
            (when (= what :turn) (reset! a @a))
            (and (alike? @a next-model) (alike? (stored) next-model)
                 (recur more next-model (conj results [@a next-model]))))
          (every? (fn [[result model]] (alike? result model)) results))))))

(deftest many-results-in-one-turn-are-all-what-they-were
  (with-file [file]
    (let [a (e/atom {:id ::a :persistent file} {:n 0 :list [] :set #{} :sorted (sorted-map)})
          results (mapv (fn [i]
                          (swap! a (fn [m] (-> m (assoc :n i) (update :list conj i) (assoc-in [:deep (str (mod i 7))] i)
                                               (update :set conj (mod i 5)) (update :sorted assoc (mod i 9) i)))))
                        (range 2000))]
      (doseq [i [0 1 2 100 1000 1999 3]]
        (let [r (nth results i)]
          (is (= i (:n r)))
          (is (= (range (inc i)) (:list r)))
          (is (= i (get-in r [:deep (str (mod i 7))])))
          (is (= (set (map #(mod % 5) (range (inc i)))) (:set r)))
          (is (= i (get-in r [:sorted (mod i 9)])))))
      (is (= (peek results) ((another file ::a)))))))

(deftest a-swap-within-a-swap-and-one-that-throws-leave-no-trail
  (with-file [file]
    (let [a (e/atom {:id ::a :persistent file} {:n 0})
          b (e/atom {:id ::b :persistent file} {:n 0})
          stored (another file ::a)]
      (swap! a assoc :n 1)
      (swap! a (fn [m] (let [m (assoc m :n 2)] (swap! b update :n inc) (assoc m :b (:n @b)))))
      (is (= {:n 2 :b 1} @a (stored)))
      (is (thrown? js/Error (swap! a (fn [m] (assoc m :n 3) (throw (js/Error. "mine"))))))
      (let [held @a, made (assoc held :n 4)]
        (swap! a (fn [_] made))
        (is (= made @a (stored)))
        (swap! a (fn [m] (assoc (assoc held :n 9) :c 1)))
        (is (= {:n 9 :b 1 :c 1} @a (stored)))))))

(deftest an-index-with-a-fraction-is-the-one-below-as-in-vectors-of-clojurescript
  (doseq [start [[1 2 3] (vec (range 100))]
          i [0.5 1.5 (- (count start) 0.5)]]
    (let [a (e/atom start)
          grown (conj @a :tail)]
      (is (= (assoc start i :x) (assoc @a i :x) (pop (assoc grown i :x)) (swap! a assoc i :x) @a))
      (is (= (update start i str) (update (reset! a start) i str)))
      (let [t (transient @a)]
        (assoc! t i :y)
        (is (= :y (nth t i) (get t (long i))))
        (is (= (assoc start (long i) :y) (persistent! t)))))))
