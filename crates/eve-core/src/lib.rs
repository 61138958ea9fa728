//! The engine of eve: persistent collections in shared memory, inside atoms that many processes swap by one
//! compare-and-swap. See ARCHITECTURE.md for the layers; the Rust face that users see is the crate `eve`.

#[macro_use]
#[doc(hidden)]
pub mod crash;

pub mod arena;
pub mod atom;
pub mod check;
mod deep;
pub mod error;
pub mod face;
mod heap;
pub mod layout;
#[cfg(any(shuttle, all(loom, test)))]
pub mod models;
mod patch;
mod reclaim;
pub mod region;
#[cfg(feature = "serde")]
pub mod serde;
pub mod sync;
mod table;
mod trie;
pub mod typed;
pub mod value;
pub mod view;

pub use atom::{Atom, Domain, OpenOptions, Snapshot, Stat};
pub use deep::deep;
pub use error::{Error, Result};
