//! Sorted maps and sets, and integer maps: B+ trees. A leaf has entries; a node above has the nodes below it, the first key of each
//! but the first, and sums of entries.
//!
//! A batch is sorted by place: how many old entries come before it. So the old nodes are divided by counting alone, and keys are
//! compared only among those that come to one place. A node that changes becomes its new content, in memory; its parent makes nodes
//! of it, joined with a neighbour where it has become too small, divided where it is too large.

use super::{Change, Op, Ops};
use crate::error::Error;
use crate::layout::trie::{ordered_limits, ordered_word};
use crate::layout::{Kind, Off, Word};
use crate::patch::build::{Build, Built, Mode, Opened};
use crate::patch::plan::{Plan, place};
use crate::sync::Relaxed;
use crate::view::ordered::{Part, width};
use crate::view::{View, order_of_views, sort_by_order};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// A node below another one; its edge is accounted for.
#[derive(Clone, Copy)]
struct Child {
    word: Word,
    count: u64,
    /// Its first key; of what stands first in the whole tree perhaps not known, since nobody asks.
    first: Word,
    /// An edge to the first key is at hand, for the parent to hold.
    owned: bool,
}

/// What a node has become: the words of entries, or nodes of the level below.
enum Content {
    Leaf(Vec<u64>),
    Above(Vec<Child>),
}

enum Out {
    Node(Child),
    Loose(Loose),
}

struct Loose {
    content: Content,
    level: u64,
    /// Something was put behind the end of the whole tree, and nothing else: what grows there is not divided in halves.
    grown: bool,
}

struct Job<'b, 'a> {
    b: &'b mut Build<'a>,
    kind: Kind,
    width: usize,
    most_entries: usize,
    most_children: usize,
    /// Edges to keys that came free, for other places that want one.
    spare: Vec<Word>,
}

/// Changes the tree of nodes of `kind` at `old` (or makes one from nothing), and gives the new root. Costs a copy of each node on the
/// way to a change, once for all changes; building n entries from sorted ones is linear.
pub(crate) fn update(
    b: &mut Build<'_>,
    kind: Kind,
    empty: Word,
    old: Option<(Off, Mode)>,
    ops: &mut Ops,
) -> Built<Word> {
    if ops.len() > 1 {
        in_order(b, ops)?;
    }
    let width = width(kind);
    let (most_entries, most_children) = ordered_limits(b.arena().hash_mask, width as u64);
    let (most_entries, most_children) = (most_entries as usize, most_children as usize);
    let mut job = Job { b, kind, width, most_entries, most_children, spare: Vec::new() };
    let out = match old {
        Some((off, mode)) => job.node(off, mode, Word::ABSENT, 0, true, ops)?,
        None => Out::Loose(job.entries(&[], Opened::FRESH, 0, true, ops)?),
    };
    let root = job.root(out)?;
    for key in std::mem::take(&mut job.spare) {
        job.b.release(key, Opened::ATOM)?;
    }
    Ok(root.map_or(empty, |root| root.word))
}

/// Sorts a batch, and leaves of several changes that add one key only the last.
fn in_order(b: &mut Build<'_>, ops: &mut Ops) -> Built<()> {
    let arena = b.arena();
    let keys = |x: &Op, y: &Op| order_of_views(View::new(arena, x.key), View::new(arena, y.key));
    sort_by_order(ops, |x, y| {
        Ok(match x.place.cmp(&y.place).then(y.added.cmp(&x.added)) {
            Ordering::Equal if x.added => keys(x, y)?.then(x.order.cmp(&y.order)),
            other => other,
        })
    })?;
    let mut i = 1;
    while i < ops.len() {
        let (x, y) = (&ops[i - 1], &ops[i]);
        if x.added && y.added && x.place == y.place && keys(x, y)? == Ordering::Equal {
            // Nothing is moved but the few behind it, and equal keys in one batch are few.
            ops.remove(i - 1).give_up(b)?;
        } else {
            i += 1;
        }
    }
    Ok(())
}

fn wrong(off: Off) -> Box<Error> {
    Error::corrupt(off, "a node of an ordered tree as its parent has it")
}

