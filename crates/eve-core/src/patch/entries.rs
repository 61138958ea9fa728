//! Changes of the entries of maps: of a map of the host over one that is stored, or of scalars as a face reads them.

use super::build::{Build, Built, Opened};
use super::encode::encode;
use super::plan::{Content, Edit, Meta, Plan, run};
use super::planner::Planner;
use crate::atom::Version;
use crate::error::Quick as Result;
use crate::layout::Word;
use crate::trie::{Change, Op, Ops, TOGETHER, Table};
use crate::value::shared::key_of;
use crate::value::{Map, Scalar, Value};
use crate::view::{Key, peel, same_key};

/// What may be stored as a key and under one.
pub(crate) trait Stored {
    /// Its word as a key.
    fn store_key(&self, planner: &mut Planner<'_, '_>) -> Built<Word>;
    /// An error if it cannot be a key of an integer map.
    fn check_int_map_key(&self) -> Built<()>;
    /// What becomes of a position that holds `at`.
    fn plan(&self, planner: &mut Planner<'_, '_>, at: Option<Word>) -> Built<Plan>;
}

impl Stored for Value {
    #[inline]
    fn store_key(&self, planner: &mut Planner<'_, '_>) -> Built<Word> {
        planner.key(self)
    }
    fn check_int_map_key(&self) -> Built<()> {
        self.as_int_map_key()?;
        Ok(())
    }
    #[inline]
    fn plan(&self, planner: &mut Planner<'_, '_>, at: Option<Word>) -> Built<Plan> {
        planner.plan(self, at)
    }
}

impl Stored for Scalar<'_> {
    #[inline]
    fn store_key(&self, planner: &mut Planner<'_, '_>) -> Built<Word> {
        encode(planner.b, self)
    }
    fn check_int_map_key(&self) -> Built<()> {
        match self {
            Scalar::Int(_) => Ok(()),
            other => Value::from(*other).check_int_map_key(),
        }
    }
    #[inline]
    fn plan(&self, planner: &mut Planner<'_, '_>, at: Option<Word>) -> Built<Plan> {
        planner.plan_scalar(self, at)
    }
}

/// Builds the new version of an atom whose value is a map, `base`, with so many changes. What `entries` gives goes through them: it writes the key of the
/// next one, a scalar, and what is going to be under it, and says whether there is anything. Of several of one key the last counts.
#[inline]
pub(crate) fn build_entries<'e, Next: FnMut(&mut Key<'e>, &mut Scalar<'e>) -> Result<bool>>(
    b: &mut Build<'_>,
    base: Version<'_>,
    changes: usize,
    entries: impl Fn() -> Next,
) -> Built<Word> {
    let (root, _) = peel(b.arena(), base.root)?;
    let table = Table::of_word(b.arena(), root)?;
    let mut planner = Planner::new(b, base);
    let mut ops = Ops::with_capacity(changes);
    if changes > 1 {
        let mut next = entries();
        let keys = (0..changes).map(|_| {
            let (mut key, mut value) = (Key::Scalar(Scalar::Nil), Scalar::Nil);
            next(&mut key, &mut value).map(|_| key)
        });
        table.fetch_ahead(planner.b.arena(), root.as_block(), keys)?;
    }
    let mut next = entries();
    for _ in 0..changes {
        let (mut key, mut value) = (Key::Scalar(Scalar::Nil), Scalar::Nil);
        let is_there = next(&mut key, &mut value)?;
        let (place, found) = table.find(planner.b.arena(), root.as_block(), &key)?;
        if let Some(earlier) = planner.change_of(&ops, place, found.map(|(key, _)| key), &key)? {
            ops.remove(earlier).give_up(planner.b)?;
        }
        let Key::Scalar(key) = &key else { unreachable!("`entries` gives scalars") };
        if let Some(op) = planner.entry_change(key, is_there.then_some(&value), table, place, found, true)? {
            ops.push(op);
        }
    }
    if ops.is_empty() {
        return Ok(base.root);
    }
    run(b, Edit { content: Content::Entries(table, ops), meta: Meta::Same }, base.root, Opened::ATOM)
}

