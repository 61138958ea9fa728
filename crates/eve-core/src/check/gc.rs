//! Freeing what a crash left over, while others work.
//!
//! A process that is killed may leave blocks that nothing reaches, counts that are too high, and pages that nobody owns. Blocks
//! are found by marking: what no mark reaches is garbage, and garbage stays garbage, for nobody can find a way to it again. The
//! difficulty is to tell it from what is on its way: freed, being built, being retired. This is how:
//!
//! 1. The collector announces itself. From then on nobody works off limbo, nobody cleans up after the dead, so nothing in limbo is
//!    freed, and entries do not move from bag to bag; only whole bags move, and only open → full → queue.
//! 2. It bumps the commit counter to `T` and waits until every change that is under way has ended (each participant's activity
//!    word tells). Every block that is built from now on is born at `T` or later.
//! 3. It loads each atom's root under a pin and marks the whole version. Values are never shared between atoms, so a block that
//!    is in use and was born before `T` is now marked, or was retired before its atom was looked at.
//! 4. Three times it waits for the changes under way to end, then notes what every participant holds and what is in limbo, the
//!    participants before the queue. What was retired is in a bag by the first of these, and a bag that moves makes two steps at most, so one
//!    of the three sees it. A free block at hand is seen, or it is taken and born at `T` or later, or it goes back to its page; then it
//!    comes out only by a refill, which counts up a word of the page.
//! 5. What is allocated, unmarked, unseen, a value born before `T`, with the same header as at the first look, on a page whose word was not
//!    counted up, is garbage. An exchange of its header takes it (a committer on an old version who counts an edge to it makes that
//!    fail), and it goes to limbo as if it had been retired now: readers of an old version may still look at it.
//!
//! Typed arrays and objects are left, as whoever holds an old version may put one of it into an atom again as it is. Edges that garbage has to living
//! blocks are not taken back: those counts stay too high. Typed values, counts, pages, and the engine's own blocks are set right when the collector is
//! alone: no other process has the domain open, no other thread of this one takes part, and whoever opens it meanwhile waits.

use super::census::Census;
use super::pages::{self, Found};
use super::report::Report;
use super::walk::Walk;
use super::{PATIENCE, STEP, holdings, mark, quiet};
use crate::arena::Arena;
use crate::atom::Domain;
use crate::error::{Error, Quick, Result};
use crate::heap::{Slot, give_lost_page, is_punched, is_used, refills, release_block, release_page, state_of};
use crate::layout::header::word;
use crate::layout::slot::{Owner, PageState};
use crate::layout::{BlockHeader, Kind, Off, PAGE, Tick};
use crate::reclaim::chunks::{self, List};
use crate::reclaim::collector::Collecting;
use crate::reclaim::limbo::Entry;
use crate::reclaim::recover::recover_all;
use crate::sync::{Acquire, Relaxed, SeqCst};
use std::collections::HashSet;
use std::fmt;
use std::time::{Duration, Instant};

/// How long a collection waits for a change to end.
const LONG: Duration = Duration::from_secs(5);

/// A bag makes two steps on its way to the queue, and may be missed at each.
const LOOKS: u32 = 3;

/// What [`Domain::gc`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Leaked blocks that were put to limbo or freed.
    pub blocks: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Pages that nobody owned, given back.
    pub pages: u64,
    /// Counts that were too high, set right.
    pub counts: u64,
    /// Nobody else took part, so counts and pages were looked at too.
    pub alone: bool,
    /// Why not everything was looked at; none if it was.
    pub left: Option<&'static str>,
}

impl fmt::Display for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "freed {} blocks ({} bytes) and {} pages, ", self.blocks, self.bytes, self.pages)?;
        match self.alone {
            true => write!(f, "set {} counts right", self.counts)?,
            false => write!(f, "left counts and pages as they are, for others take part")?,
        }
        self.left.map_or(Ok(()), |why| write!(f, "; not done: {why}"))
    }
}

