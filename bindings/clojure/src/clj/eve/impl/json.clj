(ns eve.impl.json
  "Reads the reports of the engine, which are JSON."
  (:refer-clojure :exclude [read])
  (:import (java.io PushbackReader StringReader)))

(set! *warn-on-reflection* true)

(defn- blank [^PushbackReader in]
  (let [c (.read in)]
    (cond
      (neg? c) (throw (ex-info "JSON that ends early" {}))
      (Character/isWhitespace c) (recur in)
      :else (char c))))

(defn- string [^PushbackReader in]
  (let [out (StringBuilder.)]
    (loop []
      (let [c (char (.read in))]
        (case c
          \" (str out)
          \\ (let [e (char (.read in))]
               (.append out (case e
                              \n \newline \t \tab \r \return \b \backspace \f \formfeed
                              \u (char (Integer/parseInt (apply str (repeatedly 4 #(char (.read in)))) 16))
                              e))
               (recur))
          (do (.append out c) (recur)))))))

(declare value)

(defn- items
  "What stands between commas, up to `end`."
  [^PushbackReader in end item]
  (loop [all [] c (blank in)]
    (cond
      (= c end) all
      (= c \,) (recur all (blank in))
      :else (let [found (item c)] (recur (conj all found) (blank in))))))

(defn- value [field ^PushbackReader in c]
  (case c
    \" (string in)
    \[ (items in \] #(value field in %))
    \{ (into {} (items in \} (fn [_] (let [k (field (string in))]
                                       (blank in)
                                       [k (value field in (blank in))]))))
    (let [word (loop [out (str c)]
                 (let [c (.read in)]
                   (if (and (pos? c) (or (Character/isLetterOrDigit c) (#{\- \+ \.} (char c))))
                     (recur (str out (char c)))
                     (do (when-not (neg? c) (.unread in c)) out))))]
      (case word "true" true "false" false "null" nil (parse-long word)))))

(defn read
  "The value of a text; `field` makes a key of the name of a field."
  [field text]
  (let [in (PushbackReader. (StringReader. text))]
    (value field in (blank in))))
