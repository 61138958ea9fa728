//! One counter and three bits for every block of a domain, page by page, as blocks are met.

use crate::arena::Arena;
use crate::heap::{bit_of, bitmap_word, is_used, state_of};
use crate::layout::header::heap_start;
use crate::layout::slot::{CLASS_BYTES, PageState, blocks_per_page, page, page_off};
use crate::layout::{Off, PAGE, PAGE_HEADER};

/// What is known of the blocks of one page.
pub(super) struct PageMarks {
    /// Their class; none for a run of pages with one block.
    pub class: Option<usize>,
    /// Bytes each takes.
    pub bytes: u64,
    /// Reached from an atom, a table or the limbo.
    pub reached: [u64; page::BITMAP_WORDS as usize],
    /// Held by a participant or the limbo itself.
    pub held: [u64; page::BITMAP_WORDS as usize],
    /// Free, and kept at hand.
    pub at_hand: [u64; page::BITMAP_WORDS as usize],
    /// Parents found, up to the ceiling of a block's own count.
    pub parents: Box<[u16]>,
}

/// Where a block's marks are.
#[derive(Clone, Copy)]
pub(super) struct Place {
    page: usize,
    word: usize,
    bit: u64,
    index: usize,
}

/// The marks of all blocks.
pub(super) struct Census<'a> {
    arena: &'a Arena,
    pages: Vec<Option<Box<PageMarks>>>,
    /// Pages that have marks.
    touched: Vec<usize>,
}

impl<'a> Census<'a> {
    pub fn new(arena: &'a Arena) -> Census<'a> {
        let pages = (arena.committed() / PAGE) as usize;
        Census { arena, pages: std::iter::repeat_with(|| None).take(pages).collect(), touched: Vec::new() }
    }
    /// Forgets all marks.
    pub fn clear(&mut self) {
        for page in self.touched.drain(..) {
            self.pages[page] = None;
        }
    }
    /// First page of the heap, and the one behind the last.
    pub fn bounds(&self) -> (u64, u64) {
        (heap_start(self.arena.region().reserve()) / PAGE, self.arena.committed() / PAGE)
    }
    /// The marks of a page, if one of its blocks was met.
    pub fn page(&self, page: u64) -> Option<&PageMarks> {
        self.pages.get(page as usize).and_then(|p| p.as_deref())
    }

    /// The place of the allocated block at `off`, or what is wrong with it.
    pub fn find(&mut self, off: Off) -> Result<Place, &'static str> {
        let number = off.0 / PAGE;
        let index = number as usize;
        if index >= self.pages.len() {
            // It may have grown since.
            let now = (self.arena.committed() / PAGE) as usize;
            if index >= now {
                return Err("an offset behind the end of the file");
            }
            self.pages.resize_with(now, || None);
        }
        if self.pages[index].is_none() {
            if !off.0.is_multiple_of(16) || !is_used(self.arena, number) {
                return Err("an offset in a page that is not given out");
            }
            let (class, bytes) = match state_of(self.arena, number) {
                Ok(PageState::Current(c) | PageState::Listed(c) | PageState::Full(c)) => {
                    (Some(c), CLASS_BYTES[c] as u64)
                }
                Ok(PageState::Large(n)) if n > 0 && n <= self.pages.len() as u64 => (None, n * PAGE - PAGE_HEADER),
                _ => return Err("an offset in a page that holds no blocks"),
            };
            let blocks = class.map_or(1, blocks_per_page) as usize;
            let none = [0; page::BITMAP_WORDS as usize];
            let parents = vec![0; blocks].into();
            self.pages[index] =
                Some(Box::new(PageMarks { class, bytes, reached: none, held: none, at_hand: none, parents }));
            self.touched.push(index);
        }
        let Some(marks) = &self.pages[index] else { return Err("an offset in a page that is not given out") };
        let Some(class) = marks.class else {
            let first = off.0 % PAGE == PAGE_HEADER;
            return if first {
                Ok(Place { page: index, word: 0, bit: 1, index: 0 })
            } else {
                Err("no start of a block")
            };
        };
        let (word, bit) = bit_of(off, class).ok_or("no start of a block")?;
        if bitmap_word(self.arena, number, word) & bit == 0 {
            return Err("a block that is in use and free");
        }
        Ok(Place { page: index, word: word as usize, bit, index: word as usize * 64 + bit.trailing_zeros() as usize })
    }
    fn at(&mut self, place: Place) -> &mut PageMarks {
        self.pages[place.page].as_mut().expect("a place is only given for a page with marks")
    }
    /// Bytes that a block there takes.
    pub fn bytes(&mut self, place: Place) -> u64 {
        self.at(place).bytes
    }
    /// One more parent; true at the first.
    pub fn reach(&mut self, place: Place) -> bool {
        let marks = self.at(place);
        marks.parents[place.index] = marks.parents[place.index].saturating_add(1);
        self.reach_without_parent(place)
    }
    /// Reached, but not by a parent; true at the first time.
    pub fn reach_without_parent(&mut self, place: Place) -> bool {
        let marks = self.at(place);
        let first = marks.reached[place.word] & place.bit == 0;
        marks.reached[place.word] |= place.bit;
        first
    }
    /// One more parent that does not make it reached.
    pub fn expect_parent(&mut self, place: Place) {
        let marks = self.at(place);
        marks.parents[place.index] = marks.parents[place.index].saturating_add(1);
    }
    /// Was it reached?
    pub fn is_reached(&mut self, place: Place) -> bool {
        let marks = self.at(place);
        marks.reached[place.word] & place.bit != 0
    }
    /// Neither reached nor held nor at hand?
    pub fn is_untouched(&mut self, place: Place) -> bool {
        let marks = self.at(place);
        (marks.reached[place.word] | marks.held[place.word] | marks.at_hand[place.word]) & place.bit == 0
    }
    /// Held by somebody; false if it was already.
    pub fn hold(&mut self, place: Place) -> bool {
        let marks = self.at(place);
        let first = marks.held[place.word] & place.bit == 0;
        marks.held[place.word] |= place.bit;
        first
    }
    /// Free and kept at hand; false if it was already.
    pub fn keep_at_hand(&mut self, place: Place) -> bool {
        let marks = self.at(place);
        let first = marks.at_hand[place.word] & place.bit == 0;
        marks.at_hand[place.word] |= place.bit;
        first
    }
}

/// The offset of block `index` of a page of this class; of the one block of a run for none.
pub(super) fn block_at(page: u64, class: Option<usize>, index: u64) -> Off {
    page_off(page).plus(PAGE_HEADER + class.map_or(0, |c| index * CLASS_BYTES[c] as u64))
}
