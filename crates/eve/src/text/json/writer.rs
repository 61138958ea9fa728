//! From events to JSON.

use std::fmt::{self, Write};

use eve_core::value::print::Flat;
use eve_core::value::print::{write_base64, write_decimal, write_instant, write_string, write_uuid};
use eve_core::value::{Column, Open, Printer, Records, Scalar, Sink, Text, number};
use eve_core::{Error, Result};
use num_bigint::BigInt;

use super::names::{self, Kind, Names};

/// Writes the events that it is sent as JSON. Metadata has to be left out before, by `WithoutMeta`.
///
/// | value | JSON |
/// | --- | --- |
/// | keyword, symbol, character | its text, as a string |
/// | integer, decimal | number |
/// | ratio | number if it ends in decimal, else a string as `"1/3"` |
/// | infinity, not a number | `null` |
/// | instant | string as `"2026-01-02T03:04:05.678Z"` |
/// | uuid | string |
/// | bytes | string in base64 |
/// | set, list, vector | array |
/// | tagged literal | what is tagged |
/// | typed array | array of numbers |
/// | typed object, array of them | object, array of objects |
/// | key of a map that is no string, keyword, symbol, character, uuid | its EDN, as a string |
///
/// Two keys of one map that come to the same string, as `:a` and `"a"` do, are an error with the way to the map: an object with both would
/// lose one where it is read. For that the names of the objects that are open are kept in memory.
pub struct Writer<W> {
    out: W,
    indented: bool,
    levels: Vec<Level>,
    /// Arrays and objects among them.
    depth: usize,
    /// A collection or tagged literal that is a key: what prints it, and how much is open in it.
    key: Option<(Printer<Flat<String>>, usize)>,
}

enum Level {
    Array {
        n: u64,
    },
    /// An array of what has no numbers.
    Set {
        n: u64,
    },
    Object {
        n: u64,
        names: Names,
    },
    Tag,
}

fn refused(_: fmt::Error) -> Error {
    Error::value("the text could not be written: its destination refused it")
}

