//! Limbo: blocks that left the current version and wait until no pin meets them.
//!
//! A participant fills a bag in its slot; a full bag waits one tick of the commit counter, then it is looked through. What no
//! pin meets is freed; of a dropped subtree the root is freed and its children, if that was their last edge, follow with the
//! same tag, a bounded number of blocks at a time. What a pin meets goes to a queue of the domain, marked with that pin, and
//! is not touched again while the pin stands. Bags of a participant that does nothing can be taken by any other.
//!
//! Every move erases first and writes then: a crash in between leaks (`gc` finds it), it never frees twice.

use super::chunks::{self, List};
use super::pins::{self, Pinned};
use super::{collector, edges};
use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::heap::Slot;
use crate::layout::block::{BlockHeader, Kind};
use crate::layout::header::word;
use crate::layout::slot::{Owner, bag, slot};
use crate::layout::{Off, Tick, Word};
use crate::sync::{AcqRel, Acquire, AtomicU64, Relaxed, SeqCst, fence};
use crate::view::ordered::{Part, width};

/// Under a model checker everything is small, so that it happens soon.
const MODEL: bool = cfg!(any(loom, shuttle));
/// Bytes of a bag's block.
const BAG_BYTES: u64 = 8 + bag::PAYLOAD * 8;
/// Entries looked at in one scan.
const BUDGET: u64 = 4 * bag::CAPACITY;
/// Entries looked at after a commit, if nothing is pressing.
const FEW: u64 = if MODEL { 2 } else { 8 };
/// Bags that a scan takes from the domain's queue.
const FROM_QUEUE: u64 = 16;
/// A participant that did not scan for so many ticks is idle.
const IDLE_TICKS: u64 = if MODEL { 1 } else { 64 };
/// Empty bags a participant keeps.
const SPARES: u64 = 3;

/// A block in limbo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub off: Off,
    /// What hangs below it is dropped too.
    pub deep: bool,
    pub tag: Tick,
}

/// A bag, by its offset; it was checked to be inside the arena.
#[derive(Clone, Copy)]
pub(crate) struct Bag<'a> {
    arena: &'a Arena,
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
    fn set_next(&self, next: Off) {
        self.word(bag::NEXT).store(next.0, Relaxed); // published by whoever links this bag
    }
    pub fn entry(&self, i: u64) -> Entry {
        let packed = self.word(bag::ENTRIES + 2 * i).load(Relaxed); // below the length: written before it
        let tag = Tick(self.word(bag::ENTRIES + 2 * i + 1).load(Relaxed)); // likewise
        Entry { off: Off(packed & !15), deep: packed & 1 == 1, tag }
    }
    fn push(&self, e: Entry) {
        let i = self.len();
        self.word(bag::ENTRIES + 2 * i).store(e.off.0 | u64::from(e.deep), Relaxed); // counted below
        self.word(bag::ENTRIES + 2 * i + 1).store(e.tag.0, Relaxed); // counted below
        self.word(bag::LEN).store(i + 1, crate::sync::Release); // a successor who sees the length sees the entry
    }
    fn pop(&self) -> Option<Entry> {
        let i = self.len().checked_sub(1)?;
        let e = self.entry(i);
        self.word(bag::LEN).store(i, crate::sync::Release); // erased before it is acted on
        Some(e)
    }
    fn blocker(&self) -> u64 {
        self.word(bag::BLOCKER).load(Relaxed) // a hint: a wrong one only costs time
    }
    fn set_blocker(&self, pin: u64) {
        self.word(bag::BLOCKER).store(pin, Relaxed); // a hint
    }
}

/// The domain's queue of bags: two stacks, put on one, taken from the other. The head is `tag:20 | offset / 16`.
mod queue {
    use super::*;

    const OFF_MASK: u64 = (1 << 44) - 1;

    fn unpack(head: u64) -> Off {
        Off((head & OFF_MASK) << 4)
    }
    fn pack(before: u64, off: Off) -> u64 {
        (before & !OFF_MASK).wrapping_add(OFF_MASK + 1) | off.0 >> 4
    }

