//! A participant: one thread of one process, with its slot. A thread gets one for each domain it uses, and gives it to the
//! next thread of the process when it ends; its snapshots may live on in other threads.

use super::domain::{Domain, Inner};
use super::overflow::hand_over;
use crate::error::{Error, Quick as Result};
use crate::heap::Slot;
use crate::layout::header::{atom, word};
use crate::layout::slot::{Pin, slot};
use crate::layout::{Off, Tick, Word};
use crate::reclaim::limbo;
use crate::reclaim::pins::Pinned;
use crate::sync::{AcqRel, Acquire, AtomicU32, AtomicU64, Relaxed, Release, SeqCst, fence};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// Snapshots that share one pin of the slot, all of one root.
#[derive(Default)]
struct Held {
    /// 0: free. [`Held::BUSY`]: being freed.
    count: AtomicU32,
    root: AtomicU64,
}

impl Held {
    const BUSY: u32 = u32::MAX;
}

/// A thread's part in a domain.
pub(crate) struct Participant {
    pub inner: Arc<Inner>,
    off: Off,
    held: [Held; slot::SNAPSHOT_PINS as usize],
    /// Blocks made, or taken out of the current version, since the last scan.
    pub(super) young: Cell<u64>,
    /// After how many a scan is due, see `limbo::young`.
    pub(super) young_most: Cell<u64>,
    /// About how many blocks and elements were dropped since the last scan, see `limbo::LARGE`.
    pub(super) dropped: Cell<u64>,
    /// Entries of limbo to be looked at for what was made, see `limbo::price`.
    pub(super) owed: Cell<u64>,
    /// Scans done.
    pub(super) scans: Cell<u32>,
    /// The pins of the last scan, by which the work that is left from it is judged.
    pub(super) pinned: RefCell<Option<Pinned>>,
    /// What went wrong behind the exchange of the last commit, which took place nevertheless.
    pub(super) untold: Cell<Option<Box<Error>>>,
}

// SAFETY: the cells are touched only by the thread that the participant was given to (`current`, one at a time, handed on
// through a mutex); other threads only call `unpin`, which uses atomics.
unsafe impl Sync for Participant {}

/// Which pin holds a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PinRef {
    /// None: the root is an immediate.
    None,
    /// A word of the participant's slot.
    Slot(usize),
    /// One of the process's, for the version born at this tick.
    Overflow(u64),
    /// None: the process may not write, and this was the atom's number of commits.
    Unpinned(u64),
}

