//! Text there and back, errors at their exact place, and whatever bytes may come.

use eve_core::Error;
use eve_core::layout::Element;
use eve_core::value::{Array, List, Set, Source, Str, Value, Vector};
use proptest::prelude::*;

use super::edn::{self, Style};
use super::json::{self, Keys};

#[path = "../../tests/common/records.rs"]
mod records;

fn read(text: &str) -> Value {
    edn::read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Where the error is, and what it says.
fn fault<T: std::fmt::Debug>(result: eve_core::Result<T>) -> (u64, u64, String) {
    match result {
        Err(Error::Parse { line, column, reason }) => (line, column, reason),
        other => panic!("expected a parse error, found {other:?}"),
    }
}

fn wtf8() -> impl Strategy<Value = Str> {
    prop_oneof![
        any::<String>().prop_map(Str::from),
        "[a-z/:.0-9 #'-]{0,6}".prop_map(Str::from),
        // Such as words have room for, and such as they just have not.
        "[A-Za-z0-9-]{7,11}|[a-z0-9_. ü-]{7,11}".prop_map(Str::from),
        prop::collection::vec(any::<u16>(), 0..6).prop_map(|units| Str::from_utf16(&units)),
        prop::collection::vec(0xD7F0u16..0xE00F, 0..6).prop_map(|units| Str::from_utf16(&units)),
    ]
}

fn big() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(any::<u8>(), 0..40), (-2000i128..2000).prop_map(|i| i.to_le_bytes().to_vec())]
}

fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        any::<f64>(),
        -10.0..10.0,
        Just(-0.0),
        Just(f64::NAN),
        Just(f64::INFINITY)
    ]
}

fn ratio() -> impl Strategy<Value = Value> {
    (any::<i64>(), 1..i64::MAX).prop_map(|(a, b)| read(&format!("{a}/{b}")))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![any::<i64>(), -9..9i64, Just(i64::MIN), Just(i64::MAX)].prop_map(Value::Int),
        float().prop_map(Value::Float),
        prop_oneof![0..0x11_0000u32, 0..128u32, 0xD7F0..0xE010u32].prop_map(Value::Char),
        wtf8().prop_map(Value::Str),
        wtf8().prop_map(Value::keyword),
        wtf8().prop_map(Value::symbol),
        "[a-z.*+!_?<>=-][a-z0-9.*+!_?<>=:#'-]{0,4}(/[a-z]{1,3})?".prop_map(Value::keyword),
        "[a-z.*+!_?<>=-][a-z0-9.*+!_?<>=:#'-]{0,4}(/[a-z]{1,3})?".prop_map(Value::symbol),
        big().prop_map(|bytes| Value::big_int(&bytes)),
        (prop_oneof![any::<i32>(), -20..20i32], big()).prop_map(|(scale, bytes)| Value::decimal(scale, &bytes)),
        ratio(),
        any::<[u8; 16]>().prop_map(Value::Uuid),
        (prop_oneof![any::<i64>(), -100_000_000_000..100_000_000_000i64], 0..1_000_000_000u32)
            .prop_map(|(seconds, nanos)| Value::Instant { seconds, nanos }),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| Value::Bytes(bytes.into())),
    ]
}

fn column() -> impl Strategy<Value = (Element, Vec<u8>)> {
    (0u64..10, prop::collection::vec(any::<[u8; 8]>(), 0..6)).prop_map(|(code, numbers)| {
        let element = Element::from_code(code).unwrap();
        (element, numbers.iter().flat_map(|n| n[..element.bytes() as usize].to_vec()).collect())
    })
}

