//! Atoms: finding, loading, committing, waiting.

use crate::error::{guard, usage};
use crate::patch::{Live, decode};
use crate::raw;
use eve_core::face::{Cell, Commit, Made};
use eve_core::view::View;
use eve_core::{Atom, Domain, Snapshot};
use std::time::Duration;

/// The atom of a name. With a patch it is created if it is not there; without one, 0 says that it is not.
///
/// # Safety
/// The handle is live, the name and the patch have so many bytes, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_atom(
    domain: *const Domain,
    name: *const u8,
    name_len: u64,
    initial: *const u8,
    initial_len: u64,
    out: *mut *const Atom,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let domain = unsafe { raw::handle(domain, "the domain")? };
        // SAFETY: the caller promises so many bytes.
        let name = unsafe { raw::text(name, name_len)? };
        let atom = if initial.is_null() {
            match domain.find(name)? {
                Some(atom) => atom,
                None => return Ok(0),
            }
        } else {
            // SAFETY: the caller promises so many bytes.
            let initial = unsafe { raw::bytes(initial, initial_len)? };
            domain.atom(name, || decode(initial))?
        };
        // SAFETY: the caller promises that `out` can be written.
        unsafe { raw::give(out, atom)? };
        Ok(1)
    })
}

/// Lets go of an atom's handle.
///
/// # Safety
/// The handle is null or live, and not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_atom_free(atom: *const Atom) -> i64 {
    guard(|| {
        // SAFETY: the caller promises it.
        unsafe { raw::take_back(atom) };
        Ok(0)
    })
}

/// Removes the atom; 0 if it was not there.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_remove(atom: *const Atom) -> i64 {
    // SAFETY: the caller promises a live handle.
    guard(|| Ok(unsafe { raw::handle(atom, "the atom")? }.remove()?.into()))
}

/// Where the current root word lies: for a caller who holds a snapshot and reads it without a call. Null for no atom.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_root_address(atom: *const Atom) -> *const u64 {
    // SAFETY: the caller promises a live handle, or null.
    unsafe { atom.as_ref() }.map_or(std::ptr::null(), Atom::root_address)
}

/// The current root word; 0 for no atom.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_root(atom: *const Atom) -> u64 {
    // SAFETY: the caller promises a live handle, or null.
    unsafe { atom.as_ref() }.map_or(0, |atom| atom.current_root().0)
}

/// How many commits the atom has seen.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_commits(atom: *const Atom) -> u64 {
    // SAFETY: the caller promises a live handle, or null.
    unsafe { atom.as_ref() }.map_or(0, Atom::version)
}

/// Waits until the atom has seen more commits than `seen`: 1; 0 when the time is over.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_wait(atom: *const Atom, seen: u64, milliseconds: i64) -> i64 {
    guard(|| {
        let timeout = u64::try_from(milliseconds).ok().map(Duration::from_millis);
        // SAFETY: the caller promises a live handle.
        Ok(unsafe { raw::handle(atom, "the atom")? }.wait(seen, timeout).into())
    })
}

/// Pins the current version.
///
/// # Safety
/// The handle is live; `out` and `root` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_load(atom: *const Atom, out: *mut *const Snapshot, root: *mut [u64; 3]) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let snapshot = unsafe { raw::handle(atom, "the atom")? }.load()?;
        // SAFETY: the caller promises room for the answer.
        unsafe { answer(snapshot, out, root) }
    })
}

/// Writes the word and the cell of a version's root.
///
/// # Safety
/// `root` can be written.
unsafe fn root_of(view: View<'_>, root: *mut [u64; 3]) -> eve_core::Result<()> {
    let cell = Cell::of(view)?;
    // SAFETY: the caller promises room.
    let room = unsafe { raw::room(root, 1)? };
    room[0] = [view.word().0, cell.tag, cell.bits];
    Ok(())
}

/// Gives a snapshot out, with its root word and the cell of its value.
///
/// # Safety
/// Both can be written.
unsafe fn answer(snapshot: Snapshot, out: *mut *const Snapshot, root: *mut [u64; 3]) -> eve_core::Result<i64> {
    // SAFETY: the caller promises room.
    unsafe { root_of(snapshot.view(), root)? };
    // SAFETY: the caller promises that it can be written.
    unsafe { raw::give(out, snapshot)? };
    Ok(1)
}

/// Lets go of a snapshot.
///
/// # Safety
/// The handle is null or live, and not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_snapshot_free(snapshot: *const Snapshot) -> i64 {
    guard(|| {
        // SAFETY: the caller promises it.
        unsafe { raw::take_back(snapshot) };
        Ok(0)
    })
}

/// Makes the value of the patch the atom's, if it still has the version `base`: 1, or 0 if somebody else was first.
/// `out` is null if the new version is not wanted. Null is written there if the pin of `base` holds the new version too.
///
/// # Safety
/// The handles are live (those in the patch, too); the patch has `len` bytes; `out` is null or it and `root` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_commit(
    atom: *const Atom,
    base: *const Snapshot,
    patch: *const u8,
    len: u64,
    out: *mut *const Snapshot,
    root: *mut [u64; 3],
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises live handles.
        let (atom, version) = unsafe { (raw::handle(atom, "the atom")?, raw::version(base as u64)?) };
        if !out.is_null() && root.is_null() {
            return Err(usage("no room for the root")); // now: after the commit nobody would believe that it took place
        }
        // SAFETY: the caller promises so many bytes.
        let commit = Commit::read(unsafe { raw::bytes(patch, len)? }, (base as u64, version), &Live)?;
        match commit.over(atom, version, !out.is_null())? {
            None => Ok(0),
            Some(None) => Ok(1),
            Some(Some(Made::Covered(new))) => {
                // SAFETY: the caller promises room for the answer.
                unsafe { root_of(version.held_by.view_of(new), root)? };
                // SAFETY: likewise; it is not null.
                unsafe { out.write(std::ptr::null()) };
                Ok(1)
            }
            // SAFETY: the caller promises room for the answer.
            Some(Some(Made::Pinned(new))) => unsafe { answer(new, out, root) },
        }
    })
}
