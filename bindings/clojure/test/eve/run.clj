(ns eve.run
  "Runs the tests: those of the namespaces given, or all."
  (:require [clojure.test :as test]))

(def all '[eve.views-test eve.atoms-test eve.arguments-test eve.versions-test eve.processes-test eve.conformance-test
           eve.conformance-typed-test eve.typed-test eve.bulk-test eve.sorted-test eve.texts-test eve.drop-test eve.original-test eve.domains-test eve.guide-test eve.jar-test eve.bloat-test eve.ordinary-test eve.watches-test eve.alike-test eve.keywords-test])

(defn -main [& namespaces]
  (let [namespaces (if (seq namespaces) (map symbol namespaces) all)]
    (apply require namespaces)
    (let [{:keys [test pass fail error]} (apply test/run-tests namespaces)
          failed (+ fail error)]
      (println (str "test result: " (if (zero? failed) "ok" "FAILED") ". " pass " passed; " failed " failed; 0 ignored; " test " tests"))
      (shutdown-agents)
      (System/exit (if (zero? failed) 0 1)))))