fn typed() -> impl Strategy<Value = Value> {
    prop_oneof![
        column().prop_map(|(element, bytes)| Value::Array(Array::from_bytes(element, bytes).unwrap())),
        records::records(wtf8()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![5 => scalar(), 1 => typed()].prop_recursive(5, 60, 8, |inner| {
        let all = prop::collection::vec(inner.clone(), 0..12);
        let entries = prop::collection::vec((inner.clone(), inner.clone()), 0..12);
        let tag =
            prop_oneof![wtf8(), "[a-z]{1,3}(/[a-z]{1,3})?|inst|uuid|eve/bytes|eve/array|eve/obj".prop_map(Str::from)];
        prop_oneof![
            all.clone().prop_map(|all| Value::Vector(Vector::from(all))),
            all.clone().prop_map(|all| Value::List(List::from(all))),
            all.prop_map(|all| Value::Set(Set::from_iter(all))),
            entries.clone().prop_map(Value::map),
            (tag, inner.clone()).prop_map(|(tag, value)| Value::tagged(tag, value)),
            (entries, prop::collection::vec(inner, 0..3))
                .prop_map(|(meta, all)| Value::vector(all).with_meta(Some(Value::map(meta))).unwrap()),
        ]
    })
}

/// The same with its metadata, which equality leaves out. (Sets and maps have no order, so theirs is not compared.)
fn same_meta(a: &Value, b: &Value) -> bool {
    let elements = |v: &Value| v.elements().unwrap().map(Result::unwrap).collect::<Vec<_>>();
    a == b
        && a.meta() == b.meta()
        && match a {
            Value::Vector(_) | Value::List(_) => {
                std::mem::discriminant(a) == std::mem::discriminant(b)
                    && elements(a).iter().zip(&elements(b)).all(|(a, b)| same_meta(a, b))
            }
            _ => true,
        }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn edn_reads_back_equal(value in value()) {
        let text = edn::to_string(&value).unwrap();
        let back = edn::read(&text);
        prop_assert!(back.is_ok(), "{}: {:?}", text, back);
        prop_assert!(same_meta(&value, &back.unwrap()), "{}", text);
        let pretty = edn::to_string_pretty(&value).unwrap();
        prop_assert_eq!(edn::read(&pretty).unwrap(), value.clone(), "{}", pretty);
        let mut plain = String::new();
        edn::write(&mut plain, &value, Style { width: Some(20), meta: false }).unwrap();
        prop_assert_eq!(edn::read(&plain).unwrap(), value, "{}", plain);
    }

    #[test]
    fn every_value_writes_as_json_that_reads(value in value()) {
        for indented in [false, true] {
            let mut text = String::new();
            match json::write(&mut text, &value, indented) {
                Ok(()) => prop_assert!(json::read(&text, Keys::Strings).is_ok(), "{}", text),
                Err(error) => prop_assert!(error.to_string().contains("would both be"), "{}", error),
            }
        }
    }

    #[test]
    fn json_reads_back_equal(value in json_value()) {
        let text = json::to_string(&value).unwrap();
        prop_assert_eq!(json::read(&text, Keys::Strings).unwrap(), value, "{}", text);
    }

    #[test]
    fn serde_json_reads_the_same(value in json_value()) {
        let text = json::to_string(&value).unwrap();
        if !text.contains("\\uD") {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = edn::read(&bytes);
        let _ = json::read(&bytes, Keys::Keywords);
        for value in edn::read_all(std::io::BufReader::with_capacity(3, &bytes[..])) {
            let _ = value;
        }
    }

    #[test]
    fn no_edn_like_text_panics(text in r##"([\[\](){}^#:;,"\\ \n]|#_|#inst |#eve/tagged |\[ |"a" |1|a|/|nil|é|\\u|##|N|M|r|-|e){0,24}"##) {
        let whole = edn::read_all(text.as_bytes()).collect::<Vec<_>>();
        let pieces = edn::read_all(std::io::BufReader::with_capacity(1, text.as_bytes())).collect::<Vec<_>>();
        prop_assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
        for value in whole.into_iter().flatten() {
            let text = edn::to_string(&value).unwrap();
            prop_assert_eq!(edn::read(&text).unwrap(), value, "{}", text);
        }
    }

    #[test]
    fn an_error_is_where_the_bad_token_is(before in "([a-zé] |\n|[0-9] |\"é\n\" ){0,9}") {
        let lines = before.matches('\n').count() as u64;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() as u64;
        let (line, at, _) = fault(edn::read(&format!("[{before}1x 2]")));
        prop_assert_eq!((line, at), (lines + 1, column + 1 + (lines == 0) as u64));
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        float().prop_map(|f| Value::Float(if f.is_finite() { f } else { 0.5 })),
        big().prop_map(|bytes| Value::big_int(&bytes)),
        wtf8().prop_map(Value::Str),
    ];
    scalar.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::vector),
            prop::collection::vec((wtf8(), inner), 0..12).prop_map(Value::map),
        ]
    })
}

