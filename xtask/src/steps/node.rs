//! JavaScript and TypeScript on Node.

use super::{Outcome, Step, counted};
use crate::run::{debian, has, output, root};
use std::process::Command;

/// The oldest Node that has what the face uses.
const OLDEST: u32 = 20;

/// The tests of the Node face, among them the installation of the packed package from its sources.
pub const STEP: Step = Step {
    name: "node",
    about: "the tests of JavaScript and TypeScript on Node",
    run: || {
        let script = root().join("bindings/node/bin/test");
        if !script.is_file() {
            return Ok(Outcome::LeftOut("this checkout has no bindings/node".into()));
        }
        if let Some(why) = missing() {
            return Ok(Outcome::LeftOut(why));
        }
        counted(Command::new(script).env("EVE_TEST_BUILD", "1"))
    },
};

/// What is not there and cannot be installed.
fn missing() -> Option<String> {
    let there = || has("node", &["--version"]) && has("npm", &["--version"]);
    if !(there() || debian(&["nodejs", "npm"]) && there()) {
        return Some(format!("Node {OLDEST} or later and npm are not installed (https://nodejs.org)"));
    }
    let version = output(Command::new("node").args(["-p", "parseInt(process.versions.node)"])).ok()?;
    match version.parse::<u32>() {
        Ok(version) if version >= OLDEST => None,
        _ => Some(format!("Node {OLDEST} or later is needed, and this is {version} (https://nodejs.org)")),
    }
}
