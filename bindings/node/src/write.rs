//! Reading and changing atoms.

use crate::crowd::Crowd;
use crate::encode::{self, Depth};
use crate::js;
use crate::state::{self, Held, State};
use eve_core::face::Commit;
use eve_core::{Error, Result, Snapshot};
use napi_sys::{napi_env, napi_value};
use std::ffi::c_void;

/// What V8 is told that a held snapshot keeps alive: a path copy and what hangs on it.
const BYTES_HELD: i64 = 2048;
/// Snapshots between two such messages.
const TELL_EVERY: i64 = 64;

/// Puts the value of `snapshot` out. The snapshot is kept under a number if the value has views in it (let go with `object`, if
/// there is one) or if `always`; gives the number or 0.
fn put_root(
    state: &mut State,
    env: napi_env,
    snapshot: Snapshot,
    domain: u32,
    object: napi_value,
    always: bool,
) -> Result<usize> {
    let views = encode::value(&mut state.frame.out, snapshot.view(), domain, Depth::Shallow)?;
    if !views && !always {
        return Ok(0);
    }
    let number = state.snapshots.add(Held { snapshot, domain });
    if views && js::on_collected(env, object, forget, number) {
        tell(state, env, 1);
    }
    Ok(number)
}

fn tell(state: &mut State, env: napi_env, more: i64) {
    state.untold += more;
    if state.untold.abs() >= TELL_EVERY {
        js::adjust_memory(env, state.untold * BYTES_HELD);
        state.untold = 0;
    }
}

unsafe extern "C" fn forget(env: napi_env, number: *mut c_void, _hint: *mut c_void) {
    state::with(|state| {
        if state.snapshots.take(number.addr()).is_some() {
            tell(state, env, -1);
        }
    });
}

/// Atom, number of a snapshot that is at hand or 0, 1 to keep the snapshot in any case; the object that is going to hold it.
/// → 0 if there is no value, 1 if it still is that snapshot, 2 and the number of the snapshot or 0; the value.
pub fn load(state: &mut State, env: napi_env, object: napi_value) -> Result<()> {
    let held = state.atom(state.frame.index(0))?;
    let (mut snapshot, domain) = (held.atom.load()?, held.domain);
    if !snapshot.is_pinned() {
        // Nothing holds it back: another one, until one stayed as it was while it was looked at.
        let atom = held.atom.clone();
        for _ in 0..1000 {
            state.frame.out.clear();
            let read = encode::value(&mut state.frame.out, snapshot.view(), domain, Depth::Shallow);
            if snapshot.is_intact() {
                break;
            }
            drop(read);
            snapshot = atom.load()?;
        }
        state.frame.out.clear();
    }
    let found = if snapshot.is_absent() {
        0
    } else if state.snapshots.get(state.frame.index(1)).is_some_and(|known| known.snapshot.is_version(&snapshot)) {
        1
    } else {
        let always = state.frame.arg(2) != 0;
        let number = put_root(state, env, snapshot, domain, object, always)?;
        state.frame.set_arg(1, number as i32);
        2
    };
    state.frame.set_arg(0, found);
    Ok(())
}

/// Keep the result.
const KEEP: i32 = 1;
/// Let the base go, whether it was set or not; after an error it is still there.
const RELEASE: i32 = 2;
/// Keep the result under a number that no object holds.
const HOLD: i32 = 4;

