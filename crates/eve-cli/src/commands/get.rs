//! `eve get`

use crate::failure::{At, Place, Result};
use crate::out::{Out, Style};
use crate::{files, hint, text};
use eve::Value;
use std::path::PathBuf;

/// Print an atom's value, or what a path of keys leads to in it (nil if there is nothing).
///
/// Keys are EDN: users is a symbol, :users a keyword, '"users"' a string. If there is no such key but one of another kind, a line on standard
/// error says so. Keys that JSON does not tell apart, as :a and "a" in one map, are an error with --json.
///
/// The version that is read is held still by a note in the file, so the file is opened for writing if that is allowed. Without the right to
/// write it is opened read-only, and what was read is checked afterwards and read again if somebody replaced it meanwhile.
#[derive(clap::Args)]
pub struct Get {
    /// The file
    file: PathBuf,
    /// The name of the atom
    atom: String,
    /// A vector of keys, as '[:a "b" 3]', or the keys one by one
    #[arg(allow_negative_numbers = true)]
    path: Vec<String>,
    #[command(flatten)]
    style: Style,
}

impl Get {
    pub fn run(self) -> Result<()> {
        let path = text::path(&self.path)?;
        let domain = files::read(&self.file)?;
        let atom = files::find(&domain, &self.atom)?;
        let place = Place { file: &self.file, atom: &self.atom };
        let mut out = Out::new();
        if files::pins(&atom).at(&place)? {
            let now = atom.load().and_then(|version| version.value()).at(&place)?;
            let (found, hint) = look(&now, &path).at(&place)?;
            out.value(&place.under(&path), &found, self.style)?;
            place.note(hint);
        } else {
            let printed = files::read_version(&atom, |version| {
                let (found, hint) = look(&version.value()?, &path)?;
                let mut printed = Vec::new();
                self.style.write(&mut printed, &found)?;
                Ok((printed, hint))
            });
            let (printed, hint) = printed.at(&place.under(&path))?;
            out.bytes(&printed)?;
            out.bytes(b"\n")?;
            place.note(hint);
        }
        out.flush()
    }
}

/// What the path leads to; and if that is nothing, what was perhaps meant.
fn look(now: &Value, path: &[Value]) -> eve::Result<(Value, Option<String>)> {
    match now.get_in(path)? {
        Some(found) => Ok((found, None)),
        None => Ok((Value::Nil, hint::other_kind(now, path)?)),
    }
}
