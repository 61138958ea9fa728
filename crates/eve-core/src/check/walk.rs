//! Walking over everything that hangs on a word: each block once, without recursion, each edge counted, each node checked
//! against what its place asks for.

mod contents;
mod place;

use super::census::Census;
use super::report::Report;
use crate::arena::{Arena, Node};
use crate::layout::header::word;
use crate::layout::trie;
use crate::layout::word::{Empty, Immediate};
use crate::layout::{BlockHeader, Kind, Off, Tick, Word};
use crate::table;
pub(super) use place::kind_name;
use place::{Item, Want, fits, want_name};
use std::collections::HashMap;

/// Levels of a map's trie that use bits of the hash; collision nodes stand below.
const LEVELS: u8 = trie::LEVELS as u8;

/// Entries of a map or set met so far; unknown once something below was damaged.
#[derive(Clone, Copy)]
struct Tally(Option<u64>);

/// The walk, and what it found.
pub(super) struct Walk<'a, 'c> {
    arena: &'a Arena,
    pub census: &'c mut Census<'a>,
    pub report: &'c mut Report,
    /// Blocks and bytes by kind.
    pub kinds: [(u64, u64); Kind::COUNT],
    /// Blocks met.
    pub blocks: u64,
    /// The latest birth met.
    pub youngest: Tick,
    /// The atom under way.
    pub atom: Option<String>,
    stack: Vec<Item>,
    tallies: Vec<Tally>,
    /// Entries below nodes with more than one parent.
    shared: HashMap<u64, Option<u64>>,
}

impl<'a, 'c> Walk<'a, 'c> {
    pub fn new(arena: &'a Arena, census: &'c mut Census<'a>, report: &'c mut Report) -> Walk<'a, 'c> {
        Walk {
            arena,
            census,
            report,
            kinds: [(0, 0); Kind::COUNT],
            blocks: 0,
            youngest: Tick(0),
            atom: None,
            stack: Vec::new(),
            tallies: vec![Tally(None)],
            shared: HashMap::new(),
        }
    }
    /// For the next version: what was met before may be met anew.
    pub fn forget(&mut self) {
        self.census.clear();
        self.shared.clear();
    }

    fn damage(&mut self, off: Off, what: impl Into<String>) {
        self.report.damage(off.0, what, self.atom.as_deref());
        if let Some(tally) = self.tallies.last_mut() {
            tally.0 = None;
        }
    }

    /// The root word of an atom.
    pub fn root(&mut self, word: Word, at: Off) {
        if word != Word::ABSENT {
            self.value(word, at, Tick::MAX, Want::Value);
        }
    }
    /// A block in limbo, and what hangs below it if `deep`.
    pub fn dropped(&mut self, off: Off, deep: bool) {
        match self.census.find(off) {
            Err(what) => self.damage(off, format!("in limbo: {what}")),
            Ok(place) => {
                if !self.census.hold(place) {
                    self.report.doubly_used += 1;
                    self.damage(off, "in limbo twice");
                }
                if deep {
                    self.below(off, 0);
                }
            }
        }
    }
    /// The children from number `from` on of a block that is itself accounted for.
    pub fn below(&mut self, off: Off, from: u64) {
        match self.arena.node(off) {
            Err(_) => {
                self.report.unreadable += 1;
                self.damage(off, "a block that cannot be read");
            }
            Ok(node) => {
                let children = node.children().iter().skip(from as usize);
                for &child in children {
                    if let Some(child) = Word(child).as_block() {
                        self.push(child, Want::AnyNode, 0, 0, node.header.birth());
                    }
                }
            }
        }
    }
    /// A block that belongs to the engine itself: a table, a name, a bag. False if it was met before or cannot be.
    pub fn own(&mut self, off: Off, kind: Kind) -> bool {
        let place = match self.census.find(off) {
            Err(what) => {
                self.damage(off, what);
                return false;
            }
            Ok(place) => place,
        };
        if !self.census.reach(place) {
            self.report.doubly_used += 1;
            self.damage(off, "a block of the engine that is in use twice");
            return false;
        }
        match self.arena.node(off) {
            Ok(node) if node.kind == kind => {
                self.count_block(&node);
                true
            }
            _ => {
                self.report.unreadable += 1;
                self.damage(off, "a block of the engine that cannot be read");
                false
            }
        }
    }

