//! `eve set`

use crate::failure::Result;
use crate::{files, text};
use std::path::PathBuf;

/// Set an atom to a value. The file and the atom are made if they are not there.
#[derive(clap::Args)]
pub struct Set {
    /// The file
    file: PathBuf,
    /// The name of the atom
    atom: String,
    /// The value; - reads it from standard input
    #[arg(allow_negative_numbers = true)]
    value: String,
    /// The value is JSON
    #[arg(long)]
    json: bool,
    /// The keys of JSON objects become keywords
    #[arg(long, requires = "json")]
    keywords: bool,
    #[command(flatten)]
    making: files::Making,
}

impl Set {
    pub fn run(self) -> Result<()> {
        let value = text::argument(&self.value, self.json, text::keys(self.keywords))?;
        files::put(&files::create(&self.file, self.making)?, &self.atom, &value)
    }
}
