//! Domains in files: how they are made, opened, grown and locked.
//!
//! A file is mapped once, over its whole reserve, and never again: growth makes more of the mapped bytes exist. Locks are
//! open file description locks, one byte a process entry far behind the end of any file; the kernel gives them back when
//! the process dies, and at no other moment (see [`super::fork`] for children).

use super::sys::{self, Mapping};
use super::{Region, checks, fork::Fd};
use crate::error::{Error, Result};
use crate::layout::header::{PAGE_MAP, heap_start, page_map_word};
use crate::layout::{Off, PAGE};
use crate::sync::bookkeeping::{AtomicU32, Ordering::Relaxed};
use std::ffi::{CString, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// Where the lock bytes start; the lock of process `n` is the byte `LOCKS + n`.
const LOCKS: u64 = 1 << 62;

/// How often a name may vanish and come back while it is opened, before that is an error.
const TRIES: u32 = 1000;

/// How a file is created.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// Bytes of address space that every process maps: the domain can never be larger. A multiple of [`PAGE`].
    pub reserve: u64,
    /// The ranges `from..to` of bytes that exist from the start; what lies between takes no disk.
    pub initial: Vec<(u64, u64)>,
}

impl FileOptions {
    /// This reserve, and what every new domain touches first: the header page, the page of the page map that stands for the
    /// first heap pages, and three heap pages. Takes 60 KiB on disk at most.
    pub fn new(reserve: u64) -> FileOptions {
        let heap = heap_start(reserve.min(checks::MAX_RESERVE));
        let map = page_map_word(heap / PAGE).0 / 4096 * 4096;
        FileOptions { reserve, initial: vec![(0, PAGE_MAP), (map, map + 4096), (heap, reserve.min(heap + 3 * PAGE))] }
    }
}

impl Default for FileOptions {
    /// A reserve of 1 TiB.
    fn default() -> FileOptions {
        FileOptions::new(1 << 40)
    }
}

/// A domain's bytes in a file, shared with all processes that map it.
pub struct FileRegion {
    // The mapping is dropped before the descriptor: nothing of a file stays in use without its locks.
    map: Mapping,
    fd: Fd,
    path: PathBuf,
    writable: bool,
    identity: (u64, u64),
    can_allocate: OnceLock<bool>,
}

impl FileRegion {
    /// Opens the file for writing, or creates it; true if it was created here.
    ///
    /// A new file has no name until it is complete: `init` runs on the mapped, still unnamed file, writes the header and
    /// takes the locks it wants (they are held from the moment at which others can see the file). If it fails, nothing is
    /// left behind. Of several creators one wins, and the others open its file. Where the file system has no unnamed files,
    /// a file `.NAME.….new` stands beside it meanwhile, and stays if the process is killed just then. Mode 0600.
    ///
    /// Errors: as for [`FileRegion::open`]; [`Error::Full`] if the disk has no room for the initial bytes; whatever `init` returns.
    pub fn create_or_open(
        path: &Path,
        options: &FileOptions,
        init: impl FnOnce(&FileRegion) -> Result<()>,
    ) -> Result<(FileRegion, bool)> {
        match FileRegion::open(path, true) {
            Err(error) if is_missing(&error) => {}
            opened => return opened.map(|region| (region, false)),
        }
        checks::reserve(options.reserve)?;
        let failed = |action, source| Error::Io { action, path: path.into(), source };
        let name = sys::c_path(path).map_err(|e| failed("create", e))?;
        let draft = Draft::new(path, options.reserve)?;
        for &(from, to) in &options.initial {
            draft.region.grow(from, to)?;
        }
        init(&draft.region)?;
        // What others will check when they open it, checked before they can.
        check(path, draft.region.fd.raw(), Some(options.reserve))?;
        for _ in 0..TRIES {
            match draft.publish(&name) {
                Ok(()) => return Ok((draft.region, true)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("create", error)),
            }
            match FileRegion::open(path, true) {
                Err(error) if is_missing(&error) && !path.is_symlink() => {}
                Err(error) if is_missing(&error) => {
                    let reason =
                        "is a symbolic link to a file that does not exist; remove the link, or name its target";
                    return Err(Error::NotADomain { path: path.into(), reason: reason.into() });
                }
                opened => return opened.map(|region| (region, false)),
            }
        }
        Err(failed("create", io::Error::other("it is created and removed again all the time; find out by whom")))
    }

