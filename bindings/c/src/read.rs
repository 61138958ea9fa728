//! Reading: a snapshot and a word in, cells out.

use crate::error::{guard, usage};
use crate::patch::decode;
use crate::raw;
use eve_core::face::{Cell, CellKind, Walk, fill_elements, fill_entries};
use eve_core::layout::Word;
use eve_core::value::{Scalar, Text};
use eve_core::view::{HostKey, Key, Type, View};
use eve_core::{Result, Snapshot};

/// A view of a word.
///
/// # Safety
/// The handle is live.
#[inline]
unsafe fn view<'a>(snapshot: *const Snapshot, word: u64) -> Result<View<'a>> {
    // SAFETY: the caller promises a live handle.
    Ok(unsafe { raw::handle(snapshot, "the snapshot")? }.view_of(raw::word(word)?))
}

/// Answers one value, or that there is none.
///
/// # Safety
/// `out` can be written.
#[inline]
unsafe fn answer(found: Option<View<'_>>, out: *mut Cell) -> Result<i64> {
    let Some(found) = found else { return Ok(0) };
    // SAFETY: the caller promises room.
    let room = unsafe { raw::room(out, 1)? };
    room[0] = Cell::of(found)?;
    Ok(1)
}

/// Answers two values, or that there are none.
///
/// # Safety
/// `out` can be written.
unsafe fn answer_two(found: Option<(View<'_>, View<'_>)>, out: *mut Cell) -> Result<i64> {
    let Some((first, second)) = found else { return Ok(0) };
    // SAFETY: the caller promises room.
    let out = unsafe { raw::room(out, 2)? };
    (out[0], out[1]) = (Cell::of(first)?, Cell::of(second)?);
    Ok(1)
}

/// A key as it comes: a cell, whose text may also be at `text`, or (with [`ENCODED`]) a patch.
const ENCODED: u64 = 255;

/// Runs `f` with the key of the caller. (The key is written where it stays: one that is copied right after it was made waits for its parts to
/// leave the store buffer.)
///
/// # Safety
/// An address in the key has as many bytes as its tag says.
#[inline]
unsafe fn with_key<R>(tag: u64, bits: u64, text: *const u8, f: impl FnOnce(&Key<'_>) -> Result<R>) -> Result<R> {
    const SHORT_STR: u64 = CellKind::ShortStr as u64;
    const STR: u64 = CellKind::Str as u64;
    const SHORT_KEYWORD: u64 = CellKind::ShortKeyword as u64;
    const KEYWORD: u64 = CellKind::Keyword as u64;
    const SHORT_SYMBOL: u64 = CellKind::ShortSymbol as u64;
    const SYMBOL: u64 = CellKind::Symbol as u64;
    let len = tag >> 16;
    let cell = (u128::from(bits) << 64 | u128::from(tag)).to_le_bytes();
    let short = || {
        let bytes = cell[6..].get(..len as u16 as usize);
        bytes.map(Text::Borrowed).ok_or_else(|| usage("a short text of more than 10 bytes"))
    };
    let long = || {
        let at = if bits == 0 { text } else { bits as usize as *const u8 };
        // SAFETY: the caller promises so many bytes at the address.
        unsafe { raw::bytes(at, len) }
    };
    let mut key = Key::Scalar(Scalar::Nil);
    match tag & 0xFF {
        STR => key = Key::Scalar(Scalar::Str(Text::Borrowed(long()?))),
        SHORT_STR => key = Key::Scalar(Scalar::Str(short()?)),
        SHORT_KEYWORD => key = Key::Scalar(Scalar::Keyword(short()?)),
        KEYWORD => key = Key::Scalar(Scalar::Keyword(Text::Borrowed(long()?))),
        SHORT_SYMBOL => key = Key::Scalar(Scalar::Symbol(short()?)),
        SYMBOL => key = Key::Scalar(Scalar::Symbol(Text::Borrowed(long()?))),
        0 => {}
        1 => key = Key::Scalar(Scalar::Bool(false)),
        2 => key = Key::Scalar(Scalar::Bool(true)),
        3 => key = Key::Scalar(Scalar::Int(bits as i64)),
        4 => key = Key::Scalar(Scalar::Float(f64::from_bits(bits))),
        5 => {
            let char = bits.try_into().map_err(|_| usage("a character of more than 32 bits"))?;
            key = Key::Scalar(Scalar::Char(char));
        }
        ENCODED => {
            let value = decode(long()?)?;
            return f(&match value.as_scalar() {
                Some(scalar) => Key::Scalar(scalar),
                None => Key::Host(&value as &dyn HostKey),
            });
        }
        other => return Err(usage(&format!("a key of kind {other}"))),
    }
    f(&key)
}

/// The value under a key.
///
/// # Safety
/// The handle is live, the key's bytes are there, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_get(
    snapshot: *const Snapshot,
    word: u64,
    tag: u64,
    bits: u64,
    text: *const u8,
    out: *mut Cell,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let view = unsafe { view(snapshot, word)? };
        // SAFETY: the caller promises the key's bytes and room for the answer.
        unsafe { with_key(tag, bits, text, |key| answer(view.get_by(key)?, out)) }
    })
}

