//! Stored maps and sets that grow and shrink entry by entry, against the standard library's, at places that share them and with hashes of
//! few bits: whatever way they came about, they are in the form of those that are built at once.

use eve_core::value::{Map, Order, Set, Value};
use eve_core::view::{Key, View};
use eve_core::{Atom, Domain, Error, OpenOptions, Snapshot};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Put(u16),
    Remove(u16),
    /// Several in one commit.
    Many(Vec<(u16, bool)>),
    /// The other place gets what this one has: from now on changes of this one leave shared nodes alone.
    Share,
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..400u16;
    prop_oneof![
        8 => key().prop_map(Step::Put),
        2 => key().prop_map(Step::Remove),
        1 => prop::collection::vec((key(), prop::bool::weighted(0.7)), 2..20).prop_map(Step::Many),
        1 => Just(Step::Share),
    ]
}

/// Integers, strings that are words, strings that would be if they had another character in them, and long ones.
fn key(i: u16) -> Value {
    match i % 4 {
        0 => Value::Int(i.into()),
        1 => Value::from(format!("key-{i:05}")),
        2 => Value::from(format!("key_{i:05}")),
        _ => Value::from(format!("a key of its own, number {i}")),
    }
}

fn part<'a>(snapshot: &'a Snapshot, name: &str) -> View<'a> {
    snapshot.view().get(Key::from(&Value::keyword(name))).unwrap().unwrap()
}

/// The entries of the map and the elements of the set, in the order of their tries.
fn walk(snapshot: &Snapshot, map: &str, set: &str) -> (Vec<(Value, Value)>, Vec<Value>) {
    let value = |view: View<'_>| snapshot.value_of(view.word()).unwrap();
    let entries = part(snapshot, map).entries().unwrap();
    let elements = part(snapshot, set).elements().unwrap();
    (
        entries.map(|e| e.map(|(k, v)| (value(k), value(v))).unwrap()).collect(),
        elements.map(|e| value(e.unwrap())).collect(),
    )
}

fn change(atom: &Atom, f: impl Fn(Map, Set) -> (Map, Set)) {
    atom.update::<Error>(|v| {
        let map = v.get(Value::keyword("map"))?.unwrap().as_map().unwrap().clone();
        let set = v.get(Value::keyword("set"))?.unwrap().as_set().unwrap().clone();
        let (map, set) = f(map, set);
        v.assoc(Value::keyword("map"), Value::Map(map))?.assoc(Value::keyword("set"), Value::Set(set))
    })
    .unwrap();
}

