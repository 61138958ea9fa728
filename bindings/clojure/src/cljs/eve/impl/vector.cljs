(ns eve.impl.vector
  "Vectors of a snapshot, perhaps with changes over them: ordinary ClojureScript vectors. Of the view the first elements are left,
  some of them set anew; those behind are a vector of ClojureScript's own."
  (:require [eve.impl.encode :as encode]
            [eve.impl.host :as host]
            [eve.impl.view :as view]))

(declare ->Transient)

(defn- out-of-bounds [i n]
  (throw (js/Error. (str "No item " i " in vector of length " n))))

(defn- index-of
  "Where x is, from `start` on, or -1."
  [coll x start]
  (let [n (count coll)]
    (loop [i (if (neg? start) (max 0 (+ n start)) start)]
      (cond (>= i n) -1 (= x (-nth coll i)) i :else (recur (inc i))))))

(defn- last-index-of [coll x start]
  (let [n (count coll)]
    (loop [i (if (neg? start) (+ n start) (min start (dec n)))]
      (cond (neg? i) -1 (= x (-nth coll i)) i :else (recur (dec i))))))

(deftype EveVector [snap low high base keep sets tail ^:mutable ms ^:mutable m ^:mutable __hash]
  ;; base   elements of the view
  ;; keep   so many of them are left
  ;; sets   elements set anew below `keep`, by index; nil if there are none
  ;; tail   the elements behind, a vector
  ;; ms, m  where the metadata is, and the metadata
  Object
  (toString [coll] (pr-str* coll))
  (equiv [this other] (-equiv this other))
  (indexOf [coll x] (index-of coll x 0))
  (indexOf [coll x start] (index-of coll x start))
  (lastIndexOf [coll x] (last-index-of coll x (count coll)))
  (lastIndexOf [coll x start] (last-index-of coll x start))

  (with [_ keep sets tail]
    (EveVector. snap low high base keep sets tail ms m nil))
  (isUnchanged [_] (and (== keep base) (nil? sets) (zero? (count tail))))
  (at [_ i]
    (if (>= i keep)
      (-nth tail (- i keep))
      (let [v (if (nil? sets) js/undefined (get sets i js/undefined))]
        (if (undefined? v) (host/element snap low high i) v))))
  ;; From an index on: a function without arguments that gives arrays of elements of the view.
  (chunks [_ from]
    (let [at (volatile! from)]
      (fn []
        (let [i @at]
          (when (< i keep)
            (let [items (host/elements snap low high i keep) n (alength items)]
              (vreset! at (+ i n))
              (when (some? sets)
                (dotimes [j n]
                  (let [v (get sets (+ i j) js/undefined)]
                    (when-not (undefined? v) (aset items j v)))))
              items))))))
  (seqFrom [coll i]
    (if (<= (-count coll) view/CHUNK)
      (view/items-seq (.chunks coll i) tail)
      (seq (view/chunks-seq (.chunks coll i) tail))))
  (fold [coll f init]
    (let [acc (view/reduce-chunks (.chunks coll 0) f init)]
      (if (reduced? acc)
        acc
        (reduce (fn [acc x] (let [acc (f acc x)] (if (reduced? acc) (reduced acc) acc))) acc tail))))

  encode/IPatch
  (-open [coll parent out]
    (let [behind (fn [parent]
                   (let [items (into-array tail)]
                     (.push out (encode/u32 (alength items)))
                     (encode/elements parent items keep)))
          body (fn [parent]
                 (if (.isUnchanged coll)
                   (do (.push out (encode/placed encode/VIEW snap low high)) parent)
                   (let [items #js []]
                     (.push out (encode/placed encode/EDIT-VECTOR snap low high))
                     (.push out (encode/u64 keep))
                     (.push out (encode/u32 (count sets)))
                     (reduce-kv (fn [_ i v] (.push items i v) nil) nil sets)
                     (encode/settings parent items behind))))]
      (if (== ms view/CHANGED) (encode/described parent m out body) (body parent))))

  ICloneable
  (-clone [_] (EveVector. snap low high base keep sets tail ms m __hash))

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
      (EveVector. snap low high base keep sets tail view/CHANGED new-meta __hash)))

  IStack
  (-peek [coll]
    (let [n (-count coll)] (when (pos? n) (.at coll (dec n)))))
  (-pop [coll]
    (cond
      (pos? (count tail)) (.with coll keep sets (pop tail))
      (pos? keep) (.with coll (dec keep) (not-empty (dissoc sets (dec keep))) tail)
      :else (throw (js/Error. "Can't pop empty vector"))))

  ICollection
  (-conj [coll x] (view/changed coll (-count coll) (.with coll keep sets (conj tail x))))

  IEmptyableCollection
  (-empty [coll] (with-meta [] (-meta coll)))

  ISequential
  IEquiv
  (-equiv [coll other]
    (or (identical? coll other)
        (and (instance? EveVector other) (.isUnchanged coll) (.isUnchanged other) (== base (.-base other))
             (host/equal? snap low high (.-snap other) (.-low other) (.-high other)))
        (equiv-sequential coll other)))

  IHash
  (-hash [coll]
    (if (nil? __hash) (set! __hash (hash-ordered-coll coll)) __hash))

  ISeqable
  (-seq [coll]
    (when (pos? (-count coll))
      (.seqFrom coll 0)))

  IDrop
  (-drop [coll n]
    (cond
      (>= n (-count coll)) nil
      (>= n keep) (seq (drop (- n keep) tail))
      :else (.seqFrom coll n)))

  IIterable
  (-iterator [coll] (seq-iter coll))

  ICounted
  (-count [_] (+ keep (count tail)))

  IIndexed
  (-nth [coll i]
    (if (and (<= 0 i) (< i (-count coll)))
      (.at coll (js/Math.trunc i))
      (out-of-bounds i (-count coll))))
  (-nth [coll i not-found]
    (if (and (<= 0 i) (< i (-count coll)))
      (.at coll (js/Math.trunc i))
      not-found))

  ILookup
  (-lookup [coll k] (-lookup coll k nil))
  (-lookup [coll k not-found]
    (if (number? k) (-nth coll k not-found) not-found))

  IAssociative
  (-assoc [coll k v]
    (if (number? k)
      (-assoc-n coll k v)
      (throw (js/Error. "Vector's key for assoc must be a number."))))
  (-contains-key? [coll k]
    (and (integer? k) (<= 0 k) (< k (-count coll))))

  IFind
  (-find [coll i]
    (when (-contains-key? coll i) (MapEntry. i (.at coll i) nil)))

  ;; Without the marker APersistentVector, which makes subvec look into ClojureScript's own tree.
  IVector
  (-assoc-n [coll i v]
    (let [n (-count coll)
          i (js/Math.trunc i)] ; as ClojureScript's own has it
      (cond
        (== i n) (-conj coll v)
        (not (and (<= 0 i) (< i n))) (throw (js/Error. (str "Index " i " out of bounds  [0," n "]")))
        (< i keep) (view/changed coll i (.with coll keep (assoc sets i v) tail))
        :else (view/changed coll i (.with coll keep sets (assoc tail (- i keep) v))))))

  IReduce
  (-reduce [coll f] (view/reduce-all f (fn [f init] (.fold coll f init))))
  (-reduce [coll f init] (view/reduce-all f init (fn [f init] (.fold coll f init))))

  IKVReduce
  (-kv-reduce [coll f init]
    (let [at (volatile! -1)]
      (view/reduce-all (fn [acc x] (f acc (vswap! at inc) x)) init (fn [f init] (.fold coll f init)))))

  IFn
  (-invoke [coll k]
    (if (number? k) (-nth coll k) (throw (js/Error. "Key must be integer"))))
  (-invoke [coll k not-found]
    (if (number? k) (-nth coll k not-found) not-found))

  IEditableCollection
  (-as-transient [coll]
    (->Transient coll keep (transient (or sets {})) (transient tail) true))

  IReversible
  (-rseq [coll]
    (when (pos? (-count coll)) (RSeq. coll (dec (-count coll)) nil)))

  IComparable
  (-compare [x y]
    (if (vector? y)
      (let [n (count x) other (count y)]
        (if (== n other)
          (loop [i 0]
            (if (== i n)
              0
              (let [d (compare (-nth x i) (nth y i))] (if (zero? d) (recur (inc i)) d))))
          (if (< n other) -1 1)))
      (throw (js/Error. (str "Cannot compare " x " to " y)))))

  IPrintWithWriter
  (-pr-writer [coll writer opts] (pr-sequential-writer writer view/print-one "[" " " "]" opts coll)))

