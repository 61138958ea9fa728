//! `cargo xtask demo`: a real nested document in a persistent atom, and several processes that swap and read it at once.

mod live;
mod measure;
mod processes;
mod report;
mod workers;

use crate::Result;
use crate::run::{self, cargo, output};
use measure::Measure;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use workers::Task;

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How long the processes run
    #[arg(long, default_value_t = 15, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=90))]
    seconds: u64,
    /// Processes of each runtime that count up
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    writers: u32,
    /// Processes of each runtime that read
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=64))]
    readers: u32,
    /// A JSON document to load instead of the output of `cargo metadata`: an object
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The folder for the file [default: the temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep the file, and say where it is
    #[arg(long)]
    keep: bool,
}

/// The atom that all processes share.
const ATOM: &str = "demo/document";
/// Where they count.
const COUNTER: &str = "[:counter]";

/// The file under demonstration, and the `eve` that reads it.
struct Domain<'a> {
    eve: &'a Path,
    file: &'a Path,
}

impl Domain<'_> {
    fn eve(&self, command: &str) -> Command {
        let mut eve = Command::new(self.eve);
        eve.arg(command).arg(self.file);
        eve
    }
    /// The counter in the document.
    fn counter(&self) -> Result<u64> {
        let text = output(self.eve("get").args([ATOM, COUNTER]))?;
        Ok(text.trim().parse().map_err(|_| format!("the counter reads {text:?}, which is no count"))?)
    }
}

/// Shows it.
pub fn run(options: &Options) -> Result<()> {
    run::run(cargo().args(["build", "--release", "-p", "eve-cli"]))?;
    let metadata = run::metadata()?;
    let eve = run::target_dir(&metadata)?.join("release").join("eve");
    let mut folder = tempfile::Builder::new();
    let folder = folder.prefix("eve-demo-");
    let mut folder = match &options.dir {
        Some(dir) => folder.tempdir_in(dir).map_err(|e| format!("cannot use {}: {e}", dir.display()))?,
        None => folder.tempdir()?,
    };
    folder.disable_cleanup(options.keep);
    let input = match &options.input {
        Some(input) => input.canonicalize().map_err(|e| format!("cannot read {}: {e}", input.display()))?,
        None => {
            let path = folder.path().join("metadata.json");
            std::fs::write(&path, &metadata)?;
            path
        }
    };
    let file = folder.path().join("demo.evedb");
    let done = show(options, &Domain { eve: &eve, file: &file }, &input);
    if options.keep {
        println!("the file is kept: {}", file.display());
    }
    done
}

fn show(options: &Options, domain: &Domain<'_>, input: &Path) -> Result<()> {
    let begin = Instant::now();
    let size = std::fs::metadata(input)?.len();
    run::run(domain.eve("load").arg(ATOM).arg(input).args(["--format", "json", "--keywords"]))?;
    output(domain.eve("swap").args([ATOM, "assoc-in", COUNTER, "0"]))?;
    println!(
        "loaded {:.1} MB of JSON in {:.2} s into the atom {ATOM} of {}",
        size as f64 / 1e6,
        begin.elapsed().as_secs_f64(),
        domain.file.display()
    );

    let mut tasks = Vec::new();
    let read = if options.input.is_some() { COUNTER } else { "[:packages 0 :name]" };
    for runtime in workers::RUNTIMES {
        let starter = match (runtime.find)(domain.eve) {
            Ok(starter) => starter,
            Err(why) => {
                println!("left out: {}: {why}", runtime.name);
                continue;
            }
        };
        let add = |n: u32, what: &'static str, op: String| {
            let starter = starter.clone();
            (1..=n).map(move |i| Task {
                name: format!("{} {what} {i}", runtime.name),
                op: op.clone(),
                writes: what == "writer",
                starter: starter.clone(),
            })
        };
        tasks.extend(add(options.writers, "writer", format!("update-in {COUNTER} inc")));
        tasks.extend(add(options.readers, "reader", format!("get-in {read}")));
    }
    let length = Duration::from_secs(options.seconds);
    println!("{} processes for {} s on one atom", tasks.len(), options.seconds);
    let measures: Vec<Measure> = processes::run(&tasks, domain.file, ATOM, length)?;
    report::print(&tasks, &measures);

    let swaps: u64 = tasks.iter().zip(&measures).filter(|(task, _)| task.writes).map(|(_, m)| m.operations).sum();
    let counter = domain.counter()?;
    let counted = counter == swaps;
    println!("counted: {counter} in the document, {swaps} swaps that returned: {}", {
        if counted { "nothing was lost" } else { "THEY DIFFER" }
    });
    let verified = report::verify(domain.eve("verify").arg("--json"))?;
    println!("{:.1} s in all", begin.elapsed().as_secs_f64());
    match (counted, verified) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("the counter is {counter} after {swaps} swaps").into()),
        (true, false) => Err("`eve verify` found something wrong with the file".into()),
    }
}
