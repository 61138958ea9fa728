//! What host collections stand on: collections that live elsewhere, as in a snapshot of an atom. They are read where they
//! are; changes are laid over them and never written through.

use std::any::Any;
use std::sync::Arc;

use super::event::{Open, Sink, Source};
use super::host::Value;
use super::order::Order;
use crate::error::{Error, Result};

/// Entries one by one, each perhaps an error.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<(Value, Value)>> + 'a>;
/// Elements one by one, each perhaps an error.
pub type Elements<'a> = Box<dyn Iterator<Item = Result<Value>> + 'a>;

/// What every collection that lives elsewhere tells.
pub trait Base: Send + Sync {
    /// Its metadata.
    fn read_meta(&self) -> Result<Option<Value>> {
        Ok(None)
    }
    /// Its metadata; none if it cannot be read.
    fn meta(&self) -> Option<Value> {
        self.read_meta().ok().flatten()
    }
    /// For whoever knows what it is.
    fn as_any(&self) -> &dyn Any;
}

/// A map that lives elsewhere.
pub trait MapBase: Base {
    /// Number of entries.
    fn len(&self) -> u64;
    /// Has it no entry?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The value under a key.
    fn get(&self, key: &Value) -> Result<Option<Value>>;
    /// Is there such a key?
    fn contains_key(&self, key: &Value) -> Result<bool> {
        Ok(self.get(key)?.is_some())
    }
    /// All entries, in the base's own order.
    fn iter(&self) -> Entries<'_>;
    /// What that order is.
    fn order(&self) -> Order {
        Order::Hash
    }
    /// How many entries come before a key, and whether it is there. An error if they have no order that means anything.
    fn rank(&self, _key: &Value) -> Result<(u64, bool)> {
        Err(no_order())
    }
    /// The entries from one number up to, but not including, another one; with `down` from the last of them to the first.
    fn between(&self, _from: u64, _to: u64, _down: bool) -> Entries<'_> {
        Box::new(std::iter::once(Err(no_order())))
    }
    /// Sends all of it, without metadata.
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        sink.begin(Open::map(self.order()))?;
        for entry in self.iter() {
            let (key, value) = entry?;
            key.emit(sink)?;
            value.emit(sink)?;
        }
        sink.end()
    }
}

/// A set that lives elsewhere.
pub trait SetBase: Base {
    /// Number of elements.
    fn len(&self) -> u64;
    /// Has it no element?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Is it an element?
    fn contains(&self, element: &Value) -> Result<bool>;
    /// All elements, in the base's own order.
    fn iter(&self) -> Elements<'_>;
    /// What that order is.
    fn order(&self) -> Order {
        Order::Hash
    }
    /// As of [`MapBase`].
    fn rank(&self, _element: &Value) -> Result<(u64, bool)> {
        Err(no_order())
    }
    /// As of [`MapBase`].
    fn between(&self, _from: u64, _to: u64, _down: bool) -> Elements<'_> {
        Box::new(std::iter::once(Err(no_order())))
    }
    /// Sends all of it, without metadata.
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        emit_all(Open::set(self.order()), self.iter(), sink)
    }
}

/// A vector that lives elsewhere.
pub trait VectorBase: Base {
    /// Number of elements.
    fn len(&self) -> u64;
    /// Has it no element?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// An element; `None` past the end.
    fn get(&self, index: u64) -> Result<Option<Value>>;
    /// The elements from an index on.
    fn iter_from(&self, index: u64) -> Elements<'_>;
    /// Sends all of it, without metadata.
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        emit_all(Open::Vector, self.iter_from(0), sink)
    }
}

/// A list that lives elsewhere. Never empty: an empty list needs no base.
#[allow(clippy::len_without_is_empty)] // it would always be false
pub trait ListBase: Base {
    /// Number of elements, at least 1.
    fn len(&self) -> u64;
    /// The first element.
    fn first(&self) -> Result<Value>;
    /// The list behind the first element; `None` if that is empty. No metadata.
    fn rest(&self) -> Result<Option<Arc<dyn ListBase>>>;
    /// All elements from the first on.
    fn iter(&self) -> Elements<'_>;
    /// Sends all of it, without metadata.
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        emit_all(Open::List, self.iter(), sink)
    }
}

fn no_order() -> Error {
    Error::value("only what is kept in the order of its keys can be read from a key on")
}

fn emit_all(open: Open<'_>, elements: Elements<'_>, sink: &mut dyn Sink) -> Result<()> {
    sink.begin(open)?;
    for element in elements {
        element?.emit(sink)?;
    }
    sink.end()
}
