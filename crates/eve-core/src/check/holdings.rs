//! What belongs to no value: the tables of names, what participants hold, and the limbo.

use super::walk::Walk;
use crate::arena::Arena;
use crate::error::Quick as Result;
use crate::heap::{Slot, state_of};
use crate::layout::header::{TABLE_FANOUT, atom, word};
use crate::layout::slot::{
    CLASS_BYTES, CLASSES, MAGAZINE_AT, MAGAZINE_SIZE, ONLY, PageState, bag, journal, link, slot, state,
};
use crate::layout::{Kind, Off, PAGE, Word};
use crate::patch::build;
use crate::reclaim::chunks::{self, List};
use crate::reclaim::limbo::{self, Bag};
use crate::sync::Acquire;
use crate::table;
use std::collections::HashSet;

/// A table of names and what hangs on it; gives the entries.
pub(super) fn table(arena: &Arena, walk: &mut Walk<'_, '_>, root: u64, kind: Kind) -> Vec<Off> {
    let mut entries = Vec::new();
    // Of a node: its level, and the hash of everything below as far as it is known.
    let mut todo = vec![(Off(arena.header(root).load(Acquire)), 0u32, 0u64)]; // pairs with the exchange that set the slot
    while let Some((off, level, prefix)) = todo.pop() {
        if off.is_none() {
            continue;
        }
        if arena.block_header(off).is_ok_and(|h| h.kind() == Some(Kind::Table)) {
            if walk.own(off, Kind::Table) {
                for i in 0..TABLE_FANOUT {
                    let below = Off(arena.word(off.at(2 + i)).load(Acquire)); // likewise
                    todo.push((below, level + 1, prefix.wrapping_shl(4) | i));
                }
            }
            continue;
        }
        if !walk.own(off, kind) {
            continue;
        }
        entries.push(off);
        let Ok(node) = arena.node(off) else { continue };
        let hash = node.words[if kind == Kind::Name { 0 } else { atom::HASH as usize }];
        let in_place = level > 16 || level == 0 || hash >> (64 - 4 * level) == prefix;
        if hash != table::hash_name(arena, node.bytes()) || !in_place {
            walk.report.damage(off.0, "a name that does not stand where its hash says", None);
        }
    }
    entries
}

/// The root words of atoms.
pub(super) fn root_word(arena: &Arena, entry: Off) -> Word {
    Word(arena.word(entry.at(1 + atom::ROOT)).load(Acquire)) // pairs with the exchange that published it
}

/// The name of an atom, for messages.
pub(super) fn atom_name(arena: &Arena, entry: Off) -> String {
    arena.node(entry).map_or_else(|_| String::new(), |node| String::from_utf8_lossy(node.bytes()).into_owned())
}

/// Bags of the limbo, and what is in them.
pub(super) fn bags(arena: &Arena, walk: &mut Walk<'_, '_>, bags: Result<Vec<Off>>, entries: &mut Vec<(Off, bool)>) {
    let bags = match bags {
        Ok(bags) => bags,
        Err(e) => {
            walk.report.damage(0, format!("a chain of limbo bags: {e}"), None);
            return;
        }
    };
    for off in bags {
        if !walk.own(off, Kind::Chain) {
            continue;
        }
        let Ok(bag) = Bag::at(arena, off) else { continue };
        entries.extend((0..bag.len()).map(|i| bag.entry(i)).map(|e| (e.off, e.deep)));
    }
}

/// Everything that a participant holds: free blocks, bags, its journal, the block being dropped. Pages that it allocates from
/// go to `pages`.
pub(super) fn participant(
    slot: Slot<'_>,
    walk: &mut Walk<'_, '_>,
    entries: &mut Vec<(Off, bool)>,
    pages: &mut Vec<(u64, usize)>,
) -> u64 {
    let mut at_hand = 0;
    for class in 0..CLASSES {
        at_hand += magazine(slot, class, walk);
    }
    pages_of(slot, pages);
    bags(slot.arena, walk, limbo::bags_of(slot), entries);
    let walking = Off(slot.word(slot::WALK).load(Acquire)); // at rest
    if !walking.is_none() {
        walk.dropped(walking, false);
        // Of one who died. An error is damage, which the walk below meets too.
        if let Ok(Some(_)) = slot.is_last(walking, slot::BAGS_WORK) {
            entries.retain(|(off, _)| *off != walking); // it was not erased yet
        }
        let (next, loose) = slot.place_in_walk(walking).unwrap_or((slot.get(slot::WALK_NEXT) & !ONLY, None));
        entries.extend(loose.map(|e| (e.off, e.deep)));
        walk.below(walking, next);
    }
    transaction(slot, walk, entries);
    at_hand
}

/// The pages that a participant allocates from.
pub(super) fn pages_of(slot: Slot<'_>, pages: &mut Vec<(u64, usize)>) {
    for class in 0..CLASSES {
        let page = slot.word(slot::PAGES + class as u64).load(Acquire); // at rest
        if page != 0 {
            pages.push((page, class));
        }
    }
}

