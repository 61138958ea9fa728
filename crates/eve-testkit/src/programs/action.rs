//! What a random program does: one action is one swap, the same on a value of the engine and on the model.

use super::model::Model;
use crate::rng::Rng;
use eve_core::value::Value;
use eve_core::{Error, Result};

/// Where a subtree comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// It is made anew.
    Fresh,
    /// From this path of the very value that is changed.
    Here(Vec<Model>),
    /// From outside: an old snapshot, another atom, another domain.
    Outside,
}

/// One change at the end of a path.
#[derive(Clone, Debug)]
pub enum Change {
    /// Under a key of a map, or at an index of a vector.
    Put(Model, Source),
    /// At the end of a vector, in front of a list, into a set.
    Conj(Source),
    /// A key of a map, or an element of a set, goes.
    Remove(Model),
    /// The last element of a vector, the first of a list.
    Pop,
    /// All of it is replaced.
    Replace(Source),
    /// Taken away here and put under a key of a map elsewhere.
    Move(Model, Vec<Model>, Model),
}

/// A change, and where.
#[derive(Clone, Debug)]
pub struct Action {
    /// The way to what is changed.
    pub path: Vec<Model>,
    /// The change.
    pub change: Change,
    /// The subtree of a source that is fresh or outside, as a model.
    pub subtree: Model,
}

/// No place grows larger than about this many values.
pub const LIMIT: u64 = 3000;

impl Action {
    /// Some change of this value, which is a map. `outside` are subtrees that may be put in.
    pub fn random(rng: &mut Rng, root: &Model, outside: Option<Model>) -> Action {
        let path = if root.size() > LIMIT { Vec::new() } else { root.path_to_collection(rng) };
        let here = root.get_in(&path).expect("the path is there").clone();
        let room = LIMIT.saturating_sub(root.size());
        let size = 1 + rng.below(30);
        let (source, subtree) = match rng.below(10) {
            0..=3 => {
                let from = root.path_to_value(rng);
                let subtree = root.get_in(&from).expect("the path is there").clone();
                (Source::Here(from), subtree)
            }
            4..=6 => match outside {
                Some(subtree) => (Source::Outside, subtree),
                None => (Source::Fresh, Model::random(rng, size)),
            },
            _ => (Source::Fresh, Model::random(rng, size)),
        };
        let (source, subtree) = if subtree.size() > room || path.len() > 30 {
            (Source::Fresh, Model::leaf(rng))
        } else {
            (source, subtree)
        };
        let shrink = root.size() > LIMIT / 2 && rng.chance(50);
        let change = match &here {
            Model::Map(m) => {
                let some_key = |rng: &mut Rng| {
                    let n = rng.below(m.items.len().max(1) as u64) as usize;
                    m.items.keys().nth(n).cloned().unwrap_or(Model::Nil)
                };
                match rng.below(10) {
                    _ if shrink => Change::Remove(some_key(rng)),
                    0..=1 => Change::Remove(some_key(rng)),
                    2 if !m.items.is_empty() => {
                        // Not into itself: the target is the root or a map beside.
                        let key = some_key(rng);
                        let to = root.path_to_collection(rng);
                        let inside = to.starts_with(&path) && to.get(path.len()) == Some(&key);
                        let is_map = matches!(root.get_in(&to), Some(Model::Map(_)));
                        let to = if inside || !is_map { Vec::new() } else { to };
                        if to.is_empty() && path.is_empty() {
                            Change::Remove(key)
                        } else {
                            let new = root.get_in(&to).map_or(Model::Nil, |target| target.key_of(rng));
                            Change::Move(key, to, new)
                        }
                    }
                    3..=4 if !m.items.is_empty() => Change::Put(some_key(rng), source),
                    _ => Change::Put(here.key_of(rng), source),
                }
            }
            Model::Vector(v) => match rng.below(6) {
                0..=1 if !v.items.is_empty() => Change::Pop,
                2..=3 if !v.items.is_empty() => Change::Put(Model::Int(rng.below(v.items.len() as u64) as i64), source),
                4 if !path.is_empty() => Change::Replace(source),
                _ => Change::Conj(source),
            },
            Model::List(v) => match rng.below(5) {
                0..=1 if !v.items.is_empty() => Change::Pop,
                2 => Change::Replace(source),
                _ => Change::Conj(source),
            },
            Model::Set(s) => match rng.below(4) {
                0 if !s.items.is_empty() => {
                    let n = rng.below(s.items.len() as u64) as usize;
                    Change::Remove(s.items.iter().nth(n).cloned().unwrap_or(Model::Nil))
                }
                _ => return Action { path, change: Change::Conj(Source::Fresh), subtree: Model::key(rng) },
            },
            _ => unreachable!("the path leads to a collection"),
        };
        Action { path, change, subtree }
    }

