//! Pages: the map against what stands in them, the stacks of the classes, and the blocks of each page against the marks.

use super::census::{Census, block_at};
use super::report::{Damage, Report};
use super::walk::kind_name;
use crate::arena::Arena;
use crate::heap::{bitmap_word, is_punched, is_used, pages_listed, state_of, valid_bits};
use crate::layout::slot::{CLASSES, PageState, blocks_per_page, page, page_off};
use crate::layout::{BlockHeader, PAGE};
use crate::sync::Relaxed;

/// What is wrong with the pages of a domain at rest, and what they hold.
#[derive(Default)]
pub(super) struct Pages {
    /// Pages that are given out and that nobody uses or could use.
    pub lost: Vec<u64>,
    /// Pages of blocks that nobody allocates from and that are on no stack, though they have free blocks.
    pub unlisted: Vec<(u64, usize)>,
    /// Pages given out.
    pub used: u64,
    /// Allocated blocks.
    pub blocks: u64,
}

/// Looks at all pages. `current` are those that participants allocate from, `chunks` those of the engine's lists.
pub(super) fn look(
    arena: &Arena,
    census: &Census<'_>,
    report: &mut Report,
    current: &[(u64, usize)],
    chunks: &[u64],
) -> Pages {
    let (start, end) = census.bounds();
    let mut pages = Pages::default();
    let mut listed = vec![false; (end - start.min(end)) as usize];
    for class in 0..CLASSES {
        for number in pages_listed(arena, class) {
            let right =
                is_used(arena, number) && matches!(state_of(arena, number), Ok(PageState::Listed(c)) if c == class);
            let again = number.checked_sub(start).and_then(|i| listed.get_mut(i as usize));
            match again {
                Some(seen) if right && !*seen => *seen = true,
                _ => {
                    report.damage(page_off(number).0, "a page on a stack of pages to which it does not belong", None);
                    break;
                }
            }
        }
    }
    let mut owned = vec![false; listed.len()];
    for &(number, class) in current {
        let right =
            is_used(arena, number) && matches!(state_of(arena, number), Ok(PageState::Current(c)) if c == class);
        match number.checked_sub(start).and_then(|i| owned.get_mut(i as usize)) {
            Some(seen) if right && !*seen => *seen = true,
            _ => {
                report.doubly_used += 1;
                report.damage(page_off(number).0, "a page that a participant allocates from and may not", None);
            }
        }
    }
    let mut number = start;
    while number < end {
        let here = number;
        number += 1;
        if !is_used(arena, here) {
            continue;
        }
        pages.used += 1;
        let index = (here - start) as usize;
        if is_punched(arena, here) && !matches!(state_of(arena, here), Ok(PageState::Raw)) {
            report.damage(page_off(here).0, "a page that is in use and given back to the file system", None);
            continue;
        }
        match state_of(arena, here) {
            Ok(PageState::Large(n)) if n >= 1 && here + n <= end => {
                pages.blocks += 1;
                for inside in here + 1..here + n {
                    if !is_used(arena, inside) {
                        report.damage(page_off(inside).0, "a page inside a large block that is not given out", None);
                    }
                }
                pages.used += n - 1;
                number = here + n;
            }
            Ok(PageState::Current(class)) => {
                pages.blocks += allocated(arena, here, class);
                if !owned[index] {
                    pages.unlisted.push((here, class));
                }
            }
            Ok(PageState::Listed(class)) => {
                pages.blocks += allocated(arena, here, class);
                if !listed[index] {
                    pages.unlisted.push((here, class));
                }
            }
            Ok(PageState::Full(class)) => {
                let blocks = allocated(arena, here, class);
                pages.blocks += blocks;
                if (blocks_per_page(class) - blocks) * 8 >= blocks_per_page(class) {
                    pages.unlisted.push((here, class));
                }
            }
            Ok(PageState::Chunk) if chunks.contains(&here) => {}
            Ok(PageState::Chunk | PageState::Raw) => pages.lost.push(here),
            _ => report.damage(page_off(here).0, "a page of no known state", None),
        }
    }
    for &chunk in chunks {
        if !is_used(arena, chunk) || !matches!(state_of(arena, chunk), Ok(PageState::Chunk)) {
            report.damage(page_off(chunk).0, "a page of participants that is not given out as one", None);
        }
    }
    pages
}

