//! Going through collections: iterators, and the faster way that hands over node by node.

use super::View;
use super::open::Root;
use super::ordered::Cursor;
use super::trie::Walk;
use super::vector::Vector;
use crate::arena::{Arena, Node};
use crate::error::{Error, Result};
use crate::layout::trie::FANOUT;
use crate::layout::{Kind, Word};
use std::fmt;
use std::ops::ControlFlow;

/// Where the next entries of a map, or elements of a set, come from.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // an iterator lives on the stack; a box would cost more than the room
enum Nodes<'a, const PER: usize> {
    Trie(Walk<'a, PER>),
    Tree(Cursor<'a>),
}

impl<'a, const PER: usize> Nodes<'a, PER> {
    #[inline]
    fn next(&mut self) -> Result<Option<&'a [u64]>> {
        Ok(match self {
            Nodes::Trie(walk) => walk.next()?,
            Nodes::Tree(cursor) => cursor.next()?,
        })
    }
    fn left(&self) -> u64 {
        match self {
            Nodes::Trie(walk) => walk.left,
            Nodes::Tree(cursor) => cursor.left(),
        }
    }
    fn stop(&mut self) {
        match self {
            Nodes::Trie(walk) => walk.stop(),
            Nodes::Tree(cursor) => cursor.stop(),
        }
    }
    fn is_down(&self) -> bool {
        matches!(self, Nodes::Tree(cursor) if cursor.is_down())
    }
}

