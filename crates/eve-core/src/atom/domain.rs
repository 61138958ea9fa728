//! A domain: one arena with its named atoms.

use super::overflow::Overflow;
use super::participant::{self, Participant};
use super::{Atom, Snapshot};
use crate::arena::Arena;
use crate::error::{Error, Quick, Result};
use crate::heap::{Slot, count_pages, empty_magazines, page_map_end};
use crate::layout::block::{BlockHeader, bytes_for};
use crate::layout::header::{self, atom, word};
use crate::layout::slot::{Owner, slot};
use crate::layout::{FORMAT_VERSION, Kind, Off, PAGE, Tick, Word};
use crate::reclaim::chunks::{self, List};
use crate::reclaim::{collector, recover, slots};
use crate::region::{AnonRegion, FileOptions, FileRegion, Region};
use crate::sync::{Acquire, AtomicU32, AtomicU64, Mutex, MutexGuard, Relaxed, Release};
use crate::table;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// How a domain is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    reserve: u64,
    create: bool,
    writable: bool,
    hash_mask: u64,
    seed: Option<u64>,
    progress: Option<fn(u64, u64)>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions { reserve: 1 << 40, create: true, writable: true, hash_mask: u64::MAX, seed: None, progress: None }
    }
}

impl OpenOptions {
    /// For reading and writing, created if it is not there, with 1 TiB of address space.
    pub fn new() -> Self {
        Self::default()
    }
    /// Bytes of address space of a domain that is created: it can never be larger. At least 1 MiB; rounded up.
    pub fn reserve(mut self, bytes: u64) -> Self {
        self.reserve = bytes.clamp(1 << 20, 1 << 47).next_multiple_of(1 << 20);
        self
    }
    /// Is a file that is not there created? Otherwise it is an error.
    pub fn create(mut self, yes: bool) -> Self {
        self.create = yes;
        self
    }
    /// For reading only: the domain is not disturbed and needs no write permission. Snapshots cannot pin anything then, so
    /// each read checks afterwards that nothing was freed under it.
    pub fn read_only(mut self) -> Self {
        self.writable = false;
        self.create = false;
        self
    }
    /// Called from time to time with the blocks done and about how many there are, while a file is checked and rebuilt that was last used before
    /// a restart of the machine, or that is a copy.
    pub fn on_rebuild(mut self, progress: fn(u64, u64)) -> Self {
        self.progress = Some(progress);
        self
    }
    /// Bits of the hash that a created domain uses, and its seed: for tests of collisions and of golden files.
    #[doc(hidden)]
    pub fn hashing(mut self, seed: u64, mask: u64) -> Self {
        self.seed = Some(seed);
        self.hash_mask = mask;
        self
    }
    /// Opens the domain in this file.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Domain> {
        let path = path.as_ref();
        if !self.create {
            return Domain::over_with(Box::new(FileRegion::open(path, self.writable)?), self.progress);
        }
        let options = FileOptions { reserve: self.reserve, initial: Vec::new() };
        let (region, _) = FileRegion::create_or_open(path, &options, |region| self.format(region))?;
        Domain::over_with(Box::new(region), self.progress)
    }
    /// A domain in anonymous memory, for the threads of this process.
    pub fn anonymous(&self) -> Result<Domain> {
        let region = AnonRegion::new(self.reserve)?;
        self.format(&region)?;
        Domain::over(Box::new(region))
    }
    /// Makes an empty domain in a region that has no byte yet.
    pub fn format(&self, region: &dyn Region) -> Result<()> {
        let start = header::heap_start(region.reserve());
        let length = start + 2 * PAGE;
        region.grow(0, header::HEADER_BYTES)?;
        region.grow(header::PAGE_MAP, page_map_end(start))?;
        if page_map_end(start) < page_map_end(length) {
            region.grow(page_map_end(start), page_map_end(length))?;
        }
        region.grow(start, length)?;
        let (uuid, random) = (random_words(), random_words());
        let set = |index: u64, value: u64| {
            // SAFETY: the first page was just made to exist, is aligned, and nobody else sees the region yet.
            unsafe { region.base().cast::<u64>().add(index as usize).write(value) }
        };
        set(word::VERSION, FORMAT_VERSION as u64);
        set(word::COMPATIBLE, header::COMPATIBLE);
        set(word::INCOMPATIBLE, header::INCOMPATIBLE);
        set(word::UUID, uuid.0);
        set(word::UUID + 1, uuid.1);
        set(word::HASH_SEED, self.seed.unwrap_or(random.0));
        set(word::HASH_MASK, self.hash_mask);
        set(word::RESERVE, region.reserve());
        set(word::COMMITTED, length);
        set(word::TICK, 1);
        set(word::PAGE_HINT, start / PAGE);
        set(word::MAGIC, header::MAGIC);
        Ok(())
    }
}

