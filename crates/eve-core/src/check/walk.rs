//! Walking over everything that hangs on a word: each block once, without recursion, each edge counted, each node checked
//! against what its place asks for.

use super::census::Census;
use super::report::Report;
use crate::arena::{Arena, Node};
use crate::layout::block::{pair, records};
use crate::layout::header::word;
use crate::layout::trie;
use crate::layout::word::{Empty, Immediate};
use crate::layout::{BlockHeader, Kind, Off, Tick, Word};
use crate::table;
use crate::typed::RecordsView;
use crate::value::{Scalar, Schema};
use crate::view::ordered::{self, Part};
use crate::view::{self, Key, View, same_key, word_hash};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Levels of a map's trie that use bits of the hash; collision nodes stand below.
const LEVELS: u8 = trie::LEVELS as u8;

/// What may stand at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Want {
    /// Any value.
    Value,
    /// A value around which metadata stands: not such a one again.
    Content,
    /// Metadata: a map.
    Meta,
    /// The rest of a list, with `data` cells.
    Rest,
    /// A node at `level` (not 0) of a map, below which all hashes begin with `data`.
    MapNode,
    /// The same of a set.
    SetNode,
    /// A node of a vector at `level` (leaves at 0) with `data` elements.
    VectorNode,
    /// A node of this kind of an ordered tree, at `level`, with `data` entries.
    TreeNode(Kind),
    /// A node of a dropped part of a map, set or vector.
    AnyNode,
    /// Not a place: the map or set at `off` was walked over, and has `data` entries.
    EndOfRoot,
    /// Not a place: the node at `off`, which has more than one parent, was walked over.
    EndOfShared,
}

