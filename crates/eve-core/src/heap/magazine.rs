//! Blocks: from magazines, from the participant's own page of the class, from pages that nobody owns.

use super::pages::{give_pages, state_of, take_pages};
use super::{Slot, class_stack};
use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::layout::header::word;
use crate::layout::slot::{CLASS_BYTES, CLASSES, MAGAZINE_AT, MAGAZINE_SIZE, PageState, blocks_per_page, class_of};
use crate::layout::slot::{page, page_off, slot};
use crate::layout::{Off, PAGE, PAGE_HEADER};
use crate::reclaim::chunks;
use crate::sync::{AcqRel, Acquire, AtomicU64, Relaxed, SeqCst};

/// 2^32 divided by the bytes of a class, rounded up.
const RECIPROCALS: [u64; CLASSES] = {
    let mut reciprocals = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        reciprocals[class] = (1u64 << 32).div_ceil(CLASS_BYTES[class] as u64);
        class += 1;
    }
    reciprocals
};

/// The word of a page's bitmap that tells of this block, and its bit; `None` if no block of the class starts there.
#[inline]
pub(crate) fn bit_of(off: Off, class: usize) -> Option<(u64, u64)> {
    let inside = (off.0 % PAGE).checked_sub(PAGE_HEADER)?;
    // Exact for every number below a page: dividing costs as much as the rest of freeing a block.
    let index = (inside * RECIPROCALS[class]) >> 32;
    let exact = index * CLASS_BYTES[class] as u64 == inside;
    (exact && index < blocks_per_page(class)).then_some((index / 64, 1 << (index % 64)))
}

pub(super) fn bitmap(arena: &Arena, page: u64, i: u64) -> &AtomicU64 {
    arena.word(page_off(page).at(page::BITMAP + i))
}

/// Sets word `i` of the bitmap of a page in a domain that nobody else uses.
pub(crate) fn bitmap_store(arena: &Arena, page: u64, i: u64, bits: u64) {
    bitmap(arena, page, i).store(bits, Relaxed); // nobody else is there
}

/// How often blocks of a page were given out.
pub(crate) fn refills(arena: &Arena, page: u64) -> u64 {
    arena.word(page_off(page).at(page::REFILLS)).load(Acquire) // before or after the bits, as the caller needs it
}

/// Word `i` of the bitmap of a page, as it is now.
pub(crate) fn bitmap_word(arena: &Arena, page: u64, i: u64) -> u64 {
    bitmap(arena, page, i).load(Acquire) // pairs with `release_block`
}

fn state(arena: &Arena, page: u64) -> &AtomicU64 {
    arena.word(page_off(page).at(page::STATE))
}

/// The bits of word `i` of a bitmap that stand for blocks.
pub(crate) fn valid_bits(class: usize, i: u64) -> u64 {
    match blocks_per_page(class).saturating_sub(i * 64) {
        0 => 0,
        n if n >= 64 => u64::MAX,
        n => (1 << n) - 1,
    }
}

fn bitmap_words(class: usize) -> u64 {
    blocks_per_page(class).div_ceil(64)
}

fn free_blocks(arena: &Arena, page: u64, class: usize) -> u64 {
    (0..bitmap_words(class))
        .map(|i| (!bitmap(arena, page, i).load(SeqCst) & valid_bits(class, i)).count_ones() as u64)
        .sum()
}

/// No block of the page is in use.
pub(super) fn is_empty(arena: &Arena, page: u64) -> bool {
    (0..page::BITMAP_WORDS).all(|i| bitmap(arena, page, i).load(Acquire) == 0) // Acquire: pairs with `release_block`
}

