//! The CHAMP trie of maps and sets: looking a key up, and walking over the nodes of one trie or of two side by side.
//! `PER` is how many words an entry has: 2 in a map, 1 in a set.

use super::key::{Key, Probe};
use super::open::Root;
use super::trail::Trail;
use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::layout::block::Shape;
use crate::layout::trie::{LEVELS, index};
use crate::layout::{BlockHeader, Kind, Off, Word};
use crate::sync::Relaxed;
use smallvec::SmallVec;

/// What a node at `level` has to be, and its payload words before the first child.
#[inline]
fn expected<const PER: usize>(level: usize) -> (Kind, u64) {
    match (level, PER) {
        (0, 2) => (Kind::MapRoot, 2),
        (0, _) => (Kind::SetRoot, 2),
        (LEVELS, 2) => (Kind::MapCollision, 1),
        (LEVELS, _) => (Kind::SetCollision, 1),
        (_, 2) => (Kind::MapNode, 1),
        _ => (Kind::SetNode, 1),
    }
}

/// A word that was checked.
#[inline]
fn load(arena: &Arena, off: Off) -> u64 {
    arena.word(off).load(Relaxed) // nodes do not change while a pin holds them; kinds never do
}

#[cold]
fn wrong_kind(off: Off) -> Box<Error> {
    Error::corrupt(off, "a node of a map or set of its level's kind")
}

#[cold]
fn not_a_node(off: Off) -> Box<Error> {
    Error::corrupt(off, "a node of a map or set with offsets of nodes below")
}

/// The key and the value under `key` in the map whose root is at `root`, as they are stored. `hash` is the key's
/// [`key_hash`](super::key::key_hash).
#[inline(always)]
pub(crate) fn find_in_map(arena: &Arena, root: Off, hash: u64, key: &Key<'_>) -> Result<Option<(Word, Word)>> {
    let found = find::<2>(arena, root, hash, &Probe::new(arena, key), Trail::START)?;
    Ok(found.map(|[key, value]| (key, value)))
}

/// The element that equals `key` in the set whose root is at `root`, as it is stored.
#[inline(always)]
pub(crate) fn find_in_set(arena: &Arena, root: Off, hash: u64, key: &Key<'_>) -> Result<Option<Word>> {
    let found = find::<1>(arena, root, hash, &Probe::new(arena, key), Trail::START)?;
    Ok(found.map(|[element]| element))
}

/// The words of the entry whose key is `probe`. Only the words on the way are checked and read.
#[inline(always)]
pub(crate) fn find<const PER: usize>(
    arena: &Arena,
    root: Off,
    hash: u64,
    probe: &Probe<'_, '_>,
    trail: Trail<'_>,
) -> Result<Option<[Word; PER]>> {
    #[cfg(target_arch = "x86_64")]
    {
        /// The same, compiled for processors that count bits in one instruction: two counts a level are half of the work.
        #[target_feature(enable = "popcnt")]
        fn find_with_popcnt<const PER: usize>(
            arena: &Arena,
            root: Off,
            hash: u64,
            probe: &Probe<'_, '_>,
            trail: Trail<'_>,
        ) -> Result<Option<[Word; PER]>> {
            find_by_bits(arena, root, hash, probe, trail)
        }
        if std::arch::is_x86_feature_detected!("popcnt") {
            // SAFETY: the processor has the instruction.
            return unsafe { find_with_popcnt(arena, root, hash, probe, trail) };
        }
    }
    find_by_bits(arena, root, hash, probe, trail)
}

#[inline(always)]
fn find_by_bits<const PER: usize>(
    arena: &Arena,
    root: Off,
    hash: u64,
    probe: &Probe<'_, '_>,
    trail: Trail<'_>,
) -> Result<Option<[Word; PER]>> {
    let mut off = root;
    for level in 0..LEVELS {
        match step::<PER>(arena, off, level, hash)? {
            Step::Down(below) => off = below,
            Step::Missing => return Ok(None),
            Step::Entry(at) => {
                let entry = std::array::from_fn(|i| Word(load(arena, at.at(i as u64))));
                return Ok(probe.matches(arena, entry[0], trail)?.then_some(entry));
            }
        }
    }
    find_among_equal_hashes(arena, off, probe, trail)
}

