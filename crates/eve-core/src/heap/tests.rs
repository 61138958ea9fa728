//! What stands in a damaged file leads the allocator nowhere that it must not go.

use crate::arena::Arena;
use crate::layout::header::{atom, word};
use crate::layout::slot::{CLASSES, PageState, page, page_off, slot};
use crate::layout::{BlockHeader, Kind, Off, PAGE, PAGE_HEADER, Word};
use crate::reclaim::chunks::{self, List};
use crate::sync::SeqCst;
use crate::value::Value;
use crate::{Atom, Domain, Error};
use std::path::Path;

const PAGES: u64 = (1 << 40) - 1;

fn arena(domain: &Domain) -> &Arena {
    &domain.inner().arena
}

fn sample(domain: &Domain) -> Atom {
    let value = Value::map((0..2000i64).map(|i| (i, Value::vector(0..i % 40))));
    let atom = domain.put("sample", &value).unwrap();
    for i in 0..2000i64 {
        atom.update::<Error>(|v| v.dissoc(i)).unwrap();
    }
    domain.reclaim().unwrap();
    atom
}

/// A class with pages on its stack.
fn listed(arena: &Arena) -> (usize, u64) {
    let mut classes = (0..CLASSES).map(|c| (c, arena.header(word::CLASS_STACKS + c as u64).load(SeqCst) & PAGES));
    classes.find(|&(_, page)| page != 0).expect("a class with free blocks and no owner")
}

/// Blocks of all classes.
fn use_much(domain: &Domain, atom: &Atom) {
    for bytes in [1, 40, 100, 200, 300, 500, 900, 2000, 5000] {
        let text = |i: i64| Value::from(format!("{i}{}", "x".repeat(bytes)));
        let many = Value::map((0..300i64).map(|i| (i, Value::list([text(i), Value::vector(0..i % 33)]))));
        atom.reset(&many).unwrap();
    }
    domain.reclaim().unwrap();
    assert_eq!(atom.load().unwrap().view().len().unwrap(), 300);
}

#[test]
fn a_stack_of_pages_that_is_a_ring_ends() {
    let domain = Domain::anonymous().unwrap();
    let atom = sample(&domain);
    let (_, first) = listed(arena(&domain));
    arena(&domain).word(page_off(first).at(page::NEXT)).store(first, SeqCst);
    domain.reclaim().unwrap();
    use_much(&domain, &atom);
}

#[test]
fn pages_on_the_stack_of_another_class_are_left_alone() {
    let domain = Domain::anonymous().unwrap();
    let atom = sample(&domain);
    let slots = chunks::entries(arena(&domain), List::Slots).next().unwrap().0 / PAGE;
    let (class, other) = listed(arena(&domain));
    let before = arena(&domain).word(page_off(other)).load(SeqCst);
    for to in [slots, 0, 1, other] {
        for c in (0..CLASSES).filter(|&c| c != class) {
            arena(&domain).header(word::CLASS_STACKS + c as u64).store(to, SeqCst);
        }
        domain.reclaim().unwrap();
        assert_eq!(PageState::from_word(arena(&domain).word(page_off(slots)).load(SeqCst)), Some(PageState::Chunk));
        assert_eq!(arena(&domain).word(page_off(other)).load(SeqCst), before, "stack to page {to}");
    }
    use_much(&domain, &atom);
}

/// Changes a closed file and opens it again.
fn reopened(path: &Path, change: impl FnOnce(&Arena, Off)) -> crate::Result<Domain> {
    let domain = Domain::open(path).unwrap();
    drop(sample(&domain));
    let inner = domain.inner().clone();
    drop(domain);
    let slot = chunks::entries(&inner.arena, List::Slots).next().unwrap();
    change(&inner.arena, slot);
    drop(inner);
    Domain::open(path)
}

