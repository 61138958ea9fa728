//! Vectors: a 32-way radix trie with a tail, the root holding the tail and the top of the trie. Up to 32 elements stand in the
//! root itself.
//!
//! A batch (keep a prefix, set some of its elements, append others) takes the old trie apart as far as it changes, into whole
//! subtrees that are kept and single elements, and puts the new one together from these: aligned subtrees fit where they were. If all full
//! leaves stay in their places only the nodes on the way to what changed are copied.

use crate::arena::Node;
use crate::error::Error;
use crate::layout::trie::{FANOUT, height, span, tail_start};
use crate::layout::{Kind, Off, Word};
use crate::patch::build::{Build, Built, Mode, Opened};
use crate::patch::plan::{Plan, place};
use crate::sync::Relaxed;

/// What a vector becomes.
pub(crate) struct Batch {
    /// Elements of the old vector that stay, from the first.
    pub keep: u64,
    /// Changes of those, sorted by index, each index once.
    pub sets: Vec<(u64, Plan)>,
    /// Appended words, their edges counted.
    pub push: Vec<Word>,
}

/// A part of the old vector that goes into the new one.
enum Piece {
    /// A whole subtree; leaves are at level 0.
    Node { start: u64, level: u32, word: Word },
    /// Elements of a leaf that changed.
    Elements { start: u64, words: Vec<u64> },
}

impl Piece {
    fn start(&self) -> u64 {
        match self {
            Piece::Node { start, .. } | Piece::Elements { start, .. } => *start,
        }
    }
}

struct Job<'b, 'a> {
    b: &'b mut Build<'a>,
    old_count: u64,
    new_count: u64,
    keep: u64,
    sets: Vec<(u64, Option<Plan>)>,
    pieces: std::collections::VecDeque<Piece>,
    push: std::vec::IntoIter<Word>,
}

/// Changes the vector at `old` (or makes one), and gives the new root.
pub(crate) fn update(b: &mut Build<'_>, old: Option<(Off, Mode)>, mut batch: Batch) -> Built<Word> {
    if let Some((off, mode)) = old {
        let root = root(b, off, batch.keep)?;
        let new_count = batch.keep + batch.push.len() as u64;
        if batch.keep == root.words[0] && tail_start(new_count) == tail_start(batch.keep) {
            let new = copy_root(b, root, mode, &mut batch)?;
            b.root_is(new);
            return Ok(Word::block(new));
        }
    }
    let mut job = Job {
        b,
        old_count: 0,
        new_count: batch.keep + batch.push.len() as u64,
        keep: batch.keep,
        sets: batch.sets.into_iter().map(|(i, plan)| (i, Some(plan))).collect(),
        pieces: Default::default(),
        push: batch.push.into_iter(),
    };
    if let Some((off, mode)) = old {
        job.take_apart(off, mode)?;
    }
    job.put_together()
}

/// The root of a vector of so many elements at least.
fn root<'a>(b: &Build<'a>, off: Off, least: u64) -> Built<Node<'a>> {
    let node = b.arena().node_of(off, Kind::VectorRoot)?;
    if node.words[0] < least {
        return Err(Error::corrupt(off, "the root of a vector").into());
    }
    Ok(node)
}

/// The most frequent changes leave all full leaves in their places: some elements are set anew, the tail takes what is appended. So the nodes
/// on the way are copied as they are, from the top down.
fn copy_root(b: &mut Build<'_>, node: Node<'_>, mode: Mode, batch: &mut Batch) -> Built<Off> {
    let opened = b.open(node.off, mode)?;
    let (count, children) = (node.words[0], node.children());
    let new_count = count + batch.push.len() as u64;
    let sets = &mut batch.sets[..];
    if count <= FANOUT {
        if children.len() as u64 != count {
            return Err(Error::corrupt(node.off, "a vector with as many children as its count asks for").into());
        }
        let copy = b.alloc(Kind::VectorRoot, 2 + new_count)?;
        b.arena().write(copy.at(1), &[new_count, new_count]);
        fill_leaf(b, copy.at(3), children, sets, &batch.push, opened)?;
        return Ok(copy);
    }
    let copy = b.alloc(Kind::VectorRoot, node.shape.words)?;
    b.arena().write(copy.at(1), node.words);
    b.arena().word(copy.at(1)).store(new_count, Relaxed); // private
    let tail = tail_start(count);
    let (before, behind) = sets.split_at_mut(sets.partition_point(|set| set.0 < tail));
    if behind.is_empty() && batch.push.is_empty() {
        b.keep(Word(children[0]), opened)?;
    } else {
        let leaf = copy_node(b, Word(children[0]), 0, opened, behind, &batch.push)?;
        b.arena().word(copy.at(3)).store(leaf.0, Relaxed); // private
    }
    copy_below(b, copy.at(4), &children[1..], height(tail), opened, before)?;
    Ok(copy)
}

