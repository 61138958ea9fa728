//! Standard output.

use crate::failure::{At, Failure, Result};
use eve::text::{edn, json};
use eve::{Error, Value};
use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};

/// How values are printed.
#[derive(Clone, Copy, clap::Args)]
pub struct Style {
    /// Values as JSON.
    #[arg(long)]
    pub json: bool,
    /// In lines for people.
    #[arg(long)]
    pub pretty: bool,
}

impl Style {
    /// Writes a value, without a line end.
    pub fn write(self, out: &mut dyn Write, value: &Value) -> eve::Result<()> {
        if self.json {
            return json::write_to(out, value, self.pretty);
        }
        let style = if self.pretty { edn::Style::pretty() } else { edn::Style::default() };
        edn::write_to(out, value, style)
    }
}

/// Standard output, with a buffer. What cannot be written is a failure and never a panic.
pub struct Out(BufWriter<StdoutLock<'static>>);

impl Out {
    /// For one command.
    pub fn new() -> Out {
        Out(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
    }
    /// A line.
    pub fn line(&mut self, text: impl Display) -> Result<()> {
        writeln!(self.0, "{text}").map_err(Failure::output)
    }
    /// Text or bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).map_err(Failure::output)
    }
    /// A value, which is that of a place, and a line end.
    pub fn value(&mut self, place: &dyn Display, value: &Value, style: Style) -> Result<()> {
        let written = style.write(&mut self.0, value);
        self.written(place, written)?;
        self.bytes(b"\n")
    }
    /// What was written straight to [`writer`](Out::writer). If not all of it could be, what is still here goes nowhere: who reads
    /// it should not take a part for the whole.
    pub fn written(&mut self, place: &dyn Display, written: eve::Result<()>) -> Result<()> {
        let Err(error) = written else { return Ok(()) };
        let _ = std::mem::replace(self, Out::new()).0.into_parts();
        match error {
            Error::Io { source, .. } => Err(Failure::output(source)),
            // Reading the value fails with other errors than writing the text.
            other => Err(other).at(place),
        }
    }
    /// To write to as bytes.
    pub fn writer(&mut self) -> &mut impl Write {
        &mut self.0
    }
    /// Sends off what is in the buffer. To be called at the end, as dropping cannot fail.
    pub fn flush(&mut self) -> Result<()> {
        self.0.flush().map_err(Failure::output)
    }
}

/// Bytes for people.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let power = n.ilog2() / 10;
    format!("{:.1} {}", n as f64 / (1u64 << (10 * power)) as f64, UNITS[power as usize - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        for (n, text) in [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 40, "1.0 TiB"), (u64::MAX, "16.0 EiB")]
        {
            assert_eq!(bytes(n), text);
        }
    }
}
