//! The lists of process entries and of participants' slots: chains of pages that only grow, so that an entry, once there,
//! stays where it is.

use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::heap::{is_used, state_of, take_pages};
use crate::layout::header::word;
use crate::layout::slot::{
    CHUNK_FIRST, Owner, PROCESSES_PER_CHUNK, PageState, SLOTS_PER_CHUNK, page, page_off, process, slot,
};
use crate::layout::{Off, PAGE};
use crate::sync::{AcqRel, Acquire, Relaxed, SeqCst};

/// Which of the two lists.
#[derive(Clone, Copy)]
pub(crate) enum List {
    Processes,
    Slots,
}

impl List {
    fn head(self) -> u64 {
        match self {
            List::Processes => word::PROCESSES,
            List::Slots => word::SLOTS,
        }
    }
    fn per_chunk(self) -> u64 {
        match self {
            List::Processes => PROCESSES_PER_CHUNK,
            List::Slots => SLOTS_PER_CHUNK,
        }
    }
    fn words(self) -> u64 {
        match self {
            List::Processes => process::WORDS,
            List::Slots => slot::WORDS,
        }
    }
}

/// The entries of a list, in order.
pub(crate) struct Entries<'a> {
    arena: &'a Arena,
    list: List,
    chunk: Off,
    index: u64,
    most: u64,
}

/// All entries of a list, in the order of their numbers.
pub(crate) fn entries(arena: &Arena, list: List) -> Entries<'_> {
    // Acquire: pairs with the release that linked the chunk.
    let chunk = Off(arena.header(list.head()).load(Acquire));
    Entries { arena, list, chunk, index: 0, most: arena.committed() / PAGE * list.per_chunk() }
}

impl Iterator for Entries<'_> {
    type Item = Off;
    #[inline]
    fn next(&mut self) -> Option<Off> {
        let inside = self.index % self.list.per_chunk();
        if inside == 0 && self.index > 0 {
            self.chunk = Off(self.arena.word(self.chunk.at(page::NEXT)).load(Acquire)); // pairs with the release in `add_chunk`
        }
        if self.chunk.is_none() || self.index > self.most || self.arena.check(self.chunk, PAGE).is_err() {
            self.chunk = Off::NONE;
            return None;
        }
        self.index += 1;
        Some(self.chunk.plus(CHUNK_FIRST + inside * self.list.words() * 8))
    }
}

/// Adds a chunk of empty entries at the end of a list.
pub(crate) fn add_chunk(arena: &Arena, list: List) -> Result<()> {
    let page = take_pages(arena, 1, PageState::Chunk)?;
    let off = page_off(page);
    for i in 1..PAGE / 8 {
        arena.word(off.at(i)).store(0, Relaxed); // published by the exchange below
    }
    crash_point!("chunk: not linked");
    let mut link = Off(list.head() * 8);
    loop {
        // Release: whoever follows the link finds empty entries.
        match arena.word(link).compare_exchange(0, off.0, AcqRel, Acquire) {
            Ok(_) => return Ok(()),
            Err(next) => {
                arena.check(Off(next), PAGE)?;
                link = Off(next).at(page::NEXT);
            }
        }
    }
}

/// Takes an entry of the list of processes, whose lock nobody holds, and gives `(number, generation)`.
pub(crate) fn claim_process(arena: &Arena, pid: u64) -> Result<Owner> {
    loop {
        for (number, entry) in entries(arena, List::Processes).enumerate() {
            if !arena.region().lock(number as u64)? {
                continue;
            }
            crash_point!("open: entry locked");
            check_chunk(arena, entry)?;
            for i in 0..process::PIN_COUNT {
                arena.word(entry.at(process::PINS + i)).store(0, Relaxed); // its former holder is dead: nobody reads under these
            }
            arena.word(entry.at(process::PINS_USED)).store(0, Relaxed); // likewise
            arena.word(entry.at(process::PID)).store(pid, Relaxed); // for people
            // From here on slots of the former generation are known to be dead.
            let generation = arena.word(entry.at(process::GENERATION)).fetch_add(1, SeqCst) + 1;
            return Ok(Owner::new(number as u64, generation));
        }
        add_chunk(arena, List::Processes)?;
    }
}

/// The process entry with this number.
pub(crate) fn process_entry(arena: &Arena, number: u64) -> Result<Off> {
    entries(arena, List::Processes)
        .nth(number as usize)
        .ok_or_else(|| Error::corrupt(Off(word::PROCESSES * 8), "a process entry"))
}

/// Does the process that owns a slot live? The kernel's word, never a timer.
pub(crate) fn is_alive(arena: &Arena, owner: Owner, me: Owner) -> Result<bool> {
    if owner.process() == me.process() {
        return Ok(owner.generation() == me.generation());
    }
    let entry = process_entry(arena, owner.process())?;
    let generation = arena.word(entry.at(process::GENERATION)).load(SeqCst);
    Ok(generation == owner.generation() && arena.region().is_locked(owner.process())?)
}

/// The page of an entry that is going to be ours must be one that nobody else is given, now or later: what stands there is not looked at again.
fn check_chunk(arena: &Arena, entry: Off) -> Result<()> {
    let page = entry.0 / PAGE;
    if is_used(arena, page) && matches!(state_of(arena, page)?, PageState::Chunk) {
        return Ok(());
    }
    Err(Error::corrupt(page_off(page), "a page of participants that is given out as one"))
}

/// The same for a slot.
pub(super) fn check_slot(arena: &Arena, slot: Off) -> Result<()> {
    check_chunk(arena, slot)?;
    let page = slot.0 / PAGE;
    if pages_of(arena, List::Processes).any(|other| other == page) {
        return Err(Error::corrupt(page_off(page), "a page of slots, not of process entries"));
    }
    Ok(())
}

/// The pages of a list.
fn pages_of(arena: &Arena, list: List) -> impl Iterator<Item = u64> + '_ {
    entries(arena, list).step_by(list.per_chunk() as usize).map(|entry| entry.0 / PAGE)
}

/// The pages of both lists.
pub(crate) fn pages(arena: &Arena) -> impl Iterator<Item = u64> + '_ {
    pages_of(arena, List::Slots).chain(pages_of(arena, List::Processes))
}
