//! The CHAMP map of the floor: build in bulk, copy the path, look up, walk.

use eve_core::layout::block::{BlockHeader, Kind, Tick};
use eve_core::layout::word::Word;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Arena, Bump};
use crate::Result;
use crate::keys::Key;

const SEED: u64 = 0x5EED;
/// Words before the entries: header, bitmaps, and in a root the count.
const ROOT_META: u64 = 3;
const NODE_META: u64 = 2;

/// A key that the floor can hash, store and compare.
pub trait FloorKey: Key {
    /// The seeded hash.
    fn hash64(&self) -> u64;
    /// The key's word, in a block if it needs one.
    fn store(&self, arena: &Arena, bump: &mut Bump) -> Result<Word>;
    /// Is that word this key?
    fn is(&self, arena: &Arena, word: u64) -> bool;
}

impl FloorKey for i64 {
    #[inline]
    fn hash64(&self) -> u64 {
        xxh3_64_with_seed(&self.to_le_bytes(), SEED + 2)
    }
    fn store(&self, _: &Arena, _: &mut Bump) -> Result<Word> {
        int(*self)
    }
    #[inline]
    fn is(&self, _: &Arena, word: u64) -> bool {
        word == (*self as u64) << 1 | 1
    }
}

impl FloorKey for Arc<str> {
    #[inline]
    fn hash64(&self) -> u64 {
        xxh3_64_with_seed(self.as_bytes(), SEED + 3)
    }
    fn store(&self, arena: &Arena, bump: &mut Bump) -> Result<Word> {
        let (bytes, words) = (self.as_bytes(), self.len().div_ceil(8) as u64);
        let off = arena.alloc(bump, 2 + words)?;
        arena.put(off, BlockHeader::new(Kind::Str, 1, Tick(1)).0);
        arena.put(off + 8, bytes.len() as u64);
        for (i, chunk) in bytes.chunks(8).enumerate() {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            arena.put(off + 16 + i as u64 * 8, u64::from_le_bytes(word));
        }
        Ok(Word(off))
    }
    #[inline]
    fn is(&self, arena: &Arena, word: u64) -> bool {
        word & 15 == 0
            && arena.word(word + 8) == self.len() as u64
            && arena.bytes(word + 16, self.len()) == self.as_bytes()
    }
}

/// The word of an integer of 63 bits.
pub fn int(i: i64) -> Result<Word> {
    Word::int(i).ok_or_else(|| format!("{i} does not fit a word").into())
}

/// Where bit `index` stands among the set bits of `bitmap`.
#[inline]
fn rank(bitmap: u32, bit: u32) -> u64 {
    (bitmap & (bit - 1)).count_ones() as u64
}

/// The bit of `hash` at `depth`: five bits a level from the top down, four at the last.
#[inline]
fn bit(hash: u64, depth: u32) -> u32 {
    1 << (if depth < 12 { hash >> (59 - 5 * depth) & 31 } else { hash & 15 })
}

/// One entry on its way into a map.
struct Entry {
    hash: u64,
    key: u64,
    value: u64,
}

/// Builds a map of `keys`, each with its index as the value; the offset of its root. Costs a sort of the hashes and
/// one node write each. Keys whose hashes are equal are an error: the floor has no collision nodes.
pub fn build<K: FloorKey>(arena: &Arena, bump: &mut Bump, keys: &[K]) -> Result<u64> {
    let mut entries = Vec::with_capacity(keys.len());
    for (i, key) in keys.iter().enumerate() {
        entries.push(Entry { hash: key.hash64(), key: key.store(arena, bump)?.0, value: int(i as i64)?.0 });
    }
    entries.sort_unstable_by_key(|e| e.hash);
    if entries.is_empty() || entries.windows(2).any(|w| w[0].hash == w[1].hash) {
        return Err("the floor builds no empty map and has no place for equal hashes".into());
    }
    build_node(arena, bump, &entries, 0)
}

