//! `cargo xtask build`

use crate::Result;
use crate::faces::{FACES, Face};

/// Options of `build`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// rust, c, node, wasm or clojure; without it, every face that is in this checkout
    face: Option<String>,
    /// Build without optimisation
    #[arg(long)]
    debug: bool,
}

/// Builds what was asked for.
pub fn run(options: &Options) -> Result<()> {
    if let Some(name) = &options.face {
        let face = Face::named(name)?;
        if !face.is_here() {
            return Err(format!("{} is not in this checkout: there is no folder {}", face.about, face.folder).into());
        }
        face.build(options.debug)?;
        println!("built: {} ({})", face.name, face.about);
        return Ok(());
    }
    for face in FACES {
        if face.is_here() {
            face.build(options.debug)?;
            println!("built: {} ({})", face.name, face.about);
        } else {
            println!("left out: {} ({}): there is no folder {}", face.name, face.about, face.folder);
        }
    }
    Ok(())
}
