//! Scalars, equality and hash.

use super::*;
use crate::layout::block::{pair, scalar};
use crate::value::Text;
use num_bigint::BigInt;
use xxhash_rust::xxh3::xxh3_64_with_seed;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn equal_values_are_equal_and_hash_alike_wherever_they_are(one in model(), other in model(), mask in 0..MASKS.len()) {
        let b = Builder::new(8 << 20, 7, MASKS[mask]);
        let elsewhere = Builder::new(8 << 20, 99, MASKS[MASKS.len() - 1 - mask]);
        let again = one.canon();
        let views: Vec<_> = [&one, &other, &again].iter()
            .flat_map(|m| [View::new(&b.arena, b.model(m)), View::new(&elsewhere.arena, elsewhere.model(m))]).collect();
        let models = [one.canon(), one.canon(), other.canon(), other.canon(), again.clone(), again.clone()];
        for (x, a) in views.iter().zip(&models) {
            for (y, c) in views.iter().zip(&models) {
                prop_assert_eq!(x.equals(*y).unwrap(), a == c, "{:?} {:?}", a, c);
                if std::ptr::eq(x.arena, y.arena) && a == c {
                    prop_assert_eq!(x.hash().unwrap(), y.hash().unwrap());
                }
            }
        }
        let key = Key::View(views[1]);
        prop_assert_eq!(key_hash(&b.arena, &key).unwrap(), word_hash(&b.arena, views[0].word).unwrap());
    }

    #[test]
    fn one_change_makes_collections_unequal(
        mut elements in prop::collection::vec(scalar_model(), 1..200), at in any::<prop::sample::Index>(), other in scalar_model()
    ) {
        let b = Builder::new(8 << 20, 7, !0).sharing();
        let one = b.model(&Model::Vector(elements.clone()));
        let list = b.model(&Model::List(elements.clone()));
        let set = b.model(&Model::Set(elements.clone()));
        let before = Model::Set(elements.clone()).canon();
        let at = at.index(elements.len());
        let same = elements[at] == other;
        elements[at] = other;
        let is = |a: Word, m: Model| View::new(&b.arena, a).equals(View::new(&b.arena, b.model(&m))).unwrap();
        prop_assert_eq!(is(one, Model::Vector(elements.clone())), same);
        prop_assert_eq!(is(list, Model::List(elements.clone())), same);
        prop_assert_eq!(is(list, Model::Vector(elements.clone())), same);
        let after = Model::Set(elements.clone());
        prop_assert_eq!(is(set, after.clone()), before == after.canon());
    }
}

fn decimal(b: &Builder, scale: i32, unscaled: i64) -> Word {
    let mut bytes = scale.to_le_bytes().to_vec();
    bytes.extend(BigInt::from(unscaled).to_signed_bytes_le());
    b.scalar(scalar::DECIMAL, &bytes)
}

#[test]
fn numbers_are_equal_by_type_and_value() {
    let b = Builder::new(1 << 20, 3, !0);
    let view = |w| View::new(&b.arena, w);
    let same = |x: Word, y: Word| {
        let equal = view(x).equals(view(y)).unwrap();
        if equal {
            assert_eq!(view(x).hash().unwrap(), view(y).hash().unwrap());
        }
        let map = view(b.map(&[(x, b.int(1))]));
        assert_eq!(map.get(view(y)).unwrap().is_some(), equal);
        if let Some(key) = view(y).scalar().unwrap()
            && x != y
        {
            assert_eq!(map.get(key).unwrap().is_some(), equal);
        }
        equal
    };
    assert!(!same(b.int(1), b.float(1.0)));
    assert!(!same(b.int(1), decimal(&b, 0, 1)));
    assert!(same(decimal(&b, 1, 10), decimal(&b, 3, 1000)));
    assert!(same(decimal(&b, 0, 0), decimal(&b, 9, 0)));
    assert!(!same(decimal(&b, 1, 10), decimal(&b, 1, 11)));
    assert!(same(b.float(0.0), b.float(-0.0)));
    assert!(same(b.float(f64::INFINITY), b.float(f64::INFINITY)));
    // Every NaN is one value, whatever its bits say, or a key that is one would never be found again.
    for nan in [f64::NAN, -f64::NAN, f64::from_bits(0x7FF0_0000_0000_0001)] {
        assert!(same(b.float(f64::NAN), b.float(nan)) && same(b.float(nan), b.float(f64::NAN)));
        assert!(!same(b.float(nan), b.float(0.0)) && !same(b.float(nan), b.int(0)));
    }
    assert!(same(b.int(i64::MIN), b.int(i64::MIN)));
    let huge = |i: &str| b.scalar(scalar::INTEGER, &i.parse::<BigInt>().unwrap().to_signed_bytes_le());
    assert!(same(huge("123456789012345678901234567890"), huge("123456789012345678901234567890")));
    assert!(!same(huge("123456789012345678901234567890"), huge("-123456789012345678901234567890")));
    let ratio = |n: u8, d: u8| b.scalar(scalar::RATIO, &[1, 0, 0, 0, n, d]);
    assert!(same(ratio(1, 3), ratio(1, 3)) && !same(ratio(1, 3), ratio(2, 3)));
    assert!(!same(b.keyword("same-name"), b.symbol("same-name")));
    assert!(!same(b.str("same-name"), b.symbol("same-name")));
    assert!(!same(b.keyword("x"), b.str("x")));
    assert!(
        !same(Word::NIL, Word::FALSE)
            && !same(Word::EMPTY_MAP, Word::EMPTY_SET)
            && same(Word::EMPTY_LIST, Word::EMPTY_VECTOR)
    );
    assert!(!same(Word::NIL, Word::EMPTY_LIST));
}