/// Two random words, from the randomness that the standard library gives its hash maps.
fn random_words() -> (u64, u64) {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(1), RandomState::new().hash_one(2))
}

/// One arena with its named atoms, as one process uses it. Cheap to clone. It is closed when the last clone, and the last
/// atom of it, is dropped; snapshots may be held longer.
#[derive(Clone)]
pub struct Domain {
    handle: Arc<Handle>,
}

/// What users hold, counted apart from what snapshots hold.
struct Handle {
    inner: Arc<Inner>,
}

/// A process's part in a domain.
pub(crate) struct Inner {
    pub arena: Arena,
    pub owner: Owner,
    /// Tells domains of this process apart.
    pub id: u64,
    entry: Off,
    /// Participants without a thread.
    idle: Mutex<Vec<Arc<Participant>>>,
    overflow: Mutex<Overflow>,
    /// When somebody who waits looked for the dead last, if anybody did.
    pub looked: std::sync::Mutex<Option<Instant>>,
    closed: AtomicU32,
}

/// Figures about a domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stat {
    /// Bytes that exist.
    pub committed: u64,
    /// Bytes of address space: the arena can never be larger.
    pub reserve: u64,
    /// Heap pages (16 KiB) that exist, are in use, and were given back to the file system.
    pub pages: u64,
    /// See `pages`.
    pub pages_used: u64,
    /// See `pages`.
    pub pages_punched: u64,
    /// The commit counter.
    pub tick: u64,
    /// The oldest tick that is pinned.
    pub oldest_pin: Option<u64>,
    /// Pins.
    pub pins: u64,
    /// Participants that have a slot.
    pub participants: u64,
    /// Processes that live.
    pub processes: u64,
    /// Atoms that have a value.
    pub atoms: u64,
}

impl Domain {
    /// Opens the domain in this file for reading and writing, and creates it if it is not there.
    ///
    /// Costs a mapping and some microseconds, whatever the size of the file.
    pub fn open(path: impl AsRef<Path>) -> Result<Domain> {
        OpenOptions::new().open(path)
    }
    /// A domain in anonymous memory, for the threads of this process.
    pub fn anonymous() -> Result<Domain> {
        OpenOptions::new().anonymous()
    }
    /// Over a region that is formatted.
    pub fn over(region: Box<dyn Region>) -> Result<Domain> {
        Domain::over_with(region, None)
    }

