//! The one door to atomics. Everything that several threads or processes touch goes through these names, so that
//! `--cfg loom` and `--cfg shuttle` builds run the same protocols under a model checker: see `docs/models.md`.
#![allow(clippy::disallowed_types)]

#[cfg(shuttle)]
pub use {
    crate::models::steps::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Mutex, fence},
    shuttle::{thread::yield_now, thread_local},
    std::sync::{MutexGuard, atomic::Ordering},
};
#[cfg(not(any(loom, shuttle)))]
pub use {
    bookkeeping::{AtomicU8, AtomicU16, AtomicU32, AtomicU64},
    std::sync::atomic::{Ordering, fence},
    std::sync::{Mutex, MutexGuard},
    std::thread::yield_now,
    std::thread_local,
};
#[cfg(loom)]
pub use {
    loom::{
        sync::atomic::{AtomicU32, AtomicU64, Ordering, fence},
        sync::{Mutex, MutexGuard},
        thread::yield_now,
    },
    std::thread_local, // its models give each thread its participant by hand
};

pub use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Between two SeqCst accesses whose one total order matters: loom has that order for fences only. Nothing elsewhere.
#[inline(always)]
pub fn loom_order() {
    #[cfg(loom)]
    fence(SeqCst);
}

/// Brings a word in for writing, if it still holds `value`: the page is there and the line is ours, so that what follows takes a few cycles. Most of
/// those that are killed die while they wait for memory, and what is written in two steps should not come apart there. A model does not wait.
#[inline(always)]
pub fn bring_in(word: &AtomicU64, value: u64) -> Result<(), u64> {
    if cfg!(any(loom, shuttle)) {
        return Ok(());
    }
    word.compare_exchange(value, value, Relaxed, Relaxed).map(drop) // Relaxed: it changes nothing
}

/// Waits for others who take a while. In a model they go on at once.
pub fn nap(time: std::time::Duration) {
    match cfg!(any(loom, shuttle)) {
        true => yield_now(),
        false => std::thread::sleep(time),
    }
}

/// Atomics for the statics of one process: a model checker's cannot be made in a `static`, and what a process keeps about
/// itself is in no protocol that one runs.
pub mod bookkeeping {
    // Aliases, not re-exports: the lint against the direct way looks through those.

    /// 8 bits.
    pub type AtomicU8 = std::sync::atomic::AtomicU8;
    /// 16 bits.
    pub type AtomicU16 = std::sync::atomic::AtomicU16;
    /// 32 bits.
    pub type AtomicU32 = std::sync::atomic::AtomicU32;
    /// 64 bits.
    pub type AtomicU64 = std::sync::atomic::AtomicU64;
    pub use std::sync::atomic::Ordering;
}
