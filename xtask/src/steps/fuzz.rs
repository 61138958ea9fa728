//! The fuzz targets, half a minute each.

use super::{Outcome, Step};
use crate::fuzz;

const SECONDS: u64 = 30;

/// All targets.
pub const STEP: Step = Step {
    name: "fuzz",
    about: "the fuzz targets, half a minute each",
    run: || {
        if fuzz::has_tools() {
            fuzz::TARGETS.iter().try_for_each(|target| fuzz::under_libfuzzer(target, SECONDS))?;
            return Ok(Outcome::Done);
        }
        fuzz::plain(SECONDS)?;
        let hint = "cargo-fuzz or the nightly compiler is missing; the targets ran with the small mutator instead";
        Ok(Outcome::LeftOut(hint.into()))
    },
};
