//! `eve load`

use crate::failure::{At, Failure, Result};
use crate::files;
use crate::text::{self, Format};
use eve::Value;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::Duration;

/// Set an atom to what a file or standard input holds: EDN, JSON, or JSON lines (a vector of them).
///
/// The input is read as a stream: only its value is in memory. The atom changes in one step, at the end.
///
/// With --all, `eve load FILE --all [INPUT]` sets every atom of what `eve dump FILE` wrote, one after the other; other atoms stay. EDN gives all
/// back as it was; JSON has no keywords, sets or dates.
#[derive(clap::Args)]
pub struct Load {
    /// The file
    file: PathBuf,
    /// The name of the atom; not with --all
    #[arg(required_unless_present = "all")]
    atom: Option<String>,
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
    /// The input is a dump of a whole file
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    making: files::Making,
}

impl Load {
    pub fn run(mut self) -> Result<()> {
        if self.all {
            if self.input.is_some() {
                return Err(Failure::new("with --all there is no ATOM: eve load FILE --all [INPUT]"));
            }
            self.input = self.atom.take().map(PathBuf::from);
        }
        let input = self.input.as_deref().filter(|path| path.as_os_str() != "-");
        let format = match (self.format, self.json) {
            (Some(format), _) => format,
            (None, true) => Format::Json,
            (None, false) => input.map_or(Format::Edn, Format::of),
        };
        let (source, length) = text::open(input)?;
        // Opened first: if it is not ours, nobody has to wait for the input to be read to hear of it.
        let domain = files::create(&self.file, self.making)?;
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
        let place = input.map_or("standard input".into(), |path| path.display().to_string());
        let value = value.at(&place)?;
        let atoms = match self.atom {
            Some(name) => vec![(name, value)],
            None => atoms_of(&value).at(&place)?,
        };
        let bar = ProgressBar::new_spinner().with_message("storing");
        bar.enable_steady_tick(Duration::from_millis(100));
        let stored = atoms.iter().try_for_each(|(name, value)| files::put(&domain, name, value));
        bar.finish_and_clear();
        stored
    }
}

/// The atoms of a dump of a whole file: a map from names to values, or of JSON lines an object for each atom.
fn atoms_of(dump: &Value) -> eve::Result<Vec<(String, Value)>> {
    let named = |name: Option<Value>, value: Option<Value>| match (name.as_ref().and_then(Value::as_str), value) {
        (Some(name), Some(value)) => Ok((name.to_owned(), value)),
        _ => Err(eve::Error::value("this is no dump of a whole file, as `eve dump FILE` writes it")),
    };
    let of_line = |line: &Value, key: &str| match line.get(key)? {
        None => line.get(Value::keyword(key)),
        found => Ok(found),
    };
    match dump {
        Value::Map(map) => map.iter().map(|entry| entry.and_then(|(k, v)| named(Some(k), Some(v)))).collect(),
        Value::Vector(lines) => lines
            .iter()
            .map(|line| line.and_then(|line| named(of_line(&line, "atom")?, of_line(&line, "value")?)))
            .collect(),
        _ => named(None, None).map(|atom| vec![atom]),
    }
}
