//! Clojure on the JVM.

use super::{Outcome, Step, counted};
use crate::run::{has, root};
use std::process::Command;

/// The tests of the Clojure face: its own, and those over one file with a Rust process and a second JVM.
pub const STEP: Step = Step {
    name: "clojure",
    about: "the tests of Clojure on the JVM",
    run: || {
        let script = root().join("bindings/clojure/bin/test");
        if !script.is_file() {
            return Ok(Outcome::LeftOut("this checkout has no bindings/clojure".into()));
        }
        if !has("mvn", &["--version"]) {
            return Ok(Outcome::LeftOut(
                "Maven fetches Clojure and is not installed (Debian: apt install maven)".into(),
            ));
        }
        counted(&mut Command::new(script))
    },
};
