//! Nodes that split and merge while others change their neighbours and walk over them: hash tries down to the nodes of equal hashes, and
//! ordered trees of three levels. Each writer has keys of its own between those of the others, so it knows what must be there. Now and then the
//! whole collection is put aside as it was, so that nodes have two parents when they split and merge.

use super::explore::explore;
use super::schedules::{check, domain, formatted, pick};
use super::steps;
use crate::atom::{Atom, Snapshot};
use crate::error::Error;
use crate::value::{Map, Order, Set, Value};
use shuttle::thread;
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Map(Order),
    Set(Order),
}

/// Keys of each writer.
const KEYS: i64 = 10;
const WRITERS: i64 = 2;
/// Where an older one is put; before it stands the collection.
const ASIDE: u64 = 1;

impl Shape {
    fn empty(self) -> Value {
        match self {
            Shape::Map(order) => Value::Map(Map::ordered(order)),
            Shape::Set(order) => Value::Set(Set::new().in_order(order).unwrap()),
        }
    }
    /// Key number `n` of all. Those of sorted collections are blocks, so that a first key has an edge of its own.
    fn key(self, n: i64) -> Value {
        match self {
            Shape::Map(Order::Sorted) | Shape::Set(Order::Sorted) => {
                Value::from(format!("a key that is sorted {n:03}"))
            }
            Shape::Set(Order::Hash) => Value::from(format!("a key that has a hash {n:03}")),
            _ => Value::Int(n),
        }
    }
    fn number(self, key: &Value) -> i64 {
        match key {
            Value::Int(n) => *n,
            text => text.as_str().and_then(|s| s.rsplit(' ').next()?.parse().ok()).expect("a key of this model"),
        }
    }
    /// What stands under a key: half of them blocks.
    fn value(n: i64, version: i64) -> Value {
        if version % 2 == 0 { Value::Int(n * 1000 + version) } else { Value::from(format!("under key {n} {version}")) }
    }
    fn put(self, v: Value, n: i64, version: i64) -> crate::Result<Value> {
        match self {
            Shape::Map(_) => v.assoc(self.key(n), Self::value(n, version)),
            Shape::Set(_) => v.conj(self.key(n)),
        }
    }
    fn take(self, v: Value, n: i64) -> crate::Result<Value> {
        match self {
            Shape::Map(_) => v.dissoc(self.key(n)),
            Shape::Set(_) => v.disj(self.key(n)),
        }
    }

    /// All of a version by walking.
    fn walk(self, snapshot: &Snapshot) -> BTreeMap<i64, Value> {
        let value = snapshot.value().unwrap();
        if let Some(aside) = value.nth(ASIDE).unwrap() {
            self.walk_one(aside);
        }
        self.walk_one(value.nth(0).unwrap().expect("the collection"))
    }

    /// All of a collection by walking, with others between any two elements; each is looked up as well.
    fn walk_one(self, value: Value) -> BTreeMap<i64, Value> {
        let mut found = BTreeMap::new();
        let mut last = None;
        let mut meet = |key: Value, under: Value| {
            steps::pause();
            let n = self.number(&key);
            if matches!(self, Shape::Map(Order::Sorted | Order::Integer) | Shape::Set(Order::Sorted)) {
                assert!(last.is_none_or(|last| last < n), "in order");
                last = Some(n);
            }
            if let Shape::Map(_) = self {
                let version = |v: &Value| match v {
                    Value::Int(i) => *i - n * 1000,
                    text => {
                        text.as_str().and_then(|s| s.rsplit(' ').next()?.parse().ok()).expect("a value of this model")
                    }
                };
                assert_eq!(under, Self::value(n, version(&under)), "what belongs to the key");
                assert_eq!(value.get(key).unwrap().as_ref(), Some(&under), "found by its key");
            } else {
                assert!(value.contains_key(key).unwrap(), "found");
            }
            assert!(found.insert(n, under).is_none(), "once");
        };
        match &value {
            Value::Map(map) => map.iter().for_each(|e| e.map(|(k, v)| meet(k, v)).unwrap()),
            Value::Set(set) => set.iter().for_each(|e| e.map(|k| meet(k, Value::Nil)).unwrap()),
            other => panic!("{other}"),
        }
        assert_eq!(value.count().unwrap(), found.len() as u64, "as many as it says");
        found
    }
}

