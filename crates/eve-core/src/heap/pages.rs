//! Giving out pages and runs of pages: two bits a page in the page map, in use and punched. Free neighbours are free
//! neighbours in the map, so that nothing needs to be joined.

use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::layout::header::{self, word};
use crate::layout::slot::{PageState, page, page_off};
use crate::layout::{Off, PAGE};
use crate::sync::{AcqRel, Acquire, AtomicU64, Relaxed};

/// The "in use" bits of 64 pages.
fn used(arena: &Arena, group: u64) -> &AtomicU64 {
    arena.word(header::page_map_word(group * 64))
}

/// The "punched" bits of 64 pages.
fn punched(arena: &Arena, group: u64) -> &AtomicU64 {
    arena.word(header::page_map_word(group * 64).at(1))
}

/// First page that is given out, and the first one that does not exist yet.
fn bounds(arena: &Arena) -> (u64, u64) {
    (header::heap_start(arena.region().reserve()) / PAGE, arena.committed() / PAGE)
}

/// The bits of pages `from..to` in a group.
fn group_mask(group: u64, from: u64, to: u64) -> u64 {
    let lo = from.saturating_sub(group * 64).min(64);
    let hi = to.saturating_sub(group * 64).min(64);
    let below = |n: u64| if n == 64 { u64::MAX } else { (1 << n) - 1 };
    below(hi) & !below(lo)
}

/// Takes `n` neighbouring pages and gives the number of the first. They hold whatever was there; `state` is set.
pub(crate) fn take_pages(arena: &Arena, n: u64, state: PageState) -> Result<u64> {
    loop {
        if let Some(first) = if n == 1 { find_one(arena) } else { find_run(arena, n) } {
            crash_point!("pages: taken");
            if let Err(e) = bring_back(arena, first, n) {
                give(arena, first, n);
                return Err(e);
            }
            arena.populate_ahead(first * PAGE);
            arena.word(page_off(first).at(page::STATE)).store(state.to_word(), Relaxed); // ours alone
            crash_point!("pages: have a state");
            return Ok(first);
        }
        if super::class_stack::release_empty_pages(arena) == 0 {
            grow(arena, n)?;
        }
    }
}

/// Takes pages back.
pub(crate) fn give_pages(arena: &Arena, first: u64, n: u64) {
    crash_point!("pages: about to be given back");
    // Still ours. All of them: whoever takes one and dies before it has a state leaves it as one that nobody uses. The first one last: it says
    // how many they are, so that nobody takes what stands in the others for a state if we die on the way.
    for page in (first..first + n).rev() {
        crash_point!("pages: some raw");
        arena.word(page_off(page).at(page::STATE)).store(PageState::Raw.to_word(), Relaxed);
    }
    crash_point!("pages: raw");
    give(arena, first, n);
    if arena.note_released(n) {
        punch_free_pages(arena);
    }
}

/// Gives all empty pages back, and their room on the disk.
pub(crate) fn shrink(arena: &Arena) {
    super::class_stack::sweep(arena);
    punch_free_pages(arena);
}

fn give(arena: &Arena, first: u64, n: u64) {
    for group in first / 64..=(first + n - 1) / 64 {
        // Release: what was written in the pages is over before somebody else takes them.
        used(arena, group).fetch_and(!group_mask(group, first, first + n), AcqRel);
    }
    arena.header(word::PAGE_HINT).fetch_min(first, Relaxed); // a hint
}

fn find_one(arena: &Arena) -> Option<u64> {
    let (start, end) = bounds(arena);
    let hint = arena.header(word::PAGE_HINT).load(Relaxed).clamp(start, end);
    for (from, to) in [(hint, end), (start, hint)] {
        let mut group = from / 64;
        while group * 64 < to {
            let free = !used(arena, group).load(Relaxed) & group_mask(group, start, end);
            if free == 0 {
                group += 1;
                continue;
            }
            let bit = free & free.wrapping_neg();
            // Acquire: pairs with the release in `give`.
            if used(arena, group).fetch_or(bit, AcqRel) & bit == 0 {
                arena.header(word::PAGE_HINT).store(group * 64, Relaxed); // a hint
                return Some(group * 64 + bit.trailing_zeros() as u64);
            }
        }
    }
    None
}

