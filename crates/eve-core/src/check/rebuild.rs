//! Files that come from before a restart of the machine, or that are copies: nobody can be in the middle of anything in them, but what
//! reached the disk may be of different ages. What hangs on the atoms is checked; if it is sound, everything else (the map of pages, bitmaps,
//! counts, limbo, participants) is made anew from it, and if it is not, the file is refused with what is wrong.
//!
//! A block that was freed and used again is younger than any parent it had before, so a parent of another age than its
//! child is noticed, unless the child is the older one and looks like what belongs there. Against that there is no
//! help but a checkpoint: a copy taken while nobody writes.
//!
//! It may be interrupted at any instant and begun anew: it reads nothing of what it writes.

use super::census::{Census, block_at};
use super::report::Report;
use super::walk::Walk;
use super::{STEP, holdings};
use crate::arena::Arena;
use crate::error::{Error, Result};
use crate::heap::{bitmap_store, page_map_store, release_page};
use crate::layout::block::BlockHeader;
use crate::layout::header::{atom, word};
use crate::layout::slot::{CLASSES, PageState, page, page_off};
use crate::layout::{Kind, PAGE, PAGE_HEADER, Word};
use crate::reclaim::chunks::{self, List};
use crate::region::boot_id;
use crate::sync::{Acquire, Relaxed, Release, SeqCst, fence, nap};
use std::time::Duration;

/// The lock that whoever rebuilds holds alone, and whoever comes in shares; above all numbers of process entries.
const DOOR: u64 = 1 << 20;

/// What the header keeps of where and when the file was last opened.
fn marks(arena: &Arena) -> [(u64, u64); 4] {
    let (boot, file) = (boot_id(), arena.region().identity());
    [(word::BOOT, boot.0), (word::BOOT + 1, boot.1), (word::DEVICE, file.0), (word::INODE, file.1)]
}

fn same_marks(arena: &Arena) -> bool {
    marks(arena).iter().all(|&(at, now)| arena.header(at).load(Acquire) == now) // pairs with the store at the end
}

fn write_marks(arena: &Arena) {
    for (at, now) in marks(arena) {
        arena.header(at).store(now, Release); // after everything that was rebuilt
    }
}

/// A share of the door, given back when it is dropped. Who has one keeps rebuilds away until the lock of its process entry does.
pub(crate) struct Door<'a>(&'a Arena);

impl Drop for Door<'_> {
    fn drop(&mut self) {
        self.0.region().unlock(DOOR);
    }
}

/// Makes a file fit for use that was last used before a restart or is a copy; waits for whoever is doing it. Costs a lock and four loads for all
/// other files.
///
/// Everybody comes in by the door, also who finds the marks as they should be: another may see others, as in a container that hides the boot
/// id, and begin to rebuild what nobody uses yet.
pub(crate) fn settle(arena: &Arena, progress: Option<fn(u64, u64)>) -> Result<Option<Door<'_>>> {
    let region = arena.region();
    if !region.writable() || region.identity() == (0, 0) {
        return Ok(None);
    }
    loop {
        if region.share(DOOR)? {
            let door = Door(arena);
            if same_marks(arena) {
                return Ok(Some(door));
            }
        } // given back: of several who share it nobody could have it alone
        if region.lock(DOOR)? {
            let door = Door(arena);
            settle_alone(arena, progress)?;
            region.share(DOOR)?; // in one step, so nobody rebuilds it again before we are in
            return Ok(Some(door));
        }
        nap(Duration::from_millis(1));
    }
}

fn settle_alone(arena: &Arena, progress: Option<fn(u64, u64)>) -> Result<()> {
    if same_marks(arena) {
        return Ok(());
    }
    let is_new = marks(arena).iter().all(|&(at, _)| arena.header(at).load(Acquire) == 0);
    if is_new {
        write_marks(arena);
        return Ok(());
    }
    let numbers = chunks::entries(arena, List::Processes).count() as u64;
    for number in 0..numbers {
        if arena.region().is_locked(number)? {
            // Somebody uses it who sees the same file under other numbers: it is no copy.
            return Ok(());
        }
    }
    rebuild(arena, progress)?;
    write_marks(arena);
    Ok(())
}

