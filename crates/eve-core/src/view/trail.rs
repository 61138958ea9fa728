//! Nested values end somewhere, unless a damaged file has one inside itself.

use crate::error::{Error, Result};
use crate::layout::Word;

/// The way down into nested values, remembered just well enough to notice a cycle (Brent's method: one ancestor is kept, a
/// new one at each depth that is a power of two). Walks are deterministic, so one that enters a cycle meets the kept one.
#[derive(Clone, Copy)]
pub(crate) struct Trail {
    depth: u32,
    next: u32,
    kept: (Word, Word),
}

impl Trail {
    /// At the outermost value.
    pub const START: Trail = Trail { depth: 0, next: 1, kept: (Word::ABSENT, Word::ABSENT) };

    /// One step further down, into the block `a` (and `b`, where two values are compared; else the same word twice).
    pub fn enter(mut self, a: Word, b: Word) -> Result<Trail> {
        if (a, b) == self.kept {
            return Err(Error::Corrupt { offset: a.0, what: "a value that does not contain itself" });
        }
        self.depth = self.depth.saturating_add(1);
        if self.depth == self.next {
            self.kept = (a, b);
            self.next = self.next.saturating_mul(2);
        }
        Ok(self)
    }
}