fn run(domain: &Domain, steps: &[Step], in_order: bool) {
    let names = ["map", "set", "other-map", "other-set"].map(Value::keyword);
    let [map, set, other_map, other_set] = names.clone();
    let empty = |i: usize| if i.is_multiple_of(2) { Value::empty_map() } else { Value::Set(Set::new()) };
    let fresh = || Ok(Value::map(names.clone().into_iter().enumerate().map(|(i, name)| (name, empty(i)))));
    let atom = domain.atom("grown", fresh).unwrap();
    let mut model = BTreeMap::new();
    let mut shared = model.clone();
    let mut next = 0i64;
    for step in steps {
        let changes = match step {
            Step::Put(i) => vec![(*i, true)],
            Step::Remove(i) => vec![(*i, false)],
            Step::Many(changes) => changes.clone(),
            Step::Share => {
                atom.update::<Error>(|v| {
                    let (m, s) = (v.get(map.clone())?.unwrap(), v.get(set.clone())?.unwrap());
                    v.assoc(other_map.clone(), m)?.assoc(other_set.clone(), s)
                })
                .unwrap();
                shared = model.clone();
                continue;
            }
        };
        next += 1;
        change(&atom, |mut map, mut set| {
            for &(i, put) in &changes {
                (map, set) = match put {
                    true => (map.assoc(key(i), next), set.conj(key(i))),
                    false => (map.dissoc(&key(i)), set.disj(&key(i))),
                };
            }
            (map, set)
        });
        for &(i, put) in &changes {
            if put {
                model.insert(i, next)
            } else {
                model.remove(&i)
            };
        }
    }
    let grown = atom.load().unwrap();
    let built = |model: &BTreeMap<u16, i64>| {
        let map = Value::map(model.iter().map(|(&i, &v)| (key(i), v)));
        let set = Value::set(model.keys().map(|&i| key(i)));
        let value = Value::map([("map", map), ("set", set)].map(|(name, value)| (Value::keyword(name), value)));
        domain.put("built", &value).unwrap();
        domain.find("built").unwrap().unwrap().load().unwrap()
    };
    for (model, map, set) in [(&model, "map", "set"), (&shared, "other-map", "other-set")] {
        let (mut found, mut wanted) = (walk(&grown, map, set), walk(&built(model), "map", "set"));
        if !in_order {
            for (entries, elements) in [&mut found, &mut wanted] {
                entries.sort_by(|a, b| a.0.compare(&b.0).unwrap());
                elements.sort_by(|a, b| a.compare(b).unwrap());
            }
        }
        assert_eq!(found, wanted);
        for (&i, &v) in model {
            let found = part(&grown, map).get(Key::from(&key(i))).unwrap();
            assert_eq!(found.and_then(|v| v.as_i64()), Some(v), "{i}");
        }
    }
    drop(grown);
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok() && report.exact, "{report}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 60 } else { 300 }))]

    #[test]
    fn entry_by_entry_as_at_once(
        steps in prop::collection::vec(step(), 1..250),
        mask in prop::sample::select(vec![u64::MAX, 0xFFF0_0000_0000_0000, 0xF000_0000_0000_000F, 0]),
    ) {
        let domain = OpenOptions::new().reserve(1 << 30).hashing(7, mask).anonymous().unwrap();
        // Keys of one hash have no order.
        run(&domain, &steps, mask == u64::MAX);
    }
}

/// A key of which word and hash are known finds what the key finds, in collections of every kind; a name that nobody stored has none until somebody does.
#[test]
fn stored_keys_find_what_keys_find() {
    let domain = Domain::anonymous().unwrap();
    let name = |i: i64| Value::keyword(format!("a-name-with-number-{i}"));
    let keys = || {
        (0..200i64)
            .flat_map(|i| [name(i), Value::Int(i), Value::keyword(format!("k{i}")), Value::from(format!("key-{i:05}"))])
            .chain([Value::Float(2.5)])
    };
    let entries = || keys().zip(0i64..).map(|(key, i)| (key, Value::Int(i)));
    let sorted = entries().fold(Map::new(), |map, (key, value)| map.assoc(key, value));
    let atoms = [
        Value::map(entries()),
        Value::from(sorted.in_order(Order::Sorted).unwrap()),
        Value::set(keys()),
        Value::vector(0..5i64),
    ];
    let snapshots: Vec<Snapshot> =
        (0..).zip(&atoms).map(|(i, v)| domain.put(&format!("a{i}"), v).unwrap().load().unwrap()).collect();
    for snapshot in &snapshots {
        let view = snapshot.view();
        for key in keys().chain([Value::Nil, Value::Int(-1)]) {
            let (word, hash) = view.stored_key(&Key::from(&key)).unwrap().unwrap();
            let (by_word, by_key) = (view.get_stored(word, hash).unwrap(), view.get(&key).unwrap());
            assert_eq!(by_word.map(View::word), by_key.map(View::word), "{key}");
        }
        for none in [Value::from("a text that is a block"), Value::vector([1i64]), Value::keyword("nobody-stored-this")]
        {
            assert_eq!(view.stored_key(&Key::from(&none)).unwrap(), None);
        }
        assert!(view.get_stored(view.word(), 0).is_err(), "a block tells nothing by its word alone");
    }
    domain.put("new", &Value::keyword("nobody-stored-this")).unwrap();
    assert!(snapshots[0].view().stored_key(&Key::from(&Value::keyword("nobody-stored-this"))).unwrap().is_some());
}
