(ns eve.impl.types
  "Numbers that ClojureScript has no type for: big integers are JavaScript's, decimals and ratios those of the package."
  (:require [eve.impl.host :as host :refer [Decimal Ratio]]
            [goog.object :as gobj]))

(defn- text [x]
  (.toString x))

(defn- canonical [decimal]
  (gobj/get decimal "canonical"))

(extend-type bigint
  IHash
  (-hash [x] (hash (text x)))
  IComparable
  (-compare [x y]
    (if (or (number? y) (identical? "bigint" (goog/typeOf y)))
      (cond (< x y) -1 (> x y) 1 :else 0)
      (throw (js/Error. (str "Cannot compare " x " to " y)))))
  IPrintWithWriter
  (-pr-writer [x writer _] (-write writer (str (text x) "N"))))

(extend-type Decimal
  IEquiv
  (-equiv [x y] (and (instance? Decimal y) (= (canonical x) (canonical y))))
  IHash
  (-hash [x] (hash (str (canonical x) "M")))
  IPrintWithWriter
  (-pr-writer [x writer _] (-write writer (str (text x) "M"))))

(extend-type Ratio
  IEquiv
  (-equiv [x y] (and (instance? Ratio y) (= (text x) (text y))))
  IHash
  (-hash [x] (hash (text x)))
  IPrintWithWriter
  (-pr-writer [x writer _] (-write writer (text x))))

(defn decimal
  "A decimal number from text as \"12.50\"."
  [from]
  (host/guard* #(Decimal. from)))

(defn ratio
  "A ratio of two integers; an integer if the second divides the first."
  [n d]
  (let [made (host/guard* #(Ratio. n d))]
    (if (= "1" (str (gobj/get made "denominator")))
      (let [i (gobj/get made "numerator") small (js/Number i)]
        (if (js/Number.isSafeInteger small) small i))
      made)))
