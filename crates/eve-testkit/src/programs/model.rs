//! The plain model of a value: what the engine's collections are compared with. Shares structure, so that keeping old versions
//! costs little; each collection knows how many values are in it, counted as often as they stand there.

use super::patches::put_scalar;
use crate::rng::Rng;
use eve_core::face::patch;
use eve_core::layout::Element;
use eve_core::typed::ArrayView;
use eve_core::value::{Array, Map, Order, Records, Schema, Set, Value};
use eve_core::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A collection with the number of values in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Sized<T> {
    size: u64,
    /// Of a map or set: the order that it keeps.
    order: Order,
    /// What is in it.
    pub items: T,
}

/// A plain value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Model {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Str(Arc<str>),
    /// A keyword.
    Keyword(Arc<str>),
    /// A map.
    Map(Arc<Sized<BTreeMap<Model, Model>>>),
    /// A set.
    Set(Arc<Sized<BTreeSet<Model>>>),
    /// A vector.
    Vector(Arc<Sized<Vec<Model>>>),
    /// A list, its first element last.
    List(Arc<Sized<Vec<Model>>>),
    /// A typed array: the code of its type, and its numbers.
    Array(Arc<(u8, Vec<i64>)>),
    /// Typed objects of two fields.
    Objects(Arc<Vec<(i32, u8)>>),
    /// A scalar of any other kind, as it stands in a patch.
    Other(Arc<[u8]>),
}

impl Model {
    /// A map of these entries, which keeps this order.
    pub fn map(items: BTreeMap<Model, Model>, order: Order) -> Model {
        let size = 1 + items.iter().map(|(k, v)| k.size() + v.size()).sum::<u64>();
        Model::Map(Arc::new(Sized { size, order, items }))
    }
    /// A set of these elements, which keeps this order.
    pub fn set(items: BTreeSet<Model>, order: Order) -> Model {
        let size = 1 + items.iter().map(Model::size).sum::<u64>();
        Model::Set(Arc::new(Sized { size, order, items }))
    }
    /// A vector of these elements.
    pub fn vector(items: Vec<Model>) -> Model {
        let size = 1 + items.iter().map(Model::size).sum::<u64>();
        Model::Vector(Arc::new(Sized { size, order: Order::Hash, items }))
    }
    /// A list of these elements, the first one last.
    pub fn list(items: Vec<Model>) -> Model {
        let size = 1 + items.iter().map(Model::size).sum::<u64>();
        Model::List(Arc::new(Sized { size, order: Order::Hash, items }))
    }
    /// A string.
    pub fn str(text: &str) -> Model {
        Model::Str(text.into())
    }
    /// The order that a map or set keeps; of others, none.
    pub fn order(&self) -> Order {
        match self {
            Model::Map(m) => m.order,
            Model::Set(s) => s.order,
            _ => Order::Hash,
        }
    }
    /// Some key that this map can have.
    pub fn key_of(&self, rng: &mut Rng) -> Model {
        if self.order() == Order::Integer { Model::integer(rng) } else { Model::key(rng) }
    }
    fn integer(rng: &mut Rng) -> Model {
        match rng.below(8) {
            0 => Model::Int(rng.next() as i64), // mostly too large for a word
            _ => Model::Int(rng.below(200) as i64 - 100),
        }
    }
    /// Values in it, itself included.
    pub fn size(&self) -> u64 {
        match self {
            Model::Map(m) => m.size,
            Model::Set(s) => s.size,
            Model::Vector(v) | Model::List(v) => v.size,
            _ => 1,
        }
    }
    /// What is under a key of a map or at an index of a vector.
    pub fn get(&self, key: &Model) -> Option<&Model> {
        match (self, key) {
            (Model::Map(m), key) => m.items.get(key),
            (Model::Vector(v), Model::Int(i)) => v.items.get(*i as usize),
            _ => None,
        }
    }
    /// What a path leads to.
    pub fn get_in(&self, path: &[Model]) -> Option<&Model> {
        path.iter().try_fold(self, |here, key| here.get(key))
    }
    /// With what `f` makes of the value at the end of a path, which is there.
    pub fn update_in(&self, path: &[Model], f: impl FnOnce(&Model) -> Model) -> Model {
        let Some((key, rest)) = path.split_first() else { return f(self) };
        let below = self.get(key).expect("a path that is there").update_in(rest, f);
        match (self, key) {
            (Model::Map(m), key) => {
                let mut items = m.items.clone();
                items.insert(key.clone(), below);
                Model::map(items, m.order)
            }
            (Model::Vector(v), Model::Int(i)) => {
                let mut items = v.items.clone();
                items[*i as usize] = below;
                Model::vector(items)
            }
            _ => unreachable!("paths lead through maps and vectors"),
        }
    }

