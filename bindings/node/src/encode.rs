//! Stored values as bytes for JavaScript: as in a patch (`eve_core::face::patch`), with these differences.
//!
//! | code | what follows |
//! | --- | --- |
//! | small int | 4 bytes, signed |
//! | safe int | 8 bytes, as a double |
//! | str | a text of UTF-8 |
//! | str ascii | a text of ASCII |
//! | keyword, symbol | number of the domain it is only known in or 0 (4 bytes), its word (8 bytes), then a text |
//! | view | map, set, vector or list (1 byte), word (8 bytes), number of elements as a double, 1 if it has metadata (1 byte) |

use eve_core::face::patch::code;
use eve_core::layout::word::Immediate;
use eve_core::value::{Scalar, Str};
use eve_core::view::{Type, View};
use eve_core::{Error, Result, deep};

const SMALL_INT: u8 = 40;
const SAFE_INT: u8 = 41;
const STR_ASCII: u8 = 42;
const LARGEST_SAFE: u64 = (1 << 53) - 1;

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
    if let Immediate::Int(i) = view.word().decode() {
        int(out, i);
        return Ok(false);
    }
    match view.scalar()? {
        Some(scalar) => {
            put_scalar(out, &scalar, view, domain)?;
            Ok(false)
        }
        None => deep(|| collection(out, view, domain, depth)),
    }
}

fn collection(out: &mut Vec<u8>, view: View<'_>, domain: u32, depth: Depth) -> Result<bool> {
    if let Some((tag, inner)) = view.tagged()? {
        out.push(code::TAGGED);
        match tag.scalar()? {
            Some(Scalar::Symbol(name)) => put_text(out, name.as_bytes()),
            _ => put_text(out, b"?"),
        }
        return value(out, inner, domain, depth);
    }
    let kind = match view.type_of()? {
        Type::Map => code::MAP,
        Type::Set => code::SET,
        Type::Vector => code::VECTOR,
        _ => code::LIST,
    };
    let len = view.len()?;
    if depth == Depth::Shallow {
        out.extend_from_slice(&[code::VIEW, kind]);
        out.extend_from_slice(&view.word().0.to_le_bytes());
        out.extend_from_slice(&(len as f64).to_le_bytes());
        out.push(u8::from(view.meta()?.is_some()));
        return Ok(true);
    }
    out.push(kind);
    out.extend_from_slice(&(len as u32).to_le_bytes());
    if kind == code::MAP {
        for entry in view.entries()? {
            let (key, inner) = entry?;
            value(out, key, domain, depth)?;
            value(out, inner, domain, depth)?;
        }
    } else {
        for element in view.elements()? {
            value(out, element?, domain, depth)?;
        }
    }
    Ok(false)
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

fn name(out: &mut Vec<u8>, code: u8, bytes: &[u8], view: View<'_>, domain: u32) {
    let local = matches!(view.word().decode(), Immediate::LongKeyword(_) | Immediate::LongSymbol(_));
    out.push(code);
    out.extend_from_slice(&(if local { domain } else { 0 }).to_le_bytes());
    out.extend_from_slice(&view.word().0.to_le_bytes());
    put_text(out, bytes);
}

fn put_scalar(out: &mut Vec<u8>, scalar: &Scalar<'_>, view: View<'_>, domain: u32) -> Result<()> {
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
        Scalar::Keyword(text) => name(out, code::KEYWORD, text.as_bytes(), view, domain),
        Scalar::Symbol(text) => name(out, code::SYMBOL, text.as_bytes(), view, domain),
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
