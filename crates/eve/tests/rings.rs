//! A file damaged where it lies, in which a value contains itself, as text and as types of Rust.

use eve::text::{edn, json};
use eve::{Atom, Domain, Error, Value};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Puts the vector of the value itself where element 1 of `[0 1]` stood.
fn closed(path: &Path) -> Domain {
    let domain = Domain::open(path).unwrap();
    let value = Value::vector([Value::from("before"), Value::vector([0, 1])]);
    let atom: Atom<Value> = domain.put("a", &value).unwrap();
    let snapshot = atom.load().unwrap();
    let inner = snapshot.view().nth(1).unwrap().unwrap().word();
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    // Header, count, number of children, children.
    let at = inner.as_block().unwrap().0 + 8 * (3 + 1);
    file.write_all_at(&snapshot.view().word().0.to_le_bytes(), at).unwrap();
    domain
}

#[track_caller]
fn assert_told<T>(result: eve::Result<T>) {
    match result {
        Err(Error::Corrupt { .. }) => {}
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nothing was told"),
    }
}

#[test]
fn a_value_inside_itself_is_told_to_who_prints_or_converts_it() {
    let dir = tempfile::tempdir().unwrap();
    let domain = closed(&dir.path().join("d"));
    let value = || domain.find::<Value>("a").unwrap().unwrap().get().unwrap();
    assert_told(edn::to_string(&value()));
    assert_told(edn::to_string_pretty(&value()));
    assert_told(json::to_string(&value()));
    assert!(format!("{:?}", value()).contains("does not contain itself"));
    assert_told(domain.find::<serde_json::Value>("a").unwrap().unwrap().get());
    assert_told(Domain::anonymous().unwrap().put("b", &Value::Nil).unwrap().engine().reset(&value()));
    assert!(!domain.verify(|_, _| {}).unwrap().is_ok());
}