#[test]
fn what_clojure_reads_is_read() {
    for (text, same) in [
        ("1N", "1"),
        ("+7", "7"),
        ("-0", "0"),
        ("0x1F", "31"),
        ("-0xff", "-255"),
        ("2r101", "5"),
        ("36rZZ", "1295"),
        ("017", "15"),
        ("4/2", "2"),
        ("-2/6", "-1/3"),
        ("0/5", "0"),
        ("1e10", "1.0E10"),
        ("1.", "1.0"),
        ("1.50M", "1.5M"),
        ("1E+3M", "1000M"),
        ("99999999999999999999", "99999999999999999999N"),
        ("1,2", "1"),
        ("\\o101", "\\A"),
        ("\\u0041", "\\A"),
        ("\\newline", "\\u000A"),
        ("\"\\101\\u0041\"", "\"AA\""),
        ("\"\\uD83D\\uDE00\"", "\"😀\""),
        ("#:a{:b 1, c 2, :x/y 3, :_/z 4, \"s\" 5, :k {:n 1}}", "{:a/b 1, a/c 2, :x/y 3, :z 4, \"s\" 5, :a/k {:n 1}}"),
        ("#inst \"2018\"", "#inst \"2018-01-01T00:00:00Z\""),
        ("#inst \"2018-12\"", "#inst \"2018-12-01\""),
        ("#inst \"2018-12-31T23:59:60.5+01:00\"", "#inst \"2018-12-31T23:00:00.500Z\""),
        ("#inst \"1970-01-01T00:00-02:30\"", "#inst \"1970-01-01T02:30Z\""),
        ("#uuid \"0123ABCD-0000-0000-0000-000000000001\"", "#uuid \"0123abcd-0000-0000-0000-000000000001\""),
        ("#eve/tagged [\"a b\" 1]", "#eve/tagged [\"a b\" 1]"),
        ("#eve/tagged [\"a\" 1]", "#a 1"),
        ("[1 2]", "(1 2)"),
        ("#eve/keyword \"a\"", ":a"),
        ("#{1 2}", "#{2 1}"),
        ("; c\n#_ #_ 1 [2] 3", "3"),
        ("#!/usr/bin/eve\n3", "3"),
    ] {
        let mut all = edn::read_all(text.as_bytes());
        assert_eq!(all.next().unwrap().unwrap(), read(same), "{text}");
    }
    assert_ne!(read("1"), read("1.0"));
    assert_eq!(read("##NaN"), read("##NaN"));
    assert_eq!(read("/"), Value::symbol("/"));
    assert_eq!(read("[a#b a'b :1 :a/b -a +]").count().unwrap(), 6);
    assert_eq!(read("^:a ^{:b 2, :a 3} ^T [1]").meta().unwrap(), read("{:a true, :b 2, :tag T}"));
    assert_eq!(read("[^int x]"), read("[x]"));
    assert_eq!(read("\u{FEFF}#{1}"), read("#{1}"));
    assert_eq!(read("Ａ"), Value::symbol("Ａ"), "a letter that begins with the byte of the mark");
}

#[test]
fn it_prints_as_pr_does() {
    for text in [
        "{:a 1}",
        "[1 (2 3) #{4}]",
        "\"a\\nb\\\"\"",
        "[\\newline \\a \\space \\( \\uD800]",
        "#foo/bar [1]",
        "^{:m 1} [1]",
        "##-Inf",
        "#inst \"2026-01-02T03:04:05.678-00:00\"",
        "#inst \"2026-01-02T03:04:05.678000001-00:00\"",
        "#eve/bytes \"AQID/w==\"",
        "1/3",
        "1.50M",
        "#eve/tagged [\"inst\" 1]",
        "[#eve/keyword \"a b\" #eve/symbol \"1\" #eve/symbol \"nil\" #eve/keyword \"a/1\"]",
    ] {
        assert_eq!(edn::to_string(&read(text)).unwrap(), text);
    }
    let mut plain = String::new();
    edn::write(&mut plain, &read("[^{:m [1]} [1 ^:x {2 ^:y ()}]]"), Style { width: None, meta: false }).unwrap();
    assert_eq!(plain, "[[1 {2 ()}]]");
}

