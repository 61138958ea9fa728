//! The floor in the scenarios: what the hardware leaves of a bare compare-and-swap loop. It gives nothing back, so
//! the growth of its file is not watched.

use eve_core::layout::word::Word;
use eve_core::sync::{AcqRel, Acquire, Release};
use std::any::Any;
use std::path::Path;

use super::{Counter, Engine, Map, Store};
use crate::Result;
use crate::floor::{Arena, Bump, map};
use crate::subjects::FLOOR;

/// The floor.
pub struct Floor;

impl Engine for Floor {
    fn name(&self) -> &'static str {
        FLOOR
    }
    fn reclaims(&self) -> bool {
        false
    }
    fn create(&self, path: &Path) -> Result<Box<dyn Store>> {
        Ok(Box::new(Arena::create(path)?))
    }
    fn open(&self, path: &Path) -> Result<Box<dyn Store>> {
        Ok(Box::new(Arena::open(path)?))
    }
}

/// One thread's handle on one root.
struct Handle<'a> {
    arena: &'a Arena,
    root: u64,
    bump: Bump,
}

impl Arena {
    fn handle(&self, atom: &str, absent: Word) -> Result<Handle<'_>> {
        Ok(Handle { arena: self, root: self.root(atom, absent)?, bump: Bump::default() })
    }
}

impl Store for Arena {
    fn counter(&self, atom: &str) -> Result<Box<dyn Counter + '_>> {
        Ok(Box::new(self.handle(atom, map::int(0)?)?))
    }
    fn map(&self, atom: &str) -> Result<Box<dyn Map + '_>> {
        let handle = self.handle(atom, Word::EMPTY_MAP)?;
        match handle.load() {
            word if word == Word::EMPTY_MAP.0 => Err(format!("no map {atom:?}").into()),
            _ => Ok(Box::new(handle)),
        }
    }
    fn fill(&self, atom: &str, n: u64) -> Result<()> {
        let mut handle = self.handle(atom, Word::EMPTY_MAP)?;
        let keys: Vec<i64> = (0..n as i64).collect();
        let root = map::build(self, &mut handle.bump, &keys)?;
        // Release: whoever loads the root sees its nodes.
        self.atomic(handle.root).store(root, Release);
        Ok(())
    }
}

impl Handle<'_> {
    #[inline]
    fn load(&self) -> u64 {
        // Acquire: sees the nodes that the Release of the last swap published.
        self.arena.atomic(self.root).load(Acquire)
    }
    #[inline]
    fn install(&self, now: u64, new: u64) -> bool {
        // AcqRel: Release publishes the nodes below `new`.
        self.arena.atomic(self.root).compare_exchange(now, new, AcqRel, Acquire).is_ok()
    }
}

impl Counter for Handle<'_> {
    fn bump(&mut self) -> Result<()> {
        loop {
            let now = self.load();
            if self.install(now, map::int((now as i64 >> 1) + 1)?.0) {
                return Ok(());
            }
        }
    }
    fn value(&mut self) -> Result<i64> {
        Ok(self.load() as i64 >> 1)
    }
}

impl Map for Handle<'_> {
    fn swap(&mut self, key: i64, value: i64) -> Result<()> {
        let value = map::int(value)?;
        loop {
            let now = self.load();
            let new = map::copy_path(self.arena, &mut self.bump, now, &key, value)?.ok_or("the key is not there")?;
            if self.install(now, new) {
                return Ok(());
            }
        }
    }
    fn get(&mut self, key: i64) -> Result<Option<i64>> {
        Ok(map::get(self.arena, self.load(), &key).map(|word| word as i64 >> 1))
    }
    fn hold(&mut self) -> Result<Box<dyn Any>> {
        Ok(Box::new(self.load()))
    }
}
