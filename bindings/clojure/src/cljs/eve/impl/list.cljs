(ns eve.impl.list
  "Lists of a snapshot, perhaps with elements put before them: ordinary ClojureScript lists."
  (:require [eve.impl.encode :as encode]
            [eve.impl.host :as host]
            [eve.impl.view :as view]))

(deftype EveList [snap low high cnt head behind ^:mutable ms ^:mutable m ^:mutable __hash]
  ;; cnt           elements
  ;; head, behind  for an element that was put before a list: it, and that list; behind is nil for a view
  ;; ms, m         where the metadata is, and the metadata
  Object
  (toString [coll] (pr-str* coll))
  (equiv [this other] (-equiv this other))
  (indexOf [coll x] (.indexOf coll x 0))
  (indexOf [coll x start]
    (loop [i 0 s (seq coll)]
      (cond (nil? s) -1
            (and (>= i start) (= x (first s))) i
            :else (recur (inc i) (next s)))))
  (lastIndexOf [coll x] (.lastIndexOf coll x cnt))
  (lastIndexOf [coll x start]
    (loop [i 0 found -1 s (seq coll)]
      (if (or (nil? s) (> i start))
        found
        (recur (inc i) (if (= x (first s)) i found) (next s)))))
  (chunks [_]
    (if (zero? cnt)
      (fn [] nil)
      (let [walk (host/walk snap low high 1)]
        (fn [] (.more walk)))))
  (fold [coll f init]
    (loop [at coll acc init]
      (cond
        (reduced? acc) acc
        (nil? (.-behind at)) (view/reduce-chunks (.chunks at) f acc)
        :else (recur (.-behind at) (f acc (.-head at))))))

  encode/IPatch
  (-open [coll parent out]
    (if (nil? behind)
      (let [body (fn [parent] (.push out (encode/placed encode/VIEW snap low high)) parent)]
        (if (== ms view/CHANGED) (encode/described parent m out body) (body parent)))
      (let [items #js []
            base (loop [at coll]
                   (if (nil? (.-behind at))
                     at
                     (do (.push items (.-head at))
                         (recur (.-behind at)))))]
        (encode/described parent m out
          (fn [parent]
            (.push out (encode/placed encode/EDIT-LIST (.-snap base) (.-low base) (.-high base)))
            (.push out (encode/u32 (alength items)))
            (encode/elements parent items 0))))))

  ICloneable
  (-clone [_] (EveList. snap low high cnt head behind ms m __hash))

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
      (EveList. snap low high cnt head behind view/CHANGED new-meta __hash)))

  IList

  ISeq
  (-first [_]
    (cond
      (some? behind) head
      (zero? cnt) nil
      :else (host/element snap low high 0)))
  (-rest [_]
    (cond
      (some? behind) behind
      (<= cnt 1) ()
      :else (host/tail snap low high)))

  INext
  (-next [coll] (when (> cnt 1) (-rest coll)))

  IStack
  (-peek [coll] (-first coll))
  (-pop [coll]
    (if (zero? cnt) (throw (js/Error. "Can't pop empty list")) (-rest coll)))

  ICollection
  (-conj [coll x] (EveList. nil 0 0 (inc cnt) x coll view/CHANGED (-meta coll) nil))

  IEmptyableCollection
  (-empty [coll] (with-meta () (-meta coll)))

  ISequential
  IEquiv
  (-equiv [coll other]
    (or (identical? coll other)
        (and (instance? EveList other) (nil? behind) (nil? (.-behind other)) (== cnt (.-cnt other))
             (host/equal? snap low high (.-snap other) (.-low other) (.-high other)))
        (equiv-sequential coll other)))

  IHash
  (-hash [coll]
    (if (nil? __hash) (set! __hash (hash-ordered-coll coll)) __hash))

  ISeqable
  (-seq [coll]
    (cond
      (zero? cnt) nil
      (nil? behind) (view/items-seq (.chunks coll) nil)
      :else coll))

  IIterable
  (-iterator [coll] (seq-iter coll))

  ICounted
  (-count [_] cnt)

  IReduce
  (-reduce [coll f] (view/reduce-all f (fn [f init] (.fold coll f init))))
  (-reduce [coll f init] (view/reduce-all f init (fn [f init] (.fold coll f init))))

  IPrintWithWriter
  (-pr-writer [coll writer opts] (pr-sequential-writer writer view/print-one "(" " " ")" opts coll)))

(es6-iterable EveList)

(defn view
  "The list of a word; see `makers` in eve/internal."
  [snap low high n has-meta]
  (if (and (zero? n) (zero? has-meta))
    ()
    (EveList. snap low high n nil nil (if (zero? has-meta) view/NONE view/STORED) nil nil)))
