//! What happens to regions when the process forks.
//!
//! A lock belongs to an open file description, and a forked child shares those of its parent: a child that kept the
//! descriptors would keep its parent's locks alive after the parent's death, and the parent would never be found dead. So
//! the child closes them, in a handler that runs before `fork` returns. Another thread may have held any mutex at that
//! moment, so the table of descriptors is a fixed array of atomics, walked without locks and without memory from the heap.

use super::sys::{self, RawFd};
use crate::sync::bookkeeping::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::io;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How many file regions one process can have open at once.
pub(super) const MOST_OPEN: usize = 4096;

/// How many forks lie between the first process and this one.
static GENERATION: AtomicU64 = AtomicU64::new(0);
/// Forks under way in this process.
static FORKING: AtomicU32 = AtomicU32::new(0);
/// Forks that this process has made.
static FORKED: AtomicU64 = AtomicU64::new(0);
/// Descriptors of live file regions, plus one; zero is a free place.
static OPEN: [AtomicU32; MOST_OPEN] = [const { AtomicU32::new(0) }; MOST_OPEN];

// All orderings here are SeqCst: forks and opens are rare, and `Fd::open` compares two words that others write.

extern "C" fn before_fork() {
    FORKING.fetch_add(1, SeqCst);
}

extern "C" fn after_fork_in_parent() {
    // In this order, so that nobody sees both the fork over and its count unchanged.
    FORKED.fetch_add(1, SeqCst);
    FORKING.fetch_sub(1, SeqCst);
}

extern "C" fn after_fork_in_child() {
    GENERATION.fetch_add(1, SeqCst);
    FORKING.store(0, SeqCst);
    for place in &OPEN {
        if let Some(fd) = place.swap(0, SeqCst).checked_sub(1) {
            sys::close(fd as RawFd);
        }
    }
}

/// Number of this process in its line of forks; a region made under another number is the parent's.
pub(super) fn generation() -> u64 {
    GENERATION.load(SeqCst)
}

/// Makes sure that forks are noticed from here on.
pub(super) fn watch() -> io::Result<()> {
    static REGISTERED: OnceLock<i32> = OnceLock::new();
    let result = *REGISTERED.get_or_init(|| {
        // SAFETY: the three handlers touch atomics and close descriptors, which is allowed between fork and its return.
        unsafe { libc::pthread_atfork(Some(before_fork), Some(after_fork_in_parent), Some(after_fork_in_child)) }
    });
    if result == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(result)) }
}

/// A descriptor that no forked child keeps.
pub(super) struct Fd {
    fd: RawFd,
    place: usize,
    generation: u64,
}

impl Fd {
    /// What `open` opens, once more if the process forked meanwhile: a child that was made between the opening and the entry
    /// in the table would keep that description, and with it every lock taken later.
    pub(super) fn open(open: impl Fn() -> io::Result<RawFd>) -> io::Result<Fd> {
        watch()?;
        loop {
            let forks = FORKED.load(SeqCst);
            let fd = Fd::enter(open()?)?;
            // A fork under way may have copied the table before our entry: its end will tell. Only for a while, because
            // that fork may wait for a mutex of the host's that our caller holds; then it has not copied anything yet.
            let start = Instant::now();
            while FORKING.load(SeqCst) > 0 && start.elapsed() < Duration::from_secs(1) {
                std::thread::yield_now();
            }
            if FORKED.load(SeqCst) == forks {
                return Ok(fd);
            }
        }
    }
    fn enter(fd: RawFd) -> io::Result<Fd> {
        let claim = |place: &AtomicU32| place.compare_exchange(0, fd as u32 + 1, SeqCst, SeqCst).is_ok();
        match OPEN.iter().position(claim) {
            Some(place) => Ok(Fd { fd, place, generation: generation() }),
            None => {
                sys::close(fd);
                Err(io::Error::other(format!("this process has {MOST_OPEN} domains open; close some first")))
            }
        }
    }
    /// The descriptor. Not to be used when [`Fd::forked`]: the number may be another file's by now.
    pub(super) fn raw(&self) -> RawFd {
        self.fd
    }
    /// Was it opened by a process that this one was forked from?
    pub(super) fn forked(&self) -> bool {
        self.generation != generation()
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        if self.forked() {
            return;
        }
        // In this order: a child forked before the close keeps a description without locks, and none closes a number that
        // was given out again.
        sys::unlock(self.fd, 0, 0);
        OPEN[self.place].store(0, SeqCst);
        sys::close(self.fd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_fork_between_opening_and_entry_keeps_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = sys::c_path(file.path()).unwrap();
        let children = Cell::new(Vec::new());
        let fd = Fd::open(|| {
            let fd = sys::open(&path, libc::O_RDWR)?;
            let mut forked = children.take();
            if forked.len() < 2 {
                // SAFETY: the child makes two calls that are allowed there.
                match unsafe { libc::fork() } {
                    0 => loop {
                        // SAFETY: the calls touch no memory. The alarm ends the child if this process does not.
                        unsafe {
                            libc::alarm(20);
                            libc::pause();
                        }
                    },
                    child => forked.push(child),
                }
            }
            children.set(forked);
            Ok(fd)
        })
        .unwrap();
        assert!(sys::lock(fd.raw(), 1, true).unwrap());
        let other = Fd::open(|| sys::open(&path, libc::O_RDWR)).unwrap();
        assert!(sys::is_locked(other.raw(), 1).unwrap());
        // As if the process had died: closed without unlocking.
        OPEN[fd.place].store(0, SeqCst);
        sys::close(fd.raw());
        std::mem::forget(fd);
        assert!(!sys::is_locked(other.raw(), 1).unwrap(), "a child keeps the lock");
        for child in children.take() {
            // SAFETY: our own children; the calls touch no memory.
            unsafe {
                libc::kill(child, libc::SIGKILL);
                libc::waitpid(child, std::ptr::null_mut(), 0);
            }
        }
    }
}
