(ns eve.arguments-test
  "What is wrong about arguments is said at once, and leaves nothing behind."
  (:require [clojure.test :refer [deftest is]]
            [eve.alpha :as e]
            #?(:clj [eve.files :refer [with-file]] :cljs [eve.files :refer-macros [with-file]])
            [eve.support :as s]
            #?(:cljs ["fs" :as fs])))

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