    fn push_to(head: &AtomicU64, bag: Bag<'_>) {
        let mut before = head.load(Relaxed);
        loop {
            bag.set_next(unpack(before));
            // Release: whoever takes the bag sees its entries.
            match head.compare_exchange_weak(before, pack(before, bag.off), AcqRel, Relaxed) {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    pub fn push(arena: &Arena, bag: Bag<'_>) {
        push_to(arena.header(word::LIMBO_IN), bag);
    }

    pub fn pop(arena: &Arena) -> Result<Option<Bag<'_>>> {
        let out = arena.header(word::LIMBO_OUT);
        let mut refilled = false;
        let mut before = out.load(Acquire); // pairs with the release in `push_to`
        loop {
            let off = unpack(before);
            if off.is_none() {
                if refilled || !refill(arena)? {
                    return Ok(None);
                }
                refilled = true;
                before = out.load(Acquire); // likewise
                continue;
            }
            arena.check(off, BAG_BYTES)?;
            // The bag may be taken and reused meanwhile: then this is any number, and the tag makes the exchange fail.
            let next = Off(arena.word(off.at(1 + bag::NEXT)).load(Relaxed) & (OFF_MASK << 4));
            match out.compare_exchange_weak(before, pack(before, next), AcqRel, Acquire) {
                Ok(_) => return Bag::at(arena, off).map(Some),
                Err(now) => before = now,
            }
        }
    }

    /// Moves what was put to where it is taken.
    fn refill(arena: &Arena) -> Result<bool> {
        let input = arena.header(word::LIMBO_IN);
        let mut before = input.load(Acquire);
        while !unpack(before).is_none() {
            match input.compare_exchange_weak(before, pack(before, Off::NONE), AcqRel, Acquire) {
                Ok(_) => {
                    let mut off = unpack(before);
                    crash_point!("queue: taken over");
                    let mut most = Most::of(arena);
                    while !off.is_none() {
                        most.count(off)?;
                        let bag = Bag::at(arena, off)?;
                        off = bag.next();
                        push_to(arena.header(word::LIMBO_OUT), bag);
                    }
                    return Ok(true);
                }
                Err(now) => before = now,
            }
        }
        Ok(false)
    }

    /// The first bag of one of the stacks.
    pub fn first(arena: &Arena, head: u64) -> Off {
        unpack(arena.header(head).load(Acquire)) // pairs with the release in `push_to`
    }

    /// All bags, at rest.
    pub fn all(arena: &Arena) -> Result<Vec<Off>> {
        let mut offs = Vec::new();
        for head in [word::LIMBO_IN, word::LIMBO_OUT] {
            super::chain(arena, unpack(arena.header(head).load(Acquire)), &mut offs)?;
        }
        Ok(offs)
    }
}

/// Does a collection of many elements begin here, or what takes as much room?
fn is_large(arena: &Arena, off: Off) -> bool {
    const LARGE: u64 = if MODEL { 6 } else { 4096 };
    arena.node(off).is_ok_and(|node| match node.kind {
        Kind::MapRoot | Kind::SetRoot => node.words[1] >= LARGE,
        Kind::VectorRoot | Kind::ListCell => node.words[0] >= LARGE,
        Kind::Array | Kind::Records => node.shape.words >= 8 * LARGE,
        Kind::SortedMap | Kind::SortedSet | Kind::IntMap => Part::of(&node).count(width(node.kind)) >= LARGE,
        _ => false,
    })
}

/// How many bags there can be: a chain with more is a ring, in a damaged file.
struct Most(u64);

impl Most {
    fn of(arena: &Arena) -> Most {
        Most(arena.committed() / BAG_BYTES)
    }
    /// One more; an error if there cannot be so many.
    fn count(&mut self, off: Off) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| Error::corrupt(off, "a chain of limbo bags that ends"))?;
        Ok(())
    }
}

/// The bags of a chain.
fn chain(arena: &Arena, mut off: Off, to: &mut Vec<Off>) -> Result<()> {
    while !off.is_none() {
        to.push(off);
        if to.len() as u64 > arena.committed() / BAG_BYTES {
            return Err(Error::corrupt(off, "a chain of limbo bags that ends"));
        }
        off = Bag::at(arena, off)?.next();
    }
    Ok(())
}

