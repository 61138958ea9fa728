(ns eve.node-test
  "Several processes and worker threads on one atom. The other ones run this same program, see eve.run-node."
  (:require [clojure.test :refer [async deftest is]]
            [eve.alpha :as e]
            [eve.files :refer-macros [with-file]]
            [eve.support :as s]
            ["child_process" :as child]))

(def ^:private Worker (aget (js/require "worker_threads") "Worker"))

;; What the others do, by name

(def tasks
  {"count" (fn [file n]
             (let [a (e/atom {:id ::n :persistent file} nil)]
               (dotimes [_ (js/parseInt n)] (swap! a update :n inc))))
   "count-for-ever" (fn [file]
                      (let [a (e/atom {:id ::n :persistent file} nil)]
                        (loop [] (swap! a update :n inc) (recur))))
   "compare" (fn [file n]
               (let [a (e/atom {:id ::n :persistent file} nil)]
                 (dotimes [_ (js/parseInt n)]
                   (loop []
                     (let [old @a]
                       (when-not (e/compare-and-set! a old (update old :n inc)) (recur)))))))
   "assoc" (fn [file] (swap! (e/atom {:id ::n :persistent file} nil) assoc :theirs 2))
   "count-in-memory" (fn [n]
                       (let [a (e/atom ::shared {:n 0})]
                         (dotimes [_ (js/parseInt n)] (swap! a update :n inc))))})

(defn- process
  "Another process that does a task; `then` is given its exit code and what it complained of."
  [then & task]
  (let [started (js-invoke child "spawn" js/process.execPath (into-array (concat [(aget js/process.argv 1) "--task"] task))
                             #js {"stdio" #js ["ignore" "inherit" "pipe"]})
        complaints (atom "")]
    (js-invoke (unchecked-get started "stderr") "on" "data" #(swap! complaints str %))
    (js-invoke started "on" "close" (fn [code] (then code @complaints)))
    started))

(deftest two-processes-count-together
  (async done
    (let [file (s/temp-file)
          a (e/atom {:id ::n :persistent file} {:n 0})]
      (process (fn [code complaints]
                 (is (zero? code) complaints)
                 (is (= {:n 20000} @a))
                 (s/drop-file file)
                 (done))
               "count" file "10000")
      ;; In batches, so that the loop turns.
      (let [batch (fn batch [left]
                    (when (pos? left)
                      (dotimes [_ 100] (swap! a update :n inc))
                      (js/setImmediate #(batch (- left 100)))))]
        (batch 10000)))))

(deftest compare-and-set-and-swap-vals-are-one-step-for-other-processes-too
  (async done
    (let [file (s/temp-file)
          a (e/atom {:id ::n :persistent file} {:n 0})
          end (fn [code complaints]
                (is (zero? code) complaints)
                (is (= {:n 6000} @a) "no commit was overwritten")
                (s/drop-file file)
                (done))
          batch (fn batch [left finished]
                  (if (pos? left)
                    (do (dotimes [_ 100]
                          (let [[old new] (e/swap-vals! a update :n inc)]
                            (when-not (= (inc (:n old)) (:n new)) (is (= old new) "the value before is the one that was changed"))))
                        (js/setImmediate #(batch (- left 100) finished)))
                    (finished)))
          waiting (volatile! 2)
          both (fn [code complaints]
                 (when (or (not= 0 code) (zero? (vswap! waiting dec))) (end code complaints)))]
      (process both "compare" file "3000")
      (batch 3000 #(both 0 "")))))

(deftest watches-hear-other-processes
  (async done
    (let [file (s/temp-file)
          a (e/atom {:id ::n :persistent file} {:n 0})
          heard (atom [])]
      (add-watch a :w (fn [k r old new] (swap! heard conj [k (identical? r a) old new])))
      (swap! a assoc :mine 1)
      (is (= [[:w true {:n 0} {:n 0 :mine 1}]] @heard) "ours are told at once")
      (process (fn [code complaints]
                 (is (zero? code) complaints)
                 (js/setTimeout
                  (fn []
                    (is (= [[:w true {:n 0} {:n 0 :mine 1}] [:w true {:n 0 :mine 1} {:n 0 :mine 1 :theirs 2}]] @heard))
                    (swap! a identity)
                    (is (= 3 (count @heard)) "a swap that changes nothing tells too, as in ClojureScript")
                    (remove-watch a :w)
                    (swap! a assoc :last 3)
                    (is (= 3 (count @heard)))
                    (s/drop-file file)
                    (done))
                  300))
               "assoc" file))))

(deftest a-process-that-dies-blocks-nobody
  (async done
    (let [file (s/temp-file)
          a (e/atom {:id ::n :persistent file} {:n 0})
          other (process (fn [_ _]
                           (let [n (:n @a)]
                             (is (= (+ n 1000) (:n (last (repeatedly 1000 #(swap! a update :n inc))))))
                             (s/drop-file file)
                             (done)))
                         "count-for-ever" file)
          wait (fn wait [] (if (< (:n @a) 1000) (js/setTimeout wait 20) (js-invoke other "kill" "SIGKILL")))]
      (wait))))

(deftest workers-share-named-atoms-with-nothing-to-pass
  (async done
    (let [a (e/atom ::shared {:n 0})
          left (atom 3)
          ended (fn [code]
                  (is (zero? code))
                  (when (zero? (swap! left dec))
                    (is (= {:n 6000} @a))
                    (done)))]
      (dotimes [_ 3]
        (js-invoke (Worker. (aget js/process.argv 1) #js {"argv" #js ["--task" "count-in-memory" "2000"]}) "on" "exit" ended)))))
