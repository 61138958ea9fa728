//! Recursion over nested values, without a limit set by the stack.

/// Runs `f`, on a fresh piece of stack if this one is nearly used up. Recursion over nested values goes through here.
#[cfg(not(any(loom, shuttle)))]
pub fn deep<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, f)
}

/// Runs `f`: the threads of a model checker have stacks that only it knows, and nest little.
#[cfg(any(loom, shuttle))]
pub fn deep<R>(f: impl FnOnce() -> R) -> R {
    f()
}
