//! What users do with atoms: swap, reset, compare and set, remove.

use super::participant;
use super::{Atom, Domain, Made, Snapshot};
use crate::error::{Error, Result};
use crate::layout::Word;
use crate::patch::build::Opened;
use crate::patch::plan::{Plan, place};
use crate::patch::planner::build_version;
use crate::value::Value;
use crate::value::shared::{host_equals, to_value};

impl Snapshot {
    /// The value, as a host value: collections are read where they are, in this snapshot, which the value holds.
    pub fn value(&self) -> Result<Value> {
        if self.root() == Word::ABSENT {
            return Err(Error::NoSuchAtom { name: "(removed)".into() });
        }
        to_value(self, self.root())
    }
    /// Was the atom removed, or not created yet?
    pub fn is_absent(&self) -> bool {
        self.root() == Word::ABSENT
    }
    /// Is it the very same version, not only an equal value?
    pub fn is_version(&self, other: &Snapshot) -> bool {
        self.same_version(other)
    }
}

impl Domain {
    /// The atom of this name. If there is none it is created with the value that `init` gives; of several creators one wins.
    pub fn atom(&self, name: &str, init: impl FnOnce() -> Result<Value>) -> Result<Atom> {
        let atom = self.entry(name)?;
        if atom.root_word() == Word::ABSENT {
            let value = init()?;
            loop {
                let base = atom.load()?;
                if !base.is_absent() || atom.store(&base, false, &value)?.is_some() {
                    break;
                }
            }
        }
        Ok(atom)
    }

    /// Sets the value of the atom of this name, whatever it was, and makes the atom if there is none.
    pub fn put(&self, name: &str, value: &Value) -> Result<Atom> {
        let atom = self.entry(name)?;
        let mut backoff = Backoff::default();
        loop {
            let base = atom.load()?;
            if atom.store(&base, false, value)?.is_some() {
                return Ok(atom);
            }
            backoff.wait();
        }
    }
}

impl Atom {
    /// Replaces the value by what `f` makes of it, and gives the new version. `f` is run again whenever somebody else was
    /// first, so it should have no side effects. If it fails or panics, everything stays as it was.
    ///
    /// Costs one path copy for each changed key, and one compare-and-swap.
    pub fn swap<E: Into<Error>>(&self, mut f: impl FnMut(Value) -> std::result::Result<Value, E>) -> Result<Snapshot> {
        self.change(true, |value| f(value).map_err(Into::into)).map(|(_, after)| after)?.ok_or_else(lost)
    }
    /// The same without a result: nothing is held back.
    pub fn update<E: Into<Error>>(&self, mut f: impl FnMut(Value) -> std::result::Result<Value, E>) -> Result<()> {
        self.change(false, |value| f(value).map_err(Into::into)).map(|_| ())
    }
    /// The same; gives the version before and the one after.
    pub fn swap_versions<E: Into<Error>>(
        &self,
        mut f: impl FnMut(Value) -> std::result::Result<Value, E>,
    ) -> Result<(Snapshot, Snapshot)> {
        let (before, after) = self.change(true, |value| f(value).map_err(Into::into))?;
        Ok((before, after.ok_or_else(lost)?))
    }

    fn change(&self, keep: bool, mut f: impl FnMut(Value) -> Result<Value>) -> Result<(Snapshot, Option<Snapshot>)> {
        let mut backoff = Backoff::default();
        loop {
            let base = self.load_present()?;
            let new = f(base.value()?)?;
            if let Some(after) = self.store(&base, keep, &new)? {
                let after = after.map(|made| made.snapshot(&base));
                return Ok((base, after));
            }
            backoff.wait();
        }
    }

    /// One attempt to replace the version `base` by a value.
    fn store(&self, base: &Snapshot, keep: bool, value: &Value) -> Result<Option<Option<Made>>> {
        Ok(self.attempt(base.into(), keep, |b| build_version(b, base.into(), value))?)
    }

    /// Sets the value, whatever it was.
    pub fn reset(&self, value: &Value) -> Result<()> {
        let mut backoff = Backoff::default();
        loop {
            let base = self.load_present()?;
            if self.store(&base, false, value)?.is_some() {
                return Ok(());
            }
            backoff.wait();
        }
    }

    /// The current version, if the atom was not removed.
    #[inline]
    fn load_present(&self) -> Result<Snapshot> {
        let base = self.load()?;
        if base.is_absent() { Err(Error::NoSuchAtom { name: self.name()? }) } else { Ok(base) }
    }

    /// Sets the value if it equals `expected`; true if it did. An error if the atom was removed: nothing that is tried again comes true then.
    pub fn compare_and_set(&self, expected: &Value, value: &Value) -> Result<bool> {
        let mut backoff = Backoff::default();
        loop {
            let base = self.load_present()?;
            if !host_equals(expected, base.view())? {
                return Ok(false);
            }
            if self.store(&base, false, value)?.is_some() {
                return Ok(true);
            }
            backoff.wait();
        }
    }

    /// Sets the value if the version is still `base`: for faces whose functions run on their own side. `None` if it is not.
    pub fn commit(&self, base: &Snapshot, value: &Value) -> Result<Option<Snapshot>> {
        let made = self.store(base, true, value)?;
        Ok(made.map(|made| made.ok_or_else(lost)).transpose()?.map(|made| made.snapshot(base)))
    }

    /// The same without a result: true if it was set.
    pub fn commit_only(&self, base: &Snapshot, value: &Value) -> Result<bool> {
        Ok(self.store(base, false, value)?.is_some())
    }

    /// Removes the atom; false if it was not there. Its name may be used again.
    pub fn remove(&self) -> Result<bool> {
        loop {
            let base = self.load()?;
            if base.is_absent() {
                return Ok(false);
            }
            let removed =
                self.attempt((&base).into(), false, |b| place(b, Plan::Word(Word::ABSENT), base.root(), Opened::ATOM))?;
            if removed.is_some() {
                drop(base); // it would hold what is worked off now
                let participant = participant::current(self.domain.inner())?;
                let _active = participant.slot().begin();
                participant.work_off_all()?;
                return Ok(true);
            }
        }
    }
}

/// A result that was asked for is there.
fn lost() -> Error {
    Error::value("the commit gave no snapshot")
}

/// How the loser of a compare-and-swap waits: not at all the first time, then a random while that grows, so that one of
/// several does many commits in a row while its cache lines are its own.
#[derive(Default)]
struct Backoff {
    round: u32,
    random: u64,
}

impl Backoff {
    /// The longest wait is about `2^MOST` spins.
    const MOST: u32 = 13;

    fn wait(&mut self) {
        self.round += 1;
        if self.round == 1 {
            // Differs between threads and processes; no more is asked of it.
            self.random = (self as *const Self as u64) ^ (std::process::id() as u64) << 32 | 1;
            return;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let most = 1u64 << (self.round + 5).min(Self::MOST);
        for _ in 0..(self.random >> 20) % most {
            std::hint::spin_loop();
        }
        if self.round > Self::MOST {
            crate::sync::yield_now();
        }
    }
}
