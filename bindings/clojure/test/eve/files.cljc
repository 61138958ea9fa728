(ns eve.files
  "A macro for both languages: it is expanded by the JVM for ClojureScript too, and so needs nothing of eve.")

(defmacro with-file
  "With the path of a file, for a domain, that goes."
  [[path] & body]
  `(let [~path (eve.support/temp-file)]
     (try ~@body
          (finally (eve.support/drop-file ~path)))))
