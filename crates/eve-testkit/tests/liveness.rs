//! Who is alive: a forked child is nobody, a number of a process says nothing, and a stopped process lives.
#![cfg(target_os = "linux")]

use eve_core::value::Value;
use eve_core::{Atom, Domain, Error, Snapshot};
use eve_testkit::child;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

fn add(atom: &Atom, key: i64) -> Result<(), Error> {
    atom.update::<Error>(|v| v.assoc(key, format!("a text under {key}")))
}

fn said(snapshot: &Snapshot) -> String {
    snapshot.value().unwrap().to_string()
}

fn sound(domain: &Domain) {
    domain.reclaim().unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok() && report.exact && report.limbo == 0, "{report}");
}

fn first_value() -> Value {
    Value::map((0..200i64).map(|i| (i, format!("a text under {i}"))))
}

/// A helper that runs the test `name` as its own process.
struct Helper {
    process: Child,
    out: BufReader<ChildStdout>,
}

impl Helper {
    fn start(name: &str, path: &Path) -> Helper {
        let mut command = child::command(name, path.to_str().unwrap());
        let mut process = command.stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        Helper { process, out }
    }
    /// Waits until it says so.
    fn hear(&mut self, what: &str) {
        let mut line = String::new();
        while line.trim_end() != what {
            line.clear();
            assert!(self.out.read_line(&mut line).unwrap() > 0, "it ended before it said {what:?}");
        }
    }
    fn signal(&self, signal: i32) {
        // SAFETY: the call touches no memory; the child was not waited for, so the number is its own.
        assert_eq!(unsafe { libc::kill(self.process.id() as i32, signal) }, 0);
    }
    fn go_on(mut self) {
        self.process.stdin.take().unwrap().write_all(b"\n").unwrap();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        assert!(self.process.wait().unwrap().success(), "{rest}");
    }
}

/// Says something on a line of its own, and waits for a line.
fn say_and_wait(what: &str) {
    println!("\n{what}");
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_exact(&mut [0]).unwrap();
}

/// What a forked child does with its parent's domain, and with one of its own.
fn in_the_child(domain: Domain, atom: Atom, held: Snapshot, path: &Path) {
    let before = said(&held);
    let results = [
        ("load", atom.load().map(drop)),
        ("update", add(&atom, 1)),
        ("reset", atom.reset(&Value::Nil)),
        ("compare and set", atom.compare_and_set(&Value::Nil, &Value::Nil).map(drop)),
        ("commit", atom.commit_only(&held, &Value::Nil).map(drop)),
        ("remove", atom.remove().map(drop)),
        ("make an atom", domain.atom("another", || Ok(Value::Nil)).map(drop)),
        ("put", domain.put("m", &Value::Nil).map(drop)),
        ("recover", domain.recover().map(drop)),
        ("reclaim", domain.reclaim()),
        ("verify", domain.verify(|_, _| {}).map(drop)),
        ("gc", domain.gc(|_, _| {}).map(drop)),
    ];
    for (what, result) in results {
        let error = result.expect_err(what);
        assert!(matches!(error, Error::Forked), "{what}: {error}");
        assert!(error.to_string().contains("fork") && error.to_string().contains("open"), "{what}: {error}");
    }
    assert_eq!(said(&held), before, "what was read stays readable");
    // Neither takes anything from the parent.
    drop((held, atom, domain));
    let own = Domain::open(path).unwrap();
    assert_eq!(own.stat().unwrap().processes, 3, "the parent lives, and its parent, and this one");
    assert_eq!(own.recover().unwrap(), 0);
    let atom = own.find("m").unwrap().unwrap();
    (1000..1100).for_each(|key| add(&atom, key).unwrap());
    drop((atom, own));
}

fn fork(path: &Path) {
    let domain = Domain::open(path).unwrap();
    let atom = domain.find("m").unwrap().unwrap();
    let held = atom.load().unwrap();
    let before = said(&held);
    add(&atom, 500).unwrap();
    // SAFETY: this process has one thread besides the one that waits for it, so nobody holds a lock now.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: the call touches no memory; a child that hangs ends, and its parent says so.
        unsafe { libc::alarm(60) };
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| in_the_child(domain, atom, held, path)));
        // SAFETY: ends the child without the test harness, which belongs to the parent.
        unsafe { libc::_exit(i32::from(done.is_err())) };
    }
    (600..700).for_each(|key| add(&atom, key).unwrap());
    let mut status = 0;
    // SAFETY: our own child; the status is a place of ours.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child found something wrong");
    (700..800).for_each(|key| add(&atom, key).unwrap());
    assert_eq!(said(&held), before, "the child let go of nothing of ours");
}

