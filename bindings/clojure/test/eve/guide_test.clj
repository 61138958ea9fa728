(ns eve.guide-test
  "The examples of docs/clojure.md run as they are pasted."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [eve.support :as s]))

(defn- blocks []
  (let [text (slurp (io/file (System/getProperty "eve.docs") "clojure.md"))]
    (map second (re-seq #"(?s)```clojure\n(.*?)```" text))))

(defn- paste
  "What a REPL in an empty folder says to this text."
  [^String text]
  (let [dir (.getParentFile (io/file (s/temp-file)))
        process (-> (ProcessBuilder. [(str (System/getProperty "java.home") "/bin/java") "--enable-native-access=ALL-UNNAMED"
                                      "-cp" (System/getProperty "java.class.path") "clojure.main"])
                    (.directory dir)
                    (.redirectErrorStream true)
                    .start)]
    (with-open [in (io/writer (.getOutputStream process))] (.write in text))
    (let [said (slurp (.getInputStream process))]
      (is (zero? (.waitFor process)))
      (run! io/delete-file (.listFiles dir))
      said)))

(deftest the-examples-work-when-pasted
  (let [said (paste (str/join "\n" (blocks)))]
    (is (< 2 (count (blocks))))
    (is (not (re-find #"(?i)error|exception" (str/replace said ":eve/error" ""))) said)
    (is (re-find #"\{(:count 1, :users \{\}|:users \{\}, :count 1)\}" said) said)
    (is (str/includes? said ":admin") said)
    (is (str/includes? said "1 -> 11") said)
    (is (str/includes? said "[\"user/state\"]") said)
    (is (re-find #"\{.*:path \[:f :g\].*\}" said) said)
    (is (str/includes? said "42") said)))
