(ns eve.impl.atom
  "Atoms in shared memory: what ClojureScript's own functions for atoms work on."
  (:require [eve.impl.host :as host]
            [eve.impl.view :as view]))

(def ^:private rejected "Validator rejected reference state")

(defn- swapped
  "An array of the value before and the one after. What `f` changes is noted on the way."
  [at f]
  (try
    (host/swap-values at (fn [old] (view/begin-trail) (f old)))
    (finally (view/end-trail))))

;; ClojureScript's own set-validator!, get-validator, alter-meta! and reset-meta! read and set the fields `validator` and `meta`.
(deftype EveAtom [at ^:mutable meta ^:mutable validator ^:mutable watches ^:mutable stop ^:mutable seen ^:mutable known ^:mutable mine]
  ;; at           the package's atom
  ;; stop         ends the watch of other processes; nil if there is none
  ;; seen, known  the version and the value that the watches know of
  ;; mine         is a commit of ours under way? Then a watch that hears of a new value leaves it here
  Object
  (equiv [this other] (-equiv this other))

  ;; Array of the value before and the one after.
  (change [this f]
    (let [checked (if (nil? validator)
                    f
                    (fn [old]
                      (let [new (f old)]
                        (if (validator new) new (throw (js/Error. rejected))))))]
      (if (nil? stop)
        (let [pair (swapped at checked)]
          (when (some? watches) (-notify-watches this (aget pair 0) (aget pair 1)))
          pair)
        (.changeWatched this checked))))

  ;; The package tells us of our own commits too, and takes several commits together: ours are told one by one, those of others in
  ;; between as one.
  (changeWatched [this f]
    (set! mine #js [])
    (let [pair (try (swapped at f)
                    (finally (set! mine (not-empty (vec mine)))))
          heard mine
          old (aget pair 0)
          new (aget pair 1)
          now (if heard (peek heard) new)
          version (host/version at)
          others (> (- version seen) 1)
          before known]
      (set! mine nil)
      (set! seen version)
      (set! known now)
      (when (and others (not (identical? before old)) (not= before old)) (-notify-watches this before old))
      (-notify-watches this old new)
      (when (and others (not (identical? new now)) (not= new now)) (-notify-watches this new now))
      pair))

  (heard [this now]
    (if (some? mine)
      (.push mine now)
      (let [before known version (host/version at)]
        (when-not (== version seen)
          (set! seen version)
          (set! known now)
          (-notify-watches this before now)))))

  IAtom

  IEquiv
  (-equiv [this other] (identical? this other))

  IHash
  (-hash [this] (goog/getUid this))

  IDeref
  (-deref [_] (host/value at))

  IMeta
  (-meta [_] meta)

  IReset
  (-reset! [this value] (aget (.change this (fn [_] value)) 1))

  ISwap
  (-swap! [this f] (aget (.change this f) 1))
  (-swap! [this f a] (aget (.change this (fn [old] (f old a))) 1))
  (-swap! [this f a b] (aget (.change this (fn [old] (f old a b))) 1))
  (-swap! [this f a b more] (aget (.change this (fn [old] (apply f old a b more))) 1))

  IWatchable
  (-notify-watches [this old new]
    (doseq [[k f] watches] (f k this old new)))
  (-add-watch [this k f]
    (when (nil? stop)
      (set! seen (host/version at))
      (set! known (host/value at))
      (set! stop (host/watch at (fn [now _] (.heard this now)))))
    (set! watches (assoc watches k f))
    this)
  (-remove-watch [this k]
    (set! watches (not-empty (dissoc watches k)))
    (when (and (nil? watches) (some? stop))
      (let [end stop]
        (set! stop nil)
        (set! known nil)
        (end)))
    this)

  IPrintWithWriter
  (-pr-writer [this writer opts]
    (-write writer "#object[eve.alpha.EveAtom ")
    (pr-seq-writer #js [{:id (host/id-of at)
                         :domain (or (host/path-of (host/domain-of at)) "memory")
                         :val (try (-deref this) (catch :default e (symbol (str "<" (ex-message e) ">"))))}]
                   writer opts)
    (-write writer "]")))

(defn swap-vals [a f]
  (let [pair (.change a f)] [(aget pair 0) (aget pair 1)]))

(def ^:private different (js-obj))

(defn compare-and-set
  "Sets the value if it equals `expected`: what two processes read is never identical."
  [a expected value]
  (try
    (.change a (fn [old] (if (= old expected) value (throw different))))
    true
    (catch :default e
      (if (identical? e different) false (throw e)))))

(defn update!
  "swap! without a result."
  [a f]
  (if (some? (.-watches a))
    (.change a f) ; watches are given both values to keep
    (let [validator (.-validator a)]
      (host/update! (.-at a)
                    (if (nil? validator)
                      f
                      (fn [old]
                        (let [new (f old)]
                          (if (validator new) new (throw (js/Error. rejected)))))))))
  nil)
