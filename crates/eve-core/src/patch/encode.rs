//! Storing scalars: as words where they fit, else as blocks.

use super::build::{Build, Built};
use crate::atom::insert_name;
use crate::error::{Error, Quick as Result};
use crate::layout::block::{BlockHeader, Kind, bytes_for, scalar};
use crate::layout::header::word;
use crate::layout::{Off, Tick, Word};
use crate::table;
use crate::value::Scalar;
use crate::value::number::{to_decimal, trim};
use crate::value::text::{Str, invalid_wtf8};
use crate::view::is_lowest_terms;

/// The word for a scalar; a block is made where it needs one, with one edge. What host values can say, but no text or reader could give
/// back, ends here: numbers are brought to their shortest form, the rest is an error.
pub(crate) fn encode(b: &mut Build<'_>, value: &Scalar<'_>) -> Built<Word> {
    Ok(match *value {
        Scalar::Nil => Word::NIL,
        Scalar::Bool(yes) => Word::bool(yes),
        // Words have room for more, but nobody could read them.
        Scalar::Char(c @ ..=0x10_FFFF) => Word::char(c),
        Scalar::Char(c) => return Err(no_character(c).into()),
        Scalar::Int(i) => match Word::int(i) {
            Some(word) => word,
            None => scalar_block(b, scalar::INTEGER, &[&i.to_le_bytes()])?,
        },
        Scalar::BigInt(bytes) => scalar_block(b, scalar::INTEGER, &[trim(bytes)])?,
        Scalar::Float(f) => match Word::float(f) {
            Some(word) => word,
            None => scalar_block(b, scalar::FLOAT, &[&f.to_bits().to_le_bytes()])?,
        },
        Scalar::Decimal { scale, unscaled } => {
            scalar_block(b, scalar::DECIMAL, &[&scale.to_le_bytes(), trim(unscaled)])?
        }
        Scalar::Ratio { numerator, denominator } => {
            let (numerator, denominator) = (trim(numerator), trim(denominator));
            if !is_lowest_terms(numerator, denominator) {
                return Err(no_ratio(numerator, denominator).into());
            }
            let len = numerator.len() as u32;
            scalar_block(b, scalar::RATIO, &[&len.to_le_bytes(), numerator, denominator])?
        }
        Scalar::Uuid(bytes) => scalar_block(b, scalar::UUID, &[&bytes])?,
        Scalar::Instant { nanos: nanos @ 1_000_000_000.., .. } => return Err(no_instant(nanos).into()),
        Scalar::Instant { seconds, nanos } => {
            scalar_block(b, scalar::INSTANT, &[&seconds.to_le_bytes(), &nanos.to_le_bytes()])?
        }
        Scalar::Bytes(bytes) => scalar_block(b, scalar::BYTES, &[bytes])?,
        Scalar::Str(ref text) => {
            let bytes = check_text(text.as_bytes())?;
            match Word::short_str(bytes) {
                Some(word) => word,
                None => Word::block(b.bytes_block(Kind::Str, &[bytes.len() as u64], &[bytes])?),
            }
        }
        Scalar::Keyword(ref text) => {
            let name = check_text(text.as_bytes())?;
            match Word::short_keyword(name) {
                Some(word) => word,
                None => Word::long_keyword(intern(b, name)?),
            }
        }
        Scalar::Symbol(ref text) => {
            let name = check_text(text.as_bytes())?;
            match Word::short_symbol(name) {
                Some(word) => word,
                None => Word::long_symbol(intern(b, name)?),
            }
        }
    })
}

/// Text that may be stored: two that differ only in bytes that are no text would print alike, and a dump with both as keys could not be loaded.
#[inline]
pub(super) fn check_text(bytes: &[u8]) -> Result<&[u8]> {
    if bytes.is_ascii() {
        return Ok(bytes);
    }
    match invalid_wtf8(bytes) {
        None => Ok(bytes),
        Some(at) => Err(no_text(bytes, at).into()),
    }
}

#[cold]
fn no_text(bytes: &[u8], at: usize) -> Error {
    let wrong = bytes[at..].iter().take(4).map(|byte| format!(" {byte:02x}")).collect::<String>();
    let shown = match bytes.len() {
        0..=60 => format!(" of {:?}", Str::from_bytes(bytes)),
        _ => String::new(),
    };
    Error::value(format!(
        "the bytes{wrong} at {at}{shown} are no text: it is UTF-8, in which lone surrogates may stand, but no pairs of them; use a value of bytes for \
         what is no text"
    ))
}

#[cold]
fn no_character(c: u32) -> Error {
    Error::value(format!("{c:#x} is no character: the last one is 0x10ffff"))
}

#[cold]
fn no_ratio(numerator: &[u8], denominator: &[u8]) -> Error {
    let (above, below) = (to_decimal(numerator), to_decimal(denominator));
    Error::value(format!("{above}/{below} is no ratio in lowest terms with a denominator above 1"))
}

#[cold]
fn no_instant(nanos: u32) -> Error {
    Error::value(format!("an instant has up to 999999999 nanoseconds, not {nanos}"))
}

fn scalar_block(b: &mut Build<'_>, kind: u64, pieces: &[&[u8]]) -> Built<Word> {
    let len: usize = pieces.iter().map(|p| p.len()).sum();
    Ok(Word::block(b.bytes_block(Kind::Scalar, &[(len as u64) << 8 | kind], pieces)?))
}

/// The entry of a name (checked by the caller), made if it is not there. It stays, whatever becomes of the build: names are never removed.
pub(crate) fn intern(b: &Build<'_>, name: &[u8]) -> Result<Off> {
    let arena = b.arena();
    let hash = table::hash_name(arena, name);
    let root = Off(word::NAMES * 8);
    if let Some(entry) = table::find(arena, root, hash, name)? {
        return Ok(entry);
    }
    let words = 2 + (name.len() as u64).div_ceil(8);
    let off = b.slot.alloc(bytes_for(words))?;
    let header = BlockHeader::new(Kind::Name, 1, Tick(0));
    arena.write(off, &[header.0, hash, name.len() as u64]);
    arena.write(off.at(words), &[0]);
    arena.write_bytes(off.at(3), name);
    crash_point!("name: not inserted");
    let entry = insert_name(b.slot, root, off)?;
    if entry != off {
        b.slot.free(off)?;
    }
    Ok(entry)
}
