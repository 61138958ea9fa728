//! Maps and sets: a 32-way trie over the hash of the key (CHAMP), with data and nodes apart in each node, in canonical form: a
//! node below the root never holds a single entry and nothing else.
//!
//! The hash is used from its top bits down, so a batch of changes sorted by hash is sorted by position, and one recursion
//! over the old nodes and the batch makes every new node once. An update of one key is a batch of one; building from nothing is a
//! batch without an old node.

use crate::arena::Node;
use crate::error::Error;
use crate::layout::trie::{LEVELS, index};
use crate::layout::{Kind, Off, Word, block};
use crate::patch::build::{Build, Built, Mode, Opened};
use crate::patch::plan::{Plan, place};
use crate::sync::Relaxed;
use crate::view::{View, word_hash};
use smallvec::SmallVec;

use super::{Change, Op, Ops};

mod put;

/// What tells a map from a set.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Words of an entry.
    width: usize,
    root: Kind,
    node: Kind,
    collision: Kind,
    empty: Word,
}

pub(crate) const MAP: Shape =
    Shape { width: 2, root: Kind::MapRoot, node: Kind::MapNode, collision: Kind::MapCollision, empty: Word::EMPTY_MAP };
pub(crate) const SET: Shape =
    Shape { width: 1, root: Kind::SetRoot, node: Kind::SetNode, collision: Kind::SetCollision, empty: Word::EMPTY_SET };

/// What a subtrie became.
#[derive(Clone, Copy)]
enum Sub {
    Empty,
    /// One entry, which the parent takes in.
    One(u64, u64),
    Node(Off),
}

/// Changes the collection at `old` (or makes one from nothing), and gives the new root.
pub(crate) fn update(b: &mut Build<'_>, shape: Shape, old: Option<(Off, Mode)>, ops: &mut Ops) -> Built<Word> {
    let mut job = Job { b, shape };
    if let ([op], Some(root)) = (&mut ops[..], old)
        && matches!(op.change, Change::Put(_))
    {
        let new = job.put(root, 0, op)?;
        b.root_is(new);
        return Ok(Word::block(new));
    }
    if ops.len() > 1 {
        ops.sort_unstable_by(|a, b| a.place.cmp(&b.place).then_with(|| a.order.cmp(&b.order)));
        if ops.windows(2).any(|pair| pair[0].place == pair[1].place) {
            drop_repeated(job.b, ops)?;
        }
    }
    let mut count = match old {
        Some((off, _)) => job.read(off, 0)?.words[1],
        None => 0,
    };
    for op in ops.iter() {
        match op.change {
            Change::Put(_) => count = count.wrapping_add(u64::from(op.added)),
            Change::Remove => count = count.wrapping_sub(1),
        }
    }
    match job.node(old, 0, ops, count)? {
        Sub::Empty => Ok(shape.empty),
        Sub::Node(off) => Ok(Word::block(off)),
        Sub::One(..) => unreachable!("a root is always made into a node"),
    }
}

/// Of several changes that add the same key only the last stays.
fn drop_repeated(b: &mut Build<'_>, ops: &mut Ops) -> Built<()> {
    let mut i = 0;
    while i + 1 < ops.len() {
        let later = ops[i + 1..].iter().take_while(|other| other.place == ops[i].place);
        let arena = b.arena();
        let mut repeated = false;
        for other in later.filter(|other| other.added && ops[i].added) {
            repeated |= View::new(arena, ops[i].key).equals(View::new(arena, other.key))?;
        }
        if !repeated {
            i += 1;
            continue;
        }
        let op = ops.remove(i);
        op.give_up(b)?;
    }
    Ok(())
}

/// The positions of entries and of nodes below.
#[inline]
fn halves(bitmap: u64) -> (u32, u32) {
    (bitmap as u32, (bitmap >> 32) as u32)
}

struct Job<'b, 'a> {
    b: &'b mut Build<'a>,
    shape: Shape,
}

