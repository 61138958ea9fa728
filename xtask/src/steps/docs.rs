//! Documentation.

use super::{Outcome, Step};
use crate::run::{cargo, run};

/// rustdoc without warnings: no broken links.
pub const STEP: Step = Step {
    name: "docs",
    about: "rustdoc without warnings",
    run: || {
        let mut command = cargo();
        command.args(["doc", "--no-deps", "--document-private-items", "-p", "eve-core", "-p", "eve"]);
        run(command.env("RUSTDOCFLAGS", "-D warnings")).map(|()| Outcome::Done)
    },
};