fn find_run(arena: &Arena, n: u64) -> Option<u64> {
    let (start, end) = bounds(arena);
    let mut before = 0; // free pages right before the group
    for group in start / 64..end.div_ceil(64) {
        let free = !used(arena, group).load(Relaxed) & group_mask(group, start, end);
        let leading = free.trailing_ones() as u64;
        let first = if before + leading >= n {
            Some(group * 64 - before)
        } else {
            run_inside(free, n).map(|at| group * 64 + at)
        };
        before = if leading == 64 { before + 64 } else { free.leading_ones() as u64 };
        if let Some(first) = first {
            if claim(arena, first, n) {
                return Some(first);
            }
            before = 0; // somebody took of it
        }
    }
    None
}

/// Where `n` bits in a row are set, the lowest place. In steps that double, since every group is looked at for each large block, and in a file
/// with many holes most groups have some that are too small.
fn run_inside(bits: u64, n: u64) -> Option<u64> {
    if n > 64 {
        return None;
    }
    let (mut begins, mut length) = (bits, 1); // where so many in a row begin
    while length < n {
        let step = length.min(n - length);
        begins &= begins >> step;
        length += step;
    }
    (begins != 0).then(|| begins.trailing_zeros() as u64)
}

/// Sets the bits of a run, or none of them.
fn claim(arena: &Arena, first: u64, n: u64) -> bool {
    let (from, to) = (first / 64, (first + n - 1) / 64);
    for group in from..=to {
        let mask = group_mask(group, first, first + n);
        let before = used(arena, group).fetch_or(mask, AcqRel); // Acquire: pairs with the release in `give`
        if before & mask != 0 {
            used(arena, group).fetch_and(!(mask & !before), AcqRel); // give back what was free in this group
            for group in from..group {
                used(arena, group).fetch_and(!group_mask(group, first, first + n), AcqRel);
            }
            return false;
        }
    }
    true
}

/// Makes bytes exist, unless the file was cut off since it was opened.
fn make_exist(arena: &Arena, from: u64, to: u64) -> Result<()> {
    // The file is made longer before the header says so, so it has as many bytes as we read there.
    arena.region().check_length(arena.committed())?;
    Ok(arena.region().grow(from, to)?)
}

/// Pages that were punched out of the file get their room back before somebody writes to them.
fn bring_back(arena: &Arena, first: u64, n: u64) -> Result<()> {
    for group in first / 64..=(first + n - 1) / 64 {
        let mut bits = punched(arena, group).load(Acquire) & group_mask(group, first, first + n);
        while bits != 0 {
            let start = bits.trailing_zeros() as u64;
            let len = (!(bits >> start)).trailing_zeros().min(64 - start as u32) as u64;
            let page = group * 64 + start;
            make_exist(arena, page * PAGE, (page + len) * PAGE)?;
            arena.region().populate(page * PAGE, (page + len) * PAGE);
            let done = group_mask(group, page, page + len);
            punched(arena, group).fetch_and(!done, AcqRel); // only the holder of a page's "in use" bit changes this one
            bits &= !done;
        }
    }
    Ok(())
}

/// Bytes of the page map that an arena of this length uses, rounded up to what the system allocates.
pub(crate) fn page_map_end(committed: u64) -> u64 {
    (header::PAGE_MAP + (committed / PAGE).div_ceil(64) * 16).next_multiple_of(4096)
}

/// Makes the arena longer, by `n` pages at least and by an eighth where that can be had.
fn grow(arena: &Arena, n: u64) -> Result<()> {
    let (start, end) = bounds(arena);
    let reserve_pages = arena.region().reserve() / PAGE;
    let most = reserve_pages.saturating_sub(end);
    if n > most {
        let reason = crate::region::used_up(arena.region().reserve());
        return Err(Error::Full { committed: arena.committed(), reason }.into());
    }
    let wish = ((end - start) / 8).clamp(4, (64 << 20) / PAGE).max(n).min(most);
    extend(arena, end, wish).or_else(|e| if wish > n { extend(arena, end, n) } else { Err(e) })
}

fn extend(arena: &Arena, end: u64, n: u64) -> Result<()> {
    let (old, new) = (end * PAGE, (end + n) * PAGE);
    if page_map_end(old) < page_map_end(new) {
        make_exist(arena, page_map_end(old), page_map_end(new))?;
    }
    make_exist(arena, old, new)?;
    crash_point!("grow: bytes exist");
    arena.header(word::COMMITTED).fetch_max(new, AcqRel); // Release: whoever sees the length finds the bytes
    Ok(())
}

