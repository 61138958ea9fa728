//! What is said when something goes wrong: one line.

use std::fmt;
use std::io;

/// The result of a command.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why a command failed, as one line.
#[derive(Debug)]
pub struct Failure {
    message: String,
    broken_pipe: bool,
    status: u8,
}

impl Failure {
    /// With this message.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), broken_pipe: false, status: 1 }
    }
    /// The same with another exit status than 1.
    pub fn with_status(self, status: u8) -> Failure {
        Failure { status, ..self }
    }
    /// The exit status.
    pub fn status(&self) -> u8 {
        self.status
    }
    /// What clap says, in one line.
    pub fn usage(error: &clap::Error) -> Failure {
        if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Failure::new("no command was given; `eve --help` lists them");
        }
        let text = error.render().to_string();
        let first = text.split("\n\n").next().unwrap_or_default();
        let said = first.strip_prefix("error: ").unwrap_or(first);
        Failure::new(format!("{}; `eve --help` tells more", joined(said)))
    }
    /// Whoever read the output has stopped: that is no failure.
    pub fn nobody_listens(&self) -> bool {
        self.broken_pipe
    }
    /// Something could not be written to standard output.
    pub fn output(source: io::Error) -> Failure {
        let broken_pipe = source.kind() == io::ErrorKind::BrokenPipe;
        Failure { broken_pipe, ..Failure::new(format!("cannot write to standard output: {source}")) }
    }
}

/// Lines as one.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.contains(['\n', '\r']) {
            return f.write_str(&joined(&self.message));
        }
        f.write_str(&self.message)
    }
}

/// Says of an error where it happened.
pub trait At<T> {
    /// In this place: a file, an atom, an argument.
    fn at(self, place: &dyn fmt::Display) -> Result<T>;
}

impl<T> At<T> for eve::Result<T> {
    fn at(self, place: &dyn fmt::Display) -> Result<T> {
        self.map_err(|error| match error {
            // These name the file themselves.
            eve::Error::Io { ref path, .. } | eve::Error::ReadOnly { ref path } if !path.as_os_str().is_empty() => {
                Failure::new(error.to_string())
            }
            eve::Error::NotADomain { .. } => Failure::new(error.to_string()),
            eve::Error::Aborted(source) => Failure::new(format!("{place}: {source}")),
            other => Failure::new(format!("{place}: {other}")),
        })
    }
}

/// An atom of a file, as it is named in messages.
pub struct Place<'a> {
    /// The file.
    pub file: &'a std::path::Path,
    /// The atom.
    pub atom: &'a str,
}

impl Place<'_> {
    /// What a path leads to in it.
    pub fn under(&self, path: &[eve::Value]) -> impl fmt::Display {
        fmt::from_fn(move |f| match path {
            [] => write!(f, "{self}"),
            path => write!(f, "{self}, under {}", eve::Value::vector(path)),
        })
    }
    /// Tells people what they may want to know, if anything. It is no failure, and no part of the output.
    pub fn note(&self, what: Option<String>) {
        if let Some(what) = what {
            eprintln!("eve: {self}: {what}");
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, atom {:?}", self.file.display(), self.atom)
    }
}
