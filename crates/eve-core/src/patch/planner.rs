//! From a host value to a plan for a position. In this pass every edge is counted whose need does not depend on a count: grafts,
//! children of collections that are made anew or copied out of place. Only what is copied in place is left for `plan::place`.

use super::build::{Build, Built, Opened, Stop};
use super::encode::encode;
use super::plan::{Content, Edit, Meta, Plan, place, run};
use crate::atom::Version;
use crate::layout::block::{Kind, pair};
use crate::layout::{Off, Word};
use crate::trie::{self, Change, Op, Ops, TOGETHER, Table, radix};
use crate::value::host::check_meta;
use crate::value::shared::{SharedRef, key_of};
use crate::value::{List, Scalar, Set, Value, Vector};
use crate::view::is_changing;
use crate::view::{Key, View, peel, same_key};
use std::collections::HashMap;

/// One pass over a value.
pub(crate) struct Planner<'p, 'a> {
    pub b: &'p mut Build<'a>,
    /// The version that the commit is going to replace.
    pub base: Version<'p>,
    /// Collections of the host that are used more than once, and where they were built.
    built: Option<HashMap<usize, Word>>,
    /// Arrays and objects that were stored in this pass, by where they came from.
    pub copies: Option<HashMap<(usize, u64), Off>>,
    /// A key was refused.
    pub refused: bool,
    /// How many collections around what is being planned are keys, or inside of keys.
    pub keys: u32,
    /// How many collections are around what is being planned.
    pub levels: u32,
}

/// Builds the new version of an atom whose value is `value`, over the version `base`.
pub(crate) fn build_version(b: &mut Build<'_>, base: Version<'_>, value: &Value) -> Built<Word> {
    let mut planner = Planner::new(b, base);
    match planner.version(value) {
        Err(Stop::Failed(error)) if planner.refused || is_changing(&error) => {
            Err(super::typed::locate(value, *error).into())
        }
        made => made,
    }
}

/// Where a collection that is read in some snapshot belongs.
enum Home {
    /// In the version that is going to be replaced.
    Base,
    /// In another version of the same atom.
    OtherVersion,
    /// In another atom or domain.
    Elsewhere,
}

impl<'p, 'a> Planner<'p, 'a> {
    /// For a commit over this version.
    pub fn new(b: &'p mut Build<'a>, base: Version<'p>) -> Self {
        Planner { b, base, built: None, copies: None, refused: false, keys: 0, levels: 0 }
    }

    /// The root of the new version.
    #[inline]
    fn version(&mut self, value: &Value) -> Built<Word> {
        let at = self.base.root;
        // The root's own changes need no box: most commits have no others.
        if let Value::Map(map) = value
            && let Some(shared) = base_of(map.base().map(|b| b.as_any()))
            && shared.word() == at
            && matches!(self.home(shared), Home::Base)
        {
            return match self.edit(value, at, true)? {
                None => Ok(at),
                Some(edit) => run(self.b, edit, at, Opened::ATOM),
            };
        }
        let plan = self.plan(value, Some(at).filter(|at| *at != Word::ABSENT))?;
        place(self.b, plan, at, Opened::ATOM)
    }

    /// What becomes of a position that holds `at` (if the whole way to it from the root is copied in place).
    pub fn plan(&mut self, value: &Value, at: Option<Word>) -> Built<Plan> {
        if let Some(scalar) = value.as_scalar() {
            return self.plan_scalar(&scalar, at);
        }
        self.below(|planner| match value {
            Value::Map(map) => planner.collection(value, at, map.shared_id(), base_of(map.base().map(|b| b.as_any()))),
            Value::Set(set) => planner.collection(value, at, set.shared_id(), base_of(set.base().map(|b| b.as_any()))),
            Value::Vector(v) => planner.collection(value, at, v.shared_id(), base_of(v.base().map(|b| b.as_any()))),
            Value::List(list) => {
                planner.collection(value, at, list.shared_id(), base_of(list.base().map(|b| b.as_any())))
            }
            Value::Tagged(tagged) => {
                let tag = planner.word(&Value::Symbol(tagged.tag().clone()))?;
                let inner = planner.word(tagged.value())?;
                Ok(Plan::Word(Word::block(planner.b.block(Kind::Pair, &[pair::TAGGED, tag.0, inner.0])?)))
            }
            Value::Array(_) | Value::Records(_) => planner.typed(value, at),
            _ => unreachable!("every other value is a scalar"),
        })
    }

