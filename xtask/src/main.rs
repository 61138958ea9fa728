//! The commands of the project, for people and for CI: `cargo xtask build`, `demo`, `test`, `bench`, `fuzz`, `torture`.

mod bench;
mod build;
mod demo;
mod faces;
mod fuzz;
mod model;
mod run;
mod steps;
mod test;
mod torture;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Whatever went wrong, said in full.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// Builds, shows, tests and measures eve.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Builds a face, or all faces that are in this checkout
    Build(build::Options),
    /// Several processes swap and read one persistent atom at once: rates, latencies, and what `eve verify` says
    Demo(demo::Options),
    /// Runs every check and test
    Test(test::Options),
    /// Measures eve beside its peers and writes tables and a plot to bench/results
    Bench(bench::Options),
    /// Runs the engine's protocols under model checkers
    Model(model::Options),
    /// Runs the fuzz targets, each for so long
    Fuzz(fuzz::Options),
    /// Runs random programs of several processes, or kills processes at random instants, and verifies the file
    Torture(torture::Options),
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Build(options) => build::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Model(options) => model::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Torture(options) => torture::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
