//! Opening files and finding atoms in them.

use crate::failure::{At, Failure, Place, Result};
use crate::text;
use eve::{Atom, Domain, Error, OpenOptions, Snapshot, Value};
use indicatif::ProgressBar;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a version is looked for that holds still while it is read, if it cannot be pinned.
const PATIENCE: Duration = Duration::from_secs(5);

/// How files are opened: whoever waits for one that is rebuilt, after a restart of the machine or in a copy, sees how far it is.
fn options() -> OpenOptions {
    Domain::options().on_rebuild(|done, all| {
        let bar = REBUILDING.get_or_init(|| ProgressBar::new(all)); // on standard error, if that is a terminal
        bar.set_length(all);
        bar.set_position(done);
    })
}

static REBUILDING: OnceLock<ProgressBar> = OnceLock::new();

fn open(options: &OpenOptions, file: &Path) -> eve::Result<Domain> {
    let result = options.open(file);
    if let Some(bar) = REBUILDING.get() {
        bar.finish_and_clear();
    }
    result
}

/// How a file is made that is not there yet.
#[derive(Clone, Copy, clap::Args)]
pub struct Making {
    /// If the file is made: how large it can ever become, as 64GiB or 4TiB; 1TiB if not given
    #[arg(long, value_name = "SIZE", value_parser = text::size)]
    reserve: Option<u64>,
}

/// For commands that write, and create the file.
pub fn create(file: &Path, making: Making) -> Result<Domain> {
    let options = making.reserve.into_iter().fold(options(), OpenOptions::reserve);
    let domain = open(&options, file).at(&file.display())?;
    match making.reserve {
        Some(wanted) if wanted != domain.stat().at(&file.display())?.reserve => Err(Failure::new(format!(
            "{} is there already, and the reserve of a file never changes; leave out --reserve, or load a dump into a new file: \
             eve dump FILE | eve load NEW --all --reserve SIZE",
            file.display()
        ))),
        _ => Ok(domain),
    }
}

/// For commands that write into a file that is there.
pub fn change(file: &Path) -> Result<Domain> {
    opened(file, open(&options().create(false), file))
}

/// With what to do about a file that is not there.
fn opened(file: &Path, result: eve::Result<Domain>) -> Result<Domain> {
    match result {
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
            Err(Failure::new(format!("there is no file {}; `eve set FILE ATOM VALUE` makes one", file.display())))
        }
        result => result.at(&file.display()),
    }
}

/// For commands that only look at the file itself: nothing is written.
pub fn look(file: &Path) -> Result<Domain> {
    opened(file, open(&options().read_only(), file))
}

/// For commands that read values. A version can only be held still by a note in the file, so it is opened for writing if that
/// is allowed; if not, what was read is checked afterwards.
pub fn read(file: &Path) -> Result<Domain> {
    match open(&options().create(false), file) {
        Err(Error::Io { source, .. })
            if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            look(file)
        }
        result => opened(file, result),
    }
}

/// An atom that is there.
pub fn find(domain: &Domain, name: &str) -> Result<Atom> {
    let found = domain.find(name).and_then(|found| found.ok_or_else(|| Error::NoSuchAtom { name: name.into() }));
    found.at(&domain.path().display())
}

/// Reads the current version. If it cannot be pinned and was replaced meanwhile, reads again.
pub fn read_version<R>(atom: &Atom, mut read: impl FnMut(&Snapshot) -> eve::Result<R>) -> eve::Result<R> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let version = atom.load()?;
        let result = read(&version);
        if version.is_intact() {
            return result;
        }
        if Instant::now() > deadline {
            return Err(Error::value(
                "it changes faster than it can be read by somebody who may not write the file; get the right to write it",
            ));
        }
    }
}

/// Can versions of this domain be pinned?
pub fn pins(atom: &Atom) -> eve::Result<bool> {
    Ok(atom.load()?.engine().is_pinned())
}

/// Sets an atom to a value, and makes it if it is not there.
pub fn put(domain: &Domain, name: &str, value: &Value) -> Result<()> {
    domain.put(name, value).map(drop).at(&Place { file: domain.path(), atom: name })
}

/// For a message: what to do about a file that is not there.
pub fn no_input(file: &Path, source: std::io::Error) -> Failure {
    Failure::new(format!("cannot read {}: {source}", file.display()))
}