#[test]
fn errors_say_where() {
    for (text, line, column, part) in [
        ("", 1, 1, "no value"),
        ("1 \n 2", 2, 2, "more than one"),
        ("{:a 1\n :b 2\n :a 3}", 3, 2, "duplicate key :a"),
        ("{[1]\n 2 (1) 3}", 2, 4, "duplicate key"),
        ("{1 2 1N 3}", 1, 6, "duplicate key"),
        ("#{é é}", 1, 5, "duplicate element"),
        ("[1\n (2 ]", 2, 5, "expected )"),
        ("[1\n (2", 2, 2, "inside the list"),
        ("{:a}", 1, 4, "no value"),
        (")", 1, 1, "nothing is open"),
        ("[é \"ab\\q\"]", 1, 7, "no escape"),
        ("\"abc", 1, 1, "no end"),
        ("[1/0]", 1, 2, "zero"),
        ("08", 1, 1, "octal"),
        ("#inst \"2018-02-30\"", 1, 7, "expected something like"),
        ("#inst 5", 1, 7, "wants a string"),
        ("[#foo]", 1, 6, "behind the tag"),
        ("[#_]", 1, 4, "behind the #_"),
        ("^5 []", 1, 2, "metadata is"),
        ("^:a 5", 1, 1, "cannot have metadata"),
        ("[##Foo]", 1, 2, "##Foo"),
        ("\\ab", 1, 1, "no character"),
        ("a:", 1, 1, "no value"),
        (":", 1, 1, "no keyword"),
        ("@a", 1, 1, "no value"),
        ("#eve/tagged [1 2]", 1, 14, "wants a vector"),
    ] {
        let (l, c, reason) = fault(edn::read(text));
        assert_eq!((l, c), (line, column), "{text:?}: {reason}");
        assert!(reason.contains(part), "{text:?}: {reason}");
    }
    assert_eq!(fault(edn::read(b"[a \"\n\xC3\xA9\xFF\"]")).0, 2);
    assert_eq!(fault(edn::read(b"[a \"\n\xC3\xA9\xFF\"]")).1, 2);
    for (text, line, column) in [
        ("{\"a\": 1,\n \"b\" 2}", 2, 6),
        ("[1,]", 1, 4),
        ("[1 2]", 1, 4),
        ("{\"a\":1,}", 1, 8),
        ("01", 1, 1),
        ("[1", 1, 1),
        ("nul", 1, 1),
        ("\"a\nb\"", 1, 3),
        ("1 2", 1, 3),
        ("", 1, 1),
        ("[+1]", 1, 2),
        ("[1.]", 1, 2),
        ("{a:1}", 1, 2),
        ("[.5]", 1, 2),
    ] {
        let (l, c, reason) = fault(json::read(text, Keys::Strings));
        assert_eq!((l, c), (line, column), "{text:?}: {reason}");
    }
}

#[test]
fn values_come_one_by_one_until_an_error() {
    let all: Vec<_> = edn::read_all(&b"1 [2] ; x\n#_3 :four ) 5"[..]).collect();
    assert_eq!(all.len(), 4);
    assert_eq!(*all[2].as_ref().unwrap(), read(":four"));
    assert!(all[3].is_err());
    let lines = json::read_all(&b"{\"a\":1}\n[2]\n\n3\n"[..], Keys::Keywords).map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(Value::vector(lines), read("[{:a 1} [2] 3]"));
}

