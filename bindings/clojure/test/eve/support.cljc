(ns eve.support
  "What the tests share: files that go, and generators of everything that can be stored."
  (:require [clojure.edn :as edn]
            [clojure.test.check.generators :as gen]
            [eve.alpha :as e]
            #?@(:cljs [[eve.edn]
                       ["fs" :as fs]
                       ["os" :as os]
                       ["path" :as path]
                       ["child_process" :as child]]
                :clj [[clojure.java.shell :as shell]
                      [eve.files]]))
  #?(:clj (:import (java.nio.file Files)
                   (java.nio.file.attribute FileAttribute))))

(defn temp-file
  "A path in a new folder, for a domain."
  []
  #?(:clj (let [dir (.toFile (Files/createTempDirectory "eve-test" (make-array FileAttribute 0)))
                file (java.io.File. dir "db")]
            (.deleteOnExit dir)
            (.deleteOnExit file)
            (str file))
     :cljs (js-invoke path "join" (js-invoke fs "mkdtempSync" (js-invoke path "join" (js-invoke os "tmpdir") "eve-test")) "db")))

(defn drop-file [file]
  (e/close! file)
  #?(:clj (.delete (java.io.File. ^String file))
     :cljs (js-invoke fs "rmSync" (js-invoke path "dirname" file) #js {"recursive" true "force" true})))

#?(:clj
   (defmacro with-file [binding & body]
     `(eve.files/with-file ~binding ~@body)))

(defn setting
  "What the script that runs the tests says about the checkout: `conformance`, `command`."
  [name]
  #?(:clj (System/getProperty (str "eve." name))
     :cljs (or (aget js/process.env (str "EVE_TEST_" (.toUpperCase name)))
               (throw (js/Error. (str "EVE_TEST_" (.toUpperCase name) " is not set; run bin/test-cljs"))))))

(defn parse
  "The value in a text of EDN, exactly."
  [text]
  #?(:clj (edn/read-string {:readers e/readers :default tagged-literal} text)
     :cljs (eve.edn/read-string text)))

(defn read-file [file]
  #?(:clj (slurp file) :cljs (js-invoke fs "readFileSync" file "utf8")))

(defn run
  "Runs a program to its end, with a text for its input, and gives what it prints."
  [input & command]
  #?(:clj (let [{:keys [exit out err]} (apply shell/sh (concat command (when input [:in input])))]
            (when-not (zero? exit) (throw (ex-info (str (pr-str command) ": " err) {:exit exit})))
            out)
     :cljs (js-invoke child "execFileSync" (first command) (into-array (rest command)) #js {"input" (or input "") "encoding" "utf8"})))

(defn times
  "How often a property is tried: in ClojureScript half as often, since its tests run twice."
  [n]
  #?(:clj n :cljs (quot n 2)))

(defn stored
  "The value as an atom gives it back."
  [value]
  @(e/atom value))

(defn collect-garbage []
  #?(:clj (System/gc)
     :cljs (when js/global.gc (js/global.gc))))

(def bad
  "What `thrown?` of the test functions expects for errors of eve."
  #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo))

(def big
  "Integers that no number of the host holds."
  #?(:clj (gen/fmap #(if (<= Long/MIN_VALUE % Long/MAX_VALUE) (+ 18446744073709551616N %) (bigint %)) gen/size-bounded-bigint)
     :cljs (gen/fmap (fn [[negative digits]]
                       (js/BigInt (str (when negative "-") "9" (apply str digits))))
                     (gen/tuple gen/boolean (gen/vector (gen/choose 0 9) 16 60)))))

(def ratio
  #?(:clj gen/ratio
     :cljs (gen/fmap (fn [[n d]] (e/ratio n (inc d))) (gen/tuple gen/small-integer gen/nat))))

(def decimal
  #?(:clj (gen/fmap (fn [[u s]] (BigDecimal. (biginteger u) (int s))) (gen/tuple gen/size-bounded-bigint gen/small-integer))
     :cljs (gen/fmap (fn [[u s]] (e/decimal (str u "e" s))) (gen/tuple gen/large-integer gen/small-integer))))

(def text
  "Strings of lengths around those that a word holds, of the characters that it has room for, and of others."
  (let [of (fn [characters] (gen/fmap #(apply str %) (gen/vector (gen/elements characters) 6 12)))]
    (gen/one-of [(of "abcxyzABCXYZ0189-") (of "az-_") (of ["a" "-" "9" "." " " "\u0000" "\u00fc" "\ud83d\ude00"])])))

(def scalar
  (gen/one-of
   [gen/small-integer gen/large-integer big ratio
    (gen/double* {:NaN? false}) gen/boolean (gen/return nil)
    gen/string gen/string-ascii text gen/keyword gen/keyword-ns gen/symbol gen/symbol-ns gen/char gen/uuid
    (gen/fmap #(#?(:clj java.util.Date. :cljs js/Date.) (long %))
              (gen/large-integer* {:min -60000000000000 :max 250000000000000}))
    decimal]))

(def value
  (gen/recursive-gen
   (fn [inner]
     (gen/one-of [(gen/vector inner) (gen/list inner) (gen/set inner) (gen/map inner inner)
                  (gen/fmap (fn [[v m]] (with-meta v m)) (gen/tuple (gen/vector inner) (gen/map gen/keyword inner)))]))
   scalar))

(def a-key
  "Few keys, so that they meet; some of them equal without being alike."
  (gen/one-of [(gen/elements [:a :b :longer/keyword "a" "seven-7" "eight-88" "eight_88" "Ten0000000" "eleven-1111" "a longer string" 1 1.0 #?(:clj 1M :cljs (e/decimal "1")) nil
                              [1 2] '(1 2) #{1} {:k 1} 'sym \c true])
               (gen/choose 0 60)]))

(defn calls
  "How often a function is called by whoever wants the first element of what it makes of a collection."
  [of coll]
  (let [n (atom 0)]
    (first (map (fn [x] (swap! n inc) x) (of coll)))
    @n))