/// Atom, base, flags; a patch; the object that is going to hold the result. → 1 if it was set; if it is kept, with the
/// number of the result's snapshot or 0, and its value; if it is held, with its number, its word (2 numbers), and its value. 0 if somebody else
/// was first, after a wait: with the number of the newest version's snapshot, kept in any case, and its value; or with 0 if there is none.
pub fn commit(state: &mut State, env: napi_env, object: napi_value) -> Result<()> {
    let flags = state.frame.arg(2);
    let number = state.frame.index(1);
    let base = &state.snapshot(number)?.snapshot;
    let held = state.atom(state.frame.index(0))?;
    let domain = held.domain;
    let commit = Commit::read(state.frame.input(), (number as u64, base.into()), &state.handles())?;
    let after = commit.over(&held.atom, base.into(), flags & (KEEP | HOLD) != 0)?;
    let after = after.map(|made| made.map(|made| made.snapshot(base)));
    drop(commit);
    let won = after.is_some();
    if let Some(snapshot) = after.flatten() {
        if flags & HOLD != 0 {
            hold(state, snapshot, domain)?;
        } else {
            let number = put_root(state, env, snapshot, domain, object, false)?;
            state.frame.set_arg(1, number as i32);
        }
    }
    if flags & RELEASE != 0 {
        state.snapshots.take(number);
    }
    let held = state.atom(state.frame.index(0))?;
    if won {
        held.crowd.won();
    } else {
        held.crowd.lost();
        let newest = held.atom.load()?;
        let number = if newest.is_absent() { 0 } else { put_root(state, env, newest, domain, object, true)? };
        state.frame.set_arg(1, number as i32);
    }
    state.frame.set_arg(0, i32::from(won));
    Ok(())
}

/// Keeps a snapshot under a number, and says which, where its root is, and its value.
fn hold(state: &mut State, snapshot: Snapshot, domain: u32) -> Result<()> {
    let word = snapshot.view().word().0;
    encode::value(&mut state.frame.out, snapshot.view(), domain, Depth::Shallow)?;
    let number = state.snapshots.add(Held { snapshot, domain });
    state.frame.set_arg(1, number as i32);
    state.frame.set_arg(2, word as u32 as i32);
    state.frame.set_arg(3, (word >> 32) as u32 as i32);
    Ok(())
}

/// Number of a snapshot that no object holds.
pub fn release(state: &mut State) -> Result<()> {
    state.snapshots.take(state.frame.index(0));
    Ok(())
}

/// Atom; a patch.
pub fn reset(state: &mut State) -> Result<()> {
    let (value, _) = state.patch(state.frame.input())?;
    state.atom(state.frame.index(0))?.atom.reset(&value)
}

/// Atom; the expected and the new value as patches. → 1 if it was set.
pub fn compare_and_set(state: &mut State) -> Result<()> {
    let (expected, rest) = state.patch(state.frame.input())?;
    let (value, _) = state.patch(rest)?;
    let done = state.atom(state.frame.index(0))?.atom.compare_and_set(&expected, &value)?;
    state.frame.set_arg(0, i32::from(done));
    Ok(())
}

/// Atom. → 1 if it was there.
pub fn remove(state: &mut State) -> Result<()> {
    let done = state.atom(state.frame.index(0))?.atom.remove()?;
    state.frame.set_arg(0, i32::from(done));
    Ok(())
}

/// Atom: this thread does not use it any more. One that nobody else can name is removed.
pub fn forget_atom(state: &mut State) -> Result<()> {
    match state.atoms.take(state.frame.index(0)) {
        Some(held) if held.anonymous => held.atom.remove().map(|_| ()),
        _ => Ok(()),
    }
}

/// Atom. → how many commits it has seen (8 bytes).
pub fn version(state: &mut State) -> Result<()> {
    let version = state.atom(state.frame.index(0))?.atom.version();
    state.frame.out.extend_from_slice(&(version as f64).to_le_bytes());
    Ok(())
}

/// Domain, 1 if nobody else knows the name; the name and the first value as patches. → the number of the atom, made if it was not there. Without a
/// value: 0 if it is not there.
pub fn atom(state: &mut State) -> Result<()> {
    let (number, anonymous) = (state.frame.index(0), state.frame.arg(1) != 0);
    let shared = state.domain(number)?.clone();
    let (name, rest) = state.patch(state.frame.input())?;
    let name = name.as_str().ok_or_else(|| Error::value("the id of an atom is a string without lone surrogates"))?;
    let found = if rest.is_empty() {
        shared.domain.find(name)?
    } else {
        let (value, _) = state.patch(rest)?;
        Some(shared.domain.atom(name, || Ok(value))?)
    };
    let found = match found {
        Some(atom) => state.atoms.add(state::HeldAtom {
            atom,
            domain: shared.number,
            of: number,
            anonymous,
            crowd: Crowd::default(),
        }),
        None => 0,
    };
    state.frame.set_arg(0, found as i32);
    Ok(())
}
