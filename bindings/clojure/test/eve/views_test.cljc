(ns eve.views-test
  "Views against Clojure's (ClojureScript's) own collections: random programs on both, equal at every step."
  (:require [clojure.data :as data]
            [clojure.set :as set]
            [clojure.test :refer [deftest is testing]]
            [clojure.test.check.clojure-test :refer [defspec]]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [clojure.walk :as walk]
            [eve.alpha :as e]
            #?(:clj [eve.files :refer [with-file]] :cljs [eve.files :refer-macros [with-file]])
            [eve.support :as s]
            #?(:cljs [clojure.string])))

(defn same?
  "Equal both ways, of equal hash, printed alike where the order is one."
  [a b]
  (and (= a b) (= b a) (= (hash a) (hash b))
       #?@(:clj [(.equals ^Object a b) (.equals ^Object b a)
                 (= (.hashCode ^Object a) (.hashCode ^Object b))])))

(defspec every-value-comes-back (s/times 150)
  (prop/for-all [v s/value]
    (let [back (s/stored [v])]
      (and (= [v] back) (= back [v]) (= (hash [v]) (hash back))
           (= (meta v) (meta (first back)))
           (= (type (if (coll? v) nil v)) (type (if (coll? v) nil (first back))))))))

(def map-step
  (gen/one-of [(gen/tuple (gen/return :assoc) s/a-key s/scalar)
               (gen/tuple (gen/return :dissoc) s/a-key)
               (gen/tuple (gen/return :into) (gen/map s/a-key s/scalar))
               (gen/tuple (gen/return :transient) (gen/vector (gen/tuple s/a-key gen/boolean s/scalar)))
               (gen/tuple (gen/return :meta) gen/keyword)
               (gen/return [:commit])
               (gen/return [:empty])]))

(defn- step-map [m [op a b]]
  (case op
    :assoc (assoc m a b)
    :dissoc (dissoc m a)
    :into (into m a)
    :transient (persistent! (reduce (fn [t [k add? v]] (if add? (assoc! t k v) (dissoc! t k))) (transient m) a))
    :meta (with-meta m {:m a})
    :empty (empty m)
    :commit m))

