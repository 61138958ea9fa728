//! From text to bytes.

use std::fmt;
use std::io;

use eve_core::{Error, Result};

/// A destination of bytes that takes text, and keeps the reason when it cannot.
pub(crate) struct Bytes<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W: io::Write> Bytes<W> {
    pub(crate) fn new(out: W) -> Self {
        Bytes { out, failed: None }
    }
    /// The result of what was written, with the reason if it failed.
    pub(crate) fn finish(&mut self, result: Result<()>) -> Result<()> {
        match self.failed.take() {
            Some(source) => Err(Error::Io { action: "write the text", path: Default::default(), source }),
            None => result,
        }
    }
}

impl<W: io::Write> fmt::Write for Bytes<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.out.write_all(text.as_bytes()).map_err(|error| {
            self.failed = Some(error);
            fmt::Error
        })
    }
}
