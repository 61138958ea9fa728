//! Where things stand in tries: the position of a hash in a node, the shape of a vector. One place for those who write and
//! those who read.

/// Levels of nodes with bitmaps in a map or set; below them keys whose hashes are equal lie in a collision node.
pub const LEVELS: usize = 13;

/// The position of a hash in a node at `level`: five bits from the top down, at the last level the four that are left.
#[inline]
pub fn index(hash: u64, level: usize) -> u32 {
    let bits = if level < LEVELS - 1 { hash >> (59 - 5 * level) & 31 } else { hash & 15 };
    bits as u32
}

/// Elements of a full leaf of a vector, and children of a full inner node.
pub const FANOUT: u64 = 32;

/// The index of the first element of a vector that is in the tail.
#[inline]
pub fn tail_start(count: u64) -> u64 {
    count.saturating_sub(1) & !(FANOUT - 1)
}

/// How many levels below the root of a vector its leaves are, if `elements` (not 0) of its elements are before the tail: the
/// least `h >= 1` such that 32 children of `32^h` elements each do.
#[inline]
pub fn height(elements: u64) -> u32 {
    let bits = u64::BITS - (elements - 1).leading_zeros();
    bits.div_ceil(5).saturating_sub(1).max(1)
}

/// Elements below a full node of a vector at `level` (leaves are at 0); as many as there can be where that is more than a word holds.
#[inline]
pub fn span(level: u32) -> u64 {
    FANOUT.checked_pow(level + 1).unwrap_or(u64::MAX)
}

/// Children of a node of an ordered tree (a sorted map or set, an integer map), at most.
pub const BRANCHES: u64 = 31;

/// Words of the entries of a leaf of an ordered tree, at most: with its header and its first word it takes 512 bytes.
pub const LEAF_WORDS: u64 = 62;

/// The highest level of an ordered tree.
pub const HIGHEST: u64 = 15;

/// The first word of a node of an ordered tree: how many entries (at level 0) or children it has.
#[inline]
pub const fn ordered_word(n: u64, level: u64) -> u64 {
    n | level << 16
}

/// From the first word of a node of an ordered tree: its entries or children, and its level (leaves are at 0).
#[inline]
pub const fn ordered_parts(word: u64) -> (u64, u64) {
    (word & 0xFFFF, word >> 16)
}

/// How many entries a leaf and how many children an inner node of an ordered tree may have, in a domain that uses these bits of
/// the hash. One that uses few of them is there to be tested: its nodes are small, so that few entries make a high tree.
#[inline]
pub fn ordered_limits(hash_mask: u64, width: u64) -> (u64, u64) {
    if hash_mask == u64::MAX { (LEAF_WORDS / width, BRANCHES) } else { (4, 4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_height_that_does() {
        for (elements, h) in [(32, 1), (1024, 1), (1056, 2), (32768, 2), (32800, 3), (1 << 60, 11), (u64::MAX - 31, 12)]
        {
            assert_eq!(height(elements), h, "{elements}");
            assert!(span(h) >= elements && (h == 1 || span(h - 1) < elements));
        }
    }

    #[test]
    fn all_bits_of_a_hash_are_used_once() {
        let hash = 0x0123_4567_89AB_CDEF;
        let put = |all: u64, level| all << if level < LEVELS - 1 { 5 } else { 4 } | index(hash, level) as u64;
        assert_eq!((0..LEVELS).fold(0, put), hash);
    }
}
