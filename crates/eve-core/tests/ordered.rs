//! Sorted maps, sorted sets and integer maps against `BTreeMap`, over many versions, in domains with small nodes and in usual ones.

use eve_core::value::{Map, Order, Set, Value};
use eve_core::view::{HostKey, Key, View};
use eve_core::{Atom, Domain, OpenOptions, Snapshot};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<i64, i64>;

/// Keys of four sorts, each in the order of the integers: words, text in blocks, text of all lengths around what words hold, collections.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sort {
    Int,
    Text,
    Mixed,
    Vector,
}

impl Sort {
    fn key(self, i: i64) -> Value {
        match self {
            Sort::Int => Value::Int(i),
            Sort::Text => Value::from(format!("a key of a good length {i:05}")),
            Sort::Mixed => {
                Value::from(format!("{i:06}{}", ["", "-", "_", "-z", "_z", "-zzz", ".zzz", "-zzzz"][i as usize % 8]))
            }
            Sort::Vector => Value::vector([Value::from("front"), Value::Int(i)]),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Changes of `:a` in one commit: put, or take out.
    Change(Vec<(i64, Option<i64>)>),
    /// The same keys one commit each.
    OneByOne(Vec<(i64, Option<i64>)>),
    /// `:b` becomes what `:a` is.
    Graft,
    /// `:a` and `:b` change places.
    Swap,
    /// `:a` becomes what it was so many versions ago, with a change.
    Back(usize, i64),
    /// `:b` goes.
    Drop,
    /// `:a` is stored anew.
    Anew,
}

fn keys(most: i64) -> impl Strategy<Value = Vec<(i64, Option<i64>)>> {
    let change = (0..most, prop::option::weighted(0.55, 0..1000i64));
    prop_oneof![
        3 => prop::collection::vec(change.clone(), 1..4),
        2 => prop::collection::vec(change, 1..60),
        1 => (0..most, 1..most).prop_map(|(from, n)| (from..from + n).map(|i| (i, None)).collect()),
        1 => (0..most, 1..most).prop_map(|(from, n)| (from..from + n).map(|i| (i, Some(-i))).collect()),
    ]
}

fn step(most: i64) -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => keys(most).prop_map(Step::Change),
        3 => keys(most).prop_map(Step::OneByOne),
        1 => Just(Step::Graft),
        1 => Just(Step::Swap),
        2 => (1..6usize, 0..most).prop_map(|(n, i)| Step::Back(n, i)),
        1 => Just(Step::Drop),
        1 => Just(Step::Anew),
    ]
}

fn changed(map: Map, model: &mut Model, sort: Sort, changes: &[(i64, Option<i64>)]) -> Map {
    changes.iter().fold(map, |map, &(i, to)| match to {
        Some(value) => {
            model.insert(i, value);
            map.assoc(sort.key(i), value)
        }
        None => {
            model.remove(&i);
            map.dissoc(&sort.key(i))
        }
    })
}

fn part(snapshot: &Snapshot, name: &str) -> Map {
    let word = snapshot.view().get(Key::from(&Value::keyword(name))).unwrap().unwrap().word();
    snapshot.value_of(word).unwrap().as_map().unwrap().clone()
}

/// Everything that can be asked of a stored map.
fn check(view: View<'_>, model: &Model, sort: Sort) {
    let got: Vec<(Value, Value)> = model.iter().map(|(&k, &v)| (sort.key(k), Value::Int(v))).collect();
    let same = |found: Option<(View<'_>, View<'_>)>, expected: Option<&(Value, Value)>| match (found, expected) {
        (None, None) => true,
        (Some((k, v)), Some((key, value))) => HostKey::compare(key, k).unwrap().is_eq() && v.as_i64() == value.as_i64(),
        _ => false,
    };
    let len = got.len() as u64;
    assert_eq!(view.len().unwrap(), len);
    let mut up = view.entries().unwrap();
    let mut down = view.entries_between(0, len, true).unwrap();
    for i in 0..=got.len() {
        assert!(same(up.next().map(Result::unwrap), got.get(i)), "going up, at {i}");
        assert!(same(down.next().map(Result::unwrap), (got.len() - i).checked_sub(1).map(|i| &got[i])), "going down");
        assert!(same(view.entry_at(i as u64).unwrap(), got.get(i)));
    }
    let most = model.keys().next_back().copied().unwrap_or(0) + 2;
    for (rank, i) in (0..most).step_by(1 + most as usize / 40).map(|i| (model.range(..i).count() as u64, i)) {
        let key = sort.key(i);
        let there = model.contains_key(&i);
        assert_eq!(view.rank(&key).unwrap(), (rank, there), "{key:?}");
        assert_eq!(view.get(&key).unwrap().map(|v| v.as_i64().unwrap()), model.get(&i).copied());
        let mut some = view.entries_between(rank, rank + 3, false).unwrap();
        assert!(same(some.next().map(Result::unwrap), got.get(rank as usize)));
    }
}

