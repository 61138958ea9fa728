//! Values that only the constructors can make: what an atom takes it must give back, in memory and as text.

use eve::text::edn;
use eve::{Array, Domain, Element, Error, Map, Order, Records, Schema, Set, Str, Value};
use eve_core::value::Ratio;
use proptest::prelude::*;
use records::records;
use std::sync::Arc;

#[path = "common/records.rs"]
mod records;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(prop_oneof![Just(0u8), Just(0xFF), Just(1), Just(0x80), Just(0x7F), any::<u8>()], 0..6),
        prop::collection::vec(any::<u8>(), 0..40),
        (-20i128..20).prop_map(|i| i.to_le_bytes().to_vec()),
        (-20i8..20).prop_map(|i| vec![i as u8]),
    ]
}

fn text() -> impl Strategy<Value = Str> {
    prop_oneof![
        3 => any::<String>().prop_map(Str::from),
        3 => "[a-z/:.0-9 #'\\x00-]{0,9}".prop_map(Str::from),
        3 => prop::collection::vec(0xD7F0u16..0xE00F, 0..6).prop_map(|units| Str::from_utf16(&units)),
        // No text, or what is one by chance: bytes of characters and surrogates, whole and in pieces.
        1 => prop::collection::vec(
            prop_oneof![
                Just(&b"a"[..]), Just(&b"\xff"[..]), Just(&b"\xed\xa0\xbd"[..]), Just(&b"\xed\xb8\x80"[..]), Just(&b"\xed"[..]),
                Just("\u{e9}".as_bytes()), Just("\u{1f600}".as_bytes()),
            ],
            0..6,
        )
        .prop_map(|pieces| Str::from_bytes(pieces.concat())),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![any::<i64>(), -9..9i64].prop_map(Value::Int),
        any::<u64>().prop_map(|b| Value::Float(f64::from_bits(b))),
        (0x7FF0_0000_0000_0000u64..0x8000_0000_0000_0000, any::<bool>())
            .prop_map(|(b, n)| Value::Float(f64::from_bits(b | (n as u64) << 63))),
        prop_oneof![Just(0.0), Just(-0.0), Just(f64::NAN), Just(1.0)].prop_map(Value::Float),
        prop_oneof![0..0x11_0000u32, any::<u32>()].prop_map(Value::Char),
        text().prop_map(Value::Str),
        text().prop_map(Value::keyword),
        text().prop_map(Value::symbol),
        bytes().prop_map(|b| Value::BigInt(b.into())),
        bytes().prop_map(|b| Value::big_int(&b)),
        (prop_oneof![any::<i32>(), -20..20i32, Just(i32::MIN), Just(i32::MAX)], bytes())
            .prop_map(|(scale, b)| Value::Decimal { scale, unscaled: b.into() }),
        (bytes(), bytes())
            .prop_map(|(a, b)| Value::Ratio(Arc::new(Ratio { numerator: a.into(), denominator: b.into() }))),
        (bytes(), bytes()).prop_map(|(a, b)| Value::ratio(&a, &b)),
        any::<[u8; 16]>().prop_map(Value::Uuid),
        (prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)], prop_oneof![any::<u32>(), 0..1_000_000_000u32])
            .prop_map(|(seconds, nanos)| Value::Instant { seconds, nanos }),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| Value::Bytes(bytes.into())),
    ]
}

