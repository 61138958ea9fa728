//! What each kind of block has to hold: counts, positions, order, and what hangs on it.

use super::place::{Item, Want};
use super::{LEVELS, Tally, Walk};
use crate::arena::Node;
use crate::layout::block::{pair, records};
use crate::layout::trie;
use crate::layout::word::Immediate;
use crate::layout::{Kind, Off, Tick, Word};
use crate::typed::RecordsView;
use crate::value::{Scalar, Schema};
use crate::view::ordered::{self, Part};
use crate::view::{self, Key, View, same_key, word_hash};
use std::cmp::Ordering;

impl<'a> Walk<'a, '_> {
    /// Checks a block that was met for the first time, and pushes what hangs on it.
    pub(super) fn contents(&mut self, item: Item, node: Node<'a>) {
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
                if Word::short_str(node.bytes()).is_some() {
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
