(ns eve.jar-test
  "What is given away: the jar with its library, and the commands of the checkout."
  (:require [clojure.java.io :as io]
            [clojure.java.shell :refer [sh]]
            [clojure.string :as str]
            [clojure.test :refer [deftest is]]))

(def ^:private here
  (.getCanonicalFile (io/file (System/getProperty "eve.docs") ".." "bindings" "clojure")))

(defn- without-library []
  (dissoc (into {} (System/getenv)) "EVE_LIBRARY" "EVE_JAVA_OPTS" "EVE_CLASSPATH"))

(deftest the-jar-needs-nothing-but-clojure
  (let [{:keys [exit out err]} (sh (str (io/file here "bin" "jar")) :env (without-library))
        jar (str/trim out)
        libraries (filter #(re-find #"/(clojure|spec\.alpha|core\.specs\.alpha)-[\d.]+\.jar$" %)
                          (str/split (System/getProperty "java.class.path") #":"))
        java (str (System/getProperty "java.home") "/bin/java")]
    (is (zero? exit) err)
    (let [{:keys [exit out err]} (sh java "--enable-native-access=ALL-UNNAMED" "-cp" (str/join ":" (cons jar libraries)) "clojure.main" "-e"
                                     "(require '[eve.alpha :as e]) (prn @(e/atom {:a #eve/array [:int8 1 2]}))"
                                     :env (without-library))]
      (is (zero? exit) err)
      (is (= "{:a #eve/array [:int8 1 2]}" (str/trim out))))))

(deftest bin-clj-passes-its-arguments-on
  (let [clj (str (io/file here "bin" "clj"))
        script (java.io.File/createTempFile "eve" ".clj")]
    (spit script "(require '[eve.alpha :as e]) (prn *command-line-args* @(e/atom 7))")
    (is (= "8" (str/trim (:out (sh clj "-e" "(require '[eve.alpha :as e]) (swap! (e/atom 7) inc)" :env (without-library))))))
    (is (= "(\"a\" \"b c\") 7" (str/trim (:out (sh clj (str script) "a" "b c" :env (without-library))))))
    (.delete script)))
