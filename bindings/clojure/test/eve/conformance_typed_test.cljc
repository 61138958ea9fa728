(ns eve.conformance-typed-test
  "The vectors of typed arrays and objects, in this runtime and through the `eve` command, which is Rust."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [eve.alpha :as e]
            #?(:cljs [eve.edn])
            #?(:clj [eve.files :refer [with-file]] :cljs [eve.files :refer-macros [with-file]])
            [eve.support :as s]))

(defn- parse [text]
  #?(:clj (edn/read-string {:readers e/readers :default tagged-literal} text)
     :cljs (eve.edn/read-string text)))

(defn- vectors []
  (parse (s/read-file (string/replace (s/setting "conformance") "values.edn" "typed.edn"))))

(deftest values-come-back-equal
  (is (< 10 (count (vectors))))
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

(defn- run [input & args]
  (apply s/run input (s/setting "command") args))

(deftest what-rust-writes-is-read-here-and-back
  (with-file [file]
    (doseq [[i {:keys [name edn]}] (map-indexed vector (vectors))]
      (testing name
        (let [value (parse edn)
              a (e/atom {:id (str "mine-" i) :persistent file} value)]
          (is (= value (parse (run nil "get" file (str "mine-" i)))))
          (run edn "set" file (str "theirs-" i) "-")
          (is (= value @(e/atom {:id (str "theirs-" i) :persistent file} nil)))
          (is (= value @a)))))))

#?(:cljs
   (deftest what-is-typed-is-read-amid-other-things
     (let [text "[#eve/int-map {1 :a} {:x #eve/array [:int8 1 2]} (#eve/obj {:x [:int32 7]}) \"text behind it\" 12345678901234567890]"
           value (parse text)]
       (is (= [(e/int-map 1 :a) "text behind it" (js/BigInt "12345678901234567890")] [(nth value 0) (nth value 3) (nth value 4)]))
       (is (= [1 2] (vec (seq (:x (nth value 1))))))
       (is (= 7 (:x (first (nth value 2)))))
       (is (= value (parse (pr-str value)))))))
