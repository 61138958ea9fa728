(ns eve.impl.typed
  "Typed arrays and typed objects of a snapshot. What is in them is shared by all versions of the atom and changed in place."
  (:require [eve.impl.encode :as encode]
            [eve.impl.lanes :as lanes]
            [eve.impl.view :as view]))

(defn- out-of-bounds [i n]
  (throw (ex-info (str "index " i " is out of bounds: there are " n " elements") {:index i :count n})))

;; What is compared is there now: it may change.

(defn- same-elements? [a b]
  (and (== (count a) (count b))
       (every? true? (map (fn [x y] (or (= x y) (and (number? x) (number? y) (js/isNaN x) (js/isNaN y)))) a b))))

(defn- element-text [x]
  (if (number? x) (pr-str x) (str x)))

;; Elements: an array, or a field of objects

(defprotocol IElements
  (-load [x i])
  (-change [x i op operand expected] "What was there before.")
  (-copy [x from n] "A typed array of JavaScript.")
  (-write-all [x from elements])
  (-fill [x from n value])
  (-wait [x i expected milliseconds])
  (-notify [x i most])
  (-type [x] "The keyword of the type."))

(defn- in-chunks
  "Gives arrays of the elements, one after the other."
  [x type n]
  (let [at (volatile! 0)]
    (fn []
      (let [i @at]
        (when (< i n)
          (let [m (min 1024 (- n i)) items (js/Array.from (-copy x i m))]
            (vreset! at (+ i m))
            (dotimes [j m] (aset items j (lanes/shown type (aget items j))))
            items))))))

(declare ->NewArray)

(deftype EveArray [snap low high cnt column field type]
  ;; column, field  is it a field of objects, and the number of that?
  Object
  (toString [this] (pr-str* this))
  (equiv [this other] (-equiv this other))
  (fold [this f init] (view/reduce-chunks (in-chunks this type cnt) f init))

  encode/IPatch
  (-open [this parent out]
    (if column
      (encode/-open (->NewArray type (-copy this 0 cnt)) parent out)
      (do (.push out (encode/placed encode/VIEW snap low high)) parent)))

  IElements
  (-load [_ i]
    (if (and (<= 0 i) (< i cnt)) (lanes/element snap low high field type i) (out-of-bounds i cnt)))
  (-change [_ i op operand expected]
    (if (and (<= 0 i) (< i cnt)) (lanes/change snap low high field type i op operand expected) (out-of-bounds i cnt)))
  (-copy [_ from n] (lanes/copy-of snap low high field type from n))
  (-write-all [_ from elements] (lanes/write snap low high field from elements))
  (-fill [_ from n value] (lanes/fill snap low high field type from n value))
  (-wait [_ i expected milliseconds] (lanes/wait snap low high field i expected milliseconds))
  (-notify [_ i most] (lanes/notify snap low high field i most))
  (-type [_] (nth lanes/types type))

  ICounted
  (-count [_] cnt)

  IIndexed
  (-nth [this i] (-load this i))
  (-nth [this i not-found] (if (and (<= 0 i) (< i cnt)) (-load this i) not-found))

  ILookup
  (-lookup [this k] (-lookup this k nil))
  (-lookup [this k not-found] (if (integer? k) (-nth this k not-found) not-found))

  IFn
  (-invoke [this k] (-nth this k))
  (-invoke [this k not-found] (-nth this k not-found))

  ISeqable
  (-seq [this] (when (pos? cnt) (seq (view/chunks-seq (in-chunks this type cnt) nil))))

  IIterable
  (-iterator [this] (seq-iter this))

  IReduce
  (-reduce [this f] (view/reduce-all f (fn [f init] (.fold this f init))))
  (-reduce [this f init] (view/reduce-all f init (fn [f init] (.fold this f init))))

  IEquiv
  (-equiv [this other]
    (or (identical? this other)
        (and (instance? EveArray other) (== type (.-type other)) (same-elements? this other))))

  IHash
  (-hash [this] (hash-ordered-coll (cons type (seq this))))

  IEncodeJS
  (-clj->js [this] (into-array this))

  IPrintWithWriter
  (-pr-writer [this writer opts]
    (-write writer (str "#eve/array [" (-type this)))
    (doseq [x this] (-write writer (str " " (element-text x))))
    (-write writer "]")))

(es6-iterable EveArray)

