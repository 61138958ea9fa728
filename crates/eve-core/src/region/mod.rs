//! The one place that names an operating system: where the bytes of a domain come from, how they grow, who is alive,
//! and how to sleep until a word changes.

#[cfg(target_os = "linux")]
mod anon;
// Elsewhere only a part of the checks has somebody who asks for them.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod checks;
#[cfg(target_os = "linux")]
mod file;
#[cfg(target_os = "linux")]
mod fork;
mod host;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(target_os = "linux")]
pub use anon::AnonRegion;
pub use checks::MAX_RESERVE;
pub(crate) use checks::used_up;
#[cfg(target_os = "linux")]
pub use file::{FileOptions, FileRegion, boot_id};
pub use host::{Alone, HostCalls, HostRegion};

use crate::error::Result;
use crate::layout::Off;
use std::path::Path;
use std::time::Duration;

/// The memory under a domain. One implementation for files, one for anonymous memory, one for memory that the host
/// gives (a browser's shared WebAssembly memory); all code above is the same for the three. The defaults are those of memory that
/// no other process sees.
///
/// # Safety
///
/// `base()` is valid for reads and writes of every byte below what the last successful `grow` reached, stays where it is for
/// as long as the region lives, and is aligned to 4096 bytes.
pub unsafe trait Region: Send + Sync {
    /// The first byte.
    fn base(&self) -> *mut u8;
    /// Bytes of address space: the arena can never be larger.
    fn reserve(&self) -> u64;
    /// Makes the bytes `from..to` exist, zeroed where they are new. A full disk is an error here and nowhere else.
    fn grow(&self, from: u64, to: u64) -> Result<()>;
    /// An error if the file has fewer bytes than this by now: somebody cut it off, and growth would hide that behind zeros.
    fn check_length(&self, committed: u64) -> Result<()> {
        let _ = committed;
        Ok(())
    }
    /// Gives the bytes `from..to` back to the system; they read as zero until `grow` brings them back. May do nothing.
    fn punch(&self, from: u64, to: u64) -> Result<()>;
    /// Has the system bring the bytes `from..to`, which exist, into memory at once: cheaper than one interruption for each system page when it is
    /// first written. Only for speed, so it may do nothing, and has no errors.
    fn populate(&self, from: u64, to: u64) {
        let _ = (from, to);
    }
    /// Takes the lock of this process entry for as long as the region lives; false if another holder lives.
    fn lock(&self, process: u64) -> Result<bool> {
        let _ = process;
        Ok(true)
    }
    /// Takes a share of it, which several may have; false if somebody has it alone. Who had it alone shares it then, in one step.
    fn share(&self, process: u64) -> Result<bool> {
        let _ = process;
        Ok(true)
    }
    /// Gives it back.
    fn unlock(&self, process: u64) {
        let _ = process;
    }
    /// Does somebody else hold the lock of this process entry? The kernel's word, never a timer.
    fn is_locked(&self, process: u64) -> Result<bool> {
        let _ = process;
        Ok(false)
    }
    /// Sleeps until the 4 bytes at `at` are not `expected`, somebody wakes them, or the time is over. May wake for no reason.
    fn wait(&self, at: Off, expected: u32, timeout: Option<Duration>);
    /// Wakes up to `most` of those who sleep on the 4 bytes at `at`; how many.
    fn wake(&self, at: Off, most: u32) -> u32;
    /// The file, for messages; empty for memory.
    fn path(&self) -> &Path {
        Path::new("")
    }
    /// May the bytes be changed?
    fn writable(&self) -> bool {
        true
    }
    /// Device and inode; zeros for memory.
    fn identity(&self) -> (u64, u64) {
        (0, 0)
    }
    /// True in a child that was forked after the region was made.
    fn forked(&self) -> bool {
        false
    }
}
