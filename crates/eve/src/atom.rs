//! Atoms with a type.

use crate::{Changes, Error, Outcome, Result, Snapshot, Stored, Value};
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// An atom: a named value that is replaced as a whole, by any thread of any process. Cheap to clone; may be used from any thread.
///
/// | operation | cost |
/// | --- | --- |
/// | [`load`](Atom::load) | a few atomic operations, no copy |
/// | [`swap`](Atom::swap), [`update`](Atom::update) of a [`Value`] | a path copy for each changed key, one compare-and-swap |
/// | the same of a serde type | a conversion of all of it there and back, too |
/// | [`reset`](Atom::reset) | writing what is not in the old value yet |
///
/// Every operation that writes can fail with [`Error::Full`] (the atom keeps its value), [`Error::ReadOnly`], [`Error::NoSuchAtom`] once the atom
/// is removed, [`Error::Forked`] in a forked child, and [`Error::Corrupt`] on a damaged file.
pub struct Atom<T = Value> {
    core: eve_core::Atom,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Atom<T> {
    fn clone(&self) -> Self {
        Atom::new(self.core.clone())
    }
}

impl<T> fmt::Debug for Atom<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Atom({:?} in {:?})", self.core.name().unwrap_or_default(), self.core.domain().path())
    }
}

impl<T> Atom<T> {
    pub(crate) fn new(core: eve_core::Atom) -> Self {
        Atom { core, of: PhantomData }
    }
    /// The engine's atom underneath.
    pub fn engine(&self) -> &eve_core::Atom {
        &self.core
    }
    /// Its name.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file is damaged.
    pub fn name(&self) -> Result<String> {
        self.core.name()
    }
    /// The same atom seen as another type. Whether its value fits shows when it is read.
    pub fn typed<U: Stored>(&self) -> Atom<U> {
        Atom::new(self.core.clone())
    }
    /// The current version. Pinned: it stays readable for as long as the snapshot is held.
    ///
    /// # Errors
    /// [`Error::NoSuchAtom`] if the atom was removed, [`Error::Forked`] in a forked child, [`Error::Full`] if the first use of the
    /// domain by this thread finds no room for its slot, [`Error::Corrupt`] on a damaged file.
    pub fn load(&self) -> Result<Snapshot<T>> {
        let snapshot = self.core.load()?;
        if snapshot.is_absent() {
            return Err(Error::NoSuchAtom { name: self.core.name()? });
        }
        Ok(Snapshot::new(snapshot))
    }
    /// How many commits it has seen. Costs one load.
    pub fn version(&self) -> u64 {
        self.core.version()
    }
    /// Waits until there are more commits than `seen`, or the time is over; true if there are. Sleeps in the kernel; a commit of any process
    /// wakes it.
    ///
    /// ```
    /// let db = eve::Domain::anonymous()?;
    /// let atom = db.atom("n", || 1)?;
    /// let seen = atom.version();
    /// let writer = std::thread::spawn({
    ///     let atom = atom.clone();
    ///     move || atom.reset(&2)
    /// });
    /// assert!(atom.wait(seen, None));
    /// assert_eq!(atom.get()?, 2);
    /// # writer.join().unwrap()?;
    /// # Ok::<(), eve::Error>(())
    /// ```
    pub fn wait(&self, seen: u64, timeout: Option<Duration>) -> bool {
        self.core.wait(seen, timeout)
    }
    /// The versions from now on, as a blocking iterator.
    ///
    /// ```
    /// let db = eve::Domain::anonymous()?;
    /// let atom = db.atom("n", || 1)?;
    /// let mut changes = atom.changes()?;
    /// atom.swap(|n| n + 1)?;
    /// assert_eq!(changes.next().unwrap()?.get()?, 2);
    /// # Ok::<(), eve::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`load`](Atom::load).
    pub fn changes(&self) -> Result<Changes<T>> {
        Changes::new(self.clone())
    }
    /// Removes the atom; false if it was not there. Its name may be used again. Snapshots of it stay valid.
    ///
    /// # Errors
    /// See [`Atom`].
    pub fn remove(&self) -> Result<bool> {
        self.core.remove()
    }
}

impl<T: Stored> Atom<T> {
    /// The current value as its type: [`load`](Atom::load) and [`Snapshot::get`].
    ///
    /// # Errors
    /// As those two.
    pub fn get(&self) -> Result<T> {
        self.load()?.get()
    }

    /// Replaces the value by what `f` makes of it, and gives the new version. `f` returns the new value or a `Result` of it, and is run
    /// again whenever somebody else was first, so it should have no side effects. If it fails or panics, everything stays as it was.
    ///
    /// ```
    /// use eve::Value;
    ///
    /// let db = eve::Domain::anonymous()?;
    /// let stock = db.atom("stock", || 1u32)?;
    /// assert_eq!(stock.swap(|n| n - 1)?.get()?, 0);
    /// let error = stock.swap(|n: u32| n.checked_sub(1).ok_or("sold out")).unwrap_err();
    /// assert!(matches!(error, eve::Error::Aborted(_)));
    /// assert_eq!(stock.get()?, 0);
    /// # Ok::<(), eve::Error>(())
    /// ```
    ///
    /// # Errors
    /// What `f` returns (see [`Outcome`]), [`Error::Value`] if the result cannot be stored, and see [`Atom`].
    pub fn swap<R: Outcome<T>>(&self, f: impl FnMut(T) -> R) -> Result<Snapshot<T>> {
        self.core.swap(stored(f)).map(Snapshot::new)
    }
    /// The same without a result: nothing is held back.
    ///
    /// # Errors
    /// As [`swap`](Atom::swap).
    pub fn update<R: Outcome<T>>(&self, f: impl FnMut(T) -> R) -> Result<()> {
        self.core.update(stored(f))
    }
    /// The same; gives the version before and the one after.
    ///
    /// # Errors
    /// As [`swap`](Atom::swap).
    pub fn swap_versions<R: Outcome<T>>(&self, f: impl FnMut(T) -> R) -> Result<(Snapshot<T>, Snapshot<T>)> {
        let (before, after) = self.core.swap_versions(stored(f))?;
        Ok((Snapshot::new(before), Snapshot::new(after)))
    }
    /// Sets the value, whatever it was. What it shares with the old one is not written again.
    ///
    /// # Errors
    /// [`Error::Value`] if it cannot be stored, and see [`Atom`].
    pub fn reset(&self, value: &T) -> Result<()> {
        self.core.reset(&value.to_stored()?)
    }
    /// Sets the value if it equals `expected`; true if it did. Costs a comparison, too.
    ///
    /// # Errors
    /// As [`reset`](Atom::reset).
    pub fn compare_and_set(&self, expected: &T, value: &T) -> Result<bool> {
        self.core.compare_and_set(&expected.to_stored()?, &value.to_stored()?)
    }
}

/// A function over the type as one over values.
fn stored<T: Stored, R: Outcome<T>>(mut f: impl FnMut(T) -> R) -> impl FnMut(Value) -> Result<Value> {
    move |value| f(T::from_stored(value)?).into_result()?.to_stored()
}