impl Slot<'_> {
    /// A block of at least `bytes` bytes, with whatever was in it.
    #[inline]
    pub fn alloc(&self, bytes: u64) -> Result<Off> {
        let Some(class) = class_of(bytes) else { return self.alloc_large(bytes) };
        let mut len = self.get(slot::MAGAZINE_LEN + class as u64);
        if len == 0 {
            len = self.refill(class)?;
        }
        let top = MAGAZINE_AT[class] + len - 1;
        let off = self.get(top);
        self.set(slot::MAGAZINE_LEN + class as u64, len - 1);
        crash_point!("allocate: taken");
        self.fetch_ahead(Off(self.get(top - 1)), CLASS_BYTES[class] as u64); // of the last one, whatever stands before the magazine: it does no harm
        Ok(Off(off))
    }

    /// Asks for the memory of the block that is going to be given out next, or of its beginning: where versions are held long, what was freed
    /// left the cache before it is written again, and writing waits for it.
    #[inline]
    fn fetch_ahead(&self, off: Off, bytes: u64) {
        for line in 0..(bytes / 64 + 1).min(6) {
            self.arena.prefetch(Off(off.0.wrapping_add(64 * line)));
        }
    }

    fn alloc_large(&self, bytes: u64) -> Result<Off> {
        let pages = bytes.saturating_add(PAGE_HEADER).div_ceil(PAGE);
        let first = take_pages(self.arena, pages, PageState::Large(pages))?;
        Ok(page_off(first).plus(PAGE_HEADER))
    }

    /// Fills the magazine of a class halfway; how many blocks it holds then, at least 1.
    #[cold]
    #[inline(never)]
    fn refill(&self, class: usize) -> Result<u64> {
        let wanted = MAGAZINE_SIZE[class].div_ceil(2);
        loop {
            let page = self.get(slot::PAGES + class as u64);
            if page != 0 {
                let len = self.take_blocks(page, class, wanted);
                if len > 0 {
                    return Ok(len);
                }
                self.set(slot::PAGES + class as u64, 0);
                crash_point!("allocate: page given up");
                release_page(self.arena, page, class);
            }
            let page = match class_stack::take_listed(self.arena, class) {
                Some(page) => page,
                None => {
                    let page = take_pages(self.arena, 1, PageState::Current(class))?;
                    for i in 0..page::BITMAP_WORDS {
                        bitmap(self.arena, page, i).store(0, Relaxed); // ours alone
                    }
                    self.arena.word(page_off(page).at(page::VISITORS)).store(0, Relaxed); // likewise
                    page
                }
            };
            state(self.arena, page).store(PageState::Current(class).to_word(), SeqCst); // see `release_page`
            crash_point!("allocate: page not owned");
            self.set(slot::PAGES + class as u64, page);
        }
    }

    /// Marks up to `wanted` free blocks of our page as used and puts them into the empty magazine.
    fn take_blocks(&self, page: u64, class: usize, wanted: u64) -> u64 {
        let refills = self.arena.word(page_off(page).at(page::REFILLS));
        refills.store(refills.load(Relaxed).wrapping_add(1), Relaxed); // ours alone; ordered by the exchange of the bits
        let mut len = 0;
        for i in 0..bitmap_words(class) {
            let mut free = !bitmap(self.arena, page, i).load(Relaxed) & valid_bits(class, i);
            let mut take = 0u64;
            while free != 0 && len < wanted {
                let bit = free & free.wrapping_neg();
                free ^= bit;
                take |= bit;
                let index = i * 64 + bit.trailing_zeros() as u64;
                let off = page_off(page).plus(PAGE_HEADER + index * CLASS_BYTES[class] as u64);
                self.set(MAGAZINE_AT[class] + len, off.0);
                len += 1;
            }
            if take != 0 {
                // Only the owner sets bits, so these were free. Acquire: pairs with `release_block`. Release: who sees the bits
                // sees that there was a refill.
                bitmap(self.arena, page, i).fetch_or(take, AcqRel);
            }
            if len == wanted {
                break;
            }
        }
        crash_point!("allocate: bits set");
        self.set(slot::MAGAZINE_LEN + class as u64, len);
        // the lowest address on top, so that what is built together lies together
        for i in 0..len / 2 {
            let (a, b) = (MAGAZINE_AT[class] + i, MAGAZINE_AT[class] + len - 1 - i);
            let x = self.get(a);
            self.set(a, self.get(b));
            self.set(b, x);
        }
        len
    }

    /// Gives a block back. Nobody reads it any more.
    #[inline]
    pub fn free(&self, off: Off) -> Result<()> {
        self.arena.check(off, 16)?;
        let state = state(self.arena, off.0 / PAGE).load(Relaxed); // a page keeps its class while a block of it is in use
        if let Some(class) = PageState::class(state)
            && bit_of(off, class).is_some()
        {
            self.poison(off, CLASS_BYTES[class] as u64);
            let at = slot::MAGAZINE_LEN + class as u64;
            let mut len = self.get(at);
            if len == MAGAZINE_SIZE[class] {
                len = self.flush_half(class, len);
            }
            crash_point!("free: block not at hand");
            self.set(MAGAZINE_AT[class] + len, off.0);
            self.set(at, len + 1);
            return Ok(());
        }
        self.free_large(off)
    }

    fn free_large(&self, off: Off) -> Result<()> {
        match state_of(self.arena, off.0 / PAGE)? {
            PageState::Large(n) if off.0 % PAGE == PAGE_HEADER => {
                let pages = off.0 / PAGE..off.0 / PAGE + n;
                if chunks::pages(self.arena).any(|chunk| pages.contains(&chunk)) {
                    return Err(Error::corrupt(off, "a large block beside the slots of participants, not over them"));
                }
                self.poison(off, n * PAGE - PAGE_HEADER);
                give_pages(self.arena, off.0 / PAGE, n);
                Ok(())
            }
            _ => Err(Error::corrupt(off, "the start of an allocated block")),
        }
    }

    #[cfg(feature = "poison")]
    fn poison(&self, off: Off, bytes: u64) {
        for i in 0..bytes / 8 {
            self.arena.word(off.at(i)).store(0xDEAD_DEAD_DEAD_DEAD, Relaxed); // a kind that does not exist: readers notice
        }
    }
    #[cfg(not(feature = "poison"))]
    #[inline]
    fn poison(&self, _: Off, _: u64) {}

    /// The older half of a full magazine goes back to its pages.
    #[inline(never)]
    fn flush_half(&self, class: usize, len: u64) -> u64 {
        const MOST: usize = 32;
        let keep = len / 2;
        let first = MAGAZINE_AT[class];
        let mut older = [Off::NONE; MOST];
        let older = &mut older[..(len - keep) as usize];
        for (i, off) in older.iter_mut().enumerate() {
            *off = Off(self.get(first + i as u64));
        }
        // Forgotten before they are given back, and not moved while they count: a successor must not give a block back that was
        // given back already and is somebody else's by then. A crash in between leaks them.
        self.set(slot::MAGAZINE_LEN + class as u64, 0);
        crash_point!("flush: forgotten");
        for i in 0..keep {
            self.set(first + i, self.get(first + len - keep + i));
        }
        self.set(slot::MAGAZINE_LEN + class as u64, keep);
        release_blocks(self.arena, older, class);
        keep
    }
}

