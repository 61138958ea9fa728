//! Room for recursion over nested values.

/// Runs `f` with room on the stack, on a new piece of it when the present one runs short. Every step into a nested value
/// goes through here, so that ten thousand levels are no more dangerous than ten.
pub fn deep<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, f)
}
