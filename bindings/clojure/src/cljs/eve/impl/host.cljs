(ns eve.impl.host
  "Calls of the JavaScript package (`eve/internal`): few, and all of them here. Its functions are taken by name once, so that
  advanced compilation renames nothing of theirs."
  (:require ["eve/internal" :as internal]
            [goog.object :as gobj])
  (:require-macros [eve.impl.host :refer [guard]]))

(defn- of [name]
  (or (gobj/get internal name)
      (throw (js/Error. (str "the npm package eve has no " name ": it is of another version than these sources")))))

;; Classes

(def EveError (of "EveError"))
(def Decimal (of "Decimal"))
(def Ratio (of "Ratio"))
(def Uuid (of "Uuid"))

(def ^:private messages
  "What JavaScript says in other words."
  {"released" "this value was only good inside the function given to update!; use swap! to keep it"})

(defn problem
  "An error of the package as ex-info with `:eve/error`; any other as it is."
  [e]
  (if (instance? EveError e)
    (let [kind (gobj/get e "kind") path (gobj/get e "path")]
      (ex-info (get messages kind (gobj/get e "message"))
               (cond-> {:eve/error (keyword kind)} (not= "" path) (assoc :where path))
               e))
    e))

(defn guard*
  "`guard` for a function."
  [f]
  (guard (f)))

;; Writing a patch. None of these is called while something else may read: the patch lies where results will.

(def scalar "Writes a scalar of JavaScript; false if it is none." (of "scalar"))
(def text "Writes a text behind a code." (of "text"))
(def float64 "Writes a number as a float." (of "float"))
(def u8 (of "u8"))
(def u32 (of "u32"))
(def u64 (of "u64"))
(def well-formed? "Has a string no half surrogate pairs?" (of "isWellFormed"))
(def date? "Is it a date of JavaScript? Here and below: also one of another realm (a context of `node:vm`), whose classes are others." (of "isDate"))
(def bytes? "Is it a `Uint8Array`?" (of "isBytes"))
(def js-map? "Is it a `Map`?" (of "isMap"))
(def js-set? "Is it a `Set`?" (of "isSet"))
(def plain? "Is it an object as `{}` makes them?" (of "isPlain"))
(def gone? "Is nothing left of what a typed array held, since its memory was transferred?" (of "isGone"))
(def own? "Is it a value as JavaScript programs have them?" (of "isOwn"))
(def write-own "Writes such a value." (of "writeOwn"))
(def place "Writes which view: snapshot and word." (of "place"))
(def place-at "Writes which view: number of a snapshot that the package holds, and word." (of "placeAt"))
(def in-place "Writes that what is edited lies in the place where the edit is written." (of "inPlace"))
(def forget "What was written is of no use." (of "forget"))

;; Values that are made of what has to be read first: not while other values are still being read.

(deftype Later [make ^:mutable done ^:mutable made]
  Object
  (get [_]
    (when-not done
      (set! made (make))
      (set! done true))
    made))

(def ^:private any-later false)

(defn later
  "Stands for what `make` gives, until `settled`."
  [make]
  (set! any-later true)
  (->Later make false nil))

(defn settled [x]
  (if (and any-later (instance? Later x)) (.get x) x))

(defn- all-settled [items]
  (when any-later
    (dotimes [i (alength items)] (aset items i (settled (aget items i)))))
  items)

;; Reading. A view is a snapshot and the two halves of a word. What is not there is undefined.

(def ^:private find* (of "find"))
(def ^:private nth* (of "nth"))
(def ^:private rest* (of "rest"))
(def ^:private meta* (of "meta"))
(def ^:private some* (of "some"))
(def ^:private walk* (of "walk"))
(def ^:private walk-from* (of "walkFrom"))
(def ^:private equal* (of "equalViews"))

(defn lookup
  "What lies under the key that was written."
  [snap low high]
  (settled (guard (find* snap low high 1))))

(defn element
  "The element at an index of a vector or list."
  [snap low high i]
  (settled (guard (nth* snap low high i))))

(defn tail
  "A list without its first element."
  [snap low high]
  (guard (rest* snap low high)))

