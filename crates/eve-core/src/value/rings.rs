//! Values of a damaged file that contain themselves: whoever walks over them is told so.

use super::event::{Open, Sink, Source};
use super::{Map, Order, Scalar, Value};
use crate::error::{Error, Result};
use crate::layout::{Off, Word};
use crate::sync::Relaxed;
use crate::view::View;
use crate::{Atom, Domain, Snapshot};
use std::hash::{Hash, Hasher};

const END: &str = "where it ends, unless it is damaged";

fn end() -> Value {
    Value::from(END)
}

/// Where words lead to the string of this text, below `word`.
fn places(snapshot: &Snapshot, word: Word, text: &str, found: &mut Vec<Off>) {
    let arena = snapshot.arena();
    let node = arena.node(word.as_block().unwrap()).unwrap();
    for (i, &word) in node.words.iter().enumerate().skip(node.shape.meta as usize) {
        let child = View::new(arena, Word(word));
        match child.word().as_block() {
            Some(_) if matches!(child.scalar(), Ok(Some(Scalar::Str(s))) if s.as_bytes() == text.as_bytes()) => {
                found.push(node.off.at(1 + i as u64));
            }
            Some(_) if !matches!(child.scalar(), Ok(Some(_))) => places(snapshot, child.word(), text, found),
            _ => {}
        }
    }
}

/// An atom of this value, in which `END` becomes the value behind `path`.
fn ring(value: Value, path: &[i64]) -> (Domain, Atom, Snapshot) {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.put("a", &value).unwrap();
    let snapshot = atom.load().unwrap();
    let target = path.iter().fold(snapshot.view(), |at, &i| at.nth(i as u64).unwrap().unwrap()).word();
    let mut ends = Vec::new();
    places(&snapshot, snapshot.root(), END, &mut ends);
    assert!(!ends.is_empty());
    for end in ends {
        snapshot.arena().word(end).store(target.0, Relaxed);
    }
    (domain, atom, snapshot)
}

fn rings() -> Vec<(Domain, Atom, Snapshot)> {
    let vector = |values: Vec<Value>| Value::from(values);
    let one = || vector(vec![1.into()]);
    let about = || Some(Value::map([("about", end())]));
    let in_order = |order| {
        let entries = (0..100).map(|i| (i, if i == 70 { end() } else { one() }));
        Value::Map(entries.fold(Map::ordered(order), |map, (key, value)| map.assoc(key, value)))
    };
    let roots = [
        vector(vec![1.into(), end()]),
        vector((0..2000).map(|i| if i == 1500 { end() } else { i.into() }).collect()),
        Value::list([end(), 2.into()]),
        Value::list([one(), 2.into(), end()]),
        Value::map([("a", end())]),
        in_order(Order::Hash),
        in_order(Order::Sorted),
        in_order(Order::Integer),
        Value::set([one(), end()]),
        Value::tagged("t", end()),
        Value::tagged("t", vector(vec![end()])),
        one().with_meta(about()).unwrap(),
        Value::empty_list().with_meta(about()).unwrap(),
        vector(vec![vector(vec![Value::map([("a", Value::list([end()]))]), one()]), one()]),
    ];
    let mut all: Vec<_> = roots.into_iter().map(|value| ring(value, &[])).collect();
    all.push(ring(vector(vec![one(), vector(vec![one(), vector(vec![end()])])]), &[1]));
    all.push(ring(vector(vec![one(), vector(vec![one(), vector(vec![vector(vec![end()])])])]), &[1, 1, 0]));
    all
}

/// Counts, and ends what does not end by itself.
struct Few(u32);

impl Few {
    fn one(&mut self) -> Result<()> {
        self.0 += 1;
        if self.0 > 100_000 { Err(Error::value("it does not end")) } else { Ok(()) }
    }
}

impl Sink for Few {
    fn scalar(&mut self, _: Scalar<'_>) -> Result<()> {
        self.one()
    }
    fn begin(&mut self, _: Open<'_>) -> Result<()> {
        self.one()
    }
    fn end(&mut self) -> Result<()> {
        self.one()
    }
}

impl Hasher for Few {
    fn write(&mut self, _: &[u8]) {
        self.one().unwrap();
    }
    fn finish(&self) -> u64 {
        0
    }
}

#[track_caller]
fn assert_told<T>(result: Result<T>) {
    match result {
        Err(Error::Corrupt { .. }) => {}
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nothing was told"),
    }
}

#[test]
fn a_value_inside_itself_is_told_to_whoever_walks_over_it() {
    for (domain, _, snapshot) in rings() {
        let value = || snapshot.value();
        let all = |f: &dyn Fn(Value) -> Result<()>| assert_told(value().and_then(f));
        all(&|value| value.emit(&mut Few(0)));
        all(&|value| {
            use std::fmt::Write;
            write!(String::new(), "{value}").map_err(|_| Error::Corrupt { offset: 0, what: "what can be printed" })
        });
        if let Ok(value) = value() {
            value.hash(&mut Few(0));
            let _ = value == snapshot.value().unwrap(); // comes to an end
        }
        assert!(!domain.verify(|_, _| {}).unwrap().is_ok());
    }
}

#[test]
fn a_value_inside_itself_is_not_stored_elsewhere() {
    for (_, atom, snapshot) in rings() {
        let elsewhere = Domain::anonymous().unwrap();
        let store = |value: Value| elsewhere.put("b", &value).map(|_| ());
        assert_told(snapshot.value().and_then(store));
        assert_told(snapshot.value().and_then(|value| store(Value::vector([value]))));
        // Another version, in which the same place has another value of its kind.
        let Ok(value) = snapshot.value() else { continue };
        let other = match &value {
            Value::Map(map) if map.order() == Order::Integer => value.clone().assoc(70, 1).unwrap(),
            Value::Map(_) => value.clone().assoc(70, 1).unwrap().assoc("a", 1).unwrap(),
            Value::Vector(vector) => Value::vector((0..vector.len()).map(|i| i as i64)),
            Value::List(list) => Value::list((0..list.len()).map(|i| i as i64)),
            Value::Set(_) => Value::set([5]),
            _ => Value::Nil,
        };
        let Ok(()) = atom.reset(&other) else { continue };
        assert_told(atom.reset(&value));
    }
}

/// Who goes on after an error walks over all ways there are through them, which are without number.
#[test]
fn values_of_which_each_contains_each_are_hashed_for_maps_of_rust() {
    const N: i64 = 12;
    let names: Vec<String> = (0..N).map(|n| format!("number {n}, to be replaced by it")).collect();
    let value = Value::vector((0..N).map(|_| Value::vector(names.iter())));
    let domain = Domain::anonymous().unwrap();
    let snapshot = domain.put("a", &value).unwrap().load().unwrap();
    let found = names.iter().map(|name| {
        let mut found = Vec::new();
        places(&snapshot, snapshot.root(), name, &mut found);
        found
    });
    for (i, places) in found.collect::<Vec<_>>().into_iter().enumerate() {
        let target = snapshot.view().nth(i as u64).unwrap().unwrap().word();
        places.iter().for_each(|&at| snapshot.arena().word(at).store(target.0, Relaxed));
    }
    snapshot.value().unwrap().hash(&mut Few(0));
    assert_told(snapshot.value().unwrap().emit(&mut Few(0)));
}
