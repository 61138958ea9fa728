//! Views of another version of the same atom: walked beside what the commit is going to replace. Nodes that are the same at the
//! same position stay, so putting an old version back costs the difference.

use super::build::Built;
use super::plan::{Content, Edit, Plan};
use super::planner::Planner;
use crate::atom::Snapshot;
use crate::layout::Word;
use crate::trie::{Ops, Table, radix};
use crate::value::shared::{SharedRef, to_value};
use crate::value::{List, Map, Set, Value, Vector};
use crate::view::{Change, SetChange, Type, View, diff_maps_by, diff_sets, diff_vectors_by, peel};
use std::collections::BTreeMap;

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
        let snapshot = shared.with_snapshot(Snapshot::clone);
        let content = match (value, here.type_of()?) {
            (Value::Map(map), Type::Map) if map.order() == here.order()? => {
                self.import_map(map, here, there, &snapshot)?
            }
            (Value::Set(set), Type::Set) if set.order() == here.order()? => {
                self.import_set(set, here, there, &snapshot)?
            }
            (Value::Vector(vector), Type::Vector) => self.import_vector(vector, here, there, &snapshot)?,
            (Value::List(list), Type::List) => return self.import_list(list, here, &snapshot),
            _ => return self.fresh(value),
        };
        let meta = value.meta();
        let meta = self.meta(Some(meta.as_ref()), had_meta)?;
        Ok(Plan::Edit(Box::new(Edit { content, meta })))
    }

    /// A value of another version, at a position that holds `at`.
    fn import(&mut self, snapshot: &Snapshot, word: Word, at: Option<Word>) -> Built<Plan> {
        if at == Some(word) && word.is_block() {
            return Ok(Plan::Keep);
        }
        let value = to_value(snapshot, word)?;
        self.plan(&value, at)
    }

    fn import_map(&mut self, map: &Map, here: View<'_>, there: View<'_>, snapshot: &Snapshot) -> Built<Content> {
        let mut found = Vec::new();
        diff_maps_by(here, there, true, |change| {
            found.push(change);
            Ok(())
        })?;
        let mut ops = Ops::new();
        let at = (Table::of_word(self.b.arena(), here.word())?, here.word());
        for change in found {
            let (key, new) = match change {
                Change::Removed { key, .. } => (key, None),
                Change::Added { key, value } => (key, Some(value)),
                Change::Changed { key, new, .. } => (key, Some(new)),
            };
            let key = to_value(snapshot, key.word())?;
            if map.change_count() > 0 && map.has_change(&key) {
                continue;
            }
            let new = new.map(|v| to_value(snapshot, v.word())).transpose()?;
            self.map_change(&key, new.as_ref(), at, true, &mut ops)?;
        }
        for (key, change) in map.changes() {
            self.map_change(key, change, at, true, &mut ops)?;
        }
        Ok(if ops.is_empty() { Content::Same } else { Content::Entries(at.0, ops) })
    }

    fn import_set(&mut self, set: &Set, here: View<'_>, there: View<'_>, snapshot: &Snapshot) -> Built<Content> {
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
            let element = to_value(snapshot, element)?;
            if set.change_count() == 0 || !set.has_change(&element) {
                self.set_change(&element, added, at, &mut ops)?;
            }
        }
        for (element, there) in set.changes() {
            self.set_change(element, there, at, &mut ops)?;
        }
        Ok(if ops.is_empty() { Content::Same } else { Content::Entries(at.0, ops) })
    }

    fn import_vector(
        &mut self,
        vector: &Vector,
        here: View<'_>,
        there: View<'_>,
        snapshot: &Snapshot,
    ) -> Built<Content> {
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
            match self.import(snapshot, word, old)? {
                Plan::Keep => {}
                plan => drop(sets.insert(index, plan)),
            }
        }
        let mut push = Vec::new();
        if common < keep {
            for (index, element) in (common..keep).zip(there.elements_from(common)?) {
                push.push(match tail.get(&index) {
                    Some(value) => self.word(value)?,
                    None => self.import(snapshot, element?.word(), None)?.into_word(),
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
    fn import_list(&mut self, list: &List, here: View<'_>, snapshot: &Snapshot) -> Built<Plan> {
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
                    front.push(self.import(snapshot, first.word(), None)?.into_word());
                }
                mine = mine.rest()?;
            }
            rest = mine.word();
            if let Some(off) = rest.as_block() {
                self.b.count(off)?;
            }
        }
        let cells = self.cells(front, rest)?;
        self.wrap(cells, list.meta().as_ref())
    }
}