impl Job<'_, '_> {
    /// Changes the node at `off`, whose first entry is number `base`; `last`: nothing comes behind it.
    fn node(&mut self, off: Off, mode: Mode, first: Word, base: u64, last: bool, ops: &mut [Op]) -> Built<Out> {
        let node = self.b.arena().node_of(off, self.kind)?;
        let part = Part::of(&node);
        let opened = self.b.open(off, mode)?;
        if part.level > 0 {
            return self.above(off, part, opened, first, base, last, ops);
        }
        if let [op] = ops
            && !op.added
            && let Change::Put(plan) = &mut op.change
        {
            // The most frequent change, and one that leaves the node its shape.
            let plan = std::mem::replace(plan, Plan::Keep);
            let at = (op.place.wrapping_sub(base) as usize).saturating_mul(self.width);
            let old = part
                .words
                .get(at..at.saturating_add(self.width))
                .filter(|entry| entry[0] == op.key.0)
                .ok_or_else(|| wrong(off))?;
            let value = if self.width == 2 { Some(place(self.b, plan, Word(old[1]), opened)?) } else { None };
            let copy = self.b.alloc(self.kind, node.shape.words)?;
            self.b.arena().write(copy.at(1), node.words);
            for (i, &word) in part.words.iter().enumerate() {
                if self.width == 1 || i != at + 1 {
                    self.b.keep(Word(word), opened)?;
                }
            }
            if let Some(value) = value {
                self.b.arena().word(copy.at(2 + at as u64 + 1)).store(value.0, Relaxed); // private
            }
            let count = part.count(self.width);
            return Ok(Out::Node(Child { word: Word::block(copy), count, first, owned: false }));
        }
        let loose = self.entries(part.words, opened, base, last, ops)?;
        self.settle(loose)
    }

    /// The entries of a leaf with their changes.
    fn entries(&mut self, old: &[u64], opened: Opened, base: u64, last: bool, ops: &mut [Op]) -> Built<Loose> {
        let n = (old.len() / self.width) as u64;
        let grown = last && ops.iter().all(|op| op.added && op.place == base.wrapping_add(n));
        let mut words = Vec::with_capacity(old.len() + ops.len() * self.width);
        let mut ops = ops.iter_mut().peekable();
        let mut entries = old.chunks_exact(self.width);
        for at in base..=base.saturating_add(n) {
            while let Some(op) = ops.next_if(|op| op.added && op.place == at) {
                words.push(op.key.0);
                let value = op.fresh_value(self.width);
                if self.width == 2 {
                    words.push(value);
                }
            }
            let Some(entry) = entries.next() else { break };
            let Some(op) = ops.next_if(|op| op.place == at) else {
                self.b.keep_all(entry, opened)?;
                words.extend_from_slice(entry);
                continue;
            };
            if op.key.0 != entry[0] {
                return Err(wrong(Off(op.key.0)).into());
            }
            match std::mem::replace(&mut op.change, Change::Remove) {
                Change::Put(plan) => {
                    self.b.keep(op.key, opened)?;
                    words.push(entry[0]);
                    if let Some(&value) = entry.get(1) {
                        words.push(place(self.b, plan, Word(value), opened)?.0);
                    }
                }
                Change::Remove => {
                    for &word in entry {
                        self.b.release(Word(word), opened)?;
                    }
                }
            }
        }
        if ops.next().is_some() {
            return Err(wrong(Off::NONE).into());
        }
        Ok(Loose { content: Content::Leaf(words), level: 0, grown })
    }

    #[allow(clippy::too_many_arguments)]
    fn above(
        &mut self,
        off: Off,
        part: Part<'_>,
        opened: Opened,
        first: Word,
        base: u64,
        last: bool,
        ops: &mut [Op],
    ) -> Built<Out> {
        let n = part.words.len();
        let key = |i: usize| if i == 0 { first } else { Word(part.keys[i - 1]) };
        let before = |i: usize| if i == 0 { 0 } else { part.sums[i - 1] };
        let mut outs: SmallVec<[(usize, Out); 1]> = SmallVec::new();
        let mut rest = ops;
        while let Some(op) = rest.first() {
            let below_of = |op: &Op| {
                let place = op.place.wrapping_sub(base);
                part.sums.partition_point(|&sum| if op.added { sum < place } else { sum <= place })
            };
            let i = below_of(op);
            let child = part.words.get(i).and_then(|&word| Word(word).as_block()).ok_or_else(|| wrong(off))?;
            let many = if rest.len() == 1 { 1 } else { rest.partition_point(|op| below_of(op) <= i) };
            let (group, after) = rest.split_at_mut(many);
            rest = after;
            let out =
                self.node(child, opened.child_mode(), key(i), base.wrapping_add(before(i)), last && i + 1 == n, group)?;
            outs.push((i, out));
        }
        let same_shape = outs.iter().all(|(i, out)| matches!(out, Out::Node(c) if *i == 0 || c.first == key(*i)));
        if same_shape {
            return self.copy(part, opened, first, &outs);
        }
        let grown = matches!(&outs[..], [(i, Out::Loose(loose))] if *i + 1 == n && loose.grown);

        // What changed stands loose among the nodes that did not; of those nothing is counted before it is clear that they stay.
        let mut items: Vec<Item> = Vec::with_capacity(n + 1);
        let mut outs = outs.into_iter().peekable();
        for i in 0..n {
            let owned = i > 0;
            if owned {
                self.b.keep(key(i), opened)?;
            }
            let old =
                Child { word: Word(part.words[i]), count: part.sums[i].wrapping_sub(before(i)), first: key(i), owned };
            match outs.next_if(|(at, _)| *at == i).map(|(_, out)| out) {
                None => items.push(Item::Old(old)),
                Some(Out::Node(new)) if new.first == old.first => items.push(Item::New(Child { owned, ..new })),
                Some(out) => {
                    self.spare(&old);
                    match out {
                        Out::Node(new) => items.push(Item::New(new)),
                        Out::Loose(loose) if loose.len(self.width) == 0 => {}
                        Out::Loose(loose) => items.push(Item::Loose(loose)),
                    }
                }
            }
        }
        self.join(&mut items, opened)?;
        let mut children = Vec::with_capacity(items.len() + 1);
        for item in items {
            match item {
                Item::Old(child) => {
                    self.b.keep(child.word, opened)?;
                    children.push(child);
                }
                Item::New(child) => children.push(child),
                Item::Loose(loose) => self.divide(loose, &mut children)?,
            }
        }
        self.settle(Loose { content: Content::Above(children), level: part.level, grown })
    }

