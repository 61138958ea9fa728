//! Rust types there and back, and errors that name the way.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use eve::text::edn;
use eve::{from_value, to_value};

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
enum Shape {
    Unit,
    New(i64),
    Tuple(u8, Option<String>),
    Struct { a: Vec<bool>, b: (char, f64) },
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct All {
    small: i8,
    large: u64,
    huge: i128,
    hugest: u128,
    text: String,
    c: char,
    maybe: Option<i32>,
    unit: (),
    shapes: Vec<Shape>,
    by_number: BTreeMap<i32, String>,
    by_pair: BTreeMap<(u8, bool), u16>,
    array: [u8; 3],
    boxed: Option<Box<All>>,
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Unit),
        any::<i64>().prop_map(Shape::New),
        (any::<u8>(), any::<Option<String>>()).prop_map(|(a, b)| Shape::Tuple(a, b)),
        (any::<Vec<bool>>(), any::<char>(), -1e9..1e9).prop_map(|(a, c, f)| Shape::Struct { a, b: (c, f) }),
    ]
}

fn all() -> impl Strategy<Value = All> {
    let numbers = (any::<i8>(), any::<u64>(), any::<i128>(), any::<u128>());
    let rest = (any::<String>(), any::<char>(), any::<Option<i32>>(), prop::collection::vec(shape(), 0..5));
    let maps = (any::<BTreeMap<i32, String>>(), any::<BTreeMap<(u8, bool), u16>>(), any::<[u8; 3]>());
    let one = (numbers, rest, maps).prop_map(
        |((small, large, huge, hugest), (text, c, maybe, shapes), (by_number, by_pair, array))| All {
            small,
            large,
            huge,
            hugest,
            text,
            c,
            maybe,
            unit: (),
            shapes,
            by_number,
            by_pair,
            array,
            boxed: None,
        },
    );
    let one = one.boxed();
    (one.clone(), prop::option::of(one)).prop_map(|(outer, inner)| All { boxed: inner.map(Box::new), ..outer })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rust_comes_back(all in all()) {
        let value = to_value(&all).unwrap();
        prop_assert_eq!(&from_value::<All>(&value).unwrap(), &all);
        let text = edn::to_string(&value).unwrap();
        prop_assert_eq!(from_value::<All>(&edn::read(&text).unwrap()).unwrap(), all);
    }
}

#[test]
fn it_looks_like_clojure() {
    let shapes = vec![Shape::Unit, Shape::New(1), Shape::Tuple(2, None)];
    assert_eq!(to_value(&shapes).unwrap(), edn::read("[:Unit {:New 1} {:Tuple [2 nil]}]").unwrap());
    let shape = Shape::Struct { a: vec![true], b: ('x', 1.0) };
    assert_eq!(to_value(&shape).unwrap(), edn::read("{:Struct {:a [true] :b [\\x 1.0]}}").unwrap());
    assert_eq!(from_value::<Shape>(&edn::read("{\"Struct\" {\"a\" (true) :b [\\x 1.0]}}").unwrap()).unwrap(), shape);
    assert_eq!(from_value::<Shape>(&edn::read("\"Unit\"").unwrap()).unwrap(), Shape::Unit);
    assert_eq!(from_value::<f64>(&edn::read("3").unwrap()).unwrap(), 3.0);
    assert_eq!(from_value::<Vec<u8>>(&edn::read("#eve/bytes \"AQID\"").unwrap()).unwrap(), [1, 2, 3]);
}

#[test]
fn errors_name_the_way() {
    let error =
        |edn: &str| from_value::<HashMap<String, Vec<Shape>>>(&edn::read(edn).unwrap()).unwrap_err().to_string();
    let text = error("{:x [:Unit {:Struct {:a [1] :b [\\x 1.0]}}]}");
    assert!(text.starts_with("at [:x 1 :Struct :a 0]: "), "{text}");
    assert!(error("{:x [:Unit :Round]}").starts_with("at [:x 1]: "), "{}", error("{:x [:Unit :Round]}"));
    assert!(error("{:x 5}").contains("expected a sequence, found an integer"), "{}", error("{:x 5}"));
    assert!(error("{:x [:New]}").contains("wants a content"));
    let error = from_value::<i8>(&edn::read("300").unwrap()).unwrap_err().to_string();
    assert!(error.contains("300"), "{error}");
    #[derive(Serialize)]
    struct Bad {
        #[serde(serialize_with = "fail")]
        deep: i32,
    }
    fn fail<S: serde::Serializer>(_: &i32, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no"))
    }
    assert_eq!(to_value(&vec![Bad { deep: 1 }]).unwrap_err().to_string(), "at [0 :deep]: no");
}

#[test]
fn deep_types_do_not_overflow_the_stack() {
    #[derive(Serialize, Deserialize)]
    enum Chain {
        End,
        Link(Vec<Chain>),
    }
    let mut chain = Chain::End;
    for _ in 0..10_000 {
        chain = Chain::Link(vec![chain]);
    }
    let value = to_value(&chain).unwrap();
    // What serde's derive makes of it recurses on its own, and so does dropping it; what is ours has room.
    let (mut here, mut depth) = (from_value::<Chain>(&value).unwrap(), 0);
    std::mem::forget(chain);
    while let Chain::Link(mut inner) = here {
        here = inner.pop().unwrap();
        depth += 1;
    }
    assert_eq!(depth, 10_000);
}
