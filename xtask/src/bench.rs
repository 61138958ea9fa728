//! `cargo xtask bench`

use crate::Result;
use crate::run::{cargo, run as go};

/// Options of `bench`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Options of the benchmark itself; `cargo xtask bench -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    rest: Vec<String>,
}

/// Builds the benchmark and runs it.
pub fn run(options: &Options) -> Result<()> {
    go(cargo().args(["run", "--release", "-p", "eve-bench", "--"]).args(&options.rest))
}