    /// Joins what has become too small with a neighbour.
    fn join(&mut self, items: &mut Vec<Item>, opened: Opened) -> Built<()> {
        let mut i = 0;
        while i < items.len() {
            let small = matches!(&items[i], Item::Loose(loose) if self.is_small(loose));
            if !small || items.len() == 1 {
                i += 1;
                continue;
            }
            let left = i.saturating_sub(1);
            let (right_half, left_half) = (items.remove(left + 1), items.remove(left));
            let mut joined = self.loosen(left_half, opened)?;
            let behind = self.loosen(right_half, opened)?;
            match (&mut joined.content, behind.content) {
                (Content::Leaf(a), Content::Leaf(b)) => a.extend_from_slice(&b),
                (Content::Above(a), Content::Above(mut b)) => a.append(&mut b),
                _ => return Err(wrong(Off::NONE).into()),
            }
            joined.grown = false;
            items.insert(left, Item::Loose(joined));
            i = left;
        }
        Ok(())
    }

    /// The content of an item. A node is taken apart: it is replaced by what becomes of it.
    fn loosen(&mut self, item: Item, opened: Opened) -> Built<Loose> {
        let (child, mode) = match item {
            Item::Loose(loose) => return Ok(loose),
            Item::Old(child) => (child, opened.child_mode()),
            // Made in this build, and no more than a parent would have held it.
            Item::New(child) => (child, Mode::InPlace { survives: false }),
        };
        let off = child.word.as_block().ok_or_else(|| wrong(Off(child.word.0)))?;
        let part = Part::of(&self.b.arena().node_of(off, self.kind)?);
        let opened = self.b.open(off, mode)?;
        if part.level == 0 {
            self.spare(&child);
            self.b.keep_all(part.words, opened)?;
            return Ok(Loose { content: Content::Leaf(part.words.to_vec()), level: 0, grown: false });
        }
        let mut children = Vec::with_capacity(part.words.len());
        let mut before = 0;
        for (i, (&word, &sum)) in part.words.iter().zip(part.sums).enumerate() {
            self.b.keep(Word(word), opened)?;
            let (first, owned) = match i {
                0 => (child.first, child.owned),
                _ => (Word(part.keys[i - 1]), true),
            };
            if i > 0 {
                self.b.keep(first, opened)?;
            }
            children.push(Child { word: Word(word), count: sum.wrapping_sub(before), first, owned });
            before = sum;
        }
        Ok(Loose { content: Content::Above(children), level: part.level, grown: false })
    }

    /// The common case: every changed child is again one node with the same first key.
    fn copy(&mut self, part: Part<'_>, opened: Opened, first: Word, outs: &[(usize, Out)]) -> Built<Out> {
        let n = part.words.len();
        let mut payload = SmallVec::<[u64; 96]>::new();
        payload.push(ordered_word(n as u64, part.level));
        payload.extend_from_slice(part.sums);
        payload.extend_from_slice(part.keys);
        payload.extend_from_slice(part.words);
        let mut first = first;
        let mut changed = 0u64; // at most 31 of them
        for (i, out) in outs {
            let Out::Node(child) = out else { unreachable!("only nodes are of the same shape") };
            if *i == 0 {
                first = child.first;
            }
            changed |= 1 << i;
            payload[2 * n + i] = child.word.0;
            let old = part.sums[*i].wrapping_sub(if *i == 0 { 0 } else { part.sums[*i - 1] });
            if child.count != old {
                for sum in &mut payload[1 + i..=n] {
                    *sum = sum.wrapping_add(child.count).wrapping_sub(old);
                }
            }
        }
        if opened.stays {
            self.b.keep_all(part.keys, opened)?;
            for (i, &word) in part.words.iter().enumerate() {
                if changed >> i & 1 == 0 {
                    self.b.keep(Word(word), opened)?;
                }
            }
        }
        let count = payload[n];
        let word = Word::block(self.b.block(self.kind, &payload)?);
        Ok(Out::Node(Child { word, count, first, owned: false }))
    }