fn typed() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0u64..10, 0u64..5)
            .prop_map(|(code, n)| Value::Array(Array::new(Element::from_code(code).unwrap(), n).unwrap())),
        records(text()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![12 => scalar(), 1 => typed()].prop_recursive(4, 40, 6, |inner| {
        let all = prop::collection::vec(inner.clone(), 0..8);
        let entries = prop::collection::vec((inner.clone(), inner.clone()), 0..8);
        let sorted = |set: Vec<Value>| set.into_iter().fold(Set::sorted(), |s, v| s.conj(v));
        let tag = prop_oneof![
            text(),
            "inst|uuid|eve/bytes|eve/array|eve/tagged|eve/sorted-map|eve/char|eve/keyword".prop_map(Str::from)
        ];
        prop_oneof![
            all.clone().prop_map(Value::vector),
            all.clone().prop_map(Value::list),
            all.clone().prop_map(Value::set),
            all.clone().prop_map(move |all| Value::Set(sorted(all))),
            entries.clone().prop_map(Value::map),
            entries.clone().prop_map(|all| Value::Map(
                all.into_iter().fold(Map::ordered(Order::Sorted), |m, (k, v)| m.assoc(k, v))
            )),
            prop::collection::vec((any::<i64>(), inner.clone()), 0..8).prop_map(|all| Value::Map(
                all.into_iter().fold(Map::ordered(Order::Integer), |m, (k, v)| m.assoc(k, v))
            )),
            (tag, inner.clone()).prop_map(|(tag, value)| Value::tagged(tag, value)),
            (entries.clone(), all.clone())
                .prop_map(|(meta, all)| Value::vector(all).with_meta(Some(Value::map(meta))).unwrap()),
            (entries.clone(), all.clone())
                .prop_map(|(meta, all)| Value::list(all).with_meta(Some(Value::map(meta))).unwrap()),
            (entries.clone(), all.clone())
                .prop_map(|(meta, all)| Value::set(all).with_meta(Some(Value::map(meta))).unwrap()),
            (entries.clone(), entries.clone(), entries).prop_map(|(mm, meta, all)| {
                Value::map(all).with_meta(Some(Value::map(meta).with_meta(Some(Value::map(mm))).unwrap())).unwrap()
            }),
        ]
    })
}