    fn over_with(region: Box<dyn Region>, progress: Option<fn(u64, u64)>) -> Result<Domain> {
        static NEXT_ID: std::sync::Mutex<u64> = std::sync::Mutex::new(0);
        let writable = region.writable();
        let arena = Arena::new(region);
        let door = crate::check::settle(&arena, progress)?;
        let owner = if writable { chunks::claim_process(&arena, std::process::id() as u64)? } else { Owner::NONE };
        drop(door); // the lock of our entry stands for it now
        let entry = if writable { chunks::process_entry(&arena, owner.process())? } else { Off::NONE };
        let id = {
            let mut next = NEXT_ID.lock().unwrap_or_else(PoisonError::into_inner);
            *next += 1;
            *next
        };
        let inner = Inner {
            arena,
            owner,
            id,
            entry,
            idle: Mutex::new(Vec::new()),
            overflow: Mutex::new(Overflow::default()),
            looked: std::sync::Mutex::default(),
            closed: AtomicU32::new(0),
        };
        let domain = Domain { handle: Arc::new(Handle { inner: Arc::new(inner) }) };
        if writable {
            collector::wait_while_alone(&domain.inner().arena, owner)?;
            match domain.recover() {
                Ok(_) | Err(Error::Full { .. }) => {} // what finds no room now is done when there is some
                Err(e) => return Err(e),
            }
        }
        Ok(domain)
    }

    #[inline]
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.handle.inner
    }

    /// Cleans up after participants whose process died; how many.
    pub fn recover(&self) -> Result<u64> {
        let inner = self.inner();
        if inner.arena.region().forked() {
            return Err(Error::Forked);
        }
        if !inner.arena.region().writable() {
            return Err(Error::ReadOnly { path: inner.arena.region().path().to_owned() });
        }
        Ok(recover::recover_dead(&inner.arena, inner.owner)?)
    }

    /// The atom of this name, if there is one.
    pub fn find(&self, name: &str) -> Result<Option<Atom>> {
        let arena = &self.inner().arena;
        let hash = table::hash_name(arena, name.as_bytes());
        let found = table::find(arena, Off(word::ATOMS * 8), hash, name.as_bytes())?;
        let atom = found.map(|entry| Atom { domain: self.clone(), entry });
        Ok(atom.filter(|a| a.root_word() != Word::ABSENT))
    }

    /// The entry of this name, made if it is not there; it may hold no value.
    pub(crate) fn entry(&self, name: &str) -> Result<Atom> {
        let inner = self.inner();
        let arena = &inner.arena;
        let hash = table::hash_name(arena, name.as_bytes());
        let root = Off(word::ATOMS * 8);
        if let Some(entry) = table::find(arena, root, hash, name.as_bytes())? {
            return Ok(Atom { domain: self.clone(), entry });
        }
        if !arena.region().writable() {
            return Err(Error::ReadOnly { path: arena.region().path().to_owned() });
        }
        let participant = participant::current(inner)?;
        let slot = participant.slot();
        let _active = slot.begin();
        let bytes = name.as_bytes();
        let words = atom::META_WORDS + (bytes.len() as u64).div_ceil(8);
        // A cache line of its own, so that commits to other atoms do not slow this one down.
        let off = slot.alloc(bytes_for(words).next_multiple_of(64).max(128))?;
        let header = BlockHeader::new(Kind::Atom, 1, Tick(0));
        arena.write(off, &[header.0, bytes.len() as u64, hash, Word::ABSENT.0, 0, 0]);
        if !bytes.is_empty() {
            arena.write(off.at(words), &[0]);
        }
        arena.write_bytes(off.at(1 + atom::META_WORDS), bytes);
        let entry = insert_name(slot, root, off)?;
        if entry != off {
            slot.free(off)?;
        }
        Ok(Atom { domain: self.clone(), entry })
    }

    /// All atoms that have a value, with their names, sorted.
    pub fn atoms(&self) -> Result<Vec<(String, Atom)>> {
        let named = |entry| {
            let atom = Atom { domain: self.clone(), entry };
            Ok((atom.name()?, atom))
        };
        let mut atoms = self.entries_with_value()?.into_iter().map(named).collect::<Result<Vec<_>>>()?;
        atoms.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(atoms)
    }

    /// The entries of all atoms that have a value, in no order.
    fn entries_with_value(&self) -> Result<Vec<Off>> {
        let arena = &self.inner().arena;
        let mut entries = table::entries(arena, Off(word::ATOMS * 8))?;
        entries.retain(|&entry| root_of(arena, entry).load(Acquire) != Word::ABSENT.0); // as `root_word`
        Ok(entries)
    }

    /// Figures, as of now.
    pub fn stat(&self) -> Result<Stat> {
        let arena = &self.inner().arena;
        let (pages, pages_used, pages_punched) = count_pages(arena);
        let pinned = crate::reclaim::pins::collect(arena);
        let mut processes = 0;
        for number in 0..chunks::entries(arena, List::Processes).count() as u64 {
            let me = arena.region().writable() && number == self.inner().owner.process();
            processes += u64::from(me || arena.region().is_locked(number)?);
        }
        Ok(Stat {
            committed: arena.committed(),
            reserve: arena.region().reserve(),
            pages,
            pages_used,
            pages_punched,
            tick: arena.header(word::TICK).load(Acquire), // a figure
            oldest_pin: pinned.as_ref().and_then(|p| p.oldest()),
            pins: pinned.as_ref().map_or(0, |p| p.len() as u64),
            participants: chunks::entries(arena, List::Slots).filter(|&s| arena.word(s).load(Relaxed) != 0).count()
                as u64,
            processes,
            atoms: self.entries_with_value()?.len() as u64,
        })
    }

    /// The file; empty for memory.
    pub fn path(&self) -> &Path {
        self.inner().arena.region().path()
    }

    /// Device and inode of the file, which tell it from another one that the path leads to later; zeros for memory.
    pub fn identity(&self) -> (u64, u64) {
        self.inner().arena.region().identity()
    }

    /// Works until nothing in limbo can be freed any more, and gives the room of empty pages back to the file system. Nothing
    /// depends on it: writers do the same bit by bit.
    pub fn reclaim(&self) -> Result<()> {
        let participant = participant::current(self.inner())?;
        let _active = participant.slot().begin();
        participant.work_off_all()?;
        crate::heap::shrink(&self.inner().arena);
        Ok(())
    }

    /// Is it the same open domain?
    pub fn same(&self, other: &Domain) -> bool {
        Arc::ptr_eq(self.inner(), other.inner())
    }
}

