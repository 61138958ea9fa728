//! Keys that would be one in JSON.

use eve_core::Error;
use proptest::prelude::*;

use super::{Keys, read, to_string, write};
use crate::Value;
use crate::text::edn;

/// The way and the reason of what cannot be written, on one line and on many.
fn refused(edn: &str) -> (String, String) {
    let value = edn::read(edn).unwrap();
    let mut lines = String::new();
    match (to_string(&value), write(&mut lines, &value, true)) {
        (Err(Error::Value { path, reason }), Err(Error::Value { path: other, .. })) if path == other => (path, reason),
        found => panic!("{edn}: {found:?}"),
    }
}

#[test]
fn keys_that_would_be_one_are_named_with_the_way_to_them() {
    for (edn, way, one, other, name) in [
        (r#"{:a 1 "a" 2}"#, "", ":a", r#""a""#, r#""a""#),
        (r#"{:a 1 a 2}"#, "", ":a", "a", r#""a""#),
        (r#"{"a" 1 \a 2}"#, "", r#""a""#, r"\a", r#""a""#),
        (r#"{1 :x "1" :y}"#, "", "1", r#""1""#, r#""1""#),
        (r#"{nil :x "nil" :y}"#, "", "nil", r#""nil""#, r#""nil""#),
        (r#"{[1 :a] :x "[1 :a]" :y}"#, "", "[1 :a]", r#""[1 :a]""#, r#""[1 :a]""#),
        (
            r#"{#uuid "00000000-0000-0000-0000-00000000000a" 1 "00000000-0000-0000-0000-00000000000a" 2}"#,
            "",
            r#"#uuid "00000000-0000-0000-0000-00000000000a""#,
            r#""00000000-0000-0000-0000-00000000000a""#,
            r#""00000000-0000-0000-0000-00000000000a""#,
        ),
        (r#"[0 {:users {"ada b" (1 {:a/b 1 "a/b" 2})}}]"#, r#"[1 :users "ada b" 1]"#, ":a/b", r#""a/b""#, r#""a/b""#),
        (r#"#eve/sorted-map {"" 1 "x" 2 :x 3}"#, "", r#""x""#, ":x", r#""x""#),
        (r#"#eve/sorted-map {"a" 1 "b" 2 :c 3 :d 4 a 5}"#, "", r#""a""#, "a", r#""a""#),
        (r#"{:s #{{:a 1 "a" 2}}}"#, "[:s …]", ":a", r#""a""#, r#""a""#),
        (r#"{:t #tag {:a 1 "a" 2}}"#, "[:t]", ":a", r#""a""#, r#""a""#),
        (r#"#eve/sorted-map {:a 1 "a" 2}"#, "", ":a", r#""a""#, r#""a""#),
    ] {
        let (path, reason) = refused(edn);
        assert_eq!(path, way, "{edn}");
        let names = [format!("the keys {one} and {other} "), format!("the keys {other} and {one} ")];
        assert!(names.iter().any(|names| reason.starts_with(names)), "{edn}: {reason}");
        assert!(reason.contains(&format!("both be {name} in JSON; take EDN")), "{edn}: {reason}");
    }
}

#[test]
fn numbers_keep_their_value_or_are_refused() {
    let number = |text: &str| read(text, Keys::Strings);
    for (text, same) in [("1e400", "1E+400M"), ("-12.5e400", "-125E+399M"), ("[1e309]", "[1E+309M]")] {
        assert_eq!(number(text).unwrap(), edn::read(same).unwrap(), "{text}");
    }
    let error = number("[1e9999999999]").unwrap_err().to_string();
    assert!(error.contains("1e9999999999 is too large"), "{error}");
    for text in ["1e308", "-1.5e-400", "-0", "0.0"] {
        let found = number(text).unwrap().as_f64().map(f64::to_bits);
        assert_eq!(found, Some(text.parse::<f64>().unwrap().to_bits()), "{text}");
    }
    assert_eq!(to_string(&number("[-0,0]").unwrap()).unwrap(), "[-0.0,0]");
}

#[test]
fn keys_in_maps_of_their_own_do_not_meet() {
    for (edn, json) in [
        (r#"[{:a 1} {"a" 2}]"#, r#"[{"a":1},{"a":2}]"#),
        (r#"{:a {"a" 2}}"#, r#"{"a":{"a":2}}"#),
        (r#"{{:a 1 "a" 2} 3}"#, ""), // as a key it is EDN
        (r#"[:a "a"]"#, r#"["a","a"]"#),
        (r#"#eve/int-map {1 {"1" 2}}"#, r#"{"1":{"1":2}}"#),
    ] {
        let text = to_string(&edn::read(edn).unwrap()).unwrap();
        assert!(json.is_empty() || text == json, "{edn}: {text}");
    }
}

proptest! {
    /// Of keys that are easily taken for others, none is lost in silence.
    #[test]
    fn no_entry_is_lost(keys in prop::collection::vec("(:|\")?[ab1]", 0..6)) {
        let keys = keys.iter().map(|key| if key.starts_with('"') { format!("{key}\"") } else { key.clone() });
        let map = Value::map(keys.map(|key| (edn::read(&key).unwrap(), 0)));
        if let Ok(text) = to_string(&map) {
            let back = read(&text, Keys::Strings).unwrap();
            prop_assert_eq!(back.as_map().unwrap().len().unwrap(), map.as_map().unwrap().len().unwrap(), "{}", text);
        }
    }
}
