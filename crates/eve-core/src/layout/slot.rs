//! Size classes, the slots of participants and the entries of processes.

use super::{PAGE, PAGE_HEADER, word::Off};

/// Number of size classes.
pub const CLASSES: usize = 46;

/// Block bytes of each class: every 16 up to 128, then steps of at most 12.5 % up to 2 KiB, then what a page's share allows.
pub const CLASS_BYTES: [u32; CLASSES] = class_bytes();

const fn class_bytes() -> [u32; CLASSES] {
    let mut bytes = [0; CLASSES];
    let mut i = 0;
    while i < 8 {
        bytes[i] = 16 * (i as u32 + 1);
        i += 1;
    }
    let mut step = 16;
    while i < 40 {
        bytes[i] = bytes[i - 1] + step;
        i += 1;
        if i % 8 == 0 {
            step *= 2;
        }
    }
    while i < CLASSES {
        bytes[i] = ((PAGE - PAGE_HEADER) as u32 / (47 - i as u32)) / 16 * 16; // 7, 6, 5, 4, 3, 2 a page
        i += 1;
    }
    bytes
}

/// The largest block that shares a page.
pub const SMALL_MAX: u64 = CLASS_BYTES[CLASSES - 1] as u64;

/// The class for a block of so many bytes; `None` if it needs pages of its own.
#[inline]
pub fn class_of(bytes: u64) -> Option<usize> {
    const TABLE: [u8; 129] = class_table();
    if bytes <= 2048 {
        Some(TABLE[bytes.div_ceil(16) as usize] as usize)
    } else {
        (40..CLASSES).find(|&c| CLASS_BYTES[c] as u64 >= bytes)
    }
}

const fn class_table() -> [u8; 129] {
    let mut table = [0; 129];
    let (mut i, mut class) = (0, 0);
    while i < 129 {
        while CLASS_BYTES[class] < i as u32 * 16 {
            class += 1;
        }
        table[i] = class as u8;
        i += 1;
    }
    table
}

/// Sizes that only say how often something happens.
#[cfg(not(any(loom, shuttle)))]
mod sizes {
    pub const fn magazine(block_bytes: u32) -> u64 {
        match block_bytes {
            0..=640 => 27,
            641..=1024 => 8,
            _ => 4,
        }
    }
    pub const SNAPSHOT_PINS: u64 = 6;
    pub const JOURNAL_INLINE: u64 = 64;
    pub const PIN_COUNT: u64 = 56;
    pub const BAG: u64 = 125;
    pub const LINK: u64 = 252;
}
/// The same for model checkers: so small that everything overflows, splits and is handed on all the time.
#[cfg(any(loom, shuttle))]
mod sizes {
    pub const fn magazine(_: u32) -> u64 {
        2
    }
    pub const SNAPSHOT_PINS: u64 = 1;
    pub const JOURNAL_INLINE: u64 = 4;
    pub const PIN_COUNT: u64 = 2;
    pub const BAG: u64 = 2;
    pub const LINK: u64 = 4;
}

/// Free blocks of a class that a participant keeps at hand.
pub const fn magazine_size(class: usize) -> u64 {
    sizes::magazine(CLASS_BYTES[class])
}

/// The same, as a table.
pub const MAGAZINE_SIZE: [u64; CLASSES] = {
    let mut sizes = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        sizes[class] = magazine_size(class);
        class += 1;
    }
    sizes
};

/// Where the magazine of a class stands in a slot, in words.
pub const MAGAZINE_AT: [u64; CLASSES] = {
    let mut at = [0; CLASSES];
    let mut class = 0;
    let mut next = slot::MAGAZINES;
    while class < CLASSES {
        at[class] = next;
        next += magazine_size(class);
        class += 1;
    }
    at
};

/// Words of a participant's slot, by index.
pub mod slot {
    /// 0 free; else the process entry and generation that it belongs to, see [`super::Owner`].
    pub const OWNER: u64 = 0;
    /// Pin of the operation under way. A scan reads it before [`SNAPSHOTS`].
    pub const PIN: u64 = 1;
    /// Pins of snapshots.
    pub const SNAPSHOTS: u64 = 2;
    /// How many.
    pub const SNAPSHOT_PINS: u64 = super::sizes::SNAPSHOT_PINS;

    /// State of the transaction: see [`super::state`].
    pub const STATE: u64 = 8;
    /// The atom it changes.
    pub const ATOM: u64 = 9;
    /// The root word it replaces.
    pub const BASE: u64 = 10;
    /// The root word it installs.
    pub const NEW: u64 = 11;
    /// 1 if the new root is a block of this build.
    pub const FRESH: u64 = 12;
    /// Entries in the journal.
    pub const JOURNAL_LEN: u64 = 13;
    /// How far the decrements got: the index of the next journal entry, and perhaps [`super::ONLY`].
    pub const CURSOR: u64 = 14;
    /// The last link of the journal's chain.
    pub const JOURNAL_TAIL: u64 = 15;

