//! Checking a domain against everything that its format promises.
//!
//! At rest the check is exact: every allocated block is reached from an atom, a table of names or the limbo, or held by a
//! participant; every block has as many parents as it counts; counts, hash positions, shapes and births are right; the map
//! of pages says what stands in them. Whether a domain is at rest is told by its participants' slots (`quiet`): if nobody changed
//! anything between the beginning and the end, what was read is one state. If somebody does, only what hangs on the atoms is
//! checked, each version under a pin of its own; leaks and counts are left out then, so that there is no false alarm.
//!
//! A walk visits each block once and keeps some bytes for each, so time and memory grow with the number of blocks, not with
//! the values: a value that stands at a thousand places is looked at once.

mod census;
mod gc;
mod holdings;
mod pages;
mod quiet;
mod rebuild;
mod report;
mod walk;

#[cfg(test)]
mod tests;

pub use gc::Collected;
#[cfg(all(shuttle, test))]
pub(crate) use gc::models;
pub(crate) use rebuild::settle;
pub use report::{Damage, KindTotal, Report};

use crate::arena::Arena;
use crate::atom::Domain;
use crate::error::Result;
use crate::layout::Kind;
use crate::layout::header::word;
use crate::reclaim::limbo;
use census::Census;
use holdings::{atom_name, root_word};
use quiet::Look;
use std::time::Duration;
use walk::{Walk, kind_name};

/// Blocks between two reports of progress.
const STEP: u64 = 1 << 15;
/// How long a check waits for a moment of rest.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often a check that was disturbed is begun anew.
const TRIES: u32 = 3;

impl Domain {
    /// Checks everything, as far as it can be judged while others are at work: see [`Report::exact`]. Nothing is changed but
    /// what a participant that died has left, which is cleaned up first (not in a domain that is open read-only).
    ///
    /// `progress` is given the blocks done and the blocks there are, from time to time. Costs some 0.2 µs and some bytes of
    /// memory a block. A damaged file is no error: the report says what is wrong with it.
    pub fn verify(&self, progress: impl FnMut(u64, u64)) -> Result<Report> {
        if self.inner().arena.region().writable() {
            self.recover()?;
        }
        self.verify_as_it_is(progress)
    }

    /// The same without cleaning up.
    pub(crate) fn verify_as_it_is(&self, mut progress: impl FnMut(u64, u64)) -> Result<Report> {
        let inner = self.inner();
        for _ in 0..TRIES {
            let Some(look) = quiet::wait_until_quiet(&inner.arena, inner.owner, PATIENCE)? else { break };
            if let Some(report) = at_rest(&inner.arena, &look, &mut progress) {
                return Ok(report);
            }
        }
        self.verify_atoms(&mut progress)
    }

    /// What hangs on the atoms, each version under a pin of its own.
    fn verify_atoms(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Report> {
        let arena = &self.inner().arena;
        let (mut census, mut report) = (Census::new(arena), Report::default());
        let (_, pages, _) = crate::heap::count_pages(arena);
        report.pages = pages;
        let mut walk = Walk::new(arena, &mut census, &mut report);
        for (name, atom) in self.atoms()? {
            if !arena.region().writable() {
                break; // nothing can be pinned, so nothing that is read now can be judged
            }
            let version = atom.load()?;
            walk.forget();
            walk.atom = Some(name);
            walk.root(version.root(), atom.entry);
            while !walk.run(STEP) {
                progress(walk.blocks, walk.blocks.max(pages * 128));
            }
            walk.report.atoms += 1;
        }
        finish(walk);
        Ok(report)
    }
}

fn finish(walk: Walk<'_, '_>) {
    let kinds = walk.kinds.iter().enumerate().filter(|(_, total)| total.0 > 0);
    walk.report.kinds = kinds
        .filter_map(|(i, &(blocks, bytes))| {
            Kind::from_bits(i as u64).map(|kind| KindTotal { kind: kind_name(kind), blocks, bytes })
        })
        .collect();
    walk.report.blocks = walk.blocks;
}

/// The exact check; none if somebody changed something meanwhile.
fn at_rest(arena: &Arena, look: &Look, progress: &mut dyn FnMut(u64, u64)) -> Option<Report> {
    let mut report = Report { exact: true, ..Report::default() };
    let mut census = Census::new(arena);
    let total = {
        let mut unused = Report::default();
        pages::look(arena, &census, &mut unused, &[], &[]).blocks
    };
    let mut walk = Walk::new(arena, &mut census, &mut report);
    let (current, at_hand) = mark(arena, &mut walk, |done| {
        progress(done, total.max(done));
        look.still(arena)
    })?;
    finish(walk);
    report.at_hand = at_hand;
    let found = pages::look(arena, &census, &mut report, &current, &holdings::chunk_pages(arena));
    report.leaked_pages = (found.lost.len() + found.unlisted.len()) as u64;
    report.pages = found.used;
    pages::judge(arena, &census, &mut report);
    progress(total, total);
    look.still(arena).then_some(report)
}

/// Marks everything that is in use; `go_on` is asked from time to time. Gives the pages that participants allocate from, and how
/// many free blocks they keep at hand.
fn mark(
    arena: &Arena,
    walk: &mut Walk<'_, '_>,
    mut go_on: impl FnMut(u64) -> bool,
) -> Option<(Vec<(u64, usize)>, u64)> {
    let mut run = |walk: &mut Walk<'_, '_>| {
        loop {
            let done = walk.run(STEP);
            if !go_on(walk.blocks) {
                return None;
            }
            if done {
                return Some(());
            }
        }
    };
    let names = holdings::table(arena, walk, word::NAMES, Kind::Name);
    let atoms = holdings::table(arena, walk, word::ATOMS, Kind::Atom);
    walk.report.names = (names.len() + atoms.len()) as u64;
    for entry in atoms {
        let root = root_word(arena, entry);
        if root != crate::layout::Word::ABSENT {
            walk.report.atoms += 1;
            walk.atom = Some(atom_name(arena, entry));
            walk.root(root, entry);
            run(walk)?;
        }
    }
    walk.atom = None;
    let (mut entries, mut current, mut at_hand) = (Vec::new(), Vec::new(), 0);
    for slot in holdings::slots(arena) {
        at_hand += holdings::participant(slot, walk, &mut entries, &mut current);
        run(walk)?;
    }
    holdings::bags(arena, walk, limbo::bags_in_queue(arena), &mut entries);
    let before = walk.blocks;
    for &(off, deep) in &entries {
        walk.dropped(off, deep);
        run_some(walk, &mut run)?;
    }
    run(walk)?;
    walk.report.limbo = entries.len() as u64 + walk.blocks - before;
    Some((current, at_hand))
}

/// Goes on without asking, unless there is much to do.
fn run_some(walk: &mut Walk<'_, '_>, run: &mut dyn FnMut(&mut Walk<'_, '_>) -> Option<()>) -> Option<()> {
    if walk.run(STEP) { Some(()) } else { run(walk) }
}
