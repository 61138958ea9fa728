//! The floor: the least that a CHAMP map in a mapped file can cost. Nodes, words and hash are the engine's; there is no
//! reclamation, no pin, no edge count, no check of what is read, and nothing survives a crash but by luck.
//!
//! - The file is sparse, mapped whole and shared, once.
//! - Allocation bumps a pointer inside a chunk of 1 MiB that belongs to one handle. Taking the next chunk (one
//!   fetch-add on a word of the file) also populates its pages with one `madvise`, inside the timed operation: at
//!   about 1 KiB a swap it hits one swap in a thousand, so it is in the mean but not in the p99. Every swap writes
//!   memory that was never written before, but the kernel has just zeroed it.
//! - A swap copies the path from the root down in one pass and publishes it with one compare-and-swap of the root word.

// the lint means std's types; these are the ones of eve_core's sync.rs
#![allow(clippy::disallowed_types)]

pub mod map;

use eve_core::layout::word::Word;
use eve_core::sync::{AcqRel, Acquire, AtomicU64, Relaxed};
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::Path;

use crate::Result;

/// Address space and sparse file length. Bytes.
const RESERVE: u64 = 64 << 30;
/// What a handle takes at once. Bytes.
const CHUNK: u64 = 1 << 20;
const MAGIC: u64 = u64::from_le_bytes(*b"evefloor");
/// Each named root has two cache lines of its own in the first page, so that two roots never share one.
const ROOT_BYTES: u64 = 128;
const ROOTS: u64 = 4096 / ROOT_BYTES - 1;

/// A file, mapped. Offset 0: magic; 8: the next free byte; from 128 on: name and root word of each root.
pub struct Arena {
    base: *mut u8,
    _file: File,
}

// SAFETY: the mapping is shared memory; words that change are only reached as atomics.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: base and length are those of the mmap in `map_file`, and nothing borrowed from it outlives `self`.
        unsafe { libc::munmap(self.base.cast(), RESERVE as usize) };
    }
}

/// One handle's place to allocate.
#[derive(Debug, Default)]
pub struct Bump {
    at: u64,
    end: u64,
}

impl Bump {
    /// Bytes taken from the arena and not yet given out.
    pub fn left(&self) -> u64 {
        self.end - self.at
    }
}

