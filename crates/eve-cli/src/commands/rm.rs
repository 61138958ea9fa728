//! `eve rm`

use crate::failure::{At, Place, Result};
use crate::files;
use std::path::PathBuf;

/// Remove an atom. Its memory is used again once nobody reads it any more.
#[derive(clap::Args)]
pub struct Rm {
    /// The file
    file: PathBuf,
    /// The name of the atom
    atom: String,
}

impl Rm {
    pub fn run(self) -> Result<()> {
        let domain = files::change(&self.file)?;
        let atom = files::find(&domain, &self.atom)?;
        atom.remove().map(drop).at(&Place { file: &self.file, atom: &self.atom })
    }
}
