(ns eve.obj
  "Typed objects in shared memory, whose fields change in place: one (`obj`), or many, stored field by field (`obj-array`).

    (def schema (obj/create-schema {:x :int32 :y :float64}))
    (def state (e/atom {:point (obj/obj schema {:x 1 :y 2.5})}))
    (obj/add! (:point @state) :x 10)

  Types of fields are those of `eve.array`. Objects that are made here are in the memory of this process; put into an atom they are copied there."
  (:refer-clojure :exclude [get assoc! get-in])
  (:require [eve.array :as arr]
            [eve.impl.memory :as memory]
            [eve.impl.wanted :as wanted])
  (:import (eve.jvm Element EveArray EveObjects EveObjects$Row)))

(set! *warn-on-reflection* true)

(defn create-schema
  "A schema of a map from fields to types."
  [fields]
  (doseq [[field type] (wanted/fields fields)]
    (when-not (keyword? field)
      (throw (ex-info (str "a field is a keyword, not " (pr-str field)) {:field field})))
    (Element/code type))
  {:field-map fields :field-keys (vec (keys fields))})

(defn- fields-of [schema]
  (:field-map (if (:field-map schema) schema (create-schema schema))))

(defn- make [one fields rows columns]
  (let [fields (vec fields)
        types (int-array (map #(Element/code (val %)) fields))]
    (EveObjects/make (memory/store) one (mapv key fields) types (int rows)
                     (into-array (Class/forName "[B")
                                 (map (fn [[field _] type] (Element/pack type (columns field) (int rows))) fields types)))))

(defn- check-fields [fields values]
  (doseq [field (keys (wanted/fields values))]
    (when-not (contains? fields field)
      (throw (ex-info (str "there is no field " (pr-str field) "; there are " (pr-str (keys fields))) {:field field})))))

(defn obj
  "An object of a schema, or of a map from fields to types. Fields without a value are 0."
  ([schema] (obj schema {}))
  ([schema values]
   (let [fields (fields-of schema)]
     (check-fields fields values)
     (make true fields 1 (fn [field] [(clojure.core/get values field 0)])))))

(defn obj-array
  "So many objects, all fields 0 or `value`; or one for each map of a collection."
  ([size-or-coll schema] (obj-array size-or-coll schema 0))
  ([size-or-coll schema value]
   (let [fields (fields-of schema)]
     (if (number? size-or-coll)
       (make false fields (wanted/size size-or-coll) (fn [_] (repeat size-or-coll (or value 0))))
       (let [all (vec (wanted/elements size-or-coll))]
         (run! #(check-fields fields %) all)
         (make false fields (count all) (fn [field] (map #(clojure.core/get % field 0) all))))))))

(defn obj?
  "Is `x` a typed object?"
  [x]
  (and (instance? EveObjects x) (.isOne ^EveObjects x)))

(defn obj-array?
  "Is `x` an array of typed objects?"
  [x]
  (and (instance? EveObjects x) (not (.isOne ^EveObjects x))))

(defn- an-object ^EveObjects [x]
  (if (instance? EveObjects x) x (wanted/wrong "a typed object or an array of them, as eve.obj/obj and obj-array make" x)))

(defn fields
  "The fields, as keywords."
  [o]
  (vec (.fields (an-object o))))

(defn column
  "All values of a field, as a typed array in place."
  ^EveArray [o field]
  (.column (an-object o) field))

;; One place of a field: of an object, or of a row.

(defn- place-of [o field]
  (if (instance? EveObjects$Row o)
    [(column (.objects ^EveObjects$Row o) field) (.index ^EveObjects$Row o)]
    [(column o field) 0]))

(defn get
  "The value of a field of an object."
  [o field]
  (clojure.core/get o field))

(defn assoc!
  "Sets a field; returns the value given. Atomic."
  [o field value]
  (let [[c i] (place-of o field)] (arr/aset! c i value)))

(defn cas!
  "Sets a field if it is `expected`; true if it was."
  [o field expected value]
  (let [[c i] (place-of o field)] (arr/cas! c i expected value)))

(defn exchange!
  "Sets a field; returns what was there."
  [o field value]
  (let [[c i] (place-of o field)] (arr/exchange! c i value)))

(defn add!
  "Adds to an integer field; returns what was there."
  [o field delta]
  (let [[c i] (place-of o field)] (arr/add! c i delta)))

(defn sub!
  "Subtracts from an integer field; returns what was there."
  [o field delta]
  (let [[c i] (place-of o field)] (arr/sub! c i delta)))

;; The same in an array of objects, by [index field].

(defn get-in
  "The value at `[index field]`."
  ([objects path] (get-in objects path nil))
  ([o [index field] not-found]
   (if (< -1 index (count (an-object o)))
     (clojure.core/get (nth o index) field not-found)
     not-found)))

(defn assoc-in!
  "Sets the value at `[index field]`; returns the value given."
  [objects [index field] value]
  (arr/aset! (column objects field) index value))

(defn cas-in!
  "`cas!` at `[index field]`."
  [objects [index field] expected value]
  (arr/cas! (column objects field) index expected value))

(defn add-in!
  "`add!` at `[index field]`."
  [objects [index field] delta]
  (arr/add! (column objects field) index delta))

(defn sub-in!
  "`sub!` at `[index field]`."
  [objects [index field] delta]
  (arr/sub! (column objects field) index delta))

(defn exchange-in!
  "`exchange!` at `[index field]`."
  [objects [index field] value]
  (arr/exchange! (column objects field) index value))

(defn column-reduce
  "`f` of the value so far, index and value, through one field of all objects."
  [objects field init f]
  (arr/areduce (column objects field) init f))

(defn column-map!
  "Sets one field of all objects to what `f` gives for index and value; not one step. Returns the field's values, in place."
  [objects field f]
  (arr/amap! (column objects field) f))

(defn get-schema
  "The schema of an object or an array of them."
  [objects]
  (create-schema (into (array-map) (map (fn [field] [field (arr/array-type (column objects field))])) (fields objects))))

(defn retire!
  "Does nothing: objects go when nobody holds them any more. For programs that call it. True."
  [_]
  true)

(defn read-obj
  "What `#eve/obj {:x [:int32 1]}` reads."
  [form]
  (obj (update-vals form first) (update-vals form second)))

(defn read-obj-array
  "What `#eve/obj-array {:x [:int32 1 2 3]}` reads."
  [form]
  (let [lengths (set (map (comp dec count val) form))]
    (when (> (count lengths) 1)
      (throw (ex-info (str "the fields of an array of objects have as many values each, not " (sort lengths)) {:lengths lengths})))
    (make false (update-vals form first) (or (first lengths) 0) (fn [field] (rest (form field))))))

(defmethod print-method EveObjects [o ^java.io.Writer out]
  (.write out (str o)))

(defmethod print-method EveObjects$Row [o ^java.io.Writer out]
  (.write out (str o)))

(defmethod print-dup EveObjects [o out]
  (print-method o out))