impl Arena {
    /// A new file; one that is there is emptied.
    pub fn create(path: &Path) -> Result<Arena> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.set_len(RESERVE)?;
        let arena = Arena::map_file(file)?;
        // Relaxed: nobody else has the file yet.
        arena.atomic(8).store(4096, Relaxed);
        arena.atomic(0).store(MAGIC, Relaxed);
        Ok(arena)
    }

    /// A file that [`Arena::create`] made.
    pub fn open(path: &Path) -> Result<Arena> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        if file.metadata()?.len() != RESERVE {
            return Err(format!("{}: not a file of the floor", path.display()).into());
        }
        let arena = Arena::map_file(file)?;
        // Relaxed: written once, before the file's name was told to anybody.
        match arena.atomic(0).load(Relaxed) {
            MAGIC => Ok(arena),
            _ => Err(format!("{}: not a file of the floor", path.display()).into()),
        }
    }

    fn map_file(file: File) -> Result<Arena> {
        let (prot, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_NORESERVE);
        // SAFETY: a fresh shared mapping of a file that has this length.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), RESERVE as usize, prot, flags, file.as_raw_fd(), 0) };
        if base == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error().into());
        }
        Ok(Arena { base: base.cast(), _file: file })
    }

    /// Bytes given out so far, whole chunks.
    pub fn used(&self) -> u64 {
        // Relaxed: a figure for the report.
        self.atomic(8).load(Relaxed)
    }

    /// The root of this name, created as `absent` if there is none.
    pub fn root(&self, name: &str, absent: Word) -> Result<u64> {
        let mut id = [0u8; 8];
        if name.is_empty() || name.len() > 8 {
            return Err(format!("{name:?}: the floor's names have 1 to 8 bytes").into());
        }
        id[..name.len()].copy_from_slice(name.as_bytes());
        let id = u64::from_le_bytes(id);
        for i in 1..=ROOTS {
            let at = i * ROOT_BYTES;
            // AcqRel: whoever finds the name sees the root that was there before; Acquire pairs with it.
            match self.atomic(at).compare_exchange(0, id, AcqRel, Acquire) {
                Ok(_) => {
                    // AcqRel: the fill above; a swap that came first wins over it.
                    let _ = self.atomic(at + 8).compare_exchange(0, absent.0, AcqRel, Acquire);
                    return Ok(at + 8);
                }
                Err(found) if found == id => {
                    while self.atomic(at + 8).load(Acquire) == 0 {
                        std::hint::spin_loop();
                    }
                    return Ok(at + 8);
                }
                Err(_) => {}
            }
        }
        Err(format!("more than {ROOTS} roots").into())
    }

    /// The word at `off` as an atomic.
    #[inline]
    pub fn atomic(&self, off: u64) -> &AtomicU64 {
        debug_assert!(off < RESERVE && off.is_multiple_of(8));
        // SAFETY: in the mapping, aligned, and never written otherwise.
        unsafe { &*self.base.add(off as usize).cast() }
    }

    /// The word at `off` of a node, which nobody changes.
    #[inline]
    fn word(&self, off: u64) -> u64 {
        debug_assert!(off < RESERVE && off.is_multiple_of(8));
        // SAFETY: in the mapping, aligned; nodes are only written before they are published.
        unsafe { *self.base.add(off as usize).cast() }
    }

    /// Writes a word of a node that is not published.
    #[inline]
    fn put(&self, off: u64, word: u64) {
        debug_assert!(off < RESERVE && off.is_multiple_of(8));
        // SAFETY: in the mapping, aligned, in a block that only this handle knows of.
        unsafe { *self.base.add(off as usize).cast() = word }
    }

    /// `len` bytes of a published block.
    #[inline]
    fn bytes(&self, off: u64, len: usize) -> &[u8] {
        // SAFETY: in the mapping; text is only written before it is published.
        unsafe { std::slice::from_raw_parts(self.base.add(off as usize), len) }
    }

    #[inline]
    fn copy_words(&self, from: u64, to: u64, words: u64) {
        // SAFETY: both in the mapping; `to` is a fresh block, so they do not overlap.
        unsafe {
            let (from, to) = (self.base.add(from as usize).cast::<u64>(), self.base.add(to as usize).cast::<u64>());
            std::ptr::copy_nonoverlapping(from, to, words as usize);
        }
    }

    /// Room for a block of so many words, header counted.
    #[inline]
    fn alloc(&self, bump: &mut Bump, words: u64) -> Result<u64> {
        let bytes = (words * 8).next_multiple_of(16);
        if bytes > bump.end - bump.at {
            self.take_chunk(bump, bytes)?;
        }
        let off = bump.at;
        bump.at += bytes;
        Ok(off)
    }

    #[cold]
    fn take_chunk(&self, bump: &mut Bump, bytes: u64) -> Result<()> {
        let len = bytes.max(CHUNK).next_multiple_of(CHUNK);
        // Relaxed: a counter; what is written into the chunk is published by its root.
        let at = self.atomic(8).fetch_add(len, Relaxed);
        if at + len > RESERVE {
            return Err("the floor's file is full".into());
        }
        self.populate(at & !4095, len)?;
        *bump = Bump { at, end: at + len };
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn populate(&self, at: u64, len: u64) -> Result<()> {
        // SAFETY: whole pages of the mapping; populating does not change what they hold.
        let done = unsafe { libc::madvise(self.base.add(at as usize).cast(), len as usize, libc::MADV_POPULATE_WRITE) };
        match done {
            0 => Ok(()),
            _ => Err(format!("no room for the floor's file: {}", std::io::Error::last_os_error()).into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn populate(&self, _at: u64, _len: u64) -> Result<()> {
        Ok(())
    }
}