(deftype NewArray [type elements]
  encode/IPatch
  (-open [_ parent out]
    (.push out (encode/writer #(lanes/new-array type elements)))
    parent))

(defn new-array
  "What becomes an array when it is stored."
  [type of]
  (let [type (lanes/number-of type)]
    (->NewArray type (lanes/elements type (if (number? of) of (into-array of))))))

;; Objects. Fields are a map from keyword to number and type, in `order`.

(defn- fields-of [snap low high]
  (into [] (map-indexed (fn [i [name type]] [(keyword name) i type])) (lanes/fields-of snap low high)))

(defprotocol IObjects
  (-schema [x] "Keyword and type of each field, in order.")
  (-column [x k] "The elements of a field; nil if there is none."))

(defn- column-of [snap low high n fields k]
  (when-some [[_ i type] (some (fn [field] (when (= k (nth field 0)) field)) fields)]
    (EveArray. snap low high n true i type)))

(defn- schema-of [fields]
  (mapv (fn [[k _ type]] [k (nth lanes/types type)]) fields))

(defn- print-fields
  "As the reader takes it: all of each field, with its type."
  [start x writer opts]
  (pr-sequential-writer writer
                        (fn [[k type] writer opts]
                          (view/print-one k writer opts)
                          (-write writer (str " [" type))
                          (doseq [value (-column x k)] (-write writer (str " " (element-text value))))
                          (-write writer "]"))
                        (str start "{") ", " "}" opts (-schema x)))

(defn- same-fields? [a b]
  (let [schema (-schema a)]
    (and (= (into {} schema) (into {} (-schema b)))
         (every? (fn [[k]] (same-elements? (-column a k) (-column b k))) schema))))

(deftype Obj [snap low high ^:mutable fs]
  Object
  (toString [this] (pr-str* this))
  (equiv [this other] (-equiv this other))
  (fields [_]
    (when (nil? fs) (set! fs (fields-of snap low high)))
    fs)

  encode/IPatch
  (-open [_ parent out] (.push out (encode/placed encode/VIEW snap low high)) parent)

  IObjects
  (-schema [this] (schema-of (.fields this)))
  (-column [this k] (column-of snap low high 1 (.fields this) k))

  ICounted
  (-count [this] (count (.fields this)))

  ILookup
  (-lookup [this k] (-lookup this k nil))
  (-lookup [this k not-found]
    (if-some [column (-column this k)] (-load column 0) not-found))

  IFn
  (-invoke [this k] (-lookup this k nil))
  (-invoke [this k not-found] (-lookup this k not-found))

  ISeqable
  (-seq [this] (map (fn [[k]] (MapEntry. k (-lookup this k) nil)) (.fields this)))

  IEquiv
  (-equiv [this other]
    (or (identical? this other)
        (and (instance? Obj other) (same-fields? this other))))

  IHash
  (-hash [this] (hash-unordered-coll (seq this)))

  IEncodeJS
  (-clj->js [this] (clj->js (into {} (seq this))))

  IPrintWithWriter
  (-pr-writer [this writer opts] (print-fields "#eve/obj " this writer opts)))

(deftype Row [of i]
  Object
  (toString [this] (pr-str* this))

  ICounted
  (-count [_] (count (.fields of)))

  ILookup
  (-lookup [this k] (-lookup this k nil))
  (-lookup [_ k not-found]
    (if-some [column (-column of k)] (-load column i) not-found))

  IFn
  (-invoke [this k] (-lookup this k nil))
  (-invoke [this k not-found] (-lookup this k not-found))

  ISeqable
  (-seq [this] (map (fn [[k]] (MapEntry. k (-lookup this k) nil)) (.fields of)))

  IEquiv
  (-equiv [this other] (and (instance? Row other) (= (into {} (seq this)) (into {} (seq other)))))

  IHash
  (-hash [this] (hash-unordered-coll (seq this)))

  IEncodeJS
  (-clj->js [this] (clj->js (into {} (seq this))))

  IPrintWithWriter
  (-pr-writer [this writer opts]
    (-write writer "#eve/obj-array-row ")
    (view/print-one (into (array-map) (seq this)) writer opts)))

(deftype ObjArray [snap low high cnt ^:mutable fs]
  Object
  (toString [this] (pr-str* this))
  (equiv [this other] (-equiv this other))
  (fields [_]
    (when (nil? fs) (set! fs (fields-of snap low high)))
    fs)

  encode/IPatch
  (-open [_ parent out] (.push out (encode/placed encode/VIEW snap low high)) parent)

  IObjects
  (-schema [this] (schema-of (.fields this)))
  (-column [this k] (column-of snap low high cnt (.fields this) k))

  ICounted
  (-count [_] cnt)

  IIndexed
  (-nth [this i] (if (and (<= 0 i) (< i cnt)) (Row. this i) (out-of-bounds i cnt)))
  (-nth [this i not-found] (if (and (<= 0 i) (< i cnt)) (Row. this i) not-found))

  ILookup
  (-lookup [this k] (-lookup this k nil))
  (-lookup [this k not-found] (if (integer? k) (-nth this k not-found) not-found))

  IFn
  (-invoke [this i] (-nth this i))
  (-invoke [this i not-found] (-nth this i not-found))

  ISeqable
  (-seq [this] (when (pos? cnt) (map #(Row. this %) (range cnt))))

  IEquiv
  (-equiv [this other]
    (or (identical? this other)
        (and (instance? ObjArray other) (== cnt (.-cnt other)) (same-fields? this other))))

  IHash
  (-hash [this] (hash-ordered-coll (seq this)))

  IEncodeJS
  (-clj->js [this] (into-array (map clj->js this)))

  IPrintWithWriter
  (-pr-writer [this writer opts] (print-fields "#eve/obj-array " this writer opts)))

(deftype NewRecords [array rows fields]
  encode/IPatch
  (-open [_ parent out]
    (.push out (encode/writer #(lanes/new-records array rows fields)))
    parent))

(defn new-records
  "What becomes an object (or an array of so many) when it is stored: a schema, and for each field a function of key and type that
  gives what its column has."
  [array rows schema column]
  (->NewRecords array rows
                (into-array (map (fn [[k type]]
                                   (let [number (lanes/number-of type)]
                                     #js {"name" (if (keyword? k) (subs (str k) 1) (str k))
                                          "type" number
                                          "column" (lanes/elements number (column k))}))
                                 schema))))

(defn array-view [snap low high n type]
  (EveArray. snap low high n false 0 type))

(defn records-view [snap low high n array]
  (if (zero? array) (Obj. snap low high nil) (ObjArray. snap low high n nil)))