    /// The same for a scalar.
    #[inline]
    pub fn plan_scalar(&mut self, scalar: &Scalar<'_>, at: Option<Word>) -> Built<Plan> {
        if let Scalar::Int(i) = *scalar
            && let Some(word) = Word::int(i)
        {
            // The most frequent one, and equal integers of 63 bits are equal words.
            return Ok(if at == Some(word) { Plan::Keep } else { Plan::Word(word) });
        }
        if let Some(word) = at
            && self.is_same_scalar(word, scalar)?
        {
            return Ok(Plan::Keep);
        }
        Ok(Plan::Word(encode(self.b, scalar)?))
    }

    /// The word for a value that is made for no position.
    pub fn word(&mut self, value: &Value) -> Built<Word> {
        Ok(self.plan(value, None)?.into_word())
    }

    /// Equal, and stored alike: so that the old word may stay. (`1.0M` and `1.00M` are equal, but not alike.)
    fn is_same_scalar(&self, word: Word, scalar: &Scalar<'_>) -> Built<bool> {
        if !same_key(self.b.arena(), word, &Key::Scalar(*scalar))? {
            return Ok(false);
        }
        Ok(match View::new(self.b.arena(), word).scalar()? {
            Some(Scalar::Float(f)) => matches!(scalar, Scalar::Float(g) if f.to_bits() == g.to_bits()),
            found => found.as_ref() == Some(scalar),
        })
    }

    fn home(&self, shared: SharedRef<'_>) -> Home {
        shared.with_snapshot(|its| {
            if self.base.is_of(its) {
                Home::Base
            } else if its.same_atom(self.base.held_by) {
                Home::OtherVersion
            } else {
                Home::Elsewhere
            }
        })
    }

    fn collection(
        &mut self,
        value: &Value,
        at: Option<Word>,
        id: Option<usize>,
        base: Option<SharedRef<'_>>,
    ) -> Built<Plan> {
        if let Some(shared) = base {
            return match self.home(shared) {
                Home::Base => self.over_base(value, at, shared),
                Home::OtherVersion => self.import_edited(value, at, shared),
                Home::Elsewhere => self.fresh(value),
            };
        }
        // The same collection at two places is built once.
        if at.is_none()
            && let Some(id) = id
        {
            if let Some(&word) = self.built.as_ref().and_then(|built| built.get(&id)) {
                if let Some(off) = word.as_block() {
                    self.b.count(off)?;
                }
                return Ok(Plan::Word(word));
            }
            let word = self.fresh(value)?.into_word();
            self.built.get_or_insert_default().insert(id, word);
            return Ok(Plan::Word(word));
        }
        self.fresh(value)
    }

    /// A collection of the version that is replaced, perhaps changed.
    pub fn over_base(&mut self, value: &Value, at: Option<Word>, shared: SharedRef<'_>) -> Built<Plan> {
        let word = shared.word();
        if let Value::List(list) = value {
            return self.list_on_base(list, at, word);
        }
        let in_place = at == Some(word);
        let edit = self.edit(value, word, in_place)?;
        match (edit, in_place) {
            (None, true) => Ok(Plan::Keep),
            (None, false) => {
                if let Some(off) = word.as_block() {
                    self.b.count(off)?;
                }
                Ok(Plan::Word(word))
            }
            (Some(edit), true) => Ok(Plan::Edit(Box::new(edit))),
            (Some(edit), false) => Ok(Plan::Word(run(self.b, edit, word, Opened::FRESH)?)),
        }
    }

