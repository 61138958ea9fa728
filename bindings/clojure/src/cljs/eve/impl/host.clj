(ns eve.impl.host)

(defmacro guard
  "Errors of the engine come out of the body as ex-info."
  [& body]
  `(try ~@body (catch :default e# (throw (problem e#)))))
