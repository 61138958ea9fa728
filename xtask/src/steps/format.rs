//! Formatting.

use super::{Outcome, Step};
use crate::run::{cargo, run};

/// rustfmt changes nothing.
pub const STEP: Step = Step {
    name: "format",
    about: "rustfmt has nothing to change",
    run: || run(cargo().args(["fmt", "--all", "--check"])).map(|()| Outcome::Done),
};
