//! What tests of eve are made of. Not published.

pub mod faults;
pub mod programs;
mod rng;

pub use rng::Rng;

pub use faults::{Call, Faults, FaultyRegion};
