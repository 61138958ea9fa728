//! Domains: files, or memory of this process, with named atoms.

use crate::{Atom, Collected, Report, Result, Stat, Stored, Value};
use std::fmt;
use std::path::Path;

/// A file, or memory of this process, that holds any number of named atoms. Cheap to clone; it is closed when the last clone, the last of its
/// atoms and the last of their snapshots are dropped.
///
/// All processes that open a file share it. After a process that dies the others clean up; some memory may stay behind, which `gc` frees, never damage.
#[derive(Clone)]
pub struct Domain {
    core: eve_core::Domain,
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({:?})", self.core.path())
    }
}

impl Domain {
    /// Opens the domain in this file for reading and writing, and creates it if it is not there. Costs a mapping and some
    /// microseconds, whatever the size of the file.
    ///
    /// # Errors
    /// [`Error::NotADomain`](crate::Error::NotADomain) for a file that is not one, is of another version, cut off, a directory, or on a network
    /// file system; [`Error::Full`](crate::Error::Full) without room for a new one; [`Error::Io`](crate::Error::Io) if the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Domain> {
        OpenOptions::new().open(path)
    }
    /// A domain in memory, for the threads of this process.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the system refuses the address space.
    pub fn anonymous() -> Result<Domain> {
        OpenOptions::new().anonymous()
    }
    /// To open one in another way than [`open`](Domain::open).
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }
    /// The engine's domain underneath.
    pub fn engine(&self) -> &eve_core::Domain {
        &self.core
    }

    /// The atom of this name. If there is none it is created with the value that `init` gives; of several creators one wins, and the value
    /// of the others is not used. Whether the value of one that is there fits the type shows when it is read.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) if the value cannot be stored, [`Error::Full`](crate::Error::Full) without room,
    /// [`Error::ReadOnly`](crate::Error::ReadOnly) if it would have to be created and cannot be.
    pub fn atom<T: Stored>(&self, name: &str, init: impl FnOnce() -> T) -> Result<Atom<T>> {
        self.core.atom(name, || init().to_stored()).map(Atom::new)
    }
    /// Sets the atom of this name to a value, whatever it was, and makes it if there is none.
    ///
    /// # Errors
    /// As [`atom`](Domain::atom).
    pub fn put<T: Stored>(&self, name: &str, value: &T) -> Result<Atom<T>> {
        self.core.put(name, &value.to_stored()?).map(Atom::new)
    }
    /// The atom of this name, if there is one. Whether its value fits the type shows when it is read.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) if the file is damaged.
    pub fn find<T: Stored>(&self, name: &str) -> Result<Option<Atom<T>>> {
        Ok(self.core.find(name)?.map(Atom::new))
    }
    /// All atoms with their names, sorted. Costs a walk over the names.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) if the file is damaged.
    pub fn atoms(&self) -> Result<Vec<(String, Atom<Value>)>> {
        Ok(self.core.atoms()?.into_iter().map(|(name, atom)| (name, Atom::new(atom))).collect())
    }
    /// Removes an atom; false if there is none of this name. Snapshots of it stay valid; the name may be used again.
    ///
    /// # Errors
    /// As the writing operations of [`Atom`].
    pub fn remove(&self, name: &str) -> Result<bool> {
        self.core.find(name)?.map_or(Ok(false), |atom| atom.remove())
    }
    /// Figures, as of now. Costs a walk over the pages' bits and the participants.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) if the file is damaged.
    pub fn stat(&self) -> Result<Stat> {
        self.core.stat()
    }
    /// Checks everything in the domain: see [`Report`]. While others are at work, only what hangs on the atoms ([`Report::exact`] is
    /// false then). `progress` is given the blocks done and the blocks there are, from time to time. Costs a walk over all
    /// blocks, some 0.2 µs and some bytes of memory for each.
    ///
    /// ```
    /// let db = eve::Domain::anonymous()?;
    /// db.atom("n", || vec![1, 2, 3])?.update(|mut v: Vec<i64>| {
    ///     v.push(4);
    ///     v
    /// })?;
    /// assert!(db.verify(|_, _| {})?.is_ok());
    /// # Ok::<(), eve::Error>(())
    /// ```
    ///
    /// # Errors
    /// Damage is no error: the report tells of it. [`Error::Io`](crate::Error::Io) if the system refuses to say who is alive.
    pub fn verify(&self, progress: impl FnMut(u64, u64)) -> Result<Report> {
        self.core.verify(progress)
    }
    /// Frees what killed processes left over, while others go on working: see [`Collected`]. `progress` is given the blocks done and
    /// those there are. Costs what [`verify`](Domain::verify) costs.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) if the domain is damaged: nothing is freed then. [`Error::ReadOnly`](crate::Error::ReadOnly).
    pub fn gc(&self, progress: impl FnMut(u64, u64)) -> Result<Collected> {
        self.core.gc(progress)
    }
    /// The file; empty for memory.
    pub fn path(&self) -> &Path {
        self.core.path()
    }
}

/// How a domain is opened.
///
/// ```no_run
/// let db = eve::Domain::options().create(false).open("my-db")?;
/// # Ok::<(), eve::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    core: eve_core::OpenOptions,
}

impl OpenOptions {
    /// For reading and writing, created if it is not there, with 1 TiB of address space.
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }
    /// Bytes of address space of a domain that is created: it can never be larger. At least 1 MiB; rounded up.
    pub fn reserve(mut self, bytes: u64) -> OpenOptions {
        self.core = self.core.reserve(bytes);
        self
    }
    /// Is a file that is not there created? Otherwise it is an error.
    pub fn create(mut self, yes: bool) -> OpenOptions {
        self.core = self.core.create(yes);
        self
    }
    /// For reading only: nothing is written into the file, and no permission to write is needed. Nothing can be pinned either: ask
    /// [`is_intact`](crate::Snapshot::is_intact) after reading.
    pub fn read_only(mut self) -> OpenOptions {
        self.core = self.core.read_only();
        self
    }
    /// Called from time to time with the blocks done and about how many there are, while a file is checked and rebuilt that was last
    /// used before a restart of the machine, or that is a copy. A small file is done before the first call.
    pub fn on_rebuild(mut self, progress: fn(u64, u64)) -> OpenOptions {
        self.core = self.core.on_rebuild(progress);
        self
    }
    /// Opens the domain in this file.
    ///
    /// # Errors
    /// As [`Domain::open`]; [`Error::Io`](crate::Error::Io) if the file is not there and is not to be created.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Domain> {
        self.core.open(path).map(|core| Domain { core })
    }
    /// A domain in memory, for the threads of this process.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the system refuses the address space.
    pub fn anonymous(&self) -> Result<Domain> {
        self.core.anonymous().map(|core| Domain { core })
    }
}
