//! `eve stat`

use crate::failure::{At, Result};
use crate::files;
use crate::out::{Out, bytes};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Print figures about a file. It is opened read-only.
#[derive(clap::Args)]
pub struct Stat {
    /// The file
    file: PathBuf,
    /// As a JSON object
    #[arg(long)]
    json: bool,
}

/// Bytes of a heap page.
const PAGE: u64 = 16 * 1024;

/// Bytes that the file takes: it has holes, so its length says little.
#[cfg(unix)]
fn disk(file: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    file.metadata().ok().map(|facts| facts.blocks() * 512)
}

#[cfg(not(unix))]
fn disk(_: &Path) -> Option<u64> {
    None
}

impl Stat {
    pub fn run(self) -> Result<()> {
        let domain = files::look(&self.file)?;
        let stat = domain.stat().at(&self.file.display())?;
        let disk = disk(&self.file);
        let mut out = Out::new();
        if self.json {
            out.line(json!({
                "disk": disk,
                "committed": stat.committed,
                "reserve": stat.reserve,
                "pages": stat.pages,
                "pages_used": stat.pages_used,
                "pages_punched": stat.pages_punched,
                "tick": stat.tick,
                "oldest_pin": stat.oldest_pin,
                "pins": stat.pins,
                "participants": stat.participants,
                "processes": stat.processes,
                "atoms": stat.atoms,
            }))?;
            return out.flush();
        }
        let pin = stat.oldest_pin.map_or("none".into(), |tick| format!("{tick}"));
        for (name, text) in [
            ("atoms", stat.atoms.to_string()),
            ("on disk", disk.map_or("unknown".into(), bytes)),
            ("length", format!("{} of at most {}", bytes(stat.committed), bytes(stat.reserve))),
            ("in use", format!("{} in {} pages of 16 KiB", bytes(stat.pages_used * PAGE), stat.pages_used)),
            ("given back", format!("{} in {} pages", bytes(stat.pages_punched * PAGE), stat.pages_punched)),
            ("commits", format!("at tick {}", stat.tick)),
            ("processes", format!("{} with {} participants", stat.processes, stat.participants)),
            ("pins", format!("{}, the oldest at tick {pin}", stat.pins)),
        ] {
            out.line(format_args!("{name:12}{text}"))?;
        }
        out.flush()
    }
}