    /// Opens a file that exists. Read-only needs no right to write the file and changes nothing in it.
    ///
    /// Errors: [`Error::NotADomain`] for what is not a domain, or not one that can be used: empty, foreign, of another version,
    /// cut off, a directory or device, on a network file system. [`Error::Io`] if the system refuses. Never waits.
    pub fn open(path: &Path, writable: bool) -> Result<FileRegion> {
        let failed = |action, source| Error::Io { action, path: path.into(), source };
        if path.as_os_str().is_empty() {
            return Err(failed("open", io::Error::new(io::ErrorKind::InvalidInput, "the path is empty")));
        }
        let name = sys::c_path(path).map_err(|e| failed("open", e))?;
        let flags = if writable { libc::O_RDWR } else { libc::O_RDONLY };
        let fd = Fd::open(|| sys::open(&name, flags)).map_err(|e| open_error(path, writable, e))?;
        let sizes = check(path, fd.raw(), None)?;
        FileRegion::map(path, fd, sizes.reserve, writable)
    }

    fn map(path: &Path, fd: Fd, reserve: u64, writable: bool) -> Result<FileRegion> {
        let failed = |action, source| Error::Io { action, path: path.into(), source };
        let stat = sys::fstat(fd.raw()).map_err(|e| failed("look at", e))?;
        let map = Mapping::new(Some(fd.raw()), reserve, writable).map_err(|e| match e.raw_os_error() {
            Some(libc::ENOMEM | libc::EOVERFLOW) => checks::no_space(path, reserve, e),
            _ => failed("map", e),
        })?;
        // Their types differ between systems.
        #[allow(clippy::unnecessary_cast)]
        let identity = (stat.st_dev as u64, stat.st_ino as u64);
        Ok(FileRegion { map, fd, path: path.into(), writable, identity, can_allocate: OnceLock::new() })
    }

    fn failed(&self, action: &'static str, source: io::Error) -> Error {
        Error::Io { action, path: self.path.clone(), source }
    }
    /// May this process change the length and the locks of the file?
    fn check_writer(&self) -> Result<()> {
        self.check_ours()?;
        if self.writable { Ok(()) } else { Err(Error::ReadOnly { path: self.path.clone() }) }
    }
    /// A forked child has no descriptor: its number may be another file's.
    fn check_ours(&self) -> Result<()> {
        if self.forked() { Err(Error::Forked) } else { Ok(()) }
    }
    fn lock_byte(&self, process: u64) -> Result<u64> {
        let invalid = || io::Error::new(io::ErrorKind::InvalidInput, format!("there is no process entry {process}"));
        if process < LOCKS { Ok(LOCKS + process) } else { Err(self.failed("lock an entry of", invalid())) }
    }
}

/// Looks at an open file before it is mapped. With `made`, it is a new one that must have this reserve.
fn check(path: &Path, fd: sys::RawFd, made: Option<u64>) -> Result<checks::Sizes> {
    let failed = |action, source| Error::Io { action, path: path.into(), source };
    let refuse = |reason: String| Error::NotADomain { path: path.into(), reason };
    let stat = sys::fstat(fd).map_err(|e| failed("look at", e))?;
    let kind = match stat.st_mode & libc::S_IFMT {
        libc::S_IFREG => None,
        libc::S_IFDIR => Some("a directory"),
        libc::S_IFIFO => Some("a fifo"),
        _ => Some("a device"),
    };
    if let Some(kind) = kind {
        return Err(refuse(format!("is {kind}; name a file")));
    }
    checks::file_system(path, sys::file_system(fd).map_err(|e| failed("look at the file system of", e))?)?;
    let mut bytes = [0; checks::PEEK];
    let got = sys::read_start(fd, &mut bytes).map_err(|e| failed("read the header of", e))?;
    let sizes = checks::header(path, &bytes[..got])?;
    if made.is_some_and(|reserve| reserve != sizes.reserve) {
        return Err(refuse(format!("was made with a header that names another reserve, {} bytes", sizes.reserve)));
    }
    // After the header, since a file grows before its header says so.
    let length = sys::fstat(fd).map_err(|e| failed("look at", e))?.st_size;
    checks::length(path, &sizes, length as u64)?;
    Ok(sizes)
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
}

