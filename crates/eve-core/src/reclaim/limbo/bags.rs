//! The bags of a slot: chains that only its participant adds to, and of which others may take the full and the aged as a whole.

use super::bag::{BAG_BYTES, Bag, Most, chain};
use super::queue;
use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::heap::Slot;
use crate::layout::block::{BlockHeader, Kind};
use crate::layout::slot::{bag, slot};
use crate::layout::{Off, Tick};
use crate::sync::{AcqRel, Acquire, AtomicU64, Relaxed, bring_in};

/// Empty bags a participant keeps.
pub(super) const SPARES: u64 = 3;

/// The chains that may hold entries.
const FILLED: [u64; 6] =
    [slot::BAGS_MOVING, slot::BAG_OPEN, slot::BAGS_FULL, slot::BAGS_AGED, slot::BAGS_WORK, slot::BAGS_KEPT];

/// All bags of a slot, at rest; empty spares last.
pub(crate) fn bags_of(slot: Slot<'_>) -> Result<Vec<Off>> {
    let taken = Off(slot.get(slot::BAG_TAKEN));
    let mut offs: Vec<Off> = Some(taken).filter(|off| !off.is_none()).into_iter().collect();
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
        let taken = Off(arena.word(off.at(slot::BAG_TAKEN)).load(Acquire)); // as below
        offs.extend(Some(taken).filter(|off| !off.is_none()));
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

    /// Takes the first bag of a chain that only we change.
    pub(super) fn take_first(&self, at: u64) -> Result<Option<Bag<'a>>> {
        let first = self.bag(at)?;
        if let Some(bag) = first {
            self.unlink(at, None, bag);
        }
        Ok(first)
    }

    pub(super) fn put_first(&self, at: u64, bag: Bag<'_>) {
        bag.set_next(Off(self.get(at)));
        self.set(at, bag.off.0);
    }

    /// Puts a bag before a chain that others may take away as a whole.
    pub(super) fn put_shared(&self, at: u64, bag: Bag<'_>) {
        let head = self.word(at);
        let mut before = head.load(Relaxed);
        loop {
            bag.set_next(Off(before));
            // Release: whoever takes the chain sees the entries. Nobody else puts, so the head cannot come back as it was.
            match head.compare_exchange_weak(before, bag.off.0, AcqRel, Relaxed) {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    /// Takes a chain that others may take, too, to where only we do.
    pub(super) fn take_over(&self, chain: &AtomicU64) {
        let _ = bring_in(chain, chain.load(Relaxed)); // who dies between the exchange and the record of it loses the chain
        let first = chain.swap(0, AcqRel); // AcqRel: entries are seen by whoever takes them
        self.set(slot::BAGS_MOVING, first); // what an error left there is found by `gc`
        crash_point!("move: taken over");
    }

    /// Does something with each bag that was taken over; how many they are.
    pub(super) fn move_each(&self, mut to: impl FnMut(Bag<'a>)) -> Result<u64> {
        let (mut n, mut most) = (0, Most::of(self.arena));
        while let Some(bag) = self.take_first(slot::BAGS_MOVING)? {
            most.count(bag.off)?;
            crash_point!("move: bag on its way");
            to(bag);
            n += 1;
        }
        Ok(n)
    }

    /// Are the bags there that are going to be filled for a dead participant?
    pub fn bags_check(&self) -> Result<()> {
        self.bag(slot::BAG_OPEN)?;
        self.bag(slot::BAGS_SPARE).map(drop)
    }

    /// Makes sure that `n` blocks can be retired without allocating, with a bag to spare.
    pub fn reserve_limbo(&self, n: u64) -> Result<()> {
        let open = Bag { arena: self.arena, off: Off(self.get(slot::BAG_OPEN)) }; // ours: we put it there
        let room = if open.off.is_none() { 0 } else { bag::CAPACITY - open.len() };
        let spare = Off(self.get(slot::BAGS_SPARE));
        if !spare.is_none()
            && (room >= n || room + bag::CAPACITY >= n && Bag::at(self.arena, spare)?.behind()?.is_some())
        {
            return Ok(());
        }
        self.ensure_spares(n.saturating_sub(room).div_ceil(bag::CAPACITY) + 1)
    }

    /// The empty bags that a participant keeps, for who has the slot next.
    pub fn provide_spares(&self) -> Result<()> {
        self.ensure_spares(SPARES)
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

    /// The empty bags at hand.
    fn spares(&self) -> Result<Vec<Off>> {
        let mut offs = Vec::new();
        chain(self.arena, Off(self.get(slot::BAGS_SPARE)), &mut offs)?;
        Ok(offs)
    }

    /// An empty bag from the spares, ready for being filled.
    pub(super) fn spare(&self) -> Result<Bag<'a>> {
        self.ensure_spares(1)?;
        let bag = self.take_first(slot::BAGS_SPARE)?.ok_or_else(|| Error::corrupt(self.off, "a spare limbo bag"))?;
        bag.touch();
        bag.set_blocker(0);
        Ok(bag)
    }

    pub(super) fn recycle(&self, bag: Bag<'_>) -> Result<()> {
        if (self.spares()?.len() as u64) < SPARES {
            self.put_first(slot::BAGS_SPARE, bag);
            Ok(())
        } else {
            self.free(bag.off)
        }
    }

    /// Takes the bag behind `before` out of a chain that only we change; the first one if there is none before it. Until it is put somewhere
    /// no page has to be brought in.
    pub(super) fn unlink(&self, at: u64, before: Option<Bag<'_>>, bag: Bag<'_>) {
        bag.set_next(bag.next());
        match before {
            None => self.set(at, bag.next().0),
            Some(before) => before.set_next(bag.next()),
        }
        bag.set_next(Off::NONE);
    }

    /// Hands over everything in limbo, when the participant leaves or was found dead. Some empty bags stay in the slot for who has it next: so that on a
    /// full disk a process that comes can drop something.
    pub fn abandon_limbo(&self) -> Result<()> {
        let taken = Off(self.get(slot::BAG_TAKEN));
        if !taken.is_none() {
            let bag = Bag::at(self.arena, taken)?;
            bag.set_next(Off::NONE);
            self.set(slot::BAG_TAKEN, 0);
            queue::push(self.arena, bag);
        }
        for at in FILLED {
            if at == slot::BAGS_FULL || at == slot::BAGS_AGED {
                self.take_over(self.word(at)); // another may take the chain at the same time
                self.move_each(|bag| queue::push(self.arena, bag))?;
                continue;
            }
            let mut most = Most::of(self.arena);
            while let Some(bag) = self.take_first(at)? {
                most.count(bag.off)?;
                crash_point!("leave: bag on its way");
                queue::push(self.arena, bag);
            }
        }
        for _ in SPARES..self.spares()?.len() as u64 {
            if let Some(bag) = self.take_first(slot::BAGS_SPARE)? {
                self.free(bag.off)?;
            }
        }
        Ok(())
    }

    /// Can the spares be used that a former owner of the slot left?
    pub fn spares_check(&self) -> Result<()> {
        let spares = self.spares()?;
        let empty = spares.iter().all(|&off| Bag { arena: self.arena, off }.len() == 0);
        if !empty || spares.len() as u64 > SPARES {
            return Err(Error::corrupt(self.off.at(slot::BAGS_SPARE), "a few empty limbo bags"));
        }
        Ok(())
    }
}
