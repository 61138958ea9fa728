//! Processes of several pid namespaces over one file, as in containers that share a volume: each has the same process id, and none can see
//! or signal another. Who lives is told by the kernel's locks alone.
#![cfg(target_os = "linux")]

use eve_core::value::Value;
use eve_core::{Domain, Error};
use eve_testkit::child;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

const NAME: &str = "processes_of_the_same_number_are_told_apart";

/// Takes part, holds a version, and waits for a line.
fn take_part(path: &Path) {
    let domain = Domain::open(path).unwrap();
    let atom = domain.find("m").unwrap().unwrap();
    let held = atom.load().unwrap();
    let said = held.value().unwrap().to_string();
    atom.update::<Error>(|v| v.assoc(i64::from(std::process::id()), "was here")).unwrap();
    println!("\nprocess {}", std::process::id());
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_exact(&mut [0]).unwrap();
    assert_eq!(held.value().unwrap().to_string(), said);
}

/// The same test in a pid namespace of its own, and the number that it has there; none where that is not allowed.
struct Other {
    process: Child,
    number: String,
}

fn other(path: &str) -> Option<Other> {
    let inner = child::command(NAME, path);
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--kill-child"]).arg(inner.get_program()).args(inner.get_args());
    command.envs(inner.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let mut said = BufReader::new(process.stdout.as_mut().unwrap());
    let mut line = String::new();
    while !line.starts_with("process ") {
        line.clear();
        if said.read_line(&mut line).unwrap() == 0 {
            let mut why = String::new();
            process.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            assert!(!process.wait().unwrap().success());
            assert!(why.contains("unshare"), "{why}");
            eprintln!("not tested, pid namespaces are not allowed here: {why}");
            return None;
        }
    }
    Some(Other { process, number: line })
}

impl Other {
    fn go_on(mut self) -> ExitStatus {
        self.process.stdin.take().unwrap().write_all(b"\n").unwrap();
        self.process.wait().unwrap()
    }
}

#[test]
fn processes_of_the_same_number_are_told_apart() {
    if let Some(path) = child::task() {
        return take_part(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let domain = Domain::open(&path).unwrap();
    let atom = domain.put("m", &Value::map((0..1000i64).map(|i| (i, i)))).unwrap();
    let name = path.to_str().unwrap();
    let Some(first) = other(name) else { return };
    let (second, third) = (other(name).unwrap(), other(name).unwrap());
    assert_eq!((&first.number, &second.number), (&third.number, &third.number), "each is the first of its namespace");
    let churn = || {
        for i in 0..3000i64 {
            atom.update::<Error>(|v| v.assoc(i % 1000, i)).unwrap();
        }
    };
    churn();
    assert_eq!(domain.recover().unwrap(), 0, "all of them live");
    assert_eq!(domain.stat().unwrap().processes, 4);
    // `unshare` is killed, and its child with it.
    let mut second = second;
    second.process.kill().unwrap();
    second.process.wait().unwrap();
    let mut recovered = 0;
    while recovered == 0 {
        recovered = domain.recover().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!((recovered, domain.stat().unwrap().processes), (1, 3), "only the one that was killed");
    churn();
    assert!(first.go_on().success() && third.go_on().success(), "what they held stayed as it was");
    domain.reclaim().unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok() && report.exact && report.limbo == 0, "{report}");
}
