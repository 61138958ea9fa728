//! Cleaning up after participants that died: undo a build that was not published, finish a commit that was, adopt the rest.
//!
//! Whoever meets a dead slot may do it, and may die doing it: the next one goes on. Each step erases its record before it
//! acts, so that every doubt falls on the side of too much memory.

use super::chunks::{self, List};
use super::collector;
use super::slots;
use crate::arena::Arena;
use crate::error::Quick as Result;
use crate::heap::{Slot, empty_magazines, forget_damaged};
use crate::layout::block::BlockHeader;
use crate::layout::header::atom;
use crate::layout::slot::{Owner, Pin, process, slot, state};
use crate::layout::{Off, Word};
use crate::patch::build;
use crate::sync::{Acquire, Relaxed, Release, SeqCst, fence};
use std::sync::TryLockError;

/// Cleans up all dead slots; how many. Left to the collector if there is one. What fails is left to the next who comes, and the first error told.
pub(crate) fn recover_dead(arena: &Arena, me: Owner) -> Result<u64> {
    if collector::is_collecting(arena, me)? {
        Ok(0)
    } else {
        recover_unless(arena, me, || collector::is_collecting(arena, me))
    }
}

/// The same for the collector itself.
pub(crate) fn recover_all(arena: &Arena, me: Owner) -> Result<u64> {
    recover_unless(arena, me, || Ok(false))
}

fn recover_unless(arena: &Arena, me: Owner, left_to_other: impl Fn() -> Result<bool>) -> Result<u64> {
    let (mut recovered, mut failed) = (0, None);
    let mut alive: Vec<Owner> = vec![me];
    for off in chunks::entries(arena, List::Slots) {
        let owner = Owner(arena.word(off).load(Acquire)); // pairs with the release of a former owner
        let process = Owner::new(owner.process(), owner.generation());
        if owner == Owner::NONE || alive.contains(&process) {
            continue;
        }
        if chunks::is_alive(arena, owner, me)? {
            alive.push(process);
            continue;
        }
        // One of several recoverers gets it; that one may die, and then `owner` is its own.
        if arena.word(off).compare_exchange(owner.0, me.recovering().0, SeqCst, Acquire).is_err() {
            continue;
        }
        crash_point!("recover: slot claimed");
        let dead = Slot { arena, off };
        dead.begin_as_successor();
        fence(SeqCst); // it is active before we look; a collector announces itself and then looks what is active
        let done = left_to_other().and_then(|left| if left { Ok(false) } else { recover(dead).map(|()| true) });
        if !matches!(done, Ok(true)) {
            // As if we had died: each step leaves it so that the next one can go on. Release: they see how far we got.
            arena.word(off).store(owner.0, Release);
        }
        match done {
            Ok(true) => recovered += 1,
            Ok(false) => return Ok(recovered),
            Err(e) => failed = failed.or(Some(e)),
        }
    }
    unpin_dead_processes(arena, me)?;
    failed.map_or(Ok(recovered), Err)
}

/// Clears the pins in the entries of processes that died: their snapshots died with them.
fn unpin_dead_processes(arena: &Arena, me: Owner) -> Result<()> {
    // The threads of a process share its locks, so they take turns; whoever does not get a turn leaves it to the other.
    let _turn = match arena.burying.try_lock() {
        Ok(turn) => turn,
        Err(TryLockError::Poisoned(turn)) => turn.into_inner(), // nothing is kept in it
        Err(TryLockError::WouldBlock) => return Ok(()),
    };
    for (number, entry) in chunks::entries(arena, List::Processes).enumerate() {
        let number = number as u64;
        let used = arena.word(entry.at(process::PINS_USED));
        if number == me.process() || used.load(Acquire) == 0 {
            continue;
        }
        // While we hold its lock nobody takes the entry.
        if !arena.region().is_locked(number)? && arena.region().lock(number)? {
            for i in 0..process::PIN_COUNT {
                arena.word(entry.at(process::PINS + i)).store(Pin::NONE.0, Relaxed); // nobody reads under these
            }
            used.store(0, Release); // after the pins
            arena.region().unlock(number);
        }
    }
    Ok(())
}

/// Cleans up one slot, which is the caller's now. All that has to be allocated, freed and retired for it goes through its own magazines and bags, as its
/// participant would have done it: so it takes no more room than that had made sure of, and a successor of the successor finds the same records.
fn recover(dead: Slot<'_>) -> Result<()> {
    forget_damaged(dead);
    settle_transaction(dead)?;
    crash_point!("recover: transaction settled");
    // The pins counted until here: the transaction may have read under them.
    for i in slot::PIN..slot::SNAPSHOTS + slot::SNAPSHOT_PINS {
        dead.set(i, Pin::NONE.0);
    }
    crash_point!("recover: unpinned");
    dead.finish_walk()?;
    dead.abandon_limbo()?;
    crash_point!("recover: limbo handed over");
    empty_magazines(dead);
    crash_point!("recover: magazines emptied");
    dead.set(slot::SCANNED, 0);
    dead.end_as_successor();
    slots::release(dead);
    Ok(())
}

