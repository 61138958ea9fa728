//! Who is measured. Each subject has a file of its own here and one line in [`all`]; the engine's is `eve.rs`.

pub mod eve;
mod floor;
mod imbl;
mod lmdb;
mod redb;

use crate::Result;
use crate::floor::map::FloorKey;
use std::path::Path;
use std::sync::Arc;

/// The base of all ratios.
pub const FLOOR: &str = "floor";

/// A map under measurement: every operation on it is one call, timed alone.
pub trait Subject<K> {
    /// The name in the report.
    fn name(&self) -> &'static str;
    /// Drops what was there and builds a map of `keys`, each with its index as the value, in bulk.
    fn build(&mut self, keys: &[K]) -> Result<()>;
    /// Called before every round, not timed.
    fn before_round(&mut self, _keys: &[K]) -> Result<()> {
        Ok(())
    }
    /// Gives one existing key this value and publishes that: one swap, one transaction.
    fn swap(&mut self, key: &K, value: i64) -> Result<()>;
    /// Takes the snapshot that `get` and `iterate` read, the newest. Not timed.
    fn pin(&mut self) -> Result<()>;
    /// Looks a key up in the snapshot.
    fn get(&mut self, key: &K) -> Result<Option<i64>>;
    /// Walks over all entries of the snapshot: how many, and the wrapping sum of the values.
    fn iterate(&mut self) -> Result<(u64, i64)>;
    /// Drops the snapshot. Not timed.
    fn unpin(&mut self);
    /// Bytes that the map takes, as far as it can say; right after a build.
    fn bytes(&self) -> Result<Option<u64>>;
}

/// A key that every subject can take.
pub trait BenchKey: FloorKey + redb::RedbKey + eve::EveKey {}
impl BenchKey for i64 {}
impl BenchKey for Arc<str> {}

/// All subjects, with their files below `dir`; the floor first.
pub fn all<K: BenchKey>(dir: &Path) -> Vec<Box<dyn Subject<K>>> {
    vec![
        Box::new(floor::Floor::new(dir)),
        Box::new(eve::Eve::new(dir)),
        Box::new(imbl::Imbl::new()),
        Box::new(lmdb::Lmdb::new(dir)),
        Box::new(redb::Redb::new(dir)),
    ]
}

/// What a call that needs a built map or a snapshot says without one.
fn missing(what: &str) -> crate::Error {
    format!("no {what}: the harness calls build, then pin").into()
}

/// Bytes of the file on disk.
pub fn disk_bytes(path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata(path)?.blocks() * 512)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;
    use std::collections::HashMap;

    fn agrees_with_a_plain_model<K: BenchKey>() {
        let dir = tempfile::tempdir().expect("a directory");
        let keys = K::make(3000);
        let (present, absent) = keys.split_at(2500);
        for mut subject in all::<K>(dir.path()) {
            for _ in 0..2 {
                subject.build(present).expect("build");
                let bytes = subject.bytes().expect("bytes");
                // What imbl takes shows in the heap of the whole process, in which other tests free some meanwhile.
                assert!(subject.name() == "imbl" || bytes.is_none_or(|b| b > 2500 * 8), "{}", subject.name());
                let mut model: HashMap<&K, i64> = present.iter().zip(0..).collect();
                for i in (0..2500).step_by(7) {
                    subject.swap(&present[i], -(i as i64)).expect("swap");
                    model.insert(&present[i], -(i as i64));
                }
                subject.pin().expect("pin");
                assert!(model.iter().all(|(k, v)| subject.get(k).expect("get") == Some(*v)), "{}", subject.name());
                assert!(absent.iter().all(|k| subject.get(k).expect("get").is_none()), "{}", subject.name());
                assert_eq!(subject.iterate().expect("walk"), (2500, model.values().sum()), "{}", subject.name());
                subject.unpin();
            }
        }
    }

    #[test]
    fn every_subject_agrees_with_a_plain_model_on_integers() {
        agrees_with_a_plain_model::<i64>();
    }

    #[test]
    fn every_subject_agrees_with_a_plain_model_on_strings() {
        agrees_with_a_plain_model::<Arc<str>>();
    }

    #[test]
    fn a_snapshot_does_not_see_later_swaps() {
        let dir = tempfile::tempdir().expect("a directory");
        let keys = i64::make(100);
        for mut subject in all::<i64>(dir.path()) {
            subject.build(&keys).expect("build");
            subject.pin().expect("pin");
            subject.swap(&5, -1).expect("swap");
            assert_eq!(subject.get(&5).expect("get"), Some(5), "{}", subject.name());
            subject.unpin();
        }
    }
}
