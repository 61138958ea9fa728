//! Commits of faces. Most patches put scalars under keys of the map that is the atom's value; these are stored as they are read. Any other
//! becomes a host value first.

use super::patch::{Handles, Reader, bad, code};
use crate::Atom;
use crate::atom::{Made, Version};
use crate::error::{Quick, Result};
use crate::layout::Word;
use crate::patch::entries::build_entries;
use crate::patch::planner::build_version;
use crate::trie::Table;
use crate::value::{Scalar, Value};
use crate::view::{Key, peel};

/// More changes than these are sooner found by their keys than by looking at each.
const FEW: usize = 32;

/// The bytes of a patch, read for a commit over a version of an atom.
pub struct Commit<'a>(Change<'a>);

enum Change<'a> {
    /// Of so many entries of the version's own map, as they stand in the patch.
    Entries(usize, &'a [u8]),
    Value(Value),
}

impl<'a> Commit<'a> {
    /// Reads a patch; `handle` stands in it for `base`. Bad bytes are an error, whatever they are.
    #[inline]
    pub fn read(bytes: &'a [u8], (handle, base): (u64, Version<'_>), handles: &impl Handles) -> Result<Commit<'a>> {
        if let Some((n, entries)) = entries(bytes, handle, base) {
            return Ok(Commit(Change::Entries(n, entries)));
        }
        super::patch::decode(bytes, handles).map(|value| Commit(Change::Value(value)))
    }

    /// One attempt to make it the value of the atom, if that still has the version `base`. `None` if somebody else was first; what holds the new
    /// version, if that is wanted.
    #[inline]
    pub fn over(&self, atom: &Atom, base: Version<'_>, wanted: bool) -> Result<Option<Option<Made>>> {
        Ok(match &self.0 {
            Change::Entries(n, entries) => atom.attempt(base, wanted, |b| {
                build_entries(b, base, *n, || {
                    let mut reader = Reader::new(entries, &());
                    move |key: &mut Key<'a>, value: &mut Scalar<'a>| entry(&mut reader, key, value)
                })
            })?,
            Change::Value(value) => atom.attempt(base, wanted, |b| build_version(b, base, value))?,
        })
    }
}

/// The patch as changes of entries of the base's own map by scalars, if it is nothing else: how many, and where they stand. They are looked through
/// here, and read where they are stored, one at a time: copying them costs more than reading them twice. What is wrong with them is told by who
/// reads the patch as a value.
#[inline]
fn entries<'a>(bytes: &'a [u8], handle: u64, base: Version<'_>) -> Option<(usize, &'a [u8])> {
    let mut reader = Reader::new(bytes, &());
    let is_edit = reader.byte().ok()? == code::EDIT_MAP
        && reader.u64().ok()? == handle
        && Word(reader.u64().ok()?) == base.root
        && is_map(base).unwrap_or(false);
    if !is_edit {
        return None;
    }
    let n = reader.count().ok().filter(|&n| n <= FEW)?;
    let entries = reader.rest();
    for _ in 0..n {
        let (mut key, mut value) = (Key::Scalar(Scalar::Nil), Scalar::Nil);
        entry(&mut reader, &mut key, &mut value).ok()?;
    }
    reader.rest().is_empty().then_some((n, entries))
}

/// Reads the next entry, if it is of scalars. Is there anything under the key?
#[inline(always)]
fn entry<'a>(reader: &mut Reader<'a, 'static, ()>, key: &mut Key<'a>, value: &mut Scalar<'a>) -> Quick<bool> {
    if !reader.scalar_to(key, Key::Scalar)? {
        return Err(bad("a key that is no scalar").into());
    }
    let is_there = reader.byte()? != 0;
    if is_there && !reader.scalar_to(value, |scalar| scalar)? {
        return Err(bad("a value that is no scalar").into());
    }
    Ok(is_there)
}

fn is_map(base: Version<'_>) -> Quick<bool> {
    let arena = base.held_by.arena();
    let (root, _) = peel(arena, base.root)?;
    Ok(matches!(Table::of_word(arena, root)?, Table::HashMap | Table::SortedMap | Table::IntMap))
}

