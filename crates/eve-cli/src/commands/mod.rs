//! The commands, each in its file.

mod bench;
mod demo;
mod dump;
mod gc;
mod get;
mod load;
mod ls;
mod rm;
mod set;
mod stat;
mod swap;
mod verify;
mod watch;

use crate::failure::Result;

/// What the command line asks for.
#[derive(clap::Subcommand)]
pub enum Command {
    Get(get::Get),
    Set(set::Set),
    Swap(swap::Swap),
    Ls(ls::Ls),
    Rm(rm::Rm),
    Stat(stat::Stat),
    Verify(verify::Verify),
    Gc(gc::Gc),
    Dump(dump::Dump),
    Load(load::Load),
    Watch(watch::Watch),
    Bench(bench::Bench),
    Demo(demo::Demo),
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<()> {
        match self {
            Command::Get(get) => get.run(),
            Command::Set(set) => set.run(),
            Command::Swap(swap) => swap.run(),
            Command::Ls(ls) => ls.run(),
            Command::Rm(rm) => rm.run(),
            Command::Stat(stat) => stat.run(),
            Command::Verify(verify) => verify.run(),
            Command::Gc(gc) => gc.run(),
            Command::Dump(dump) => dump.run(),
            Command::Load(load) => load.run(),
            Command::Watch(watch) => watch.run(),
            Command::Bench(bench) => bench.run(),
            Command::Demo(demo) => demo.run(),
        }
    }
}
