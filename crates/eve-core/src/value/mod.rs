//! Values: what a word says (`view`), and what user code makes of it before a commit (`host`).

pub mod scalar;

pub use scalar::{Scalar, Text};