#[derive(Clone, Copy)]
struct Item {
    off: Off,
    want: Want,
    level: u8,
    data: u64,
    /// Of the parent.
    birth: Tick,
}

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

    fn contents(&mut self, item: Item, node: Node<'a>) {
        let (off, birth) = (node.off, node.header.birth());
        match node.kind {
            Kind::MapRoot | Kind::SetRoot => {
                self.push(off, Want::EndOfRoot, 0, node.words[1], birth);
                self.tallies.push(Tally(Some(0)));
                self.trie(node, Some((0, 0)));
            }
            Kind::MapNode | Kind::SetNode => {
                self.trie(node, (item.want != Want::AnyNode).then_some((item.level, item.data)));
            }
            Kind::MapCollision | Kind::SetCollision => {
                self.collision(node, (item.want != Want::AnyNode).then_some(item.data));
            }
            Kind::SortedMap | Kind::SortedSet | Kind::IntMap => self.ordered(item, node),
            Kind::VectorRoot => self.vector(node),
            Kind::VectorNode => {
                let step = 1u64 << (5 * item.level as u32);
                for (i, &child) in node.children().iter().enumerate() {
                    let Some(child) = Word(child).as_block() else {
                        self.damage(off, "a node of a vector without a node below");
                        continue;
                    };
                    if item.want == Want::AnyNode {
                        self.push(child, Want::AnyNode, 0, 0, birth);
                    } else {
                        let elements = (item.data - i as u64 * step).min(step);
                        self.push(child, Want::VectorNode, item.level - 1, elements, birth);
                    }
                }
            }
            Kind::VectorLeaf => self.values(node.children(), off, birth),
            Kind::ListCell => {
                let count = node.words[0];
                self.value(Word(node.words[1]), off, birth, Want::Value);
                match Word(node.words[2]).as_block() {
                    Some(rest) if count > 1 => self.push(rest, Want::Rest, 0, count - 1, birth),
                    None if count == 1 && Word(node.words[2]) == Word::EMPTY_LIST => {}
                    _ => self.damage(off, "a cell of a list whose count is not that of what follows"),
                }
            }
            Kind::Pair => match node.words[0] {
                pair::META => {
                    self.value(Word(node.words[1]), off, birth, Want::Content);
                    self.value(Word(node.words[2]), off, birth, Want::Meta);
                }
                _ => {
                    let tag = Word(node.words[1]);
                    if !matches!(tag.decode(), Immediate::Symbol(_) | Immediate::LongSymbol(_)) {
                        self.damage(off, "a tag that is no symbol");
                    }
                    self.value(tag, off, birth, Want::Value);
                    self.value(Word(node.words[2]), off, birth, Want::Value);
                }
            },
            Kind::Str => {
                if node.words[0] < 8 {
                    self.damage(off, "a string in a block that a word has room for");
                }
            }
            Kind::Scalar => {
                if !matches!(View::new(self.arena, Word::block(off)).scalar(), Ok(Some(_))) {
                    self.damage(off, "a scalar that cannot be read");
                }
            }
            // Any elements are right, and `count_block` has seen that they are inside.
            Kind::Array => {}
            Kind::Records => {
                self.name(Off(node.words[records::SHAPE]), off);
                let shape = RecordsView::of_any_size(self.arena, &node).map(|view| Schema::from_bytes(view.shape()));
                if !matches!(shape, Ok(Ok(_))) {
                    self.damage(off, "typed objects without a shape, or with other data than it asks for");
                }
            }
            _ => self.damage(off, "a block that is no value"),
        }
    }

    fn values(&mut self, words: &[u64], at: Off, birth: Tick) {
        for &word in words {
            self.value(Word(word), at, birth, Want::Value);
        }
    }

    /// A node with bitmaps, at a level below which all hashes begin with a prefix, if that is known.
    fn trie(&mut self, node: Node<'a>, place: Option<(u8, u64)>) {
        let is_map = matches!(node.kind, Kind::MapRoot | Kind::MapNode);
        let is_root = matches!(node.kind, Kind::MapRoot | Kind::SetRoot);
        let (want, width) = if is_map { (Want::MapNode, 2) } else { (Want::SetNode, 1) };
        let (data, nodes) = (node.words[0] as u32, (node.words[0] >> 32) as u32);
        let birth = node.header.birth();
        self.add_entries(Some(data.count_ones() as u64));
        if !is_root && nodes == 0 && data.is_power_of_two() {
            self.damage(node.off, "a node with one entry and nothing else, which belongs into the node above");
        }
        let (entries, below) = node.children().split_at(data.count_ones() as usize * width);
        for (i, entry) in bits(data).zip(entries.chunks_exact(width)) {
            if let Some((level, prefix)) = place {
                match word_hash(self.arena, Word(entry[0])) {
                    Err(_) => self.damage(node.off, "a key that cannot be read"),
                    Ok(hash) if starts(hash, level) != prefix || trie::index(hash, level as usize) != i => {
                        self.damage(node.off, "a key that does not belong where its hash says");
                    }
                    Ok(_) => {}
                }
            }
            self.values(entry, node.off, birth);
        }
        for (i, &child) in bits(nodes).zip(below) {
            let Some(child) = Word(child).as_block() else {
                self.damage(node.off, "a node of a map or set without a node below");
                continue;
            };
            match place {
                None => self.push(child, Want::AnyNode, 0, 0, birth),
                Some((level, prefix)) => {
                    let prefix = if level + 1 == LEVELS { prefix << 4 | i as u64 } else { prefix << 5 | i as u64 };
                    self.push(child, want, level + 1, prefix, birth);
                }
            }
        }
    }

    fn collision(&mut self, node: Node<'a>, hash: Option<u64>) {
        let width = if node.kind == Kind::MapCollision { 2 } else { 1 };
        let n = node.words[0];
        self.add_entries(Some(n));
        if n < 2 {
            self.damage(node.off, "a node of keys with equal hashes that holds one");
        }
        let mut keys: Vec<(u64, Word)> = Vec::with_capacity(node.children().len() / width);
        for entry in node.children().chunks_exact(width) {
            let key = Word(entry[0]);
            match (word_hash(self.arena, key), view::full_hash(self.arena, key)) {
                (Ok(masked), Ok(full)) => {
                    if hash.is_some_and(|hash| hash != masked) {
                        self.damage(node.off, "a key that does not belong where its hash says");
                    }
                    keys.push((full, key));
                }
                _ => self.damage(node.off, "a key that cannot be read"),
            }
            self.values(entry, node.off, node.header.birth());
        }
        keys.sort_unstable_by_key(|k| k.0);
        for equal in keys.chunk_by(|a, b| a.0 == b.0) {
            // Keys whose hashes are equal in all bits are very few, unless somebody made them so.
            for (i, a) in equal.iter().enumerate().take(64) {
                for b in equal[i + 1..].iter().take(64) {
                    let key = Key::View(View::new(self.arena, a.1));
                    if a.1 == b.1 || matches!(same_key(self.arena, b.1, &key), Ok(true)) {
                        self.damage(node.off, "a key that is there twice");
                    }
                }
            }
        }
    }

    /// A node of an ordered tree: its keys rise, and where one node below ends and the next begins its keys and sums say what is there.
    fn ordered(&mut self, item: Item, node: Node<'a>) {
        let (off, birth, part) = (node.off, node.header.birth(), Part::of(&node));
        if part.level == 0 {
            let width = ordered::width(node.kind);
            if item.want != Want::AnyNode {
                self.rising(off, part.words.iter().step_by(width));
            }
            if node.kind == Kind::IntMap
                && part
                    .words
                    .iter()
                    .step_by(width)
                    .any(|&key| !matches!(View::new(self.arena, Word(key)).scalar(), Ok(Some(Scalar::Int(_)))))
            {
                self.damage(off, "a key of an integer map that is no integer of 64 bits");
            }
            return self.values(part.words, off, birth);
        }
        self.values(part.keys, off, birth);
        let mut before = 0;
        for (i, (&child, &sum)) in part.words.iter().zip(part.sums).enumerate() {
            let Some(child) = Word(child).as_block() else {
                self.damage(off, "a node of an ordered tree without a node below");
                continue;
            };
            if item.want == Want::AnyNode {
                self.push(child, Want::AnyNode, 0, 0, birth);
                continue;
            }
            match sum.checked_sub(before) {
                Some(entries) if entries > 0 => {
                    self.push(child, Want::TreeNode(node.kind), part.level as u8 - 1, entries, birth);
                }
                _ => self.damage(off, "sums of entries that do not rise"),
            }
            before = sum;
            let ends = [
                ordered::outermost(self.arena, node.kind, child, part.level - 1, true),
                ordered::outermost(self.arena, node.kind, child, part.level - 1, false),
            ];
            let (Ok(first), Ok(last)) = (&ends[0], &ends[1]) else { continue }; // met again further down, and reported there
            if i > 0 && first.0 != part.keys[i - 1] {
                self.damage(off, "a first key that is not the first of the node below");
            }
            if let Some(next) = part.keys.get(i) {
                self.rising(off, [last.0, *next].iter());
            }
        }
    }

    fn rising<'w>(&mut self, off: Off, keys: impl Iterator<Item = &'w u64>) {
        let mut last: Option<View<'_>> = None;
        for &key in keys {
            let key = View::new(self.arena, Word(key));
            match last.map(|last| last.compare(key)) {
                None | Some(Ok(Ordering::Less)) => {}
                Some(Ok(_)) => self.damage(off, "keys that are not in order"),
                Some(Err(_)) => self.damage(off, "a key that cannot be read"),
            }
            last = Some(key);
        }
    }

    fn vector(&mut self, node: Node<'a>) {
        let (off, birth, count) = (node.off, node.header.birth(), node.words[0]);
        let children = node.children();
        if count <= 32 {
            if children.len() as u64 != count {
                self.damage(off, "a vector with other elements than its count says");
            }
            return self.values(children, off, birth);
        }
        let tail = trie::tail_start(count);
        let below = trie::height(tail) - 1;
        let step = trie::span(below);
        if 1 + tail.div_ceil(step) != children.len() as u64 {
            return self.damage(off, "a vector with other children than its count asks for");
        }
        for (i, &child) in children.iter().enumerate() {
            let Some(child) = Word(child).as_block() else {
                self.damage(off, "a vector without a node below");
                continue;
            };
            match i as u64 {
                0 => self.push(child, Want::VectorNode, 0, count - tail, birth),
                i => {
                    let elements = (tail - (i - 1) * step).min(step);
                    self.push(child, Want::VectorNode, below as u8, elements, birth);
                }
            }
        }
    }
}