impl Domain {
    /// Frees what a crash left over. Others go on working meanwhile; counts that are too high and pages without an owner are set right only when nobody
    /// else takes part. `progress` is given the blocks done and those there are.
    ///
    /// Costs what [`Domain::verify`] costs. An error if the domain is damaged (nothing is freed then), or open read-only.
    pub fn gc(&self, mut progress: impl FnMut(u64, u64)) -> Result<Collected> {
        let inner = self.inner();
        if !inner.arena.region().writable() {
            return Err(Error::ReadOnly { path: inner.arena.region().path().to_owned() });
        }
        let participant = crate::atom::current_participant(inner)?;
        let slot = participant.slot();
        let _active = slot.begin();
        let collected = {
            let Some(collecting) = Collecting::begin(&inner.arena, inner.owner)? else {
                let left = Some("somebody else is collecting");
                return Ok(Collected { left, ..Collected::default() });
            };
            crash_point!("gc: begun");
            recover_all(&inner.arena, inner.owner)?;
            let mut collector = Collector { domain: self, slot, me: inner.owner, progress: &mut progress };
            match inner.hold_participants(|idle| collector.alone(&collecting, idle))? {
                Some(collected) => collected,
                None => collector.beside_others()?,
            }
        };
        self.reclaim()?;
        Ok(collected)
    }
}

struct Collector<'a> {
    domain: &'a Domain,
    slot: Slot<'a>,
    me: Owner,
    progress: &'a mut dyn FnMut(u64, u64),
}

fn damaged(report: &Report) -> Error {
    let first = report.damages.first();
    let what = "a sound file before anything is freed in it";
    Error::Corrupt { offset: first.map_or(0, |d| d.offset), what }
}