#[test]
fn scalars_read_back() {
    let b = Builder::new(1 << 20, 3, !0);
    let is = |w: Word, expected: Scalar<'_>, t: Type| {
        let view = View::new(&b.arena, w);
        assert_eq!(view.scalar().unwrap(), Some(expected));
        assert_eq!(view.type_of().unwrap(), t);
        assert_eq!(view.hash().unwrap(), scalar_hash(&b.arena, &expected));
        let set = View::new(&b.arena, b.set(&[w, b.int(17)]));
        assert_eq!(set.get(expected).unwrap().map(View::word), Some(w));
    };
    is(b.int(i64::MIN), Scalar::Int(i64::MIN), Type::Integer);
    is(b.int(-5), Scalar::Int(-5), Type::Integer);
    is(b.scalar(scalar::INTEGER, &[1; 9]), Scalar::BigInt(&[1; 9]), Type::Integer);
    is(b.float(1e300), Scalar::Float(1e300), Type::Float);
    is(decimal(&b, -4, 77), Scalar::Decimal { scale: -4, unscaled: &[77] }, Type::Decimal);
    is(
        b.scalar(scalar::RATIO, &[2, 0, 0, 0, 9, 1, 7]),
        Scalar::Ratio { numerator: &[9, 1], denominator: &[7] },
        Type::Ratio,
    );
    is(b.scalar(scalar::UUID, &[9; 16]), Scalar::Uuid([9; 16]), Type::Uuid);
    let instant = [&(-5i64).to_le_bytes()[..], &7u32.to_le_bytes()].concat();
    is(b.scalar(scalar::INSTANT, &instant), Scalar::Instant { seconds: -5, nanos: 7 }, Type::Instant);
    is(b.scalar(scalar::BYTES, &[]), Scalar::Bytes(&[]), Type::Bytes);
    is(b.scalar(scalar::BYTES, &[1, 2, 3]), Scalar::Bytes(&[1, 2, 3]), Type::Bytes);
    is(b.str("0123456789"), Scalar::Str(Text::Borrowed(b"0123456789")), Type::Str);
    is(b.keyword("ns/0123456789"), Scalar::Keyword(Text::Borrowed(b"ns/0123456789")), Type::Keyword);
    is(b.symbol("ns/0123456789"), Scalar::Symbol(Text::Borrowed(b"ns/0123456789")), Type::Symbol);
    is(Word::char(0xD800), Scalar::Char(0xD800), Type::Char);
}