/// Does this node belong where it was met?
fn fits(item: Item, node: &Node<'_>) -> bool {
    let is_value = matches!(
        node.kind,
        Kind::MapRoot
            | Kind::SetRoot
            | Kind::SortedMap
            | Kind::SortedSet
            | Kind::IntMap
            | Kind::VectorRoot
            | Kind::ListCell
            | Kind::Str
            | Kind::Scalar
            | Kind::Array
            | Kind::Records
    );
    let is_pair = |of: u64| node.kind == Kind::Pair && node.words[0] == of;
    match item.want {
        Want::Value => is_value || is_pair(pair::META) || is_pair(pair::TAGGED),
        Want::Content => is_value || is_pair(pair::TAGGED),
        Want::Meta => matches!(node.kind, Kind::MapRoot | Kind::SortedMap | Kind::IntMap) || is_pair(pair::META),
        Want::TreeNode(kind) => {
            node.kind == kind && {
                let part = Part::of(node);
                part.level == item.level as u64 && part.count(ordered::width(kind)) == item.data
            }
        }
        Want::Rest => node.kind == Kind::ListCell && node.words[0] == item.data,
        Want::MapNode => node.kind == if item.level == LEVELS { Kind::MapCollision } else { Kind::MapNode },
        Want::SetNode => node.kind == if item.level == LEVELS { Kind::SetCollision } else { Kind::SetNode },
        Want::VectorNode => {
            let (kind, step) = match item.level {
                0 => (Kind::VectorLeaf, 1),
                level => (Kind::VectorNode, 1u64 << (5 * level as u32)),
            };
            node.kind == kind && node.children().len() as u64 == item.data.div_ceil(step)
        }
        Want::AnyNode => !matches!(node.kind, Kind::Free | Kind::Name | Kind::Atom | Kind::Table | Kind::Chain),
        Want::EndOfRoot | Want::EndOfShared => false,
    }
}

