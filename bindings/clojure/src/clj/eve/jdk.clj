(ns eve.jdk
  "Loaded first, so that a JDK or a Clojure that is too old is told by a sentence.")

(defn check
  "Throws ex-info unless `version` (of the specification, as \"22\" or \"1.8\") is new enough."
  [version]
  (when (< (Double/parseDouble version) 22)
    (throw (ex-info (str "eve needs JDK 22 or later; this is " version
                         ". Put a newer one on the PATH, or set JAVA_HOME or JAVA_CMD to it")
                    {:java version}))))

(defn check-clojure
  "Throws ex-info unless the version of Clojure, as in `*clojure-version*`, is new enough: views are of interfaces that came with 1.12."
  [{:keys [major minor] :as version}]
  (when (neg? (compare [major minor] [1 12]))
    (throw (ex-info (str "eve needs Clojure 1.12 or later; this is " major "." minor) {:clojure version}))))

(check (System/getProperty "java.specification.version"))
(check-clojure *clojure-version*)
