(ns eve.conformance-test
  "The vectors that all faces share, in this runtime and through the `eve` command, which is Rust."
  (:require [clojure.edn :as edn]
            [clojure.java.shell :refer [sh]]
            [clojure.string :as str]
            [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
            [eve.support :as s]))

(defn- parse [text]
  (edn/read-string {:default tagged-literal} text))

(defn- vectors []
  (parse (slurp (System/getProperty "eve.conformance"))))

(deftest values-come-back-equal
  (doseq [{:keys [name edn equal different]} (vectors)]
    (testing name
      (let [value (parse edn)
            back (s/stored value)]
        (is (= value back))
        (is (= back value))
        (is (= (hash value) (hash back)))
        (is (= 1 (get (s/stored {value 1}) back)))
        (doseq [text equal]
          (is (= back (parse text)))
          (is (= 1 (get (s/stored {value 1}) (parse text)))))
        (doseq [text different]
          (is (not= back (parse text)))
          (is (nil? (get (s/stored {value 1}) (parse text)))))))))

(def ^:private eve (System/getProperty "eve.command"))

(defn- run [& args]
  (let [{:keys [exit out err]} (apply sh eve args)]
    (is (zero? exit) (str/join " " (concat args [err])))
    out))

(deftest what-rust-writes-is-read-here-and-back
  (s/with-file [file]
    (doseq [[i {:keys [name edn]}] (map-indexed vector (vectors))]
      (testing name
        (let [value (parse edn)
              a (e/atom {:id (str "mine-" i) :persistent file} value)]
          (is (= value (parse (run "get" file (str "mine-" i)))))
          (run "set" file (str "theirs-" i) "-" :in edn)
          (is (= value @(e/atom {:id (str "theirs-" i) :persistent file} nil)))
          (is (= value @a)))))))

(deftest rust-and-this-process-swap-one-atom
  (s/with-file [file]
    (let [a (e/atom {:id "n" :persistent file} {:counter 0})
          rust (future (run "bench" "--file" file "--atom" "n" "--op" "update-in [:counter] inc" "--seconds" "2" "--json"))
          mine (loop [n 0] (if (realized? rust) n (do (swap! a update :counter inc) (recur (inc n)))))
          theirs (Long/parseLong (second (re-find #"\"operations\":\s*(\d+)" @rust)))]
      (is (pos? mine))
      (is (= (+ mine theirs) (:counter @a))))))
