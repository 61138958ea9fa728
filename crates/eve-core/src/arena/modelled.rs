//! The words of a domain under loom. Its atomics keep a history, so they cannot lie in raw memory: a table has one for each word
//! that is touched, made with the value that the memory has. Plain accesses go through the same table.
//!
//! An atomic is known to other threads only after what happens before its making, so a model touches the words that threads are
//! going to meet at without that ([`Words::prepare`]).
#![allow(clippy::disallowed_types)]

use crate::layout::Off;
use crate::sync::{AtomicU64, Ordering::Relaxed};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The words that were touched.
#[derive(Default)]
pub(super) struct Words {
    atomics: Mutex<HashMap<u64, Box<AtomicU64>>>,
    copies: Mutex<Vec<Box<[u64]>>>,
}

impl Words {
    /// The atomic of the word at `off`, over memory that begins at `base`.
    pub fn word(&self, base: *mut u8, off: Off) -> &AtomicU64 {
        let mut atomics = self.atomics.lock().unwrap_or_else(PoisonError::into_inner);
        let atomic = atomics.entry(off.0).or_insert_with(|| {
            // SAFETY: the caller has checked the offset; nobody writes to the memory itself while the table is in use.
            Box::new(AtomicU64::new(unsafe { *base.add(off.0 as usize).cast::<u64>() }))
        });
        // SAFETY: the box is never replaced nor removed while the table lives, and does not move with the map.
        unsafe { &*std::ptr::from_ref::<AtomicU64>(atomic) }
    }
    /// Touches `n` words from `off` on, so that all threads made later know them.
    pub fn prepare(&self, base: *mut u8, off: Off, n: u64) {
        for i in 0..n {
            self.word(base, off.at(i));
        }
    }
    /// What `n` words hold, as a copy that lives as long as the table.
    pub fn words(&self, base: *mut u8, off: Off, n: u64) -> &[u64] {
        let copy: Box<[u64]> = (0..n).map(|i| self.word(base, off.at(i)).load(Relaxed)).collect();
        // SAFETY: the copies are never removed while the table lives, and the box does not move with the list.
        let words = unsafe { &*std::ptr::from_ref::<[u64]>(&copy) };
        self.copies.lock().unwrap_or_else(PoisonError::into_inner).push(copy);
        words
    }
    /// Writes words.
    pub fn write(&self, base: *mut u8, off: Off, words: &[u64]) {
        for (i, &word) in (0..).zip(words) {
            self.word(base, off.at(i)).store(word, Relaxed);
        }
    }
    /// Writes bytes.
    pub fn write_bytes(&self, base: *mut u8, off: Off, bytes: &[u8]) {
        for (i, &byte) in (0..).zip(bytes) {
            let at = off.0 + i;
            let (word, shift) = (self.word(base, Off(at & !7)), at % 8 * 8);
            word.store(word.load(Relaxed) & !(0xFF << shift) | u64::from(byte) << shift, Relaxed);
        }
    }
}
