//! Snapshots of a domain that was opened read-only. Such a process has no slot, so it cannot pin: a writer may free what it
//! reads, and use the memory again. Every read checks what it follows and gives an error at worst; whether a result can be
//! trusted shows afterwards, in the root: a version is freed only after the atom has another.

use super::Snapshot;
use super::domain::{Inner, root_of};
use super::participant::{Participant, PinRef};
use crate::error::Result;
use crate::layout::header::atom;
use crate::layout::{Off, Word};
use crate::sync::{Acquire, SeqCst, fence};
use std::sync::Arc;

/// Which version a snapshot without a pin is of: the commits seen when it was loaded. Kept in the place of the pin's number.
fn commits(inner: &Inner, entry: Off) -> u64 {
    inner.arena.word(entry.at(1 + atom::VERSION)).load(Acquire) // pairs with the bump after a commit
}

impl Snapshot {
    /// The current version of the atom at `entry`, not pinned.
    pub(super) fn unpinned(inner: &Arc<Inner>, entry: Off) -> Result<Snapshot> {
        let seen = commits(inner, entry); // before the root: a commit in between shows as a change, not the other way round
        let root = Word(root_of(&inner.arena, entry).load(Acquire)); // pairs with the exchange that published it
        let nobody = Arc::new(Participant::new(inner.clone(), Off::NONE));
        Ok(Snapshot::new(nobody, PinRef::Unpinned(seen), entry, root))
    }
    /// Is it pinned? It is not if the domain was opened read-only.
    pub fn is_pinned(&self) -> bool {
        !matches!(self.pin(), PinRef::Unpinned(_))
    }
    /// Was all that was read of it so far right? Always, if it is pinned. If not, it is as long as the atom has had no other version:
    /// read what you need, then ask; if the answer is no, load again and repeat. Costs two loads.
    pub fn is_intact(&self) -> bool {
        let PinRef::Unpinned(seen) = self.pin() else { return true };
        fence(SeqCst); // what was read comes before the root is looked at again
        let inner = self.inner();
        root_of(&inner.arena, self.atom()).load(Acquire) == self.root().0 && commits(inner, self.atom()) == seen
    }
}
