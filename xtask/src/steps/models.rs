//! The engine's protocols under model checkers: the short form of `cargo xtask model`.

use super::{Step, counted};
use crate::model::short;

/// Orderings.
pub const LOOM: Step = Step {
    name: "loom",
    about: "small protocols of the engine, with every execution that the memory model allows",
    run: || counted(&mut short("loom")),
};

/// Schedules.
pub const SHUTTLE: Step = Step {
    name: "shuttle",
    about: "whole operations of the engine under random schedules, with threads killed in between",
    run: || counted(&mut short("shuttle")),
};
