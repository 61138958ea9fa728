//! What is written becomes the operation that was meant, and what is not one says how it is written.

use super::*;

fn after(value: &str, op: &str) -> String {
    Op::from_text(op).unwrap().apply(edn::read(value).unwrap()).unwrap().to_string()
}

fn refused(value: &str, op: &str) -> String {
    match Op::from_text(op) {
        Err(failure) => failure.to_string(),
        Ok(op) => op.apply(edn::read(value).unwrap()).unwrap_err().to_string(),
    }
}

#[test]
fn every_operation() {
    for (value, op, expected) in [
        ("{:a 1}", "update-in [:a] inc", "{:a 2}"),
        ("{}", "update-in [:a] inc", "{:a 1}"),
        ("7", "update-in [] dec", "6"),
        ("{:a 1}", "update-in [:a] + 41", "{:a 42}"),
        ("{:a 1}", "update-in [:a] - 2.5", "{:a -1.5}"),
        ("{:a true}", "update-in [:a] not", "{:a false}"),
        ("{}", "update-in [:a] not", "{:a true}"),
        ("[1]", "update-in [] conj 2 3", "[1 2 3]"),
        ("(1)", "update-in [] conj 2 3", "(3 2 1)"),
        ("#{1}", "update-in [] disj 1", "#{}"),
        ("{:a {:b 1}}", "update-in [:a] merge {:b 2} nil", "{:a {:b 2}}"),
        ("{:a {:b 1}}", "update-in [:a] dissoc :b :c", "{:a {}}"),
        ("{:a {}}", "update-in [:a] assoc :b 1", "{:a {:b 1}}"),
        ("[1 2]", "update-in [] pop", "[1]"),
        ("{}", "assoc-in [:a :b] [1]", "{:a {:b [1]}}"),
        ("[0 1]", "assoc-in [1] :x", "[0 :x]"),
        ("{:a {:b 1}}", "dissoc-in [:a :b]", "{:a {}}"),
        ("{}", "dissoc-in [:a :b]", "{}"),
        ("{:a [1]}", "copy-in [:a] [:a 1]", "{:a [1 [1]]}"),
        ("{:a 1}", "get-in [:a]", "{:a 1}"),
    ] {
        assert_eq!(after(value, op), expected, "{op} of {value}");
    }
}

#[test]
fn integers_grow_past_64_bits_and_come_back() {
    assert_eq!(after("9223372036854775807", "update-in [] inc"), "9223372036854775808N");
    assert_eq!(after("9223372036854775808", "update-in [] dec"), "9223372036854775807");
    assert_eq!(after("-9223372036854775808", "update-in [] - 1"), "-9223372036854775809N");
    assert_eq!(after("9223372036854775808", "update-in [] + 0.5"), "9.223372036854776E18");
}

#[test]
fn what_is_no_operation_says_how_it_is_written() {
    for (value, op, said) in [
        ("1", "", "update-in PATH FUNCTION"),
        ("1", "update-in [:a]", "update-in PATH FUNCTION"),
        ("1", "update-in :a inc", "a path is a vector of keys"),
        ("1", "update-in [:a] frobnicate", "there is no function frobnicate"),
        ("1", "update-in [] inc 2", "`inc`"),
        ("1", "update-in [] + :a", "only an integer or a float"),
        ("1", "update-in [] conj", "conj VALUE…"),
        ("1", "swap-in [:a]", "there is no operation swap-in"),
        ("1", "dissoc-in []", "one key or more"),
        ("1", "update-in [:a", "line 1, column 11"),
        ("\"x\"", "update-in [] inc", "cannot add to a string"),
        ("{:a {:b 1}}", "assoc-in [:a :b :c] 2", "at [:a :b]"),
        ("{:a \"x\"}", "update-in [:a] inc", "at [:a]: cannot add to a string"),
        ("{:a [1]}", "assoc-in [:a :b] 2", "at [:a]: :b is no index"),
        ("{}", "copy-in [:a] [:b]", "at [:a]: there is nothing to copy"),
        ("1", "update-in [] merge {}", "cannot merge an integer"),
    ] {
        let got = refused(value, op);
        assert!(got.contains(said), "{op} of {value}: {got}");
    }
}

#[test]
fn operands_may_be_json_and_paths_are_edn() {
    let arguments = |words: &[&str]| words.iter().map(|w| w.to_string()).collect::<Vec<_>>();
    let op = Op::from_arguments(&arguments(&["assoc-in", "[:a]", "{\"b\": null}"]), Some(Keys::Keywords)).unwrap();
    assert_eq!(op.apply(Value::empty_map()).unwrap().to_string(), "{:a {:b nil}}");
    let op = Op::from_arguments(&arguments(&["update-in", "[:a]", "conj", "true"]), Some(Keys::Strings)).unwrap();
    assert_eq!(op.apply(Value::empty_map()).unwrap().to_string(), "{:a (true)}");
}
