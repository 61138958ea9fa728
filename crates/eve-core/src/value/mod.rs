//! Values: what a word says (`view`), and what user code makes of it before a commit (`host`).

mod array;
pub mod base;
pub mod build;
mod changes;
mod column;
mod convert;
pub mod event;
mod hash;
pub mod host;
mod list;
mod map;
pub mod number;
mod ops;
mod order;
mod over;
mod path;
pub mod print;
mod records;
mod release;
#[cfg(test)]
mod rings;
pub mod scalar;
mod set;
pub(crate) mod shared;
#[cfg(test)]
mod tests;
pub mod text;
pub(crate) mod typed;
mod vector;

pub use array::Array;
pub use base::{Base, ListBase, MapBase, SetBase, VectorBase};
pub use build::Builder;
pub use column::Column;
pub use event::{Open, Sink, Source, WithoutMeta};
pub use host::{Ratio, Tagged, Value};
pub use list::List;
pub use map::Map;
pub use order::Order;
pub use print::Printer;
pub use records::{Records, Schema};
pub use scalar::{Scalar, Text};
pub use set::Set;
pub use text::{Name, Str};
pub use vector::Vector;
