//! What changed between two versions of a collection, at the cost of the difference: nodes that the two share are skipped.

use super::open::{Open, Root, open};
use super::ordered::{self, Tree};
use super::trail::Trail;
use super::trie::{Branch, Walk, most_nodes};
use super::{Type, View, equal, vector};
use crate::arena::Arena;
use crate::error::{Error, Result};
use crate::layout::trie::LEVELS;
use crate::layout::{Off, Word};
use std::ops::ControlFlow;

/// One difference between two maps.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Only the new map has the key.
    Added {
        /// The key.
        key: View<'a>,
        /// Its value.
        value: View<'a>,
    },
    /// Only the old map has the key.
    Removed {
        /// The key.
        key: View<'a>,
        /// The value it had.
        value: View<'a>,
    },
    /// Both have the key, with values that are not equal.
    Changed {
        /// The key, as the new map has it.
        key: View<'a>,
        /// The value it had.
        old: View<'a>,
        /// The value it has.
        new: View<'a>,
    },
}

/// One difference between two sets.
#[derive(Clone, Copy, Debug)]
pub enum SetChange<'a> {
    /// Only the new set has it.
    Added(View<'a>),
    /// Only the old set has it.
    Removed(View<'a>),
}

/// Calls `f` for each key that was added, removed, or has got another value, in no particular order. Costs about what changed
/// if both maps are of one domain, else a look-up of every key. An error if one is not a map, or from `f`.
pub fn diff_maps<'a>(old: View<'a>, new: View<'a>, f: impl FnMut(Change<'a>) -> Result<()>) -> Result<()> {
    diff_maps_by(old, new, false, f)
}

/// The same. With `exact`, values of one domain that are equal but not one word (of other metadata, `1.0M` and `1.00M`) differ.
pub(crate) fn diff_maps_by<'a>(
    old: View<'a>,
    new: View<'a>,
    exact: bool,
    mut f: impl FnMut(Change<'a>) -> Result<()>,
) -> Result<()> {
    if (old.type_of()?, new.type_of()?) != (Type::Map, Type::Map) {
        return Err(Error::value("only two maps can be compared entry by entry; one of these is no map"));
    }
    let word = |arena: &'a Arena, entry: &[u64], i: usize| View::new(arena, Word(entry[i]));
    let mut report = |a: Option<&[u64]>, b: Option<&[u64]>| {
        let (o, n) = (old.arena, new.arena);
        match (a, b) {
            (Some(a), Some(b)) => f(Change::Changed { key: word(n, b, 0), old: word(o, a, 1), new: word(n, b, 1) }),
            (Some(a), None) => f(Change::Removed { key: word(o, a, 0), value: word(o, a, 1) }),
            (None, Some(b)) => f(Change::Added { key: word(n, b, 0), value: word(n, b, 1) }),
            (None, None) => Ok(()),
        }
    };
    match Shared::of(old, new)? {
        Shared::Tries(x, y) => {
            let counts = (x.count, y.count);
            return Diff::<2, _> { arena: old.arena, counts, nodes_left: 0, exact, report }.run(x, y);
        }
        Shared::Trees(x, y) => {
            return ordered::unshared(x, y, |a, b| {
                if let (Some(a), Some(b)) = (a, b) {
                    let (old, new) = (word(old.arena, a, 1), word(new.arena, b, 1));
                    if old.word == new.word || !exact && equal::values(old, new, Trail::START)? {
                        return Ok(true);
                    }
                }
                report(a, b).map(|()| true).map_err(Into::into)
            })
            .map_err(Into::into);
        }
        Shared::Nothing => {}
    }
    for entry in old.entries()? {
        let (key, value) = entry?;
        let entry = [key.word.0, value.word.0];
        match new.find_entry(key)? {
            None => report(Some(&entry), None)?,
            Some((k, v)) if !equal::values(value, v, Trail::START)? => {
                report(Some(&entry), Some(&[k.word.0, v.word.0]))?;
            }
            Some(_) => {}
        }
    }
    for entry in new.entries()? {
        let (key, value) = entry?;
        if !old.contains(key)? {
            report(None, Some(&[key.word.0, value.word.0]))?;
        }
    }
    Ok(())
}

/// What two maps, or two sets, may have in common.
enum Shared<'a> {
    Tries(Root, Root),
    Trees(Tree<'a>, Tree<'a>),
    /// They are of two domains, or of two kinds.
    Nothing,
}