/// What a node has at the position of a hash.
enum Step {
    /// A node below, whose memory was asked for.
    Down(Off),
    /// An entry: where its words are.
    Entry(Off),
    Missing,
}

/// One step from the node at `off`, at `level`, on the way of a hash.
#[inline(always)]
fn step<const PER: usize>(arena: &Arena, off: Off, level: usize, hash: u64) -> Result<Step> {
    /// Bytes of the largest node.
    const MOST: u64 = 8 * (1 + 2 + 32 * 2);
    let (kind, meta) = expected::<PER>(level);
    // One check will do, unless the node stands at the very end. Every block has at least two payload words.
    let all_inside = arena.check(off, MOST).is_ok();
    if !all_inside {
        arena.check(off, 24)?;
    }
    if BlockHeader(load(arena, off)).kind_bits() != kind as u64 {
        return Err(wrong_kind(off));
    }
    let payload = off.at(1);
    let bitmap = load(arena, payload);
    let (data, nodes) = (bitmap as u32, (bitmap >> 32) as u32);
    let bit = 1u32 << index(hash, level);
    let per = PER as u64;
    if nodes & bit != 0 {
        let at = meta + data.count_ones() as u64 * per + (nodes & (bit - 1)).count_ones() as u64;
        if !all_inside || at >= MOST / 8 - 1 {
            arena.check(payload.at(at), 8)?;
        }
        let below = Word(load(arena, payload.at(at))).as_block().ok_or_else(|| not_a_node(off))?;
        // The word that is wanted stands in one of the next cache lines, and which is known only when the first has come:
        // with all of them under way, a node costs one wait instead of two. Nodes are large where the level above is full.
        arena.prefetch(below.plus(64));
        if nodes.count_ones() > 20 {
            for line in 2..=4 {
                arena.prefetch(below.plus(64 * line));
            }
        }
        return Ok(Step::Down(below));
    }
    if data & bit == 0 {
        return Ok(Step::Missing);
    }
    let at = meta + (data & (bit - 1)).count_ones() as u64 * per;
    if !all_inside {
        arena.check(payload.at(at), per * 8)?;
    }
    Ok(Step::Entry(payload.at(at)))
}

/// Asks for the memory on the ways of all these hashes, level by level, so that the waits of many look-ups that follow are one wait a level. What is
/// wrong with the trie is told by those.
pub(crate) fn fetch_ahead<const PER: usize>(arena: &Arena, root: Off, hashes: &[u64]) {
    let mut ways: SmallVec<[(u64, Off); 32]> = hashes.iter().map(|&hash| (hash, root)).collect();
    for level in 0..LEVELS {
        ways.retain(|(hash, off)| match step::<PER>(arena, *off, level, *hash) {
            Ok(Step::Down(below)) => {
                arena.prefetch(below);
                *off = below;
                true
            }
            Ok(Step::Entry(at)) => {
                // A key that is no immediate is going to be compared, and what stands under it perhaps replaced.
                for i in 0..PER as u64 {
                    if let Some(off) = Word(load(arena, at.at(i))).place() {
                        arena.prefetch(off);
                    }
                }
                false
            }
            Ok(Step::Missing) | Err(_) => false,
        });
        if ways.is_empty() {
            break;
        }
    }
}

fn find_among_equal_hashes<const PER: usize>(
    arena: &Arena,
    off: Off,
    probe: &Probe<'_, '_>,
    trail: Trail<'_>,
) -> Result<Option<[Word; PER]>> {
    for entry in Branch::<PER>::read(arena, off, LEVELS)?.entries.chunks_exact(PER) {
        if probe.matches(arena, Word(entry[0]), trail)? {
            return Ok(Some(std::array::from_fn(|i| Word(entry[i]))));
        }
    }
    Ok(None)
}

