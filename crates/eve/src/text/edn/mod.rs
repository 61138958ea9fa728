//! EDN, as Clojure's reader reads it and as `pr` prints it.
//!
//! Beyond EDN it understands `^metadata`, `#:ns{…}`, octal, hexadecimal and radix integers, ratios, and the tags `#eve/bytes`, `#eve/keyword`,
//! `#eve/symbol` and `#eve/tagged`, with which everything that has no form of its own is printed; so whatever was printed reads back equal.
//!
//! Typed arrays and objects are `#eve/array [:int32 1 2 3]`, `#eve/obj {:x [:int32 1], :y [:float64 2.5]}` and, field by field,
//! `#eve/obj-array {:x [:int32 1 2], :y [:float64 2.5 3.5]}`: the type stands before the numbers.

mod reader;

use std::fmt;
use std::io;

use eve_core::Result;
use eve_core::value::{Builder, Printer, Source, Value, WithoutMeta};

use super::out::Bytes;
use super::pretty::Pretty;
use super::values::ReadNext;
pub use reader::Reader;

/// How text is to look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Break lines so that they are at most so many characters wide where that can be; `None`: one line.
    pub width: Option<usize>,
    /// Print metadata.
    pub meta: bool,
}

impl Default for Style {
    /// On one line, with metadata.
    fn default() -> Style {
        Style { width: None, meta: true }
    }
}

impl Style {
    /// For people: lines of up to 100 characters.
    pub fn pretty() -> Style {
        Style { width: Some(100), meta: true }
    }
}

/// The one value that the text holds. Anything behind it is an error, and so is no value at all.
pub fn read(text: &(impl AsRef<[u8]> + ?Sized)) -> Result<Value> {
    let mut reader = Reader::new(text.as_ref());
    let mut builder = Builder::new();
    if !reader.read(&mut builder)? {
        return Err(reader.error_here("there is no value"));
    }
    let value = builder.take()?;
    if reader.read(&mut builder)? {
        return Err(reader.error_at_value("there is more than one value; one was expected"));
    }
    Ok(value)
}

/// The values of a source of bytes, one after another. Only one value at a time is in memory. After an error there are no more.
pub fn read_all<R: io::BufRead>(source: R) -> Values<R> {
    Values::new(Reader::new(source), Builder::new())
}

/// Values read one by one, see [`read_all`].
pub type Values<R> = super::Values<Reader<R>>;

impl<R: io::BufRead> ReadNext for Reader<R> {
    fn read_next(&mut self, builder: &mut Builder) -> Result<bool> {
        self.read(builder)
    }
}

/// Writes a value, without a line end.
pub fn write(out: &mut impl fmt::Write, value: &dyn Source, style: Style) -> Result<()> {
    match style.width {
        None => send(Printer::flat(out), value, style.meta).map(drop),
        Some(width) => {
            let printer = send(Printer::new(Pretty::new(out, width)), value, style.meta)?;
            printer.into_layout().finish().map_err(|_| eve_core::Error::value("the text could not be written"))
        }
    }
}

fn send<S: eve_core::value::Sink>(mut sink: S, value: &dyn Source, meta: bool) -> Result<S> {
    if meta {
        value.emit(&mut sink)?
    } else {
        value.emit(&mut WithoutMeta::new(&mut sink))?
    }
    Ok(sink)
}

/// Writes a value as UTF-8, without a line end. Buffering is the caller's.
pub fn write_to(out: impl io::Write, value: &dyn Source, style: Style) -> Result<()> {
    let mut out = Bytes::new(out);
    let result = write(&mut out, value, style);
    out.finish(result)
}

/// A value as text on one line.
pub fn to_string(value: &dyn Source) -> Result<String> {
    let mut text = String::new();
    write(&mut text, value, Style::default())?;
    Ok(text)
}

/// A value as text for people.
pub fn to_string_pretty(value: &dyn Source) -> Result<String> {
    let mut text = String::new();
    write(&mut text, value, Style::pretty())?;
    Ok(text)
}
