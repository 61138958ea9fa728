//! What tests of eve are made of. Not published.

pub mod child;
pub mod faults;
pub mod fuzz;
pub mod golden;
pub mod pack;

pub use faults::{Call, Faults, FaultyRegion};
