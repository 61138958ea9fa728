//! Addresses that come back, with every execution that the memory model allows: see `reuse.rs` for the same with whole operations.

use super::orderings::{FREE, arena, explore, slot_at};
use crate::arena::Arena;
use crate::layout::header::{atom, word as header};
use crate::layout::slot::{Pin, page_off, slot, state};
use crate::layout::{BlockHeader, Kind, Off, Tick, Word};
use crate::reclaim::{edges, pins, recover};
use crate::sync::{Acquire, Relaxed, SeqCst, fence};
use loom::sync::Arc;
use loom::thread;

/// A block that stands for a version: a header, and the number of the version.
fn version(arena: &Arena, off: Off, birth: u64, number: u64) {
    arena.write(off, &[BlockHeader::new(Kind::Str, 1, Tick(birth)).0, number]);
}

/// What others do after they replaced the root `old`: its edge goes, pins are read, and if none holds it its place is used again.
fn drop_and_reuse(arena: &Arena, old: Off, birth: u64, reuse: impl FnOnce(Tick)) {
    assert!(edges::take_back(arena, old, false, |_| Ok(())).unwrap().zero);
    let tag = Tick(arena.header(header::TICK).load(SeqCst));
    fence(SeqCst);
    let tick = arena.header(header::TICK).fetch_add(1, SeqCst) + 1;
    if let Some(pinned) = pins::collect(arena)
        && pinned.meets(Tick(birth), tag).is_none()
    {
        reuse(Tick(tick));
    }
}

#[test]
fn a_root_at_an_address_that_came_back_is_not_exchanged_for_the_old_one() {
    committer(true, true);
}

/// The model would notice.
#[test]
#[should_panic(expected = "still what it built on")]
fn without_a_pin_it_would() {
    committer(false, true);
}

/// The model would notice.
#[test]
#[should_panic(expected = "still what it built on")]
fn without_the_fence_behind_the_pin_it_would() {
    committer(true, false);
}

fn committer(pins: bool, fenced: bool) {
    explore("a committer and an address that comes back", 3, move || {
        let arena = arena(4);
        let [old, new, mine, root] = [1, 2, 3, 4].map(|i| page_off(FREE).plus(1024 * i));
        arena.header(header::TICK).store(2, Relaxed);
        version(&arena, old, 1, 1);
        version(&arena, new, 2, 2);
        version(&arena, mine, 2, 0);
        arena.word(root).store(Word::block(old).0, Relaxed);
        let committer = {
            let arena = arena.clone();
            thread::spawn(move || {
                // `Participant::pin_root`, then `Participant::publish`, on the one pin of the operation.
                let pin = arena.word(slot_at(&arena, 0).off.at(slot::PIN));
                if pins {
                    pin.store(Pin::open(Tick(arena.header(header::TICK).load(Acquire))).0, Relaxed);
                }
                if fenced {
                    fence(SeqCst);
                }
                let base = Word(arena.word(root).load(Acquire));
                let seen = base.as_block().unwrap();
                let birth = arena.block_header(seen).unwrap().birth();
                if pins {
                    pin.store(Pin::interval(birth, Tick(2).max(birth)).0, crate::sync::Release);
                }
                let built_on = arena.word(seen.at(1)).load(Relaxed);
                arena.word(mine.at(1)).store(built_on + 10, Relaxed);
                if arena.word(root).compare_exchange(base.0, Word::block(mine).0, SeqCst, Acquire).is_ok() {
                    assert_eq!(arena.word(seen.at(1)).load(Relaxed), built_on, "still what it built on");
                }
                pin.store(Pin::NONE.0, crate::sync::Release);
            })
        };
        let exchange = |from: Off, to: Off| {
            let (from, to) = (Word::block(from).0, Word::block(to).0);
            arena.word(root).compare_exchange(from, to, SeqCst, Acquire).is_ok()
        };
        if exchange(old, new) {
            drop_and_reuse(&arena, old, 1, |tick| {
                // The third version, where the first one was.
                arena.word(old.at(1)).store(3, Relaxed);
                arena.word(old).store(BlockHeader::new(Kind::Str, 1, tick).0, Relaxed);
                exchange(new, old);
            });
        }
        committer.join().unwrap();
    });
}

