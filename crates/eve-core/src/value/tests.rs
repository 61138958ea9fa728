//! Host collections against plain models, with and without a base; equality, hashing, paths, depth.

use std::any::Any;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use proptest::prelude::*;

use super::base::{Elements, Entries};
use super::*;
use crate::Domain;
use crate::error::Result;
use crate::layout::Element;

/// A base of each kind: plain values.
struct Plain(Vec<Value>);

impl Base for Plain {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl MapBase for Plain {
    fn len(&self) -> u64 {
        self.0.len() as u64 / 2
    }
    fn get(&self, key: &Value) -> Result<Option<Value>> {
        Ok(self.0.chunks(2).find(|entry| entry[0] == *key).map(|entry| entry[1].clone()))
    }
    fn iter(&self) -> Entries<'_> {
        Box::new(self.0.chunks(2).map(|entry| Ok((entry[0].clone(), entry[1].clone()))))
    }
}
impl SetBase for Plain {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn contains(&self, element: &Value) -> Result<bool> {
        Ok(self.0.contains(element))
    }
    fn iter(&self) -> Elements<'_> {
        Box::new(self.0.iter().cloned().map(Ok))
    }
}
impl VectorBase for Plain {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn get(&self, index: u64) -> Result<Option<Value>> {
        Ok(self.0.get(index as usize).cloned())
    }
    fn iter_from(&self, index: u64) -> Elements<'_> {
        Box::new(self.0[index as usize..].iter().cloned().map(Ok))
    }
}
impl ListBase for Plain {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn first(&self) -> Result<Value> {
        Ok(self.0[0].clone())
    }
    fn rest(&self) -> Result<Option<Arc<dyn ListBase>>> {
        Ok((self.0.len() > 1).then(|| Arc::new(Plain(self.0[1..].to_vec())) as _))
    }
    fn iter(&self) -> Elements<'_> {
        Box::new(self.0.iter().cloned().map(Ok))
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn ints(all: &[i64]) -> Vec<Value> {
    all.iter().map(|&i| i.into()).collect()
}

#[derive(Debug, Clone)]
enum Op {
    Put(i64, i64),
    Take(i64),
    Front(i64),
    Back(i64),
    PopBack,
    PopFront,
    Cut(u64),
    Insert(u64, i64),
    Remove(u64),
    Sub(u64, u64),
    Merge(Vec<i64>),
    /// Keep a clone, and see at the end that it did not change.
    Hold,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..24i64, any::<i64>()).prop_map(|(k, v)| Op::Put(k, v)),
        3 => (0..24i64).prop_map(Op::Take),
        2 => any::<i64>().prop_map(Op::Front),
        2 => any::<i64>().prop_map(Op::Back),
        1 => Just(Op::PopBack),
        1 => Just(Op::PopFront),
        1 => (0..30u64).prop_map(Op::Cut),
        1 => (0..30u64, any::<i64>()).prop_map(|(i, v)| Op::Insert(i, v)),
        1 => (0..30u64).prop_map(Op::Remove),
        1 => (0..20u64, 0..20u64).prop_map(|(a, b)| Op::Sub(a, b)),
        1 => prop::collection::vec(0..24i64, 0..12).prop_map(Op::Merge),
        1 => Just(Op::Hold),
    ]
}

fn program() -> impl Strategy<Value = (Vec<i64>, bool, Vec<Op>)> {
    (prop::collection::vec(0..24i64, 0..20), any::<bool>(), prop::collection::vec(op(), 0..40))
}

fn check_map(map: &Map, model: &BTreeMap<i64, i64>) {
    assert_eq!(map.len().unwrap(), model.len() as u64);
    for k in 0..24 {
        assert_eq!(map.get(&k.into()).unwrap(), model.get(&k).map(|&v| v.into()));
        assert_eq!(map.contains_key(&k.into()).unwrap(), model.contains_key(&k));
    }
    let mut all: Vec<_> =
        map.iter().map(|e| e.unwrap()).map(|(k, v)| (k.as_i64().unwrap(), v.as_i64().unwrap())).collect();
    all.sort();
    assert_eq!(all, model.clone().into_iter().collect::<Vec<_>>());
    let plain: Map = model.iter().rev().map(|(&k, &v)| (k, v)).collect();
    assert_eq!((map, hash(map)), (&plain, hash(&plain)));
}

