(ns eve.jdk
  "Loaded first, so that a JDK that is too old is told by a sentence.")

(defn check
  "Throws ex-info unless `version` (of the specification, as \"22\" or \"1.8\") is new enough."
  [version]
  (when (< (Double/parseDouble version) 22)
    (throw (ex-info (str "eve needs JDK 22 or later; this is " version
                         ". Put a newer one on the PATH, or set JAVA_HOME or JAVA_CMD to it")
                    {:java version}))))

(check (System/getProperty "java.specification.version"))
