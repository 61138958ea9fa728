//! Random programs: several workers, each a thread of some process, change values by random grafts, moves, drops, copies and
//! put-backs, beside a plain model. A worker has an atom of its own, and a key of its own in an atom that all of them swap; so what
//! it finds there can be compared with its model, whatever the others do. Some of its changes are patches, as faces send them, in large maps that
//! all share.

mod action;
mod child;
#[cfg(feature = "crash-points")]
mod crashes;
mod driver;
mod model;
mod patches;
mod worker;

pub use action::{Action, Change, LIMIT, Source};
pub use child::{CHILD, COLLECT, Running, Task};
#[cfg(feature = "crash-points")]
pub use crashes::{Crashes, crashes};
pub use driver::{Done, Plan, after_kills, batches, kills};
pub use model::Model;
pub use worker::{HOT, Place, SHARED, Worker};
