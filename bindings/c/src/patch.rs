//! Patches of callers, see [`eve_core::face::patch`]; the handle of a snapshot in one is its address. `eve.h` has the table.

use eve_core::face::patch;
use eve_core::value::Value;
use eve_core::{Result, Snapshot};

/// The value that a patch says. `known`: a handle that is likely to be in it, and what it means.
pub fn decode(bytes: &[u8], known: Option<(u64, &Snapshot)>) -> Result<Value> {
    patch::decode(bytes, &|handle: u64| match known {
        Some((its, version)) if its == handle => Ok(version.clone()),
        // SAFETY: whoever wrote the patch promises (`eve_commit`) that the handles in it are live.
        _ => unsafe { crate::raw::version(handle) },
    })
}