fn build_node(arena: &Arena, bump: &mut Bump, entries: &[Entry], depth: u32) -> Result<u64> {
    let (mut data, mut nodes) = (0u32, 0u32);
    let (mut inline, mut children) = ([0usize; 32], [0u64; 32]);
    let (mut at, mut filled, mut below) = (0, 0, 0);
    while at < entries.len() {
        let here = bit(entries[at].hash, depth);
        let run = entries[at..].iter().take_while(|e| bit(e.hash, depth) == here).count();
        if run == 1 {
            data |= here;
            inline[filled] = at;
            filled += 1;
        } else {
            nodes |= here;
            children[below] = build_node(arena, bump, &entries[at..at + run], depth + 1)?;
            below += 1;
        }
        at += run;
    }
    let (kind, meta) = if depth == 0 { (Kind::MapRoot, ROOT_META) } else { (Kind::MapNode, NODE_META) };
    let off = arena.alloc(bump, meta + 2 * filled as u64 + below as u64)?;
    arena.put(off, BlockHeader::new(kind, 1, Tick(1)).0);
    arena.put(off + 8, u64::from(data) | u64::from(nodes) << 32);
    if depth == 0 {
        arena.put(off + 16, entries.len() as u64);
    }
    let mut to = off + meta * 8;
    for &i in &inline[..filled] {
        arena.put(to, entries[i].key);
        arena.put(to + 8, entries[i].value);
        to += 16;
    }
    for &child in &children[..below] {
        arena.put(to, child);
        to += 8;
    }
    Ok(off)
}

/// A copy of the path to `key` with another value there: the new root, unpublished. `None` if the key is not there
/// (and what was copied is lost: nothing is ever given back).
#[inline]
pub fn copy_path<K: FloorKey>(arena: &Arena, bump: &mut Bump, root: u64, key: &K, value: Word) -> Result<Option<u64>> {
    let hash = key.hash64();
    let (mut from, mut meta, mut depth) = (root, ROOT_META, 0);
    let (mut top, mut link) = (0, 0);
    loop {
        let bitmaps = arena.word(from + 8);
        let (data, nodes) = (bitmaps as u32, (bitmaps >> 32) as u32);
        let entries = 2 * u64::from(data.count_ones());
        let words = meta + entries + u64::from(nodes.count_ones());
        let to = arena.alloc(bump, words)?;
        arena.copy_words(from, to, words);
        if depth == 0 {
            top = to;
        } else {
            arena.put(link, to);
        }
        let bit = bit(hash, depth);
        if data & bit != 0 {
            let at = to + 8 * (meta + 2 * rank(data, bit));
            if !key.is(arena, arena.word(at)) {
                return Ok(None);
            }
            arena.put(at + 8, value.0);
            return Ok(Some(top));
        }
        if nodes & bit == 0 {
            return Ok(None);
        }
        let at = 8 * (meta + entries + rank(nodes, bit));
        link = to + at;
        from = arena.word(from + at);
        meta = NODE_META;
        depth += 1;
    }
}

/// The value word of `key`.
#[inline]
pub fn get<K: FloorKey>(arena: &Arena, root: u64, key: &K) -> Option<u64> {
    let hash = key.hash64();
    let (mut node, mut meta, mut depth) = (root, ROOT_META, 0);
    loop {
        let bitmaps = arena.word(node + 8);
        let (data, nodes) = (bitmaps as u32, (bitmaps >> 32) as u32);
        let bit = bit(hash, depth);
        if data & bit != 0 {
            let at = node + 8 * (meta + 2 * rank(data, bit));
            return key.is(arena, arena.word(at)).then(|| arena.word(at + 8));
        }
        if nodes & bit == 0 {
            return None;
        }
        node = arena.word(node + 8 * (meta + 2 * u64::from(data.count_ones()) + rank(nodes, bit)));
        meta = NODE_META;
        depth += 1;
    }
}

/// Calls `f` with key word and value word of every entry.
pub fn each(arena: &Arena, root: u64, f: &mut impl FnMut(u64, u64)) {
    each_below(arena, root, ROOT_META, f);
}

fn each_below(arena: &Arena, node: u64, meta: u64, f: &mut impl FnMut(u64, u64)) {
    let bitmaps = arena.word(node + 8);
    let (data, nodes) = (bitmaps as u32, (bitmaps >> 32) as u32);
    let mut at = node + 8 * meta;
    for _ in 0..data.count_ones() {
        f(arena.word(at), arena.word(at + 8));
        at += 16;
    }
    for _ in 0..nodes.count_ones() {
        each_below(arena, arena.word(at), NODE_META, f);
        at += 8;
    }
}
