//! The engine of eve: persistent collections in shared memory, inside atoms that many processes swap by one
//! compare-and-swap. See ARCHITECTURE.md for the layers; the Rust face that users see is the crate `eve`.

pub mod arena;
mod deep;
pub mod error;
pub mod layout;
pub mod region;
pub mod sync;
mod table;
pub mod value;

pub use deep::deep;
pub use error::{Error, Result};