fn run(steps: &[Step], order: Order, sort: Sort, small: bool) {
    let mask = if small { 0x8C00_0000_0000_0000 } else { u64::MAX };
    let domain = OpenOptions::new().hashing(7, mask).anonymous().unwrap();
    let start =
        Value::map([(Value::keyword("a"), Value::Map(Map::ordered(order))), (Value::keyword("z"), Value::Int(1))]);
    let atom: Atom = domain.atom("m", || Ok(start)).unwrap();
    let mut a = Model::new();
    let mut b: Option<Model> = None;
    let mut versions: Vec<(Snapshot, Model)> = vec![(atom.load().unwrap(), a.clone())];
    let put = |map: Map| atom.update(|value| value.assoc(Value::keyword("a"), map.clone())).unwrap();
    for step in steps {
        let now = atom.load().unwrap();
        match step {
            Step::Change(changes) => put(changed(part(&now, "a"), &mut a, sort, changes)),
            Step::OneByOne(changes) => {
                for change in changes {
                    let now = atom.load().unwrap();
                    put(changed(part(&now, "a"), &mut a, sort, std::slice::from_ref(change)));
                }
            }
            Step::Graft => {
                b = Some(a.clone());
                atom.update(|value| value.assoc(Value::keyword("b"), part(&now, "a"))).unwrap();
            }
            Step::Swap => {
                if let Some(b) = &mut b {
                    std::mem::swap(&mut a, b);
                    let (x, y) = (part(&now, "a"), part(&now, "b"));
                    atom.update(|v| v.assoc(Value::keyword("a"), y.clone())?.assoc(Value::keyword("b"), x.clone()))
                        .unwrap();
                }
            }
            Step::Back(n, i) => {
                let (old, model) = &versions[versions.len().saturating_sub(*n)];
                a = model.clone();
                put(changed(part(old, "a"), &mut a, sort, &[(*i, Some(1))]));
            }
            Step::Drop => {
                b = None;
                atom.update(|value| value.dissoc(Value::keyword("b"))).unwrap();
            }
            Step::Anew => {
                let all: Map = a.iter().rev().map(|(&k, &v)| (sort.key(k), Value::Int(v))).collect();
                put(all.in_order(order).unwrap());
            }
        }
        let now = atom.load().unwrap();
        check(now.view().get(Key::from(&Value::keyword("a"))).unwrap().unwrap(), &a, sort);
        if let Some(b) = &b {
            check(now.view().get(Key::from(&Value::keyword("b"))).unwrap().unwrap(), b, sort);
        }
        let plain: Map = a.iter().map(|(&k, &v)| (sort.key(k), Value::Int(v))).collect();
        assert_eq!(part(&now, "a"), plain, "equal to a map without order");
        versions.push((now, a.clone()));
        if versions.len() > 8 {
            versions.remove(0);
        }
        let report = domain.verify(|_, _| ()).unwrap();
        assert!(report.is_ok(), "{report:?}");
    }
    for (snapshot, model) in &versions {
        check(snapshot.view().get(Key::from(&Value::keyword("a"))).unwrap().unwrap(), model, sort);
    }
    drop(versions);
    domain.reclaim().unwrap();
    assert!(domain.verify(|_, _| ()).unwrap().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn small_nodes_split_and_join(steps in prop::collection::vec(step(120), 1..24), sort in 0..5usize) {
        match sort {
            0 => run(&steps, Order::Sorted, Sort::Int, true),
            1 => run(&steps, Order::Sorted, Sort::Text, true),
            2 => run(&steps, Order::Sorted, Sort::Mixed, true),
            3 => run(&steps, Order::Sorted, Sort::Vector, true),
            _ => run(&steps, Order::Integer, Sort::Int, true),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn usual_nodes_split_and_join(steps in prop::collection::vec(step(3000), 1..12), sort in 0..3usize) {
        run(&steps, Order::Sorted, [Sort::Int, Sort::Text, Sort::Mixed][sort], false);
    }
}

#[test]
fn a_key_of_an_integer_map_that_is_no_integer_is_refused() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("m", || Ok(Map::ordered(Order::Integer).assoc(1i64, 2i64).into())).unwrap();
    let wrong = atom.update(|value| value.assoc("one", 1i64)).unwrap_err().to_string();
    assert!(wrong.contains("integer map") && wrong.contains("\"one\""), "{wrong}");
    let wrong = atom.update(|value| Ok::<_, eve_core::Error>(value.as_map().unwrap().clone().assoc(1.5, 1i64).into()));
    assert!(wrong.unwrap_err().to_string().contains("integers of 64 bits"));
    let wide = Value::from(1u64 << 63);
    assert!(atom.update(|value| value.assoc(wide.clone(), 1i64)).is_err());
    for i in [i64::MIN, i64::MAX, -1, 0] {
        atom.update(|value| value.assoc(i, i)).unwrap();
    }
    let now = atom.load().unwrap();
    let keys: Vec<i64> = now
        .view()
        .entries()
        .unwrap()
        .map(|e| match e.unwrap().0.scalar().unwrap() {
            Some(eve_core::value::Scalar::Int(i)) => i,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(keys, [i64::MIN, -1, 0, 1, i64::MAX]);
    assert!(now.view().get("one").unwrap().is_none());
    assert!(domain.verify(|_, _| ()).unwrap().is_ok());
}

#[test]
fn an_emptied_sorted_map_stays_sorted_and_equals_any_empty_map() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("m", || Ok(Map::ordered(Order::Sorted).assoc("a", 1i64).into())).unwrap();
    atom.update(|value| value.dissoc("a")).unwrap();
    let now = atom.load().unwrap();
    assert_eq!(now.view().order().unwrap(), Order::Sorted);
    assert!(now.value_of(now.root_word()).unwrap() == Value::empty_map());
    let other = domain.atom("e", || Ok(Value::empty_map())).unwrap().load().unwrap();
    assert!(now.view().equals(other.view()).unwrap());
    assert_eq!(now.view().hash().unwrap(), other.view().hash().unwrap());
    atom.update(|value| value.assoc("b", 1i64)?.assoc("a", 1i64)).unwrap();
    assert_eq!(atom.load().unwrap().view().order().unwrap(), Order::Sorted);
}

#[test]
fn a_sorted_map_is_the_same_key_as_a_map_without_order() {
    let domain = Domain::anonymous().unwrap();
    let entries = || (0..100i64).map(|i| (Value::Int(i), Value::from("x")));
    let plain: Map = entries().collect();
    let sorted = plain.clone().in_order(Order::Sorted).unwrap();
    let atom = domain.atom("m", || Ok(Map::new().assoc(sorted.clone(), 1i64).into())).unwrap();
    let now = atom.load().unwrap();
    assert_eq!(now.view().get(Key::from(&Value::Map(plain.clone()))).unwrap().unwrap().as_i64(), Some(1));
    let set = domain.atom("s", || Ok(Set::sorted().conj(plain.clone()).conj(sorted.clone()).into())).unwrap();
    assert_eq!(set.load().unwrap().view().len().unwrap(), 1);
}

#[test]
fn sorted_sets_go_both_ways() {
    let domain = OpenOptions::new().hashing(1, 0xF000_0000_0000_0000).anonymous().unwrap();
    let atom = domain.atom("s", || Ok(Set::sorted().into())).unwrap();
    let name = |i: i64| format!("element number {i:04}");
    for i in (0..500).map(|i| i * 37 % 500) {
        atom.update(|value| value.conj(name(i))).unwrap();
    }
    for i in (0..500).filter(|i| i % 3 == 0) {
        atom.update(|value| value.disj(name(i))).unwrap();
    }
    let expected: Vec<Value> = (0..500).filter(|i| i % 3 != 0).map(|i| Value::from(name(i))).collect();
    let now = atom.load().unwrap();
    let set = now.value_of(now.root_word()).unwrap().as_set().unwrap().clone();
    let all = |it: eve_core::value::base::Elements<'_>| it.map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(all(set.iter()), expected);
    assert_eq!(all(set.iter_rev()), expected.iter().rev().cloned().collect::<Vec<_>>());
    // With changes over it.
    let set = set.conj("a first one").disj(&Value::from(name(1))).conj(name(3)).conj("last");
    let mut expected = expected;
    expected.remove(0);
    expected.insert(0, Value::from("a first one"));
    expected.insert(2, Value::from(name(3)));
    expected.push(Value::from("last"));
    assert_eq!(all(set.iter()), expected);
    assert_eq!(all(set.iter_from(&Value::from(name(4)), false, false)), expected[4..]);
    assert_eq!(
        all(set.iter_from(&Value::from(name(4)), true, true)),
        expected[..=3].iter().rev().cloned().collect::<Vec<_>>()
    );
    assert_eq!(set.rank(&Value::from(name(4))).unwrap(), (3, true));
    assert_eq!(set.rank(&Value::from(name(0))).unwrap(), (1, false));
    assert_eq!(set.nth(2).unwrap(), Some(Value::from(name(3))));
    assert_eq!((set.first().unwrap(), set.last().unwrap()), (Some("a first one".into()), Some("last".into())));
    assert!(domain.verify(|_, _| ()).unwrap().is_ok());
}
