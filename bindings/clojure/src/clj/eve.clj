(ns eve
  "`eve.alpha` by the original's first name."
  (:refer-clojure :exclude [aget atom hash-map hash-set sorted-map sorted-set])
  (:require [eve.alpha]))

(doseq [[name v] (ns-publics 'eve.alpha)]
  (intern *ns* (with-meta name (dissoc (meta v) :ns :name)) @v))