(es6-iterable EveVector)

(defn- check [live]
  (when-not live (throw (js/Error. "a transient was used after persistent!"))))

(deftype Transient [source ^:mutable keep ^:mutable sets ^:mutable tail ^:mutable live]
  ITransientCollection
  (-conj! [tcoll x]
    (check live)
    (set! tail (conj! tail x))
    tcoll)
  (-persistent! [_]
    (check live)
    (set! live false)
    (let [v source
          ms (if (== (.-ms v) view/NONE) view/NONE view/CHANGED)
          sets (persistent! sets)]
      (EveVector. (.-snap v) (.-low v) (.-high v) (.-base v) keep (not-empty sets) (persistent! tail) ms nil nil)))

  ITransientAssociative
  (-assoc! [tcoll k v]
    (if (number? k)
      (-assoc-n! tcoll k v)
      (throw (js/Error. "TransientVector's key for assoc! must be a number."))))

  ITransientVector
  (-assoc-n! [tcoll i v]
    (check live)
    (let [n (-count tcoll)
          i (js/Math.trunc i)]
      (cond
        (== i n) (-conj! tcoll v)
        (not (and (<= 0 i) (< i n))) (throw (js/Error. (str "Index " i " out of bounds for TransientVector of length " n)))
        (< i keep) (set! sets (assoc! sets i v))
        :else (set! tail (assoc! tail (- i keep) v))))
    tcoll)
  (-pop! [tcoll]
    (check live)
    (cond
      (pos? (count tail)) (set! tail (pop! tail))
      (pos? keep) (do (set! keep (dec keep))
                      (set! sets (dissoc! sets keep)))
      :else (throw (js/Error. "Can't pop empty vector")))
    tcoll)

  ICounted
  (-count [_] (check live) (+ keep (count tail)))

  IIndexed
  (-nth [tcoll i]
    (if (and (<= 0 i) (< i (-count tcoll)))
      (-nth tcoll i nil)
      (out-of-bounds i (-count tcoll))))
  (-nth [tcoll i not-found]
    (cond
      (not (and (<= 0 i) (< i (-count tcoll)))) not-found
      (>= i keep) (nth tail (- i keep))
      :else (let [i (js/Math.trunc i)
                  v (get sets i js/undefined)]
              (if (undefined? v) (.at source i) v))))

  ILookup
  (-lookup [tcoll k] (-lookup tcoll k nil))
  (-lookup [tcoll k not-found]
    (if (number? k) (-nth tcoll k not-found) not-found))

  IFn
  (-invoke [tcoll k] (-lookup tcoll k nil))
  (-invoke [tcoll k not-found] (-lookup tcoll k not-found)))

(defn view
  "The vector of a word; see `makers` in eve/internal."
  [snap low high n has-meta]
  (if (and (zero? n) (zero? has-meta))
    []
    (EveVector. snap low high n n nil [] (if (zero? has-meta) view/NONE view/STORED) nil nil)))
