//! redb with `Durability::None`. A swap is one insert in one write transaction; get and iterate read a table opened in
//! one read transaction; a build is one write transaction.

use redb::{Database, Durability, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Subject, missing};
use crate::Result;
use crate::keys::Key;

/// A key in redb's own terms.
pub trait RedbKey: Key {
    /// The key type of the table.
    type Stored: redb::Key + 'static;
    /// The key as the table takes it.
    fn stored(&self) -> <Self::Stored as redb::Value>::SelfType<'_>;
}

impl RedbKey for i64 {
    type Stored = i64;
    #[inline]
    fn stored(&self) -> i64 {
        *self
    }
}

impl RedbKey for Arc<str> {
    type Stored = &'static str;
    #[inline]
    fn stored(&self) -> &str {
        self
    }
}

/// One database with one table.
pub struct Redb<K: RedbKey> {
    path: PathBuf,
    // before the database, so that it is dropped first
    pinned: Option<ReadOnlyTable<K::Stored, i64>>,
    open: Option<Database>,
    built: Option<u64>,
}

impl<K: RedbKey> Redb<K> {
    /// In `dir/redb`.
    pub fn new(dir: &Path) -> Redb<K> {
        Redb { path: dir.join("redb"), pinned: None, open: None, built: None }
    }
    fn table() -> TableDefinition<'static, K::Stored, i64> {
        TableDefinition::new("map")
    }
}

impl<K: RedbKey> Subject<K> for Redb<K> {
    fn name(&self) -> &'static str {
        "redb"
    }
    fn build(&mut self, keys: &[K]) -> Result<()> {
        self.pinned = None;
        self.open = None;
        if self.path.exists() {
            std::fs::remove_file(&self.path)?;
        }
        let db = Database::create(&self.path)?;
        let mut txn = db.begin_write()?;
        txn.set_durability(Durability::None)?;
        {
            let mut table = txn.open_table(Self::table())?;
            for (key, i) in keys.iter().zip(0i64..) {
                table.insert(key.stored(), i)?;
            }
        }
        txn.commit()?;
        // the file tells nothing: without durability, pages stay in redb's own cache
        let stats = db.begin_write()?.stats()?;
        self.built = Some(stats.allocated_pages() * stats.page_size() as u64);
        self.open = Some(db);
        Ok(())
    }
    #[inline]
    fn swap(&mut self, key: &K, value: i64) -> Result<()> {
        let mut txn = self.open.as_ref().ok_or_else(|| missing("database"))?.begin_write()?;
        txn.set_durability(Durability::None)?;
        txn.open_table(Self::table())?.insert(key.stored(), value)?;
        Ok(txn.commit()?)
    }
    fn pin(&mut self) -> Result<()> {
        let txn = self.open.as_ref().ok_or_else(|| missing("database"))?.begin_read()?;
        self.pinned = Some(txn.open_table(Self::table())?);
        Ok(())
    }
    #[inline]
    fn get(&mut self, key: &K) -> Result<Option<i64>> {
        let table = self.pinned.as_ref().ok_or_else(|| missing("snapshot"))?;
        Ok(table.get(key.stored())?.map(|guard| guard.value()))
    }
    fn iterate(&mut self) -> Result<(u64, i64)> {
        let table = self.pinned.as_ref().ok_or_else(|| missing("snapshot"))?;
        let (mut n, mut sum) = (0, 0i64);
        for entry in table.iter()? {
            n += 1;
            sum = sum.wrapping_add(entry?.1.value());
        }
        Ok((n, sum))
    }
    fn unpin(&mut self) {
        self.pinned = None;
    }
    fn bytes(&self) -> Result<Option<u64>> {
        Ok(self.built)
    }
}
