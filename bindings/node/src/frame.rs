//! The frame: the bytes in which JavaScript and the addon hand each other arguments and results, so that most calls have
//! no argument that Node would have to convert. It is an ArrayBuffer of JavaScript's: a head of 16 numbers of 32 bits, then bytes.
//!
//! | number | before the call | after it |
//! | --- | --- | --- |
//! | 0 to 12 | arguments | results |
//! | 13 | | 0, or 1 for an error: its kind, path and message as texts |
//! | 14 | length of the bytes | length of the bytes |

use crate::encode::put_text;
use eve_core::{Error, Result};
use napi_sys::napi_ref;

/// Bytes of the head.
pub const HEAD: usize = 64;
const STATUS: usize = 13;
const LENGTH: usize = 14;

/// The frame of this thread, and what is going to be put into it.
pub struct Frame {
    base: *mut u8,
    size: usize,
    /// What keeps the bytes from being collected.
    keeper: napi_ref,
    /// The bytes of the result.
    pub out: Vec<u8>,
}

impl Frame {
    /// One that cannot be used yet.
    pub const fn new() -> Frame {
        Frame { base: std::ptr::null_mut(), size: 0, keeper: std::ptr::null_mut(), out: Vec::new() }
    }
    /// From now on in these bytes, which stay where they are as long as `keeper` is held and which only this thread uses. Gives
    /// back a keeper that is not needed any more: that of the bytes before, or the new one if these are too few.
    pub fn set(&mut self, base: *mut u8, size: usize, keeper: napi_ref) -> napi_ref {
        if size < HEAD || !base.addr().is_multiple_of(8) {
            return keeper;
        }
        (self.base, self.size) = (base, size);
        self.set_arg(0, 1);
        std::mem::replace(&mut self.keeper, keeper)
    }
    /// Is there a frame?
    pub fn is_set(&self) -> bool {
        !self.base.is_null()
    }
    fn head(&self, i: usize) -> *mut i32 {
        assert!(i < HEAD / 4 && self.is_set());
        self.base.cast::<i32>().wrapping_add(i)
    }
    /// A number of the head.
    pub fn arg(&self, i: usize) -> i32 {
        // SAFETY: inside the head, which only this thread uses.
        unsafe { self.head(i).read() }
    }
    /// A number that says which: of an atom, a snapshot or a domain.
    pub fn index(&self, i: usize) -> usize {
        self.arg(i).max(0) as usize
    }
    /// Two numbers of the head, the low one first.
    pub fn long(&self, i: usize) -> u64 {
        self.arg(i) as u32 as u64 | (self.arg(i + 1) as u32 as u64) << 32
    }
    /// Sets a number of the head.
    pub fn set_arg(&mut self, i: usize, value: i32) {
        // SAFETY: inside the head, which only this thread uses.
        unsafe { self.head(i).write(value) }
    }
    /// The bytes that JavaScript put there. They must not be used after the call.
    pub fn input(&self) -> &[u8] {
        let length = self.index(LENGTH).min(self.size - HEAD);
        // SAFETY: inside the frame; nobody writes to it during the call.
        unsafe { std::slice::from_raw_parts(self.base.wrapping_add(HEAD), length) }
    }
    /// Puts the result into the frame. Bytes for which it has no room are given back.
    pub fn finish(&mut self, outcome: &Result<()>) -> Option<&[u8]> {
        self.set_arg(STATUS, i32::from(outcome.is_err()));
        if let Err(error) = outcome {
            self.out.clear();
            let (kind, path) = describe(error);
            for text in [kind, path, &error.to_string()] {
                put_text(&mut self.out, text.as_bytes());
            }
        }
        self.set_arg(LENGTH, self.out.len() as i32);
        if self.out.len() > self.size - HEAD {
            return Some(&self.out);
        }
        // SAFETY: there is so much room behind the head, and the vector is elsewhere.
        unsafe { self.base.add(HEAD).copy_from_nonoverlapping(self.out.as_ptr(), self.out.len()) };
        None
    }
}

/// What JavaScript calls this error, and the path in it.
fn describe(error: &Error) -> (&'static str, &str) {
    match error {
        Error::Io { path, .. } => ("io", path.to_str().unwrap_or_default()),
        Error::NotADomain { path, .. } => ("not-a-domain", path.to_str().unwrap_or_default()),
        Error::Full { .. } => ("full", ""),
        Error::Corrupt { .. } => ("corrupt", ""),
        Error::Value { reason, .. } if reason == crate::state::STALE => ("stale", ""),
        Error::Value { path, .. } => ("value", path),
        Error::NoSuchAtom { name } => ("no-such-atom", name),
        Error::ReadOnly { path } => ("read-only", path.to_str().unwrap_or_default()),
        Error::Forked => ("forked", ""),
        Error::Parse { .. } => ("parse", ""),
        Error::CounterExhausted => ("counter-exhausted", ""),
        Error::Aborted(_) => ("defect", ""),
        _ => ("other", ""),
    }
}
