//! Small protocols with every execution that the memory model allows, under loom: `LOOM_MAX_PREEMPTIONS` bounds how often a thread is
//! interrupted (each model names its own bound, which the variable overrides).

use crate::arena::Arena;
use crate::atom::OpenOptions;
use crate::heap::Slot;
use crate::heap::models as heap;
use crate::layout::header::word as header;
use crate::layout::slot::{Owner, PageState, Pin, page, page_off, slot};
use crate::layout::{BlockHeader, Kind, Off, PAGE, Tick};
use crate::reclaim::limbo::{Entry, models as limbo};
use crate::reclaim::{chunks, edges, pins, slots};
use crate::region::{AnonRegion, Region};
use crate::sync::{Acquire, Ordering, Relaxed, Release, SeqCst, fence};
use crate::table;
use loom::sync::Arc;
use loom::thread;

/// The first pages of the heap of a small domain: one for slots, one for processes, the others for the model.
const SLOTS: u64 = 1;
const PROCESSES: u64 = 2;
pub(super) const FREE: u64 = 3;

/// Every execution with at most `preemptions` interruptions.
pub(super) fn explore(name: &str, preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.max_branches = 200_000;
    let executions = std::sync::Arc::new(std::sync::Mutex::new(0u64));
    let counted = executions.clone();
    let bound = builder.preemption_bound;
    builder.check(move || {
        *counted.lock().unwrap() += 1;
        model();
    });
    println!("{name}: {} executions, at most {bound:?} preemptions", executions.lock().unwrap());
}

/// A small domain with `pages` pages, of which the first two hold slots and process entries.
pub(super) fn arena(pages: u64) -> Arc<Arena> {
    let region = AnonRegion::new(1 << 20).unwrap();
    OpenOptions::new().hashing(7, u64::MAX).format(&region).unwrap();
    region.grow(0, (SLOTS + pages) * PAGE).unwrap();
    let set = |off: Off, value: u64| {
        // SAFETY: the region was just made, and these bytes exist.
        unsafe { *region.base().add(off.0 as usize).cast::<u64>() = value }
    };
    set(Off(header::COMMITTED * 8), (SLOTS + pages) * PAGE);
    set(Off(header::SLOTS * 8), SLOTS * PAGE);
    set(Off(header::PROCESSES * 8), PROCESSES * PAGE);
    for page in [SLOTS, PROCESSES] {
        set(page_off(page), PageState::Chunk.to_word());
    }
    set(crate::layout::header::page_map_word(0), 0b110);
    let arena = Arena::new(Box::new(region));
    arena.prepare(Off(0), 112);
    arena.prepare(crate::layout::header::page_map_word(0), 2);
    for page in SLOTS..SLOTS + pages {
        arena.prepare(page_off(page), 2);
        arena.prepare(page_off(page).at(page::BITMAP), page::BITMAP_WORDS);
    }
    for off in chunks::entries(&arena, chunks::List::Slots) {
        arena.prepare(off, 26);
    }
    for off in chunks::entries(&arena, chunks::List::Processes) {
        arena.prepare(off, 3);
    }
    Arc::new(arena)
}

pub(super) fn slot_at(arena: &Arena, i: usize) -> Slot<'_> {
    let off = chunks::entries(arena, chunks::List::Slots).nth(i).unwrap();
    Slot { arena, off }
}

#[test]
fn a_page_popped_and_pushed_again_is_not_taken_for_the_same() {
    explore("class stack", 3, || {
        let arena = arena(6);
        for page in [FREE, FREE + 1, FREE + 2] {
            heap::push(&arena, 5, page);
        }
        let other = {
            let arena = arena.clone();
            thread::spawn(move || {
                let (a, b) = (heap::pop(&arena, 5), heap::pop(&arena, 5));
                if let Some(a) = a {
                    // Used, and given back: whoever takes it sees what was done.
                    arena.word(page_off(a).at(page::STATE)).store(7, Relaxed);
                    heap::push(&arena, 5, a);
                }
                b
            })
        };
        let mine = heap::pop(&arena, 5);
        let theirs = other.join().unwrap();
        let mut all: Vec<u64> = crate::heap::pages_listed(&arena, 5);
        all.extend(mine);
        all.extend(theirs);
        all.sort_unstable();
        assert_eq!(all, [FREE, FREE + 1, FREE + 2], "each page is in one place");
    });
}

