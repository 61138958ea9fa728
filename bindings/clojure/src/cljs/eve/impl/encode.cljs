(ns eve.impl.encode
  "From values to patches (crates/eve-core/src/face/patch.rs): values as bytes, views as themselves, changed views as their changes.

  Twice through a value. First everything in it is asked for and put into one array: lazy sequences and comparators of sorted maps may
  run the program's code, which may read other views. Then the array is written, and nothing else happens meanwhile."
  (:require [eve.impl.host :as host]
            [eve.impl.lanes :as lanes]
            [eve.impl.order :refer [order]]
            [eve.impl.records :as records]))

(defprotocol IPatch
  (-open [x parent out] "Puts into `out` what comes before x's elements; the Job for these, or `parent` if there are none."))

;; What comes between values

(deftype Op [code snap low high n])

(def ^:private ^:const U8 -1)
(def ^:private ^:const U32 -2)
(def ^:private ^:const U64 -3)
(def ^:private ^:const CALL -4)
(def ^:private ^:const FLOAT 4)
(def ^:private ^:const CHAR 5)
(def ^:private ^:const TAGGED 19)
(def ^:private ^:const META 20)

(def NIL 0)
(def MAP 15)
(def SET 16)
(def VECTOR 17)
(def LIST 18)
(def VIEW 21)
(def SORTED-MAP 27)
(def SORTED-SET 28)
(def EDIT-MAP 22)
(def EDIT-SET 23)
(def EDIT-VECTOR 24)
(def EDIT-LIST 25)

(def ^:private taken-out (Op. U8 nil 0 0 0))
(def ^:private set-to (Op. U8 nil 0 0 1))
(def ^:private meta-follows (Op. U8 nil 0 0 META))

(defn u32 [n] (Op. U32 nil 0 0 n))
(defn u64 [n] (Op. U64 nil 0 0 n))

(defn writer
  "What a function without arguments writes. It reads nothing."
  [f]
  (Op. CALL f 0 0 -1))

(defn headed
  "A code and a count."
  [code n]
  (Op. code nil 0 0 n))

(defn placed
  "A code, and a view."
  [code snap low high]
  (Op. code snap low high -1))

;; Jobs: collections whose elements follow

(def REMOVED "What a key is set to that is taken out." (js-obj))

(deftype Job [parent kind items shift ^:mutable i then])

(defn elements
  "Elements by index, the first one at `shift`; then `then` of the parent, if given."
  ([parent items shift] (Job. parent 0 items shift 0 nil))
  ([parent items shift then] (Job. parent 0 items shift 0 then)))

(defn entries
  "Keys and values by turns."
  [parent items]
  (Job. parent 1 items 0 0 nil))

(defn edits
  "Keys and new values (or REMOVED) by turns."
  [parent items]
  (Job. parent 2 items 0 0 nil))

(defn members
  "The same for sets: what is not REMOVED is there."
  [parent items]
  (Job. parent 3 items 0 0 nil))

(defn settings
  "Indexes and new values by turns; then `then` of the parent."
  [parent items then]
  (Job. parent 4 items 0 0 then))

