//! A commit: one build, one compare-and-swap of the root word. See `spec/4-commit.md`.

use super::domain::{Inner, root_of};
use super::participant::{self, Participant};
use super::{Atom, Made, Snapshot, Version};
use crate::error::{Error, Quick as Result};
use crate::layout::header::{atom, word};
use crate::layout::slot::{Pin, slot, state};
use crate::layout::{Off, Tick, Word};
use crate::patch::build::{self, Build, Built, Stop};
use crate::reclaim::{collector, edges, limbo, recover};
use crate::sync::{Acquire, SeqCst, fence};
use std::sync::Arc;

/// The commit counter may still grow by so much after commits are refused.
const LAST_TICKS: u64 = 1 << 24;

/// After so many scans a participant looks for the dead.
const SCANS_A_LOOK: u32 = if cfg!(any(loom, shuttle)) { 3 } else { 64 };

/// What became of an attempt.
pub(crate) enum Outcome {
    /// It is the atom's value now (or was already, and nothing had to change).
    Done(Word),
    /// Somebody else was first.
    Lost,
}

impl Atom {
    /// One attempt to replace the version `base` by what `make` builds. With `keep`, the new version is held.
    pub(crate) fn attempt(
        &self,
        base: Version<'_>,
        keep: bool,
        make: impl FnMut(&mut Build<'_>) -> Built<Word>,
    ) -> Result<Option<Option<Made>>> {
        let inner = self.domain.inner();
        if !inner.arena.region().writable() {
            return Err(Error::ReadOnly { path: inner.arena.region().path().to_owned() }.into());
        }
        if !std::ptr::eq(base.held_by.arena(), &inner.arena) {
            // Its root word may be that of our version by chance: what is built on it would be damage.
            let what = "a version is replaced in its own domain only; load the atom of this one";
            return Err(Box::new(Error::value(what)));
        }
        let participant = participant::lend(&self.domain)?;
        let active = participant.slot().begin();
        if active.is_nested() {
            // A participant has one journal: the value under way would be lost in it.
            let what = "an atom cannot be changed by code that runs while the same thread stores a value; change it before or after";
            return Err(Box::new(Error::value(what)));
        }
        let outcome = participant.commit(self.entry, base.root, make);
        let same_root = matches!(&outcome, Ok(Outcome::Done(new)) if *new == base.root);
        let result = match outcome {
            Ok(Outcome::Lost) => Ok(None),
            Ok(Outcome::Done(_)) if !keep => Ok(Some(None)),
            Ok(Outcome::Done(new)) => base
                .held_by
                .covers(new)
                .and_then(|covers| match covers {
                    true => Ok(Made::Covered(new)),
                    false => {
                        let pin = participant.pin_result(new)?;
                        Ok(Made::Pinned(Snapshot::new(participant.to_arc(), pin, self.entry, new)))
                    }
                })
                .map(|made| Some(Some(made))),
            Err(e) => Err(e),
        };
        participant.slot().set(slot::PIN, Pin::NONE.0); // after the result has a pin of its own
        let exchanged = matches!(&result, Ok(Some(_))) && !same_root;
        participant.after_commit(inner, exchanged)?;
        result
    }
}

impl Participant {
    /// Builds on `base`, which the caller has pinned, and exchanges the root. The operation's pin stays, for the result.
    fn commit(&self, entry: Off, base: Word, mut make: impl FnMut(&mut Build<'_>) -> Built<Word>) -> Result<Outcome> {
        let slot = self.slot();
        let arena = &self.inner.arena;
        // After the base root was loaded, so that no child is younger than its parent.
        let birth = Tick(arena.header(word::TICK).load(Acquire));
        if birth.0 > Tick::MAX.0 - LAST_TICKS {
            return Err(Error::CounterExhausted.into());
        }
        // A build that finds no room may find some once the dead and the limbo are cleared away.
        for last_try in [false, true] {
            // So that undoing has room too.
            if let Err(e) = slot.reserve_limbo(1) {
                self.make_room(e, last_try)?;
                continue;
            }
            slot.set(slot::STATE, state::BUILDING);
            let mut build = Build::new(slot, birth);
            // A panic of the caller's code leaves things as an error does.
            let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let new = make(&mut build)?;
                slot.reserve_limbo(build.drops + build.counted)?;
                Ok(new)
            }));
            let new = match made {
                Ok(Ok(new)) => new,
                failed => {
                    self.undo()?;
                    match failed {
                        Err(panic) => std::panic::resume_unwind(panic),
                        Ok(Err(Stop::Conflict)) => return Ok(Outcome::Lost),
                        Ok(Err(Stop::Failed(e))) => {
                            self.make_room(e, last_try)?;
                            continue;
                        }
                        Ok(Ok(_)) => unreachable!("handled above"),
                    }
                }
            };
            if new == base {
                // Nothing changes: no commit, if the base is still current.
                self.undo()?;
                let current = root_of(arena, entry).load(Acquire) == base.0; // pairs with the exchange that published it
                return Ok(if current { Outcome::Done(base) } else { Outcome::Lost });
            }
            let (fresh, made, drops) = (build.is_fresh(new), build.made, build.drops);
            crash_point!("build: finished");
            let outcome = self.publish(entry, base, new, fresh, birth)?;
            if matches!(outcome, Outcome::Done(_)) {
                self.young.set(self.young.get().saturating_add(made.max(drops)));
                self.owed.set(self.owed.get().saturating_add(limbo::price(made)));
            }
            return Ok(outcome);
        }
        unreachable!("the second round returns")
    }

    /// Clears the dead and the limbo away after the first try of a build found no room; any other error stays one.
    #[cold]
    fn make_room(&self, e: Box<Error>, last_try: bool) -> Result<()> {
        if last_try || !matches!(*e, Error::Full { .. }) {
            return Err(e);
        }
        recover::recover_dead(&self.inner.arena, self.inner.owner)?;
        self.work_off_all()
    }

    fn publish(&self, entry: Off, base: Word, new: Word, fresh: bool, birth: Tick) -> Result<Outcome> {
        let slot = self.slot();
        let arena = &self.inner.arena;
        slot.set(slot::ATOM, entry.0);
        slot.set(slot::BASE, base.0);
        slot.set(slot::NEW, new.0);
        slot.set(slot::FRESH, u64::from(fresh));
        slot.set(slot::STATE, state::COMMITTING);
        crash_point!("commit: announced");
        // From the base to the new root: no address that is compared below can be reused until this is decided.
        let lo = match base.as_block() {
            Some(off) => {
                edges::mark_published(arena, off)?;
                arena.block_header(off)?.birth()
            }
            None => birth,
        };
        slot.set(slot::PIN, Pin::interval(lo.min(birth), birth).0);
        crash_point!("commit: pinned");
        // SeqCst: release for what was built, acquire for what the winner before us built, and ordered before our reads of pins.
        let won = root_of(arena, entry).compare_exchange(base.0, new.0, SeqCst, Acquire).is_ok();
        if !won {
            self.undo()?;
            return Ok(Outcome::Lost);
        }
        crash_point!("commit: exchanged");
        slot.set(slot::STATE, state::PUBLISHED);
        crash_point!("commit: published");
        let version = arena.word(entry.at(1 + atom::VERSION));
        version.fetch_add(1, SeqCst); // then the waiters are looked at; they do it the other way round
        if arena.word(entry.at(1 + atom::WAITERS)).load(SeqCst) != 0 {
            arena.region().wake(entry.at(1 + atom::VERSION), u32::MAX);
        }
        let dropped = build::finish(slot)?;
        crash_point!("commit: finished");
        slot.set(slot::STATE, state::IDLE);
        self.dropped.set(self.dropped.get().saturating_add(dropped));
        Ok(Outcome::Done(new))
    }

    fn undo(&self) -> Result<()> {
        let slot = self.slot();
        slot.set(slot::STATE, state::UNDOING);
        let done = build::undo(slot);
        slot.set(slot::STATE, state::IDLE);
        done
    }

    /// Works until nothing in limbo can be freed any more. The pins of the last scan do not speak for what is gathered here, and some of that may
    /// be left as work.
    pub fn work_off_all(&self) -> Result<()> {
        self.pinned.take();
        self.slot().work_off_all(self.inner.owner)
    }

    /// Works off some limbo, and now and then looks for the dead. What cannot be done now (a full disk) waits.
    #[inline]
    fn after_commit(&self, inner: &Arc<Inner>, exchanged: bool) -> Result<()> {
        let slot = self.slot();
        let due = self.young.get() >= self.young_most.get() || self.dropped.get() >= limbo::LARGE;
        if !due && !slot.has_work() {
            if self.pinned.borrow().is_some() {
                self.owed.set(0); // all that the last scan gathered was looked at
            }
            return Ok(());
        }
        // We are active before we look for a collector, who announces himself and then looks who is active. Where an exchange
        // is a full barrier, the one of the root has seen to that.
        if !exchanged || !cfg!(target_arch = "x86_64") {
            fence(SeqCst);
        }
        if collector::may_be_collecting(&inner.arena) && self.is_collecting(inner)? {
            return Ok(());
        }
        let done = if due {
            self.scan(inner)
        } else if let Some(pinned) = &*self.pinned.borrow() {
            let step = limbo::step(self.owed.get());
            self.owed.set(self.owed.get() - step);
            slot.work(pinned, step)
        } else {
            return Ok(());
        };
        match done {
            Err(e) if !matches!(*e, Error::Full { .. }) => Err(e),
            _ => Ok(()),
        }
    }

    /// While somebody collects, limbo stays as it is. Whether he lives is asked now and then.
    #[cold]
    fn is_collecting(&self, inner: &Arc<Inner>) -> Result<bool> {
        self.scans.set(self.scans.get().wrapping_add(1));
        Ok(!self.scans.get().is_multiple_of(256) || collector::is_collecting(&inner.arena, inner.owner)?)
    }

    #[cold]
    fn scan(&self, inner: &Arc<Inner>) -> Result<()> {
        let slot = self.slot();
        fence(SeqCst); // the exchange of the root comes before the pins are read
        let owed = self.owed.get();
        let large = self.dropped.take() >= limbo::LARGE;
        self.young.set(0);
        let pressing = large || limbo::is_much(owed) || slot.is_behind()?;
        slot.close_open_bag(large)?; // what was retired in one tick stands in the same bags
        let before = self.pinned.take(); // it does not speak for what is gathered now
        let pinned = slot.begin_scan(owed, before.as_ref())?;
        if let Some(pinned) = &pinned {
            self.young_most.set(limbo::young(pinned.participants));
            if pressing {
                self.owed.set(0);
                slot.work_much(pinned, owed)?;
            }
        }
        self.pinned.replace(pinned);
        self.scans.set(self.scans.get().wrapping_add(1));
        if self.scans.get().is_multiple_of(SCANS_A_LOOK) {
            recover::recover_dead(&inner.arena, inner.owner)?;
        }
        Ok(())
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::participant;
    use crate::Domain;
    use crate::value::Value;

    /// Who reads by a later pin would see it freed.
    #[test]
    fn pins_of_a_scan_do_not_judge_what_is_gathered_later() {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
        let participant = participant::current(domain.inner()).unwrap();
        let scan = || {
            for n in 0i64.. {
                if participant.pinned.borrow().is_some() {
                    break;
                }
                atom.reset(&Value::vector([n])).unwrap();
            }
        };
        scan();
        domain.reclaim().unwrap();
        assert!(participant.pinned.borrow().is_none());
        scan();
        atom.remove().unwrap();
        assert!(participant.pinned.borrow().is_none());
    }
}
