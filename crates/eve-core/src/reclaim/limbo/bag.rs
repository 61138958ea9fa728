//! Bags: chains of blocks that hold entries of limbo.

use super::Entry;
use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::layout::block::{BlockHeader, Kind};
use crate::layout::slot::{bag, page_off};
use crate::layout::{Off, PAGE, Tick};
use crate::sync::{Acquire, AtomicU64, Relaxed};

/// Bytes of a bag's block.
pub(super) const BAG_BYTES: u64 = 8 + bag::PAYLOAD * 8;

/// How many entries ahead memory is asked for a block.
const AHEAD: u64 = 6;

/// A bag, by its offset; it was checked to be inside the arena.
#[derive(Clone, Copy)]
pub(crate) struct Bag<'a> {
    pub(super) arena: &'a Arena,
    pub off: Off,
}

impl<'a> Bag<'a> {
    pub fn at(arena: &'a Arena, off: Off) -> Result<Bag<'a>> {
        arena.check(off, BAG_BYTES)?;
        if BlockHeader(arena.word(off).load(Relaxed)).kind() != Some(Kind::Chain) {
            return Err(Error::corrupt(off, "a limbo bag"));
        }
        Ok(Bag { arena, off })
    }
    fn word(&self, index: u64) -> &'a AtomicU64 {
        self.arena.word(self.off.at(1 + index))
    }
    pub fn len(&self) -> u64 {
        self.word(bag::LEN).load(Acquire).min(bag::CAPACITY) // pairs with the release in `push`
    }
    pub fn next(&self) -> Off {
        Off(self.word(bag::NEXT).load(Relaxed)) // ordered by the word that led here
    }
    /// The bag behind it in its chain, checked like it.
    pub(super) fn behind(&self) -> Result<Option<Bag<'a>>> {
        let next = self.next();
        if next.is_none() { Ok(None) } else { Bag::at(self.arena, next).map(Some) }
    }
    pub(super) fn set_next(&self, next: Off) {
        self.word(bag::NEXT).store(next.0, Relaxed); // published by whoever links this bag
    }
    #[inline]
    pub fn entry(&self, i: u64) -> Entry {
        let packed = self.word(bag::ENTRIES + 2 * i).load(Relaxed); // below the length: written before it
        let times = self.word(bag::ENTRIES + 2 * i + 1).load(Relaxed); // likewise
        let (off, tag, age) = (Off(packed & !15), times & Tick::MAX.0, times >> bag::TAG_BITS);
        // Of a block that cannot be read the oldest is assumed: it waits, until an error names it.
        let old = || self.arena.block_header(off).map_or(Tick(0), BlockHeader::birth);
        let birth = if age == bag::OLD { old() } else { Tick(tag.saturating_sub(age)) };
        Entry { off, deep: packed & 1 == 1, birth, tag: Tick(tag) }
    }
    /// The birth of the youngest block in it, and when the first of all was retired: a pin that meets this interval meets every entry.
    pub(super) fn span(&self) -> (Tick, Tick) {
        let (mut youngest, mut retired) = (0, Tick::MAX.0);
        for i in 0..self.len() {
            let times = self.word(bag::ENTRIES + 2 * i + 1).load(Relaxed); // as in `entry`
            let (tag, age) = (times & Tick::MAX.0, times >> bag::TAG_BITS);
            retired = retired.min(tag);
            youngest = youngest.max(tag.saturating_sub(age)); // or before that, if it is older than its age can say
        }
        (Tick(youngest), Tick(retired))
    }
    /// Puts an entry in behind the others, for which there is room; how many there are then.
    #[inline]
    pub(super) fn push(&self, e: Entry) -> u64 {
        let i = self.len();
        self.write(i, e);
        self.count(i);
        i + 1
    }
    /// Writes an entry behind the `i` that there are.
    #[inline]
    fn write(&self, i: u64, e: Entry) {
        self.word(bag::ENTRIES + 2 * i).store(e.off.0 | u64::from(e.deep), Relaxed); // counted below
        let age = e.tag.0.saturating_sub(e.birth.0).min(bag::OLD);
        self.word(bag::ENTRIES + 2 * i + 1).store(e.tag.0 | age << bag::TAG_BITS, Relaxed); // likewise
    }
    /// The entry that was written behind `i` others is one.
    #[inline]
    fn count(&self, i: u64) {
        self.word(bag::LEN).store(i + 1, crate::sync::Release); // a successor who sees the length sees the entry
    }
    /// The last entry.
    pub(super) fn last(&self) -> Option<Entry> {
        self.len().checked_sub(1).map(|i| self.entry(i))
    }
    /// Moves the last entry to the end of another bag, which has room. All that can take long is done before it is erased.
    pub(super) fn move_last(&self, to: Bag<'_>) {
        let Some(e) = self.last() else { return };
        let i = self.len() - 1;
        self.look_ahead(i);
        let behind = to.len();
        to.write(behind, e);
        self.cut(i);
        crash_point!("keep: between two bags");
        to.count(behind);
    }
    /// Brings its pages in for writing, before what is going to be put into it is erased elsewhere. It must be ours.
    pub(super) fn touch(&self) {
        for word in [bag::NEXT, bag::PAYLOAD - 1] {
            self.word(word).store(self.word(word).load(Relaxed), Relaxed); // nobody else writes it
        }
    }
    /// What is going to be read is rarely in the cache: of a dropped subtree its root, else the words of the page. Some wait for memory
    /// together. `i` is the entry at hand.
    #[inline]
    pub(super) fn look_ahead(&self, i: u64) {
        if let Some(ahead) = i.checked_sub(AHEAD) {
            let packed = self.word(bag::ENTRIES + 2 * ahead).load(Relaxed); // as in `entry`
            let off = Off(packed & !15);
            self.arena.prefetch(if packed & 1 == 1 { off } else { page_off(off.0 / PAGE) });
        }
    }
    /// Takes out the entries from the one at `len` on.
    #[inline]
    pub(super) fn cut(&self, len: u64) {
        self.word(bag::LEN).store(len, crate::sync::Release); // erased before it is acted on
    }
    pub(super) fn blocker(&self) -> u64 {
        self.word(bag::BLOCKER).load(Relaxed) // a hint: a wrong one only costs time
    }
    /// Does it wait for a pin, or several?
    pub(super) fn is_held(&self) -> bool {
        self.blocker() != 0
    }
    pub(super) fn set_blocker(&self, pin: u64) {
        self.word(bag::BLOCKER).store(pin, Relaxed); // a hint
    }
}

/// How many bags there can be: a chain with more is a ring, in a damaged file.
pub(super) struct Most(u64);

impl Most {
    pub fn of(arena: &Arena) -> Most {
        Most(arena.committed() / BAG_BYTES)
    }
    /// One more; an error if there cannot be so many.
    pub fn count(&mut self, off: Off) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| Error::corrupt(off, "a chain of limbo bags that ends"))?;
        Ok(())
    }
}

/// The bags of a chain.
pub(super) fn chain(arena: &Arena, mut off: Off, to: &mut Vec<Off>) -> Result<()> {
    while !off.is_none() {
        to.push(off);
        if to.len() as u64 > arena.committed() / BAG_BYTES {
            return Err(Error::corrupt(off, "a chain of limbo bags that ends"));
        }
        off = Bag::at(arena, off)?.next();
    }
    Ok(())
}