/// The hash is part of the format: these are its bytes, written out once more.
#[test]
fn hashes_are_what_the_specification_says() {
    let seed = 0x1234_5678;
    let b = Builder::new(8 << 20, seed, 0xFF00);
    let hash = |w: Word| View::new(&b.arena, w).hash().unwrap();
    let xxh = |tag: u64, bytes: &[u8]| xxh3_64_with_seed(bytes, seed + tag);
    let le = |hashes: &[u64]| hashes.iter().flat_map(|h| h.to_le_bytes()).collect::<Vec<_>>();
    assert_eq!(hash(Word::NIL), xxh(0, &[]));
    assert_eq!(hash(Word::TRUE), xxh(1, &[1]));
    assert_eq!(hash(b.int(-2)), xxh(2, &(-2i64).to_le_bytes()));
    assert_eq!(hash(b.scalar(scalar::INTEGER, &[5; 10])), xxh(2, &[5; 10]));
    assert_eq!(hash(b.float(-0.0)), xxh(3, &[0; 8]));
    assert_eq!(hash(b.float(f64::NAN)), xxh(3, &0x7FF8_0000_0000_0000u64.to_le_bytes()));
    assert_eq!(hash(Word::char(65)), xxh(4, &[65, 0, 0, 0]));
    assert_eq!(hash(b.str("a")), xxh(5, b"a"));
    assert_eq!(hash(b.keyword("keyword-of-some-length")), xxh(6, b"keyword-of-some-length"));
    assert_eq!(hash(b.symbol("s")), xxh(7, b"s"));
    assert_eq!(hash(decimal(&b, 2, 1500)), xxh(8, &[&(0i32).to_le_bytes()[..], &[15]].concat()));
    assert_eq!(hash(b.scalar(scalar::RATIO, &[1, 0, 0, 0, 1, 3])), xxh(9, &[1, 0, 0, 0, 1, 3]));
    assert_eq!(hash(b.scalar(scalar::UUID, &[3; 16])), xxh(10, &[3; 16]));
    assert_eq!(hash(b.scalar(scalar::INSTANT, &[4; 12])), xxh(11, &[4; 12]));
    assert_eq!(hash(b.scalar(scalar::BYTES, &[4; 300])), xxh(12, &[4; 300]));
    for n in [0, 1, 31, 512, 513, 3000] {
        let words: Vec<_> = (0..n).map(|i| b.int(i)).collect();
        let expected = xxh(13, &le(&words.iter().map(|w| hash(*w)).collect::<Vec<_>>()));
        assert_eq!(hash(b.vector(&words)), expected);
        assert_eq!(hash(b.list(&words)), expected);
    }
    let (one, two) = (b.int(1), b.int(2));
    let entry = |k, v| xxh3_64_with_seed(&le(&[hash(k), hash(v)]), seed);
    let map = b.map(&[(one, two), (two, one)]);
    assert_eq!(hash(map), xxh(14, &le(&[2, entry(one, two).wrapping_add(entry(two, one))])));
    assert_eq!(hash(b.set(&[one, two])), xxh(15, &le(&[2, hash(one).wrapping_add(hash(two))])));
    assert_eq!(hash(Word::EMPTY_SET), xxh(15, &le(&[0, 0])));
    let tagged = b.block(Kind::Pair, &[pair::TAGGED, b.symbol("inst").0, one.0]);
    assert_eq!(hash(tagged), xxh(16, &le(&[hash(b.symbol("inst")), hash(one)])));
    assert_eq!(word_hash(&b.arena, map).unwrap(), hash(map) & 0xFF00);
}

#[test]
fn metadata_shows_only_to_those_who_ask() {
    let b = Builder::new(1 << 20, 3, !0).sharing();
    let plain = Model::Map(vec![(Model::Int(1), Model::Int(2))]);
    let (bare, dressed) = (b.model(&plain), b.model(&Model::Meta(Box::new(plain))));
    let (bare, dressed) = (View::new(&b.arena, bare), View::new(&b.arena, dressed));
    assert!(bare.meta().unwrap().is_none());
    assert_eq!(dressed.meta().unwrap().unwrap().len().unwrap(), 1);
    assert!(bare.equals(dressed).unwrap() && dressed.equals(bare).unwrap());
    assert_eq!(bare.hash().unwrap(), dressed.hash().unwrap());
    assert_eq!(dressed.get(1).unwrap().unwrap().word, b.int(2));
    assert_eq!((dressed.len().unwrap(), dressed.entries().unwrap().count()), (1, 1));
    assert_eq!((dressed.without_meta().unwrap().word, bare.without_meta().unwrap().word), (bare.word, bare.word));
    let set = View::new(&b.arena, b.set(&[dressed.word]));
    assert!(set.contains(bare).unwrap());
}

#[test]
fn ten_thousand_levels_do_not_overflow_the_stack() {
    let nest = |b: &Builder, n: usize| {
        let mut word = b.int(1);
        for i in 0..n {
            word = match i % 4 {
                0 => b.vector(&[word]),
                1 => b.list(&[word]),
                2 => b.map(&[(b.int(1), word)]),
                _ => b.block(Kind::Pair, &[pair::TAGGED, b.symbol("t").0, word.0]),
            };
        }
        word
    };
    let (b, c) = (Builder::new(64 << 20, 3, !0), Builder::new(64 << 20, 4, !0));
    let (x, y, z) = (nest(&b, 100_000), nest(&b, 100_000), nest(&c, 100_000));
    let (x, y, z) = (View::new(&b.arena, x), View::new(&b.arena, y), View::new(&c.arena, z));
    assert_eq!(x.hash().unwrap(), y.hash().unwrap());
    assert!(x.equals(y).unwrap() && x.equals(z).unwrap());
    assert!(View::new(&b.arena, b.set(&[x.word])).contains(z).unwrap());
}
