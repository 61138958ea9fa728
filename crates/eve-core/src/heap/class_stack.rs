//! Stacks of pages that have free blocks and no owner, one a size class. The head is `tag:24 | page:40`: the tag goes up with
//! every change, so that a head that was popped and pushed again between a read and the exchange is not taken for the same.

use super::pages::{give_pages, is_used};
use crate::arena::Arena;
use crate::layout::header::word;
use crate::layout::slot::{CLASSES, PageState, page, page_off};
use crate::layout::{Off, PAGE};
use crate::sync::{Acquire, AtomicU64, Relaxed, Release};

const PAGE_MASK: u64 = (1 << 40) - 1;

fn head(arena: &Arena, class: usize) -> &AtomicU64 {
    arena.header(word::CLASS_STACKS + class as u64)
}

fn next(arena: &Arena, page: u64) -> &AtomicU64 {
    arena.word(page_off(page).at(page::NEXT))
}

fn tagged(before: u64, page: u64) -> u64 {
    (before & !PAGE_MASK).wrapping_add(PAGE_MASK + 1) | page
}

/// Puts a page on the stack of its class. Its state says "listed" already.
pub(super) fn push(arena: &Arena, class: usize, page: u64) {
    let mut before = head(arena, class).load(Relaxed);
    loop {
        next(arena, page).store(before & PAGE_MASK, Relaxed); // published by the exchange
        // Release: whoever pops the page sees its words.
        match head(arena, class).compare_exchange_weak(before, tagged(before, page), Release, Relaxed) {
            Ok(_) => return,
            Err(now) => before = now,
        }
    }
}

/// Takes a page with free blocks from the stack of a class. It says itself that it stands there: the stack of a damaged file may lead to any page, or
/// come back to one that it led to before.
pub(super) fn take_listed(arena: &Arena, class: usize) -> Option<u64> {
    let page = pop(arena, class)?;
    let state = arena.word(page_off(page).at(page::STATE)).load(Acquire); // ours since the exchange
    (is_used(arena, page) && state == PageState::Listed(class).to_word()).then_some(page)
}

/// Takes a page from the stack of a class.
pub(super) fn pop(arena: &Arena, class: usize) -> Option<u64> {
    let mut before = head(arena, class).load(Acquire);
    loop {
        let page = before & PAGE_MASK;
        if page == 0 || arena.check(page_off(page), PAGE).is_err() {
            return None;
        }
        // The page may be popped and reused meanwhile: then this is any number, and the tag makes the exchange fail.
        let after = next(arena, page).load(Relaxed) & PAGE_MASK;
        // Acquire: pairs with the release in `push`.
        match head(arena, class).compare_exchange_weak(before, tagged(before, after), Acquire, Acquire) {
            Ok(_) => return Some(page),
            Err(now) => before = now,
        }
    }
}

/// Forgets the pages on the stack of a class.
fn cut(arena: &Arena, class: usize) {
    let head = head(arena, class);
    let mut before = head.load(Relaxed);
    // Relaxed: nothing is read of the pages.
    while let Err(now) = head.compare_exchange_weak(before, tagged(before, 0), Relaxed, Relaxed) {
        before = now;
    }
}

/// Gives pages without any block in use back to all classes; how many.
pub(super) fn release_empty_pages(arena: &Arena) -> u64 {
    // A hint. Few empty pages are not worth a walk over all that are listed.
    let empty = arena.header(word::EMPTY_PAGES);
    if empty.load(Relaxed) <= arena.committed() / PAGE / 256 {
        return 0;
    }
    sweep(arena)
}

/// The same, however few they are.
pub(crate) fn sweep(arena: &Arena) -> u64 {
    arena.header(word::EMPTY_PAGES).store(0, Relaxed); // a hint
    let mut released = 0;
    for class in 0..CLASSES {
        let mut others = Vec::new();
        let most = arena.committed() / PAGE;
        while let Some(page) = take_listed(arena, class) {
            let empty = super::magazine::is_empty(arena, page);
            if empty && super::magazine::is_alone(arena, page) {
                give_pages(arena, page, 1);
                released += 1;
                continue;
            }
            if empty {
                arena.header(word::EMPTY_PAGES).fetch_add(1, Relaxed); // a hint: next time
            }
            others.push(page);
            if others.len() as u64 > most {
                // A ring, in a damaged file.
                cut(arena, class);
                others.sort_unstable();
                others.dedup();
                break;
            }
        }
        for page in others.into_iter().rev() {
            push(arena, class, page);
        }
    }
    released
}

/// The pages on the stack of a class, for the verifier; at rest.
pub(crate) fn pages_listed(arena: &Arena, class: usize) -> Vec<u64> {
    let mut pages = Vec::new();
    let mut page = head(arena, class).load(Acquire) & PAGE_MASK;
    let most = arena.committed() / PAGE;
    while page != 0 && (pages.len() as u64) < most && arena.check(Off(page.wrapping_mul(PAGE)), PAGE).is_ok() {
        pages.push(page);
        page = next(arena, page).load(Relaxed) & PAGE_MASK;
    }
    pages
}