    /// On the model.
    pub fn on_model(&self, root: &Model) -> Model {
        if let Change::Move(key, to, new) = &self.change {
            let moved = root.get_in(&self.path).and_then(|m| m.get(key)).expect("the key is there").clone();
            let without = root.update_in(&self.path, |m| remove(m, key));
            return without.update_in(to, |m| put(m, new, moved));
        }
        root.update_in(&self.path, |here| match &self.change {
            Change::Put(key, _) => put(here, key, self.subtree.clone()),
            Change::Remove(key) => remove(here, key),
            Change::Replace(_) => self.subtree.clone(),
            Change::Pop => match here {
                Model::Vector(v) => Model::vector(v.items[..v.items.len() - 1].to_vec()),
                Model::List(v) => Model::list(v.items[..v.items.len() - 1].to_vec()),
                _ => unreachable!("only these are popped"),
            },
            Change::Conj(_) => {
                let one_more = |items: &Vec<Model>| items.iter().cloned().chain([self.subtree.clone()]).collect();
                match here {
                    Model::Vector(v) => Model::vector(one_more(&v.items)),
                    Model::List(v) => Model::list(one_more(&v.items)),
                    Model::Set(s) => {
                        Model::set(s.items.iter().cloned().chain([self.subtree.clone()]).collect(), here.order())
                    }
                    _ => unreachable!("only these take an element"),
                }
            }
            Change::Move(..) => unreachable!("done above"),
        })
    }

    /// On a value of the engine. `outside` is the subtree of a source outside.
    pub fn on_value(&self, root: Value, outside: Option<&Value>) -> Result<Value> {
        let subtree = |source: &Source| -> Result<Value> {
            match source {
                Source::Fresh => Ok(self.subtree.to_value()),
                Source::Here(from) => root.get_in(values(from))?.ok_or_else(|| Error::value("a path that is gone")),
                Source::Outside => outside.cloned().ok_or_else(|| Error::value("nothing outside")),
            }
        };
        let here = root.get_in(values(&self.path))?.ok_or_else(|| Error::value("a path that is gone"))?;
        let changed = match &self.change {
            Change::Put(key, source) => here.assoc(key.to_value(), subtree(source)?)?,
            Change::Conj(source) => here.conj(subtree(source)?)?,
            Change::Remove(key) => match here {
                Value::Set(_) => here.disj(key.to_value())?,
                _ => here.dissoc(key.to_value())?,
            },
            Change::Pop => here.pop()?,
            Change::Replace(source) => subtree(source)?,
            Change::Move(key, to, new) => {
                let moved = here.get(key.to_value())?.ok_or_else(|| Error::value("a key that is gone"))?;
                let without =
                    root.update_in(values(&self.path), |_| here.dissoc(key.to_value()).unwrap_or_default())?;
                let target = without.get_in(values(to))?.ok_or_else(|| Error::value("a path that is gone"))?;
                return without.assoc_in(values(to), target.assoc(new.to_value(), moved)?);
            }
        };
        root.assoc_in(values(&self.path), changed)
    }
}

fn values(path: &[Model]) -> impl Iterator<Item = Value> {
    path.iter().map(Model::to_value)
}

fn put(here: &Model, key: &Model, value: Model) -> Model {
    match (here, key) {
        (Model::Map(m), key) => {
            let mut items = m.items.clone();
            items.insert(key.clone(), value);
            Model::map(items, here.order())
        }
        (Model::Vector(v), Model::Int(i)) => {
            let mut items = v.items.clone();
            items[*i as usize] = value;
            Model::vector(items)
        }
        _ => unreachable!("only these have keys"),
    }
}

fn remove(here: &Model, key: &Model) -> Model {
    match here {
        Model::Map(m) => {
            let mut items = m.items.clone();
            items.remove(key);
            Model::map(items, here.order())
        }
        Model::Set(s) => Model::set(s.items.iter().filter(|e| *e != key).cloned().collect(), here.order()),
        _ => unreachable!("only these have keys"),
    }
}
