//! `cargo xtask test`: all steps in turn, a line for each at the end, and the totals of all tests.

use crate::Result;
use crate::steps::{self, Outcome, Step};
use std::time::Instant;

/// Options of `test`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only these steps
    #[arg(long, value_delimiter = ',', value_name = "STEP,…")]
    only: Vec<String>,
    /// All but these steps
    #[arg(long, value_delimiter = ',', value_name = "STEP,…")]
    skip: Vec<String>,
    /// Stop at the first step that fails
    #[arg(long)]
    fail_fast: bool,
    /// List the steps and do nothing
    #[arg(long)]
    list: bool,
}

/// Runs the steps.
pub fn run(options: &Options) -> Result<()> {
    let all = steps::all();
    for name in options.only.iter().chain(&options.skip) {
        if !all.iter().any(|step| step.name == name) {
            return Err(format!("there is no step {name:?}; `cargo xtask test --list` lists them").into());
        }
    }
    if options.list {
        for step in &all {
            println!("{:<14} {}", step.name, step.about);
        }
        return Ok(());
    }
    let chosen = |step: &&Step| {
        (options.only.is_empty() || options.only.iter().any(|n| n == step.name))
            && !options.skip.iter().any(|n| n == step.name)
    };
    let (mut lines, mut totals) = (Vec::new(), steps::Totals::default());
    let mut failed = Vec::new();
    for step in all.iter().filter(chosen) {
        eprintln!("\n=== {}: {}", step.name, step.about);
        let begin = Instant::now();
        let outcome = (step.run)();
        let took = begin.elapsed().as_secs_f64();
        let (word, detail) = match &outcome {
            Ok(Outcome::Done) => ("ok", String::new()),
            Ok(Outcome::Tests(counts)) => {
                totals.add(counts);
                (if counts.failed == 0 && counts.complete { "ok" } else { "FAILED" }, counts.to_string())
            }
            Ok(Outcome::LeftOut(why)) => ("left out", why.clone()),
            Err(error) => ("FAILED", error.to_string()),
        };
        if word == "FAILED" {
            failed.push(step.name);
            eprintln!("{}: {detail}", step.name);
        }
        lines.push(format!("{:<14} {word:<9} {took:7.1} s  {}", step.name, detail.lines().next().unwrap_or_default()));
        if options.fail_fast && !failed.is_empty() {
            break;
        }
    }
    println!("\n=== summary");
    for line in &lines {
        println!("{line}");
    }
    println!("{} passed, {} failed, {} ignored", totals.passed, totals.failed, totals.ignored);
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}
