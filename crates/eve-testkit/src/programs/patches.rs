//! Patches of scalars over the entries of a large map, as most commits of faces are: they go another way through the engine than host values. All
//! workers share a few maps, in which each has entries of its own beside many that stay as they are. Each patch also counts itself, in an entry
//! of the worker's and in a sum over all of them.

use super::model::Model;
use super::worker::differ;
use crate::rng::Rng;
use eve_core::face::patch::code;
use eve_core::face::{Commit, Made, Version};
use eve_core::layout::Word;
use eve_core::value::{Map, Order, Scalar, Text, Value};
use eve_core::{Atom, Domain, Error, Result, Snapshot};
use std::collections::BTreeMap;

/// The maps: how many entries stay as they are, and the order.
const TABLES: [(i64, Order); 4] =
    [(10, Order::Hash), (1500, Order::Sorted), (8000, Order::Integer), (50_000, Order::Hash)];

/// Entries that a worker has at most.
const OWN: u64 = 64;
/// Changes in a patch, at most: some more than are read entry by entry.
const MOST: u64 = 40;
/// The entry in which all patches of a map are counted; below it those of each worker.
const SUM: i64 = -1;
/// Stands in a patch for its base.
const HANDLE: u64 = 7;

/// A version that is held, with the model of it.
struct Held {
    model: Model,
    snapshot: Option<Snapshot>,
}

struct Engine {
    atom: Atom,
    /// The version that the last patch made, by a snapshot that holds it and its root, as faces keep it.
    newest: Option<(Snapshot, Word)>,
}

/// The part of a worker that sends patches.
pub(super) struct Patches {
    id: u64,
    /// Its entries.
    model: Model,
    held: Vec<Held>,
    engine: Option<Engine>,
}

/// A change of an entry.
type Entry = (Model, Option<Model>);

impl Patches {
    /// Of worker `id`, without an engine.
    pub fn replay(id: u64) -> Patches {
        Patches { id, model: Model::map(BTreeMap::new(), Order::Hash), held: Vec::new(), engine: None }
    }
    /// Without an engine, as it is now.
    pub fn to_replay(&self) -> Patches {
        let held = self.held.iter().map(|held| Held { model: held.model.clone(), snapshot: None }).collect();
        Patches { id: self.id, model: self.model.clone(), held, engine: None }
    }
    /// With the engine.
    pub fn start(&mut self, domain: &Domain) -> Result<()> {
        let table = table_of(self.id);
        let atom = domain.atom(&name(table), || new_table(table))?;
        self.engine = Some(Engine { atom, newest: None });
        Ok(())
    }
    /// What its entries should be.
    pub fn model(&self) -> &Model {
        &self.model
    }
    /// Lets go of all snapshots.
    pub fn let_go(&mut self) {
        self.held.iter_mut().for_each(|held| held.snapshot = None);
        self.engine.iter_mut().for_each(|engine| engine.newest = None);
    }

    /// One patch. `step` stands in one of its entries.
    pub fn step(&mut self, rng: &mut Rng, step: u64) -> Result<()> {
        let few = if rng.chance(70) { 5 } else { MOST };
        let mut changes = vec![(self.key(0), Some(Model::Int(step as i64)))];
        for _ in 0..rng.below(few) {
            let key = self.key(1 + rng.below(OWN - 1));
            changes.push((key, rng.chance(70).then(|| scalar(rng))));
        }
        let (loses, from_newest) = (rng.chance(15), rng.chance(80));
        // No character: found when all before it is stored already.
        let fails = rng.chance(3);
        if fails {
            changes.push((self.key(1), Some(Model::Other([&[code::CHAR][..], &[0xFF; 4]].concat().into()))));
        }
        if let Some(engine) = &mut self.engine {
            let done = engine.send(self.id, &changes, from_newest, loses);
            match done {
                Err(Error::Value { .. }) if fails => {}
                Ok(()) if fails => return Err(Error::value("a patch of what cannot be was done")),
                done => done.map_err(|e| Error::value(format!("{e}; patch {changes:?}")))?,
            }
        }
        if !fails {
            let Model::Map(own) = &self.model else { unreachable!("the entries are a map") };
            let mut items = own.items.clone();
            for (key, to) in changes {
                match to {
                    Some(to) => drop(items.insert(key, to)),
                    None => drop(items.remove(&key)),
                }
            }
            self.model = Model::map(items, Order::Hash);
        }
        self.hold(rng)
    }

