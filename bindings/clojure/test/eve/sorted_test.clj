(ns eve.sorted-test
  "Sorted maps, sorted sets and integer maps against Clojure's own."
  (:require [clojure.test :refer [deftest is testing]]
            [clojure.test.check.clojure-test :refer [defspec]]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [eve.alpha :as e]
            [eve.deftype.int-map :as im]
            [eve.support :as s])
  (:import (eve.jvm EveSortedMap EveSortedSet)))

(def ^:private operation
  (gen/one-of
   [(gen/tuple (gen/return :put) (gen/choose 0 80) gen/small-integer)
    (gen/tuple (gen/return :out) (gen/choose 0 80))
    (gen/return [:store])]))

(defn- alike-maps [mine theirs probes]
  (and (= mine theirs) (= theirs mine) (= (hash mine) (hash theirs)) (= (count mine) (count theirs))
       (sorted? mine)
       (= (seq mine) (seq theirs)) (= (rseq mine) (rseq theirs))
       (= (reduce-kv (fn [a k v] (conj a [k v])) [] mine) (vec theirs))
       (= (first mine) (first theirs)) (= (keys mine) (keys theirs)) (= (vals mine) (vals theirs))
       (every? (fn [k]
                 (and (= (get mine k ::none) (get theirs k ::none)) (= (find mine k) (find theirs k))
                      (every? #(= (subseq mine % k) (subseq theirs % k)) [< <= > >=])
                      (every? #(= (rsubseq mine % k) (rsubseq theirs % k)) [< <= > >=])))
               probes)))

(defn- run-maps [empty-map operations]
  (let [a (e/atom {:m empty-map})]
    (loop [mine (:m @a) theirs (sorted-map) [[op k v] & more] operations]
      (and (alike-maps mine theirs (range -1 82 9))
           (case op
             nil true
             :put (recur (assoc mine k v) (assoc theirs k v) more)
             :out (recur (dissoc mine k) (dissoc theirs k) more)
             :store (do (swap! a assoc :m mine) (recur (:m @a) theirs more)))))))

(defspec sorted-maps-are-clojures 60
  (prop/for-all [operations (gen/vector operation 0 60)] (run-maps (sorted-map) operations)))

(defspec integer-maps-are-sorted-maps 60
  (prop/for-all [operations (gen/vector operation 0 60)] (run-maps (im/int-map) operations)))

(defspec sorted-sets-are-clojures 60
  (prop/for-all [operations (gen/vector operation 0 60)]
    (let [a (e/atom {:s (sorted-set)})]
      (loop [mine (:s @a) theirs (sorted-set) [[op x] & more] operations]
        (and (= mine theirs) (= theirs mine) (= (hash mine) (hash theirs)) (= (count mine) (count theirs))
             (= (seq mine) (seq theirs)) (= (rseq mine) (rseq theirs))
             (every? #(and (= (contains? mine %) (contains? theirs %)) (= (subseq mine > %) (subseq theirs > %))
                           (= (rsubseq mine <= %) (rsubseq theirs <= %)))
                     (range -1 82 9))
             (case op
               nil true
               :put (recur (conj mine x) (conj theirs x) more)
               :out (recur (disj mine x) (disj theirs x) more)
               :store (do (swap! a assoc :s mine) (recur (:s @a) theirs more))))))))

(deftest they-are-stored-in-order
  (let [big (into (sorted-map) (map (fn [i] [(format "%05d" i) i])) (shuffle (range 3000)))
        v (s/stored {:m big :s (apply sorted-set (shuffle (range 3000))) :i (apply im/int-map (shuffle (range 3000)))
                     :e (sorted-map) :es (sorted-set) :ei (im/int-map)})]
    (is (instance? EveSortedMap (:m v)))
    (is (instance? EveSortedSet (:s v)))
    (is (im/int-map? (:i v)))
    (is (= (seq big) (seq (:m v))))
    (is (= (range 3000) (seq (:s v))))
    (is (every? sorted? (vals v)))
    (is (= ["02000" 2000] (first (subseq (:m v) >= "02000"))))
    (is (= [2999 1] ((juxt first count) (rsubseq (:s v) >= 2999))))
    (is (= {"x" 1} (assoc (:e v) "x" 1)))
    (is (= (sorted-map) (empty (:m v))))
    (is (sorted? (empty (:s v))))
    (is (im/int-map? (empty (:i v))))
    (is (= {:doc 1} (meta (s/stored (with-meta big {:doc 1}))) (meta (s/stored (with-meta (sorted-map) {:doc 1})))))
    (is (= v (read-string (binding [*print-dup* false] (pr-str v)))))
    (is (= (into {} big) (:m v)) "a plain map is equal, whatever the order")
    (is (= 1 (get (s/stored {big 1}) (into {} big))))))

(deftest another-order-is-stored-as-a-plain-collection
  (let [v (s/stored {:m (sorted-map-by > 1 :a 2 :b) :s (sorted-set-by > 1 2)})]
    (is (= {1 :a 2 :b} (:m v)))
    (is (= #{1 2} (:s v)))
    (is (not-any? sorted? (vals v)))))

(deftest integer-maps-take-integers
  (doseq [m [(im/int-map 1 :one) (s/stored (im/int-map 1 :one))]
          bad [:a nil 1.0 1.5 "1" 9223372036854775808N (.shiftLeft BigInteger/ONE 70) 1M]]
    (let [error (try (assoc m bad 1) (catch clojure.lang.ExceptionInfo e e))]
      (is (= [:argument bad] ((juxt :eve/error :argument) (ex-data error))))
      (is (re-find #"integer of 64 bits, not" (ex-message error))))
    (is (= [:none nil false m] [(get m bad :none) (find m bad) (contains? m bad) (dissoc m bad)]) "as none is `=` to a key"))
  (is (= {-10 "cold" 0 "freezing" 25 "warm"} (s/stored (-> (im/int-map) (assoc -10 "cold") (assoc 0 "freezing") (assoc 25 "warm")))))
  (is (= [[1 :a] [2 :B] [3 :c]] (seq (im/merge (im/int-map 1 :a 2 :b) (im/int-map 2 :B 3 :c)))))
  (is (= {1 10 2 220 3 300} (im/merge-with + (im/int-map 1 10 2 20) (im/int-map 2 200 3 300))))
  (is (= [[3 3] [4 4] [7 7]] (seq (im/range (s/stored (im/int-map 1 1 3 3 4 4 7 7 9 9)) 3 7)))))

(deftest equal-integers-are-one-key
  (doseq [one [1 1N (biginteger 1) (int 1) (short 1) (byte 1)]
          empty-map [(im/int-map) (sorted-map) {}]
          m [(assoc empty-map 1 :a 2 :b) (:m (s/stored {:m (assoc empty-map 1 :a 2 :b)}))]]
    (testing [(class one) (class m)]
      ;; Clojure's hash maps have `(int 1)` and `1` as one key, its BigInteger too.
      (is (= [:a true [1 :a] {2 :b}] [(get m one) (contains? m one) (find m one) (dissoc m one)]))
      (is (= {1 :c 2 :b} (assoc m one :c) (s/stored (assoc m one :c))))
      (is (= {1 :a 2 :b 3 :c} (s/stored (assoc m (+ 2N one) :c))))))
  (is (= [Long Long] (map class (keys (im/int-map 1N :a (biginteger 2) :b))))))

;; Changes are put in order here and what is stored by the engine: the two have to say the same.

(defrecord Row [n])

(def ^:private any-key
  (gen/one-of [s/value s/scalar (gen/fmap ->Row gen/small-integer) (gen/fmap byte-array (gen/vector gen/byte))
               (gen/elements [1 1.0 1M 1N 3/2 1.5 0.0 -0.0 9007199254740993 9007199254740992.0 ##Inf ##-Inf ##NaN 1e400M 1/3 (double 1/3)
                              "\ud83d" "\ud83d\ude00" "\ud83d\ue000" "\ud83da" "\ude00" "\uffff" "a" "ab" "" "abcdefg" "abcdefg-" "abcdefg_" "abcdefgh" "abcdefghij" "abcdefghijk" :a :a/b 'a 'a/b \a
                              [1 2] '(1 1.0) [] {} #{} #{1 "a"} {1 2} {1 3} {"a" 1 :b 2} nil true false
                              (java.time.Instant/ofEpochSecond 1 5) #inst "1970-01-01T00:00:01" (tagged-literal 'a/b 1) (tagged-literal 'a/b "1")])]))

(defn- comparable
  "As what `=` compares, of which bytes and NaN are none."
  [xs]
  (map #(cond (bytes? %) [:bytes (vec %)], (and (double? %) (NaN? %)) :nan, :else %) xs))

(defspec changes-are-in-the-order-of-what-is-stored 150
  (prop/for-all [stored (gen/vector any-key 0 20) changed (gen/vector any-key 0 20) removed (gen/vector any-key 0 5)]
    (let [a (e/atom (conj (sorted-set) ::none))
          view (swap! a #(disj (into % stored) ::none))
          changes (reduce disj (into view changed) (concat removed (take 3 stored)))
          again (s/stored changes)]
      (and (= (comparable changes) (comparable again))
           (= (comparable (rseq changes)) (comparable (rseq again)))
           (= (count changes) (count (seq changes)) (count again))
           (every? #(= (contains? changes %) (contains? again %)) (concat stored changed removed))
           (every? #(= (comparable (subseq changes >= %)) (comparable (subseq again >= %))) changed)
           (= (comparable again) (comparable (into (empty again) (shuffle (vec again)))))))))

(deftest keys-of-several-kinds-go-together
  (let [m (s/stored (sorted-map 1 :one 2 :two))
        mixed (assoc m 1.0 :float "x" :text nil :none [1] :vector)]
    (doseq [m [mixed (s/stored mixed) (into (empty mixed) mixed) (s/stored (into (empty mixed) mixed))]]
      (is (= [nil 1 1.0 2 "x" [1]] (keys m)))
      (is (= 6 (count m)))
      (is (= [:one :float] [(m 1) (m 1.0)]))
      (is (= [2 "x" [1]] (map key (subseq m > 1.0))))
      (is (= [["x" :text] [2 :two]] (take 2 (rsubseq m < [1]))))
      (is (= [nil 1 2 "x" [1]] (keys (dissoc m 1.0))))
      (is (sorted? m)))
    (is (= #{1 1.0 2} (conj (s/stored (sorted-set 1 2)) 1.0)))
    (is (thrown? ClassCastException (assoc mixed inc 1)) "what cannot be stored has no place")))

(deftest changes-of-sorted-views-cost-what-was-changed
  (let [a (e/atom {:m (into (sorted-map) (map #(vector % %)) (range 50000))})]
    (dotimes [i 1000] (swap! a update :m assoc (+ 25000.5 i) :new))
    (is (= 51000 (count (:m @a))))
    (is (= [25000 25000.5 25001] (take 3 (map key (subseq (:m @a) >= 25000)))))))
