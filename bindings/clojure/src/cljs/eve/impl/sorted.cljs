(ns eve.impl.sorted
  "Sorted maps, integer maps and sorted sets of a snapshot, perhaps with changes over them: an EveMap, gone through in order. What was
  added is put among what the view has as it is gone through."
  (:require [eve.impl.encode :as encode :refer [REMOVED]]
            [eve.impl.host :as host]
            [eve.impl.map :as map]
            [eve.impl.order :refer [empty-map empty-set order]]
            [eve.impl.view :as view]))

(def SORTED-MAP 27)
(def SORTED-SET 28)
(def INT-MAP 29)

;; What becomes one when it is stored

(deftype NewMap [code entries]
  encode/IPatch
  (-open [_ parent out]
    (let [items #js []]
      (doseq [[k v] entries] (.push items k v))
      (.push out (encode/headed code (quot (alength items) 2)))
      (encode/entries parent items))))

;; Going through

(defn- merged
  "Two sequences in order as one."
  [key-of before? a b]
  (lazy-seq
    (cond
      (empty? a) b
      (empty? b) a
      (before? (key-of (first a)) (key-of (first b))) (cons (first a) (merged key-of before? (rest a) b))
      :else (cons (first b) (merged key-of before? a (rest b))))))

(defn- ordered
  "What an EveMap has, from a key (in a box) on or all of it, made by `make` of key and value."
  [of make key-of box ascending]
  (let [write (when (some? box) #(encode/write-key (aget box 0)))
        base (when (pos? (.-base of))
               (view/items-seq (.through of (host/walk-from (.-snap of) (.-low of) (.-high of) (if (.-elements of) 1 2) (not ascending) write)
                                         make)
                               nil))
        before? (if ascending #(neg? (order %1 %2)) #(pos? (order %1 %2)))
        added (when (some? (.-added of))
                (cond->> (sort-by key (if ascending order #(order %2 %1)) (.-added of))
                  (some? box) (drop-while #(before? (key %) (aget box 0)))))]
    (if (nil? added)
      (seq base)
      (seq (merged key-of before? base (map (fn [entry] (make (key entry) (val entry))) added))))))

(defn- entry-of [k v] (MapEntry. k v nil))

(declare ->TransientMap ->TransientSet)

(deftype EveSortedMap [of code]
  ;; code  SORTED-MAP or INT-MAP
  Object
  (toString [coll] (pr-str* coll))
  (equiv [this other] (-equiv this other))
  (keys [coll] (es6-iterator (keys coll)))
  (entries [coll] (es6-entries-iterator (seq coll)))
  (values [coll] (es6-iterator (vals coll)))
  (has [coll k] (contains? coll k))
  (get [coll k not-found] (-lookup coll k not-found))
  (forEach [coll f] (doseq [[k v] coll] (f v k)))
  (as [coll made] (if (identical? made of) coll (EveSortedMap. made code)))

  encode/IPatch
  (-open [_ parent out] (encode/-open of parent out))

  ICloneable
  (-clone [_] (EveSortedMap. of code))
  IMeta
  (-meta [_] (-meta of))
  IWithMeta
  (-with-meta [coll m] (.as coll (-with-meta of m)))
  ICollection
  (-conj [coll entry] (.as coll (-conj of entry)))
  IEmptyableCollection
  (-empty [coll]
    (if (== code INT-MAP)
      (.as coll (reduce -dissoc of (keys coll)))
      (with-meta empty-map (-meta of))))
  IEquiv
  (-equiv [_ other] (-equiv of (if (instance? EveSortedMap other) (.-of other) other)))
  IHash
  (-hash [_] (-hash of))
  ICounted
  (-count [_] (-count of))
  ILookup
  (-lookup [_ k] (-lookup of k nil))
  (-lookup [_ k not-found] (-lookup of k not-found))
  IAssociative
  (-contains-key? [_ k] (-contains-key? of k))
  (-assoc [coll k v]
    (when (and (== code INT-MAP) (not (integer? k)) (not (identical? "bigint" (goog/typeOf k))))
      (throw (ex-info (str "the keys of an integer map are integers, and " (pr-str k) " is none") {:key k})))
    (.as coll (-assoc of k v)))
  IFind
  (-find [_ k] (-find of k))
  IMap
  (-dissoc [coll k] (.as coll (-dissoc of k)))

  ISeqable
  (-seq [_] (when-not (zero? (-count of)) (ordered of entry-of key nil true)))
  ISorted
  (-sorted-seq [_ ascending] (when-not (zero? (-count of)) (ordered of entry-of key nil ascending)))
  (-sorted-seq-from [_ k ascending] (when-not (zero? (-count of)) (ordered of entry-of key #js [k] ascending)))
  (-entry-key [_ entry] (key entry))
  (-comparator [_] order)
  IReversible
  (-rseq [coll] (-sorted-seq coll false))
  IIterable
  (-iterator [coll] (seq-iter coll))
  IReduce
  (-reduce [coll f] (if (nil? (.-added of)) (-reduce of f) (seq-reduce f coll)))
  (-reduce [coll f init] (if (nil? (.-added of)) (-reduce of f init) (seq-reduce f init coll)))
  IKVReduce
  (-kv-reduce [coll f init]
    (if (nil? (.-added of))
      (-kv-reduce of f init)
      (unreduced (reduce (fn [acc entry] (f acc (key entry) (val entry))) init (-seq coll)))))

  IFn
  (-invoke [_ k] (-lookup of k nil))
  (-invoke [_ k not-found] (-lookup of k not-found))
  IEditableCollection
  (-as-transient [coll] (->TransientMap (-as-transient of) code))
  IPrintWithWriter
  (-pr-writer [coll writer opts]
    (pr-sequential-writer writer
                          (fn [entry writer opts]
                            (view/print-one (key entry) writer opts)
                            (-write writer " ")
                            (view/print-one (val entry) writer opts))
                          "{" ", " "}" opts (-seq coll))))

(es6-iterable EveSortedMap)

(deftype EveSortedSet [of]
  Object
  (toString [coll] (pr-str* coll))
  (equiv [this other] (-equiv this other))
  (keys [coll] (es6-iterator (seq coll)))
  (entries [coll] (es6-set-entries-iterator (seq coll)))
  (values [coll] (es6-iterator (seq coll)))
  (has [coll k] (contains? coll k))
  (forEach [coll f] (doseq [x coll] (f x x)))
  (as [coll made] (if (identical? made of) coll (EveSortedSet. made)))

  encode/IPatch
  (-open [_ parent out] (encode/-open of parent out))

  ICloneable
  (-clone [_] (EveSortedSet. of))
  IMeta
  (-meta [_] (-meta of))
  IWithMeta
  (-with-meta [coll m] (.as coll (-with-meta of m)))
  ICollection
  (-conj [coll x] (if (-contains-key? of x) coll (EveSortedSet. (-assoc of x x))))
  IEmptyableCollection
  (-empty [_] (with-meta empty-set (-meta of)))
  IEquiv
  (-equiv [coll other]
    (or (identical? coll other)
        (and (set? other) (== (-count of) (count other)) (every? #(contains? other %) coll))))
  IHash
  (-hash [coll] (hash-unordered-coll coll))
  ICounted
  (-count [_] (-count of))
  ILookup
  (-lookup [_ x] (-lookup of x nil))
  (-lookup [_ x not-found] (-lookup of x not-found))
  ISet
  (-disjoin [coll x] (.as coll (-dissoc of x)))

  ISeqable
  (-seq [_] (when-not (zero? (-count of)) (ordered of (fn [x _] x) identity nil true)))
  ISorted
  (-sorted-seq [_ ascending] (when-not (zero? (-count of)) (ordered of (fn [x _] x) identity nil ascending)))
  (-sorted-seq-from [_ x ascending] (when-not (zero? (-count of)) (ordered of (fn [x _] x) identity #js [x] ascending)))
  (-entry-key [_ x] x)
  (-comparator [_] order)
  IReversible
  (-rseq [coll] (-sorted-seq coll false))
  IIterable
  (-iterator [coll] (seq-iter coll))
  IReduce
  (-reduce [coll f] (seq-reduce f coll))
  (-reduce [coll f init] (seq-reduce f init coll))

  IFn
  (-invoke [_ x] (-lookup of x nil))
  (-invoke [_ x not-found] (-lookup of x not-found))
  IEditableCollection
  (-as-transient [_] (->TransientSet (-as-transient of)))
  IPrintWithWriter
  (-pr-writer [coll writer opts] (pr-sequential-writer writer view/print-one "#{" " " "}" opts (-seq coll))))

(es6-iterable EveSortedSet)

(deftype TransientMap [^:mutable of code]
  ITransientCollection
  (-conj! [tcoll entry] (set! of (-conj! of entry)) tcoll)
  (-persistent! [_] (EveSortedMap. (-persistent! of) code))
  ITransientAssociative
  (-assoc! [tcoll k v] (set! of (-assoc! of k v)) tcoll)
  ITransientMap
  (-dissoc! [tcoll k] (set! of (-dissoc! of k)) tcoll)
  ICounted
  (-count [_] (-count of))
  ILookup
  (-lookup [_ k] (-lookup of k nil))
  (-lookup [_ k not-found] (-lookup of k not-found))
  IFn
  (-invoke [_ k] (-lookup of k nil))
  (-invoke [_ k not-found] (-lookup of k not-found)))

(deftype TransientSet [^:mutable of]
  ITransientCollection
  (-conj! [tcoll x]
    (when-not (-contains-key? of x) (set! of (-assoc! of x x)))
    tcoll)
  (-persistent! [_] (EveSortedSet. (-persistent! of)))
  ITransientSet
  (-disjoin! [tcoll x] (set! of (-dissoc! of x)) tcoll)
  ICounted
  (-count [_] (-count of))
  ILookup
  (-lookup [_ x] (-lookup of x nil))
  (-lookup [_ x not-found] (-lookup of x not-found))
  IFn
  (-invoke [_ x] (-lookup of x nil))
  (-invoke [_ x not-found] (-lookup of x not-found)))

(defn map-view [code]
  (fn [snap low high n has-meta]
    (EveSortedMap. (map/whole false snap low high n has-meta) code)))

(defn set-view [snap low high n has-meta]
  (EveSortedSet. (map/whole true snap low high n has-meta)))