/// Says that somebody looks at the page's words: from before it gives up its last claim (a block, or that it owns the page) until
/// it looks no more. Else the page might be swept meanwhile, and hold a user's bytes where its state stood.
///
/// SeqCst: whoever sees the claim given up sees this count, and whoever sees the count at zero comes after all that was done.
fn visit<R>(arena: &Arena, page: u64, look: impl FnOnce() -> R) -> R {
    let visitors = arena.word(page_off(page).at(page::VISITORS));
    visitors.fetch_add(1, SeqCst);
    let result = look();
    visitors.fetch_sub(1, SeqCst); // the last access
    result
}

/// Does nobody look at the page? Asked after its bitmap was seen empty.
pub(super) fn is_alone(arena: &Arena, page: u64) -> bool {
    arena.word(page_off(page).at(page::VISITORS)).load(SeqCst) == 0
}

/// Clears the bit of a block; a page that got enough free blocks by it is put on the stack of its class.
pub(crate) fn release_block(arena: &Arena, off: Off, class: usize) {
    release_blocks(arena, &[off], class);
}

/// The same for many. Neighbours that lie in one page, as what was made together often does, go in one step.
fn release_blocks(arena: &Arena, blocks: &[Off], class: usize) {
    let place = |off: &Off| bit_of(*off, class).map(|(i, bit)| (off.0 / PAGE, i, bit));
    let mut places = blocks.iter().filter_map(place).peekable();
    while let Some((page, i, mut bits)) = places.next() {
        while let Some((_, _, bit)) = places.next_if(|next| (next.0, next.1) == (page, i)) {
            bits |= bit;
        }
        visit(arena, page, || clear_bits(arena, page, i, bits));
        crash_point!("flush: some given back");
    }
}

