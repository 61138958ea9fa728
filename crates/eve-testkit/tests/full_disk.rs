//! A disk that is really full, and a limit of the size of files: errors, never a signal; the old value stays; room that is made is used.
#![cfg(target_os = "linux")]

use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};
use eve_testkit::child;
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

const DISK: &std::ffi::CStr = c"size=8m";
const LIMIT: u64 = 4 << 20;

fn checked(result: libc::c_int) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A file system of 8 MiB in `folder`, that only this process sees.
fn mount(folder: &CString) -> io::Result<()> {
    let (none, root, kind) = (c"none", c"/", c"tmpfs");
    let null = std::ptr::null::<libc::c_char>();
    // SAFETY: all strings end in zero and live through the calls.
    unsafe {
        if checked(libc::unshare(libc::CLONE_NEWNS)).is_err() {
            checked(libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS))?;
        }
        checked(libc::mount(none.as_ptr(), root.as_ptr(), null, libc::MS_REC | libc::MS_PRIVATE, null.cast()))?;
        checked(libc::mount(none.as_ptr(), folder.as_ptr(), kind.as_ptr(), 0, DISK.as_ptr().cast()))
    }
}

/// Fills the atom until there is no room; how many entries it has then.
fn fill(domain: &Domain) -> i64 {
    let atom = domain.atom("m", || Ok(Value::empty_map())).unwrap();
    let mut last = atom.load().unwrap().view().len().unwrap() as i64;
    loop {
        let done = atom.update::<Error>(|v| (last..last + 50).try_fold(v, |v, i| v.assoc(i, "0123456789".repeat(20))));
        match done {
            Ok(()) => last += 50,
            Err(Error::Full { .. }) => break,
            Err(e) => panic!("{e}"),
        }
    }
    complete(domain, last);
    last
}

fn complete(domain: &Domain, entries: i64) {
    let now = domain.find("m").unwrap().unwrap().load().unwrap();
    assert_eq!(now.view().len().unwrap(), entries as u64);
    for i in 0..entries {
        let found = now.view().get(i).unwrap().unwrap().scalar().unwrap().map(Value::from);
        assert_eq!(found, Some("0123456789".repeat(20).into()), "entry {i}");
    }
}

fn sound(domain: &Domain) {
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.exact && report.is_ok(), "{report}");
}

/// What the child does where there is little room; `make_room` removes what else takes it, if there is something.
fn live_with_little_room(path: &Path, make_room: Option<&dyn Fn()>) {
    let domain = OpenOptions::new().reserve(1 << 30).open(path).unwrap();
    let mut entries = fill(&domain);
    assert!(entries > 1000, "{entries}");
    sound(&domain);
    if let Some(make_room) = make_room {
        make_room();
        let more = fill(&domain);
        assert!(more > entries, "room that was made is used");
        entries = more;
    }
    drop(domain);
    let domain = Domain::open(path).unwrap();
    complete(&domain, entries);
    // Room inside.
    let atom = domain.find("m").unwrap().unwrap();
    atom.reset(&Value::empty_map()).unwrap();
    domain.reclaim().unwrap();
    let again = fill(&domain);
    assert!(again * 4 > entries * 3, "{again} entries after {entries} were dropped");
    sound(&domain);
    atom.remove().unwrap();
    domain.reclaim().unwrap();
    sound(&domain);
}

/// Whoever comes to a full disk can remove something, and then there is room.
fn make_room_inside(path: &Path) {
    let put = |n: u64, text: String| Domain::open(path)?.put(&format!("k{n}"), &Value::from(text)).map(drop);
    let mut n = 0;
    loop {
        match put(n, "x".repeat(50)) {
            Ok(()) => n += 1,
            Err(Error::Full { .. }) => break,
            Err(e) => panic!("{e}"),
        }
    }
    assert!(n > 100, "{n} atoms");
    for i in (0..n).rev() {
        let domain = Domain::open(path).unwrap();
        assert!(domain.find(&format!("k{i}")).unwrap().unwrap().remove().unwrap(), "k{i} of {n}");
    }
    sound(&Domain::open(path).unwrap());
    put(0, "x".repeat(1000)).unwrap();
}

fn on_a_small_disk(folder: &Path) {
    let (path, ballast) = (folder.join("d"), folder.join("ballast"));
    std::fs::write(&ballast, vec![1; 3 << 20]).unwrap();
    live_with_little_room(&path, Some(&|| std::fs::remove_file(&ballast).unwrap()));
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&ballast, vec![1; (8 << 20) - (300 << 10)]).unwrap();
    make_room_inside(&path);
    std::fs::remove_file(&path).unwrap();
    // Not even room for a new domain.
    let size = 8 << 20;
    let written = std::fs::write(&ballast, vec![1; size]);
    assert!(written.is_ok() || written.unwrap_err().kind() == io::ErrorKind::StorageFull);
    assert!(matches!(Domain::open(&path), Err(Error::Full { .. })));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "nothing is left of the try");
    std::fs::remove_file(&ballast).unwrap();
    sound(&Domain::open(&path).unwrap());
}

fn succeeded(mut child: std::process::Command) -> Option<()> {
    let done = match child.output() {
        Ok(done) => done,
        Err(e) if matches!(e.raw_os_error(), Some(libc::EPERM | libc::EACCES | libc::ENOSPC | libc::EINVAL)) => {
            eprintln!("left out: no file system can be mounted here ({e})");
            return None;
        }
        Err(e) => panic!("{e}"),
    };
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{}\n{out}\n{err}", done.status);
    Some(())
}

#[test]
fn a_full_disk_is_an_error_and_no_signal() {
    if let Some(folder) = child::task() {
        return on_a_small_disk(&PathBuf::from(folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = child::command("a_full_disk_is_an_error_and_no_signal", folder.path().to_str().unwrap());
    let name = CString::new(folder.path().as_os_str().as_bytes()).unwrap();
    // SAFETY: between fork and exec only system calls are made.
    unsafe { child.pre_exec(move || mount(&name)) };
    succeeded(child);
}

#[test]
fn a_limit_of_the_size_of_files_is_an_error_and_no_signal() {
    if let Some(path) = child::task() {
        return live_with_little_room(&PathBuf::from(path), None);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let mut child = child::command("a_limit_of_the_size_of_files_is_an_error_and_no_signal", path.to_str().unwrap());
    let limit = libc::rlimit { rlim_cur: LIMIT, rlim_max: LIMIT };
    // SAFETY: only a system call is made between fork and exec.
    unsafe { child.pre_exec(move || checked(libc::setrlimit(libc::RLIMIT_FSIZE, &limit))) };
    succeeded(child).unwrap();
}
