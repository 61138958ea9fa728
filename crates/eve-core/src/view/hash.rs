//! The hash of values: XXH3 with the domain's seed over a canonical form, so that values that are equal hash alike in every
//! runtime, however they are stored. Each type of value has a tag that is added to the seed.

use super::number;
use super::open::{Open, open};
use super::trail::{Trail, Work};
use super::{Elements, View};
use crate::arena::Arena;
use crate::deep;
use crate::error::Result;
use crate::layout::{Element, Word};
use crate::value::Scalar;
use smallvec::SmallVec;
use xxhash_rust::xxh3::{Xxh3, xxh3_64_with_seed};

mod tag {
    pub const NIL: u64 = 0;
    pub const BOOL: u64 = 1;
    pub const INTEGER: u64 = 2;
    pub const FLOAT: u64 = 3;
    pub const CHAR: u64 = 4;
    pub const STR: u64 = 5;
    pub const KEYWORD: u64 = 6;
    pub const SYMBOL: u64 = 7;
    pub const DECIMAL: u64 = 8;
    pub const RATIO: u64 = 9;
    pub const UUID: u64 = 10;
    pub const INSTANT: u64 = 11;
    pub const BYTES: u64 = 12;
    pub const SEQUENCE: u64 = 13;
    pub const MAP: u64 = 14;
    pub const SET: u64 = 15;
    pub const TAGGED: u64 = 16;
    pub const ARRAY: u64 = 17;
    pub const RECORDS: u64 = 18;
}

#[inline]
fn hash(arena: &Arena, tag: u64, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, arena.seed.wrapping_add(tag))
}

fn hash_two(arena: &Arena, tag: u64, a: u64, b: u64) -> u64 {
    hash(arena, tag, two(a, b).as_flattened())
}

fn two(a: u64, b: u64) -> [[u8; 8]; 2] {
    [a.to_le_bytes(), b.to_le_bytes()]
}

/// The hash of a scalar, all 64 bits of it. Costs no allocation, but for long ratios and decimals.
#[inline]
pub(crate) fn scalar_hash(arena: &Arena, scalar: &Scalar<'_>) -> u64 {
    match scalar {
        Scalar::Int(i) => hash(arena, tag::INTEGER, &i.to_le_bytes()),
        Scalar::Str(s) => hash(arena, tag::STR, s.as_bytes()),
        Scalar::Keyword(s) => hash(arena, tag::KEYWORD, s.as_bytes()),
        _ => other_scalar_hash(arena, scalar),
    }
}

fn other_scalar_hash(arena: &Arena, scalar: &Scalar<'_>) -> u64 {
    let hash = |tag, bytes: &[u8]| hash(arena, tag, bytes);
    match *scalar {
        Scalar::Int(_) | Scalar::Str(_) | Scalar::Keyword(_) => scalar_hash(arena, scalar),
        Scalar::Nil => hash(tag::NIL, &[]),
        Scalar::Bool(b) => hash(tag::BOOL, &[b as u8]),
        Scalar::BigInt(bytes) => match number::to_i64(bytes) {
            Some(i) => scalar_hash(arena, &Scalar::Int(i)),
            None => hash(tag::INTEGER, number::trim(bytes)),
        },
        Scalar::Float(f) => {
            // One form for the two zeros, and one for all that are not a number.
            let f = if f == 0.0 {
                0.0
            } else if f.is_nan() {
                f64::from_bits(0x7FF8_0000_0000_0000)
            } else {
                f
            };
            hash(tag::FLOAT, &f.to_bits().to_le_bytes())
        }
        Scalar::Char(c) => hash(tag::CHAR, &c.to_le_bytes()),
        Scalar::Symbol(ref s) => hash(tag::SYMBOL, s.as_bytes()),
        Scalar::Decimal { scale, unscaled } => {
            let (scale, digits) = number::normal_decimal(scale, unscaled);
            let mut bytes = SmallVec::<[u8; 32]>::from_slice(&scale.to_le_bytes());
            bytes.extend_from_slice(&digits);
            hash(tag::DECIMAL, &bytes)
        }
        Scalar::Ratio { numerator, denominator } => {
            let (numerator, denominator) = (number::trim(numerator), number::trim(denominator));
            let mut bytes = SmallVec::<[u8; 64]>::from_slice(&(numerator.len() as u32).to_le_bytes());
            bytes.extend_from_slice(numerator);
            bytes.extend_from_slice(denominator);
            hash(tag::RATIO, &bytes)
        }
        Scalar::Uuid(bytes) => hash(tag::UUID, &bytes),
        Scalar::Instant { seconds, nanos } => {
            let mut bytes = [0; 12];
            bytes[..8].copy_from_slice(&seconds.to_le_bytes());
            bytes[8..].copy_from_slice(&nanos.to_le_bytes());
            hash(tag::INSTANT, &bytes)
        }
        Scalar::Bytes(bytes) => hash(tag::BYTES, bytes),
    }
}

/// The hash of a sequence (a vector and a list alike), put together from the hashes of its elements in order.
pub struct SequenceHash {
    seed: u64,
    waiting: SmallVec<[u8; 256]>,
    /// For sequences longer than what may wait. It is large, and mostly not needed.
    long: Option<Box<Xxh3>>,
}

impl SequenceHash {
    const MOST_WAITING: usize = 4096;

