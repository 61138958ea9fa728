//! What can be done with any value: Clojure's collection functions. On a value that does not allow it, each is an error that says so.

use super::base::Elements;
use super::host::Value;
use super::list::List;
use super::map::Map;
use super::set::Set;
use super::vector::Vector;
use crate::error::{Error, Result};

impl Value {
    fn cannot(&self, what: &str, allows: &str) -> Error {
        Error::value(format!("cannot {what} {}, only {allows}", self.kind()))
    }
    /// The elements of a vector, a list, a set or a typed array; the objects of an array of them as maps; the entries of a map and the
    /// fields of a typed object as vectors of two; nothing of `nil`.
    pub fn elements(&self) -> Result<Elements<'_>> {
        Ok(match self {
            Value::Nil => Box::new(std::iter::empty()),
            Value::Vector(v) => v.iter(),
            Value::List(l) => l.iter(),
            Value::Set(s) => s.iter(),
            Value::Map(m) => Box::new(m.iter().map(|entry| entry.map(|(k, v)| Value::Vector(vec![k, v].into())))),
            Value::Array(a) => Box::new((0..a.len()).filter_map(|i| a.get(i)).map(Ok)),
            Value::Records(r) if r.is_one() => {
                Box::new(r.values(0).map(|(k, v)| Ok(Value::Vector(vec![Value::Keyword(k), v].into()))))
            }
            Value::Records(r) => Box::new((0..r.rows()).map(|i| Ok(Value::Map(r.row(i).unwrap_or_default())))),
            other => return Err(other.cannot("go through", "a collection")),
        })
    }
    /// Number of elements or entries; of characters in UTF-16 for a string, as in Clojure; 0 for `nil`.
    pub fn count(&self) -> Result<u64> {
        match self {
            Value::Nil => Ok(0),
            Value::Map(c) => c.len(),
            Value::Set(c) => c.len(),
            Value::Vector(c) => Ok(c.len()),
            Value::List(c) => Ok(c.len()),
            Value::Bytes(b) => Ok(b.len() as u64),
            Value::Array(a) => Ok(a.len()),
            Value::Records(r) if r.is_one() => Ok(r.schema().fields().len() as u64),
            Value::Records(r) => Ok(r.rows()),
            Value::Str(s) => Ok(super::text::code_points(s.as_bytes()).map(|c| 1 + (c > 0xFFFF) as u64).sum()),
            other => Err(other.cannot("count", "a collection or a string")),
        }
    }
    /// What is under a key: of a map, by index of a vector or typed array, the element itself of a set, a field of a typed object by its
    /// name (keyword or string), an object of an array of them by index, as a map; `None` for anything else.
    pub fn get(&self, key: impl Into<Value>) -> Result<Option<Value>> {
        let key = key.into();
        match self {
            Value::Map(m) => m.get(&key),
            Value::Vector(v) => key.as_i64().and_then(|i| u64::try_from(i).ok()).map_or(Ok(None), |i| v.get(i)),
            Value::Set(s) => Ok(s.contains(&key)?.then_some(key)),
            Value::Array(a) => Ok(key.as_i64().and_then(|i| a.get(u64::try_from(i).ok()?))),
            Value::Records(r) if r.is_one() => Ok(match &key {
                Value::Keyword(name) => r.value(0, name.as_bytes()),
                Value::Str(name) => r.value(0, name.as_bytes()),
                _ => None,
            }),
            Value::Records(r) => Ok(key.as_i64().and_then(|i| r.row(u64::try_from(i).ok()?)).map(Value::Map)),
            _ => Ok(None),
        }
    }
    /// Is there such a key (map), index (vector) or element (set)?
    pub fn contains_key(&self, key: impl Into<Value>) -> Result<bool> {
        match self {
            Value::Map(m) => m.contains_key(&key.into()),
            other => Ok(other.get(key)?.is_some()),
        }
    }
    /// An element of a vector or list by its place; `None` past the end.
    pub fn nth(&self, index: u64) -> Result<Option<Value>> {
        match self {
            Value::Nil => Ok(None),
            Value::Vector(v) => v.get(index),
            Value::List(l) => l.nth(index),
            Value::Array(_) => self.get(index),
            Value::Records(r) if !r.is_one() => Ok(r.row(index).map(Value::Map)),
            other => Err(other.cannot("take an element by its place from", "a vector or a list")),
        }
    }
    /// A map with `value` under `key`, or a vector with another element at an index; `nil` becomes a map.
    pub fn assoc(self, key: impl Into<Value>, value: impl Into<Value>) -> Result<Value> {
        let key = key.into();
        match self {
            Value::Nil => Ok(Value::Map(Map::new().assoc(key, value))),
            Value::Map(m) => {
                m.check_key(&key)?;
                Ok(Value::Map(m.assoc(key, value)))
            }
            Value::Vector(v) => match key.as_i64().map(u64::try_from) {
                Some(Ok(index)) => Ok(Value::Vector(v.assoc(index, value)?)),
                _ => Err(Error::value(format!("{key:?} is no index of a vector"))),
            },
            Value::Array(_) | Value::Records(_) => Err(Error::value(format!(
                "{} is not replaced but changed in place, through its view: other versions that hold it change with it",
                self.kind()
            ))),
            other => Err(other.cannot("put something under a key of", "a map or a vector")),
        }
    }
    /// A map without a key.
    pub fn dissoc(self, key: impl Into<Value>) -> Result<Value> {
        match self {
            Value::Nil => Ok(Value::Nil),
            Value::Map(m) => Ok(Value::Map(m.dissoc(&key.into()))),
            other => Err(other.cannot("take a key out of", "a map")),
        }
    }
    /// With what `f` makes of what is under `key`.
    pub fn update<V: Into<Value>>(
        mut self,
        key: impl Into<Value>,
        f: impl FnOnce(Option<Value>) -> V,
    ) -> Result<Value> {
        let key = key.into();
        let old = self.take(&key)?;
        self.assoc(key, f(old))
    }
    /// What is under a key that is about to be changed; what is there until then is of no use.
    pub(super) fn take(&mut self, key: &Value) -> Result<Option<Value>> {
        match self {
            Value::Map(m) => m.take(key),
            Value::Vector(v) => key.as_i64().and_then(|i| u64::try_from(i).ok()).map_or(Ok(None), |i| v.take(i)),
            other => other.get(key),
        }
    }
    /// With one more element: at the end of a vector, in front of a list, in a set; a map takes a vector of two or
    /// another map; `nil` becomes a list.
    pub fn conj(self, element: impl Into<Value>) -> Result<Value> {
        let element = element.into();
        Ok(match self {
            Value::Nil => Value::List(List::new().push_front(element)),
            Value::Vector(v) => Value::Vector(v.push(element)),
            Value::List(l) => Value::List(l.push_front(element)),
            Value::Set(s) => Value::Set(s.conj(element)),
            Value::Map(m) => match element {
                Value::Map(other) => Value::Map(m.merge(&other)?),
                Value::Nil => Value::Map(m),
                Value::Vector(v) if v.len() == 2 => {
                    Value::Map(m).assoc(v.get(0)?.unwrap_or_default(), v.get(1)?.unwrap_or_default())?
                }
                other => {
                    return Err(Error::value(format!("a map takes a vector of two or a map, not {}", other.kind())));
                }
            },
            other => return Err(other.cannot("add an element to", "a collection")),
        })
    }
    /// With all elements of another collection, as Clojure's `into`.
    pub fn conj_all(self, from: &Value) -> Result<Value> {
        from.elements()?.try_fold(self, |to, element| to.conj(element?))
    }
    /// A set without an element.
    pub fn disj(self, element: impl Into<Value>) -> Result<Value> {
        match self {
            Value::Nil => Ok(Value::Nil),
            Value::Set(s) => Ok(Value::Set(s.disj(&element.into()))),
            other => Err(other.cannot("take an element out of", "a set")),
        }
    }
    /// A map with the entries of another over its own; `nil` counts as `{}`.
    pub fn merge(self, other: &Value) -> Result<Value> {
        match (self, other) {
            (Value::Map(a), Value::Map(b)) => Ok(Value::Map(a.merge(b)?)),
            (Value::Nil, Value::Map(_) | Value::Nil) => Ok(other.clone()),
            (a @ Value::Map(_), Value::Nil) => Ok(a),
            (Value::Map(_) | Value::Nil, b) => Err(b.cannot("merge", "maps")),
            (a, _) => Err(a.cannot("merge", "maps")),
        }
    }
    /// A set with all elements of another.
    pub fn union(self, other: &Value) -> Result<Value> {
        self.both_sets(other, Set::union)
    }
    /// A set with only what is in the other too.
    pub fn intersection(self, other: &Value) -> Result<Value> {
        self.both_sets(other, Set::intersection)
    }
    /// A set with only what is not in the other.
    pub fn difference(self, other: &Value) -> Result<Value> {
        self.both_sets(other, Set::difference)
    }
    fn both_sets(self, other: &Value, f: impl FnOnce(Set, &Set) -> Result<Set>) -> Result<Value> {
        let own = match self {
            Value::Set(s) => s,
            Value::Nil => Set::new(),
            other => return Err(other.cannot("join", "sets")),
        };
        match other {
            Value::Set(other) => Ok(Value::Set(f(own, other)?)),
            Value::Nil => Ok(Value::Set(f(own, &Set::new())?)),
            other => Err(other.cannot("join", "sets")),
        }
    }
    /// The last element of a vector or the first of a list taken away, as Clojure's `pop`.
    pub fn pop(self) -> Result<Value> {
        match self {
            Value::Nil => Ok(Value::Nil),
            Value::Vector(v) => Ok(Value::Vector(Vector::pop(v)?.0)),
            Value::List(l) => Ok(Value::List(l.rest()?)),
            other => Err(other.cannot("pop", "a vector or a list")),
        }
    }
}
