//! `cargo xtask model`: the engine's protocols under loom and shuttle, on the very code that runs. See docs/models.md.

use crate::Result;
use crate::run::{cargo, root, run as go};
use std::process::Command;

/// Options of `model`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Hundreds of thousands of schedules, and loom without a bound on preemptions below 4: hours
    #[arg(long)]
    long: bool,
    /// Only models whose name contains this
    filter: Option<String>,
}

/// Schedules of each of shuttle's models.
const SHORT: u32 = 600;
const LONG: u32 = 200_000;

/// The tests of one checker.
pub fn command(checker: &str, schedules: u32) -> Command {
    let mut command = cargo();
    // A directory of its own: with other flags everything is built anew. Flags in the environment replace those of the workspace.
    command
        .env("RUSTFLAGS", format!("--cfg {checker} {}", target_cpu()))
        .env("EVE_MODEL_SCHEDULES", schedules.to_string());
    command.args(["test", "-p", "eve-core", "--lib", "--features", "poison", "--target-dir"]);
    command.arg(root().join("target").join(checker));
    command
}

/// The flag of `.cargo/config.toml`, which ours replace.
fn target_cpu() -> &'static str {
    if cfg!(target_arch = "x86_64") { "-Ctarget-cpu=x86-64-v2" } else { "" }
}

/// Runs the models.
pub fn run(options: &Options) -> Result<()> {
    let filter = options.filter.as_deref().unwrap_or("models::");
    for checker in ["loom", "shuttle"] {
        let mut command = command(checker, if options.long { LONG } else { SHORT });
        if options.long {
            command.env("LOOM_MAX_PREEMPTIONS", "5");
        }
        go(command.args(["--", "--show-output", filter]))?;
    }
    Ok(())
}

/// As a step of `cargo xtask test`: the short form.
pub fn short(checker: &str) -> Command {
    let mut command = command(checker, SHORT);
    command.args(["--", "models::"]);
    command
}
