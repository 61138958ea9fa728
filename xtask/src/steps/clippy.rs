//! Lints.

use super::{Outcome, Step};
use crate::run::{cargo, run};

/// No warnings, in tests, examples and benches too.
pub const STEP: Step = Step {
    name: "clippy",
    about: "no warnings in any target",
    run: || {
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])).map(|()| Outcome::Done)
    },
};