impl Collector<'_> {
    fn arena(&self) -> &Arena {
        self.slot.arena
    }

    /// Waits until the changes under way have ended; what the dead left undone is done.
    fn handshake(&self) -> Quick<bool> {
        let until = Instant::now() + LONG;
        while Instant::now() < until {
            if quiet::wait_for_changes(self.arena(), self.slot.off, self.me, PATIENCE)? {
                recover_all(self.arena(), self.me)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn beside_others(&mut self) -> Result<Collected> {
        let stopped =
            Collected { left: Some("a process is stopped in the middle of a change"), ..Collected::default() };
        let arena = self.slot.arena;
        let born = Tick(arena.header(word::TICK).fetch_add(1, SeqCst) + 1);
        if !self.handshake()? {
            return Ok(stopped);
        }
        let (mut census, mut report) = (Census::new(arena), Report::default());
        let (_, pages, _) = crate::heap::count_pages(arena);
        let mut walk = Walk::new(arena, &mut census, &mut report);
        for (name, atom) in self.domain.atoms()? {
            let version = atom.load()?;
            walk.atom = Some(name);
            walk.root(version.root(), atom.entry);
            while !walk.run(STEP) {
                (self.progress)(walk.blocks, walk.blocks.max(pages * 128));
            }
        }
        walk.atom = None;
        crash_point!("gc: marked");
        let mut suspects = Vec::new();
        let seen = self.look(&mut walk, |walk| {
            walk.run(u64::MAX);
            suspects = find_suspects(arena, walk.census, born);
        })?;
        if seen.is_none() {
            return Ok(stopped);
        }
        walk.run(u64::MAX);
        // What was on its way at the last look has a new header now, or none of these blocks' bits.
        if !self.handshake()? {
            return Ok(stopped);
        }
        if report.damaged > 0 {
            return Err(damaged(&report));
        }
        let mut collected = Collected::default();
        for suspect in suspects {
            if suspect.is_garbage(arena, &mut census) {
                self.slot.reserve_limbo(1)?;
                self.retire(suspect.off, suspect.header, suspect.bytes, &mut collected)?;
            }
        }
        Ok(collected)
    }

    /// Looks at what participants hold and what is in limbo as often as it takes, and waits for the changes under way before each time; does `first` after
    /// the first. The entries of limbo that it saw; none if a change does not end.
    fn look(&self, walk: &mut Walk<'_, '_>, mut first: impl FnMut(&mut Walk<'_, '_>)) -> Quick<Option<HashSet<u64>>> {
        let mut seen = HashSet::new();
        for look in 0..LOOKS {
            if !self.handshake()? {
                return Ok(None);
            }
            holdings::look_beside_others(self.arena(), walk, &mut seen);
            if look == 0 {
                first(walk);
            }
        }
        Ok(Some(seen))
    }

    /// Takes a block of a value that nothing reaches, and puts it to limbo.
    fn retire(&self, off: Off, header: BlockHeader, bytes: u64, collected: &mut Collected) -> Result<()> {
        let arena = self.arena();
        let gone = header.0 & !BlockHeader::EDGES_MAX | BlockHeader::MOVED;
        // From here on nobody can count an edge to it. AcqRel in effect: whoever tried before made this fail.
        if arena.word(off).compare_exchange(header.0, gone, SeqCst, Relaxed).is_ok() {
            crash_point!("gc: block taken");
            let tag = Tick(arena.header(word::TICK).load(Acquire)); // after it was taken
            self.slot.retire(Entry { off, deep: false, birth: header.birth(), tag })?;
            collected.blocks += 1;
            collected.bytes += bytes;
        }
        Ok(())
    }

    /// Everything at once, if nobody else takes part; `idle` are participants of this process that no thread has.
    fn alone(&mut self, collecting: &Collecting<'_>, idle: u64) -> Result<Option<Collected>> {
        let arena = self.slot.arena;
        let mine = holdings::slots(arena).filter(|s| s.get(0) == self.me.0).count() as u64;
        collecting.keep_alone(true);
        let mut alone = mine == idle + 1;
        for number in 0..chunks::entries(arena, List::Processes).count() as u64 {
            alone = alone && (number == self.me.process() || !arena.region().is_locked(number)?);
        }
        if !alone {
            collecting.keep_alone(false);
            return Ok(None);
        }
        recover_all(arena, self.me)?;
        let collected = self.set_right();
        collecting.keep_alone(false);
        collected.map(Some)
    }

    fn set_right(&mut self) -> Result<Collected> {
        let arena = self.slot.arena;
        self.slot.reserve_limbo(1)?;
        let (mut census, mut report) = (Census::new(arena), Report::default());
        let (_, pages, _) = crate::heap::count_pages(arena);
        let progress = &mut self.progress;
        let mut walk = Walk::new(arena, &mut census, &mut report);
        let marked = mark(arena, &mut walk, |done| {
            progress(done, done.max(pages * 128));
            true
        });
        let Some((current, _)) = marked else { return Ok(Collected::default()) };
        pages::look(arena, &census, &mut report, &current, &holdings::chunk_pages(arena));
        let mut garbage = Vec::new();
        let mut high = Vec::new();
        each_block(arena, &census, |block| {
            if block.at_hand {
                return;
            }
            let edges = block.header.edges();
            if !block.reached && !block.held {
                garbage.push((block.off, block.header, block.bytes));
            } else if edges > block.parents && edges != BlockHeader::EDGES_MAX {
                high.push((block.off, block.header, block.parents));
            }
        });
        pages::judge(arena, &census, &mut report);
        if report.damaged > 0 {
            return Err(damaged(&report));
        }
        let mut collected = Collected { alone: true, ..Collected::default() };
        for (off, header, parents) in high {
            let right = header.0 & !BlockHeader::EDGES_MAX | parents;
            arena.word(off).store(right, SeqCst); // we are alone
            collected.counts += 1;
        }
        crash_point!("gc: counts set");
        for (off, header, bytes) in garbage {
            if is_value(header) {
                self.slot.reserve_limbo(1)?;
                self.retire(off, header, bytes, &mut collected)?;
            } else {
                // Never part of a version: nobody reads it.
                release_any(arena, off);
                collected.blocks += 1;
                collected.bytes += bytes;
            }
        }
        // The pages once more, for the blocks of them that were just freed, and those that retiring took.
        let mut unused = Report::default();
        let mut current = Vec::new();
        holdings::slots(arena).for_each(|slot| holdings::pages_of(slot, &mut current));
        let found = pages::look(arena, &census, &mut unused, &current, &holdings::chunk_pages(arena));
        for page in found.lost {
            give_lost_page(arena, page);
            crash_point!("gc: page given back");
            collected.pages += 1;
        }
        for (page, class) in found.unlisted {
            release_page(arena, page, class);
            collected.pages += 1;
        }
        Ok(collected)
    }
}

fn is_value(header: BlockHeader) -> bool {
    !matches!(header.kind(), None | Some(Kind::Free | Kind::Name | Kind::Atom | Kind::Table | Kind::Chain))
}

fn release_any(arena: &Arena, off: Off) {
    match state_of(arena, off.0 / PAGE) {
        Ok(PageState::Current(c) | PageState::Listed(c) | PageState::Full(c)) => release_block(arena, off, c),
        Ok(PageState::Large(n)) => crate::heap::give_pages(arena, off.0 / PAGE, n),
        _ => {}
    }
}

fn each_block(arena: &Arena, census: &Census<'_>, mut each: impl FnMut(Found)) {
    let (start, end) = census.bounds();
    let mut number = start;
    while number < end {
        if !is_used(arena, number) || is_punched(arena, number) {
            number += 1;
            continue;
        }
        number += pages::blocks_of(arena, census, number, &mut each);
    }
}

/// A block that may be garbage.
struct Suspect {
    off: Off,
    header: BlockHeader,
    bytes: u64,
    refills: u64,
}

impl Suspect {
    fn is_garbage(&self, arena: &Arena, census: &mut Census<'_>) -> bool {
        let Ok(place) = census.find(self.off) else { return false };
        census.is_untouched(place)
            && refills(arena, self.off.0 / PAGE) == self.refills
            && arena.word(self.off).load(Acquire) == self.header.0 // the exchange looks once more
    }
}

fn find_suspects(arena: &Arena, census: &Census<'_>, born: Tick) -> Vec<Suspect> {
    let mut suspects = Vec::new();
    each_block(arena, census, |block| {
        let unseen = !block.reached && !block.held && !block.at_hand;
        let may_come_back = matches!(block.header.kind(), Some(Kind::Array | Kind::Records));
        if unseen && is_value(block.header) && !may_come_back && block.header.birth() < born {
            let refills = refills(arena, block.off.0 / PAGE);
            suspects.push(Suspect { off: block.off, header: block.header, bytes: block.bytes, refills });
        }
    });
    suspects
}

/// The protocol inside, for models.
#[cfg(all(shuttle, test))]
pub(crate) mod models {
    use super::*;
    use crate::reclaim::limbo::Bag;

    /// The entries of limbo that a collection sees; `begun` is called once it is announced.
    pub(crate) fn seen_in_limbo(domain: &Domain, begun: impl FnOnce()) -> HashSet<u64> {
        let inner = domain.inner();
        let participant = crate::atom::current_participant(inner).unwrap();
        let slot = participant.slot();
        let _active = slot.begin();
        let _collecting = Collecting::begin(&inner.arena, inner.owner).unwrap().unwrap();
        begun();
        let (mut census, mut report) = (Census::new(&inner.arena), Report::default());
        let mut walk = Walk::new(&inner.arena, &mut census, &mut report);
        let collector = Collector { domain, slot, me: inner.owner, progress: &mut |_, _| {} };
        collector.look(&mut walk, |_| {}).unwrap().unwrap()
    }

    /// The entries of limbo that the participant of this thread has.
    pub(crate) fn own_limbo(domain: &Domain) -> HashSet<u64> {
        let inner = domain.inner();
        let participant = crate::atom::current_participant(inner).unwrap();
        let bags = crate::reclaim::limbo::bags_of(participant.slot()).unwrap();
        let bags = bags.into_iter().map(|off| Bag::at(&inner.arena, off).unwrap());
        bags.flat_map(|bag| (0..bag.len()).map(move |i| bag.entry(i).off.0)).collect()
    }
}