fn check_set(set: &Set, model: &BTreeSet<i64>) {
    assert_eq!(set.len().unwrap(), model.len() as u64);
    let mut all: Vec<_> = set.iter().map(|e| e.unwrap().as_i64().unwrap()).collect();
    all.sort();
    assert_eq!(all, model.iter().copied().collect::<Vec<_>>());
    let plain: Set = model.iter().rev().copied().collect();
    assert_eq!((set, hash(set)), (&plain, hash(&plain)));
}

fn check_sequence(value: &Value, model: &[i64]) {
    assert_eq!(value.count().unwrap(), model.len() as u64);
    assert_eq!(value.elements().unwrap().map(|e| e.unwrap().as_i64().unwrap()).collect::<Vec<_>>(), model);
    for i in 0..model.len() as u64 + 2 {
        assert_eq!(value.nth(i).unwrap(), model.get(i as usize).map(|&v| v.into()));
    }
    for plain in [Value::vector(model.to_vec()), Value::list(model.to_vec())] {
        assert_eq!((value, hash(value)), (&plain, hash(&plain)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn maps_match_the_model((start, based, ops) in program()) {
        let mut model: BTreeMap<i64, i64> = start.iter().map(|&k| (k, k)).collect();
        let entries = model.keys().flat_map(|&k| [k, k]).collect::<Vec<_>>();
        let mut map = if based { Map::from_base(Arc::new(Plain(ints(&entries)))) } else { model.clone().into_iter().collect() };
        let mut held = vec![];
        for op in ops {
            match op {
                Op::Put(k, v) => {
                    map = map.assoc(k, v);
                    model.insert(k, v);
                }
                Op::Take(k) => {
                    map = map.dissoc(&k.into());
                    model.remove(&k);
                }
                Op::Cut(k) => {
                    map = map.update(k as i64 % 24, |old| old.and_then(|v| v.as_i64()).unwrap_or(0).wrapping_add(1)).unwrap();
                    let v = model.entry(k as i64 % 24).or_insert(0);
                    *v = v.wrapping_add(1);
                }
                Op::Merge(other) => {
                    map = map.merge(&other.iter().map(|&k| (k, -k)).collect()).unwrap();
                    model.extend(other.iter().map(|&k| (k, -k)));
                }
                Op::Hold => held.push((map.clone(), model.clone())),
                _ => {}
            }
        }
        held.push((map, model));
        held.iter().for_each(|(map, model)| check_map(map, model));
    }

    #[test]
    fn sets_match_the_model((start, based, ops) in program()) {
        let mut model: BTreeSet<i64> = start.iter().copied().collect();
        let elements = model.iter().copied().collect::<Vec<_>>();
        let mut set = if based { Set::from_base(Arc::new(Plain(ints(&elements)))) } else { model.clone().into_iter().collect() };
        let mut held = vec![];
        for op in ops {
            match op {
                Op::Put(k, _) => {
                    set = set.conj(k);
                    model.insert(k);
                }
                Op::Take(k) => {
                    set = set.disj(&k.into());
                    model.remove(&k);
                }
                Op::Merge(other) => {
                    let (theirs, plain) = (other.iter().copied().collect::<Set>(), other.iter().copied().collect::<BTreeSet<_>>());
                    (set, model) = match other.len() % 3 {
                        0 => (set.union(&theirs).unwrap(), &model | &plain),
                        1 => (set.intersection(&theirs).unwrap(), &model & &plain),
                        _ => (set.difference(&theirs).unwrap(), &model - &plain),
                    };
                }
                Op::Hold => held.push((set.clone(), model.clone())),
                _ => {}
            }
        }
        held.push((set, model));
        held.iter().for_each(|(set, model)| check_set(set, model));
    }

    #[test]
    fn vectors_match_the_model((mut model, based, ops) in program()) {
        let mut vector = if based { Vector::from_base(Arc::new(Plain(ints(&model)))) } else { model.iter().copied().collect() };
        let mut held = vec![];
        for op in ops {
            let len = model.len() as u64;
            match op {
                Op::Put(k, v) => match vector.clone().assoc(k as u64, v) {
                    Ok(changed) => {
                        vector = changed;
                        if k as u64 == len { model.push(v) } else { model[k as usize] = v }
                    }
                    Err(_) => prop_assert!(k as u64 > len),
                },
                Op::Back(v) => {
                    vector = vector.push(v);
                    model.push(v);
                }
                Op::PopBack => {
                    let (rest, last) = vector.pop().unwrap();
                    vector = rest;
                    prop_assert_eq!(last, model.pop().map(Value::from));
                }
                Op::Cut(n) => {
                    vector = vector.truncate(n);
                    model.truncate(n as usize);
                }
                Op::Insert(i, v) => match vector.clone().insert(i, v) {
                    Ok(changed) => {
                        vector = changed;
                        model.insert(i as usize, v);
                    }
                    Err(_) => prop_assert!(i > len),
                },
                Op::Remove(i) => match vector.clone().remove(i) {
                    Ok(changed) => {
                        vector = changed;
                        model.remove(i as usize);
                    }
                    Err(_) => prop_assert!(i >= len),
                },
                Op::Sub(a, b) => match vector.clone().subvec(a, b) {
                    Ok(changed) => {
                        vector = changed;
                        model = model[a as usize..b as usize].to_vec();
                    }
                    Err(_) => prop_assert!(a > b || b > len),
                },
                Op::Merge(other) => {
                    vector = vector.concat(&other.iter().copied().collect()).unwrap();
                    model.extend(other);
                }
                Op::Hold => held.push((vector.clone(), model.clone())),
                _ => {}
            }
        }
        held.push((vector, model));
        held.into_iter().for_each(|(vector, model)| check_sequence(&vector.into(), &model));
    }

    #[test]
    fn lists_match_the_model((mut model, based, ops) in program()) {
        let based = based && !model.is_empty();
        let mut list = if based { List::from_base(Arc::new(Plain(ints(&model)))) } else { model.iter().copied().collect() };
        let mut held = vec![];
        for op in ops {
            match op {
                Op::Front(v) => {
                    list = list.push_front(v);
                    model.insert(0, v);
                }
                Op::PopFront | Op::PopBack | Op::Take(_) => {
                    prop_assert_eq!(list.first().unwrap(), model.first().map(|&v| v.into()));
                    list = list.rest().unwrap();
                    model.splice(..1.min(model.len()), []);
                }
                Op::Hold => held.push((list.clone(), model.clone())),
                _ => {}
            }
        }
        held.push((list, model));
        held.into_iter().for_each(|(list, model)| check_sequence(&list.into(), &model));
    }
}

#[test]
fn equality_is_that_of_clojure() {
    let decimal = |scale, unscaled| Value::decimal(scale, &number::from_i128(unscaled));
    let equal = [
        (Value::Int(1), Value::BigInt(Arc::new([1, 0, 0]))),
        (Value::from(0.0), Value::from(-0.0)),
        (Value::from(f64::NAN), Value::from(-f64::NAN)),
        (decimal(1, 15), decimal(2, 150)),
        (decimal(0, 0), decimal(5, 0)),
        (Value::vector([1, 2]), Value::list([1, 2])),
        (Value::empty_vector(), Value::empty_list()),
        (Value::map([(1, 2), (3, 4)]), Value::map([(3, 4), (1, 2)])),
        (Value::set([Value::vector([1])]), Value::set([Value::list([1])])),
        (Value::from(&*"é".repeat(20)), Value::from("é".repeat(20))),
        (Value::vector([1]).with_meta(Some(Value::empty_map())).unwrap(), Value::vector([1])),
    ];
    for (a, b) in equal {
        assert_eq!((&a, hash(&a)), (&b, hash(&b)));
    }
    let different = [
        (Value::from(1), Value::from(1.0)),
        (Value::from(1), decimal(0, 1)),
        (Value::from("a"), Value::keyword("a")),
        (Value::keyword("a"), Value::symbol("a")),
        (Value::from('a'), Value::from("a")),
        (Value::empty_map(), Value::empty_set()),
        (Value::Nil, Value::from(false)),
        (Value::tagged("a", 1), Value::tagged("b", 1)),
    ];
    for (a, b) in different {
        assert_ne!(a, b);
    }
}

#[test]
fn paths_read_change_and_say_where_they_end() {
    let users = Value::Nil.assoc_in(["ada", "role"], "admin").unwrap().assoc_in(["bob", "tags"], vec![1, 2]).unwrap();
    assert_eq!(users.get_in(["ada", "role"]).unwrap(), Some("admin".into()));
    assert_eq!(users.get_in(["eve", "role"]).unwrap(), None);
    assert_eq!(users.get_in([Value::from("bob"), "tags".into(), 1.into()]).unwrap(), Some(2.into()));
    let error = users.get_in(["ada", "role", "x"]).unwrap_err().to_string();
    assert_eq!(error, "at [\"ada\" \"role\"]: a string has no keys");
    let error = users.clone().assoc_in(["ada", "role", "x"], 1).unwrap_err().to_string();
    assert!(error.starts_with("at [\"ada\" \"role\"]: a string"), "{error}");
    let error = users.clone().assoc_in([Value::from("bob"), "tags".into(), 9.into()], 1).unwrap_err().to_string();
    assert!(error.starts_with("at [\"bob\" \"tags\"]: index 9"), "{error}");
    let less = users.clone().dissoc_in(["ada", "role"]).unwrap();
    assert_eq!(less.get_in(["ada"]).unwrap(), Some(Value::empty_map()));
    assert_eq!(users.clone().dissoc_in(["none", "x"]).unwrap(), users);
    let more = users
        .clone()
        .update_in([Value::from("bob"), "tags".into(), 0.into()], |old| old.unwrap().as_i64().unwrap() + 10);
    assert_eq!(more.unwrap().get_in(["bob", "tags"]).unwrap(), Some(vec![11, 2].into()));
    assert_eq!(users.get_in(["bob", "tags"]).unwrap(), Some(vec![1, 2].into()), "the value before is as it was");
}

#[test]
fn nested_changes_do_not_copy_what_is_theirs_alone() {
    let mut value = Value::Nil;
    for i in 0..100_000 {
        value = value.assoc_in(["all", if i % 2 == 0 { "even" } else { "odd" }, &i.to_string()], i).unwrap();
    }
    // Copying the inner maps at each step would take minutes.
    assert_eq!(value.get_in(["all", "odd"]).unwrap().unwrap().count().unwrap(), 50_000);
}

#[test]
fn a_base_is_not_looked_at_to_change_it() {
    struct Unreadable;
    impl Base for Unreadable {
        fn as_any(&self) -> &dyn Any {
            self
        }
    }
    impl MapBase for Unreadable {
        fn len(&self) -> u64 {
            1
        }
        fn get(&self, _: &Value) -> Result<Option<Value>> {
            Err(crate::Error::value("unreadable"))
        }
        fn iter(&self) -> Entries<'_> {
            Box::new(std::iter::once(Err(crate::Error::value("unreadable"))))
        }
    }
    let map = Map::from_base(Arc::new(Unreadable)).assoc(1, 2).dissoc(&3.into());
    assert_eq!(
        map.changes().map(|(k, v)| (k.clone(), v.cloned())).collect::<Vec<_>>(),
        [(1.into(), Some(2.into())), (3.into(), None)]
    );
    assert!(map.len().is_err() && map.get(&4.into()).is_err() && map.iter().next().unwrap().is_err());
    assert_ne!(map, Map::new());
    assert!(format!("{map:?}").contains("unreadable"));
}

#[test]
fn a_million_levels_drop_compare_and_hash_without_the_stack() {
    let make: [fn(Value) -> Value; 6] = [
        |v| Value::vector([v]),
        |v| Value::list([v]),
        |v| Value::map([(1, v)]),
        |v| Value::map([(v, 1)]),
        |v| Value::tagged("t", v),
        |v| Value::empty_vector().with_meta(Some(Value::map([(1, v)]))).unwrap(),
    ];
    for make in make {
        drop((0..1_000_000).fold(Value::Nil, |v, _| make(v)));
    }
    let deep = || (0..20_000).fold(Value::Nil, |v, i| make[i % 3](v));
    assert_eq!((deep(), hash(&deep())), (deep(), hash(&deep())));
}

#[test]
fn conversions_come_back() {
    assert_eq!(u64::try_from(Value::from(u64::MAX)).unwrap(), u64::MAX);
    assert_eq!(i128::try_from(Value::from(i128::MIN)).unwrap(), i128::MIN);
    assert_eq!(Vec::<String>::try_from(Value::from(vec!["a", "b"])).unwrap(), ["a", "b"]);
    assert_eq!(char::try_from(Value::from('é')).unwrap(), 'é');
    for time in
        [std::time::SystemTime::UNIX_EPOCH - std::time::Duration::from_millis(1500), std::time::SystemTime::now()]
    {
        assert_eq!(std::time::SystemTime::try_from(Value::from(time)).unwrap(), time);
    }
    assert_eq!(
        i32::try_from(Value::from("x")).unwrap_err().to_string(),
        "expected an integer of 32 bits, found a string"
    );
    assert_eq!(Value::from(None::<i32>), Value::Nil);
}

#[test]
fn paths_are_changed_by_functions_that_may_fail() {
    let value = Value::map([("a", Value::map([("b", 1)]))]);
    let path: Vec<Value> = vec!["a".into(), "b".into()];
    let more = |old: Option<Value>| match old.and_then(|v| v.as_i64()) {
        Some(i) => Ok(Value::Int(i + 1)),
        None => Err(crate::Error::value("no number")),
    };
    let changed = value.clone().update_at(&path, more).unwrap();
    assert_eq!(changed.get_in(&path).unwrap(), Some(2.into()));
    assert_eq!(value.clone().try_update_in(["a", "b"], more).unwrap(), changed);
    let error = value.clone().try_update_in(["a", "c"], more).unwrap_err().to_string();
    assert!(error.contains("at [\"a\" \"c\"]: no number"), "{error}");
    let error = Value::from("x").update_at(&[], more).unwrap_err().to_string();
    assert_eq!(error, "no number");
}

#[test]
fn maps_select_filter_and_list_values() {
    for base in [false, true] {
        let plain: Vec<Value> = (0..20).map(Value::Int).collect();
        let map = if base {
            Map::from_base(Arc::new(Plain(plain))).assoc(0, 100)
        } else {
            plain.chunks(2).map(|e| (e[0].clone(), e[1].clone())).collect::<Map>().assoc(0, 100)
        };
        let mut values: Vec<i64> = map.values().map(|v| v.unwrap().as_i64().unwrap()).collect();
        values.sort();
        assert_eq!(values, [3, 5, 7, 9, 11, 13, 15, 17, 19, 100]);
        let selected = map.select_keys(&[0.into(), 4.into(), 77.into()]).unwrap();
        assert_eq!(Value::Map(selected), Value::map([(0, 100), (4, 5)]));
        let small = map.filter(|key, _| key.as_i64().is_some_and(|k| k < 3)).unwrap();
        assert_eq!(Value::Map(small), Value::map([(0, 100), (2, 3)]));
    }
}

#[test]
fn metadata_is_a_map() {
    assert!(Value::empty_map().with_meta(Some(Value::Int(5))).is_err());
    let atom = Domain::anonymous().unwrap().atom("a", || Ok(Value::Nil)).unwrap();
    let with = |meta: Value| atom.reset(&Value::Vector(Vector::from(vec![Value::Int(1)]).with_meta(Some(meta))));
    let refused = with(Value::from("no map")).unwrap_err().to_string();
    assert!(refused.contains("metadata is a map, not"), "{refused}");
    assert!(atom.reset(&Value::Map(Map::new().with_meta(Some(Value::Nil)))).is_err());
    with(Value::map([("a", 1)])).unwrap();
}

#[test]
fn sizes_beyond_all_memory_are_errors() {
    let names: Vec<String> = (0..1 << 16).map(|i| i.to_string()).collect();
    let wide = Schema::new(names.iter().map(|name| (name.as_str(), Element::Float64))).unwrap();
    let error = Records::array(&wide, (1 << 31) - 1).unwrap_err(); // 2^50 bytes
    assert!(error.to_string().contains("no memory for 1125899906"), "{error}");
    assert!(Records::array(&wide, u64::MAX).is_err());
    assert!(Array::new(Element::Float64, u64::MAX).is_err());
    assert_eq!(Array::new(Element::Float64, 3).unwrap().len(), 3);
    assert!(Map::with_capacity(usize::MAX).is_empty().unwrap());
}
