//! Values as text: EDN and JSON, read value by value from memory or from any source of bytes, and written to any destination.

pub mod edn;
mod input;
pub mod json;
mod literal;
mod number;
mod out;
mod pretty;
mod values;

pub use values::{ReadNext, Values};

/// Deeper nesting than this is refused. A level of what is stored, of which there may be a million, has up to a few in text: a tag, metadata,
/// the map of a dump around it.
pub const MAX_DEPTH: usize = 4_000_000;

#[cfg(test)]
mod tests;
