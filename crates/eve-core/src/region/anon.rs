//! Memory that no other process sees: domains for tests and for programs that only want the collections.

use super::sys::{self, Mapping};
use super::{Region, fork};
use crate::error::{Error, Result};
use crate::layout::Off;
use std::path::Path;
use std::time::Duration;

/// A domain's bytes in anonymous memory. They are gone with the region.
pub struct AnonRegion {
    map: Mapping,
    generation: u64,
}

impl AnonRegion {
    /// Takes `reserve` bytes of address space. Memory is taken as bytes are touched, so a large reserve costs nothing.
    /// An error if there is not so much address space.
    pub fn new(reserve: u64) -> Result<AnonRegion> {
        let io = |action, source| Error::Io { action, path: Default::default(), source };
        super::checks::reserve(reserve)?;
        fork::watch().map_err(|e| io("watch for forks", e))?;
        let map = Mapping::new(None, reserve, true).map_err(|e| super::checks::no_space(Path::new(""), reserve, e))?;
        Ok(AnonRegion { map, generation: fork::generation() })
    }
}

// SAFETY: one mapping, made once, of whole system pages, all of it readable and writable until the region is dropped.
unsafe impl Region for AnonRegion {
    fn base(&self) -> *mut u8 {
        self.map.base()
    }
    fn reserve(&self) -> u64 {
        self.map.len()
    }
    /// Only checks the reserve: the kernel brings the pages when they are touched.
    fn grow(&self, from: u64, to: u64) -> Result<()> {
        super::checks::inside(from, to, self.reserve())
    }
    fn punch(&self, from: u64, to: u64) -> Result<()> {
        self.map.discard(from, to).map_err(|source| Error::Io {
            action: "give memory back",
            path: Default::default(),
            source,
        })
    }
    fn populate(&self, from: u64, to: u64) {
        self.map.populate(from, to);
    }
    fn wait(&self, at: Off, expected: u32, timeout: Option<Duration>) {
        if let Some(at) = self.map.futex(at.0) {
            sys::futex_wait(at, expected, timeout, true);
        }
    }
    fn wake(&self, at: Off, most: u32) -> u32 {
        if let Some(at) = self.map.futex(at.0) {
            return sys::futex_wake(at, most, true);
        }
        0
    }
    fn forked(&self) -> bool {
        self.generation != fork::generation()
    }
}