/// For patches in which only the base is read.
impl Handles for () {
    fn value_of(&self, _: u64, _: Word) -> Result<Value> {
        Err(crate::Error::value("not a patch: a handle of nothing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Map, Order, Scalar, Text};
    use crate::{Domain, OpenOptions, Snapshot};
    use proptest::prelude::*;

    fn write(out: &mut Vec<u8>, scalar: &Value) {
        let text = |out: &mut Vec<u8>, code: u8, bytes: &[u8]| {
            out.push(code);
            out.extend((bytes.len() as u32).to_le_bytes());
            out.extend(bytes);
        };
        match scalar.as_scalar().unwrap() {
            Scalar::Nil => out.push(code::NIL),
            Scalar::Bool(b) => out.push(if b { code::TRUE } else { code::FALSE }),
            Scalar::Int(i) => {
                out.push(code::INT);
                out.extend(i.to_le_bytes());
            }
            Scalar::Str(s) => text(out, code::STR, s.as_bytes()),
            Scalar::Keyword(s) => text(out, code::KEYWORD, s.as_bytes()),
            Scalar::BigInt(bytes) => text(out, code::BIG_INT, bytes),
            Scalar::Decimal { scale, unscaled } => {
                out.push(code::DECIMAL);
                out.extend(scale.to_le_bytes());
                out.extend((unscaled.len() as u32).to_le_bytes());
                out.extend(unscaled);
            }
            other => unreachable!("{other:?} is not among the scalars of the test"),
        }
    }

    fn patch(base: &Snapshot, changes: &[(Value, Option<Value>)]) -> Vec<u8> {
        let mut out = vec![code::EDIT_MAP];
        out.extend(7u64.to_le_bytes());
        out.extend(base.root_word().0.to_le_bytes());
        out.extend((changes.len() as u32).to_le_bytes());
        for (key, to) in changes {
            write(&mut out, key);
            out.push(u8::from(to.is_some()));
            to.iter().for_each(|to| write(&mut out, to));
        }
        out
    }

    fn integer() -> impl Strategy<Value = Value> {
        (0i64..12).prop_map(Value::from)
    }
    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![
            integer(),
            Just(Value::Nil),
            any::<bool>().prop_map(Value::from),
            "[a-c]{0,2}".prop_map(|s| Value::from(s.as_str())),
            // Some in a word, and some that just have no room there.
            "[a-c]key[-_]1234?5?6?".prop_map(|s| Value::from(s.as_str())),
            "[a-c]long text in a block".prop_map(|s| Value::from(s.as_str())),
            "[a-c]a-long-keyword"
                .prop_map(|s| Value::Keyword(crate::value::Str::from(Text::Borrowed(s.as_bytes())).into())),
            (0u8..3).prop_map(|i| Value::big_int(&[i, 0, 0, 0, 0, 0, 0, 0, 1])),
            // Equal, but not alike.
            (0i32..3).prop_map(|zeros| Value::decimal(zeros, &10u64.pow(zeros as u32).to_le_bytes())),
        ]
    }
    fn order() -> impl Strategy<Value = Order> {
        prop_oneof![4 => Just(Order::Hash), 1 => Just(Order::Sorted), 1 => Just(Order::Integer)]
    }

    proptest! {
        #[test]
        fn entries_are_what_the_same_value_would_be(
            (order, there, patches) in order().prop_flat_map(|order| {
                let key = if order == Order::Integer { integer().boxed() } else { scalar().boxed() };
                let change = (key.clone(), proptest::option::weighted(0.7, scalar()));
                let patches = proptest::collection::vec(proptest::collection::vec(change, 0..FEW + 3), 1..5);
                (Just(order), proptest::collection::vec((key, scalar()), 0..40), patches)
            }),
            with_meta in any::<bool>(),
            mask in prop_oneof![Just(u64::MAX), Just(0xF800_0000_0000_0000), Just(0)],
        ) {
            let domain = OpenOptions::new().reserve(64 << 20).hashing(1, mask).anonymous().unwrap();
            let map = there.into_iter().collect::<Map>().in_order(order).unwrap();
            let meta = with_meta.then(|| Value::map([("meta", 1)]));
            let atom = domain.atom("a", || Value::Map(map).with_meta(meta.clone())).unwrap();
            for changes in &patches {
                let base = atom.load().unwrap();
                let bytes = patch(&base, changes);
                let handles = |_| Ok(base.clone());
                let expected = super::super::patch::decode(&bytes, &handles).unwrap();
                let commit = Commit::read(&bytes, (7, (&base).into()), &handles).unwrap();
                prop_assert_eq!(matches!(commit.0, Change::Entries(..)), changes.len() <= FEW);
                let made = commit.over(&atom, (&base).into(), true).unwrap().unwrap().unwrap().snapshot(&base);
                prop_assert_eq!(made.value().unwrap(), expected.clone());
                prop_assert_eq!(made.value().unwrap().meta(), meta.clone());
                if made.root_word() != base.root_word() {
                    // Of another version it is not the map that it changes.
                    let other = Commit::read(&bytes, (7, (&made).into()), &handles).unwrap();
                    prop_assert!(matches!(other.0, Change::Value(_)));
                    // Somebody else was first.
                    prop_assert!(commit.over(&atom, (&base).into(), false).unwrap().is_none());
                    prop_assert_eq!(atom.load().unwrap().value().unwrap(), expected);
                }
            }
            domain.reclaim().unwrap();
            let report = domain.verify(|_, _| ()).unwrap();
            prop_assert!(report.is_ok(), "{}", report);
        }
    }

    /// So large that the memory on the ways of the changes is asked for before.
    #[test]
    fn changes_of_large_maps_and_sets() {
        let domain = Domain::anonymous().unwrap();
        let key =
            |i: i64| if i % 2 == 0 { Value::from(i) } else { Value::from(format!("a string in a block {i}").as_str()) };
        let map: Map = (0..10_000).map(|i| (key(i), Value::from(i))).collect();
        let atom = domain.atom("map", || Ok(Value::Map(map))).unwrap();
        for n in [1, 2, FEW as i64, FEW as i64 + 1, 200] {
            let base = atom.load().unwrap();
            // Some are there, some are not; some go.
            let changes: Vec<_> =
                (0..n).map(|i| (key(i * 77 % 12_000), (i % 5 != 3).then(|| Value::from(n + i)))).collect();
            let bytes = patch(&base, &changes);
            let handles = |_| Ok(base.clone());
            let expected = super::super::patch::decode(&bytes, &handles).unwrap();
            let commit = Commit::read(&bytes, (7, (&base).into()), &handles).unwrap();
            let made = commit.over(&atom, (&base).into(), true).unwrap().unwrap().unwrap().snapshot(&base);
            assert_eq!(made.value().unwrap(), expected);
            for (key, _) in &changes {
                let last = changes.iter().rfind(|(other, _)| other == key).and_then(|(_, to)| to.clone());
                assert_eq!(made.value().unwrap().get(key).unwrap(), last);
            }
        }
        let set: crate::value::Set = (0..10_000).map(key).collect();
        let atom = domain.atom("set", || Ok(Value::Set(set.clone()))).unwrap();
        let change = |mut set: crate::value::Set| {
            for i in 0..100 {
                set = if i % 2 == 0 { set.conj(key(i * 150)) } else { set.disj(&key(i * 77)) };
            }
            Value::Set(set)
        };
        atom.swap(|stored| match stored {
            Value::Set(stored) => Ok::<_, crate::Error>(change(stored)),
            other => unreachable!("{other:?}"),
        })
        .unwrap();
        assert_eq!(atom.load().unwrap().value().unwrap(), change(set));
        domain.reclaim().unwrap();
        let report = domain.verify(|_, _| ()).unwrap();
        assert!(report.is_ok(), "{report}");
    }

    #[test]
    fn only_integers_are_keys_of_integer_maps() {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.atom("a", || Ok(Value::Map(Map::new().in_order(Order::Integer).unwrap()))).unwrap();
        let base = atom.load().unwrap();
        let handles = |_| Ok(base.clone());
        let bytes = patch(&base, &[(Value::from("a"), Some(Value::from(1)))]);
        let commit = Commit::read(&bytes, (7, (&base).into()), &handles).unwrap();
        let error = commit.over(&atom, (&base).into(), false).map(drop).unwrap_err();
        assert!(error.to_string().contains("integers of 64 bits"), "{error}");
        assert_eq!(atom.load().unwrap().value().unwrap(), base.value().unwrap());
    }
}