impl Planner<'_, '_> {
    /// Which of the changes is one of this key, whose entry is at `place` and has the word `stored` if it is there.
    #[inline]
    fn change_of(&self, ops: &Ops, place: u64, stored: Option<Word>, key: &Key<'_>) -> Built<Option<usize>> {
        for (i, op) in ops.iter().enumerate().filter(|(_, op)| op.place == place) {
            let same = match stored {
                Some(stored) => !op.added && op.key == stored,
                None => op.added && same_key(self.b.arena(), op.key, key)?,
            };
            if same {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }

    /// The changes of a map over the one at `root`.
    pub fn map_changes(&mut self, map: &Map, root: Word, in_place: bool) -> Built<Content> {
        let mut ops = Ops::with_capacity(map.change_count());
        let table = Table::of_word(self.b.arena(), root)?;
        let mut ahead = map.changes().map(|(key, _)| Ok(key_of(key)));
        for (i, (key, change)) in map.changes().enumerate() {
            if i.is_multiple_of(TOGETHER) {
                table.fetch_ahead(self.b.arena(), root.as_block(), ahead.by_ref())?;
            }
            self.map_change(key, change, (table, root), in_place, &mut ops)?;
        }
        Ok(if ops.is_empty() { Content::Same } else { Content::Entries(table, ops) })
    }

    /// One change of the map at `root`, if it is one.
    pub fn map_change(
        &mut self,
        key: &Value,
        change: Option<&Value>,
        (table, root): (Table, Word),
        in_place: bool,
        ops: &mut Ops,
    ) -> Built<()> {
        let (place, found) = table.find(self.b.arena(), root.as_block(), &key_of(key))?;
        if let Some(op) = self.entry_change(key, change, table, place, found, in_place)? {
            ops.push(op);
        }
        Ok(())
    }

    /// One change at `place`, where the entry `found` is, if it is one.
    #[inline]
    fn entry_change<S: Stored>(
        &mut self,
        key: &S,
        change: Option<&S>,
        table: Table,
        place: u64,
        found: Option<(Word, Word)>,
        in_place: bool,
    ) -> Built<Option<Op>> {
        Ok(Some(match (found, change) {
            (None, None) => return Ok(None),
            (Some((key, _)), None) => Op { place, key, added: false, order: 0, change: Change::Remove },
            (Some((key, old)), Some(new)) => match new.plan(self, in_place.then_some(old))? {
                Plan::Keep => return Ok(None),
                plan => Op { place, key, added: false, order: 0, change: Change::Put(plan) },
            },
            (None, Some(new)) => self.new_entry(key, new, table, place)?,
        }))
    }

    #[inline]
    fn new_entry<S: Stored>(&mut self, key: &S, value: &S, table: Table, place: u64) -> Built<Op> {
        if table == Table::IntMap {
            key.check_int_map_key()?;
        }
        let (key, value) = (key.store_key(self)?, value.plan(self, None)?.into_word());
        Ok(Op { place, key, added: true, order: 0, change: Change::Put(Plan::Word(value)) })
    }

    /// All entries of a map, as changes of an empty one.
    pub fn all_entries(&mut self, map: &Map, table: Table) -> Built<Ops> {
        let mut ops = Ops::with_capacity(map.rows().map_or_else(|| map.change_count(), <[_]>::len));
        let mut add = |planner: &mut Self, place: u64, order: u32, key: &Value, value: &Value| -> Built<()> {
            ops.push(Op { order, ..planner.new_entry(key, value, table, place)? });
            Ok(())
        };
        if let Some(rows) = map.rows() {
            let mut places = Vec::with_capacity(rows.len());
            for (order, (key, _)) in (0u32..).zip(rows) {
                places.push((table.place(self.b.arena(), key)?, order));
            }
            // What is made in the order of the trie lies in memory in the order in which it is going to be walked over.
            if table == Table::HashMap {
                places.sort_unstable();
            }
            for (place, order) in places {
                let (key, value) = &rows[order as usize];
                add(self, place, order, key, value)?;
            }
        } else if map.base().is_none() {
            for (k, v) in map.changes().filter_map(|(k, v)| Some((k, v?))) {
                add(self, table.place(self.b.arena(), k)?, 0, k, v)?;
            }
        } else {
            for entry in map.iter() {
                let (k, v) = entry?;
                add(self, table.place(self.b.arena(), &k)?, 0, &k, &v)?;
            }
        }
        Ok(ops)
    }
}
