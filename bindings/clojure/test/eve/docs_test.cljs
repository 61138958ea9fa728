(ns eve.docs-test
  "The examples of docs/clojurescript.md, in a folder of their own."
  (:require [cljs.test :refer [deftest]]
            [eve.alpha :as e]
            [eve.array :as arr]
            [eve.edn :as edn]
            [eve.obj :as obj]
            [eve.support :as s]
            ["path" :as path])
  (:require-macros [eve.docs :refer [examples]]))

(deftest the-examples-give-what-they-say
  (let [before (js/process.cwd) file (s/temp-file)]
    (js/process.chdir (js-invoke path "dirname" file))
    (try
      (examples "docs/clojurescript.md")
      (finally
        (e/close! "./my-db")
        (js/process.chdir before)
        (s/drop-file file)))))
