//! Stored values as bytes for JavaScript: as in a patch (`eve_core::face::patch`), with these differences.
//!
//! | code | what follows |
//! | --- | --- |
//! | small int | 4 bytes, signed |
//! | safe int | 8 bytes, as a double |
//! | str | a text of UTF-8 |
//! | str ascii | a text of ASCII |
//! | keyword, symbol | number of the domain it is only known in, 0 or, if it is in no domain, [`NOWHERE`] (4 bytes), its word (8 bytes), then a text |
//! | view | code of a map, set, vector or list of any kind (1 byte), word (8 bytes), number of elements as a double, 1 if it has metadata (1 byte) |
//! | view | array (1 byte), word (8 bytes), number of elements as a double, type of the elements (1 byte) |
//! | view | records (1 byte), word (8 bytes), number of rows as a double, 0 one object or 1 an array of them (1 byte) |
//!
//! Typed arrays and objects are views however deep one writes: what they hold is read and changed in place.

use eve_core::face::patch::{code, put_array, put_records};
use eve_core::face::{Cell, CellKind};
use eve_core::layout::word::Immediate;
use eve_core::value::{Column, Open, Order, Records, Scalar, Sink, Str};
use eve_core::view::{Type, View, Way};
use eve_core::{Error, Result, deep};

const SMALL_INT: u8 = 40;
const SAFE_INT: u8 = 41;
const STR_ASCII: u8 = 42;
const LARGEST_SAFE: u64 = (1 << 53) - 1;
/// Stands for the domain of a name that is in none.
const NOWHERE: u32 = u32::MAX;

/// How collections are written.
#[derive(Clone, Copy, PartialEq)]
pub enum Depth {
    /// As views.
    Shallow,
    /// With all that is in them.
    Deep,
}

/// A length, then the bytes.
pub fn put_text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Writes a value; `domain` is the number of its domain. True if a view of a snapshot is in it.
pub fn value(out: &mut Vec<u8>, view: View<'_>, domain: u32, depth: Depth) -> Result<bool> {
    inside(out, view, domain, depth, Way::START)
}

/// The same for one that was reached in this way.
fn inside(out: &mut Vec<u8>, view: View<'_>, domain: u32, depth: Depth, way: Way) -> Result<bool> {
    if let Immediate::Int(i) = view.word().decode() {
        int(out, i);
        return Ok(false);
    }
    if depth == Depth::Shallow && view.word().is_block() {
        // A map without metadata is the most frequent collection: one look says all.
        let cell = Cell::of(view)?;
        if cell.tag & (0xFF | Cell::META) == CellKind::Map as u64 {
            put_view(out, code::MAP, view, cell.tag >> 16, 0);
            return Ok(true);
        }
    }
    match view.scalar()? {
        Some(scalar) => {
            put_scalar(out, &scalar, || place_of(view, domain))?;
            Ok(false)
        }
        None => deep(|| collection(out, view, domain, depth, way)),
    }
}

fn collection(out: &mut Vec<u8>, view: View<'_>, domain: u32, depth: Depth, way: Way) -> Result<bool> {
    let way = if view.word().is_block() { way.enter(view.word())? } else { way };
    if let Some((tag, inner)) = view.tagged()? {
        out.push(code::TAGGED);
        match tag.scalar()? {
            Some(Scalar::Symbol(name)) => put_text(out, name.as_bytes()),
            _ => put_text(out, b"?"),
        }
        return inside(out, inner, domain, depth, way);
    }
    if let Some(array) = view.array()? {
        put_view(out, code::ARRAY, view, array.len(), array.element().code());
        return Ok(true);
    }
    if let Some(records) = view.records()? {
        put_view(out, code::RECORDS, view, records.rows(), u8::from(!records.is_one()));
        return Ok(true);
    }
    let kind = match view.type_of()? {
        Type::Map => match view.order()? {
            Order::Sorted => code::SORTED_MAP,
            Order::Integer => code::INT_MAP,
            _ => code::MAP,
        },
        Type::Set if view.order()? == Order::Sorted => code::SORTED_SET,
        Type::Set => code::SET,
        Type::Vector => code::VECTOR,
        _ => code::LIST,
    };
    let len = view.len()?;
    if depth == Depth::Shallow {
        put_view(out, kind, view, len, u8::from(view.meta()?.is_some()));
        return Ok(true);
    }
    out.push(kind);
    out.extend_from_slice(&(len as u32).to_le_bytes());
    if matches!(kind, code::MAP | code::SORTED_MAP | code::INT_MAP) {
        for entry in view.entries()? {
            let (key, inner) = entry?;
            inside(out, key, domain, depth, way)?;
            inside(out, inner, domain, depth, way)?;
        }
    } else {
        for element in view.elements()? {
            inside(out, element?, domain, depth, way)?;
        }
    }
    Ok(false)
}

fn put_view(out: &mut Vec<u8>, kind: u8, view: View<'_>, len: u64, more: u8) {
    out.extend_from_slice(&[code::VIEW, kind]);
    out.extend_from_slice(&view.word().0.to_le_bytes());
    out.extend_from_slice(&(len as f64).to_le_bytes());
    out.push(more);
}

fn int(out: &mut Vec<u8>, i: i64) {
    if let Ok(small) = i32::try_from(i) {
        out.push(SMALL_INT);
        out.extend_from_slice(&small.to_le_bytes());
    } else if i.unsigned_abs() <= LARGEST_SAFE {
        out.push(SAFE_INT);
        out.extend_from_slice(&(i as f64).to_le_bytes());
    } else {
        out.push(code::INT);
        out.extend_from_slice(&i.to_le_bytes());
    }
}