(defspec maps-are-clojures-maps (s/times 200)
  (prop/for-all [start (gen/map s/a-key s/scalar {:max-elements 60})
                 steps (gen/vector map-step 0 25)
                 probe s/a-key]
    (let [a (e/atom start)]
      (loop [mine @a, model start, steps steps]
        (and (same? mine model)
             (= (count mine) (count model))
             (= (get mine probe ::none) (get model probe ::none))
             (= (contains? mine probe) (contains? model probe))
             (= (find mine probe) (find model probe))
             (= (set (seq mine)) (set (seq model)))
             (= (set (keys mine)) (set (keys model)))
             (= (reduce-kv (fn [acc k v] (conj acc [k v])) #{} mine) (set (map vec model)))
             (= (meta mine) (meta model))
             #?(:clj (= mine (read-string (pr-str mine)))
                ;; A double beyond 2^53 prints as an integer, and is read as one.
                :cljs (= (s/parse (pr-str model)) (s/parse (pr-str mine))))
             (if-let [[step & more] (seq steps)]
               (let [mine (step-map mine step)]
                 (recur (if (= step [:commit]) (reset! a mine) mine) (step-map model step) more))
               (and (same? (reset! a mine) model)
                    (same? @a model))))))))

(def set-step
  (gen/one-of [(gen/tuple (gen/return :conj) s/a-key)
               (gen/tuple (gen/return :disj) s/a-key)
               (gen/tuple (gen/return :transient) (gen/vector (gen/tuple s/a-key gen/boolean)))
               (gen/return [:commit])]))

(defn- step-set [m [op a]]
  (case op
    :conj (conj m a)
    :disj (disj m a)
    :transient (persistent! (reduce (fn [t [k add?]] (if add? (conj! t k) (disj! t k))) (transient m) a))
    :commit m))

(defspec sets-are-clojures-sets (s/times 150)
  (prop/for-all [start (gen/set s/a-key {:max-elements 60})
                 steps (gen/vector set-step 0 25)
                 probe s/a-key]
    (let [a (e/atom start)]
      (loop [mine @a, model start, steps steps]
        (and (same? mine model)
             (= (get mine probe ::none) (get model probe ::none))
             (= (contains? mine probe) (contains? model probe))
             (= (set mine) model)
             (= (set/union mine #{:x}) (set/union model #{:x}))
             (= (set/difference model mine) #{})
             (if-let [[step & more] (seq steps)]
               (let [mine (step-set mine step)]
                 (recur (if (= step [:commit]) (reset! a mine) mine) (step-set model step) more))
               (same? (reset! a mine) model)))))))

(def vector-step
  (gen/one-of [(gen/tuple (gen/return :conj) s/scalar)
               (gen/tuple (gen/return :assoc) gen/nat s/scalar)
               (gen/return [:pop])
               (gen/tuple (gen/return :transient) (gen/vector (gen/tuple gen/nat s/scalar)))
               (gen/return [:commit])]))

(defn- step-vector [v [op a b]]
  (case op
    :conj (conj v a)
    :assoc (assoc v (mod a (inc (count v))) b)
    :pop (if (seq v) (pop v) v)
    :transient (persistent! (reduce (fn [t [i x]]
                                      (case (int (mod i 3))
                                        0 (conj! t x)
                                        1 (assoc! t (mod i (inc (count t))) x)
                                        2 (if (pos? (count t)) (pop! t) t)))
                                    (transient v) a))
    :commit v))

(defspec vectors-are-clojures-vectors (s/times 150)
  (prop/for-all [start (gen/vector s/scalar 0 100)
                 steps (gen/vector vector-step 0 25)
                 i gen/nat]
    (let [a (e/atom start)]
      (loop [mine @a, model start, steps steps]
        (and (same? mine model)
             (= (get mine i ::none) (get model i ::none))
             (= (seq mine) (seq model))
             (= (rseq mine) (rseq model))
             (= (peek mine) (peek model))
             (= (reduce conj [] mine) model)
             (= (reduce-kv (fn [acc i x] (conj acc [i x])) [] mine) (map-indexed vector model))
             (= (subvec mine (quot (count mine) 2)) (subvec model (quot (count mine) 2)))
             (zero? (compare (mapv str mine) (mapv str model)))
             (if-let [[step & more] (seq steps)]
               (let [mine (step-vector mine step)]
                 (recur (if (= step [:commit]) (reset! a mine) mine) (step-vector model step) more))
               (same? (reset! a mine) model)))))))

(defspec lists-are-clojures-lists (s/times 150)
  (prop/for-all [start (gen/list s/scalar)
                 steps (gen/vector (gen/one-of [(gen/tuple (gen/return :conj) s/scalar)
                                                (gen/return [:pop]) (gen/return [:commit])
                                                (gen/tuple (gen/return :meta) gen/keyword)]) 0 20)]
    (let [a (e/atom start)]
      (loop [mine @a, model start, steps steps]
        (and (same? mine model)
             (list? mine)
             (= (seq mine) (seq model)) (= (first mine) (first model)) (= (rest mine) (rest model))
             (= (count mine) (count model))
             (= (reduce conj [] mine) (vec model))
             (if-let [[[op x :as step] & more] (seq steps)]
               (let [f (fn [l] (case op :conj (conj l x) :pop (if (seq l) (pop l) l)
                                     :meta (with-meta l {:m x}) :commit l))
                     mine (f mine)]
                 (recur (if (= step [:commit]) (reset! a mine) mine) (f model) more))
               (let [mine (with-meta mine {:m 1})]
                 (and (same? (reset! a mine) model) (= {:m 1} (meta @a))))))))))

(defspec values-move-and-change-inside-each-other (s/times 100)
  (prop/for-all [start (gen/map (gen/elements [:a :b :c]) s/value)
                 steps (gen/vector (gen/tuple (gen/elements [:copy :nest :update :drop])
                                              (gen/elements [:a :b :c]) (gen/elements [:a :b :c])) 0 15)]
    (let [f (fn [m [op x y]]
              (case op
                :copy (assoc m x (get m y))
                :nest (assoc m x {:in (get m y) y [(get m x)]})
                :update (update m x (fn [v] (cond (map? v) (assoc v y 1) (vector? v) (conj v y)
                                                  (set? v) (conj v y) (list? v) (conj v y) :else [v])))
                :drop (dissoc m x)))
          a (e/atom start)]
      (reduce (fn [model step]
                (let [was @a
                      model' (f model step)]
                  (if (and (= (swap! a f step) model') (= @a model') (= was model))
                    model'
                    (reduced false))))
              start steps))))

(deftest ordinary-code-runs-unchanged
  (let [plain {:users {"ada" {:role :admin :langs ["en" "fr"] :tags #{:a :b}}
                       "bob" {:role :user :langs '("de") :tags #{}}}
               :n 1}
        v (s/stored plain)
        {:keys [users n] [l & ls] :missing} v]
    (is (= users (:users plain)))
    (is (= 1 n))
    (is (nil? l))
    (is (= (walk/postwalk #(if (number? %) (inc %) %) plain) (walk/postwalk #(if (number? %) (inc %) %) v)))
    (is (= (data/diff plain (assoc plain :n 2)) (data/diff v (assoc v :n 2))))
    (is (= (update-vals plain identity) (update-vals v identity)))
    (is (= (group-by (comp :role val) (:users plain)) (group-by (comp :role val) (:users v))))
    (is (= (sort-by key (:users plain)) (sort-by key (:users v))))
    (is (= (select-keys plain [:n]) (select-keys v [:n])))
    (is (= (merge plain {:x 1}) (merge v {:x 1}) (merge {:x 1} v)))
    (is (= (get-in v ["no" :such]) nil))
    (is (= ((juxt :n :none) v) [1 nil]))
    (is (= (v :n) 1))
    (is (= (into (sorted-map) v) (into (sorted-map) plain)))
    (is (ifn? v))
    (is (map? v)) (is (associative? v)) (is (counted? v))
    #?@(:clj [(is (= 1 (.get ^java.util.Map v :n)))
              (is (= "en" (.get ^java.util.List (get-in v [:users "ada" :langs]) 0)))])
    (is (contains? {v 1} plain) "as a key")
    (is (contains? (s/stored {plain 1}) v) "as a key in shared memory")
    (let [mixed [1 "a" :b 'c \d 1.5 nil true #?@(:clj [3M 1/2] :cljs [(e/decimal "3") (e/ratio 1 2)])]]
      (is (= (pr-str (s/stored mixed)) (pr-str mixed)))
      (is (= #?(:clj "[1 \"a\" :b c \\d 1.5 nil true 3M 1/2]" :cljs "[1 \"a\" :b c \"d\" 1.5 nil true 3M 1/2]")
             (pr-str (s/stored mixed)))))
    (is (= {:a 1} (meta (s/stored ^{:a 1} [1]))))
    (is (= [3 2 1] (sort > (s/stored [1 2 3]))))
    (is (= "[1 2]" (str (s/stored [1 2]))))))

(defrecord Point [x y])

(deftest records-stay-records
  (let [p (assoc (->Point 1 [2 3]) :z 4)
        back (s/stored {:p p})]
    (is (= {:p p} back))
    (is (instance? Point (:p back)))
    (is (= [2 3] (:y (:p back))))
    (is (= {:q 1} (meta (:p (s/stored {:p (with-meta p {:q 1})})))))
    (is (= (tagged-literal 'my/tag [1]) (s/stored (tagged-literal 'my/tag [1]))))))

(deftest strange-text-comes-back
  (doseq [text ["" "a" "1234567" "12345678" "ä" "日本語" "😀" "?" "\ud800" "a\udc00?" "\ud83d" "\ufffd" (apply str (repeat 5000 "ß?"))]]
    (is (= text (s/stored text)))
    (is (= {text 1} (s/stored {text 1})))
    (is (= 1 (get (s/stored {text 1}) text)))
    #?(:clj (is (= (keyword "ns" text) (s/stored (keyword "ns" text))))
       :cljs (if (js-invoke text "isWellFormed")
               (is (= (keyword "ns" text) (s/stored (keyword "ns" text))))
               (do (is (= [:in 0] (:path (ex-data (try (s/stored {:in [(keyword "ns" text)]}) (catch :default e e))))))
                   (is (nil? (get (s/stored {(str "ns/" text) 1}) (keyword "ns" text)))))))))

(deftest numbers-that-are-equal-are-one-key
  #?(:clj
     (let [m (s/stored {1 :one 1.0 :float [1 2] :seq})]
       (is (= :one (m 1N) (m (int 1)) (m (biginteger 1))))
       (is (= :float (m 1.0) (m (float 1))))
       (is (= :seq (m '(1 2)) (m (range 1 3)) (m [1N 2])))
       (is (= 3 (count (assoc m 1N 2 '(1 2) 3))))
       (is (nil? (m 1M)))
       (is (= 1 (s/stored 1N))))
     :cljs
     (let [m (s/stored {1 :one [1 2] :seq})]
       (is (= :one (m 1.0) (m (js/BigInt 1))))
       (is (= :seq (m '(1 2)) (m (range 1 3)) (m [(js/BigInt 1) 2])))
       (is (= 2 (count (assoc m 1.0 2 '(1 2) 3))))
       (is (nil? (m (e/decimal "1"))))
       (is (= 1 (s/stored (js/BigInt 1)))))))

#?(:cljs
   (deftest values-of-javascript
     (is (= [1 2 255] (vec (s/stored (js/Uint8Array. #js [1 2 255])))))
     (is (= {"a" [1 2] "b" nil} (s/stored #js {"a" #js [1 2] "b" js/undefined})))
     (is (= {1 #{2}} (s/stored (js/Map. #js [#js [1 (js/Set. #js [2])]]))))
     (is (= '(0 1 2) (s/stored (map identity (range 3)))))
     (is (= (js/BigInt "9007199254740993") (s/stored (js/BigInt "9007199254740993"))))
     (is (= #inst "2024-01-02T03:04:05.678" (s/stored #inst "2024-01-02T03:04:05.678")))))

#?(:cljs
   (defn- there
     "What JavaScript makes in another realm, with classes of its own."
     [source]
     (js-invoke (js/require "vm") "runInNewContext" (str "(" source ")"))))

#?(:cljs
   (deftest values-of-another-realm
     (is (= {"a" [1 {"b" nil}]} (s/stored (there "{a: [1, {b: null}]}"))))
     (is (= {"a" 1} (s/stored (there "Object.assign(Object.create(null), {a: 1})"))))
     (is (= {{"k" 1} #{2 [3]}} (s/stored (there "new Map([[{k: 1}, new Set([2, [3]])]])"))))
     (is (= #inst "1970-01-01T00:00:00.005" (s/stored (there "new Date(5)"))))
     (is (= [1 255] (vec (s/stored (there "new Uint8Array([1, 255])")))))
     (is (= [1 -1] (vec (seq (s/stored (there "new Int32Array([1, -1])"))))))
     (let [m (s/stored {#inst "1970-01-01T00:00:00.005" 1 [1 2] 2})]
       (is (= [1 2] [(get m (there "new Date(5)")) (get m (there "[1, 2]"))])))
     (doseq [source ["() => 1" "new Date(NaN)" "Promise.resolve()" "new (class Foo {})()" "Symbol('s')"]]
       (is (= [:a 0] (:path (ex-data (try (s/stored {:a [(there source)]}) (catch :default e e))))) source))))

#?(:cljs
   (deftest arrays-whose-memory-went-are-refused
     (doseq [gone [(js/Uint8Array. 2) (js/Int32Array. 2)]]
       (js/structuredClone (.-buffer gone) #js {"transfer" #js [(.-buffer gone)]})
       (let [e (try (s/stored {:a [gone]}) (catch :default e e))]
         (is (= {:eve/error :value :path [:a 0]} (select-keys (ex-data e) [:eve/error :path])))
         (is (re-find #"memory was transferred" (ex-message e)))))
     (is (= [] (vec (s/stored (js/Uint8Array. 0)))))))

#?(:cljs
   (deftest what-other-languages-store-is-found
     ;; A character and a whole double are a string and a number here, and no others in the file.
     (with-file [file]
       (s/run "{\\a 1, 2.0 :two, \"b\" 3, 4 :four}" (s/setting "command") "set" file "m" "-")
       (let [a (e/atom {:id "m" :persistent file} nil)
             plain {"a" 1, 2 :two, "b" 3, 4 :four}]
         (is (= plain @a))
         (is (= @a plain))
         (is (= 1 (get @a "a")))
         (is (contains? @a 2))
         (is (= (assoc plain "a" 2 2 :zwei) (swap! a assoc "a" 2 2 :zwei)))
         (is (= (persistent! (assoc! (dissoc! (transient plain) "a") 2 :deux)) (swap! a #(persistent! (assoc! (dissoc! (transient %) "a") 2 :deux)))))
         (is (= {4 :four} (swap! a dissoc 2 "b")))
         (is (= "{4 :four}" (clojure.string/trim (s/run nil (s/setting "command") "get" file "m"))))))))

#?(:cljs
   (defn- drained
     "What an iterator of JavaScript gives."
     [iterator]
     (loop [all []]
       (let [step (.next iterator)]
         (if (.-done step) all (recur (conj all (.-value step))))))))

#?(:cljs
   (deftest views-are-javascript-collections-as-clojurescripts-are
     (let [m (s/stored {"a" 1 :b [2]}) v (s/stored [1 2 3 2]) st (s/stored #{1 2}) l (s/stored '(1 2 1))]
       (is (= 1 (.get m "a")))
       (is (= :no (.get m "x" :no)))
       (is (.has m :b))
       (is (= #{"a" :b} (set (drained (.keys m)))))
       (is (= #{1 [2]} (set (drained (.values m)))))
       (is (= #{["a" 1] [:b [2]]} (set (map vec (drained (.entries m))))))
       (is (= #{1 2} (set (drained (.keys st))) (set (drained (.values st)))))
       (is (= #{["a" 1] [:b [2]]} (set (map vec (js/Array.from m)))))
       (let [seen (atom {})]
         (.forEach m (fn [x k] (swap! seen assoc k x)))
         (is (= m @seen)))
       (is (= [1 2 3 2] (vec (js/Array.from v))))
       (is (= [1 3 -1] [(.indexOf v 2) (.lastIndexOf v 2) (.indexOf v 9)]))
       (is (= #{1 2} (set (js/Array.from st))))
       (is (.has st 1))
       (is (= [1 2 1] (vec (js/Array.from l))))
       (is (= [0 2] [(.indexOf l 1) (.lastIndexOf l 1)]))
       (is (= {"a" 1, "b" [2]} (js->clj (clj->js m))))
       (is (= m (clone m)))
       (is (= "[1 2 3 2]" (.toString v)))
       (is (.equiv v [1 2 3 2])))))

#?(:clj
   (deftest bytes-and-java-values
     (is (= [1 2 -3] (vec ^bytes (s/stored (byte-array [1 2 -3])))))
     (is (= [1 2 3 4.0 5N] (s/stored [(int 1) (short 2) (byte 3) (float 4) (biginteger 5)])))
     (is (= {"a" [1 2]} (s/stored (java.util.HashMap. {"a" (java.util.ArrayList. [1 2])}))))
     (is (= '(0 1 2) (s/stored (map identity (range 3)))))
     (is (= #inst "2024-01-02T03:04:05.678" (s/stored #inst "2024-01-02T03:04:05.678")))
     (is (= (java.time.Instant/ofEpochSecond 1 5) (s/stored (java.time.Instant/ofEpochSecond 1 5))))))

(deftest what-cannot-be-stored-says-where
  (let [a (e/atom {:ok 1})]
    (doseq [[path bad] [[[:users 3 :f] {:users [0 1 2 {:f inc}]}]
                        [[] inc]
                        [[:a] {:a (range)}]
                        [[:a] {:a (repeat 1)}]
                        [[:a] {:a (cycle [1 2])}]
                        [[:a 0] {:a [#?(:clj (Object.) :cljs js/Math.max)]}]
                        [[:x] {:x (atom 1)}]]]
      (let [problem (try (reset! a bad) (catch #?(:clj clojure.lang.ExceptionInfo :cljs :default) e (ex-data e)))]
        (is (= path (:path problem)))
        (is (= :value (:eve/error problem)))
        (is (= {:ok 1} @a))))
    (let [cycle #?(:clj (java.util.ArrayList.) :cljs #js [])]
      #?(:clj (.add cycle cycle) :cljs (.push cycle cycle))
      (is (thrown? #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo) (reset! a cycle)))
      (is (= {:ok 1} @a)))))

(deftest deep-values-come-back
  (let [deep (nth (iterate (fn [x] {:in [x]}) 1) 5000)
        a (e/atom deep)]
    (is (= 1 (loop [x @a n 0] (if (map? x) (recur (get-in x [:in 0]) (inc n)) x))))
    (is (= 5000 (loop [x @a n 0] (if (map? x) (recur (get-in x [:in 0]) (inc n)) n))))))

#?(:clj
   (deftest transient-vectors-are-asked-for-indexes
     (let [t (conj! (assoc! (transient (s/stored [1 2 3])) 0 :a) nil)]
       (is (= [true true true false false false] (mapv #(contains? t %) [0 2 3 4 -1 :a])))
       (is (= [[0 :a] [1 2] [3 nil] nil nil] (mapv #(find t %) [0 1 3 4 :a])))
       (is (= [:a 2 3 nil] (persistent! t))))))

(deftest sequences-without-an-end-are-refused
  (is (thrown-with-msg? #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo)
                        #"more than 4194304 elements: it may be infinite; one that ends can be stored as a vector"
                        (s/stored (map inc (range))))))

#?(:clj
   (defn- serialized [x]
     (let [bytes (java.io.ByteArrayOutputStream.)]
       (.writeObject (java.io.ObjectOutputStream. bytes) x)
       (.readObject (java.io.ObjectInputStream. (java.io.ByteArrayInputStream. (.toByteArray bytes)))))))

#?(:clj
   (deftest sequences-of-views-are-there
     (doseq [x [{:a 1} #{1} [1 2] '(1 2) (sorted-map 1 2 3 4) (sorted-set 1 2) {:a {:b [1]}}]
             of [seq rest next keys vals]
             :when (or (map? x) (not (#{keys vals} of)))]
       (is (= (str (of x)) (str (of (s/stored x)))) "a lazy sequence would say no more than its class")
       (is (not (instance? clojure.lang.IPending (seq (s/stored x))))))))

#?(:clj
   (deftest sequences-of-views-go-where-shared-memory-cannot
     (let [v (s/stored [1 "a" [2]]) m (s/stored (sorted-map 1 :a 2 [:b])) st (s/stored (sorted-set 1 2 3))
           mixed (assoc m 1.0 :c "x" :d)]
       (doseq [x [(seq v) (rest v) (drop 1 v) (rseq v) (subvec v 1) (seq (conj v 4)) (with-meta (next v) {:a 1}) (map identity v)
                  (seq m) (next m) (rseq m) (keys m) (vals m) (subseq m > 1) (seq st) (rest st) (rseq st) (subseq st >= 2)
                  (seq (s/stored {:a 1})) (keys (s/stored {:a 1})) (seq (s/stored #{1})) (rest (s/stored '(1 2)))]]
         (is (= x (serialized x)))
         (is (= (meta x) (meta (serialized x)))))
       (doseq [x [mixed (s/stored mixed) (set (keys mixed)) (conj st 1.0 :a)]]
         (is (= x (serialized x)))
         (is (= (seq x) (seq (serialized x))))))))

#?(:clj
   (deftest views-go-where-shared-memory-cannot
     (let [v (with-meta {:map {:a 1 "b" [2.5 nil]} :vector [1 #{2} '(3)] :set #{1 [2]} :list '(1 {:x 2}) :sorted (sorted-map 1 :a 2 :b)
                         :sorted-set (sorted-set "x" "y")} {:doc "m"})
           view @(e/atom v)]
       (doseq [x (list* view (update view :map assoc :c 3) (assoc-in view [:vector 0] :changed) (update view :list conj 0)
                        (update view :set conj 5) (update view :sorted assoc 3 :c) (vals view))]
         (is (= x (serialized x)))
         (is (= (meta x) (meta (serialized x))))
         (let [x (if (map? x) (dissoc x :sorted-set) x)] ; Clojure cannot read what it prints of its own sorted sets
           (when-not (instance? clojure.lang.Sorted x)
             (is (= x (read-string (binding [*print-dup* true] (pr-str x)))))
             (is (= x (eval (list 'quote x))))))))))
