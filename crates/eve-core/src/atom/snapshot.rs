//! A snapshot: one version of one atom, pinned for as long as it is held.

use super::domain::Inner;
use super::participant::{Participant, PinRef};
use crate::arena::Arena;
use crate::error::Result;
use crate::layout::{Off, Word};
use crate::view::View;
use std::sync::Arc;

/// One version of one atom. Reads borrow from the mapped memory; nothing is copied. It stays valid for as long as it is
/// held, in any thread, whatever is written meanwhile, and holds back that one version only. Cheap to clone.
#[derive(Clone)]
pub struct Snapshot(Arc<Pinned>);

/// What a snapshot holds. It also serves as the base of the host value of the root, so that loading one allocates once.
pub(crate) struct Pinned {
    participant: Arc<Participant>,
    pin: PinRef,
    atom: Off,
    root: Word,
}

impl Pinned {
    /// The snapshot that this is the inside of.
    pub fn with_snapshot<R>(&self, f: impl FnOnce(&Snapshot) -> R) -> R {
        // SAFETY: a `Pinned` is only ever made inside the `Arc` of a snapshot (`Snapshot::new`), and `self` keeps that alive; the
        // count is not touched, as the `Arc` made here is never dropped.
        let snapshot = std::mem::ManuallyDrop::new(Snapshot(unsafe { Arc::from_raw(self) }));
        f(&snapshot)
    }
    /// The root.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::new(&self.participant.inner.arena, self.root)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        self.participant.unpin(self.pin);
    }
}

impl Snapshot {
    pub(super) fn new(participant: Arc<Participant>, pin: PinRef, atom: Off, root: Word) -> Snapshot {
        Snapshot(Arc::new(Pinned { participant, pin, atom, root }))
    }
    /// The current version of the atom at `entry`.
    pub(super) fn load(participant: Arc<Participant>, entry: Off) -> Result<Snapshot> {
        let (root, pin) = participant.pin_root(entry)?;
        Ok(Snapshot::new(participant, pin, entry, root))
    }
    #[inline]
    pub(crate) fn arena(&self) -> &Arena {
        &self.0.participant.inner.arena
    }
    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.0.participant.inner
    }
    pub(super) fn pin(&self) -> PinRef {
        self.0.pin
    }
    /// The root word.
    #[inline]
    pub(crate) fn root(&self) -> Word {
        self.0.root
    }
    pub(super) fn atom(&self) -> Off {
        self.0.atom
    }
    /// Itself, as the base of the host value of its root.
    #[inline]
    pub(crate) fn as_base(&self) -> &Arc<Pinned> {
        &self.0
    }
    /// Is it the same pinned version, or of the same root while both are held?
    pub(crate) fn same_version(&self, other: &Snapshot) -> bool {
        self.same_atom(other) && self.0.root == other.0.root
    }
    pub(crate) fn same_atom(&self, other: &Snapshot) -> bool {
        self.same_domain(other) && self.0.atom == other.0.atom
    }
    pub(crate) fn same_domain(&self, other: &Snapshot) -> bool {
        std::ptr::eq(self.arena(), other.arena())
    }
    /// The value.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::new(self.arena(), self.root())
    }
}
