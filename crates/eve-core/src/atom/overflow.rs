//! Pins of snapshots that found no room in their thread's slot: a few words a process, each an interval of ticks that covers
//! some of the snapshots. More snapshots than words widen the nearest interval, which then holds back what lies between; when
//! a word becomes free, the interval with the widest gap is cut in two.

use crate::arena::Arena;
use crate::layout::header::word;
use crate::layout::slot::{Pin, process};
use crate::layout::{Off, Tick};
use crate::sync::{AcqRel, SeqCst};
use std::collections::BTreeMap;

/// Which ticks are held, and by which words.
#[derive(Default)]
pub(crate) struct Overflow {
    /// Snapshots held, by the birth of their root.
    held: BTreeMap<u64, u64>,
    /// The interval in each word that is in use, by the word's number.
    words: Vec<Option<(u64, u64)>>,
    /// Did a word become free that has cut no interval yet?
    spare: bool,
    /// Snapshots let go of since the gaps were looked at.
    since: usize,
    /// Ticks passed while the gaps were looked at.
    #[cfg(test)]
    passed: usize,
}

/// The gaps are looked at, all of them, once one in so many of the snapshots that are held was let go of since.
const SHARE: usize = 64;

impl Overflow {
    /// Holds nothing?
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    fn store(&mut self, arena: &Arena, entry: Off, i: usize, interval: Option<(u64, u64)>) {
        let pin = interval.map_or(Pin::NONE, |(lo, hi)| Pin::interval(Tick(lo), Tick(hi)));
        if i == self.words.len() {
            self.words.push(None);
            let used = arena.word(entry.at(process::PINS_USED));
            used.store(self.words.len() as u64, SeqCst); // before the pin: a scan looks at so many words
        }
        self.words[i] = interval;
        arena.word(entry.at(process::PINS + i as u64)).store(pin.0, SeqCst); // before the pin that held it till now is cleared
    }

    fn free_word(&self) -> Option<usize> {
        let free = self.words.iter().position(Option::is_none);
        free.or_else(|| (self.words.len() < process::PIN_COUNT as usize).then_some(self.words.len()))
    }

    /// Holds the version whose root was born at `tick`. The caller still has it pinned otherwise.
    pub fn add(&mut self, arena: &Arena, entry: Off, tick: u64) {
        *self.held.entry(tick).or_default() += 1;
        if self.words.iter().flatten().any(|&(lo, hi)| lo <= tick && tick <= hi) {
            return;
        }
        if let Some(i) = self.free_word() {
            return self.store(arena, entry, i, Some((tick, tick)));
        }
        let distance = |&(lo, hi): &(u64, u64)| if tick < lo { lo - tick } else { tick - hi };
        let nearest = (0..self.words.len()).filter_map(|i| self.words[i].map(|w| (distance(&w), i))).min();
        if let Some((_, i)) = nearest {
            let (lo, hi) = self.words[i].unwrap_or((tick, tick));
            self.store(arena, entry, i, Some((lo.min(tick), hi.max(tick)))); // one word: it covers more from now on
        }
    }

    /// Lets go of it.
    pub fn remove(&mut self, arena: &Arena, entry: Off, tick: u64) {
        match self.held.get_mut(&tick) {
            Some(n) if *n > 1 => return *n -= 1,
            _ => self.held.remove(&tick),
        };
        let Some(i) = self.words.iter().position(|w| w.is_some_and(|(lo, hi)| lo <= tick && tick <= hi)) else {
            return;
        };
        let Some((lo, hi)) = self.words[i] else { return };
        let mut inside = self.held.range(lo..=hi).map(|h| *h.0);
        let first = inside.next();
        let last = inside.next_back().or(first);
        self.store(arena, entry, i, first.zip(last));
        self.spare |= first.is_none();
        self.since += 1;
        if self.spare && self.since >= self.held.len() / SHARE {
            self.since = 0;
            self.spare = self.cut_widest(arena, entry);
        }
    }

    /// Uses a free word to cut the interval with the widest gap in two. False if there is no such word, or no gap.
    fn cut_widest(&mut self, arena: &Arena, entry: Off) -> bool {
        let Some(spare) = self.words.iter().position(Option::is_none) else { return false };
        let mut widest = (1, 0, 0, 0);
        for (i, &(lo, hi)) in self.words.iter().enumerate().filter_map(|(i, w)| w.as_ref().map(|w| (i, w))) {
            let mut before = lo;
            for (&tick, _) in self.held.range(lo..=hi) {
                #[cfg(test)]
                {
                    self.passed += 1;
                }
                if tick - before > widest.0 {
                    widest = (tick - before, i, before, tick);
                }
                before = tick;
            }
        }
        let (gap, i, below, above) = widest;
        if gap > 1
            && let Some((lo, hi)) = self.words[i]
        {
            self.store(arena, entry, spare, Some((above, hi)));
            hand_over(arena); // part of the pin moved from the one word to the other
            self.store(arena, entry, i, Some((lo, below)));
            return true;
        }
        false
    }
}

/// Tells scans under way that a pin moves: between storing the new one and clearing the old one.
pub(crate) fn hand_over(arena: &Arena) {
    arena.header(word::HANDOVER).fetch_add(1, AcqRel); // ordered between the two stores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Acquire;

    fn arena() -> Arena {
        let region = crate::region::AnonRegion::new(1 << 20).unwrap();
        crate::region::Region::grow(&region, 0, 1 << 16).unwrap();
        Arena::new(Box::new(region))
    }

    /// In the order that frees a word each time, and in one that frees one seldom: a few steps for each snapshot, however many there are.
    #[test]
    fn to_let_go_of_many_costs_each_the_same() {
        const MANY: u64 = 20_000;
        let (arena, entry) = (arena(), Off(8192));
        let odd_ones_first = (0..MANY).filter(|i| i % 2 == 1).chain((0..MANY).filter(|i| i % 2 == 0));
        for order in [(0..MANY).collect::<Vec<_>>(), (0..MANY).rev().collect(), odd_ones_first.collect()] {
            let mut o = Overflow::default();
            (0..MANY).for_each(|i| o.add(&arena, entry, 10 * i));
            for i in order {
                o.remove(&arena, entry, 10 * i);
            }
            assert!(o.is_empty() && o.words.iter().all(Option::is_none));
            assert!(o.passed <= 4 * SHARE * MANY as usize, "{} ticks passed", o.passed);
        }
    }

    /// Every held tick is covered by some word, whatever comes and goes.
    #[test]
    fn every_held_tick_is_covered() {
        let (arena, entry) = (arena(), Off(8192));
        let mut o = Overflow::default();
        let mut model = Vec::new();
        let mut x = 7u64;
        for _ in 0..20_000 {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            if model.is_empty() || (x >> 20) % 100 < if model.len() < 200 { 60 } else { 40 } {
                let tick = (x >> 30) % 5000;
                o.add(&arena, entry, tick);
                model.push(tick);
            } else {
                let tick = model.swap_remove((x >> 30) as usize % model.len());
                o.remove(&arena, entry, tick);
            }
            let pins: Vec<(u64, u64)> = (0..process::PIN_COUNT)
                .filter_map(|i| Pin(arena.word(entry.at(process::PINS + i)).load(Acquire)).bounds())
                .collect();
            for &t in &model {
                assert!(pins.iter().any(|p| p.0 <= t && t <= p.1), "{t} is not covered by {pins:?}");
            }
            if model.is_empty() {
                assert!(pins.is_empty());
            }
        }
    }
}
