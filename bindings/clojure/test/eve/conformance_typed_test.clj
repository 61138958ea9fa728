(ns eve.conformance-typed-test
  "The vectors of typed arrays and objects, in this runtime and through the `eve` command, which is Rust."
  (:require [clojure.edn :as edn]
            [clojure.java.io :as io]
            [clojure.java.shell :refer [sh]]
            [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
            [eve.support :as s]))

(defn- parse [text]
  (edn/read-string {:readers e/readers :default tagged-literal} text))

(defn- vectors []
  (parse (slurp (io/file (.getParentFile (io/file (System/getProperty "eve.conformance"))) "typed.edn"))))

(deftest values-come-back-equal
  (doseq [{:keys [name edn equal different]} (vectors)]
    (testing name
      (let [value (parse edn)
            back (s/stored value)]
        (is (= value back))
        (is (= back value))
        (is (= (hash value) (hash back)))
        (is (= back (parse (pr-str back))) "printing reads back")
        (doseq [text equal]
          (is (= back (parse text)))
          (is (= (parse text) back (s/stored (parse text)))))
        (doseq [text different]
          (is (not= back (parse text)))
          (is (not= (parse text) back)))))))

(deftest what-rust-writes-is-read-here-and-back
  (let [eve (System/getProperty "eve.command")
        run (fn [& args] (let [{:keys [exit out err]} (apply sh eve args)] (is (zero? exit) err) out))]
    (s/with-file [file]
      (doseq [[i {:keys [name edn]}] (map-indexed vector (vectors))]
        (testing name
          (let [value (parse edn)
                a (e/atom {:id (str "mine-" i) :persistent file} value)]
            (is (= value (parse (run "get" file (str "mine-" i)))))
            (run "set" file (str "theirs-" i) "-" :in edn)
            (is (= value @(e/atom {:id (str "theirs-" i) :persistent file} nil)))
            (is (= value @a))))))))
