//! What is broken on purpose is found.

use super::Report;
use crate::arena::Arena;
use crate::heap::bit_of;
use crate::layout::header::{atom, word};
use crate::layout::slot::{PageState, page, page_off};
use crate::layout::{BlockHeader, Element, Kind, Off, PAGE, Word};
use crate::sync::{AtomicU64, SeqCst};
use crate::value::{Array, Records, Schema, Value};
use crate::{Atom, Domain, Error, OpenOptions};

/// A small domain whose seed is given: with one seed in a thousand, a key that was changed belongs where the old one stood, and
/// nothing tells.
fn sample() -> (Domain, Atom) {
    let domain = OpenOptions::new().hashing(7, u64::MAX).anonymous().unwrap();
    let value = Value::map((0..500i64).map(|i| (i, Value::vector(0..i % 100))));
    let atom = domain.atom("sample", || Ok(value)).unwrap();
    atom.update::<crate::Error>(|v| v.assoc("a long key of a map", Value::list([1, 2, 3]))).unwrap();
    domain.reclaim().unwrap();
    (domain, atom)
}

/// Some block of this kind below the atom.
fn find(atom: &Atom, kind: Kind) -> Off {
    let arena = arena(atom);
    let mut todo = vec![Word(arena.word(atom.entry.at(1 + atom::ROOT)).load(SeqCst))];
    while let Some(word) = todo.pop() {
        let Some(off) = word.as_block() else { continue };
        let node = arena.node(off).unwrap();
        if node.kind == kind {
            return off;
        }
        todo.extend(node.children().iter().map(|&w| Word(w)));
    }
    panic!("no block of kind {kind:?}");
}

fn arena(atom: &Atom) -> &Arena {
    &atom.domain.inner().arena
}

/// Changes a word and gives what a check says; then changes it back.
fn broken(atom: &Atom, at: Off, change: impl Fn(u64) -> u64) -> Report {
    let word = arena(atom).word(at);
    let before = word.load(SeqCst);
    word.store(change(before), SeqCst);
    let report = atom.domain.verify(|_, _| {}).unwrap();
    word.store(before, SeqCst);
    assert!(report.exact && !report.is_ok(), "{report}");
    report
}

#[test]
fn a_wrong_count_of_parents_is_found() {
    let (_domain, atom) = sample();
    let off = find(&atom, Kind::MapNode);
    let high = broken(&atom, off, |w| w + 1);
    assert_eq!((high.high_counts, high.damaged), (1, 0), "{high}");
    let low = broken(&atom, off, |w| w - 1);
    assert_eq!((low.high_counts, low.damaged), (0, 1), "{low}");
    let ceiling = arena(&atom).word(off).fetch_or(BlockHeader::EDGES_MAX, SeqCst);
    assert!(atom.domain.verify(|_, _| {}).unwrap().is_ok());
    arena(&atom).word(off).store(ceiling, SeqCst);
}

#[test]
fn a_freed_block_in_use_and_leaked_ones_are_found() {
    let (domain, atom) = sample();
    let before = domain.verify(|_, _| {}).unwrap();
    let own: u64 = before.kinds.iter().filter(|k| ["atom", "chain"].contains(&k.kind)).map(|k| k.blocks).sum();
    let off = find(&atom, Kind::VectorLeaf);
    let Some(class) = PageState::class(arena(&atom).word(page_off(off.0 / PAGE)).load(SeqCst)) else { panic!() };
    let (i, bit) = bit_of(off, class).unwrap();
    let bits = page_off(off.0 / PAGE).at(page::BITMAP + i);
    let freed = broken(&atom, bits, |w| w & !bit);
    assert_eq!(freed.damaged, 1, "{freed}");
    let root = atom.entry.at(1 + atom::ROOT);
    let leaked = broken(&atom, root, |_| Word::EMPTY_MAP.0);
    assert_eq!((leaked.leaked, leaked.damaged), (before.blocks - own, 0), "{leaked}");
    assert!(domain.verify(|_, _| {}).unwrap().is_ok());
}