#[test]
fn a_page_given_up_while_its_blocks_come_back_is_listed_once() {
    explore("release_page and release_block", 3, || {
        let arena = arena(4);
        const TWO_A_PAGE: usize = 45;
        arena.word(page_off(FREE)).store(PageState::Current(TWO_A_PAGE).to_word(), Relaxed);
        arena.word(page_off(FREE).at(page::BITMAP)).store(0b11, Relaxed);
        arena.word(page_off(FREE).at(page::VISITORS)).store(0, Relaxed); // made here, for both threads
        let block = |i: u64| page_off(FREE).plus(crate::layout::PAGE_HEADER + i * crate::layout::slot::SMALL_MAX);
        let threads = [0, 1].map(|i| {
            let arena = arena.clone();
            thread::spawn(move || heap::release_block(&arena, block(i), TWO_A_PAGE))
        });
        heap::release_page(&arena, FREE, TWO_A_PAGE);
        for t in threads {
            t.join().unwrap();
        }
        assert_eq!(crate::heap::pages_listed(&arena, TWO_A_PAGE), [FREE], "listed, and once");
    });
}

#[test]
fn a_page_is_not_touched_once_it_may_be_given_away() {
    explore("release_block and sweep", 3, || {
        let arena = arena(4);
        const TWO_A_PAGE: usize = 45;
        arena.word(page_off(FREE)).store(PageState::Listed(TWO_A_PAGE).to_word(), Relaxed);
        arena.word(page_off(FREE).at(page::BITMAP)).store(0b01, Relaxed);
        arena.word(page_off(FREE).at(page::VISITORS)).store(0, Relaxed); // made here, for both threads
        arena.word(crate::layout::header::page_map_word(0)).store(0b1110, Relaxed);
        heap::push(&arena, TWO_A_PAGE, FREE);
        let first = page_off(FREE).plus(crate::layout::PAGE_HEADER);
        let other = {
            let arena = arena.clone();
            thread::spawn(move || heap::release_block(&arena, first, TWO_A_PAGE))
        };
        if heap::sweep(&arena) == 1 {
            // Somebody takes it for the inside of a large block, and the number 1 stands where small blocks' pages have their state.
            let one = crate::layout::Word::int(1).unwrap().0;
            arena.word(page_off(FREE)).store(one, Relaxed);
            other.join().unwrap();
            assert_eq!(arena.word(page_off(FREE)).load(Relaxed), one, "the user's data");
        } else {
            other.join().unwrap();
        }
    });
}

#[test]
fn pages_are_given_to_one_at_a_time_and_the_arena_grows_for_all() {
    explore("take_pages, give_pages and growth", 2, || {
        let arena = arena(3);
        let take = |arena: &Arena, me: u64| {
            let page = crate::heap::take_pages(arena, 1, PageState::Raw).unwrap();
            assert!((page + 1) * PAGE <= arena.committed());
            let mine = arena.word(page_off(page).at(page::BITMAP));
            mine.store(me, Relaxed);
            assert_eq!(mine.load(Relaxed), me, "nobody else has this page");
            page
        };
        for page in FREE + 1..FREE + 9 {
            arena.prepare(page_off(page), 2);
            arena.prepare(page_off(page).at(page::BITMAP), page::BITMAP_WORDS);
        }
        let other = {
            let arena = arena.clone();
            thread::spawn(move || {
                let page = take(&arena, 1);
                heap::give_pages(&arena, page, 1);
                take(&arena, 2)
            })
        };
        let mine = take(&arena, 3);
        let theirs = other.join().unwrap();
        assert_ne!(mine, theirs);
    });
}

