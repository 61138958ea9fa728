(ns eve.impl.map
  "Maps of a snapshot, perhaps with changes over them: ordinary ClojureScript maps. Reading asks shared memory for what is wanted;
  changing costs what it costs on ClojureScript's own maps and leaves shared memory alone. A set is one too, of its elements to
  themselves (see eve.impl.set)."
  (:require [eve.impl.encode :as encode :refer [REMOVED]]
            [eve.impl.host :as host]
            [eve.impl.view :as view]))

(defn- absent [] js/undefined)

(defn- in-form
  "What lies under a key in the form in which another language may have stored it."
  [snap low high k]
  (if-some [form (encode/other-form k)]
    (do (encode/write-other form)
        (host/lookup snap low high))
    (absent)))

(declare ->Transient)

(deftype EveMap [snap low high base elements changed added other cnt ^:mutable ms ^:mutable m ^:mutable __hash]
  ;; base      entries of the view
  ;; elements  is it the inside of a set?
  ;; changed   keys of the view with their new values, or REMOVED; nil if there are none
  ;; added     entries whose keys the view does not have; nil if there are none
  ;; other     keys of `changed` that are stored in another form (see encode/other-form); nil if there are none
  ;; ms, m     where the metadata is, and the metadata
  Object
  (toString [coll] (pr-str* coll))
  (equiv [this other] (-equiv this other))
  (keys [coll] (es6-iterator (keys coll)))
  (entries [coll] (es6-entries-iterator (seq coll)))
  (values [coll] (es6-iterator (vals coll)))
  (has [coll k] (contains? coll k))
  (get [coll k not-found] (-lookup coll k not-found))
  (forEach [coll f] (doseq [[k v] coll] (f v k)))

  (inBase [_ k]
    (if (or (zero? base) (not (encode/write-key k)))
      (absent)
      (let [v (host/lookup snap low high)]
        (if (undefined? v) (in-form snap low high k) v))))
  (look [coll k]
    (let [v (if (nil? added) (absent) (get added k (absent)))]
      (if-not (undefined? v)
        v
        (let [v (if (nil? changed) (absent) (get changed k (absent)))]
          (cond
            (undefined? v) (.inBase coll k)
            (identical? v REMOVED) (absent)
            :else v)))))
  (isUnchanged [_] (and (nil? changed) (nil? added)))
  (with [_ changed added other cnt]
    (EveMap. snap low high base elements changed added other cnt ms m nil))
  ;; How the view has a key: nil, :plain, or :other if it has it in another form.
  (form [_ k]
    (cond
      (or (zero? base) (not (encode/write-key k))) nil
      (not (undefined? (host/lookup snap low high))) :plain
      (not (undefined? (in-form snap low high k))) :other
      :else nil))
  ;; Through the view: a function without arguments that gives arrays of what `make` makes of each key and value.
  (chunks [coll make]
    (if (zero? base)
      (fn [] nil)
      (.through coll (host/walk snap low high (if elements 1 2)) make)))
  ;; The same along a walk.
  (through [_ walk make]
    (fn []
      (when-some [items (.more walk)]
        (if elements
          (let [made #js []]
            (dotimes [i (alength items)]
              (let [k (aget items i)]
                (when-not (and (some? changed) (identical? REMOVED (get changed k)))
                  (.push made (make k k)))))
            made)
          (let [made #js [] n (alength items)]
            (loop [i 0]
              (when (< i n)
                (let [k (aget items i)
                      to (if (nil? changed) (absent) (get changed k (absent)))]
                  (cond
                    (undefined? to) (.push made (make k (aget items (inc i))))
                    (identical? to REMOVED) nil
                    :else (.push made (make k to)))
                  (recur (+ i 2)))))
            made)))))
  (sameAs [_ other]
    (host/equal? snap low high (.-snap other) (.-low other) (.-high other)))
  (fold [coll f init]
    (let [acc (view/reduce-chunks (.chunks coll (fn [k v] (MapEntry. k v nil))) f init)]
      (if (or (reduced? acc) (nil? added))
        acc
        (reduce (fn [acc entry] (let [acc (f acc entry)] (if (reduced? acc) (reduced acc) acc))) acc added))))

  encode/IPatch
  (-open [coll parent out]
    (let [body (fn [parent]
                 (if (.isUnchanged coll)
                   (do (.push out (encode/placed encode/VIEW snap low high)) parent)
                   (let [items #js []]
                     (.push out (encode/placed (if elements encode/EDIT-SET encode/EDIT-MAP) snap low high))
                     (.push out (encode/u32 (+ (count changed) (count added))))
                     (reduce-kv (fn [_ k v]
                                  (.push items (if (and (some? other) (contains? other k)) (encode/other-form k) k) v)
                                  nil)
                                nil changed)
                     (reduce-kv (fn [_ k v] (.push items k v) nil) nil added)
                     (if elements (encode/members parent items) (encode/edits parent items)))))]
      (if (== ms view/CHANGED) (encode/described parent m out body) (body parent))))

  ICloneable
  (-clone [_] (EveMap. snap low high base elements changed added other cnt ms m __hash))

  IMeta
  (-meta [_]
    (when (== ms view/STORED)
      (set! m (host/metadata snap low high))
      (set! ms view/READ))
    m)

  IWithMeta
  (-with-meta [coll new-meta]
    (if (identical? new-meta (-meta coll))
      coll
      (EveMap. snap low high base elements changed added other cnt view/CHANGED new-meta __hash)))

  ICollection
  (-conj [coll entry]
    (if (vector? entry)
      (-assoc coll (-nth entry 0) (-nth entry 1))
      (loop [made coll es (seq entry)]
        (if (nil? es)
          made
          (let [e (first es)]
            (if (vector? e)
              (recur (-assoc made (-nth e 0) (-nth e 1)) (next es))
              (throw (js/Error. "conj on a map takes map entries or seqables of map entries"))))))))

  IEmptyableCollection
  (-empty [coll] (with-meta {} (-meta coll)))

  IEquiv
  (-equiv [coll other]
    (or (identical? coll other)
        (and (instance? EveMap other) (== cnt (.-cnt other)) (.isUnchanged coll) (.isUnchanged other) (.sameAs coll other))
        (equiv-map coll other)))

  IHash
  (-hash [coll]
    (if (nil? __hash) (set! __hash (hash-unordered-coll coll)) __hash))

  ISeqable
  (-seq [coll]
    (when-not (zero? cnt)
      (view/items-seq (.chunks coll (fn [k v] (MapEntry. k v nil))) added)))

  IIterable
  (-iterator [coll] (seq-iter coll))

  ICounted
  (-count [_] cnt)

  ILookup
  (-lookup [coll k] (-lookup coll k nil))
  (-lookup [coll k not-found]
    (let [v (.look coll k)] (if (undefined? v) not-found v)))

  IAssociative
  (-contains-key? [coll k] (not (undefined? (.look coll k))))
  (-assoc [coll k v]
    (let [was (if (nil? changed) (absent) (get changed k (absent)))]
      (cond
        (not (undefined? was))
        (if (identical? was v)
          coll
          (view/changed coll k (.with coll (assoc changed k v) added other (if (identical? was REMOVED) (inc cnt) cnt))))
        (and (some? added) (contains? added k))
        (let [now (assoc added k v)]
          (if (identical? now added) coll (view/changed coll k (.with coll changed now other cnt))))
        :else
        (let [form (.form coll k)]
          (view/changed
            coll k
            (cond
              (nil? form) (.with coll changed (assoc added k v) other (inc cnt))
              (keyword-identical? form :plain) (.with coll (assoc changed k v) added other cnt)
              :else (.with coll (assoc changed k v) added (conj (or other #{}) k) cnt)))))))

  IFind
  (-find [coll k]
    (let [v (.look coll k)] (when-not (undefined? v) (MapEntry. k v nil))))

  IMap
  (-dissoc [coll k]
    (if (and (some? added) (contains? added k))
      (view/changed coll k (.with coll changed (not-empty (dissoc added k)) other (dec cnt)))
      (let [was (if (nil? changed) (absent) (get changed k (absent)))
            form (when (undefined? was) (.form coll k))]
        (cond
          (identical? was REMOVED) coll
          (and (undefined? was) (nil? form)) coll
          :else (view/changed coll k (.with coll (assoc changed k REMOVED) added
                                            (if (keyword-identical? form :other) (conj (or other #{}) k) other)
                                            (dec cnt)))))))

  IReduce
  (-reduce [coll f] (view/reduce-all f (fn [f init] (.fold coll f init))))
  (-reduce [coll f init] (view/reduce-all f init (fn [f init] (.fold coll f init))))

  IKVReduce
  (-kv-reduce [coll f init]
    ;; No entries are made: the keys come in the arrays, the values beside them.
    (let [values #js []
          more (.chunks coll (fn [k v] (.push values v) k))
          at (volatile! 0)
          acc (view/reduce-chunks
                (fn []
                  (set! (.-length values) 0)
                  (vreset! at 0)
                  (more))
                (fn [acc k]
                  (let [i @at]
                    (vreset! at (inc i))
                    (f acc k (aget values i))))
                init)]
      (cond
        (reduced? acc) @acc
        (nil? added) acc
        :else (reduce-kv f acc added))))

  IFn
  (-invoke [coll k] (-lookup coll k nil))
  (-invoke [coll k not-found] (-lookup coll k not-found))

  IEditableCollection
  (-as-transient [coll]
    (->Transient coll (transient (or changed {})) (transient (or added {})) other cnt true))

  IPrintWithWriter
  (-pr-writer [coll writer opts] (print-map coll view/print-one writer opts)))

(es6-iterable EveMap)

(defn- check [live]
  (when-not live (throw (js/Error. "a transient was used after persistent!"))))

(deftype Transient [source ^:mutable changed ^:mutable added ^:mutable other ^:mutable cnt ^:mutable live]
  Object
  (look [_ k]
    (check live)
    (let [v (get added k (absent))]
      (if-not (undefined? v)
        v
        (let [v (get changed k (absent))]
          (cond
            (undefined? v) (.inBase source k)
            (identical? v REMOVED) (absent)
            :else v)))))
  (set [_ k v]
    (let [form (.form source k)]
      (if (nil? form)
        (do (set! added (assoc! added k v))
            (set! cnt (inc cnt)))
        (do (set! changed (assoc! changed k v))
            (when (keyword-identical? form :other) (set! other (conj (or other #{}) k)))))))

  ITransientCollection
  (-conj! [tcoll entry]
    (check live)
    (cond
      (map-entry? entry) (-assoc! tcoll (key entry) (val entry))
      (vector? entry) (-assoc! tcoll (nth entry 0) (nth entry 1))
      :else (reduce (fn [tcoll e] (-assoc! tcoll (key e) (val e))) tcoll (seq entry))))
  (-persistent! [_]
    (check live)
    (set! live false)
    (let [m source
          ;; Transients lose metadata, as ClojureScript's do not keep it either.
          ms (if (== (.-ms m) view/NONE) view/NONE view/CHANGED)]
      (EveMap. (.-snap m) (.-low m) (.-high m) (.-base m) (.-elements m)
               (not-empty (persistent! changed)) (not-empty (persistent! added)) other cnt ms nil nil)))

  ITransientAssociative
  (-assoc! [tcoll k v]
    (check live)
    (let [was (get changed k (absent))]
      (cond
        (not (undefined? was))
        (do (when (identical? was REMOVED) (set! cnt (inc cnt)))
            (set! changed (assoc! changed k v)))
        (not (undefined? (get added k (absent)))) (set! added (assoc! added k v))
        :else (.set tcoll k v)))
    tcoll)

  ITransientMap
  (-dissoc! [tcoll k]
    (check live)
    (if-not (undefined? (get added k (absent)))
      (do (set! added (dissoc! added k))
          (set! cnt (dec cnt)))
      (let [was (get changed k (absent))
            form (when (undefined? was) (.form source k))]
        (when-not (or (identical? was REMOVED) (and (undefined? was) (nil? form)))
          (set! changed (assoc! changed k REMOVED))
          (when (keyword-identical? form :other) (set! other (conj (or other #{}) k)))
          (set! cnt (dec cnt)))))
    tcoll)

  ICounted
  (-count [_] (check live) cnt)

  ILookup
  (-lookup [tcoll k] (-lookup tcoll k nil))
  (-lookup [tcoll k not-found]
    (let [v (.look tcoll k)] (if (undefined? v) not-found v)))

  IAssociative
  (-contains-key? [tcoll k] (not (undefined? (.look tcoll k))))

  IFn
  (-invoke [tcoll k] (-lookup tcoll k nil))
  (-invoke [tcoll k not-found] (-lookup tcoll k not-found)))

(defn whole
  "The view of a map or set, even an empty one."
  [elements snap low high n has-meta]
  (EveMap. snap low high n elements nil nil nil n (if (zero? has-meta) view/NONE view/STORED) nil nil))

(defn view
  "The map of a word; see `makers` in eve/internal."
  [elements snap low high n has-meta]
  (if (and (zero? n) (zero? has-meta) (not elements))
    {}
    (whole elements snap low high n has-meta)))
