//! One worker: what it does next is decided by its seed and its model alone, so that a worker whose process was killed can be
//! run again without the engine, up to the step that it got to.

use super::action::Action;
use super::model::Model;
use super::patches::Patches;
use crate::rng::Rng;
use eve_core::value::{Order, Value};
use eve_core::{Atom, Domain, Error, Result, Snapshot};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The atom that all workers swap.
pub const SHARED: &str = "shared";
/// An atom of counters whose sum is kept beside them.
pub const HOT: &str = "hot";

/// What a worker changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Its own atom.
    Own,
    /// Its key in the shared atom.
    Shared,
}

/// The key under which a place notes the last step that changed it.
fn step_key() -> Model {
    Model::Keyword("the.last/step".into())
}

/// A version that is held, with the model of it.
struct Held {
    place: Place,
    model: Model,
    snapshot: Option<Snapshot>,
}

/// The engine's side of a worker.
struct Engine {
    own: Atom,
    shared: Atom,
    hot: Atom,
    /// A domain apart, to copy from.
    apart: Option<(Snapshot, Model)>,
}

/// A random program under way.
pub struct Worker {
    id: u64,
    rng: Rng,
    step: u64,
    models: [Model; 2],
    held: Vec<Held>,
    patches: Patches,
    engine: Option<Engine>,
    /// Hold many snapshots, not few.
    many: bool,
}