(defn- only
  "One value, under a key of the path that may be nil; then `then`."
  [parent value key then]
  (Job. parent 5 #js [value] key 0 then))

(defn described
  "Metadata, then what `then` of the parent makes."
  [parent m out then]
  (.push out meta-follows)
  (if (nil? m)
    (do (.push out nil) (then parent))
    (only parent m :eve/meta then)))

(defn- key-at [job]
  (let [i (dec (.-i job))]
    (case (.-kind job)
      0 (+ (.-shift job) i)
      (1 2 3 4) (aget (.-items job) (- i (bit-and i 1)))
      5 (.-shift job))))

(defn- path-of [job]
  (loop [job job path ()]
    (if (nil? job)
      (vec path)
      (recur (.-parent job) (if-some [k (key-at job)] (conj path k) path)))))

;; What cannot be stored

(deftype Unfit [why value])

(defn- unfit! [why value]
  (throw (Unfit. why value)))

(defn- refused [e job]
  (let [path (path-of job)
        x (.-value e)]
    (ex-info (str "cannot store this value" (when (seq path) (str " at " (pr-str path))) ": " (.-why e))
             {:eve/error :value :path path :type (if (nil? x) nil (type x))})))

(def ^:private MOST
  "Sequences that do not know their length may have no end: more elements than this, as on the JVM, are taken for that."
  4194304)

(def ^:private LONGEST 4294967295)

(defn- realized
  "The elements of a sequence, in an array."
  [s]
  (when (or (instance? Cycle s) (instance? Iterate s)
            (and (instance? Repeat s) (neg? (.-count s)))
            (and (counted? s) (> (count s) LONGEST)))
    (unfit! "an infinite sequence" s))
  (let [items #js [] known (counted? s)]
    (reduce (fn [n x]
              (.push items x)
              (when (and (not known) (> n MOST))
                (unfit! (str "a sequence of more than " MOST " elements: it may be infinite; one that ends can be stored as a vector") nil))
              (inc n))
            1 s)
    items))

(defn- in-engines-order?
  "Is it sorted as the engine does it? With another comparator the order is lost."
  [coll]
  (and (sorted? coll)
       (let [by (-comparator coll)] (or (identical? by compare) (identical? by order)))))

(defn- of-map [m parent out]
  (let [items #js []]
    (reduce-kv (fn [_ k v] (.push items k v) nil) nil m)
    (.push out (headed (if (in-engines-order? m) SORTED-MAP MAP) (quot (alength items) 2)))
    (entries parent items)))

(defn- of-elements [code coll parent out]
  (let [items (realized coll)]
    (.push out (headed code (alength items)))
    (elements parent items 0)))

(defn- with-its-meta [x parent out body]
  (let [m (meta x)]
    (if (nil? m) (body parent) (described parent m out body))))

(defn- of-object [x parent out]
  (let [items #js []]
    (doseq [k (js-keys x)] (.push items k (unchecked-get x k)))
    (.push out (headed MAP (quot (alength items) 2)))
    (entries parent items)))

(defn- open [x parent out]
  (cond
    (implements? IPatch x) (-open x parent out)
    (tagged-literal? x) (do (.push out (Op. TAGGED (str (:tag x)) 0 0 -1))
                            (only parent (:form x) nil nil))
    (record? x) (do (.push out (Op. TAGGED
                                    (or (records/seen! x)
                                        (unfit! "a record that prints in a way of its own; give its tag with register-record!" x))
                                    0 0 -1))
                    (with-its-meta x parent out #(of-map x % out)))
    (map? x) (with-its-meta x parent out #(of-map x % out))
    (vector? x) (with-its-meta x parent out #(of-elements VECTOR x % out))
    (set? x) (with-its-meta x parent out #(of-elements (if (in-engines-order? x) SORTED-SET SET) x % out))
    (sequential? x) (with-its-meta x parent out #(of-elements LIST x % out))
    (host/own? x) (do (.push out (writer #(host/write-own x))) parent)
    (array? x) (of-elements VECTOR x parent out)
    (host/plain? x) (of-object x parent out)
    (host/js-map? x) (let [items #js []]
                           (.forEach x (fn [v k] (.push items k v)))
                           (.push out (headed MAP (.-size x)))
                           (entries parent items))
    (and (js/ArrayBuffer.isView x) (host/gone? x)) (unfit! "a typed array whose memory was transferred or cut off" x)
    (not (neg? (lanes/type-of x))) (do (.push out (writer #(lanes/new-array (lanes/type-of x) x))) parent)
    (host/js-set? x) (of-elements SET (js/Array.from x) parent out)
    (fn? x) (unfit! "a function is not data" x)
    (satisfies? IDeref x) (unfit! "a reference is not data; store what is in it" x)
    :else (unfit! (str "an object of type " (let [t (type x)] (or (.-cljs$lang$ctorStr t) (.-name t)))
                       " is not data; store what it is made of")
                  x)))

(def ^:private uuid-text #"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

(defn- scalar?
  "Is it one that is written as it is? Throws for one that cannot be."
  [x]
  (cond
    (or (nil? x) (string? x) (number? x) (boolean? x)) true
    (keyword? x) (or (host/well-formed? (.-fqn x)) (unfit! "a name with half a surrogate pair" x))
    (symbol? x) (or (host/well-formed? (str x)) (unfit! "a name with half a surrogate pair" x))
    (coll? x) false
    (uuid? x) (or (some? (re-matches uuid-text (str x))) (unfit! "this is no uuid" x))
    (host/date? x) (or (not (js/isNaN (.getTime x))) (unfit! "an invalid date" x))
    :else (or (identical? "bigint" (goog/typeOf x))
              (instance? host/Decimal x) (instance? host/Ratio x)
              (and (host/bytes? x) (not (host/gone? x))))))

(defn- put-next
  "Puts the next of the job into `out`; the job to go on with."
  [job out]
  (let [i (.-i job) items (.-items job)]
    (if (== i (alength items))
      (if-some [then (.-then job)] (then (.-parent job)) (.-parent job))
      (let [x (aget items i) kind (.-kind job)]
        (set! (.-i job) (inc i))
        (cond
          (and (== kind 4) (even? i)) (do (.push out (u64 x)) job)
          (and (or (== kind 2) (== kind 3)) (odd? i))
          (if (identical? x REMOVED)
            (do (.push out taken-out) job)
            (do (.push out set-to)
                (cond (== kind 3) job
                      (scalar? x) (do (.push out x) job)
                      :else (open x job out))))
          (instance? Op x) (do (.push out x) job)
          (scalar? x) (do (.push out x) job)
          :else (open x job out))))))

(defn- deep? [job]
  (loop [job job n 0]
    (cond (nil? job) false (> n 1000000) true :else (recur (.-parent job) (inc n)))))

(defn- plan
  "What is to be written for a value that is no scalar."
  [root]
  (let [out #js [] at (volatile! nil) steps (volatile! 0)]
    (try
      (loop [job (open root nil out)]
        (when (some? job)
          (vreset! at job)
          ;; An array that contains itself goes down for ever.
          (when (and (zero? (bit-and (vswap! steps inc) 0xfffff)) (deep? job))
            (unfit! "it is nested too deep, or contains itself" root))
          (recur (put-next job out))))
      out
      (catch :default e
        (throw (if (instance? Unfit e) (refused e @at) e))))))

;; Writing

(defn- emit [x]
  (cond
    (keyword? x) (host/text 7 (.-fqn x))
    (symbol? x) (host/text 8 (str x))
    (uuid? x) (host/scalar (host/Uuid. (str x)))
    (identical? x js/undefined) (host/scalar nil)
    :else (host/scalar x)))

(defn- emit-op [op]
  (let [code (.-code op) n (.-n op)]
    (cond
      (== code U8) (host/u8 n)
      (== code U32) (host/u32 n)
      (== code U64) (host/u64 n)
      (== code CALL) ((.-snap op))
      (== code FLOAT) (host/float64 n)
      (== code TAGGED) (host/text TAGGED (.-snap op))
      (== code CHAR) (do (host/u8 CHAR) (host/u32 n))
      :else (do (host/u8 code)
                (when-some [snap (.-snap op)] (host/place snap (.-low op) (.-high op)))
                (when-not (== n -1) (host/u32 n))))))

(defn- simple?
  "Is it one that is written as it is, whatever it is? Most are."
  [x]
  (or (string? x) (number? x) (nil? x) (and (keyword? x) (host/well-formed? (.-fqn x)))))

(defn fixed?
  "Is it a scalar that will be read as what it is, and that nobody can change?"
  [x]
  (or (simple? x) (boolean? x)
      (and (symbol? x) (host/well-formed? (str x)))
      (and (uuid? x) (some? (re-matches uuid-text (str x))))))

(deftype Plan [items])

(defn planned
  "A value with everything in it asked for: it can be written when something else lies in the frame already."
  [x]
  (cond
    (simple? x) x
    (try (scalar? x) (catch :default e (throw (if (instance? Unfit e) (refused e nil) e)))) x
    :else (Plan. (plan x))))

(defn write
  "Writes a value (or what `planned` made of it) as a patch. Throws ex-info with :path if a part of it cannot be stored; then nothing is written."
  [x]
  (if (simple? x)
    (emit x)
    (let [ready (if (instance? Plan x)
                  x
                  (try (planned x) (catch :default e (host/forget) (throw e))))]
      (try
        (if (instance? Plan ready)
          (let [items (.-items ready)]
            (dotimes [i (alength items)]
              (let [item (aget items i)]
                (if (instance? Op item) (emit-op item) (emit item)))))
          (emit ready))
        (catch :default e
          (host/forget)
          (throw (host/problem e)))))))

(defn- as-key [x]
  (if (and (number? x) (== x 0)) 0 x))

(defn write-key
  "Writes a value to look up; false if it cannot be stored, so that it is nowhere."
  [k]
  (if (simple? k)
    (do (emit (as-key k)) true)
    (try (write k) true
         (catch :default e
           (if (contains? (ex-data e) :path) false (throw e))))))

(defn other-form
  "What another language may have stored that is k here: a whole number as a float, a character. Nil for most."
  [k]
  (cond
    (number? k) (when (js/Number.isInteger k) (Op. FLOAT nil 0 0 k))
    (string? k) (when (and (<= 1 (.-length k) 2) (== (.-length k) (.-length (js/String.fromCodePoint (.codePointAt k 0)))))
                  (Op. CHAR nil 0 0 (.codePointAt k 0)))
    :else nil))

(def write-other "Writes what `other-form` gave." emit-op)
