//! The hash of host values for Rust's own maps and sets. (The one of stored values is in `view/hash.rs`.)
//!
//! What cannot be read equals nothing, so its hash is of no account; but nothing more is read then. A damaged file may have values inside
//! themselves, and whoever goes on after the error that says so comes to no end.

use super::base::Elements;
use super::host::Value;
use super::list::List;
use super::map::Map;
use super::number;
use super::set::Set;
use super::vector::Vector;
use crate::deep::deep;
use crate::error::Result;
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::sync::OnceLock;

/// A hasher that does not depend on the state of another one, so that such hashes can be added in any order.
fn alone() -> DefaultHasher {
    static STATE: OnceLock<RandomState> = OnceLock::new();
    STATE.get_or_init(RandomState::new).build_hasher()
}

impl Value {
    /// Hashes it, up to what cannot be read.
    fn feed<H: Hasher>(&self, state: &mut H) -> Result<()> {
        // Equal values of different variants share a number.
        match self {
            Value::Nil => state.write_u8(0),
            Value::Bool(b) => (1u8, b).hash(state),
            Value::Int(i) => (2u8, i).hash(state),
            Value::BigInt(bytes) => match number::to_i64(bytes) {
                Some(i) => (2u8, i).hash(state),
                None => (3u8, number::trim(bytes)).hash(state),
            },
            Value::Float(f) => {
                let bits = if *f == 0.0 {
                    0
                } else if f.is_nan() {
                    f64::NAN.to_bits()
                } else {
                    f.to_bits()
                };
                (4u8, bits).hash(state);
            }
            Value::Char(c) => (5u8, c).hash(state),
            Value::Str(s) => (6u8, s).hash(state),
            Value::Keyword(n) => (7u8, n).hash(state),
            Value::Symbol(n) => (8u8, n).hash(state),
            Value::Decimal { scale, unscaled } => (9u8, number::canonical_decimal(*scale, unscaled)).hash(state),
            Value::Ratio(r) => (10u8, r).hash(state),
            Value::Uuid(bytes) => (11u8, bytes).hash(state),
            Value::Instant { seconds, nanos } => (12u8, seconds, nanos).hash(state),
            Value::Bytes(bytes) => (13u8, bytes).hash(state),
            Value::Map(map) => return deep(|| feed_map(map, state)),
            Value::Set(set) => return deep(|| feed_set(set, state)),
            Value::Vector(vector) => return deep(|| feed_elements(vector.iter(), state)),
            Value::List(list) => return deep(|| feed_elements(list.iter(), state)),
            Value::Tagged(tagged) => {
                (17u8, tagged.tag()).hash(state);
                return deep(|| tagged.value().feed(state));
            }
            Value::Array(a) => (18u8, a).hash(state),
            Value::Records(r) => (19u8, r).hash(state),
        }
        Ok(())
    }
}

fn feed_map<H: Hasher>(map: &Map, state: &mut H) -> Result<()> {
    let mut sum = 0u64;
    for entry in map.iter() {
        let ((key, value), mut one) = (entry?, alone());
        key.feed(&mut one)?;
        value.feed(&mut one)?;
        sum = sum.wrapping_add(one.finish());
    }
    (14u8, sum).hash(state);
    Ok(())
}

fn feed_set<H: Hasher>(set: &Set, state: &mut H) -> Result<()> {
    let mut sum = 0u64;
    for element in set.iter() {
        let mut one = alone();
        element?.feed(&mut one)?;
        sum = sum.wrapping_add(one.finish());
    }
    (15u8, sum).hash(state);
    Ok(())
}

/// Of vectors and lists alike, since they may be equal.
fn feed_elements<H: Hasher>(elements: Elements<'_>, state: &mut H) -> Result<()> {
    state.write_u8(16);
    let mut n = 0u64;
    for element in elements {
        element?.feed(state)?;
        n += 1;
    }
    n.hash(state);
    Ok(())
}

macro_rules! hash {
    ($($type:ty => |$it:ident, $state:ident| $feed:expr;)*) => {$(
        impl Hash for $type {
            fn hash<H: Hasher>(&self, $state: &mut H) {
                let $it = self;
                let _: Result<()> = $feed; // what cannot be read equals nothing, whatever its hash
            }
        }
    )*};
}

hash! {
    Value => |value, state| value.feed(state);
    Map => |map, state| feed_map(map, state);
    Set => |set, state| feed_set(set, state);
    Vector => |vector, state| feed_elements(vector.iter(), state);
    List => |list, state| feed_elements(list.iter(), state);
}
