//! `cargo xtask torture`

use crate::Result;
use crate::run::{cargo, run as go};

/// Options of `torture`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// `programs --seconds N --processes N`: random programs against a model; `kills --kills N`: processes killed at random
    /// instants; `crashes --rounds N`: a death at each named place. Without it, programs and then kills, each short. `cargo xtask torture -- --help` lists all options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WHAT")]
    rest: Vec<String>,
    /// Do not fill freed blocks with a pattern
    #[arg(long)]
    no_poison: bool,
}

/// Builds the driver and runs it.
pub fn run(options: &Options) -> Result<()> {
    let drive = |args: &[&str]| {
        let mut command = cargo();
        command.args(["run", "--release", "-p", "eve-testkit", "--bin", "torture"]);
        if !options.no_poison {
            command.args(["--features", "eve-core/poison"]);
        }
        if args.first() == Some(&"crashes") {
            command.args(["--features", "crash-points"]);
        }
        go(command.arg("--").args(args))
    };
    if options.rest.is_empty() {
        drive(&["programs", "--seconds", "60", "--processes", "4"])?;
        return drive(&["kills", "--kills", "200"]);
    }
    drive(&options.rest.iter().map(String::as_str).collect::<Vec<_>>())
}