    /// Holds this version, lets one go.
    fn hold(&mut self, rng: &mut Rng) -> Result<()> {
        if rng.chance(25) {
            let snapshot = self.engine.as_ref().map(Engine::hold).transpose()?;
            self.held.push(Held { model: self.model.clone(), snapshot });
        }
        if self.held.len() > 6 || !self.held.is_empty() && rng.chance(20) {
            let i = rng.below(self.held.len() as u64) as usize;
            let held = self.held.swap_remove(i);
            self.check_held(&held)?;
        }
        Ok(())
    }

    fn check_held(&self, held: &Held) -> Result<()> {
        held.snapshot.iter().try_for_each(|snapshot| self.compare(snapshot, &held.model, "in a snapshot"))
    }

    fn compare(&self, snapshot: &Snapshot, expected: &Model, which: &str) -> Result<()> {
        let found = entries_of(self.id, snapshot)?;
        if found == *expected {
            return Ok(());
        }
        Err(Error::value(format!("entries {which} are not as they must be: {}", differ(expected, &found))))
    }

    /// Compares its entries, and what is held, with the model.
    pub fn check(&self) -> Result<()> {
        let Some(engine) = &self.engine else { return Ok(()) };
        self.compare(&engine.atom.load()?, &self.model, "now")?;
        self.held.iter().try_for_each(|held| self.check_held(held))
    }

    fn key(&self, i: u64) -> Model {
        key(self.id, i)
    }
}

impl Engine {
    fn hold(&self) -> Result<Snapshot> {
        match &self.newest {
            Some((held_by, root)) => Ok(Version { held_by, root: *root }.snapshot()),
            None => self.atom.load(),
        }
    }

    /// Sends these changes until they are done. If told so, somebody else is first once.
    fn send(&mut self, id: u64, changes: &[Entry], from_newest: bool, mut loses: bool) -> Result<()> {
        let mut newest = self.newest.take().filter(|_| from_newest);
        loop {
            let (held_by, root) = match newest.take() {
                Some(newest) => newest,
                None => {
                    let snapshot = self.atom.load()?;
                    let root = snapshot.root_word();
                    (snapshot, root)
                }
            };
            let base = Version { held_by: &held_by, root };
            let bytes = patch(base, id, changes)?;
            let handles = |_| Ok(base.snapshot());
            let commit = Commit::read(&bytes, (HANDLE, base), &handles)?;
            if loses {
                let (sum, mine) = (Value::Int(SUM), Value::Int(counter(id)));
                self.atom.update::<Error>(|v| v.update(sum.clone(), one_more)?.update(mine.clone(), one_more))?;
            }
            let made = commit.over(&self.atom, base, true)?;
            if std::mem::take(&mut loses) && made.is_some() {
                return Err(Error::value("a patch of an old version was done"));
            }
            match made {
                None => continue,
                Some(None) => return Err(Error::value("the new version was wanted")),
                Some(Some(Made::Covered(root))) => self.newest = Some((held_by, root)),
                Some(Some(Made::Pinned(snapshot))) => {
                    let root = snapshot.root_word();
                    self.newest = Some((snapshot, root));
                }
            }
            return Ok(());
        }
    }
}

/// The bytes that a face would send.
fn patch(base: Version<'_>, id: u64, changes: &[Entry]) -> Result<Vec<u8>> {
    let view = base.held_by.view_of(base.root);
    let mut counted = Vec::new();
    for key in [SUM, counter(id)] {
        let old = view.get(key)?.map(|v| v.scalar()).transpose()?.flatten().map(Value::from);
        counted.push((Model::Int(key), Some(Model::of(&one_more(old))?)));
    }
    let mut out = vec![code::EDIT_MAP];
    out.extend(HANDLE.to_le_bytes());
    out.extend(base.root.0.to_le_bytes());
    out.extend(((counted.len() + changes.len()) as u32).to_le_bytes());
    for (key, to) in counted.iter().chain(changes) {
        put(&mut out, key);
        out.push(u8::from(to.is_some()));
        to.iter().for_each(|to| put(&mut out, to));
    }
    Ok(out)
}