/// The entries of a map: those of a sorted map or an integer map in the order of their keys (or against it, if it was asked for so),
/// those of another map in the order of the trie: the same for equal maps of one domain (but for keys of one hash). After an
/// error it ends.
#[derive(Clone)]
pub struct Entries<'a> {
    arena: &'a Arena,
    node: &'a [u64],
    nodes: Nodes<'a, 2>,
    down: bool,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(arena: &'a Arena, root: Root) -> Entries<'a> {
        Entries { arena, node: &[], nodes: Nodes::Trie(Walk::new(arena, root)), down: false }
    }
    pub(crate) fn ordered(arena: &'a Arena, cursor: Cursor<'a>) -> Entries<'a> {
        let nodes = Nodes::Tree(cursor);
        Entries { arena, node: &[], down: nodes.is_down(), nodes }
    }

    /// The words of the next entries that lie together, of `most` entries at most; none at the end.
    #[inline]
    pub(crate) fn next_words(&mut self, most: usize) -> Result<&'a [u64]> {
        while self.node.is_empty() {
            match self.nodes.next() {
                Ok(Some(entries)) => self.node = entries,
                Ok(None) => break,
                Err(e) => {
                    self.nodes.stop();
                    return Err(e);
                }
            }
        }
        let (words, rest) = if self.down {
            let (rest, last) = self.node.split_at(self.node.len().saturating_sub(2)); // from its end, one by one
            (last, rest)
        } else {
            self.node.split_at(self.node.len().min(2 * most))
        };
        self.node = rest;
        Ok(words)
    }
    pub(crate) fn arena(&self) -> &'a Arena {
        self.arena
    }

    pub(crate) fn for_each<B>(
        mut self,
        mut f: impl FnMut(View<'a>, View<'a>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>> {
        let arena = self.arena;
        let mut call = |entry: &[u64]| f(View::new(arena, Word(entry[0])), View::new(arena, Word(entry[1])));
        while let Some(entries) = self.nodes.next()? {
            let mut entries = entries.chunks_exact(2);
            let stop = if self.down { entries.rev().try_for_each(&mut call) } else { entries.try_for_each(&mut call) };
            if stop.is_break() {
                return Ok(stop);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<(View<'a>, View<'a>)>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let next = if self.down {
                self.node.split_last_chunk()
            } else {
                self.node.split_first_chunk().map(|(e, rest)| (rest, e))
            };
            if let Some((rest, &[key, value])) = next {
                self.node = rest;
                return Some(Ok((View::new(self.arena, Word(key)), View::new(self.arena, Word(value)))));
            }
            match self.nodes.next() {
                Ok(Some(entries)) => self.node = entries,
                Ok(None) => return None,
                Err(e) => {
                    self.nodes.stop();
                    return Some(Err(e));
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let n = self.node.len() / 2 + self.nodes.left() as usize;
        (n, Some(n))
    }

    /// Node by node: what `count`, `sum` and `for_each` are made of.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut f: F) -> B {
        let arena = self.arena;
        let mut each =
            |all: B, entry: &[u64]| f(all, Ok((View::new(arena, Word(entry[0])), View::new(arena, Word(entry[1])))));
        let mut all = init;
        loop {
            let entries = self.node.chunks_exact(2);
            all = if self.down { entries.rev().fold(all, &mut each) } else { entries.fold(all, &mut each) };
            match self.nodes.next() {
                Ok(Some(entries)) => self.node = entries,
                Ok(None) => return all,
                Err(e) => return f(all, Err(e)),
            }
        }
    }
}

impl ExactSizeIterator for Entries<'_> {}
impl std::iter::FusedIterator for Entries<'_> {}

/// The elements of a vector, list or set; those of a sorted set in its order, or against it if it was asked for so. After an error it
/// ends.
#[derive(Clone)]
pub struct Elements<'a> {
    arena: &'a Arena,
    chunk: std::slice::Iter<'a, u64>,
    more: More<'a>,
    down: bool,
}

/// Where the next chunk of elements comes from.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // an iterator lives on the stack; a box would cost more than the room
enum More<'a> {
    Vector { vector: Vector<'a>, next: u64 },
    List { rest: Word, left: u64 },
    Set(Nodes<'a, 1>),
}

impl<'a> Elements<'a> {
    pub(crate) fn of_vector(vector: Vector<'a>, from: u64) -> Elements<'a> {
        Elements {
            arena: vector.arena,
            chunk: [].iter(),
            more: More::Vector { vector, next: from.min(vector.count) },
            down: false,
        }
    }
    pub(crate) fn of_list(arena: &'a Arena, root: Root) -> Elements<'a> {
        let rest = if root.count == 0 { Word::EMPTY_LIST } else { Word::block(root.off) };
        Elements { arena, chunk: [].iter(), more: More::List { rest, left: root.count }, down: false }
    }
    pub(crate) fn of_set(arena: &'a Arena, root: Root) -> Elements<'a> {
        Elements { arena, chunk: [].iter(), more: More::Set(Nodes::Trie(Walk::new(arena, root))), down: false }
    }
    pub(crate) fn ordered(arena: &'a Arena, cursor: Cursor<'a>) -> Elements<'a> {
        let nodes = Nodes::Tree(cursor);
        Elements { arena, chunk: [].iter(), down: nodes.is_down(), more: More::Set(nodes) }
    }

    /// The rest of a list, as it is stored; of other collections, nothing.
    pub(crate) fn rest(&self) -> Option<Word> {
        match self.more {
            More::List { rest, .. } => Some(rest),
            _ => None,
        }
    }

    /// The next elements that stand together; `None` at the end.
    #[inline]
    fn next_chunk(&mut self) -> Result<Option<&'a [u64]>> {
        match &mut self.more {
            More::Vector { vector, next } => {
                if *next >= vector.count {
                    return Ok(None);
                }
                let leaf = vector.leaf(*next)?;
                let chunk = leaf.get((*next % FANOUT) as usize..).unwrap_or_default();
                *next = (*next - *next % FANOUT + FANOUT).min(vector.count);
                Ok(Some(chunk))
            }
            More::List { rest, left } => {
                let Some((cell, after)) = next_cell(self.arena, *rest, *left)? else { return Ok(None) };
                (*rest, *left) = (after, *left - 1);
                Ok(Some(&cell.words[1..2]))
            }
            More::Set(nodes) => nodes.next(),
        }
    }

    fn stop(&mut self) {
        match &mut self.more {
            More::Vector { vector, next } => *next = vector.count,
            More::List { rest, left } => (*rest, *left) = (Word::EMPTY_LIST, 0),
            More::Set(nodes) => nodes.stop(),
        }
    }

    pub(crate) fn for_each<B>(mut self, mut f: impl FnMut(View<'a>) -> ControlFlow<B>) -> Result<ControlFlow<B>> {
        while let Some(chunk) = self.next_chunk()? {
            let (arena, mut chunk) = (self.arena, chunk.iter());
            let mut call = |&word: &u64| f(View::new(arena, Word(word)));
            let stop = if self.down { chunk.rev().try_for_each(&mut call) } else { chunk.try_for_each(&mut call) };
            if stop.is_break() {
                return Ok(stop);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The cell at `rest` and the word of the next one; `None` at the end, where `left` cells have to be none.
pub(crate) fn next_cell(arena: &Arena, rest: Word, left: u64) -> Result<Option<(Node<'_>, Word)>> {
    let bad = Error::Corrupt { offset: rest.0, what: "a list with as many cells as its count says" };
    let Some(off) = rest.as_block() else {
        return if rest == Word::EMPTY_LIST && left == 0 { Ok(None) } else { Err(bad) };
    };
    let cell = arena.node(off)?;
    let fits = cell.kind == Kind::ListCell && left > 0 && cell.words[0] == left;
    if fits { Ok(Some((cell, Word(cell.words[2])))) } else { Err(bad) }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<View<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(&word) = if self.down { self.chunk.next_back() } else { self.chunk.next() } {
                return Some(Ok(View::new(self.arena, Word(word))));
            }
            match self.next_chunk() {
                Ok(Some(chunk)) => self.chunk = chunk.iter(),
                Ok(None) => return None,
                Err(e) => {
                    self.stop();
                    return Some(Err(e));
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let more = match &self.more {
            More::Vector { vector, next } => vector.count - next,
            More::List { left, .. } => *left,
            More::Set(nodes) => nodes.left(),
        };
        let n = self.chunk.len() + more as usize;
        (n, Some(n))
    }
}

impl ExactSizeIterator for Elements<'_> {}
impl std::iter::FusedIterator for Elements<'_> {}

/// The elements of a vector from the last to the first. After an error it ends.
#[derive(Clone)]
pub struct ElementsRev<'a> {
    vector: Vector<'a>,
    chunk: std::slice::Iter<'a, u64>,
    /// Elements before the chunk.
    left: u64,
}

impl<'a> ElementsRev<'a> {
    pub(crate) fn new(vector: Vector<'a>) -> ElementsRev<'a> {
        ElementsRev { vector, chunk: [].iter(), left: vector.count }
    }
}

impl<'a> Iterator for ElementsRev<'a> {
    type Item = Result<View<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(&word) = self.chunk.next_back() {
                return Some(Ok(View::new(self.vector.arena, Word(word))));
            }
            let last = self.left.checked_sub(1)?;
            match self.vector.leaf(last) {
                Ok(leaf) => {
                    self.chunk = leaf.iter();
                    self.left = last - last % FANOUT;
                }
                Err(e) => {
                    self.left = 0;
                    return Some(Err(e.into()));
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let n = self.chunk.len() + self.left as usize;
        (n, Some(n))
    }
}

impl ExactSizeIterator for ElementsRev<'_> {}
impl std::iter::FusedIterator for ElementsRev<'_> {}

macro_rules! debug_by_count {
    ($($t:ident)*) => {$(
        impl fmt::Debug for $t<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($t), "({} left)"), self.len())
            }
        }
    )*};
}
debug_by_count!(Entries Elements ElementsRev);
