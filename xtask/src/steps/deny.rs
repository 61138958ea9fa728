//! Licences, advisories and sources of what we depend on.

use super::{Outcome, Step};
use crate::run::{cargo, has, run};

/// `cargo deny check`, where it is installed.
pub const STEP: Step = Step {
    name: "deny",
    about: "licences and advisories of all dependencies (deny.toml)",
    run: || {
        if !has("cargo-deny", &["--version"]) {
            return Ok(Outcome::LeftOut("cargo-deny is not installed (cargo install --locked cargo-deny)".into()));
        }
        run(cargo().args(["deny", "check"])).map(|()| Outcome::Done)
    },
};
