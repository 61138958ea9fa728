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
#[cfg(all(test, not(any(loom, shuttle))))]
mod tests;

pub(crate) use class_stack::pages_listed;
pub(crate) use magazine::{
    bit_of, bitmap_store, bitmap_word, empty_magazines, forget_damaged, refills, release_block, release_page,
    valid_bits,
};
pub(crate) use pages::{
    count_pages, give_lost_page, give_pages, is_punched, is_used, page_map_end, page_map_store, shrink, state_of,
    take_pages,
};

use crate::arena::Arena;
use crate::layout::Off;
use crate::layout::slot::slot;
use crate::sync::{AtomicU64, Relaxed, Release, fence};

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

/// While it lives, the participant of a slot changes something: see [`crate::layout::slot::slot::ACTIVITY`].
pub(crate) struct Active<'a>(Option<Slot<'a>>);

impl<'a> Slot<'a> {
    /// Says that the participant changes something from now on, until the answer is dropped. May be nested.
    #[inline]
    pub fn begin(self) -> Active<'a> {
        let before = self.get(slot::ACTIVITY);
        if before & 1 == 1 {
            return Active(None);
        }
        self.word(slot::ACTIVITY).store(before.wrapping_add(1), Relaxed); // ordered by the fence
        fence(Release); // whoever sees one of the changes sees that they are under way
        Active(Some(self))
    }
}

impl Slot<'_> {
    /// The same for the successor of a dead participant, which may have died in the middle of a change.
    pub fn begin_as_successor(self) {
        self.word(slot::ACTIVITY).fetch_or(1, Relaxed); // the caller's fence orders it
    }
    /// The change that was under way is over.
    pub fn end_as_successor(self) {
        self.set(slot::ACTIVITY, self.get(slot::ACTIVITY).wrapping_add(1)); // after all the changes
    }
}

impl Active<'_> {
    /// Was the participant changing something already?
    #[inline]
    pub fn is_nested(&self) -> bool {
        self.0.is_none()
    }
}

impl Drop for Active<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = self.0 {
            slot.set(slot::ACTIVITY, slot.get(slot::ACTIVITY).wrapping_add(1)); // after all the changes
        }
    }
}

/// The protocols inside, for models.
#[cfg(all(loom, test))]
pub(crate) mod models {
    pub(crate) use super::class_stack::sweep;
    pub(crate) use super::magazine::{release_block, release_page};
    pub(crate) use super::pages::give_pages;

    pub(crate) fn push(arena: &super::Arena, class: usize, page: u64) {
        super::class_stack::push(arena, class, page);
    }
    pub(crate) fn pop(arena: &super::Arena, class: usize) -> Option<u64> {
        super::class_stack::pop(arena, class)
    }
}