/// Checks what hangs on the atoms and makes everything else anew. Nobody else uses the file.
fn rebuild(arena: &Arena, progress: Option<fn(u64, u64)>) -> Result<()> {
    let (mut census, mut report) = (Census::inferring(arena), Report::default());
    let mut walk = Walk::new(arena, &mut census, &mut report);
    holdings::table(arena, &mut walk, word::NAMES, Kind::Name);
    let atoms = holdings::table(arena, &mut walk, word::ATOMS, Kind::Atom);
    let total = arena.committed() / 64;
    for &entry in &atoms {
        walk.atom = Some(holdings::atom_name(arena, entry));
        let root = holdings::root_word(arena, entry);
        if root != Word::ABSENT {
            walk.root(root, entry);
        }
        while !walk.run(STEP) {
            if let Some(progress) = progress {
                progress(walk.blocks, total.max(walk.blocks));
            }
        }
    }
    let youngest = walk.youngest;
    compare_ages(arena, &census, &mut report);
    if report.damaged > 0 {
        let first = report.damages.first().map(ToString::to_string).unwrap_or_default();
        let reason = format!(
            "was last used before the machine was restarted, or is a copy of a file that was in use, and is damaged in {} places, \
             the first {first}; restore a copy that was taken while nobody used it",
            report.damaged
        );
        return Err(Error::NotADomain { path: arena.region().path().to_owned(), reason });
    }
    let set = |index: u64, value: u64| arena.header(index).store(value, Relaxed); // nobody else is here
    // If we die in the middle nobody finds the marks as they should be, also not who sees those of the last use.
    set(word::INODE, u64::MAX);
    fence(SeqCst); // before anything else is changed
    let queues = [word::LIMBO_IN, word::LIMBO_OUT, word::HELD_IN, word::HELD_OUT];
    for index in [word::PROCESSES, word::SLOTS, word::COLLECTOR, word::EMPTY_PAGES].into_iter().chain(queues) {
        set(index, 0);
    }
    for class in 0..CLASSES as u64 {
        set(word::CLASS_STACKS + class, 0);
    }
    let (start, end) = census.bounds();
    set(word::PAGE_HINT, start);
    set(word::TICK, arena.header(word::TICK).load(Relaxed).max(youngest.0) + 1); // as above
    for &entry in &atoms {
        arena.word(entry.at(1 + atom::WAITERS)).store(0, Relaxed); // as above
    }
    write_page_map(arena, &census, (start, end));
    for number in start..end {
        write_page(arena, &census, number);
    }
    Ok(())
}

/// Pages of several ages, as a write-back without an order leaves them: what is reached from a root has not passed its children to a copy, and
/// counts as many parents as it has at least.
fn compare_ages(arena: &Arena, census: &Census<'_>, report: &mut Report) {
    let (start, end) = census.bounds();
    for number in start..end {
        let Some(marks) = census.page(number).filter(|marks| !marks.inner) else { continue };
        for (index, &parents) in (0..).zip(&*marks.parents) {
            if marks.reached[index as usize / 64] >> (index % 64) & 1 == 0 {
                continue;
            }
            let off = block_at(number, marks.class, index);
            let header = BlockHeader(arena.word(off).load(Relaxed)); // nobody else is here
            if header.has(BlockHeader::MOVED) {
                report.damage(off.0, "a block that was replaced, below parents that are older than that", None);
            } else if header.edges() < u64::from(parents) {
                let what =
                    format!("a block of {parents} parents that counts {}: it is older than they", header.edges());
                report.damage(off.0, what, None);
            }
        }
    }
}

/// Pages that are not in use may be missing in the file: they are brought back before they are used.
fn write_page_map(arena: &Arena, census: &Census<'_>, (start, end): (u64, u64)) {
    for group in start / 64..end.div_ceil(64) {
        let (mut used, mut exists) = (0, 0);
        for page in (group * 64).max(start)..(group * 64 + 64).min(end) {
            exists |= 1u64 << (page % 64);
            used |= u64::from(census.page(page).is_some()) << (page % 64);
        }
        page_map_store(arena, group, used, exists & !used);
    }
}

fn write_page(arena: &Arena, census: &Census<'_>, number: u64) {
    let Some(marks) = census.page(number) else { return };
    if marks.inner {
        return;
    }
    let set = |index: u64, value: u64| arena.word(page_off(number).at(index)).store(value, Relaxed); // nobody else is here
    set(page::NEXT, 0);
    for (index, &parents) in (0..).zip(&*marks.parents) {
        if marks.reached[index as usize / 64] >> (index % 64) & 1 == 1 {
            let header = arena.word(block_at(number, marks.class, index));
            let shared = if parents > 1 { BlockHeader::SHARED } else { 0 };
            let before = header.load(Relaxed) & !(BlockHeader::EDGES_MAX | BlockHeader::MOVED); // as above
            header.store(before | shared | u64::from(parents), Relaxed); // as above
        }
    }
    match marks.class {
        None => set(page::STATE, PageState::Large((marks.bytes + PAGE_HEADER) / PAGE).to_word()),
        Some(class) => {
            for (i, &bits) in (0..).zip(&marks.reached) {
                bitmap_store(arena, number, i, bits);
            }
            release_page(arena, number, class);
        }
    }
}

#[cfg(all(test, target_os = "linux", not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::region::FileRegion;
    use crate::{Domain, value::Value};

    #[test]
    fn a_rebuild_that_was_broken_off_is_taken_for_done_by_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        drop(Domain::open(&path).unwrap().put("n", &Value::Int(1)).unwrap());
        {
            // As by one who saw other marks, and died before the end.
            let arena = Arena::new(Box::new(FileRegion::open(&path, true).unwrap()));
            assert!(same_marks(&arena));
            rebuild(&arena, None).unwrap();
            assert!(!same_marks(&arena));
        }
        let domain = Domain::open(&path).unwrap();
        assert!(same_marks(&domain.inner().arena));
        assert_eq!(domain.find("n").unwrap().unwrap().load().unwrap().value().unwrap(), Value::Int(1));
    }
}
