(ns eve.atoms-test
  "Atoms: Clojure's own contracts, threads, watches, what is held back."
  (:require [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
            [eve.support :as s])
  (:import (java.util.concurrent CountDownLatch TimeUnit)))

(deftest the-atom-functions
  (let [a (e/atom {:n 0})]
    (is (= {:n 1} (swap! a update :n inc)))
    (is (= {:n 3} (swap! a update :n + 2)))
    (is (= {:n 9} (swap! a update :n + 1 2 3)))
    (is (= [{:n 9} {:n 10}] (swap-vals! a update :n inc)))
    (is (= {:x 1} (reset! a {:x 1})))
    (is (= [{:x 1} [1 2]] (reset-vals! a [1 2])))
    (is (compare-and-set! a [1 2] :done))
    (is (not (compare-and-set! a :other 1)))
    (is (= :done @a))
    (is (e/shared-atom? a))
    (is (not (e/shared-atom? (atom 1))))
    (is (nil? (meta a)))
    (alter-meta! a assoc :m 1)
    (is (= {:m 1} (meta a)))
    (is (re-find #":val :done" (pr-str a)))))

(deftest names-say-which-atom
  (s/with-file [file]
    (let [a (e/atom {:id ::named :persistent file} {:n 1})]
      (is (identical? a (e/atom {:id ::named :persistent file} {:n 2})))
      (is (= {:n 1} @a))
      (is (= ["eve.atoms-test/named"] (e/atoms file)))
      (is (= 7 @(e/atom {:id "other" :persistent file} (e/delay-init (fn [] 7)))))
      (is (= 7 @(e/atom {:id "other" :persistent file} (e/delay-init (fn [] (throw (Exception. "not called")))))))
      (is (= 2 (:atoms (e/stat file))))
      (is (e/remove-atom! file "other"))
      (is (not (e/remove-atom! file "other")))
      (is (= 8 @(e/atom {:id "other" :persistent file} 8)))
      (e/close! file)
      (is (= {:n 1} @(e/atom {:id ::named :persistent file} :ignored)))
      (is (thrown-with-msg? IllegalStateException #"closed" @a))))
  (is (identical? (e/atom ::here 1) (e/atom ::here 2)))
  (is (= {:id 5} @(e/atom {:id 5})) "one argument is a value")
  (is (thrown? clojure.lang.ExceptionInfo (e/atom {:persistent "x"} 1))))

(deftest validators-and-watches
  (let [seen (atom [])
        a (e/atom 1 :validator number? :meta {:doc 1})]
    (is (= {:doc 1} (meta a)))
    (add-watch a :w (fn [k r old new] (swap! seen conj [k (identical? r a) old new])))
    (swap! a inc)
    (is (thrown? IllegalStateException (reset! a :no)))
    (is (thrown? IllegalStateException (set-validator! a string?)))
    (is (= 2 @a))
    (reset! a 5)
    (remove-watch a :w)
    (reset! a 6)
    (is (= [[:w true 1 2] [:w true 2 5]] @seen))))

(deftest a-function-that-throws-changes-nothing
  (let [a (e/atom {:n 1})]
    (is (thrown-with-msg? Exception #"mine" (swap! a (fn [_] (throw (Exception. "mine"))))))
    (is (thrown-with-msg? Exception #"late" (swap! a assoc :s (map (fn [_] (throw (Exception. "late"))) [1 2]))))
    (is (= {:n 1} @a))))

(deftest a-swap-inside-a-swap
  (let [a (e/atom {:n 0}) b (e/atom {:n 0})]
    (swap! a (fn [v] (assoc v :b (:n (swap! b update :n inc)))))
    (is (= {:n 0 :b 1} @a))
    (swap! a assoc :whole @b)
    (is (= {:n 0 :b 1 :whole {:n 1}} @a) "a view of another atom is copied")))

(deftest threads-lose-nothing
  (doseq [start [#(Thread/startVirtualThread %) #(doto (Thread. ^Runnable %) .start)]]
    (let [a (e/atom {:n 0 :m {}})
          threads (mapv (fn [t] (start (fn [] (dotimes [i 500] (swap! a #(-> % (update :n inc) (assoc-in [:m [t i]] i)))))))
                        (range 4))]
      (run! #(.join ^Thread %) threads)
      (is (= 2000 (:n @a) (count (:m @a)))))))

(deftest old-values-stay
  (let [a (e/atom (zipmap (range 1000) (range)))
        versions (vec (for [i (range 300)] (swap! a assoc i [:new i])))]
    (System/gc)
    (dotimes [i 3000] (swap! a assoc (mod i 1000) i))
    (doseq [[i v] (map-indexed vector versions)]
      (is (= [:new i] (get v i)))
      (is (= (inc i) (get v (inc i))))
      (is (= 1000 (count v) (count (seq v)))))))

(deftest update-holds-nothing
  (let [a (e/atom {:n 0 :v [1 2 3]}) leaked (atom nil)]
    (is (nil? (e/update! a update :n inc)))
    (e/update! a (fn [v] (reset! leaked v) (assoc v :x (:v v))))
    (is (= {:n 1 :v [1 2 3] :x [1 2 3]} @a))
    (is (thrown-with-msg? IllegalStateException #"update!" (:n @leaked)))
    (is (thrown? clojure.lang.ExceptionInfo (e/update! a assoc :f inc)))
    (is (= 1 (:n @a)))))

(deftest update-in-a-loop-needs-no-room
  (s/with-file [file]
    (let [a (e/atom {:id :a :persistent file} (zipmap (range 10000) (range)))
          before (:committed (e/stat file))]
      (dotimes [i 200000] (e/update! a assoc (mod (* i 7919) 10000) i))
      (is (< (- (:committed (e/stat file)) before) (* 8 1024 1024))))))

(deftest views-hold-up-in-iterators-and-threads
  (let [a (e/atom (zipmap (range 5000) (range)))
        v @a
        entries (iterator-seq (.iterator ^Iterable v))
        half (doall (take 2500 entries))]
    (reset! a nil)
    (System/gc)
    (is (= 5000 (count entries)))
    (is (= (set (range 5000)) (set (map key entries))))
    (is (= 2500 (count half)))))

(deftest results-that-are-dropped-do-not-bloat-the-file
  (s/with-file [file]
    (let [n 1000000
          a (e/atom {:id :a :persistent file} (zipmap (range 10000) (range)))
          used #(* 16384 (:pages-used (e/stat file)))
          before (used)]
      (dotimes [i n] (swap! a assoc (mod (* i 7919) 10000) i))
      (is (< (:committed (e/stat file)) (* 512 1024 1024)))
      (loop [tries 20]
        (System/gc)
        (Thread/sleep 100)
        (e/gc! file)
        (when (and (pos? tries) (> (- (used) before) (* 16 1024 1024)))
          (recur (dec tries))))
      (is (< (- (used) before) (* 16 1024 1024))))))
