//! Waiting for a commit. See `spec/4-commit.md`, "Who waits".

use super::Atom;
use super::domain::Inner;
use crate::arena::Arena;
use crate::layout::Off;
use crate::layout::header::atom;
use crate::reclaim::recover;
use crate::sync::{Relaxed, SeqCst, fence};
use std::time::{Duration, Instant};

/// How often a waiter that may not write looks for a change.
const POLL: Duration = Duration::from_millis(5);
/// The longest that a waiter sleeps at a time, though commits wake it at once: it may have been told to stop just before it went to sleep, and who
/// commits may die before he wakes anybody.
const LONGEST: Duration = Duration::from_secs(2);

/// Says that somebody is going to sleep until there are more commits than `seen`. The version is looked at behind it, also by the kernel
/// before it puts him to sleep.
pub(crate) fn announce(arena: &Arena, entry: Off, seen: u64) {
    // SeqCst: a commit raises the version and then looks here; we do it the other way round, so one of the two sees the other.
    arena.word(entry.at(1 + atom::WAITERS)).fetch_max(seen.saturating_add(1), SeqCst);
    fence(SeqCst);
}

/// Raises the version, and wakes who may be asleep.
#[inline]
pub(crate) fn tell(arena: &Arena, entry: Off, wake: impl FnOnce()) {
    // SeqCst, here and below: then the waiters are looked at; they do it the other way round.
    let version = arena.word(entry.at(1 + atom::VERSION)).fetch_add(1, SeqCst) + 1;
    crate::sync::loom_order();
    let waiters = arena.word(entry.at(1 + atom::WAITERS)).load(SeqCst);
    if waiters != 0 {
        wake();
        // All of them wait for this version at most: each was woken, or finds it before he sleeps. One who waits for a later one stays
        // announced, whoever else was.
        if waiters <= version {
            // Relaxed: nothing is read or written because of it. If it fails somebody is new, or another commit did it.
            let _ = arena.word(entry.at(1 + atom::WAITERS)).compare_exchange(waiters, 0, Relaxed, Relaxed);
        }
    }
}

impl Atom {
    /// Wakes whoever [waits](Atom::wait) for this atom, in every process, as a commit does: for a waiter that looks at something
    /// else besides.
    pub fn wake(&self) {
        self.domain.inner().arena.region().wake(self.entry.at(1 + atom::VERSION), u32::MAX);
    }
    /// Waits for a commit as [`wait`](Atom::wait) does, and looks at `stop` each time it is woken: true says that there was one.
    pub fn wait_unless(&self, seen: u64, stop: impl Fn() -> bool) -> bool {
        while self.version() == seen && !stop() {
            self.sleep(seen, LONGEST, &stop);
        }
        self.version() != seen
    }
    /// Waits until the atom has seen more commits than `seen`, or the time is over; true if it has.
    ///
    /// Sleeps in the kernel; a commit of any process wakes it.
    pub fn wait(&self, seen: u64, timeout: Option<Duration>) -> bool {
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        loop {
            if self.version() != seen {
                return true;
            }
            let left = deadline.map_or(LONGEST, |d| d.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            self.sleep(seen, left, &|| false);
        }
    }
    /// Sleeps, unless there are more commits than `seen` or `stop` says so. May wake for no reason.
    fn sleep(&self, seen: u64, most: Duration, stop: &dyn Fn() -> bool) {
        let inner = self.domain.inner();
        let (arena, begun) = (&inner.arena, Instant::now());
        let writable = arena.region().writable() && !arena.region().forked();
        if writable {
            announce(arena, self.entry, seen);
        }
        // Who cannot announce himself looks again every now and then.
        let nap = most.min(if writable { LONGEST } else { POLL });
        if self.version() == seen && !stop() {
            arena.region().wait(self.entry.at(1 + atom::VERSION), seen as u32, Some(nap));
        }
        if writable && self.version() == seen && begun.elapsed() >= LONGEST {
            inner.look_for_dead();
        }
    }
}

impl Inner {
    /// The dead may have committed; whoever recovers them says so. If all only wait, one of them has to: of the many of a process one will do.
    #[cold]
    fn look_for_dead(&self) {
        let Ok(mut looked) = self.looked.try_lock() else { return };
        if looked.is_none_or(|at| at.elapsed() >= LONGEST / 2) {
            *looked = Some(Instant::now());
            // What fails here fails in the next commit, too, which has somebody to tell.
            let _ = recover::recover_dead(&self.arena, self.owner);
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::value::Value;
    use crate::{Domain, Error};

    fn counter() -> (Domain, Atom) {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.put("n", &Value::Int(0)).unwrap();
        (domain, atom)
    }

    fn add_one(atom: &Atom) {
        atom.update(|n| Ok::<_, Error>(Value::Int(n.as_i64().unwrap() + 1))).unwrap();
    }

    /// Each later commit would make a call of the system for nothing.
    #[test]
    fn who_died_while_it_waited_is_woken_once_and_no_more() {
        let (domain, atom) = counter();
        let arena = &domain.inner().arena;
        let waiters = || arena.word(atom.entry.at(1 + atom::WAITERS)).load(SeqCst);
        announce(arena, atom.entry, atom.version()); // and never comes back
        assert_ne!(waiters(), 0);
        add_one(&atom);
        assert_eq!(waiters(), 0);
        let mut woken = 0;
        tell(arena, atom.entry, || woken += 1);
        assert_eq!(woken, 0);
        // One that comes while a commit is on its way, and has seen its version, stays announced.
        let seen = atom.version();
        announce(arena, atom.entry, seen + 1);
        tell(arena, atom.entry, || woken += 1);
        assert_eq!((woken, waiters()), (1, seen + 2));
        tell(arena, atom.entry, || woken += 1);
        assert_eq!((woken, waiters()), (2, 0));
    }

    #[test]
    fn no_waiter_of_many_sleeps_through_a_commit() {
        const COMMITS: u64 = 3000;
        let (_domain, atom) = counter();
        let first = atom.version();
        std::thread::scope(|scope| {
            let waiters: Vec<_> = (0..3)
                .map(|n| {
                    let atom = &atom;
                    scope.spawn(move || {
                        let mut seen = first;
                        while seen < first + COMMITS {
                            assert!(
                                atom.wait(seen, Some(Duration::from_secs(60))),
                                "slept through commit {seen} of {COMMITS}"
                            );
                            seen = if n == 0 { seen + 1 } else { atom.version() };
                        }
                    })
                })
                .collect();
            for i in 0..COMMITS {
                add_one(&atom);
                if i % 8 == 0 {
                    std::thread::yield_now();
                }
            }
            waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        });
    }
}
