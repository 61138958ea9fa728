//! Making the nodes of a new version, with their edges counted by the rules of `spec/4-commit.md`.
//!
//! What is allocated, counted and going to be taken back stands in the journal before it matters, so that a lost exchange, an
//! error or a successor can undo it.

use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::heap::Slot;
use crate::layout::block::{BlockHeader, Kind, Tick, bytes_for};
use crate::layout::slot::{ONLY, journal, slot};
use crate::layout::{Off, Word};
use crate::reclaim::edges;
use crate::reclaim::limbo::Entry;
use crate::sync::Relaxed;

/// Why a build ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The base is no longer current: the commit is going to lose.
    Conflict,
    /// Anything else.
    Failed(Box<Error>),
}

impl From<Box<Error>> for Stop {
    fn from(e: Box<Error>) -> Stop {
        Stop::Failed(e)
    }
}

impl From<Error> for Stop {
    #[cold]
    fn from(e: Error) -> Stop {
        Stop::Failed(Box::new(e))
    }
}

pub(crate) type Built<T> = std::result::Result<T, Stop>;

/// How a node is copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// Its parent is copied in place, without a break from the atom's root: the copy takes its place. `survives`: the parent's
    /// old node stays alive, and with it this one.
    InPlace { survives: bool },
    /// The old node stays where it is, whatever becomes of it there.
    OutOfPlace,
}

/// A node that is being copied: does the old one stay alive, with its edges to its children?
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened {
    pub stays: bool,
    mode: Mode,
}

impl Opened {
    /// For nodes made from nothing: nothing is kept.
    pub const FRESH: Opened = Opened { stays: true, mode: Mode::OutOfPlace };

    /// For the root of an atom: what stands there is replaced.
    pub const ATOM: Opened = Opened { stays: false, mode: Mode::InPlace { survives: false } };

    /// How a child of it is copied.
    pub fn child_mode(self) -> Mode {
        match self.mode {
            Mode::InPlace { .. } => Mode::InPlace { survives: self.stays },
            Mode::OutOfPlace => Mode::OutOfPlace,
        }
    }
}

/// One build.
pub(crate) struct Build<'a> {
    pub slot: Slot<'a>,
    pub birth: Tick,
    /// Edges that are taken back after publication.
    pub drops: u64,
    /// Edges counted before.
    pub counted: u64,
    /// Blocks made; of a large one each 256 bytes.
    pub made: u64,
    /// The block made last, or the root if it was made before its children.
    last: Off,
}

impl<'a> Build<'a> {
    pub fn new(slot: Slot<'a>, birth: Tick) -> Build<'a> {
        Build { slot, birth, drops: 0, counted: 0, made: 0, last: Off::NONE }
    }
    pub fn arena(&self) -> &'a Arena {
        self.slot.arena
    }
    /// Is this root a block of this build? (Roots are made last, or say so.)
    pub fn is_fresh(&self, root: Word) -> bool {
        root.as_block() == Some(self.last)
    }
    /// A root was made before its children.
    pub fn root_is(&mut self, root: Off) {
        self.last = root;
    }

    /// Begins to copy the node at `off`. Its edges are read here, once: the answer decides everything below.
    #[inline(always)]
    pub fn open(&mut self, off: Off, mode: Mode) -> Built<Opened> {
        let stays = match mode {
            Mode::OutOfPlace => true,
            Mode::InPlace { survives } => {
                let stays = survives || edges::count(self.arena(), off)? > 1;
                if !survives {
                    self.drop_later(off, !stays)?;
                }
                stays
            }
        };
        Ok(Opened { stays, mode })
    }
    /// A child that the copy keeps: its edge passes to the copy, or is counted if the old node stays.
    #[inline]
    pub fn keep(&mut self, child: Word, old: Opened) -> Built<()> {
        match child.as_block() {
            Some(off) if old.stays => self.count(off),
            _ => Ok(()),
        }
    }
    /// The same for many.
    pub fn keep_all(&mut self, children: &[u64], old: Opened) -> Built<()> {
        if old.stays {
            for &child in children {
                self.keep(Word(child), old)?;
            }
        }
        Ok(())
    }
    /// A child that the copy does not keep: its edge is taken back after publication, unless the old node stays.
    #[inline]
    pub fn release(&mut self, child: Word, old: Opened) -> Built<()> {
        match child.as_block() {
            Some(off) if !old.stays => self.drop_later(off, false),
            _ => Ok(()),
        }
    }
    /// One more parent for a block of the base, or of this build.
    #[inline]
    pub fn count(&mut self, off: Off) -> Built<()> {
        if !edges::add(self.arena(), off)? {
            return Err(Stop::Conflict);
        }
        crash_point!("count: not in the journal");
        self.counted += 1;
        // After the increment: if we die in between, it stays too high.
        if let Err(e) = self.slot.journal_push(off.0 | journal::COUNTED) {
            self.slot.drop_edge(off, false, |_| Ok(()))?; // nobody will know that it was counted
            return Err(e.into());
        }
        crash_point!("count: in the journal");
        Ok(())
    }
    #[inline]
    fn drop_later(&mut self, off: Off, moved: bool) -> Built<()> {
        self.drops += 1;
        Ok(self.slot.journal_push(off.0 | if moved { journal::DROP_MOVED } else { journal::DROP })?)
    }

