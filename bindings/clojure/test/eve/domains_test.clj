(ns eve.domains-test
  "Domains: what verify says, and errors that help."
  (:require [clojure.java.io :as io]
            [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.impl.json :as json]
            [eve.jdk :as jdk]
            [eve.support :as s]))

(deftest verify-tells-what-is-wrong
  (s/with-file [file]
    (let [a (e/atom {:id ::v :persistent file} (zipmap (range 1000) (range)))]
      (dotimes [i 1000] (e/update! a assoc i {:text (str "number " i)}))
      (let [report (e/verify file)]
        (is (:ok report) report)
        (is (= [0 0 [] []] ((juxt :damaged :leaked :damages :leaks) report)))
        (is (= 1 (:atoms report)))
        (is (< 1000 (:blocks report)))
        (is (some #(= "map root" (:kind %)) (:kinds report)))
        (is (= report (e/verify a) (e/verify (e/atom-domain file))))))))

(deftest reports-are-read-whatever-is-in-them
  (is (= {:a [1 -2 true false nil "q\"b\\\né"] :b {:c {}} :d []}
         (json/read keyword " {\"a\":[1, -2,true,false,null,\"q\\\"b\\\\\\n\\u00e9\"],\"b\":{\"c\":{}},\"d\":[]} "))))

(deftest what-is-no-domain-says-so
  (s/with-file [file]
    (spit file (apply str (repeat 10000 "not a domain ")))
    (let [error (try (e/atom-domain file) (catch clojure.lang.ExceptionInfo e e))]
      (is (= :not-a-domain (:eve/error (ex-data error))))
      (is (re-find (re-pattern (.getName (io/file file))) (ex-message error))))))

(defn- java
  "Exit status and output of another JVM."
  [options & arguments]
  (let [command (concat [(str (System/getProperty "java.home") "/bin/java")] options
                        ["-cp" (System/getProperty "java.class.path") "clojure.main"] arguments)
        builder (doto (ProcessBuilder. ^java.util.List command) (.redirectErrorStream true))]
    (fn [environment]
      (let [env (.environment builder)]
        (doseq [[k v] environment] (if v (.put env k v) (.remove env k))))
      (let [process (.start builder) text (slurp (.getInputStream process))]
        [(.waitFor process) text]))))

(deftest wrong-libraries-are-told-by-a-sentence
  (let [use-it "(require 'eve.alpha) (eve.alpha/atom 1)"
        run (java ["--enable-native-access=ALL-UNNAMED"] "-e" use-it)]
    (s/with-file [file]
      (spit file "no library")
      (let [[status text] (run {"EVE_LIBRARY" (System/getProperty "java.home")})]
        (is (pos? status))
        (is (re-find #"EVE_LIBRARY names no file" text) text))
      (let [[status text] (run {"EVE_LIBRARY" file})]
        (is (pos? status))
        (is (re-find #"is not one for \S*-\S*" text) text)))
    (let [[status text] (run {"EVE_LIBRARY" "/no/such/library"})]
      (is (pos? status))
      (is (re-find #"EVE_LIBRARY names no file" text) text))
    (let [[status text] (run {"EVE_LIBRARY" nil})]
      (is (pos? status))
      (is (re-find #"no native library of eve for .*EVE_LIBRARY" text) text))
    (let [[status text] ((java ["--illegal-native-access=deny"] "-e" use-it) {})]
      (is (pos? status))
      (is (re-find #"--enable-native-access=ALL-UNNAMED" text) text))))

(deftest an-old-jdk-is-told-by-a-sentence
  (is (thrown-with-msg? clojure.lang.ExceptionInfo #"eve needs JDK 22 or later; this is 21" (jdk/check "21")))
  (is (thrown? clojure.lang.ExceptionInfo (jdk/check "1.8")))
  (is (nil? (jdk/check "22"))))

(deftest an-old-clojure-is-told-by-a-sentence
  (is (thrown-with-msg? clojure.lang.ExceptionInfo #"eve needs Clojure 1.12 or later; this is 1.11" (jdk/check-clojure {:major 1 :minor 11})))
  (is (nil? (jdk/check-clojure {:major 1 :minor 12})))
  (is (nil? (jdk/check-clojure {:major 2 :minor 0}))))

(deftest closing-what-is-not-open-opens-nothing
  (let [file (s/temp-file)]
    (is (nil? (e/close! file)))
    (is (not (.exists (io/file file))))))
