//! Many processes over one file: this test binary starts itself again as each of them.

use eve_core::value::Value;
use eve_core::{Domain, Error};
use std::process::Command;

const FILE: &str = "EVE_TEST_PROCESSES_FILE";
const STEPS: i64 = 200;

fn inc(value: Value) -> Result<Value, Error> {
    match value {
        Value::Int(i) => Ok(Value::Int(i + 1)),
        other => Err(Error::value(format!("not an integer: {other}"))),
    }
}

/// What each process does; without the variable it is no test of its own.
#[test]
fn worker() {
    let Ok(file) = std::env::var(FILE) else { return };
    let domain = Domain::open(file).unwrap();
    let counter = domain.atom("counter", || Ok(Value::Int(0))).unwrap();
    let started = domain.atom("started", || Ok(Value::Int(0))).unwrap();
    started.update(inc).unwrap();
    // All of them take part at once: nobody begins before the last one is there.
    loop {
        let seen = started.version();
        if started.load().unwrap().view().as_i64().unwrap() >= 64 {
            break;
        }
        started.wait(seen, Some(std::time::Duration::from_secs(60)));
    }
    for _ in 0..STEPS {
        counter.update(inc).unwrap();
    }
}

#[test]
fn nothing_is_lost_between_sixty_four_processes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("db");
    let children: Vec<_> = (0..64)
        .map(|_| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "worker"]).env(FILE, &file).stdout(std::process::Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let domain = Domain::open(&file).unwrap();
    let counter = domain.find("counter").unwrap().unwrap();
    assert_eq!(counter.load().unwrap().view().as_i64(), Some(64 * STEPS));
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok() && report.exact, "{report}");
    assert_eq!(domain.stat().unwrap().processes, 1, "the others are gone");
}