#[test]
fn names_that_want_one_slot_are_all_found_and_whole() {
    explore("table insert", 2, || {
        let arena = arena(4);
        let root = Off(header::NAMES * 8);
        let at = |i: u64| page_off(FREE).plus(1024 * (i + 1));
        fn put(arena: &Arena, root: Off, at: Off, hash: u64, name: &[u8]) {
            let mut text = [0; 8];
            text[..name.len()].copy_from_slice(name);
            let head = BlockHeader::new(Kind::Name, 1, Tick(0));
            arena.write(at, &[head.0, hash, name.len() as u64, u64::from_le_bytes(text)]);
            let mut next = at.plus(64);
            let make = || {
                let node = next;
                next = next.plus(256);
                let mut words = [0; 18];
                words[0] = BlockHeader::new(Kind::Table, 1, Tick(0)).0;
                words[1] = 16;
                arena.write(node, &words);
                Ok(node)
            };
            let found = table::insert(arena, root, at, make, |_| {}).unwrap();
            assert_eq!(found, at);
        }
        let (a, b) = (0x1100 << 48, 0x1200 << 48); // one nibble in common
        let other = {
            let arena = arena.clone();
            thread::spawn(move || put(&arena, root, at(0), a, b"one"))
        };
        put(&arena, root, at(1), b, b"two");
        // Whatever is found is whole.
        if let Some(found) = table::find(&arena, root, a, b"one").unwrap() {
            assert_eq!(found, at(0));
        }
        other.join().unwrap();
        assert_eq!(table::find(&arena, root, a, b"one").unwrap(), Some(at(0)));
        assert_eq!(table::find(&arena, root, b, b"two").unwrap(), Some(at(1)));
    });
}

#[test]
fn a_slot_belongs_to_one_and_comes_back_empty() {
    explore("slot claim and release", 3, || {
        let arena = arena(4);
        let other = {
            let arena = arena.clone();
            thread::spawn(move || {
                let off = slots::claim(&arena, Owner::new(1, 1)).unwrap();
                let slot = Slot { arena: &arena, off };
                assert_eq!(slot.get(slot::CURSOR), 0, "the one before left it empty");
                slot.set(slot::CURSOR, 9);
                slot.set(slot::CURSOR, 0);
                slots::release(slot);
                slots::claim(&arena, Owner::new(1, 2)).unwrap()
            })
        };
        let mine = slots::claim(&arena, Owner::new(2, 1)).unwrap();
        let slot = Slot { arena: &arena, off: mine };
        assert_eq!(slot.get(slot::CURSOR), 0, "the one before left it empty");
        slot.set(slot::CURSOR, 8);
        let theirs = other.join().unwrap();
        assert_ne!(mine, theirs);
    });
}

#[test]
fn an_edge_is_added_to_the_living_only_and_the_last_one_retires() {
    explore("edge counts", 3, || {
        let arena = arena(4);
        let off = page_off(FREE).plus(1024);
        arena.word(off).store(BlockHeader::new(Kind::Str, 1, Tick(1)).0, Relaxed);
        let other = {
            let arena = arena.clone();
            thread::spawn(move || {
                if edges::add(&arena, off).unwrap() {
                    return u64::from(edges::take_back(&arena, off, false, |_| Ok(())).unwrap().zero);
                }
                assert_eq!(edges::count(&arena, off).unwrap(), 0, "refused for good");
                0
            })
        };
        let third = {
            let arena = arena.clone();
            thread::spawn(move || edges::mark_published(&arena, off).unwrap())
        };
        let mine = u64::from(edges::take_back(&arena, off, false, |_| Ok(())).unwrap().zero);
        third.join().unwrap();
        assert_eq!(mine + other.join().unwrap(), 1, "one of them retires it");
        let end = BlockHeader(arena.word(off).load(Acquire));
        assert!(end.edges() == 0 && end.has(BlockHeader::PUBLISHED) && end.kind() == Some(Kind::Str));
    });
}

#[test]
fn a_count_at_its_ceiling_stays_there_for_all() {
    explore("ceiling", 3, || {
        let arena = arena(4);
        let off = page_off(FREE).plus(1024);
        arena.word(off).store(BlockHeader::new(Kind::Str, BlockHeader::EDGES_MAX - 1, Tick(1)).0, Relaxed);
        let threads = [0, 1].map(|_| {
            let arena = arena.clone();
            thread::spawn(move || {
                assert!(edges::add(&arena, off).unwrap());
                assert!(!edges::take_back(&arena, off, false, |_| Ok(())).unwrap().zero);
            })
        });
        for t in threads {
            t.join().unwrap();
        }
        let end = BlockHeader(arena.word(off).load(Acquire));
        assert!(end.edges() >= BlockHeader::EDGES_MAX - 1 && !end.has(BlockHeader::MOVED), "{end:?}");
    });
}

