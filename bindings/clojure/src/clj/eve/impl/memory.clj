(ns eve.impl.memory
  "The domain in the memory of this process."
  (:require [eve.jdk])
  (:import (eve.jvm Store)))

(set! *warn-on-reflection* true)

(defonce ^:private the-store (delay (Store/memory 0)))

(defn store
  "It, made when it is first asked for."
  ^Store []
  @the-store)
