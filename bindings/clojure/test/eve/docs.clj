(ns eve.docs
  "The examples of the documentation as assertions, put together when the tests are compiled."
  (:require [clojure.string :as str]
            [clojure.test :as test])
  (:import (clojure.lang LineNumberingPushbackReader)
           (java.io File StringReader)))

(defn- blocks
  "The code of a file that is marked as clojure and nothing else."
  [file]
  (map second (re-seq #"(?s)```clojure\n(.*?)```" (slurp file))))

(defn- read-all [text]
  (let [reader (LineNumberingPushbackReader. (StringReader. text)) end (Object.)]
    (binding [*ns* (create-ns 'eve.docs-test)
              *default-data-reader-fn* tagged-literal]
      (vec (take-while #(not= end %) (repeatedly #(read {:eof end} reader)))))))

(defn- expected [form]
  (if (and (tagged-literal? form) (= 'eve.docs-test/same (:tag form)))
    (:form form)
    (list 'quote form)))

(defn- steps
  "Each form with what it is to give, if the line behind it says so with `;; => …`."
  [block]
  (for [[_ code answer] (re-seq #"(?sm)(.+?)(?:^;; => ([^\n]*)\n|\z)" (str block "\n"))
        :let [forms (read-all code)]
        [form last?] (map vector forms (concat (repeat (dec (count forms)) false) [true]))
        :when (not (and (seq? form) (= 'require (first form))))]
    [form (when (and last? answer) (first (read-all answer)))  (boolean (and last? answer))]))

(defmacro examples
  "Runs the examples of a file of the checkout, and asserts what they say they give."
  [file]
  (let [path (str (System/getProperty "eve.root") File/separator file)
        steps (mapcat steps (blocks path))]
    (when (< (count steps) 10) (throw (ex-info (str "there are hardly any examples in " path) {})))
    `(do ~@(for [[form answer asserted] steps]
             (if asserted
               `(cljs.test/is (~'= ~(expected answer) ~form))
               form)))))
