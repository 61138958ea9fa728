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

/// Deeper nesting than this is refused.
pub const MAX_DEPTH: usize = 1_000_000;

#[cfg(test)]
mod tests;