    /// A block for `words` payload words, with its header in place: one edge, to the parent it is going to get.
    #[inline(always)]
    pub fn alloc(&mut self, kind: Kind, words: u64) -> Built<Off> {
        let off = self.slot.alloc(bytes_for(words))?;
        crash_point!("build: block not in the journal");
        if let Err(e) = self.slot.journal_push(off.0 | journal::ALLOCATED) {
            self.slot.free(off)?; // nobody will know that it was allocated
            return Err(e.into());
        }
        self.last = off;
        self.made += 1 + words / 32;
        let header = BlockHeader::new(kind, 1, self.birth);
        self.arena().word(off).store(header.0, Relaxed); // private until published
        crash_point!("build: block has a header");
        Ok(off)
    }
    /// A block with this payload.
    #[inline]
    pub fn block(&mut self, kind: Kind, payload: &[u64]) -> Built<Off> {
        let off = self.alloc(kind, payload.len() as u64)?;
        self.arena().write(off.at(1), payload);
        Ok(off)
    }
    /// A block whose payload is `meta` and then bytes, padded with zeros.
    pub fn bytes_block(&mut self, kind: Kind, meta: &[u64], pieces: &[&[u8]]) -> Built<Off> {
        let len: usize = pieces.iter().map(|p| p.len()).sum();
        let words = meta.len() as u64 + (len as u64).div_ceil(8);
        let off = self.alloc(kind, words)?;
        self.arena().write(off.at(1), meta);
        self.arena()
            .word(off.at(words))
            .store(if words > meta.len() as u64 { 0 } else { meta[meta.len() - 1] }, Relaxed);
        let mut at = off.at(1 + meta.len() as u64);
        for piece in pieces {
            self.arena().write_bytes(at, piece);
            at = at.plus(piece.len() as u64);
        }
        Ok(off)
    }
}

/// Undoes a build that was never published, from the end of the journal: what was counted is taken back, what was allocated is
/// freed. Each entry is erased before it is undone. A successor does the same.
pub(crate) fn undo(of: Slot<'_>) -> Result<()> {
    let mut place = Default::default();
    let mut left = of.journal_len();
    while left > 0 {
        let entry = of.journal_get(left - 1, &mut place)?;
        left -= 1;
        let off = Off(entry & !journal::KIND);
        let erase = |_| {
            of.set(slot::JOURNAL_LEN, left);
            crash_point!("undo: entry erased");
            Ok(())
        };
        match entry & journal::KIND {
            journal::ALLOCATED => {
                erase(false)?;
                of.free(off)?;
            }
            journal::COUNTED => drop(of.drop_edge(off, false, erase)?),
            _ => erase(false)?,
        }
        crash_point!("undo: half done");
    }
    of.journal_clear()
}

/// Takes back the edges of what a published commit replaced, from where the cursor is. The cursor moves before the edge is
/// taken back. About how many blocks and elements went with what was dropped.
pub(crate) fn finish(of: Slot<'_>) -> Result<u64> {
    let done = finish_from(of, of.get(slot::CURSOR) & !ONLY);
    if done.is_err() {
        of.set(slot::CURSOR, of.get(slot::CURSOR) & !ONLY); // other entries may follow in the bag, so the record is good no longer
    }
    let dropped = done?;
    of.journal_clear()?;
    Ok(dropped)
}

#[inline(always)]
fn finish_from(of: Slot<'_>, first: u64) -> Result<u64> {
    let mut place = Default::default();
    let mut dropped = 0u64;
    for at in first..of.journal_len() {
        let Some((off, moved)) = replaced(of.journal_get(at, &mut place)?) else { continue };
        let done = of.drop_edge(off, moved, |only| {
            of.set(slot::CURSOR, (at + 1) | if only { ONLY } else { 0 });
            crash_point!("drop: cursor moved");
            Ok(())
        })?;
        dropped = dropped.saturating_add(done);
    }
    Ok(dropped)
}

/// The block whose edge an entry says is taken back after publication, and whether its children passed to its copy.
pub(crate) fn replaced(entry: u64) -> Option<(Off, bool)> {
    let off = Off(entry & !journal::KIND);
    match entry & journal::KIND {
        journal::DROP => Some((off, false)),
        journal::DROP_MOVED => Some((off, true)),
        _ => None,
    }
}

/// What the cursor leaves open: the index of the next entry, and a block that has to be retired before.
pub(crate) fn place_of_dead(dead: Slot<'_>) -> Result<(u64, Option<Entry>)> {
    let record = dead.get(slot::CURSOR);
    let next = record & !ONLY;
    if let Some(last) = next.checked_sub(1)
        && let Some((off, _)) = replaced(dead.journal_get(last, &mut Default::default())?)
    {
        return dead.doubt(record, off, slot::BAG_OPEN);
    }
    Ok((next, None))
}

/// The same as [`finish`] for a participant that died: it may have been taking an edge back.
pub(crate) fn finish_of_dead(dead: Slot<'_>) -> Result<()> {
    dead.reserve_limbo(dead.journal_len() + 1)?;
    let (next, loose) = place_of_dead(dead)?;
    match loose {
        Some(e) => dead.retire_recorded(e, |_| {
            dead.set(slot::CURSOR, next);
            Ok(())
        })?,
        None => dead.set(slot::CURSOR, next),
    }
    dead.close_full_bag()?;
    finish(dead).map(drop)
}
