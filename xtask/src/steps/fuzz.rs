//! The fuzz targets, half a minute each.

use super::{Outcome, Step};
use crate::fuzz;

const SECONDS: u64 = 30;

/// All targets, on any machine with the same inputs in the same order. `cargo xtask fuzz` runs them under libFuzzer and AddressSanitizer.
pub const STEP: Step = Step {
    name: "fuzz",
    about: "the fuzz targets, half a minute each",
    run: || fuzz::plain(SECONDS).map(|()| Outcome::Done),
};
