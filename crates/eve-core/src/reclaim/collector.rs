//! The one collector that a domain may have at a time (see `check::gc`). While there is one, nobody works off limbo or cleans up
//! after the dead: what is retired stays where it is. A collector that died is none.

use super::chunks;
use crate::arena::Arena;
use crate::error::Quick as Result;
use crate::layout::header::word;
use crate::layout::slot::Owner;
use crate::sync::{Acquire, Relaxed, SeqCst, fence, nap};

/// In the word beside the owner: nobody else may begin to take part.
const ALONE: u64 = 4;

/// Is somebody collecting, as far as one load tells? Of a collector that died this is true until somebody looks closer.
#[inline]
pub(crate) fn may_be_collecting(arena: &Arena) -> bool {
    arena.header(word::COLLECTOR).load(Acquire) != 0 // pairs with the store at the end of a collection
}

/// Is somebody collecting who lives? A dead one is removed.
pub(crate) fn is_collecting(arena: &Arena, me: Owner) -> Result<bool> {
    loop {
        let now = arena.header(word::COLLECTOR).load(Acquire); // as above
        if now == 0 {
            return Ok(false);
        }
        if chunks::is_alive(arena, Owner(now & !ALONE), me)? {
            return Ok(true);
        }
        let _ = arena.header(word::COLLECTOR).compare_exchange(now, 0, SeqCst, Relaxed);
    }
}

/// Waits as long as somebody collects who has to be alone.
pub(crate) fn wait_while_alone(arena: &Arena, me: Owner) -> Result<()> {
    fence(SeqCst); // our lock was taken before; the collector sets the word and then looks at the locks
    while arena.header(word::COLLECTOR).load(Acquire) & ALONE != 0 && is_collecting(arena, me)? {
        nap(std::time::Duration::from_millis(1));
    }
    Ok(())
}

/// While it lives, its maker is the collector.
pub(crate) struct Collecting<'a> {
    arena: &'a Arena,
    me: Owner,
}

impl<'a> Collecting<'a> {
    /// Becomes the collector; none if there is one.
    pub fn begin(arena: &'a Arena, me: Owner) -> Result<Option<Collecting<'a>>> {
        if is_collecting(arena, me)? {
            return Ok(None);
        }
        // SeqCst: then the participants' activities are looked at; they announce theirs and look at the word then.
        let done = arena.header(word::COLLECTOR).compare_exchange(0, me.0, SeqCst, Relaxed);
        fence(SeqCst);
        Ok(done.is_ok().then_some(Collecting { arena, me }))
    }
    /// Keeps newcomers waiting from now on, or lets them in again.
    pub fn keep_alone(&self, yes: bool) {
        let word = if yes { self.me.0 | ALONE } else { self.me.0 };
        self.arena.header(word::COLLECTOR).store(word, SeqCst); // before the locks are looked at
        fence(SeqCst);
    }
}

impl Drop for Collecting<'_> {
    fn drop(&mut self) {
        self.arena.header(word::COLLECTOR).store(0, SeqCst); // after everything
    }
}
