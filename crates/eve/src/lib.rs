//! The Rust face of eve.

mod serde;
pub mod text;

pub use crate::serde::{from_value, to_value};
pub use eve_core::value::{self, List, Map, Name, Set, Str, Value, Vector};
pub use eve_core::{Error, Result};
