//! The radix trie of vectors: which leaf holds an index, and which leaves two vectors do not share.

use crate::arena::{Arena, Node};
use crate::error::{Error, Quick as Result};
use crate::layout::trie::{FANOUT, height, tail_start};
use crate::layout::{BlockHeader, Kind, Off, Word};
use crate::sync::Relaxed;
use std::ops::ControlFlow;

/// A vector whose root was checked.
#[derive(Clone, Copy)]
pub(crate) struct Vector<'a> {
    pub arena: &'a Arena,
    pub count: u64,
    /// The root's children: the elements themselves, or the tail and the children of the top node.
    words: &'a [u64],
    pub off: Off,
}

impl<'a> Vector<'a> {
    pub fn empty(arena: &'a Arena) -> Vector<'a> {
        Vector { arena, count: 0, words: &[], off: Off::NONE }
    }

    /// A vector whose count the arena has room for; the root's children are as many as the count says.
    pub fn new(arena: &'a Arena, root: &Node<'a>) -> Result<Vector<'a>> {
        let (count, words) = (root.words[0], root.children());
        let expected = if count <= FANOUT {
            count
        } else {
            let last = tail_start(count) - 1;
            2 + (last >> (5 * height(last + 1)))
        };
        if words.len() as u64 != expected {
            return Err(Error::corrupt(root.off, "a vector with as many children as its count asks for"));
        }
        Ok(Vector { arena, count, words, off: root.off })
    }

    /// Index of the first element of the tail; the elements before it stand in full leaves.
    pub fn tail_start(&self) -> u64 {
        tail_start(self.count)
    }

    /// The elements of the leaf that holds index `i`, which is below the count. At most one step per level of the trie.
    pub fn leaf(&self, i: u64) -> Result<&'a [u64]> {
        if self.count <= FANOUT {
            return Ok(self.words);
        }
        let tail = self.tail_start();
        if i >= tail {
            return self.part(Word(self.words[0]), Kind::VectorLeaf, self.count - tail);
        }
        let leaf = self.subtree(i, 0)?;
        self.part(leaf, Kind::VectorLeaf, FANOUT)
    }

    /// The word of the node `above` levels over the leaves on the way to index `i`, which is before the tail.
    fn subtree(&self, i: u64, above: u32) -> Result<Word> {
        let mut level = height(self.tail_start());
        let mut at = self.words[1..].get((i >> (5 * level)) as usize).copied();
        while level > above + 1 {
            level -= 1;
            let node = self.node(Word(at.ok_or_else(|| self.corrupt())?), Kind::VectorNode)?;
            at = node.children().get((i >> (5 * level) & (FANOUT - 1)) as usize).copied();
        }
        at.map(Word).ok_or_else(|| self.corrupt())
    }

    fn part(&self, word: Word, kind: Kind, n: u64) -> Result<&'a [u64]> {
        let words = self.node(word, kind)?.children();
        if words.len() as u64 == n {
            Ok(words)
        } else {
            Err(Error::Corrupt { offset: word.0, what: "a leaf of as many elements as the count asks for" }.into())
        }
    }

    fn node(&self, word: Word, kind: Kind) -> Result<Node<'a>> {
        let node = self.arena.node(word.as_block().ok_or_else(|| self.corrupt())?)?;
        if node.kind == kind {
            Ok(node)
        } else {
            Err(Error::corrupt(node.off, "a node of a vector of the level's kind"))
        }
    }

    #[cold]
    fn corrupt(&self) -> Box<Error> {
        Error::corrupt(self.off, "a vector whose nodes have the children that its count asks for")
    }
}

/// The word at index `i` of the vector whose root is at `root`; `None` past the end. Only the words on the way are checked and read.
#[inline]
pub(crate) fn find(arena: &Arena, root: Off, i: u64) -> Result<Option<Word>> {
    arena.check(root, 24)?;
    let count = load(arena, root.at(1));
    if i >= count {
        return Ok(None);
    }
    if count <= FANOUT {
        return child(arena, root, Kind::VectorRoot, i).map(Some);
    }
    let tail = tail_start(count);
    if i >= tail {
        let leaf = child(arena, root, Kind::VectorRoot, 0)?;
        return child(arena, block(leaf)?, Kind::VectorLeaf, i - tail).map(Some);
    }
    let mut shift = 5 * height(tail);
    let mut at = child(arena, root, Kind::VectorRoot, 1 + (i >> shift))?;
    while shift > 5 {
        shift -= 5;
        at = child(arena, block(at)?, Kind::VectorNode, i >> shift & (FANOUT - 1))?;
    }
    child(arena, block(at)?, Kind::VectorLeaf, i & (FANOUT - 1)).map(Some)
}

/// The `i`-th child of a node of this kind.
#[inline]
fn child(arena: &Arena, off: Off, kind: Kind, i: u64) -> Result<Word> {
    let meta = if kind == Kind::VectorRoot { 2 } else { 1 };
    arena.check(off, 24)?;
    let at = off.at(1 + meta).at(i);
    arena.check(at, 8)?;
    if BlockHeader(load(arena, off)).kind() != Some(kind) || i >= load(arena, off.at(meta)) {
        return Err(no_child(off));
    }
    Ok(Word(load(arena, at)))
}

#[inline]
fn block(word: Word) -> Result<Off> {
    word.as_block().ok_or_else(|| no_child(Off(word.0)))
}

#[cold]
fn no_child(off: Off) -> Box<Error> {
    Error::corrupt(off, "a node of a vector with the child that the count asks for")
}

/// A word that was checked.
#[inline]
fn load(arena: &Arena, off: Off) -> u64 {
    arena.word(off).load(Relaxed) // nodes do not change while a pin holds them; kinds never do
}

/// Calls `f` with the first index and the elements of each pair of leaves at one position, an empty slice for a leaf that one
/// of the vectors lacks. Nodes that the two share are skipped: the cost is that of the difference, times the height.
pub(crate) fn unshared<'a, 'b, B>(
    a: Vector<'a>,
    b: Vector<'b>,
    mut f: impl FnMut(u64, &'a [u64], &'b [u64]) -> Result<ControlFlow<B>>,
) -> Result<ControlFlow<B>> {
    let same_arena = std::ptr::eq(a.arena, b.arena);
    let in_both = if same_arena { a.tail_start().min(b.tail_start()) } else { 0 };
    let mut i = 0;
    'next: while i < a.count.max(b.count) {
        if i < in_both {
            // The largest subtree that begins here, then smaller ones.
            let begins = if i == 0 { u32::MAX } else { i.trailing_zeros() / 5 - 1 };
            for above in (0..height(in_both).min(begins.saturating_add(1))).rev() {
                if a.subtree(i, above)? == b.subtree(i, above)? {
                    i = (i + (FANOUT << (5 * above))).min(in_both);
                    continue 'next;
                }
            }
        }
        if i >= FANOUT && same_arena && a.count == b.count && i == a.tail_start() && a.words[0] == b.words[0] {
            break; // one tail
        }
        let old = if i < a.count { a.leaf(i)? } else { &[] };
        let new = if i < b.count { b.leaf(i)? } else { &[] };
        if let stop @ ControlFlow::Break(_) = f(i, old, new)? {
            return Ok(stop);
        }
        i += FANOUT;
    }
    Ok(ControlFlow::Continue(()))
}
