(ns eve.original-test
  "The examples of the original's README and guides, as they are written there."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.alpha :as eve]
            [eve.atom :as atom]
            [eve.obj :as obj]
            [eve.array :as arr]
            [eve.deftype.int-map :as im]
            [eve.deftype.rb-tree :as rb]
            [eve.support :as s]))

(deftest readme-and-getting-started
  (let [my-atom (e/atom {:key "value"})]
    (swap! my-atom assoc :count 42)
    (is (= {:key "value" :count 42} @my-atom)))
  (let [state (e/atom ::app-state {:counter 0})]
    (swap! state update :counter inc)
    (is (= {:counter 1} @state)))
  (let [app (e/atom {:users {:alice {:role :admin}} :tags #{:active :verified} :items [1 2 3]})]
    (swap! app assoc-in [:users :bob] {:role :user})
    (swap! app update :tags conj :premium)
    (swap! app update :items conj 4)
    (is (= {:users {:alice {:role :admin}, :bob {:role :user}}
            :tags #{:active :verified :premium}
            :items [1 2 3 4]}
           @app)))
  (s/with-file [file]
    (let [counter (e/atom {:id ::counter :persistent file} {:count 0})]
      (swap! counter update :count inc)
      (is (= {:count 1} @counter @(e/atom {:id ::counter :persistent file} {:count 0}))))))

(deftest api-guide
  (is (= {:a 1 :b 2} (e/hash-map :a 1 :b 2)))
  (is (= {} (e/empty-hash-map)))
  (is (= #{:a :b :c} (e/hash-set :a :b :c)))
  (is (= #{} (e/empty-hash-set)))
  (let [my-array (e/eve-array :int32 3)]
    (e/aset! my-array 0 42)
    (is (= 42 (e/aget my-array 0))))
  (s/with-file [file]
    (let [d (atom/persistent-atom-domain file)]
      (is (identical? d (atom/persistent-atom-domain file)))
      (is (eve/atom-domain? d))
      (is (not (eve/atom-domain? 1)))
      (is (eve/shared-atom? (atom/persistent-atom {:id ::counter :persistent file} {:count 0})))
      (atom/close-atom-domain! d)))
  (is (= {:count 0} @(atom/atom ::counter2 {:count 0}) @(atom/atom {:id ::counter2} {:count 0}) @(atom/atom {:count 0}))))

(def node-schema
  (obj/create-schema {:key   :int32
                      :left  :int32
                      :right :int32
                      :value :float64}))

(deftest typed-objects
  (let [state (e/atom {:tree nil})]
    (swap! state assoc :tree
           (obj/obj node-schema {:key 42 :left -1 :right -1 :value 3.14}))
    (swap! state
           (fn [s]
             (let [node (:tree s)]
               (is (= 42 (:key node) (node :key)))
               (is (= 3.14 (:value node)))
               (is (= 4 (count node)))
               (is (= #{[:key 42] [:value 3.14] [:left -1] [:right -1]} (set (seq node)))))
             s))
    (swap! state update :tree
           (fn [node]
             (obj/assoc! node :key 100)
             node))
    (is (= 100 (:key (:tree @state))))
    (swap! state assoc :point
           (obj/obj {:x :float64 :y :float64} {:x 1.5 :y 2.5}))
    (is (= 2.5 (:y (:point @state)))))
  (let [particles (e/atom {:data nil})]
    (swap! particles assoc :data
           (obj/obj-array 1000 {:x :int32 :y :int32 :velocity :int32}))
    (swap! particles
           (fn [s]
             (let [data (:data s)]
               (obj/assoc-in! data [0 :x] 42)
               (obj/assoc-in! data [0 :y] 100)
               (is (= 42 (obj/get-in data [0 :x]) (:x (nth data 0))))
               (is (= "#eve/obj-array-row {:x 42, :y 100, :velocity 0}" (pr-str (nth data 0))))
               (let [x-col (obj/column data :x)]
                 (is (= 42 (arr/asum-simd x-col))))
               (is (= 42 (obj/column-reduce data :x 0 (fn [acc idx val] (+ acc val)))))
               (obj/column-map! data :x (fn [idx val] (* val 2))))
             s))
    (is (= 84 (obj/get-in (:data @particles) [0 :x])))))

(deftest specialized-collections
  (let [state (e/atom {:index (im/int-map)
                       :tags  (rb/sorted-set)})]
    (swap! state update :index assoc 1 :a)
    (swap! state update :tags conj "clojure")
    (is (= {:index {1 :a} :tags #{"clojure"}} @state)))
  (let [index (e/atom {:data (im/int-map)})]
    (swap! index update :data assoc 1 :a)
    (swap! index update :data assoc 2 :b)
    (swap! index update :data assoc 3 :c)
    (is (= :b (get (:data @index) 2)))
    (is (= 3 (count (:data @index))))
    (is (contains? (:data @index) 2)))
  (let [scores (e/atom {:board (-> (im/int-map)
                                   (assoc 1 100)
                                   (assoc 2 85)
                                   (assoc 3 92))})]
    (swap! scores update :board assoc 4 78)
    (swap! scores update :board dissoc 2)
    (let [m (:board @scores)]
      (is (= '([1 100] [3 92] [4 78]) (seq m)))
      (is (= {1 100 3 92 4 78} (into {} m))))
    (swap! scores update-in [:board 1] inc)
    (swap! scores update :board (fn [current] (im/merge current (-> (im/int-map) (assoc 2 :B) (assoc 3 :c)))))
    (is (= {1 101 2 :B 3 :c 4 78} (:board @scores))))
  (let [state (e/atom {:tags (rb/sorted-set)})]
    (swap! state update :tags conj "clojure")
    (swap! state update :tags conj "javascript")
    (swap! state update :tags conj "python")
    (swap! state update :tags conj "clojure")
    (is (= '("clojure" "javascript" "python") (seq (:tags @state))))
    (swap! state
           (fn [s]
             (let [tags (:tags s)]
               (is (= 3 (count tags)))
               (is (rb/member? tags "python"))
               (is (= "python" (tags "python"))))
             s)))
  (is (= '(1 2 3 4 5 6 7 8 9) (seq (:queue @(e/atom {:queue (rb/sorted-set 5 3 8 1 4 7 9 2 6)})))))
  (is (= '(:a :b :f :m :q :z) (seq (:kw-set @(e/atom {:kw-set (rb/sorted-set :z :a :m :f :b :q)}))))))

(deftest the-first-name
  (require 'eve)
  (is (= e/atom @(resolve 'eve/atom)))
  (is (= (:doc (meta #'e/update!)) (:doc (meta (resolve 'eve/update!))))))
