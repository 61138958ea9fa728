//! What tests of eve are made of. Not published.

pub mod child;
pub mod faults;
pub mod fuzz;
pub mod golden;
pub mod pack;
pub mod programs;
mod rng;

pub use faults::{Call, Faults, FaultyRegion};
pub use rng::Rng;