fn put(out: &mut Vec<u8>, model: &Model) {
    match model {
        Model::Other(bytes) => out.extend(&**bytes),
        model => put_scalar(out, &model.to_value().as_scalar().expect("these entries are scalars")),
    }
}

/// Appends a scalar as it stands in a patch.
pub(super) fn put_scalar(out: &mut Vec<u8>, scalar: &Scalar<'_>) {
    let mut sized = |code: &[u8], bytes: &[u8]| {
        out.extend(code);
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
    };
    match scalar {
        Scalar::Str(text) => sized(&[code::STR], text.as_bytes()),
        Scalar::Keyword(text) => sized(&[code::KEYWORD], text.as_bytes()),
        Scalar::Symbol(text) => sized(&[code::SYMBOL], text.as_bytes()),
        Scalar::BigInt(bytes) => sized(&[code::BIG_INT], bytes),
        Scalar::Bytes(bytes) => sized(&[code::BYTES], bytes),
        Scalar::Decimal { scale, unscaled } => sized(&[&[code::DECIMAL], &scale.to_le_bytes()[..]].concat(), unscaled),
        Scalar::Ratio { numerator, denominator } => {
            sized(&[code::RATIO], numerator);
            sized(&[], denominator);
        }
        Scalar::Nil => out.push(code::NIL),
        Scalar::Bool(yes) => out.push(if *yes { code::TRUE } else { code::FALSE }),
        Scalar::Int(i) => out.extend([&[code::INT], &i.to_le_bytes()[..]].concat()),
        Scalar::Float(f) => out.extend([&[code::FLOAT], &f.to_le_bytes()[..]].concat()),
        Scalar::Char(c) => out.extend([&[code::CHAR], &c.to_le_bytes()[..]].concat()),
        Scalar::Uuid(bytes) => out.extend([&[code::UUID], &bytes[..]].concat()),
        Scalar::Instant { seconds, nanos } => {
            out.extend([&[code::INSTANT], &seconds.to_le_bytes()[..], &nanos.to_le_bytes()].concat());
        }
        other => unreachable!("{other:?} is a kind that no program knows"),
    }
}

/// Some scalar, of any kind.
fn scalar(rng: &mut Rng) -> Model {
    let n = rng.next();
    let bytes: Vec<u8> = (0..9 + n % 40).map(|i| (n >> (i % 7)) as u8).chain([1]).collect();
    let name = format!("a.long.name.space/{}", n % 50);
    let other = match rng.below(14) {
        0 => Scalar::Float((n >> 12) as f64 / 1024.0),
        1 => Scalar::Float(1e300 / (n as f64 + 1.0)),
        2 => Scalar::Char(n as u32 % 0xD800),
        3 => Scalar::Symbol(Text::Borrowed(&name.as_bytes()[name.len() - 4..])),
        4 => Scalar::Symbol(Text::Borrowed(name.as_bytes())),
        5 => Scalar::BigInt(&bytes),
        6 => Scalar::Decimal { scale: (n % 20) as i32, unscaled: &bytes },
        7 => Scalar::Ratio { numerator: &[1], denominator: &bytes },
        8 => Scalar::Uuid([n as u8; 16]),
        9 => Scalar::Instant { seconds: n as i64 >> 20, nanos: n as u32 % 1_000_000_000 },
        10 => Scalar::Bytes(&bytes),
        11 if rng.chance(10) => return Model::str(&"long text ".repeat(rng.below(3000) as usize)),
        11 => return Model::str(&"some text ".repeat(1 + rng.below(30) as usize)),
        _ => return Model::plain_leaf(rng, n % 10),
    };
    let mut out = Vec::new();
    put_scalar(&mut out, &other);
    Model::Other(out.into())
}

fn one_more(old: Option<Value>) -> Value {
    Value::Int(old.and_then(|v| v.as_i64()).unwrap_or(0) + 1)
}

fn table_of(id: u64) -> usize {
    id as usize % TABLES.len()
}

