//! What can go wrong, in one list. Every message says what, where, and what to do.

use std::fmt;
use std::path::PathBuf;

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// The same inside the engine, where most calls answer in registers: the error, which is rare, stands in a box.
pub(crate) type Quick<T> = std::result::Result<T, Box<Error>>;

/// Everything that can go wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused something: what was being done to which file.
    Io {
        /// What was being done, as "open" or "grow".
        action: &'static str,
        /// The file, or empty for memory.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not a domain of ours, or one that this version cannot use.
    NotADomain {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The arena cannot grow: the disk is full or the reserve is used up. Every atom keeps its value.
    Full {
        /// Bytes in use.
        committed: u64,
        /// What ran out.
        reason: String,
    },
    /// Something in the arena is not as it must be. Nothing was changed.
    Corrupt {
        /// Byte offset in the file.
        offset: u64,
        /// What was expected there.
        what: &'static str,
    },
    /// A value that cannot be stored, or an operation that its target does not allow.
    Value {
        /// The way to it, as in `[:users 3 :name]`; empty for the value itself.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// There is no atom of this name.
    NoSuchAtom {
        /// The name asked for.
        name: String,
    },
    /// The domain was opened read-only.
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The process was forked after the domain was opened: the child has no part in it.
    Forked,
    /// Text that does not parse.
    Parse {
        /// Line, from 1.
        line: u64,
        /// Column in characters, from 1.
        column: u64,
        /// What was expected or found.
        reason: String,
    },
    /// The function given to `swap` returned an error of its own.
    Aborted(Box<dyn std::error::Error + Send + Sync>),
    /// The commit counter of the domain has run out (after 2^40 steps): dump the domain and load it into a new file.
    CounterExhausted,
}

impl Error {
    /// A value that cannot be stored or an operation that cannot be done, without a path so far.
    pub fn value(reason: impl Into<String>) -> Error {
        Error::Value { path: String::new(), reason: reason.into() }
    }
    #[cold]
    pub(crate) fn corrupt(off: crate::layout::Off, what: &'static str) -> Box<Error> {
        Box::new(Error::Corrupt { offset: off.0, what })
    }
}

impl From<Box<Error>> for Error {
    fn from(boxed: Box<Error>) -> Error {
        *boxed
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { action, path, source } if path.as_os_str().is_empty() => write!(f, "cannot {action}: {source}"),
            Error::Io { action, path, source } => write!(f, "cannot {action} {}: {source}", path.display()),
            Error::NotADomain { path, reason } => write!(f, "{}: {reason}", path.display()),
            Error::Full { committed, reason } => {
                write!(f, "no room to grow past {committed} bytes: {reason}; every atom kept its value")
            }
            Error::Corrupt { offset, what } => {
                write!(f, "damaged at byte {offset}: expected {what}; run `eve verify` on the file and restore a copy")
            }
            Error::Value { path, reason } if path.is_empty() => write!(f, "{reason}"),
            Error::Value { path, reason } => write!(f, "at {path}: {reason}"),
            Error::NoSuchAtom { name } => {
                write!(f, "there is no atom {name:?}, or it was removed; `eve ls FILE` lists those there are")
            }
            Error::ReadOnly { path } => {
                write!(f, "{} was opened read-only; open it for writing to change it", path.display())
            }
            Error::Forked => {
                write!(f, "this process was forked after the domain was opened; open the domain again in the child")
            }
            Error::Parse { line, column, reason } => write!(f, "line {line}, column {column}: {reason}"),
            Error::Aborted(source) => write!(f, "the function given to swap failed: {source}"),
            Error::CounterExhausted => {
                write!(f, "the commit counter of this domain has run out; dump it and load it into a new file")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            Error::Aborted(source) => Some(&**source),
            _ => None,
        }
    }
}
