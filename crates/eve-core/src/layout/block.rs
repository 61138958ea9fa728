//! Blocks: an 8-byte header, then payload words. Nodes are immutable once published; only the edge count and the
//! flags in the header change.
//!
//! ```text
//! bit  0        16     19    24                                  64
//!      | edges  | flags| kind | birth                              |
//! ```

use super::element::{Element, MOST_ELEMENTS};
use super::trie;

/// A value of the commit counter (40 bits): when a node was born, or when it was retired.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[repr(transparent)]
pub struct Tick(pub u64);

impl Tick {
    /// The last value that a header has room for. Near it, commits are refused.
    pub const MAX: Tick = Tick((1 << 40) - 1);
}

/// What a block is. Five bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Not allocated.
    Free = 0,
    /// The root of a map: `[data:32 | nodes:32] [count] [key value]… [node]…`
    MapRoot = 1,
    /// An inner node of a map: `[data:32 | nodes:32] [key value]… [node]…`
    MapNode = 2,
    /// Entries whose hashes are equal in all 64 bits: `[n] [key value]…`
    MapCollision = 3,
    /// The root of a set: `[data:32 | nodes:32] [count] [element]… [node]…`
    SetRoot = 4,
    /// An inner node of a set.
    SetNode = 5,
    /// Elements whose hashes are equal in all 64 bits.
    SetCollision = 6,
    /// The root of a vector: `[count] [n] [word]…`; up to 32 elements, or `[tail leaf] [child]…`
    VectorRoot = 7,
    /// An inner node of a vector: `[n] [child]…`
    VectorNode = 8,
    /// A leaf of a vector: `[n] [element]…`
    VectorLeaf = 9,
    /// A list: `[count] [first] [rest]`; rest is an empty list or another cell.
    ListCell = 10,
    /// A string that does not fit a word: `[bytes] [text, WTF-8, padded with zeros]…`
    Str = 11,
    /// Any other scalar that does not fit a word: `[type:8 | bytes:56] [bytes, padded with zeros]…`
    Scalar = 12,
    /// Two words that belong together: `[type] [word] [word]`: a tagged literal, a value with metadata.
    Pair = 13,
    /// An entry in the table of names: a keyword or symbol of 8 bytes or more: `[hash] [bytes] [text]…`
    Name = 14,
    /// An atom: see [`crate::layout::header::atom`].
    Atom = 15,
    /// A node of a table of names: `[n] [slot]…`
    Table = 16,
    /// A link of a chain of words that is no value: a limbo bag, a piece of a journal.
    Chain = 17,
    /// A node of a sorted map, the root being one of them. A leaf: `[n] [key value]…`; above: `[n | level << 16] [sum]…
    /// [first key]… [node]…`, with the entries in all nodes up to and with each (*n* of them), the first key of each but the first
    /// (*n* − 1), and the *n* nodes.
    SortedMap = 18,
    /// A node of a sorted set, likewise.
    SortedSet = 19,
    /// A node of an integer map: as of a sorted map, all keys being integers of 64 bits.
    IntMap = 20,
    /// A typed array: `[type] [count] [elements, packed, padded with zeros]…`. The elements change in place.
    Array = 30,
    /// Typed objects: `[words of data:48 | one:1 (bit 63)] [rows] [shape: its entry in the table of names] [data]…`; see
    /// [`crate::layout::schema`]. The data changes in place.
    Records = 31,
}

impl Kind {
    /// Numbers that a kind may have.
    pub const COUNT: usize = 32;

    /// Words of an entry, if nodes of this kind make up an ordered tree.
    #[inline]
    pub fn ordered_width(self) -> Option<u64> {
        match self {
            Kind::SortedMap | Kind::IntMap => Some(2),
            Kind::SortedSet => Some(1),
            _ => None,
        }
    }

    /// The kind with this number.
    #[inline]
    pub fn from_bits(bits: u64) -> Option<Kind> {
        let known = bits <= Kind::IntMap as u64 || bits == Kind::Array as u64 || bits == Kind::Records as u64;
        // SAFETY: the discriminants of `Kind` are 0..=20, 30 and 31, and it is `repr(u8)`.
        known.then(|| unsafe { std::mem::transmute::<u8, Kind>(bits as u8) })
    }
}

/// What a [`Kind::Pair`] pairs.
pub mod pair {
    /// `[tag (a symbol)] [value]`
    pub const TAGGED: u64 = 1;
    /// `[value] [metadata (a map)]`
    pub const META: u64 = 2;
}