impl Participant {
    pub fn new(inner: Arc<Inner>, off: Off) -> Participant {
        Participant {
            inner,
            off,
            held: Default::default(),
            young: Cell::new(0),
            young_most: Cell::new(limbo::young(u64::MAX)), // until a scan has counted the participants
            dropped: Cell::new(0),
            owed: Cell::new(0),
            scans: Cell::new(0),
            pinned: RefCell::default(),
            untold: Cell::new(None),
        }
    }
    #[inline]
    pub fn slot(&self) -> Slot<'_> {
        Slot { arena: &self.inner.arena, off: self.off }
    }
    /// Loads the root of an atom and pins its version for a snapshot.
    #[inline]
    pub fn pin_root(&self, entry: Off) -> Result<(Word, PinRef)> {
        let arena = &self.inner.arena;
        let root = arena.word(entry.at(1 + atom::ROOT));
        let seen = Word(root.load(Acquire)); // pairs with the exchange that published it
        if !seen.is_block() {
            return Ok((seen, PinRef::None));
        }
        let mut free = None;
        for (i, held) in self.held.iter().enumerate() {
            // Acquire: pairs with the release in `unpin`, so that the pin it cleared is not cleared after ours is stored.
            let count = held.count.load(Acquire);
            if count == 0 {
                free = Some(i);
            } else if held.root.load(Relaxed) == seen.0 && self.share(i, seen) {
                // While we hold the pin of this root, its address means this root; so if the atom has it, it has this one.
                if root.load(Acquire) == seen.0 {
                    return Ok((seen, PinRef::Slot(i)));
                }
                self.unpin(PinRef::Slot(i));
            }
        }
        let at = free.map_or(slot::PIN, |i| slot::SNAPSHOTS + i as u64);
        let pin = arena.word(self.off.at(at));
        let lo = Tick(arena.header(word::TICK).load(Acquire));
        pin.store(Pin::open(lo).0, Relaxed); // ordered by the fence
        fence(SeqCst); // between the pin and the root word, see `reclaim::pins`
        let seen = Word(root.load(Acquire)); // pairs with the exchange that published it
        let Some(off) = seen.as_block() else {
            pin.store(Pin::NONE.0, Release);
            return Ok((seen, PinRef::None));
        };
        let birth = match arena.block_header(off) {
            Ok(header) => header.birth(),
            Err(e) => {
                pin.store(Pin::NONE.0, Release);
                return Err(e);
            }
        };
        match free {
            Some(i) => {
                pin.store(Pin::point(birth).0, Release); // narrower: what it lets go we never looked at
                self.take(i, seen);
                Ok((seen, PinRef::Slot(i)))
            }
            None => {
                self.overflow(birth);
                pin.store(Pin::NONE.0, Release); // all reads under it are done
                Ok((seen, PinRef::Overflow(birth.0)))
            }
        }
    }

    fn overflow(&self, birth: Tick) {
        self.inner.with_overflow(|o, entry| o.add(&self.inner.arena, entry, birth.0));
        hand_over(&self.inner.arena); // the operation's pin is going to be cleared
    }

    fn take(&self, i: usize, root: Word) {
        self.held[i].root.store(root.0, Relaxed); // published by the count
        self.held[i].count.store(1, Release);
    }

    /// One more snapshot under pin `i`, if it still is of this root.
    fn share(&self, i: usize, root: Word) -> bool {
        let held = &self.held[i];
        let mut count = held.count.load(Acquire);
        while count != 0 && count < Held::BUSY - 1 {
            // Acquire: the root that belongs to this count is read after it.
            match held.count.compare_exchange_weak(count, count + 1, AcqRel, Acquire) {
                Ok(_) if held.root.load(Relaxed) == root.0 => return true,
                Ok(_) => {
                    self.unpin(PinRef::Slot(i));
                    return false;
                }
                Err(now) => count = now,
            }
        }
        false
    }

    /// A pin for a snapshot of `root`, which the operation's pin covers until now; that one is cleared afterwards. `birth`: that of the root, if it
    /// is a block.
    pub fn pin_result(&self, root: Word, birth: Option<Tick>) -> PinRef {
        let Some(birth) = birth else { return PinRef::None };
        for (i, held) in self.held.iter().enumerate() {
            let count = held.count.load(Acquire); // pairs with the release in `unpin`: the pin is cleared
            if count == 0 {
                // A scan reads the operation's pin before this one, so it sees one of the two.
                self.slot().set(slot::SNAPSHOTS + i as u64, Pin::point(birth).0);
                self.take(i, root);
                return PinRef::Slot(i);
            }
        }
        self.overflow(birth);
        PinRef::Overflow(birth.0)
    }

    /// Lets go of a snapshot's pin; from any thread.
    #[inline]
    pub fn unpin(&self, pin: PinRef) {
        if pin == PinRef::None || self.inner.arena.region().forked() {
            return; // in a forked child the pin is the parent's
        }
        match pin {
            PinRef::None | PinRef::Unpinned(_) => {}
            PinRef::Overflow(tick) => self.inner.with_overflow(|o, entry| o.remove(&self.inner.arena, entry, tick)),
            PinRef::Slot(i) => {
                let held = &self.held[i];
                let mut count = held.count.load(Relaxed); // checked by the exchange
                loop {
                    let after = if count == 1 { Held::BUSY } else { count - 1 };
                    // AcqRel: what the other sharers read is over before the pin is cleared.
                    match held.count.compare_exchange_weak(count, after, AcqRel, Relaxed) {
                        Ok(_) => break,
                        Err(now) => count = now,
                    }
                }
                if count == 1 {
                    let pin = self.inner.arena.word(self.off.at(slot::SNAPSHOTS + i as u64));
                    pin.store(Pin::NONE.0, Release); // all reads under it are done
                    held.count.store(0, Release); // only now may the owner use the pin again
                }
            }
        }
    }
}

/// The participants of a thread, given back when it ends.
#[derive(Default)]
struct Mine(Vec<(u64, Arc<Participant>)>);

