//! The header page, and the small tables that hang from it. All values are 64-bit little-endian words.

use super::word::Off;

/// The first eight bytes of a domain. The line ends catch files that went through a text conversion.
pub const MAGIC: u64 = u64::from_le_bytes(*b"eve\x1a\r\n\x00\x01");

/// Features that a reader may ignore. None so far.
pub const COMPATIBLE: u64 = 0;
/// Features that a reader must know. None so far.
pub const INCOMPATIBLE: u64 = 0;

/// Words of the header page, by index.
pub mod word {
    /// [`super::MAGIC`]
    pub const MAGIC: u64 = 0;
    /// [`crate::layout::FORMAT_VERSION`]
    pub const VERSION: u64 = 1;
    /// Feature bits that may be ignored.
    pub const COMPATIBLE: u64 = 2;
    /// Feature bits that must be known.
    pub const INCOMPATIBLE: u64 = 3;
    /// The domain's uuid: two words.
    pub const UUID: u64 = 4;
    /// Seed of the hash.
    pub const HASH_SEED: u64 = 6;
    /// Bits of the hash that are used: all of them, fewer only in tests of collisions.
    pub const HASH_MASK: u64 = 7;
    /// Bytes of address space that a process maps.
    pub const RESERVE: u64 = 8;
    /// Bytes that exist and may be touched; only grows.
    pub const COMMITTED: u64 = 9;
    /// Hash of the boot id under which the file was last opened: two words.
    pub const BOOT: u64 = 10;
    /// Device and inode of the file.
    pub const DEVICE: u64 = 12;
    /// See [`DEVICE`].
    pub const INODE: u64 = 13;

    /// The commit counter, on a cache line of its own.
    pub const TICK: u64 = 16;
    /// Who frees what crashes left over, see [`super::super::slot::Owner`]; 0 for nobody. On the line that every commit reads.
    pub const COLLECTOR: u64 = 17;
    /// The hand-over counter, likewise.
    pub const HANDOVER: u64 = 24;

    /// Table of keywords and symbols.
    pub const NAMES: u64 = 32;
    /// Table of atoms.
    pub const ATOMS: u64 = 33;
    /// First chunk of process entries.
    pub const PROCESSES: u64 = 34;
    /// First chunk of participants' slots.
    pub const SLOTS: u64 = 35;

    /// Limbo bags with work for anybody: where they are put.
    pub const LIMBO_IN: u64 = 40;
    /// The same: where they are taken.
    pub const LIMBO_OUT: u64 = 41;
    /// The same for bags that wait for pins.
    pub const HELD_IN: u64 = 42;
    /// See [`HELD_IN`].
    pub const HELD_OUT: u64 = 43;

    /// Where the search for a free page starts (a page number; a hint).
    pub const PAGE_HINT: u64 = 48;
    /// How many pages may be entirely free but still stand on a stack of their class (a hint).
    pub const EMPTY_PAGES: u64 = 49;

    /// Stacks of pages with free blocks, one a size class.
    pub const CLASS_STACKS: u64 = 64;

    /// Room for two checkpoint records of 512 bytes.
    pub const CHECKPOINTS: u64 = 128;
}

/// Bytes of the header page.
pub const HEADER_BYTES: u64 = 4096;

/// Two bits a heap page, in pairs of words (64 pages): in use, and punched out of the file. Right after the header page.
pub const PAGE_MAP: u64 = HEADER_BYTES;

/// Where the words of a page stand in the page map.
pub fn page_map_word(page: u64) -> Off {
    Off(PAGE_MAP + page / 64 * 16)
}

/// The first byte behind the page map of a domain with this reserve, rounded up to a page.
pub fn heap_start(reserve: u64) -> u64 {
    (PAGE_MAP + (reserve / super::PAGE).div_ceil(64) * 16).next_multiple_of(super::PAGE)
}

/// Slots of a node of a table of names.
pub const TABLE_FANOUT: u64 = 16;

/// An atom's entry: `[name bytes] [hash] [root] [version] [waiters] [name…]`, payload words by index.
pub mod atom {
    /// Payload words before the name.
    pub const META_WORDS: u64 = 5;
    /// Bytes of the name.
    pub const NAME_BYTES: u64 = 0;
    /// Hash of the name.
    pub const HASH: u64 = 1;
    /// The root word.
    pub const ROOT: u64 = 2;
    /// Goes up with every commit; its low half is what waiters sleep on.
    pub const VERSION: u64 = 3;
    /// One more than the latest version behind which somebody waits; 0 if nobody can be asleep.
    pub const WAITERS: u64 = 4;
}

const _: () = {
    assert!(word::CLASS_STACKS + super::slot::CLASSES as u64 <= word::CHECKPOINTS);
    assert!((word::CHECKPOINTS + 128) * 8 <= HEADER_BYTES);
};
