//! The engine, over a file: an atom that holds one map. A swap is `update` with a function that gives one key another value,
//! as a user writes it; a build is a reset to a host map; reads borrow from a snapshot.

use super::{Subject, disk_bytes, missing};
use crate::Result;
use crate::keys::Key;
use eve_core::value::{Map, Value};
use eve_core::view::Key as Probe;
use eve_core::{Atom, Domain, Error, Snapshot};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A key as the engine takes it.
pub trait EveKey: Key {
    /// To store.
    fn value(&self) -> Value;
    /// To look up.
    fn probe(&self) -> Probe<'_>;
}

impl EveKey for i64 {
    fn value(&self) -> Value {
        Value::Int(*self)
    }
    fn probe(&self) -> Probe<'_> {
        Probe::from(*self)
    }
}

impl EveKey for Arc<str> {
    fn value(&self) -> Value {
        Value::from(&**self)
    }
    fn probe(&self) -> Probe<'_> {
        Probe::from(&**self)
    }
}

/// One atom in one file.
pub struct Eve {
    path: PathBuf,
    atom: Option<Atom>,
    snapshot: Option<Snapshot>,
    bytes: Option<u64>,
}

impl Eve {
    /// Without a file so far.
    pub fn new(dir: &Path) -> Eve {
        Eve { path: dir.join("eve.db"), atom: None, snapshot: None, bytes: None }
    }
}

/// The function of a swap.
#[inline]
pub fn assoc(map: Value, key: Value, value: i64) -> std::result::Result<Value, Error> {
    match map {
        Value::Map(map) => Ok(Value::Map(map.assoc(key, value))),
        other => Err(Error::value(format!("the atom holds {}, not a map", other.kind()))),
    }
}

impl<K: EveKey> Subject<K> for Eve {
    fn name(&self) -> &'static str {
        "eve"
    }
    fn build(&mut self, keys: &[K]) -> Result<()> {
        (self.atom, self.snapshot) = (None, None);
        let _ = std::fs::remove_file(&self.path); // the one of the build before
        let domain = Domain::open(&self.path)?;
        let before = disk_bytes(&self.path)?;
        let atom = domain.atom("bench", || Ok(Value::empty_map()))?;
        let map: Map = keys.iter().zip(0i64..).map(|(key, i)| (key.value(), Value::Int(i))).collect();
        atom.reset(&Value::Map(map))?;
        self.bytes = Some(disk_bytes(&self.path)? - before);
        self.atom = Some(atom);
        Ok(())
    }
    #[inline]
    fn swap(&mut self, key: &K, value: i64) -> Result<()> {
        let atom = self.atom.as_ref().ok_or_else(|| missing("map"))?;
        Ok(atom.update(|map| assoc(map, key.value(), value))?)
    }
    fn pin(&mut self) -> Result<()> {
        self.snapshot = Some(self.atom.as_ref().ok_or_else(|| missing("map"))?.load()?);
        Ok(())
    }
    #[inline]
    fn get(&mut self, key: &K) -> Result<Option<i64>> {
        let snapshot = self.snapshot.as_ref().ok_or_else(|| missing("snapshot"))?;
        match snapshot.view().get(key.probe())? {
            None => Ok(None),
            Some(found) => match found.as_i64() {
                Some(i) => Ok(Some(i)),
                None => Err("a value that is not an integer".into()),
            },
        }
    }
    fn iterate(&mut self) -> Result<(u64, i64)> {
        let snapshot = self.snapshot.as_ref().ok_or_else(|| missing("snapshot"))?;
        let (mut n, mut sum) = (0, 0i64);
        let done = snapshot.view().for_each_entry(|_, value| match value.as_i64() {
            Some(i) => {
                n += 1;
                sum = sum.wrapping_add(i);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        })?;
        if done.is_break() { Err("a value that is not an integer".into()) } else { Ok((n, sum)) }
    }
    fn unpin(&mut self) {
        self.snapshot = None;
    }
    fn bytes(&self) -> Result<Option<u64>> {
        Ok(self.bytes)
    }
}
