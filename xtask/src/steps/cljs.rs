//! ClojureScript on Node.

use super::{Outcome, Step, counted};
use crate::run::{debian, has, root};
use std::process::Command;

/// The tests of ClojureScript, compiled without and with advanced optimisation.
pub const STEP: Step = Step {
    name: "cljs",
    about: "the tests of ClojureScript on Node, in both ways of compiling",
    run: || {
        let script = root().join("bindings/clojure/bin/test-cljs");
        if !script.is_file() || !root().join("bindings/node").is_dir() {
            return Ok(Outcome::LeftOut("this checkout has no ClojureScript in bindings/clojure".into()));
        }
        if let Some(why) = missing() {
            return Ok(Outcome::LeftOut(why));
        }
        counted(&mut Command::new(script))
    },
};

/// What is needed to compile and run ClojureScript, is not there and cannot be installed.
pub fn missing() -> Option<String> {
    let lacking = NEEDED
        .iter()
        .find(|(program, args, packages, _)| !(has(program, args) || debian(packages) && has(program, args)));
    lacking
        .map(|(_, _, packages, what)| format!("{what} is not installed (Debian: apt install {})", packages.join(" ")))
}

/// Programs, how to ask for their version, the Debian packages with them, and what they are to people.
type Needed = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);
const NEEDED: &[Needed] = &[
    ("node", &["--version"], &["nodejs", "npm"], "Node 20 or later"),
    ("java", &["-version"], &["default-jdk-headless"], "Java, which compiles ClojureScript,"),
    ("mvn", &["--version"], &["maven"], "Maven, which fetches ClojureScript,"),
];
