//! Limbo: blocks that left the current version and wait until no pin meets them.
//!
//! A participant fills bags in its slot; a bag waits one tick of the commit counter, then it is looked through. What no
//! pin meets is freed; of a dropped subtree the root is freed and its children, if that was their last edge, follow with the
//! same tag, a bounded number of blocks at a time. What a pin meets goes to a queue of its own, marked with that pin, and is not
//! touched again while the pin stands. Bags of a participant that does nothing can be taken by any other.
//!
//! Who makes blocks pays for it by looking at some more entries than it made blocks. So limbo does not grow, however much each
//! commit drops.
//!
//! Every move erases first and writes then: a crash in between leaks (`gc` finds it), it never frees twice. Between the two stand a few
//! instructions that wait for nothing: what is going to be written was brought in before. What takes longer stands in the slot meanwhile.

mod bag;
mod bags;
mod queue;
mod scan;
mod work;

pub(crate) use bag::Bag;
pub(crate) use bags::{bags_beside_others, bags_of};
pub(crate) use queue::all as bags_in_queue;
pub(crate) use scan::{LARGE, is_much, price, step, young};

use super::edges;
use crate::arena::Arena;
use crate::error::Quick as Result;
use crate::heap::Slot;
use crate::layout::block::Kind;
use crate::layout::header::word;
use crate::layout::slot::{ONLY, bag::CAPACITY, slot};
use crate::layout::{BlockHeader, Off, Tick, Word};
use crate::sync::SeqCst;
use crate::view::ordered::{Part, width};

/// Under a model checker everything is small, so that it happens soon.
const MODEL: bool = cfg!(any(loom, shuttle));

/// A block in limbo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub off: Off,
    /// What hangs below it is dropped too.
    pub deep: bool,
    /// When it was born, as its header says: it need not be looked at for that.
    pub birth: Tick,
    /// When it was retired.
    pub tag: Tick,
}

/// About how many blocks and elements go with a dropped block, not counting itself.
fn weight(arena: &Arena, off: Off) -> u64 {
    /// Of what has something of unknown size below it.
    const NESTED: u64 = 128;
    let Ok(node) = arena.node(off) else { return 0 };
    let is_block = |&word: &u64| Word(word).is_block();
    let (elements, children) = match node.kind {
        Kind::Str | Kind::Scalar | Kind::Array | Kind::Records => return node.shape.words / 32,
        Kind::MapRoot | Kind::SetRoot => (node.words[1], node.children()),
        Kind::VectorRoot => (node.words[0], node.children()),
        Kind::SortedMap | Kind::SortedSet | Kind::IntMap => (Part::of(&node).count(width(node.kind)), node.children()),
        // The rest of a list mostly lives on without its first cell.
        Kind::ListCell => match Word(node.words[2]).as_block() {
            Some(rest) if arena.block_header(rest).is_ok_and(|h| h.edges() > 1) => (1, &node.children()[..1]), // a guess
            _ => (node.words[0], node.children()),
        },
        _ => (0, node.children()),
    };
    if children.iter().any(is_block) { elements.max(NESTED) } else { elements }
}

impl<'a> Slot<'a> {
    /// Puts a block with no edges left into limbo.
    pub fn retire(&self, e: Entry) -> Result<()> {
        self.retire_recorded(e, |_| Ok(()))
    }

    /// The same; `record` is told before others may take the bag.
    #[inline]
    pub fn retire_recorded(&self, e: Entry, record: impl Fn(bool) -> Result<()>) -> Result<()> {
        self.retire_into(self.open_bag()?, e, record)
    }

    #[inline(always)]
    fn retire_into(&self, bag: Bag<'a>, e: Entry, record: impl Fn(bool) -> Result<()>) -> Result<()> {
        let len = bag.push(e);
        crash_point!("retire: in a bag");
        if len == CAPACITY {
            record(false)?;
            self.set(slot::BAG_OPEN, 0);
            crash_point!("retire: bag full");
            self.put_shared(slot::BAGS_FULL, bag);
        }
        Ok(())
    }

