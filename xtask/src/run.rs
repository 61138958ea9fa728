//! Running other programs: cargo, and what it built.

use crate::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the checkout.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// The cargo that runs us, in the root of the checkout.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let args = command.get_args().map(|arg| {
        let arg = arg.to_string_lossy();
        if arg.is_empty() || arg.contains([' ', '[', '$', '*']) { format!("'{arg}'") } else { arg.into_owned() }
    });
    std::iter::once(program).chain(args).collect::<Vec<_>>().join(" ")
}

/// Runs it with our own input and output; an error if it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().map_err(|e| format!("cannot start `{}`: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", shown(command)).into()) }
}

/// Runs it and gives what it wrote to standard output. What it wrote to standard error is in the error if it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command.stdin(Stdio::null()).output().map_err(|e| format!("cannot start `{}`: {e}", shown(command)))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if done.status.success() {
        return Ok(text(&done.stdout));
    }
    Err(format!("`{}` failed ({})\n{}", shown(command), done.status, text(&done.stderr)).into())
}

/// Is this program there? It is asked for its version.
pub fn has(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Installs Debian packages, where that may be done: as root on a system that has them. False if they are not there afterwards.
pub fn debian(packages: &[&str]) -> bool {
    let root = output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    root && has("apt-get", &["--version"])
        && run(apt().args(["update", "-qq"])).is_ok()
        && run(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages)).is_ok()
}

/// What `cargo metadata` says about the workspace, as text: a few hundred KiB of nested JSON.
pub fn metadata() -> Result<String> {
    output(cargo().args(["metadata", "--format-version", "1"]))
}

/// Where cargo puts what it builds.
pub fn target_dir(metadata: &str) -> Result<PathBuf> {
    #[derive(serde::Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    Ok(serde_json::from_str::<Metadata>(metadata)?.target_directory)
}