/// Gives free pages back to the file system where there are many: a quarter of the arena, and 64 MiB, are kept.
pub(crate) fn punch_free_pages(arena: &Arena) {
    let (start, end) = bounds(arena);
    let groups = start / 64..end.div_ceil(64);
    let idle = |g: u64| !(used(arena, g).load(Relaxed) | punched(arena, g).load(Relaxed)) & group_mask(g, start, end);
    let free: u64 = groups.clone().map(|g| idle(g).count_ones() as u64).sum();
    let keep = ((end - start) / 4).max((64 << 20) / PAGE);
    let mut give_up = free.saturating_sub(keep);
    for group in groups.rev() {
        let mut bits = idle(group);
        while bits != 0 && give_up > 0 {
            let at = bits.trailing_zeros() as u64;
            let len = ((!(bits >> at)).trailing_zeros() as u64).min(64 - at).min(give_up);
            let page = group * 64 + at;
            bits &= !group_mask(group, page, page + len);
            if !claim(arena, page, len) {
                continue; // somebody needs them after all
            }
            if arena.region().punch(page * PAGE, (page + len) * PAGE).is_ok() {
                punched(arena, group).fetch_or(group_mask(group, page, page + len), AcqRel); // before they are free again
            }
            give(arena, page, len);
            give_up -= len;
        }
    }
}

/// Sets the words of 64 pages in the page map of a domain that nobody else uses.
pub(crate) fn page_map_store(arena: &Arena, group: u64, in_use: u64, missing: u64) {
    used(arena, group).store(in_use, Relaxed); // nobody else is there
    punched(arena, group).store(missing, Relaxed); // likewise
}

/// Gives back a page that nobody uses, whatever has been done to it.
pub(crate) fn give_lost_page(arena: &Arena, page: u64) {
    // Perhaps it was being punched: so it is made to exist again before somebody uses it.
    punched(arena, page / 64).fetch_or(1 << (page % 64), AcqRel);
    give(arena, page, 1);
}

/// Counts of the page map, for reports: pages that exist, pages in use, pages punched.
pub(crate) fn count_pages(arena: &Arena) -> (u64, u64, u64) {
    let (start, end) = bounds(arena);
    let sum = |f: &dyn Fn(u64) -> u64| {
        (start / 64..end.div_ceil(64)).map(|g| (f(g) & group_mask(g, start, end)).count_ones() as u64).sum()
    };
    (end - start, sum(&|g| used(arena, g).load(Relaxed)), sum(&|g| punched(arena, g).load(Relaxed)))
}

/// Is this page given out?
pub(crate) fn is_used(arena: &Arena, page: u64) -> bool {
    let (start, end) = bounds(arena);
    page >= start && page < end && used(arena, page / 64).load(Acquire) >> (page % 64) & 1 == 1
}

/// Was this page punched out of the file?
pub(crate) fn is_punched(arena: &Arena, page: u64) -> bool {
    punched(arena, page / 64).load(Acquire) >> (page % 64) & 1 == 1
}

/// The state of a page that is given out.
#[inline]
pub(crate) fn state_of(arena: &Arena, page: u64) -> Result<PageState> {
    let at: Off = page_off(page);
    arena.check(at, PAGE)?;
    match PageState::from_word(arena.word(at.at(page::STATE)).load(Acquire)) {
        Some(PageState::Large(n)) if n == 0 || n > arena.committed() / PAGE - page => {
            Err(Error::corrupt(at, "a large block inside the file"))
        }
        Some(state) => Ok(state),
        None => Err(Error::corrupt(at, "a heap page")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_inside_of_a_group_are_found_where_they_begin() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..2000 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            let bits = [bits, bits | bits >> 1 | bits >> 2, bits & bits >> 3, u64::MAX << (round % 64), 0][round % 5];
            for n in 1..=70 {
                let plain = (0..65_u64.saturating_sub(n)).find(|&at| (at..at + n).all(|i| bits >> i & 1 == 1));
                assert_eq!(run_inside(bits, n), plain, "{n} in {bits:b}");
            }
        }
    }
}