fn open_error(path: &Path, writable: bool, error: io::Error) -> Error {
    let hint = match error.raw_os_error() {
        Some(libc::EISDIR) => {
            return Error::NotADomain { path: path.into(), reason: "is a directory; name a file in it".into() };
        }
        Some(libc::ENXIO | libc::ENODEV) => {
            return Error::NotADomain { path: path.into(), reason: "is a socket or device; name a file".into() };
        }
        Some(libc::EACCES | libc::EPERM | libc::EROFS) if writable => "open it read-only, or get the right to write it",
        Some(libc::EACCES | libc::EPERM) => "get the right to read it and to search its folder",
        Some(libc::EMFILE | libc::ENFILE) => "close files, or raise the limit (ulimit -n)",
        _ => return Error::Io { action: "open", path: path.into(), source: error },
    };
    let source = io::Error::new(error.kind(), format!("{error}; {hint}"));
    Error::Io { action: if writable { "open for writing" } else { "open" }, path: path.into(), source }
}

/// A file in the making: without a name, or with one of its own that goes with it.
struct Draft {
    region: FileRegion,
    name: Name,
}

/// What a draft can be linked by.
enum Name {
    /// The link in /proc to a file that has no name.
    Unnamed(CString),
    /// A name beside the right one, where the file system knows no unnamed files.
    Beside(Beside),
}

/// A temporary name; gone when dropped.
struct Beside(CString);

impl Drop for Beside {
    fn drop(&mut self) {
        sys::unlink(&self.0);
    }
}

impl Draft {
    fn new(path: &Path, reserve: u64) -> Result<Draft> {
        let failed = |error: io::Error| match error.raw_os_error() {
            Some(libc::EACCES | libc::EPERM | libc::EROFS) => {
                let reason = format!("{error}; get the right to write its folder, or choose another");
                Error::Io { action: "create", path: path.into(), source: io::Error::new(error.kind(), reason) }
            }
            _ => Error::Io { action: "create", path: path.into(), source: error },
        };
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let c_folder = sys::c_path(folder).map_err(failed)?;
        let magic = sys::file_system_of(&c_folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let reason = format!("the folder {} does not exist; create it first", folder.display());
                failed(io::Error::new(error.kind(), reason))
            }
            _ => failed(error),
        })?;
        checks::file_system(path, magic)?;
        let (fd, name) = match Fd::open(|| sys::open(&c_folder, libc::O_TMPFILE | libc::O_RDWR)) {
            Ok(fd) => {
                let proc = PathBuf::from(format!("/proc/self/fd/{}", fd.raw()));
                if proc.exists() {
                    let proc = sys::c_path(&proc).map_err(failed)?;
                    (fd, Name::Unnamed(proc))
                } else {
                    drop(fd);
                    Draft::beside(path, folder).map_err(failed)?
                }
            }
            // The ways in which kernels and file systems say that they have no unnamed files.
            Err(e)
                if matches!(e.raw_os_error(), Some(libc::EOPNOTSUPP | libc::EISDIR | libc::EINVAL | libc::ENOENT)) =>
            {
                Draft::beside(path, folder).map_err(failed)?
            }
            Err(e) => return Err(failed(e)),
        };
        sys::chmod(fd.raw(), 0o600).map_err(failed)?;
        Ok(Draft { region: FileRegion::map(path, fd, reserve, true)?, name })
    }

    /// A new file with a name that nobody else uses, in the same folder.
    fn beside(path: &Path, folder: &Path) -> io::Result<(Fd, Name)> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // Relaxed: only that no two threads get the same number.
        let count = COUNT.fetch_add(1, Relaxed);
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}-{count}.new", std::process::id()));
        let name = Beside(sys::c_path(&folder.join(name))?);
        let fd = Fd::open(|| {
            // Left by a dead process of our number, or by our own try before a fork.
            sys::unlink(&name.0);
            sys::open(&name.0, libc::O_RDWR | libc::O_CREAT | libc::O_EXCL)
        })?;
        Ok((fd, Name::Beside(name)))
    }

    /// Gives the file its name, if nobody has it.
    fn publish(&self, path: &CString) -> io::Result<()> {
        match &self.name {
            Name::Unnamed(proc) => sys::link(proc, path, true),
            Name::Beside(beside) => sys::link(&beside.0, path, false),
        }
    }
}

