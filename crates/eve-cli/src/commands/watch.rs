//! `eve watch`

use crate::failure::{At, Place, Result};
use crate::out::{Out, Style};
use crate::{files, hint, text};
use eve::{Error, Snapshot, Value};
use std::fmt::Display;
use std::path::PathBuf;

/// Print an atom's value, or what a path leads to in it, after every change, until interrupted.
///
/// A value that was replaced before it could be printed is passed over.
#[derive(clap::Args)]
pub struct Watch {
    /// The file
    file: PathBuf,
    /// The name of the atom
    atom: String,
    /// A vector of keys, as '[:a "b" 3]', or the keys one by one: only changes there are printed
    #[arg(allow_negative_numbers = true)]
    path: Vec<String>,
    /// Stop after so many changes
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Print the value as it is now first
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    style: Style,
}

impl Watch {
    pub fn run(self) -> Result<()> {
        let path = text::path(&self.path)?;
        let domain = files::read(&self.file)?;
        let atom = files::find(&domain, &self.atom)?;
        let place = Place { file: &self.file, atom: &self.atom };
        let mut changes = atom.changes().at(&place)?;
        let mut out = Out::new();
        let mut last = match changes.current() {
            Some(version) => {
                // A slip in the path would be waited for in vain. (What cannot be pinned may not be readable just now: no matter.)
                place.note(version.value().and_then(|now| hint::other_kind(&now, &path)).unwrap_or_default());
                self.look(version, &path).at(&place)?
            }
            None => None,
        };
        if self.now {
            self.print(&mut out, &place.under(&path), last.as_ref())?;
        }
        let mut left = self.count.unwrap_or(u64::MAX);
        while left > 0 {
            let Some(next) = changes.next() else { break };
            let value = match next.and_then(|version| self.look(&version, &path)) {
                Err(Error::NoSuchAtom { .. }) => return Err(Error::value("it was removed")).at(&place),
                value => value.at(&place)?,
            };
            // `None`: it was replaced while it was read, so the next one is on its way.
            let Some(value) = value else { continue };
            if !path.is_empty() && last.as_ref() == Some(&value) {
                continue;
            }
            self.print(&mut out, &place.under(&path), Some(&value))?;
            last = Some(value);
            left -= 1;
        }
        Ok(())
    }

    /// The value at the path; `None` if it cannot be trusted, as it was replaced while it was read by somebody who cannot pin it.
    fn look(&self, version: &Snapshot, path: &[Value]) -> eve::Result<Option<Value>> {
        if version.engine().is_pinned() {
            return Ok(Some(version.value_in(path)?.unwrap_or_default()));
        }
        let copied = version.value_in(path).and_then(|found| copy(&found.unwrap_or_default()));
        if version.is_intact() { copied.map(Some) } else { Ok(None) }
    }

    fn print(&self, out: &mut Out, place: &dyn Display, value: Option<&Value>) -> Result<()> {
        if let Some(value) = value {
            out.value(place, value, self.style)?;
        }
        out.flush()
    }
}

/// All of a value in memory of our own.
fn copy(value: &Value) -> eve::Result<Value> {
    let mut builder = eve::value::Builder::new();
    eve::value::Source::emit(value, &mut builder)?;
    builder.take()
}
