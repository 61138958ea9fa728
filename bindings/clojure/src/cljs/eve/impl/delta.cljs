(ns eve.impl.delta
  "What a function given to swap! changed, as a patch against the newest version, though what it was given stands on an older one: see
  lib/delta.js of the npm package, which does the same for JavaScript's values. Which keys were changed is told by the trail of `eve.impl.view`."
  (:require [eve.impl.encode :as encode :refer [REMOVED]]
            [eve.impl.host :as host]
            [eve.impl.map :as map]
            [eve.impl.set :as set]
            [eve.impl.sorted :as sorted]
            [eve.impl.vector :as vector]
            [eve.impl.view :as view]))

(def ^:private WIDE "Changes of more keys than this are not carried on: reading would be slower than from a new version." 256)
(def ^:private MOST "So many values within a new one are looked at; what has more is read from the new version." 64)

(defn- absent [] js/undefined)

(defn- inside
  "The EveMap that a map or set is made of; nil for anything else."
  [x]
  (cond
    (instance? map/EveMap x) x
    (or (instance? set/EveSet x) (instance? sorted/EveSortedMap x) (instance? sorted/EveSortedSet x)) (.-of x)
    :else nil))

(declare lasts)

(defn- all-last [left values]
  (reduce (fn [left x] (if (neg? left) (reduced left) (lasts x left))) left values))

(defn- entries-last [left m]
  (reduce-kv (fn [left k v]
               (cond (or (neg? left) (not (encode/fixed? k))) (reduced -1)
                     (identical? v REMOVED) (dec left)
                     :else (lasts v left)))
             left m))

(defn- lasts
  "Can a value stand for what will be read? Says so by what is left of `left`, the number of values that are looked at: below zero if not."
  [x left]
  (cond
    (encode/fixed? x) (dec left)
    (instance? vector/EveVector x) (cond (== (.-ms x) view/CHANGED) -1
                                         (.isUnchanged x) (dec left)
                                         :else (-> left (entries-last (.-sets x)) (all-last (.-tail x))))
    (some? (inside x)) (let [m (inside x)]
                         (cond (== (.-ms m) view/CHANGED) -1
                               (.isUnchanged m) (dec left)
                               :else (-> left (entries-last (.-changed m)) (entries-last (.-added m)))))
    (and (coll? x) (some? (meta x))) -1
    (or (instance? PersistentArrayMap x) (instance? PersistentHashMap x)) (entries-last (dec left) x)
    (instance? PersistentVector x) (all-last (dec left) x)
    (instance? PersistentHashSet x) (reduce (fn [left k] (if (or (neg? left) (not (encode/fixed? k))) (reduced -1) (dec left))) left x)
    :else -1))

