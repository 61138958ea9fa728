//! New files: whole or not there, private, small; and growth.

use crate::support::*;
use eve_core::Error;
use eve_core::layout::Off;
use eve_core::layout::header::heap_start;
use eve_core::region::{FileOptions, FileRegion, Region, boot_id};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::time::Duration;

fn disk(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().blocks() * 512
}

fn names(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_new_file_is_small_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let options = FileOptions::default();
    let initial: u64 = options.initial.iter().map(|(from, to)| to - from).sum();
    assert!((56 * 1024..=64 * 1024).contains(&initial));
    let (region, created) = FileRegion::create_or_open(&path, &options, write_header).unwrap();
    assert!(created && region.writable() && region.reserve() == 1 << 40);
    assert!(disk(&path) <= 128 * 1024, "{} bytes", disk(&path));
    let meta = std::fs::metadata(&path).unwrap();
    assert_eq!(meta.mode() & 0o7777, 0o600);
    assert_eq!(region.identity(), (meta.dev(), meta.ino()));
    assert_eq!(region.path(), path);
    assert_eq!(names(folder.path()), 1);
    assert_eq!(get(&region, Off(heap_start(1 << 40))), 0);
    assert!(region.base().addr().is_multiple_of(4096));
}

#[test]
fn failed_start_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let failed = FileRegion::create_or_open(&path, &FileOptions::new(RESERVE), |_| Err(Error::value("no")));
    assert!(matches!(failed, Err(Error::Value { .. })));
    // A header that nobody could open is refused before it has a name.
    let failed = FileRegion::create_or_open(&path, &FileOptions::new(RESERVE), |_| Ok(()));
    assert!(matches!(failed, Err(Error::NotADomain { .. })));
    let failed = FileRegion::create_or_open(&path, &FileOptions::new(RESERVE), |region| {
        write_header(region)?;
        put(region, Off(64), RESERVE * 2);
        Ok(())
    });
    assert!(matches!(failed, Err(Error::NotADomain { .. })));
    assert_eq!(names(folder.path()), 0);
}

#[test]
fn locks_taken_before_the_file_has_a_name_are_held_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let (_region, _) = FileRegion::create_or_open(&path, &FileOptions::new(RESERVE), |region| {
        write_header(region)?;
        assert!(region.lock(0)?);
        Ok(())
    })
    .unwrap();
    assert!(FileRegion::open(&path, true).unwrap().is_locked(0).unwrap());
}

#[test]
fn many_creators_one_file() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.eve");
        let start = Barrier::new(8);
        let made: Vec<_> = std::thread::scope(|scope| {
            let create = || {
                start.wait();
                FileRegion::create_or_open(&path, &FileOptions::new(RESERVE), write_header).unwrap()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(made.iter().filter(|(_, created)| *created).count(), 1);
        assert!(made.iter().all(|(region, _)| region.identity() == made[0].0.identity()));
        put(&made[0].0, Off(4096), 42);
        assert!(made.iter().all(|(region, _)| get(region, Off(4096)) == 42));
        assert_eq!(names(folder.path()), 1);
    }
}

#[test]
fn created_and_removed_all_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let (stop, stopped) = channel::<()>();
    let gone = path.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                let _ = std::fs::remove_file(&gone);
            }
        });
        for _ in 0..200 {
            FileRegion::create_or_open(&path, &FileOptions::new(RESERVE), write_header).unwrap();
        }
        drop(stop);
    });
}

#[test]
fn growth_exists_on_disk_and_keeps_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let region = create(&path);
    let before = disk(&path);
    region.grow(1 << 20, 9 << 20).unwrap();
    assert!(disk(&path) >= before + (8 << 20));
    put(&region, Off(2 << 20), 7);
    region.grow(1 << 20, 3 << 20).unwrap();
    region.grow(5, 5).unwrap();
    assert_eq!(get(&region, Off(2 << 20)), 7);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 9 << 20);

    region.punch(1 << 20, 9 << 20).unwrap();
    assert!(disk(&path) < before + (1 << 20), "punched");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 9 << 20);
    assert_eq!(get(&region, Off(2 << 20)), 0);
    region.grow(1 << 20, 9 << 20).unwrap();
    assert!(disk(&path) >= before + (8 << 20));
    assert_eq!(get(&region, Off(2 << 20)), 0);
}

#[test]
fn growth_past_the_reserve_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let region = create(&folder.path().join("d.eve"));
    for to in [RESERVE + 1, u64::MAX] {
        match region.grow(RESERVE, to) {
            Err(Error::Full { committed, reason }) => assert!(committed == RESERVE && reason.contains("reserve")),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn full_disk_is_an_error_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(folder.path())
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        eprintln!("not tried: a small file system cannot be mounted here");
        return;
    }
    struct Unmount<'a>(&'a Path);
    impl Drop for Unmount<'_> {
        fn drop(&mut self) {
            let _ = std::process::Command::new("umount").arg("-l").arg(self.0).status();
        }
    }
    let _unmount = Unmount(folder.path());
    let path = folder.path().join("d.eve");
    let region = create(&path);
    put(&region, Off(4096), 42);
    match region.grow(1 << 20, 10 << 20) {
        Err(error @ Error::Full { committed: 0x10_0000, .. }) => assert!(error.to_string().contains("disk is full")),
        other => panic!("{other:?}"),
    }
    assert_eq!(get(&region, Off(4096)), 42);
    region.grow(200 << 10, 300 << 10).unwrap();
    std::fs::write(folder.path().join("filler"), vec![1; 1 << 20]).unwrap_err();
    let other = folder.path().join("other.eve");
    let error = FileRegion::create_or_open(&other, &FileOptions::new(RESERVE), write_header).err().unwrap();
    assert!(matches!(error, Error::Full { .. }), "{error:?}");
    assert!(!other.exists());
}

#[test]
fn hostile_offsets_of_waits_return() {
    let folder = tempfile::tempdir().unwrap();
    let region = create(&folder.path().join("d.eve"));
    for at in [1, RESERVE - 2, RESERVE, u64::MAX, u64::MAX - 3, RESERVE - 4] {
        region.wait(Off(at), 0, Some(Duration::from_millis(1)));
        region.wake(Off(at), u32::MAX);
    }
    let error = region.lock(u64::MAX).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert!(region.is_locked(1 << 62).is_err());
}

#[test]
fn an_empty_path_is_told() {
    let error = FileRegion::create_or_open("".as_ref(), &FileOptions::new(RESERVE), write_header).err().unwrap();
    assert_eq!(error.to_string(), "cannot open: the path is empty");
}

#[test]
fn boot_is_known() {
    assert_ne!(boot_id(), (0, 0));
    assert_eq!(boot_id(), boot_id());
}