/// All bags of a slot, at rest; empty spares last.
pub(crate) fn bags_of(slot: Slot<'_>) -> Result<Vec<Off>> {
    let mut offs = Vec::new();
    for at in [slot::BAG_OPEN, slot::BAGS_FULL, slot::BAGS_AGED, slot::BAGS_WORK, slot::BAG_KEPT, slot::BAGS_SPARE] {
        chain(slot.arena, Off(slot.word(at).load(Acquire)), &mut offs)?; // pairs with the release that stored it
    }
    Ok(offs)
}

/// The bags of a slot that may hold entries, and those of the queue after it, while a collector keeps the limbo as it is. A bag that is on
/// its way to another place may be missed, and the bags behind it.
pub(crate) fn bags_beside_others(arena: &Arena, slots: impl Iterator<Item = Off>) -> Vec<Off> {
    let mut offs = Vec::new();
    for off in slots {
        for at in [slot::BAG_OPEN, slot::BAGS_FULL, slot::BAGS_AGED, slot::BAGS_WORK, slot::BAG_KEPT] {
            let first = Off(arena.word(off.at(at)).load(Acquire)); // pairs with the release that stored it
            let _ = chain(arena, first, &mut offs); // what was met before an error stays
        }
    }
    for head in [word::LIMBO_IN, word::LIMBO_OUT] {
        let _ = chain(arena, queue::first(arena, head), &mut offs); // likewise
    }
    offs
}

/// All bags of the domain's queue, at rest.
pub(crate) fn bags_in_queue(arena: &Arena) -> Result<Vec<Off>> {
    queue::all(arena)
}

