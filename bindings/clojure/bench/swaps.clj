;; The speed of the face, beside Clojure's own atoms and maps: bin/clj bench/swaps.clj [records]
;; Prints one line for each figure: what, value, and what it is compared with.
(require '[eve.alpha :as e])
(set! *warn-on-reflection* true)

(def file (str (java.nio.file.Files/createTempDirectory "eve-bench" (make-array java.nio.file.attribute.FileAttribute 0)) "/db"))
(def records (Long/parseLong (or (first *command-line-args*) "168000")))

(defn record [i]
  {:id i :name (str "name " i) :email (str "user" i "@example.org")
   :profile {:bio (str "bio of " i) :location {:street (str i " street") :city "city" :country "country" :zone "zone"}
             :preferences {:theme :dark :language :en :mail true :news false}}
   :numbers (vec (range i (+ i 10))) :tags #{:a :b :c :d} :roles '(:r1 :r2 :r3 :r4)
   :matrix [[1.0 0.0 0.0] [0.0 1.0 0.0] [0.0 0.0 1.0]] :text (apply str (repeat 500 "x"))})

;; Both put the loop into a function of its own: in the middle of another form the JVM would interpret it to the end, since it replaces a
;; running loop by compiled code only where nothing else is under way.

(defmacro times
  "Nanoseconds of each of n runs, sorted."
  [n & body]
  `((fn []
      (let [all# (long-array ~n)]
        (dotimes [~'i ~n]
          (let [t# (System/nanoTime)] ~@body (aset all# ~'i (- (System/nanoTime) t#))))
        (java.util.Arrays/sort all#)
        all#))))

(defmacro seconds [& body]
  `((fn [] (let [t# (System/nanoTime)] ~@body (/ (- (System/nanoTime) t#) 1e9)))))

(defn quantile [^longs sorted q]
  (/ (aget sorted (min (dec (alength sorted)) (long (* q (alength sorted))))) 1e3))

(defn say [what value & [other]]
  (println (format "%-62s %12.3f %s" what (double value) (or other ""))))

(defn another-jvm
  "Starts a JVM that does what the text says once it is told to: its ends of the pipes."
  [text]
  (let [java (str (System/getProperty "java.home") "/bin/java")
        process (.start (doto (ProcessBuilder. ^"[Ljava.lang.String;" (into-array
                                [java "--enable-native-access=ALL-UNNAMED" "-cp" (System/getProperty "java.class.path") "clojure.main" "-e"
                                 (str "(require '[eve.alpha :as e]) (println :ready) (read-line) " text " (println :done) (shutdown-agents)")]))
                          (.redirectError java.lang.ProcessBuilder$Redirect/INHERIT)))
        out (java.io.BufferedReader. (java.io.InputStreamReader. (.getInputStream process)))]
    (.readLine out)
    {:process process :out out :go #(doto (.getOutputStream process) (.write (.getBytes "go\n")) .flush)}))

(def ten-fields [:id :name :email :text :a :b :c :d :e :f])

(defn big [n]
  (into {:counter 0} (map (fn [i] [(keyword (str "record-" i)) (record i)])) (range n)))

(let [few (e/atom {:id :few :persistent file} (big 1800))
      all (e/atom {:id :all :persistent file} (big records))
      counter (e/atom {:id :counter :persistent file} 0)]
  (dotimes [_ 2]
    (doseq [[what a] [["few" few] ["all" all]]]
      (let [t (times 200000 (swap! a update :counter inc))]
        (say (str "swap! update :counter, " what " records, p50 us") (quantile t 0.5))
        (say (str "swap! update :counter, " what " records, p99 us") (quantile t 0.99))))
    (let [t (times 200000 (e/update! all update :counter inc))]
      (say "update! update :counter, all records, p50 us" (quantile t 0.5)))
    (let [one (fn [a] (seconds (dotimes [i 100000] (swap! a assoc :counter i))))
          ten (fn [a] (seconds (dotimes [i 100000] (swap! a #(loop [m % k 0] (if (= k 10) m (recur (assoc m k i) (inc k))))))))
          host (atom (big 1800))]
      (say "10 changes in a swap!, times one change" (/ (ten few) (one few)))
      (say "the same with an atom of Clojure's own" (/ (ten host) (one host))))
    (let [one (seconds (dotimes [i 100000] (swap! all assoc-in [:record-7 :id] i)))
          ten (seconds (dotimes [i 100000] (swap! all update :record-7 #(reduce (fn [r field] (assoc r field i)) % ten-fields))))]
      (say "10 fields of a record in a swap!, times one field" (/ ten one))))
  (dotimes [round 4]
    (let [inserts (e/atom {:id (str "inserts" round) :persistent file} {})
          s (seconds (dotimes [i 100000] (swap! inserts assoc (str "key-" i) i)))]
      (say (str "inserts of key-i by swap!, thousands a second, round " (inc round)) (/ 100 s))))
  (doseq [[kind key] [["strings" #(str "key-" %)] ["keywords" #(keyword (str "record-" %))] ["integers" identity]]]
    (let [host (into {} (map (fn [i] [(key i) i])) (range 100000))
          v @(e/atom {:id (str "map of " kind) :persistent file} host)
          ks (shuffle (keys host))
          ;; As strings are that come from elsewhere: others than the objects in the map.
          equal-ks (if (= kind "strings") (mapv #(apply str (seq %)) ks) ks)
          gets (fn [m ks] (let [ks (object-array ks)] (seconds (dotimes [i 1000000] (get m (aget ^objects ks (rem i 100000)))))))
          reduces (fn [m] (seconds (dotimes [_ 10] (reduce-kv (fn [n _ x] (+ (long n) (long x))) 0 m))))
          ratio (fn [f & more] (/ (apply f v more) (apply f host more)))]
      ;; Long enough that the compiler is done: with each kind of key it begins again.
      (dotimes [_ 6] (run! #(do (gets % ks) (gets % equal-ks) (reduces %)) [host v]))
      (say (str "get of 100 thousand " kind ", times Clojure's") (ratio gets ks))
      (when-not (identical? ks equal-ks) (say "the same by equal strings, not the same objects" (ratio gets equal-ks)))
      (say (str "reduce-kv of 100 thousand " kind ", times Clojure's") (ratio reduces))))
  (let [n 1000000]
    (dotimes [_ 2]
      (say "(:counter @a), millions a second" (/ n 1e6 (seconds (dotimes [_ n] (:counter @all)))))
      (say "get-in of 4 keys, millions a second"
           (/ n 1e6 (let [v @all] (seconds (dotimes [_ n] (get-in v [:record-7 :profile :location :city]))))))))
  (let [n 500000
        one #(seconds (dotimes [_ n] (swap! counter inc)))
        alone (do (one) (one))
        before @counter
        four (seconds (run! deref (mapv (fn [_] (future (dotimes [_ n] (swap! counter inc)))) (range 4))))]
    (say "one thread on a counter, millions a second" (/ n 1e6 alone))
    (say "4 threads on a counter, total millions a second" (/ (* 4 n) 1e6 four)
         (str "lost: " (- (+ before (* 4 n)) @counter)))
    (let [others (mapv (fn [_] (another-jvm (str "(let [a (e/atom {:id :counter :persistent " (pr-str file) "} 0)] (dotimes [_ " n "] (swap! a inc)))")))
                       (range 2))
          before @counter
          all (seconds
               (run! #((:go %)) others)
               (run! deref (mapv (fn [_] (future (dotimes [_ n] (swap! counter inc)))) (range 4)))
               (run! (fn [{:keys [^java.io.BufferedReader out]}] (.readLine out)) others))]
      (run! (fn [{:keys [^Process process]}] (.waitFor process)) others)
      (say "4 threads and 2 JVMs on a counter, total, times one thread" (/ (/ (* 6 n) all) (/ n alone))
           (str "lost: " (- (+ before (* 6 n)) @counter))))))
(shutdown-agents)
(doto (java.io.File. ^String file) .delete (-> .getParentFile .delete))