/// The positions of the bits of a bitmap.
fn bits(mut map: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let i = (map != 0).then(|| map.trailing_zeros())?;
        map &= map - 1;
        Some(i)
    })
}

/// The bits of a hash that are used above a level.
fn starts(hash: u64, level: u8) -> u64 {
    match level {
        0 => 0,
        LEVELS => hash,
        level => hash >> (64 - 5 * level as u32),
    }
}

fn want_name(item: Item) -> &'static str {
    match item.want {
        Want::Value | Want::Content => "value",
        Want::Meta => "map of metadata",
        Want::Rest => "cell of a list of the right length",
        Want::MapNode => "node of a map of this level",
        Want::SetNode => "node of a set of this level",
        Want::VectorNode => "node of a vector of the right size",
        Want::TreeNode(_) => "node of an ordered tree of this level and size",
        Want::AnyNode | Want::EndOfRoot | Want::EndOfShared => "block of a value",
    }
}

/// A kind, for people.
pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Free => "free block",
        Kind::MapRoot => "map root",
        Kind::MapNode => "map node",
        Kind::MapCollision => "map collision",
        Kind::SetRoot => "set root",
        Kind::SetNode => "set node",
        Kind::SetCollision => "set collision",
        Kind::VectorRoot => "vector root",
        Kind::VectorNode => "vector node",
        Kind::VectorLeaf => "vector leaf",
        Kind::ListCell => "list cell",
        Kind::Str => "string",
        Kind::Scalar => "scalar",
        Kind::Pair => "pair",
        Kind::Name => "name",
        Kind::Atom => "atom",
        Kind::Table => "table",
        Kind::Chain => "chain",
        Kind::Array => "typed array",
        Kind::Records => "typed objects",
        Kind::SortedMap => "sorted map node",
        Kind::SortedSet => "sorted set node",
        Kind::IntMap => "int map node",
    }
}