#[test]
fn a_reader_under_a_pin_never_meets_a_freed_block() {
    pin_against_retire(true);
}

/// The model would notice.
#[test]
#[should_panic(expected = "not freed under the pin")]
fn without_the_readers_fence_it_would() {
    pin_against_retire(false);
}

fn pin_against_retire(fenced: bool) {
    explore("pin against retire", 3, move || {
        let arena = arena(4);
        let (old, new, root) = (page_off(FREE).plus(1024), page_off(FREE).plus(2048), page_off(FREE).plus(4096));
        arena.header(header::TICK).store(2, Relaxed);
        for (off, birth) in [(old, 1), (new, 2)] {
            arena.write(off, &[BlockHeader::new(Kind::Str, 1, Tick(birth)).0, 1]);
        }
        arena.word(root).store(old.0, Relaxed);
        let reader = {
            let arena = arena.clone();
            thread::spawn(move || {
                // `Participant::pin_root`, without the sharing of pins.
                let pin = arena.word(slot_at(&arena, 0).off.at(slot::SNAPSHOTS));
                let lo = Tick(arena.header(header::TICK).load(Acquire));
                pin.store(Pin::open(lo).0, Relaxed);
                if fenced {
                    fence(SeqCst);
                }
                let seen = Off(arena.word(root).load(Acquire));
                let birth = arena.block_header(seen).unwrap().birth();
                pin.store(Pin::point(birth).0, Release);
                assert_eq!(arena.word(seen.at(1)).load(Relaxed), 1, "not freed under the pin");
                pin.store(Pin::NONE.0, Release);
            })
        };
        // A commit, the end of its edge, and a scan.
        assert!(arena.word(root).compare_exchange(old.0, new.0, SeqCst, Acquire).is_ok());
        let dropped = edges::take_back(&arena, old, false, |_| Ok(())).unwrap();
        assert!(dropped.zero);
        let tag = Tick(arena.header(header::TICK).load(Acquire));
        fence(SeqCst);
        arena.header(header::TICK).fetch_add(1, SeqCst);
        if let Some(pinned) = pins::collect(&arena)
            && pinned.meets(Tick(1), tag).is_none()
        {
            arena.word(old.at(1)).store(0xDEAD, Relaxed);
        }
        reader.join().unwrap();
    });
}

#[test]
fn a_pin_that_moves_within_its_slot_is_seen_in_one_of_the_two_places() {
    explore("operation's pin becomes a snapshot's", 3, || {
        let arena = arena(4);
        slot_at(&arena, 0).set(slot::PIN, Pin::interval(Tick(3), Tick(5)).0);
        let mover = {
            let arena = arena.clone();
            thread::spawn(move || {
                let slot = slot_at(&arena, 0);
                slot.set(slot::SNAPSHOTS, Pin::point(Tick(5)).0); // `pin_result`
                slot.set(slot::PIN, Pin::NONE.0);
            })
        };
        if let Some(pinned) = pins::collect(&arena) {
            assert!(pinned.meets(Tick(5), Tick(9)).is_some(), "the version stays pinned");
        }
        mover.join().unwrap();
    });
}

#[test]
fn a_pin_that_moves_anywhere_else_stops_the_scan() {
    explore("hand-over to the process's pins", 3, || {
        let arena = arena(4);
        let process = chunks::process_entry(&arena, 0).unwrap();
        arena.prepare(process, 16);
        slot_at(&arena, 0).set(slot::PIN, Pin::interval(Tick(3), Tick(5)).0);
        let mover = {
            let arena = arena.clone();
            thread::spawn(move || {
                let mut o = crate::atom::models::Overflow::default();
                o.add(&arena, process, 5);
                crate::atom::models::hand_over(&arena);
                slot_at(&arena, 0).set(slot::PIN, Pin::NONE.0);
                // More versions than pins: intervals are joined, and cut again.
                o.add(&arena, process, 9);
                o.add(&arena, process, 20);
                o.remove(&arena, process, 9);
            })
        };
        if let Some(pinned) = pins::collect(&arena) {
            assert!(pinned.meets(Tick(5), Tick(5)).is_some(), "the version stays pinned");
        }
        mover.join().unwrap();
    });
}

