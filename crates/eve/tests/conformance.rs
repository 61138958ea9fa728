//! The vectors that every face runs: each value is stored, read back, and compared, here and in a second process-wide domain.

use eve::text::edn;
use eve::{Domain, Value};
use std::path::Path;

fn vectors(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance").join(name);
    let all = edn::read(&std::fs::read(path).unwrap()).unwrap();
    all.elements().unwrap().collect::<eve::Result<_>>().unwrap()
}

fn texts(vector: &Value, key: &str) -> Vec<String> {
    let found = vector.get(Value::keyword(key)).unwrap();
    let texts = found.iter().flat_map(|all| all.elements().unwrap());
    texts.map(|text| text.unwrap().as_str().unwrap().to_owned()).collect()
}

fn run(file: &str) {
    let (one, other) = (Domain::anonymous().unwrap(), Domain::anonymous().unwrap());
    let vectors = vectors(file);
    assert!(!vectors.is_empty());
    for vector in vectors {
        let name = vector.get(Value::keyword("name")).unwrap().unwrap();
        let edn = vector.get(Value::keyword("edn")).unwrap().unwrap();
        let value = edn::read(edn.as_str().unwrap()).unwrap();
        let mut stored = vec![value.clone()];
        for (number, domain) in [&one, &other].into_iter().enumerate() {
            // The second domain gets what the first one has stored.
            let atom = domain.atom(&format!("{file} {name} {number}"), || stored[number].clone()).unwrap();
            stored.push(atom.get().unwrap());
            let again = edn::read(&edn::to_string(&stored[number + 1]).unwrap()).unwrap();
            stored[number] = again;
        }
        let is_nan = value.as_f64().is_some_and(f64::is_nan);
        for found in &stored {
            assert!(*found == value || is_nan, "{name}: {found} instead of {value}");
            for equal in texts(&vector, "equal") {
                assert_eq!(*found, edn::read(&equal).unwrap(), "{name}");
            }
            for different in texts(&vector, "different") {
                assert_ne!(*found, edn::read(&different).unwrap(), "{name}");
            }
        }
    }
    for domain in [one, other] {
        let report = domain.verify(|_, _| {}).unwrap();
        assert!(report.is_ok(), "{report}");
    }
}

#[test]
fn values_read_back_equal() {
    run("values.edn");
}

#[test]
fn typed_arrays_and_objects_read_back_equal() {
    run("typed.edn");
}

#[test]
fn what_has_an_order_reads_back_equal() {
    run("ordered.edn");
}
