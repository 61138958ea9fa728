//! The runtimes whose processes take part, one entry each: how a process of it is started, or why it is left out.
//!
//! A process takes `--file FILE --atom ATOM --op OP --seconds N --json --progress`. It prints a line of JSON every second on
//! standard error and one at the end on standard output, see [`super::measure::Measure`].

use crate::run::{has, root};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A runtime.
pub struct Runtime {
    /// What people call it.
    pub name: &'static str,
    /// How its processes are started, given the `eve` that was built; or why they are not.
    pub find: fn(eve: &Path) -> Result<Starter, String>,
}

/// All runtimes.
pub const RUNTIMES: &[Runtime] = &[
    Runtime { name: "Rust", find: |eve| Ok(Starter::new(eve, &["bench"])) },
    Runtime { name: "Node", find: |_| node() },
    Runtime {
        name: "JVM",
        find: |_| script("bindings/clojure/bin/clj", &["-e", "nil"], &[], "bindings/clojure/demo/worker_jvm.clj"),
    },
    Runtime { name: "ClojureScript", find: |_| clojurescript() },
];

/// Node, once its addon is built.
fn node() -> Result<Starter, String> {
    let starter = script("node", &["--version"], &[], "bindings/node/demo/worker.mjs")?;
    built("bindings/node/bin/build", |_| ()).map(|()| starter)
}

/// ClojureScript on Node, once it is compiled.
fn clojurescript() -> Result<Starter, String> {
    node()?;
    built("bindings/clojure/bin/build-cljs", |build| {
        build.args(["advanced", "eve.worker-cljs", "worker.js"]);
        build.env("EVE_CLJS_SOURCES", root().join("bindings/clojure/demo"));
    })?;
    let compiled = root().join("bindings/clojure/target/cljs/worker.js");
    Ok(Starter::new("node", &[&compiled.display().to_string()]))
}

/// Runs what builds a runtime, a script of the checkout.
fn built(script: &str, with: impl FnOnce(&mut Command)) -> Result<(), String> {
    let path = root().join(script);
    if !path.is_file() {
        return Err(format!("this checkout has no {script}"));
    }
    let mut build = Command::new(path);
    with(&mut build);
    match build.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{script} failed ({status}); run it to see why")),
        Err(e) => Err(format!("{script}: {e}")),
    }
}

/// The start of a command line.
#[derive(Clone, Debug)]
pub struct Starter {
    program: PathBuf,
    args: Vec<String>,
}

impl Starter {
    /// A program with its first arguments.
    pub fn new(program: impl Into<PathBuf>, args: &[&str]) -> Starter {
        Starter { program: program.into(), args: args.iter().map(|arg| arg.to_string()).collect() }
    }
}

/// What one process does.
pub struct Task {
    /// What it is called in the output.
    pub name: String,
    /// The operation, as `eve bench --op` takes it.
    pub op: String,
    /// Does it change the counter?
    pub writes: bool,
    /// How it is started.
    pub starter: Starter,
}

impl Task {
    /// Its command line.
    pub fn command(&self, file: &Path, atom: &str, seconds: u64) -> Command {
        let mut command = Command::new(&self.starter.program);
        command.args(&self.starter.args).arg("--file").arg(file).args(["--atom", atom, "--op", &self.op]);
        command.args(["--seconds", &seconds.to_string(), "--json", "--progress"]);
        command
    }
}

/// A runtime that runs a script of the checkout.
fn script(program: &str, version: &[&str], args: &[&str], path: &str) -> Result<Starter, String> {
    let full = root().join(path);
    if !full.is_file() {
        return Err(format!("this checkout has no {path}"));
    }
    // A program of the checkout goes by its path; it builds what it needs when it is first asked for its version.
    let program = match root().join(program) {
        inside if inside.is_file() => inside.display().to_string(),
        _ => program.to_owned(),
    };
    if !has(&program, version) {
        return Err(format!("`{program}` is not installed, or does not start"));
    }
    let mut starter = Starter::new(&program, args);
    starter.args.push(full.display().to_string());
    Ok(starter)
}
