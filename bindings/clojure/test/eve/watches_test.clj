(ns eve.watches-test
  "Watches at the ends of an atom's life: dropped, removed, closed."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.files :refer [with-file]]
            [eve.support :as s]))

(defn- watchers []
  (filter #(str/starts-with? (.getName ^Thread %) "eve watch") (keys (Thread/getAllStackTraces))))

(defn- soon
  "What `f` gives, once `pred` holds of it: it is asked for some seconds."
  [pred f]
  (loop [n 0]
    (let [x (f)]
      (if (or (pred x) (= n 100)) x (do (Thread/sleep 50) (recur (inc n)))))))

(deftest watched-atoms-without-a-name-are-dropped
  (let [heard (atom 0) before (:atoms (e/stat))]
    (dotimes [i 50]
      (doto (e/atom {:i i})
        (add-watch :w (fn [_ _ old new] (when (= [{:i i} {:i i :x 1}] [old new]) (swap! heard inc))))
        (swap! assoc :x 1)))
    (is (= 50 @heard))
    (is (empty? (watchers)) "nobody else commits to them")
    (is (>= before (soon #(>= before %) #(do (System/gc) (:atoms (e/stat))))))))

(deftest watches-of-removed-atoms-are-still
  (let [a (e/atom ::removed 1) heard (atom []) errors (atom []) handler (Thread/getDefaultUncaughtExceptionHandler)]
    (Thread/setDefaultUncaughtExceptionHandler
     (reify Thread$UncaughtExceptionHandler (uncaughtException [_ _ e] (swap! errors conj (ex-message e)))))
    (try
      (add-watch a :w (fn [_ _ old new] (swap! heard conj [old new])))
      (swap! a inc)
      (e/remove-atom! a)
      (Thread/sleep 600)
      (is (= [[[1 2]] []] [@heard @errors]))
      (is (thrown? clojure.lang.ExceptionInfo (swap! a inc)))
      (let [again (e/atom ::removed 10)]
        (is (= [2 10] (soon #{[2 10]} #(last @heard))) "its name is used again")
        (swap! again inc)
        (is (= [[1 2] [2 10] [10 11]] @heard))
        (remove-watch a :w))
      (finally (Thread/setDefaultUncaughtExceptionHandler handler)))))

(deftest watches-that-are-refused-are-not-there
  (with-file [file]
    (let [named (e/atom {:id :a :persistent file} 1) removed (e/atom {:id :b :persistent file} 1)
          refused (fn [a] [(try (add-watch a :w (fn [& _])) (catch clojure.lang.ExceptionInfo e (:eve/error (ex-data e))))
                           (count (.getWatches ^clojure.lang.IRef a))])]
      (e/remove-atom! removed)
      (is (= [:no-such-atom 0] (refused removed)))
      (e/close! file)
      (is (= [:closed 0] (refused named)))
      (is (empty? (soon empty? watchers))))))
