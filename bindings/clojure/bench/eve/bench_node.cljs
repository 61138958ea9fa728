(ns eve.bench-node
  "The speed of the face in ClojureScript on Node, beside ClojureScript's own maps in one run: bin/bench-cljs [entries]."
  (:require [eve.alpha :as e]
            ["fs" :as fs]
            ["os" :as os]
            ["path" :as path]))

(def folder (js-invoke fs "mkdtempSync" (js-invoke path "join" (js-invoke os "tmpdir") "eve-bench-")))
(def file (js-invoke path "join" folder "db"))
(def entries (js/parseInt (or (aget js/process.argv 2) "17000")))

(defn- now [] (js/Number (js-invoke (aget js/process "hrtime") "bigint")))

(def batch "Between batches the event loop has a turn, so that results that were dropped can go; it is not counted." 5000)

(defn- measure
  "Quantiles of single calls of `f`, and the rate of calls in a row; `then` is given the median."
  [name n f then]
  (let [each (js/Float64Array. (min n 50000))
        singles (fn singles [i]
                  (if (< i (.-length each))
                    (do (dotimes [j (min batch (- (.-length each) i))]
                          (let [from (now)] (f (+ i j)) (aset each (+ i j) (- (now) from))))
                        (js/setImmediate #(singles (+ i batch))))
                    (js/setImmediate #((aget singles "rows")))))
        rows (fn rows [i time best round]
               (cond
                 (< i n) (let [from (now)]
                           (dotimes [j (min batch (- n i))] (f (+ i j)))
                           (let [took (- (now) from)] (js/setImmediate #(rows (+ i batch) (+ time took) best round))))
                 (< round 4) (rows 0 0 (min best (/ time n)) (inc round))
                 :else (let [best (min best (/ time n))
                             at #(aget each (js/Math.floor (* % (.-length each))))]
                         (js-invoke each "sort")
                         (println (str name ": p50 " (at 0.5) " ns, p99 " (at 0.99) " ns, " (js/Math.round (/ 1e9 best)) " a second"))
                         (then {:p50 (at 0.5) :mean best}))))]
    (aset singles "rows" #(rows 0 0 js/Infinity 0))
    (dotimes [i (min n batch)] (f i))
    (js/setImmediate #(singles 0))))

(defn- once
  "The least milliseconds that a call takes, of some."
  [f]
  (apply min (repeatedly 7 #(let [from (now)] (f) (/ (- (now) from) 1e6)))))

(def own (into {} (map (fn [i] [(str "key" i) i])) (range entries)))
(def ks (into-array (keys own)))
(def a (e/atom {:id ::map :persistent file} own))
(def counter (e/atom {:id ::counter :persistent file} 0))
(def local (atom own))
(defn- key-of [i] (aget ks (mod i entries)))

(defn- walks []
  (let [view @a
        sum (fn [m] (reduce-kv (fn [acc _ v] (+ acc v)) 0 m))
        mine (once #(sum view)) theirs (once #(sum own))]
    (when (not= (sum view) (sum own)) (throw (js/Error. "the sums differ")))
    (println (str "reduce-kv of " entries ": " (js/Math.round (/ (* 1e6 mine) entries)) " ns an entry, " (.toFixed (/ mine theirs) 1) " times ClojureScript's"))
    (js-invoke fs "rmSync" folder #js {"recursive" true})))

(defn- gets [then]
  (let [view @a]
    (measure "get of a small value from a snapshot" 500000 #(get view (key-of %))
             (fn [mine]
               (measure "the same from ClojureScript's own map" 500000 #(get own (key-of %))
                        (fn [theirs]
                          (println (str "→ get: " (.toFixed (/ (:mean mine) (:mean theirs)) 1) " times ClojureScript's"))
                          (then)))))))

(measure (str "swap! of one key in a map of " entries) 100000 #(swap! a assoc "counter" %)
  (fn [_]
    (measure "(swap! a update \"counter\" inc)" 100000 (fn [_] (swap! a update "counter" inc))
      (fn [_]
        (measure "(swap! a assoc-in [\"deep\" \"n\"] i)" 100000 #(swap! a assoc-in ["deep" "n"] %)
          (fn [_]
            (measure "update! of one key" 100000 #(e/update! a assoc "counter" %)
              (fn [_]
                (swap! a dissoc "counter" "deep")
                (measure "swap! of a counter alone" 100000 (fn [_] (swap! counter inc))
                  (fn [_]
                    (measure "the same key in an atom of ClojureScript's own" 100000 #(swap! local assoc "counter" %)
                      (fn [_] (gets walks)))))))))))))
