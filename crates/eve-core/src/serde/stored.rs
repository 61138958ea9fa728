//! What an atom can hold as its type.

use super::{from_value, to_value};
use crate::error::Result;
use crate::value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A type that an atom can have: [`Value`] itself, which is read where it lies, or any type that serde can write and read,
/// which is converted as a whole.
///
/// It is implemented for all of them; there is no need to implement it.
pub trait Stored: Sized {
    /// As a value. Costs a walk over all of it; nothing for a [`Value`].
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value), naming the path to what cannot be stored.
    fn to_stored(&self) -> Result<Value>;
    /// From a value. Costs a walk over all of it; nothing for a [`Value`].
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value), naming the path to what does not fit the type.
    fn from_stored(value: Value) -> Result<Self>;
}

impl<T: Serialize + DeserializeOwned> Stored for T {
    fn to_stored(&self) -> Result<Value> {
        to_value(self)
    }
    fn from_stored(value: Value) -> Result<T> {
        from_value(&value)
    }
}

impl Stored for Value {
    fn to_stored(&self) -> Result<Value> {
        Ok(self.clone())
    }
    fn from_stored(value: Value) -> Result<Value> {
        Ok(value)
    }
}
