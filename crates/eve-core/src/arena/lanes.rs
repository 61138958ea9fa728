//! The elements of typed arrays: one atomic of the element's own width each.
//!
//! Every element is only ever reached by its own width, so the accesses of two threads either are of the same bytes and the same
//! size or do not meet, and an addition is one instruction that no neighbour disturbs. (The other way, a compare-and-swap of the 64-bit
//! word around a narrow element, makes writers of neighbours fail each other.) The first writing of a new block and its end in
//! the allocator use whole words, while nobody else looks.

use super::Arena;
use crate::layout::Off;
#[cfg(not(loom))]
use crate::sync::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};
use crate::sync::{Ordering, Relaxed, SeqCst};

/// An element of some width, as the low bits of 64. One access is one step in the order that all threads and processes agree on
/// (SeqCst), as it is for JavaScript's `Atomics` and for Java's volatiles, since users build protocols of their own on elements.
pub(crate) trait Lane: Copy {
    /// The element at `off`, which is inside the arena and a multiple of the width.
    fn at(arena: &Arena, off: Off) -> Self;
    fn get(self, order: Ordering) -> u64;
    fn put(self, bits: u64, order: Ordering);
    fn replace(self, bits: u64) -> u64;
    /// What was there; it was exchanged if that is `old`, of which only the bits of the width may be set.
    fn exchange(self, old: u64, new: u64) -> u64;
    fn add(self, bits: u64) -> u64;
    fn sub(self, bits: u64) -> u64;
    fn and(self, bits: u64) -> u64;
    fn or(self, bits: u64) -> u64;
    fn xor(self, bits: u64) -> u64;
}

macro_rules! lanes {
    ($($atomic:ident $int:ty),*) => {$(
        #[cfg(not(loom))]
        impl<'a> Lane for &'a $atomic {
            #[inline(always)]
            fn at(arena: &Arena, off: Off) -> &'a $atomic {
                debug_assert!(off.0.is_multiple_of(size_of::<$int>() as u64) && off.0 < arena.region.reserve());
                // SAFETY: the caller has checked the offset; the region keeps those bytes mapped, and they are only accessed as
                // atomics of this width while others may look.
                unsafe { &*arena.base.add(off.0 as usize).cast::<$atomic>() }
            }
            #[inline(always)]
            fn get(self, order: Ordering) -> u64 {
                $atomic::load(self, order).into()
            }
            #[inline(always)]
            fn put(self, bits: u64, order: Ordering) {
                $atomic::store(self, bits as $int, order);
            }
            #[inline(always)]
            fn replace(self, bits: u64) -> u64 {
                $atomic::swap(self, bits as $int, SeqCst).into() // as the trait says
            }
            #[inline(always)]
            fn exchange(self, old: u64, new: u64) -> u64 {
                // SeqCst: as the trait says.
                match self.compare_exchange(old as $int, new as $int, SeqCst, SeqCst) {
                    Ok(found) | Err(found) => found.into(),
                }
            }
            #[inline(always)]
            fn add(self, bits: u64) -> u64 {
                self.fetch_add(bits as $int, SeqCst).into() // as the trait says
            }
            #[inline(always)]
            fn sub(self, bits: u64) -> u64 {
                self.fetch_sub(bits as $int, SeqCst).into() // as the trait says
            }
            #[inline(always)]
            fn and(self, bits: u64) -> u64 {
                self.fetch_and(bits as $int, SeqCst).into() // as the trait says
            }
            #[inline(always)]
            fn or(self, bits: u64) -> u64 {
                self.fetch_or(bits as $int, SeqCst).into() // as the trait says
            }
            #[inline(always)]
            fn xor(self, bits: u64) -> u64 {
                self.fetch_xor(bits as $int, SeqCst).into() // as the trait says
            }
        }
    )*};
}
lanes!(AtomicU8 u8, AtomicU16 u16, AtomicU32 u32, AtomicU64 u64);

/// Loom's memory is made of 64-bit words, so there a narrow element is a part of one.
#[cfg(loom)]
mod modelled {
    use super::*;
    use crate::sync::AtomicU64;

