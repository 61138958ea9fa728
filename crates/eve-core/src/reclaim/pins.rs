//! Pins: which ticks somebody may be reading.
//!
//! A reader announces a pin without an end, then loads the root word, then narrows the pin to the birth of that root: one
//! version. A block with birth `b`, retired at tick `r`, may be reused when no pin meets the closed interval `[b, r]`.
//!
//! Why a scan cannot miss a reader: the reader stores its pin and then loads the root, the retirer exchanges the root and then
//! reads the pins, with a SeqCst fence between the two on either side. So the scan sees the pin, or the reader sees the new root.
//!
//! Within one slot the operation's pin is read first and the snapshots' after it: a pin that passes from the one to the other
//! (stored there, then cleared here) is seen in one of the two places. Pins that move any other way bump the hand-over counter
//! between the store and the clearing; a scan that sees the counter change frees nothing.

use super::chunks::{self, List};
use crate::arena::Arena;
use crate::layout::header::word;
use crate::layout::slot::{Pin, process, slot};
use crate::layout::{Off, Tick};
use crate::sync::{Acquire, Relaxed, SeqCst, fence};
use smallvec::SmallVec;
use std::cell::Cell;

/// What the pins of a domain covered at some moment: sorted by their low end, each with the highest high end so far.
pub(crate) struct Pinned {
    pins: SmallVec<[(u64, u64, u64); 32]>,
    /// The pins' words, in the same order.
    words: SmallVec<[u64; 32]>,
    /// The lowest tick and the highest that any covers.
    reach: (u64, u64),
    /// How many participants there were.
    pub participants: u64,
    /// The last question and its answer: what was made and dropped together is asked for together.
    last: Cell<(Tick, Tick, Option<u64>)>,
}

/// Reads all pins; `None` if one was handed over meanwhile.
pub(crate) fn collect(arena: &Arena) -> Option<Pinned> {
    let handover = arena.header(word::HANDOVER);
    let before = handover.load(Acquire); // the slots are read after it
    fence(SeqCst); // between retiring and reading the pins, see above
    let mut found: SmallVec<[(u64, u64, u64); 32]> = SmallVec::new();
    let mut look = |at: Off| {
        let pin = Pin(arena.word(at).load(Acquire)); // pairs with the release that cleared or narrowed it
        if let Some((lo, hi)) = pin.bounds() {
            found.push((lo, hi, pin.0));
        }
    };
    let mut participants = 0;
    for slot in chunks::entries(arena, List::Slots) {
        participants += u64::from(arena.word(slot.at(slot::OWNER)).load(Relaxed) != 0); // a hint
        for i in slot::PIN..slot::SNAPSHOTS + slot::SNAPSHOT_PINS {
            look(slot.at(i));
        }
    }
    for process in chunks::entries(arena, List::Processes) {
        let used = arena.word(process.at(process::PINS_USED)).load(Acquire).min(process::PIN_COUNT);
        for i in 0..used {
            look(process.at(process::PINS + i));
        }
    }
    fence(SeqCst); // the counter is read after the slots
    if handover.load(Relaxed) != before {
        return None;
    }
    Some(Pinned { participants, ..Pinned::of(found) })
}

impl Pinned {
    /// Of `(lowest, highest, word)`.
    fn of(mut pins: SmallVec<[(u64, u64, u64); 32]>) -> Pinned {
        pins.sort_unstable();
        let words = pins.iter().map(|p| p.2).collect();
        let mut highest = 0;
        for pin in &mut pins {
            highest = highest.max(pin.1);
            pin.2 = highest;
        }
        let reach = (pins.first().map_or(u64::MAX, |pin| pin.0), highest);
        Pinned { pins, words, reach, participants: 0, last: Cell::new((Tick(u64::MAX), Tick(0), None)) } // no block was born then
    }
    /// The pin, if any, that meets `[birth, retired]`: of several the oldest.
    #[inline]
    pub fn meets(&self, birth: Tick, retired: Tick) -> Option<u64> {
        if retired.0 < self.reach.0 || birth.0 > self.reach.1 {
            return None;
        }
        let (of, to, answer) = self.last.get();
        if (of, to) == (birth, retired) {
            return answer;
        }
        let answer = self.search(birth, retired);
        self.last.set((birth, retired, answer));
        answer
    }
    fn search(&self, birth: Tick, retired: Tick) -> Option<u64> {
        let reach = self.pins.partition_point(|pin| pin.0 <= retired.0);
        if reach == 0 || self.pins[reach - 1].2 < birth.0 {
            return None;
        }
        // The first that reaches so high is the first after which the highest end does.
        let first = self.pins[..reach].partition_point(|pin| pin.2 < birth.0);
        Some(self.words[first])
    }
    /// Does some pin cover all that this one covered, so that what met this one meets that? Pins of many snapshots grow, and what
    /// waits for one need not be looked at again for that.
    pub fn covers(&self, pin: u64) -> bool {
        let Some((lo, hi)) = Pin(pin).bounds() else { return false };
        let reach = self.pins.partition_point(|other| other.0 <= lo);
        reach > 0 && self.pins[reach - 1].2 >= hi
    }
    /// The lowest tick that is pinned.
    pub fn oldest(&self) -> Option<u64> {
        self.pins.first().map(|pin| pin.0)
    }
    /// How many pins there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(pins: Vec<(u64, u64)>) -> Pinned {
        Pinned::of(pins.iter().map(|p| (p.0, p.1, Pin::interval(Tick(p.0), Tick(p.1)).0)).collect())
    }

    #[test]
    fn what_waits_for_a_pin_that_grew_goes_on_waiting() {
        let waits_for = Pin::interval(Tick(5), Tick(9)).0;
        for (pins, covered) in [
            (vec![(5, 9)], true),
            (vec![(5, 12)], true),
            (vec![(1, 20), (6, 7)], true),
            (vec![(6, 12)], false),
            (vec![(5, 8), (9, 9)], false), // two, of which one may go alone
            (vec![(10, 12)], false),
            (vec![], false),
        ] {
            assert_eq!(pinned(pins.clone()).covers(waits_for), covered, "{pins:?}");
        }
        assert!(!pinned(vec![(0, 9)]).covers(2), "the mark of bags for several pins");
        let open = Pin::open(Tick(5)).0;
        assert!(!pinned(vec![(5, 90)]).covers(open));
    }
}
