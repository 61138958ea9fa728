//! Everything that can stand at a path instead of a domain.

use crate::support::*;
use eve_core::Error;
use eve_core::layout::header::{MAGIC, word};
use eve_core::region::{FileOptions, FileRegion, Region};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;

/// Both ways to open must refuse; the message must name the path and hold `part`.
#[track_caller]
fn refused(path: &Path, part: &str) {
    let create = |path: &Path| FileRegion::create_or_open(path, &FileOptions::new(RESERVE), write_header).map(|r| r.0);
    for error in [FileRegion::open(path, true).err(), FileRegion::open(path, false).err(), create(path).err()] {
        let error = error.expect("it was opened");
        let message = error.to_string();
        assert!(message.contains(part) && message.contains(path.to_str().unwrap()), "{message}");
        assert!(matches!(error, Error::NotADomain { .. }), "{error:?}");
    }
}

/// A good file, with one header word changed.
#[track_caller]
fn with_word(index: u64, value: u64, part: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    drop(create(&path));
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&value.to_le_bytes(), index * 8).unwrap();
    refused(&path, part);
}

#[test]
fn empty_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    refused(file.path(), "empty");
}

#[test]
fn foreign_files_of_every_small_length() {
    for length in [1, 3, 8, 79, 80, 4096, 1 << 20] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![b'x'; length]).unwrap();
        refused(file.path(), "not a domain");
    }
}

#[test]
fn text_mode_copy() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"eve\x1a\n\0\x01").unwrap();
    refused(file.path(), "text mode");
}

#[test]
fn other_version() {
    with_word(word::VERSION, 77, "version 77, and this eve knows version 2");
}

#[test]
fn unknown_features() {
    with_word(word::INCOMPATIBLE, 0b100, "0x4");
}

#[test]
fn insane_reserve() {
    with_word(word::RESERVE, u64::MAX, "reserve");
    with_word(word::RESERVE, 12345, "reserve");
    with_word(word::RESERVE, 0, "reserve");
}

#[test]
fn insane_committed_length() {
    with_word(word::COMMITTED, 0, "in use");
    with_word(word::COMMITTED, RESERVE + 1, "in use");
}

#[test]
fn cut_off_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    drop(create(&path));
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(8192).unwrap();
    refused(&path, "cut off: 8192 bytes of");
    file.set_len(40).unwrap();
    refused(&path, "cut off");
}

#[test]
fn directory_fifo_device_and_socket() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), "directory");
    let fifo = folder.path().join("fifo");
    let name = std::ffi::CString::new(fifo.to_str().unwrap()).unwrap();
    // SAFETY: the string ends in zero.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    refused(&fifo, "fifo");
    refused(Path::new("/dev/null"), "device");
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    refused(&socket, "socket");
}

#[test]
fn missing_file_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    for writable in [true, false] {
        match FileRegion::open(&folder.path().join("none"), writable) {
            Err(Error::Io { source, .. }) => assert_eq!(source.kind(), std::io::ErrorKind::NotFound),
            other => panic!("{:?}", other.err()),
        }
    }
}

#[test]
fn missing_folder_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/d.eve");
    let error = FileRegion::create_or_open(&path, &FileOptions::default(), write_header).err().unwrap();
    assert!(matches!(&error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound));
    assert!(error.to_string().contains("none does not exist; create it first"), "{error}");
}

#[test]
fn link_to_nothing_and_link_to_a_domain() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let error = FileRegion::create_or_open(&link, &FileOptions::new(RESERVE), write_header).err().unwrap();
    assert!(error.to_string().contains("symbolic link"), "{error}");
    let made = create(&target);
    assert_eq!(FileRegion::open(&link, true).unwrap().identity(), made.identity());
}

#[test]
fn path_with_a_zero_byte_and_empty_path() {
    for path in ["a\0b", ""] {
        assert!(matches!(FileRegion::open(Path::new(path), true), Err(Error::Io { .. })));
        let made = FileRegion::create_or_open(Path::new(path), &FileOptions::default(), write_header);
        assert!(made.is_err());
    }
}

#[test]
fn options_that_make_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    for reserve in [0, 5, u64::MAX] {
        let odd = FileRegion::create_or_open(&path, &FileOptions::new(reserve), write_header);
        assert!(matches!(odd, Err(Error::Value { .. })));
    }
    for range in [(0, RESERVE + 1), (RESERVE, u64::MAX)] {
        let options = FileOptions { reserve: RESERVE, initial: vec![range] };
        assert!(matches!(FileRegion::create_or_open(&path, &options, write_header), Err(Error::Full { .. })));
    }
    assert!(!path.exists());
}

#[test]
fn no_permission() {
    let folder = tempfile::tempdir().unwrap();
    // Somebody else must be able to come here at all.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("d.eve");
    drop(create(&path));
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o444);
    let said = Helper::start("nobody", &path).hear();
    let [write, read, create] = said.split(" | ").collect::<Vec<_>>()[..] else { panic!("{said}") };
    assert!(write.contains("open it read-only"), "{write}");
    assert_eq!(read, "opened");
    assert!(create.contains("write its folder"), "{create}");
    mode(0);
    let said = Helper::start("nobody", &path).hear();
    assert!(said.split(" | ").nth(1).unwrap().contains("right to read"), "{said}");
}

#[test]
fn read_only_region_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let made = create(&path);
    let region = FileRegion::open(&path, false).unwrap();
    assert!(!region.writable());
    assert_eq!(get(&region, eve_core::layout::Off(0)), MAGIC);
    assert!(matches!(region.grow(0, 1 << 20), Err(Error::ReadOnly { .. })));
    assert!(matches!(region.punch(0, 1 << 20), Err(Error::ReadOnly { .. })));
    assert!(made.lock(5).unwrap());
    assert!(region.is_locked(5).unwrap());
    assert!(region.lock(5).unwrap() && region.lock(6).unwrap());
}
