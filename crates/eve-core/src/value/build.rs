//! Host values from events.

use super::array::Array;
use super::column::Column;
use super::event::{Open, Sink};
use super::host::Value;
use super::map::Map;
use super::order::Order;
use super::records::Records;
use super::scalar::Scalar;
use super::set::Set;
use super::typed::Typed;
use crate::error::{Error, Result};

/// Builds a value from the events that it is sent. However deep it is, the stack is not used.
#[derive(Default)]
pub struct Builder {
    frames: Vec<Frame>,
    done: Option<Value>,
    last_wins: bool,
}

enum Frame {
    Map {
        map: Map,
        key: Option<Value>,
    },
    Set(Set),
    Vector(Vec<Value>),
    List(Vec<Value>),
    Tag {
        tag: Value,
        value: Option<Value>,
    },
    Meta {
        meta: Option<Value>,
        value: Option<Value>,
    },
    Typed {
        what: Typed,
        value: Option<Value>,
    },
    /// The map of a typed object, in the order in which its fields come: as a vector of keys and values by turns.
    Fields(Vec<Value>),
}

impl Builder {
    /// A key that a map has, or an element that a set has already, is an error.
    pub fn new() -> Builder {
        Builder::default()
    }
    /// Of equal keys, the last one's value stays.
    pub fn last_wins() -> Builder {
        Builder { last_wins: true, ..Builder::default() }
    }
    /// The value, when all of it has been sent; the builder can then take another.
    pub fn take(&mut self) -> Result<Value> {
        if !self.frames.is_empty() {
            return Err(Error::value(format!("{} collections were begun and not ended", self.frames.len())));
        }
        self.done.take().ok_or_else(|| Error::value("there is no value"))
    }
    fn put(&mut self, value: Value) -> Result<()> {
        let duplicate = |what: &str, value: &Value| Err(Error::value(format!("duplicate {what} {value:?}")));
        match self.frames.last_mut() {
            None => self.done = Some(value),
            Some(Frame::Map { map, key }) => match key.take() {
                None if !self.last_wins && map.contains_key(&value)? => return duplicate("key", &value),
                None => *key = Some(value),
                Some(key) => {
                    map.check_key(&key)?;
                    map.insert(key, value);
                }
            },
            Some(Frame::Set(set)) => {
                if !self.last_wins && set.contains(&value)? {
                    return duplicate("element", &value);
                }
                set.insert(value);
            }
            Some(Frame::Vector(all) | Frame::List(all)) => all.push(value),
            Some(Frame::Tag { value: slot, .. } | Frame::Typed { value: slot, .. }) => *slot = Some(value),
            Some(Frame::Fields(all)) => all.push(value),
            Some(Frame::Meta { meta, value: slot }) => match meta {
                None => *meta = Some(meta_map(value)?),
                Some(_) => *slot = Some(value),
            },
        }
        Ok(())
    }
}

/// The short forms of metadata: `^:key` and `^Tag` and `^[…]`.
fn meta_map(meta: Value) -> Result<Value> {
    Ok(match meta {
        Value::Map(_) => meta,
        Value::Keyword(_) => Value::Map(Map::new().assoc(meta, true)),
        Value::Symbol(_) | Value::Str(_) => Value::Map(Map::new().assoc(Value::keyword("tag"), meta)),
        Value::Vector(_) => Value::Map(Map::new().assoc(Value::keyword("param-tags"), meta)),
        other => {
            return Err(Error::value(format!(
                "metadata is a map, keyword, symbol, string or vector, not {}",
                other.kind()
            )));
        }
    })
}

impl Sink for Builder {
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()> {
        self.put(scalar.into())
    }
    fn begin(&mut self, open: Open<'_>) -> Result<()> {
        let in_object = matches!(self.frames.last(), Some(Frame::Typed { what: Typed::Object | Typed::Objects, .. }));
        self.frames.push(match open {
            Open::Map if in_object => Frame::Fields(Vec::new()),
            Open::Map => Frame::Map { map: Map::new(), key: None },
            Open::Set => Frame::Set(Set::new()),
            Open::Vector => Frame::Vector(Vec::new()),
            Open::List => Frame::List(Vec::new()),
            Open::Tag(tag) => Frame::Tag { tag: Value::wtf8(tag), value: None },
            Open::SortedMap | Open::IntMap => {
                let order = if open == Open::IntMap { Order::Integer } else { Order::Sorted };
                Frame::Map { map: Map::ordered(order), key: None }
            }
            Open::SortedSet => Frame::Set(Set::sorted()),
            Open::Meta => Frame::Meta { meta: None, value: None },
            Open::Array => Frame::Typed { what: Typed::Array, value: None },
            Open::Object => Frame::Typed { what: Typed::Object, value: None },
            Open::Objects => Frame::Typed { what: Typed::Objects, value: None },
        });
        Ok(())
    }
    fn end(&mut self) -> Result<()> {
        let value = match self.frames.pop() {
            None => return Err(Error::value("nothing is open that could end")),
            Some(Frame::Map { key: Some(key), .. }) => {
                return Err(Error::value(format!("the key {key:?} has no value")));
            }
            Some(Frame::Map { map, key: None }) => Value::Map(map),
            Some(Frame::Set(set)) => Value::Set(set),
            Some(Frame::Vector(all)) => Value::Vector(all.into()),
            Some(Frame::List(all)) => Value::List(all.into()),
            Some(Frame::Tag { tag: Value::Str(tag), value: Some(value) }) => Value::tagged(tag, value),
            Some(Frame::Tag { .. }) => return Err(Error::value("a tag without a value")),
            Some(Frame::Meta { meta: Some(meta), value: Some(value) }) => with_meta(value, meta)?,
            Some(Frame::Typed { what, value }) => what.value(value.unwrap_or_default())?,
            Some(Frame::Fields(all)) => Value::Vector(all.into()),
            Some(Frame::Meta { .. }) => return Err(Error::value("metadata without a value that has it")),
        };
        self.put(value)
    }
    fn array(&mut self, column: &Column<'_>) -> Result<()> {
        self.put(Value::Array(Array::from_bytes(column.element(), column.to_bytes()?)?))
    }
    fn records(&mut self, records: &Records) -> Result<()> {
        self.put(Value::Records(records.to_own()?))
    }
}

/// Metadata of a symbol is read and left out: only collections have room for it.
fn with_meta(value: Value, meta: Value) -> Result<Value> {
    if let Value::Symbol(_) = value {
        return Ok(value);
    }
    let meta = match (value.meta(), meta) {
        (Some(Value::Map(inner)), Value::Map(outer)) => Value::Map(inner.merge(&outer)?),
        (_, meta) => meta,
    };
    value.with_meta(Some(meta))
}
