//! A snapshot: one version of one atom, pinned for as long as it is held.

use super::domain::Inner;
use super::participant::{Lent, Participant, PinRef};
use crate::arena::Arena;
use crate::error::Result;
use crate::layout::{Off, Tick, Word};
use crate::view::View;
use std::sync::Arc;

/// One version of one atom. Reads borrow from the mapped memory; nothing is copied. It stays valid for as long as it is
/// held, in any thread, whatever is written meanwhile, and holds back that one version only. Cheap to clone.
#[derive(Clone)]
pub struct Snapshot(Arc<Pinned>);

/// One version, by the snapshot whose pin holds it and its root word: for those who do not keep a snapshot of each version.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    /// [`Snapshot::shares_pin`] told that it holds the version.
    pub held_by: &'a Snapshot,
    /// The root.
    pub root: Word,
}

impl Version<'_> {
    /// Is it the version of this snapshot?
    pub(crate) fn is_of(self, snapshot: &Snapshot) -> bool {
        self.held_by.same_atom(snapshot) && self.root == snapshot.root()
    }
    /// A snapshot of it. Costs one allocation, if it is not the one that holds it.
    pub fn snapshot(self) -> Snapshot {
        if self.root == self.held_by.root() { self.held_by.clone() } else { self.held_by.sharing(self.root) }
    }
}

impl<'a> From<&'a Snapshot> for Version<'a> {
    fn from(snapshot: &'a Snapshot) -> Self {
        Version { held_by: snapshot, root: snapshot.root() }
    }
}

/// What holds the version that a commit made.
pub enum Made {
    /// The pin of the base holds it too; this is its root.
    Covered(Word),
    /// A pin of its own.
    Pinned(Snapshot),
}

impl Made {
    /// A snapshot of it. `base`: one that holds the base of the commit.
    pub fn snapshot(self, base: &Snapshot) -> Snapshot {
        match self {
            Made::Covered(root) => base.sharing(root),
            Made::Pinned(snapshot) => snapshot,
        }
    }
}

/// What a snapshot holds. It also serves as the base of the host value of the root, so that loading one allocates once.
pub(crate) struct Pinned {
    participant: Arc<Participant>,
    pin: PinRef,
    /// The snapshot whose pin covers this version too; then it has none of its own.
    keeper: Option<Arc<Pinned>>,
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
        Snapshot(Arc::new(Pinned { participant, pin, keeper: None, atom, root }))
    }
    fn keeper(&self) -> &Arc<Pinned> {
        self.0.keeper.as_ref().unwrap_or(&self.0)
    }
    /// The version with this root, which the pin of this snapshot covers.
    pub(crate) fn sharing(&self, root: Word) -> Snapshot {
        let keeper = self.keeper().clone();
        let participant = keeper.participant.clone();
        Snapshot(Arc::new(Pinned { participant, pin: PinRef::None, keeper: Some(keeper), atom: self.0.atom, root }))
    }
    /// Does the pin cover the version with a root of this age? A pin is the tick that its version was born at, and the counter is coarse: of
    /// commits in a row most have the same, so that their versions, if all are kept, need one pin together.
    pub(super) fn covers(&self, birth: Option<Tick>) -> bool {
        let (Some(pinned), Some(birth)) = (self.keeper().root.as_block(), birth) else { return false };
        self.arena().block_header(pinned).is_ok_and(|header| header.birth() == birth)
    }
    pub(crate) fn has_pin_of(&self, other: &Snapshot) -> bool {
        Arc::ptr_eq(self.keeper(), other.keeper())
    }
    /// The current version of the atom at `entry`.
    pub(super) fn load(participant: Lent<'_>, entry: Off) -> Result<Snapshot> {
        let (root, pin) = participant.pin_root(entry)?;
        Ok(Snapshot::new(participant.into_arc(), pin, entry, root))
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
        Version::from(self).is_of(other)
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

#[cfg(test)]
mod tests {
    use super::Version;
    use crate::Domain;
    use crate::value::Value;

    #[test]
    fn versions_that_share_a_pin_stay_readable_until_the_last_is_dropped() {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.atom("a", || Ok(Value::map([(0, 0)]))).unwrap();
        let write = |i: i64| atom.update(|map| map.assoc((i * 7919) % 500, i)).unwrap();
        (1..1000).for_each(write);
        // The first version of a tick: of one near its end only a few would have the same.
        let tick = || domain.stat().unwrap().tick;
        let before = tick();
        (1..).take_while(|_| tick() == before).for_each(write);
        write(0);
        let first = atom.load().unwrap();
        let mut versions = vec![];
        let mut base = first.clone();
        for i in 0..1000 {
            let new = atom.commit(&base, &base.value().unwrap().assoc("n", i).unwrap()).unwrap().unwrap();
            versions.push((i, new.clone()));
            base = new;
        }
        let shared = versions.iter().filter(|(_, v)| v.shares_pin(&first)).count();
        assert!(shared > 50 && shared < 750, "{shared}: a pin is shared by the versions of one tick, not by others");
        assert!(versions[0].1.shares_pin(&first));
        drop((first, base));
        (1..20_000).for_each(write);
        for (i, version) in &versions {
            assert_eq!(version.value().unwrap().get("n").unwrap(), Some(Value::from(*i)));
        }
        // A version that is told by its root alone is as good.
        let (i, version) = versions.swap_remove(2);
        let again = Version { held_by: &versions[0].1, root: version.root() }.snapshot();
        drop((version, versions));
        (1..20_000).for_each(write);
        assert_eq!(again.value().unwrap().get("n").unwrap(), Some(Value::from(i)));
        drop(again);
        assert_eq!(domain.stat().unwrap().pins, 0);
    }
}
