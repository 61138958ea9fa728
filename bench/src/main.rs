//! Benchmarks of eve beside its rivals and the floor, all in one run: who swaps, reads, walks and builds how fast, as
//! ratios; and scenarios of several processes. Results go to `bench/results/`, by date and commit.

mod clock;
mod floor;
mod harness;
mod keys;
mod machine;
mod report;
mod scenarios;
mod stats;
mod subjects;

use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clock::Clock;
use report::Report;

/// Whatever went wrong, said in full.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// Compares eve with the floor, imbl, LMDB and redb in one run and writes tables and a plot.
#[derive(Debug, Parser)]
#[command(name = "eve-bench", version)]
struct Options {
    /// Leave out maps of more entries than this, and the 1.1 GB file when it is below 10 million.
    #[arg(long, default_value_t = 10_000_000, value_name = "ENTRIES")]
    max: usize,
    /// Small sizes and few rounds, under a minute in all: a check that everything runs, not a measurement.
    #[arg(long)]
    quick: bool,
    /// Only the maps or only the scenarios.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Directory for the files under measurement; they are gone afterwards.
    /// [default: /dev/shm if there is one, else the temporary directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Directory for the results.
    #[arg(long, default_value = "bench/results", value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum Part {
    /// Swap, get, iterate and build of every subject at every size.
    Maps,
    /// Several processes, opening, growth.
    Scenarios,
}

fn main() -> ExitCode {
    // before clap, so that the subcommand of the worker processes stays out of the help
    let args: Vec<String> = std::env::args().collect();
    let done = match args.as_slice() {
        [_, command, job] if command == scenarios::processes::SUBCOMMAND => scenarios::processes::worker(job),
        _ => run(&Options::parse()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("eve-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let settings = if options.quick { harness::Settings::quick() } else { harness::Settings::full(options.max) };
    let mut drivers = if options.quick { scenarios::Settings::quick() } else { scenarios::Settings::full() };
    if options.max < 10_000_000 {
        drivers = scenarios::Settings { small_and_large: (4_000, 400_000), full: false, ..drivers };
    }
    let memory = Path::new("/dev/shm");
    let fallback = || if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let dir = &options.dir.clone().unwrap_or_else(fallback);
    if !dir.is_dir() {
        return Err(format!("{} is no directory; name one with --dir", dir.display()).into());
    }
    let clock = Clock::calibrate();
    let mut report = Report::here(&clock, &settings, &drivers, dir);
    let begin = Instant::now();
    if options.only != Some(Part::Scenarios) {
        measure_maps(&mut report, &settings, &clock, dir)?;
    }
    if options.only != Some(Part::Maps) {
        for engine in scenarios::engines() {
            eprintln!("{:6.1} s  scenarios of {}", begin.elapsed().as_secs_f64(), engine.name());
            report.findings.extend(scenarios::run(&*engine, &drivers, dir)?);
        }
    }
    let written = report.write(&options.out)?;
    println!("{}", report.text());
    eprintln!("{:6.1} s  written to {}", begin.elapsed().as_secs_f64(), written.display());
    Ok(())
}

fn measure_maps(report: &mut Report, settings: &harness::Settings, clock: &Clock, dir: &Path) -> Result<()> {
    let begin = Instant::now();
    for n in &settings.sizes {
        eprintln!("{:6.1} s  {n} entries, 64-bit integers", begin.elapsed().as_secs_f64());
        report.cases.extend(harness::run_size::<i64>(*n, settings, clock, dir)?);
    }
    for n in &settings.sizes {
        eprintln!("{:6.1} s  {n} entries, strings", begin.elapsed().as_secs_f64());
        report.cases.extend(harness::run_size::<Arc<str>>(*n, settings, clock, dir)?);
    }
    Ok(())
}