/// The word and the hash that a key has in this domain, for [`eve_get_stored`].
///
/// # Safety
/// As [`eve_get`], with room for two numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_key(
    snapshot: *const Snapshot,
    tag: u64,
    bits: u64,
    text: *const u8,
    out: *mut u64,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let view = unsafe { view(snapshot, Word::NIL.0)? };
        // SAFETY: the caller promises the key's bytes.
        let Some((word, hash)) = (unsafe { with_key(tag, bits, text, |key| view.stored_key(key))? }) else {
            return Ok(0);
        };
        // SAFETY: the caller promises room.
        let out = unsafe { raw::room(out, 2)? };
        (out[0], out[1]) = (word.0, hash);
        Ok(1)
    })
}

/// The value under a key of which [`eve_key`] told word and hash.
///
/// # Safety
/// The handle is live, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_get_stored(
    snapshot: *const Snapshot,
    word: u64,
    key: u64,
    hash: u64,
    out: *mut Cell,
) -> i64 {
    // SAFETY: the caller promises a live handle and room.
    guard(|| unsafe { answer(view(snapshot, word)?.get_stored(raw::word(key)?, hash)?, out) })
}

/// The key and the value, as they are stored; for a set the element twice.
///
/// # Safety
/// As [`eve_get`], with room for two cells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_find(
    snapshot: *const Snapshot,
    word: u64,
    tag: u64,
    bits: u64,
    text: *const u8,
    out: *mut Cell,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let view = unsafe { view(snapshot, word)? };
        // SAFETY: the caller promises the key's bytes and room for the answer.
        unsafe { with_key(tag, bits, text, |key| answer_two(view.find_entry(*key)?, out)) }
    })
}

/// An element of a vector or list by its place.
///
/// # Safety
/// The handle is live, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_nth(snapshot: *const Snapshot, word: u64, index: u64, out: *mut Cell) -> i64 {
    // SAFETY: the caller promises a live handle and room.
    guard(|| unsafe { answer(view(snapshot, word)?.nth(index)?, out) })
}

/// The metadata.
///
/// # Safety
/// The handle is live, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_meta(snapshot: *const Snapshot, word: u64, out: *mut Cell) -> i64 {
    // SAFETY: the caller promises a live handle and room.
    guard(|| unsafe { answer(view(snapshot, word)?.meta()?, out) })
}

/// The value without its metadata.
///
/// # Safety
/// The handle is live, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_without_meta(snapshot: *const Snapshot, word: u64, out: *mut Cell) -> i64 {
    // SAFETY: the caller promises a live handle and room.
    guard(|| unsafe { answer(Some(view(snapshot, word)?.without_meta()?), out) })
}

/// The tag and the value of a tagged literal.
///
/// # Safety
/// The handle is live, two cells can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_tagged(snapshot: *const Snapshot, word: u64, out: *mut Cell) -> i64 {
    // SAFETY: the caller promises a live handle and room.
    guard(|| unsafe { answer_two(view(snapshot, word)?.tagged()?, out) })
}

/// The first element of a list, and the list behind it.
///
/// # Safety
/// The handle is live, two cells can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_list(snapshot: *const Snapshot, word: u64, out: *mut Cell) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let list = unsafe { view(snapshot, word)? };
        let Some(first) = list.first()? else { return Ok(0) };
        // SAFETY: the caller promises room.
        unsafe { answer_two(Some((first, list.rest()?)), out) }
    })
}

