//! The order in which maps and sets keep what is in them.

use std::cmp::Ordering;

use super::host::Value;
use crate::error::{Error, Result};

/// The order in which a map or set keeps its entries. Equality does not look at it; going through does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[non_exhaustive]
pub enum Order {
    /// None that means anything.
    #[default]
    Hash,
    /// That of all values: [`Value::compare`].
    Sorted,
    /// That of integers, which all keys are. Only maps have it.
    Integer,
}

impl Order {
    /// An error if a map that keeps its entries so can have no such key.
    pub(crate) fn check_key(self, key: &Value) -> Result<()> {
        if self == Order::Integer { key.as_int_map_key().map(drop) } else { Ok(()) }
    }
}

impl Value {
    /// Which of the two comes first in the order of all values: as Clojure's `compare`, but for any two values; see
    /// `spec/2-values.md`. An error if a collection that lives elsewhere cannot be read.
    pub fn compare(&self, other: &Value) -> Result<Ordering> {
        crate::view::order_of_hosts(self, other)
    }
}

impl Value {
    /// As a key of an integer map. An error if it is no integer of 64 bits.
    pub(crate) fn as_int_map_key(&self) -> Result<i64> {
        self.as_i64().ok_or_else(|| {
            Error::value(format!("the keys of an integer map are integers of 64 bits; {self:?} is {}", self.kind()))
        })
    }
}

/// Where to begin in what is kept in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From<'k> {
    /// None: at the end that the direction begins at.
    pub key: Option<&'k Value>,
    /// With the key itself, if it is there.
    pub inclusive: bool,
    /// From the greater to the less.
    pub down: bool,
}

impl From<'_> {
    /// Is something with this key on the way?
    pub fn admits(&self, key: &Value) -> Result<bool> {
        let Some(start) = self.key else { return Ok(true) };
        Ok(match key.compare(start)? {
            Ordering::Equal => self.inclusive,
            Ordering::Less => self.down,
            Ordering::Greater => !self.down,
        })
    }
    /// The numbers of the entries of a base on the way: from, to.
    pub fn part(&self, len: u64, rank: impl FnOnce(&Value) -> Result<(u64, bool)>) -> Result<(u64, u64)> {
        let Some(start) = self.key else { return Ok((0, len)) };
        let (rank, found) = rank(start)?;
        Ok(match self.down {
            false => (rank + u64::from(found && !self.inclusive), len),
            true => (0, rank + u64::from(found && self.inclusive)),
        })
    }
}

type Items<'a, T> = Box<dyn Iterator<Item = Result<T>> + 'a>;

/// What a base has and what was put over it, in order. `base` leaves out what was changed.
pub(super) fn merge<'a, T: 'a>(
    base: Items<'a, T>,
    mut changed: Vec<T>,
    key: fn(&T) -> &Value,
    down: bool,
) -> Items<'a, T> {
    let compare = move |a: &T, b: &T| {
        let order = key(a).compare(key(b))?;
        Ok(if down { order.reverse() } else { order })
    };
    if let Err(e) = crate::view::sort_by_order(&mut changed, compare) {
        return Box::new(std::iter::once(Err(e)));
    }
    let (mut base, mut changed) = (base.peekable(), changed.into_iter().peekable());
    Box::new(std::iter::from_fn(move || {
        let (Some(Ok(a)), Some(b)) = (base.peek(), changed.peek()) else {
            return if base.peek().is_some() { base.next() } else { changed.next().map(Ok) };
        };
        match compare(a, b) {
            Ok(Ordering::Greater) => changed.next().map(Ok),
            Ok(_) => base.next(),
            Err(e) => Some(Err(e)),
        }
    }))
}
