//! Keys to look up: scalars of the host, stored values, and collections of the host that are not stored yet.

use super::open::{Open, name, open};
use super::trail::Trail;
use super::{View, equal, hash};
use crate::arena::Arena;
use crate::error::Result;
use crate::layout::header::word::NAMES;
use crate::layout::word::Immediate;
use crate::layout::{Kind, Off, Word};
use crate::table;
use crate::value::{Scalar, Text};

/// A collection of the host as a key: something that knows its hash and what it equals.
pub trait HostKey {
    /// Its hash for this domain, all 64 bits of it: see [`SequenceHash`](super::SequenceHash) and its neighbours.
    fn hash(&self, arena: &Arena) -> Result<u64>;
    /// Is it equal to this stored value?
    fn equals(&self, view: View<'_>) -> Result<bool>;
    /// Where it stands in the order of all values, compared with this stored value.
    fn compare(&self, view: View<'_>) -> Result<std::cmp::Ordering>;
}

/// A key to look up in a map, a set or a vector.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Key<'k> {
    /// A scalar.
    Scalar(Scalar<'k>),
    /// A stored value, of this domain or of another.
    View(View<'k>),
    /// A collection of the host.
    Host(&'k dyn HostKey),
}

macro_rules! from_integers {
    ($($t:ty)*) => {$(
        impl From<$t> for Key<'_> {
            #[inline]
            fn from(i: $t) -> Self {
                Key::Scalar(Scalar::Int(i.into()))
            }
        }
    )*};
}
from_integers!(i64 i32 u32);

impl From<bool> for Key<'_> {
    fn from(b: bool) -> Self {
        Key::Scalar(Scalar::Bool(b))
    }
}
impl From<char> for Key<'_> {
    fn from(c: char) -> Self {
        Key::Scalar(Scalar::Char(c.into()))
    }
}
impl From<f64> for Key<'_> {
    fn from(f: f64) -> Self {
        Key::Scalar(Scalar::Float(f))
    }
}
impl<'k> From<&'k str> for Key<'k> {
    #[inline]
    fn from(s: &'k str) -> Self {
        Key::Scalar(Scalar::Str(Text::Borrowed(s.as_bytes())))
    }
}
impl<'k> From<Scalar<'k>> for Key<'k> {
    #[inline]
    fn from(scalar: Scalar<'k>) -> Self {
        Key::Scalar(scalar)
    }
}
impl<'k> From<View<'k>> for Key<'k> {
    #[inline]
    fn from(view: View<'k>) -> Self {
        Key::View(view)
    }
}
impl<'k> From<&'k dyn HostKey> for Key<'k> {
    fn from(key: &'k dyn HostKey) -> Self {
        Key::Host(key)
    }
}

impl<'k> From<&'k crate::value::Value> for Key<'k> {
    fn from(value: &'k crate::value::Value) -> Self {
        crate::value::shared::key_of(value)
    }
}
impl<'k> From<&'k String> for Key<'k> {
    fn from(s: &'k String) -> Self {
        s.as_str().into()
    }
}

impl Key<'_> {
    /// The integer that this key is, if it is one of 64 bits.
    #[inline]
    pub(crate) fn as_integer(&self) -> Result<Option<i64>> {
        match self {
            Key::Scalar(Scalar::Int(i)) => Ok(Some(*i)),
            _ => self.other_integer(),
        }
    }

    fn other_integer(&self) -> Result<Option<i64>> {
        let scalar = match self {
            Key::Scalar(scalar) => *scalar,
            Key::View(view) => match open(view.arena, view.word)? {
                Open::Scalar(scalar) => scalar,
                _ => return Ok(None),
            },
            Key::Host(_) => return Ok(None),
        };
        Ok(match scalar {
            Scalar::Int(i) => Some(i),
            Scalar::BigInt(bytes) => super::number::to_i64(bytes),
            _ => None,
        })
    }
}

// The next functions are inlined by force: where the type of the key is known, as it mostly is, nothing is left of their matches.

/// Where a key stands in a trie of this domain.
#[inline(always)]
pub(crate) fn key_hash(arena: &Arena, key: &Key<'_>) -> Result<u64> {
    let hash = match key {
        Key::Scalar(scalar) => hash::scalar_hash(arena, scalar),
        _ => collection_key_hash(arena, key)?,
    };
    Ok(hash & arena.hash_mask)
}

fn collection_key_hash(arena: &Arena, key: &Key<'_>) -> Result<u64> {
    match key {
        Key::Scalar(scalar) => Ok(hash::scalar_hash(arena, scalar)),
        Key::View(view) => hash::value_hash(arena, *view, Trail::START),
        Key::Host(host) => host.hash(arena),
    }
}