/// Are the two equal?
///
/// # Safety
/// The handles are live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_equals(a: *const Snapshot, a_word: u64, b: *const Snapshot, b_word: u64) -> i64 {
    // SAFETY: the caller promises live handles.
    guard(|| Ok(unsafe { view(a, a_word)?.equals(view(b, b_word)?)? }.into()))
}

/// The first entries of a map (two cells each) or elements of a set; how many.
///
/// # Safety
/// The handle is live; `cells` cells can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_entries(snapshot: *const Snapshot, word: u64, out: *mut Cell, cells: u64) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle and room.
        let (view, out) = unsafe { (view(snapshot, word)?, raw::room(out, cells)?) };
        Ok(match view.type_of()? {
            Type::Set => fill_elements(&mut view.elements()?, out)?,
            _ => fill_entries(&mut view.entries()?, out)?,
        } as i64)
    })
}

/// Elements of a vector from an index on, or of a list or set from the first on; how many.
///
/// # Safety
/// The handle is live; `cells` cells can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_elements(
    snapshot: *const Snapshot,
    word: u64,
    from: u64,
    out: *mut Cell,
    cells: u64,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle and room.
        let (view, out) = unsafe { (view(snapshot, word)?, raw::room(out, cells)?) };
        let mut elements = if from == 0 { view.elements()? } else { view.elements_from(from)? };
        Ok(fill_elements(&mut elements, out)? as i64)
    })
}

/// A walk over a collection.
///
/// # Safety
/// The handle is live; `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_walk(snapshot: *const Snapshot, word: u64, out: *mut *const Walk) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let walk = Walk::new(unsafe { raw::handle(snapshot, "the snapshot")? }, raw::word(word)?)?;
        // SAFETY: the caller promises that `out` can be written.
        unsafe { raw::give(out, walk)? };
        Ok(0)
    })
}

/// A walk over a sorted map, a sorted set or an integer map from a key on. `flags`: 1 from the greater keys to the less; 2 with the key
/// itself, if it is there; 4 from the end that the direction begins at (the key is not looked at).
///
/// # Safety
/// The handle is live, the key's bytes are there, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_walk_from(
    snapshot: *const Snapshot,
    word: u64,
    tag: u64,
    bits: u64,
    text: *const u8,
    flags: u32,
    out: *mut *const Walk,
) -> i64 {
    const DOWN: u32 = 1;
    const INCLUSIVE: u32 = 2;
    const FROM_END: u32 = 4;
    guard(|| {
        if flags & !(DOWN | INCLUSIVE | FROM_END) != 0 {
            return Err(usage(&format!("the flags {flags} of a walk, of which only 1, 2 and 4 mean anything")));
        }
        // SAFETY: the caller promises a live handle.
        let snapshot = unsafe { raw::handle(snapshot, "the snapshot")? };
        let (inclusive, down) = (flags & INCLUSIVE != 0, flags & DOWN != 0);
        let walk = if flags & FROM_END != 0 {
            Walk::from(snapshot, raw::word(word)?, None, inclusive, down)?
        } else {
            // SAFETY: the caller promises the key's bytes.
            unsafe {
                with_key(tag, bits, text, |key| Walk::from(snapshot, raw::word(word)?, Some(*key), inclusive, down))?
            }
        };
        // SAFETY: the caller promises that `out` can be written.
        unsafe { raw::give(out, walk)? };
        Ok(0)
    })
}

/// The next entries or elements of a walk; how many, 0 at the end.
///
/// # Safety
/// The handle is live, and used by one thread at a time; `cells` cells can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_walk_next(walk: *mut Walk, out: *mut Cell, cells: u64) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle that nobody else uses meanwhile.
        let walk = unsafe { walk.as_mut() }.ok_or_else(|| usage("the walk is null"))?;
        // SAFETY: the caller promises room.
        Ok(walk.fill(unsafe { raw::room(out, cells)? })? as i64)
    })
}

/// Lets go of a walk.
///
/// # Safety
/// The handle is null or live, and not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_walk_free(walk: *const Walk) -> i64 {
    guard(|| {
        // SAFETY: the caller promises it.
        unsafe { raw::take_back(walk) };
        Ok(0)
    })
}
