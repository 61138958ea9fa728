//! Processes of all runtimes on one file.

use super::{Outcome, Step, cljs, counted};
use crate::run::root;
use std::process::Command;

/// Rust, JavaScript, ClojureScript and, if its JDK is there, Clojure on the JVM: at once on one atom, and each reads what the others stored.
pub const STEP: Step = Step {
    name: "interop",
    about: "processes of all runtimes at once on one file",
    run: || {
        let script = root().join("e2e/interop.mjs");
        if !root().join("bindings/clojure/bin/build-cljs").is_file() || !root().join("bindings/node").is_dir() {
            return Ok(Outcome::LeftOut("this checkout lacks bindings/clojure or bindings/node".into()));
        }
        if let Some(why) = cljs::missing() {
            return Ok(Outcome::LeftOut(why));
        }
        counted(Command::new("node").arg(script).current_dir(root()))
    },
};
