//! What is in a domain, byte for byte: offsets, words, blocks and the header page. Derived here and nowhere else;
//! `spec/` draws the same in prose, and `const` assertions at the end of each file freeze it.

pub mod block;
pub mod element;
pub mod header;
pub mod schema;
pub mod slot;
pub mod text;
pub mod trie;
pub mod word;

pub use block::{BlockHeader, Kind, Tick};
pub use element::Element;
pub use word::{Off, Word};

/// Version of everything in this module. A file of another version is refused.
pub const FORMAT_VERSION: u32 = 2;

/// Every block starts at a multiple of this many bytes, so that the low four bits of an offset are free for kinds.
pub const ALIGN: u64 = 16;

/// A heap page: the unit in which blocks of one size class are kept, and in which the arena is given out.
pub const PAGE: u64 = 16 * 1024;

/// Bytes at the start of each heap page that hold its own words (state, next, block size, bitmap).
pub const PAGE_HEADER: u64 = 256;