#[test]
fn a_slot_in_a_page_that_others_are_given_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |name: &str, change: &dyn Fn(&Arena, Off)| {
        let domain = reopened(&dir.path().join(name), change);
        let error = domain.and_then(|domain| domain.put("other", &Value::Int(1)).map(drop)).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{name}: {error}");
    };
    refused("free", &|arena, slot| {
        let number = slot.0 / PAGE;
        arena.word(crate::layout::header::page_map_word(number)).fetch_and(!(1 << (number % 64)), SeqCst);
    });
    refused("blocks", &|arena, slot| {
        arena.word(page_off(slot.0 / PAGE)).store(PageState::Listed(3).to_word(), SeqCst);
    });
    refused("processes", &|arena, _| {
        let slots = arena.header(word::SLOTS).load(SeqCst);
        arena.header(word::PROCESSES).store(slots, SeqCst);
    });
    assert!(reopened(&dir.path().join("as it was"), |_, _| {}).is_ok());
}

#[test]
fn a_large_block_over_the_slots_is_not_freed() {
    let domain = Domain::anonymous().unwrap();
    let participant = domain.inner().participant().unwrap();
    let page = participant.slot().off.0 / PAGE - 1;
    let state = arena(&domain).word(page_off(page));
    let before = state.swap(PageState::Large(2).to_word(), SeqCst);
    let error = participant.slot().free(page_off(page).plus(PAGE_HEADER)).unwrap_err();
    assert!(error.to_string().contains("over them"), "{error}");
    state.store(before, SeqCst);
    domain.inner().give_back(participant);
}

#[test]
fn a_change_of_a_version_that_was_given_up_is_not_tried_for_ever() {
    for lie in [|w: u64| w | BlockHeader::MOVED, |w: u64| w & !BlockHeader::EDGES_MAX] {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.put("a", &Value::map([("k", Value::vector(0..100i64))])).unwrap();
        let root = Word(arena(&domain).word(atom.entry.at(1 + atom::ROOT)).load(SeqCst)).as_block().unwrap();
        let node = arena(&domain).node(root).unwrap();
        let vector = node.children().iter().find_map(|&w| Word(w).as_block()).unwrap();
        let header = arena(&domain).word(vector);
        header.store(lie(header.load(SeqCst)), SeqCst);
        // Put at a second place it gets another parent.
        let error = atom.update::<Error>(|v| v.get("k")?.map_or(Ok(Value::Nil), |k| v.assoc("l", k))).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
        atom.update::<Error>(|v| v.assoc("l", 1)).unwrap();
    }
}

#[test]
fn what_a_dropped_list_or_a_journal_says_is_not_followed_out_of_the_file() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.put("list", &Value::list((0..50i64).map(|i| Value::vector(0..i)))).unwrap();
    let root = Word(arena(&domain).word(atom.entry.at(1 + atom::ROOT)).load(SeqCst)).as_block().unwrap();
    assert_eq!(arena(&domain).node(root).unwrap().kind, Kind::ListCell);
    let far = (arena(&domain).region().reserve() * 4) & !15 | root.0 & 15;
    arena(&domain).word(root.at(3)).store(far, SeqCst); // the rest
    // The value is dropped; what hangs below is told when it is worked off.
    let _ = atom.reset(&Value::Nil);
    let _ = domain.reclaim();
    let participant = domain.inner().participant().unwrap();
    let mine = participant.slot();
    for tail in [far & !15, arena(&domain).committed() - 8] {
        mine.set(slot::JOURNAL_TAIL, tail);
        mine.set(slot::JOURNAL_LEN, slot::JOURNAL_INLINE);
        assert!(mine.journal_push(17).is_err(), "{tail:#x}");
        mine.set(slot::JOURNAL_LEN, slot::JOURNAL_INLINE + 1);
        assert!(mine.journal_push(17).is_err(), "{tail:#x}");
    }
    mine.set(slot::JOURNAL_TAIL, 0);
    mine.set(slot::JOURNAL_LEN, 0);
    domain.inner().give_back(participant);
}
