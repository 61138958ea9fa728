(ns eve.atoms-test
  "Atoms: Clojure's own contracts, threads, watches, what is held back."
  #?(:cljs (:refer-clojure :exclude [compare-and-set! reset-vals! swap-vals!]))
  (:require [clojure.test :refer [deftest is #?(:cljs async)]]
            #?(:clj [eve.alpha :as e] :cljs [eve.alpha :as e :refer [compare-and-set! reset-vals! swap-vals!]])
            #?(:clj [eve.files :refer [with-file]] :cljs [eve.files :refer-macros [with-file]])
            [eve.support :as s]))

(deftest the-atom-functions
  (let [a (e/atom {:n 0})]
    (is (= {:n 1} (swap! a update :n inc)))
    (is (= {:n 3} (swap! a update :n + 2)))
    (is (= {:n 9} (swap! a update :n + 1 2 3)))
    (is (= [{:n 9} {:n 10}] (swap-vals! a update :n inc)))
    (is (= {:x 1} (reset! a {:x 1})))
    (is (= [{:x 1} [1 2]] (reset-vals! a [1 2])))
    (is (compare-and-set! a [1 2] :done))
    (is (not (compare-and-set! a :other 1)))
    (is (= :done @a))
    (is (e/shared-atom? a))
    (is (not (e/shared-atom? (atom 1))))
    (is (nil? (meta a)))
    (alter-meta! a assoc :m 1)
    (is (= {:m 1} (meta a)))
    (is (re-find #":id nil, :domain \"memory\", (:status :ready, )?:val :done\}\]$" (pr-str a)))))

(deftest printing-tells-which-atom-it-is
  (with-file [file]
    (let [a (e/atom {:id ::printed :persistent file} [1 2])
          shown (str "{:id \"eve.atoms-test/printed\", :domain " (pr-str #?(:clj (.getCanonicalPath (java.io.File. file)) :cljs file)) ", ")]
      (is (= 0 (.indexOf (pr-str a) #?(:clj "#object[eve.jvm.EveAtom 0x" :cljs "#object[eve.alpha.EveAtom "))))
      (is (pos? (.indexOf (pr-str a) (str shown #?(:clj ":status :ready, ") ":val [1 2]}]"))) (pr-str a))
      #?(:clj (is (re-find #"^eve\.jvm\.EveAtom@[0-9a-f]+\[eve.atoms-test/printed in .*db\]$" (str a))))
      (is (pos? (.indexOf (pr-str (e/atom-domain file)) "db")))
      (e/close! file)
      (is (re-find #"closed" (pr-str a)) "also of what cannot be read")
      #?(:clj (is (re-find #":status :failed" (pr-str a)))))))

(deftest names-say-which-atom
  (with-file [file]
    (let [a (e/atom {:id ::named :persistent file} {:n 1})]
      (is (identical? a (e/atom {:id ::named :persistent file} {:n 2})))
      (is (= {:n 1} @a))
      (is (= ["eve.atoms-test/named"] (e/atoms file)))
      (is (= 7 @(e/atom {:id "other" :persistent file} (e/delay-init (fn [] 7)))))
      (is (= 7 @(e/atom {:id "other" :persistent file} (e/delay-init (fn [] (throw (ex-info "not called" {})))))))
      (is (= 2 (:atoms (e/stat file))))
      (is (e/remove-atom! file "other"))
      (is (not (e/remove-atom! file "other")))
      (is (= 8 @(e/atom {:id "other" :persistent file} 8)))
      (e/close! file)
      (is (= {:n 1} @(e/atom {:id ::named :persistent file} :ignored)))
      (is (thrown-with-msg? #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo) #"closed" @a))))
  (is (identical? (e/atom ::here 1) (e/atom ::here 2)))
  (is (= {:id 5} @(e/atom {:id 5})) "one argument is a value")
  (is (thrown? #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo) (e/atom {:persistent "x"} 1))))

(deftest validators-and-watches
  (let [seen (atom [])
        a (e/atom 1 :validator number? :meta {:doc 1})]
    (is (= {:doc 1} (meta a)))
    (add-watch a :w (fn [k r old new] (swap! seen conj [k (identical? r a) old new])))
    (swap! a inc)
    (is (thrown? #?(:clj IllegalStateException :cljs js/Error) (reset! a :no)))
    (is (thrown? #?(:clj IllegalStateException :cljs js/Error) (set-validator! a string?)))
    (is (= 2 @a))
    (reset! a 5)
    (remove-watch a :w)
    (reset! a 6)
    (is (= [[:w true 1 2] [:w true 2 5]] @seen))))

(deftest a-function-that-throws-changes-nothing
  (let [a (e/atom {:n 1})]
    (is (thrown-with-msg? #?(:clj Exception :cljs js/Error) #"mine" (swap! a (fn [_] (throw (ex-info "mine" {}))))))
    (is (thrown-with-msg? #?(:clj Exception :cljs js/Error) #"late" (swap! a assoc :s (map (fn [_] (throw (ex-info "late" {}))) [1 2]))))
    (is (= {:n 1} @a))))

(deftest a-swap-inside-a-swap
  (let [a (e/atom {:n 0}) b (e/atom {:n 0})]
    (swap! a (fn [v] (assoc v :b (:n (swap! b update :n inc)))))
    (is (= {:n 0 :b 1} @a))
    (swap! a assoc :whole @b)
    (is (= {:n 0 :b 1 :whole {:n 1}} @a) "a view of another atom is copied")))

(deftest a-lazy-value-that-reads-a-view-while-it-is-stored
  (let [a (e/atom {:users {"ada" {:role :admin} "bob" {:role :user}}})
        users (:users @a)]
    (swap! a assoc :roles (map #(get-in users [% :role]) ["ada" "bob"]) :all (map key users) :sub (subvec (:v (s/stored {:v [1 2 3]})) 1))
    (is (= [:admin :user] (:roles @a)))
    (is (= #{"ada" "bob"} (set (:all @a))))
    (is (= [2 3] (:sub @a)))
    (is (= [:admin :user] @(e/atom (map #(get-in users [% :role]) ["ada" "bob"]))) "as the first value of another atom")))

#?(:clj
   (deftest threads-lose-nothing
     (doseq [start [#(Thread/startVirtualThread %) #(doto (Thread. ^Runnable %) .start)]]
       (let [a (e/atom {:n 0 :m {}})
             threads (mapv (fn [t] (start (fn [] (dotimes [i 500] (swap! a #(-> % (update :n inc) (assoc-in [:m [t i]] i)))))))
                           (range 4))]
         (run! #(.join ^Thread %) threads)
         (is (= 2000 (:n @a) (count (:m @a))))))))

(deftest old-values-stay
  (let [a (e/atom (zipmap (range 1000) (range)))
        versions (vec (for [i (range 300)] (swap! a assoc i [:new i])))]
    (s/collect-garbage)
    (dotimes [i 3000] (swap! a assoc (mod i 1000) i))
    (doseq [[i v] (map-indexed vector versions)]
      (is (= [:new i] (get v i)))
      (is (= (inc i) (get v (inc i))))
      (is (= 1000 (count v) (count (seq v)))))))

(deftest update-holds-nothing
  (let [a (e/atom {:n 0 :v [1 2 3]}) leaked (atom nil)]
    (is (nil? (e/update! a update :n inc)))
    (is (= {:n 10 :m 3} (let [b (e/atom {:n 0})]
                          (run! nil? [(e/update! b identity) (e/update! b update :n inc) (e/update! b assoc :m 3) (e/update! b update :n + 2 3 4)])
                          @b))
        "with any number of arguments")
    (e/update! a (fn [v] (reset! leaked v) (assoc v :x (:v v))))
    (is (= {:n 1 :v [1 2 3] :x [1 2 3]} @a))
    (is (thrown-with-msg? #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo) #"update!" (:n @leaked)))
    (is (thrown? #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo) (e/update! a assoc :f inc)))
    (is (= 1 (:n @a)))))

(deftest update-in-a-loop-needs-no-room
  (with-file [file]
    (let [a (e/atom {:id :a :persistent file} (zipmap (range 10000) (range)))
          before (:committed (e/stat file))]
      (dotimes [i #?(:clj 200000 :cljs 50000)] (e/update! a assoc (mod (* i 7919) 10000) i))
      (is (< (- (:committed (e/stat file)) before) (* 8 1024 1024))))))

#?(:clj
   (deftest views-hold-up-in-iterators-and-threads
     (let [a (e/atom (zipmap (range 5000) (range)))
           v @a
           entries (iterator-seq (.iterator ^Iterable v))
           half (doall (take 2500 entries))]
       (reset! a nil)
       (System/gc)
       (is (= 5000 (count entries)))
       (is (= (set (range 5000)) (set (map key entries))))
       (is (= 2500 (count half))))))

#?(:cljs
   (deftest a-sequence-begun-holds-its-version
     (let [a (e/atom (zipmap (range 5000) (range)))
           entries (seq @a)
           half (doall (take 2500 entries))]
       (reset! a nil)
       (s/collect-garbage)
       (dotimes [i 1000] (reset! a {:i i}))
       (is (= 5000 (count entries)))
       (is (= (set (range 5000)) (set (map key entries))))
       (is (= 2500 (count half))))))

#?(:clj
   (deftest results-that-are-dropped-do-not-bloat-the-file
     (with-file [file]
       (let [n 1000000
             a (e/atom {:id :a :persistent file} (zipmap (range 10000) (range)))
             used #(* 16384 (:pages-used (e/stat file)))
             before (used)]
         (dotimes [i n] (swap! a assoc (mod (* i 7919) 10000) i))
         (is (< (:committed (e/stat file)) (* 512 1024 1024)))
         (loop [tries 20]
           (System/gc)
           (Thread/sleep 100)
           (e/gc! file)
           (when (and (pos? tries) (> (- (used) before) (* 16 1024 1024)))
             (recur (dec tries))))
         (is (< (- (used) before) (* 16 1024 1024)))))))

#?(:cljs
   (defn- in-batches
     "Calls f with so many numbers from 0 on, with a turn of the event loop after every 10 thousand; then `then`."
     [n f then]
     (let [batch (fn batch [from]
                   (if (< from n)
                     (do (dotimes [i 10000] (f (+ from i)))
                         (js/setImmediate #(batch (+ from 10000))))
                     (then)))]
       (batch 0))))

#?(:cljs
   (deftest results-that-are-dropped-do-not-bloat-the-file
     (async done
       (let [file (s/temp-file)
             n (or (some-> (aget js/process.env "EVE_TEST_SWAPS") js/parseInt) 100000)
             a (e/atom {:id :a :persistent file} (zipmap (range 10000) (range)))]
         (in-batches n (fn [i] (swap! a assoc (mod (* i 7919) 10000) i))
           (fn []
             (is (< (:committed (e/stat file)) (* 256 1024 1024)))
             (is (= 10000 (count @a)))
             (s/drop-file file)
             (done)))))))

#?(:cljs
   (deftest swaps-without-a-turn-of-the-event-loop-finish
     (with-file [file]
       (let [a (e/atom {:id :a :persistent file} (zipmap (range 1000) (range)))]
         (dotimes [i 50000] (swap! a assoc (mod i 1000) i))
         (is (= 1000 (count @a)))))))

#?(:cljs
   (deftest a-domain-is-checked-and-opened-in-ways
     (with-file [file]
       (is (thrown? cljs.core/ExceptionInfo (e/atom-domain file {:create false})))
       (let [a (e/atom {:id :a :persistent file} {:n 1})
             report (e/verify file)]
         (is (:ok report))
         (is (= [] (:damages report)))
         (is (= 1 (:atoms report)))
         (is (pos? (:blocks report)))
         (is (nil? (e/gc! a)))
         (e/close! file)
         (e/atom-domain file {:read-only true})
         (is (= {:n 1} @(e/atom {:id :a :persistent file} nil)))
         (is (= :read-only (:eve/error (ex-data (try (swap! (e/atom {:id :a :persistent file} nil) assoc :n 2)
                                                     (catch :default e e))))))))))

#?(:cljs
   (deftest clojurescripts-own-functions-work-too
     (let [a (e/atom {:n 0})]
       (is (= [{:n 0} {:n 1}] (cljs.core/swap-vals! a update :n inc)))
       (is (= [{:n 1} {:n 5}] (cljs.core/reset-vals! a {:n 5})))
       (is (cljs.core/compare-and-set! a {:n 5} {:n 6}))
       (is (not (cljs.core/compare-and-set! a {:n 5} {:n 7})))
       (is (= {:n 6} @a))
       (is (nil? (get-validator a)))
       (reset-meta! a {:x 1})
       (is (= {:x 1} (meta a)))
       (let [own (atom 1)]
         (is (= [1 2] (swap-vals! own inc)))
         (is (= [2 3] (reset-vals! own 3)))
         (is (compare-and-set! own 3 4))
         (is (= 4 @own))))))
