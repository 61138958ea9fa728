//! `imbl::HashMap` in heap memory, with its default hasher and pointers. A swap is `update` and the assignment that
//! drops the old version, a build is `insert` into a map that nobody shares.

use super::{Subject, missing};
use crate::Result;
use crate::keys::Key;

/// One map, with the snapshot beside it.
pub struct Imbl<K> {
    map: imbl::HashMap<K, i64>,
    pinned: Option<imbl::HashMap<K, i64>>,
    built: Option<u64>,
}

impl<K: Key> Imbl<K> {
    /// Empty.
    pub fn new() -> Imbl<K> {
        Imbl { map: imbl::HashMap::new(), pinned: None, built: None }
    }
}

impl<K: Key> Subject<K> for Imbl<K> {
    fn name(&self) -> &'static str {
        "imbl"
    }
    fn build(&mut self, keys: &[K]) -> Result<()> {
        (self.map, self.pinned) = (imbl::HashMap::new(), None);
        let before = heap_bytes();
        let mut map = imbl::HashMap::new();
        for (key, i) in keys.iter().zip(0..) {
            map.insert(key.owned(), i);
        }
        self.map = map;
        self.built = heap_bytes().zip(before).map(|(now, before)| now.saturating_sub(before));
        Ok(())
    }
    #[inline]
    fn swap(&mut self, key: &K, value: i64) -> Result<()> {
        self.map = self.map.update(key.clone(), value);
        Ok(())
    }
    fn pin(&mut self) -> Result<()> {
        self.pinned = Some(self.map.clone());
        Ok(())
    }
    #[inline]
    fn get(&mut self, key: &K) -> Result<Option<i64>> {
        Ok(self.pinned.as_ref().ok_or_else(|| missing("snapshot"))?.get(key).copied())
    }
    fn iterate(&mut self) -> Result<(u64, i64)> {
        let map = self.pinned.as_ref().ok_or_else(|| missing("snapshot"))?;
        Ok(map.iter().fold((0, 0i64), |(n, sum), (_, value)| (n + 1, sum.wrapping_add(*value))))
    }
    fn unpin(&mut self) {
        self.pinned = None;
    }
    fn bytes(&self) -> Result<Option<u64>> {
        Ok(self.built)
    }
}

/// Bytes that the allocator has given out, its own share counted.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn heap_bytes() -> Option<u64> {
    // SAFETY: only reads the allocator's books.
    let info = unsafe { libc::mallinfo2() };
    Some((info.uordblks + info.hblkhd) as u64)
}

/// This allocator does not tell.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn heap_bytes() -> Option<u64> {
    None
}