impl Worker {
    /// Worker `id`, without an engine: what it would do.
    pub fn replay(id: u64, seed: u64) -> Worker {
        let mut rng = Rng::new(seed ^ id.wrapping_mul(0x1234_5678_9ABC_DEF1));
        let many = rng.chance(30);
        let empty = Model::map(BTreeMap::from([(step_key(), Model::Int(0))]), Order::Hash);
        let patches = Patches::replay(id);
        Worker { id, rng, step: 0, models: [empty.clone(), empty], held: Vec::new(), patches, engine: None, many }
    }
    /// Worker `id`, in this domain.
    pub fn new(domain: &Domain, id: u64, seed: u64) -> Result<Worker> {
        let mut worker = Worker::replay(id, seed);
        let start = worker.models[0].to_value();
        let own = domain.atom(&own_name(id), || Ok(start.clone()))?;
        let shared = domain.atom(SHARED, || Ok(Value::empty_map()))?;
        let hot = domain.atom(HOT, || Ok(Value::map([("sum", 0)])))?;
        shared.update::<Error>(|v| v.assoc(id as i64, start.clone()))?;
        worker.patches.start(domain)?;
        worker.engine = Some(Engine { own, shared, hot, apart: None });
        Ok(worker)
    }
    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.step
    }
    /// Its number.
    pub fn id(&self) -> u64 {
        self.id
    }
    /// What its places would be after one more step: its own atom, its key in the shared one, and its entries in a large map.
    pub(super) fn clone_model_after_step(&self) -> Result<Vec<Model>> {
        let held = self.held.iter().map(|h| Held { place: h.place, model: h.model.clone(), snapshot: None }).collect();
        let mut next = Worker {
            id: self.id,
            rng: self.rng.clone(),
            step: self.step,
            models: self.models.clone(),
            held,
            patches: self.patches.to_replay(),
            engine: None,
            many: self.many,
        };
        next.step()?;
        let entries = next.patches.model().clone();
        Ok(next.models.into_iter().chain([entries]).collect())
    }
    /// The value that a place should have now.
    pub fn model(&self, place: Place) -> &Model {
        &self.models[place as usize]
    }
    /// The entries that it should have in a large map now.
    pub(super) fn entries(&self) -> &Model {
        self.patches.model()
    }
    /// Lets go of all snapshots.
    pub fn let_go(&mut self) {
        self.patches.let_go();
        for held in &mut self.held {
            held.snapshot = None;
        }
    }

    /// One more step. An error tells what is not as the model says, with the seed to repeat it.
    pub fn step(&mut self) -> Result<()> {
        self.step += 1;
        if self.rng.chance(30) {
            return self.patches.step(&mut self.rng, self.step).map_err(|e| self.error(&e.to_string()));
        }
        let place = if self.rng.chance(50) { Place::Own } else { Place::Shared };
        let model = self.models[place as usize].clone();
        // What may be put in from outside: an old version, the other place.
        let old =
            (!self.held.is_empty() && self.rng.chance(60)).then(|| self.rng.below(self.held.len() as u64) as usize);
        let (from, other) = match old {
            Some(i) => (self.held[i].model.clone(), self.held[i].place),
            None => {
                let other = if place == Place::Own { Place::Shared } else { Place::Own };
                (self.models[other as usize].clone(), other)
            }
        };
        let path = from.path_to_value(&mut self.rng);
        let outside = from.get_in(&path).cloned();
        let mut action = Action::random(&mut self.rng, &model, outside);
        let whole = self.rng.chance(4) && from.size() < super::LIMIT;
        if whole {
            // All of an old version is put back.
            let change = super::Change::Replace(super::Source::Outside);
            action = Action { path: Vec::new(), change, subtree: from.clone() };
        }
        let path = if whole { Vec::new() } else { path };
        let step = Model::Int(self.step as i64);
        let fails = self.rng.chance(3);
        let panics = self.rng.chance(2);
        let after = note_step(&action.on_model(&model), &step);
        self.on_engine(place, &action, old, other, &path, (fails, panics))
            .map_err(|e| self.error(&format!("{e}; action {action:?}")))?;
        if !fails && !panics {
            self.models[place as usize] = after;
        }
        self.hold(place)?;
        if self.engine.is_some() && self.rng.clone().chance(3) {
            self.check()?;
        }
        Ok(())
    }

    fn error(&self, what: &str) -> Error {
        Error::value(format!("worker {} at step {}: {what}", self.id, self.step))
    }

    fn on_engine(
        &self,
        place: Place,
        action: &Action,
        old: Option<usize>,
        other: Place,
        path: &[Model],
        (fails, panics): (bool, bool),
    ) -> Result<()> {
        let Some(engine) = &self.engine else { return Ok(()) };
        let id = self.id as i64;
        let inside = |place: Place, snapshot: &Snapshot| -> Result<Value> {
            let value = snapshot.value()?;
            let value = if place == Place::Shared { value.get(id)?.unwrap_or_default() } else { value };
            value.get_in(path.iter().map(Model::to_value)).map(Option::unwrap_or_default)
        };
        let outside = match old.and_then(|i| self.held[i].snapshot.as_ref()) {
            Some(snapshot) => inside(other, snapshot)?,
            // Let go already: what it held is made anew.
            None if old.is_some() => action.subtree.to_value(),
            None => inside(other, &engine.atom(other).load()?)?,
        };
        let step = Value::Int(self.step as i64);
        let run = |root: Value| -> Result<Value> {
            let mine = if place == Place::Shared { root.get(id)?.unwrap_or_default() } else { root.clone() };
            let changed = action.on_value(mine, Some(&outside))?.assoc(step_key().to_value(), step.clone())?;
            if fails {
                return Err(Error::Aborted("on purpose".into()));
            }
            if panics {
                resume_unwind(Box::new("on purpose")); // without a message
            }
            if place == Place::Shared { root.assoc(id, changed) } else { Ok(changed) }
        };
        let done = catch_unwind(AssertUnwindSafe(|| engine.atom(place).update::<Error>(run)));
        match done {
            Ok(Ok(())) if !fails && !panics => {}
            Ok(Err(Error::Aborted(_))) if fails => {}
            Err(_) if panics && !fails => {}
            Ok(Err(e)) => return Err(e),
            Ok(Ok(())) => return Err(Error::value("a swap whose function failed was done")),
            Err(panic) => resume_unwind(panic),
        }
        if self.step.is_multiple_of(5) {
            engine.count(self.id)?;
        }
        Ok(())
    }

    /// Holds this version, looks at one that is held, lets one go.
    fn hold(&mut self, place: Place) -> Result<()> {
        if self.rng.chance(20) {
            let model = self.models[place as usize].clone();
            let snapshot = self.engine.as_ref().map(|e| e.atom(place).load()).transpose()?;
            self.held.push(Held { place, model, snapshot });
        }
        let most = if self.many { 70 } else { 8 };
        if self.held.len() > most || !self.held.is_empty() && self.rng.chance(15) {
            let i = self.rng.below(self.held.len() as u64) as usize;
            let held = self.held.swap_remove(i);
            self.check_held(&held)?;
        }
        if self.rng.chance(1) {
            self.held.clear();
        }
        Ok(())
    }

    fn check_held(&self, held: &Held) -> Result<()> {
        let Some(snapshot) = &held.snapshot else { return Ok(()) };
        let found = self.read(held.place, snapshot)?;
        if found != held.model {
            return Err(self.error(&format!("a snapshot changed: {:?}: {}", held.place, differ(&held.model, &found))));
        }
        Ok(())
    }

    fn read(&self, place: Place, snapshot: &Snapshot) -> Result<Model> {
        let value = snapshot.value()?;
        let value = if place == Place::Shared { value.get(self.id as i64)?.unwrap_or_default() } else { value };
        Model::of(&value)
    }

    /// Compares the values of both places, and what is held, with the model.
    pub fn check(&self) -> Result<()> {
        let Some(engine) = &self.engine else { return Ok(()) };
        for place in [Place::Own, Place::Shared] {
            let found = self.read(place, &engine.atom(place).load()?)?;
            if found != self.models[place as usize] {
                let what = differ(&self.models[place as usize], &found);
                return Err(self.error(&format!("{place:?} is not as it must be: {what}")));
            }
        }
        self.held.iter().try_for_each(|held| self.check_held(held))?;
        self.patches.check().and_then(|()| engine.check_counts()).map_err(|e| self.error(&e.to_string()))
    }

    /// Copies from a domain of its own, and back again, outside of the model.
    pub fn visit_another_domain(&mut self) -> Result<()> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let apart = eve_core::OpenOptions::new().reserve(1 << 26).anonymous()?;
        let there = apart.atom("copy", || Ok(Value::Nil))?;
        let here = engine.own.load()?;
        there.reset(&here.value()?)?;
        let copy = there.load()?;
        let model = self.models[Place::Own as usize].clone();
        if Model::of(&copy.value()?)? != model {
            return Err(Error::value("a copy in another domain differs"));
        }
        let report = apart.verify(|_, _| {})?;
        if !report.is_ok() {
            return Err(Error::value(format!("the other domain: {report}")));
        }
        // Back again: equal, though nothing is shared.
        engine.own.reset(&copy.value()?)?;
        engine.apart = Some((copy, model));
        self.check()
    }
}

