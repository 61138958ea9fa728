//! Lays out values in memory the plain way, from the whole of each collection at once, so that reading can be tested without
//! the code that writes.

use crate::arena::Arena;
use crate::error::Result;
use crate::layout::block::{bytes_for, pair, scalar};
use crate::layout::header::{TABLE_FANOUT, word as header};
use crate::layout::trie::{LEVELS, height, index, tail_start};
use crate::layout::{BlockHeader, Kind, Off, Tick, Word};
use crate::region::Region;
use crate::sync::Relaxed;
use crate::table;
use crate::view::word_hash;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// Memory of a fixed size.
struct Memory {
    base: *mut u8,
    layout: Layout,
}

// SAFETY: the memory is owned, and reached through the arena only.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `Builder::new`.
        unsafe { dealloc(self.base, self.layout) }
    }
}

// SAFETY: all of the memory is there from the start, zeroed and aligned to 4096 bytes.
unsafe impl Region for Memory {
    fn base(&self) -> *mut u8 {
        self.base
    }
    fn reserve(&self) -> u64 {
        self.layout.size() as u64
    }
    fn grow(&self, _: u64, _: u64) -> Result<()> {
        Ok(())
    }
    fn punch(&self, _: u64, _: u64) -> Result<()> {
        Ok(())
    }
    fn wait(&self, _: Off, _: u32, _: Option<Duration>) {}
    fn wake(&self, _: Off, _: u32) -> u32 {
        0
    }
}

/// A value, to be laid out and to compare with.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Model {
    Nil,
    Bool(bool),
    Int(i64),
    Char(char),
    Str(String),
    Keyword(String),
    Symbol(String),
    Vector(Vec<Model>),
    List(Vec<Model>),
    Map(Vec<(Model, Model)>),
    Set(Vec<Model>),
    Tagged(String, Box<Model>),
    Meta(Box<Model>),
}

impl Model {
    /// The form in which equal values are the same: metadata gone, lists as vectors, entries in order and once (the first of each key).
    pub fn canon(&self) -> Model {
        let all = |v: &Vec<Model>| v.iter().map(Model::canon).collect::<Vec<_>>();
        match self {
            Model::Vector(v) | Model::List(v) => Model::Vector(all(v)),
            Model::Set(v) => Model::Set(all(v).into_iter().collect::<BTreeSet<_>>().into_iter().collect()),
            Model::Map(v) => {
                let mut map = BTreeMap::new();
                for (key, value) in v {
                    map.entry(key.canon()).or_insert_with(|| value.canon());
                }
                Model::Map(map.into_iter().collect())
            }
            Model::Tagged(tag, value) => Model::Tagged(tag.clone(), Box::new(value.canon())),
            Model::Meta(value) => value.canon(),
            other => other.clone(),
        }
    }
}

/// Blocks by kind and payload.
type Contents = HashMap<(u8, Vec<u64>), Word>;

pub struct Builder {
    pub arena: Arena,
    next: Cell<u64>,
    /// Blocks of equal content, so that they can be shared.
    shared: Option<RefCell<Contents>>,
}