/// Text: ASCII and UTF-8 as they are, what holds lone surrogates as UTF-16.
pub fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.is_ascii() {
        out.push(STR_ASCII);
        put_text(out, bytes);
    } else if std::str::from_utf8(bytes).is_ok() {
        out.push(code::STR);
        put_text(out, bytes);
    } else {
        let units = Str::from_bytes(bytes).to_utf16();
        out.push(code::STR_UTF16);
        out.extend_from_slice(&(units.len() as u32).to_le_bytes());
        out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    }
}

/// Where a name is: the domain in which its word stands for it, 0 for every domain, and the word.
fn place_of(view: View<'_>, domain: u32) -> (u32, u64) {
    let local = matches!(view.word().decode(), Immediate::LongKeyword(_) | Immediate::LongSymbol(_));
    (if local { domain } else { 0 }, view.word().0)
}

fn name(out: &mut Vec<u8>, code: u8, bytes: &[u8], (domain, word): (u32, u64)) {
    out.push(code);
    out.extend_from_slice(&domain.to_le_bytes());
    out.extend_from_slice(&word.to_le_bytes());
    put_text(out, bytes);
}

fn put_scalar(out: &mut Vec<u8>, scalar: &Scalar<'_>, place: impl FnOnce() -> (u32, u64)) -> Result<()> {
    let coded = |out: &mut Vec<u8>, code: u8, bytes: &[u8]| {
        out.push(code);
        out.extend_from_slice(bytes);
    };
    match scalar {
        Scalar::Nil => out.push(code::NIL),
        Scalar::Bool(b) => out.push(if *b { code::TRUE } else { code::FALSE }),
        Scalar::Int(i) => int(out, *i),
        Scalar::Float(f) => coded(out, code::FLOAT, &f.to_le_bytes()),
        Scalar::Char(c) => coded(out, code::CHAR, &c.to_le_bytes()),
        Scalar::Str(text) => string(out, text.as_bytes()),
        Scalar::Keyword(text) => name(out, code::KEYWORD, text.as_bytes(), place()),
        Scalar::Symbol(text) => name(out, code::SYMBOL, text.as_bytes(), place()),
        Scalar::BigInt(bytes) => {
            out.push(code::BIG_INT);
            put_text(out, bytes);
        }
        Scalar::Decimal { scale, unscaled } => {
            coded(out, code::DECIMAL, &scale.to_le_bytes());
            put_text(out, unscaled);
        }
        Scalar::Ratio { numerator, denominator } => {
            out.push(code::RATIO);
            put_text(out, numerator);
            put_text(out, denominator);
        }
        Scalar::Uuid(bytes) => coded(out, code::UUID, bytes),
        Scalar::Instant { seconds, nanos } => {
            coded(out, code::INSTANT, &seconds.to_le_bytes());
            out.extend_from_slice(&nanos.to_le_bytes());
        }
        Scalar::Bytes(bytes) => {
            out.push(code::BYTES);
            put_text(out, bytes);
        }
        other => return Err(Error::value(format!("JavaScript has no form yet for {other:?}"))),
    }
    Ok(())
}

/// Writes a value of the host as its events come, with all that is in it. Metadata is its code, then the metadata and the collection.
pub struct Tree<'a> {
    out: &'a mut Vec<u8>,
    /// What is open: where its count stands, how many values came so far, and how many of them make one.
    open: Vec<(Option<usize>, u32, u32)>,
}

impl<'a> Tree<'a> {
    /// Behind what is there.
    pub fn new(out: &'a mut Vec<u8>) -> Tree<'a> {
        Tree { out, open: Vec::new() }
    }
    fn one(&mut self) {
        if let Some((_, values, _)) = self.open.last_mut() {
            *values += 1;
        }
    }
}

impl Sink for Tree<'_> {
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()> {
        self.one();
        put_scalar(self.out, &scalar, || (NOWHERE, 0))
    }
    fn begin(&mut self, open: Open<'_>) -> Result<()> {
        self.one();
        let (code, each) = match open {
            Open::Map => (code::MAP, 2),
            Open::SortedMap => (code::SORTED_MAP, 2),
            Open::IntMap => (code::INT_MAP, 2),
            Open::Set => (code::SET, 1),
            Open::SortedSet => (code::SORTED_SET, 1),
            Open::Vector => (code::VECTOR, 1),
            Open::List => (code::LIST, 1),
            Open::Tag(tag) => {
                self.out.push(code::TAGGED);
                put_text(self.out, tag);
                self.open.push((None, 0, 1));
                return Ok(());
            }
            Open::Meta => {
                self.out.push(code::META);
                self.open.push((None, 0, 1));
                return Ok(());
            }
            Open::Array | Open::Object | Open::Objects => {
                return Err(Error::value("typed arrays and objects come as a whole"));
            }
        };
        self.out.push(code);
        self.open.push((Some(self.out.len()), 0, each));
        self.out.extend_from_slice(&[0; 4]);
        Ok(())
    }
    fn end(&mut self) -> Result<()> {
        if let Some((Some(at), values, each)) = self.open.pop() {
            self.out[at..at + 4].copy_from_slice(&(values / each).to_le_bytes());
        }
        Ok(())
    }
    fn array(&mut self, column: &Column<'_>) -> Result<()> {
        self.one();
        put_array(self.out, column)
    }
    fn records(&mut self, records: &Records) -> Result<()> {
        self.one();
        put_records(self.out, records)
    }
}