/// What participants hold and what is in limbo, while others work and a collector keeps the limbo as it is: the participants
/// first, then the queue, and each bag's entries once more each time. Nothing that is read here is taken for damage.
pub(super) fn look_beside_others(arena: &Arena, walk: &mut Walk<'_, '_>, seen: &mut HashSet<u64>) {
    for slot in slots(arena) {
        for class in 0..CLASSES {
            let len = slot.word(slot::MAGAZINE_LEN + class as u64).load(Acquire); // pairs with the release of the length
            for i in 0..len.min(MAGAZINE_SIZE[class]) {
                let off = Off(slot.word(MAGAZINE_AT[class] + i).load(Acquire)); // written before the length
                if let Ok(place) = walk.census.find(off) {
                    walk.census.keep_at_hand(place);
                }
            }
        }
        let walking = Off(slot.word(slot::WALK).load(Acquire)); // does not change while there is a collector
        if !walking.is_none() && seen.insert(walking.0) {
            walk.dropped(walking, true);
        }
    }
    for off in limbo::bags_beside_others(arena, slots(arena).map(|slot| slot.off)) {
        let Ok(bag) = Bag::at(arena, off) else { continue };
        for entry in (0..bag.len()).map(|i| bag.entry(i)) {
            if seen.insert(entry.off.0) {
                walk.dropped(entry.off, entry.deep);
            }
        }
    }
}

fn magazine(slot: Slot<'_>, class: usize, walk: &mut Walk<'_, '_>) -> u64 {
    let len = slot.word(slot::MAGAZINE_LEN + class as u64).load(Acquire); // at rest
    if len > MAGAZINE_SIZE[class] {
        walk.report.damage(slot.off.at(slot::MAGAZINE_LEN + class as u64).0, "a magazine of possible length", None);
        return 0;
    }
    for i in 0..len {
        let off = Off(slot.word(MAGAZINE_AT[class] + i).load(Acquire)); // at rest
        let right_class = match state_of(slot.arena, off.0 / PAGE) {
            Ok(PageState::Current(c) | PageState::Listed(c) | PageState::Full(c)) => c == class,
            _ => false,
        };
        match walk.census.find(off) {
            Ok(place) if right_class => {
                if !walk.census.keep_at_hand(place) {
                    walk.report.doubly_used += 1;
                    walk.report.damage(off.0, "a free block that is at hand twice", None);
                }
            }
            Ok(_) => {
                let what = format!("a free block of another class than {}", CLASS_BYTES[class]);
                walk.report.damage(off.0, what, None);
            }
            Err(what) => walk.report.damage(off.0, format!("a free block at hand: {what}"), None),
        }
    }
    len
}

/// The transaction of a participant that died and was not cleaned up after (a domain that is open read-only).
fn transaction(slot: Slot<'_>, walk: &mut Walk<'_, '_>, entries: &mut Vec<(Off, bool)>) {
    let mut tail = Off(slot.word(slot::JOURNAL_TAIL).load(Acquire)); // at rest
    let most = slot.arena.committed() / (link::PAYLOAD * 8);
    for _ in 0..most {
        if tail.is_none() || !walk.own(tail, Kind::Chain) {
            break;
        }
        tail = Off(slot.arena.word(tail.at(1 + link::PREVIOUS)).load(Acquire)); // at rest
    }
    let at = slot.word(slot::STATE).load(Acquire); // at rest
    if at == state::IDLE {
        return;
    }
    let published = at == state::PUBLISHED;
    let mut cursor = slot.get(slot::CURSOR) & !ONLY; // at rest
    if published && let Ok((next, loose)) = build::place_of_dead(slot) {
        cursor = next;
        entries.extend(loose.map(|e| (e.off, e.deep)));
    }
    let mut place = Default::default();
    for i in 0..slot.journal_len() {
        let Ok(entry) = slot.journal_get(i, &mut place) else { return };
        let off = Off(entry & !journal::KIND);
        let Ok(found) = walk.census.find(off) else { continue };
        match entry & journal::KIND {
            journal::ALLOCATED if !published => {
                walk.census.hold(found);
            }
            journal::COUNTED if !published => walk.census.expect_parent(found),
            kind @ (journal::DROP | journal::DROP_MOVED) if published && i >= cursor => {
                walk.census.expect_parent(found);
                walk.census.hold(found);
                if kind == journal::DROP {
                    walk.below(off, 0);
                }
            }
            _ => {}
        }
    }
}

/// All slots of participants.
pub(super) fn slots(arena: &Arena) -> impl Iterator<Item = Slot<'_>> {
    chunks::entries(arena, List::Slots).map(|off| Slot { arena, off })
}

/// The pages of the chains of slots and process entries.
pub(super) fn chunk_pages(arena: &Arena) -> Vec<u64> {
    let mut pages = Vec::new();
    for list in [List::Slots, List::Processes] {
        let mut before = u64::MAX;
        for entry in chunks::entries(arena, list) {
            if entry.0 / PAGE != before {
                before = entry.0 / PAGE;
                pages.push(before);
            }
        }
    }
    pages
}

const _: () = assert!(bag::PAYLOAD != link::PAYLOAD && word::NAMES != word::ATOMS);
