//! `eve load`

use crate::failure::{At, Result};
use crate::files;
use crate::text::{self, Format};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::Duration;

/// Set an atom to what a file or standard input holds: EDN, JSON, or JSON lines (a vector of them).
///
/// The input is read as a stream: only its value is in memory. The atom changes in one step, at the end.
#[derive(clap::Args)]
pub struct Load {
    /// The file
    file: PathBuf,
    /// The name of the atom
    atom: String,
    /// What to read; - or nothing is standard input
    input: Option<PathBuf>,
    /// How it is written; otherwise the extension tells (.json, .jsonl, .ndjson, else EDN)
    #[arg(long)]
    format: Option<Format>,
    /// It is JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// The keys of JSON objects become keywords
    #[arg(long)]
    keywords: bool,
}

impl Load {
    pub fn run(self) -> Result<()> {
        let input = self.input.as_deref().filter(|path| path.as_os_str() != "-");
        let format = match (self.format, self.json) {
            (Some(format), _) => format,
            (None, true) => Format::Json,
            (None, false) => input.map_or(Format::Edn, Format::of),
        };
        let (source, length) = text::open(input)?;
        // Opened first: if it is not ours, nobody has to wait for the input to be read to hear of it.
        let domain = files::create(&self.file)?;
        // Shown on standard error, if that is a terminal.
        let bar = match length {
            Some(length) => ProgressBar::new(length).with_style(
                ProgressStyle::with_template("reading {bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            ),
            None => ProgressBar::new_spinner().with_style(
                ProgressStyle::with_template("reading {spinner} {bytes} {bytes_per_sec}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            ),
        };
        let value = text::read(text::buffered(bar.wrap_read(source)), format, text::keys(self.keywords));
        bar.finish_and_clear();
        let value = match input {
            Some(path) => value.at(&path.display())?,
            None => value.at(&"standard input")?,
        };
        let bar = ProgressBar::new_spinner().with_message("storing");
        bar.enable_steady_tick(Duration::from_millis(100));
        let stored = files::put(&domain, &self.atom, &value);
        bar.finish_and_clear();
        stored
    }
}
