//! LMDB through `heed`, with NOSYNC and WRITEMAP. A swap is one put in one write transaction; get and iterate read in
//! one read transaction; a build is one write transaction.

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, RoTxn, WithTls};
use std::path::{Path, PathBuf};

use super::{Subject, disk_bytes, missing};
use crate::Result;
use crate::keys::Key;

/// Address space: room for 10 million entries of any kind and their old pages. Bytes.
const MAP_SIZE: usize = 64 << 30;

/// One environment with one unnamed database; keys and values as bytes.
pub struct Lmdb {
    dir: PathBuf,
    // before the environment, so that it is dropped first
    pinned: Option<RoTxn<'static, WithTls>>,
    open: Option<(Env<WithTls>, Database<'static, Bytes, Bytes>)>,
    built: Option<u64>,
}

impl Lmdb {
    /// In `dir/lmdb`.
    pub fn new(dir: &Path) -> Lmdb {
        Lmdb { dir: dir.join("lmdb"), pinned: None, open: None, built: None }
    }
    fn opened(&self) -> Result<&(Env<WithTls>, Database<'static, Bytes, Bytes>)> {
        self.open.as_ref().ok_or_else(|| missing("database"))
    }
}

fn value_of(bytes: &[u8]) -> Result<i64> {
    Ok(i64::from_ne_bytes(bytes.try_into()?))
}

impl<K: Key> Subject<K> for Lmdb {
    fn name(&self) -> &'static str {
        "LMDB"
    }
    fn build(&mut self, keys: &[K]) -> Result<()> {
        self.pinned = None;
        self.open = None;
        if self.dir.exists() {
            std::fs::remove_dir_all(&self.dir)?;
        }
        std::fs::create_dir_all(&self.dir)?;
        let mut options = EnvOpenOptions::new();
        options.map_size(MAP_SIZE);
        // SAFETY: a fresh directory of ours that nobody else opens; losing it in a crash is fine.
        let env = unsafe { options.flags(EnvFlags::NO_SYNC | EnvFlags::WRITE_MAP).open(&self.dir)? };
        let txn = env.write_txn()?;
        let db = env
            .create_databases_and_commit(txn, |opener, txn| {
                opener.create_database::<Bytes, Bytes>(txn, None).map(CommitOrAbort::<_, ()>::Commit)
            })?
            .commit()
            .ok_or("LMDB made no database")?;
        let mut txn = env.write_txn()?;
        for (key, i) in keys.iter().zip(0i64..) {
            key.with_bytes(|key| db.put(&mut txn, key, &i.to_ne_bytes()))?;
        }
        txn.commit()?;
        // under WRITEMAP the file is sparse and has its full length at once
        self.built = Some(disk_bytes(&self.dir.join("data.mdb"))?);
        self.open = Some((env, db));
        Ok(())
    }
    #[inline]
    fn swap(&mut self, key: &K, value: i64) -> Result<()> {
        let (env, db) = self.opened()?;
        let mut txn = env.write_txn()?;
        key.with_bytes(|key| db.put(&mut txn, key, &value.to_ne_bytes()))?;
        Ok(txn.commit()?)
    }
    fn pin(&mut self) -> Result<()> {
        self.pinned = Some(self.opened()?.0.clone().static_read_txn()?);
        Ok(())
    }
    #[inline]
    fn get(&mut self, key: &K) -> Result<Option<i64>> {
        let (_, db) = self.opened()?;
        let txn = self.pinned.as_ref().ok_or_else(|| missing("snapshot"))?;
        key.with_bytes(|key| db.get(txn, key))?.map(value_of).transpose()
    }
    fn iterate(&mut self) -> Result<(u64, i64)> {
        let (_, db) = self.opened()?;
        let txn = self.pinned.as_ref().ok_or_else(|| missing("snapshot"))?;
        let (mut n, mut sum) = (0, 0i64);
        for entry in db.iter(txn)? {
            n += 1;
            sum = sum.wrapping_add(value_of(entry?.1)?);
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