/// Puts an entry into a table of names; what a lost race leaves over is freed.
pub(crate) fn insert_name(slot: Slot<'_>, root: Off, new: Off) -> Quick<Off> {
    let make_node = || -> Quick<Off> {
        let node = slot.alloc(bytes_for(1 + header::TABLE_FANOUT))?;
        let mut words = [0; 2 + header::TABLE_FANOUT as usize];
        words[0] = BlockHeader::new(Kind::Table, 1, Tick(0)).0;
        words[1] = header::TABLE_FANOUT;
        slot.arena.write(node, &words);
        Ok(node)
    };
    // A node that cannot be given back is a leak that `gc` finds.
    let entry = table::insert(slot.arena, root, new, make_node, |node| drop(slot.free(node)));
    if entry.is_err() {
        drop(slot.free(new)); // it did not get into the table, so nobody knows of it
    }
    entry
}

impl Inner {
    /// A participant without a thread: one that a thread left, or a new one.
    pub fn participant(self: &Arc<Self>) -> Quick<Arc<Participant>> {
        // Held until the slot is claimed: whoever holds it knows of all.
        let mut idle = self.lock_idle();
        if let Some(participant) = idle.pop() {
            return Ok(participant);
        }
        if !self.arena.region().writable() {
            return Err(Error::ReadOnly { path: self.arena.region().path().to_owned() }.into());
        }
        let off = slots::claim(&self.arena, self.owner)?;
        slots::keep_one_free(&self.arena, self.owner)?;
        Ok(Arc::new(Participant::new(self.clone(), off)))
    }

