(ns eve.processes-test
  "Several processes on one file."
  (:require [clojure.java.io :as io]
            [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.files :refer [with-file]]
            [eve.support :as s])
  (:import (java.util.concurrent LinkedBlockingQueue TimeUnit)))

(defn- jvm
  "Another JVM that evaluates a form with eve.alpha as e."
  [form]
  (let [java (str (System/getProperty "java.home") "/bin/java")]
    (-> (ProcessBuilder. [java "--enable-native-access=ALL-UNNAMED" "-cp" (System/getProperty "java.class.path")
                          "clojure.main" "-e" (str "(require '[eve.alpha :as e])" (pr-str form))])
        (.redirectErrorStream true)
        .start)))

(defn- finish [^Process process]
  (let [text (slurp (.getInputStream process))]
    (is (zero? (.waitFor process)) text)
    text))

(deftest two-processes-count-together
  (with-file [file]
    (let [a (e/atom {:id ::n :persistent file} {:n 0})
          other (jvm `(let [a# (e/atom {:id ::n :persistent ~file} nil)]
                        (dotimes [_# 20000] (swap! a# update :n inc))))]
      (dotimes [_ 20000] (swap! a update :n inc))
      (finish other)
      (is (= {:n 40000} @a)))))

(deftest watches-hear-other-processes
  (with-file [file]
    (let [a (e/atom {:id ::w :persistent file} {:n 0})
          heard (LinkedBlockingQueue.)]
      (add-watch a :w (fn [_ _ old new] (.put heard [old new])))
      (swap! a assoc :mine 1)
      (finish (jvm `(swap! (e/atom {:id ::w :persistent ~file} nil) assoc :theirs 2)))
      (is (= [{:n 0} {:n 0 :mine 1}] (.poll heard 10 TimeUnit/SECONDS)))
      (is (= [{:n 0 :mine 1} {:n 0 :mine 1 :theirs 2}] (.poll heard 10 TimeUnit/SECONDS)))
      (is (nil? (.poll heard 600 TimeUnit/MILLISECONDS)))
      (remove-watch a :w))))

(deftest a-process-that-dies-blocks-nobody
  (with-file [file]
    (let [a (e/atom {:id ::d :persistent file} {:n 0})
          other (jvm `(let [a# (e/atom {:id ::d :persistent ~file} nil)]
                        (while true (swap! a# update :n inc))))]
      (while (< (:n @a) 1000) (Thread/sleep 20))
      (.destroyForcibly ^Process other)
      (.waitFor ^Process other)
      (let [n (:n @a)]
        (is (= (+ n 1000) (:n (last (repeatedly 1000 #(swap! a update :n inc))))))))))
