//! Edge counts: how many parents a block has. The rules are those of `spec/4-commit.md`.

use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::layout::{BlockHeader, Off, Tick};
use crate::sync::{AcqRel, Acquire, Relaxed, bring_in};

/// What a decrement found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Dropped {
    /// It was the last edge: whoever gets this retires the block.
    pub zero: bool,
    /// Its children passed to a copy: it is retired alone.
    pub moved: bool,
    /// It had more than one parent at some time.
    pub shared: bool,
    /// When it was born.
    pub birth: Tick,
}

/// One more parent. False if the block has none or its children have passed to a copy: then the version it was read from is
/// no longer current, and a commit on that version is going to lose.
#[inline]
pub(crate) fn add(arena: &Arena, off: Off) -> Result<bool> {
    arena.check(off, 16)?;
    let word = arena.word(off);
    let mut before = word.load(Relaxed);
    loop {
        let header = BlockHeader(before);
        if header.edges() == 0 || header.has(BlockHeader::MOVED) {
            return Ok(false);
        }
        // A count at its ceiling stays there.
        let more = u64::from(header.edges() < BlockHeader::EDGES_MAX);
        // AcqRel: the count orders this use of the block before the decrement that retires it.
        match word.compare_exchange_weak(before, (before + more) | BlockHeader::SHARED, AcqRel, Relaxed) {
            Ok(_) => return Ok(true),
            Err(now) => before = now,
        }
    }
}

/// One parent less; with `moved`, the same step marks that the children passed to a copy.
///
/// `record` is called before each try, so that a successor does not do it again. It is told whether the block never had another parent: then a
/// successor can see whether it was done, since nobody else can reach the count. Else the block is there for writing before.
#[inline(always)]
pub(crate) fn take_back(arena: &Arena, off: Off, moved: bool, record: impl Fn(bool) -> Result<()>) -> Result<Dropped> {
    if let Err(e) = arena.check(off, 16) {
        record(false)?;
        return Err(e);
    }
    let word = arena.word(off);
    let mut before = word.load(Relaxed);
    loop {
        let header = BlockHeader(before);
        if header.edges() == 0 {
            record(false)?;
            return Err(Error::corrupt(off, "a block with a parent"));
        }
        let only = header.edges() == 1 && !header.has(BlockHeader::SHARED);
        if !only && let Err(now) = bring_in(word, before) {
            before = now;
            continue;
        }
        record(only)?;
        let less = u64::from(header.edges() < BlockHeader::EDGES_MAX);
        let after = (before - less) | if moved { BlockHeader::MOVED } else { 0 };
        // AcqRel: what this parent did with the block comes before its retirement, whoever retires it.
        match word.compare_exchange_weak(before, after, AcqRel, Relaxed) {
            Ok(_) => {
                let after = BlockHeader(after);
                return Ok(Dropped {
                    zero: after.edges() == 0,
                    moved: after.has(BlockHeader::MOVED),
                    shared: after.has(BlockHeader::SHARED),
                    birth: after.birth(),
                });
            }
            Err(now) => before = now,
        }
    }
}

/// How many parents, right now.
#[inline]
pub(crate) fn count(arena: &Arena, off: Off) -> Result<u64> {
    arena.check(off, 16)?;
    Ok(BlockHeader(arena.word(off).load(Acquire)).edges())
}

/// Marks a root as published, before anybody may replace it.
#[inline]
pub(crate) fn mark_published(arena: &Arena, off: Off) -> Result<()> {
    arena.check(off, 16)?;
    // Release: the mark is there before the exchange of the root word that follows.
    arena.word(off).fetch_or(BlockHeader::PUBLISHED, AcqRel);
    Ok(())
}
