//! `eve gc`

use crate::failure::{At, Result};
use crate::files;
use crate::out::Out;
use indicatif::ProgressBar;
use serde_json::json;
use std::path::PathBuf;

/// Free what killed processes left over, while others go on working.
///
/// Counts that are too high and pages without an owner are set right only when no other process has the file open.
#[derive(clap::Args)]
pub struct Gc {
    /// The file
    file: PathBuf,
    /// What was done as a JSON object
    #[arg(long)]
    json: bool,
}

impl Gc {
    pub fn run(self) -> Result<()> {
        let domain = files::change(&self.file)?;
        let bar = ProgressBar::new(0); // on standard error, if that is a terminal
        let collected = domain.gc(|done, all| {
            bar.set_length(all);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let done = collected.at(&self.file.display())?;
        let mut out = Out::new();
        if self.json {
            out.line(json!({
                "blocks": done.blocks,
                "bytes": done.bytes,
                "pages": done.pages,
                "counts": done.counts,
                "alone": done.alone,
                "left": done.left,
            }))?;
        } else {
            out.line(&done)?;
        }
        out.flush()
    }
}
