(ns cljs
  "Compiles ClojureScript programs of this checkout for Node: `MODE MAIN OUT` by threes, as `none eve.run target/cljs/tests.js`.
  The mode bundle is advanced for bundlers."
  (:require [cljs.analyzer]
            [cljs.build.api :as build]))

(defn- options [mode main out]
  (merge {:main main
          :output-to out
          :output-dir (str out ".d")
          :target (if (= mode :bundle) :bundle :nodejs)
          :optimizations (if (= mode :bundle) :advanced mode)
          :parallel-build true}
         (when (not= mode :none) {:infer-externs true})))

(defn- ours?
  "Is what is being compiled a file of this checkout, and not one of a library?"
  []
  (boolean (re-find #"(^|/)eve/" (str cljs.analyzer/*cljs-file*))))

(defn -main [& args]
  (doseq [[mode main out] (partition 3 args)]
    (let [warnings (atom 0)
          handler (fn [kind env extra]
                    (when (and (ours?) (get cljs.analyzer/*cljs-warnings* kind))
                      (swap! warnings inc)
                      (cljs.analyzer/default-warning-handler kind env extra)))]
      (build/build (apply build/inputs (remove empty? (.split (System/getProperty "eve.inputs") ":")))
                   (assoc (options (keyword mode) (symbol main) out) :warning-handlers [handler]))
      (when (pos? @warnings)
        (println (str out ": " @warnings " warnings"))
        (System/exit 1))))
  (shutdown-agents))
