//! Running the built command.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder of its own with a file to be made in it.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub file: PathBuf,
}

pub fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.eve");
    Place { folder, file }
}

impl Place {
    /// Arguments with `FILE` for the file.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eve"));
        command.args(arguments.iter().map(|a| if *a == "FILE" { self.file.as_os_str() } else { a.as_ref() }));
        command.current_dir(self.folder.path());
        command
    }
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }
    /// What it prints, without the last line end.
    pub fn ok(&self, arguments: &[&str]) -> String {
        printed(arguments, self.run(arguments))
    }
    /// What it prints when it is given this on standard input.
    pub fn ok_with(&self, arguments: &[&str], input: &[u8]) -> String {
        printed(arguments, with_input(self.command(arguments), input))
    }
    /// What it says on standard error when it fails, as it must.
    pub fn fails(&self, arguments: &[&str]) -> String {
        said(arguments, self.run(arguments))
    }
    pub fn fails_with(&self, arguments: &[&str], input: &[u8]) -> String {
        said(arguments, with_input(self.command(arguments), input))
    }
    /// The file is in order.
    pub fn verify(&self) {
        let report: serde_json::Value = serde_json::from_str(&self.ok(&["verify", "FILE", "--json"])).unwrap();
        let fine = report["ok"] == true && report["exact"] == true && report["leaked"] == 0 && report["damaged"] == 0;
        assert!(fine, "{report}");
    }
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

pub fn with_input(mut command: Command, input: &[u8]) -> Output {
    let mut child: Child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A command that fails early does not read all of it.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

pub fn printed(what: &[&str], output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what:?}: {} {errors}", output.status);
    assert_eq!(errors, "", "{what:?}");
    let mut text = String::from_utf8(output.stdout).unwrap();
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

/// One line, status 1, nothing on standard output.
pub fn said(what: &[&str], output: Output) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{what:?}: {errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{what:?}");
    assert!(
        errors.starts_with("eve: ") && errors.ends_with('\n') && errors.lines().count() == 1,
        "{what:?}: {errors:?}"
    );
    errors.trim_end().to_owned()
}