    /// The same as a host value of the engine.
    pub fn to_value(&self) -> Value {
        match self {
            Model::Nil => Value::Nil,
            Model::Bool(b) => Value::Bool(*b),
            Model::Int(i) => Value::Int(*i),
            Model::Str(s) => (&**s).into(),
            Model::Keyword(k) => Value::keyword(&**k),
            Model::Map(m) => {
                let map: Map = m.items.iter().map(|(k, v)| (k.to_value(), v.to_value())).collect();
                Value::Map(map.in_order(m.order).expect("the keys are right for the order"))
            }
            Model::Set(s) => {
                let set: Set = s.items.iter().map(Model::to_value).collect();
                Value::Set(set.in_order(s.order).expect("sets have this order"))
            }
            Model::Vector(v) => Value::vector(v.items.iter().map(Model::to_value)),
            Model::List(v) => Value::list(v.items.iter().rev().map(Model::to_value)),
            Model::Array(a) => {
                let element = Element::from_code(a.0.into()).expect("a code of a type");
                Value::Array(Array::of(element, a.1.iter().copied()).expect("numbers of the type"))
            }
            Model::Objects(rows) => Value::Records(objects(rows).expect("objects of a known shape")),
            Model::Other(bytes) => patch::decode(bytes, &()).expect("a scalar"),
        }
    }
    /// The model of a value of the engine, all of it read.
    pub fn of(value: &Value) -> Result<Model> {
        Ok(match value {
            Value::Nil => Model::Nil,
            Value::Bool(b) => Model::Bool(*b),
            Value::Int(i) => Model::Int(*i),
            Value::Str(_) => Model::str(value.as_str().unwrap_or("not UTF-8")),
            Value::Keyword(name) => Model::Keyword(name.to_string_lossy().into()),
            Value::Map(m) => {
                let mut items = BTreeMap::new();
                let mut order = Rising::new(m.order());
                for entry in m.iter() {
                    let (k, v) = entry?;
                    order.next(&k)?;
                    if items.insert(Model::of(&k)?, Model::of(&v)?).is_some() {
                        return Err(Error::value("a key that is there twice"));
                    }
                }
                if items.len() as u64 != m.len()? {
                    return Err(Error::value("a map whose count is wrong"));
                }
                Model::map(items, m.order())
            }
            Value::Set(s) => {
                let mut items = BTreeSet::new();
                let mut order = Rising::new(s.order());
                for element in s.iter() {
                    let element = element?;
                    order.next(&element)?;
                    items.insert(Model::of(&element)?);
                }
                if items.len() as u64 != s.len()? {
                    return Err(Error::value("a set whose count is wrong"));
                }
                Model::set(items, s.order())
            }
            Value::Vector(v) => Model::vector(v.iter().map(|e| Model::of(&e?)).collect::<Result<_>>()?),
            Value::List(l) => {
                let mut items = l.iter().map(|e| Model::of(&e?)).collect::<Result<Vec<_>>>()?;
                items.reverse();
                Model::list(items)
            }
            Value::Array(a) => {
                touch(a.view())?;
                let numbers = (0..a.len()).filter_map(|i| a.get(i)).map(|n| number(&n));
                Model::Array(Arc::new((a.element().code(), numbers.collect::<Result<_>>()?)))
            }
            Value::Records(r) => {
                if let Some(view) = r.view() {
                    (0..view.fields()).try_for_each(|field| touch(Some(view.column(field)?)))?;
                }
                let field = |i, name: &str| number(&r.get(i, name).unwrap_or_default());
                let rows = (0..r.rows()).map(|i| Ok((field(i, "wide")? as i32, field(i, "narrow")? as u8)));
                Model::Objects(Arc::new(rows.collect::<Result<_>>()?))
            }
            other => match other.as_scalar() {
                Some(scalar) => {
                    let mut bytes = Vec::new();
                    put_scalar(&mut bytes, &scalar);
                    Model::Other(bytes.into())
                }
                None => return Err(Error::value(format!("a {} where no program puts one", other.kind()))),
            },
        })
    }

