//! What the addon keeps: the open domains of the process, shared by all its threads, and for each thread its frame and the
//! snapshots, atoms and domains that its JavaScript objects stand for, by number.

use crate::crowd::Crowd;
use crate::frame::Frame;
use crate::ordered::Keys;
use eve_core::face::Walk;
use eve_core::{Atom, Domain, Error, OpenOptions, Result, Snapshot};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A domain that is open in this process.
pub struct Shared {
    /// It.
    pub domain: Domain,
    /// Tells domains of the process apart; above zero.
    pub number: u32,
}

/// Device and inode, which tell files apart whatever paths lead to them. Nobody else gets them as long as the file is open, also when it was deleted.
type File = (u64, u64);

/// The domains that are open in this process: in files, by these and whether they are open read-only, and in memory.
#[derive(Default)]
struct Registry {
    open: HashMap<(File, bool), Weak<Shared>>,
    /// The domain in memory stays, so that atoms outlive the worker that made them.
    memory: Option<Arc<Shared>>,
    last: u32,
}

static REGISTRY: Mutex<Option<Registry>> = Mutex::new(None);

impl Registry {
    fn shared(&mut self, domain: Domain) -> Arc<Shared> {
        self.last += 1;
        Arc::new(Shared { domain, number: self.last })
    }
}