    /// Limbo bag that is being filled.
    pub const BAG_OPEN: u64 = 16;
    /// Limbo bags that were filled since the last scan.
    pub const BAGS_FULL: u64 = 17;
    /// Limbo bags that were full before the last scan: what is in them is a tick old.
    pub const BAGS_AGED: u64 = 18;
    /// Limbo bags that are being worked off.
    pub const BAGS_WORK: u64 = 19;
    /// Block whose children are being dropped.
    pub const WALK: u64 = 20;
    /// The next child, and perhaps [`super::ONLY`].
    pub const WALK_NEXT: u64 = 21;
    /// Its retire tag.
    pub const WALK_TAG: u64 = 22;

    /// Limbo bags of blocks that were looked at and have to wait for pins, as long as they are being filled.
    pub const BAGS_KEPT: u64 = 23;
    /// Empty limbo bags, so that retiring never has to allocate.
    pub const BAGS_SPARE: u64 = 24;
    /// The commit counter at the last scan; one that is far behind tells that the participant is idle.
    pub const SCANNED: u64 = 25;
    /// Odd while the participant changes anything; another number after each change.
    pub const ACTIVITY: u64 = 26;
    /// Limbo bag that was just taken from a queue. Whatever stands in it as its next one, it is alone.
    pub const BAG_TAKEN: u64 = 27;
    /// Limbo bags on their way from one chain to another.
    pub const BAGS_MOVING: u64 = 28;

    /// The page that each class allocates from.
    pub const PAGES: u64 = 32;
    /// Blocks in each class's magazine.
    pub const MAGAZINE_LEN: u64 = 80;
    /// The first entries of the journal.
    pub const JOURNAL: u64 = 128;
    /// How many of them stand in the slot itself.
    pub const JOURNAL_INLINE: u64 = super::sizes::JOURNAL_INLINE;
    /// Free blocks at hand, class by class.
    pub const MAGAZINES: u64 = 192;
    /// Words of a slot.
    pub const WORDS: u64 = 1016;
}

/// Beside the number in [`slot::CURSOR`] or [`slot::WALK_NEXT`]: the last edge before it was the only one that its block ever had. Nobody but the
/// participant can have taken it back, so the block itself tells a successor whether it was.
pub const ONLY: u64 = 1 << 32;

/// States of a transaction, in [`slot::STATE`].
pub mod state {
    /// No transaction.
    pub const IDLE: u64 = 0;
    /// Nodes are being made and edges counted.
    pub const BUILDING: u64 = 1;
    /// The root is about to be exchanged.
    pub const COMMITTING: u64 = 2;
    /// It was exchanged; edges of the replaced nodes are being taken back.
    pub const PUBLISHED: u64 = 3;
    /// It was not; what was counted is being taken back.
    pub const UNDOING: u64 = 4;
}

/// What a journal entry says, in the low four bits beside the block's offset.
pub mod journal {
    /// This block was allocated.
    pub const ALLOCATED: u64 = 1;
    /// An edge to this block was counted.
    pub const COUNTED: u64 = 2;
    /// After publication an edge to this block is taken back.
    pub const DROP: u64 = 3;
    /// The same, and its children passed to its copy.
    pub const DROP_MOVED: u64 = 4;
    /// Mask of the kind.
    pub const KIND: u64 = 15;
}

/// Words of a process entry, by index.
pub mod process {
    /// Goes up each time the entry is taken; never 0 once taken.
    pub const GENERATION: u64 = 0;
    /// The process id, for people only.
    pub const PID: u64 = 1;
    /// How many of [`PINS`] were ever used since the entry was taken.
    pub const PINS_USED: u64 = 2;
    /// Pins of snapshots that found no room in a slot.
    pub const PINS: u64 = 8;
    /// How many.
    pub const PIN_COUNT: u64 = super::sizes::PIN_COUNT;
    /// Words of an entry.
    pub const WORDS: u64 = 64;
}

/// A chunk of slots or process entries is one heap page: `[state] [next chunk]`, then from byte 128 on the entries.
pub const CHUNK_FIRST: u64 = 128;
/// Slots in a chunk.
pub const SLOTS_PER_CHUNK: u64 = (PAGE - CHUNK_FIRST) / (slot::WORDS * 8);
/// Process entries in a chunk.
pub const PROCESSES_PER_CHUNK: u64 = (PAGE - CHUNK_FIRST) / (process::WORDS * 8);

