(ns eve.conformance-test
  "The vectors that all faces share, in this runtime and through the `eve` command, which is Rust."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
            #?(:clj [eve.files :refer [with-file]] :cljs [eve.files :refer-macros [with-file]])
            [eve.support :as s]))

(defn- vectors []
  (let [values (s/setting "conformance")]
    (mapcat (comp s/parse s/read-file) [values (str/replace values "values.edn" "ordered.edn")])))

(deftest values-come-back-equal
  (is (seq (vectors)))
  (doseq [{:keys [name edn equal different]} (vectors)]
    (testing name
      (let [value (s/parse edn)
            back (s/stored value)]
        (is (= value back))
        (is (= back value))
        (is (= (hash value) (hash back)))
        (is (= 1 (get (s/stored {value 1}) back)))
        (doseq [text equal]
          (is (= back (s/parse text)))
          (is (= 1 (get (s/stored {value 1}) (s/parse text)))))
        (doseq [text different
                ;; 1.0 and \\a are the number 1 and the string "a" in ClojureScript, for everybody.
                :when #?(:clj true :cljs (not= value (s/parse text)))]
          (is (not= back (s/parse text)))
          (is (nil? (get (s/stored {value 1}) (s/parse text)))))))))

(defn- run [input & args]
  (apply s/run input (s/setting "command") args))

(deftest what-rust-writes-is-read-here-and-back
  (with-file [file]
    (doseq [[i {:keys [name edn]}] (map-indexed vector (vectors))]
      (testing name
        (let [value (s/parse edn)
              a (e/atom {:id (str "mine-" i) :persistent file} value)]
          (is (= value (s/parse (run nil "get" file (str "mine-" i)))))
          (run edn "set" file (str "theirs-" i) "-")
          (is (= value @(e/atom {:id (str "theirs-" i) :persistent file} nil)))
          (is (= value @a)))))))

#?(:clj
   (deftest rust-and-this-process-swap-one-atom
     (with-file [file]
       (let [a (e/atom {:id "n" :persistent file} {:counter 0})
             rust (future (run nil "bench" "--file" file "--atom" "n" "--op" "update-in [:counter] inc" "--seconds" "2" "--json"))
             mine (loop [n 0] (if (realized? rust) n (do (swap! a update :counter inc) (recur (inc n)))))
             theirs (Long/parseLong (second (re-find #"\"operations\":\s*(\d+)" @rust)))]
         (is (pos? mine))
         (is (= (+ mine theirs) (:counter @a)))))))
