//! Ordered trees (sorted maps and sets, integer maps): B+ trees whose nodes say how many entries are in each of their children, so
//! that the number of an entry leads to it, and a key to its number.

use super::key::Key;
use super::order::Measure;
use crate::arena::{Arena, Node};
use crate::error::{Error, Quick as Result};
use crate::layout::trie::ordered_parts;
use crate::layout::word::Immediate;
use crate::layout::{Kind, Off, Word};
use std::cmp::Ordering;

/// An ordered tree whose root was checked; one without entries has no root.
#[derive(Clone, Copy)]
pub(crate) struct Tree<'a> {
    pub arena: &'a Arena,
    pub kind: Kind,
    pub count: u64,
    pub off: Off,
}

/// A node of an ordered tree, divided.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub level: u64,
    /// Of a leaf: the words of its entries. Else the words of the nodes below.
    pub words: &'a [u64],
    /// How many entries are in the nodes below up to and with each.
    pub sums: &'a [u64],
    /// The first key of each node below, but of the first.
    pub keys: &'a [u64],
}

impl<'a> Part<'a> {
    pub fn of(node: &Node<'a>) -> Part<'a> {
        let (n, level) = ordered_parts(node.words[0]);
        let n = n as usize;
        if level == 0 {
            return Part { level, words: &node.words[1..], sums: &[], keys: &[] };
        }
        let (sums, rest) = node.words[1..].split_at(n);
        let (keys, words) = rest.split_at(n - 1);
        Part { level, words, sums, keys }
    }
    /// Entries in it and below.
    #[inline]
    pub fn count(&self, width: usize) -> u64 {
        match self.sums.last() {
            Some(&sum) => sum,
            None => (self.words.len() / width) as u64,
        }
    }
    /// Which node below has entry `i`, and the number of its first entry.
    #[inline]
    pub fn below(&self, i: u64) -> (usize, u64) {
        let at = self.sums.partition_point(|&sum| sum <= i);
        (at, if at == 0 { 0 } else { self.sums[at - 1] })
    }
}

/// Words of an entry of a node of this kind.
#[inline]
pub(crate) fn width(kind: Kind) -> usize {
    if kind == Kind::SortedSet { 1 } else { 2 }
}

/// Where a key stands.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    /// How many entries come before it.
    pub rank: u64,
    /// Its entry, if it is there.
    pub entry: Option<&'a [u64]>,
}

