//! What the running transaction allocated, counted and is going to take back: in the slot itself, and in a chain of links once
//! it outgrows that. A successor reads it when the participant died.

use crate::error::{Error, Quick as Result};
use crate::heap::Slot;
use crate::layout::block::{BlockHeader, Kind};
use crate::layout::slot::{ONLY, link, slot};
use crate::layout::{Off, Tick};

/// A place in the journal, for going through it without searching for its link each time.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    link: Off,
    number: u64,
}

impl<'a> Slot<'a> {
    /// Entries written.
    #[inline]
    pub fn journal_len(&self) -> u64 {
        self.get(slot::JOURNAL_LEN)
    }

    /// Adds an entry: `offset | kind`.
    #[inline]
    pub fn journal_push(&self, entry: u64) -> Result<()> {
        let len = self.journal_len();
        if len < slot::JOURNAL_INLINE {
            self.set(slot::JOURNAL + len, entry);
        } else {
            self.push_to_link(len - slot::JOURNAL_INLINE, entry)?;
        }
        self.set(slot::JOURNAL_LEN, len + 1); // the entry is there before the length says so
        Ok(())
    }

    fn push_to_link(&self, index: u64, entry: u64) -> Result<()> {
        let mut tail = Off(self.get(slot::JOURNAL_TAIL));
        if !tail.is_none() {
            self.arena.check(tail, 8 + link::PAYLOAD * 8)?; // in a damaged file another block may have lain over the link behind it
        }
        if index.is_multiple_of(link::CAPACITY) {
            let new = self.alloc(8 + link::PAYLOAD * 8)?;
            crash_point!("journal: link not linked");
            let header = BlockHeader::new(Kind::Chain, 1, Tick(0));
            self.arena.write(new, &[header.0, link::PAYLOAD - 1, tail.0, 0]);
            if !tail.is_none() {
                self.arena.word(tail.at(1 + link::NEXT)).store(new.0, crate::sync::Release); // the new link is whole
            }
            self.set(slot::JOURNAL_TAIL, new.0);
            crash_point!("journal: link not counted");
            tail = new;
        }
        let at = tail.at(1 + link::ENTRIES + index % link::CAPACITY);
        self.arena.word(at).store(entry, crate::sync::Release); // before the length
        Ok(())
    }

    /// The entry `index`, which is below the length.
    #[inline]
    pub fn journal_get(&self, index: u64, place: &mut Place) -> Result<u64> {
        if index < slot::JOURNAL_INLINE {
            Ok(self.get(slot::JOURNAL + index))
        } else {
            self.get_from_link(index, place)
        }
    }

    fn get_from_link(&self, index: u64, place: &mut Place) -> Result<u64> {
        let (number, inside) =
            ((index - slot::JOURNAL_INLINE) / link::CAPACITY, (index - slot::JOURNAL_INLINE) % link::CAPACITY);
        if place.link.is_none() {
            // The length never counts a link that is not the tail or before it.
            let last = (self.journal_len().max(index + 1) - slot::JOURNAL_INLINE - 1) / link::CAPACITY;
            *place = Place { link: Off(self.get(slot::JOURNAL_TAIL)), number: last };
            // A crash between linking a new tail and counting its first entry: the tail is one further.
            let extra = self.links()?.saturating_sub(last + 1);
            for _ in 0..extra {
                place.link = self.follow(place.link, link::PREVIOUS)?;
            }
        }
        while place.number > number {
            *place = Place { link: self.follow(place.link, link::PREVIOUS)?, number: place.number - 1 };
        }
        while place.number < number {
            *place = Place { link: self.follow(place.link, link::NEXT)?, number: place.number + 1 };
        }
        self.arena.check(place.link, 8 + link::PAYLOAD * 8)?;
        Ok(self.arena.word(place.link.at(1 + link::ENTRIES + inside)).load(crate::sync::Acquire)) // pairs with the push
    }

    fn follow(&self, at: Off, which: u64) -> Result<Off> {
        self.arena.check(at, 8 + link::PAYLOAD * 8)?;
        let next = Off(self.arena.word(at.at(1 + which)).load(crate::sync::Acquire)); // pairs with the release in push
        if next.is_none() { Err(Error::corrupt(at, "a link of a journal")) } else { Ok(next) }
    }

    /// Links in the chain.
    fn links(&self) -> Result<u64> {
        let (mut n, mut at) = (0, Off(self.get(slot::JOURNAL_TAIL)));
        while !at.is_none() {
            self.arena.check(at, 8 + link::PAYLOAD * 8)?;
            n += 1;
            if n > self.arena.committed() / (link::PAYLOAD * 8) {
                return Err(Error::corrupt(at, "a journal that ends"));
            }
            at = Off(self.arena.word(at.at(1 + link::PREVIOUS)).load(crate::sync::Acquire)); // likewise
        }
        Ok(n)
    }

    /// Is the length one that the chain has room for? Asked of the journal of a dead participant.
    pub fn journal_check(&self) -> Result<()> {
        let room = slot::JOURNAL_INLINE + self.links()? * link::CAPACITY;
        if self.journal_len() <= room && self.get(slot::CURSOR) & !ONLY <= room {
            return Ok(());
        }
        Err(Error::corrupt(self.off.at(slot::JOURNAL_LEN), "the length of a journal"))
    }

    /// Forgets all entries of a transaction whose end failed, since the next one would take them for its own. What they would have freed is
    /// lost until somebody collects.
    #[cold]
    pub fn journal_forget(&self) {
        if self.journal_clear().is_err() {
            self.set(slot::JOURNAL_TAIL, 0); // nor may it follow a damaged chain
        }
    }

    /// Forgets all entries and gives the chain back.
    pub fn journal_clear(&self) -> Result<()> {
        self.set(slot::JOURNAL_LEN, 0);
        self.set(slot::CURSOR, 0);
        loop {
            let tail = Off(self.get(slot::JOURNAL_TAIL));
            if tail.is_none() {
                return Ok(());
            }
            self.arena.check(tail, 8 + link::PAYLOAD * 8)?;
            let before = self.arena.word(tail.at(1 + link::PREVIOUS)).load(crate::sync::Acquire); // pairs with the push
            self.set(slot::JOURNAL_TAIL, before); // first forget it, then give it back
            crash_point!("journal: forgotten");
            self.free(tail)?;
        }
    }
}
