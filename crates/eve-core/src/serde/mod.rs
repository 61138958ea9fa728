//! Rust types as values, by serde.
//!
//! | Rust | value |
//! | --- | --- |
//! | struct | map with keywords of the fields' names; strings are read as well |
//! | sequence, tuple | vector; a list and a set are read as well |
//! | map | map with any keys |
//! | unit variant | its name, as a keyword; a string is read as well |
//! | other variant | map of one entry: the name, as a keyword, and the content |
//! | `None`, `()` | `nil`; so `Some(None)` and `Some(())` come back as `None` |
//! | `i128`, `u128` | integer of any size |
//! | bytes | bytes |
//! | `char` | character |
//!
//! What a type has no field for is not in it, so that writing it back takes it out of the atom, as always with serde. Programs of several versions that
//! share an atom change the fields they know by `assoc`, over [`Value`], or keep the others by `#[serde(flatten)]` in a map.

mod de;
mod ser;
mod stored;

pub use stored::Stored;

use std::fmt;

use crate::value::Value;
use crate::{Error, Result};

/// An error with the way to where it happened, the last step first.
#[derive(Debug)]
pub(crate) struct Failed {
    error: Error,
    way: Vec<Value>,
}

impl Failed {
    fn new(reason: impl Into<String>) -> Failed {
        Error::value(reason).into()
    }
    /// Underneath this key.
    fn under(mut self, key: impl Into<Value>) -> Failed {
        self.way.push(key.into());
        self
    }
    fn finish(mut self) -> Error {
        self.way.reverse();
        match self.error {
            Error::Value { path, reason } if path.is_empty() && !self.way.is_empty() => {
                Error::Value { path: format!("{:?}", Value::vector(self.way)), reason }
            }
            other => other,
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed { error, way: Vec::new() }
    }
}
impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
impl std::error::Error for Failed {}
impl ::serde::ser::Error for Failed {
    fn custom<T: fmt::Display>(reason: T) -> Failed {
        Failed::new(reason.to_string())
    }
}
impl ::serde::de::Error for Failed {
    fn custom<T: fmt::Display>(reason: T) -> Failed {
        Failed::new(reason.to_string())
    }
}

/// A Rust value as a value of eve. An error names the path to what cannot be one.
pub fn to_value<T: ::serde::Serialize + ?Sized>(value: &T) -> Result<Value> {
    value.serialize(ser::Serializer).map_err(Failed::finish)
}

/// A value of eve as a Rust value. An error names the path to what does not fit.
pub fn from_value<T: ::serde::de::DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(de::Deserializer(value.clone())).map_err(Failed::finish)
}