impl<'a> Shared<'a> {
    fn of(old: View<'a>, new: View<'a>) -> Result<Shared<'a>> {
        if !std::ptr::eq(old.arena, new.arena) {
            return Ok(Shared::Nothing);
        }
        Ok(match (open(old.arena, old.word)?, open(new.arena, new.word)?) {
            (Open::Map(x), Open::Map(y)) | (Open::Set(x), Open::Set(y)) => Shared::Tries(x, y),
            (Open::Sorted(x), Open::Sorted(y)) if x.kind == y.kind => Shared::Trees(x, y),
            _ => Shared::Nothing,
        })
    }
}

/// Calls `f` for each element that was added or removed, in no particular order. Costs as [`diff_maps`].
pub fn diff_sets<'a>(old: View<'a>, new: View<'a>, mut f: impl FnMut(SetChange<'a>) -> Result<()>) -> Result<()> {
    if (old.type_of()?, new.type_of()?) != (Type::Set, Type::Set) {
        return Err(Error::value("only two sets can be compared element by element; one of these is no set"));
    }
    let view = |entry: &[u64]| View::new(old.arena, Word(entry[0]));
    let mut report = |a: Option<&[u64]>, b: Option<&[u64]>| match (a, b) {
        (Some(a), None) => f(SetChange::Removed(view(a))),
        (None, Some(b)) => f(SetChange::Added(view(b))),
        _ => Ok(()),
    };
    match Shared::of(old, new)? {
        Shared::Tries(x, y) => {
            let counts = (x.count, y.count);
            return Diff::<1, _> { arena: old.arena, counts, nodes_left: 0, exact: false, report }.run(x, y);
        }
        Shared::Trees(x, y) => {
            return ordered::unshared(x, y, |a, b| report(a, b).map(|()| true).map_err(Into::into)).map_err(Into::into);
        }
        Shared::Nothing => {}
    }
    for element in old.elements()? {
        let element = element?;
        if !new.contains(element)? {
            f(SetChange::Removed(element))?;
        }
    }
    for element in new.elements()? {
        let element = element?;
        if !old.contains(element)? {
            f(SetChange::Added(element))?;
        }
    }
    Ok(())
}

/// Calls `f` with each index at which the elements are not equal, in order: what was there, and what is; `None` past the end.
/// Costs about what changed if both vectors are of one domain (an insertion at the front changes every index), else all.
pub fn diff_vectors<'a>(
    old: View<'a>,
    new: View<'a>,
    f: impl FnMut(u64, Option<View<'a>>, Option<View<'a>>) -> Result<()>,
) -> Result<()> {
    diff_vectors_by(old, new, false, f)
}

