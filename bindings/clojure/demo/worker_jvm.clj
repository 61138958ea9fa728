;; A process of `cargo xtask demo`: does one operation on an atom in a loop and says every second how often, and how long it took.
;;   bin/clj demo/worker_jvm.clj --file FILE --atom NAME --op OP --seconds N [--json] [--progress]
(require '[clojure.edn :as edn]
         '[eve.alpha :as e])

(set! *warn-on-reflection* true)

(def options
  (loop [found {} [flag & more] *command-line-args*]
    (cond
      (nil? flag) found
      (#{"--json" "--progress"} flag) (recur (assoc found flag true) more)
      :else (recur (assoc found flag (first more)) (rest more)))))

(defn- operation
  "A function without arguments that does the operation once."
  [a text]
  (let [[op path f & args] (edn/read-string (str "[" text "]"))]
    (case op
      get-in #(get-in @a path)
      update-in (let [f (or ({'inc inc 'dec dec '+ + '- -} f)
                            (throw (ex-info (str "the demo does not know the function " f) {})))]
                  #(apply e/update! a update-in path f args))
      (throw (ex-info (str "the demo does not know the operation " op) {})))))

;; Times, counted in buckets an eighth of a power of two wide.
(defn- bucket ^long [^long ns]
  (let [ns (max ns 8) high (- 63 (Long/numberOfLeadingZeros ns))]
    (+ (* 8 high) (bit-and 7 (bit-shift-right ns (- high 3))))))

(defn- bucket-time ^double [^long b]
  (* (Math/pow 2 (quot b 8)) (+ 1 (/ (+ (rem b 8) 0.5) 8))))

(defn- quantile [^longs counts q]
  (let [wanted (* q (areduce counts i n 0 (+ n (aget counts i))))]
    (loop [b 0 n 0]
      (if (= b 511)
        0.0
        (let [n (+ n (aget counts b))]
          (if (and (>= n wanted) (pos? n)) (bucket-time b) (recur (inc b) n)))))))

(defn- line [n seconds counts]
  (String/format java.util.Locale/ROOT
                 "{\"operations\":%d,\"seconds\":%.3f,\"per_second\":%.1f,\"p50_ns\":%.0f,\"p95_ns\":%.0f,\"p99_ns\":%.0f}"
                 (object-array [n seconds (/ n seconds) (quantile counts 0.5) (quantile counts 0.95) (quantile counts 0.99)])))

(let [a (e/atom {:id (options "--atom") :persistent (options "--file")} {})
      run (operation a (options "--op"))
      counts (long-array 512)
      begun (System/nanoTime)
      end (+ begun (long (* 1e9 (Double/parseDouble (options "--seconds")))))
      n (loop [n 0 before begun told begun]
          (run)
          (let [now (System/nanoTime)
                b (bucket (- now before))]
            (aset counts b (inc (aget counts b)))
            (let [told (if (> (- now told) 1000000000)
                         (do (when (options "--progress")
                               (binding [*out* *err*] (println (line (inc n) (/ (- now begun) 1e9) counts))))
                             now)
                         told)]
              (if (< now end) (recur (inc n) now told) (inc n)))))]
  (println (line n (/ (- (System/nanoTime) begun) 1e9) counts)))