impl<'a> Tree<'a> {
    pub fn empty(arena: &'a Arena, kind: Kind) -> Tree<'a> {
        Tree { arena, kind, count: 0, off: Off::NONE }
    }
    pub fn is_set(&self) -> bool {
        self.kind == Kind::SortedSet
    }
    pub fn width(&self) -> usize {
        width(self.kind)
    }
    #[inline]
    fn root(&self) -> Result<Part<'a>> {
        Ok(Part::of(&self.arena.node_of(self.off, self.kind)?))
    }
    /// Number `at` of the nodes below `part`.
    #[inline]
    fn enter(&self, part: &Part<'a>, at: usize) -> Result<Part<'a>> {
        let word = Word(*part.words.get(at).ok_or_else(|| self.corrupt())?);
        let off = word.as_block().ok_or_else(|| self.corrupt())?;
        // A search looks at some of these lines, and which is known only when the ones before have come.
        for line in 1..8 {
            self.arena.prefetch(off.plus(64 * line));
        }
        let below = Part::of(&self.arena.node_of(off, self.kind)?);
        if below.level + 1 == part.level {
            Ok(below)
        } else {
            Err(Error::corrupt(off, "a node of an ordered tree of its level"))
        }
    }
    /// The leaf that holds entry `i`, which is below the count: the number of its first entry, and the words of all. At most one
    /// step for each level.
    pub fn leaf(&self, i: u64) -> Result<(u64, &'a [u64])> {
        let (mut part, mut start) = (self.root()?, 0);
        while part.level > 0 {
            let (at, before) = part.below(i.wrapping_sub(start));
            part = self.enter(&part, at)?;
            start = start.wrapping_add(before);
        }
        if i.wrapping_sub(start) < (part.words.len() / self.width()) as u64 {
            Ok((start, part.words))
        } else {
            Err(self.corrupt())
        }
    }
    /// Entry `i`, which is below the count.
    pub fn entry(&self, i: u64) -> Result<&'a [u64]> {
        let (start, words) = self.leaf(i)?;
        let width = self.width();
        Ok(&words[(i - start) as usize * width..][..width])
    }
    /// Where this key stands. Costs a step for each level and about two comparisons for each doubling of the entries.
    #[inline]
    pub fn find(&self, key: &Key<'_>) -> Result<Found<'a>> {
        if self.count == 0 {
            return Ok(Found { rank: 0, entry: None });
        }
        let (measure, width) = (Measure::new(key), self.width());
        let (mut part, mut rank) = (self.root()?, 0);
        while part.level > 0 {
            let at = self.search(&measure, part.keys, 1)?;
            let at = at.map_or_else(|at| at, |at| at + 1);
            if at > 0 {
                rank = part.sums[at - 1].wrapping_add(rank);
            }
            part = self.enter(&part, at)?;
        }
        Ok(match self.search(&measure, part.words, width)? {
            Ok(at) => Found { rank: rank.wrapping_add(at as u64), entry: Some(&part.words[at * width..][..width]) },
            Err(at) => Found { rank: rank.wrapping_add(at as u64), entry: None },
        })
    }
    /// The number of the key among those at every `step`-th word that it is the same as; else of the first that comes behind it.
    #[inline]
    fn search(
        &self,
        measure: &Measure<'_, '_>,
        words: &[u64],
        step: usize,
    ) -> Result<std::result::Result<usize, usize>> {
        if let Some(at) = measure.small_int().and_then(|key| search_integers(key, words, step)) {
            return Ok(at);
        }
        let (mut from, mut to) = (0, words.len() / step);
        while from < to {
            let middle = (from + to) / 2;
            // One of these two is next: where keys are blocks, it comes while this one is compared.
            for next in [(from + middle) / 2, (middle + 1 + to) / 2] {
                if let Some(off) = words.get(next * step).and_then(|&word| Word(word).as_block()) {
                    self.arena.prefetch(off);
                }
            }
            match measure.place(self.arena, Word(words[middle * step]))? {
                Ordering::Less => from = middle + 1,
                Ordering::Greater => to = middle,
                Ordering::Equal => return Ok(Ok(middle)),
            }
        }
        Ok(Err(from))
    }
    #[cold]
    pub fn corrupt(&self) -> Box<Error> {
        Error::corrupt(self.off, "an ordered tree with as many entries as its counts say")
    }
}

/// The same for an integer among words that are integers, without a jump that depends on them; `None` if one is something else.
#[inline]
fn search_integers(key: i64, words: &[u64], step: usize) -> Option<std::result::Result<usize, usize>> {
    let (mut at, mut size) = (0, words.len() / step);
    if size == 0 {
        return Some(Err(0));
    }
    while size > 1 {
        let half = size / 2;
        let word = Word(words[(at + half) * step]);
        let Immediate::Int(i) = word.decode() else { return None };
        at = if i <= key { at + half } else { at };
        size -= half;
    }
    let Immediate::Int(i) = Word(words[at * step]).decode() else { return None };
    Some(match i.cmp(&key) {
        Ordering::Equal => Ok(at),
        Ordering::Less => Err(at + 1),
        Ordering::Greater => Err(at),
    })
}

/// The first or the last key in and below a node at `level`.
pub(crate) fn outermost(arena: &Arena, kind: Kind, mut off: Off, level: u64, first: bool) -> Result<Word> {
    for level in (0..=level).rev() {
        let part = Part::of(&arena.node_of(off, kind)?);
        if part.level != level {
            break;
        }
        let at = if first { 0 } else { part.words.len() - if level == 0 { width(kind) } else { 1 } };
        let word = Word(part.words[at]);
        if level == 0 {
            return Ok(word);
        }
        match word.as_block() {
            Some(below) => off = below,
            None => break,
        }
    }
    Err(Error::corrupt(off, "a node of an ordered tree of its level"))
}

/// The entries of an ordered tree from one number to another, leaf by leaf, up or down.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    tree: Tree<'a>,
    from: u64,
    to: u64,
    down: bool,
}

