//! A scan: bags are gathered, the pins are read, and what was gathered is judged by them.

use super::MODEL;
use super::bag::{Bag, Most};
use super::queue::{self, Queue};
use super::work::{NEARLY_FULL, SEVERAL};
use crate::error::Quick as Result;
use crate::heap::Slot;
use crate::layout::Off;
use crate::layout::header::word;
use crate::layout::slot::{Owner, bag, slot};
use crate::reclaim::chunks::{self, List};
use crate::reclaim::collector;
use crate::reclaim::pins::{self, Pinned};
use crate::sync::{Relaxed, SeqCst, fence};

/// Entries looked at in one scan, if more is there than small steps keep up with.
const BUDGET: u64 = 4 * bag::CAPACITY;
/// Entries that a commit owes at least.
const FEW: u64 = if MODEL { 2 } else { 8 };
/// Fewer entries than these are not worth beginning with. More would make most commits quicker and some slower: 32 took 15 % off the median of an
/// update and added 25 % to the 95th percentile.
const STEP: u64 = if MODEL { 3 } else { 8 };
/// So many are looked at after a commit, if so many are owed.
const AT_ONCE: u64 = if MODEL { 6 } else { 64 };
/// Entries that are looked at for each block that is made. More than one, so that limbo shrinks while it is more than what is held.
const PAY: u64 = 3;
/// Scans are so far apart that all participants together make so many blocks meanwhile (or 256 bytes each of large ones): a tick, and with it a
/// pin, covers no more, and no more is retired that nobody looked at yet. It is somewhat less than eight bags hold.
const YOUNG: u64 = if MODEL { 4 } else { 8 * bag::CAPACITY - 10 };
/// A scan is due when so much was dropped, see `drop_edge`.
pub(crate) const LARGE: u64 = if MODEL { 6 } else { 4096 };
/// Bags that wait for pins of which a scan asks whether the pins are still there: so many,
const HELD_FEW: u64 = 8;
/// and so many more for each bag that it gathered. No more than these can come to wait, so what waits in vain stays a fraction of what is held.
const HELD_PER_BAG: u64 = 4;
/// It asks no further after so many bags in a row, and one for each bag that it gathered, whose pins stood when the scan before looked: those
/// behind came later, and a bag that waits is rarely in the cache.
const STANDING: u64 = 1;
/// With so many bags left of the last scan, small steps do not keep up.
const MANY_LEFT: u64 = 4;
/// Of all of them, bags that wait for several pins, which have to be looked through: one, and so many for each bag that was gathered.
const SEVERAL_PER_BAG: u64 = 2;
/// A bag that waits for several pins is looked through each time so many ticks went by.
const SEVERAL_TICKS: u64 = 8;
/// A participant that did not scan for so many ticks is idle.
const IDLE_TICKS: u64 = if MODEL { 1 } else { 64 };

/// Blocks made, or taken out of the current version, after which a scan is due to a participant: its share, but a bag at least.
pub(crate) fn young(participants: u64) -> u64 {
    (YOUNG / participants.max(1)).max(bag::CAPACITY)
}

/// Is so much owed that it is not put off any longer?
pub(crate) fn is_much(owed: u64) -> bool {
    owed > BUDGET
}

/// Entries that a commit owes which made so many blocks.
pub(crate) fn price(made: u64) -> u64 {
    (PAY * made).max(FEW)
}

/// Entries to be looked at after a commit, if so many are owed: none if they are too few, and of a debt from earlier a part, so that no commit
/// takes much longer than others.
pub(crate) fn step(owed: u64) -> u64 {
    if owed < STEP { 0 } else { (owed / 4).max(owed.min(AT_ONCE)) }
}

/// The pin, if any, that every entry of a bag meets: so it is with what is retired in one tick while somebody holds the versions of that tick.
/// A bag that is not nearly full is not asked: it would be poured into another.
fn waits_whole(bag: Bag<'_>, pinned: &Pinned) -> Option<u64> {
    if bag.len() < NEARLY_FULL {
        return None;
    }
    let (youngest, retired) = bag.span();
    pinned.meets(youngest, retired)
}

