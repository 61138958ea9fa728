(ns eve.alpha
  "Atoms in shared memory. What is in them are ordinary ClojureScript collections; every process that opens the same file shares them.

    (require '[eve.alpha :as e])
    (def state (e/atom {:id ::state :persistent \"./my-db\"} {:count 0}))
    (swap! state update :count inc)"
  (:refer-clojure :exclude [aget atom compare-and-set! hash-map hash-set reset-vals! sorted-map sorted-set swap-vals!])
  (:require [eve.array :as array]
            [eve.deftype.int-map :as int-map]
            [eve.impl.atom :as impl :refer [EveAtom]]
            [eve.impl.decode :as decode]
            [eve.impl.host :as host]
            [eve.impl.memory :as memory]
            [eve.impl.options :as options]
            [eve.impl.records :as records]
            [eve.impl.types :as types]
            [eve.impl.wanted :as wanted]
            [eve.obj :as obj]
            [goog.object :as gobj]))

(def default-file
  "The file of `{:persistent true}`."
  options/default-file)

(deftype Domain [at]
  ;; at  the package's domain
  IPrintWithWriter
  (-pr-writer [_ writer _]
    (-write writer (str "#object[eve.alpha.Domain " (or (host/path-of at) "memory") (when-not (host/open? at) " (closed)") "]"))))

(defn- domain-over
  "The domain over one of the package: always the same."
  [at]
  (or (gobj/get at "cljs")
      (let [made (->Domain at)]
        (gobj/set at "cljs" made)
        made)))

(defonce ^:private domains (cljs.core/atom {}))

(defonce ^:private memory (delay (domain-over @memory/domain)))

(declare atom)

(defn- opened
  "The domain in a file: as this thread has it open, if its path still leads to that file, or opened with these options."
  [file {:keys [read-only create reserve]}]
  (let [file (host/resolve-path (str file))
        known (get @domains file)]
    (if (and known (host/open? (.-at known)) (host/at-its-path? (.-at known)))
      known
      (let [options #js {"host" decode/host "readOnly" (boolean read-only) "create" (boolean create)}]
        (when reserve (gobj/set options "reserve" reserve))
        (let [domain (domain-over (host/open file options))]
          (swap! domains assoc file domain)
          domain)))))

(defn atom-domain
  "The domain in the file at `path`, opened and (if it is not there) created; the same object whenever it is asked for.
  With no path, the domain in the memory of this process, which all its worker threads share. Options:

  - `:read-only` true: nothing is written, not even who is reading;
  - `:create` false: a file that is not there is an error;
  - `:reserve`: bytes of address space for a file that is created, 1 TiB if not given. It can never be larger.

  A file that this thread has open already is taken as it is: `:create` and `:reserve` mean nothing then, and one that is open in the
  other way, read-only or not, is an error. If its path leads to another file by now, or to none, that is opened anew; atoms of the old
  one go on as they are.

  Costs a mapping and some microseconds, whatever the size of the file. Throws ex-info with `:eve/error` (`:io`,
  `:not-a-domain`, `:already-open`, …), and for unknown options. As in the original, a map instead of a path is the value of a new atom without a name."
  ([] @memory)
  ([file] (if (map? file) (atom file) (atom-domain file nil)))
  ([file options]
   (let [options (options/of-domain options)
         domain (opened (if (string? file) file (wanted/wrong "the path of a file" file)) options)]
     (options/open-as-wanted (host/path-of (.-at domain)) (:read-only options) (host/read-only? (.-at domain)))
     domain)))

(defn delay-init
  "Marks `f`, a function of no arguments, as the maker of an initial value: it is called only if the atom is not there yet."
  [f]
  (options/delayed f))

(defn- domain-of
  "The domain that a path, a domain or an atom of it stands for. `create`: also a file that is not there yet."
  [x create]
  (cond
    (instance? Domain x) x
    (instance? EveAtom x) (domain-over (host/domain-of (.-at x)))
    (true? x) (opened default-file {:create create})
    (string? x) (opened x {:create create})
    (nil? x) (atom-domain)
    :else (wanted/wrong "a path, a domain or an atom of eve" x)))

(defn- existing
  "The same for who looks at what is there. Throws ex-info with `:eve/error` `:io` if there is no such file."
  [x]
  (domain-of x false))

(defn- face
  "The atom over one of the package: always the same."
  [at]
  (or (gobj/get at "cljs")
      (let [made (impl/->EveAtom at nil nil nil nil 0 nil nil)]
        (gobj/set at "cljs" made)
        made)))

(defn- make [{:keys [id persistent meta validator]} value]
  (let [domain (.-at (domain-of persistent true))
        initial #(options/validated validator (options/initial value) "the first value" id)
        at (if (nil? id)
             (host/anonymous-atom domain initial)
             (let [n (options/name-of id)]
               (or (host/find-atom domain n) (host/create-atom domain n initial))))
        a (face at)]
    (when validator
      (options/validated validator @a "the present value" id)
      (set-validator! a validator))
    (when meta (reset-meta! a meta))
    a))

(defn atom
  "An atom in shared memory.

    (e/atom {:count 0})                                        anonymous, in this process
    (e/atom ::state {:count 0})                                named: same id, same atom, in every worker thread
    (e/atom {:id ::state} {:count 0})
    (e/atom {:id ::state :persistent \"./my-db\"} {:count 0})    in a file, shared by every process that opens it
    (e/atom {:id ::state :persistent true} {:count 0})         in the default file ./eve.db

  The value is used by whoever creates the atom and ignored by those who join; see `delay-init`. The result works as
  ClojureScript's own atom: `@`, `swap!`, `reset!`, watches (for changes of other processes too), validators, metadata.
  Functions given to `swap!` may run more than once. `swap-vals!`, `reset-vals!` and `compare-and-set!` are those of this namespace.

  A `swap!` costs some microseconds, whatever the size of the value. What cannot be stored throws ex-info with `:path`, and
  the atom keeps its value. Unknown options throw ex-info, and so does a validator that rejects the first value (then there is no atom) or
  the one that is there."
  [& args]
  (let [[options value] (apply options/of-atom args)]
    (make options value)))

(defn shared-atom?
  "Is `x` an atom of eve?"
  [x]
  (instance? EveAtom x))

(defn- an-atom [x]
  (if (shared-atom? x) x (wanted/wrong "an atom of eve, as eve.alpha/atom makes" x)))

(defn update!
  "`swap!` without a result: returns nil and holds nothing back. The value given to `f` is good until `f` returns; used later, it
  says so. Faster than `swap!` where the result is not wanted."
  ([a f] (impl/update! (an-atom a) (wanted/function f)))
  ([a f x] (wanted/function f) (impl/update! (an-atom a) (fn [old] (f old x))))
  ([a f x y] (wanted/function f) (impl/update! (an-atom a) (fn [old] (f old x y))))
  ([a f x y & more] (wanted/function f) (impl/update! (an-atom a) (fn [old] (apply f old x y more)))))

(defn swap-vals!
  "As cljs.core's, whose own reads the value before in a step of its own and so may give an older one. For ordinary atoms too."
  [a f & args]
  (if (shared-atom? a)
    (impl/swap-vals a (if args (fn [old] (apply f old args)) f))
    (apply cljs.core/swap-vals! a f args)))

(defn reset-vals!
  "As cljs.core's, whose own reads the value before in a step of its own and so may give an older one. For ordinary atoms too."
  [a value]
  (if (shared-atom? a)
    (impl/swap-vals a (fn [_] value))
    (cljs.core/reset-vals! a value)))

(defn compare-and-set!
  "As cljs.core's, whose own compares in a step of its own and so may overwrite what another process just set. Compares by `=`.
  For ordinary atoms too."
  [a expected value]
  (if (shared-atom? a)
    (impl/compare-and-set a expected value)
    (cljs.core/compare-and-set! a expected value)))

(defn atoms
  "The names of the atoms in a file (a path, or a domain), sorted. A name is a string: `\"my.app/state\"` for `:my.app/state`."
  ([] (atoms nil))
  ([domain] (vec (host/names (.-at (existing domain))))))

(defn remove-atom!
  "Removes an atom, given itself or a domain and an id. True if it was there. Its name may be used again."
  ([a]
   (if-some [n (host/id-of (.-at (an-atom a)))]
     (remove-atom! (existing a) n)
     (wanted/wrong "an atom with a name (others go when nobody holds them)" a)))
  ([domain id] (host/remove! (.-at (existing domain)) (options/name-of id))))

(defn close-atom-domain!
  "Closes a domain (a path, a domain, or an atom of it) in this thread, if it is open. Values that were read stay good; its atoms do not."
  [domain]
  (when-some [found (if (string? domain) (get @domains (host/resolve-path domain)) (existing domain))]
    (when-some [file (host/path-of (.-at found))]
      (swap! domains (fn [open] (if (identical? found (get open file)) (dissoc open file) open)))
      (host/close! (.-at found)))
    nil))

(def close!
  "See `close-atom-domain!`."
  close-atom-domain!)

(def ^:private figures
  [:committed :reserve :pages :pages-used :pages-punched :tick :oldest-pin :pins :participants :processes :atoms])

(defn stat
  "Figures of a domain (a path, a domain, or an atom of it): bytes committed and reserved, heap pages (16 KiB), the commit counter,
  pins, participants, processes, atoms."
  ([] (stat nil))
  ([domain]
   (let [found (host/stat (.-at (existing domain)))]
     (zipmap figures (map #(gobj/get found %) ["committed" "reserve" "pages" "pagesUsed" "pagesPunched" "tick" "oldestPin" "pins"
                                               "participants" "processes" "atoms"])))))

(defn gc!
  "Frees at once what can be freed in a domain. Nothing depends on it: writers do the same bit by bit."
  [domain]
  (host/reclaim! (.-at (existing domain)))
  nil)

(defn- clojure-keys [object]
  (into {} (map (fn [k] [(keyword (.replace k (js/RegExp. "[A-Z]" "g") (fn [c] (str "-" (.toLowerCase c))))) (gobj/get object k)]))
        (js-keys object)))

(defn verify
  "Checks everything in a domain (a path, a domain, or an atom of it) and tells what it found, as a map: `:ok`, `:damages` and `:leaks` with
  places, figures. Nothing is changed. While others are at work only what hangs on the atoms is judged (`:exact` is false then). Takes some
  0.2 µs for each block."
  ([] (verify nil))
  ([domain]
   (let [report (host/verify (.-at (existing domain)))]
     (reduce (fn [m k] (update m k #(mapv clojure-keys %))) (clojure-keys report) [:damages :leaks :kinds]))))

(defn register-record!
  "Shows a record type by its `map->` function, so that stored records of it come back as such and not as tagged literals. A
  program that stored one itself need not. The tag is the name of the class on the JVM (`my.app_ns.Point`), if not given."
  ([map->record]
   (let [blank (map->record {})]
     (register-record! map->record (records/tag-of blank))))
  ([map->record tag]
   (records/show! (map->record {}) (str tag))
   nil))

(defn decimal
  "A decimal number (`12.50M` on the JVM) from its text."
  [text]
  (types/decimal text))

(defn ratio
  "The ratio of two integers (`1/2` on the JVM)."
  [numerator denominator]
  (types/ratio numerator denominator))

;; Constructors. Literals and ClojureScript's own collections become eve's when they are stored: these are for programs written for the
;; original, and for what ClojureScript has no literal for.

(def hash-map "A map of keys and values by turns." cljs.core/hash-map)
(def hash-set "A set of these elements." cljs.core/hash-set)
(defn empty-hash-map [] {})
(defn empty-hash-set [] #{})

(def sorted-map
  "A sorted map, as ClojureScript's own: in shared memory it is sorted too. (One with a comparator of its own is stored without the order.)"
  cljs.core/sorted-map)

(def sorted-set "A sorted set; see `sorted-map`." cljs.core/sorted-set)

(def int-map "A map of integers, kept in order; keys and values by turns." int-map/int-map)

(def eve-array "See `eve.array/eve-array`." array/eve-array)
(def aget "See `eve.array/aget`." array/aget)
(def aset! "See `eve.array/aset!`." array/aset!)
(def get-typed-view "See `eve.array/get-typed-view`." array/get-typed-view)
(def obj "See `eve.obj/obj`." obj/obj)
(def obj-array "See `eve.obj/obj-array`." obj/obj-array)

(defn atom-domain?
  "Is `x` a domain?"
  [x]
  (instance? Domain x))

(defn sab-transfer-data
  "What another worker needs to share this one's atoms. On Node nothing: atoms of the process are found by name, those in files by
  path and name. For programs that also run in browsers."
  []
  #js {})

(defn init-worker!
  "Joins a worker, given what `sab-transfer-data` gave elsewhere. On Node there is nothing to do."
  [_]
  nil)

(def init-eve-on-worker!
  "The original's name of `init-worker!`."
  init-worker!)
