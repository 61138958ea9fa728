(ns eve.impl.set
  "Sets of a snapshot, perhaps with changes over them: ordinary ClojureScript sets, on an EveMap of their elements."
  (:require [eve.impl.encode :as encode]
            [eve.impl.map :as map]
            [eve.impl.view :as view]))

(declare ->Transient)

(deftype EveSet [of ^:mutable __hash]
  Object
  (toString [coll] (pr-str* coll))
  (equiv [this other] (-equiv this other))
  (keys [coll] (es6-iterator (seq coll)))
  (entries [coll] (es6-set-entries-iterator (seq coll)))
  (values [coll] (es6-iterator (seq coll)))
  (has [coll k] (contains? coll k))
  (forEach [coll f] (doseq [x coll] (f x x)))
  (fold [_ f init]
    (let [acc (view/reduce-chunks (.chunks of (fn [x _] x)) f init)
          added (.-added of)]
      (if (or (reduced? acc) (nil? added))
        acc
        (reduce (fn [acc x] (let [acc (f acc x)] (if (reduced? acc) (reduced acc) acc))) acc (keys added)))))

  encode/IPatch
  (-open [_ parent out] (encode/-open of parent out))

  ICloneable
  (-clone [_] (EveSet. of __hash))

  IMeta
  (-meta [_] (-meta of))

  IWithMeta
  (-with-meta [coll new-meta]
    (let [with (-with-meta of new-meta)]
      (if (identical? with of) coll (EveSet. with __hash))))

  ICollection
  (-conj [coll x]
    (if (-contains-key? of x) coll (EveSet. (-assoc of x x) nil)))

  IEmptyableCollection
  (-empty [_] (with-meta #{} (-meta of)))

  IEquiv
  (-equiv [coll other]
    (or (identical? coll other)
        (and (set? other)
             (== (-count of) (count other))
             (or (and (instance? EveSet other) (.isUnchanged of) (.isUnchanged (.-of other)) (.sameAs of (.-of other)))
                 (reduce (fn [_ x] (if (contains? other x) true (reduced false))) true coll)))))

  IHash
  (-hash [coll]
    (if (nil? __hash) (set! __hash (hash-unordered-coll coll)) __hash))

  ISeqable
  (-seq [_]
    (when-not (zero? (-count of))
      (view/items-seq (.chunks of (fn [x _] x)) (keys (.-added of)))))

  IIterable
  (-iterator [coll] (seq-iter coll))

  ICounted
  (-count [_] (-count of))

  ILookup
  (-lookup [_ x] (-lookup of x nil))
  (-lookup [_ x not-found] (-lookup of x not-found))

  ISet
  (-disjoin [coll x]
    (let [without (-dissoc of x)]
      (if (identical? without of) coll (EveSet. without nil))))

  IReduce
  (-reduce [coll f] (view/reduce-all f (fn [f init] (.fold coll f init))))
  (-reduce [coll f init] (view/reduce-all f init (fn [f init] (.fold coll f init))))

  IFn
  (-invoke [_ x] (-lookup of x nil))
  (-invoke [_ x not-found] (-lookup of x not-found))

  IEditableCollection
  (-as-transient [_] (->Transient (-as-transient of)))

  IPrintWithWriter
  (-pr-writer [coll writer opts] (pr-sequential-writer writer view/print-one "#{" " " "}" opts coll)))

(es6-iterable EveSet)

(deftype Transient [^:mutable of]
  ITransientCollection
  (-conj! [tcoll x]
    (when-not (-contains-key? of x) (set! of (-assoc! of x x)))
    tcoll)
  (-persistent! [_] (EveSet. (-persistent! of) nil))

  ITransientSet
  (-disjoin! [tcoll x]
    (set! of (-dissoc! of x))
    tcoll)

  ICounted
  (-count [_] (-count of))

  ILookup
  (-lookup [_ x] (-lookup of x nil))
  (-lookup [_ x not-found] (-lookup of x not-found))

  IFn
  (-invoke [_ x] (-lookup of x nil))
  (-invoke [_ x not-found] (-lookup of x not-found)))

(defn view
  "The set of a word; see `makers` in eve/internal."
  [snap low high n has-meta]
  (if (and (zero? n) (zero? has-meta))
    #{}
    (EveSet. (map/view true snap low high n has-meta) nil)))
