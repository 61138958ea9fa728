//! The golden values: every kind of value, in the forms in which a file can hold it. They stand in `spec/golden` as a packed file
//! of each format version and as EDN beside it; `cargo run -p eve-testkit --example golden` makes those of a new version.

use eve::{Array, Element, Map, Order, Result, Set, Str, Value};

/// Seed of the hash in the golden files.
pub const SEED: u64 = 0x6576_6520_676f_6c64;

/// Bytes of address space of the golden files.
pub const RESERVE: u64 = 16 << 20;

/// Atoms whose value is built a second time piece by piece, in an atom of this name with `, grown` behind it.
pub const GROWN: [&str; 4] = ["golden/vectors", "golden/maps", "golden/metadata", "golden/ordered"];

/// The atoms that stand in the file with collisions.
pub const HASHED: [&str; 4] =
    ["golden/set of scalars", "golden/scalars as keys", "golden/collections as keys", "golden/ordered"];

/// The golden files: what they are called, and the bits of the hash that they use. What is in the second is in `v2.edn` too.
pub const FILES: [(&str, u64); 2] = [("v2", u64::MAX), ("v2-collisions", 0xF800_0000_0000_0000)];

/// The lengths at which a vector gets another shape.
const LENGTHS: [i64; 9] = [0, 1, 31, 32, 33, 64, 65, 1056, 1057];

fn scalars() -> Result<Vec<Value>> {
    let text = [
        "nil",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "4611686018427387903",
        "-4611686018427387904",
        "4611686018427387904",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808N",
        "-170141183460469231731687303715884105729N",
        "123456789012345678901234567890123456789012345678901234567890N",
        "0.0",
        "-0.0",
        "1.5",
        "-1.0E-70",
        "1.0E300",
        "5.0E-324",
        "##Inf",
        "##-Inf",
        "##NaN",
        "1.10M",
        "-123456789012345678901234567890.5M",
        "1E+40M",
        "0M",
        "1/3",
        "-7/2",
        "100000000000000000000000000000/3",
        r"\a",
        r"\newline",
        r"\u00e9",
        r"\ud800",
        "\\\u{1F600}",
        r#""""#,
        r#""short""#,
        r#""seven77""#,
        r#""eight888""#,
        r#""nine-9999""#,
        r#""tenLetters""#,
        r#""eleven-1111""#,
        r#""eight_88""#,
        r#""ten 567890""#,
        r#""line\nbreak \"quoted\" \\ back""#,
        "\"\u{e9}\u{df}\u{6f22}\u{1F600} and more\"",
        r#""\ud800""#,
        r#""a long string with a lone \udfff surrogate""#,
        ":a",
        ":a/b",
        ":seven77",
        ":a.long.namespace/and-a-name",
        "sym",
        "ns/sym",
        "a.long.namespace/and-a-symbol",
        "+",
        "#uuid \"00112233-4455-6677-8899-aabbccddeeff\"",
        "#inst \"1970-01-01T00:00:00.000-00:00\"",
        "#inst \"2026-11-23T12:34:56.123456789-00:00\"",
        "#inst \"0001-01-01T00:00:00.000-00:00\"",
        "#eve/bytes \"\"",
        "#eve/bytes \"AAECAwQFBgcICQoL/w==\"",
        "#point [1 2]",
        "#a.long.namespace/and-a-tag {:x 1}",
        "#nested #tag nil",
    ];
    text.iter().map(|text| eve::text::edn::read(*text)).collect()
}

/// Typed objects: one, some, none, and one of each type.
const TYPED_OBJECTS: &str = "[#eve/obj {:x [:int32 -7], :a.long.name/y [:float64 2.5]} #eve/obj-array {:flag [:uint8 0 1 255], \
    :n [:int64 1 -2 9223372036854775807], :f [:float32 0.5 -1.5 0.0]} #eve/obj-array {:x [:int16]} #eve/obj {:a [:int8 -1], \
    :b [:uint8 1], :c [:uint8-clamped 2], :d [:int16 -3], :e [:uint16 4], :f [:int32 -5], :g [:uint32 6], :h [:int64 -7], \
    :i [:float32 8.5], :j [:float64 9.5]}]";

/// An array of each type, at both ends of its range; empty ones; one that needs pages of its own.
fn typed_arrays() -> Result<Value> {
    let mut all = Vec::new();
    for element in Element::ALL {
        let extremes = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x7FFF_FFFF, 0x3FF8_0000_0000_0000u64, u64::MAX >> 12];
        let bytes = extremes.iter().flat_map(|bits| bits.to_le_bytes()[..element.bytes() as usize].to_vec());
        all.push(Value::Array(Array::from_bytes(element, bytes.collect())?));
        all.push(Value::Array(Array::new(element, 0)?));
    }
    all.push(Value::Array(Array::of(Element::Int64, 0..1050)?));
    Ok(Value::vector(all))
}

fn long_text(bytes: usize) -> Value {
    Value::from("01234567".repeat(bytes / 8))
}

