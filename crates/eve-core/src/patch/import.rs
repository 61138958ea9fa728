//! Views of another version of the same atom: walked beside what the commit is going to replace. Nodes that are the same at the
//! same position stay, so putting an old version back costs the difference.

use super::build::Built;
use super::plan::{Content, Edit, Plan};
use super::planner::Planner;
use crate::atom::Snapshot;
use crate::error::Result;
use crate::layout::Word;
use crate::trie::{Ops, Table, radix};
use crate::value::shared::{SharedRef, to_value, value_on};
use crate::value::{List, Map, Set, Value, Vector};
use crate::view::{Change, SetChange, Type, View, Way, diff_maps_by, diff_sets, diff_vectors_by, peel};
use std::collections::BTreeMap;

/// Where what is imported is read: in a snapshot, inside of a collection that was reached in this way.
struct Origin<'s> {
    snapshot: &'s Snapshot,
    way: Way,
}

impl Origin<'_> {
    fn value(&self, word: Word) -> Result<Value> {
        value_on(self.snapshot, word, self.way)
    }
    /// A word of what is replaced, which may stand anywhere else in what is imported.
    fn value_replaced(&self, word: Word) -> Result<Value> {
        to_value(self.snapshot, word)
    }
}

impl Planner<'_, '_> {
    /// A collection over one of another version; `at` is what stands at its position.
    pub fn import_edited(&mut self, value: &Value, at: Option<Word>, shared: SharedRef<'_>) -> Built<Plan> {
        let Some(at) = at else { return self.fresh(value) };
        if at == shared.word() {
            // Both versions are pinned, so one address is one node: it is at this position of the base too.
            return self.over_base(value, Some(at), shared);
        }
        let arena = self.b.arena();
        let (root, had_meta) = peel(arena, at)?;
        let here = View::new(arena, root);
        let there = shared.view().without_meta()?;
        let (snapshot, way) = (shared.with_snapshot(Snapshot::clone), shared.way()?);
        let from = Origin { snapshot: &snapshot, way };
        let content = match (value, here.type_of()?) {
            (Value::Map(map), Type::Map) if map.order() == here.order()? => self.import_map(map, here, there, &from)?,
            (Value::Set(set), Type::Set) if set.order() == here.order()? => self.import_set(set, here, there, &from)?,
            (Value::Vector(vector), Type::Vector) => self.import_vector(vector, here, there, &from)?,
            (Value::List(list), Type::List) => return self.import_list(list, here, &from),
            _ => return self.fresh(value),
        };
        let meta = value.read_meta()?;
        let meta = self.meta(Some(meta.as_ref()), had_meta)?;
        Ok(Plan::Edit(Box::new(Edit { content, meta })))
    }

    /// A value of another version, at a position that holds `at`.
    fn import(&mut self, from: &Origin<'_>, word: Word, at: Option<Word>) -> Built<Plan> {
        if at == Some(word) && word.is_block() {
            return Ok(Plan::Keep);
        }
        let value = from.value(word)?;
        self.plan(&value, at)
    }

    fn import_map(&mut self, map: &Map, here: View<'_>, there: View<'_>, from: &Origin<'_>) -> Built<Content> {
        let mut found = Vec::new();
        diff_maps_by(here, there, true, |change| {
            found.push(change);
            Ok(())
        })?;
        let mut ops = Ops::new();
        let at = (Table::of_word(self.b.arena(), here.word())?, here.word());
        for change in found {
            let (key, new) = match change {
                Change::Removed { key, .. } => (from.value_replaced(key.word())?, None),
                Change::Added { key, value } => (from.value(key.word())?, Some(value)),
                Change::Changed { key, new, .. } => (from.value(key.word())?, Some(new)),
            };
            if map.change_count() > 0 && map.has_change(&key) {
                continue;
            }
            let new = new.map(|v| from.value(v.word())).transpose()?;
            self.map_change(&key, new.as_ref(), at, true, &mut ops)?;
        }
        for (key, change) in map.changes() {
            self.map_change(key, change, at, true, &mut ops)?;
        }
        Ok(if ops.is_empty() { Content::Same } else { Content::Entries(at.0, ops) })
    }

