//! `cargo xtask fuzz`

use crate::Result;
use crate::run::{cargo, has, root, run as go};
use std::process::Command;

/// The targets: the bodies of all are in `eve_testkit::fuzz`.
pub const TARGETS: [&str; 4] = ["patches", "edn", "json", "open_damaged"];

/// Options of `fuzz`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only these targets
    #[arg(long = "target", value_delimiter = ',', value_name = "TARGET,…")]
    targets: Vec<String>,
    /// With the small mutator of the tests, even where cargo-fuzz is there
    #[arg(long)]
    plain: bool,
}

/// Are the tools there?
pub fn has_tools() -> bool {
    has("cargo", &["fuzz", "--version"]) && has("cargo", &["+nightly", "--version"])
}

/// Runs the targets under libFuzzer and AddressSanitizer, or else as tests.
pub fn run(options: &Options) -> Result<()> {
    for name in &options.targets {
        if !TARGETS.contains(&name.as_str()) {
            return Err(format!("there is no target {name:?}; there are {}", TARGETS.join(", ")).into());
        }
    }
    if options.plain || !has_tools() {
        eprintln!("without libFuzzer: `cargo install cargo-fuzz` and `rustup toolchain install nightly` bring it");
        return plain(options.seconds);
    }
    let chosen = |target: &&&str| options.targets.is_empty() || options.targets.iter().any(|name| name == **target);
    TARGETS.iter().filter(chosen).try_for_each(|target| under_libfuzzer(target, options.seconds))
}

/// The test of the testkit that runs all of them.
pub fn plain(seconds: u64) -> Result<()> {
    let mut command = cargo();
    command.args(["test", "--release", "-p", "eve-testkit", "--test", "fuzz"]);
    go(command.env("EVE_FUZZ_SECONDS", seconds.to_string()))
}

/// One target. What it finds is in `fuzz/artifacts`; what is new to it is kept in `fuzz/corpus`, for the next time.
pub fn under_libfuzzer(target: &str, seconds: u64) -> Result<()> {
    let folder = root().join("fuzz");
    std::fs::create_dir_all(folder.join("corpus").join(target))?;
    // By name, for the toolchain is chosen by the first argument.
    let mut command = Command::new("cargo");
    command.current_dir(&folder).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command.args(["+nightly", "fuzz", "run", target]);
    command.args([format!("corpus/{target}"), format!("corpus-found/{target}")]);
    command.args(["--", "-timeout=30", "-rss_limit_mb=4096", "-max_len=4096"]);
    go(command.arg(format!("-max_total_time={seconds}")))
}
