(ns eve.impl.memory
  "The domain in the memory of this process."
  (:require [eve.impl.decode :as decode]
            [eve.impl.host :as host]))

(defonce domain (delay (host/open "" #js {"host" decode/host})))

(defn held
  "A value as the memory of this process holds it: what exists only there, as typed arrays, begins so."
  [value]
  (host/value (host/anonymous-atom @domain (fn [] value))))
