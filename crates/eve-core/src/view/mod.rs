//! The read side: values as they are stored, read in place. Nothing is copied, nothing is written, and every word is checked
//! before it is followed, so a damaged file gives an error and never a crash.
//!
//! A [`View`] is a word and the arena it is from. Where it comes from decides how long it may be used: whoever makes one
//! holds the pin that keeps its blocks alive.

mod diff;
mod equal;
mod hash;
mod iter;
mod key;
mod magnitude;
mod number;
pub(crate) mod open;
mod order;
pub(crate) mod ordered;
mod trail;
mod trie;
mod vector;

#[cfg(test)]
mod tests;

pub use diff::{Change, SetChange, diff_maps, diff_sets, diff_vectors};
pub use hash::{SequenceHash, UnorderedHash, array_hash, records_hash, tagged_hash};
pub use iter::{Elements, ElementsRev, Entries};
pub use key::{HostKey, Key};
pub use trail::Way;

pub(crate) use diff::{diff_maps_by, diff_vectors_by};
pub(crate) use hash::{full_hash, scalar_hash, word_hash};
pub(crate) use key::{key_hash, same_key};
pub(crate) use number::{is_lowest_terms, strip_zeros};
pub(crate) use open::peel;
pub(crate) use order::is_changing;
pub(crate) use order::{
    host_and_view as host_order, hosts as order_of_hosts, sort as sort_by_order, views as order_of_views,
};
pub(crate) use trie::{fetch_ahead, find_in_map, find_in_set};

use crate::arena::Arena;
use crate::error::{Error, Result};
use crate::layout::word::Immediate;
use crate::layout::{BlockHeader, Kind, Off, Word};
use crate::sync::Relaxed;
use crate::typed::{ArrayView, RecordsView};
use crate::value::{Order, Scalar};
use open::{Open, open};
use ordered::{Cursor, Tree};
use std::fmt;
use std::ops::ControlFlow;
use trail::Trail;

/// A stored value, read in place. Metadata around it is passed over by everything but [`meta`](View::meta).
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) arena: &'a Arena,
    pub(crate) word: Word,
}

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Type {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool,
    /// An integer of any size.
    Integer,
    /// A double.
    Float,
    /// A decimal number.
    Decimal,
    /// A fraction.
    Ratio,
    /// A character.
    Char,
    /// A string.
    Str,
    /// A keyword.
    Keyword,
    /// A symbol.
    Symbol,
    /// A uuid.
    Uuid,
    /// A point in time.
    Instant,
    /// Bytes.
    Bytes,
    /// A map.
    Map,
    /// A set.
    Set,
    /// A vector.
    Vector,
    /// A list.
    List,
    /// A tagged literal.
    Tagged,
    /// A typed array.
    Array,
    /// A typed object, or an array of them.
    Records,
}

impl Type {
    /// Its name, for messages: `map`, `keyword`.
    pub fn name(self) -> &'static str {
        match self {
            Type::Nil => "nil",
            Type::Bool => "boolean",
            Type::Integer => "integer",
            Type::Float => "float",
            Type::Decimal => "decimal",
            Type::Ratio => "ratio",
            Type::Char => "character",
            Type::Str => "string",
            Type::Keyword => "keyword",
            Type::Symbol => "symbol",
            Type::Uuid => "uuid",
            Type::Instant => "instant",
            Type::Bytes => "bytes",
            Type::Map => "map",
            Type::Set => "set",
            Type::Vector => "vector",
            Type::List => "list",
            Type::Tagged => "tagged literal",
            Type::Array => "typed array",
            Type::Records => "typed objects",
        }
    }

    fn of(open: &Open<'_>) -> Type {
        match open {
            Open::Map(_) => Type::Map,
            Open::Set(_) => Type::Set,
            Open::Vector(_) => Type::Vector,
            Open::List(_) => Type::List,
            Open::Sorted(tree) if tree.is_set() => Type::Set,
            Open::Sorted(_) => Type::Map,
            Open::Tagged(..) => Type::Tagged,
            Open::Array(_) => Type::Array,
            Open::Records(_) => Type::Records,
            Open::Scalar(scalar) => match scalar {
                Scalar::Nil => Type::Nil,
                Scalar::Bool(_) => Type::Bool,
                Scalar::Int(_) | Scalar::BigInt(_) => Type::Integer,
                Scalar::Float(_) => Type::Float,
                Scalar::Decimal { .. } => Type::Decimal,
                Scalar::Ratio { .. } => Type::Ratio,
                Scalar::Char(_) => Type::Char,
                Scalar::Str(_) => Type::Str,
                Scalar::Keyword(_) => Type::Keyword,
                Scalar::Symbol(_) => Type::Symbol,
                Scalar::Uuid(_) => Type::Uuid,
                Scalar::Instant { .. } => Type::Instant,
                Scalar::Bytes(_) => Type::Bytes,
            },
        }
    }
}