fn clear_bits(arena: &Arena, page: u64, i: u64, bits: u64) {
    // Release: our use of the blocks is over before the owner gives them out again. SeqCst: see `release_page`.
    bitmap(arena, page, i).fetch_and(!bits, SeqCst);
    crate::sync::loom_order();
    match PageState::from_word(state(arena, page).load(SeqCst)) {
        Some(PageState::Full(class)) => list_if_worth_it(arena, page, class),
        Some(PageState::Listed(_)) if is_empty(arena, page) => {
            arena.header(word::EMPTY_PAGES).fetch_add(1, Relaxed); // a hint
        }
        _ => {}
    }
}

/// The owner gives up a page. Either it sees the bits that others cleared meanwhile, or they see that it is nobody's: both
/// sides write first and read then, all SeqCst.
pub(crate) fn release_page(arena: &Arena, page: u64, class: usize) {
    visit(arena, page, || {
        state(arena, page).store(PageState::Full(class).to_word(), SeqCst);
        crate::sync::loom_order();
        list_if_worth_it(arena, page, class);
    });
}

fn list_if_worth_it(arena: &Arena, page: u64, class: usize) {
    let free = free_blocks(arena, page, class);
    if free * 8 < blocks_per_page(class) {
        return;
    }
    let (full, listed) = (PageState::Full(class).to_word(), PageState::Listed(class).to_word());
    // Whoever makes the change pushes the page: once.
    if state(arena, page).compare_exchange(full, listed, SeqCst, Relaxed).is_ok() {
        if free == blocks_per_page(class) {
            arena.header(word::EMPTY_PAGES).fetch_add(1, Relaxed); // a hint
        }
        class_stack::push(arena, class, page);
    }
}

/// Does a block of this class start there?
fn is_block(arena: &Arena, off: Off, class: usize) -> bool {
    let state = state_of(arena, off.0 / PAGE);
    state.is_ok_and(|state| PageState::class(state.to_word()) == Some(class)) && bit_of(off, class).is_some()
}

/// May a participant take blocks of this class from the page?
fn is_current(arena: &Arena, page: u64, class: usize) -> bool {
    matches!(state_of(arena, page), Ok(PageState::Current(c)) if c == class)
}

/// Forgets what can be no block at hand or page of a participant that died: what a damaged file has there is not given out again.
pub(crate) fn forget_damaged(slot: Slot<'_>) {
    for class in 0..CLASSES {
        let len_at = slot::MAGAZINE_LEN + class as u64;
        let len = slot.get(len_at);
        if len > MAGAZINE_SIZE[class]
            || !(0..len).all(|i| is_block(slot.arena, Off(slot.get(MAGAZINE_AT[class] + i)), class))
        {
            slot.set(len_at, 0);
        }
        let page = slot.get(slot::PAGES + class as u64);
        if page != 0 && !is_current(slot.arena, page, class) {
            slot.set(slot::PAGES + class as u64, 0);
        }
    }
}

/// Gives back all that a slot keeps at hand: when its participant leaves or was found dead.
pub(crate) fn empty_magazines(slot: Slot<'_>) {
    for class in 0..CLASSES {
        let len_at = slot::MAGAZINE_LEN + class as u64;
        let mut len = slot.get(len_at).min(MAGAZINE_SIZE[class]);
        while len > 0 {
            len -= 1;
            slot.set(len_at, len); // first forget it, then give it back
            let off = Off(slot.get(MAGAZINE_AT[class] + len));
            if is_block(slot.arena, off, class) {
                release_block(slot.arena, off, class);
            }
        }
        let page = slot.get(slot::PAGES + class as u64);
        if page != 0 {
            slot.set(slot::PAGES + class as u64, 0);
            if is_current(slot.arena, page, class) {
                release_page(slot.arena, page, class);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_starts_of_blocks_have_a_bit() {
        for (class, &size) in CLASS_BYTES.iter().enumerate() {
            let size = size as u64;
            for inside in 0..PAGE - PAGE_HEADER {
                let index = inside / size;
                let expected =
                    (inside % size == 0 && index < blocks_per_page(class)).then_some((index / 64, 1 << (index % 64)));
                assert_eq!(
                    bit_of(Off(7 * PAGE + PAGE_HEADER + inside), class),
                    expected,
                    "class {class}, byte {inside}"
                );
            }
        }
    }
}
