//! Locks, forks, limits and waits of several processes.

use crate::support::*;
use eve_core::Error;
use eve_core::layout::Off;
use eve_core::region::{FileOptions, FileRegion, Region};
use std::path::Path;
use std::time::{Duration, Instant};

const FLAG: Off = Off(4096);

/// Runs in the other process; as a test of its own it does nothing.
#[test]
fn helper() {
    let Ok(helper) = std::env::var("EVE_TEST_HELPER") else { return };
    let path = std::env::var_os("EVE_TEST_PATH").unwrap();
    let path = Path::new(&path);
    // A helper that hangs ends, so that the test that listens to it fails.
    // SAFETY: the call touches no memory.
    unsafe { libc::alarm(20) };
    match helper.as_str() {
        "lock" => {
            let region = FileRegion::open(path, true).unwrap();
            say(region.lock(1).unwrap());
            listen();
        }
        "create" => {
            listen();
            let (region, created) = FileRegion::create_or_open(path, &FileOptions::new(RESERVE), write_header).unwrap();
            say(format!("{created} {:?}", region.identity()));
            listen();
        }
        "wait" | "wait-read-only" => {
            let region = FileRegion::open(path, helper == "wait").unwrap();
            say("waits");
            while get(&region, FLAG) == 0 {
                region.wait(FLAG, 0, Some(Duration::from_secs(20)));
            }
            say("woke");
        }
        "limited" => limited(path),
        "fork" => fork(path),
        "forking" => forking(path),
        "narrow" => narrow(path),
        "nobody" => nobody(path),
        other => panic!("no helper {other}"),
    }
}

/// Grows against a file size limit, whose signal would kill the process.
fn limited(path: &Path) {
    let region = FileRegion::open(path, true).unwrap();
    let limit = libc::rlimit { rlim_cur: 4 << 20, rlim_max: 4 << 20 };
    // SAFETY: the limit is readable; the handler's default is to kill, which is what this process must survive.
    unsafe {
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limit), 0);
        libc::signal(libc::SIGXFSZ, libc::SIG_DFL);
    }
    for _ in 0..3 {
        match region.grow(2 << 20, 8 << 20) {
            Err(Error::Full { committed: 0x20_0000, reason }) => assert!(reason.contains("ulimit"), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
    region.grow(2 << 20, 4 << 20).unwrap();
    say("survived");
}

/// Asks for more address space than it may have.
fn narrow(path: &Path) {
    let limit = libc::rlimit { rlim_cur: 8 << 30, rlim_max: 8 << 30 };
    // SAFETY: the limit is readable.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
    let made = FileRegion::create_or_open(path, &FileOptions::new(1 << 40), write_header);
    say(made.err().map_or("created".into(), |e| e.to_string()));
    let made = FileRegion::create_or_open(path, &FileOptions::new(RESERVE), write_header);
    say(made.is_ok());
}

/// Forks; the child looks at the parent's region, and stays when the parent is killed.
fn fork(path: &Path) {
    let region = FileRegion::open(path, true).unwrap();
    assert!(region.lock(1).unwrap());
    // SAFETY: the child only makes calls that need no lock of another thread.
    let child = unsafe { libc::fork() };
    if child != 0 {
        listen();
        return;
    }
    // SAFETY: the call touches no memory; a child does not inherit its parent's alarm.
    unsafe { libc::alarm(20) };
    assert!(region.forked());
    assert!(matches!(region.grow(0, 1 << 20), Err(Error::Forked)));
    assert!(matches!(region.punch(0, 1 << 20), Err(Error::Forked)));
    assert!(matches!(region.lock(2), Err(Error::Forked)));
    assert!(matches!(region.is_locked(2), Err(Error::Forked)));
    region.unlock(1);
    // Takes the number that the parent's descriptor had: dropping the region must not close it.
    let own = FileRegion::open(path, true).unwrap();
    assert!(!own.forked() && own.is_locked(1).unwrap());
    drop(region);
    assert!(own.is_locked(1).unwrap() && own.lock(2).unwrap());
    // SAFETY: the call touches no memory.
    say(unsafe { libc::getpid() });
    std::thread::sleep(Duration::from_secs(30));
    // SAFETY: ends the child without the test harness, which belongs to the parent.
    unsafe { libc::_exit(0) };
}

/// Opens and locks in one thread while another forks: no child may keep what was opened.
fn forking(path: &Path) {
    let children = std::thread::spawn(|| {
        let mut children = Vec::new();
        for _ in 0..200 {
            // SAFETY: the child makes two calls that are allowed there.
            match unsafe { libc::fork() } {
                0 => loop {
                    // SAFETY: the calls touch no memory. The alarm ends it if this process fails and does not.
                    unsafe {
                        libc::alarm(20);
                        libc::pause();
                    }
                },
                child => children.push(child),
            }
        }
        children
    });
    let mut opened = 0;
    while !children.is_finished() {
        let region = FileRegion::open(path, true).unwrap();
        assert!(region.lock(1).unwrap(), "a child keeps the lock after {opened} regions");
        opened += 1;
    }
    let region = FileRegion::open(path, true).unwrap();
    assert!(!region.is_locked(1).unwrap());
    for child in children.join().unwrap() {
        // SAFETY: our own children; the calls touch no memory.
        unsafe {
            libc::kill(child, libc::SIGKILL);
            libc::waitpid(child, std::ptr::null_mut(), 0);
        }
    }
    say(opened);
}

/// Opens as a user who owns nothing.
fn nobody(path: &Path) {
    // SAFETY: the calls touch no memory. Without the right to change user they fail, and we are nobody special already.
    unsafe {
        libc::setgid(65534);
        libc::setuid(65534);
    }
    let result = |result: Result<(), Error>| result.err().map_or("opened".into(), |e| e.to_string());
    let write = FileRegion::open(path, true).map(drop);
    let read = FileRegion::open(path, false).map(drop);
    let beside = path.with_file_name("new.eve");
    let create = FileRegion::create_or_open(&beside, &FileOptions::new(RESERVE), write_header).map(drop);
    say([write, read, create].map(result).join(" | "));
}

#[test]
fn a_lock_dies_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let region = create(&path);
    let mut helper = Helper::start("lock", &path);
    assert_eq!(helper.hear(), "true");
    assert!(region.is_locked(1).unwrap() && !region.is_locked(2).unwrap());
    assert!(!region.lock(1).unwrap());
    // Stopped is not dead.
    // SAFETY: our own child; the call touches no memory.
    unsafe { libc::kill(helper.child.id() as i32, libc::SIGSTOP) };
    std::thread::sleep(Duration::from_millis(20));
    assert!(region.is_locked(1).unwrap());
    helper.child.kill().unwrap();
    helper.child.wait().unwrap();
    assert!(!region.is_locked(1).unwrap());
    assert!(region.lock(1).unwrap());
}

#[test]
fn two_regions_of_one_process_exclude_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let (a, b) = (create(&path), FileRegion::open(&path, true).unwrap());
    assert!(a.lock(1).unwrap() && a.lock(1).unwrap());
    assert!(!a.is_locked(1).unwrap(), "its own lock is nobody else's");
    assert!(b.is_locked(1).unwrap() && !b.lock(1).unwrap() && b.lock(2).unwrap());
    // Opening and closing the file elsewhere takes no lock away.
    drop(FileRegion::open(&path, true).unwrap());
    drop(std::fs::File::open(&path).unwrap());
    assert!(b.is_locked(1).unwrap());
    a.unlock(1);
    assert!(!b.is_locked(1).unwrap() && b.lock(1).unwrap());
    drop(b);
    assert!(a.lock(1).unwrap() && a.lock(2).unwrap());
}