/// The error for an operation that this type of value does not have.
fn unfit(open: &Open<'_>, wanted: &str) -> Error {
    Error::value(format!("a value of type {} cannot do this: only {wanted}", Type::of(open).name()))
}

impl<'a> View<'a> {
    /// The value of `word`, which is one of `arena`.
    #[inline]
    pub fn new(arena: &'a Arena, word: Word) -> View<'a> {
        View { arena, word }
    }
    /// The word, as it is stored.
    #[inline]
    pub fn word(self) -> Word {
        self.word
    }
    /// Where it is stored.
    #[inline]
    pub fn arena(self) -> &'a Arena {
        self.arena
    }
    fn at(self, word: Word) -> View<'a> {
        View { word, ..self }
    }
    fn open(self) -> Result<Open<'a>> {
        Ok(open(self.arena, self.word)?)
    }

    /// What it is.
    pub fn type_of(self) -> Result<Type> {
        Ok(Type::of(&self.open()?))
    }
    /// As a scalar; `None` for a collection or a tagged literal.
    #[inline]
    pub fn scalar(self) -> Result<Option<Scalar<'a>>> {
        match self.small_int() {
            Some(i) => Ok(Some(Scalar::Int(i))),
            None => self.other_scalar(),
        }
    }

    /// The integer that this is, if it is one of 64 bits: the quickest way to read counters and ids.
    #[inline]
    pub fn as_i64(self) -> Option<i64> {
        self.small_int().or_else(|| match self.other_scalar() {
            Ok(Some(Scalar::Int(i))) => Some(i),
            _ => None,
        })
    }

    /// The integer that stands in the word itself: nothing is read.
    #[inline]
    pub(crate) fn small_int(self) -> Option<i64> {
        match self.word.decode() {
            Immediate::Int(i) => Some(i),
            _ => None,
        }
    }

    fn other_scalar(self) -> Result<Option<Scalar<'a>>> {
        Ok(match self.open()? {
            Open::Scalar(scalar) => Some(scalar),
            _ => None,
        })
    }
    /// How many entries or elements it has, in constant time. An error if it is no collection.
    pub fn len(self) -> Result<u64> {
        match self.open()? {
            Open::Map(root) | Open::Set(root) | Open::List(root) => Ok(root.count),
            Open::Vector(vector) => Ok(vector.count),
            Open::Sorted(tree) => Ok(tree.count),
            Open::Array(array) => Ok(array.len()),
            Open::Records(records) => Ok(records.rows()),
            other => Err(unfit(&other, "collections and arrays have a length")),
        }
    }
    /// Is it a collection without elements? An error if it is no collection.
    pub fn is_empty(self) -> Result<bool> {
        Ok(self.len()? == 0)
    }
    /// The metadata, if it has any.
    pub fn meta(self) -> Result<Option<View<'a>>> {
        Ok(peel(self.arena, self.word)?.1.map(|meta| self.at(meta)))
    }
    /// The same value without its metadata.
    pub fn without_meta(self) -> Result<View<'a>> {
        Ok(self.at(peel(self.arena, self.word)?.0))
    }
    /// The tag (a symbol) and the value of a tagged literal; `None` for any other value.
    pub fn tagged(self) -> Result<Option<(View<'a>, View<'a>)>> {
        Ok(match self.open()? {
            Open::Tagged(tag, value) => Some((self.at(tag), self.at(value))),
            _ => None,
        })
    }

    /// As a typed array; `None` for any other value.
    pub fn array(self) -> Result<Option<ArrayView<'a>>> {
        Ok(match self.open()? {
            Open::Array(array) => Some(array),
            _ => None,
        })
    }
    /// As a typed object or an array of them; `None` for any other value.
    pub fn records(self) -> Result<Option<RecordsView<'a>>> {
        Ok(match self.open()? {
            Open::Records(records) => Some(records),
            _ => None,
        })
    }

    /// The value under a key of a map, the element of a set that equals the key, or the element of a vector at an integer
    /// key. `None` if there is none, and for `nil` and lists; an error for any other value. Costs a step per level of the trie.
    #[inline]
    pub fn get<'k>(self, key: impl Into<Key<'k>>) -> Result<Option<View<'a>>> {
        self.get_by(&key.into())
    }

    /// The same; for callers to whom copying the key matters.
    #[inline]
    pub fn get_by(self, key: &Key<'_>) -> Result<Option<View<'a>>> {
        match self.root()? {
            Some((Kind::MapRoot, root)) => {
                let hash = key_hash(self.arena, key)?;
                Ok(find_in_map(self.arena, root, hash, key)?.map(|(_, value)| self.at(value)))
            }
            Some((Kind::VectorRoot, root)) => match key.as_integer()? {
                Some(i) => Ok(vector::find(self.arena, root, i as u64)?.map(|word| self.at(word))),
                None => Ok(None),
            },
            Some((kind @ (Kind::SortedMap | Kind::SortedSet | Kind::IntMap), off)) => {
                let tree = Tree { arena: self.arena, kind, count: u64::MAX, off };
                Ok(tree.find(key)?.entry.map(|entry| self.at(Word(entry[entry.len() - 1]))))
            }
            _ => self.get_in_other(key),
        }
    }

    /// The word that a key has in this domain, and its hash here, for [`get_stored`](View::get_stored): they stay what they are as long as the
    /// domain is there. `None` if it has no such word: a value in a block, or a name that nobody stored yet, which then no map has.
    pub fn stored_key(self, key: &Key<'_>) -> Result<Option<(Word, u64)>> {
        let word = match key {
            Key::Scalar(scalar) => key::word_of(self.arena, scalar)?,
            Key::View(view) if std::ptr::eq(view.arena, self.arena) => Some(view.word),
            _ => None,
        };
        match word {
            Some(word) if key::speaks_for_itself(word, true) => Ok(Some((word, key_hash(self.arena, key)?))),
            _ => Ok(None),
        }
    }

    /// The same as [`get`](View::get), by what [`stored_key`](View::stored_key) gave: nothing is hashed and no text compared. Another hash than that
    /// finds nothing.
    #[inline]
    pub fn get_stored(self, key: Word, hash: u64) -> Result<Option<View<'a>>> {
        if !key::speaks_for_itself(key, true) {
            return Err(Error::value("a key of which the word alone tells what it is; `stored_key` gives it"));
        }
        let key = Key::View(View::new(self.arena, key));
        match self.root()? {
            Some((Kind::MapRoot, root)) => {
                Ok(find_in_map(self.arena, root, hash, &key)?.map(|(_, value)| self.at(value)))
            }
            _ => self.get_by(&key),
        }
    }

    /// The kind and place of the block that this is, if it is one.
    #[inline]
    fn root(self) -> Result<Option<(Kind, Off)>> {
        let Some(off) = self.word.as_block() else { return Ok(None) };
        self.arena.check(off, 16)?;
        let header = BlockHeader(self.arena.word(off).load(Relaxed)); // the kind of a block never changes
        Ok(header.kind().map(|kind| (kind, off)))
    }

    fn get_in_other(self, key: &Key<'_>) -> Result<Option<View<'a>>> {
        let word = match self.open()? {
            Open::Map(root) if root.count > 0 => {
                let hash = key_hash(self.arena, key)?;
                find_in_map(self.arena, root.off, hash, key)?.map(|(_, value)| value)
            }
            Open::Set(root) if root.count > 0 => {
                let hash = key_hash(self.arena, key)?;
                find_in_set(self.arena, root.off, hash, key)?
            }
            Open::Vector(vector) if vector.count > 0 => match key.as_integer()? {
                Some(i) => vector::find(self.arena, vector.off, i as u64)?,
                None => None,
            },
            // Of a set the element, of a map the value.
            Open::Sorted(tree) => tree.find(key)?.entry.map(|entry| Word(entry[tree.width() - 1])),
            Open::Vector(_) | Open::Map(_) | Open::Set(_) | Open::List(_) | Open::Scalar(Scalar::Nil) => None,
            other => return Err(unfit(&other, "maps, sets and vectors have elements under keys")),
        };
        Ok(word.map(|word| self.at(word)))
    }

    /// Has it this key, element or index? Answers as [`get`](View::get).
    pub fn contains<'k>(self, key: impl Into<Key<'k>>) -> Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    /// [`get`](View::get), key after key; `None` as soon as one is not there.
    pub fn get_in(self, path: &[Key<'_>]) -> Result<Option<View<'a>>> {
        let mut at = self;
        for key in path {
            match at.get_by(key)? {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// The key and the value of a map as they are stored, for a set the element twice. `None` if there is none; an error if
    /// this is neither map, set nor `nil`.
    pub fn find_entry<'k>(self, key: impl Into<Key<'k>>) -> Result<Option<(View<'a>, View<'a>)>> {
        let key = key.into();
        let found = match self.open()? {
            Open::Map(root) if root.count > 0 => find_in_map(self.arena, root.off, key_hash(self.arena, &key)?, &key)?,
            Open::Set(root) if root.count > 0 => {
                find_in_set(self.arena, root.off, key_hash(self.arena, &key)?, &key)?.map(|word| (word, word))
            }
            Open::Sorted(tree) => tree.find(&key)?.entry.map(|entry| (Word(entry[0]), Word(entry[tree.width() - 1]))),
            Open::Map(_) | Open::Set(_) | Open::Scalar(Scalar::Nil) => None,
            other => return Err(unfit(&other, "maps and sets have entries to find")),
        };
        Ok(found.map(|(key, value)| (self.at(key), self.at(value))))
    }

    /// The `i`-th element of a vector (one step per level) or of a list (`i` steps); `None` past the end, an error for others.
    #[inline]
    pub fn nth(self, i: u64) -> Result<Option<View<'a>>> {
        match self.root()? {
            Some((Kind::VectorRoot, root)) => Ok(vector::find(self.arena, root, i)?.map(|word| self.at(word))),
            _ => self.nth_of_other(i),
        }
    }

    fn nth_of_other(self, i: u64) -> Result<Option<View<'a>>> {
        match self.open()? {
            Open::Vector(vector) if vector.count == 0 => Ok(None),
            Open::Vector(vector) => Ok(vector::find(self.arena, vector.off, i)?.map(|word| self.at(word))),
            Open::List(root) if i >= root.count => Ok(None),
            Open::List(root) => Elements::of_list(self.arena, root).nth(i as usize).transpose(),
            other => Err(unfit(&other, "vectors and lists have an order")),
        }
    }

    /// The first element of a list; `None` if it is empty, an error if this is no list.
    pub fn first(self) -> Result<Option<View<'a>>> {
        Ok(self.cell()?.map(|(first, _)| first))
    }

    /// The list without its first element; of an empty list, itself. An error if this is no list.
    pub fn rest(self) -> Result<View<'a>> {
        Ok(self.cell()?.map_or(self, |(_, rest)| rest))
    }

    fn cell(self) -> Result<Option<(View<'a>, View<'a>)>> {
        match self.open()? {
            Open::List(root) if root.count == 0 => Ok(None),
            Open::List(root) => Ok(iter::next_cell(self.arena, Word(root.off.0), root.count)?
                .map(|(cell, rest)| (self.at(Word(cell.words[1])), self.at(rest)))),
            other => Err(unfit(&other, "lists have a first element and a rest")),
        }
    }

    /// The keys and values of a map. An error if this is no map.
    pub fn entries(self) -> Result<Entries<'a>> {
        match self.open()? {
            Open::Map(root) => Ok(Entries::new(self.arena, root)),
            Open::Sorted(tree) if !tree.is_set() => {
                Ok(Entries::ordered(self.arena, Cursor::new(tree, 0, tree.count, false)))
            }
            other => Err(unfit(&other, "maps have entries")),
        }
    }

    /// The elements of a vector, list or set. An error if this is none of them.
    pub fn elements(self) -> Result<Elements<'a>> {
        match self.open()? {
            Open::Vector(vector) => Ok(Elements::of_vector(vector, 0)),
            Open::List(root) => Ok(Elements::of_list(self.arena, root)),
            Open::Set(root) => Ok(Elements::of_set(self.arena, root)),
            Open::Sorted(tree) if tree.is_set() => {
                Ok(Elements::ordered(self.arena, Cursor::new(tree, 0, tree.count, false)))
            }
            other => Err(unfit(&other, "vectors, lists and sets have elements")),
        }
    }

    /// The elements of a vector from index `i` on, without a step for those before it; none if `i` is past the end.
    pub fn elements_from(self, i: u64) -> Result<Elements<'a>> {
        match self.open()? {
            Open::Vector(vector) => Ok(Elements::of_vector(vector, i)),
            other => Err(unfit(&other, "vectors have elements from an index on")),
        }
    }

    /// The elements of a vector, the last one first. An error if this is no vector.
    pub fn elements_rev(self) -> Result<ElementsRev<'a>> {
        match self.open()? {
            Open::Vector(vector) => Ok(ElementsRev::new(vector)),
            other => Err(unfit(&other, "vectors have elements from the end")),
        }
    }

    /// The order in which a map or set keeps its entries. An error if it is neither.
    #[inline]
    pub fn order(self) -> Result<Order> {
        match self.word.as_block() {
            Some(off) if self.arena.block_header(off)?.kind_bits() == Kind::MapRoot as u64 => Ok(Order::Hash), // most are
            _ => self.order_of_other(),
        }
    }

    fn order_of_other(self) -> Result<Order> {
        match self.open()? {
            Open::Map(_) | Open::Set(_) => Ok(Order::Hash),
            Open::Sorted(tree) if tree.kind == Kind::IntMap => Ok(Order::Integer),
            Open::Sorted(_) => Ok(Order::Sorted),
            other => Err(unfit(&other, "maps and sets keep their entries in an order")),
        }
    }

    fn tree(self) -> Result<Tree<'a>> {
        match self.open()? {
            Open::Sorted(tree) => Ok(tree),
            other => Err(unfit(&other, "sorted maps, sorted sets and integer maps are in the order of their keys")),
        }
    }

    /// How many entries of a sorted map, a sorted set or an integer map come before this key, and whether the key is there. Costs about as
    /// much as [`get`](View::get). An error if this is none of them.
    pub fn rank<'k>(self, key: impl Into<Key<'k>>) -> Result<(u64, bool)> {
        let found = self.tree()?.find(&key.into())?;
        Ok((found.rank, found.entry.is_some()))
    }

    /// The key and the value of entry `i` in the order of the keys, of a set the element twice; `None` past the end. One step for each
    /// level of the tree. An error if this is no sorted map, sorted set or integer map.
    pub fn entry_at(self, i: u64) -> Result<Option<(View<'a>, View<'a>)>> {
        let tree = self.tree()?;
        if i >= tree.count {
            return Ok(None);
        }
        let entry = tree.entry(i)?;
        Ok(Some((self.at(Word(entry[0])), self.at(Word(entry[tree.width() - 1])))))
    }

    /// The entries of a sorted map or an integer map from number `from` up to, but not including, number `to`; with `down` the last of
    /// them comes first. [`rank`](View::rank) tells the number of a key. An error if this is neither.
    pub fn entries_between(self, from: u64, to: u64, down: bool) -> Result<Entries<'a>> {
        let tree = self.tree()?;
        if tree.is_set() {
            return Err(unfit(&Open::Sorted(tree), "maps have entries"));
        }
        Ok(Entries::ordered(self.arena, Cursor::new(tree, from, to, down)))
    }

    /// The elements of a sorted set, as [`entries_between`](View::entries_between). An error if this is none.
    pub fn elements_between(self, from: u64, to: u64, down: bool) -> Result<Elements<'a>> {
        let tree = self.tree()?;
        if !tree.is_set() {
            return Err(unfit(&Open::Sorted(tree), "sorted sets have elements in order"));
        }
        Ok(Elements::ordered(self.arena, Cursor::new(tree, from, to, down)))
    }

    /// Which of the two comes first in the order of all values; see `spec/2-values.md`. They may be of different domains.
    pub fn compare(self, other: View<'_>) -> Result<std::cmp::Ordering> {
        order::views(self, other)
    }

    /// Calls `f` with every key and value of a map until it breaks off: the fastest way through all of it.
    pub fn for_each_entry<B>(self, f: impl FnMut(View<'a>, View<'a>) -> ControlFlow<B>) -> Result<ControlFlow<B>> {
        self.entries()?.for_each(f)
    }

    /// Calls `f` with every element of a vector, list or set until it breaks off: the fastest way through all of it.
    pub fn for_each_element<B>(self, f: impl FnMut(View<'a>) -> ControlFlow<B>) -> Result<ControlFlow<B>> {
        self.elements()?.for_each(f)
    }

    /// Are the two equal, as Clojure's `=` has it? They may be of different domains. Costs up to a walk over both, but what
    /// two values of one domain share is skipped.
    pub fn equals(self, other: View<'_>) -> Result<bool> {
        equal::values(self, other, Trail::START)
    }

    /// The hash, all 64 bits of it: equal for values that are equal. It depends on the domain's seed. Costs a walk over all of
    /// a collection.
    pub fn hash(self) -> Result<u64> {
        hash::value_hash(self.arena, self, Trail::START)
    }
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.open() {
            Ok(Open::Scalar(scalar)) => write!(f, "{scalar:?}"),
            Ok(Open::Tagged(tag, value)) => write!(f, "Tagged({:?}, {:#x})", self.at(tag).scalar(), value.0),
            Ok(open) => write!(f, "{:?}({} at {:#x})", Type::of(&open), self.len().unwrap_or(0), self.word.0),
            Err(e) => write!(f, "{e}"),
        }
    }
}
