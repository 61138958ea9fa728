(ns eve.impl.lanes
  "The package's calls on elements of typed arrays and objects (`internal/typed.js`)."
  (:require ["eve/internal" :as internal]
            [eve.impl.host :refer-macros [guard]]
            [eve.impl.host :refer [problem]]
            [goog.object :as gobj]))

(def ^:private typed (gobj/get internal "typed"))
(defn- of [name] (gobj/get typed name))

(def types "The types by their numbers." (mapv keyword (of "names")))

(def ^:private numbers (zipmap types (range)))

(defn number-of
  "The number of a type. An offset of the original's objects is an int32."
  [type]
  (or (get numbers (get {:obj :int32 :array :int32} type type))
      (throw (ex-info (str "there is no element type " (pr-str type) "; the types are " (pr-str types)) {:type type}))))

(def type-of "The number of the type of a typed array of JavaScript, or -1." (of "typeOf"))
(def shown "An element of a type as it is shown: a BigInt only if it has to be one." (of "shown"))

(def ^:private update* (of "update"))
(def ^:private copy-of* (of "copyOf"))
(def ^:private write* (of "write"))
(def ^:private fill* (of "fill"))
(def ^:private wait* (of "wait"))
(def ^:private notify* (of "notify"))
(def ^:private shape* (of "shape"))
(def ^:private elements* (of "elements"))

(def new-array "Writes the patch of a new array." (of "newArray"))
(def new-records "Writes the patch of new objects." (of "newRecords"))

;; Elements are told by snapshot and word, number of the field (0 for arrays) and number of their type.

(def ^:const LOAD 0)
(def ^:const STORE 1)
(def ^:const EXCHANGE 2)
(def ^:const CAS 3)
(def ^:const ADD 4)
(def ^:const SUB 5)
(def ^:const AND 6)
(def ^:const OR 7)
(def ^:const XOR 8)

(defn change
  "Does an operation; gives what was there before."
  ([snap low high field type i op operand] (change snap low high field type i op operand 0))
  ([snap low high field type i op operand expected]
   (guard (update* snap low high field type i op operand expected))))

(defn element [snap low high field type i]
  (guard (update* snap low high field type i LOAD 0 0)))

(defn copy-of [snap low high field type from n]
  (guard (copy-of* snap low high field type from n)))

(defn write [snap low high field from elements]
  (guard (write* snap low high field from elements)))

(defn fill [snap low high field type from n value]
  (guard (fill* snap low high field type from n value)))

(defn wait [snap low high field i expected milliseconds]
  (keyword (guard (wait* snap low high field i expected milliseconds))))

(defn notify [snap low high field i most]
  (guard (notify* snap low high field i most)))

(defn fields-of
  "The fields of typed objects: a vector of name and number of the type."
  [snap low high]
  (mapv (fn [field] [(gobj/get field "name") (gobj/get field "type")])
        (guard (shape* snap low high))))

(defn elements
  "A typed array of JavaScript: of so many zeros, or of the elements of an array."
  [type of]
  (guard (elements* type of)))