(defn- steps
  "The keys that were changed between two versions, each once, in an array; nil if that is not known."
  [before after trail]
  (loop [i (- (alength trail) 3) at after keys #js []]
    (cond
      (identical? at before) keys
      (neg? i) nil
      (identical? at (aget trail (+ i 2)))
      (let [k (aget trail (inc i))]
        (when-not (.some keys #(= k %)) (.push keys k))
        (recur (- i 3) (aget trail i) keys))
      :else (recur (- i 3) at keys))))

(defn- now-in
  "What a change says of a key."
  [m k]
  (let [v (if (nil? (.-added m)) (absent) (get (.-added m) k (absent)))]
    (if (and (undefined? v) (some? (.-changed m))) (get (.-changed m) k (absent)) v)))

(declare difference)

(defn- written
  "What is written for a value in whose place `old` was (undefined: what the base has there); undefined if that is not known."
  [old x trail]
  (cond
    (identical? old x) x
    (encode/fixed? x) x
    :else (or (when-not (undefined? old) (difference old x trail))
              (if (neg? (lasts x MOST)) (absent) x))))

(deftype Edit [code n items behind ^:mutable place]
  ;; n       elements of a vector before; -1 for maps and sets
  ;; items   keys (or indexes) and what is written for them by turns
  ;; behind  elements that a vector has more
  ;; place   writes what is edited
  encode/IPatch
  (-open [_ parent out]
    (.push out (encode/writer #(do (host/u8 code) (place))))
    (cond
      (neg? n) (do (.push out (encode/u32 (/ (alength items) 2)))
                   (if (== code encode/EDIT-SET) (encode/members parent items) (encode/edits parent items)))
      :else (do (.push out (encode/u64 n))
                (.push out (encode/u32 (/ (alength items) 2)))
                (encode/settings parent items (fn [parent]
                                                (.push out (encode/u32 (alength behind)))
                                                (encode/elements parent behind n)))))))

(defn- written-all
  "Keys and what is written for them, by `old` and `now` of each; nil if one is not known."
  [keys old now trail]
  (let [items #js []]
    (loop [i 0]
      (if (== i (alength keys))
        items
        (let [k (aget keys i)
              v (now k)
              w (if (or (undefined? v) (identical? v REMOVED)) REMOVED (written (old k) v trail))]
          (when-not (or (undefined? w) (not (encode/fixed? k)))
            (.push items k w)
            (recur (inc i))))))))

(defn- of-keyed [before after trail]
  (when (and (identical? (.-snap before) (.-snap after)) (== (.-low before) (.-low after)) (== (.-high before) (.-high after))
             (== (.-ms before) (.-ms after)) (identical? (.-m before) (.-m after))
             ;; Keys that are stored in another form are found by looking.
             (nil? (.-other after)) (nil? (.-other before))
             (<= (+ (count (.-changed after)) (count (.-added after))) WIDE))
    (when-some [keys (steps before after trail)]
      (when-some [items (written-all keys #(now-in before %) #(now-in after %) trail)]
        (Edit. (if (.-elements before) encode/EDIT-SET encode/EDIT-MAP) -1 items nil host/in-place)))))

(defn- of-vector [before after trail]
  (let [n (count before) keep (.-keep before)]
    (when (and (identical? (.-snap before) (.-snap after)) (== (.-low before) (.-low after)) (== (.-high before) (.-high after))
               (== (.-ms before) (.-ms after)) (identical? (.-m before) (.-m after))
               (== keep (.-keep after)) (<= n (count after)) (<= (+ (count (.-sets after)) (count (.-tail after))) WIDE))
      (when-some [keys (steps before after trail)]
        (let [old (fn [i] (if (< i keep) (if (nil? (.-sets before)) (absent) (get (.-sets before) i (absent))) (nth (.-tail before) (- i keep))))
              items (written-all (.filter keys #(< % n)) old #(nth after %) trail)
              behind (into-array (map #(nth after %) (range n (count after))))]
          (when (and (some? items) (not (neg? (all-last MOST behind))))
            (Edit. encode/EDIT-VECTOR n items behind host/in-place)))))))

(defn- difference
  "An edit that makes `after` of `before`, both changes of one base; nil if it is not known."
  [before after trail]
  (let [a (inside before) b (inside after)]
    (cond
      (not (identical? (type before) (type after))) nil
      (and (some? a) (some? b)) (of-keyed a b trail)
      (instance? vector/EveVector before) (of-vector before after trail)
      :else nil)))

(defn- one
  "Writes an edit of one key."
  [place k x]
  (host/u8 encode/EDIT-MAP)
  (place)
  (host/u32 1)
  (encode/write k)
  (if (identical? x REMOVED)
    (host/u8 0)
    (do (host/u8 1)
        (encode/write x))))

(defn- easy? [x] (or (identical? x REMOVED) (encode/fixed? x)))

(defn encode
  "Writes a value as a patch: `encode/write`, but for the usual case, a map of which one key is different, with no array made on the way."
  [x]
  (let [few (when (and (instance? map/EveMap x) (not (.-elements x)) (not (== (.-ms x) view/CHANGED)) (nil? (.-other x)))
              (cond (nil? (.-added x)) (.-changed x)
                    (nil? (.-changed x)) (.-added x)
                    :else nil))]
    (if (and (some? few) (== 1 (count few)))
      (let [e (first few) k (key e) v (val e)]
        (if (and (encode/fixed? k) (easy? v))
          (one #(host/place (.-snap x) (.-low x) (.-high x)) k v)
          (encode/write x)))
      (encode/write x))))

(defn write
  "Writes, as a patch against a root that is held under a number, what makes `after` of `before`; false if that is not known: nothing is
  written then. Where the root is is said by the two halves of its word, or, if they are undefined, by `before`."
  [before after number low high]
  (let [before (host/settled before)
        trail (view/end-trail)]
    (cond
      (encode/fixed? after) (do (encode/write after) true)
      (nil? trail) false
      :else (if-some [edit (difference before after trail)]
              (let [base (or (inside before) before)
                    low (if (undefined? low) (.-low base) low)
                    high (if (undefined? high) (.-high base) high)
                    items (.-items edit)]
                (if (and (== 2 (alength items)) (== encode/EDIT-MAP (.-code edit)) (easy? (aget items 1)))
                  (one #(host/place-at number low high) (aget items 0) (aget items 1))
                  (do (set! (.-place edit) #(host/place-at number low high))
                      (encode/write edit)))
                true)
              false))))
