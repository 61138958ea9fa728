//! The tests of the workspace. They run as the library is shipped; those of the engine and of the testkit run once more with freed
//! blocks filled with a pattern, and deaths at named places. Only these are built a second time.

use super::{Step, counted};
use crate::run::cargo;

/// All tests, as shipped.
pub const WORKSPACE: Step = Step {
    name: "tests",
    about: "the tests of every crate",
    run: || {
        let targets = ["--lib", "--bins", "--tests", "--examples"];
        counted(cargo().args(["test", "--workspace", "--no-fail-fast"]).args(targets))
    },
};

/// The engine's with poison.
pub const POISON: Step = Step {
    name: "poison",
    about: "the tests of the engine, with freed blocks filled with a pattern, and deaths at all named places",
    run: || {
        let crates = ["-p", "eve-core", "-p", "eve-testkit", "--features", "eve-core/poison,eve-testkit/crash-points"];
        counted(cargo().args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]).args(crates))
    },
};

/// The examples in doc comments.
pub const DOC: Step = Step {
    name: "doc-tests",
    about: "the examples in doc comments",
    run: || counted(cargo().args(["test", "--workspace", "--no-fail-fast", "--doc"])),
};
