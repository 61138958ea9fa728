//! What a function given to `swap` may return.

use crate::{Error, Result, Stored};

/// What a function given to [`swap`](crate::Atom::swap) may return: the new value, or a `Result` of it.
///
/// An error of any type that becomes a boxed error will do. It stops the swap and leaves the atom as it was: one of this crate comes
/// out as it is, any other inside [`Error::Aborted`].
pub trait Outcome<T> {
    /// As a result with this crate's error.
    fn into_result(self) -> Result<T>;
}

impl<T: Stored> Outcome<T> for T {
    fn into_result(self) -> Result<T> {
        Ok(self)
    }
}

impl<T: Stored, E: Into<Box<dyn std::error::Error + Send + Sync>>> Outcome<T> for std::result::Result<T, E> {
    fn into_result(self) -> Result<T> {
        self.map_err(|error| match error.into().downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => Error::Aborted(other),
        })
    }
}
