(ns eve.run-bundle
  "What the official compiler makes for bundlers (`:target :bundle`), where npm packages are plain `require`s as shadow-cljs has them too:
  both the JavaScript package and eve.alpha on it, on one file."
  (:require [clojure.test :as test :refer [deftest is]]
            [eve.alpha :as e]
            ["eve" :as eve]))

(def ^:private fs (js/require "fs"))
(def ^:private os (js/require "os"))
(def ^:private path (js/require "path"))

(defmethod test/report [::test/default :end-run-tests] [{:keys [test pass fail error] :as totals}]
  (println (str "test result: " (if (test/successful? totals) "ok" "FAILED") ". " pass " passed; " (+ fail error) " failed; 0 ignored; "
                test " tests"))
  (set! (.-exitCode js/process) (if (test/successful? totals) 0 1)))

(deftest a-plain-require-of-the-package
  (let [folder (js-invoke fs "mkdtempSync" (js-invoke path "join" (js-invoke os "tmpdir") "eve-bundle-"))
        file (js-invoke path "join" folder "db")
        a (e/atom {:id ::a :persistent file} {"n" 0 :k #{:x}})
        theirs (eve/atom #js {"id" "eve.run-bundle/a" "persistent" file} nil)]
    (is (= {"n" 1 :k #{:x}} (swap! a update "n" inc)))
    (js-invoke theirs "swap" (fn [m] (js-invoke m "set" "n" (inc (js-invoke m "get" "n")))))
    (is (= {"n" 2 :k #{:x}} @a))
    (is (= 3 (js-invoke (eve/from #js [1 2 3]) "at" -1)))
    (js-invoke fs "rmSync" folder #js {"recursive" true})))

(test/run-tests)