fn check(value: &Value) -> Result<(), TestCaseError> {
    let db = Domain::anonymous().unwrap();
    let made = db.atom("a", || value.clone());
    let base = db.atom("b", || Value::map([(Value::from("k"), Value::Int(1))])).unwrap();
    let put = base.swap(|m| m.assoc("v", value.clone()));
    let sorted = db.atom("c", || Value::Map(Map::ordered(Order::Sorted).assoc("k", 1))).unwrap();
    let keyed = sorted.swap(|m| m.assoc(value.clone(), 7));
    let keyed_hash = base.swap(|m| m.assoc(value.clone(), 7));
    for (_, atom) in db.atoms().unwrap() {
        let back = atom.get().unwrap();
        let text = edn::to_string(&back);
        prop_assert!(text.is_ok(), "{:?} not written: {:?}", value, text);
        let text = text.unwrap();
        let parsed = edn::read(&text);
        prop_assert!(parsed.is_ok(), "{}: {:?}", text, parsed);
        prop_assert_eq!(parsed.unwrap(), back, "{}", text);
    }
    match &made {
        Ok(a) => {
            let back = a.get().unwrap();
            prop_assert_eq!(&back, value, "it came back as another");
            prop_assert!(a.engine().compare_and_set(value, &Value::Int(1)).unwrap(), "{:?}", value);
        }
        Err(Error::Value { .. }) => {}
        Err(other) => prop_assert!(false, "{other}"),
    }
    prop_assert_eq!(made.is_ok(), put.is_ok());
    for now in [keyed, keyed_hash] {
        match now {
            Ok(now) => {
                prop_assert_eq!(now.get().unwrap().get(value.clone()).unwrap(), Some(Value::Int(7)));
                let k = now.get().unwrap().as_map().unwrap().keys().any(|k| &k.unwrap() == value);
                prop_assert!(k, "{:?} is no key of {:?}", value, now);
            }
            Err(Error::Value { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
    let report = db.verify(|_, _| ()).unwrap();
    prop_assert!(report.damaged == 0, "{:?}", report);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_scalar_that_is_stored_comes_back(value in scalar()) {
        check(&value)?;
    }
    #[test]
    fn any_value_that_is_stored_comes_back(value in value()) {
        check(&value)?;
    }
}

#[test]
fn what_no_text_could_give_back_is_not_stored() {
    let db = Domain::anonymous().unwrap();
    let atom = db.atom("a", Value::empty_map).unwrap();
    let ratio = |a: i8, b: i8| Value::ratio(&[a as u8], &[b as u8]);
    let instant = |nanos| Value::Instant { seconds: 0, nanos };
    for (value, why) in [
        (ratio(1, 0), "1/0 is no ratio in lowest terms with a denominator above 1"),
        (ratio(2, 4), "2/4 is no ratio"),
        (ratio(1, -2), "1/-2 is no ratio"),
        (ratio(4, 1), "4/1 is no ratio"),
        (instant(1_000_000_000), "an instant has up to 999999999 nanoseconds, not 1000000000"),
        (Value::Char(0x11_0000), "0x110000 is no character"),
        (Value::wtf8(b"k\xff"), "the bytes ff at 1 of \"k\u{FFFD}\" are no text"),
        (Value::wtf8(b"a longer string\xfe"), "the bytes fe at 15 of"),
        (Value::keyword(Str::from_bytes(b"\xff".as_slice())), "are no text"),
        (Value::keyword(Str::from_bytes(b"a longer keyword\xff".as_slice())), "are no text"),
        (Value::symbol(Str::from_bytes(b"\xff".as_slice())), "are no text"),
        (Value::symbol(Str::from_bytes(b"a longer symbol\xff".as_slice())), "are no text"),
        (Value::tagged(Str::from_bytes(b"tag\xff".as_slice()), 1), "are no text"),
        (Value::wtf8(b"\xed\xa0\xbd\xed\xb8\x80"), "the bytes ed a0 bd ed at 0"),
    ] {
        for as_key in [false, true] {
            let error = atom.swap(|m| if as_key { m.assoc(value.clone(), 1) } else { m.assoc("k", value.clone()) });
            assert!(error.unwrap_err().to_string().contains(why), "{why}");
        }
    }
    let field = Str::from_bytes(b"\xff".as_slice());
    let rows = Records::object(&Schema::new([(field, Element::Int8)]).unwrap());
    assert!(atom.swap(|m| m.assoc("k", rows.clone())).unwrap_err().to_string().contains("are no text"));
    // Looking for it is no error.
    assert_eq!(
        atom.swap(|m| m.assoc("k\u{FFFD}", 1)).unwrap().get().unwrap().get(Value::wtf8(b"k\xff")).unwrap(),
        None
    );
    atom.reset(&Value::empty_map()).unwrap();
    assert_eq!(atom.get().unwrap(), Value::empty_map());
}

#[test]
fn numbers_of_too_many_bytes_or_none_are_stored_in_their_one_form() {
    let db = Domain::anonymous().unwrap();
    let raw = |a: &[u8], b: &[u8]| Value::Ratio(Arc::new(Ratio { numerator: a.into(), denominator: b.into() }));
    let decimal = |unscaled: &[u8]| Value::Decimal { scale: 1, unscaled: unscaled.into() };
    let long = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0];
    for (i, (value, text)) in [
        (decimal(&[]), "0.0M"),
        (decimal(&[5, 0, 0]), "0.5M"),
        (raw(&[1, 0], &[2, 0, 0]), "1/2"),
        (Value::BigInt([].into()), "0"),
        (Value::BigInt(long.into()), "18446744073709551617N"),
    ]
    .into_iter()
    .enumerate()
    {
        let atom = db.atom(&i.to_string(), || value.clone()).unwrap();
        assert_eq!(atom.get().unwrap(), value);
        assert_eq!(edn::to_string(&atom.get().unwrap()).unwrap(), text);
    }
    let bytes = db.find::<Value>("4").unwrap().unwrap().get().unwrap();
    assert!(matches!(bytes, Value::BigInt(bytes) if bytes[..] == long[..9]));
}

/// Equality leaves it out, and so must nothing that decides what is stored.
#[test]
fn metadata_of_metadata_and_arrays_in_it_are_stored_though_equal() {
    let db = Domain::anonymous().unwrap();
    let meta = |x| Some(Value::map([(1, 2)]).with_meta(Some(Value::map([(3, x)]))).unwrap());
    let atom = db.atom("a", || Value::vector([1]).with_meta(meta(4)).unwrap()).unwrap();
    for x in [5, 6] {
        let now = atom.swap(|v| v.with_meta(meta(x))).unwrap().get().unwrap();
        assert_eq!(now.meta().unwrap().meta(), Some(Value::map([(3, x)])));
    }
    let before = atom.load().unwrap();
    let same = atom.swap(|v| v.clone().with_meta(v.meta())).unwrap();
    assert!(before.is_version(&same), "its own metadata is no change");

    let hits = || Some(Value::map([("hits", Array::new(Element::Int64, 1).unwrap())]));
    let first = atom.swap(|v| v.with_meta(hits())).unwrap().get().unwrap();
    let second = atom.swap(|v| v.with_meta(hits())).unwrap().get().unwrap();
    let array = |v: &Value| match v.meta().unwrap().get("hits").unwrap() {
        Some(Value::Array(array)) => array,
        other => panic!("{other:?}"),
    };
    array(&first).view().unwrap().fetch_add(0, 1i64).unwrap();
    assert_eq!((array(&first).get(0), array(&second).get(0)), (Some(1.into()), Some(0.into())));
    drop((first, second, before, same));
    assert_eq!(db.verify(|_, _| ()).unwrap().leaked, 0);
}