impl<'a> Slot<'a> {
    fn bag(&self, at: u64) -> Result<Option<Bag<'a>>> {
        let off = Off(self.word(at).load(Acquire)); // pairs with the release that stored it
        if off.is_none() { Ok(None) } else { Bag::at(self.arena, off).map(Some) }
    }

    /// Takes the first bag of a chain in the slot.
    fn take_first(&self, at: u64) -> Result<Option<Bag<'a>>> {
        let Some(bag) = self.bag(at)? else { return Ok(None) };
        self.set(at, bag.next().0);
        bag.set_next(Off::NONE);
        Ok(Some(bag))
    }

    fn put_first(&self, at: u64, bag: Bag<'_>) {
        bag.set_next(Off(self.get(at)));
        self.set(at, bag.off.0);
    }

    /// Adds to a chain that others may take away as a whole.
    fn put_shared(&self, at: u64, bag: Bag<'_>) {
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

    /// Makes sure that `n` blocks can be retired without allocating, with a bag to spare.
    pub fn reserve_limbo(&self, n: u64) -> Result<()> {
        let open = Bag { arena: self.arena, off: Off(self.get(slot::BAG_OPEN)) }; // ours: we put it there
        let room = if open.off.is_none() { 0 } else { bag::CAPACITY - open.len() };
        if room >= n && self.get(slot::BAGS_SPARE) != 0 {
            return Ok(());
        }
        self.ensure_spares(n.saturating_sub(room).div_ceil(bag::CAPACITY) + 1)
    }

    /// Makes sure that there are `n` empty bags.
    fn ensure_spares(&self, n: u64) -> Result<()> {
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
    fn spare(&self) -> Result<Bag<'a>> {
        self.ensure_spares(1)?;
        let bag = self.take_first(slot::BAGS_SPARE)?.ok_or_else(|| Error::corrupt(self.off, "a spare limbo bag"))?;
        bag.set_blocker(0);
        Ok(bag)
    }

    fn recycle(&self, bag: Bag<'_>) -> Result<()> {
        let mut spares = Vec::new();
        chain(self.arena, Off(self.get(slot::BAGS_SPARE)), &mut spares)?;
        if (spares.len() as u64) < SPARES {
            self.put_first(slot::BAGS_SPARE, bag);
            Ok(())
        } else {
            self.free(bag.off)
        }
    }

    /// Puts a block with no edges left into limbo.
    #[inline]
    pub fn retire(&self, e: Entry) -> Result<()> {
        let mut bag = Bag { arena: self.arena, off: Off(self.get(slot::BAG_OPEN)) }; // ours: we put it there
        if bag.off.is_none() {
            bag = self.spare()?;
            self.set(slot::BAG_OPEN, bag.off.0);
        }
        bag.push(e);
        crash_point!("retire: in a bag");
        if bag.len() == bag::CAPACITY {
            self.set(slot::BAG_OPEN, 0);
            crash_point!("retire: bag full");
            self.put_shared(slot::BAGS_FULL, bag);
        }
        Ok(())
    }

    /// Takes back one edge; retires the block if it was the last. True if something large hangs below it.
    #[inline]
    pub fn drop_edge(&self, off: Off, moved: bool) -> Result<bool> {
        let found = edges::take_back(self.arena, off, moved)?;
        if !found.zero {
            return Ok(false);
        }
        crash_point!("drop: last edge taken back");
        // Read after the decrement that reached zero. SeqCst, like the exchange of the root before it and every bump: a reader who
        // announced a later tick has then seen the new root, not the one that led here.
        let tag = Tick(self.arena.header(word::TICK).load(SeqCst));
        self.retire(Entry { off, deep: !found.moved, tag })?;
        Ok(!found.moved && is_large(self.arena, off))
    }

    /// Hands the bag under way to whoever comes first: when something large hangs in it.
    pub fn share_open_bag(&self) -> Result<()> {
        if let Some(bag) = self.take_first(slot::BAG_OPEN)? {
            queue::push(self.arena, bag);
        }
        Ok(())
    }

    /// Is a bag full, so that a scan is due?
    #[inline]
    pub fn scan_is_due(&self) -> bool {
        self.get(slot::BAGS_FULL) != 0
    }

    /// Is there work left from a scan?
    #[inline]
    pub fn has_work(&self) -> bool {
        self.get(slot::BAGS_WORK) != 0
    }

    /// Bumps the commit counter, gathers work, and reads the pins that it is judged by; `None` if one was just handed over.
    ///
    /// What no pin met then stays free to go: nothing that is retired can be reached again. So the work may be done bit by bit.
    #[cold]
    pub fn begin_scan(&self) -> Result<Option<Pinned>> {
        let tick = self.arena.header(word::TICK).fetch_add(1, SeqCst) + 1;
        self.set(slot::SCANNED, tick);
        self.gather(self.off)?;
        self.steal(tick)?;
        for _ in 0..FROM_QUEUE {
            match queue::pop(self.arena)? {
                Some(bag) => {
                    crash_point!("scan: bag taken from the queue");
                    self.put_first(slot::BAGS_WORK, bag);
                }
                None => break,
            }
        }
        let pinned = pins::collect(self.arena);
        if let Some(pinned) = &pinned {
            self.release_kept(pinned)?;
        }
        Ok(pinned)
    }

    /// Looks at many entries, and leaves what is left to whoever comes first.
    #[cold]
    pub fn work_much(&self, pinned: &Pinned) -> Result<()> {
        let done = self.work(pinned, BUDGET);
        self.leave_to_others()?;
        done
    }

    /// Looks at a few entries: somewhat more than a commit retires.
    pub fn work_a_little(&self, pinned: &Pinned) -> Result<()> {
        self.work(pinned, FEW)?;
        if self.has_work() { Ok(()) } else { self.leave_to_others() }
    }

    /// Moves the aged bags of a slot to our work, and its full ones to the aged.
    fn gather(&self, from: Off) -> Result<()> {
        let from = Slot { arena: self.arena, off: from };
        // AcqRel: entries are seen by whoever takes them. An exchange, for another may take them at the same time.
        let mut aged = Off(from.word(slot::BAGS_AGED).swap(0, AcqRel));
        let mut most = Most::of(self.arena);
        while !aged.is_none() {
            crash_point!("scan: gathering");
            most.count(aged)?;
            let bag = Bag::at(self.arena, aged)?;
            aged = bag.next();
            self.put_first(slot::BAGS_WORK, bag);
        }
        let mut full = Off(from.word(slot::BAGS_FULL).swap(0, AcqRel)); // likewise
        while !full.is_none() {
            most.count(full)?;
            let bag = Bag::at(self.arena, full)?;
            full = bag.next();
            self.put_shared(slot::BAGS_AGED, bag);
        }
        Ok(())
    }

    /// Takes the bags of one participant that has been idle.
    fn steal(&self, tick: u64) -> Result<()> {
        for off in chunks::entries(self.arena, List::Slots) {
            let other = Slot { arena: self.arena, off };
            let has = other.word(slot::BAGS_AGED).load(Relaxed) | other.word(slot::BAGS_FULL).load(Relaxed); // a hint
            if has != 0 && off != self.off && other.word(slot::SCANNED).load(Relaxed).saturating_add(IDLE_TICKS) < tick
            {
                return self.gather(off);
            }
        }
        Ok(())
    }

    /// Looks through the bags at hand.
    #[inline]
    fn work(&self, pinned: &Pinned, budget: u64) -> Result<()> {
        if self.get(slot::WALK) != 0 {
            self.walk()?;
        }
        for _ in 0..budget {
            let bag = Bag { arena: self.arena, off: Off(self.get(slot::BAGS_WORK)) }; // checked when it was put there
            if bag.off.is_none() {
                return Ok(());
            }
            if bag.blocker() != 0 {
                if pinned.contains(bag.blocker()) {
                    self.take_first(slot::BAGS_WORK)?;
                    queue::push(self.arena, bag);
                    continue;
                }
                bag.set_blocker(0);
            }
            if self.get(slot::BAGS_SPARE) == 0 {
                self.ensure_spares(SPARES)?; // before the entry is erased from its bag
            }
            match bag.pop() {
                Some(e) => self.look_at(e, pinned)?,
                None => {
                    self.take_first(slot::BAGS_WORK)?;
                    self.recycle(bag)?;
                }
            }
        }
        Ok(())
    }

    fn look_at(&self, e: Entry, pinned: &Pinned) -> Result<()> {
        crash_point!("work: entry erased");
        let birth = self.arena.block_header(e.off)?.birth();
        if let Some(pin) = pinned.meets(birth, e.tag) {
            crash_point!("work: entry to be kept");
            return self.keep(e, pin);
        }
        if e.deep {
            self.set(slot::WALK_TAG, e.tag.0);
            self.set(slot::WALK_NEXT, 0);
            self.set(slot::WALK, e.off.0);
            crash_point!("walk: begun");
            return self.walk();
        }
        self.free(e.off)
    }

    /// Drops the children of the block being walked, from where it got to, and frees it.
    pub fn walk(&self) -> Result<()> {
        let (off, tag) = (Off(self.get(slot::WALK)), Tick(self.get(slot::WALK_TAG)));
        let children = self.arena.node(off)?.children();
        for i in self.get(slot::WALK_NEXT)..children.len() as u64 {
            let Some(child) = Word(children[i as usize]).as_block() else { continue };
            if self.get(slot::BAGS_SPARE) == 0 {
                self.ensure_spares(SPARES)?; // before the edge is taken back
            }
            self.set(slot::WALK_NEXT, i + 1); // first the cursor, then the edge
            crash_point!("walk: cursor moved");
            let found = edges::take_back(self.arena, child, false)?;
            crash_point!("walk: edge taken back");
            if !found.zero {
                continue;
            }
            let e = Entry { off: child, deep: !found.moved, tag };
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

    fn keep(&self, e: Entry, pin: u64) -> Result<()> {
        let bag = match self.bag(slot::BAG_KEPT)? {
            Some(bag) if bag.len() < bag::CAPACITY && bag.blocker() == pin => bag,
            // Where many pins stand, blocks meet them by turns: a bag for each turn would be mostly empty. A bag of several
            // pins has no mark, and is looked through whenever it is taken.
            Some(bag) if bag.len() < bag::CAPACITY / 2 => {
                bag.set_blocker(0);
                bag
            }
            other => {
                if let Some(bag) = other {
                    self.set(slot::BAG_KEPT, 0);
                    queue::push(self.arena, bag);
                }
                let bag = self.spare()?;
                bag.set_blocker(pin);
                self.set(slot::BAG_KEPT, bag.off.0);
                bag
            }
        };
        bag.push(e);
        Ok(())
    }

    /// Puts what is left of the work on the domain's queue. What is kept for a pin stays until its bag is full: a long pin would
    /// be waited for by bags with an entry or two each otherwise, more bytes than it holds back.
    fn leave_to_others(&self) -> Result<()> {
        self.leave(slot::BAGS_WORK)
    }

    fn leave(&self, at: u64) -> Result<()> {
        while let Some(bag) = self.take_first(at)? {
            if bag.len() == 0 { self.recycle(bag)? } else { queue::push(self.arena, bag) }
        }
        Ok(())
    }

    /// What was kept for a pin that is gone is work again.
    fn release_kept(&self, pinned: &Pinned) -> Result<()> {
        if let Some(bag) = self.bag(slot::BAG_KEPT)?
            && !pinned.contains(bag.blocker())
        {
            self.set(slot::BAG_KEPT, 0);
            bag.set_blocker(0);
            self.put_first(slot::BAGS_WORK, bag);
        }
        Ok(())
    }

    /// Hands over everything in limbo, when the participant leaves; `from` may be the slot of a dead one.
    pub fn abandon_limbo(&self, from: Slot<'_>) -> Result<()> {
        for at in [slot::BAG_OPEN, slot::BAGS_FULL, slot::BAGS_AGED, slot::BAGS_WORK, slot::BAG_KEPT] {
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

    /// Works until nothing in limbo can be freed any more: for `gc`, `verify` and tests.
    pub fn work_off_all(&self, me: Owner) -> Result<()> {
        fence(SeqCst); // as in `recover_dead`
        if collector::is_collecting(self.arena, me)? {
            return Ok(());
        }
        // Three rounds, so that what is fresh grows a tick old; then as many as still retire something.
        for round in 0.. {
            if round >= 3 && self.get(slot::BAG_OPEN) == 0 && self.get(slot::BAGS_FULL) == 0 {
                break;
            }
            if let Some(bag) = self.take_first(slot::BAG_OPEN)? {
                queue::push(self.arena, bag);
            }
            self.arena.header(word::TICK).fetch_add(1, SeqCst);
            self.gather(self.off)?;
            self.gather(self.off)?;
            let mut most = Most::of(self.arena);
            while let Some(bag) = queue::pop(self.arena)? {
                most.count(bag.off)?;
                self.put_first(slot::BAGS_WORK, bag);
            }
            let Some(pinned) = pins::collect(self.arena) else { continue };
            self.release_kept(&pinned)?;
            let done = self.work(&pinned, u64::MAX);
            self.leave_to_others()?;
            self.leave(slot::BAG_KEPT)?;
            done?;
        }
        Ok(())
    }
}

/// The protocols inside, for models.
#[cfg(all(loom, test))]
pub(crate) mod models {
    use super::*;

    pub(crate) fn push(arena: &Arena, bag: Off) {
        queue::push(arena, Bag::at(arena, bag).unwrap());
    }
    pub(crate) fn pop(arena: &Arena) -> Option<Off> {
        queue::pop(arena).unwrap().map(|bag| bag.off)
    }
    pub(crate) fn entry(arena: &Arena, bag: Off) -> Entry {
        Bag::at(arena, bag).unwrap().entry(0)
    }
    pub(crate) fn put_full(slot: Slot<'_>, bag: Off) {
        slot.put_shared(slot::BAGS_FULL, Bag::at(slot.arena, bag).unwrap());
    }
    pub(crate) fn gather(slot: Slot<'_>, from: Off) {
        slot.gather(from).unwrap();
    }
    pub(crate) fn bags(slot: Slot<'_>) -> Vec<Off> {
        bags_of(slot).unwrap()
    }
}
