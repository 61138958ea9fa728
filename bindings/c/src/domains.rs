//! Domains: opening, closing, figures.

use crate::error::{guard, usage};
use crate::raw;
use eve_core::{Domain, OpenOptions};

const READ_ONLY: u32 = 1;
const MUST_EXIST: u32 = 2;

/// Opens the file at a path.
///
/// # Safety
/// `path` has `path_len` bytes; `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_open(
    path: *const u8,
    path_len: u64,
    flags: u32,
    reserve: u64,
    out: *mut *const Domain,
) -> i64 {
    guard(|| {
        if flags & !(READ_ONLY | MUST_EXIST) != 0 {
            return Err(usage(&format!("the flags {flags} of an opening, of which only 1 and 2 mean anything")));
        }
        // SAFETY: the caller promises the path.
        let path = unsafe { raw::text(path, path_len)? };
        let mut options = OpenOptions::new().create(flags & MUST_EXIST == 0);
        if reserve != 0 {
            options = options.reserve(reserve);
        }
        if flags & READ_ONLY != 0 {
            options = options.read_only();
        }
        // SAFETY: the caller promises that `out` can be written.
        unsafe { raw::give(out, options.open(path)?)? };
        Ok(0)
    })
}

/// A domain in the memory of this process.
///
/// # Safety
/// `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_open_memory(reserve: u64, out: *mut *const Domain) -> i64 {
    guard(|| {
        let mut options = OpenOptions::new();
        if reserve != 0 {
            options = options.reserve(reserve);
        }
        // SAFETY: the caller promises that `out` can be written.
        unsafe { raw::give(out, options.anonymous()?)? };
        Ok(0)
    })
}

/// Lets go of a domain.
///
/// # Safety
/// The handle is null or live, and not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_domain_free(domain: *const Domain) -> i64 {
    guard(|| {
        // SAFETY: the caller promises it.
        unsafe { raw::take_back(domain) };
        Ok(0)
    })
}

/// Figures, in the order that `eve.h` gives; how many there are.
///
/// # Safety
/// The handle is live; `n` numbers can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_stat(domain: *const Domain, out: *mut u64, n: u64) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let stat = unsafe { raw::handle(domain, "the domain")? }.stat()?;
        let figures = [
            stat.committed,
            stat.reserve,
            stat.pages,
            stat.pages_used,
            stat.pages_punched,
            stat.tick,
            stat.oldest_pin.unwrap_or(u64::MAX),
            stat.pins,
            stat.participants,
            stat.processes,
            stat.atoms,
        ];
        // SAFETY: the caller promises so much room.
        for (to, figure) in unsafe { raw::room(out, n)? }.iter_mut().zip(figures) {
            *to = figure;
        }
        Ok(figures.len() as i64)
    })
}

/// Bytes of the file.
///
/// # Safety
/// The handle is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_committed(domain: *const Domain) -> u64 {
    // SAFETY: the caller promises a live handle, or null.
    unsafe { domain.as_ref() }.map_or(0, Domain::committed)
}

/// Frees what can be freed.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_reclaim(domain: *const Domain) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        unsafe { raw::handle(domain, "the domain")? }.reclaim()?;
        Ok(0)
    })
}

/// Checks the whole domain; the report as JSON, how many bytes it has.
///
/// # Safety
/// The handle is live; `capacity` bytes can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_verify(domain: *const Domain, out: *mut u8, capacity: u64) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let report = unsafe { raw::handle(domain, "the domain")? }.verify(|_, _| {})?.json();
        // SAFETY: the caller promises so much room.
        Ok(fill(report.as_bytes(), unsafe { raw::room(out, capacity)? }))
    })
}

/// Copies what fits; how much there is.
fn fill(bytes: &[u8], room: &mut [u8]) -> i64 {
    let n = bytes.len().min(room.len());
    room[..n].copy_from_slice(&bytes[..n]);
    bytes.len() as i64
}

/// The names of all atoms, each a length (4 bytes) and so many bytes; how many bytes they need.
///
/// # Safety
/// The handle is live; `capacity` bytes can be written at `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_atoms(domain: *const Domain, out: *mut u8, capacity: u64) -> i64 {
    guard(|| {
        let mut names = Vec::new();
        // SAFETY: the caller promises a live handle.
        for (name, _) in unsafe { raw::handle(domain, "the domain")? }.atoms()? {
            let len = u32::try_from(name.len()).map_err(|_| usage("a name of 4 GiB"))?;
            names.extend_from_slice(&len.to_le_bytes());
            names.extend_from_slice(name.as_bytes());
        }
        // SAFETY: the caller promises so much room.
        Ok(fill(&names, unsafe { raw::room(out, capacity)? }))
    })
}