#[test]
fn wrong_contents_are_found() {
    let (_domain, atom) = sample();
    let root = find(&atom, Kind::MapRoot);
    assert_eq!(broken(&atom, root.at(2), |n| n + 1).damaged, 1, "count");
    let node = find(&atom, Kind::MapNode);
    assert!(broken(&atom, node.at(2), |_| Word::int(1 << 40).unwrap().0).damaged > 0, "hash position");
    assert!(broken(&atom, node.at(3), |_| Word::ABSENT.0).damaged > 0, "no value");
    assert!(broken(&atom, node.at(3), |_| 16 << 20).damaged > 0, "beyond the end");
    assert!(broken(&atom, node, |h| h | !0 << 24).damaged > 0, "birth");
    assert!(broken(&atom, node, |h| h | 31 << 19).unreadable > 0, "kind");
    let vector = find(&atom, Kind::VectorRoot);
    assert!(broken(&atom, vector.at(1), |n| n + 1).damaged > 0, "count of a vector");
    let cell = find(&atom, Kind::ListCell);
    assert!(broken(&atom, cell.at(1), |n| n + 1).damaged > 0, "count of a list");
    let string = find(&atom, Kind::Str);
    assert!(broken(&atom, string.at(2), |w| w ^ 1).damaged > 0, "text of a key");
}

#[test]
fn something_behind_a_short_text_is_found() {
    let domain = Domain::anonymous().unwrap();
    let all = [Value::from("a"), Value::keyword("b"), Value::symbol("c"), Value::from("key-12345")];
    let atom = domain.atom("a", || Ok(Value::vector(all))).unwrap();
    let first = find(&atom, Kind::VectorRoot).at(3);
    for i in 0..3 {
        assert_eq!(broken(&atom, first.at(i), |w| w | 1 << 30).damaged, 1);
    }
    assert_eq!(broken(&atom, first.at(3), |w| w & !(63 << 16)).damaged, 1, "a ninth character and no eighth");
    assert!(domain.verify(|_, _| ()).unwrap().is_ok());
}

#[test]
fn a_string_in_a_block_that_a_word_has_room_for_is_found() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("a", || Ok(Value::vector([Value::from("key_12345")]))).unwrap();
    let string = find(&atom, Kind::Str);
    // Changed in place to "key-12345", and to a shorter one.
    assert_eq!(broken(&atom, string.at(2), |w| w ^ 0x72 << 24).damaged, 1);
    assert_eq!(broken(&atom, string.at(1), |n| n - 2).damaged, 1);
}

#[test]
fn wrong_pages_are_found() {
    let (domain, atom) = sample();
    let off = find(&atom, Kind::MapNode);
    let page = off.0 / PAGE;
    assert!(broken(&atom, page_off(page).at(page::STATE), |_| 77).damaged > 0, "state");
    let map = crate::layout::header::page_map_word(page);
    assert!(broken(&atom, map, |w| w & !(1 << (page % 64))).damaged > 0, "page map");
    assert!(broken(&atom, map.at(1), |w| w | 1 << (page % 64)).damaged > 0, "punched");
    let free = (arena(&atom).committed() / PAGE) - 1;
    let map = crate::layout::header::page_map_word(free);
    if arena(&atom).word(map).load(SeqCst) >> (free % 64) & 1 == 0 {
        assert_eq!(broken(&atom, map, |w| w | 1 << (free % 64)).leaked_pages, 1);
    }
    let stack = Off((word::CLASS_STACKS + 3) * 8);
    assert!(broken(&atom, stack, |_| page).damaged > 0, "stack of pages");
    assert!(domain.verify(|_, _| {}).unwrap().is_ok());
}

