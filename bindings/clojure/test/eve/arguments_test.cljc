(ns eve.arguments-test
  "What is wrong about arguments is said at once, and leaves nothing behind."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            [eve.array :as arr]
            [eve.deftype.int-map :as im]
            [eve.obj :as obj]
            #?(:clj [eve.files :refer [with-file]] :cljs [eve.files :refer-macros [with-file]])
            [eve.support :as s]
            #?@(:cljs [["fs" :as fs]
                       [eve.edn :as edn]])))

(defn- there? [file]
  #?(:clj (.exists (java.io.File. ^String file)) :cljs (js-invoke fs "existsSync" file)))

(defn- problem
  "What `f` throws of eve: its data and its message."
  [f]
  (try (f) nil
       (catch #?(:clj clojure.lang.ExceptionInfo :cljs cljs.core/ExceptionInfo) e
         (assoc (ex-data e) :message (ex-message e)))))

(deftest a-rejected-first-value-leaves-no-atom
  (with-file [file]
    (let [make (fn [validator value] (e/atom {:id ::v :persistent file :validator validator} value))]
      (is (= [:invalid -5] ((juxt :eve/error :value) (problem #(make pos? -5)))))
      (is (= [] (e/atoms file)))
      (is (= :invalid (:eve/error (problem #(make pos? (e/delay-init (fn [] -5)))))))
      (is (= 5 @(make pos? 5)))
      (is (re-find #"rejects the present value of the atom eve.arguments-test/v" (:message (problem #(make neg? -5)))))
      (is (= 5 @(make pos? -7)) "who joins brings no value")))
  (is (= :invalid (:eve/error (problem #(e/atom "a" :validator number?))))))

(deftest options-that-are-none-are-named
  (with-file [file]
    (is (re-find #"unknown option :persistant; the options are :id, :persistent, :meta, :validator"
                 (:message (problem #(e/atom {:id ::a :persistant file} 1)))))
    (is (= [:persistant] (:unknown (problem #(e/atom 1 :persistant file)))))
    (is (re-find #"first value as second argument" (:message (problem #(e/atom {:id ::a :persistent file})))))
    (is (= {:id 5} @(e/atom {:id 5})))
    (is (= {:persistent 1 :other 2} @(e/atom {:persistent 1 :other 2})) "a map with other keys is a value")
    (is (= {7 1} @(e/atom (sorted-map 7 1))) "also one that cannot be asked for keywords")
    (is (= [2] (:unknown (problem #(e/atom ::a 1 2 3)))))
    (is (= [1] (:unknown (problem #(e/atom ::a 1 2)))))
    (is (= [:raed-only] (:unknown (problem #(e/atom-domain file {:raed-only true})))))
    (is (re-find #"options are a map" (:message (problem #(e/atom-domain file :read-only)))))
    (doseq [reserve [0 -1 "1" 1.5]]
      (is (re-find #":reserve is a number of bytes" (:message (problem #(e/atom-domain file {:reserve reserve}))))))
    (is (not (there? file)))))

(deftest what-is-of-another-kind-is-told-what-was-wanted
  (let [own (atom 1)
        hits (arr/eve-array :int32 2)
        point (obj/obj {:x :int32})
        refused {"an atom of eve" [own [#(e/update! own inc) #(e/remove-atom! own)]]
                 "a path, a domain or an atom of eve" [own [#(e/stat own) #(e/verify own) #(e/atoms own) #(e/gc! own) #(e/close! own)
                                                            #(e/remove-atom! own ::a) #(e/atom {:id ::a :persistent own} 1)]]
                 "the path of a file" [7 [#(e/atom-domain 7) #(e/atom-domain 7 {:create false})]]
                 "a map as :meta" [:m [#(e/atom {:id ::a :meta :m} 1) #(e/atom 1 :meta :m)]]
                 "a function" [5 [#(e/atom {:id ::a :validator 5} 1) #(e/delay-init 5) #(e/update! (e/atom 1) 5)]]
                 "a number of elements, from 0" [-1 [#(e/eve-array :int32 -1) #(arr/eve-array :int8 -1 7) #(arr/int32-array -1)
                                                     #(e/obj-array -1 {:x :int32})]]
                 "a number of elements, or a collection" [:k [#(e/eve-array :int32 :k) #(e/obj-array :k {:x :int32})]]
                 "a map with the fields" [[:x] [#(e/obj [:x]) #(e/obj {:x :int32} [:x]) #(obj/create-schema [:x])
                                                #(e/obj-array [[:x]] {:x :int32})]]
                 "a typed array" [[1] [#(arr/aget [1] 0) #(arr/aset! [1] 0 1) #(arr/add! [1] 0 1) #(arr/sub! [1] 0 1) #(arr/band! [1] 0 1)
                                       #(arr/bor! [1] 0 1) #(arr/bxor! [1] 0 1) #(arr/cas! [1] 0 1 2) #(arr/exchange! [1] 0 1)
                                       #(arr/wait! [1] 0 1) #(arr/notify! [1] 0) #(arr/get-typed-view [1]) #(arr/array-type [1])
                                       #(arr/afill-simd! [1] 0) #(arr/asum-simd [1]) #(arr/areduce-simd [1] 0 +) #(arr/amap-simd [1] inc)
                                       #(arr/acopy-simd! [1] hits) #(arr/acopy-simd! hits [1])]]
                 "a typed object" [{:x 1} [#(obj/column {:x 1} :x) #(obj/assoc! {:x 1} :x 1) #(obj/add! {:x 1} :x 1)
                                           #(obj/get-in {:x 1} [0 :x]) #(obj/assoc-in! {:x 1} [0 :x] 1)
                                           #(obj/column-reduce {:x 1} :x 0 +) #(obj/column-map! {:x 1} :x +)]]
                 "an integer map" [{1 2} [#(im/range {1 2} 0 5)]]
                 #?@(:cljs ["a text of EDN" [{:eof 1} [#(edn/read-string {:eof 1}) #(edn/read-all {:eof 1})]]])}]
    (doseq [[wanted [given calls]] refused
            [n call] (map-indexed vector calls)]
      (let [{:keys [eve/error argument message]} (problem call)]
        (is (= :argument error) (str wanted ", " n))
        (is (= given argument) (str wanted ", " n))
        (is (re-find (re-pattern (str "expected " wanted ".*, found ")) message) (str wanted ", " n))))
    (is (= [[0 0] 0] [(vec hits) (:x point)]) "nothing was changed")
    (is (= 5 @(e/atom ::a 5)) "and none of the atoms was made")
    (is (< (count (:message (problem #(e/stat (range))))) 200) "a long one is shortened")
    (is (re-find #"an atom with a name" (:message (problem #(e/remove-atom! (e/atom 1))))))))

(deftest looking-creates-nothing
  (with-file [file]
    (doseq [look [e/verify e/stat e/atoms e/gc! #(e/remove-atom! % ::a)]]
      (let [{:keys [eve/error message]} (problem #(look file))]
        (is (= :io error))
        (is (re-find #"No such file" message))))
    (is (nil? (e/close! file)))
    (is (not (there? file)))))

(deftest a-name-may-be-any-string
  (with-file [file]
    (doseq [id ["" " " "/" ":" "ä/😀"]]
      (let [a (e/atom {:id id :persistent file} id)]
        (is (= id @a))
        (is (identical? a (e/atom {:id id :persistent file} nil)))))
    (is (= (sort ["" " " "/" ":" "ä/😀"]) (sort (e/atoms file))))
    (s/run nil (s/setting "command") "set" file "" ":theirs")
    (is (= :theirs @(e/atom {:id "" :persistent file} nil)))
    (is (e/remove-atom! file ""))
    (is (not (some #{""} (e/atoms file))))))

(deftest a-file-is-open-in-one-way
  (with-file [file]
    (let [domain (e/atom-domain file)]
      (is (identical? domain (e/atom-domain file {:create false})))
      (is (re-find #"open for writing" (:message (problem #(e/atom-domain file {:read-only true}))))))
    (e/close! file)
    (let [domain (e/atom-domain file {:read-only true})]
      (is (identical? domain (e/atom-domain file {:read-only true})))
      (is (= :already-open (:eve/error (problem #(e/atom-domain file)))))
      (is (= 0 (:atoms (e/stat file))) "who only names the file takes it as it is"))))

(deftest what-is-gone-says-what-it-was
  (with-file [file]
    (let [a (e/atom {:id "gone" :persistent file} 1)
          b (e/atom {:id "kept" :persistent file} 2)]
      (e/remove-atom! a)
      (doseq [use [deref #(swap! % inc) #(reset! % 1) #(e/update! % inc)]]
        (let [{:keys [eve/error message]} (problem #(use a))]
          (is (= :no-such-atom error))
          (is (re-find #"gone" message))))
      (e/close! file)
      (doseq [use [deref #(swap! % inc) #(reset! % 1) #(e/update! % inc)]]
        (is (= :closed (:eve/error (problem #(use b)))))))))

(defn- delete! [file]
  #?(:clj (.delete (java.io.File. ^String file)) :cljs (js-invoke fs "unlinkSync" file)))

(deftest a-file-that-was-replaced-is-opened-anew
  (with-file [file]
    (let [make (fn [value] (e/atom {:id ::a :persistent file} value))
          old (make :old)
          domain (e/atom-domain file)]
      (is (identical? domain (e/atom-domain file)))
      (delete! file)
      (is (= :io (:eve/error (problem #(e/stat file)))))
      (let [new (make :new)]
        (is (= [:old :new] [@old @new]))
        (is (not (identical? domain (e/atom-domain file))))
        (is (= :newer (reset! new :newer)))
        (is (= :older (reset! old :older)) "atoms of the old one go on")
        (is (= [1 1] [(:atoms (e/stat old)) (:atoms (e/stat new))]))
        (e/remove-atom! old)
        (is (= [0 1] [(:atoms (e/stat domain)) (:atoms (e/stat file))]) "an atom is of the domain that it was made in")
        (is (identical? new (make :ignored)))
        (e/close! domain)
        (is (= :newer @new))
        (is (identical? new (make :ignored)))))))
