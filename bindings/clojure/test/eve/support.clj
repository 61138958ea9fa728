(ns eve.support
  "What the tests share: files that go, and generators of everything that can be stored."
  (:require [clojure.test.check.generators :as gen]
            [eve.alpha :as e])
  (:import (java.nio.file Files)
           (java.nio.file.attribute FileAttribute)))

(defn temp-file
  "A path in a new folder, for a domain."
  []
  (let [dir (.toFile (Files/createTempDirectory "eve-test" (make-array FileAttribute 0)))
        file (java.io.File. dir "db")]
    (.deleteOnExit dir)
    (.deleteOnExit file)
    (str file)))

(defmacro with-file [[path] & body]
  `(let [~path (temp-file)]
     (try ~@body
          (finally (e/close! ~path) (.delete (java.io.File. ~path))))))

(defn stored
  "The value as an atom gives it back."
  [value]
  @(e/atom value))

(def big
  "Integers that need a BigInt: one that fits a Long comes back as a Long."
  (gen/fmap #(if (<= Long/MIN_VALUE % Long/MAX_VALUE) (+ 18446744073709551616N %) (bigint %)) gen/size-bounded-bigint))

(def scalar
  (gen/one-of
   [gen/small-integer gen/large-integer big gen/ratio
    (gen/double* {:NaN? false}) gen/boolean (gen/return nil)
    gen/string gen/string-ascii gen/keyword gen/keyword-ns gen/symbol gen/symbol-ns gen/char gen/uuid
    (gen/fmap #(java.util.Date. (long %)) (gen/large-integer* {:min -60000000000000 :max 250000000000000}))
    (gen/fmap (fn [[u s]] (BigDecimal. (biginteger u) (int s))) (gen/tuple gen/size-bounded-bigint gen/small-integer))]))

(def value
  (gen/recursive-gen
   (fn [inner]
     (gen/one-of [(gen/vector inner) (gen/list inner) (gen/set inner) (gen/map inner inner)
                  (gen/fmap (fn [[v m]] (with-meta v m)) (gen/tuple (gen/vector inner) (gen/map gen/keyword inner)))]))
   scalar))

(def a-key
  "Few keys, so that they meet; some of them equal without being alike."
  (gen/one-of [(gen/elements [:a :b :longer/keyword "a" "a longer string" 1 1.0 1M nil [1 2] '(1 2) #{1} {:k 1} 'sym \c true])
               (gen/choose 0 60)]))