/// What a [`Kind::Scalar`] holds. Integers are two's complement, little-endian, as short as they can be.
pub mod scalar {
    /// An integer of more than 63 bits.
    pub const INTEGER: u64 = 1;
    /// A double whose exponent does not fit a word: 8 bytes.
    pub const FLOAT: u64 = 2;
    /// `[scale: i32] [unscaled integer]`: unscaled · 10^-scale
    pub const DECIMAL: u64 = 3;
    /// `[bytes of the numerator: u32] [numerator] [denominator]`, in lowest terms, denominator > 1
    pub const RATIO: u64 = 4;
    /// 16 bytes, big-endian
    pub const UUID: u64 = 5;
    /// `[seconds since 1970: i64] [nanoseconds: u32]`
    pub const INSTANT: u64 = 6;
    /// Any bytes.
    pub const BYTES: u64 = 7;
}

/// The payload words of a [`Kind::Records`].
pub mod records {
    /// Bit of the first word: it is one object, not an array of objects.
    pub const ONE: u64 = 1 << 63;
    /// Where the shape's entry in the table of names stands.
    pub const SHAPE: usize = 2;
}

/// The first word of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct BlockHeader(pub u64);

impl BlockHeader {
    /// The highest count; a count that got here stays here.
    pub const EDGES_MAX: u64 = 0xFFFF;
    /// The node's children passed to its copy: whoever retires it retires it alone.
    pub const MOVED: u64 = 1 << 16;
    /// The node had more than one edge at some time.
    pub const SHARED: u64 = 1 << 17;
    /// Somebody built on this root: it was published, whatever the root word says now.
    pub const PUBLISHED: u64 = 1 << 18;

    /// The header of a new block.
    #[inline]
    pub fn new(kind: Kind, edges: u64, birth: Tick) -> BlockHeader {
        BlockHeader(edges | (kind as u64) << 19 | birth.0 << 24)
    }
    /// How many parents hold it.
    #[inline]
    pub fn edges(self) -> u64 {
        self.0 & Self::EDGES_MAX
    }
    /// What it is; `None` for a number that this version does not know.
    #[inline]
    pub fn kind(self) -> Option<Kind> {
        Kind::from_bits(self.0 >> 19 & 31)
    }
    /// The number of its kind, known or not.
    #[inline]
    pub fn kind_bits(self) -> u64 {
        self.0 >> 19 & 31
    }
    /// When it was born.
    #[inline]
    pub fn birth(self) -> Tick {
        Tick(self.0 >> 24)
    }
    /// Is this flag set?
    #[inline]
    pub fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }
}

/// Where the child words of a block stand, and how many payload words it has in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Payload words before the first child (the header not counted).
    pub meta: u64,
    /// Child words; each is an immediate or an edge to a block.
    pub children: u64,
    /// All payload words. Those behind the children, if there are such, change in place and are read as atomics only.
    pub words: u64,
}

impl Shape {
    /// How many payload words `Shape::of` wants to see.
    #[inline]
    pub fn meta_words(kind: Kind) -> u64 {
        match kind {
            Kind::Free => 0,
            Kind::MapNode | Kind::MapCollision | Kind::SetNode | Kind::SetCollision => 1,
            Kind::VectorNode
            | Kind::VectorLeaf
            | Kind::ListCell
            | Kind::Str
            | Kind::Scalar
            | Kind::Pair
            | Kind::Table => 1,
            Kind::MapRoot | Kind::SetRoot | Kind::VectorRoot | Kind::Name | Kind::Array | Kind::Records => 2,
            Kind::Atom | Kind::Chain | Kind::SortedMap | Kind::SortedSet | Kind::IntMap => 1,
        }
    }

    /// The shape of a node of a map or set with entries of `per` words, whose payload begins with this bitmap.
    #[inline(always)]
    pub(crate) fn of_bitmap(bitmap: u64, per: u64, meta: u64) -> Option<Shape> {
        let (data, nodes) = (bitmap as u32, (bitmap >> 32) as u32);
        let children = data.count_ones() as u64 * per + nodes.count_ones() as u64;
        (data & nodes == 0 && children > 0).then_some(Shape { meta, children, words: meta + children })
    }

