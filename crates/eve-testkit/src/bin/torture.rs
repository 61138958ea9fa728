//! Random programs by several processes, and kills, for as long as it is told.

use eve_testkit::programs::{Plan, Task, batches, kills};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const HELP: &str = "\
Usage: torture programs [--seconds N] [--processes N] [--threads N] [--seed N] [--file PATH]
       torture kills    [--kills N] [--seconds N] [--processes N] [--threads N] [--seed N] [--file PATH]
       torture crashes  [--rounds N] [--seed N] [--file PATH]

programs  random changes by several processes beside a model, and a check of the whole file after each batch
kills     the same by processes that are killed at random instants; what had been done is there afterwards
crashes   a death at each named place of the engine, N times (needs --features crash-points)

Build it with --features poison, so that reading freed memory is noticed.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match Task::from_arguments(arguments.iter().cloned()) {
        Some(task) => task.run().map_err(|e| e.to_string()),
        None => run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let option = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str, default: u64| match option(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| format!("{name} {text:?} is no number")),
    };
    let what = arguments.first().map(String::as_str).unwrap_or("--help");
    if !["programs", "kills", "crashes"].contains(&what) {
        println!("{HELP}");
        return if what == "--help" { Ok(()) } else { Err(format!("there is no {what:?} to do")) };
    }
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| d.as_nanos() as u64);
    let plan = Plan {
        time: Duration::from_secs(number("--seconds", if what == "kills" { 86_400 } else { 60 })?),
        kills: number("--kills", if option("--seconds").is_some() { u64::MAX } else { 2000 })?,
        processes: number("--processes", 4)?,
        threads: number("--threads", 2)?,
        seed: number("--seed", clock)?,
        arguments: Vec::new(),
        talk: true,
    };
    let folder = std::env::temp_dir().join(format!("eve-torture-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let file = option("--file").map_or_else(|| folder.join("domain.eve"), Into::into);
    println!("seed {}, file {}", plan.seed, file.display());
    let start = Instant::now();
    let done = match what {
        "kills" => kills(&file, &folder.join("notes"), &plan, &[]),
        "crashes" => crash_at_all_places(&file, &folder.join("notes"), &plan, number("--rounds", 3)?),
        _ => batches(&file, &plan),
    };
    // The file stays if something is wrong.
    let done = done.map_err(|e| format!("{e}\nthe file is {}", file.display()))?;
    let _ = std::fs::remove_dir_all(&folder);
    println!("{done:?} in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

#[cfg(feature = "crash-points")]
fn crash_at_all_places(
    file: &std::path::Path,
    notes: &std::path::Path,
    plan: &Plan,
    rounds: u64,
) -> eve_core::Result<eve_testkit::programs::Done> {
    let crashes = eve_testkit::programs::crashes(file, notes, plan, rounds)?;
    println!("{} deaths; places at which nobody died: {:?}", crashes.died, crashes.not_reached);
    Ok(crashes.done)
}

#[cfg(not(feature = "crash-points"))]
fn crash_at_all_places(
    _: &std::path::Path,
    _: &std::path::Path,
    _: &Plan,
    _: u64,
) -> eve_core::Result<eve_testkit::programs::Done> {
    Err(eve_core::Error::value("built without the feature crash-points"))
}