#[test]
fn what_a_dead_one_published_is_known_whoever_came_after() {
    published(true);
}

/// The model would notice.
#[test]
#[should_panic(expected = "the right answer")]
fn without_the_wider_pin_it_would_not_be() {
    published(false);
}

fn published(widened: bool) {
    explore("a recoverer and an address that comes back", 3, move || {
        let arena = arena(4);
        let [old, new, third, entry] = [1, 2, 3, 4].map(|i| page_off(FREE).plus(1024 * i));
        arena.header(header::TICK).store(2, Relaxed);
        version(&arena, old, 1, 1);
        version(&arena, new, 2, 2);
        version(&arena, third, 2, 3);
        let root = entry.at(1 + atom::ROOT);
        arena.word(root).store(Word::block(old).0, Relaxed);
        let other = {
            let arena = arena.clone();
            thread::spawn(move || {
                // A commit over whatever is there.
                let base = Word(arena.word(root).load(Acquire));
                let seen = base.as_block().unwrap();
                edges::mark_published(&arena, seen).unwrap();
                if arena.word(root).compare_exchange(base.0, Word::block(third).0, SeqCst, Acquire).is_ok()
                    && seen == new
                {
                    drop_and_reuse(&arena, new, 2, |tick| {
                        arena.word(new).store(BlockHeader::new(Kind::Str, 1, tick).0, Relaxed);
                    });
                }
            })
        };
        // One who commits, as far as the exchange, and dies.
        let dead = slot_at(&arena, 0);
        dead.set(slot::PIN, Pin::point(Tick(1)).0);
        for (at, to) in
            [(slot::ATOM, entry.0), (slot::NEW, Word::block(new).0), (slot::FRESH, 1), (slot::STATE, state::COMMITTING)]
        {
            dead.set(at, to);
        }
        edges::mark_published(&arena, old).unwrap();
        if widened {
            dead.set(slot::PIN, Pin::interval(Tick(1), Tick(2)).0);
        }
        let won = arena.word(root).compare_exchange(Word::block(old).0, Word::block(new).0, SeqCst, Acquire).is_ok();
        // Another recovers it, while still others work.
        let answer = recover::models::was_published(slot_at(&arena, 0));
        assert_eq!(answer, Some(won), "the right answer");
        other.join().unwrap();
        assert_eq!(recover::models::was_published(slot_at(&arena, 0)), Some(won), "the right answer");
    });
}

/// Two parents of one child are dropped at the same time, while a third one is wanted.
#[test]
fn a_child_of_two_parents_that_two_drop_at_once_is_retired_once() {
    explore("two parents dropped at once", 3, || {
        let arena = arena(4);
        let child = page_off(FREE).plus(1024);
        arena.word(child).store(BlockHeader::new(Kind::Str, 2, Tick(1)).0 | BlockHeader::SHARED, Relaxed);
        let drop_one = |arena: Arc<Arena>| {
            thread::spawn(move || {
                let found = edges::take_back(&arena, child, false, |_| Ok(())).unwrap();
                assert!(found.shared, "its tag is read by whoever gets here last");
                u64::from(found.zero)
            })
        };
        let droppers = [drop_one(arena.clone()), drop_one(arena.clone())];
        let mut retired = 0;
        if edges::add(&arena, child).unwrap() {
            retired += u64::from(edges::take_back(&arena, child, false, |_| Ok(())).unwrap().zero);
        }
        for t in droppers {
            retired += t.join().unwrap();
        }
        assert_eq!(retired, 1, "one of them retires it");
        assert_eq!(BlockHeader(arena.word(child).load(Acquire)).edges(), 0);
    });
}