/// A bag at `off` with one entry that names it.
fn bag(arena: &Arena, i: u64) -> Off {
    use crate::layout::slot::bag;
    let off = page_off(FREE).plus(1024 + i * 128);
    let head = BlockHeader::new(Kind::Chain, 1, Tick(0));
    arena.write(off, &[head.0, bag::PAYLOAD - 1, 0, 1, 0, off.0, 7]);
    arena.prepare(off, 12);
    off
}

fn only_entry(arena: &Arena, bag: Off) {
    let e: Entry = limbo::entry(arena, bag);
    assert_eq!((e.off, e.tag), (bag, Tick(7)), "whoever takes a bag sees its entries");
}

#[test]
fn a_bag_of_the_queue_is_taken_once() {
    explore("limbo queue", 3, || {
        let arena = arena(4);
        let bags = [0, 1, 2].map(|i| bag(&arena, i));
        limbo::push(&arena, bags[0]);
        limbo::push(&arena, bags[1]);
        let other = {
            let arena = arena.clone();
            thread::spawn(move || {
                limbo::push(&arena, bags[2]);
                let mut taken = Vec::new();
                if let Some(bag) = limbo::pop(slot_at(&arena, 1)) {
                    only_entry(&arena, bag);
                    limbo::push(&arena, bag); // and back: the same address at the head again
                    taken.extend(limbo::pop(slot_at(&arena, 1)));
                }
                taken
            })
        };
        let mut all: Vec<Off> = limbo::pop(slot_at(&arena, 0)).into_iter().collect();
        all.iter().for_each(|b| only_entry(&arena, *b));
        all.extend(other.join().unwrap());
        while let Some(bag) = limbo::pop(slot_at(&arena, 0)) {
            all.push(bag);
        }
        all.sort_unstable();
        assert_eq!(all, bags, "each bag once");
    });
}

#[test]
fn bags_that_two_participants_gather_are_worked_off_once() {
    explore("two owners gather one slot's bags", 3, || {
        let arena = arena(4);
        let bags = [0, 1, 2].map(|i| bag(&arena, i));
        let owner = slot_at(&arena, 0);
        limbo::put_full(owner, bags[0]);
        limbo::gather(owner, owner.off); // one bag is aged, one full
        limbo::put_full(owner, bags[1]);
        let thief = {
            let arena = arena.clone();
            thread::spawn(move || {
                let (me, from) = (slot_at(&arena, 1), slot_at(&arena, 0).off);
                limbo::gather(me, from);
            })
        };
        limbo::put_full(owner, bags[2]);
        limbo::gather(owner, owner.off);
        thief.join().unwrap();
        let (mine, theirs) = (limbo::bags(slot_at(&arena, 0)), limbo::bags(slot_at(&arena, 1)));
        mine.iter().chain(&theirs).for_each(|b| only_entry(&arena, *b));
        let mut all: Vec<Off> = mine.into_iter().chain(theirs).collect();
        all.sort_unstable();
        assert_eq!(all, bags, "each bag once");
    });
}

/// The door is loom's: a relaxed flag lets the data behind it be missed, which a test without loom would not see.
#[test]
#[should_panic(expected = "missed")]
fn loom_sees_what_a_relaxed_flag_lets_through() {
    explore("relaxed flag", 2, || {
        let arena = arena(4);
        let other = {
            let arena = arena.clone();
            thread::spawn(move || {
                arena.word(page_off(FREE)).store(1, Ordering::Relaxed);
                arena.word(page_off(FREE).at(1)).store(1, Ordering::Relaxed);
            })
        };
        if arena.word(page_off(FREE).at(1)).load(Relaxed) == 1 {
            assert_eq!(arena.word(page_off(FREE)).load(Relaxed), 1, "missed");
        }
        other.join().unwrap();
    });
}