/// The atoms of a golden file and their values. Half of the values are what several swaps leave behind, see the example.
pub fn atoms() -> Result<Vec<(&'static str, Value)>> {
    let scalars = scalars()?;
    let doc = || Some(Value::map([(Value::keyword("doc"), Value::from("metadata"))]));
    let numbers = |n: i64| -> Value { Value::vector(0..n) };
    let each = |f: &dyn Fn(i64) -> Value| Value::vector(LENGTHS.map(f));
    let few = |n: i64| n.min(130);
    let map = |n: i64| (0..n).map(|i| (Value::Int(i), Value::Int(-i))).collect::<Map>();
    let mixed: Map = scalars.iter().cloned().zip(0i64..).map(|(key, i)| (key, Value::Int(i))).collect();
    let mut nested = Value::from("the innermost");
    for level in 0..40i64 {
        nested = match level % 4 {
            0 => Value::vector([nested, Value::Int(level)]),
            1 => Value::map([(Value::Int(level), nested)]),
            2 => Value::list([nested]),
            _ => Value::set([nested]),
        };
    }
    let with_meta = Value::vector([
        Value::empty_map().with_meta(doc())?,
        Value::empty_set().with_meta(doc())?,
        Value::empty_vector().with_meta(doc())?,
        Value::empty_list().with_meta(doc())?,
        Value::map([(1i64, 2i64)]).with_meta(doc())?,
        Value::set([1i64]).with_meta(doc())?,
        numbers(40).with_meta(doc())?,
        Value::list([1i64, 2]).with_meta(Some(Value::empty_map().with_meta(doc())?))?,
    ]);
    let sorted = |map: Map, order| map.in_order(order).map(Value::Map);
    let ordered = Value::vector([
        sorted(Map::new(), Order::Sorted)?,
        Value::Set(Set::sorted()),
        sorted(Map::new(), Order::Integer)?,
        sorted(mixed.clone(), Order::Sorted)?,
        Value::Set(scalars.iter().cloned().collect::<Set>().in_order(Order::Sorted)?),
        sorted(map(31), Order::Sorted)?,
        sorted(map(32), Order::Sorted)?,
        sorted(map(1000), Order::Sorted)?,
        sorted(
            [i64::MIN, -1, 0, 1, i64::MAX].map(|i| (Value::Int(i), Value::Int(i))).into_iter().collect(),
            Order::Integer,
        )?,
        sorted(map(100), Order::Integer)?,
        sorted(
            (0..100).map(|i| (Value::from(format!("a key of some length {i}")), Value::Nil)).collect(),
            Order::Sorted,
        )?
        .with_meta(doc())?,
    ]);
    let empty = [Value::empty_map(), Value::empty_set(), Value::empty_vector(), Value::empty_list()];
    Ok(vec![
        ("golden/scalars", Value::vector(scalars.clone())),
        ("golden/set of scalars", Value::Set(scalars.iter().cloned().collect::<Set>())),
        ("golden/scalars as keys", Value::Map(mixed)),
        ("golden/vectors", each(&numbers)),
        ("golden/lists", each(&|n| Value::list(0..few(n)))),
        ("golden/maps", each(&|n| Value::Map(map(few(n))))),
        ("golden/sets", each(&|n| Value::set(0..few(n)))),
        ("golden/empty", Value::vector(empty.clone())),
        (
            "golden/collections as keys",
            Value::map(empty.into_iter().chain([numbers(3), Value::list([9i64])]).zip(0i64..)),
        ),
        ("golden/ordered", ordered),
        ("golden/metadata", with_meta),
        ("golden/nested", nested),
        (
            "golden/texts",
            Value::vector([long_text(256), long_text(2400), long_text(17_000), Value::Str(Str::from_utf16(&[0xD800]))]),
        ),
        ("golden/typed arrays", typed_arrays()?),
        ("golden/typed objects", eve::text::edn::read(TYPED_OBJECTS)?),
        ("a name that is longer than seven bytes, with \u{e9}", Value::Nil),
    ])
}

/// Are they the same, metadata too? Equality alone does not look at metadata, nor at whether a sequence is a vector or a list.
pub fn identical(a: &Value, b: &Value) -> Result<bool> {
    let metas = match (a.meta(), b.meta()) {
        (None, None) => true,
        (Some(a), Some(b)) => eve_core::deep(|| identical(&a, &b))?,
        _ => false,
    };
    if !metas || a.kind() != b.kind() || a.as_scalar().is_some() != b.as_scalar().is_some() {
        return Ok(false);
    }
    match (a, b) {
        (Value::Map(one), Value::Map(other)) => {
            if one.order() != other.order() {
                return Ok(false);
            }
            for entry in one.iter() {
                let (key, value) = entry?;
                match other.get(&key)? {
                    Some(found) if eve_core::deep(|| identical(&value, &found))? => {}
                    _ => return Ok(false),
                }
            }
            Ok(one.len()? == other.len()?)
        }
        (Value::Vector(_) | Value::List(_), _) => {
            if a.count()? != b.count()? {
                return Ok(false);
            }
            for (a, b) in a.elements()?.zip(b.elements()?) {
                let (a, b) = (a?, b?);
                if !eve_core::deep(|| identical(&a, &b))? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Set(one), Value::Set(other)) if one.order() != other.order() => Ok(false),
        _ => Ok(a == b),
    }
}