impl<'a> Cursor<'a> {
    pub fn new(tree: Tree<'a>, from: u64, to: u64, down: bool) -> Cursor<'a> {
        let to = to.min(tree.count);
        Cursor { tree, from: from.min(to), to, down }
    }
    /// Entries in leaves that were not given out yet.
    pub fn left(&self) -> u64 {
        self.to - self.from
    }
    pub fn is_down(&self) -> bool {
        self.down
    }
    pub fn stop(&mut self) {
        self.from = self.to;
    }
    /// The next entries that stand together, in rising order also on the way down; `None` at the end.
    #[inline]
    pub fn next(&mut self) -> Result<Option<&'a [u64]>> {
        if self.from >= self.to {
            return Ok(None);
        }
        let width = self.tree.width();
        let (start, words) = self.tree.leaf(if self.down { self.to - 1 } else { self.from })?;
        let end = start + (words.len() / width) as u64;
        let (a, b) = (start.max(self.from), end.min(self.to));
        if self.down {
            self.to = a
        } else {
            self.from = b
        }
        Ok(Some(&words[(a - start) as usize * width..(b - start) as usize * width]))
    }
}

/// One of two trees of one arena, on the way through both.
struct Side<'a> {
    tree: Tree<'a>,
    /// Nodes still to be entered, and their level; the next one last.
    nodes: Vec<(u64, u64)>,
    entries: &'a [u64],
    /// Entries that may still be met.
    left: u64,
}

impl<'a> Side<'a> {
    fn new(tree: Tree<'a>) -> Result<Side<'a>> {
        let nodes = if tree.count == 0 { vec![] } else { vec![(tree.off.0, tree.root()?.level)] };
        Ok(Side { tree, nodes, entries: &[], left: tree.count })
    }
    /// The next node, if no entries are at hand.
    fn node(&self) -> Option<(u64, u64)> {
        if self.entries.is_empty() { self.nodes.last().copied() } else { None }
    }
    fn skip(&mut self) -> Result<()> {
        if let Some((word, _)) = self.nodes.pop() {
            let off = Word(word).as_block().ok_or_else(|| self.tree.corrupt())?;
            let part = Part::of(&self.tree.arena.node_of(off, self.tree.kind)?);
            self.left = self.left.checked_sub(part.count(self.tree.width())).ok_or_else(|| self.tree.corrupt())?;
        }
        Ok(())
    }
    fn expand(&mut self) -> Result<()> {
        let Some((word, level)) = self.nodes.pop() else { return Ok(()) };
        let off = Word(word).as_block().ok_or_else(|| self.tree.corrupt())?;
        let part = Part::of(&self.tree.arena.node_of(off, self.tree.kind)?);
        if part.level != level {
            return Err(self.tree.corrupt());
        }
        if level == 0 {
            let n = part.count(self.tree.width());
            self.left = self.left.checked_sub(n).ok_or_else(|| self.tree.corrupt())?;
            self.entries = part.words;
        } else {
            self.nodes.extend(part.words.iter().rev().map(|&word| (word, level - 1)));
        }
        Ok(())
    }
    fn pop(&mut self) -> &'a [u64] {
        let (entry, rest) = self.entries.split_at(self.tree.width());
        self.entries = rest;
        entry
    }
}

/// Calls `f` with the entries of two trees of one arena and one width in the order of their keys: with both for a key that both have,
/// else with one. What stands in nodes that the two share is left out, so that it costs about the difference. Stops when `f`
/// says false.
pub(crate) fn unshared<'a>(
    a: Tree<'a>,
    b: Tree<'a>,
    mut f: impl FnMut(Option<&'a [u64]>, Option<&'a [u64]>) -> Result<bool>,
) -> Result<()> {
    let (mut x, mut y) = (Side::new(a)?, Side::new(b)?);
    loop {
        match (x.node(), y.node()) {
            (Some((p, _)), Some((q, _))) if p == q => {
                x.skip()?;
                y.skip()?;
                continue;
            }
            (Some((_, i)), Some((_, j))) => {
                if i >= j {
                    x.expand()?;
                }
                if j >= i {
                    y.expand()?;
                }
                continue;
            }
            (Some(_), None) => {
                x.expand()?;
                continue;
            }
            (None, Some(_)) => {
                y.expand()?;
                continue;
            }
            (None, None) => {}
        }
        let order = match (x.entries, y.entries) {
            ([], []) => return Ok(()),
            (_, []) => Ordering::Less,
            ([], _) => Ordering::Greater,
            ([p, ..], [q, ..]) if p == q => Ordering::Equal,
            ([p, ..], [q, ..]) => {
                let key = Key::View(super::View::new(a.arena, Word(*q)));
                Measure::new(&key).place(a.arena, Word(*p))?
            }
        };
        let old = (order != Ordering::Greater).then(|| x.pop());
        let new = (order != Ordering::Less).then(|| y.pop());
        if !f(old, new)? {
            return Ok(());
        }
    }
}
