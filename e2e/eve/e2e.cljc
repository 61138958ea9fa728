(ns eve.e2e
  "The processes of Clojure and ClojureScript in e2e/interop.mjs: FILE NAME CONFORMANCE SECONDS, then the names of all."
  (:require [clojure.edn :as edn]
            [clojure.walk :as walk]
            [eve.alpha :as e]
            #?@(:cljs [[eve.edn] ["fs" :as fs]])))

(defn- parse [text]
  #?(:clj (edn/read-string {:default tagged-literal} text)
     :cljs (eve.edn/read-string text)))

(defn- sleep [milliseconds]
  #?(:clj (Thread/sleep (long milliseconds))
     :cljs (js/Atomics.wait (js/Int32Array. (js/SharedArrayBuffer. 4)) 0 0 milliseconds)))

(defn- now []
  #?(:clj (System/currentTimeMillis) :cljs (js/Date.now)))

(defn- fail [message]
  (throw (ex-info message {})))

(defn- wait-for [what ready?]
  (let [end (+ (now) 120000)]
    (while (not (ready?))
      (when (> (now) end) (fail (str "waited too long for " what)))
      (sleep 10))))

(defn- values
  "Name to value."
  [conformance]
  (into {"metadata" ^{:m [1 2]} {:v ^:tagged [1 2 3]}}
        (map (fn [{:keys [name edn]}] [name (parse edn)]))
        (parse #?(:clj (slurp conformance) :cljs (js-invoke fs "readFileSync" conformance "utf8")))))

(defn- as-javascript-has-it
  "Whole doubles are integers, characters strings."
  [value]
  (walk/postwalk (fn [x]
                   #?(:clj (cond (char? x) (str x)
                                 (and (double? x) (== x (Math/rint x)) (< (abs x) 9e15)) (long x)
                                 (tagged-literal? x) (tagged-literal (:tag x) (as-javascript-has-it (:form x)))
                                 :else x)
                      :cljs x))
                 value))

(defn- check [file writer mine]
  (let [theirs @(e/atom {:id (str "values/" writer) :persistent file} nil)]
    (when-not (= (set (keys mine)) (set (keys theirs))) (fail (str writer " stored others")))
    (doseq [[name value] mine
            :let [found (get theirs name) same (if (= writer "cljs") as-javascript-has-it identity)]]
      (when-not (and (= (same value) (same found)) (= (same found) (same value)))
        (fail (str name " of " writer ": " (pr-str found) " is not " (pr-str value))))
      (when-not (= (meta value) (meta found))
        (fail (str name " of " writer " has the metadata " (pr-str (meta found)) ", not " (pr-str (meta value))))))
    (when-not (= {:tagged true} (meta (:v (get theirs "metadata")))) (fail (str "metadata inside, of " writer)))
    (count mine)))

(defn -main [file name conformance seconds & all]
  (let [shared (e/atom {:id "shared" :persistent file} nil)
        mine (values conformance)]
    (swap! shared assoc-in [:ready name] true)
    (wait-for "the start" #(:go @shared))
    (let [end (+ (now) (* 1000 #?(:clj (Long/parseLong seconds) :cljs (js/parseInt seconds))))
          n (loop [n 0]
              (if (< (now) end)
                (do (dotimes [i 100] (swap! shared (fn [m] (-> m (update :n inc) (assoc-in [:by name] (+ n i 1))))))
                    (recur (+ n 100)))
                n))]
      (reset! (e/atom {:id (str "values/" name) :persistent file} nil) mine)
      (wait-for "what the others store" (fn [] (let [known (set (e/atoms file))]
                                                 (every? #(and (known (str "values/" %))
                                                               @(e/atom {:id (str "values/" %) :persistent file} nil))
                                                         all))))
      (let [checked (reduce + (map #(check file % mine) all))]
        (println (str "{\"swaps\":" n ",\"checked\":" checked "}"))))))

#?(:cljs (apply -main (drop 2 js/process.argv)))