/// A node of a trie, checked and divided.
#[derive(Clone, Copy)]
pub(crate) struct Branch<'a, const PER: usize> {
    /// Positions of entries (low half) and of nodes below (high half); in a collision node, the number of entries.
    pub bitmap: u64,
    /// The words of its own entries.
    pub entries: &'a [u64],
    /// The words of the nodes below.
    pub nodes: &'a [u64],
    /// Are the hashes of all its entries equal?
    pub is_collision: bool,
}

impl<'a, const PER: usize> Branch<'a, PER> {
    /// The node at `off`, which is to be one of `level`.
    #[inline]
    pub fn read(arena: &'a Arena, off: Off, level: usize) -> Result<Branch<'a, PER>> {
        let ((kind, meta), is_collision) = (expected::<PER>(level), level == LEVELS);
        let node = match is_collision {
            true => arena.node_of(off, kind),
            false => arena.node_shaped(off, kind, |bitmap, _| Shape::of_bitmap(bitmap, PER as u64, meta)),
        }?;
        let (bitmap, children) = (node.words[0], node.children());
        let entries = if is_collision { children.len() } else { (bitmap as u32).count_ones() as usize * PER };
        let (entries, nodes) = children.split_at(entries);
        Ok(Branch { bitmap, entries, nodes, is_collision })
    }

    /// The node below at `word`.
    #[inline]
    pub fn read_word(arena: &'a Arena, word: u64, level: usize) -> Result<Branch<'a, PER>> {
        Self::read(arena, Word(word).as_block().ok_or_else(|| not_a_node(Off(word)))?, level)
    }

    pub const EMPTY: Branch<'a, PER> = Branch { bitmap: 0, entries: &[], nodes: &[], is_collision: false };

    /// The words of the entry at `bit`, or nothing.
    pub fn entry(&self, bit: u32) -> &'a [u64] {
        let data = self.bitmap as u32;
        if data & bit == 0 {
            return &[];
        }
        &self.entries[(data & (bit - 1)).count_ones() as usize * PER..][..PER]
    }

    /// The word of the node below at `bit`, or nothing.
    pub fn node(&self, bit: u32) -> &'a [u64] {
        let nodes = (self.bitmap >> 32) as u32;
        if nodes & bit == 0 {
            return &[];
        }
        &self.nodes[(nodes & (bit - 1)).count_ones() as usize..][..1]
    }

    /// The positions at which it has anything.
    pub fn positions(&self) -> u32 {
        self.bitmap as u32 | (self.bitmap >> 32) as u32
    }
}

/// The nodes of a trie, each before those below it. A walk over a whole trie ends with an error if it meets more or fewer
/// entries than the root's count says, so it always ends.
#[derive(Clone)]
pub(crate) struct Walk<'a, const PER: usize> {
    arena: &'a Arena,
    /// Nodes still to be entered, at each level down to where we are; the first are those of level 1.
    below: [&'a [u64]; LEVELS],
    /// How many levels of `below` are in use.
    depth: usize,
    /// The root, while it is still to be entered; after that, none.
    root: Off,
    /// Entries in nodes not yet entered: so many for a whole trie, at most so many for a part of one.
    pub left: u64,
    /// Nodes that may still be entered: each stands above an entry, and no entry stands below more than `LEVELS`.
    pub nodes_left: u64,
    whole: bool,
}

/// How many siblings ahead a walk asks memory for a node.
const AHEAD: usize = 3;

/// Nodes that a sound trie of so many entries has at most.
pub(crate) fn most_nodes(count: u64) -> u64 {
    count.saturating_mul(LEVELS as u64 + 1)
}

impl<'a, const PER: usize> Walk<'a, PER> {
    pub fn new(arena: &'a Arena, root: Root) -> Walk<'a, PER> {
        let (left, nodes_left) = (root.count, most_nodes(root.count));
        Walk { arena, below: [&[]; LEVELS], depth: 0, root: root.off, left, nodes_left, whole: true }
    }

    /// Over the nodes at `level` (not 0) with these words and all below them, with at most so many entries.
    pub fn part(arena: &'a Arena, words: &'a [u64], level: usize, most: u64, nodes_left: u64) -> Walk<'a, PER> {
        let mut below: [&[u64]; LEVELS] = [&[]; LEVELS];
        below[level - 1] = words;
        Walk { arena, below, depth: level, root: Off::NONE, left: most, nodes_left, whole: false }
    }

