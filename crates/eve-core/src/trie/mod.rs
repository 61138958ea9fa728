//! The tries, as algorithms over nodes: each takes an old root and a batch of changes and makes every new node once.

pub(crate) mod champ;
pub(crate) mod ordered;
pub(crate) mod radix;

use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::layout::word::{Empty, Immediate};
use crate::layout::{Kind, Off, Word};
use crate::patch::build::{Build, Built, Mode, Opened};
use crate::patch::plan::Plan;
use crate::sync::Relaxed;
use crate::value::shared::key_of;
use crate::value::{Order, Value};
use crate::view::ordered::Tree;
use crate::view::{self, Key};
use smallvec::SmallVec;

/// One change of a map or set, of a key that no other change of the batch has.
pub(crate) struct Op {
    /// In a trie of hashes the hash of the key; in an ordered tree how many of the old entries come before it.
    pub place: u64,
    /// The key as it is stored, if it is there; else the key to store, its edge counted.
    pub key: Word,
    /// The key is not there yet.
    pub added: bool,
    /// Of several changes that add one key the last counts: in this order.
    pub order: u32,
    pub change: Change,
}

pub(crate) enum Change {
    /// The entry has this value afterwards (for a set: any).
    Put(Plan),
    /// The entry, which is there, goes.
    Remove,
}

/// The changes of one collection; one is the most frequent number.
pub(crate) type Ops = SmallVec<[Op; 1]>;

impl Op {
    /// The word of an added entry's value; of a set, the element again.
    fn fresh_value(&mut self, width: usize) -> u64 {
        match std::mem::replace(&mut self.change, Change::Remove) {
            Change::Put(_) if width == 1 => self.key.0,
            Change::Put(Plan::Word(value)) => value.0,
            _ => unreachable!("a new entry has a finished value"),
        }
    }
    /// Does without a change: what was made for it goes after the commit, like anything that is replaced.
    pub fn give_up(self, b: &mut Build<'_>) -> Built<()> {
        if self.added {
            b.release(self.key, Opened::ATOM)?;
        }
        if let Change::Put(Plan::Word(value)) = self.change {
            b.release(value, Opened::ATOM)?;
        }
        Ok(())
    }
}

/// The kinds of maps and sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Table {
    HashMap,
    HashSet,
    SortedMap,
    SortedSet,
    IntMap,
}