/// Batches that make nodes split (many keys next to each other), and merge (the same away again).
fn write(shape: Shape, atom: &Atom, me: i64, rounds: i64) -> BTreeMap<i64, Value> {
    let mut mine = BTreeMap::new();
    for round in 0..rounds {
        let (from, len) = (pick(KEYS), 1 + pick(KEYS));
        let run = || (from..KEYS.min(from + len)).map(|k| k * WRITERS + me);
        let (add, all) = (mine.len() < 3 || pick(2) == 0, pick(6) == 0);
        let (aside, forget) = (pick(3) == 0, pick(4) == 0);
        let change = |both: Value| -> crate::Result<Value> {
            let mut v = both.nth(0)?.expect("the collection");
            let old = if forget { None } else { both.nth(ASIDE)? };
            let old = if aside { Some(v.clone()) } else { old };
            if all {
                for k in 0..KEYS {
                    v = shape.take(v, k * WRITERS + me)?;
                }
            }
            for n in run() {
                v = if add { shape.put(v, n, round)? } else { shape.take(v, n)? };
            }
            // In its place, so that it is edited there.
            both.assoc(0, v)?.assoc(ASIDE as i64, old.unwrap_or_else(|| shape.empty()))
        };
        let after = atom.swap::<Error>(change).unwrap();
        if all {
            mine.clear();
        }
        for n in run() {
            let under = if matches!(shape, Shape::Map(_)) { Shape::value(n, round) } else { Value::Nil };
            if add {
                mine.insert(n, under)
            } else {
                mine.remove(&n)
            };
        }
        let found = shape.walk(&after);
        let found: BTreeMap<_, _> = found.into_iter().filter(|(n, _)| n % WRITERS == me).collect();
        assert_eq!(found, mine, "what I did is there, and nothing else of mine");
    }
    mine
}

fn splits(shape: Shape) {
    explore(move || {
        let machine = formatted();
        let domain = domain(&machine, 1);
        let atom = domain.atom("a", || Ok(Value::vector([shape.empty(), shape.empty()]))).unwrap();
        let writers: Vec<_> = (0..WRITERS)
            .map(|me| {
                let atom = atom.clone();
                thread::spawn(move || write(shape, &atom, me, 4))
            })
            .collect();
        for _ in 0..3 {
            let held = atom.load().unwrap();
            let first = shape.walk(&held);
            assert_eq!(shape.walk(&held), first, "a version that is held does not change");
        }
        let mut all = BTreeMap::new();
        for t in writers {
            all.extend(t.join().unwrap());
        }
        assert_eq!(shape.walk(&atom.load().unwrap()), all, "the end is the sum of what was done");
        check(&domain, false);
        atom.update::<Error>(|_| Ok(Value::Nil)).unwrap();
        check(&domain, false);
    });
}

#[test]
fn nodes_of_a_hash_map_split_and_merge_under_others() {
    splits(Shape::Map(Order::Hash));
}

#[test]
fn nodes_of_a_hash_set_split_and_merge_under_others() {
    splits(Shape::Set(Order::Hash));
}

#[test]
fn nodes_of_a_sorted_map_split_and_merge_under_others() {
    splits(Shape::Map(Order::Sorted));
}

#[test]
fn nodes_of_a_sorted_set_split_and_merge_under_others() {
    splits(Shape::Set(Order::Sorted));
}

#[test]
fn nodes_of_an_integer_map_split_and_merge_under_others() {
    splits(Shape::Map(Order::Integer));
}
