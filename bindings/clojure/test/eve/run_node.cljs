(ns eve.run-node
  "Runs the tests on Node and prints their totals; or, with --task, does what another process is to do for one (eve.node-test)."
  (:require [clojure.test :as test]
            [eve.arguments-test]
            [eve.atoms-test]
            [eve.bulk-test]
            [eve.conformance-test]
            [eve.conformance-typed-test]
            [eve.docs-test]
            [eve.node-test :as node]
            [eve.ordinary-test]
            [eve.sorted-test]
            [eve.swaps-test]
            [eve.texts-test]
            [eve.typed-test]
            [eve.views-test]))

(defmethod test/report [::test/default :end-run-tests] [{:keys [test pass fail error] :as totals}]
  (println (str "test result: " (if (test/successful? totals) "ok" "FAILED") ". " pass " passed; " (+ fail error) " failed; 0 ignored; "
                test " tests"))
  ;; Not at once: a pipe may not have taken everything yet.
  (set! (.-exitCode js/process) (if (test/successful? totals) 0 1)))

(let [[option task & arguments] (drop 2 js/process.argv)]
  (case option
    "--task" (apply (node/tasks task) arguments)
    ;; What has no long programs of random steps.
    "--quick" (test/run-tests 'eve.ordinary-test 'eve.typed-test 'eve.bulk-test 'eve.docs-test 'eve.sorted-test 'eve.conformance-test 'eve.conformance-typed-test)
    (test/run-tests 'eve.views-test 'eve.atoms-test 'eve.arguments-test 'eve.conformance-test 'eve.conformance-typed-test 'eve.docs-test 'eve.sorted-test 'eve.swaps-test 'eve.texts-test 'eve.typed-test 'eve.bulk-test 'eve.ordinary-test 'eve.node-test)))
