//! One entry put, the most frequent change: no node on the way goes, so copies are made from the top down in one loop.

use super::{Job, Sub, halves};
use crate::arena::Node;
use crate::error::Error;
use crate::layout::trie::{LEVELS, index};
use crate::layout::{Off, Word};
use crate::patch::build::{Built, Mode, Opened};
use crate::sync::Relaxed;
use crate::trie::Op;
use crate::view::word_hash;
use std::ops::Range;

impl Job<'_, '_> {
    /// Puts one entry at or below a node that is there, which is one of level `first`. Gives its copy.
    pub(super) fn put(&mut self, (mut off, mut mode): (Off, Mode), first: usize, op: &mut Op) -> Built<Off> {
        let width = self.shape.width;
        let mut top = Off::NONE;
        let mut link = Off::NONE; // where the copy above holds this node
        for level in first..=LEVELS {
            let (copy, below) = if level == LEVELS {
                (self.put_among_equal(off, mode, op)?, None)
            } else {
                let node = self.read(off, level)?;
                let (data, nodes) = halves(node.words[0]);
                let i = index(op.place, level);
                let bit = 1u32 << i;
                let count = if level == 0 { node.words[1].wrapping_add(u64::from(op.added)) } else { 0 };
                if nodes & bit != 0 {
                    let at = data.count_ones() as usize * width + (nodes & (bit - 1)).count_ones() as usize;
                    let opened = self.b.open(off, mode)?;
                    let copy = self.copy_but(node, opened, at..at + 1, count)?;
                    off = Word(node.children()[at]).as_block().ok_or_else(|| Error::corrupt(off, "a node below"))?;
                    mode = opened.child_mode();
                    (copy, Some(copy.at(1 + node.shape.meta + at as u64)))
                } else if data & bit == 0 && op.added {
                    let opened = self.b.open(off, mode)?;
                    let entry = (op.key.0, op.fresh_value(width));
                    (self.copy_with_entry(node, opened, (data, nodes), i, entry, count)?, None)
                } else if data & bit != 0 && !op.added {
                    let opened = self.b.open(off, mode)?;
                    let at = (data & (bit - 1)).count_ones() as usize * width;
                    let copy = self.copy_but(node, opened, at..at + width, count)?;
                    let entry = &node.children()[at..at + width];
                    if entry[0] != op.key.0 {
                        return Err(Error::corrupt(off, "a node of a map or set on the way to a key").into());
                    }
                    let value = copy.at(node.shape.meta + (at + width) as u64);
                    if let Sub::One(_, v) = self.change_entry(entry, opened, op)? {
                        self.b.arena().word(value).store(v, Relaxed); // private
                    }
                    (copy, None)
                } else if data & bit != 0 {
                    let opened = self.b.open(off, mode)?;
                    (self.copy_with_two(node, opened, (data, nodes), level, op, count)?, None)
                } else {
                    return Err(Error::corrupt(off, "a node of a map or set on the way to a key").into());
                }
            };
            if top.is_none() {
                top = copy;
            } else {
                self.b.arena().word(link).store(copy.0, Relaxed); // private
            }
            match below {
                Some(at) => link = at,
                None => break,
            }
        }
        Ok(top)
    }

    /// Puts an entry among others with its hash.
    #[cold]
    fn put_among_equal(&mut self, off: Off, mode: Mode, op: &mut Op) -> Built<Off> {
        match self.collision(Some((off, mode)), std::slice::from_mut(op))? {
            Sub::Node(new) => Ok(new),
            _ => Err(Error::corrupt(off, "a node of a map or set on the way to a key").into()),
        }
    }

    /// A copy of a node in which the children of a range are going to be others.
    #[inline(always)]
    fn copy_but(&mut self, node: Node<'_>, opened: Opened, others: Range<usize>, count: u64) -> Built<Off> {
        let copy = self.copy(node, count)?;
        if opened.stays {
            self.b.keep_all(&node.children()[..others.start], opened)?;
            self.b.keep_all(&node.children()[others.end..], opened)?;
        }
        Ok(copy)
    }

    /// One more entry, at position `i`, where there was nothing.
    pub(super) fn copy_with_entry(
        &mut self,
        node: Node<'_>,
        opened: Opened,
        (data, nodes): (u32, u32),
        i: u32,
        (k, v): (u64, u64),
        count: u64,
    ) -> Built<Off> {
        let (width, meta) = (self.shape.width, node.shape.meta);
        let bit = 1u32 << i;
        let (before, behind) = node.children().split_at((data & (bit - 1)).count_ones() as usize * width);
        self.b.keep_all(node.children(), opened)?;
        let copy = self.b.alloc(node.kind, node.shape.words + width as u64)?;
        let bitmap = u64::from(data | bit) | u64::from(nodes) << 32;
        let arena = self.b.arena();
        arena.write(copy.at(1), &[bitmap, count][..meta as usize]);
        let entry = copy.at(1 + meta + before.len() as u64);
        arena.write(copy.at(1 + meta), before);
        arena.write(entry, &[k, v][..width]);
        arena.write(entry.at(width as u64), behind);
        Ok(copy)
    }

    /// A new entry where another stands: both go one level down.
    fn copy_with_two(
        &mut self,
        node: Node<'_>,
        opened: Opened,
        (data, nodes): (u32, u32),
        level: usize,
        op: &mut Op,
        count: u64,
    ) -> Built<Off> {
        let (width, meta) = (self.shape.width, node.shape.meta);
        let bit = 1u32 << index(op.place, level);
        let at = (data & (bit - 1)).count_ones() as usize * width;
        let below = data.count_ones() as usize * width + (nodes & (bit - 1)).count_ones() as usize;
        let children = node.children();
        let there = &children[at..at + width];
        self.b.keep_all(children, opened)?;
        let place = word_hash(self.b.arena(), Word(there[0]))?;
        let (key, value) = (op.key.0, op.fresh_value(width));
        let two = self.two(level + 1, (place, there[0], there[width - 1]), (op.place, key, value))?;
        let copy = self.b.alloc(node.kind, node.shape.words + 1 - width as u64)?;
        let bitmap = u64::from(data & !bit) | u64::from(nodes | bit) << 32;
        let arena = self.b.arena();
        arena.write(copy.at(1), &[bitmap, count][..meta as usize]);
        let mut to = copy.at(1 + meta);
        for part in [&children[..at], &children[at + width..below], &[two.0], &children[below..]] {
            arena.write(to, part);
            to = to.at(part.len() as u64);
        }
        Ok(copy)
    }

    /// A node at `level` with two entries (place, key, value), below as many others as their places have positions in common.
    fn two(&mut self, level: usize, a: (u64, u64, u64), b: (u64, u64, u64)) -> Built<Off> {
        let width = self.shape.width;
        let apart = (level..LEVELS).find(|&level| index(a.0, level) != index(b.0, level));
        let (first, second) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        let mut payload = [2, first.1, first.2, second.1, second.2];
        payload[1 + width] = second.1;
        payload[2 * width] = second.2;
        let kind = match apart {
            Some(level) => {
                payload[0] = 1 << index(first.0, level) | 1 << index(second.0, level);
                self.shape.node
            }
            None => self.shape.collision,
        };
        let mut off = self.b.block(kind, &payload[..1 + 2 * width])?;
        for level in (level..apart.unwrap_or(LEVELS)).rev() {
            off = self.b.block(self.shape.node, &[1 << (32 + index(a.0, level)), off.0])?;
        }
        Ok(off)
    }
}