#[test]
fn a_forked_child_is_told_so_and_takes_nothing_from_its_parent() {
    if let Some(path) = child::task() {
        return fork(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let domain = Domain::open(&path).unwrap();
    let atom = domain.put("m", &first_value()).unwrap();
    let mut helper = Helper::start("a_forked_child_is_told_so_and_takes_nothing_from_its_parent", &path);
    drop(helper.process.stdin.take());
    let mut rest = String::new();
    helper.out.read_to_string(&mut rest).unwrap();
    assert!(helper.process.wait().unwrap().success(), "{rest}");
    let now = atom.load().unwrap();
    assert_eq!(now.view().len().unwrap(), 200 + 1 + 100 + 100 + 100, "what parent and child did");
    drop(now);
    sound(&domain);
}

/// Takes part, and holds a version while it is told nothing.
fn hold(path: &Path) {
    let domain = Domain::open(path).unwrap();
    let atom = domain.find("m").unwrap().unwrap();
    let held = atom.load().unwrap();
    let before = said(&held);
    say_and_wait("holds");
    assert_eq!(said(&held), before, "held, so it stays");
    add(&atom, 9000).unwrap();
}

/// The number of a process in entry `n` of a file, see spec/1-layout.md.
fn number(file: &std::fs::File, n: u64, to: Option<u64>) -> u64 {
    const FIRST_CHUNK: u64 = 34 * 8;
    let word = |at: u64| {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes, at).unwrap();
        u64::from_le_bytes(bytes)
    };
    let at = word(FIRST_CHUNK) + 128 + n * 512 + 8;
    let before = word(at);
    if let Some(to) = to {
        file.write_all_at(&to.to_le_bytes(), at).unwrap();
    }
    before
}

/// The entry with the number of this process.
fn entry_of(file: &std::fs::File, process: u32) -> u64 {
    (0..31).find(|&n| number(file, n, None) == u64::from(process)).expect("an entry of each process")
}

#[test]
fn the_number_of_a_process_says_nothing_about_its_life() {
    let name = "the_number_of_a_process_says_nothing_about_its_life";
    if let Some(path) = child::task() {
        return hold(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let domain = Domain::open(&path).unwrap();
    let atom = domain.put("m", &first_value()).unwrap();
    let file = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    let (mut dies, mut lives) = (Helper::start(name, &path), Helper::start(name, &path));
    dies.hear("holds");
    lives.hear("holds");
    let (dead, living) = (entry_of(&file, dies.process.id()), entry_of(&file, lives.process.id()));
    dies.process.kill().unwrap();
    dies.process.wait().unwrap();
    // The number of the dead is in use again, by this very process; that of the living is one that nobody has.
    number(&file, dead, Some(u64::from(std::process::id())));
    number(&file, living, Some(u64::from(dies.process.id())));
    assert_eq!(domain.recover().unwrap(), 1, "the one that died, and not the one that lives");
    for round in 0..20 {
        (0..200).for_each(|key| atom.update::<Error>(|v| v.assoc(key, round)).unwrap());
    }
    assert_eq!(domain.recover().unwrap(), 0);
    assert_eq!(domain.stat().unwrap().processes, 2);
    lives.go_on();
    assert!(atom.load().unwrap().view().get(9000i64).unwrap().is_some());
    sound(&domain);
}

#[test]
fn a_stopped_process_is_not_taken_for_dead() {
    let name = "a_stopped_process_is_not_taken_for_dead";
    if let Some(path) = child::task() {
        return hold(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let domain = Domain::open(&path).unwrap();
    let atom = domain.put("m", &first_value()).unwrap();
    let mut stopped = Helper::start(name, &path);
    stopped.hear("holds");
    stopped.signal(libc::SIGSTOP);
    for round in 0..40 {
        (0..200).for_each(|key| atom.update::<Error>(|v| v.assoc(key, round)).unwrap());
        assert_eq!(domain.recover().unwrap(), 0, "it lives");
        domain.reclaim().unwrap();
    }
    let gone = Domain::open(&path).unwrap(); // whoever opens cleans up
    assert_eq!(gone.stat().unwrap().processes, 3, "this process twice, and the one that is stopped");
    assert!(domain.gc(|_, _| {}).unwrap().blocks == 0, "nothing of it is garbage");
    drop(gone);
    stopped.signal(libc::SIGCONT);
    stopped.go_on();
    assert!(atom.load().unwrap().view().get(9000i64).unwrap().is_some());
    sound(&domain);
}

/// Who dies between the exchange and the wake has committed. Here nobody but the waiter is left to say so.
#[cfg(feature = "crash-points")]
#[test]
fn a_commit_whose_author_died_before_he_told_is_told_to_who_only_waits() {
    let name = "a_commit_whose_author_died_before_he_told_is_told_to_who_only_waits";
    if let Some(path) = child::task() {
        let _ = add(&Domain::open(path).unwrap().find("m").unwrap().unwrap(), 1000);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for at in ["commit: exchanged:1", "commit: published:1"] {
        let path = folder.path().join(at);
        let domain = Domain::open(&path).unwrap();
        let atom = domain.put("m", &first_value()).unwrap();
        let seen = atom.version();
        let mut dies = child::command(name, path.to_str().unwrap()).env("EVE_CRASH", at).spawn().unwrap();
        assert!(!dies.wait().unwrap().success());
        assert!(atom.load().unwrap().view().get(1000i64).unwrap().is_some(), "the commit took place");
        assert_eq!(atom.version(), seen, "nobody was told");
        assert!(atom.wait(seen, Some(std::time::Duration::from_secs(60))), "{at}");
        sound(&domain);
    }
}