/// A copy of the node at `level`, with elements below it set anew; a leaf may get some more.
fn copy_node(
    b: &mut Build<'_>,
    word: Word,
    level: u32,
    parent: Opened,
    sets: &mut [(u64, Plan)],
    push: &[Word],
) -> Built<Off> {
    let off = word.as_block().ok_or_else(|| Error::corrupt(Off(word.0), "a node of a vector"))?;
    let kind = if level == 0 { Kind::VectorLeaf } else { Kind::VectorNode };
    let node = b.arena().node_of(off, kind)?;
    let opened = b.open(off, parent.child_mode())?;
    let children = node.children();
    let n = (children.len() + push.len()) as u64;
    if n > FANOUT {
        return Err(Error::corrupt(off, "a leaf of as many elements as the count asks for").into());
    }
    let copy = b.alloc(kind, 1 + n)?;
    b.arena().write(copy.at(1), &[n]);
    if level == 0 {
        fill_leaf(b, copy.at(2), children, sets, push, opened)?;
    } else {
        b.arena().write(copy.at(2), children);
        copy_below(b, copy.at(2), children, level, opened, sets)?;
    }
    Ok(copy)
}

/// Puts copies of those children of a node at `level` below which something is set anew into its copy, whose children are at `to`.
fn copy_below(
    b: &mut Build<'_>,
    to: Off,
    children: &[u64],
    level: u32,
    opened: Opened,
    sets: &mut [(u64, Plan)],
) -> Built<()> {
    let mut sets = sets;
    let mut kept = 0; // children before this one were decided about
    while let [(first, _), ..] = sets {
        let child_of = |i: u64| i >> (5 * level) & (FANOUT - 1);
        let at = child_of(*first) as usize;
        let n = sets.partition_point(|set| child_of(set.0) == at as u64);
        let (group, after) = sets.split_at_mut(n);
        sets = after;
        let Some(&child) = children.get(at) else {
            return Err(Error::corrupt(to, "a vector whose nodes have the children that its count asks for").into());
        };
        let copy = copy_node(b, Word(child), level - 1, opened, group, &[])?;
        b.arena().word(to.at(at as u64)).store(copy.0, Relaxed); // private
        b.keep_all(&children[kept..at], opened)?;
        kept = at + 1;
    }
    b.keep_all(&children[kept..], opened)
}

/// Writes the elements of a leaf, some of them set anew, and more behind them.
fn fill_leaf(
    b: &mut Build<'_>,
    to: Off,
    old: &[u64],
    sets: &mut [(u64, Plan)],
    push: &[Word],
    opened: Opened,
) -> Built<()> {
    b.arena().write(to, old);
    let mut kept = 0; // elements before this one were decided about
    for (i, plan) in sets {
        let at = (*i % FANOUT) as usize;
        let Some(&word) = old.get(at) else {
            return Err(Error::corrupt(to, "a leaf of as many elements as the count asks for").into());
        };
        let new = place(b, std::mem::replace(plan, Plan::Keep), Word(word), opened)?;
        b.arena().word(to.at(at as u64)).store(new.0, Relaxed); // private
        b.keep_all(&old[kept..at], opened)?;
        kept = at + 1;
    }
    b.keep_all(&old[kept..], opened)?;
    for (at, word) in (old.len() as u64..).zip(push) {
        b.arena().word(to.at(at)).store(word.0, Relaxed); // private
    }
    Ok(())
}

impl Job<'_, '_> {
    fn take_apart(&mut self, off: Off, mode: Mode) -> Built<()> {
        let node = root(self.b, off, self.keep)?;
        self.old_count = node.words[0];
        let opened = self.b.open(off, mode)?;
        let children = node.children();
        if self.old_count <= FANOUT {
            return self.elements(children, 0, opened);
        }
        let below = height(tail_start(self.old_count)) - 1;
        let step = span(below);
        for (i, &child) in children[1..].iter().enumerate() {
            self.take(Word(child), below, i as u64 * step, opened)?;
        }
        self.take(Word(children[0]), 0, tail_start(self.old_count), opened)
    }

    fn changes(&self, start: u64, end: u64) -> bool {
        let at = self.sets.partition_point(|s| s.0 < start);
        self.sets.get(at).is_some_and(|s| s.0 < end)
    }

