//! The readers of text: any bytes are a value or an error, and what was printed reads back equal.

use eve::text::json::Keys;
use eve::text::{edn as edn_text, json as json_text};
use eve::{Error, Result, Value};

/// An error of a reader is about the text, and names the place.
fn said_well<T>(read: &Result<T>) {
    match read {
        Ok(_) => {}
        Err(Error::Parse { line, column, reason }) => assert!(*line > 0 && *column > 0 && !reason.is_empty()),
        Err(Error::Value { reason, .. }) => assert!(!reason.is_empty()),
        Err(other) => panic!("not an error about text: {other}"),
    }
}

/// Reads the bytes as EDN, at once and from a source of small pieces; prints and reads again.
pub fn edn(bytes: &[u8]) {
    let at_once = edn_text::read(bytes);
    said_well(&at_once);
    let pieces = std::io::BufReader::with_capacity(7, bytes);
    let streamed: Result<Vec<Value>> = edn_text::read_all(pieces).collect();
    said_well(&streamed);
    let Ok(value) = at_once else { return };
    assert_eq!(streamed.expect("it could be read at once"), [value.clone()]);
    let printed = edn_text::to_string(&value).expect("what was read");
    assert_eq!(edn_text::read(&printed).expect(&printed), value, "{printed}");
    let pretty = edn_text::to_string_pretty(&value).expect("what was read");
    assert_eq!(edn_text::read(&pretty).expect(&pretty), value, "{pretty}");
    let json = json_text::to_string(&value);
    said_well(&json);
}

/// Reads the bytes as JSON, likewise.
pub fn json(bytes: &[u8]) {
    for keys in [Keys::Strings, Keys::Keywords] {
        let at_once = json_text::read(bytes, keys);
        said_well(&at_once);
        let pieces = std::io::BufReader::with_capacity(7, bytes);
        let streamed: Result<Vec<Value>> = json_text::read_all(pieces, keys).collect();
        said_well(&streamed);
        let Ok(value) = at_once else { continue };
        assert_eq!(streamed.expect("it could be read at once"), [value.clone()]);
        let as_edn = edn_text::to_string(&value).expect("what was read");
        assert_eq!(edn_text::read(&as_edn).expect(&as_edn), value, "{as_edn}");
        let printed = json_text::to_string(&value).expect("what was read");
        let again = json_text::read(&printed, keys).expect(&printed);
        // A number beyond all doubles is read as infinite, as by JavaScript; JSON has no form for that.
        assert!(again == value || as_edn.contains("##Inf") || as_edn.contains("##-Inf"), "{printed}");
    }
}