(defn metadata [snap low high]
  (let [m (guard (meta* snap low high))]
    (when-not (undefined? m) m)))

(defn elements
  "An array of the first elements of a vector from one index up to, but not including, another: 256 at most."
  [snap low high from to]
  (all-settled (guard (some* snap low high from to))))

(defn equal?
  "Has the engine two views for equal? It tells 1 from 1.0, and skips what they share."
  [snap low high snap2 low2 high2]
  (guard (equal* snap low high snap2 low2 high2)))

(def ^:private parse* (of "parse"))

(defn parse
  "An array of the values in a text of EDN: `make` makes collections of code, array and tag."
  [text host make]
  (guard (parse* text host make)))

(deftype Walk [chunks]
  Object
  ;; The next array of keys and values by turns (or of elements), nil at the end.
  (more [_]
    (let [step (guard (.next chunks))]
      (when-not (.-done step) (all-settled (.-value step))))))

(defn walk
  "Through all of a map, set or list: `(.more walk)` gives an array, nil at the end."
  [snap low high each]
  (Walk. (walk* snap low high each)))

(defn walk-from
  "The same for what keeps an order: from the key that `write-key` writes, if it is not nil, or from the end; descending if so wished."
  [snap low high each descending write-key]
  (Walk. (walk-from* snap low high each descending (or write-key js/undefined))))

;; Domains and atoms

(def resolve-path "The full path of a file." (of "resolve"))
(def ^:private open* (of "open"))
(def ^:private is-open* (of "isOpen"))
(def ^:private path-of* (of "pathOf"))
(def ^:private at-its-path* (of "isAtItsPath"))
(def ^:private atom-of* (of "atomOf"))
(def ^:private create-atom* (of "createAtom"))
(def ^:private anonymous-atom* (of "anonymousAtom"))
(def ^:private names* (of "names"))
(def ^:private remove* (of "remove"))
(def ^:private stat* (of "stat"))
(def ^:private reclaim* (of "reclaim"))
(def ^:private verify* (of "verify"))
(def ^:private close* (of "close"))
(def ^:private id-of* (of "idOf"))
(def ^:private domain-of* (of "domainOf"))
(def ^:private deref* (of "deref"))
(def ^:private swap-values* (of "swapValues"))
(def ^:private update* (of "update"))
(def ^:private version* (of "version"))
(def ^:private watch* (of "watch"))

(defn open [path options] (guard (open* path options)))
(defn open? [domain] (is-open* domain))
(defn path-of [domain] (path-of* domain))
(defn at-its-path?
  "Does the path of an open domain still lead to its file? Another one may lie there by now, or none."
  [domain]
  (guard (at-its-path* domain)))
(defn read-only? [domain] (gobj/get domain "readOnly"))
(defn find-atom [domain id] (guard (atom-of* domain id)))
(defn create-atom
  "The atom of this name, made with what `first` (no arguments) gives if there is none."
  [domain id first]
  (guard (create-atom* domain id first)))
(defn anonymous-atom [domain first] (guard (anonymous-atom* domain first)))
(defn names [domain] (guard (names* domain)))
(defn remove! [domain id] (guard (remove* domain id)))
(defn stat [domain] (guard (stat* domain)))
(defn reclaim! [domain] (guard (reclaim* domain)))
(defn verify [domain] (guard (verify* domain)))
(defn close! [domain] (guard (close* domain)))
(defn id-of [atom] (id-of* atom))
(defn domain-of [atom] (domain-of* atom))
(defn value [atom] (settled (guard (deref* atom))))
(defn swap-values
  "An array of the value before and the one after."
  [atom f]
  (all-settled (guard (swap-values* atom (fn [before] (f (settled before)))))))
(defn update! [atom f] (guard (update* atom (fn [before] (f (settled before))))))
(defn version [atom] (guard (version* atom)))
(defn watch
  "Calls `f` with the value and the one before after commits of others; returns a function that ends it."
  [atom f]
  (guard (watch* atom (fn [now before] (f (settled now) (settled before))))))