// SAFETY: one mapping, made once, of whole system pages; `grow` allocates the bytes it promises, so that touching them cannot
// fail for want of room.
unsafe impl Region for FileRegion {
    fn base(&self) -> *mut u8 {
        self.map.base()
    }
    fn reserve(&self) -> u64 {
        self.map.len()
    }
    /// Allocates disk for the range, at the end of the file or in a hole. Never makes the file shorter, never changes bytes
    /// that exist; safe while other processes grow the same range.
    ///
    /// On a file system without `fallocate`, zeros are appended up to `to`; there are no holes then.
    fn grow(&self, from: u64, to: u64) -> Result<()> {
        self.check_writer()?;
        checks::inside(from, to, self.reserve())?;
        if from >= to {
            return Ok(());
        }
        let fd = self.fd.raw();
        let result = match sys::allocate(fd, from, to) {
            Err(error) if sys::unsupported(&error) => sys::append_zeros(fd, to),
            result => result,
        };
        result.map_err(|error| {
            let reason = match error.raw_os_error() {
                Some(libc::ENOSPC) => "the disk is full; make room on it",
                Some(libc::EDQUOT) => "the disk quota is used up; make room or raise the quota",
                Some(libc::EFBIG) => "the file size limit is reached (ulimit -f, or the file system's own); raise it",
                _ => return self.failed("grow", error),
            };
            Error::Full { committed: from, reason: format!("{}: {reason}", self.path.display()) }
        })
    }
    fn check_length(&self, committed: u64) -> Result<()> {
        self.check_ours()?;
        let stat = sys::fstat(self.fd.raw()).map_err(|e| self.failed("look at", e))?;
        checks::length(&self.path, &checks::Sizes { reserve: self.reserve(), committed }, stat.st_size as u64)
    }
    /// Punches a hole. Does nothing where the file system cannot punch, or cannot allocate the bytes again.
    fn punch(&self, from: u64, to: u64) -> Result<()> {
        self.check_writer()?;
        let to = to.min(self.reserve());
        let fd = self.fd.raw();
        if from >= to || !*self.can_allocate.get_or_init(|| sys::can_allocate(fd)) {
            return Ok(());
        }
        match sys::punch(fd, from, to) {
            Err(error) if !sys::unsupported(&error) => Err(self.failed("punch a hole into", error)),
            _ => Ok(()),
        }
    }
    fn populate(&self, from: u64, to: u64) {
        self.map.populate(from, to);
    }
    /// An exclusive lock. A read-only region can only ask for a shared one, and returns `Ok(true)` even if it does not get that:
    /// it writes no process entry, so there is nothing that the lock would protect.
    fn lock(&self, process: u64) -> Result<bool> {
        self.check_ours()?;
        let at = self.lock_byte(process)?;
        let got = sys::lock(self.fd.raw(), at, self.writable).map_err(|e| self.failed("lock an entry of", e))?;
        Ok(got || !self.writable)
    }
    fn share(&self, process: u64) -> Result<bool> {
        self.check_ours()?;
        let at = self.lock_byte(process)?;
        sys::lock(self.fd.raw(), at, false).map_err(|e| self.failed("share a lock of", e))
    }
    fn unlock(&self, process: u64) {
        if let Ok(at) = self.check_ours().and_then(|()| self.lock_byte(process)) {
            sys::unlock(self.fd.raw(), at, 1);
        }
    }
    fn is_locked(&self, process: u64) -> Result<bool> {
        self.check_ours()?;
        let at = self.lock_byte(process)?;
        sys::is_locked(self.fd.raw(), at).map_err(|e| self.failed("ask for the locks of", e))
    }
    /// Across processes, and on a read-only region too: the kernel only reads the 4 bytes.
    fn wait(&self, at: Off, expected: u32, timeout: Option<Duration>) {
        if let Some(at) = self.map.futex(at.0) {
            sys::futex_wait(at, expected, timeout, false);
        }
    }
    fn wake(&self, at: Off, most: u32) -> u32 {
        if let Some(at) = self.map.futex(at.0) {
            return sys::futex_wake(at, most, false);
        }
        0
    }
    fn path(&self) -> &Path {
        &self.path
    }
    fn writable(&self) -> bool {
        self.writable
    }
    fn identity(&self) -> (u64, u64) {
        self.identity
    }
    fn forked(&self) -> bool {
        self.fd.forked()
    }
}

/// The running boot of this machine as two words; zeros where the system does not tell.
pub fn boot_id() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    match u128::from_str_radix(&digits, 16) {
        Ok(id) => ((id >> 64) as u64, id as u64),
        Err(_) => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_unnamed_files_a_temporary_name_comes_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.eve");
        let name = sys::c_path(&path).unwrap();
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let draft = || {
            let (fd, name) = Draft::beside(&path, folder.path()).unwrap();
            Draft { region: FileRegion::map(&path, fd, 1 << 20, true).unwrap(), name }
        };
        let (winner, loser) = (draft(), draft());
        assert_eq!(names(), 2);
        winner.publish(&name).unwrap();
        assert_eq!(loser.publish(&name).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        drop(loser);
        let region = winner.region;
        drop(winner.name);
        assert_eq!(names(), 1);
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(&path).unwrap().ino(), region.identity().1);
    }
}
