(ns prep
  "What `clojure -T:deps prep` calls."
  (:import (java.io File)))

(defn build
  "Runs bin/build."
  [_]
  (let [process (-> (ProcessBuilder. ["bin/build"]) (.redirectError java.lang.ProcessBuilder$Redirect/INHERIT)
                    (.directory (File. (System/getProperty "user.dir"))) .start)]
    (slurp (.getInputStream process))
    (when-not (zero? (.waitFor process))
      (throw (ex-info "bin/build failed" {})))))
