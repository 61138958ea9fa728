//! What the demo prints at its end.

use super::measure::{Measure, count, time};
use super::workers::Task;
use crate::Result;
use crate::run::shown;
use std::process::{Command, Stdio};

/// A line for each process, and the totals.
pub fn print(tasks: &[Task], measures: &[Measure]) {
    println!(
        "\n{:<18} {:>14} {:>12} {:>10} {:>10} {:>10} {:>12}  operation",
        "process", "operations", "a second", "p50", "p95", "p99", "conflicts"
    );
    for (task, m) in tasks.iter().zip(measures) {
        println!(
            "{:<18} {:>14} {:>12} {:>10} {:>10} {:>10} {:>12}  {}",
            task.name,
            count(m.operations),
            count(m.per_second as u64),
            time(m.p50_ns),
            time(m.p95_ns),
            time(m.p99_ns),
            m.conflicts.map_or("-".into(), count),
            task.op
        );
    }
    for (name, writes) in [("swaps", true), ("reads", false)] {
        let of = || tasks.iter().zip(measures).filter(|(task, _)| task.writes == writes).map(|(_, m)| m);
        let (n, rate): (u64, f64) = (of().map(|m| m.operations).sum(), of().map(|m| m.per_second).sum());
        println!("{:<18} {:>14} {:>12}", format!("all {name}"), count(n), count(rate as u64));
    }
    println!();
}

/// Asks `eve verify`, prints what it says, and tells whether all is well.
pub fn verify(command: &mut Command) -> Result<bool> {
    #[derive(serde::Deserialize)]
    struct Verdict {
        ok: bool,
        #[serde(default)]
        leaked: u64,
        #[serde(default)]
        damaged: u64,
    }
    // Its exit status is not zero if it finds something; what it found stands on standard output all the same.
    let done = command.stdin(Stdio::null()).output().map_err(|e| format!("cannot start `{}`: {e}", shown(command)))?;
    let text = String::from_utf8_lossy(&done.stdout);
    let Ok(verdict) = serde_json::from_str::<Verdict>(&text) else {
        let complaint = String::from_utf8_lossy(&done.stderr);
        return Err(format!("`{}` gave no verdict ({})\n{text}{complaint}", shown(command), done.status).into());
    };
    let ok = verdict.ok && done.status.success();
    println!(
        "verify: {}, {} blocks leaked, {} damaged",
        if ok { "ok" } else { "NOT OK" },
        verdict.leaked,
        verdict.damaged
    );
    if !ok {
        println!("{}", text.trim_end());
    }
    Ok(ok)
}
