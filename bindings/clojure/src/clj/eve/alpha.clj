(ns eve.alpha
  "Atoms in shared memory. What is in them are ordinary Clojure collections; every process that opens the same file shares them.

    (require '[eve.alpha :as e])
    (def state (e/atom {:id ::state :persistent \"./my-db\"} {:count 0}))
    (swap! state update :count inc)"
  (:refer-clojure :exclude [aget atom hash-map hash-set sorted-map sorted-set])
  (:require [clojure.string :as str]
            [eve.jdk]
            [eve.array]
            [eve.deftype.int-map]
            [eve.impl.json :as json]
            [eve.impl.memory :as memory]
            [eve.impl.options :as options]
            [eve.impl.wanted :as wanted]
            [eve.obj])
  (:import (eve.jvm EveAtom EveHashMap EveList EveSet EveSortedMap EveSortedSet EveVector Plain Store)
           (java.io File Writer)
           (java.nio.file Path)
           (java.util.concurrent ConcurrentHashMap)))

(set! *warn-on-reflection* true)

(def default-file
  "The file of `{:persistent true}`."
  options/default-file)

(defonce ^:private ^ConcurrentHashMap domains (ConcurrentHashMap.))

(defn- canonical ^String [path]
  (.getCanonicalPath (File. (str path))))

(defn- path? [x]
  (or (string? x) (instance? File x) (instance? Path x)))

(defn- opened
  "The domain in a file: as this process has it open, if its path still leads to that file, or opened with these options."
  ^Store [path {:keys [read-only create reserve]}]
  (let [file (canonical path)
        known (fn [] (let [^Store s (.get domains file)] (when (and s (.isOpen s) (.isAtItsPath s)) s)))]
    (or (known)
        (locking domains
          (or (known)
              (let [flags (bit-or (if read-only Store/READ_ONLY 0) (if create 0 Store/MUST_EXIST))
                    store (Store/open file flags (long (or reserve 0)))]
                (.put domains file store)
                store))))))

(defn atom-domain
  "The domain in the file at `path`, opened and (if it is not there) created; the same object whenever it is asked for.
  With no path, the domain in the memory of this process. Options:

  - `:read-only` true: nothing is written, not even who is reading;
  - `:create` false: a file that is not there is an error;
  - `:reserve`: bytes of address space for a file that is created, 1 TiB if not given. It can never be larger.

  A file that this process has open already is taken as it is: `:create` and `:reserve` mean nothing then, and one that is open in the
  other way, read-only or not, is an error. If its path leads to another file by now, or to none, that is opened anew; atoms of the old
  one go on as they are.

  Costs a mapping and some microseconds, whatever the size of the file. Throws ex-info with `:eve/error` (`:io`,
  `:not-a-domain`, `:already-open`, …), and for unknown options."
  ([] (memory/store))
  ([path] (atom-domain path nil))
  ([path options]
   (let [options (options/of-domain options)
         store (opened (if (path? path) path (wanted/wrong "the path of a file" path)) options)]
     (options/open-as-wanted (.path store) (:read-only options) (.isReadOnly store))
     store)))

(defn delay-init
  "Marks `f`, a function of no arguments, as the maker of an initial value: it is called only if the atom is not there yet."
  [f]
  (options/delayed f))

(defn- store-of
  "The domain that a path, a domain or an atom of it stands for. `create`: also a file that is not there yet."
  ^Store [domain create]
  (cond
    (instance? Store domain) domain
    (instance? EveAtom domain) (.store ^EveAtom domain)
    (true? domain) (opened default-file {:create create})
    (path? domain) (opened domain {:create create})
    (nil? domain) (atom-domain)
    :else (wanted/wrong "a path, a domain or an atom of eve" domain)))

(defn- existing
  "The same for who looks at what is there. Throws ex-info with `:eve/error` `:io` if there is no such file."
  ^Store [domain]
  (store-of domain false))

(defn- make [{:keys [id persistent meta validator]} value]
  (let [store (store-of persistent true)
        initial #(options/validated validator (options/initial value) "the first value" id)
        ^EveAtom a (if (nil? id)
                     (.anonymous store (initial))
                     (let [^String n (options/name-of id)]
                       (or (.find store n) (.create store n (initial)))))]
    (when validator
      (options/validated validator @a "the present value" id)
      (set-validator! a validator))
    (when meta (reset-meta! a meta))
    a))

(defn atom
  "An atom in shared memory.

    (e/atom {:count 0})                                        anonymous, in this process
    (e/atom ::state {:count 0})                                named: same id, same atom, in every thread
    (e/atom {:id ::state} {:count 0})
    (e/atom {:id ::state :persistent \"./my-db\"} {:count 0})    in a file, shared by every process that opens it
    (e/atom {:id ::state :persistent true} {:count 0})         in the default file ./eve.db

  The value is used by whoever creates the atom and ignored by those who join; see `delay-init`. The result works as
  Clojure's own atom: `@`, `swap!`, `reset!`, watches (for changes of other processes too), validators, metadata.
  Functions given to `swap!` may run more than once. `compare-and-set!` compares by `=`.

  A `swap!` costs some microseconds, whatever the size of the value. What cannot be stored throws ex-info with `:path`, and
  the atom keeps its value. Unknown options throw ex-info, and so does a validator that rejects the first value (then there is no atom) or
  the one that is there."
  {:arglists '([value] [id value] [value & options] [id value & options])}
  [& args]
  (let [[options value] (apply options/of-atom args)]
    (make options value)))

(defn shared-atom?
  "Is `x` an atom of eve?"
  [x]
  (instance? EveAtom x))

(defn- an-atom ^EveAtom [x]
  (if (shared-atom? x) x (wanted/wrong "an atom of eve, as eve.alpha/atom makes" x)))

(defn update!
  "`swap!` without a result: returns nil and holds nothing back. The value given to `f` is good until `f` returns; used later, it
  says so. Faster than `swap!` where the result is not wanted."
  ([a f] (.update (an-atom a) (wanted/function f)))
  ([a f x] (.update (an-atom a) (wanted/function f) x))
  ([a f x y] (.update (an-atom a) (wanted/function f) x y))
  ([a f x y & more] (.update (an-atom a) (wanted/function f) x y more)))

(defn atoms
  "The names of the atoms in a file (a path, or a domain), sorted. A name is a string: `\"my.app/state\"` for `:my.app/state`."
  ([] (atoms nil))
  ([domain] (vec (.names (existing domain)))))

(defn remove-atom!
  "Removes an atom, given itself or a domain and an id. True if it was there. Its name may be used again."
  ([a]
   (let [a (an-atom a)]
     (if-let [n (.name a)]
       (remove-atom! (.store a) n)
       (wanted/wrong "an atom with a name (others go when nobody holds them)" a))))
  ([domain id] (.remove (existing domain) (options/name-of id))))

(defn close-atom-domain!
  "Closes a domain (a path, a domain, or an atom of it), if it is open. Values that were read stay good; its atoms do not."
  [domain]
  (let [^Store store (if (path? domain) (.get domains (canonical domain)) (existing domain))]
    (when (and store (.path store))
      (.remove domains (.path store) store)
      (.close store))
    nil))

(def close!
  "See `close-atom-domain!`."
  close-atom-domain!)

(defn stat
  "Figures of a domain (a path, a domain, or an atom of it): bytes committed and reserved, heap pages (16 KiB), the commit counter,
  pins, participants, processes, atoms."
  ([] (stat nil))
  ([domain]
   (let [[committed reserve pages used punched tick oldest pins participants processes n] (.stat (existing domain))]
     {:committed committed :reserve reserve :pages pages :pages-used used :pages-punched punched :tick tick
      :oldest-pin (when-not (neg? (long oldest)) oldest) :pins pins :participants participants :processes processes
      :atoms n})))

(defn gc!
  "Frees at once what can be freed in a domain. Nothing depends on it: writers do the same bit by bit."
  [domain]
  (.reclaim (existing domain))
  nil)

(defn verify
  "Checks every block of a domain (a path, a domain, or an atom of it), while it is in use: a map with `:ok`, what is `:damaged`, `:leaked`,
  counted too high (`:high-counts`), the places (`:damages`, `:leaks`), and figures. `:exact` false: it was changed meanwhile, and
  only what hangs on the atoms was judged. Costs a look at every block."
  ([] (verify nil))
  ([domain]
   (json/read (fn [field] (keyword (str/replace field "_" "-"))) (.verify (existing domain)))))

(defn atom-domain?
  "Is `x` a domain?"
  [x]
  (instance? Store x))

;; Constructors, by the names of the original. What they make are Clojure's own collections: in an atom they are shared.

(def hash-map "`clojure.core/hash-map`" clojure.core/hash-map)
(def hash-set "`clojure.core/hash-set`" clojure.core/hash-set)
(def sorted-map "`clojure.core/sorted-map`: stored in its order." clojure.core/sorted-map)
(def sorted-set "`clojure.core/sorted-set`: stored in its order." clojure.core/sorted-set)
(def int-map "A map from integers, in their order: see `eve.deftype.int-map/int-map`." eve.deftype.int-map/int-map)
(defn empty-hash-map "`{}`" [] {})
(defn empty-hash-set "`#{}`" [] #{})

(def eve-array "A typed array, which changes in place: see `eve.array/eve-array`." eve.array/eve-array)
(def aget "An element of a typed array: see `eve.array/aget`." eve.array/aget)
(def aset! "Sets an element of a typed array: see `eve.array/aset!`." eve.array/aset!)
(def get-typed-view "The bytes of a typed array: see `eve.array/get-typed-view`." eve.array/get-typed-view)
(def obj "A typed object, whose fields change in place: see `eve.obj/obj`." eve.obj/obj)
(def obj-array "Many typed objects, stored field by field: see `eve.obj/obj-array`." eve.obj/obj-array)

(defn read-sorted-map "What `#eve/sorted-map {…}` reads." [m] (into (clojure.core/sorted-map) m))
(defn read-sorted-set "What `#eve/sorted-set #{…}` reads." [s] (into (clojure.core/sorted-set) s))
(defn read-int-map "What `#eve/int-map {…}` reads." [m] (into (int-map) m))

(def readers
  "The tags of eve, for `clojure.edn/read-string`: `{:readers e/readers}`. Clojure's own reader knows them."
  {'eve/sorted-map eve.alpha/read-sorted-map
   'eve/sorted-set eve.alpha/read-sorted-set
   'eve/int-map eve.alpha/read-int-map
   'eve/array eve.array/read-array
   'eve/obj eve.obj/read-obj
   'eve/obj-array eve.obj/read-obj-array})

;; As Clojure's own, and which one it is.
(defmethod print-method EveAtom [^EveAtom a ^Writer out]
  (let [[status value] (try [:ready @a] (catch Throwable e [:failed e]))]
    (.write out (format "#object[%s 0x%x " (.getName (class a)) (System/identityHashCode a)))
    (print-method (clojure.core/array-map :id (.name a) :domain (str (.store a)) :status status :val value) out)
    (.write out "]")))

(defmethod print-method Store [^Store s ^Writer out]
  (.write out (format "#object[%s 0x%x %s]" (.getName (class s)) (System/identityHashCode s) (pr-str (str s)))))

;; What is printed to be read by the compiler is of Clojure's own classes: views in code, as `(eval (list 'quote @a))` has them, too.
(doseq [view [EveHashMap EveList EveSet EveSortedMap EveSortedSet EveVector]]
  (.addMethod ^clojure.lang.MultiFn print-dup view (fn [v out] (print-dup (Plain/of v) out))))
