//! A commit: one build, one compare-and-swap of the root word. See `spec/4-commit.md`.

use super::domain::{Inner, root_of};
use super::participant::{self, Participant};
use super::{Atom, Made, Snapshot, Version, waiting};
use crate::error::{Error, Quick as Result};
use crate::layout::header::{atom, word};
use crate::layout::slot::{Pin, slot, state};
use crate::layout::{Off, Tick, Word};
use crate::patch::build::{self, Build, Built, Stop};
use crate::reclaim::{collector, edges, limbo, recover};
use crate::sync::{Acquire, Relaxed, SeqCst, fence};
use std::sync::Arc;

/// The commit counter may still grow by so much after commits are refused.
const LAST_TICKS: u64 = 1 << 24;

/// After so many scans a participant looks for the dead.
const SCANS_A_LOOK: u32 = if cfg!(any(loom, shuttle)) { 3 } else { 64 };

/// What became of an attempt.
pub(crate) enum Outcome {
    /// It is the atom's value now (or was already, and nothing had to change), with a root of this age.
    Done(Word, Option<Tick>),
    /// Somebody else was first.
    Lost,
}

impl Atom {
    /// One attempt to replace the version `base` by what `make` builds. With `keep`, the new version is held. An error says that nothing changed:
    /// what goes wrong behind the exchange is told by the thread's next attempt, before that does anything.
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
        if let Some(error) = participant.untold.take() {
            return Err(error);
        }
        let outcome = participant.commit(self.entry, base.root, make);
        let exchanged = matches!(&outcome, Ok(Outcome::Done(new, _)) if *new != base.root);
        let result = outcome.map(|outcome| match outcome {
            Outcome::Lost => None,
            Outcome::Done(..) if !keep => Some(None),
            Outcome::Done(new, birth) if base.held_by.covers(birth) => Some(Some(Made::Covered(new))),
            Outcome::Done(new, birth) => {
                let pin = participant.pin_result(new, birth);
                Some(Some(Made::Pinned(Snapshot::new(participant.to_arc(), pin, self.entry, new))))
            }
        });
        participant.slot().set(slot::PIN, Pin::NONE.0); // after the result has a pin of its own
        match participant.after_commit(inner, exchanged) {
            Err(error) if exchanged => participant.untold.set(Some(error)),
            done => done?,
        }
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
                // Read now: once the root is exchanged nothing may fail.
                let born = new.as_block().map(|off| arena.block_header(off)).transpose()?.map(|header| header.birth());
                slot.reserve_limbo(build.drops + build.counted)?;
                Ok((new, born))
            }));
            let (new, born) = match made {
                Ok(Ok(made)) => made,
                failed => {
                    self.undo()?;
                    match failed {
                        Err(panic) => std::panic::resume_unwind(panic),
                        Ok(Err(Stop::Conflict)) => return self.lost_to_another(entry, base),
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
                return Ok(if current { Outcome::Done(base, born) } else { Outcome::Lost });
            }
            let (fresh, made, drops) = (build.is_fresh(new), build.made, build.drops);
            crash_point!("build: finished");
            if !self.publish(entry, base, new, fresh, birth)? {
                return Ok(Outcome::Lost);
            }
            self.young.set(self.young.get().saturating_add(made.max(drops)));
            self.owed.set(self.owed.get().saturating_add(limbo::price(made)));
            return Ok(Outcome::Done(new, born));
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

    /// A block of the base was given up already, so another version took its place before. In a damaged file none did, and none will.
    fn lost_to_another(&self, entry: Off, base: Word) -> Result<Outcome> {
        fence(Acquire); // pairs with the release of the step that gave it up: the exchange before that is seen below
        match base.as_block() {
            // Relaxed: ordered by the fence. Our pin keeps the address of the base, and what was given up does not come back.
            Some(off) if root_of(&self.inner.arena, entry).load(Relaxed) == base.0 => {
                Err(Error::corrupt(off, "a current version of which no part was given up"))
            }
            _ => Ok(Outcome::Lost),
        }
    }

    /// Exchanges the root; false if somebody else was first. An error comes before the exchange only.
    fn publish(&self, entry: Off, base: Word, new: Word, fresh: bool, birth: Tick) -> Result<bool> {
        let slot = self.slot();
        let arena = &self.inner.arena;
        let base_birth = match base.as_block().map(|off| arena.block_header(off)).transpose() {
            Ok(header) => header.map_or(birth, |header| header.birth()),
            Err(error) => {
                self.undo()?;
                return Err(error);
            }
        };
        slot.set(slot::ATOM, entry.0);
        slot.set(slot::BASE, base.0);
        slot.set(slot::NEW, new.0);
        slot.set(slot::FRESH, u64::from(fresh));
        slot.set(slot::STATE, state::COMMITTING);
        crash_point!("commit: announced");
        // From the base to the new root: no address that is compared below can be reused until this is decided.
        if let Some(off) = base.as_block()
            && let Err(error) = edges::mark_published(arena, off)
        {
            self.undo()?;
            return Err(error);
        }
        slot.set(slot::PIN, Pin::interval(base_birth.min(birth), birth).0);
        crash_point!("commit: pinned");
        // SeqCst: release for what was built, acquire for what the winner before us built, and ordered before our reads of pins.
        let won = root_of(arena, entry).compare_exchange(base.0, new.0, SeqCst, Acquire).is_ok();
        if !won {
            self.undo()?;
            return Ok(false);
        }
        crash_point!("commit: exchanged");
        slot.set(slot::STATE, state::PUBLISHED);
        crash_point!("commit: published");
        waiting::tell(arena, entry, || {
            arena.region().wake(entry.at(1 + atom::VERSION), u32::MAX);
        });
        let dropped = build::finish(slot).unwrap_or_else(|error| {
            slot.journal_forget();
            self.untold.set(Some(error));
            0
        });
        crash_point!("commit: finished");
        slot.set(slot::STATE, state::IDLE);
        self.dropped.set(self.dropped.get().saturating_add(dropped));
        Ok(true)
    }

    fn undo(&self) -> Result<()> {
        let slot = self.slot();
        slot.set(slot::STATE, state::UNDOING);
        let done = build::undo(slot).inspect_err(|_| slot.journal_forget());
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
    use crate::layout::Word;
    use crate::patch::build::Opened;
    use crate::patch::plan::{Plan, place};
    use crate::sync::Relaxed;
    use crate::value::Value;

    /// Of a root that a commit drops, the root itself is damaged, or what hangs on it.
    #[test]
    fn damage_found_behind_the_exchange_does_not_deny_the_commit() {
        for damaged_root in [false, true] {
            let domain = Domain::anonymous().unwrap();
            let atom = domain.atom("a", || Ok(Value::vector([Value::vector([1])]))).unwrap();
            let other = domain.atom("b", || Ok(Value::vector([0]))).unwrap();
            let arena = &domain.inner().arena;
            let base = atom.load().unwrap();
            let root = base.root().as_block().unwrap();
            let child = base.view().nth(0).unwrap().unwrap().word().as_block().unwrap();
            let damaged = if damaged_root { root } else { child };
            let header = arena.word(damaged).load(Relaxed);
            arena.word(damaged).store(0, Relaxed);
            // Takes back the edge of what is damaged, at once or when the root is freed.
            let mut told = 0;
            let changed =
                atom.attempt((&base).into(), true, |b| place(b, Plan::Word(Word::NIL), base.root(), Opened::ATOM));
            let made = changed.unwrap().unwrap().unwrap().snapshot(&base);
            assert!(made.value().unwrap().is_nil() && atom.load().unwrap().value().unwrap().is_nil());
            drop(base);
            for n in 1..5000i64 {
                let before = other.root_word();
                match other.reset(&Value::vector([n])) {
                    Ok(()) => assert_eq!(other.load().unwrap().value().unwrap(), Value::vector([n])),
                    Err(_) => {
                        assert!(other.root_word() == before, "an error, so nothing happened");
                        told += 1;
                    }
                }
                if n % 7 == 0 {
                    // A build that is undone, after others that could not be finished.
                    let refused = Value::vector([Value::from("a long string"), Value::Char(u32::MAX)]);
                    let error = other.reset(&refused).unwrap_err();
                    told += u32::from(matches!(error, crate::Error::Corrupt { .. }));
                    assert!(other.load().unwrap().value().is_ok());
                }
            }
            assert!(told > 0, "the damage is told in the end");
            arena.word(damaged).store(header, Relaxed);
            assert_eq!(domain.verify(|_, _| ()).unwrap().damaged, 0);
        }
    }

    /// A commit that took place has nothing to be undone any more, even if its end fails.
    #[test]
    fn a_commit_that_could_not_be_finished_is_not_undone_by_the_next() {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.atom("a", || Ok(Value::vector([Value::vector([1]), Value::vector([2])]))).unwrap();
        let base = atom.load().unwrap();
        let arena = &domain.inner().arena;
        let child = base.view().nth(0).unwrap().unwrap().word().as_block().unwrap();
        let header = arena.word(child).load(Relaxed);
        arena.word(child).store(0, Relaxed); // the edge to it is taken back behind the exchange
        let new = base.value().unwrap().assoc(0, Value::vector([3, 4])).unwrap();
        assert!(atom.commit_only(&base, &new).unwrap());
        drop((base, new));
        assert!(atom.reset(&Value::Nil).is_err(), "the damage is told");
        let refused = Value::vector([Value::from("a long string"), Value::Char(u32::MAX)]);
        assert!(atom.reset(&refused).is_err());
        for n in 0..300 {
            domain.atom(&n.to_string(), || Ok(Value::vector([n]))).unwrap(); // would be given what the undone build freed
        }
        let expected = Value::vector([Value::vector([3, 4]), Value::vector([2])]);
        assert_eq!(atom.load().unwrap().value().unwrap(), expected);
        arena.word(child).store(header, Relaxed);
        assert_eq!(domain.verify(|_, _| ()).unwrap().damaged, 0);
    }

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