    /// The bag under way.
    #[inline]
    fn open_bag(&self) -> Result<Bag<'a>> {
        let mut bag = Bag { arena: self.arena, off: Off(self.get(slot::BAG_OPEN)) }; // ours: we put it there
        if bag.off.is_none() {
            bag = self.spare()?;
            self.set(slot::BAG_OPEN, bag.off.0);
        }
        Ok(bag)
    }

    /// The first bag `at`, if the last that was put into it is `off`.
    pub fn is_last(&self, off: Off, at: u64) -> Result<Option<Bag<'a>>> {
        Ok(self.bag(at)?.filter(|bag| bag.last().is_some_and(|last| last.off == off)))
    }

    /// What the record of a dead participant leaves open about the last edge, which led to `off`: the number of the next one, and a block that was
    /// to be retired before. What was retired stands last in the first bag `at`.
    pub fn doubt(&self, record: u64, off: Off, at: u64) -> Result<(u64, Option<Entry>)> {
        let next = record & !ONLY;
        if record == next {
            return Ok((next, None)); // nobody can tell
        }
        let header = self.arena.block_header(off)?;
        if header.edges() != 0 {
            return Ok((next - 1, None)); // the edge is still there
        }
        if self.is_last(off, at)?.is_some() {
            return Ok((next, None));
        }
        // Of all tags the latest is the safest. It is read after the decrement, see `drop_edge`.
        let tag = Tick(self.arena.header(word::TICK).load(SeqCst));
        Ok((next, Some(Entry { off, deep: !header.has(BlockHeader::MOVED), birth: header.birth(), tag })))
    }

    /// Takes back one edge; retires the block if it was the last. Gives about how many blocks and elements go with it. `record` is called as by
    /// [`edges::take_back`].
    #[inline(always)]
    pub fn drop_edge(&self, off: Off, moved: bool, record: impl Fn(bool) -> Result<()>) -> Result<u64> {
        let bag = self.open_bag()?; // nothing has to be brought in between the edge and its entry
        let found = edges::take_back(self.arena, off, moved, &record)?;
        if !found.zero {
            return Ok(0);
        }
        crash_point!("drop: last edge taken back");
        // Read after the decrement that reached zero. SeqCst, like the exchange of the root before it and every bump: a reader who
        // announced a later tick has then seen the new root, not the one that led here.
        let tag = Tick(self.arena.header(word::TICK).load(SeqCst));
        self.retire_into(bag, Entry { off, deep: !found.moved, birth: found.birth, tag }, record)?;
        Ok(if found.moved { 0 } else { weight(self.arena, off) })
    }
}

/// The protocols inside, for models.
#[cfg(all(loom, test))]
pub(crate) mod models {
    use super::queue::Queue;
    use super::*;

    pub(crate) fn push(arena: &Arena, bag: Off) {
        queue::push(arena, Bag::at(arena, bag).unwrap());
    }
    pub(crate) fn pop(slot: Slot<'_>) -> Option<Off> {
        slot.take_from(Queue::Fresh).unwrap()?;
        slot.take_first(crate::layout::slot::slot::BAGS_WORK).unwrap().map(|bag| bag.off)
    }
    pub(crate) fn entry(arena: &Arena, bag: Off) -> Entry {
        Bag::at(arena, bag).unwrap().entry(0)
    }
    pub(crate) fn put_full(slot: Slot<'_>, bag: Off) {
        let bag = Bag::at(slot.arena, bag).unwrap();
        slot.put_shared(slot::BAGS_FULL, bag);
    }
    pub(crate) fn gather(slot: Slot<'_>, from: Off) {
        slot.gather(from).unwrap();
    }
    pub(crate) fn bags(slot: Slot<'_>) -> Vec<Off> {
        bags_of(slot).unwrap()
    }
}
