//! What tests of eve are made of. Not published.

pub mod faults;

pub use faults::{Call, Faults, FaultyRegion};