    fn most(&self, level: u64) -> usize {
        if level == 0 { self.most_entries } else { self.most_children }
    }
    fn is_small(&self, loose: &Loose) -> bool {
        loose.len(self.width) < self.most(loose.level) / 2 && !loose.grown
    }
    /// One node, if the content has the size of one.
    fn settle(&mut self, loose: Loose) -> Built<Out> {
        let len = loose.len(self.width);
        if len == 0 || len > self.most(loose.level) || self.is_small(&loose) {
            return Ok(Out::Loose(loose));
        }
        let mut one = Vec::with_capacity(1);
        self.divide(loose, &mut one)?;
        Ok(Out::Node(one[0]))
    }
    /// An edge to a first key that is not needed where it was.
    fn spare(&mut self, child: &Child) {
        if child.owned && child.first.is_block() {
            self.spare.push(child.first);
        }
    }

    /// As few nodes as possible, all of about one size; but of what has grown the last takes what the others have no room for.
    fn divide(&mut self, loose: Loose, to: &mut Vec<Child>) -> Built<()> {
        let (len, most) = (loose.len(self.width), self.most(loose.level));
        let nodes = len.div_ceil(most).max(1);
        let mut from = 0;
        for i in 0..nodes {
            let until = if loose.grown { (from + most).min(len) } else { len * (i + 1) / nodes };
            to.push(match &loose.content {
                Content::Leaf(words) => self.leaf(&words[from * self.width..until * self.width])?,
                Content::Above(children) => self.parent(&children[from..until], loose.level)?,
            });
            from = until;
        }
        Ok(())
    }
    fn leaf(&mut self, words: &[u64]) -> Built<Child> {
        let n = (words.len() / self.width) as u64;
        let off = self.b.alloc(self.kind, 1 + words.len() as u64)?;
        self.b.arena().word(off.at(1)).store(ordered_word(n, 0), Relaxed); // private
        self.b.arena().write(off.at(2), words);
        Ok(Child { word: Word::block(off), count: n, first: Word(words[0]), owned: false })
    }
    fn parent(&mut self, children: &[Child], level: u64) -> Built<Child> {
        let n = children.len();
        let mut payload = SmallVec::<[u64; 96]>::with_capacity(3 * n);
        payload.push(ordered_word(n as u64, level));
        let mut sum = 0u64;
        for child in children {
            sum = sum.wrapping_add(child.count);
            payload.push(sum);
        }
        self.spare(&children[0]);
        for child in &children[1..] {
            if let Some(off) = child.first.as_block().filter(|_| !child.owned) {
                match self.spare.iter().position(|&key| key == child.first) {
                    Some(at) => drop(self.spare.swap_remove(at)),
                    None => self.b.count(off)?,
                }
            }
            payload.push(child.first.0);
        }
        payload.extend(children.iter().map(|child| child.word.0));
        let word = Word::block(self.b.block(self.kind, &payload)?);
        Ok(Child { word, count: sum, first: children[0].first, owned: false })
    }

    /// The root of what the old root became; none if nothing is left.
    fn root(&mut self, out: Out) -> Built<Option<Child>> {
        let mut loose = match out {
            Out::Node(child) => return Ok(Some(child)),
            Out::Loose(loose) => loose,
        };
        loop {
            if loose.len(self.width) == 0 {
                return Ok(None);
            }
            let mut nodes = Vec::new();
            match &loose.content {
                // A tree of which one node is left is that node.
                Content::Above(children) if children.len() == 1 => nodes.push(children[0]),
                _ => {
                    let (level, grown) = (loose.level, loose.grown);
                    self.divide(loose, &mut nodes)?;
                    loose = Loose { content: Content::Above(Vec::new()), level, grown };
                }
            }
            if let [one] = nodes[..] {
                self.spare(&one);
                return Ok(Some(one));
            }
            loose = Loose { content: Content::Above(nodes), level: loose.level + 1, grown: loose.grown };
        }
    }
}

/// What stands where a child was.
enum Item {
    /// It, as it was; its edge is not accounted for.
    Old(Child),
    New(Child),
    Loose(Loose),
}

impl Loose {
    fn len(&self, width: usize) -> usize {
        match &self.content {
            Content::Leaf(words) => words.len() / width,
            Content::Above(children) => children.len(),
        }
    }
}
