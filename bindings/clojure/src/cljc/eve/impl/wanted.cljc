(ns eve.impl.wanted
  "Arguments of a wrong kind are told in one way, in every runtime.")

(defn- shown
  "A value for a message: the beginning of a long one."
  [x]
  (binding [*print-length* 8 *print-level* 3] (pr-str x)))

(defn wrong
  "Throws ex-info that says what was wanted and what was given, with `:eve/error` `:argument` and the latter under `:argument`."
  [wanted given]
  (throw (ex-info (str "expected " wanted ", found " (shown given)) {:eve/error :argument :argument given})))

(defn size
  "`n`, if it is a number of elements that there can be."
  [n]
  (if (and (integer? n) (<= 0 n 2147483647)) n (wrong "a number of elements, from 0 to 2147483647" n)))

(defn elements
  "`x`, if it has elements."
  [x]
  (if (or (seqable? x) #?(:clj false :cljs (js-iterable? x))) x (wrong "a number of elements, or a collection of them" x)))

(defn fields
  "`x`, if it is a map, as schemas and the values of objects are."
  [x]
  (if (map? x) x (wrong "a map with the fields of an object" x)))

(defn function
  "`f`, if it can be called."
  [f]
  (if (ifn? f) f (wrong "a function" f)))
