//! The steps of `cargo xtask test`, one file each. A new face adds its file and its line in [`all`]; a step whose face or tool is
//! missing says so and is left out.

mod clippy;
mod cljs;
mod clojure;
mod deny;
mod docs;
mod format;
mod fuzz;
mod interop;
mod models;
mod node;
mod tests;

use crate::Result;
use crate::run::shown;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// One step.
pub struct Step {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Does it.
    pub run: fn() -> Result<Outcome>,
}

/// How a step ended, if it did not end in an error.
pub enum Outcome {
    /// Nothing was found wrong.
    Done,
    /// It ran tests.
    Tests(Totals),
    /// It was not run: why, and what to do about it.
    LeftOut(String),
}

/// All steps, quick ones first.
pub fn all() -> Vec<Step> {
    vec![
        format::STEP,
        deny::STEP,
        clippy::STEP,
        tests::WORKSPACE,
        tests::POISON,
        tests::DOC,
        docs::STEP,
        models::LOOM,
        models::SHUTTLE,
        node::STEP,
        clojure::STEP,
        cljs::STEP,
        interop::STEP,
        fuzz::STEP,
    ]
}

/// Counts of tests.
#[derive(Debug, Default)]
pub struct Totals {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that were not run.
    pub ignored: u64,
    /// The program that ran them ended well.
    pub complete: bool,
}

impl Totals {
    /// Adds others.
    pub fn add(&mut self, other: &Totals) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }

    /// Counts a line in the form in which cargo sums up a test binary, `test result: ok. 3 passed; 0 failed; 1 ignored; …`, or in one
    /// of those of Node's: `ℹ pass 3`.
    fn read(&mut self, line: &str) {
        if let Some(count) = line.strip_prefix("ℹ ") {
            match count.trim_end().split_once(' ').map(|(what, n)| (what, n.parse::<u64>())) {
                Some(("pass", Ok(n))) => self.passed += n,
                Some(("fail" | "cancelled", Ok(n))) => self.failed += n,
                Some(("skipped" | "todo", Ok(n))) => self.ignored += n,
                _ => {}
            }
        }
        let Some((_, counts)) = line.split_once("test result: ") else { return };
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(n), Some(what)) = (words.next().and_then(|n| n.parse::<u64>().ok()), words.next()) else {
                continue;
            };
            match what {
                "passed" => self.passed += n,
                "failed" => self.failed += n,
                "ignored" => self.ignored += n,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)?;
        if self.failed == 0 && !self.complete {
            write!(f, "; it did not build, or ended early: see above")?;
        }
        Ok(())
    }
}

/// Runs a program that runs tests, passes on what it prints, and counts.
pub fn counted(command: &mut Command) -> Result<Outcome> {
    eprintln!("$ {}", shown(command));
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = started.map_err(|e| format!("cannot start `{}`: {e}", shown(command)))?;
    let mut totals = Totals::default();
    if let Some(stdout) = child.stdout.take() {
        let mut out = std::io::stdout().lock();
        let (mut stdout, mut line) = (BufReader::new(stdout), Vec::new());
        while stdout.read_until(b'\n', &mut line)? > 0 {
            out.write_all(&line)?;
            totals.read(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    totals.complete = child.wait()?.success();
    Ok(Outcome::Tests(totals))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn lines_of_cargo_test_are_counted() {
        let mut totals = Totals::default();
        totals.read("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.42s");
        totals
            .read("test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s");
        totals.read("test some::test ... ok");
        assert_eq!((totals.passed, totals.failed, totals.ignored), (14, 3, 1));
    }

    #[test]
    fn lines_of_node_are_counted() {
        let mut totals = Totals::default();
        for line in [
            "ℹ tests 9",
            "ℹ pass 5",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "ℹ skipped 2\n",
            "ℹ todo 0",
            "✔ pass 7",
            "ℹ fail 3 times",
        ] {
            totals.read(line);
        }
        assert_eq!((totals.passed, totals.failed, totals.ignored), (5, 2, 2));
    }
}