fn name(table: usize) -> String {
    format!("table {table}")
}

fn new_table(table: usize) -> Result<Value> {
    let (entries, order) = TABLES[table];
    let map: Map =
        (0..entries).map(|i| (Value::Int(i), unchanged(i))).chain([(Value::Int(SUM), Value::Int(0))]).collect();
    Ok(Value::Map(map.in_order(order)?))
}

/// What is under a key that nobody changes.
fn unchanged(i: i64) -> Value {
    if i % 9 == 0 { Value::from(format!("a string in a block: {i}").as_str()) } else { Value::Int(i) }
}

/// The entry in which a worker counts its patches.
fn counter(id: u64) -> i64 {
    SUM - 1 - id as i64
}

/// The key of an entry of a worker.
fn key(id: u64, i: u64) -> Model {
    let n = (id * OWN + i) as i64;
    match i % 4 {
        _ if TABLES[table_of(id)].1 == Order::Integer => Model::Int(1 << 40 | n),
        1 if i % 8 == 1 => Model::str(&format!("key-{n:05}")),
        1 => Model::str(&format!("a key in a block: {n}")),
        // Names stay for ever, so those of the dead are used again.
        2 => Model::Keyword(format!("a.long.name.space/{}", n % 50_000).into()),
        3 => {
            let mut out = Vec::new();
            put_scalar(&mut out, &Scalar::Bytes(&n.to_le_bytes()));
            Model::Other(out.into())
        }
        _ => Model::Int(1 << 40 | n),
    }
}

/// What a map has of a worker.
fn entries_of(id: u64, snapshot: &Snapshot) -> Result<Model> {
    let value = snapshot.value()?;
    let mut items = BTreeMap::new();
    for key in (0..OWN).map(|i| key(id, i)) {
        if let Some(found) = value.get(key.to_value())? {
            items.insert(key, Model::of(&found)?);
        }
    }
    Ok(Model::map(items, Order::Hash))
}

/// What there is of a worker.
pub(super) fn found(domain: &Domain, id: u64) -> Result<Model> {
    match domain.find(&name(table_of(id)))? {
        Some(atom) => entries_of(id, &atom.load()?),
        None => Ok(Patches::replay(id).model),
    }
}

/// Removes what a worker left.
pub(super) fn forget(domain: &Domain, id: u64) -> Result<()> {
    let Some(atom) = domain.find(&name(table_of(id)))? else { return Ok(()) };
    atom.update::<Error>(|v| {
        let count = |key: i64| Ok::<_, Error>(v.get(key)?.and_then(|n| n.as_i64()).unwrap_or(0));
        let left = count(SUM)? - count(counter(id))?;
        let v = (0..OWN).try_fold(v.clone(), |v, i| v.dissoc(key(id, i).to_value()))?;
        v.dissoc(counter(id))?.assoc(SUM, left)
    })
}

/// Looks at all of each map: what nobody changes is there, and the sum is that of the counters. Gives how many entries workers have.
pub(super) fn check_tables(domain: &Domain) -> Result<u64> {
    let mut of_workers = 0;
    for (table, (entries, _)) in TABLES.into_iter().enumerate() {
        let Some(atom) = domain.find(&name(table))? else { continue };
        let Value::Map(map) = atom.load()?.value()? else { return Err(Error::value("a table that is no map")) };
        let (mut there, mut sum, mut counted) = (0, 0, 0);
        for entry in map.iter() {
            let (key, value) = entry?;
            match (&key, &value) {
                (Value::Int(SUM), Value::Int(n)) => sum = *n,
                (Value::Int(i), Value::Int(n)) if *i < SUM => counted += n,
                (Value::Int(i), _) if (0..entries).contains(i) => {
                    if value != unchanged(*i) {
                        return Err(Error::value(format!("table {table}: {value:?} under {i}, which nobody changes")));
                    }
                    there += 1;
                }
                _ => of_workers += 1,
            }
        }
        if there != entries || sum != counted {
            return Err(Error::value(format!(
                "table {table}: {there} entries of {entries}; a sum of {sum} where the counters make {counted}"
            )));
        }
    }
    Ok(of_workers)
}
