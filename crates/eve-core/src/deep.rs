//! Recursion over nested values, without a limit set by the stack.

/// Runs `f`, on a fresh piece of stack if this one is nearly used up. Recursion over nested values goes through here.
pub fn deep<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, f)
}