#[test]
fn a_value_inside_itself_ends() {
    let (_domain, atom) = sample();
    let root = find(&atom, Kind::MapRoot);
    let node = find(&atom, Kind::MapNode);
    assert!(broken(&atom, node.at(3), |_| root.0).damaged > 0);
}

/// Blocks that were taken and then forgotten, and counts and pages as a crash leaves them.
fn leave_litter(domain: &Domain, atom: &Atom) -> (u64, u64, u64) {
    let participant = crate::atom::current_participant(domain.inner()).unwrap();
    let slot = participant.slot();
    for bytes in [16, 48, 100, 2048, 100_000] {
        slot.alloc(bytes).unwrap();
    }
    slot.arena.word(find(atom, Kind::VectorRoot)).fetch_add(3, SeqCst);
    crate::heap::take_pages(slot.arena, 1, PageState::Raw).unwrap();
    crate::heap::take_pages(slot.arena, 1, PageState::Current(3)).unwrap();
    (5, 1, 2)
}

#[test]
fn litter_is_collected_when_nobody_else_takes_part() {
    let (domain, atom) = sample();
    let snapshot = atom.load().unwrap();
    let (blocks, counts, pages) = leave_litter(&domain, &atom);
    let report = domain.verify(|_, _| {}).unwrap();
    assert_eq!((report.leaked, report.high_counts, report.leaked_pages), (blocks, counts, pages), "{report}");
    let collected = domain.gc(|_, _| {}).unwrap();
    assert_eq!((collected.blocks, collected.counts, collected.pages), (blocks, counts, pages), "{collected}");
    assert!(collected.alone && collected.left.is_none());
    drop(snapshot);
    domain.reclaim().unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok(), "{report}");
    assert_eq!(domain.gc(|_, _| {}).unwrap(), super::Collected { alone: true, ..Default::default() });
}

#[test]
fn a_dropped_subtree_that_was_lost_is_collected_beside_others_and_only_that() {
    let (domain, atom) = sample();
    let (stop, ready) = (std::sync::mpsc::channel::<()>(), std::sync::mpsc::channel::<()>());
    std::thread::scope(|s| {
        let other = domain.atom("other", || Ok(Value::empty_map())).unwrap();
        let (stop_here, ready_here) = (stop.1, ready.0);
        s.spawn(move || {
            let mut i = 0i64;
            while stop_here.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                i += 1;
                other
                    .update::<crate::Error>(|v| {
                        let graft = v.get(i % 77)?.unwrap_or_default();
                        let v = if i % 400 == 0 { Value::empty_map() } else { v };
                        v.assoc(i % 101, Value::vector([Value::Int(i)]))?.assoc(-i % 33, Value::list([graft]))
                    })
                    .unwrap();
                let _ = ready_here.send(());
            }
        });
        ready.1.recv().unwrap();
        // As if whoever took back the last edge of the old root had died before he put it to limbo.
        let root = atom.entry.at(1 + atom::ROOT);
        arena(&atom).word(root).store(Word::EMPTY_MAP.0, SeqCst);
        let collected = domain.gc(|_, _| {}).unwrap();
        assert!(!collected.alone && collected.left.is_none(), "{collected}");
        assert!(collected.blocks > 1400, "{collected}");
        for _ in 0..10 {
            let collected = domain.gc(|_, _| {}).unwrap();
            assert_eq!(collected.blocks, 0, "{collected}");
        }
        stop.0.send(()).unwrap();
    });
    domain.reclaim().unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.exact && report.is_ok(), "{report}");
}

