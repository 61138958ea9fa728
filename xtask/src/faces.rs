//! The faces: what each is called, where it lies, and how it is built. A face that is not in the checkout is left out.

use crate::Result;
use crate::run::{self, cargo, root};
use std::path::PathBuf;
use std::process::Command;

/// One face.
pub struct Face {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its folder, from the root of the checkout.
    pub folder: &'static str,
}

/// All faces that the project knows of, in the order in which they build on one another.
pub const FACES: &[Face] = &[
    Face { name: "rust", about: "the engine, the Rust face and the command `eve`", folder: "crates/eve" },
    Face { name: "c", about: "the C interface", folder: "bindings/c" },
    Face { name: "node", about: "the Node addon", folder: "bindings/node" },
    Face { name: "wasm", about: "the browser build", folder: "bindings/wasm" },
    Face { name: "clojure", about: "Clojure on the JVM and ClojureScript", folder: "bindings/clojure" },
];

impl Face {
    /// The face of this name.
    pub fn named(name: &str) -> Result<&'static Face> {
        let found = FACES.iter().find(|face| face.name == name);
        let names = || FACES.iter().map(|face| face.name).collect::<Vec<_>>().join(", ");
        Ok(found.ok_or_else(|| format!("there is no face {name:?}; the faces are: {}", names()))?)
    }

    /// Where it lies.
    pub fn path(&self) -> PathBuf {
        root().join(self.folder)
    }

    /// Is it in this checkout?
    pub fn is_here(&self) -> bool {
        self.path().is_dir()
    }

    /// Builds it. A face outside the workspace says by its files how it is built: a `Cargo.toml`, a `package.json` with a
    /// script `build`, or a `build.sh`; several of them are done in this order.
    pub fn build(&self, debug: bool) -> Result<()> {
        let profile: &[&str] = if debug { &[] } else { &["--release"] };
        if self.name == "rust" {
            return run::run(cargo().args(["build", "-p", "eve-core", "-p", "eve", "-p", "eve-cli"]).args(profile));
        }
        let (path, mut built) = (self.path(), false);
        if path.join("Cargo.toml").is_file() {
            run::run(cargo().arg("build").args(profile).arg("--manifest-path").arg(path.join("Cargo.toml")))?;
            built = true;
        }
        if path.join("package.json").is_file() {
            if !run::has("npm", &["--version"]) {
                return Err(
                    format!("{} needs npm, which is not installed (Debian: apt install npm)", self.about).into()
                );
            }
            run::run(Command::new("npm").arg("ci").current_dir(&path))?;
            let debug: &[&str] = if debug { &["--", "--debug"] } else { &[] };
            run::run(Command::new("npm").args(["run", "build"]).args(debug).current_dir(&path))?;
            built = true;
        }
        if path.join("build.sh").is_file() {
            run::run(Command::new("bash").arg("build.sh").current_dir(&path))?;
            built = true;
        }
        if built { Ok(()) } else { Err(format!("{} has nothing that says how it is built", self.folder).into()) }
    }
}