    fn count_block(&mut self, node: &Node<'_>) {
        self.blocks += 1;
        self.youngest = self.youngest.max(node.header.birth());
        let Ok(place) = self.census.find(node.off) else { return };
        let bytes = self.census.bytes(place);
        let of_kind = &mut self.kinds[node.kind as usize];
        of_kind.0 += 1;
        of_kind.1 += bytes;
        if 8 + node.shape.words * 8 > bytes {
            self.damage(node.off, "a block larger than its place");
        }
    }

    fn push(&mut self, off: Off, want: Want, level: u8, data: u64, birth: Tick) {
        self.stack.push(Item { off, want, level, data, birth });
    }

    /// A word that stands for a value.
    fn value(&mut self, word: Word, at: Off, birth: Tick, want: Want) {
        let as_written = match word.decode() {
            Immediate::Str(text) => Word::short_str(text.as_bytes()),
            Immediate::Keyword(text) => Word::short_keyword(text.as_bytes()),
            Immediate::Symbol(text) => Word::short_symbol(text.as_bytes()),
            _ => Some(word),
        };
        if as_written != Some(word) {
            // It is read, but equals no other of this text.
            self.damage(at, "a short text with something behind its end");
        }
        match word.decode() {
            Immediate::Block(off) => self.push(off, want, 0, 0, birth),
            Immediate::LongKeyword(entry) | Immediate::LongSymbol(entry) => self.name(entry, at),
            Immediate::Absent | Immediate::Unknown => self.damage(at, "a word that is no value"),
            Immediate::Empty(Empty::Map | Empty::SortedMap | Empty::IntMap) => {}
            _ if want == Want::Meta => self.damage(at, "metadata that is no map"),
            _ => {}
        }
    }

    fn name(&mut self, entry: Off, at: Off) {
        let is_name = self.arena.node(entry).ok().filter(|node| node.kind == Kind::Name);
        let known = match (is_name, self.census.find(entry)) {
            (Some(_), Ok(place)) if self.census.is_reached(place) => true,
            // A name that is younger than our look at the table.
            (Some(node), _) => {
                let name = node.bytes();
                let hash = table::hash_name(self.arena, name);
                matches!(table::find(self.arena, Off(word::NAMES * 8), hash, name), Ok(Some(found)) if found == entry)
            }
            _ => false,
        };
        if !known {
            self.damage(at, "a keyword, symbol or shape that is not in the table of names");
        }
    }

    /// Goes on for about `most` blocks; true when everything was met.
    pub fn run(&mut self, most: u64) -> bool {
        let until = self.blocks.saturating_add(most);
        while self.blocks < until {
            let Some(item) = self.stack.pop() else { return true };
            match item.want {
                Want::EndOfRoot => {
                    let found = self.tallies.pop().and_then(|t| t.0);
                    if found.is_some_and(|found| found != item.data) {
                        let what = format!("a count of {} entries where there are {}", item.data, found.unwrap_or(0));
                        self.damage(item.off, what);
                    }
                }
                Want::EndOfShared => {
                    let found = self.tallies.pop().and_then(|t| t.0);
                    self.shared.insert(item.off.0, found);
                    self.add_entries(found);
                }
                _ => self.enter(item),
            }
        }
        self.stack.is_empty()
    }

    fn add_entries(&mut self, n: Option<u64>) {
        if let Some(tally) = self.tallies.last_mut() {
            tally.0 = tally.0.zip(n).map(|(a, b)| a.saturating_add(b));
        }
    }

    fn enter(&mut self, item: Item) {
        let off = item.off;
        let place = match self.census.find(off) {
            Ok(place) => place,
            Err(what) => return self.damage(off, what),
        };
        let first = self.census.reach(place);
        let node = match self.arena.node(off) {
            Ok(node) => node,
            Err(_) => {
                self.report.unreadable += u64::from(first);
                return self.damage(off, "a block that cannot be read");
            }
        };
        if node.header.birth() > item.birth {
            self.damage(off, "a block that is younger than its parent");
        }
        let inner = matches!(item.want, Want::MapNode | Want::SetNode);
        if !fits(item, &node) {
            self.damage(off, format!("a {} where a {} belongs", kind_name(node.kind), want_name(item)));
            if first {
                self.count_block(&node);
            }
            return;
        }
        if !first {
            if inner {
                self.add_entries(self.shared.get(&off.0).copied().flatten());
            }
            return;
        }
        self.count_block(&node);
        if inner && node.header.has(BlockHeader::SHARED) {
            self.push(off, Want::EndOfShared, 0, 0, item.birth);
            self.tallies.push(Tally(Some(0)));
        }
        self.contents(item, node);
    }
}
