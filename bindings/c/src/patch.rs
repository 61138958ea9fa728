//! Patches of callers, see [`eve_core::face::patch`]; the handle of a snapshot in one is its address. `eve.h` has the table.

use eve_core::Result;
use eve_core::face::patch;
use eve_core::value::Value;

/// The value that a patch says.
pub fn decode(bytes: &[u8]) -> Result<Value> {
    // SAFETY: whoever wrote the patch promises (`eve_commit`) that the handles in it are live.
    patch::decode(bytes, &|handle: u64| unsafe { crate::raw::version(handle) })
}
