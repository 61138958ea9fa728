//! What becomes of a position, and doing it.

use super::build::{Build, Built, Opened};
use crate::error::Error;
use crate::layout::block::{Kind, pair};
use crate::layout::{Off, Word};
use crate::trie::{self, Ops, Table, radix};
use crate::view::peel;

/// What becomes of a position.
pub(crate) enum Plan {
    /// What is there stays there.
    Keep,
    /// This word, whose edge is counted, takes its place.
    Word(Word),
    /// A collection that is there is changed.
    Edit(Box<Edit>),
}

/// Changes of a collection.
pub(crate) struct Edit {
    pub content: Content,
    pub meta: Meta,
}

/// Changes of its content.
pub(crate) enum Content {
    Same,
    /// Of a map or set.
    Entries(Table, Ops),
    Vector(radix::Batch),
}

/// Changes of its metadata.
pub(crate) enum Meta {
    Same,
    None,
    /// A map, its edge counted.
    New(Word),
}

impl Plan {
    /// The word of a plan that was made for no position.
    pub fn into_word(self) -> Word {
        match self {
            Plan::Word(word) => word,
            _ => unreachable!("without a position a plan is a word"),
        }
    }
}

/// Does what the plan says about the position of `old`, whose parent is `parent`, and gives the new word.
#[inline]
pub(crate) fn place(b: &mut Build<'_>, plan: Plan, old: Word, parent: Opened) -> Built<Word> {
    match plan {
        Plan::Keep => {
            b.keep(old, parent)?;
            Ok(old)
        }
        Plan::Word(word) => {
            b.release(old, parent)?;
            Ok(word)
        }
        Plan::Edit(edit) => crate::deep::deep(|| run(b, *edit, old, parent)),
    }
}

/// Copies the collection at `old` with its changes.
pub(crate) fn run(b: &mut Build<'_>, edit: Edit, old: Word, parent: Opened) -> Built<Word> {
    let (root, had_meta) = peel(b.arena(), old)?;
    let (inside, old_meta) = match had_meta {
        Some(meta) => {
            let off = old.as_block().ok_or_else(|| Error::corrupt(Off(old.0), "a value with metadata"))?;
            (b.open(off, parent.child_mode())?, meta)
        }
        None => (parent, Word::NIL),
    };
    let below = root.as_block().map(|off| (off, inside.child_mode()));
    let content = match edit.content {
        Content::Same => {
            b.keep(root, inside)?;
            root
        }
        Content::Entries(table, mut ops) => trie::update(b, table, below, &mut ops)?,
        Content::Vector(batch) => radix::update(b, below, batch)?,
    };
    let meta = match (edit.meta, had_meta) {
        (Meta::Same, None) => return Ok(content),
        (Meta::Same, Some(_)) => {
            b.keep(old_meta, inside)?;
            old_meta
        }
        (Meta::None, None) => return Ok(content),
        (Meta::None, Some(_)) => {
            b.release(old_meta, inside)?;
            return Ok(content);
        }
        (Meta::New(new), had) => {
            if had.is_some() {
                b.release(old_meta, inside)?;
            }
            new
        }
    };
    Ok(Word::block(b.block(Kind::Pair, &[pair::META, content.0, meta.0])?))
}