/// The same. With `exact`, elements of one domain that are equal but not one word differ.
pub(crate) fn diff_vectors_by<'a>(
    old: View<'a>,
    new: View<'a>,
    exact: bool,
    mut f: impl FnMut(u64, Option<View<'a>>, Option<View<'a>>) -> Result<()>,
) -> Result<()> {
    let (Open::Vector(x), Open::Vector(y)) = (open(old.arena, old.word)?, open(new.arena, new.word)?) else {
        return Err(Error::value("only two vectors can be compared index by index; one of these is no vector"));
    };
    if std::ptr::eq(old.arena, new.arena) && old.word == new.word {
        return Ok(());
    }
    let _: ControlFlow<()> = vector::unshared(x, y, |start, xs, ys| {
        for i in 0..xs.len().max(ys.len()) {
            let a = xs.get(i).map(|&w| View::new(old.arena, Word(w)));
            let b = ys.get(i).map(|&w| View::new(new.arena, Word(w)));
            if let (Some(a), Some(b)) = (a, b)
                && (a.word == b.word || !exact && equal::values(a, b, Trail::START)?)
            {
                continue;
            }
            f(start + i as u64, a, b)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

/// Two tries of one arena, and whom to tell of their differences: an entry of the old one, of the new one, or one of each.
struct Diff<'a, const PER: usize, F> {
    arena: &'a Arena,
    counts: (u64, u64),
    nodes_left: u64,
    /// Values differ unless they are one word.
    exact: bool,
    report: F,
}

impl<'a, const PER: usize, F: FnMut(Option<&'a [u64]>, Option<&'a [u64]>) -> Result<()>> Diff<'a, PER, F> {
    fn run(mut self, old: Root, new: Root) -> Result<()> {
        if old.off == new.off {
            return Ok(());
        }
        self.nodes_left = most_nodes(old.count.saturating_add(new.count));
        let arena = self.arena;
        let read =
            |root: Root| if root.count == 0 { Ok(Branch::EMPTY) } else { Branch::<PER>::read(arena, root.off, 0) };
        // Two nodes at each level, and the positions in them that are still to be looked at.
        let mut stack = [(Branch::<PER>::EMPTY, Branch::<PER>::EMPTY, 0u32); LEVELS];
        let top = (read(old)?, read(new)?);
        stack[0] = (top.0, top.1, top.0.positions() | top.1.positions());
        let mut level = 0;
        loop {
            let (a, b, positions) = &mut stack[level];
            if *positions == 0 {
                if level == 0 {
                    return Ok(());
                }
                level -= 1;
                continue;
            }
            let bit = *positions & positions.wrapping_neg();
            *positions &= !bit;
            let (a, b) = (*a, *b);
            match (a.node(bit), b.node(bit)) {
                ([x], [y]) if x == y => {}
                ([x], [y]) => {
                    self.nodes_left = self.nodes_left.checked_sub(1).ok_or(CYCLE)?;
                    level += 1;
                    let (a, b) = (Branch::read_word(arena, *x, level)?, Branch::read_word(arena, *y, level)?);
                    if level == LEVELS {
                        level -= 1;
                        self.equal_hashes(a, b)?;
                    } else {
                        stack[level] = (a, b, a.positions() | b.positions());
                    }
                }
                ([], below) => self.old_entry(a.entry(bit), b.entry(bit), below, level + 1)?,
                (below, _) => self.new_entry(b.entry(bit), below, level + 1)?,
            }
        }
    }

    /// At this place the old trie has an entry or nothing, the new one an entry, nodes or nothing.
    fn old_entry(&mut self, old: &'a [u64], new: &'a [u64], below: &'a [u64], level: usize) -> Result<()> {
        let mut found = old.is_empty();
        let mut next = Some(new);
        let mut walk = Walk::<PER>::part(self.arena, below, level, self.counts.1, self.nodes_left);
        while let Some(entries) = next {
            for entry in entries.chunks_exact(PER) {
                if !found && self.same(old[0], entry[0])? {
                    found = true;
                    self.value(old, entry)?;
                } else {
                    (self.report)(None, Some(entry))?;
                }
            }
            next = walk.next()?;
        }
        self.nodes_left = walk.nodes_left;
        if found { Ok(()) } else { (self.report)(Some(old), None) }
    }

    /// At this place the old trie has nodes, the new one an entry or nothing.
    fn new_entry(&mut self, new: &'a [u64], below: &'a [u64], level: usize) -> Result<()> {
        let mut found = new.is_empty();
        let mut walk = Walk::<PER>::part(self.arena, below, level, self.counts.0, self.nodes_left);
        while let Some(entries) = walk.next()? {
            for entry in entries.chunks_exact(PER) {
                if !found && self.same(entry[0], new[0])? {
                    found = true;
                    self.value(entry, new)?;
                } else {
                    (self.report)(Some(entry), None)?;
                }
            }
        }
        self.nodes_left = walk.nodes_left;
        if found { Ok(()) } else { (self.report)(None, Some(new)) }
    }

    fn equal_hashes(&mut self, old: Branch<'a, PER>, new: Branch<'a, PER>) -> Result<()> {
        for a in old.entries.chunks_exact(PER) {
            match self.among(a, new)? {
                Some(b) => self.value(a, b)?,
                None => (self.report)(Some(a), None)?,
            }
        }
        for b in new.entries.chunks_exact(PER) {
            if self.among(b, old)?.is_none() {
                (self.report)(None, Some(b))?;
            }
        }
        Ok(())
    }

    fn among(&self, entry: &[u64], branch: Branch<'a, PER>) -> Result<Option<&'a [u64]>> {
        for other in branch.entries.chunks_exact(PER) {
            if self.same(entry[0], other[0])? {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// Two entries of one key.
    fn value(&mut self, old: &'a [u64], new: &'a [u64]) -> Result<()> {
        if PER == 1 || old[1] == new[1] || !self.exact && self.same(old[1], new[1])? {
            Ok(())
        } else {
            (self.report)(Some(old), Some(new))
        }
    }

    fn same(&self, a: u64, b: u64) -> Result<bool> {
        equal::values(View::new(self.arena, Word(a)), View::new(self.arena, Word(b)), Trail::START)
    }
}

const CYCLE: Error =
    Error::Corrupt { offset: Off::NONE.0, what: "maps or sets with as many entries as their counts say" };