    fn import_set(&mut self, set: &Set, here: View<'_>, there: View<'_>, from: &Origin<'_>) -> Built<Content> {
        let mut found = Vec::new();
        diff_sets(here, there, |change| {
            found.push(match change {
                SetChange::Added(e) => (e.word(), true),
                SetChange::Removed(e) => (e.word(), false),
            });
            Ok(())
        })?;
        let mut ops = Ops::new();
        let at = (Table::of_word(self.b.arena(), here.word())?, here.word());
        for (element, added) in found {
            let element = if added { from.value(element)? } else { from.value_replaced(element)? };
            if set.change_count() == 0 || !set.has_change(&element) {
                self.set_change(&element, added, at, &mut ops)?;
            }
        }
        for (element, there) in set.changes() {
            self.set_change(element, there, at, &mut ops)?;
        }
        Ok(if ops.is_empty() { Content::Same } else { Content::Entries(at.0, ops) })
    }

    fn import_vector(&mut self, vector: &Vector, here: View<'_>, there: View<'_>, from: &Origin<'_>) -> Built<Content> {
        let (here_len, keep) = (here.len()?, vector.keep());
        let common = keep.min(here_len);
        let mut differing = BTreeMap::new();
        diff_vectors_by(here, there, true, |index, _, new| {
            if let Some(new) = new
                && index < common
            {
                differing.insert(index, new.word());
            }
            Ok(())
        })?;
        let mut sets = BTreeMap::new();
        let mut tail: BTreeMap<u64, &Value> = BTreeMap::new();
        for (index, value) in vector.sets() {
            differing.remove(&index);
            if index >= common {
                tail.insert(index, value);
                continue;
            }
            let old = here.nth(index)?.map(|v| v.word());
            match self.plan(value, old)? {
                Plan::Keep => {}
                plan => drop(sets.insert(index, plan)),
            }
        }
        for (index, word) in differing {
            let old = here.nth(index)?.map(|v| v.word());
            match self.import(from, word, old)? {
                Plan::Keep => {}
                plan => drop(sets.insert(index, plan)),
            }
        }
        let mut push = Vec::new();
        if common < keep {
            for (index, element) in (common..keep).zip(there.elements_from(common)?) {
                push.push(match tail.get(&index) {
                    Some(value) => self.word(value)?,
                    None => self.import(from, element?.word(), None)?.into_word(),
                });
            }
        }
        for value in vector.pushed() {
            push.push(self.word(value)?);
        }
        if sets.is_empty() && push.is_empty() && common == here_len {
            return Ok(Content::Same);
        }
        Ok(Content::Vector(radix::Batch { keep: common, sets: sets.into_iter().collect(), push }))
    }

    /// Cells that both lists share stay; what is before them is made anew.
    fn import_list(&mut self, list: &List, here: View<'_>, from: &Origin<'_>) -> Built<Plan> {
        let left = list.left().and_then(|left| SharedRef::of(left.as_any()));
        let mut front = list.front().map(|v| self.word(v)).collect::<Built<Vec<Word>>>()?;
        let mut rest = Word::EMPTY_LIST;
        if let Some(left) = left {
            let (mut mine, mut theirs) = (left.view().without_meta()?, here);
            while mine.len()? > 0 && mine.word() != theirs.word() {
                if theirs.len()? > mine.len()? {
                    theirs = theirs.rest()?;
                    continue;
                }
                if theirs.len()? == mine.len()? {
                    theirs = theirs.rest()?;
                }
                if let Some(first) = mine.first()? {
                    front.push(self.import(from, first.word(), None)?.into_word());
                }
                mine = mine.rest()?;
            }
            rest = mine.word();
            if let Some(off) = rest.as_block() {
                self.b.count(off)?;
            }
        }
        let cells = self.cells(front, rest)?;
        self.wrap(cells, list.read_meta()?.as_ref())
    }
}