impl Builder {
    pub fn new(bytes: u64, seed: u64, mask: u64) -> Builder {
        let layout = Layout::from_size_align(bytes as usize, 4096).unwrap();
        // SAFETY: the layout is not empty.
        let base = unsafe { alloc_zeroed(layout) };
        for (i, value) in [(header::HASH_SEED, seed), (header::HASH_MASK, mask), (header::COMMITTED, bytes)] {
            // SAFETY: inside the memory just allocated.
            unsafe { base.cast::<u64>().add(i as usize).write(value) };
        }
        Builder { arena: Arena::new(Box::new(Memory { base, layout })), next: Cell::new(8192), shared: None }
    }
    /// Blocks of equal content become one block from now on.
    pub fn sharing(mut self) -> Builder {
        self.shared = Some(RefCell::default());
        self
    }
    /// Where the next block will stand.
    pub fn end(&self) -> u64 {
        self.next.get()
    }
    pub fn block(&self, kind: Kind, words: &[u64]) -> Word {
        let make = || {
            let off = Off(self.next.get());
            self.next.set((off.0 + bytes_for(words.len() as u64)).next_multiple_of(16));
            assert!(self.next.get() <= self.arena.committed(), "the test needs more memory");
            self.arena.write(off, &[BlockHeader::new(kind, 1, Tick(1)).0]);
            self.arena.write(off.at(1), words);
            Word::block(off)
        };
        match &self.shared {
            Some(shared) => *shared.borrow_mut().entry((kind as u8, words.to_vec())).or_insert_with(make),
            None => make(),
        }
    }
    fn bytes(&self, kind: Kind, head: &[u64], bytes: &[u8]) -> Word {
        let mut words = head.to_vec();
        words.extend(bytes.chunks(8).map(|c| {
            let mut le = [0; 8];
            le[..c.len()].copy_from_slice(c);
            u64::from_le_bytes(le)
        }));
        if words.len() < 2 {
            words.push(0);
        }
        self.block(kind, &words)
    }
    pub fn scalar(&self, kind: u64, bytes: &[u8]) -> Word {
        self.bytes(Kind::Scalar, &[kind | (bytes.len() as u64) << 8], bytes)
    }
    pub fn int(&self, i: i64) -> Word {
        Word::int(i).unwrap_or_else(|| self.scalar(scalar::INTEGER, &i.to_le_bytes()))
    }
    pub fn float(&self, f: f64) -> Word {
        Word::float(f).unwrap_or_else(|| self.scalar(scalar::FLOAT, &f.to_le_bytes()))
    }
    pub fn str(&self, s: &str) -> Word {
        Word::short_str(s.as_bytes()).unwrap_or_else(|| self.bytes(Kind::Str, &[s.len() as u64], s.as_bytes()))
    }
    pub fn keyword(&self, s: &str) -> Word {
        Word::short_keyword(s.as_bytes()).unwrap_or_else(|| Word::long_keyword(self.name(s)))
    }
    pub fn symbol(&self, s: &str) -> Word {
        Word::short_symbol(s.as_bytes()).unwrap_or_else(|| Word::long_symbol(self.name(s)))
    }
    fn name(&self, s: &str) -> Off {
        let hash = table::hash_name(&self.arena, s.as_bytes());
        let new = self.bytes(Kind::Name, &[hash, s.len() as u64], s.as_bytes()).as_block().unwrap();
        let node = || {
            // never shared: its slots are set later
            let mut words = vec![0; 1 + TABLE_FANOUT as usize];
            words[0] = TABLE_FANOUT;
            let off = Off(self.next.get());
            self.next.set((off.0 + bytes_for(words.len() as u64)).next_multiple_of(16));
            self.arena.write(off, &[BlockHeader::new(Kind::Table, 1, Tick(1)).0]);
            self.arena.write(off.at(1), &words);
            Ok(off)
        };
        table::insert(&self.arena, Off(header::NAMES * 8), new, node, |_| {}).unwrap()
    }
    pub fn vector(&self, elements: &[Word]) -> Word {
        let raw: Vec<u64> = elements.iter().map(|w| w.0).collect();
        let count = raw.len() as u64;
        if count == 0 {
            return Word::EMPTY_VECTOR;
        }
        let mut root = vec![count];
        if count <= 32 {
            root.push(count);
            root.extend(&raw);
        } else {
            let (trie, tail) = raw.split_at(tail_start(count) as usize);
            let node = |kind, c: &[u64]| self.block(kind, &[&[c.len() as u64], c].concat()).0;
            let mut level: Vec<u64> = trie.chunks(32).map(|c| node(Kind::VectorLeaf, c)).collect();
            for _ in 1..height(trie.len() as u64) {
                level = level.chunks(32).map(|c| node(Kind::VectorNode, c)).collect();
            }
            assert!(level.len() <= 32);
            root.extend([level.len() as u64 + 1, node(Kind::VectorLeaf, tail)]);
            root.extend(level);
        }
        self.block(Kind::VectorRoot, &root)
    }
    pub fn list(&self, elements: &[Word]) -> Word {
        let mut rest = Word::EMPTY_LIST;
        for (i, first) in elements.iter().rev().enumerate() {
            rest = self.block(Kind::ListCell, &[i as u64 + 1, first.0, rest.0]);
        }
        rest
    }
    /// A map of keys that are all different.
    pub fn map(&self, entries: &[(Word, Word)]) -> Word {
        let raw: Vec<_> = entries.iter().map(|(k, v)| [k.0, v.0]).collect();
        if raw.is_empty() {
            Word::EMPTY_MAP
        } else {
            self.trie(&raw, [Kind::MapRoot, Kind::MapNode, Kind::MapCollision])
        }
    }
    /// A set of elements that are all different.
    pub fn set(&self, elements: &[Word]) -> Word {
        let raw: Vec<_> = elements.iter().map(|w| [w.0]).collect();
        if raw.is_empty() {
            Word::EMPTY_SET
        } else {
            self.trie(&raw, [Kind::SetRoot, Kind::SetNode, Kind::SetCollision])
        }
    }
    fn trie<const PER: usize>(&self, entries: &[[u64; PER]], kinds: [Kind; 3]) -> Word {
        let mut hashed: Vec<_> = entries.iter().map(|e| (word_hash(&self.arena, Word(e[0])).unwrap(), *e)).collect();
        hashed.sort_by_key(|(hash, _)| *hash);
        self.trie_node(&hashed, 0, kinds)
    }
    fn trie_node<const PER: usize>(&self, entries: &[(u64, [u64; PER])], level: usize, kinds: [Kind; 3]) -> Word {
        let (mut bitmap, mut data, mut nodes) = (0u64, vec![], vec![]);
        if level == LEVELS {
            data.extend(entries.iter().flat_map(|(_, e)| e));
            return self.block(kinds[2], &[&[entries.len() as u64], &data[..]].concat());
        }
        for group in entries.chunk_by(|(a, _), (b, _)| index(*a, level) == index(*b, level)) {
            let i = index(group[0].0, level);
            if let [(_, entry)] = group {
                bitmap |= 1 << i;
                data.extend(entry);
            } else {
                bitmap |= 1 << (32 + i);
                nodes.push(self.trie_node(group, level + 1, kinds).0);
            }
        }
        let count: &[u64] = if level == 0 { &[entries.len() as u64] } else { &[] };
        self.block(kinds[(level > 0) as usize], &[&[bitmap], count, &data, &nodes].concat())
    }
    pub fn model(&self, model: &Model) -> Word {
        let all = |v: &[Model]| v.iter().map(|m| self.model(m)).collect::<Vec<_>>();
        match model {
            Model::Nil => Word::NIL,
            Model::Bool(b) => Word::bool(*b),
            Model::Int(i) => self.int(*i),
            Model::Char(c) => Word::char(*c as u32),
            Model::Str(s) => self.str(s),
            Model::Keyword(s) => self.keyword(s),
            Model::Symbol(s) => self.symbol(s),
            Model::Vector(v) => self.vector(&all(v)),
            Model::List(v) => self.list(&all(v)),
            Model::Set(v) => {
                let mut seen = BTreeSet::new();
                let once: Vec<_> = v.iter().filter(|m| seen.insert(m.canon())).map(|m| self.model(m)).collect();
                self.set(&once)
            }
            Model::Map(v) => {
                let mut seen = BTreeSet::new();
                let once: Vec<_> = v
                    .iter()
                    .filter(|(k, _)| seen.insert(k.canon()))
                    .map(|(k, v)| (self.model(k), self.model(v)))
                    .collect();
                self.map(&once)
            }
            Model::Tagged(tag, value) => {
                let words = [pair::TAGGED, self.symbol(tag).0, self.model(value).0];
                self.block(Kind::Pair, &words)
            }
            Model::Meta(value) => {
                let value = match &**value {
                    Model::Meta(inner) => return self.model(&Model::Meta(inner.clone())),
                    value => self.model(value),
                };
                self.block(Kind::Pair, &[pair::META, value.0, self.map(&[(self.keyword("doc"), self.int(1))]).0])
            }
        }
    }
    /// Overwrites a word, as damage to the file would.
    pub fn damage(&self, off: Off, word: u64) {
        self.arena.word(off).store(word, Relaxed);
    }
}
