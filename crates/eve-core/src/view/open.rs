//! From a word to what it stands for: scalars decoded, collections with their counts, metadata set aside.

use super::ordered::{Part, Tree, width};
use super::vector::Vector;
use crate::arena::{Arena, Node};
use crate::error::{Error, Quick as Result};
use crate::layout::block::{Kind, pair, scalar};
use crate::layout::word::{Empty, Immediate};
use crate::layout::{Off, Word};
use crate::typed::{ArrayView, RecordsView};
use crate::value::{Scalar, Text};

/// A map, set or list: its number of elements and its root block. An empty one has none.
#[derive(Clone, Copy)]
pub(crate) struct Root {
    pub count: u64,
    pub off: Off,
}

impl Root {
    const EMPTY: Root = Root { count: 0, off: Off::NONE };
}

/// What a word stands for.
pub(crate) enum Open<'a> {
    Scalar(Scalar<'a>),
    Map(Root),
    Set(Root),
    Vector(Vector<'a>),
    List(Root),
    /// A sorted map, a sorted set or an integer map.
    Sorted(Tree<'a>),
    Tagged(Word, Word),
    Array(ArrayView<'a>),
    Records(RecordsView<'a>),
}

/// The value without its metadata, and the metadata if there is any. Metadata is not put around metadata.
#[inline]
pub(crate) fn peel(arena: &Arena, word: Word) -> Result<(Word, Option<Word>)> {
    match word.as_block() {
        Some(off) if arena.block_header(off)?.kind_bits() == Kind::Pair as u64 => peel_pair(arena, word),
        _ => Ok((word, None)),
    }
}

fn peel_pair(arena: &Arena, word: Word) -> Result<(Word, Option<Word>)> {
    let Some((value, meta)) = meta_pair(arena, word)? else { return Ok((word, None)) };
    match meta_pair(arena, value)? {
        None => Ok((value, Some(meta))),
        Some(_) => Err(Error::corrupt(Off(word.0), "metadata around a value that has none yet")),
    }
}

fn meta_pair(arena: &Arena, word: Word) -> Result<Option<(Word, Word)>> {
    let Some(off) = word.as_block() else { return Ok(None) };
    if arena.block_header(off)?.kind() != Some(Kind::Pair) {
        return Ok(None);
    }
    let words = arena.node(off)?.words;
    Ok((words[0] == pair::META).then_some((Word(words[1]), Word(words[2]))))
}

/// What `word` stands for; metadata is passed over.
pub(crate) fn open(arena: &Arena, word: Word) -> Result<Open<'_>> {
    let (word, _) = peel(arena, word)?;
    Ok(Open::Scalar(match word.decode() {
        Immediate::Block(off) => return open_block(arena, off),
        Immediate::Empty(Empty::Map) => return Ok(Open::Map(Root::EMPTY)),
        Immediate::Empty(Empty::Set) => return Ok(Open::Set(Root::EMPTY)),
        Immediate::Empty(Empty::Vector) => return Ok(Open::Vector(Vector::empty(arena))),
        Immediate::Empty(Empty::List) => return Ok(Open::List(Root::EMPTY)),
        Immediate::Empty(Empty::SortedMap) => return Ok(Open::Sorted(Tree::empty(arena, Kind::SortedMap))),
        Immediate::Empty(Empty::SortedSet) => return Ok(Open::Sorted(Tree::empty(arena, Kind::SortedSet))),
        Immediate::Empty(Empty::IntMap) => return Ok(Open::Sorted(Tree::empty(arena, Kind::IntMap))),
        Immediate::Int(i) => Scalar::Int(i),
        Immediate::Float(f) => Scalar::Float(f),
        Immediate::Nil => Scalar::Nil,
        Immediate::Bool(b) => Scalar::Bool(b),
        Immediate::Char(c) => Scalar::Char(c),
        Immediate::Str(s) => Scalar::Str(Text::Inline(s)),
        Immediate::Keyword(s) => Scalar::Keyword(Text::Inline(s)),
        Immediate::Symbol(s) => Scalar::Symbol(Text::Inline(s)),
        Immediate::LongKeyword(entry) => Scalar::Keyword(Text::Borrowed(name(arena, entry)?)),
        Immediate::LongSymbol(entry) => Scalar::Symbol(Text::Borrowed(name(arena, entry)?)),
        Immediate::Absent | Immediate::Unknown => {
            return Err(Error::Corrupt { offset: word.0, what: "a word that is a value" }.into());
        }
    }))
}

/// The map whose root is at `off`.
#[inline]
pub(crate) fn open_map(arena: &Arena, off: Off) -> Result<Root> {
    map_root(arena, &arena.node_of(off, Kind::MapRoot)?)
}

#[inline]
fn map_root(arena: &Arena, node: &Node<'_>) -> Result<Root> {
    Ok(Root { count: count(arena, node, node.words[1], 2)?, off: node.off })
}

fn open_block(arena: &Arena, off: Off) -> Result<Open<'_>> {
    let node = arena.node(off)?;
    Ok(match node.kind {
        Kind::MapRoot => Open::Map(map_root(arena, &node)?),
        Kind::SetRoot => Open::Set(Root { count: count(arena, &node, node.words[1], 1)?, off }),
        Kind::VectorRoot => {
            count(arena, &node, node.words[0], 1)?;
            Open::Vector(Vector::new(arena, &node)?)
        }
        Kind::SortedMap | Kind::SortedSet | Kind::IntMap => {
            let words_each = width(node.kind);
            let count = count(arena, &node, Part::of(&node).count(words_each), words_each as u64)?;
            Open::Sorted(Tree { arena, kind: node.kind, count, off })
        }
        Kind::ListCell => Open::List(Root { count: count(arena, &node, node.words[0], 4)?, off }),
        Kind::Str => Open::Scalar(Scalar::Str(Text::Borrowed(node.bytes()))),
        Kind::Scalar => Open::Scalar(scalar_block(&node)?),
        Kind::Pair if node.words[0] == pair::TAGGED => Open::Tagged(Word(node.words[1]), Word(node.words[2])),
        Kind::Array => Open::Array(ArrayView::of(arena, &node)?),
        Kind::Records => Open::Records(RecordsView::of(arena, &node)?),
        _ => return Err(Error::corrupt(off, "a block that is a value")),
    })
}

/// A count that the arena has room for: whoever makes room for so many, or goes on for so long, comes to an end.
#[inline]
fn count(arena: &Arena, node: &Node<'_>, count: u64, words_each: u64) -> Result<u64> {
    let fits = count > 0 && arena.check(Off::NONE, count.saturating_mul(words_each * 8)).is_ok();
    fits.then_some(count).ok_or_else(|| Error::corrupt(node.off, "a count above zero that the file has room for"))
}

/// The text of a long keyword or symbol.
#[inline]
pub(crate) fn name(arena: &Arena, entry: Off) -> Result<&[u8]> {
    match arena.node_of(entry, Kind::Name) {
        Ok(node) => Ok(node.bytes()),
        Err(_) => Err(Error::corrupt(entry, "an entry of the table of names")),
    }
}

fn scalar_block<'a>(node: &Node<'a>) -> Result<Scalar<'a>> {
    let bytes = node.bytes();
    let read = match node.words[0] & 0xFF {
        scalar::INTEGER if !bytes.is_empty() => {
            Some(super::number::to_i64(bytes).map_or(Scalar::BigInt(bytes), Scalar::Int))
        }
        scalar::FLOAT => bytes.try_into().ok().map(|b| Scalar::Float(f64::from_le_bytes(b))),
        scalar::DECIMAL => match bytes.split_first_chunk() {
            Some((scale, unscaled @ [_, ..])) => Some(Scalar::Decimal { scale: i32::from_le_bytes(*scale), unscaled }),
            _ => None,
        },
        scalar::RATIO => ratio(bytes),
        scalar::UUID => bytes.try_into().ok().map(Scalar::Uuid),
        scalar::INSTANT => match bytes.split_first_chunk() {
            Some((seconds, nanos)) => nanos.try_into().ok().map(|nanos| Scalar::Instant {
                seconds: i64::from_le_bytes(*seconds),
                nanos: u32::from_le_bytes(nanos),
            }),
            None => None,
        },
        scalar::BYTES => Some(Scalar::Bytes(bytes)),
        _ => None,
    };
    read.ok_or_else(|| Error::corrupt(node.off, "a scalar of a known type and size"))
}

fn ratio(bytes: &[u8]) -> Option<Scalar<'_>> {
    let (len, rest) = bytes.split_first_chunk()?;
    let (numerator, denominator) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    (!numerator.is_empty() && !denominator.is_empty()).then_some(Scalar::Ratio { numerator, denominator })
}
