(ns eve.keywords-test
  "Keywords as keys: what is remembered of them stays true."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.support :as s]))

(defn- names [prefix n] (mapv #(keyword (str prefix "-keyword-number-" %)) (range n)))

(deftest a-keyword-that-nobody-stored-is-found-once-it-is
  (s/with-file [file]
    (let [a (e/atom {:id ::a :persistent file} {:x 1, "s" 2})
          other (e/atom {:id ::b :persistent file} #{})
          before @a
          ks (names "late" 3000)]
      (is (every? #(nil? (get before %)) ks))
      (is (not-any? #(contains? before %) ks))
      (is (= (zipmap ks (range)) (select-keys (swap! a into (zipmap ks (range))) ks)))
      (is (= (range 3000) (map @a ks)) "though they were looked for before")
      (is (every? #(nil? (find before %)) ks) "a version that is held does not change")
      (swap! other into ks)
      (is (every? @other ks))
      (is (= (set ks) @other))
      (is (= [(first ks) 0] (find @a (first ks))))
      (is (= (disj (set ks) (first ks)) (disj @other (first ks)))))))

(deftest keywords-of-several-domains-are-not-mixed-up
  (s/with-file [one]
    (s/with-file [two]
      (let [ks (names "both" 2000)
            a (e/atom {:id ::a :persistent one} (zipmap ks (range)))
            b (e/atom {:id ::a :persistent two} (zipmap (reverse ks) (range)))]
        (dotimes [_ 2]
          (is (= (range 2000) (map @a ks)))
          (is (= (range 2000) (map @b (reverse ks))))
          (is (= (set ks) (set (keys @a)) (set (keys @b)))))))))

(deftest many-threads-meet-many-keywords
  (let [ks (shuffle (names "many" 20000))
        a (e/atom (zipmap ks (map str ks)))
        right? (fn [_] (let [v @a] (and (every? #(= (str %) (v %)) (shuffle ks)) (reduce-kv (fn [ok k x] (and ok (= (str k) x))) true v))))]
    (is (every? true? (map deref (mapv #(future (right? %)) (range 8)))))
    (is (every? true? (map #(identical? (key %) (keyword (name (key %)))) @a)))))

(deftest more-keywords-than-are-remembered
  (let [ks (names "very-many" 300000)
        a (e/atom (zipmap ks (range)))]
    (dotimes [_ 2]
      (is (= (range 300000) (map @a ks)))
      (is (= (reduce + (range 300000)) (reduce-kv (fn [n k x] (if (keyword? k) (+ n x) n)) 0 @a))))))

(deftest sorted-maps-and-nested-ones
  (let [ks (names "sorted" 500)
        a (e/atom {:sorted (into (sorted-map) (zipmap ks (range))) :short {:a {:b {(first ks) 7}}}})]
    (is (= (range 500) (map (:sorted @a) ks)))
    (is (nil? ((:sorted @a) :other)))
    (is (= 7 (get-in @a [:short :a :b (first ks)])))
    (is (= {:b {(first ks) 7}} (:a (:short @a))))))
