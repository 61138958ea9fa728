//! Is a domain at rest? Each participant's slot has a word that is odd while the participant changes anything, and that is
//! another one after each change. Two looks at these words that find the same even ones tell that nothing was changed between.

use crate::arena::Arena;
use crate::error::Quick as Result;
use crate::layout::Off;
use crate::layout::header::word;
use crate::layout::slot::{Owner, process, slot};
use crate::reclaim::chunks::{self, List};
use crate::sync::{Acquire, Relaxed, fence, nap};
use std::time::{Duration, Instant};

/// What a look found.
#[derive(PartialEq, Eq)]
pub(super) struct Look {
    slots: Vec<(Off, u64, u64)>,
    generations: Vec<u64>,
    committed: u64,
}

impl Look {
    /// At the slots and processes, as they are now; what is read after it is not older.
    pub fn now(arena: &Arena) -> Look {
        let slots = chunks::entries(arena, List::Slots)
            .map(|off| {
                let owner = arena.word(off).load(Acquire); // pairs with the release of a former owner
                (off, owner, arena.word(off.at(slot::ACTIVITY)).load(Acquire)) // pairs with the release at a change's end
            })
            .collect();
        let generations = chunks::entries(arena, List::Processes)
            .map(|off| arena.word(off.at(process::GENERATION)).load(Acquire)) // likewise
            .collect();
        Look { slots, generations, committed: arena.header(word::COMMITTED).load(Acquire) }
    }
    /// Is everything still as it was? What was read before is not younger.
    pub fn still(&self, arena: &Arena) -> bool {
        fence(Acquire); // our reads come before this look
        Look::now(arena) == *self
    }
    /// Is no live participant changing anything?
    pub fn is_quiet(&self, arena: &Arena, me: Owner) -> Result<bool> {
        for &(_, owner, activity) in &self.slots {
            if owner != 0 && activity & 1 == 1 && chunks::is_alive(arena, Owner(owner), me)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Waits for a moment at which nobody is changing anything; none if that does not come soon.
pub(super) fn wait_until_quiet(arena: &Arena, me: Owner, patience: Duration) -> Result<Option<Look>> {
    let until = Instant::now() + patience;
    loop {
        let look = Look::now(arena);
        if look.is_quiet(arena, me)? {
            // Whoever works all the time is caught here, mostly.
            nap(Duration::from_millis(2));
            if look.still(arena) {
                return Ok(Some(look));
            }
        }
        if Instant::now() > until {
            return Ok(None);
        }
        nap(Duration::from_millis(3));
    }
}

/// Waits until every change of a slot but `own` that is under way now has ended, in whatever way; false if one does not end in time, as one of a
/// process that is stopped.
pub(super) fn wait_for_changes(arena: &Arena, own: Off, me: Owner, patience: Duration) -> Result<bool> {
    let until = Instant::now() + patience;
    let others = Look::now(arena).slots.into_iter().filter(|s| s.0 != own);
    let mut open: Vec<(Off, u64, u64)> = others.filter(|s| s.2 & 1 == 1).collect();
    loop {
        let mut left = Vec::new();
        for (off, owner, activity) in open {
            let same = arena.word(off).load(Relaxed) == owner // two looks at what only changes once
                && arena.word(off.at(slot::ACTIVITY)).load(Acquire) == activity; // pairs with the release at the end
            if same && owner != 0 && chunks::is_alive(arena, Owner(owner), me)? {
                left.push((off, owner, activity));
            }
        }
        open = left;
        if open.is_empty() {
            return Ok(true);
        }
        if Instant::now() > until {
            return Ok(false);
        }
        nap(Duration::from_micros(200));
    }
}
