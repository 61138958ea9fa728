//! Other processes in tests: the test binary starts itself again, to run one of its tests as the child.

use std::process::{Command, Stdio};

/// Set in a child: what it is to do.
const TASK: &str = "EVE_TEST_TASK";

/// What this process is to do, if it is a child. A test that has children asks this first.
pub fn task() -> Option<String> {
    std::env::var(TASK).ok()
}

/// The command that runs the test of this full name in a new process, which finds `task` in [`task`]. Its output is piped.
pub fn command(test: &str, task: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the running test binary"));
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(TASK, task);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