    /// Is the subtree at `start` the same in the new vector?
    fn is_same(&self, level: u32, start: u64) -> bool {
        let end = start + span(level);
        let (old, new) = match level {
            0 => (end.min(self.old_count), end.min(self.new_count)),
            _ => (end.min(tail_start(self.old_count)), end.min(tail_start(self.new_count))),
        };
        self.new_count > FANOUT
            && level < height(tail_start(self.new_count))
            && old == new
            && old <= self.keep
            && !self.changes(start, end)
    }

    fn take(&mut self, word: Word, level: u32, start: u64, parent: Opened) -> Built<()> {
        if start >= self.keep {
            return self.b.release(word, parent);
        }
        if self.is_same(level, start) {
            self.b.keep(word, parent)?;
            self.pieces.push_back(Piece::Node { start, level, word });
            return Ok(());
        }
        let off = word.as_block().ok_or_else(|| Error::corrupt(Off(word.0), "a node of a vector"))?;
        let node = self.b.arena().node(off)?;
        if node.kind != if level == 0 { Kind::VectorLeaf } else { Kind::VectorNode } {
            return Err(Error::corrupt(off, "a node of a vector").into());
        }
        let opened = self.b.open(off, parent.child_mode())?;
        if level == 0 {
            return self.elements(node.children(), start, opened);
        }
        for (i, &child) in node.children().iter().enumerate() {
            self.take(Word(child), level - 1, start + i as u64 * span(level - 1), opened)?;
        }
        Ok(())
    }

    fn elements(&mut self, old: &[u64], start: u64, opened: Opened) -> Built<()> {
        let mut words = Vec::with_capacity(FANOUT as usize);
        for (i, &word) in (start..).zip(old) {
            if i >= self.keep {
                self.b.release(Word(word), opened)?;
                continue;
            }
            let set = self.sets.binary_search_by_key(&i, |s| s.0).ok().and_then(|at| self.sets[at].1.take());
            words.push(match set {
                Some(plan) => place(self.b, plan, Word(word), opened)?.0,
                None => {
                    self.b.keep(Word(word), opened)?;
                    word
                }
            });
        }
        self.pieces.push_back(Piece::Elements { start, words });
        Ok(())
    }

    fn put_together(&mut self) -> Built<Word> {
        let count = self.new_count;
        if count == 0 {
            return Ok(Word::EMPTY_VECTOR);
        }
        let mut payload = vec![count, 0];
        if count <= FANOUT {
            payload.extend(self.leaf_words(0));
        } else {
            let below = height(tail_start(count)) - 1;
            payload.push(0);
            for start in (0..tail_start(count)).step_by(span(below) as usize) {
                payload.push(self.node(below, start)?.0);
            }
            payload[2] = self.node(0, tail_start(count))?.0;
        }
        payload[1] = payload.len() as u64 - 2;
        Ok(Word::block(self.b.block(Kind::VectorRoot, &payload)?))
    }

    /// The elements of the leaf at `start`: what is left of the old ones, then appended ones.
    fn leaf_words(&mut self, start: u64) -> Vec<u64> {
        let mut words = match self.pieces.front() {
            Some(Piece::Elements { start: s, .. }) if *s == start => match self.pieces.pop_front() {
                Some(Piece::Elements { words, .. }) => words,
                _ => Vec::new(),
            },
            _ => Vec::with_capacity(FANOUT as usize),
        };
        let missing = (self.new_count - start).min(FANOUT) as usize - words.len();
        words.extend(self.push.by_ref().take(missing).map(|w| w.0));
        words
    }

    fn node(&mut self, level: u32, start: u64) -> Built<Word> {
        if let Some(&Piece::Node { start: s, level: l, word }) = self.pieces.front()
            && (s, l) == (start, level)
        {
            self.pieces.pop_front();
            return Ok(word);
        }
        let mut payload = vec![0];
        if level == 0 {
            payload.extend(self.leaf_words(start));
        } else {
            let end = (start + span(level)).min(tail_start(self.new_count));
            for child in (start..end).step_by(span(level - 1) as usize) {
                payload.push(self.node(level - 1, child)?.0);
            }
        }
        debug_assert!(self.pieces.front().is_none_or(|p| p.start() > start));
        payload[0] = payload.len() as u64 - 1;
        let kind = if level == 0 { Kind::VectorLeaf } else { Kind::VectorNode };
        Ok(Word::block(self.b.block(kind, &payload)?))
    }
}
