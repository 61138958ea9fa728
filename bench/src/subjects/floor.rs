//! The floor as a subject: see [`crate::floor`].

use eve_core::layout::word::Word;
use eve_core::sync::{AcqRel, Acquire, Release};
use std::path::{Path, PathBuf};

use super::{FLOOR, Subject, missing};
use crate::Result;
use crate::floor::map::{self, FloorKey};
use crate::floor::{Arena, Bump};

/// One map in one file.
pub struct Floor {
    path: PathBuf,
    open: Option<Open>,
    pinned: Option<u64>,
}

struct Open {
    arena: Arena,
    bump: Bump,
    root: u64,
    built: u64,
}

impl Floor {
    /// In `dir/floor`.
    pub fn new(dir: &Path) -> Floor {
        Floor { path: dir.join("floor"), open: None, pinned: None }
    }
}

impl<K: FloorKey> Subject<K> for Floor {
    fn name(&self) -> &'static str {
        FLOOR
    }
    fn build(&mut self, keys: &[K]) -> Result<()> {
        (self.open, self.pinned) = (None, None);
        let arena = Arena::create(&self.path)?;
        let mut bump = Bump::default();
        let root = arena.root("map", Word::EMPTY_MAP)?;
        let before = arena.used() - bump.left();
        let node = map::build(&arena, &mut bump, keys)?;
        // Release: whoever loads the root sees its nodes.
        arena.atomic(root).store(node, Release);
        let built = arena.used() - bump.left() - before;
        self.open = Some(Open { arena, bump, root, built });
        Ok(())
    }
    /// Builds it anew: without reclamation the live nodes scatter over all that was ever written, and the floor would
    /// take half as long again after some hundred thousand swaps.
    fn before_round(&mut self, keys: &[K]) -> Result<()> {
        self.build(keys)
    }
    #[inline]
    fn swap(&mut self, key: &K, value: i64) -> Result<()> {
        let Open { arena, bump, root, .. } = self.open.as_mut().ok_or_else(|| missing("map"))?;
        let value = map::int(value)?;
        loop {
            // Acquire: sees the nodes that the Release of the last swap published.
            let now = arena.atomic(*root).load(Acquire);
            let new = map::copy_path(arena, bump, now, key, value)?.ok_or("the key is not there")?;
            // AcqRel: Release publishes the copied nodes.
            if arena.atomic(*root).compare_exchange(now, new, AcqRel, Acquire).is_ok() {
                return Ok(());
            }
        }
    }
    fn pin(&mut self) -> Result<()> {
        let open = self.open.as_ref().ok_or_else(|| missing("map"))?;
        // Acquire: as in swap.
        self.pinned = Some(open.arena.atomic(open.root).load(Acquire));
        Ok(())
    }
    #[inline]
    fn get(&mut self, key: &K) -> Result<Option<i64>> {
        let open = self.open.as_ref().ok_or_else(|| missing("map"))?;
        let root = self.pinned.ok_or_else(|| missing("snapshot"))?;
        Ok(map::get(&open.arena, root, key).map(|word| word as i64 >> 1))
    }
    fn iterate(&mut self) -> Result<(u64, i64)> {
        let open = self.open.as_ref().ok_or_else(|| missing("map"))?;
        let root = self.pinned.ok_or_else(|| missing("snapshot"))?;
        let (mut n, mut sum) = (0, 0i64);
        map::each(&open.arena, root, &mut |_, value| {
            n += 1;
            sum = sum.wrapping_add(value as i64 >> 1);
        });
        Ok((n, sum))
    }
    fn unpin(&mut self) {
        self.pinned = None;
    }
    fn bytes(&self) -> Result<Option<u64>> {
        Ok(self.open.as_ref().map(|open| open.built))
    }
}
