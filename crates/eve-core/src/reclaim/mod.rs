//! Who takes part in a domain, what they may be reading, and when a block that left the current version may be reused.
//!
//! `chunks` keeps the lists of processes and participants; `pins` says what is being read; `limbo` holds what is retired
//! until no pin meets it; `edges` counts parents; `journal` is what a participant was about to do, and `recover` finishes
//! or undoes it for a participant that died. `slots` says which slot a participant gets.

pub(crate) mod chunks;
pub(crate) mod collector;
pub(crate) mod edges;
pub(crate) mod journal;
pub(crate) mod limbo;
pub(crate) mod pins;
pub(crate) mod recover;
pub(crate) mod slots;
