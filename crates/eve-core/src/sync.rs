//! The one door to atomics. Everything that several threads or processes touch goes through these names, so that
//! `--cfg loom` and `--cfg shuttle` builds run the same protocols under a model checker.
#![allow(clippy::disallowed_types)]

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(shuttle)]
pub use shuttle::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(not(any(loom, shuttle)))]
pub use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

pub use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