    /// The entries of the next node that has any; `None` when no node is left. Not to be called again after an error.
    #[inline]
    pub fn next(&mut self) -> Result<Option<&'a [u64]>> {
        loop {
            let branch = if self.root.is_none() {
                let Some(word) = self.next_word()? else { return Ok(None) };
                Branch::<PER>::read_word(self.arena, word, self.depth)?
            } else {
                Branch::<PER>::read(self.arena, std::mem::take(&mut self.root), 0)?
            };
            self.nodes_left = self.nodes_left.checked_sub(1).ok_or_else(miscounted)?;
            self.left = self.left.checked_sub((branch.entries.len() / PER) as u64).ok_or_else(miscounted)?;
            if !branch.nodes.is_empty() {
                self.below[self.depth] = branch.nodes;
                self.depth += 1;
            }
            if !branch.entries.is_empty() {
                return Ok(Some(branch.entries));
            }
        }
    }

    /// The word of the next node to enter, which is one of level `depth`.
    #[inline]
    fn next_word(&mut self) -> Result<Option<u64>> {
        while self.depth > 0 {
            let words = &mut self.below[self.depth - 1];
            if let Some((&word, rest)) = words.split_first() {
                *words = rest;
                // Siblings that come soon are on their way while this one is gone through.
                if let Some(off) = rest.get(AHEAD).and_then(|&word| Word(word).as_block()) {
                    self.arena.prefetch(off);
                }
                return Ok(Some(word));
            }
            self.depth -= 1;
        }
        if self.whole && self.left != 0 { Err(miscounted()) } else { Ok(None) }
    }

    /// Ends the walk here, after an error.
    pub fn stop(&mut self) {
        (self.depth, self.root, self.left) = (0, Off::NONE, 0);
    }
}

#[cold]
fn miscounted() -> Box<Error> {
    Error::corrupt(Off::NONE, "a map or set with as many entries as its count says")
}

/// The nodes at equal places of two tries of one arena whose nodes look alike, without those that the two share.
pub(crate) struct Pairs<'a, const PER: usize> {
    arena: &'a Arena,
    below: [(&'a [u64], &'a [u64]); LEVELS],
    depth: usize,
    roots: Option<(Off, Off)>,
    nodes_left: u64,
}

impl<'a, const PER: usize> Pairs<'a, PER> {
    /// Of two roots with equal counts above zero.
    pub fn new(arena: &'a Arena, one: Root, other: Root) -> Pairs<'a, PER> {
        let roots = (one.off != other.off).then_some((one.off, other.off));
        Pairs { arena, below: [(&[], &[]); LEVELS], depth: 0, roots, nodes_left: most_nodes(one.count) }
    }

    /// The next two nodes. If their bitmaps differ, the walk cannot go on.
    pub fn next(&mut self) -> Result<Option<(Branch<'a, PER>, Branch<'a, PER>)>> {
        let (one, other) = match self.roots.take() {
            Some((one, other)) => (Branch::read(self.arena, one, 0)?, Branch::read(self.arena, other, 0)?),
            None => {
                let Some((one, other)) = self.next_words() else { return Ok(None) };
                let read = |word| Branch::read_word(self.arena, word, self.depth);
                (read(one)?, read(other)?)
            }
        };
        self.nodes_left = self.nodes_left.checked_sub(1).ok_or_else(miscounted)?;
        if !one.nodes.is_empty() && !other.nodes.is_empty() {
            self.below[self.depth] = (one.nodes, other.nodes);
            self.depth += 1;
        }
        Ok(Some((one, other)))
    }

    fn next_words(&mut self) -> Option<(u64, u64)> {
        while self.depth > 0 {
            let (ones, others) = &mut self.below[self.depth - 1];
            let (Some((&one, rest)), Some((&other, other_rest))) = (ones.split_first(), others.split_first()) else {
                self.depth -= 1;
                continue;
            };
            (*ones, *others) = (rest, other_rest);
            if one != other {
                return Some((one, other));
            }
        }
        None
    }
}