#[test]
fn json_has_a_form_for_everything() {
    let text = |edn: &str| json::to_string(&read(edn)).unwrap();
    assert_eq!(text("[:a/b c \\d 1.5 ##NaN ##Inf nil true]"), r#"["a/b","c","d",1.5,null,null,null,true]"#);
    assert_eq!(
        text("[1.50M 1/4 1/3 123456789012345678901234567890]"),
        r#"[1.50,0.25,"1/3",123456789012345678901234567890]"#
    );
    // No fraction, but a file may say so.
    assert_eq!(json::to_string(&Value::ratio(&[1], &[0])).unwrap(), "\"1/0\"");
    assert_eq!(
        text("[#inst \"2026-01-02T03:04:05.678Z\" #eve/bytes \"AQID\"]"),
        r#"["2026-01-02T03:04:05.678Z","AQID"]"#
    );
    assert_eq!(text("[#foo {:a (1 #{2})} ^{:x 1} {}]"), r#"[{"a":[1,[2]]},{}]"#);
    assert_eq!(text("{[1 :a] 2}"), r#"{"[1 :a]":2}"#);
    assert_eq!(text("{#t \"x\" {1 #u [2]}}"), r##"{"#t \"x\"":{"1":[2]}}"##);
    let mut indented = String::new();
    json::write(&mut indented, &read("[1 {:a #t []}]"), true).unwrap();
    assert_eq!(indented, "[\n  1,\n  {\n    \"a\": []\n  }\n]");
    assert_eq!(json::read("{\"a\":1,\"a\":2}", Keys::Keywords).unwrap(), read("{:a 2}"));
    assert_eq!(json::read("\"\\ud800\"", Keys::Strings).unwrap(), read("\"\\ud800\""));
}

#[test]
fn wide_values_break_and_narrow_ones_stay() {
    let mut text = String::new();
    edn::write(
        &mut text,
        &read("[{:a [1 2 3 4 5 6 7 8]} (1 2) \"0123456789\"]"),
        Style { width: Some(20), meta: true },
    )
    .unwrap();
    assert_eq!(
        text,
        "[{:a [1\n      2\n      3\n      4\n      5\n      6\n      7\n      8]}\n (1 2)\n \"0123456789\"]"
    );
    assert_eq!(edn::to_string_pretty(&read("[1 {:a 2}]")).unwrap(), "[1 {:a 2}]");
    let long = Value::vector(0..1000);
    let text = edn::to_string_pretty(&long).unwrap();
    assert_eq!(text.lines().count(), 1000);
}

#[test]
fn what_has_an_order_is_written_and_read_with_its_tag() {
    for text in [
        r#"#eve/sorted-map {1 :a, "b" :c, :d [1]}"#,
        r"#eve/sorted-set #{nil 1 1.5 \a :b}",
        "#eve/int-map {-1 :a, 5 {}}",
        "[#eve/sorted-map {} #eve/sorted-set #{} #eve/int-map {}]",
        "^{:k 1} #eve/sorted-map {1 2}",
    ] {
        assert_eq!(edn::to_string(&read(text)).unwrap(), text);
    }
    assert_eq!(
        edn::to_string(&read("#eve/sorted-map {:b 1 nil 2 :a 3}")).unwrap(),
        "#eve/sorted-map {nil 2, :a 3, :b 1}"
    );
    assert_eq!(
        json::to_string(&read("#eve/sorted-map {\"b\" 1 \"a\" #eve/sorted-set #{2 1}}")).unwrap(),
        r#"{"a":[1,2],"b":1}"#
    );
    assert_eq!(read("#eve/sorted-map {1 2}"), read("{1 2}"), "the order does not count");
    assert_eq!(edn::to_string(&read("[#_#eve/sorted-map {1 2} 3]")).unwrap(), "[3]");
    for (text, why) in [
        ("#eve/sorted-map [1 2]", "wants a map"),
        ("#eve/sorted-set {1 2}", "wants a set"),
        ("#eve/sorted-map 1", "wants a map"),
        ("#eve/int-map {:a 1}", "integers of 64 bits"),
        ("#eve/int-map {9223372036854775808 1}", "integers of 64 bits"),
        ("#eve/sorted-map {1 2, 1 3}", "duplicate key"),
        ("#eve/sorted-map", "ends inside"),
    ] {
        let reason = fault(edn::read(text)).2;
        assert!(reason.contains(why), "{text}: {reason}");
    }
}

#[test]
fn deep_text_does_not_overflow_the_stack() {
    let depth = 100_000;
    for (open, close) in [("[", "]"), ("{1 ", "}"), ("#t ", ""), ("(", ")"), ("#{", "}"), ("^:a [", "]")] {
        let text = format!("{}[]{}", open.repeat(depth), close.repeat(depth));
        let value = read(&text);
        let printed = edn::to_string(&value).unwrap();
        assert!(printed.len() >= text.len() - depth);
        if !open.contains('{') {
            // A set that holds a set, and so on, is hashed at every level; so is comparing maps and sets of that depth.
            assert_eq!(value, read(&printed));
        }
        json::to_string(&value).unwrap();
        edn::to_string_pretty(&value).unwrap();
    }
    // What a commit may nest, and a dump of it.
    let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
    drop(read(&format!("{{\"a\" ^:b {open}{close}}}")));
    let (open, close) = ("[".repeat(super::MAX_DEPTH), "]".repeat(super::MAX_DEPTH));
    drop(read(&format!("{open}{close}")));
    assert!(fault(edn::read(&format!("[{open}{close}]"))).2.contains("deep"));
    assert!(fault(json::read(&format!("[{open}{close}]"), Keys::Strings)).2.contains("deep"));
    assert!(fault(edn::read(&"#_ ".repeat(super::MAX_DEPTH + 2))).2.contains("deep"));
}

#[test]
fn a_writer_that_fails_says_why() {
    struct Broken;
    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("no paper"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let source: &dyn Source = &Value::from(1);
    assert!(edn::write_to(Broken, source, Style::default()).unwrap_err().to_string().contains("no paper"));
    assert!(edn::write_to(Broken, source, Style::pretty()).unwrap_err().to_string().contains("no paper"));
    assert!(json::write_to(Broken, source, false).unwrap_err().to_string().contains("no paper"));
}

#[test]
fn typed_arrays_and_objects_have_a_form() {
    for (text, json) in [
        ("#eve/array [:int32 1 -2 3]", "[1,-2,3]"),
        ("#eve/array [:uint8-clamped 0 255]", "[0,255]"),
        ("#eve/array [:float64]", "[]"),
        ("#eve/obj {:x [:int32 1], :y [:float64 2.5]}", r#"{"x":1,"y":2.5}"#),
        ("#eve/obj-array {:y [:int8 1 2], :x [:float32 0.5 1.5]}", r#"[{"y":1,"x":0.5},{"y":2,"x":1.5}]"#),
        ("#eve/obj-array {:x [:int64]}", "[]"),
        ("[#eve/array [:int16 7] {:a #eve/obj {:b [:int8 1]}}]", r#"[[7],{"a":{"b":1}}]"#),
    ] {
        let value = read(text);
        assert_eq!(edn::to_string(&value).unwrap(), text);
        assert_eq!(json::to_string(&value).unwrap(), json, "{text}");
    }
    // What is only called like one stays a tagged literal.
    let tagged = Value::tagged("eve/array", 1);
    assert_eq!(edn::to_string(&tagged).unwrap(), "#eve/tagged [\"eve/array\" 1]");
    assert_eq!(read("#eve/tagged [\"eve/array\" 1]"), tagged);
    for bad in [
        "#eve/array [1 2]",
        "#eve/array [:int33 1]",
        "#eve/array [:uint8 256]",
        "#eve/array [:int32 1.5]",
        "#eve/array 5",
        "#eve/obj {:x [:int32 1 2]}",
        "#eve/obj {:x [:int32]}",
        "#eve/obj {}",
        "#eve/obj {x [:int32 1]}",
        "#eve/obj {:x [:int32 1] :x [:int32 2]}",
        "#eve/obj-array {:x [:int32 1] :y [:int32 1 2]}",
    ] {
        assert!(edn::read(bad).is_err(), "{bad}");
    }
}