impl Table {
    pub fn of_map(order: Order) -> Table {
        match order {
            Order::Hash => Table::HashMap,
            Order::Sorted => Table::SortedMap,
            Order::Integer => Table::IntMap,
        }
    }
    pub fn of_set(order: Order) -> Table {
        if order == Order::Hash { Table::HashSet } else { Table::SortedSet }
    }
    /// What the word of a map or set, without metadata, is.
    #[inline]
    pub fn of_word(arena: &Arena, word: Word) -> Result<Table> {
        match word.as_block() {
            Some(off) if arena.block_header(off)?.kind_bits() == Kind::MapRoot as u64 => Ok(Table::HashMap), // most are
            _ => Table::of_other_word(arena, word),
        }
    }
    fn of_other_word(arena: &Arena, word: Word) -> Result<Table> {
        let empty = match word.decode() {
            Immediate::Block(off) => {
                return match arena.block_header(off)?.kind() {
                    Some(Kind::MapRoot) => Ok(Table::HashMap),
                    Some(Kind::SetRoot) => Ok(Table::HashSet),
                    Some(Kind::SortedMap) => Ok(Table::SortedMap),
                    Some(Kind::SortedSet) => Ok(Table::SortedSet),
                    Some(Kind::IntMap) => Ok(Table::IntMap),
                    _ => Err(Error::corrupt(off, "the root of a map or set")),
                };
            }
            Immediate::Empty(empty) => empty,
            _ => return Err(Error::corrupt(Off(word.0), "a map or set")),
        };
        match empty {
            Empty::Map => Ok(Table::HashMap),
            Empty::Set => Ok(Table::HashSet),
            Empty::SortedMap => Ok(Table::SortedMap),
            Empty::SortedSet => Ok(Table::SortedSet),
            Empty::IntMap => Ok(Table::IntMap),
            Empty::Vector | Empty::List => Err(Error::corrupt(Off(word.0), "a map or set")),
        }
    }
    /// The kind of the nodes of an ordered tree, and the word of one without entries.
    fn ordered(self) -> Option<(Kind, Word)> {
        match self {
            Table::HashMap | Table::HashSet => None,
            Table::SortedMap => Some((Kind::SortedMap, Word::EMPTY_SORTED_MAP)),
            Table::SortedSet => Some((Kind::SortedSet, Word::EMPTY_SORTED_SET)),
            Table::IntMap => Some((Kind::IntMap, Word::EMPTY_INT_MAP)),
        }
    }
    /// Where a key would stand in a map or set that is made from nothing.
    pub fn place(self, arena: &Arena, key: &Value) -> Result<u64> {
        Ok(self.find(arena, None, &key_of(key))?.0)
    }
    /// Where a key stands in the map or set at `root` (or would stand, in one made from nothing), and its entry: key and value, or the
    /// element twice.
    #[inline]
    pub fn find(self, arena: &Arena, root: Option<Off>, key: &Key<'_>) -> Result<(u64, Option<(Word, Word)>)> {
        let ordered = if self == Table::HashMap { None } else { self.ordered() };
        let Some((kind, _)) = ordered else {
            let hash = view::key_hash(arena, key)?;
            let found = match (root, self) {
                (None, _) => None,
                (Some(root), Table::HashMap) => view::find_in_map(arena, root, hash, key)?,
                (Some(root), _) => view::find_in_set(arena, root, hash, key)?.map(|element| (element, element)),
            };
            return Ok((hash, found));
        };
        let Some(off) = root else { return Ok((0, None)) };
        // The count is only asked whether there is anything.
        let found = Tree { arena, kind, count: 1, off }.find(key)?;
        Ok((found.rank, found.entry.map(|entry| (Word(entry[0]), Word(entry[entry.len() - 1])))))
    }
}

/// Look-ups of which the memory is asked for together.
pub(crate) const TOGETHER: usize = 32;

impl Table {
    /// Asks for the memory that looking these keys up is going to need (of the first [`TOGETHER`] of them), if the map or set at `root` is too large for the
    /// caches. One look-up waits at each level; many can wait together.
    pub fn fetch_ahead<'k>(
        self,
        arena: &Arena,
        root: Option<Off>,
        keys: impl Iterator<Item = Result<Key<'k>>>,
    ) -> Result<()> {
        const LARGE: u64 = 8192;
        let (Some(off), Table::HashMap | Table::HashSet) = (root, self) else { return Ok(()) };
        arena.check(off, 24)?;
        let count = arena.word(off.at(2)).load(Relaxed); // a published root does not change
        if count < LARGE {
            return Ok(());
        }
        let mut hashes = SmallVec::<[u64; TOGETHER]>::new();
        for key in keys.take(TOGETHER) {
            // Hashing a collection twice may cost more than it saves.
            if let key @ Key::Scalar(_) = &key? {
                hashes.push(view::key_hash(arena, key)?);
            }
        }
        if hashes.len() > 1 {
            match self {
                Table::HashMap => view::fetch_ahead::<2>(arena, off, &hashes),
                _ => view::fetch_ahead::<1>(arena, off, &hashes),
            }
        }
        Ok(())
    }
}

/// Changes the map or set at `old` (or makes one from nothing), and gives the new root.
#[inline]
pub(crate) fn update(b: &mut Build<'_>, table: Table, old: Option<(Off, Mode)>, ops: &mut Ops) -> Built<Word> {
    if table == Table::HashMap {
        return champ::update(b, champ::MAP, old, ops);
    }
    match table.ordered() {
        Some((kind, empty)) => ordered::update(b, kind, empty, old, ops),
        None => champ::update(b, champ::SET, old, ops),
    }
}