/// Whose a slot is: `generation:40 | process:20 | recovering:1 | 1`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Owner(pub u64);

impl Owner {
    /// Nobody's.
    pub const NONE: Owner = Owner(0);
    /// A process of this number and generation.
    pub fn new(process: u64, generation: u64) -> Owner {
        Owner(generation << 24 | process << 4 | 1)
    }
    /// The same, and it is cleaning up after a dead owner.
    pub fn recovering(self) -> Owner {
        Owner(self.0 | 2)
    }
    /// Is the owner cleaning up?
    pub fn is_recovering(self) -> bool {
        self.0 & 2 != 0
    }
    /// The number of the process entry.
    pub fn process(self) -> u64 {
        self.0 >> 4 & 0xF_FFFF
    }
    /// Its generation.
    pub fn generation(self) -> u64 {
        self.0 >> 24
    }
}

/// A pin: the closed interval `[lo, lo + span]` of ticks that somebody may be reading, as one word: `span:22 | lo:40 | 1` (bit 0 set;
/// 0 is no pin; a span of all ones has no end).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Pin(pub u64);

impl Pin {
    /// No pin.
    pub const NONE: Pin = Pin(0);
    const OPEN_SPAN: u64 = (1 << 22) - 1;

    /// From `lo` on, without an end.
    pub fn open(lo: super::Tick) -> Pin {
        Pin(Self::OPEN_SPAN << 42 | lo.0 << 1 | 1)
    }
    /// From `lo` to `hi`, both included.
    pub fn interval(lo: super::Tick, hi: super::Tick) -> Pin {
        let span = hi.0.saturating_sub(lo.0).min(Self::OPEN_SPAN);
        Pin(span << 42 | lo.0 << 1 | 1)
    }
    /// One version.
    pub fn point(at: super::Tick) -> Pin {
        Self::interval(at, at)
    }
    /// `(lo, hi)`, `hi` being the highest number for an open pin.
    pub fn bounds(self) -> Option<(u64, u64)> {
        let (lo, span) = (self.0 >> 1 & ((1 << 40) - 1), self.0 >> 42);
        (self.0 & 1 == 1).then(|| (lo, if span == Self::OPEN_SPAN { u64::MAX } else { lo + span }))
    }
}

/// A limbo bag: a [`super::Kind::Chain`] block; payload words by index. An entry is two words: `offset | 1 if what hangs below is
/// to be dropped too`, and the retire tag.
pub mod bag {
    /// Words that follow.
    pub const WORDS: u64 = 0;
    /// The next bag.
    pub const NEXT: u64 = 1;
    /// Entries.
    pub const LEN: u64 = 2;
    /// The pin that every entry waits for; 2 if they wait for several, 0 if they were not looked at.
    pub const BLOCKER: u64 = 3;
    /// The first entry.
    pub const ENTRIES: u64 = 4;
    /// Room for so many.
    pub const CAPACITY: u64 = super::sizes::BAG;
    /// Payload words in all: the block fills a size class.
    pub const PAYLOAD: u64 = ENTRIES + CAPACITY * 2;

    /// Bits of an entry's second word that hold when the block was retired; above them stands how many ticks it lived.
    pub const TAG_BITS: u32 = 40;
    /// It lived for so many ticks or more: its header says when it was born.
    pub const OLD: u64 = u64::MAX >> TAG_BITS;
}

/// A link of a journal that outgrew its slot: a [`super::Kind::Chain`] block; payload words by index.
pub mod link {
    /// Words that follow.
    pub const WORDS: u64 = 0;
    /// The link before.
    pub const PREVIOUS: u64 = 1;
    /// The link after.
    pub const NEXT: u64 = 2;
    /// The first entry.
    pub const ENTRIES: u64 = 3;
    /// Room for so many.
    pub const CAPACITY: u64 = super::sizes::LINK;
    /// Payload words in all.
    pub const PAYLOAD: u64 = ENTRIES + CAPACITY;
}

/// A page's words at its start.
pub mod page {
    /// `state | class or pages`, see [`super::PageState`].
    pub const STATE: u64 = 0;
    /// The next page on the stack of its class (a page number).
    pub const NEXT: u64 = 1;
    /// Goes up before blocks of the page are given out.
    pub const REFILLS: u64 = 2;
    /// How many are looking at the page's words without owning it: while there is one, the page is not given away.
    pub const VISITORS: u64 = 3;
    /// Bitmap of allocated blocks: up to 16 words.
    pub const BITMAP: u64 = 8;
    /// Words of the bitmap.
    pub const BITMAP_WORDS: u64 = 16;
}

