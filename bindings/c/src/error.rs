//! Errors over the boundary: a negative result, and the kind and message of the last one of the thread. No panic gets through.

use eve_core::{Error, Result};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static LAST: RefCell<(i32, String)> = const { RefCell::new((0, String::new())) };
}

/// The kind of an error, as `eve.h` lists them.
fn kind(error: &Error) -> i32 {
    match error {
        Error::Io { .. } => 1,
        Error::NotADomain { .. } => 2,
        Error::Full { .. } => 3,
        Error::Corrupt { .. } => 4,
        Error::Value { .. } => 5,
        Error::NoSuchAtom { .. } => 6,
        Error::ReadOnly { .. } => 7,
        Error::Forked => 8,
        Error::Parse { .. } => 9,
        Error::Aborted(_) => 10,
        Error::CounterExhausted => 11,
        _ => OTHER,
    }
}

const PANIC: i32 = 12;
const OTHER: i32 = 14;

fn remember(kind: i32, message: String) -> i64 {
    // A thread that is ending has no place for it any more: the caller still gets the negative result.
    let _ = LAST.try_with(|last| *last.borrow_mut() = (kind, message));
    -1
}

/// Runs the body of a call. Errors and panics become -1.
#[inline]
pub fn guard(body: impl FnOnce() -> Result<i64>) -> i64 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(n)) => n,
        Ok(Err(error)) => remember(kind(&error), error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|s| s.to_string());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            remember(PANIC, format!("a defect in eve, please report it: {text}"))
        }
    }
}

/// Kind of the thread's last error; its message goes into `buffer` as far as it fits.
pub fn last(buffer: &mut [u8]) -> (i32, usize) {
    LAST.try_with(|last| {
        let (kind, message) = &*last.borrow();
        let n = message.len().min(buffer.len());
        buffer[..n].copy_from_slice(&message.as_bytes()[..n]);
        (*kind, message.len())
    })
    .unwrap_or((0, 0))
}

/// The error for a null pointer or a number that makes no sense.
pub fn usage(what: &str) -> Error {
    Error::value(format!("wrong use of the C interface: {what}"))
}