fn allocated(arena: &Arena, number: u64, class: usize) -> u64 {
    let words = 0..page::BITMAP_WORDS;
    words.map(|i| (bitmap_word(arena, number, i) & valid_bits(class, i)).count_ones() as u64).sum()
}

/// A block that is allocated, and what the marks say of it.
pub(super) struct Found {
    pub off: crate::layout::Off,
    pub header: BlockHeader,
    pub parents: u64,
    pub reached: bool,
    pub held: bool,
    pub at_hand: bool,
    pub bytes: u64,
}

/// All allocated blocks of a page.
pub(super) fn blocks_of(arena: &Arena, census: &Census<'_>, number: u64, mut each: impl FnMut(Found)) -> u64 {
    let (class, run) = match state_of(arena, number) {
        Ok(PageState::Current(c) | PageState::Listed(c) | PageState::Full(c)) => (Some(c), 1),
        Ok(PageState::Large(n)) => (None, n.max(1)),
        _ => return 1,
    };
    let marks = census.page(number);
    for i in 0..page::BITMAP_WORDS {
        let mut bits = match class {
            Some(class) => bitmap_word(arena, number, i) & valid_bits(class, i),
            None => u64::from(i == 0),
        };
        while bits != 0 {
            let bit = bits & bits.wrapping_neg();
            bits ^= bit;
            let index = i * 64 + bit.trailing_zeros() as u64;
            let off = block_at(number, class, index);
            let marked =
                |of: fn(&super::census::PageMarks) -> &[u64; 16]| marks.is_some_and(|m| of(m)[i as usize] & bit != 0);
            let parents = marks.and_then(|m| m.parents.get(index as usize)).copied().unwrap_or(0) as u64;
            let bytes = class.map_or(run * PAGE, |c| crate::layout::slot::CLASS_BYTES[c] as u64);
            each(Found {
                off,
                header: BlockHeader(arena.word(off).load(Relaxed)), // at rest, or checked again by whoever acts on it
                parents,
                reached: marked(|m| &m.reached),
                held: marked(|m| &m.held),
                at_hand: marked(|m| &m.at_hand),
                bytes,
            });
        }
    }
    run
}

/// Judges every allocated block by its marks.
pub(super) fn judge(arena: &Arena, census: &Census<'_>, report: &mut Report) {
    let (start, end) = census.bounds();
    let mut number = start;
    while number < end {
        if !is_used(arena, number) || is_punched(arena, number) {
            number += 1;
            continue;
        }
        number += blocks_of(arena, census, number, |block| judge_block(&block, report));
    }
}

fn judge_block(block: &Found, report: &mut Report) {
    let off = block.off.0;
    if block.at_hand {
        if block.reached || block.held {
            report.doubly_used += 1;
            report.damage(off, "a block that is in use and kept at hand as free", None);
        }
        return;
    }
    if !block.reached && !block.held {
        report.leaked += 1;
        report.leaked_bytes += block.bytes;
        if report.leaks.len() < Report::MOST {
            let kind = block.header.kind().map_or("block of no known kind", kind_name);
            let what = format!("{kind} with {} parents, born at {}", block.header.edges(), block.header.birth().0);
            report.leaks.push(Damage { offset: off, what, atom: None });
        }
        return;
    }
    let edges = block.header.edges();
    if edges < block.parents {
        report.damage(off, format!("a block that counts {edges} parents and has {}", block.parents), None);
    } else if edges > block.parents && edges != BlockHeader::EDGES_MAX {
        report.high_counts += 1;
        if report.leaks.len() < Report::MOST {
            let what = format!(
                "(not leaked, but counted too high) {} with {} parents that counts {edges}",
                block.header.kind().map_or("block of no known kind", kind_name),
                block.parents
            );
            report.leaks.push(Damage { offset: off, what, atom: None });
        }
    }
}
