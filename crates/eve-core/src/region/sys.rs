//! Thin, safe names for the system calls that regions make. Nothing here decides anything.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// File descriptor, as the system names it.
pub(super) type RawFd = libc::c_int;

/// The result of a call that says -1 when it failed.
fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Makes a call again for as long as a signal interrupts it.
fn retried(mut call: impl FnMut() -> libc::c_int) -> io::Result<libc::c_int> {
    loop {
        match checked(call()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A path as the system wants it.
pub(super) fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the path has a zero byte in it; give one without"))
}

/// Opens a file, close-on-exec, without ever waiting (a fifo) and without becoming its terminal's owner.
pub(super) fn open(path: &CString, flags: libc::c_int) -> io::Result<RawFd> {
    let flags = flags | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY;
    // SAFETY: `path` is a string that ends in zero; the mode is only looked at when the flags create a file.
    retried(|| unsafe { libc::open(path.as_ptr(), flags, 0o600 as libc::c_uint) })
}

/// Closes a descriptor. Never retried: on Linux it is closed even if a signal came.
pub(super) fn close(fd: RawFd) {
    // SAFETY: a descriptor that the caller owns; the call touches no memory.
    unsafe { libc::close(fd) };
}

/// What the system knows about an open file.
pub(super) fn fstat(fd: RawFd) -> io::Result<libc::stat> {
    // SAFETY: all-zero bytes are a valid `stat`.
    let mut stat = unsafe { std::mem::zeroed() };
    // SAFETY: `stat` is writable and of the right type.
    retried(|| unsafe { libc::fstat(fd, &mut stat) })?;
    Ok(stat)
}

/// The magic number of the file system that an open file is on.
pub(super) fn file_system(fd: RawFd) -> io::Result<u32> {
    // SAFETY: all-zero bytes are a valid `statfs`.
    let mut stat: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: `stat` is writable and of the right type.
    retried(|| unsafe { libc::fstatfs(fd, &mut stat) })?;
    Ok(stat.f_type as u32)
}

/// The magic number of the file system that a path is on.
pub(super) fn file_system_of(path: &CString) -> io::Result<u32> {
    // SAFETY: all-zero bytes are a valid `statfs`.
    let mut stat: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: `path` ends in zero, `stat` is writable and of the right type.
    retried(|| unsafe { libc::statfs(path.as_ptr(), &mut stat) })?;
    Ok(stat.f_type as u32)
}

/// Sets the permissions of an open file, whatever the umask took away.
pub(super) fn chmod(fd: RawFd, mode: libc::mode_t) -> io::Result<()> {
    // SAFETY: the call touches no memory.
    retried(|| unsafe { libc::fchmod(fd, mode) }).map(drop)
}

/// Gives `old` the further name `new`; with `follow`, a link in /proc/self/fd stands for the file that is open there.
pub(super) fn link(old: &CString, new: &CString, follow: bool) -> io::Result<()> {
    let flags = if follow { libc::AT_SYMLINK_FOLLOW } else { 0 };
    // SAFETY: both strings end in zero.
    retried(|| unsafe { libc::linkat(libc::AT_FDCWD, old.as_ptr(), libc::AT_FDCWD, new.as_ptr(), flags) }).map(drop)
}

/// Takes a name away; a name that is not there is well too.
pub(super) fn unlink(path: &CString) {
    // SAFETY: the string ends in zero.
    unsafe { libc::unlink(path.as_ptr()) };
}

/// Reads from the start of a file until `bytes` is full or the file ends; how much it got.
pub(super) fn read_start(fd: RawFd, bytes: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < bytes.len() {
        let rest = &mut bytes[got..];
        // SAFETY: `rest` is writable for its length.
        match unsafe { libc::pread(fd, rest.as_mut_ptr().cast(), rest.len(), got as libc::off_t) } {
            0 => break,
            n if n > 0 => got += n as usize,
            _ => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
    Ok(got)
}

/// Does `errno` say that the file system cannot do this at all?
pub(super) fn unsupported(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOSYS))
}

/// Runs a call that makes a file longer with every signal held back. A file size limit sends SIGXFSZ, whose default is to
/// kill the process: here it is taken out of the queue again, and the error tells. Holding back the others too keeps a
/// frequent timer signal from interrupting a long call for ever.
fn without_signals<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    // SAFETY: all-zero bytes are valid signal sets, which the calls below fill before anybody reads them.
    let [mut all, mut before, mut pending, mut limit]: [libc::sigset_t; 4] = unsafe { std::mem::zeroed() };
    // SAFETY: the sets are writable and live through the calls; only this thread's mask is changed.
    let was_pending = unsafe {
        libc::sigfillset(&mut all);
        libc::sigemptyset(&mut limit);
        libc::sigaddset(&mut limit, libc::SIGXFSZ);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        libc::sigpending(&mut pending);
        libc::sigismember(&pending, libc::SIGXFSZ) == 1
    };
    let result = call();
    // One that was waiting before the call is somebody else's, and stays.
    if result.is_err() && !was_pending {
        let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: set and time are readable; no information about the signal is asked for.
        unsafe { libc::sigtimedwait(&limit, std::ptr::null_mut(), &now) };
    }
    // SAFETY: `before` is the mask that was read above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut()) };
    result
}

/// Makes the bytes `from..to` of a file exist on disk. Bytes that exist stay as they are.
pub(super) fn allocate(fd: RawFd, from: u64, to: u64) -> io::Result<()> {
    // SAFETY: the call touches no memory of ours.
    let call = || unsafe { libc::fallocate(fd, 0, from as libc::off_t, (to - from) as libc::off_t) };
    without_signals(|| retried(call)).map(drop)
}

/// Can this file system allocate? Asked of the first page, which exists, so that nothing changes.
pub(super) fn can_allocate(fd: RawFd) -> bool {
    // SAFETY: the call touches no memory of ours.
    match retried(|| unsafe { libc::fallocate(fd, libc::FALLOC_FL_KEEP_SIZE, 0, 4096) }) {
        Ok(_) => true,
        Err(error) => !unsupported(&error),
    }
}

/// Makes a file at least `to` bytes long by writing zeros after its end, where the file system has no `fallocate`. Appending
/// is atomic, so that of two processes that grow at once neither overwrites what the other has put there since: the file
/// gets longer than asked, no worse.
pub(super) fn append_zeros(fd: RawFd, to: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
    loop {
        let length = fstat(fd)?.st_size as u64;
        if length >= to {
            return Ok(());
        }
        let bytes = (to - length).min(ZEROS.len() as u64) as usize;
        let part = libc::iovec { iov_base: ZEROS.as_ptr().cast_mut().cast(), iov_len: bytes };
        // SAFETY: one part, readable for its length. By number, because not every C library has the call.
        let write =
            || unsafe { libc::syscall(libc::SYS_pwritev2, fd, &part, 1, 0, 0, libc::RWF_APPEND) as libc::c_int };
        without_signals(|| retried(write))?;
    }
}

/// Gives the bytes `from..to` of a file back to the file system; its length stays.
pub(super) fn punch(fd: RawFd, from: u64, to: u64) -> io::Result<()> {
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // SAFETY: the call touches no memory of ours; the mapping stays and reads as zero.
    retried(|| unsafe { libc::fallocate(fd, mode, from as libc::off_t, (to - from) as libc::off_t) }).map(drop)
}

fn flock(kind: libc::c_int, start: u64, len: u64) -> libc::flock {
    // SAFETY: all-zero bytes are a valid `flock`; the process id must be zero for locks of open file descriptions.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock.l_start = start as libc::off_t;
    lock.l_len = len as libc::off_t;
    lock
}

/// Takes the lock of one byte for this open file description, for reading or (`exclusive`) for writing; false if another holds it.
pub(super) fn lock(fd: RawFd, at: u64, exclusive: bool) -> io::Result<bool> {
    let lock = flock(if exclusive { libc::F_WRLCK } else { libc::F_RDLCK }, at, 1);
    // SAFETY: `lock` is readable and of the type that the command wants.
    match retried(|| unsafe { libc::fcntl(fd, libc::F_OFD_SETLK, &lock) }) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives back the locks of the `len` bytes from `at` on; 0 means all that follow.
pub(super) fn unlock(fd: RawFd, at: u64, len: u64) {
    let lock = flock(libc::F_UNLCK, at, len);
    // SAFETY: as above. It cannot fail for a lock that we hold, and closing the file gives it back anyway.
    let _ = retried(|| unsafe { libc::fcntl(fd, libc::F_OFD_SETLK, &lock) });
}

/// Does another open file description hold the lock of this byte?
pub(super) fn is_locked(fd: RawFd, at: u64) -> io::Result<bool> {
    let mut lock = flock(libc::F_WRLCK, at, 1);
    // SAFETY: `lock` is writable and of the type that the command wants.
    retried(|| unsafe { libc::fcntl(fd, libc::F_OFD_GETLK, &mut lock) })?;
    Ok(lock.l_type != libc::F_UNLCK as libc::c_short)
}

/// Sleeps until the 4 bytes at `at` are not `expected`, somebody wakes them, a signal comes or the time is over. Works on
/// memory that is mapped read-only, since the kernel only reads; on memory that is not there it returns at once.
pub(super) fn futex_wait(at: *mut u8, expected: u32, timeout: Option<Duration>, private: bool) {
    let flags = if private { libc::FUTEX_PRIVATE_FLAG } else { 0 };
    let time = timeout.map(|t| libc::timespec {
        tv_sec: t.as_secs().min(libc::time_t::MAX as u64) as libc::time_t,
        tv_nsec: t.subsec_nanos() as libc::c_long,
    });
    let time = time.as_ref().map_or(std::ptr::null(), |t| t as *const libc::timespec);
    // SAFETY: the kernel checks the address itself; the time is readable or null.
    unsafe { libc::syscall(libc::SYS_futex, at, libc::FUTEX_WAIT | flags, expected, time) };
}

/// Wakes up to `most` of those who sleep on the 4 bytes at `at`; how many.
pub(super) fn futex_wake(at: *mut u8, most: u32, private: bool) -> u32 {
    let flags = if private { libc::FUTEX_PRIVATE_FLAG } else { 0 };
    let most = libc::c_int::try_from(most).unwrap_or(libc::c_int::MAX);
    // SAFETY: the kernel checks the address itself and writes nothing.
    let woken = unsafe { libc::syscall(libc::SYS_futex, at, libc::FUTEX_WAKE | flags, most) };
    u32::try_from(woken).unwrap_or(0)
}

/// The system's page size in bytes: what `madvise` counts in.
pub(super) fn page_size() -> u64 {
    // SAFETY: the call touches no memory.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// Address space of our own, given back when dropped.
pub(super) struct Mapping {
    base: *mut u8,
    len: u64,
}

// SAFETY: a range of addresses belongs to the process, not to a thread; what is in it is the user's care.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps a file, or anonymous memory that no other process sees, without setting memory aside for it.
    pub(super) fn new(fd: Option<RawFd>, len: u64, writable: bool) -> io::Result<Mapping> {
        let bytes = usize::try_from(len).map_err(|_| io::Error::from_raw_os_error(libc::ENOMEM))?;
        let protection = libc::PROT_READ | if writable { libc::PROT_WRITE } else { 0 };
        let kind = if fd.is_some() { libc::MAP_SHARED } else { libc::MAP_PRIVATE | libc::MAP_ANONYMOUS };
        let flags = kind | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at a place that the kernel chooses overlaps nothing.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, flags, fd.unwrap_or(-1), 0) };
        if base == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(Mapping { base: base.cast(), len }) }
    }
    /// The first byte.
    pub(super) fn base(&self) -> *mut u8 {
        self.base
    }
    /// Bytes of address space.
    pub(super) fn len(&self) -> u64 {
        self.len
    }
    /// The address of 4 bytes that a futex can stand on; none if they are not inside or not aligned.
    pub(super) fn futex(&self, at: u64) -> Option<*mut u8> {
        let inside = at.is_multiple_of(4) && at.checked_add(4).is_some_and(|end| end <= self.len);
        // SAFETY: `at` is inside the mapping.
        inside.then(|| unsafe { self.base.add(at as usize) })
    }
    /// Maps the system pages of `from..to` for writing in one call, where the kernel can (Linux 5.14). What goes wrong goes wrong again, and is told,
    /// when the bytes are touched.
    pub(super) fn populate(&self, from: u64, to: u64) {
        let to = to.min(self.len);
        if from < to && from.is_multiple_of(page_size()) {
            // SAFETY: the range is inside our own mapping; its contents stay as they are.
            unsafe {
                libc::madvise(self.base.add(from as usize).cast(), (to - from) as usize, libc::MADV_POPULATE_WRITE)
            };
        }
    }
    /// Drops the contents of the whole system pages in `from..to` of anonymous memory; they read as zero afterwards.
    pub(super) fn discard(&self, from: u64, to: u64) -> io::Result<()> {
        let page = page_size();
        let (from, to) = (from.next_multiple_of(page), to.min(self.len) / page * page);
        if from >= to {
            return Ok(());
        }
        // SAFETY: the range is inside our own mapping, and the caller says that nobody uses it.
        retried(|| unsafe {
            libc::madvise(self.base.add(from as usize).cast(), (to - from) as usize, libc::MADV_DONTNEED)
        })
        .map(drop)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and whoever holds this value has no borrow of its bytes left.
        unsafe { libc::munmap(self.base.cast(), self.len as usize) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};
    use std::os::fd::AsRawFd;

    #[test]
    fn appending_zeros_leaves_what_is_there() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, b"here before").unwrap();
        append_zeros(file.as_raw_fd(), 200_000).unwrap();
        append_zeros(file.as_raw_fd(), 100).unwrap();
        let mut all = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 200_000);
        assert!(all.starts_with(b"here before") && all[11..].iter().all(|b| *b == 0));
    }
}
