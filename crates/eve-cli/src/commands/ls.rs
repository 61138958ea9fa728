//! `eve ls`

use crate::failure::{At, Place, Result};
use crate::files;
use crate::out::Out;
use eve::{Snapshot, Value};
use serde_json::json;
use std::path::PathBuf;

/// List the atoms of a file: name, kind of value, number of entries or elements. The file is opened read-only.
#[derive(clap::Args)]
pub struct Ls {
    /// The file
    file: PathBuf,
    /// As a JSON array
    #[arg(long)]
    json: bool,
}

/// Kind and number of entries or elements.
fn facts(version: &Snapshot) -> eve::Result<(&'static str, Option<u64>)> {
    let kind = version.view().type_of()?.name();
    Ok((kind, version.view().len().ok()))
}

impl Ls {
    pub fn run(self) -> Result<()> {
        let domain = files::look(&self.file)?;
        let mut rows = Vec::new();
        for (name, atom) in domain.atoms().at(&self.file.display())? {
            match files::read_version(&atom, facts) {
                Ok((kind, count)) => rows.push((name, kind, count)),
                Err(eve::Error::NoSuchAtom { .. }) => {} // removed since it was listed
                Err(error) => return Err(error).at(&Place { file: &self.file, atom: &name }),
            }
        }
        let mut out = Out::new();
        if self.json {
            let rows: Vec<_> =
                rows.iter().map(|(name, kind, count)| json!({ "name": name, "kind": kind, "count": count })).collect();
            out.line(serde_json::Value::Array(rows))?;
            return out.flush();
        }
        let names: Vec<String> = rows.iter().map(|(name, ..)| printable(name)).collect();
        // One very long name does not push the kinds of all others out of sight.
        let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0).min(WIDEST);
        for (name, (_, kind, count)) in names.iter().zip(&rows) {
            match count {
                Some(count) => out.line(format_args!("{name:width$}  {kind:10}  {count}"))?,
                None => out.line(format_args!("{name:width$}  {kind}"))?,
            }
        }
        out.flush()
    }
}

/// The widest column of names.
const WIDEST: usize = 60;

/// A name on one line: quoted if it would not read as it is.
fn printable(name: &str) -> String {
    let plain = !name.is_empty() && !name.contains(|c: char| c.is_control() || c.is_whitespace() || c == '"');
    if plain { name.into() } else { Value::from(name).to_string() }
}