    /// The changes of a collection over the one at `word`; `None` if there are none.
    #[inline(always)]
    fn edit(&mut self, value: &Value, word: Word, in_place: bool) -> Built<Option<Edit>> {
        let (root, had_meta) = peel(self.b.arena(), word)?;
        let (content, meta) = match value {
            Value::Map(map) => (self.map_changes(map, root, in_place)?, map.meta_change()),
            Value::Set(set) => (self.set_changes(set, root)?, set.meta_change()),
            Value::Vector(vector) => (self.vector_changes(vector, root, in_place)?, vector.meta_change()),
            _ => unreachable!("lists and scalars do not get here"),
        };
        let meta = self.meta(meta, had_meta)?;
        Ok(if matches!((&content, &meta), (Content::Same, Meta::Same)) { None } else { Some(Edit { content, meta }) })
    }

    pub fn meta(&mut self, change: Option<Option<&Value>>, had: Option<Word>) -> Built<Meta> {
        check_meta(change.flatten())?;
        Ok(match change {
            None => Meta::Same,
            Some(None) if had.is_none() => Meta::Same,
            Some(None) => Meta::None,
            Some(Some(meta)) => match had {
                Some(old) if self.is_stored_at(meta, old) => Meta::Same,
                _ => Meta::New(self.word(meta)?),
            },
        })
    }

    /// Is this map the one that is stored at `word`, unchanged? That they are equal is not enough for metadata to stay: equality leaves out the
    /// metadata of metadata, and typed arrays in it may be others, which are changed apart.
    fn is_stored_at(&self, value: &Value, word: Word) -> bool {
        let Value::Map(map) = value else { return false };
        base_of(map.base().map(|b| b.as_any()))
            .is_some_and(|shared| shared.word() == word && !matches!(self.home(shared), Home::Elsewhere))
            && map.change_count() == 0
            && map.meta_change().is_none()
    }

    fn set_changes(&mut self, set: &Set, root: Word) -> Built<Content> {
        let mut ops = Ops::with_capacity(set.change_count());
        let table = Table::of_word(self.b.arena(), root)?;
        let mut ahead = set.changes().map(|(element, _)| Ok(key_of(element)));
        for (i, (element, there)) in set.changes().enumerate() {
            if i.is_multiple_of(TOGETHER) {
                table.fetch_ahead(self.b.arena(), root.as_block(), ahead.by_ref())?;
            }
            self.set_change(element, there, (table, root), &mut ops)?;
        }
        Ok(if ops.is_empty() { Content::Same } else { Content::Entries(table, ops) })
    }

    /// One change of the set at `root`, if it is one.
    pub fn set_change(
        &mut self,
        element: &Value,
        there: bool,
        (table, root): (Table, Word),
        ops: &mut Ops,
    ) -> Built<()> {
        let (place, found) = table.find(self.b.arena(), root.as_block(), &key_of(element))?;
        match (found, there) {
            (None, true) => ops.push(self.new_element(element, place)?),
            (Some((key, _)), false) => {
                ops.push(Op { place, key, added: false, order: 0, change: Change::Remove });
            }
            _ => {}
        }
        Ok(())
    }

    fn vector_changes(&mut self, vector: &Vector, root: Word, in_place: bool) -> Built<Content> {
        if vector.is_unchanged() {
            return Ok(Content::Same);
        }
        let view = View::new(self.b.arena(), root);
        let old_len = view.len()?;
        let mut sets = Vec::new();
        for (index, value) in vector.sets() {
            let old = view.nth(index)?.map(|v| v.word());
            match self.plan(value, old.filter(|_| in_place))? {
                Plan::Keep => {}
                plan => sets.push((index, plan)),
            }
        }
        let push = vector.pushed().iter().map(|v| self.word(v)).collect::<Built<Vec<Word>>>()?;
        let keep = vector.keep();
        if sets.is_empty() && push.is_empty() && keep == old_len {
            return Ok(Content::Same);
        }
        Ok(Content::Vector(radix::Batch { keep, sets, push }))
    }

