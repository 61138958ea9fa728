//! Patches of callers, see [`eve_core::face::patch`]; the handle of a snapshot in one is its address. `eve.h` has the table.

use eve_core::Result;
use eve_core::face::patch::{self, Handles};
use eve_core::layout::Word;
use eve_core::value::Value;

/// The handles of live snapshots, which whoever wrote the patch promises (`eve_commit`).
pub struct Live;

impl Handles for Live {
    fn value_of(&self, handle: u64, word: Word) -> Result<Value> {
        // SAFETY: the caller of the library promises it.
        unsafe { crate::raw::version(handle)? }.snapshot().value_of(crate::raw::word(word.0)?)
    }
}

/// The value that a patch says.
pub fn decode(bytes: &[u8]) -> Result<Value> {
    patch::decode(bytes, &Live)
}
