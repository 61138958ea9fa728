(ns eve.texts-test
  "Texts of every length around the widths that they are read in."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.support :as s]))

(def ^:private odd
  "One unit each of one to three bytes, and a lone surrogate."
  ["\u007F" "\u0080" "\u00FF" "\u07FF" "\uFFFD" "\uFFFF" "\uD83D\uDE00" "\uD800"])

(defn- texts []
  (let [letters (apply str (take 160 (cycle "abcdefghijklmnopqrstuvwxyz")))]
    (for [n (concat (range 34) [62 63 64 65 66 127 128 129])
          :let [text (subs letters 0 n)]
          it (cons text (for [at (distinct [0 (quot n 2) (max 0 (dec n)) n]), c odd] (str (subs text 0 at) c (subs text at))))]
      it)))

(deftest what-is-read-many-bytes-at-a-time-is-the-text-that-was-stored
  (let [file (s/temp-file)
        all (vec (distinct (texts)))
        places (zipmap all (range))]
    (try
      (is (= all @(e/atom {:id :vector :persistent file} all)))
      (let [stored @(e/atom {:id :map :persistent file} places)]
        (is (= places (reduce-kv assoc {} stored)) "all keys at a time")
        (is (every? (fn [k] (= (places k) (get stored k))) all) "each key"))
      (finally (s/drop-file file)))))
