(ns eve.worker-cljs
  "The ClojureScript process of `cargo xtask demo`: one operation in a loop, with the arguments and the output of the others."
  (:require [eve.alpha :as e]
            [eve.edn :as edn]))

(def options
  (loop [found {} [flag & more] (drop 2 js/process.argv)]
    (cond
      (nil? flag) found
      (#{"--json" "--progress"} flag) (recur (assoc found flag true) more)
      :else (recur (assoc found flag (first more)) (rest more)))))

(defn- operation
  "A function without arguments that does the operation once."
  [a text]
  (let [[op path f & args] (edn/read-all text)]
    (case op
      get-in #(get-in @a path)
      update-in (let [f (or ({'inc inc 'dec dec '+ + '- -} f)
                            (throw (ex-info (str "the demo does not know the function " f) {})))]
                  #(apply e/update! a update-in path f args))
      (throw (ex-info (str "the demo does not know the operation " op) {})))))

;; Times, counted by their logarithm, eight classes for each doubling.
(def ^:private counts (js/Uint32Array. 512))

(defn- count-time! [ns]
  (let [at (min 511 (js/Math.round (* 8 (js/Math.log2 (max 1 ns)))))]
    (aset counts at (inc (aget counts at)))))

(defn- quantile [q]
  (let [wanted (* q (areduce counts i n 0 (+ n (aget counts i))))]
    (loop [at 0 n (aget counts 0)]
      (if (or (>= n wanted) (== at 511))
        (js/Math.round (js/Math.pow 2 (/ at 8)))
        (recur (inc at) (+ n (aget counts (inc at))))))))

(defn- line [n seconds]
  (js/JSON.stringify
   #js {"op" (options "--op") "operations" n "seconds" seconds "per_second" (/ n seconds)
        "p50_ns" (quantile 0.5) "p95_ns" (quantile 0.95) "p99_ns" (quantile 0.99)}))

(let [a (e/atom {:id (options "--atom") :persistent (options "--file")} {})
      run (operation a (options "--op"))
      now #(js/performance.now)
      begun (now)
      end (+ begun (* 1000 (js/parseFloat (options "--seconds"))))
      seconds #(/ (- (now) begun) 1000)
      batch (fn batch [n told]
              (dotimes [_ 1000]
                (let [before (now)]
                  (run)
                  (count-time! (* 1e6 (- (now) before)))))
              (let [n (+ n 1000)
                    tell (> (- (now) told) 1000)]
                (when (and tell (options "--progress")) (js/console.error (line n (seconds))))
                ;; A turn of the event loop, in which what was read and dropped can go.
                (if (< (now) end)
                  (js/setImmediate #(batch n (if tell (now) told)))
                  (println (line n (seconds))))))]
  (enable-console-print!)
  (batch 0 begun))