    /// A list of the version that is replaced: cells are never copied, so what is left of it is grafted under the new ones.
    fn list_on_base(&mut self, list: &List, at: Option<Word>, word: Word) -> Built<Plan> {
        if list.is_unchanged()
            && list.meta_change().is_none_or(|m| m.is_none() && list.base().is_some_and(|b| b.meta().is_none()))
        {
            if at == Some(word) {
                return Ok(Plan::Keep);
            }
            if let Some(off) = word.as_block() {
                self.b.count(off)?;
            }
            return Ok(Plan::Word(word));
        }
        let rest = match list.left() {
            Some(left) => match SharedRef::of(left.as_any()) {
                Some(left) => peel(self.b.arena(), left.word())?.0,
                None => unreachable!("what is left of a shared list is shared"),
            },
            None => Word::EMPTY_LIST,
        };
        if let Some(off) = rest.as_block() {
            self.b.count(off)?;
        }
        let front = list.front().map(|v| self.word(v)).collect::<Built<Vec<Word>>>()?;
        let cells = self.cells(front, rest)?;
        self.wrap(cells, list.read_meta()?.as_ref())
    }

    /// Cells for these elements before `rest`, whose edge is counted.
    pub fn cells(&mut self, front: Vec<Word>, rest: Word) -> Built<Word> {
        let mut count = if rest.is_block() { View::new(self.b.arena(), rest).len()? } else { 0 };
        let mut list = rest;
        for first in front.into_iter().rev() {
            count += 1;
            list = Word::block(self.b.block(Kind::ListCell, &[count, first.0, list.0])?);
        }
        Ok(list)
    }

    pub fn wrap(&mut self, content: Word, meta: Option<&Value>) -> Built<Plan> {
        check_meta(meta)?;
        Ok(Plan::Word(match meta {
            None => content,
            Some(meta) => {
                let meta = self.word(meta)?;
                Word::block(self.b.block(Kind::Pair, &[pair::META, content.0, meta.0])?)
            }
        }))
    }

    fn new_element(&mut self, element: &Value, place: u64) -> Built<Op> {
        let key = self.key(element)?;
        Ok(Op { place, key, added: true, order: 0, change: Change::Put(Plan::Keep) })
    }

    /// A collection made from nothing, whatever it stands on.
    pub fn fresh(&mut self, value: &Value) -> Built<Plan> {
        let content = match value {
            Value::Map(map) => {
                let table = Table::of_map(map.order());
                let mut ops = self.all_entries(map, table)?;
                trie::update(self.b, table, None, &mut ops)?
            }
            Value::Set(set) => {
                let table = Table::of_set(set.order());
                let mut elements = Vec::with_capacity(set.change_count());
                for element in set.iter() {
                    let element = element?;
                    elements.push((table.place(self.b.arena(), &element)?, element));
                }
                if table == Table::HashSet {
                    elements.sort_unstable_by_key(|(place, _)| *place); // as entries of maps are
                }
                let mut ops = Ops::with_capacity(elements.len());
                for (place, element) in &elements {
                    ops.push(self.new_element(element, *place)?);
                }
                trie::update(self.b, table, None, &mut ops)?
            }
            Value::Vector(vector) => {
                let push = vector.iter().map(|v| self.word(&v?)).collect::<Built<Vec<Word>>>()?;
                radix::update(self.b, None, radix::Batch { keep: 0, sets: Vec::new(), push })?
            }
            Value::List(list) => {
                let front = list.iter().map(|v| self.word(&v?)).collect::<Built<Vec<Word>>>()?;
                self.cells(front, Word::EMPTY_LIST)?
            }
            _ => unreachable!("only collections get here"),
        };
        self.wrap(content, value.read_meta()?.as_ref())
    }
}

fn base_of(any: Option<&dyn std::any::Any>) -> Option<SharedRef<'_>> {
    any.and_then(SharedRef::of)
}
