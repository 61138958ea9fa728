//! Who waits for a commit, with every execution that the memory model allows. A sleeper whom nobody wakes is a deadlock, which loom reports.

use super::orderings::{FREE, arena, explore};
use crate::arena::Arena;
use crate::atom::models::{announce, tell};
use crate::layout::Off;
use crate::layout::header::atom;
use crate::layout::slot::page_off;
use crate::sync::{Acquire, AtomicU64, Relaxed, SeqCst};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

fn entry() -> Off {
    page_off(FREE)
}
fn version(arena: &Arena) -> &AtomicU64 {
    arena.word(entry().at(1 + atom::VERSION))
}
fn waiters_of(arena: &Arena) -> &AtomicU64 {
    arena.word(entry().at(1 + atom::WAITERS))
}

/// What the kernel does: it compares and puts to sleep, and wakes, under one lock.
#[derive(Default)]
struct Futex {
    woken: Mutex<u64>,
    sleepers: Condvar,
}

impl Futex {
    fn wait(&self, arena: &Arena, seen: u64) {
        let mut woken = self.woken.lock().unwrap();
        if version(arena).load(Relaxed) != seen {
            return;
        }
        let before = *woken;
        while *woken == before {
            woken = self.sleepers.wait(woken).unwrap();
        }
    }
    fn wake(&self) {
        *self.woken.lock().unwrap() += 1;
        self.sleepers.notify_all();
    }
}

/// As `Atom::wait` does, until there were so many commits.
fn wait_for(arena: &Arena, futex: &Futex, commits: u64) {
    let version = || version(arena).load(Acquire); // as `Atom::version`
    let mut seen = 0;
    while seen < commits {
        while version() == seen {
            announce(arena, entry(), seen);
            if version() == seen {
                futex.wait(arena, seen);
            }
        }
        seen = version();
    }
}

/// As `tell`, but whoever waits is forgotten.
fn tell_and_forget(arena: &Arena, _: Off, wake: impl FnOnce()) {
    version(arena).fetch_add(1, SeqCst);
    crate::sync::loom_order();
    if waiters_of(arena).load(SeqCst) != 0 {
        wake();
        waiters_of(arena).store(0, Relaxed);
    }
}

fn waiting(name: &'static str, waiters: usize, committers: u64, tell: fn(&Arena, Off, &dyn Fn())) {
    explore(name, 3, move || {
        let (arena, futex) = (arena(4), Arc::new(Futex::default()));
        version(&arena).store(0, Relaxed);
        waiters_of(&arena).store(0, Relaxed);
        let waiters = (0..waiters).map(|_| {
            let (arena, futex) = (arena.clone(), futex.clone());
            thread::spawn(move || wait_for(&arena, &futex, committers))
        });
        let committers = (1..committers).map(|_| {
            let (arena, futex) = (arena.clone(), futex.clone());
            thread::spawn(move || tell(&arena, entry(), &|| futex.wake()))
        });
        let all: Vec<_> = waiters.chain(committers).collect();
        tell(&arena, entry(), &|| futex.wake());
        all.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(waiters_of(&arena).load(Relaxed) <= version(&arena).load(Relaxed), "the next commit forgets them");
    });
}

#[test]
fn a_waiter_sleeps_through_none_of_two_commits() {
    waiting("a waiter and two commits", 1, 2, |arena, entry, wake| tell(arena, entry, wake));
}

#[test]
fn none_of_two_waiters_sleeps_through_a_commit() {
    waiting("two waiters and a commit", 2, 1, |arena, entry, wake| tell(arena, entry, wake));
}

/// The model would notice.
#[test]
#[should_panic(expected = "deadlock")]
fn who_waits_for_a_later_commit_must_not_be_forgotten() {
    waiting("a waiter that is forgotten", 1, 2, |arena, entry, wake| tell_and_forget(arena, entry, wake));
}
