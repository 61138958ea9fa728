(ns eve.impl.options
  "What the arguments of `eve.alpha/atom` and the options of `eve.alpha/atom-domain` mean, in every runtime."
  (:require [clojure.string :as str]
            [eve.impl.wanted :as wanted]))

(def default-file
  "The file of `{:persistent true}`."
  "./eve.db")

(defn delayed
  "Marks `f`, a function of no arguments, as the maker of an initial value."
  [f]
  (with-meta [(wanted/function f)] {:eve.alpha/init true}))

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

(defn- checked
  "The options, if all of them are known. Throws ex-info that names those that are not, and the known ones: a key with a slip of the
  pen would have no effect."
  [known options]
  (when-not (or (nil? options) (map? options))
    (throw (ex-info (str "options are a map, not " (pr-str options)) {:options options :known known})))
  (when-let [unknown (seq (remove (set known) (keys options)))]
    (throw (ex-info (str "unknown option " (str/join ", " (map pr-str unknown)) "; the options are " (str/join ", " known))
                    {:unknown (vec unknown) :known known})))
  options)

(def ^:private atom-options [:id :persistent :meta :validator])

(defn- checked-of-atom [options]
  (let [{:keys [id persistent meta validator]} (checked atom-options options)]
    (when (and persistent (nil? id))
      (throw (ex-info "an atom in a file needs an :id, by which others find it" {:options options})))
    (when-not (or (nil? meta) (map? meta))
      (wanted/wrong "a map as :meta" meta))
    (when validator
      (wanted/function validator))
    options))

(defn- only-options?
  "Is a single argument the options of an atom in a file, whose first value was forgotten? Other maps are values."
  [x]
  ;; In this order: a sorted map of numbers cannot be asked for a keyword.
  (and (map? x) (every? (set atom-options) (keys x)) (contains? x :persistent)))

(defn of-atom
  "The options and the initial value in the arguments of `eve.alpha/atom`. Throws ex-info if they make no sense."
  ([value]
   (when (only-options? value)
     (throw (ex-info "these are options of an atom: give the first value as second argument" {:options value})))
   [{} value])
  ([id value]
   (cond
     (map? id) [(checked-of-atom id) value]
     (or (keyword? id) (symbol? id) (string? id)) [{:id id} value]
     :else (throw (ex-info (str "expected an id, or options with :id, found " (pr-str id)) {:id id}))))
  ([a b c & more]
   ;; As Clojure's own: options behind the value. An even number of arguments begins with an id.
   (if (even? (count more))
     [(checked-of-atom (apply hash-map b c more)) a]
     (let [options (apply hash-map c more)]
       [(checked-of-atom (if (map? a) (merge a options) (assoc options :id a))) b]))))

(defn of-domain
  "The options of `eve.alpha/atom-domain`, with `:create` and `:read-only` given. Throws ex-info for unknown ones, and for a `:reserve`
  that is no number of bytes."
  [options]
  (let [{:keys [reserve] :as options} (merge {:create true :read-only false} (checked [:read-only :create :reserve] options))]
    (when-not (or (nil? reserve) (and (int? reserve) (pos? reserve)))
      (throw (ex-info (str ":reserve is a number of bytes, at least 1, not " (pr-str reserve)) {:reserve reserve})))
    options))

(defn open-as-wanted
  "Throws ex-info if a file is open read-only and should not be, or the other way round: there is one domain for a file, and neither
  stands for the other."
  [path wanted-read-only read-only]
  (when (not= (boolean wanted-read-only) (boolean read-only))
    (throw (ex-info (str path " is open " (if read-only "read-only" "for writing") " in this process; close it before it is opened "
                         (if read-only "for writing" "read-only"))
                    {:eve/error :already-open :where path :read-only (boolean read-only)}))))

(defn validated
  "The value, if the validator (which may be nil) has nothing against it. If it has, throws ex-info with `:eve/error` `:invalid` that calls
  the value `what`."
  [validator value what id]
  (when-not (or (nil? validator) (validator value))
    (throw (ex-info (str "the validator rejects " what (when id (str " of the atom " (name-of id))))
                    {:eve/error :invalid :id id :value value})))
  value)
