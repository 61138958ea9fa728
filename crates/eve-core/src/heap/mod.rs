//! Blocks and pages.
//!
//! A participant takes blocks from its magazines: small stacks of free blocks, one a size class, in its slot. An empty magazine
//! is filled from the page that the participant owns for that class; a full one is emptied into the bitmaps of the pages its
//! blocks came from, whoever owns those. A page that nobody owns and that has enough free blocks stands on the stack of its
//! class, from which the next participant in need takes it; so pages have no home that could be orphaned.
//!
//! A process that dies between two steps leaves blocks marked as used that are not: too much memory, never too little.

mod class_stack;
mod magazine;
mod pages;

pub(crate) use magazine::empty_magazines;
pub(crate) use pages::{count_pages, page_map_end, take_pages};

use crate::arena::Arena;
use crate::layout::Off;
use crate::sync::{AtomicU64, Relaxed, Release};

/// A participant's slot, seen by its owner (or by whoever recovers it).
#[derive(Clone, Copy)]
pub(crate) struct Slot<'a> {
    pub arena: &'a Arena,
    pub off: Off,
}

impl<'a> Slot<'a> {
    /// A word of the slot.
    #[inline]
    pub fn word(&self, index: u64) -> &'a AtomicU64 {
        self.arena.word(self.off.at(index))
    }
    /// Reads a word that only this participant writes.
    #[inline]
    pub fn get(&self, index: u64) -> u64 {
        self.word(index).load(Relaxed) // our own writes, in program order
    }
    /// Writes a word that only this participant writes. Release: a successor who sees a later write sees this one.
    #[inline]
    pub fn set(&self, index: u64, value: u64) {
        self.word(index).store(value, Release);
    }
}
