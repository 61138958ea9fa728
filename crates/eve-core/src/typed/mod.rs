//! Typed arrays and typed objects as they are stored: numbers of one type, or rows of them, that are changed in place.
//!
//! All versions of an atom that hold an array hold the same elements. A change of an element is no commit: it shows at once to
//! everybody, in old snapshots too, and wakes no watch of the atom. Single elements are changed atomically, each change one step in
//! an order that all threads and processes agree on; ranges are read and written element by element.

mod array;
pub(crate) mod equal;
pub mod number;
mod records;

pub use array::{ArrayView, Op, Waited};
pub use number::{Integer, Number};
pub use records::RecordsView;
