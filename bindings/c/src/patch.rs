//! Patches of callers, see [`eve_core::face::patch`]; the handle of a snapshot in one is its address. `eve.h` has the table.

use eve_core::face::patch;
use eve_core::value::Value;
use eve_core::{Result, Snapshot};

/// The value that a patch says.
pub fn decode(bytes: &[u8]) -> Result<Value> {
    patch::decode(bytes, &|handle: u64| {
        // SAFETY: whoever wrote the patch promises (`eve_commit`) that the handles in it are live.
        let snapshot = unsafe { crate::raw::handle(handle as usize as *const Snapshot, "a snapshot in a patch")? };
        Ok(snapshot.clone())
    })
}
