//! `eve get`

use crate::failure::{At, Place, Result};
use crate::out::{Out, Style};
use crate::{files, text};
use std::path::PathBuf;

/// Print an atom's value, or what a path of keys leads to in it (nil if there is nothing).
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
            let found = atom.load().and_then(|version| version.value_in(&path)).at(&place)?;
            out.value(&found.unwrap_or_default(), self.style)?;
        } else {
            let printed = files::read_version(&atom, |version| {
                let mut printed = Vec::new();
                self.style.write(&mut printed, &version.value_in(&path)?.unwrap_or_default())?;
                Ok(printed)
            });
            out.bytes(&printed.at(&place)?)?;
            out.bytes(b"\n")?;
        }
        out.flush()
    }
}
