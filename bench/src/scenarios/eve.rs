//! The engine in the scenarios, through the calls that its users make.

use eve_core::value::{Map as HostMap, Value};
use eve_core::{Atom, Domain, Error, OpenOptions};
use std::any::Any;
use std::path::Path;

use super::{Counter, Engine, Map, Store};
use crate::Result;
use crate::subjects::eve::assoc;

/// The engine.
pub struct Eve;

impl Engine for Eve {
    fn name(&self) -> &'static str {
        "eve"
    }
    fn reclaims(&self) -> bool {
        true
    }
    fn create(&self, path: &Path) -> Result<Box<dyn Store>> {
        Ok(Box::new(Domain::open(path)?))
    }
    fn open(&self, path: &Path) -> Result<Box<dyn Store>> {
        Ok(Box::new(OpenOptions::new().create(false).open(path)?))
    }
}

impl Store for Domain {
    fn counter(&self, atom: &str) -> Result<Box<dyn Counter + '_>> {
        Ok(Box::new(self.atom(atom, || Ok(Value::Int(0)))?))
    }
    fn map(&self, atom: &str) -> Result<Box<dyn Map + '_>> {
        Ok(Box::new(self.find(atom)?.ok_or_else(|| format!("no map {atom:?}"))?))
    }
    fn fill(&self, atom: &str, n: u64) -> Result<()> {
        let map: HostMap = (0..n as i64).map(|i| (Value::Int(i), Value::Int(i))).collect();
        self.atom(atom, || Ok(Value::empty_map()))?.reset(&Value::Map(map))?;
        Ok(())
    }
}

impl Counter for Atom {
    fn bump(&mut self) -> Result<()> {
        Ok(self.update(|value| match value {
            Value::Int(i) => Ok(Value::Int(i + 1)),
            other => Err(Error::value(format!("the counter is {}", other.kind()))),
        })?)
    }
    fn value(&mut self) -> Result<i64> {
        self.load()?.view().as_i64().ok_or_else(|| "the counter is no integer".into())
    }
}

impl Map for Atom {
    fn swap(&mut self, key: i64, value: i64) -> Result<()> {
        Ok(self.update(|map| assoc(map, Value::Int(key), value))?)
    }
    fn get(&mut self, key: i64) -> Result<Option<i64>> {
        Ok(self.load()?.view().get(key)?.and_then(|found| found.as_i64()))
    }
    fn hold(&mut self) -> Result<Box<dyn Any>> {
        Ok(Box::new(self.load()?))
    }
}