impl<W: Write> Writer<W> {
    /// On one line or, `indented`, for people.
    pub fn new(out: W, indented: bool) -> Writer<W> {
        Writer { out, indented, levels: Vec::new(), depth: 0, key: None }
    }
    fn at_key(&self) -> bool {
        matches!(self.levels.last(), Some(Level::Object { n, .. }) if n % 2 == 0)
    }
    fn before(&mut self) -> fmt::Result {
        let (first, value) = match self.levels.last() {
            Some(Level::Array { n } | Level::Set { n }) => (*n == 0, false),
            Some(Level::Object { n, .. }) => (*n == 0, *n % 2 == 1),
            Some(Level::Tag) | None => return Ok(()),
        };
        if value {
            return self.out.write_str(if self.indented { ": " } else { ":" });
        }
        if !first {
            self.out.write_char(',')?;
        }
        self.line()
    }
    fn line(&mut self) -> fmt::Result {
        if self.indented { write!(self.out, "\n{:width$}", "", width = (self.depth * 2).min(60)) } else { Ok(()) }
    }
    fn after(&mut self) {
        match self.levels.last_mut() {
            Some(Level::Array { n } | Level::Set { n } | Level::Object { n, .. }) => *n += 1,
            Some(Level::Tag) | None => {}
        }
    }
    fn key(&mut self, scalar: Scalar<'_>) -> Result<()> {
        match scalar {
            Scalar::Str(text) => self.name(Kind::Str, text.as_bytes()),
            Scalar::Keyword(text) => self.name(Kind::Keyword, text.as_bytes()),
            Scalar::Symbol(text) => self.name(Kind::Symbol, text.as_bytes()),
            Scalar::Char(c) => {
                let mut text = Vec::new();
                eve_core::value::text::push_code_point(&mut text, c);
                self.name(Kind::Char, &text)
            }
            Scalar::Uuid(bytes) => {
                let mut text = String::new();
                write_uuid(&mut text, &bytes).map_err(refused)?;
                self.name(Kind::Uuid, text.as_bytes())
            }
            other => {
                let mut text = String::new();
                eve_core::value::print::write_scalar(&mut text, other).map_err(refused)?;
                self.name(Kind::Other, text.as_bytes())
            }
        }
    }
    /// Writes the name that a key has in the object that is open.
    fn name(&mut self, kind: Kind, name: &[u8]) -> Result<()> {
        if let Some(Level::Object { names, .. }) = self.levels.last_mut()
            && let Some(other) = names.next(kind, name)
        {
            return Err(self.ambiguous(&names::key(other, name), &names::key(kind, name), name));
        }
        self.before().and_then(|()| write_string(&mut self.out, name)).map_err(refused)?;
        self.after();
        Ok(())
    }
    #[cold]
    fn ambiguous(&self, one: &str, other: &str, name: &[u8]) -> Error {
        let outer = self.levels.split_last().map_or(&[][..], |(_, outer)| outer);
        let steps = outer.iter().filter_map(|level| match level {
            Level::Array { n } => Some(n.to_string()),
            Level::Set { .. } => Some("…".into()),
            Level::Object { names, .. } => Some(names.last_key()),
            Level::Tag => None,
        });
        let way = steps.collect::<Vec<_>>().join(" ");
        let reason = format!(
            "the keys {one} and {other} would both be {} in JSON; take EDN, which tells them apart, or rename one",
            names::key(Kind::Str, name)
        );
        Error::Value { path: if way.is_empty() { way } else { format!("[{way}]") }, reason }
    }
    fn write(&mut self, scalar: Scalar<'_>) -> fmt::Result {
        let out = &mut self.out;
        match scalar {
            Scalar::Nil => out.write_str("null"),
            Scalar::Bool(b) => write!(out, "{b}"),
            Scalar::Int(i) => write!(out, "{i}"),
            Scalar::BigInt(bytes) => out.write_str(&number::to_decimal(bytes)),
            Scalar::Float(f) if f.is_finite() => write!(out, "{f:?}"),
            Scalar::Float(_) => out.write_str("null"),
            Scalar::Decimal { scale, unscaled } => write_decimal(out, scale, unscaled),
            Scalar::Ratio { numerator, denominator } => match finite(numerator, denominator) {
                Some((scale, unscaled)) => write_decimal(out, scale, &unscaled),
                None => write!(out, "\"{}/{}\"", number::to_decimal(numerator), number::to_decimal(denominator)),
            },
            Scalar::Char(c) => {
                let mut bytes = Vec::new();
                eve_core::value::text::push_code_point(&mut bytes, c);
                write_string(out, &bytes)
            }
            Scalar::Str(text) | Scalar::Keyword(text) | Scalar::Symbol(text) => write_string(out, text.as_bytes()),
            Scalar::Uuid(bytes) => {
                out.write_char('"')?;
                write_uuid(out, &bytes)?;
                out.write_char('"')
            }
            Scalar::Instant { seconds, nanos } => {
                out.write_char('"')?;
                write_instant(out, seconds, nanos, "Z")?;
                out.write_char('"')
            }
            Scalar::Bytes(bytes) => {
                out.write_char('"')?;
                write_base64(out, bytes)?;
                out.write_char('"')
            }
            _ => out.write_str("null"),
        }
    }
    /// A key that is no scalar, as the text of its EDN.
    fn printed_key(&mut self, print: impl FnOnce(&mut Printer<Flat<String>>) -> Result<()>) -> Result<()> {
        let mut printer = Printer::flat(String::new());
        print(&mut printer)?;
        self.name(Kind::Other, printer.into_layout().0.as_bytes())
    }
    /// A row of typed objects.
    fn object(&mut self, records: &Records, row: u64) -> Result<()> {
        self.open("{", Level::Object { n: 0, names: Names::of_one_kind() })?;
        for (name, value) in records.values(row) {
            self.scalar(Scalar::Str(Text::Borrowed(name.as_bytes())))?;
            self.scalar(value.as_scalar().unwrap_or(Scalar::Nil))?;
        }
        self.end()
    }
    fn open(&mut self, bracket: &str, level: Level) -> Result<()> {
        self.before().and_then(|()| self.out.write_str(bracket)).map_err(refused)?;
        self.depth += !bracket.is_empty() as usize;
        self.levels.push(level);
        Ok(())
    }
    fn close(&mut self) -> fmt::Result {
        let (bracket, n) = match self.levels.pop() {
            Some(Level::Array { n } | Level::Set { n }) => (']', n),
            Some(Level::Object { n, .. }) => ('}', n),
            Some(Level::Tag) | None => return Ok(()),
        };
        self.depth -= 1;
        if n > 0 {
            self.line()?;
        }
        self.out.write_char(bracket)
    }
}

