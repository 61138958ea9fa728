//! From pointers to references, checked for null.

use crate::error::usage;
use eve_core::face::Version;
use eve_core::layout::Word;
use eve_core::{Error, Result, Snapshot};

/// What a handle points to.
///
/// # Safety
/// The handle is null, or was given out by this library and not freed since.
pub unsafe fn handle<'a, T>(pointer: *const T, what: &str) -> Result<&'a T> {
    // SAFETY: the caller promises that it is null or points to a live T.
    unsafe { pointer.as_ref() }.ok_or_else(|| usage(&format!("{what} is null")))
}

/// A version whose pin another snapshot has: what a handle points to whose lowest bit is set.
#[repr(C)]
struct Shared {
    pinned_by: *const Snapshot,
    root: u64,
}

/// The version that a handle means, where versions that share a pin are allowed.
///
/// # Safety
/// The handle is null, or one of a snapshot, or the address of a version of one, plus 1.
pub unsafe fn version<'a>(handle: u64) -> Result<Version<'a>> {
    if handle & 1 == 0 {
        // SAFETY: the caller promises a live handle, or null.
        return Ok(unsafe { self::handle(handle as usize as *const Snapshot, "the snapshot")? }.into());
    }
    // SAFETY: the caller promises that it is there.
    let version = unsafe { self::handle((handle & !1) as usize as *const Shared, "the version")? };
    // SAFETY: the caller promises a live handle.
    let held_by = unsafe { self::handle(version.pinned_by, "the snapshot of a version")? };
    Ok(Version { held_by, root: Word(version.root) })
}

/// The word of a value. What a removed atom has is none: said here, since further in it would be damage.
#[inline]
pub fn word(word: u64) -> Result<Word> {
    if word == Word::ABSENT.0 { Err(removed()) } else { Ok(Word(word)) }
}

#[cold]
fn removed() -> Error {
    Error::NoSuchAtom { name: "(removed)".into() }
}

/// Bytes of the caller.
///
/// # Safety
/// `len` bytes can be read at `pointer` for as long as the slice is used, or `len` is 0.
pub unsafe fn bytes<'a>(pointer: *const u8, len: u64) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() || len > isize::MAX as u64 {
        return Err(usage("a null pointer with a length"));
    }
    // SAFETY: the caller promises that so many bytes are there.
    Ok(unsafe { std::slice::from_raw_parts(pointer, len as usize) })
}

/// Text of the caller.
///
/// # Safety
/// As [`bytes`].
pub unsafe fn text<'a>(pointer: *const u8, len: u64) -> Result<&'a str> {
    // SAFETY: the caller promises it.
    let bytes = unsafe { bytes(pointer, len)? };
    std::str::from_utf8(bytes).map_err(|_| usage("text that is not UTF-8"))
}

/// Room of the caller for `n` things.
///
/// # Safety
/// `n` of them can be written at `pointer`, which is aligned for them and nobody else uses meanwhile, and they hold any bytes.
pub unsafe fn room<'a, T: Copy>(pointer: *mut T, n: u64) -> Result<&'a mut [T]> {
    if n == 0 {
        return Ok(&mut []);
    }
    if pointer.is_null() || n > isize::MAX as u64 / size_of::<T>() as u64 {
        return Err(usage("no room for the result"));
    }
    // SAFETY: the caller promises it.
    Ok(unsafe { std::slice::from_raw_parts_mut(pointer, n as usize) })
}

/// Gives a handle out.
///
/// # Safety
/// `out` can be written.
pub unsafe fn give<T>(out: *mut *const T, value: T) -> Result<()> {
    if out.is_null() {
        return Err(usage("no room for the handle"));
    }
    // SAFETY: the caller promises that it can be written.
    unsafe { out.write(Box::into_raw(Box::new(value))) };
    Ok(())
}

/// Takes a handle back.
///
/// # Safety
/// As [`handle`]; it is not used again.
pub unsafe fn take_back<T>(pointer: *const T) {
    if !pointer.is_null() {
        // SAFETY: it came from `give`, and the caller promises that this is its end.
        drop(unsafe { Box::from_raw(pointer.cast_mut()) });
    }
}
