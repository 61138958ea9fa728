(ns eve.impl.bulk
  "What is made of all elements of a typed array, by going through them.")

(defn reduce-indexed
  "`f` of the value so far, index and element."
  [array init f]
  (let [at (volatile! -1)]
    (reduce (fn [acc x] (f acc (vswap! at inc) x)) init array)))

;; Of no elements, what the original gives: the ends of 32 bits.

(defn least [elements] (reduce min 2147483647 elements))
(defn greatest [elements] (reduce max -2147483648 elements))