/// A fraction as a decimal (scale and unscaled integer), if it ends: if its denominator is made of twos and fives, not more than 63 of each.
fn finite(numerator: &[u8], denominator: &[u8]) -> Option<(i32, Vec<u8>)> {
    let (numerator, denominator) = (BigInt::from_signed_bytes_le(numerator), BigInt::from_signed_bytes_le(denominator));
    if denominator == BigInt::ZERO {
        return None; // of a damaged file, or of a careless program
    }
    (1..64u32).find_map(|scale| {
        let all = &numerator * BigInt::from(10).pow(scale);
        (&all % &denominator == BigInt::ZERO).then(|| (scale as i32, (all / &denominator).to_signed_bytes_le()))
    })
}

impl<W: Write> Sink for Writer<W> {
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()> {
        if let Some((printer, _)) = &mut self.key {
            return printer.scalar(scalar);
        }
        if self.at_key() {
            return self.key(scalar);
        }
        self.before().and_then(|()| self.write(scalar)).map_err(refused)?;
        self.after();
        Ok(())
    }
    fn begin(&mut self, open: Open<'_>) -> Result<()> {
        if let Some((printer, depth)) = &mut self.key {
            *depth += 1;
            return printer.begin(open);
        }
        if self.at_key() {
            let mut printer = Printer::flat(String::new());
            printer.begin(open)?;
            self.key = Some((printer, 1));
            return Ok(());
        }
        match open {
            Open::Map | Open::SortedMap => self.open("{", Level::Object { n: 0, names: Names::of_any() }),
            Open::IntMap => self.open("{", Level::Object { n: 0, names: Names::of_one_kind() }),
            Open::Vector | Open::List => self.open("[", Level::Array { n: 0 }),
            Open::Set | Open::SortedSet => self.open("[", Level::Set { n: 0 }),
            Open::Tag(_) | Open::Meta | Open::Array | Open::Object | Open::Objects => self.open("", Level::Tag),
        }
    }
    fn end(&mut self) -> Result<()> {
        if let Some((mut printer, depth)) = self.key.take() {
            printer.end()?;
            if depth > 1 {
                self.key = Some((printer, depth - 1));
                return Ok(());
            }
            return self.name(Kind::Other, printer.into_layout().0.as_bytes());
        }
        self.close().map_err(refused)?;
        self.after();
        Ok(())
    }
    fn array(&mut self, column: &Column<'_>) -> Result<()> {
        if let Some((printer, _)) = &mut self.key {
            return printer.array(column);
        }
        if self.at_key() {
            return self.printed_key(|printer| printer.array(column));
        }
        self.begin(Open::Vector)?;
        column.scalars().try_for_each(|scalar| self.scalar(scalar))?;
        self.end()
    }
    fn records(&mut self, records: &Records) -> Result<()> {
        if let Some((printer, _)) = &mut self.key {
            return printer.records(records);
        }
        if self.at_key() {
            return self.printed_key(|printer| printer.records(records));
        }
        if records.is_one() {
            return self.object(records, 0);
        }
        self.begin(Open::Vector)?;
        (0..records.rows()).try_for_each(|row| self.object(records, row))?;
        self.end()
    }
}
