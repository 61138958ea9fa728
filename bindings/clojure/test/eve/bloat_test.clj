(ns eve.bloat-test
  "What results of swap! that nobody keeps cost in shared memory, in a JVM with a heap of 512 MiB. The long form, five million swaps,
  runs with EVE_JAVA_OPTS=-Deve.long=true."
  (:require [clojure.edn :as edn]
            [clojure.test :refer [deftest is]]
            [clojure.walk :as walk]
            [eve.support :as s]))

(def ^:private swaps (if (Boolean/getBoolean "eve.long") 5000000 500000))

(def ^:private mib (* 1024 1024))

(def ^:private program
  "Swaps in a loop; says how large the file was at most, and how many bytes more than at first are in use at the end."
  '(let [a (e/atom {:id :a :persistent file} (zipmap (range 10000) (range)))
         used #(* 16384 (:pages-used (e/stat file)))
         before (used)
         first-size (:committed (e/stat file))
         f (if kept (fn [i] (swap! a assoc (mod (* i 7919) 10000) i))
                                 (fn [i] (e/update! a assoc (mod (* i 7919) 10000) i)))
         most (loop [i 0 most 0]
                (if (= i n)
                  (max most (:committed (e/stat file)))
                  (do (f i) (recur (inc i) (if (zero? (mod i 10000)) (max most (:committed (e/stat file))) most)))))
         at-end (used)
         after (loop [tries 50]
                 (System/gc)
                 (Thread/sleep 100)
                 (e/gc! file)
                 (let [more (- (used) before)]
                   (if (and (pos? tries) (> more (* 8 1024 1024))) (recur (dec tries)) more)))]
     (prn {:first first-size :most most :at-end (- at-end before) :after after :ok (:ok (e/verify file)) :value (= n (inc (apply max (vals @a))))})))

(defn- run [file change]
  (let [java (str (System/getProperty "java.home") "/bin/java")
        process (-> (ProcessBuilder. [java "-Xmx512m" "--enable-native-access=ALL-UNNAMED" "-cp" (System/getProperty "java.class.path")
                                      "clojure.main" "-e" (str "(require '[eve.alpha :as e])" 
                                                            (pr-str (walk/postwalk-replace {'file file 'n swaps 'kept (= change 'swap!)} program)))])
                    (.redirectErrorStream true)
                    .start)
        text (slurp (.getInputStream process))]
    (is (zero? (.waitFor process)) text)
    (println (str swaps) (str change) text)
    (edn/read-string text)))

(deftest dropped-results-do-not-bloat-the-file
  (s/with-file [file]
    (let [{:keys [most after ok value]} (run file 'swap!)]
      (is (< most (* 512 mib)))
      (is (< after (* 16 mib)))
      (is (and ok value)))))

(deftest update-holds-nothing-at-all
  (s/with-file [file]
    (let [{:keys [first most at-end ok value]} (run file 'update!)]
      (is (< at-end (* 8 mib)))
      (is (< (- most first) (* 8 mib)))
      (is (and ok value)))))