    /// A thread is done with its participant.
    ///
    /// A thread that ends does so after those who joined it may have gone on, even to close the domain: the lock is held until the slot is
    /// settled, so that it is settled once.
    pub fn give_back(&self, participant: Arc<Participant>) {
        if self.arena.region().forked() {
            return;
        }
        let mut idle = self.lock_idle();
        if self.is_closed() {
            return; // the slot was settled when the domain was closed
        }
        let slot = participant.slot();
        let active = slot.begin();
        // Idle limbo is for others to work off. An error leaves it where it is, for the next user of the slot.
        let _ = slot.abandon_limbo();
        drop(active);
        participant.pinned.replace(None); // nothing is left that these pins speak for
        idle.push(participant);
    }

    /// Runs `f` while no thread of this process can begin to take part; it is given how many participants have no thread.
    pub fn hold_participants<R>(&self, f: impl FnOnce(u64) -> R) -> R {
        let idle = self.lock_idle();
        f(idle.len() as u64)
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<Arc<Participant>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn with_overflow(&self, f: impl FnOnce(&mut Overflow, Off)) {
        f(&mut self.overflow.lock().unwrap_or_else(PoisonError::into_inner), self.entry);
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Acquire) != 0 // pairs with `close`
    }

    /// No domain or atom handle is left: nobody is in an operation. Gives the slots back that hold no snapshot.
    fn close(&self) {
        if self.arena.region().forked() {
            return; // nothing is ours, and another thread may have had the lock when this process was forked
        }
        let mut idle = self.lock_idle();
        self.closed.store(1, Release); // under the lock: a thread that ends has settled its slot or leaves it to us
        let without_thread = std::mem::take(&mut *idle);
        drop(idle);
        drop(without_thread);
        if !self.arena.region().writable() {
            return;
        }
        let mine: Vec<Off> = chunks::entries(&self.arena, List::Slots)
            .filter(|&s| self.arena.word(s).load(Acquire) == self.owner.0) // ours: we wrote it
            .collect();
        let mut all_free = true;
        for &off in &mine {
            let slot = Slot { arena: &self.arena, off };
            let pinned = (0..slot::SNAPSHOT_PINS).any(|i| slot.word(slot::SNAPSHOTS + i).load(Acquire) != 0);
            let active = slot.begin();
            if slot.abandon_limbo().is_ok() {
                empty_magazines(slot);
                drop(active);
                if !pinned {
                    slots::release(slot);
                }
            }
            all_free &= !pinned;
        }
        let overflow = self.overflow.lock().unwrap_or_else(PoisonError::into_inner);
        if all_free && overflow.is_empty() {
            self.arena.region().unlock(self.owner.process());
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        participant::leave(&self.inner);
        self.inner.close();
    }
}

/// The root word of an atom's entry.
pub(super) fn root_of(arena: &Arena, entry: Off) -> &AtomicU64 {
    arena.word(entry.at(1 + atom::ROOT))
}

impl Atom {
    pub(crate) fn root_cell(&self) -> &AtomicU64 {
        root_of(&self.domain.inner().arena, self.entry)
    }
    pub(crate) fn root_word(&self) -> Word {
        Word(self.root_cell().load(Acquire)) // pairs with the exchange that published it
    }
    /// The domain it is in.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }
    /// Its name.
    pub fn name(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(self.domain.inner().arena.node(self.entry)?.bytes()).into_owned())
    }
    /// Is it the same atom?
    pub fn same(&self, other: &Atom) -> bool {
        self.domain.same(&other.domain) && self.entry == other.entry
    }
    /// The current version. In a domain that was opened read-only it is not pinned: see [`Snapshot::is_intact`].
    pub fn load(&self) -> Result<Snapshot> {
        let inner = self.domain.inner();
        if !inner.arena.region().writable() {
            return Snapshot::unpinned(inner, self.entry);
        }
        Snapshot::load(participant::current(inner)?, self.entry)
    }
    /// How many commits it has seen.
    pub fn version(&self) -> u64 {
        self.domain.inner().arena.word(self.entry.at(1 + atom::VERSION)).load(Acquire) // pairs with the bump after a commit
    }
}
