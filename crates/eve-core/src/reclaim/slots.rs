//! Which slot a participant gets, and how it gives it back.

use super::chunks::{self, List};
use super::recover;
use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::heap::{Slot, empty_magazines};
use crate::layout::Off;
use crate::layout::slot::{CLASSES, Owner, slot};
use crate::sync::{Relaxed, Release, SeqCst};

/// Takes a slot for a participant of process `me`.
pub(crate) fn claim(arena: &Arena, me: Owner) -> Result<Off> {
    loop {
        if let Some(off) = claim_free(arena, me)? {
            return Ok(off);
        }
        // Those of the dead first: on a full disk there is no room for more. What cannot be cleaned up now is left for later.
        if matches!(recover::recover_dead(arena, me), Ok(1..)) {
            continue;
        }
        chunks::add_chunk(arena, List::Slots)?;
    }
}

fn claim_free(arena: &Arena, me: Owner) -> Result<Option<Off>> {
    for off in chunks::entries(arena, List::Slots) {
        let owner = arena.word(off);
        // SeqCst: a scan that still sees the slot free is followed by our loads of root words, see `pins`.
        if owner.load(Relaxed) == 0 && owner.compare_exchange(0, me.0, SeqCst, Relaxed).is_ok() {
            crash_point!("open: slot claimed");
            chunks::check_slot(arena, off)?;
            check_empty(Slot { arena, off })?;
            return Ok(Some(off));
        }
    }
    Ok(None)
}

/// Sees to it that one slot is free and has bags to retire something: so that whoever comes when the disk is full, while all others live, gets in and can
/// make room. Nothing is wrong if there is no room for it.
pub(crate) fn keep_one_free(arena: &Arena, me: Owner) -> Result<()> {
    let is_ready =
        |off: Off| arena.word(off).load(Relaxed) == 0 && arena.word(off.at(slot::BAGS_SPARE)).load(Relaxed) != 0; // a hint
    if chunks::entries(arena, List::Slots).any(is_ready) {
        return Ok(());
    }
    let mut free = claim_free(arena, me)?;
    if free.is_none() && chunks::add_chunk(arena, List::Slots).is_ok() {
        free = claim_free(arena, me)?;
    }
    let Some(off) = free else { return Ok(()) };
    let slot = Slot { arena, off };
    let active = slot.begin();
    let _ = slot.provide_spares();
    empty_magazines(slot);
    drop(active);
    release(slot);
    Ok(())
}

/// A slot that was given back holds nothing but spare bags. From here on what stands in it is ours and is not looked at again, so what a damaged
/// file has there must not get that far.
fn check_empty(slot: Slot<'_>) -> Result<()> {
    let magazines = slot::MAGAZINE_LEN..slot::MAGAZINE_LEN + CLASSES as u64;
    let pages = slot::PAGES..slot::PAGES + CLASSES as u64;
    let bags = [slot::BAG_OPEN, slot::BAGS_FULL, slot::BAGS_AGED, slot::BAGS_WORK, slot::BAGS_KEPT];
    let others = [slot::STATE, slot::JOURNAL_LEN, slot::JOURNAL_TAIL];
    for index in magazines.chain(pages).chain(bags).chain(others) {
        if slot.get(index) != 0 {
            return Err(Error::corrupt(slot.off.at(index), "an empty slot of a participant"));
        }
    }
    slot.spares_check()
}

/// Gives a slot back. Its limbo, magazines and pins are empty.
pub(crate) fn release(slot: Slot<'_>) {
    slot.word(slot::OWNER).store(0, Release); // the next owner sees an empty slot
}