#[test]
fn damaged_typed_values_are_found_and_never_written_past_their_block() {
    let domain = Domain::anonymous().unwrap();
    let schema = Schema::new([("x", Element::Int32), ("y", Element::Float64)]).unwrap();
    let value = Value::map([
        ("array", Value::Array(Array::from(vec![7i16; 20]))),
        ("objects", Value::Records(Records::array(&schema, 5).unwrap())),
    ]);
    let atom = domain.atom("typed", || Ok(value)).unwrap();
    let (array, objects) = (find(&atom, Kind::Array), find(&atom, Kind::Records));
    type Lie = fn(u64) -> u64;
    // The value under a key cannot be had at all while its block says what cannot be.
    let refused = |at: Off, change: Lie, key: &str| {
        let word = arena(&atom).word(at);
        let before = word.load(SeqCst);
        word.store(change(before), SeqCst);
        let found = atom.load().unwrap().value().unwrap().get(key);
        word.store(before, SeqCst);
        assert!(matches!(found, Err(crate::Error::Corrupt { .. })), "{key}: {found:?}");
        assert!(atom.load().unwrap().value().unwrap().get(key).is_ok());
    };
    let lies: [(Off, Lie, &str); 8] = [
        (array.at(1), |_| 10, "array"),                      // a type that there is not
        (array.at(1), |_| Element::Float64 as u64, "array"), // one for whose elements there is no room
        (array.at(2), |n| n + 1000, "array"),
        (array.at(2), |_| u64::MAX, "array"),
        (objects.at(1), |n| n + 1, "objects"),
        (objects.at(1), |n| n | 1 << 63, "objects"), // one object of five
        (objects.at(2), |n| n + 1, "objects"),
        (objects.at(3), |shape| shape + 16, "objects"),
    ];
    for (at, change, key) in lies {
        assert!(broken(&atom, at, change).damaged > 0, "{key} at {at:?}");
        refused(at, change, key);
    }
    // A shape that says less than it did: objects with more data than it asks for.
    let shape = Off(arena(&atom).word(objects.at(3)).load(SeqCst));
    assert!(broken(&atom, shape.at(3), |w| w - 1).damaged > 0, "number of fields");
}

/// What is left of a file whose pages are of several ages, if one word of a block is of another age: refused, not taken as it is.
#[test]
fn blocks_older_or_younger_than_their_parents_are_refused_after_a_restart() {
    use std::os::unix::fs::FileExt;
    let dir = tempfile::tempdir().unwrap();
    let reopen = |name: &str, change: &dyn Fn(&Atom, &AtomicU64, &AtomicU64)| {
        let path = dir.path().join(name);
        {
            let domain = Domain::open(&path).unwrap();
            let atom = domain.put("m", &Value::map((0..100i64).map(|i| (i, Value::Int(i))))).unwrap();
            atom.update::<Error>(|v| v.assoc("one", Value::vector([Value::from("a text that needs a block")])))
                .unwrap();
            // The vector has two parents from here on.
            atom.update::<Error>(|v| {
                let shared = v.get("one")?.unwrap();
                v.assoc("two", Value::map([("three", shared)]))
            })
            .unwrap();
            let at = |kind| arena(&atom).word(find(&atom, kind));
            change(&atom, at(Kind::MapNode), at(Kind::VectorRoot));
        }
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.write_all_at(&[7; 16], 80).unwrap(); // another boot id
        Domain::open(&path).map(|d| d.find("m").unwrap().unwrap().load().unwrap().view().len().unwrap())
    };
    assert_eq!(reopen("as it was", &|_, _, _| {}).unwrap(), 102);
    let told = |result: crate::Result<u64>| result.unwrap_err().to_string();
    let older = told(reopen("older", &|_, _, shared| _ = shared.fetch_sub(1, SeqCst)));
    assert!(older.contains("2 parents") && older.contains("older than they"), "{older}");
    let younger = told(reopen("younger", &|_, node, _| _ = node.fetch_or(BlockHeader::MOVED, SeqCst)));
    assert!(younger.contains("was replaced"), "{younger}");
    let birth = 1u64 << 24;
    let born = told(reopen("born later", &|_, node, _| _ = node.fetch_add(1000 * birth, SeqCst)));
    assert!(born.contains("younger than its parent"), "{born}");
}
