(ns eve.versions-test
  "Values that hold views of many versions at once."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]))

(deftest views-of-very-many-versions-go-into-one-commit
  (let [a (e/atom {:n 0 :data (vec (range 100))})
        versions (vec (repeatedly 3000 #(swap! a update :n inc)))
        history (e/atom [])]
    (is (= (range 1 3001) (map :n versions)))
    (reset! history versions)
    (is (= versions @history))
    (reset! a {:n :all :versions (vec (shuffle versions))})
    (is (= (set (range 1 3001)) (set (map :n (:versions @a)))))
    (is (= {100 3000} (frequencies (map (comp count :data) (:versions @a)))))
    (is (:ok (e/verify)))))
