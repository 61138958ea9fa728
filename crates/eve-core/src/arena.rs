//! Reading the bytes of a domain: every offset that comes from them is checked before it is followed.

pub(crate) mod lanes;
#[cfg(loom)]
mod modelled;

use crate::error::{Error, Quick as Result};
use crate::layout::block::Shape;
use crate::layout::header::word as header;
use crate::layout::{BlockHeader, Kind, Off};
use crate::region::Region;
use crate::sync::{Acquire, AtomicU64, Relaxed};

/// The mapped bytes of a domain, with what reading them needs to know.
pub struct Arena {
    region: Box<dyn Region>,
    base: *mut u8,
    #[cfg(loom)]
    modelled: modelled::Words,
    /// How far this process knows the arena to reach; the header has the last word.
    reach: AtomicU64,
    /// Pages this process gave back since it last looked whether there are enough to punch.
    released: AtomicU64,
    /// Heap pages before this byte were brought into memory together with a neighbour, or long ago.
    populated: AtomicU64,
    /// Held by the thread that takes the locks of dead processes' entries for a moment: a process's threads share its locks.
    pub(crate) burying: std::sync::Mutex<()>,
    /// Seed of the hash of keys.
    pub seed: u64,
    /// Bits of the hash that are used.
    pub hash_mask: u64,
}

// SAFETY: `base` points into memory that the region keeps for as long as it lives, and all shared words are reached as atomics.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

/// A block that was checked: its header as it was read, and its payload.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// Where it is.
    pub off: Off,
    /// Its header when it was read. Edges and flags may have changed since.
    pub header: BlockHeader,
    /// What it is.
    pub kind: Kind,
    /// How its payload is divided.
    pub shape: Shape,
    /// The payload words that do not change: all, or those before the elements of an array or the data of objects.
    pub words: &'a [u64],
}

impl<'a> Node<'a> {
    /// The child words.
    #[inline]
    pub fn children(&self) -> &'a [u64] {
        &self.words[self.shape.meta as usize..][..self.shape.children as usize]
    }
    /// The bytes of a string, a name or another scalar.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        let (skip, len) = match self.kind {
            Kind::Str => (1, self.words[0]),
            Kind::Scalar => (1, self.words[0] >> 8),
            Kind::Name => (2, self.words[1]),
            Kind::Atom => (crate::layout::header::atom::META_WORDS as usize, self.words[0]),
            _ => (0, 0),
        };
        let words = &self.words[skip..];
        // SAFETY: any initialised u64s are initialised bytes, and the slice is not longer: `Shape::of` made room for `len` bytes.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), (len as usize).min(words.len() * 8)) }
    }
}

