//! The model that domains are compared with: nothing but vectors, searched from the front.

use super::Cells;
use eve::{Map, Order, Result, Set, Value, View};
use eve_core::deep;
use std::rc::Rc;

/// A value.
#[derive(Clone, Debug)]
pub enum Plain {
    /// Anything that is no collection.
    Scalar(Value),
    /// A typed array or objects.
    Cells(Rc<Cells>),
    /// Keys are unique.
    Map(Order, Vec<(Plain, Plain)>),
    /// Elements are unique.
    Set(Order, Vec<Plain>),
    /// In order.
    Vector(Vec<Plain>),
    /// In order.
    List(Vec<Plain>),
}

impl PartialEq for Plain {
    fn eq(&self, other: &Plain) -> bool {
        match (self, other) {
            (Plain::Scalar(a), Plain::Scalar(b)) => a == b,
            (Plain::Cells(a), Plain::Cells(b)) => a.form == b.form && a.columns == b.columns,
            (Plain::Map(_, a), Plain::Map(_, b)) => {
                a.len() == b.len() && a.iter().all(|(k, v)| b.iter().any(|(l, w)| k == l && v == w))
            }
            (Plain::Set(_, a), Plain::Set(_, b)) => a.len() == b.len() && a.iter().all(|x| b.contains(x)),
            (Plain::Vector(a) | Plain::List(a), Plain::Vector(b) | Plain::List(b)) => a == b,
            _ => false,
        }
    }
}

impl Plain {
    /// As a host value that has nothing of any domain in it.
    pub fn to_value(&self) -> Value {
        deep(|| match self {
            Plain::Scalar(value) => value.clone(),
            Plain::Cells(cells) => cells.to_value(),
            Plain::Map(order, all) => {
                let map: Map = all.iter().map(|(k, v)| (k.to_value(), v.to_value())).collect();
                Value::Map(map.in_order(*order).expect("keys that the order has a place for"))
            }
            Plain::Set(order, all) => {
                let set: Set = all.iter().map(Plain::to_value).collect();
                Value::Set(set.in_order(*order).expect("elements that the order has a place for"))
            }
            Plain::Vector(all) => Value::vector(all.iter().map(Plain::to_value)),
            Plain::List(all) => Value::list(all.iter().map(Plain::to_value)),
        })
    }
    /// How many values it is made of.
    pub fn size(&self) -> usize {
        1 + match self {
            Plain::Scalar(_) => 0,
            Plain::Cells(cells) => cells.columns.borrow().iter().map(|c| c.1.len()).sum(),
            Plain::Map(_, all) => all.iter().map(|(k, v)| k.size() + v.size()).sum(),
            Plain::Set(_, all) | Plain::Vector(all) | Plain::List(all) => all.iter().map(Plain::size).sum(),
        }
    }
    /// Can it be a key or an element of a set? What changes in place cannot.
    pub fn is_key(&self) -> bool {
        let mut cells = Vec::new();
        super::cells::all(self, &mut cells);
        cells.is_empty()
    }
    /// Is it an integer, as the keys of integer maps are?
    pub fn is_integer(&self) -> bool {
        matches!(self, Plain::Scalar(Value::Int(_)))
    }
    /// Panics unless a stored value is this one, by looking up, by going through, and by comparing.
    pub fn check(&self, view: View<'_>) -> Result<()> {
        match self {
            Plain::Scalar(value) => {
                let found = view.scalar()?.map(Value::from);
                assert_eq!(found.as_ref(), Some(value));
            }
            Plain::Cells(cells) => cells.check(view)?,
            Plain::Map(order, all) => {
                assert_eq!(view.order()?, *order);
                assert_eq!(view.len()?, all.len() as u64);
                for (key, value) in all {
                    let key = key.to_value();
                    let found = view.get(&key)?;
                    value.check(found.unwrap_or_else(|| panic!("the key {key} is missing")))?;
                }
                assert_eq!(view.entries()?.count(), all.len());
                if *order != Order::Hash {
                    in_order(view, all.iter().map(|(key, _)| key))?;
                }
            }
            Plain::Set(order, all) => {
                assert_eq!(view.order()?, *order);
                assert_eq!(view.len()?, all.len() as u64);
                for element in all {
                    assert!(view.contains(&element.to_value())?, "{element:?} is missing");
                }
                assert_eq!(view.elements()?.count(), all.len());
                if *order != Order::Hash {
                    in_order(view, all.iter())?;
                }
            }
            Plain::Vector(all) | Plain::List(all) => {
                assert_eq!(view.len()?, all.len() as u64);
                let mut elements = view.elements()?;
                for (i, element) in all.iter().enumerate() {
                    let found = elements.next().unwrap_or_else(|| panic!("it ends before {i}"))?;
                    element.check(found)?;
                    if matches!(self, Plain::Vector(_)) {
                        element.check(view.nth(i as u64)?.unwrap_or_else(|| panic!("nothing at {i}")))?;
                    }
                }
                assert!(elements.next().is_none());
            }
        }
        Ok(())
    }
}

/// Panics unless a sorted map or set has its keys in order: by going through it both ways, by their places, and from the middle.
fn in_order<'p>(view: View<'_>, keys: impl Iterator<Item = &'p Plain>) -> Result<()> {
    let mut keys: Vec<(Value, &Plain)> = keys.map(|key| (key.to_value(), key)).collect();
    keys.sort_by(|a, b| a.0.compare(&b.0).expect("host values"));
    let is_set = view.entries().is_err();
    let through = |from: usize, to: usize, down: bool| -> Result<()> {
        let (mut n, range) = (0, from as u64..to as u64);
        let mut meet = |key: View<'_>| -> Result<()> {
            let i = if down { to - 1 - n } else { from + n };
            n += 1;
            keys[i].1.check(key)
        };
        if is_set {
            view.elements_between(range.start, range.end, down)?.try_for_each(|key| meet(key?))?;
        } else {
            view.entries_between(range.start, range.end, down)?.try_for_each(|entry| meet(entry?.0))?;
        }
        assert_eq!(n, to - from);
        Ok(())
    };
    let (n, half) = (keys.len(), keys.len() / 2);
    for (from, to) in [(0, n), (half, n), (half / 2, half)] {
        through(from, to, false)?;
        through(from, to, true)?;
    }
    for (i, (key, _)) in (0..).zip(&keys) {
        assert_eq!(view.rank(key)?, (i, true), "the place of {key}");
    }
    Ok(())
}
