//! Working off: each entry is freed, walked over or kept for the pin that it meets.

use super::bag::Bag;
use super::bags::SPARES;
use super::{Entry, MODEL, queue};
use crate::error::{Error, Quick as Result};
use crate::heap::Slot;
use crate::layout::header::word;
use crate::layout::slot::{ONLY, Pin, bag, slot};
use crate::layout::{Off, Tick, Word};
use crate::reclaim::edges;
use crate::reclaim::pins::Pinned;
use crate::sync::SeqCst;
use smallvec::SmallVec;

/// The mark of a bag whose entries wait for several pins. No pin looks like this.
pub(super) const SEVERAL: u64 = 2;
/// Pins for which a participant fills bags at the same time. More share one: a bag for each would be mostly empty, and larger than what it
/// holds.
const KEPT: usize = if MODEL { 1 } else { 4 };
/// A bag that waits for a pin and is less full than this is filled up before it waits on.
pub(super) const NEARLY_FULL: u64 = bag::CAPACITY - bag::CAPACITY / 8;

impl<'a> Slot<'a> {
    /// Looks at so many entries of the bags at hand.
    #[inline]
    pub fn work(&self, pinned: &Pinned, budget: u64) -> Result<()> {
        if self.get(slot::WALK) != 0 {
            self.walk()?;
        }
        let mut left = budget;
        while left > 0 {
            let bag = Bag { arena: self.arena, off: Off(self.get(slot::BAGS_WORK)) }; // checked when it was put there
            if bag.off.is_none() {
                return Ok(());
            }
            if bag.blocker() != 0 && bag.blocker() != SEVERAL {
                if pinned.covers(bag.blocker()) {
                    self.go_on_waiting(None, bag)?;
                    left -= 1;
                    continue;
                }
                bag.set_blocker(0);
            }
            left -= self.free_last(bag, pinned, left)?;
            if left == 0 {
                return Ok(());
            }
            if self.get(slot::BAGS_SPARE) == 0 {
                self.ensure_spares(SPARES)?; // before an entry is erased from its bag
            }
            match bag.last() {
                Some(e) => self.look_at(bag, e, pinned)?,
                None => {
                    self.take_first(slot::BAGS_WORK)?;
                    self.recycle(bag)?;
                }
            }
            left -= 1;
        }
        Ok(())
    }

    /// The most frequent entries: at the end of a bag those that go alone and that no pin meets are freed, up to so many; how many.
    #[inline]
    fn free_last(&self, bag: Bag<'a>, pinned: &Pinned, most: u64) -> Result<u64> {
        let before = bag.len();
        let mut len = before;
        while len > before.saturating_sub(most) {
            let e = bag.entry(len - 1);
            if e.deep || pinned.meets(e.birth, e.tag).is_some() {
                break;
            }
            len -= 1;
            bag.look_ahead(len);
            bag.cut(len);
            crash_point!("work: entry erased");
            self.free(e.off)?;
        }
        Ok(before - len)
    }

    /// The last entry of a bag at hand. Where it is going to be is made ready before it is erased.
    fn look_at(&self, bag: Bag<'a>, e: Entry, pinned: &Pinned) -> Result<()> {
        let kept = match self.kept_for(&e)? {
            None => pinned.meets(e.birth, e.tag).map(|pin| self.bag_for(pin)).transpose()?,
            found => found,
        };
        if let Some(to) = kept {
            crash_point!("work: entry to be kept");
            bag.move_last(to);
            return if to.len() == bag::CAPACITY { self.wait_among(to) } else { Ok(()) };
        }
        let last = bag.len() - 1;
        bag.look_ahead(last);
        if e.deep {
            self.set(slot::WALK_TAG, e.tag.0);
            self.set(slot::WALK_NEXT, 0);
            self.set(slot::WALK, e.off.0);
            crash_point!("walk: begun");
            bag.cut(last); // a successor looks whether it still stands there
            return self.walk();
        }
        bag.cut(last);
        crash_point!("work: entry erased");
        self.free(e.off)
    }

    /// Drops the children of the block being walked, from where it got to, and frees it.
    pub fn walk(&self) -> Result<()> {
        let done = self.walk_on();
        if done.is_err() {
            // Other bags may be put before the one at hand, so the record is good no longer.
            self.set(slot::WALK_NEXT, self.get(slot::WALK_NEXT) & !ONLY);
        }
        done
    }

