//! Reading and changing something deep inside a value, by the keys that lead to it.

use super::host::Value;
use crate::deep::deep;
use crate::error::{Error, Result};

/// The way so far as EDN, for messages; empty for the value itself.
fn way(path: &[Value]) -> String {
    if path.is_empty() { String::new() } else { format!("{:?}", Value::vector(path)) }
}

/// An error of a single step, with the way to it.
fn at(path: &[Value], error: Error) -> Error {
    match error {
        Error::Value { path: inner, reason } if inner.is_empty() => Error::Value { path: way(path), reason },
        other => other,
    }
}

fn collect<K: Into<Value>>(path: impl IntoIterator<Item = K>) -> Vec<Value> {
    path.into_iter().map(Into::into).collect()
}

impl Value {
    /// What a path of keys leads to; `None` if some key is missing. A path into something that has no keys is an error.
    pub fn get_in<K: Into<Value>>(&self, path: impl IntoIterator<Item = K>) -> Result<Option<Value>> {
        let path = collect(path);
        let mut here = self.clone();
        for (i, key) in path.iter().enumerate() {
            match here {
                Value::Nil => return Ok(None),
                Value::Map(_) | Value::Vector(_) | Value::Set(_) | Value::Array(_) | Value::Records(_) => {
                    match here.get(key)? {
                        Some(value) => here = value,
                        None => return Ok(None),
                    }
                }
                other => {
                    return Err(Error::Value {
                        path: way(&path[..i]),
                        reason: format!("{} has no keys", other.kind()),
                    });
                }
            }
        }
        Ok(Some(here))
    }
    /// With `value` at the end of a path. Maps are made where there is nothing.
    pub fn assoc_in<K: Into<Value>>(self, path: impl IntoIterator<Item = K>, value: impl Into<Value>) -> Result<Value> {
        self.update_in(path, |_| value)
    }
    /// With what `f` makes of what a path leads to. Maps are made where there is nothing.
    pub fn update_in<K: Into<Value>, V: Into<Value>>(
        self,
        path: impl IntoIterator<Item = K>,
        f: impl FnOnce(Option<Value>) -> V,
    ) -> Result<Value> {
        let path = collect(path);
        change(Some(self), &path, 0, |old| Ok(f(old).into()))
    }
    /// The same with a function that may fail; its error names the path.
    pub fn try_update_in<K: Into<Value>>(
        self,
        path: impl IntoIterator<Item = K>,
        f: impl FnOnce(Option<Value>) -> Result<Value>,
    ) -> Result<Value> {
        self.update_at(&collect(path), f)
    }
    /// The same with a path that is kept: nothing is allocated for it.
    pub fn update_at(self, path: &[Value], f: impl FnOnce(Option<Value>) -> Result<Value>) -> Result<Value> {
        change(Some(self), path, 0, |old| f(old).map_err(|error| at(path, error)))
    }
    /// Without the last key of a path in the map that the rest of the path leads to. Nothing is made where there is nothing.
    pub fn dissoc_in<K: Into<Value>>(self, path: impl IntoIterator<Item = K>) -> Result<Value> {
        let path = collect(path);
        let Some((last, way_to)) = path.split_last() else { return Ok(self) };
        match self.get_in(way_to)? {
            None | Some(Value::Nil) => Ok(self),
            Some(_) => change(Some(self), way_to, 0, |old| {
                old.unwrap_or_default().dissoc(last).map_err(|error| at(way_to, error))
            }),
        }
    }
}

fn change(
    here: Option<Value>,
    path: &[Value],
    depth: usize,
    f: impl FnOnce(Option<Value>) -> Result<Value>,
) -> Result<Value> {
    let Some(key) = path.get(depth) else { return f(here) };
    let mut here = here.unwrap_or_default();
    // Typed arrays and objects say themselves why not.
    if !matches!(here, Value::Nil | Value::Map(_) | Value::Vector(_) | Value::Array(_) | Value::Records(_)) {
        let reason = format!("{} has no keys to put something under", here.kind());
        return Err(Error::Value { path: way(&path[..depth]), reason });
    }
    let old = here.take(key)?;
    let new = deep(|| change(old, path, depth + 1, f))?;
    here.assoc(key, new).map_err(|error| at(&path[..depth], error))
}
