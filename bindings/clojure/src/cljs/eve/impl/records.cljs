(ns eve.impl.records
  "Records are stored as tagged maps, under the name that their class has on the JVM. To make one again, somebody has to have
  shown it: `eve.alpha/register-record!`, or having stored one.")

(defonce ^:private known (atom {}))

(defonce ^:private tags (js/WeakMap.))

(def ^:private stop (js-obj))

(deftype ^:private FirstText [^:mutable text]
  IWriter
  (-write [_ s]
    (set! text s)
    (throw stop))
  (-flush [_]))

(defn- printed-name
  "The name in what a record prints: what else the compiler knows of it, advanced compilation takes away."
  [record]
  (let [writer (FirstText. nil)]
    (try
      (binding [*print-level* nil]
        (-pr-writer record writer {}))
      (catch :default e (when-not (identical? e stop) (throw e))))
    (second (re-matches #"#(.+)\{" (str (.-text writer))))))

(defn tag-of
  "The tag of a record: `my.app_ns.Point` for Point of my.app-ns; nil for one that prints in its own way and was not shown."
  [record]
  (or (.get tags (type record))
      (when-some [printed (printed-name record)]
        (let [dot (.lastIndexOf printed ".")]
          (str (munge (subs printed 0 dot)) (subs printed dot))))))

(defn- blank
  "The record with nothing in it."
  [record]
  (with-meta (reduce (fn [r k]
                       (let [without (dissoc r k)]
                         (if (record? without) without (assoc r k nil)))) ; without a field of its own it is none
                     record (keys record))
             nil))

(defn show!
  "Remembers how to make records like this one. One type of a tag is replaced by another, as after a reload."
  [record tag]
  (.set tags (type record) tag)
  (swap! known assoc tag (blank record)))

(defn seen!
  "The tag of a record that is being stored; nil if it has none."
  [record]
  (or (.get tags (type record))
      (when-some [tag (tag-of record)]
        (show! record tag)
        tag)))

(defn known?
  "Has somebody shown a record of this tag?"
  [tag]
  (contains? @known tag))

(defn restore
  "The record of this tag with these fields; nil if nobody has shown such a one."
  [tag fields]
  (when (map? fields)
    (when-some [empty (get @known tag)]
      (with-meta (reduce-kv assoc empty fields) (meta fields)))))
