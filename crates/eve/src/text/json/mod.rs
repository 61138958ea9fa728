//! JSON. Strings may hold lone surrogates, written as escapes; integers may be of any size, and a number beyond those of 64 bits, as `1e400`, is a
//! decimal; of equal keys the last one counts.
//!
//! What JSON has no form for is written as the nearest: see [`Writer`]. Two keys of a map that would be one in JSON are an error.

mod names;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::io;

use eve_core::Result;
use eve_core::value::{Builder, Source, Value, WithoutMeta};

use super::out::Bytes;
use super::values::ReadNext;
pub use reader::{Keys, Reader};
pub use writer::Writer;

/// The one value that the text holds. Anything behind it is an error, and so is no value at all.
pub fn read(text: &(impl AsRef<[u8]> + ?Sized), keys: Keys) -> Result<Value> {
    let mut reader = Reader::new(text.as_ref(), keys);
    let mut builder = Builder::last_wins();
    if !reader.read(&mut builder)? {
        return Err(reader.error_here("there is no value"));
    }
    let value = builder.take()?;
    reader.expect_end()?;
    Ok(value)
}

/// The values of a source of bytes, one after another, as in JSON lines. Only one value at a time is in memory. After an error there are no more.
pub fn read_all<R: io::BufRead>(source: R, keys: Keys) -> Values<R> {
    Values::new(Reader::new(source, keys), Builder::last_wins())
}

/// Values read one by one, see [`read_all`].
pub type Values<R> = super::Values<Reader<R>>;

impl<R: io::BufRead> ReadNext for Reader<R> {
    fn read_next(&mut self, builder: &mut Builder) -> Result<bool> {
        self.read(builder)
    }
}

/// Writes a value on one line, without a line end; or, `indented`, for people.
///
/// # Errors
/// [`Error::Value`](eve_core::Error::Value), naming the way to a map with keys that would be one in JSON, as `:a` and `"a"`; what was written
/// before is cut off there.
pub fn write(out: &mut impl fmt::Write, value: &dyn Source, indented: bool) -> Result<()> {
    value.emit(&mut WithoutMeta::new(Writer::new(out, indented)))
}

/// The same as UTF-8. Buffering is the caller's.
pub fn write_to(out: impl io::Write, value: &dyn Source, indented: bool) -> Result<()> {
    let mut out = Bytes::new(out);
    let result = write(&mut out, value, indented);
    out.finish(result)
}

/// A value as text on one line.
pub fn to_string(value: &dyn Source) -> Result<String> {
    let mut text = String::new();
    write(&mut text, value, false)?;
    Ok(text)
}
