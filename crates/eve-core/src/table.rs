//! Tables of names: keywords and symbols, and atoms. A 16-way trie over the hash of the name whose slots are set once, by
//! compare-and-swap, and never changed back: inserting needs no lock, and looking up needs no pin.
//!
//! A slot holds 0, a node ([`Kind::Table`]) or an entry ([`Kind::Name`] or [`Kind::Atom`]).

use crate::arena::Arena;
use crate::error::{Error, Quick as Result};
use crate::layout::header::TABLE_FANOUT;
use crate::layout::{Kind, Off};
use crate::sync::{AcqRel, Acquire};

/// Hash of a name, for tables only: it does not depend on what kind of name it is.
pub(crate) fn hash_name(arena: &Arena, name: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(name, arena.seed) & arena.hash_mask
}

/// Levels for which one 64-bit hash lasts, 4 bits each.
const LEVELS: u32 = 16;

/// The slot of a name in a node at `level`. Past the end of the hash (names whose hashes are equal), another hash goes on.
fn index(arena: &Arena, hash: u64, name: &[u8], level: u32) -> u64 {
    let (round, level) = (level / LEVELS, level % LEVELS);
    let hash = if round == 0 {
        hash
    } else {
        xxhash_rust::xxh3::xxh3_64_with_seed(name, arena.seed.wrapping_add(round as u64))
    };
    hash >> (60 - 4 * level) & (TABLE_FANOUT - 1)
}

/// The word that holds the slot `i` of the node at `node`; 0 is the root slot itself.
fn slot_of(node: Off, i: u64) -> Off {
    node.at(2 + i)
}

/// An entry's hash and name.
fn entry(arena: &Arena, off: Off) -> Result<(u64, &[u8])> {
    let node = arena.node(off)?;
    match node.kind {
        Kind::Name => Ok((node.words[0], node.bytes())),
        Kind::Atom => Ok((node.words[1], node.bytes())),
        _ => Err(Error::corrupt(off, "an entry of a table of names")),
    }
}

/// The entry with this name, in the table whose root slot is at `root`.
pub(crate) fn find(arena: &Arena, root: Off, hash: u64, name: &[u8]) -> Result<Option<Off>> {
    let mut slot = root;
    for level in 0..1024 {
        let at = Off(arena.word(slot).load(Acquire)); // pairs with the exchange in `insert`: the entry is whole
        if at.is_none() {
            return Ok(None);
        }
        let node = arena.node(at)?;
        if node.kind == Kind::Table {
            slot = slot_of(at, index(arena, hash, name, level));
            continue;
        }
        let (its_hash, its_name) = entry(arena, at)?;
        if its_hash == hash && its_name == name {
            return Ok(Some(at));
        }
        return Ok(None);
    }
    Err(Error::corrupt(root, "a table of names of finite depth"))
}

/// Puts the entry `new` (already written, with this hash and name) into the table, or gives the one that is already there.
/// `make_node` allocates an empty node; a node that loses a race is handed to `free`.
pub(crate) fn insert(
    arena: &Arena,
    root: Off,
    new: Off,
    mut make_node: impl FnMut() -> Result<Off>,
    mut free: impl FnMut(Off),
) -> Result<Off> {
    let (hash, name) = entry(arena, new)?;
    let mut slot = root;
    let mut level = 0;
    while level < 1024 {
        let at = Off(arena.word(slot).load(Acquire)); // pairs with the exchanges below
        if at.is_none() {
            // Release: whoever finds the entry finds it whole.
            match arena.word(slot).compare_exchange(0, new.0, AcqRel, Acquire) {
                Ok(_) => return Ok(new),
                Err(_) => continue,
            }
        }
        if arena.node(at)?.kind == Kind::Table {
            slot = slot_of(at, index(arena, hash, name, level));
            level += 1;
            continue;
        }
        let (its_hash, its_name) = entry(arena, at)?;
        if its_hash == hash && its_name == name {
            return Ok(at);
        }
        // Two entries want this slot: a node takes their place, holding the one that was here.
        let node = make_node()?;
        let inner = index(arena, its_hash, its_name, level);
        arena.word(slot_of(node, inner)).store(at.0, crate::sync::Relaxed);
        // Release: the node is whole for whoever follows the slot.
        if arena.word(slot).compare_exchange(at.0, node.0, AcqRel, Acquire).is_err() {
            free(node);
        }
    }
    Err(Error::corrupt(root, "a table of names of finite depth"))
}

/// All entries of a table.
pub(crate) fn entries(arena: &Arena, root: Off) -> Result<Vec<Off>> {
    let most = arena.committed() / 32;
    let (mut found, mut todo) = (Vec::new(), vec![Off(arena.word(root).load(Acquire))]); // pairs with `insert`
    while let Some(at) = todo.pop() {
        if at.is_none() {
            continue;
        }
        if arena.node(at)?.kind == Kind::Table {
            let slots = (0..TABLE_FANOUT).map(|i| Off(arena.word(slot_of(at, i)).load(Acquire))); // likewise
            todo.extend(slots.filter(|s| !s.is_none()));
        } else {
            entry(arena, at)?;
            found.push(at);
        }
        if (found.len() + todo.len()) as u64 > most {
            return Err(Error::corrupt(root, "a table of names without a cycle"));
        }
    }
    Ok(found)
}