    fn walk_on(&self) -> Result<()> {
        let (off, tag) = (Off(self.get(slot::WALK)), Tick(self.get(slot::WALK_TAG)));
        let children = self.arena.node(off)?.children();
        for i in self.get(slot::WALK_NEXT) & !ONLY..children.len() as u64 {
            let Some(child) = Word(children[i as usize]).as_block() else { continue };
            if self.get(slot::BAGS_SPARE) == 0 {
                self.ensure_spares(SPARES)?; // before the edge is taken back
            }
            let found = edges::take_back(self.arena, child, false, |only| {
                if !only {
                    self.open_bag()?;
                }
                self.set(slot::WALK_NEXT, (i + 1) | if only { ONLY } else { 0 });
                crash_point!("walk: cursor moved");
                Ok(())
            })?;
            crash_point!("walk: edge taken back");
            if !found.zero {
                continue;
            }
            let e = Entry { off: child, deep: !found.moved, birth: found.birth, tag };
            if found.shared {
                // It was reachable by another way, perhaps until a moment ago: pins read before do not speak for it.
                let tag = Tick(self.arena.header(word::TICK).load(SeqCst)); // after the decrement, see `drop_edge`
                self.retire(Entry { tag, ..e })?;
            } else {
                self.put_to_work(e)?;
            }
        }
        self.set(slot::WALK, 0);
        crash_point!("walk: done");
        self.free(off)
    }

    /// Finishes the walk of a participant that died.
    pub fn finish_walk(&self) -> Result<()> {
        let off = Off(self.get(slot::WALK));
        if off.is_none() {
            return Ok(());
        }
        self.ensure_spares(1)?; // for what may have to be put to work
        if let Some(bag) = self.is_last(off, slot::BAGS_WORK)? {
            bag.cut(bag.len() - 1); // where it stood before the walk
        }
        let (next, loose) = self.place_in_walk(off)?;
        match loose {
            Some(e) => self.put_to_work(e)?,
            None => self.set(slot::WALK_NEXT, next),
        }
        self.walk()
    }

    /// What the record of a dead participant leaves open in its walk of `off`: the next child, and one that has to be put to work before.
    pub fn place_in_walk(&self, off: Off) -> Result<(u64, Option<Entry>)> {
        let record = self.get(slot::WALK_NEXT);
        let next = record & !ONLY;
        let children = self.arena.node(off)?.children();
        if let Some(last) = next.checked_sub(1)
            && let Some(child) = children.get(last as usize).and_then(|&child| Word(child).as_block())
        {
            let (next, loose) = self.doubt(record, child, slot::BAGS_WORK)?;
            return Ok((next, loose.map(|e| Entry { tag: Tick(self.get(slot::WALK_TAG)), ..e })));
        }
        Ok((next, None))
    }

    fn put_to_work(&self, e: Entry) -> Result<()> {
        let bag = match self.bag(slot::BAGS_WORK)? {
            Some(bag) if bag.len() < bag::CAPACITY && bag.blocker() == 0 => bag,
            _ => {
                let bag = self.spare()?;
                self.put_first(slot::BAGS_WORK, bag);
                bag
            }
        };
        bag.push(e);
        Ok(())
    }