/// What a page is used for: `kind:4 | class or number of pages << 4`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PageState {
    /// Given out, but not yet made into anything.
    Raw,
    /// Blocks of this class; some participant allocates from it.
    Current(usize),
    /// Blocks of this class; on the stack of its class.
    Listed(usize),
    /// Blocks of this class; on no stack, for it has (nearly) no free block.
    Full(usize),
    /// The first of so many pages that hold one block.
    Large(u64),
    /// A chunk of slots or of process entries.
    Chunk,
}

impl PageState {
    /// As stored.
    pub fn to_word(self) -> u64 {
        match self {
            PageState::Raw => 0,
            PageState::Current(c) => (c as u64) << 4 | 1,
            PageState::Listed(c) => (c as u64) << 4 | 2,
            PageState::Full(c) => (c as u64) << 4 | 3,
            PageState::Large(n) => n << 4 | 4,
            PageState::Chunk => 5,
        }
    }
    /// The class of a page of blocks, from its state as stored; `None` for any other page.
    #[inline]
    pub fn class(w: u64) -> Option<usize> {
        (matches!(w & 15, 1..=3) && w >> 4 < CLASSES as u64).then_some((w >> 4) as usize)
    }
    /// As read; `None` if it makes no sense.
    pub fn from_word(w: u64) -> Option<PageState> {
        let class = || ((w >> 4) < CLASSES as u64).then_some((w >> 4) as usize);
        Some(match w & 15 {
            0 if w == 0 => PageState::Raw,
            1 => PageState::Current(class()?),
            2 => PageState::Listed(class()?),
            3 => PageState::Full(class()?),
            4 => PageState::Large(w >> 4),
            5 if w == 5 => PageState::Chunk,
            _ => return None,
        })
    }
}

/// Blocks of each class that fit a page: looked up, since a division would cost as much as the rest of freeing a block.
const PER_PAGE: [u64; CLASSES] = {
    let mut blocks = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        blocks[class] = (PAGE - PAGE_HEADER) / CLASS_BYTES[class] as u64;
        class += 1;
    }
    blocks
};

/// Blocks of a class that fit a page.
#[inline]
pub const fn blocks_per_page(class: usize) -> u64 {
    PER_PAGE[class]
}

/// The offset of a page.
pub fn page_off(page: u64) -> Off {
    Off(page.wrapping_mul(PAGE))
}

const _: () = {
    assert!(CLASS_BYTES[7] == 128 && CLASS_BYTES[39] == 2048 && CLASS_BYTES[45] == 8064);
    assert!(MAGAZINE_AT[CLASSES - 1] + magazine_size(CLASSES - 1) <= slot::WORDS);
    assert!(slot::PAGES + CLASSES as u64 <= slot::MAGAZINE_LEN && slot::MAGAZINE_LEN + CLASSES as u64 <= slot::JOURNAL);
    assert!(slot::JOURNAL + slot::JOURNAL_INLINE <= slot::MAGAZINES);
    assert!(
        8 + bag::PAYLOAD * 8 <= 2048
            && 8 + link::PAYLOAD * 8 <= 2048
            && process::PINS + process::PIN_COUNT <= process::WORDS
    );
    assert!(SLOTS_PER_CHUNK == 2 && PROCESSES_PER_CHUNK == 31);
    assert!(CHUNK_FIRST + SLOTS_PER_CHUNK * slot::WORDS * 8 <= PAGE);
    assert!((page::BITMAP + page::BITMAP_WORDS) * 8 <= PAGE_HEADER && blocks_per_page(0) <= page::BITMAP_WORDS * 64);
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Tick;

    #[test]
    fn classes_waste_at_most_an_eighth_up_to_2_kib() {
        for bytes in 1..=SMALL_MAX {
            let class = class_of(bytes).unwrap();
            let size = CLASS_BYTES[class] as u64;
            assert!(size >= bytes && (class == 0 || (CLASS_BYTES[class - 1] as u64) < bytes));
            if bytes > 128 && bytes <= 2048 {
                assert!(size - bytes <= bytes / 8 + 1, "{bytes} in {size}");
            }
        }
        assert_eq!(class_of(SMALL_MAX + 1), None);
    }

    #[test]
    fn pins_come_back() {
        assert_eq!(Pin::point(Tick(7)).bounds(), Some((7, 7)));
        assert_eq!(Pin::open(Tick::MAX).bounds(), Some((Tick::MAX.0, u64::MAX)));
        assert_eq!(Pin::interval(Tick(3), Tick(9)).bounds(), Some((3, 9)));
        assert_eq!(Pin::interval(Tick(3), Tick(1 << 30)).bounds(), Some((3, u64::MAX)), "too wide: without an end");
        assert_eq!(Pin::NONE.bounds(), None);
    }
}