    /// An element of `N` bytes.
    #[derive(Clone, Copy)]
    pub(crate) struct Part<'a, const N: u64> {
        word: &'a AtomicU64,
        shift: u64,
    }

    impl<const N: u64> Part<'_, N> {
        const MASK: u64 = u64::MAX >> (64 - 8 * N);
        fn change(self, f: impl Fn(u64) -> u64) -> u64 {
            let mut word = self.word.load(SeqCst);
            loop {
                let old = word >> self.shift & Self::MASK;
                let new = word & !(Self::MASK << self.shift) | (f(old) & Self::MASK) << self.shift;
                match self.word.compare_exchange(word, new, SeqCst, SeqCst) {
                    Ok(_) => return old,
                    Err(now) => word = now,
                }
            }
        }
    }

    impl<'a, const N: u64> Lane for Part<'a, N> {
        fn at(arena: &Arena, off: Off) -> Self {
            // SAFETY: the arena's table of words lives as long as the arena, which the caller keeps for as long as the element.
            let word = unsafe { &*std::ptr::from_ref::<AtomicU64>(arena.word(Off(off.0 & !7))) };
            Part { word, shift: off.0 % 8 * 8 }
        }
        fn get(self, order: Ordering) -> u64 {
            self.word.load(order) >> self.shift & Self::MASK
        }
        fn put(self, bits: u64, _: Ordering) {
            self.change(|_| bits);
        }
        fn replace(self, bits: u64) -> u64 {
            self.change(|_| bits)
        }
        fn exchange(self, old: u64, new: u64) -> u64 {
            self.change(|found| if found == old { new } else { found })
        }
        fn add(self, bits: u64) -> u64 {
            self.change(|old| old.wrapping_add(bits))
        }
        fn sub(self, bits: u64) -> u64 {
            self.change(|old| old.wrapping_sub(bits))
        }
        fn and(self, bits: u64) -> u64 {
            self.change(|old| old & bits)
        }
        fn or(self, bits: u64) -> u64 {
            self.change(|old| old | bits)
        }
        fn xor(self, bits: u64) -> u64 {
            self.change(|old| old ^ bits)
        }
    }
}

#[cfg(not(loom))]
mod widths {
    pub(crate) type One<'a> = &'a super::AtomicU8;
    pub(crate) type Two<'a> = &'a super::AtomicU16;
    pub(crate) type Four<'a> = &'a super::AtomicU32;
    pub(crate) type Eight<'a> = &'a super::AtomicU64;
}
#[cfg(loom)]
mod widths {
    pub(crate) type One<'a> = super::modelled::Part<'a, 1>;
    pub(crate) type Two<'a> = super::modelled::Part<'a, 2>;
    pub(crate) type Four<'a> = super::modelled::Part<'a, 4>;
    pub(crate) type Eight<'a> = super::modelled::Part<'a, 8>;
}
pub(crate) use widths::*;

/// Runs an expression with a type of [`Lane`] of this many bytes.
macro_rules! each_width {
    ($bytes:expr, $lane:ident => $body:expr) => {
        match $bytes {
            1 => {
                type $lane<'l> = $crate::arena::lanes::One<'l>;
                $body
            }
            2 => {
                type $lane<'l> = $crate::arena::lanes::Two<'l>;
                $body
            }
            4 => {
                type $lane<'l> = $crate::arena::lanes::Four<'l>;
                $body
            }
            _ => {
                type $lane<'l> = $crate::arena::lanes::Eight<'l>;
                $body
            }
        }
    };
}
pub(crate) use each_width;

/// Copies elements out, one after another, each as it is at its moment. `out` has room for whole elements.
pub(crate) fn read<L: Lane>(arena: &Arena, from: Off, bytes: usize, out: &mut [u8]) {
    for (i, out) in (0..).zip(out.chunks_exact_mut(bytes)) {
        // Relaxed: a range is no step of anybody's protocol; single loads around it order it.
        let bits = L::at(arena, from.plus(i * bytes as u64)).get(Relaxed);
        out.copy_from_slice(&bits.to_le_bytes()[..bytes]);
    }
}

/// Copies elements in, likewise.
pub(crate) fn write<L: Lane>(arena: &Arena, to: Off, bytes: usize, from: &[u8]) {
    for (i, from) in (0..).zip(from.chunks_exact(bytes)) {
        let mut le = [0; 8];
        le[..bytes].copy_from_slice(from);
        L::at(arena, to.plus(i * bytes as u64)).put(u64::from_le_bytes(le), Relaxed); // as in `read`
    }
}