impl Mine {
    /// The one for this domain.
    #[inline]
    fn of(&self, inner: &Inner) -> Option<&Arc<Participant>> {
        self.0.iter().find(|(id, _)| *id == inner.id).map(|(_, participant)| participant)
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        for (_, participant) in self.0.drain(..) {
            let inner = participant.inner.clone();
            inner.give_back(participant);
        }
    }
}

crate::sync::thread_local! {
    static MINE: RefCell<Mine> = RefCell::default();
}

/// This thread's participant in a domain.
#[inline]
pub(crate) fn current(inner: &Arc<Inner>) -> Result<Lent<'static>> {
    if inner.arena.region().forked() {
        return Err(Error::Forked.into());
    }
    let found = MINE.try_with(|mine| mine.borrow().of(inner).cloned());
    Ok(match found {
        Ok(Some(participant)) => Lent::Owned(participant),
        Ok(None) => Lent::Owned(join(inner)?),
        // The thread is ending and its list is gone: a participant for this one operation.
        Err(_) => Lent::Once(Once(inner.participant()?)),
    })
}

/// A participant for the time of one operation.
pub(crate) enum Lent<'a> {
    /// The thread's, without a count of its own.
    Mine(&'a Participant),
    /// The thread's.
    Owned(Arc<Participant>),
    /// Nobody's before and afterwards.
    Once(Once),
}

/// Given back when it is dropped: else each operation of a thread that ends would take a slot for as long as the domain is open.
pub(crate) struct Once(Arc<Participant>);

impl Drop for Once {
    fn drop(&mut self) {
        self.0.inner.give_back(self.0.clone());
    }
}

impl std::ops::Deref for Lent<'_> {
    type Target = Participant;
    #[inline]
    fn deref(&self) -> &Participant {
        match self {
            Lent::Mine(participant) => participant,
            Lent::Owned(participant) | Lent::Once(Once(participant)) => participant,
        }
    }
}

impl Lent<'_> {
    pub fn to_arc(&self) -> Arc<Participant> {
        match self {
            // SAFETY: it is what an `Arc` of the thread's list points to, which lives as `lend` says; the count goes up first.
            Lent::Mine(participant) => unsafe {
                Arc::increment_strong_count(*participant);
                Arc::from_raw(*participant)
            },
            Lent::Owned(participant) | Lent::Once(Once(participant)) => participant.clone(),
        }
    }
    /// For a snapshot, at the end of the operation.
    #[inline]
    pub fn into_arc(self) -> Arc<Participant> {
        match self {
            Lent::Owned(participant) => participant,
            other => other.to_arc(),
        }
    }
}

/// [`current`], lent to an operation on a domain.
#[inline(always)]
pub(super) fn lend(domain: &Domain) -> Result<Lent<'_>> {
    let inner = domain.inner();
    if inner.arena.region().forked() {
        return Err(Error::Forked.into());
    }
    match MINE.try_with(|mine| mine.borrow().of(inner).map(Arc::as_ptr)) {
        // SAFETY: the thread's list keeps it until the domain is closed (`leave`, `join`), which is not before the handle is gone that is
        // borrowed here, or until the thread ends, which is in none of its operations then.
        Ok(Some(participant)) => Ok(Lent::Mine(unsafe { &*participant })),
        _ => current(inner),
    }
}

#[cold]
fn join(inner: &Arc<Inner>) -> Result<Arc<Participant>> {
    let participant = inner.participant()?;
    MINE.with(|mine| {
        let mut mine = mine.borrow_mut();
        mine.0.retain(|(_, p)| !p.inner.is_closed());
        mine.0.push((inner.id, participant.clone()));
    });
    Ok(participant)
}

/// Forgets this thread's part in a domain that is being closed.
pub(super) fn leave(inner: &Arc<Inner>) {
    // Dropped outside the borrow: the last one may unmap.
    let gone = MINE.try_with(|mine| {
        let mut mine = mine.borrow_mut();
        let at = mine.0.iter().position(|(id, _)| *id == inner.id);
        at.map(|i| mine.0.swap_remove(i))
    });
    if let Ok(Some((_, participant))) = gone {
        inner.give_back(participant);
    }
}