impl<'a> Job<'_, 'a> {
    /// The node with bitmaps at `off`, which is to be one of `level`.
    #[inline(always)]
    fn read(&self, off: Off, level: usize) -> Built<Node<'a>> {
        let (kind, meta) = if level == 0 { (self.shape.root, 2) } else { (self.shape.node, 1) };
        let width = self.shape.width as u64;
        Ok(self.b.arena().node_shaped(off, kind, |bitmap, _| block::Shape::of_bitmap(bitmap, width, meta))?)
    }

    /// A copy of a node, with another number of entries if it is the root.
    #[inline(always)]
    fn copy(&mut self, node: Node<'_>, count: u64) -> Built<Off> {
        let copy = self.b.alloc(node.kind, node.shape.words)?;
        self.b.arena().write(copy.at(1), node.words);
        if node.shape.meta == 2 {
            self.b.arena().word(copy.at(2)).store(count, Relaxed); // private
        }
        Ok(copy)
    }

    /// Changes the node at `old`; `count` is the new number of entries, used at the root.
    fn node(&mut self, old: Option<(Off, Mode)>, level: usize, ops: &mut [Op], count: u64) -> Built<Sub> {
        if level == LEVELS {
            return self.collision(old, ops);
        }
        let width = self.shape.width;
        let (node, opened) = match old {
            None => (None, Opened::FRESH),
            Some((off, mode)) => {
                let node = self.read(off, level)?;
                (Some(node), self.b.open(off, mode)?)
            }
        };
        let (data, nodes) = node.map_or((0, 0), |n| halves(n.words[0]));
        let children = node.map_or(&[][..], |n| n.children());
        let entries = data.count_ones() as usize * width;

        // First what becomes of every position that changes.
        let mut subs: SmallVec<[(u32, Sub); 32]> = SmallVec::new();
        let mut rest = ops;
        let mut same_shape = node.is_some();
        while let Some(first) = rest.first() {
            let i = index(first.place, level);
            let n = if rest.len() == 1 { 1 } else { rest.partition_point(|op| index(op.place, level) <= i) };
            let (group, after) = rest.split_at_mut(n);
            rest = after;
            let bit = 1u32 << i;
            let sub = if nodes & bit != 0 {
                let at = entries + (nodes & (bit - 1)).count_ones() as usize;
                let child =
                    Word(children[at]).as_block().ok_or_else(|| Error::corrupt(node.unwrap().off, "a node below"))?;
                let child = (child, opened.child_mode());
                let sub = match group {
                    [op] if matches!(op.change, Change::Put(_)) => Sub::Node(self.put(child, level + 1, op)?),
                    _ => self.node(Some(child), level + 1, group, 0)?,
                };
                same_shape &= matches!(sub, Sub::Node(_));
                sub
            } else if data & bit != 0 {
                let at = (data & (bit - 1)).count_ones() as usize * width;
                let sub = self.at_entry(&children[at..at + width], opened, level, group)?;
                same_shape &= matches!(sub, Sub::One(..));
                sub
            } else {
                same_shape = false;
                self.fresh(level, group)?
            };
            subs.push((i, sub));
        }

        if same_shape {
            return self.copy_same_shape(node.unwrap(), opened, data, nodes, &subs, count);
        }
        if let (Some(node), [(i, Sub::One(k, v))]) = (node, &subs[..])
            && (data | nodes) & (1 << i) == 0
        {
            return self.copy_with_entry(node, opened, (data, nodes), *i, (*k, *v), count).map(Sub::Node);
        }
        self.rebuild(children, opened, (data, nodes), &subs, level, count)
    }

    /// The common case: the copy has its entries and nodes where the old node has them.
    #[allow(clippy::too_many_arguments)]
    fn copy_same_shape(
        &mut self,
        node: Node<'_>,
        opened: Opened,
        data: u32,
        nodes: u32,
        subs: &[(u32, Sub)],
        count: u64,
    ) -> Built<Sub> {
        let width = self.shape.width;
        let off = self.copy(node, count)?;
        let first = off.at(1 + node.shape.meta);
        let entries = data.count_ones() as usize * width;
        let mut changed = [0u64; 2]; // children that were decided about: up to 64 of them
        for &(i, sub) in subs {
            let below = (1u32 << i) - 1;
            match sub {
                Sub::Node(new) => {
                    let at = entries + (nodes & below).count_ones() as usize;
                    self.b.arena().word(first.at(at as u64)).store(new.0, Relaxed); // private
                    changed[at / 64] |= 1 << (at % 64);
                }
                Sub::One(k, v) => {
                    let at = (data & below).count_ones() as usize * width;
                    self.b.arena().word(first.at(at as u64)).store(k, Relaxed); // private
                    changed[at / 64] |= 1 << (at % 64);
                    if width == 2 {
                        self.b.arena().word(first.at(at as u64 + 1)).store(v, Relaxed); // private
                        changed[(at + 1) / 64] |= 1 << ((at + 1) % 64);
                    }
                }
                Sub::Empty => unreachable!("an empty position changes the shape"),
            }
        }
        if opened.stays {
            for (at, &child) in node.children().iter().enumerate() {
                if changed[at / 64] >> (at % 64) & 1 == 0 {
                    self.b.keep(Word(child), opened)?;
                }
            }
        }
        Ok(Sub::Node(off))
    }

    /// The general case: all 32 positions in order.
    fn rebuild(
        &mut self,
        children: &[u64],
        opened: Opened,
        (data, nodes): (u32, u32),
        subs: &[(u32, Sub)],
        level: usize,
        count: u64,
    ) -> Built<Sub> {
        let width = self.shape.width;
        let mut payload = [0u64; 2 + 64];
        let meta = if level == 0 { 2 } else { 1 };
        let mut len = meta;
        let mut below: SmallVec<[u64; 32]> = SmallVec::new();
        let (mut new_data, mut new_nodes) = (0u32, 0u32);
        let mut subs = subs.iter().peekable();
        let entries = data.count_ones() as usize * width;
        let (mut next_entry, mut next_node) = (0, entries);
        for i in 0..32 {
            let bit = 1u32 << i;
            let changed = subs.next_if(|s| s.0 == i).map(|s| s.1);
            let sub = if data & bit != 0 {
                let e = &children[next_entry..next_entry + width];
                next_entry += width;
                match changed {
                    Some(sub) => sub,
                    None => {
                        self.b.keep_all(e, opened)?;
                        Sub::One(e[0], e[width - 1])
                    }
                }
            } else if nodes & bit != 0 {
                let child = Word(children[next_node]);
                next_node += 1;
                match changed {
                    Some(sub) => sub,
                    None => {
                        self.b.keep(child, opened)?;
                        Sub::Node(Off(child.0))
                    }
                }
            } else {
                changed.unwrap_or(Sub::Empty)
            };
            match sub {
                Sub::Empty => {}
                Sub::One(k, v) => {
                    new_data |= bit;
                    payload[len] = k;
                    payload[len + width - 1] = v;
                    len += width;
                }
                Sub::Node(off) => {
                    new_nodes |= bit;
                    below.push(off.0);
                }
            }
        }
        if new_data == 0 && new_nodes == 0 {
            return Ok(Sub::Empty);
        }
        if level > 0 && new_nodes == 0 && new_data.is_power_of_two() {
            return Ok(Sub::One(payload[meta], payload[meta + width - 1]));
        }
        payload[0] = new_data as u64 | (new_nodes as u64) << 32;
        if level == 0 {
            payload[1] = count;
        }
        payload[len..len + below.len()].copy_from_slice(&below);
        let kind = if level == 0 { self.shape.root } else { self.shape.node };
        Ok(Sub::Node(self.b.block(kind, &payload[..len + below.len()])?))
    }

    /// Changes at a position that holds one entry.
    fn at_entry(&mut self, entry: &[u64], old: Opened, level: usize, group: &mut [Op]) -> Built<Sub> {
        let width = self.shape.width;
        let here = group.iter().position(|op| !op.added && op.key.0 == entry[0]);
        if let (Some(_), 1) = (here, group.len()) {
            return self.change_entry(entry, old, &mut group[0]);
        }
        // The entry and the others go one level down together, unless all but one of them go.
        let mut all: Vec<Op> = Vec::with_capacity(group.len() + 1);
        for (i, op) in group.iter_mut().enumerate() {
            if Some(i) == here {
                if let Sub::One(k, v) = self.change_entry(entry, old, op)? {
                    let change = Change::Put(Plan::Word(Word(v)));
                    all.push(Op { place: op.place, key: Word(k), added: true, order: 0, change });
                }
            } else {
                let change = std::mem::replace(&mut op.change, Change::Remove);
                all.push(Op { place: op.place, key: op.key, added: true, order: 0, change });
            }
        }
        if here.is_none() {
            self.b.keep_all(entry, old)?;
            let hash = word_hash(self.b.arena(), Word(entry[0]))?;
            let change = Change::Put(Plan::Word(Word(entry[width - 1])));
            let at = all.partition_point(|op| op.place < hash);
            all.insert(at, Op { place: hash, key: Word(entry[0]), added: true, order: 0, change });
        }
        self.fresh(level, &mut all)
    }

    /// A change of the entry itself.
    fn change_entry(&mut self, entry: &[u64], old: Opened, op: &mut Op) -> Built<Sub> {
        let (k, v) = (Word(entry[0]), Word(entry[self.shape.width - 1]));
        match std::mem::replace(&mut op.change, Change::Remove) {
            Change::Put(plan) => {
                self.b.keep(k, old)?;
                if self.shape.width == 1 {
                    return Ok(Sub::One(k.0, k.0));
                }
                Ok(Sub::One(k.0, place(self.b, plan, v, old)?.0))
            }
            Change::Remove => {
                self.b.release(k, old)?;
                if self.shape.width == 2 {
                    self.b.release(v, old)?;
                }
                Ok(Sub::Empty)
            }
        }
    }

    /// New entries where there was nothing, at a position of a node at `level`.
    fn fresh(&mut self, level: usize, group: &mut [Op]) -> Built<Sub> {
        match group {
            [] => Ok(Sub::Empty),
            [op] => {
                let v = op.fresh_value(self.shape.width);
                Ok(Sub::One(op.key.0, v))
            }
            _ => self.node(None, level + 1, group, 0),
        }
    }

    /// Entries whose hashes are equal in all bits: a flat node.
    fn collision(&mut self, old: Option<(Off, Mode)>, ops: &mut [Op]) -> Built<Sub> {
        let width = self.shape.width;
        let mut payload: Vec<u64> = vec![0];
        let mut put = |sub: Sub| {
            if let Sub::One(k, v) = sub {
                payload.push(k);
                if width == 2 {
                    payload.push(v);
                }
            }
        };
        if let Some((off, mode)) = old {
            let node = self.b.arena().node(off)?;
            if node.kind != self.shape.collision {
                return Err(Error::corrupt(off, "a node of entries with one hash").into());
            }
            let opened = self.b.open(off, mode)?;
            for entry in node.children().chunks_exact(width) {
                match ops.iter_mut().find(|op| !op.added && op.key.0 == entry[0]) {
                    Some(op) => put(self.change_entry(entry, opened, op)?),
                    None => {
                        self.b.keep_all(entry, opened)?;
                        put(Sub::One(entry[0], entry[width - 1]));
                    }
                }
            }
        }
        for op in ops.iter_mut().filter(|op| op.added) {
            let v = op.fresh_value(self.shape.width);
            put(Sub::One(op.key.0, v));
        }
        match (payload.len() - 1) / width {
            0 => Ok(Sub::Empty),
            1 => Ok(Sub::One(payload[1], payload[width])),
            n => {
                payload[0] = n as u64;
                Ok(Sub::Node(self.b.block(self.shape.collision, &payload)?))
            }
        }
    }
}