impl Slot<'_> {
    /// Takes the bag under way as if it was full. With `share` it goes to whoever comes first: when much hangs in it.
    pub fn close_open_bag(&self, share: bool) -> Result<()> {
        match self.take_first(slot::BAG_OPEN)? {
            Some(bag) if share => queue::push(self.arena, bag),
            Some(bag) => self.put_shared(slot::BAGS_FULL, bag),
            None => {}
        }
        Ok(())
    }

    /// The bag under way of a dead participant may be full: its owner had no time to put it away.
    pub fn close_full_bag(&self) -> Result<()> {
        match self.bag(slot::BAG_OPEN)? {
            Some(bag) if bag.len() == bag::CAPACITY => self.close_open_bag(false),
            _ => Ok(()),
        }
    }

    /// Is there more work left from the last scan than the commits until the next one do beside its own?
    pub fn is_behind(&self) -> Result<bool> {
        Ok(self.bags_left(MANY_LEFT)? == MANY_LEFT)
    }

    /// How many bags of work are at hand, if they are fewer than `most`.
    fn bags_left(&self, most: u64) -> Result<u64> {
        let mut next = self.bag(slot::BAGS_WORK)?;
        for n in 0..most {
            let Some(bag) = next else { return Ok(n) };
            next = bag.behind()?;
        }
        Ok(most)
    }

    /// Is there work left from a scan?
    #[inline]
    pub fn has_work(&self) -> bool {
        self.get(slot::BAGS_WORK) != 0
    }

    /// Bumps the commit counter, gathers work, and reads the pins that it is judged by; `None` if one was just handed over.
    ///
    /// Beside the participant's own bags it takes as much as is paid for: `owed` entries, and what is going to be owed until the next scan. More
    /// would only have to be put back. `before` is what the last scan found: a hint at what still waits.
    ///
    /// What no pin met then stays free to go: nothing that is retired can be reached again. So the work may be done bit by bit.
    #[cold]
    pub fn begin_scan(&self, owed: u64, before: Option<&Pinned>) -> Result<Option<Pinned>> {
        let tick = self.arena.header(word::TICK).fetch_add(1, SeqCst) + 1;
        self.set(slot::SCANNED, tick);
        let left = self.bags_left(MANY_LEFT)?;
        let mut gathered = self.gather(self.off)? + self.steal(tick)?;
        let mut room = (PAY * gathered.max(1) + owed / bag::CAPACITY).saturating_sub(left + gathered);
        while room > 0 {
            if self.take_from(Queue::Fresh)?.is_none() {
                break;
            }
            gathered += 1;
            room -= 1;
        }
        let taken = self.take_held(gathered, before)?;
        let pinned = pins::collect(self.arena);
        if let Some(pinned) = &pinned {
            self.put_back_held(pinned, taken, gathered, room)?;
            self.release_kept(pinned, tick.is_multiple_of(SEVERAL_TICKS))?;
        }
        Ok(pinned)
    }

    /// Takes some of the bags that wait for pins, in proportion to the bags that were gathered; how many. They are taken before the pins
    /// are read, which do not speak for what was retired later.
    fn take_held(&self, gathered: u64, before: Option<&Pinned>) -> Result<u64> {
        let (mut taken, mut several, mut standing) = (0, 0, 0);
        for _ in 0..HELD_FEW + HELD_PER_BAG * gathered {
            let Some(bag) = self.take_from(Queue::Held)? else { break };
            several += u64::from(bag.blocker() == SEVERAL);
            if bag.blocker() == SEVERAL && several > 1 + SEVERAL_PER_BAG * gathered {
                self.wait(slot::BAGS_WORK, None, bag); // next time
            } else {
                let stands = before.is_some_and(|pinned| pinned.covers(bag.blocker()));
                standing = if stands { standing + 1 } else { 0 };
                taken += 1;
                if standing > STANDING + gathered {
                    break;
                }
            }
        }
        Ok(taken)
    }

    /// Of the first `taken` bags at hand those whose pin stands wait on, and so do those whose pin is gone but for `most`: when many readers
    /// let go at once, the commits after it share the work. Of the `gathered` behind them wait those of which every entry meets one pin: they
    /// are spared the way through the bags that are filled for a pin.
    fn put_back_held(&self, pinned: &Pinned, taken: u64, gathered: u64, most: u64) -> Result<()> {
        let (mut before, mut next, mut stay) = (None, self.bag(slot::BAGS_WORK)?, 0);
        for i in 0..taken + gathered {
            let Some(bag) = next else { break };
            next = bag.behind()?;
            let pin = if i < taken {
                Some(bag.blocker()).filter(|pin| pinned.covers(*pin))
            } else {
                waits_whole(bag, pinned)
            };
            if pin.is_none() && (i >= taken || stay < most) {
                stay += u64::from(i < taken);
                before = Some(bag);
                continue;
            }
            match pin {
                Some(pin) => {
                    bag.set_blocker(pin);
                    self.go_on_waiting(before, bag)?;
                }
                None => self.wait(slot::BAGS_WORK, before, bag),
            }
        }
        Ok(())
    }

    /// Looks at many entries, `owed` at least, and leaves what is left to whoever comes first.
    #[cold]
    pub fn work_much(&self, pinned: &Pinned, owed: u64) -> Result<()> {
        let done = self.work(pinned, owed.max(BUDGET));
        self.leave(slot::BAGS_WORK)?;
        done
    }

    /// Moves the aged bags of a slot to our work, how many they are, and its full ones to the aged.
    pub(super) fn gather(&self, from: Off) -> Result<u64> {
        let from = Slot { arena: self.arena, off: from };
        self.take_over(from.word(slot::BAGS_AGED));
        let gathered = self.move_each(|bag| self.put_first(slot::BAGS_WORK, bag))?;
        self.take_over(from.word(slot::BAGS_FULL));
        self.move_each(|bag| self.put_shared(slot::BAGS_AGED, bag))?;
        Ok(gathered)
    }

    /// Takes the bags of one participant that has been idle; how many.
    fn steal(&self, tick: u64) -> Result<u64> {
        for off in chunks::entries(self.arena, List::Slots) {
            let other = Slot { arena: self.arena, off };
            let has = other.word(slot::BAGS_AGED).load(Relaxed) | other.word(slot::BAGS_FULL).load(Relaxed); // a hint
            if has != 0 && off != self.off && other.word(slot::SCANNED).load(Relaxed).saturating_add(IDLE_TICKS) < tick
            {
                return self.gather(off);
            }
        }
        Ok(0)
    }

    /// Puts the bags of a chain on the queues of the domain.
    pub(super) fn leave(&self, at: u64) -> Result<()> {
        while let Some(bag) = self.take_first(at)? {
            if bag.len() == 0 { self.recycle(bag)? } else { queue::push(self.arena, bag) }
        }
        Ok(())
    }

    /// Works until nothing in limbo can be freed any more: for `gc`, `verify` and tests.
    pub fn work_off_all(&self, me: Owner) -> Result<()> {
        fence(SeqCst); // we are active before we look; a collector announces itself and then looks who is active
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
            for queue in Queue::ALL {
                while let Some(bag) = self.take_from(queue)? {
                    most.count(bag.off)?;
                }
            }
            let Some(pinned) = pins::collect(self.arena) else { continue };
            self.release_kept(&pinned, true)?;
            let done = self.work(&pinned, u64::MAX);
            self.leave(slot::BAGS_WORK)?;
            self.leave(slot::BAGS_KEPT)?;
            done?;
        }
        Ok(())
    }
}