/// Is the stored value `word` equal to this key?
pub(crate) fn same_key(arena: &Arena, word: Word, key: &Key<'_>) -> Result<bool> {
    Probe::new(arena, key).matches(arena, word, Trail::START)
}

/// A key, prepared to be compared with many stored words.
pub(crate) struct Probe<'p, 'k> {
    key: &'p Key<'k>,
    /// The word that the key has if it is stored here, if that is known without looking: 0 if not.
    word: Word,
    /// Is every other word that is an immediate another key?
    immediate: bool,
}

impl<'p, 'k> Probe<'p, 'k> {
    #[inline(always)]
    pub fn new(arena: &Arena, key: &'p Key<'k>) -> Probe<'p, 'k> {
        let (word, immediate) = match key {
            Key::Scalar(scalar) => match immediate(scalar) {
                Some(word) => (word, true),
                None => (Word(0), false),
            },
            Key::View(view) if std::ptr::eq(view.arena, arena) => (view.word, speaks_for_itself(view.word, true)),
            _ => (Word(0), false),
        };
        Probe { key, word, immediate }
    }

    /// Is the stored value `word` equal to the key? One comparison if both are immediates.
    #[inline]
    pub fn matches(&self, arena: &Arena, word: Word, trail: Trail<'_>) -> Result<bool> {
        if word == self.word {
            return Ok(true);
        }
        if self.immediate && !word.is_block() {
            return Ok(false);
        }
        self.matches_block(arena, word, trail)
    }

    fn matches_block(&self, arena: &Arena, word: Word, trail: Trail<'_>) -> Result<bool> {
        match self.key {
            Key::Scalar(key) => match same_text(arena, word, key)? {
                Some(same) => Ok(same),
                None => match open(arena, word)? {
                    Open::Scalar(scalar) => Ok(equal::scalars(&scalar, key)),
                    _ => Ok(false),
                },
            },
            Key::View(view) => equal::values(View::new(arena, word), *view, trail),
            Key::Host(host) => host.equals(View::new(arena, word)),
        }
    }
}

/// Has the stored text the bytes of this one of its kind? `None` if one of the two is something else.
#[inline]
fn same_text(arena: &Arena, word: Word, key: &Scalar<'_>) -> Result<Option<bool>> {
    let (stored, text) = match (key, word.decode()) {
        (Scalar::Str(text), Immediate::Block(off)) if arena.block_header(off)?.kind_bits() == Kind::Str as u64 => {
            (arena.node_of(off, Kind::Str)?.bytes(), text)
        }
        (Scalar::Keyword(text), Immediate::LongKeyword(entry)) => (name(arena, entry)?, text),
        (Scalar::Symbol(text), Immediate::LongSymbol(entry)) => (name(arena, entry)?, text),
        _ => return Ok(None),
    };
    Ok(Some(stored == text.as_bytes()))
}

/// The word of a scalar that needs no block, or whose name is in the table of this domain.
pub(super) fn word_of(arena: &Arena, scalar: &Scalar<'_>) -> Result<Option<Word>> {
    if let Some(word) = immediate(scalar) {
        return Ok(Some(word));
    }
    let entry = |name: &[u8]| table::find(arena, Off(NAMES * 8), table::hash_name(arena, name), name);
    Ok(match scalar {
        Scalar::Keyword(name) => entry(name.as_bytes())?.map(Word::long_keyword),
        Scalar::Symbol(name) => entry(name.as_bytes())?.map(Word::long_symbol),
        _ => None,
    })
}

/// The word of a scalar that needs no block.
#[inline(always)]
fn immediate(scalar: &Scalar<'_>) -> Option<Word> {
    match scalar {
        Scalar::Int(i) => Word::int(*i),
        Scalar::Str(s) => Word::short_str(s.as_bytes()),
        Scalar::Keyword(s) => Word::short_keyword(s.as_bytes()),
        Scalar::Symbol(s) => Word::short_symbol(s.as_bytes()),
        Scalar::Nil => Some(Word::NIL),
        Scalar::Bool(b) => Some(Word::bool(*b)),
        Scalar::Char(c) => Some(Word::char(*c)),
        // The negative zero needs a block, but equals the other one.
        Scalar::Float(f) => Word::float(if *f == 0.0 { 0.0 } else { *f }),
        _ => None,
    }
}

/// Is every other immediate another value than this word? Not so for blocks, for empty collections, of which several are equal, and for what refers to the table of names of its own arena.
#[inline]
pub(crate) fn speaks_for_itself(word: Word, same_arena: bool) -> bool {
    match word.decode() {
        Immediate::Block(_) | Immediate::Empty(_) => false,
        Immediate::LongKeyword(_) | Immediate::LongSymbol(_) => same_arena,
        _ => true,
    }
}
