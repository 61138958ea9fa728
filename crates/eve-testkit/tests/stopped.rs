//! A reader that is stopped in the middle of a walk, while others write: it goes on with the values of its version, and the file
//! grows only by what that one version holds. `EVE_STOPPED_SECONDS` says for how long it is stopped.
#![cfg(target_os = "linux")]

use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};
use eve_testkit::child;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const ENTRIES: i64 = 100_000;
/// Bytes of a page.
const PAGE: u64 = 16 << 10;

fn text(generation: i64, key: i64) -> String {
    format!("the value of {key} in generation {generation}")
}

/// The reader: says when it is in the middle, and waits there for a line to go on.
fn walk(path: &Path) {
    let domain = Domain::open(path).unwrap();
    let version = domain.find("m").unwrap().unwrap().load().unwrap();
    let mut seen = vec![false; ENTRIES as usize];
    let mut count = 0;
    let done = version.view().for_each_entry(|key, value| -> ControlFlow<()> {
        let key = key.as_i64().unwrap();
        assert!(!std::mem::replace(&mut seen[key as usize], true), "{key} comes twice");
        assert_eq!(value.scalar().unwrap().map(Value::from), Some(text(0, key).into()));
        count += 1;
        if count == ENTRIES / 3 {
            println!("\nin the middle");
            std::io::stdout().flush().unwrap();
            std::io::stdin().read_exact(&mut [0]).unwrap();
        }
        ControlFlow::Continue(())
    });
    assert_eq!(done.unwrap(), ControlFlow::Continue(()));
    assert!(seen.iter().all(|&seen| seen));
}

/// Replaces values for a while; the most bytes in pages that were in use.
fn churn(domain: &Domain, time: Duration, generation: &mut i64) -> u64 {
    let atom = domain.find("m").unwrap().unwrap();
    let (begin, mut most) = (Instant::now(), 0);
    while begin.elapsed() < time {
        std::thread::scope(|scope| {
            for t in 0..2 {
                let (atom, generation) = (&atom, *generation);
                scope.spawn(move || {
                    for i in 0..2000i64 {
                        let key = (i * 7919 + t * 31 + generation * 104_729) % ENTRIES;
                        atom.update::<Error>(|v| v.assoc(key, text(generation, key))).unwrap();
                    }
                });
            }
        });
        *generation += 1;
        most = most.max(domain.stat().unwrap().pages_used * PAGE);
    }
    most
}

#[test]
fn a_reader_that_was_stopped_goes_on_with_right_values() {
    if let Some(path) = child::task() {
        return walk(Path::new(&path));
    }
    stop_a_reader();
}

/// The reader holds the blocks of its version, an entry of limbo for each, and no more, whatever is written meanwhile.
#[test]
fn a_reader_that_is_stopped_holds_back_one_version_only() {
    let sizes = stop_a_reader();
    println!("{sizes:?}");
    // Pages and bags are full but for an eighth at least.
    let held = (sizes.version_bytes + 17 * sizes.version_blocks) * 8 / 7;
    let most = sizes.alone + held + SLACK;
    assert!(sizes.early <= most && sizes.late <= most, "{most} bytes were allowed: {sizes:?}");
    assert!(sizes.late <= sizes.early + SLACK, "it grows and grows: {sizes:?}");
}

/// What two writers keep at hand, and the last step of growth.
const SLACK: u64 = 4 << 20;

/// Most bytes in use, at several times.
#[derive(Debug)]
struct Sizes {
    /// Of the blocks of one version.
    version_bytes: u64,
    /// Their number.
    version_blocks: u64,
    /// While two write, and nobody reads.
    alone: u64,
    /// The same with the reader stopped, in the first half of the time.
    early: u64,
    /// In the second half.
    late: u64,
}

/// Stops a reader while others write, and lets it go on.
fn stop_a_reader() -> Sizes {
    let seconds = std::env::var("EVE_STOPPED_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(4);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let domain = OpenOptions::new().open(&path).unwrap();
    let all = || Ok(Value::map((0..ENTRIES).map(|i| (Value::Int(i), Value::from(text(0, i))))));
    domain.atom("m", all).unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    let of_version = || report.kinds.iter().filter(|kind| kind.kind != "chain");
    let (version_bytes, version_blocks) = (of_version().map(|k| k.bytes).sum(), of_version().map(|k| k.blocks).sum());
    let mut generation = 1;
    let alone = churn(&domain, Duration::from_secs(seconds) / 2, &mut generation);
    // The reader expects the first generation.
    domain.put("m", &all().unwrap()).unwrap();
    domain.reclaim().unwrap();

    let mut command = child::command("a_reader_that_was_stopped_goes_on_with_right_values", path.to_str().unwrap());
    let mut reader = command.stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut said = BufReader::new(reader.stdout.take().unwrap());
    let mut line = String::new();
    while line != "in the middle\n" {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "the reader ended early");
    }
    let pid = reader.id() as libc::pid_t;
    // SAFETY: the call touches no memory; the child was not waited for, so the number is its own.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGSTOP) }, 0);

    let early = churn(&domain, Duration::from_secs(seconds) / 2, &mut generation);
    let late = churn(&domain, Duration::from_secs(seconds) / 2, &mut generation);

    // SAFETY: as above.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGCONT) }, 0);
    reader.stdin.take().unwrap().write_all(b"\n").unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(reader.wait().unwrap().success(), "{rest}");
    domain.reclaim().unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok() && report.exact && report.limbo == 0, "{report}");
    Sizes { version_bytes, version_blocks, alone, early, late }
}
