//! The model that domains are compared with: nothing but vectors, searched from the front.

use eve::{Result, Value, View};
use eve_core::deep;

/// A value.
#[derive(Clone, Debug)]
pub enum Plain {
    /// Anything that is no collection.
    Scalar(Value),
    /// Keys are unique.
    Map(Vec<(Plain, Plain)>),
    /// Elements are unique.
    Set(Vec<Plain>),
    /// In order.
    Vector(Vec<Plain>),
    /// In order.
    List(Vec<Plain>),
}

impl PartialEq for Plain {
    fn eq(&self, other: &Plain) -> bool {
        match (self, other) {
            (Plain::Scalar(a), Plain::Scalar(b)) => a == b,
            (Plain::Map(a), Plain::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(k, v)| b.iter().any(|(l, w)| k == l && v == w))
            }
            (Plain::Set(a), Plain::Set(b)) => a.len() == b.len() && a.iter().all(|x| b.contains(x)),
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
            Plain::Map(all) => Value::map(all.iter().map(|(k, v)| (k.to_value(), v.to_value()))),
            Plain::Set(all) => Value::set(all.iter().map(Plain::to_value)),
            Plain::Vector(all) => Value::vector(all.iter().map(Plain::to_value)),
            Plain::List(all) => Value::list(all.iter().map(Plain::to_value)),
        })
    }
    /// How many values it is made of.
    pub fn size(&self) -> usize {
        1 + match self {
            Plain::Scalar(_) => 0,
            Plain::Map(all) => all.iter().map(|(k, v)| k.size() + v.size()).sum(),
            Plain::Set(all) | Plain::Vector(all) | Plain::List(all) => all.iter().map(Plain::size).sum(),
        }
    }
    /// Panics unless a stored value is this one, by looking up, by going through, and by comparing.
    pub fn check(&self, view: View<'_>) -> Result<()> {
        match self {
            Plain::Scalar(value) => {
                let found = view.scalar()?.map(Value::from);
                assert_eq!(found.as_ref(), Some(value));
            }
            Plain::Map(all) => {
                assert_eq!(view.len()?, all.len() as u64);
                for (key, value) in all {
                    let key = key.to_value();
                    let found = view.get(&key)?;
                    value.check(found.unwrap_or_else(|| panic!("the key {key} is missing")))?;
                }
                assert_eq!(view.entries()?.count(), all.len());
            }
            Plain::Set(all) => {
                assert_eq!(view.len()?, all.len() as u64);
                for element in all {
                    assert!(view.contains(&element.to_value())?, "{element:?} is missing");
                }
                assert_eq!(view.elements()?.count(), all.len());
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