impl Engine {
    fn atom(&self, place: Place) -> &Atom {
        match place {
            Place::Own => &self.own,
            Place::Shared => &self.shared,
        }
    }
    /// Counts one step in the atom of counters: two places in one swap.
    fn count(&self, id: u64) -> Result<()> {
        let up = |old: Option<Value>| Value::Int(old.and_then(|v| v.as_i64()).unwrap_or(0) + 1);
        self.hot.update::<Error>(|v| v.update(id as i64, up)?.update("sum", up))
    }
    fn check_counts(&self) -> Result<()> {
        let snapshot = self.hot.load()?;
        let Value::Map(counts) = snapshot.value()? else { return Err(Error::value("the counters are no map")) };
        let (mut sum, mut all) = (0, 0);
        for entry in counts.iter() {
            let (key, value) = entry?;
            let n = value.as_i64().ok_or_else(|| Error::value("a counter that is no number"))?;
            *if key == Value::from("sum") { &mut sum } else { &mut all } += n;
        }
        if sum == all { Ok(()) } else { Err(Error::value(format!("a sum of {sum} where the counters make {all}"))) }
    }
}

/// The name of a worker's own atom.
pub(crate) fn own_name(id: u64) -> String {
    format!("own {id}")
}

fn note_step(root: &Model, step: &Model) -> Model {
    match root {
        Model::Map(m) => {
            let mut items = m.items.clone();
            items.insert(step_key(), step.clone());
            Model::map(items, root.order())
        }
        _ => unreachable!("a place holds a map"),
    }
}

/// The first way on which two values differ.
pub(crate) fn differ(expected: &Model, found: &Model) -> String {
    let short =
        |m: Option<&Model>| m.map_or("nothing".into(), |m| format!("{m:?}").chars().take(200).collect::<String>());
    match (expected, found) {
        (Model::Map(a), Model::Map(b)) => {
            for (key, value) in &a.items {
                match b.items.get(key) {
                    Some(other) if other == value => {}
                    Some(other) => return format!("{} > {}", short(Some(key)), differ(value, other)),
                    None => return format!("{} is missing", short(Some(key))),
                }
            }
            let more = b.items.keys().find(|k| !a.items.contains_key(k));
            format!("{} is there and should not be", short(more))
        }
        (Model::Vector(a), Model::Vector(b)) | (Model::List(a), Model::List(b)) if a.items.len() == b.items.len() => {
            match a.items.iter().zip(&b.items).position(|(x, y)| x != y) {
                Some(i) => format!("[{i}] > {}", differ(&a.items[i], &b.items[i])),
                None => "no difference".into(),
            }
        }
        _ => format!("{} instead of {}", short(Some(found)), short(Some(expected))),
    }
}

/// The last step that a value of a place tells of.
pub(crate) fn last_step(model: &Model) -> Option<i64> {
    match model.get(&step_key()) {
        Some(Model::Int(i)) => Some(*i),
        _ => None,
    }
}
