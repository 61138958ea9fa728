//! `eve dump`

use crate::failure::{At, Place, Result};
use crate::files;
use crate::out::{Out, Style};
use crate::text::Format;
use eve::text::json;
use eve::{Atom, Snapshot, Value};
use indicatif::ProgressBar;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// Print an atom's value, or all atoms of a file as a map from names to values.
///
/// As JSON lines: a line for each element of a vector, list or set, else one line; of a whole file, a line {"atom": NAME, "value": VALUE}
/// for each atom. Each atom is one version; the versions of several atoms may be of different moments. As `eve get`, it opens the file
/// for writing if that is allowed, to hold still what it reads.
#[derive(clap::Args)]
pub struct Dump {
    /// The file
    file: PathBuf,
    /// The name of the atom; otherwise all of them
    atom: Option<String>,
    /// How to write it
    #[arg(long, default_value = "edn")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// In lines for people
    #[arg(long)]
    pretty: bool,
}

impl Dump {
    pub fn run(self) -> Result<()> {
        let format = if self.json { Format::Json } else { self.format };
        let domain = files::read(&self.file)?;
        let mut out = Out::new();
        // Where the text itself is seen there is no need of a bar.
        let bar = if io::stdout().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        match &self.atom {
            Some(name) => {
                let atom = files::find(&domain, name)?;
                self.print(&mut out, &bar, name, &atom, |writer, value| self.one(writer, value, format))?;
                if format != Format::Jsonl {
                    out.bytes(b"\n")?;
                }
            }
            None => self.all(&domain, &mut out, &bar, format)?,
        }
        bar.finish_and_clear();
        out.flush()
    }

    fn all(&self, domain: &eve::Domain, out: &mut Out, bar: &ProgressBar, format: Format) -> Result<()> {
        let mut first = true;
        for (name, atom) in domain.atoms().at(&self.file.display())? {
            let mut key = Vec::new();
            let named = match format {
                Format::Edn => self.style(false).write(&mut key, &name.as_str().into()),
                Format::Json | Format::Jsonl => json::write_to(&mut key, &Value::from(name.as_str()), false),
            };
            named.at(&self.file.display())?;
            let (before, between, after): (&[u8], &[u8], &[u8]) = match format {
                Format::Edn => (if first { b"{" } else { b",\n " }, b" ", b""),
                Format::Json => (if first { b"{" } else { b",\n " }, b": ", b""),
                Format::Jsonl => (b"{\"atom\": ", b", \"value\": ", b"}\n"),
            };
            let style = self.style(format != Format::Edn);
            let line = format == Format::Jsonl;
            let written = self.print(out, bar, &name, &atom, |writer, value| {
                let written = writer.write_all(before).and_then(|()| writer.write_all(&key));
                written.and_then(|()| writer.write_all(between)).map_err(refused)?;
                if line { json::write_to(writer, value, false) } else { style.write(writer, value) }
            })?;
            if written {
                out.bytes(after)?;
                first = false;
            }
        }
        match (format, first) {
            (Format::Jsonl, _) => Ok(()),
            (_, true) => out.bytes(b"{}\n"),
            (_, false) => out.bytes(b"}\n"),
        }
    }

    fn style(&self, json: bool) -> Style {
        Style { json, pretty: self.pretty }
    }

    /// The value alone.
    fn one(&self, mut writer: &mut dyn Write, value: &Value, format: Format) -> eve::Result<()> {
        if format != Format::Jsonl {
            return self.style(format == Format::Json).write(writer, value);
        }
        match value {
            Value::Vector(_) | Value::List(_) | Value::Set(_) => {
                for element in value.elements()? {
                    json::write_to(&mut writer, &element?, false)?;
                    writer.write_all(b"\n").map_err(refused)?;
                }
                Ok(())
            }
            _ => {
                json::write_to(&mut writer, value, false)?;
                writer.write_all(b"\n").map_err(refused)
            }
        }
    }

    /// Prints one atom's value; false if it was removed since it was listed.
    fn print(
        &self,
        out: &mut Out,
        bar: &ProgressBar,
        name: &str,
        atom: &Atom,
        write: impl Fn(&mut dyn Write, &Value) -> eve::Result<()>,
    ) -> Result<bool> {
        let place = Place { file: &self.file, atom: name };
        let version: Snapshot = match atom.load() {
            Err(eve::Error::NoSuchAtom { .. }) if self.atom.is_none() => return Ok(false),
            version => version.at(&place)?,
        };
        if version.engine().is_pinned() {
            let value = version.value().at(&place)?;
            let written = write(&mut bar.wrap_write(out.writer()), &value);
            return out.written(&place, written).map(|()| true);
        }
        let text = files::read_version(atom, |version| {
            let mut text = Vec::new();
            write(&mut text, &version.value()?)?;
            Ok(text)
        });
        out.bytes(&text.at(&place)?)?;
        Ok(true)
    }
}

fn refused(source: io::Error) -> eve::Error {
    eve::Error::Io { action: "write the text", path: PathBuf::new(), source }
}