#[cfg_attr(loom, allow(unreachable_code))] // loom's words are elsewhere
impl Arena {
    /// Over a region whose header page is in place.
    pub fn new(region: Box<dyn Region>) -> Arena {
        let base = region.base();
        let mut arena = Arena {
            region,
            base,
            #[cfg(loom)]
            modelled: Default::default(),
            reach: AtomicU64::new(crate::layout::header::HEADER_BYTES),
            released: AtomicU64::new(0),
            populated: AtomicU64::new(0),
            burying: Default::default(),
            seed: 0,
            hash_mask: 0,
        };
        arena.seed = arena.header(header::HASH_SEED).load(Relaxed);
        arena.hash_mask = arena.header(header::HASH_MASK).load(Relaxed);
        arena
    }
    /// Counts pages that were given back; true every 16 MiB.
    pub(crate) fn note_released(&self, pages: u64) -> bool {
        const OFTEN: u64 = 1024;
        let before = self.released.fetch_add(pages, Relaxed); // a count of this process, nothing hangs on it
        before / OFTEN != (before + pages) / OFTEN
    }
    /// Has the bytes from `from` on brought into memory if they are the furthest this process has used yet, with some that will be used next: new
    /// memory is written in the order of its addresses.
    pub(crate) fn populate_ahead(&self, from: u64) {
        const AHEAD: u64 = 256 << 10;
        // Relaxed, here and below: whether memory is there changes no result.
        if from >= self.populated.load(Relaxed) {
            let to = (from + AHEAD).min(self.committed());
            self.populated.fetch_max(to, Relaxed);
            self.region.populate(from, to);
        }
    }
    /// Makes `n` words from `off` on known to all threads that are made later.
    #[cfg(loom)]
    pub(crate) fn prepare(&self, off: Off, n: u64) {
        self.modelled.prepare(self.base, off, n);
    }
    /// The region below.
    pub fn region(&self) -> &dyn Region {
        &*self.region
    }
    /// A word of the header page.
    #[inline]
    pub fn header(&self, index: u64) -> &AtomicU64 {
        self.word(Off(index * 8))
    }
    /// Bytes that may be touched.
    pub fn committed(&self) -> u64 {
        self.header(header::COMMITTED).load(Acquire).min(self.region.reserve())
    }
    /// The 8 bytes at `off`, which the caller has checked or made itself.
    #[inline]
    pub(crate) fn word(&self, off: Off) -> &AtomicU64 {
        debug_assert!(off.0.is_multiple_of(8) && off.0 < self.region.reserve(), "word at {:#x}", off.0);
        #[cfg(loom)]
        return self.modelled.word(self.base, off);
        // SAFETY: offsets are checked against the committed length when they are read (`check`), or come from the allocator;
        // the region keeps those bytes mapped and aligned, and shared words are only ever accessed as atomics.
        unsafe { &*self.base.add(off.0 as usize).cast::<AtomicU64>() }
    }
    /// Are `bytes` bytes from `off` on inside the arena?
    #[inline]
    pub(crate) fn check(&self, off: Off, bytes: u64) -> Result<()> {
        let end = off.0.saturating_add(bytes);
        if end <= self.reach.load(Relaxed) && off.0.is_multiple_of(8) { Ok(()) } else { self.check_again(off, end) }
    }
    #[cold]
    fn check_again(&self, off: Off, end: u64) -> Result<()> {
        let committed = self.committed();
        self.reach.fetch_max(committed, Relaxed);
        let ok = end <= committed && off.0.is_multiple_of(8);
        ok.then_some(()).ok_or_else(|| Error::corrupt(off, "an offset inside the file"))
    }
    /// `n` words that nobody changes any more: the payload of a published block that a pin holds, or of one of our own.
    #[inline]
    fn words(&self, off: Off, n: u64) -> &[u64] {
        #[cfg(loom)]
        return self.modelled.words(self.base, off, n);
        // SAFETY: the caller has checked the range; the payload of a published block is never written while it may be read
        // (`spec/3-reading.md`: no block is freed while a pin meets it).
        unsafe { std::slice::from_raw_parts(self.base.add(off.0 as usize).cast(), n as usize) }
    }
    /// Writes `words` at `off`, where nobody else looks yet.
    #[inline]
    pub(crate) fn write(&self, off: Off, words: &[u64]) {
        debug_assert!(off.0 + words.len() as u64 * 8 <= self.committed());
        #[cfg(loom)]
        return self.modelled.write(self.base, off, words);
        // SAFETY: the allocator gave these bytes to the caller alone.
        unsafe { std::ptr::copy_nonoverlapping(words.as_ptr(), self.base.add(off.0 as usize).cast(), words.len()) }
    }
    /// Writes bytes at `off`, where nobody else looks yet.
    pub(crate) fn write_bytes(&self, off: Off, bytes: &[u8]) {
        debug_assert!(off.0 + bytes.len() as u64 <= self.committed());
        #[cfg(loom)]
        return self.modelled.write_bytes(self.base, off, bytes);
        // SAFETY: the allocator gave these bytes to the caller alone.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(off.0 as usize), bytes.len()) }
    }
    /// The block at `off`, checked: inside the arena, of a known kind, of a shape that makes sense.
    #[inline]
    pub fn node(&self, off: Off) -> Result<Node<'_>> {
        // Every kind has at least two payload words, so these 24 bytes belong to any block.
        self.check(off, 24)?;
        let header = BlockHeader(self.word(off).load(Relaxed));
        let kind = header.kind().ok_or_else(|| Error::corrupt(off, "a block"))?;
        let first = self.word(off.at(1)).load(Relaxed);
        let second = self.word(off.at(2)).load(Relaxed);
        let shape = Shape::of(kind, first, second).ok_or_else(|| Error::corrupt(off, "a block of a known shape"))?;
        self.check(off, 8 + shape.words * 8)?;
        Ok(Node { off, header, kind, shape, words: self.words(off.at(1), shape.meta + shape.children) })
    }
    /// Tells the processor that the cache line at `off` will be wanted soon. Does no harm wherever `off` points, so needs no check.
    #[inline(always)]
    pub(crate) fn prefetch(&self, off: Off) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a prefetch reads nothing that the program can see and never faults; `wrapping_add` makes no claim.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(self.base.wrapping_add(off.0 as usize).cast::<i8>().cast_const());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = off;
    }
    /// The block at `off`, which must be of this kind.
    #[inline(always)]
    pub(crate) fn node_of(&self, off: Off, kind: Kind) -> Result<Node<'_>> {
        self.node_shaped(off, kind, |first, second| Shape::of(kind, first, second))
    }
    /// The same, where the caller knows how its first two payload words say its shape.
    #[inline(always)]
    pub(crate) fn node_shaped(
        &self,
        off: Off,
        kind: Kind,
        shape: impl FnOnce(u64, u64) -> Option<Shape>,
    ) -> Result<Node<'_>> {
        self.check(off, 24)?;
        let header = BlockHeader(self.word(off).load(Relaxed));
        let (first, second) = (self.word(off.at(1)).load(Relaxed), self.word(off.at(2)).load(Relaxed));
        match shape(first, second) {
            Some(shape) if header.kind_bits() == kind as u64 => {
                self.check(off, 8 + shape.words * 8)?;
                Ok(Node { off, header, kind, shape, words: self.words(off.at(1), shape.meta + shape.children) })
            }
            _ => Err(Error::corrupt(off, "a block of another kind")),
        }
    }
    /// Only the header of the block at `off`.
    #[inline]
    pub(crate) fn block_header(&self, off: Off) -> Result<BlockHeader> {
        self.check(off, 16)?;
        Ok(BlockHeader(self.word(off).load(Relaxed)))
    }
}
