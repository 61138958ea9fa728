(ns eve.impl.options
  "What the arguments of `eve.alpha/atom` mean, in every runtime.")

(def default-file
  "The file of `{:persistent true}`."
  "./eve.db")

(defn delayed
  "Marks `f`, a function of no arguments, as the maker of an initial value."
  [f]
  (with-meta [f] {:eve.alpha/init true}))

(defn initial
  "The initial value that was given, or that what was given makes."
  [value]
  (if (:eve.alpha/init (meta value)) ((first value)) value))

(defn name-of
  "The name of an id."
  [id]
  (cond
    (keyword? id) (subs (str id) 1)
    (symbol? id) (str id)
    (string? id) id
    :else (throw (ex-info (str "an atom's :id is a keyword, a symbol or a string, not " (pr-str id)) {:id id}))))

(defn- options? [x]
  (and (map? x) (or (contains? x :id) (contains? x :persistent))))

(defn- checked [{:keys [id persistent] :as options}]
  (when (and persistent (nil? id))
    (throw (ex-info "an atom in a file needs an :id, by which others find it" {:options options})))
  options)

(defn of-atom
  "The options and the initial value in the arguments of `eve.alpha/atom`."
  ([value] [{} value])
  ([id value]
   (cond
     (options? id) [(checked id) value]
     (or (keyword? id) (symbol? id) (string? id)) [{:id id} value]
     :else (throw (ex-info (str "expected an id, or options with :id, found " (pr-str id)) {:id id}))))
  ([a b c & more]
   ;; As Clojure's own: options behind the value. An even number of arguments begins with an id.
   (if (even? (count more))
     [(checked (apply hash-map b c more)) a]
     (let [options (apply hash-map c more)]
       [(checked (if (options? a) (merge a options) (assoc options :id a))) b]))))
