//! The two queues of a domain: bags with work for anybody, and bags that wait for pins. Each is two stacks, put on one, taken
//! from the other; a head is `tag:20 | offset / 16`.

use super::bag::{BAG_BYTES, Bag, chain};
use crate::arena::Arena;
use crate::error::Quick as Result;
use crate::heap::Slot;
use crate::layout::Off;
use crate::layout::header::word;
use crate::layout::slot::{bag, slot};
use crate::sync::{AcqRel, Acquire, AtomicU64, Relaxed, bring_in};

const OFF_MASK: u64 = (1 << 44) - 1;

/// Which of the two. What waits for a pin stands apart, so that what nobody holds never waits behind it.
#[derive(Clone, Copy)]
pub(super) enum Queue {
    /// Not looked at, or not to the end.
    Fresh,
    /// Looked at: a pin met it.
    Held,
}

impl Queue {
    pub const ALL: [Queue; 2] = [Queue::Fresh, Queue::Held];

    fn input(self) -> u64 {
        match self {
            Queue::Fresh => word::LIMBO_IN,
            Queue::Held => word::HELD_IN,
        }
    }
    fn output(self) -> u64 {
        match self {
            Queue::Fresh => word::LIMBO_OUT,
            Queue::Held => word::HELD_OUT,
        }
    }
}

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

/// Puts a bag where it belongs by its mark.
pub(super) fn push(arena: &Arena, bag: Bag<'_>) {
    let queue = if bag.is_held() { Queue::Held } else { Queue::Fresh };
    push_to(arena.header(queue.input()), bag);
}

impl<'a> Slot<'a> {
    /// Takes a bag from a queue; it is the first of the work at hand then.
    pub(super) fn take_from(&self, queue: Queue) -> Result<Option<Bag<'a>>> {
        let out = self.arena.header(queue.output());
        let mut refilled = false;
        let mut before = out.load(Acquire); // pairs with the release in `push_to`
        loop {
            let off = unpack(before);
            if off.is_none() {
                if refilled || !self.turn(queue)? {
                    return Ok(None);
                }
                refilled = true;
                before = out.load(Acquire); // likewise
                continue;
            }
            self.arena.check(off, BAG_BYTES)?;
            // The bag may be taken and reused meanwhile: then this is any number, and the tag makes the exchange fail.
            let next = Off(self.arena.word(off.at(1 + bag::NEXT)).load(Relaxed) & (OFF_MASK << 4));
            let _ = bring_in(out, before);
            match out.compare_exchange_weak(before, pack(before, next), AcqRel, Acquire) {
                Ok(_) => {
                    self.set(slot::BAG_TAKEN, off.0); // to write to the bag may take long
                    crash_point!("queue: bag taken");
                    self.arena.prefetch(next); // it is the one that is asked for next, and rarely in the cache
                    let bag = Bag::at(self.arena, off)?;
                    bag.set_next(Off(self.get(slot::BAGS_WORK)));
                    self.set(slot::BAG_TAKEN, 0);
                    self.set(slot::BAGS_WORK, off.0);
                    return Ok(Some(bag));
                }
                Err(now) => before = now,
            }
        }
    }

    /// Moves what was put to where it is taken.
    fn turn(&self, queue: Queue) -> Result<bool> {
        let input = self.arena.header(queue.input());
        let mut before = input.load(Acquire); // pairs with the release in `push_to`
        while !unpack(before).is_none() {
            let _ = bring_in(input, before); // who dies between the exchange and the record of it loses the chain
            match input.compare_exchange_weak(before, pack(before, Off::NONE), AcqRel, Acquire) {
                Ok(_) => {
                    self.set(slot::BAGS_MOVING, unpack(before).0);
                    crash_point!("queue: taken over");
                    let output = self.arena.header(queue.output());
                    self.move_each(|bag| push_to(output, bag))?;
                    return Ok(true);
                }
                Err(now) => before = now,
            }
        }
        Ok(false)
    }
}

/// The first bags of all stacks, for looking at them beside others.
pub(super) fn firsts(arena: &Arena) -> [Off; 4] {
    let [fresh, held] = Queue::ALL;
    let words = [fresh.input(), fresh.output(), held.input(), held.output()];
    words.map(|head| unpack(arena.header(head).load(Acquire))) // pairs with the release in `push_to`
}

/// All bags, at rest.
pub(crate) fn all(arena: &Arena) -> Result<Vec<Off>> {
    let mut offs = Vec::new();
    for first in firsts(arena) {
        chain(arena, first, &mut offs)?;
    }
    Ok(offs)
}
