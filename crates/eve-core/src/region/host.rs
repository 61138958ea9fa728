//! Memory that the host gives, as the shared WebAssembly memory of a browser. No call of an operating system is made here:
//! what needs one is asked of the host.

use super::{Region, checks};
use crate::error::Result;
use crate::layout::Off;
use std::time::Duration;

/// What the host does for a [`HostRegion`]. The defaults are right for one thread that shares its memory with nobody.
pub trait HostCalls: Send + Sync {
    /// Makes the bytes `from..to` exist, zeroed where they are new; called only inside the length that was given.
    /// [`crate::Error::Full`] if there is no room. Default: they all exist.
    fn grow(&self, from: u64, to: u64) -> Result<()> {
        let _ = (from, to);
        Ok(())
    }
    /// Takes the lock of this process entry; false if another lives that holds it. Default: true.
    fn lock(&self, process: u64) -> Result<bool> {
        let _ = process;
        Ok(true)
    }
    /// Gives it back. Default: nothing.
    fn unlock(&self, process: u64) {
        let _ = process;
    }
    /// Does somebody else hold the lock of this process entry? Default: nobody else is there.
    fn is_locked(&self, process: u64) -> Result<bool> {
        let _ = process;
        Ok(false)
    }
    /// Sleeps until the 4 bytes at `at` are not `expected`, somebody wakes them or the time is over; may wake for no
    /// reason. Default: returns at once, since with one thread nobody would ever wake it.
    fn wait(&self, at: Off, expected: u32, timeout: Option<Duration>) {
        let _ = (at, expected, timeout);
    }
    /// Wakes up to `most` of those who sleep on the 4 bytes at `at`; how many. Default: nobody sleeps.
    fn wake(&self, at: Off, most: u32) -> u32 {
        let _ = (at, most);
        0
    }
}

/// The calls of a host with one thread: all defaults.
pub struct Alone;

impl HostCalls for Alone {}

/// A domain's bytes in memory of the host's.
pub struct HostRegion {
    base: *mut u8,
    len: u64,
    calls: Box<dyn HostCalls>,
}

// SAFETY: the maker of the region promised that the bytes may be used from every thread.
unsafe impl Send for HostRegion {}
// SAFETY: as above.
unsafe impl Sync for HostRegion {}

impl HostRegion {
    /// Over the `len` bytes from `base` on. They stay the host's and are not given back when the region is dropped.
    ///
    /// # Safety
    ///
    /// `base` is a multiple of 4096, and what the last successful `grow` of `calls` reached is readable and writable
    /// for as long as the region lives, from every thread that uses it, and used by nobody but regions over the same
    /// bytes. The bytes of a new domain are zero.
    pub unsafe fn new(base: *mut u8, len: u64, calls: Box<dyn HostCalls>) -> HostRegion {
        HostRegion { base, len, calls }
    }
}

// SAFETY: the maker promised what the trait asks for.
unsafe impl Region for HostRegion {
    fn base(&self) -> *mut u8 {
        self.base
    }
    fn reserve(&self) -> u64 {
        self.len
    }
    fn grow(&self, from: u64, to: u64) -> Result<()> {
        checks::inside(from, to, self.len)?;
        if from < to { self.calls.grow(from, to) } else { Ok(()) }
    }
    /// Does nothing: such memory cannot be given back.
    fn punch(&self, _from: u64, _to: u64) -> Result<()> {
        Ok(())
    }
    fn lock(&self, process: u64) -> Result<bool> {
        self.calls.lock(process)
    }
    fn unlock(&self, process: u64) {
        self.calls.unlock(process)
    }
    fn is_locked(&self, process: u64) -> Result<bool> {
        self.calls.is_locked(process)
    }
    fn wait(&self, at: Off, expected: u32, timeout: Option<Duration>) {
        self.calls.wait(at, expected, timeout)
    }
    fn wake(&self, at: Off, most: u32) -> u32 {
        self.calls.wake(at, most)
    }
}
