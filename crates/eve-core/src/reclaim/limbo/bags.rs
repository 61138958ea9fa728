//! The bags of a slot: chains that only its participant adds to, and of which others may take the full and the aged as a whole.

use super::bag::{BAG_BYTES, Bag, Most, chain};
use super::queue;
use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::heap::Slot;
use crate::layout::block::{BlockHeader, Kind};
use crate::layout::slot::{bag, slot};
use crate::layout::{Off, Tick};
use crate::sync::{AcqRel, Acquire, Relaxed};

/// Empty bags a participant keeps.
pub(super) const SPARES: u64 = 3;

/// The chains that may hold entries.
const FILLED: [u64; 5] = [slot::BAG_OPEN, slot::BAGS_FULL, slot::BAGS_AGED, slot::BAGS_WORK, slot::BAGS_KEPT];

/// All bags of a slot, at rest; empty spares last.
pub(crate) fn bags_of(slot: Slot<'_>) -> Result<Vec<Off>> {
    let mut offs = Vec::new();
    for at in FILLED.into_iter().chain([slot::BAGS_SPARE]) {
        chain(slot.arena, Off(slot.word(at).load(Acquire)), &mut offs)?; // pairs with the release that stored it
    }
    Ok(offs)
}

/// The bags of a slot that may hold entries, and those of the queues after it, while a collector keeps the limbo as it is. A bag that is on
/// its way to another place may be missed, and the bags behind it.
pub(crate) fn bags_beside_others(arena: &Arena, slots: impl Iterator<Item = Off>) -> Vec<Off> {
    let mut offs = Vec::new();
    for off in slots {
        for at in FILLED {
            let first = Off(arena.word(off.at(at)).load(Acquire)); // pairs with the release that stored it
            let _ = chain(arena, first, &mut offs); // what was met before an error stays
        }
    }
    for first in queue::firsts(arena) {
        let _ = chain(arena, first, &mut offs); // likewise
    }
    offs
}

impl<'a> Slot<'a> {
    pub(super) fn bag(&self, at: u64) -> Result<Option<Bag<'a>>> {
        let off = Off(self.word(at).load(Acquire)); // pairs with the release that stored it
        if off.is_none() { Ok(None) } else { Bag::at(self.arena, off).map(Some) }
    }

    /// Takes the first bag of a chain in the slot.
    pub(super) fn take_first(&self, at: u64) -> Result<Option<Bag<'a>>> {
        let Some(bag) = self.bag(at)? else { return Ok(None) };
        self.set(at, bag.next().0);
        bag.set_next(Off::NONE);
        Ok(Some(bag))
    }

    pub(super) fn put_first(&self, at: u64, bag: Bag<'_>) {
        bag.set_next(Off(self.get(at)));
        self.set(at, bag.off.0);
    }

    /// Puts the bags from `first` to `last` before a chain that others may take away as a whole.
    pub(super) fn put_shared(&self, at: u64, first: Bag<'_>, last: Bag<'_>) {
        let head = self.word(at);
        let mut before = head.load(Relaxed);
        loop {
            last.set_next(Off(before));
            // Release: whoever takes the chain sees the entries. Nobody else puts, so the head cannot come back as it was.
            match head.compare_exchange_weak(before, first.off.0, AcqRel, Relaxed) {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    /// Makes sure that `n` blocks can be retired without allocating, with a bag to spare.
    pub fn reserve_limbo(&self, n: u64) -> Result<()> {
        let open = Bag { arena: self.arena, off: Off(self.get(slot::BAG_OPEN)) }; // ours: we put it there
        let room = if open.off.is_none() { 0 } else { bag::CAPACITY - open.len() };
        let spare = Bag { arena: self.arena, off: Off(self.get(slot::BAGS_SPARE)) }; // likewise
        if !spare.off.is_none() && (room >= n || room + bag::CAPACITY >= n && !spare.next().is_none()) {
            return Ok(());
        }
        self.ensure_spares(n.saturating_sub(room).div_ceil(bag::CAPACITY) + 1)
    }

    /// Makes sure that there are `n` empty bags.
    pub(super) fn ensure_spares(&self, n: u64) -> Result<()> {
        let mut next = Off(self.get(slot::BAGS_SPARE));
        for have in 0..n {
            if !next.is_none() {
                next = Bag::at(self.arena, next)?.next();
                continue;
            }
            for _ in have..n {
                let off = self.alloc(BAG_BYTES)?;
                let header = BlockHeader::new(Kind::Chain, 1, Tick(0));
                self.arena.write(off, &[header.0, bag::PAYLOAD - 1, 0, 0, 0]);
                self.put_first(slot::BAGS_SPARE, Bag { arena: self.arena, off });
            }
            break;
        }
        Ok(())
    }

    /// An empty bag from the spares.
    pub(super) fn spare(&self) -> Result<Bag<'a>> {
        self.ensure_spares(1)?;
        let bag = self.take_first(slot::BAGS_SPARE)?.ok_or_else(|| Error::corrupt(self.off, "a spare limbo bag"))?;
        bag.set_blocker(0);
        Ok(bag)
    }

    pub(super) fn recycle(&self, bag: Bag<'_>) -> Result<()> {
        let mut spares = Vec::new();
        chain(self.arena, Off(self.get(slot::BAGS_SPARE)), &mut spares)?;
        if (spares.len() as u64) < SPARES {
            self.put_first(slot::BAGS_SPARE, bag);
            Ok(())
        } else {
            self.free(bag.off)
        }
    }

    /// Takes the bag behind `before` out of a chain that only we change; the first one if there is none before it.
    pub(super) fn unlink(&self, at: u64, before: Option<Bag<'_>>, bag: Bag<'_>) {
        match before {
            None => self.set(at, bag.next().0),
            Some(before) => before.set_next(bag.next()),
        }
        bag.set_next(Off::NONE);
    }

    /// Hands over everything in limbo, when the participant leaves; `from` may be the slot of a dead one.
    pub fn abandon_limbo(&self, from: Slot<'_>) -> Result<()> {
        for at in FILLED {
            queue::warm(self.arena, Off(from.get(at)));
            let mut next = Off(from.word(at).swap(0, AcqRel)); // another may take the chain at the same time
            let mut most = Most::of(self.arena);
            while !next.is_none() {
                most.count(next)?;
                let bag = Bag::at(self.arena, next)?;
                next = bag.next();
                crash_point!("leave: bag on its way");
                queue::push(self.arena, bag);
            }
        }
        while let Some(bag) = from.take_first(slot::BAGS_SPARE)? {
            self.free(bag.off)?;
        }
        Ok(())
    }
}