fn settle_transaction(dead: Slot<'_>) -> Result<()> {
    dead.journal_check()?;
    dead.bags_check()?;
    let mut at = dead.get(slot::STATE);
    if at == state::COMMITTING {
        at = match was_published(dead)? {
            Some(true) => state::PUBLISHED,
            Some(false) => state::UNDOING,
            // In doubt: leave all, `gc` finds what is too much.
            None => {
                if stands(dead) {
                    tell_watchers(dead)?;
                }
                dead.journal_clear()?;
                state::IDLE
            }
        };
        dead.set(slot::STATE, at);
    }
    match at {
        state::BUILDING | state::UNDOING => {
            dead.set(slot::STATE, state::UNDOING);
            dead.reserve_limbo(dead.journal_len())?;
            build::undo(dead)?;
        }
        state::PUBLISHED => {
            tell_watchers(dead)?;
            build::finish_of_dead(dead)?;
        }
        _ => dead.journal_clear()?,
    }
    dead.set(slot::STATE, state::IDLE);
    Ok(())
}

/// The commit took place; perhaps its author had no time to say so. Waking once too often does no harm.
fn tell_watchers(dead: Slot<'_>) -> Result<()> {
    let version = Off(dead.get(slot::ATOM)).at(1 + atom::VERSION);
    dead.arena.check(version, 16)?;
    dead.arena.word(version).fetch_add(1, SeqCst); // before the sleepers are woken
    dead.arena.region().wake(version, u32::MAX);
    Ok(())
}

/// Is what the dead was about to install the value now? Who replaced it since has told the watchers of both.
fn stands(dead: Slot<'_>) -> bool {
    let (entry, new) = (Off(dead.get(slot::ATOM)), dead.get(slot::NEW));
    dead.arena.check(entry, 64).is_ok()
        && new != dead.get(slot::BASE)
        && dead.arena.word(entry.at(1 + atom::ROOT)).load(Acquire) == new // pairs with the exchange that published it
}

/// Did the exchange of the root take place? Known only if the new root was a block of that build.
fn was_published(dead: Slot<'_>) -> Result<Option<bool>> {
    if dead.get(slot::FRESH) != 1 {
        return Ok(None);
    }
    let (entry, new) = (Off(dead.get(slot::ATOM)), Word(dead.get(slot::NEW)));
    let Some(root) = new.as_block() else { return Ok(None) };
    dead.arena.check(entry, 64)?;
    dead.arena.check(root, 16)?;
    // The root word first: if somebody replaces the new root between the two reads, the mark is there before.
    let there = dead.arena.word(entry.at(1 + atom::ROOT)).load(SeqCst) == new.0;
    let marked = BlockHeader(dead.arena.word(root).load(SeqCst)).has(BlockHeader::PUBLISHED);
    Ok(Some(there || marked))
}

/// The protocol inside, for models.
#[cfg(all(loom, test))]
pub(crate) mod models {
    use super::*;

    pub(crate) fn was_published(dead: Slot<'_>) -> Option<bool> {
        super::was_published(dead).unwrap()
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::value::Value;
    use crate::{Domain, OpenOptions};

    /// Leaves a slot as one does who dies in the middle of a commit of a number in place of another, and has it cleaned up. By how much the
    /// version went up.
    fn raised_after_a_death(domain: &Domain, now: i64, base: i64, new: i64) -> u64 {
        let atom = domain.put("n", &Value::Int(now)).unwrap();
        let inner = domain.inner();
        let dead = slots::claim(&inner.arena, inner.owner).unwrap();
        let dead = Slot { arena: &inner.arena, off: dead };
        dead.set(slot::ATOM, atom.entry.0);
        dead.set(slot::BASE, Word::int(base).unwrap().0);
        dead.set(slot::NEW, Word::int(new).unwrap().0);
        dead.set(slot::FRESH, 0);
        dead.set(slot::STATE, state::COMMITTING);
        dead.set(slot::OWNER, Owner::new(inner.owner.process(), inner.owner.generation() - 1).0);
        let before = atom.version();
        assert_eq!(domain.recover().unwrap(), 1);
        atom.version() - before
    }

    #[test]
    fn who_waits_hears_of_a_number_whose_author_died_before_saying_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d");
        drop(OpenOptions::new().open(&path).unwrap());
        let domain = Domain::open(&path).unwrap(); // of a generation that has one before it
        assert_eq!(raised_after_a_death(&domain, 8, 7, 8), 1, "it stands there");
        assert_eq!(raised_after_a_death(&domain, 7, 7, 8), 0, "it was not exchanged");
        assert_eq!(raised_after_a_death(&domain, 9, 7, 8), 0, "it was replaced since, and that was told");
        assert!(domain.verify(|_, _| {}).unwrap().is_ok());
    }
}
