//! The command `eve`: reads, changes and watches the atoms of a file.
//!
//! One file for each command under `commands/`; what they share is beside this one. A failure is one line on standard
//! error that names the file, the atom, the reason and what to do, and status 1.

mod commands;
mod failure;
mod files;
mod hint;
mod histogram;
mod ops;
mod out;
mod text;

use clap::Parser;
use failure::Failure;
use std::ffi::OsString;
use std::process::ExitCode;

/// Persistent maps, vectors, sets and lists in a file, inside atoms that many processes swap at once.
///
/// Values are EDN, or JSON with --json. A PATH is an EDN vector of keys, as '[:users "ada" 3]', or the keys one by one.
/// On failure there is one line on standard error, and the exit status is 1.
#[derive(Parser)]
#[command(name = "eve", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(said(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            let _ = error.print(); // help that cannot be printed helps nobody
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&Failure::usage(&error)),
    };
    match arguments.command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.nobody_listens() => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

/// The command line, with `help … --help` as `help …` (or `help help`): clap takes a flag behind `help` for the name of a command.
fn said(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut said: Vec<OsString> = arguments.collect();
    if said.get(1).is_some_and(|command| command == "help") {
        said.retain(|argument| argument != "--help" && argument != "-h");
        if said.len() == 2 && std::env::args_os().len() > 2 {
            said.push("help".into());
        }
    }
    said
}

fn fail(failure: &Failure) -> ExitCode {
    eprintln!("eve: {failure}");
    failure.status().into()
}