    /// The bag that is being filled for a pin that the entry meets too. What meets several pins may wait for any of them, and is best put with
    /// what is at hand.
    fn kept_for(&self, e: &Entry) -> Result<Option<Bag<'a>>> {
        let mut next = self.bag(slot::BAGS_KEPT)?;
        for _ in 0..=KEPT {
            let Some(bag) = next else { break };
            if let Some((lo, hi)) = Pin(bag.blocker()).bounds()
                && lo <= e.tag.0
                && e.birth.0 <= hi
            {
                return Ok(Some(bag));
            }
            next = bag.behind()?;
        }
        Ok(None)
    }

    /// A bag with room for entries that have to wait for a pin.
    fn bag_for(&self, pin: u64) -> Result<Bag<'a>> {
        let bags = self.kept()?;
        if let Some(bag) = bags.iter().find(|bag| bag.blocker() == pin || is_within(bag.blocker(), pin)) {
            bag.set_blocker(pin); // what waited for a part of it waits for it too
            return Ok(*bag);
        }
        if bags.iter().filter(|bag| bag.blocker() != SEVERAL).count() == KEPT {
            self.make_room(&bags)?;
        }
        let bag = self.spare()?;
        bag.set_blocker(pin);
        self.put_first(slot::BAGS_KEPT, bag);
        Ok(bag)
    }

    /// Of the pins for which bags are being filled, the one that came first gives way: its bag waits with the others of the domain or, if it
    /// is mostly empty, is for several pins from now on.
    fn make_room(&self, bags: &[Bag<'a>]) -> Result<()> {
        let Some(at) = bags.iter().rposition(|bag| bag.blocker() != SEVERAL) else { return Ok(()) };
        if 2 * bags[at].len() > bag::CAPACITY {
            self.wait_kept(bags, at);
        } else if let Some(several) = position(bags, SEVERAL) {
            pour(bags[at], bags[several]);
            if bags[several].len() < bag::CAPACITY {
                self.unlink(slot::BAGS_KEPT, at.checked_sub(1).map(|i| bags[i]), bags[at]);
                return self.recycle(bags[at]);
            }
            bags[at].set_blocker(SEVERAL);
            self.wait_kept(bags, several);
        } else {
            bags[at].set_blocker(SEVERAL);
        }
        Ok(())
    }

    /// A bag waits with the others of the domain from now on. It stands behind `before` in a chain of the slot.
    pub(super) fn wait(&self, at: u64, before: Option<Bag<'_>>, bag: Bag<'_>) {
        self.unlink(at, before, bag);
        crash_point!("wait: bag on its way");
        queue::push(self.arena, bag);
    }

    /// The same for one of those that are being filled.
    fn wait_kept(&self, bags: &[Bag<'a>], at: usize) {
        self.wait(slot::BAGS_KEPT, at.checked_sub(1).map(|i| bags[i]), bags[at]);
    }

    fn wait_among(&self, bag: Bag<'a>) -> Result<()> {
        let bags = self.kept()?;
        if let Some(at) = bags.iter().position(|other| other.off == bag.off) {
            self.wait_kept(&bags, at);
        }
        Ok(())
    }

    /// A bag of the work at hand, behind `before`, whose pin still stands. Two that are not full, as participants leave them that come and go,
    /// become one.
    pub(super) fn go_on_waiting(&self, before: Option<Bag<'_>>, bag: Bag<'a>) -> Result<()> {
        if bag.len() >= NEARLY_FULL {
            self.wait(slot::BAGS_WORK, before, bag);
            return Ok(());
        }
        let bags = self.kept()?;
        match position(&bags, bag.blocker()) {
            Some(at) => {
                pour(bag, bags[at]);
                if bags[at].len() == bag::CAPACITY {
                    self.wait_kept(&bags, at);
                }
            }
            None if bags.len() < KEPT => {}
            None => {
                self.wait(slot::BAGS_WORK, before, bag);
                return Ok(());
            }
        }
        bag.touch();
        self.unlink(slot::BAGS_WORK, before, bag);
        if bag.len() == 0 {
            return self.recycle(bag);
        }
        self.put_first(slot::BAGS_KEPT, bag);
        Ok(())
    }

    /// The bags that are being filled with what waits, in the order of their chain.
    fn kept(&self) -> Result<Kept<'a>> {
        let mut bags = Kept::new();
        let mut next = self.bag(slot::BAGS_KEPT)?;
        while let Some(bag) = next {
            bags.push(bag);
            if bags.len() > KEPT + 1 {
                return Err(Error::corrupt(bag.off, "a short chain of limbo bags that wait"));
            }
            next = bag.behind()?;
        }
        Ok(bags)
    }

    /// What was kept for a pin that is gone is work again; with `all`, also what was kept for several.
    pub(super) fn release_kept(&self, pinned: &Pinned, all: bool) -> Result<()> {
        let bags = self.kept()?;
        // From the end, so that the bag before one is still in its place.
        for at in (0..bags.len()).rev() {
            let mark = bags[at].blocker();
            if if mark == SEVERAL { all } else { !pinned.covers(mark) } {
                self.unlink(slot::BAGS_KEPT, at.checked_sub(1).map(|i| bags[i]), bags[at]);
                self.put_first(slot::BAGS_WORK, bags[at]);
            }
        }
        Ok(())
    }
}

type Kept<'a> = SmallVec<[Bag<'a>; KEPT + 1]>;

/// Does the pin `all` cover what the pin `mark` covers, and is it likely to stay? (One without an end is about to be narrowed.)
fn is_within(mark: u64, all: u64) -> bool {
    match (Pin(mark).bounds(), Pin(all).bounds()) {
        (Some(part), Some(all)) => all.0 <= part.0 && part.1 <= all.1 && all.1 != u64::MAX,
        _ => false,
    }
}

/// Moves entries as long as there is room.
fn pour(from: Bag<'_>, to: Bag<'_>) {
    while from.len() > 0 && to.len() < bag::CAPACITY {
        from.move_last(to);
    }
}

fn position(bags: &[Bag<'_>], mark: u64) -> Option<usize> {
    bags.iter().position(|bag| bag.blocker() == mark)
}