    /// The shape of a block of `kind` whose payload begins with the words `first` and `second`; `None` if they make no sense.
    #[inline(always)]
    pub fn of(kind: Kind, first: u64, second: u64) -> Option<Shape> {
        let bitmap = |per: u64, meta: u64| Shape::of_bitmap(first, per, meta);
        let counted = |n: u64, per: u64, meta: u64, most: u64| {
            (n >= 1 && n <= most).then(|| Shape { meta, children: n * per, words: meta + n * per })
        };
        let ordered = |first: u64, width: u64| match trie::ordered_parts(first) {
            (n, 0) if n >= 1 && n * width <= trie::LEAF_WORDS => {
                Some(Shape { meta: 1, children: n * width, words: 1 + n * width })
            }
            (n, 1..=trie::HIGHEST) if (1..=trie::BRANCHES).contains(&n) => {
                Some(Shape { meta: 1 + n, children: 2 * n - 1, words: 3 * n })
            }
            _ => None,
        };
        let bytes = |n: u64, meta: u64| {
            (n < 1 << 48).then(|| Shape { meta: meta + n.div_ceil(8), children: 0, words: meta + n.div_ceil(8) })
        };
        let cells = |meta: u64, data: u64| Shape { meta, children: 0, words: meta + data };
        match kind {
            Kind::Free => None,
            Kind::MapRoot => bitmap(2, 2),
            Kind::MapNode => bitmap(2, 1),
            Kind::SetRoot => bitmap(1, 2),
            Kind::SetNode => bitmap(1, 1),
            Kind::MapCollision => counted(first, 2, 1, 1 << 32),
            Kind::SetCollision => counted(first, 1, 1, 1 << 32),
            Kind::VectorRoot => counted(second, 1, 2, 33),
            Kind::VectorNode | Kind::VectorLeaf => counted(first, 1, 1, 32),
            Kind::ListCell => Some(Shape { meta: 1, children: 2, words: 3 }),
            Kind::Pair => Some(Shape { meta: 1, children: 2, words: 3 }),
            Kind::Str => bytes(first, 1),
            Kind::Scalar => bytes(first >> 8, 1),
            Kind::Name => bytes(second, 2),
            Kind::Atom => bytes(first, super::header::atom::META_WORDS),
            Kind::Table => (first == super::header::TABLE_FANOUT).then_some(Shape {
                meta: 1 + first,
                children: 0,
                words: 1 + first,
            }),
            Kind::Array => {
                let bytes = Element::from_code(first)?.bytes();
                (second <= MOST_ELEMENTS).then(|| cells(2, (second * bytes).div_ceil(8)))
            }
            Kind::Records => {
                let (data, one) = (first & !records::ONE, first & records::ONE != 0);
                (data < 1 << 48 && second <= MOST_ELEMENTS && (!one || second == 1)).then(|| cells(3, data))
            }
            Kind::SortedMap | Kind::IntMap => ordered(first, 2),
            Kind::SortedSet => ordered(first, 1),
            Kind::Chain => (first <= 1 << 20).then_some(Shape { meta: 1 + first, children: 0, words: 1 + first }),
        }
    }
}

/// Bytes that a block with this many payload words takes, before rounding to a size class.
#[inline]
pub fn bytes_for(words: u64) -> u64 {
    8 + words * 8
}

const _: () = {
    assert!(Kind::Chain as u8 == 17 && Kind::SortedMap as u8 == 18 && Kind::IntMap as u8 == 20);
    assert!(Kind::Array as u8 == 30 && Kind::Records as u8 == 31);
    assert!(BlockHeader::MOVED == 0x1_0000 && BlockHeader::SHARED == 0x2_0000 && BlockHeader::PUBLISHED == 0x4_0000);
    assert!(size_of::<BlockHeader>() == 8);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_do_not_meet() {
        let h = BlockHeader::new(Kind::Chain, BlockHeader::EDGES_MAX, Tick::MAX);
        assert_eq!((h.edges(), h.kind(), h.birth()), (BlockHeader::EDGES_MAX, Some(Kind::Chain), Tick::MAX));
        assert!(!h.has(BlockHeader::MOVED) && !h.has(BlockHeader::SHARED) && !h.has(BlockHeader::PUBLISHED));
    }

    #[test]
    fn shapes_that_make_no_sense_are_refused() {
        assert_eq!(Shape::of(Kind::MapNode, 1 << 32 | 1, 0), None, "a position both data and node");
        assert_eq!(Shape::of(Kind::VectorLeaf, 33, 0), None);
        assert_eq!(Shape::of(Kind::Str, u64::MAX, 0), None);
        assert_eq!(Shape::of(Kind::MapRoot, 2 << 32 | 1, 0), Some(Shape { meta: 2, children: 3, words: 5 }));
    }
}
