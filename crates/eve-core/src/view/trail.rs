//! Nested values end somewhere, unless a damaged file has one inside itself; and they end soon, unless a file made with bad intent
//! has one twice inside itself, that one another one twice, and so on.

use super::View;
use crate::arena::Arena;
use crate::error::{Error, Result};
use crate::layout::Word;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::HashMap;

/// The way down into nested values, remembered just well enough to notice a cycle (Brent's method: one ancestor is kept, a
/// new one at each depth that is a power of two). A walk that goes through children in their order and ends at the first error enters a cycle
/// in the same way each time, so it meets the kept one; one that passes over errors may not.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Way<K = Word> {
    depth: u32,
    next: u32,
    kept: K,
}

impl Way {
    /// At the outermost value.
    pub const START: Way = Way { depth: 0, next: 1, kept: Word::ABSENT };

    /// One step further down, into the block of `word`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is found to contain itself.
    #[inline]
    pub fn enter(self, word: Word) -> Result<Way> {
        self.step(word, word)
    }
    /// Is nothing around?
    #[inline]
    pub(crate) fn is_start(self) -> bool {
        self.depth == 0
    }
}

impl<K: PartialEq> Way<K> {
    #[inline]
    fn step(mut self, into: K, at: Word) -> Result<Self> {
        if into == self.kept {
            return Err(Error::Corrupt { offset: at.0, what: "a value that does not contain itself" });
        }
        self.depth = self.depth.saturating_add(1);
        if self.depth == self.next {
            self.kept = into;
            self.next = self.next.saturating_mul(2);
        }
        Ok(self)
    }
}

/// The way, and what was done on it.
#[derive(Clone, Copy)]
pub(crate) struct Trail<'w> {
    way: Way<(Word, Word)>,
    work: Option<&'w Work>,
}

impl<'w> Trail<'w> {
    /// At the outermost value.
    pub const START: Trail<'static> =
        Trail { way: Way { depth: 0, next: 1, kept: (Word::ABSENT, Word::ABSENT) }, work: None };

    /// One step further down, into the block `a` (and `b`, where two values are compared; else the same word twice).
    pub fn enter(self, a: Word, b: Word) -> Result<Trail<'w>> {
        Ok(Trail { way: self.way.step((a, b), a)?, ..self })
    }
    /// What was done since the outermost value, if somebody keeps it.
    #[inline]
    pub fn work(&self) -> Option<&'w Work> {
        self.work
    }
    /// The same way; what is done is kept in `work`.
    #[inline]
    pub fn with<'n>(self, work: &'n Work) -> Trail<'n>
    where
        'w: 'n,
    {
        Trail { work: Some(work), ..self }
    }
}

/// A collection, and where it is.
type Place = (*const Arena, Word);

fn place(value: View<'_>) -> Place {
    (std::ptr::from_ref(value.arena), value.word)
}

/// What was done for one outermost value, or for comparing two: whether they are equal, or in which order they stand, never both. Once more collections were entered than its file has room for, some were entered more than once:
/// from then on each answer is remembered, so that the whole takes no longer than the file is large.
#[derive(Default)]
pub(crate) struct Work {
    entered: Cell<u64>,
    hashes: RefCell<HashMap<Place, u64, Hasher>>,
    compared: RefCell<HashMap<(Place, Place), Ordering, Hasher>>,
}

type Hasher = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;

impl Work {
    /// Bytes of the smallest block that holds a collection, with its header.
    const SMALLEST: u64 = 32;
    /// So many answers more than there can be collections are remembered, when two values are compared.
    const MORE: u64 = 1 << 16;

    /// The hash of a collection: `find`, or what it found before.
    pub fn hash(&self, value: View<'_>, find: impl FnOnce() -> Result<u64>) -> Result<u64> {
        if !self.is_much(value.arena.committed()) {
            return find();
        }
        if let Some(&hash) = self.hashes.borrow().get(&place(value)) {
            return Ok(hash);
        }
        let hash = find()?;
        self.hashes.borrow_mut().insert(place(value), hash);
        Ok(hash)
    }

    /// Whether two collections are equal: `find`, or what it found before.
    pub fn equal(&self, a: View<'_>, b: View<'_>, find: impl FnOnce() -> Result<bool>) -> Result<bool> {
        let as_order = |equal| if equal { Ordering::Equal } else { Ordering::Less };
        self.order(a, b, || find().map(as_order)).map(Ordering::is_eq)
    }

    /// How two collections stand to each other: `find`, or what it found before.
    pub fn order(&self, a: View<'_>, b: View<'_>, find: impl FnOnce() -> Result<Ordering>) -> Result<Ordering> {
        let bytes = a.arena.committed().saturating_add(b.arena.committed());
        if !self.is_much(bytes) {
            return find();
        }
        let places = (place(a), place(b));
        if let Some(&order) = self.compared.borrow().get(&places) {
            return Ok(order);
        }
        let order = find()?;
        let mut known = self.compared.borrow_mut();
        if known.len() as u64 > bytes / Self::SMALLEST + Self::MORE {
            // Equal values of any use have about as many pairs as parts.
            return Err(Error::value("these two values share parts in so many ways that they cannot be compared"));
        }
        known.insert(places, order);
        Ok(order)
    }

    fn is_much(&self, bytes: u64) -> bool {
        let entered = self.entered.get() + 1;
        self.entered.set(entered);
        entered > bytes / Self::SMALLEST
    }
}