    /// Of a sequence without elements so far.
    pub fn new(arena: &Arena) -> SequenceHash {
        SequenceHash { seed: arena.seed.wrapping_add(tag::SEQUENCE), waiting: SmallVec::new(), long: None }
    }
    /// The hash of the next element, all 64 bits of it.
    pub fn push(&mut self, hash: u64) {
        if self.waiting.len() == Self::MOST_WAITING {
            self.long.get_or_insert_with(|| Box::new(Xxh3::with_seed(self.seed))).update(&self.waiting);
            self.waiting.clear();
        }
        self.waiting.extend_from_slice(&hash.to_le_bytes());
    }
    /// The hash of the whole.
    pub fn finish(self) -> u64 {
        match self.long {
            None => xxh3_64_with_seed(&self.waiting, self.seed),
            Some(mut long) => {
                long.update(&self.waiting);
                long.digest()
            }
        }
    }
}

/// The hash of a map or a set, put together from the hashes of its entries or elements in any order.
#[derive(Clone, Copy, Default)]
pub struct UnorderedHash {
    count: u64,
    sum: u64,
}

impl UnorderedHash {
    /// An entry of a map, by the hashes of its key and value, all 64 bits of them.
    pub fn push_entry(&mut self, arena: &Arena, key: u64, value: u64) {
        self.push_element(xxh3_64_with_seed(two(key, value).as_flattened(), arena.seed));
    }
    /// An element of a set, by its hash.
    pub fn push_element(&mut self, hash: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash);
    }
    /// The hash of a map of these entries.
    pub fn finish_map(self, arena: &Arena) -> u64 {
        hash_two(arena, tag::MAP, self.count, self.sum)
    }
    /// The hash of a set of these elements.
    pub fn finish_set(self, arena: &Arena) -> u64 {
        hash_two(arena, tag::SET, self.count, self.sum)
    }
}

/// The hash of a tagged literal, by the hashes of its tag (a symbol) and its value.
pub fn tagged_hash(arena: &Arena, tag_hash: u64, value_hash: u64) -> u64 {
    hash_two(arena, tag::TAGGED, tag_hash, value_hash)
}

/// The hash of a typed array: of what does not change.
pub fn array_hash(arena: &Arena, element: Element, len: u64) -> u64 {
    hash_two(arena, tag::ARRAY, element.code().into(), len)
}

/// The hash of typed objects, likewise.
pub fn records_hash(arena: &Arena, fields: u64, rows: u64) -> u64 {
    hash_two(arena, tag::RECORDS, fields, rows)
}

/// Where a stored value stands in a trie: its hash, less the bits that the domain does not use.
#[inline]
pub(crate) fn word_hash(arena: &Arena, word: Word) -> Result<u64> {
    Ok(value_hash(arena, View::new(arena, word), Trail::START)? & arena.hash_mask)
}

/// The hash of a stored value, all 64 bits of it.
pub(crate) fn full_hash(arena: &Arena, word: Word) -> Result<u64> {
    value_hash(arena, View::new(arena, word), Trail::START)
}

/// The hash, all 64 bits of it, that a value has in the domain `seeds`; it may be stored in another one. Costs a walk over all
/// of a collection.
pub(crate) fn value_hash(seeds: &Arena, value: View<'_>, trail: Trail<'_>) -> Result<u64> {
    let trail = match open(value.arena, value.word)? {
        Open::Scalar(scalar) => return Ok(scalar_hash(seeds, &scalar)),
        _ => trail.enter(value.word, value.word)?,
    };
    let here;
    let work = match trail.work() {
        Some(work) => work,
        None => {
            here = Work::default();
            &here
        }
    };
    deep(|| work.hash(value, || collection_hash(seeds, value, trail.with(work))))
}

fn collection_hash(seeds: &Arena, value: View<'_>, trail: Trail<'_>) -> Result<u64> {
    let arena = value.arena;
    let hash = |value| value_hash(seeds, value, trail);
    match open(arena, value.word)? {
        Open::Scalar(scalar) => Ok(scalar_hash(seeds, &scalar)),
        Open::Tagged(tag, value) => {
            Ok(tagged_hash(seeds, hash(View::new(arena, tag))?, hash(View::new(arena, value))?))
        }
        Open::Sorted(tree) if tree.is_set() => set_hash(seeds, value.elements()?, trail),
        Open::Map(_) | Open::Sorted(_) => {
            let mut all = UnorderedHash::default();
            for entry in value.entries()? {
                let (key, value) = entry?;
                all.push_entry(seeds, hash(key)?, hash(value)?);
            }
            Ok(all.finish_map(seeds))
        }
        Open::Set(root) => set_hash(seeds, Elements::of_set(arena, root), trail),
        Open::Vector(vector) => sequence_hash(seeds, Elements::of_vector(vector, 0), trail),
        Open::List(root) => sequence_hash(seeds, Elements::of_list(arena, root), trail),
        Open::Array(array) => Ok(array_hash(seeds, array.element(), array.len())),
        Open::Records(records) => Ok(records_hash(seeds, records.fields() as u64, records.rows())),
    }
}

fn set_hash(seeds: &Arena, elements: Elements<'_>, trail: Trail<'_>) -> Result<u64> {
    let mut all = UnorderedHash::default();
    for element in elements {
        all.push_element(value_hash(seeds, element?, trail)?);
    }
    Ok(all.finish_set(seeds))
}

fn sequence_hash(seeds: &Arena, elements: Elements<'_>, trail: Trail<'_>) -> Result<u64> {
    let mut all = SequenceHash::new(seeds);
    for element in elements {
        all.push(value_hash(seeds, element?, trail)?);
    }
    Ok(all.finish())
}
