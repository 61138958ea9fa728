//! What is large, deep or many goes in and comes out again.

mod support;

use support::place;

/// A JSON document of some MB with everything in it.
fn document() -> serde_json::Value {
    let person = |i: u64| {
        serde_json::json!({
            "id": i, "name": format!("név {i} \"quoted\" \u{1F600}\n"), "score": i as f64 / 7.0, "big": i * 1_000_000_007,
            "tags": ["a", i.to_string(), null, true], "nested": { "deep": { "er": [[], {}, [i]] } }, "": i.is_multiple_of(3)
        })
    };
    serde_json::json!({ "people": (0..20_000).map(person).collect::<Vec<_>>(), "min": i64::MIN, "max": u64::MAX })
}

#[test]
fn a_json_document_of_some_megabytes_comes_back_equal() {
    let p = place();
    let text = document().to_string();
    // As that parser reads it: it may round the last digit of a float otherwise than Rust does.
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(text.len() > 3_000_000);
    let file = p.write("document.json", &text);
    p.ok(&["load", "FILE", "doc", file.to_str().unwrap()]);
    let dumped = p.ok(&["dump", "FILE", "doc", "--json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&dumped).unwrap() == document);
    // Through EDN as well.
    let edn = p.write("document.edn", p.ok(&["dump", "FILE", "doc"]));
    p.ok(&["load", "FILE", "again", edn.to_str().unwrap()]);
    let dumped = p.ok(&["dump", "FILE", "again", "--json", "--pretty"]);
    assert!(serde_json::from_str::<serde_json::Value>(&dumped).unwrap() == document);
    assert_eq!(p.ok(&["get", "FILE", "doc", "[\"people\" 77 \"nested\" \"deep\" \"er\" 2 0]"]), "77");
    p.verify();
}

#[test]
fn ten_thousand_atoms_in_one_file() {
    let p = place();
    let domain = eve::Domain::open(&p.file).unwrap();
    for i in 0..10_000i64 {
        domain.atom(&format!("atom/{i:05}"), || i).unwrap();
    }
    drop(domain);
    assert_eq!(p.ok(&["get", "FILE", "atom/07777"]), "7777");
    assert_eq!(p.ok(&["ls", "FILE"]).lines().count(), 10_000);
    let dumped: serde_json::Value = serde_json::from_str(&p.ok(&["dump", "FILE", "--json"])).unwrap();
    let dumped = dumped.as_object().unwrap();
    assert!(dumped.len() == 10_000 && dumped["atom/00042"] == 42);
    p.verify();
}

#[test]
fn nesting_ten_thousand_deep() {
    const DEPTH: usize = 10_000;
    let p = place();
    let vectors = format!("{}1{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    let maps = format!("{}1{}", "{:a ".repeat(DEPTH), "}".repeat(DEPTH));
    let objects = format!("{}1{}", "{\"a\":".repeat(DEPTH), "}".repeat(DEPTH));
    for (text, json) in [(&vectors, false), (&maps, false), (&vectors, true), (&objects, true)] {
        let flag: &[&str] = if json { &["--json"] } else { &[] };
        p.ok_with(&[&["set", "FILE", "a", "-"], flag].concat(), text.as_bytes());
        assert!(p.ok(&[&["get", "FILE", "a"], flag].concat()) == *text);
        assert!(p.ok(&[&["dump", "FILE", "a"], flag].concat()) == *text);
        p.ok_with(&[&["load", "FILE", "b"], flag].concat(), text.as_bytes());
        assert!(p.ok(&[&["dump", "FILE", "b"], flag].concat()) == *text);
        p.ok(&["dump", "FILE", "b", "--pretty"]);
    }
    p.ok_with(&["set", "FILE", "a", "-"], maps.as_bytes());
    let path = format!("[{}]", ":a ".repeat(DEPTH));
    assert_eq!(p.ok(&["get", "FILE", "a", &path]), "1");
    assert_eq!(p.ok(&["swap", "FILE", "a", "update-in", &path, "inc"]), "2");
    p.ok(&["set", "FILE", "a", "nil"]);
    p.verify();
}

#[test]
fn a_string_of_a_hundred_megabytes() {
    let p = place();
    let text = "0123456789".repeat(10_000_000);
    let quoted = format!("\"{text}\"");
    let file = p.write("text.edn", &quoted);
    p.ok(&["load", "FILE", "a", file.to_str().unwrap()]);
    assert!(p.ok(&["get", "FILE", "a"]) == quoted);
    p.ok_with(&["set", "FILE", "a", "-", "--json"], quoted.as_bytes());
    assert!(p.ok(&["dump", "FILE", "a", "--json"]) == quoted);
    p.verify();
}
