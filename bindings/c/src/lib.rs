//! The C interface. `include/eve.h` says what each function does, for whoever calls it; here is only how.
//!
//! Every function that can fail gives a negative number then, and keeps kind and message for `eve_last_error`. Panics end at
//! the boundary. Reads take a snapshot and a word and answer in the caller's memory, so that a face reads a field in one call.

mod atoms;
mod domains;
mod error;
mod patch;
mod raw;
mod read;
mod typed;

use std::ffi::{c_char, c_int};

/// Version of the interface: it changes when a function or a number does.
#[unsafe(no_mangle)]
pub extern "C" fn eve_interface() -> c_int {
    3
}

/// Version of the library.
#[unsafe(no_mangle)]
pub extern "C" fn eve_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Kind and message of this thread's last error; gives the message's length in bytes.
///
/// # Safety
/// `kind` is null or can be written; `capacity` bytes can be written at `buffer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_last_error(kind: *mut i32, buffer: *mut u8, capacity: u64) -> i64 {
    // SAFETY: the caller promises so much room.
    let buffer = unsafe { raw::room(buffer, capacity) }.unwrap_or_default();
    let (number, len) = error::last(buffer);
    if !kind.is_null() {
        // SAFETY: the caller promises that it can be written.
        unsafe { kind.write(number) };
    }
    len as i64
}
