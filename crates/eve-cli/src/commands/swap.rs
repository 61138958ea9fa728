//! `eve swap`

use crate::failure::{At, Place, Result};
use crate::ops::Op;
use crate::out::{Out, Style};
use crate::{files, text};
use std::path::PathBuf;

/// Change an atom's value in one step that nobody can come between, and print the new value of the path.
///
/// Operations:
///   update-in PATH FUNCTION      inc, dec, + N, - N, not, conj V…, disj V…, dissoc KEY…, assoc KEY V, merge MAP…, pop
///   assoc-in PATH VALUE          put a value at a path; maps are made where there is nothing
///   dissoc-in PATH               take the last key of a path away
///   copy-in FROM-PATH TO-PATH    both places share what is copied: it is stored once
///
/// A PATH is an EDN vector of keys, as '[:users "ada" 3]'. For numbers nil counts as 0.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Swap {
    /// The file
    file: PathBuf,
    /// The name of the atom
    atom: String,
    /// The operation and what it needs
    #[arg(required = true, allow_negative_numbers = true)]
    op: Vec<String>,
    #[command(flatten)]
    style: Style,
    /// With --json: the keys of JSON objects become keywords
    #[arg(long, requires = "json")]
    keywords: bool,
}

impl Swap {
    pub fn run(self) -> Result<()> {
        let op = Op::from_arguments(&self.op, self.style.json.then(|| text::keys(self.keywords)))?;
        let domain = files::change(&self.file)?;
        let place = Place { file: &self.file, atom: &self.atom };
        let atom = files::find(&domain, &self.atom)?;
        let after = atom.swap(|value| op.apply(value)).at(&place)?;
        let now = after.value_in(op.path()).at(&place)?.unwrap_or_default();
        let mut out = Out::new();
        let done = place.under(op.path());
        out.value(&format_args!("{done}: the swap is done, but its result is not printed"), &now, self.style)?;
        out.flush()
    }
}