/// The file that a path leads to now.
fn file_at(path: &str) -> Option<File> {
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// A domain as a thread has it open.
pub struct Opened {
    /// It.
    pub shared: Arc<Shared>,
    /// By which path; empty for memory.
    pub path: Box<str>,
}

impl Opened {
    /// Does its path still lead to its file? Another one may lie there by now, or none.
    pub fn is_at_its_path(&self) -> bool {
        self.path.is_empty() || file_at(&self.path) == Some(self.shared.domain.identity())
    }
}

/// The domain in the file that the path leads to now, or the one in memory for an empty path. All threads of the process share it.
pub fn open(path: &str, options: &OpenOptions, read_only: bool) -> Result<Arc<Shared>> {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let registry = registry.get_or_insert_default();
    if path.is_empty() {
        if let Some(memory) = &registry.memory {
            return Ok(memory.clone());
        }
        let memory = registry.shared(options.anonymous()?);
        registry.memory = Some(memory.clone());
        return Ok(memory);
    }
    if let Some(shared) = file_at(path).and_then(|file| registry.open.get(&(file, read_only))).and_then(Weak::upgrade) {
        return Ok(shared);
    }
    let shared = registry.shared(options.open(path)?);
    registry.open.retain(|_, open| open.strong_count() > 0);
    registry.open.insert((shared.domain.identity(), read_only), Arc::downgrade(&shared));
    Ok(shared)
}

/// Things by number, from 1 on. Numbers are used again.
pub struct Slab<T> {
    items: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Slab<T> {
    const fn new() -> Slab<T> {
        Slab { items: Vec::new(), free: Vec::new() }
    }
    /// Puts it in; its number.
    pub fn add(&mut self, item: T) -> usize {
        let i = self.free.pop().unwrap_or_else(|| {
            self.items.push(None);
            self.items.len() - 1
        });
        self.items[i] = Some(item);
        i + 1
    }
    /// The one of this number.
    pub fn get(&self, number: usize) -> Option<&T> {
        self.items.get(number.checked_sub(1)?)?.as_ref()
    }
    /// Takes it out.
    pub fn take(&mut self, number: usize) -> Option<T> {
        let i = number.checked_sub(1)?;
        let item = self.items.get_mut(i)?.take();
        if item.is_some() {
            self.free.push(i);
        }
        item
    }
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.items.iter().enumerate().filter_map(|(i, item)| Some((i + 1, item.as_ref()?)))
    }
}

/// What is said of a version that is not there any more.
pub const STALE: &str =
    "this version is gone: a file that is open read-only holds nothing back; read the atom again, in read(f) perhaps";

/// A snapshot that JavaScript holds.
#[derive(Clone)]
pub struct Held {
    /// It.
    pub snapshot: Snapshot,
    /// The number of its domain.
    pub domain: u32,
}

impl Held {
    /// Remembers that it was read, if it is of a domain that is open read-only.
    pub fn note(&self, unpinned: &RefCell<Vec<Snapshot>>) {
        if !self.snapshot.is_pinned() {
            unpinned.borrow_mut().push(self.snapshot.clone());
        }
    }
}

/// An iteration under way.
pub enum Walking {
    /// Over a value as it lies in its snapshot, of the domain of this number.
    Stored(Box<Walk>, u32),
    /// Over the keys of a map or set that has an order, with changes over it.
    Changed(Keys),
}

/// An atom that JavaScript holds.
pub struct HeldAtom {
    /// It.
    pub atom: Atom,
    /// Number of its domain in the process.
    pub domain: u32,
    /// Number of its domain in this thread.
    pub of: usize,
    /// Nobody else can name it: it goes with this thread.
    pub anonymous: bool,
    /// How long this thread waits when it was not the first.
    pub crowd: Crowd,
}

/// What a thread keeps.
pub struct State {
    /// See [`Frame`].
    pub frame: Frame,
    /// Snapshots, by number.
    pub snapshots: Slab<Held>,
    /// Iterations under way, by number; numbers are not used again, since the object that holds one may go long after its end.
    pub walks: BTreeMap<usize, Walking>,
    /// The last such number.
    pub last_walk: usize,
    /// Atoms, by number.
    pub atoms: Slab<HeldAtom>,
    /// Domains, by number.
    pub domains: Slab<Opened>,
    /// Watches, by number.
    pub watches: Slab<Box<crate::watch::Watch>>,
    /// Snapshots that hold nothing back and that were read in this call: whether what it gives can be trusted shows afterwards.
    pub unpinned: RefCell<Vec<Snapshot>>,
    /// Snapshots with a finalizer that V8 was not told of yet; negative for those that went.
    pub untold: i64,
}

thread_local! {
    static STATE: RefCell<State> = const {
        RefCell::new(State {
            frame: Frame::new(),
            snapshots: Slab::new(),
            walks: BTreeMap::new(),
            last_walk: 0,
            atoms: Slab::new(),
            domains: Slab::new(),
            watches: Slab::new(),
            unpinned: RefCell::new(Vec::new()),
            untold: 0,
        })
    };
}

/// With this thread's state. `None` if the thread is ending or a call is under way already.
pub fn with<R>(f: impl FnOnce(&mut State) -> R) -> Option<R> {
    STATE.try_with(|state| state.try_borrow_mut().ok().map(|mut state| f(&mut state))).ok().flatten()
}

/// Lets go of everything the thread has.
pub fn clear() {
    with(|state| {
        for (_, held) in state.atoms.iter().filter(|(_, held)| held.anonymous) {
            // If it cannot be removed now it stays, which does no harm.
            let _ = held.atom.remove();
        }
        *state = State {
            frame: Frame::new(),
            snapshots: Slab::new(),
            walks: BTreeMap::new(),
            last_walk: 0,
            atoms: Slab::new(),
            domains: Slab::new(),
            watches: Slab::new(),
            unpinned: RefCell::new(Vec::new()),
            untold: 0,
        }
    });
}

impl State {
    /// The snapshot of this number.
    pub fn snapshot(&self, number: usize) -> Result<&Held> {
        let held = self.snapshots.get(number);
        let held = held.ok_or_else(|| Error::value("this value's snapshot was let go; read the atom again"))?;
        held.note(&self.unpinned);
        Ok(held)
    }
    /// Is what the call under way has read to be trusted? Not if it is of a version that was replaced meanwhile and that nothing held back.
    #[inline]
    pub fn is_trusted(&self) -> bool {
        let mut read = self.unpinned.borrow_mut();
        let intact = read.iter().all(Snapshot::is_intact);
        read.clear();
        intact
    }
    /// The atom of this number.
    pub fn atom(&self, number: usize) -> Result<&HeldAtom> {
        self.atoms.get(number).ok_or_else(|| Error::value("this atom's domain was closed; open it again"))
    }
    /// The domain of this number.
    pub fn domain(&self, number: usize) -> Result<&Arc<Shared>> {
        self.opened(number).map(|opened| &opened.shared)
    }
    /// The same, as this thread opened it.
    pub fn opened(&self, number: usize) -> Result<&Opened> {
        self.domains.get(number).ok_or_else(|| Error::value("this domain was closed; open it again"))
    }
    /// What the numbers of snapshots in a patch mean.
    pub fn handles(&self) -> impl Fn(u64) -> Result<Snapshot> {
        |handle| self.snapshot(handle as usize).map(|held| held.snapshot.clone())
    }
    /// The value of a patch, and the bytes behind it.
    pub fn patch<'a>(&self, bytes: &'a [u8]) -> Result<(eve_core::value::Value, &'a [u8])> {
        let handles = self.handles();
        let mut reader = eve_core::face::patch::Reader::new(bytes, &handles);
        let value = reader.value()?;
        Ok((value, reader.rest()))
    }
}