    /// Some leaf.
    pub fn leaf(rng: &mut Rng) -> Model {
        match rng.below(15) {
            12 => {
                let code = rng.below(10) as u8;
                let most = if rng.chance(3) { 6000 } else { 30 };
                let n = rng.below(most);
                Model::Array(Arc::new((code, (0..n).map(|_| rng.below(100) as i64).collect())))
            }
            13 => {
                let n = rng.below(10);
                Model::Objects(Arc::new((0..n).map(|_| (rng.next() as i32, rng.next() as u8)).collect()))
            }
            n => Model::plain_leaf(rng, n),
        }
    }
    /// Some scalar of the usual kinds.
    pub fn plain_leaf(rng: &mut Rng, kind: u64) -> Model {
        match kind {
            0 => Model::Nil,
            1 => Model::Bool(rng.chance(50)),
            2 => Model::Int(rng.next() as i64), // mostly too large for a word
            3 => Model::Keyword(format!("k/{}", rng.below(50)).into()),
            4 => Model::Keyword(format!("a.long.name.space/{}", rng.below(50)).into()),
            5 => Model::str(&"x".repeat(rng.below(13) as usize)),
            6 => Model::str(&"some text ".repeat(1 + rng.below(12) as usize)),
            7 if rng.chance(5) => Model::str(&"long text ".repeat(rng.below(5000) as usize)),
            _ => Model::Int(rng.below(1000) as i64),
        }
    }
    /// Some key.
    pub fn key(rng: &mut Rng) -> Model {
        match rng.below(8) {
            // Of 5 to 9 bytes: those with a hyphen are words.
            0 => Model::str(&format!("key{}{}", if rng.chance(50) { '-' } else { ' ' }, rng.below(40) * 1000)),
            1 => Model::Keyword(format!("key/{}", rng.below(40)).into()),
            2 => Model::vector((0..2 + rng.below(2)).map(|_| Model::Int(rng.below(6) as i64)).collect()),
            3 => Model::Int(rng.below(2000) as i64),
            _ => Model::Int(rng.below(60) as i64),
        }
    }
    /// Some value of about `size` values.
    pub fn random(rng: &mut Rng, size: u64) -> Model {
        if size <= 1 {
            return Model::leaf(rng);
        }
        let n = 1 + rng.below(size.min(40));
        let each = (size / n).min(12);
        match rng.below(10) {
            0..=4 => {
                let order = Model::some_order(rng);
                let key = |rng: &mut Rng| if order == Order::Integer { Model::integer(rng) } else { Model::key(rng) };
                Model::map((0..n).map(|_| (key(rng), Model::random(rng, each))).collect(), order)
            }
            5 => {
                let order = if rng.chance(50) { Order::Sorted } else { Order::Hash };
                Model::set((0..n).map(|_| Model::key(rng)).collect(), order)
            }
            6..=7 => Model::vector((0..n).map(|_| Model::random(rng, each)).collect()),
            8 => Model::list((0..n).map(|_| Model::random(rng, each)).collect()),
            _ => {
                // One that is deep in its trie.
                let n = rng.below(1 + size * 4);
                let order = Model::some_order(rng);
                Model::map((0..n).map(|i| (Model::Int(i as i64), Model::Int(rng.below(9) as i64))).collect(), order)
            }
        }
    }
    fn some_order(rng: &mut Rng) -> Order {
        match rng.below(5) {
            0..=1 => Order::Hash,
            2..=3 => Order::Sorted,
            _ => Order::Integer,
        }
    }
    /// A way down to some collection, perhaps itself.
    pub fn path_to_collection(&self, rng: &mut Rng) -> Vec<Model> {
        self.path(rng, |m| matches!(m, Model::Map(_) | Model::Set(_) | Model::Vector(_) | Model::List(_)))
    }
    /// A way down to some value below.
    pub fn path_to_value(&self, rng: &mut Rng) -> Vec<Model> {
        self.path(rng, |_| true)
    }
    fn path(&self, rng: &mut Rng, accept: impl Fn(&Model) -> bool) -> Vec<Model> {
        let mut path = Vec::new();
        let mut here = self;
        while path.len() < 40 && rng.chance(70) {
            let step = match here {
                Model::Map(m) if !m.items.is_empty() => {
                    let n = rng.below(m.items.len() as u64) as usize;
                    m.items
                        .iter()
                        .skip(n)
                        .chain(m.items.iter().take(n))
                        .find(|e| accept(e.1))
                        .map(|(k, v)| (k.clone(), v))
                }
                Model::Vector(v) if !v.items.is_empty() => {
                    let n = rng.below(v.items.len() as u64) as usize;
                    let order = (n..v.items.len()).chain(0..n);
                    order.map(|i| (Model::Int(i as i64), &v.items[i])).find(|e| accept(e.1))
                }
                _ => None,
            };
            let Some((key, below)) = step else { break };
            path.push(key);
            here = below;
        }
        path
    }
}

fn objects(rows: &[(i32, u8)]) -> Result<Records> {
    let schema = Schema::new([("narrow", Element::Uint8), ("wide", Element::Int32)])?;
    let packed: Vec<u8> = rows.iter().map(|row| row.1).chain(rows.iter().flat_map(|row| row.0.to_le_bytes())).collect();
    Records::from_columns(&schema, false, rows.len() as u64, &packed)
}

fn number(value: &Value) -> Result<i64> {
    let whole = value.as_f64().map(|f| f as i64);
    value.as_i64().or(whole).ok_or_else(|| Error::value("an element that is no number"))
}

/// Writes stored elements over in place, with what they are: nobody notices, unless they are not theirs any more.
fn touch(elements: Option<ArrayView<'_>>) -> Result<()> {
    let Some(elements) = elements else { return Ok(()) };
    for i in (0..elements.len()).step_by(1 + elements.len() as usize / 20) {
        elements.set(i, elements.get(i)?)?;
    }
    Ok(())
}

/// Watches that what has an order comes in it.
struct Rising {
    order: Order,
    last: Option<Value>,
}

impl Rising {
    fn new(order: Order) -> Rising {
        Rising { order, last: None }
    }
    fn next(&mut self, key: &Value) -> Result<()> {
        if self.order == Order::Hash {
            return Ok(());
        }
        match self.last.replace(key.clone()) {
            Some(last) if !last.compare(key)?.is_lt() => {
                Err(Error::value(format!("{key:?} comes behind {last:?}, which is not before it in the order")))
            }
            _ => Ok(()),
        }
    }
}
