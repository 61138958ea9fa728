//! The radix trie of vectors: which leaf holds an index, and which leaves two vectors do not share.

use crate::arena::{Arena, Node};
use crate::error::{Error, Result};
use crate::layout::block::Kind;
use crate::layout::{Off, Word};
use std::ops::ControlFlow;

/// Elements of a full leaf, and children of a full inner node.
pub(crate) const FANOUT: u64 = 32;

/// A vector whose root was checked.
#[derive(Clone, Copy)]
pub(crate) struct Vector<'a> {
    pub arena: &'a Arena,
    pub count: u64,
    /// The root's children: the elements themselves, or the tail and the children of the top node.
    words: &'a [u64],
    off: Off,
}

/// The first index that is in the tail.
pub(crate) fn tail_start(count: u64) -> u64 {
    count.saturating_sub(1) & !(FANOUT - 1)
}

/// How many levels below the root the leaves of a trie of `elements` elements (not 0) are.
pub(crate) fn height(elements: u64) -> u32 {
    let bits = u64::BITS - (elements - 1).leading_zeros();
    bits.div_ceil(5).saturating_sub(1).max(1)
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

    /// The word at index `i`; `None` past the end.
    pub fn get(&self, i: u64) -> Result<Option<Word>> {
        if i >= self.count {
            return Ok(None);
        }
        let leaf = self.leaf(i)?;
        leaf.get((i % FANOUT) as usize).map(|&w| Some(Word(w))).ok_or(Error::corrupt(self.off, "a leaf with the index in it"))
    }

    /// The word of the node `above` levels over the leaves on the way to index `i`, which is before the tail.
    fn subtree(&self, i: u64, above: u32) -> Result<Word> {
        let mut level = height(self.tail_start());
        let mut at = self.words[1..].get((i >> (5 * level)) as usize).copied();
        while level > above + 1 {
            level -= 1;
            let node = self.node(Word(at.ok_or(self.corrupt())?), Kind::VectorNode)?;
            at = node.children().get((i >> (5 * level) & (FANOUT - 1)) as usize).copied();
        }
        at.map(Word).ok_or(self.corrupt())
    }

    fn part(&self, word: Word, kind: Kind, n: u64) -> Result<&'a [u64]> {
        let words = self.node(word, kind)?.children();
        if words.len() as u64 == n { Ok(words) } else { Err(Error::Corrupt { offset: word.0, what: "a leaf of as many elements as the count asks for" }) }
    }

    fn node(&self, word: Word, kind: Kind) -> Result<Node<'a>> {
        let node = self.arena.node(word.as_block().ok_or(self.corrupt())?)?;
        if node.kind == kind { Ok(node) } else { Err(Error::corrupt(node.off, "a node of a vector of the level's kind")) }
    }

    fn corrupt(&self) -> Error {
        Error::corrupt(self.off, "a vector whose nodes have the children that its count asks for")
    }
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
        let old = if i < a.count { a.leaf(i)? } else { &[] };
        let new = if i < b.count { b.leaf(i)? } else { &[] };
        if let stop @ ControlFlow::Break(_) = f(i, old, new)? {
            return Ok(stop);
        }
        i += FANOUT;
    }
    Ok(ControlFlow::Continue(()))
}
