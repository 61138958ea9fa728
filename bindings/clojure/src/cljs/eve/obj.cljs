(ns eve.obj
  "Typed objects in shared memory: fields of fixed types, changed in place with atomic operations by all who have them; one object, or
  an array of them stored column by column. The names are those of the original.

    (def node (obj/create-schema {:key :int32 :value :float64}))
    (swap! state assoc :tree (obj/obj node {:key 42 :value 3.14}))
    (obj/add! (:tree @state) :key 1)"
  (:refer-clojure :exclude [get assoc! get-in])
  (:require [eve.array :as arr]
            [eve.impl.memory :as memory]
            [eve.impl.typed :as typed :refer [Obj ObjArray Row]]
            [eve.impl.wanted :as wanted]))

(defn create-schema
  "The shape of objects: a map of fields and their types."
  [fields]
  {::fields (vec (wanted/fields fields))})

(defn- fields-of [schema]
  (or (::fields (wanted/fields schema)) (vec schema)))

(defn- known! [fields values]
  (doseq [k (keys (wanted/fields values))]
    (when-not (some #(= k (first %)) fields)
      (throw (ex-info (str "there is no field " (pr-str k)) {:field k :fields (map first fields)})))))

(defn obj
  "An object of a schema (or a map of fields and types); fields without a value are 0."
  ([schema] (obj schema {}))
  ([schema values]
   (let [fields (fields-of schema)]
     (known! fields values)
     (memory/held (typed/new-records false 1 fields (fn [k] #js [(clojure.core/get values k 0)]))))))

(defn obj-array
  "An array of `n` objects of a schema, all fields 0 or `value`; or of the maps in a collection."
  ([n schema] (obj-array n schema 0))
  ([n schema value]
   (let [fields (fields-of schema)]
     (memory/held
      (if (number? n)
        (typed/new-records true (wanted/size n) fields (fn [_] (into-array (repeat n (or value 0)))))
        (let [rows (vec (wanted/elements n))]
          (run! #(known! fields %) rows)
          (typed/new-records true (count rows) fields (fn [k] (into-array (map #(clojure.core/get % k 0) rows))))))))))

(defn- an-object [x]
  (if (or (instance? Obj x) (instance? ObjArray x)) x (wanted/wrong "a typed object or an array of them, as eve.obj/obj and obj-array make" x)))

(defn column
  "The elements of one field of all objects: an array as those of eve.array, over the same memory."
  [objects k]
  (or (typed/-column (an-object objects) k)
      (throw (ex-info (str "there is no field " (pr-str k)) {:field k :fields (map first (typed/-schema objects))}))))

(defn fields
  "The fields, as keywords."
  [objects]
  (mapv first (typed/-schema (an-object objects))))

(defn get-schema
  "The schema of an object or an array of them."
  [objects]
  {::fields (typed/-schema (an-object objects))})

(defn get "The value of a field." [object k] (clojure.core/get object k))

;; One place of a field: of an object, or of a row.

(defn- column-at [object k] (column (if (instance? Row object) (.-of object) object) k))
(defn- index-at [object] (if (instance? Row object) (.-i object) 0))

(defn assoc! "Sets a field; gives the value." [object k value] (arr/aset! (column-at object k) (index-at object) value))
(defn cas! "Sets a field if it is `expected`; true if it did." [object k expected value] (arr/cas! (column-at object k) (index-at object) expected value))
(defn add! "Adds to a field; gives what it was." [object k delta] (arr/add! (column-at object k) (index-at object) delta))
(defn sub! "Subtracts from a field; gives what it was." [object k delta] (arr/sub! (column-at object k) (index-at object) delta))
(defn exchange! "Sets a field; gives what it was." [object k value] (arr/exchange! (column-at object k) (index-at object) value))

(defn get-in
  "The value at `[index field]` of an array of objects."
  ([objects path] (get-in objects path nil))
  ([objects [i k] not-found]
   (if-some [elements (typed/-column (an-object objects) k)] (nth elements i not-found) not-found)))

(defn assoc-in! "Sets the value at `[index field]`; gives it." [objects [i k] value] (arr/aset! (column objects k) i value))
(defn cas-in! "As `cas!`, at `[index field]`." [objects [i k] expected value] (arr/cas! (column objects k) i expected value))
(defn add-in! "As `add!`, at `[index field]`." [objects [i k] delta] (arr/add! (column objects k) i delta))
(defn sub-in! "As `sub!`, at `[index field]`." [objects [i k] delta] (arr/sub! (column objects k) i delta))
(defn exchange-in! "As `exchange!`, at `[index field]`." [objects [i k] value] (arr/exchange! (column objects k) i value))

(defn column-reduce
  "`f` of the value so far, index and value, through one field of all objects."
  [objects k init f]
  (arr/areduce (column objects k) init f))

(defn column-map!
  "Sets one field of all objects to what `f` gives for index and value."
  [objects k f]
  (arr/amap! (column objects k) f))

(defn obj? "Is `x` a typed object?" [x] (instance? Obj x))
(defn obj-array? "Is `x` an array of typed objects?" [x] (instance? ObjArray x))

(defn retire! "Does nothing: what is not used is freed by itself. True." [_] true)
