//! Domains, the threads that take part in them, snapshots, and commits: what the faces are built on.

mod commit;
mod domain;
mod overflow;
mod participant;
mod snapshot;
mod swap;
mod unpinned;
mod waiting;

pub(crate) use domain::insert_name;
pub use domain::{Domain, OpenOptions, Stat};
pub(crate) use participant::current as current_participant;
pub(crate) use snapshot::Pinned;
pub use snapshot::{Made, Snapshot, Version};

use crate::layout::Off;

/// An atom of a domain: a name with a value that is swapped as a whole. Cheap to clone; may be used from any thread.
#[derive(Clone)]
pub struct Atom {
    pub(crate) domain: Domain,
    pub(crate) entry: Off,
}

/// The protocols inside, for models.
#[cfg(all(loom, test))]
pub(crate) mod models {
    pub(crate) use super::overflow::{Overflow, hand_over};
    pub(crate) use super::waiting::{announce, tell};
}