#[test]
fn eight_processes_create_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let mut helpers: Vec<_> = (0..8).map(|_| Helper::start("create", &path)).collect();
    helpers.iter_mut().for_each(|h| h.tell("go"));
    let said: Vec<_> = helpers.iter_mut().map(|h| h.hear()).collect();
    assert_eq!(said.iter().filter(|s| s.starts_with("true")).count(), 1, "{said:?}");
    let identity = |s: &String| s.split_once(' ').unwrap().1.to_string();
    assert!(said.iter().all(|s| identity(s) == identity(&said[0])), "{said:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn waiters_in_other_processes_are_woken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let region = create(&path);
    let mut helpers = [Helper::start("wait", &path), Helper::start("wait-read-only", &path)];
    helpers.iter_mut().for_each(|h| assert_eq!(h.hear(), "waits"));
    for helper in &helpers {
        let tasks = format!("/proc/{}/task", helper.child.id());
        eventually("asleep", || {
            std::fs::read_dir(&tasks).unwrap().any(|task| {
                let call = std::fs::read_to_string(task.unwrap().path().join("syscall")).unwrap_or_default();
                // The first argument of the futex call that we wait for ends as the page offset of the flag does.
                call.starts_with(&format!("{} ", libc::SYS_futex)) && call.split(' ').nth(1).unwrap().ends_with("000")
            })
        });
    }
    let start = Instant::now();
    put(&region, FLAG, 1);
    region.wake(FLAG, u32::MAX);
    helpers.iter_mut().for_each(|h| assert_eq!(h.hear(), "woke"));
    assert!(start.elapsed() < Duration::from_secs(10), "they slept until the timeout");
}

#[test]
fn file_size_limit_is_an_error_not_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    drop(create(&path));
    assert_eq!(Helper::start("limited", &path).hear(), "survived");
}

#[test]
fn address_space_that_cannot_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let mut helper = Helper::start("narrow", &folder.path().join("d.eve"));
    let said = helper.hear();
    assert!(said.contains("smaller reserve") && said.contains("1099511627776"), "{said}");
    assert_eq!(helper.hear(), "true");
}

#[test]
fn forked_child_does_not_keep_its_parents_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let region = create(&path);
    let mut helper = Helper::start("fork", &path);
    let child: i32 = helper.hear().parse().unwrap();
    assert!(region.is_locked(1).unwrap() && region.is_locked(2).unwrap());
    helper.child.kill().unwrap();
    helper.child.wait().unwrap();
    assert!(!region.is_locked(1).unwrap(), "the child keeps the lock of its dead parent");
    assert!(region.is_locked(2).unwrap(), "the child lives and holds its own");
    // SAFETY: the helper's child, which sleeps; the call touches no memory.
    unsafe { libc::kill(child, libc::SIGKILL) };
    eventually("the child's own lock dies with it", || !region.is_locked(2).unwrap());
}

#[test]
fn regions_opened_while_another_thread_forks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    drop(create(&path));
    let opened: u32 = Helper::start("forking", &path).hear().parse().unwrap();
    assert!(opened > 0);
}
