//! Rust values to values and back. What does not convert back is an error that says what was found.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::{Duration, SystemTime};

use super::host::Value;
use super::list::List;
use super::map::Map;
use super::number;
use super::set::Set;
use super::text::Str;
use super::vector::Vector;
use crate::error::{Error, Result};

macro_rules! from {
    ($($from:ty => |$x:ident| $to:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from($x: $from) -> Value {
                $to
            }
        })*
    };
}

from! {
    bool => |b| Value::Bool(b),
    i8 => |i| Value::Int(i.into()),
    i16 => |i| Value::Int(i.into()),
    i32 => |i| Value::Int(i.into()),
    i64 => |i| Value::Int(i),
    u16 => |i| Value::Int(i.into()),
    u32 => |i| Value::Int(i.into()),
    u64 => |i| i128::from(i).into(),
    usize => |i| (i as u64).into(),
    i128 => |i| Value::big_int(&i.to_le_bytes()),
    u128 => |i| {
        let mut bytes = [0; 17];
        bytes[..16].copy_from_slice(&i.to_le_bytes());
        Value::big_int(&bytes)
    },
    f32 => |f| Value::Float(f.into()),
    f64 => |f| Value::Float(f),
    char => |c| Value::Char(c.into()),
    &str => |s| Value::Str(s.into()),
    &String => |s| Value::Str(s.as_str().into()),
    String => |s| Value::Str(s.into()),
    Str => |s| Value::Str(s),
    &[u8] => |b| Value::Bytes(b.into()),
    [u8; 16] => |b| Value::Uuid(b),
    Map => |m| Value::Map(m),
    Set => |s| Value::Set(s),
    Vector => |v| Value::Vector(v),
    List => |l| Value::List(l),
    &Value => |v| v.clone(),
    () => |_unit| Value::Nil,
    SystemTime => |time| match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Value::Instant { seconds: after.as_secs() as i64, nanos: after.subsec_nanos() },
        Err(before) => {
            let before = before.duration();
            let whole = before.subsec_nanos() == 0;
            Value::Instant {
                seconds: -(before.as_secs() as i64) - !whole as i64,
                nanos: if whole { 0 } else { 1_000_000_000 - before.subsec_nanos() },
            }
        }
    },
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Nil, Into::into)
    }
}
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Value {
        Value::Vector(elements.into_iter().collect())
    }
}
impl<K: Into<Value>, V: Into<Value>, S> From<HashMap<K, V, S>> for Value {
    fn from(map: HashMap<K, V, S>) -> Value {
        Value::Map(map.into_iter().collect())
    }
}
impl<K: Into<Value>, V: Into<Value>> From<BTreeMap<K, V>> for Value {
    fn from(map: BTreeMap<K, V>) -> Value {
        Value::Map(map.into_iter().collect())
    }
}
impl<T: Into<Value>, S> From<HashSet<T, S>> for Value {
    fn from(set: HashSet<T, S>) -> Value {
        Value::Set(set.into_iter().collect())
    }
}
impl<T: Into<Value>> From<BTreeSet<T>> for Value {
    fn from(set: BTreeSet<T>) -> Value {
        Value::Set(set.into_iter().collect())
    }
}

impl Value {
    /// A map of these entries; of equal keys the last counts.
    pub fn map<K: Into<Value>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Value {
        Value::Map(entries.into_iter().collect())
    }
    /// A set of these elements.
    pub fn set<T: Into<Value>>(elements: impl IntoIterator<Item = T>) -> Value {
        Value::Set(elements.into_iter().collect())
    }
    /// A vector of these elements.
    pub fn vector<T: Into<Value>>(elements: impl IntoIterator<Item = T>) -> Value {
        Value::Vector(elements.into_iter().collect())
    }
    /// A list of these elements.
    pub fn list<T: Into<Value>>(elements: impl IntoIterator<Item = T>) -> Value {
        Value::List(elements.into_iter().collect())
    }
    /// The integer, if it is one of 128 bits.
    pub fn as_i128(&self) -> Option<i128> {
        match self {
            Value::Int(i) => Some((*i).into()),
            Value::BigInt(bytes) => number::to_i128(bytes),
            _ => None,
        }
    }
    /// The integer, if it is one of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_i128()?.try_into().ok()
    }
    /// The double, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        if let Value::Float(f) = self { Some(*f) } else { None }
    }
    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }
    /// The string, if it is one without lone surrogates.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Str(s) = self { s.as_str() } else { None }
    }
    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(m) = self { Some(m) } else { None }
    }
    /// The set, if it is one.
    pub fn as_set(&self) -> Option<&Set> {
        if let Value::Set(s) = self { Some(s) } else { None }
    }
    /// The vector, if it is one.
    pub fn as_vector(&self) -> Option<&Vector> {
        if let Value::Vector(v) = self { Some(v) } else { None }
    }
    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&List> {
        if let Value::List(l) = self { Some(l) } else { None }
    }
    fn not(&self, wanted: &str) -> Error {
        Error::value(format!("expected {wanted}, found {}", self.kind()))
    }
}

macro_rules! try_from {
    ($($to:ty, $wanted:literal => |$v:ident| $some:expr),* $(,)?) => {
        $(impl TryFrom<&Value> for $to {
            type Error = Error;
            fn try_from($v: &Value) -> Result<$to> {
                $some.ok_or_else(|| $v.not($wanted))
            }
        }
        impl TryFrom<Value> for $to {
            type Error = Error;
            fn try_from(value: Value) -> Result<$to> {
                <$to>::try_from(&value)
            }
        })*
    };
}

try_from! {
    bool, "a boolean" => |v| v.as_bool(),
    i8, "an integer of 8 bits" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    i16, "an integer of 16 bits" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    i32, "an integer of 32 bits" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    i64, "an integer of 64 bits" => |v| v.as_i64(),
    i128, "an integer of 128 bits" => |v| v.as_i128(),
    u8, "an integer from 0 to 255" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    u16, "an unsigned integer of 16 bits" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    u32, "an unsigned integer of 32 bits" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    u64, "an unsigned integer of 64 bits" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    usize, "a size" => |v| v.as_i128().and_then(|i| i.try_into().ok()),
    f64, "a float" => |v| v.as_f64(),
    char, "a character" => |v| if let Value::Char(c) = v { char::from_u32(*c) } else { None },
    String, "a string without lone surrogates" => |v| v.as_str().map(String::from),
    [u8; 16], "a uuid" => |v| if let Value::Uuid(b) = v { Some(*b) } else { None },
    Map, "a map" => |v| v.as_map().cloned(),
    Set, "a set" => |v| v.as_set().cloned(),
    Vector, "a vector" => |v| v.as_vector().cloned(),
    List, "a list" => |v| v.as_list().cloned(),
    SystemTime, "an instant that this system has" => |v| match v {
        Value::Instant { seconds: s @ 0.., nanos } => SystemTime::UNIX_EPOCH.checked_add(Duration::new(*s as u64, *nanos)),
        Value::Instant { seconds, nanos } => SystemTime::UNIX_EPOCH
            .checked_sub(Duration::new(seconds.unsigned_abs(), 0))
            .and_then(|time| time.checked_add(Duration::new(0, *nanos))),
        _ => None,
    },
}

impl<T: TryFrom<Value, Error = Error>> TryFrom<Value> for Vec<T> {
    type Error = Error;
    fn try_from(value: Value) -> Result<Vec<T>> {
        value.elements()?.map(|element| T::try_from(element?)).collect()
    }
}
