//! Reading values in snapshots.

use crate::encode::{self, Depth};
use crate::js;
use crate::state::{self, State, Walking};
use eve_core::face::patch::Reader;
use eve_core::face::{Walk, fetch_ahead};
use eve_core::layout::Word;
use eve_core::view::{HostKey, Key, View};
use eve_core::{Error, Result};
use napi_sys::{napi_env, napi_value};
use std::ffi::c_void;

/// Reads the key at the start of these bytes to where it is wanted, if it is a scalar. The bytes behind it.
#[inline(always)]
fn scalar_key<'a>(bytes: &'a [u8], key: &mut Key<'a>) -> Result<Option<&'a [u8]>> {
    let mut reader = Reader::new(bytes, &());
    Ok(reader.scalar_to(key, Key::Scalar)?.then(|| reader.rest()))
}

/// What lies under a key. Scalars have nothing under any key.
#[inline]
fn look_up<'a>(view: View<'a>, key: &Key<'_>) -> Result<Option<View<'a>>> {
    match view.get_by(key) {
        Ok(found) => Ok(found),
        Err(Error::Value { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Snapshot, word, number of keys; the keys. → 1 and the value, 0, or 2 with how many of the keys led to a typed array or object, and that.
pub fn get(state: &mut State) -> Result<()> {
    // Written out, since the frame is changed while the snapshot is looked at.
    let held = state.snapshots.get(state.frame.index(0));
    let held = held.ok_or_else(|| Error::value("this value's snapshot was let go; read the atom again"))?;
    held.note(&state.unpinned);
    let (domain, keys) = (held.domain, state.frame.arg(3));
    let mut view = held.snapshot.view_of(Word(state.frame.long(1)));
    let mut bytes = state.frame.input();
    let mut key = Key::from(false);
    for i in 0..keys {
        let found = match scalar_key(bytes, &mut key)? {
            Some(rest) => {
                bytes = rest;
                look_up(view, &key)?
            }
            None => {
                let (key, rest) = state.patch(bytes)?;
                bytes = rest;
                look_up(view, &key.as_scalar().map_or(Key::Host(&key as &dyn HostKey), Key::Scalar))?
            }
        };
        match found {
            Some(found) => {
                fetch_ahead(found);
                view = found;
            }
            None => {
                let typed = view.array()?.is_some() || view.records()?.is_some();
                if typed {
                    encode::value(&mut state.frame.out, view, domain, Depth::Shallow)?;
                    state.frame.set_arg(1, i);
                }
                state.frame.set_arg(0, if typed { 2 } else { 0 });
                return Ok(());
            }
        }
    }
    encode::value(&mut state.frame.out, view, domain, Depth::Shallow)?;
    state.frame.set_arg(0, 1);
    Ok(())
}

/// The view of snapshot and word in the first three numbers of the head.
fn with_view(state: &mut State, f: impl FnOnce(View<'_>, u32, &mut Vec<u8>, u64) -> Result<i32>) -> Result<()> {
    let held = state.snapshot(state.frame.index(0))?.clone();
    let view = held.snapshot.view_of(Word(state.frame.long(1)));
    let argument = state.frame.long(3);
    let found = f(view, held.domain, &mut state.frame.out, argument)?;
    state.frame.set_arg(0, found);
    Ok(())
}

/// Snapshot, word. → everything in it.
pub fn deep(state: &mut State) -> Result<()> {
    with_view(state, |view, domain, out, _| encode::value(out, view, domain, Depth::Deep).map(|_| 1))
}

/// Snapshot, word of a list, index. → 1 and the element, or 0.
pub fn nth(state: &mut State) -> Result<()> {
    with_view(state, |view, domain, out, index| match view.nth(index)? {
        Some(found) => encode::value(out, found, domain, Depth::Shallow).map(|_| 1),
        None => Ok(0),
    })
}

/// Snapshot, word of a list. → the list without its first element.
pub fn rest(state: &mut State) -> Result<()> {
    with_view(state, |view, domain, out, _| encode::value(out, view.rest()?, domain, Depth::Shallow).map(|_| 1))
}

/// Snapshot, word. → 1 and its metadata, or 0.
pub fn meta(state: &mut State) -> Result<()> {
    with_view(state, |view, domain, out, _| match view.meta()? {
        Some(found) => encode::value(out, found, domain, Depth::Shallow).map(|_| 1),
        None => Ok(0),
    })
}

/// Snapshot, word of a vector, first index, how many at most. → how many, and the elements.
pub fn elements(state: &mut State) -> Result<()> {
    let most = state.frame.index(5);
    with_view(state, |view, domain, out, from| {
        let mut n = 0;
        for element in view.elements_from(from)?.take(most) {
            encode::value(out, element?, domain, Depth::Shallow)?;
            n += 1;
        }
        Ok(n)
    })
}

/// Snapshot, word of a map, set or list, number of the iteration or 0, how many at most; an object that holds the iteration.
/// → how many entries or elements, the number of the iteration or 0 if that is all; the entries or elements. Snapshot and word are of no account
/// if the iteration has a number.
pub fn walk(state: &mut State, env: napi_env, token: napi_value) -> Result<()> {
    let (number, most) = (state.frame.index(3), state.frame.index(4));
    if number == 0 {
        let held = state.snapshot(state.frame.index(0))?;
        let (walk, domain) = (Walk::new(&held.snapshot, Word(state.frame.long(1)))?, held.domain);
        return first(state, Walking::Stored(Box::new(walk), domain), most, env, token);
    }
    let walking = state.walks.get_mut(&number).ok_or_else(|| Error::value("this iteration has ended"))?;
    let n = visit(&mut state.frame.out, walking, most)?;
    let more = is_under_way(walking);
    if !more {
        state.walks.remove(&number);
    }
    state.frame.set_arg(0, n as i32);
    state.frame.set_arg(1, if more { number as i32 } else { 0 });
    Ok(())
}

/// Snapshot, word of a sorted map, sorted set or integer map, 0, how many at most, flags (1 from the greater keys to the less, 2 with the
/// key itself, 4 from the end without a key); the key; an object that holds the iteration. → As `walk`, which goes on.
pub fn walk_from(state: &mut State, env: napi_env, token: napi_value) -> Result<()> {
    let (most, flags) = (state.frame.index(4), state.frame.arg(5));
    let held = state.snapshot(state.frame.index(0))?.clone();
    let start = |key| Walk::from(&held.snapshot, Word(state.frame.long(1)), key, flags & 2 != 0, flags & 1 != 0);
    let bytes = state.frame.input();
    let mut scalar = Key::from(false);
    let walk = if flags & 4 != 0 {
        start(None)?
    } else if scalar_key(bytes, &mut scalar)?.is_some() {
        start(Some(scalar))?
    } else {
        let (key, _) = state.patch(bytes)?;
        start(Some(Key::from(&key)))?
    };
    first(state, Walking::Stored(Box::new(walk), held.domain), most, env, token)
}

fn visit(out: &mut Vec<u8>, walking: &mut Walking, most: usize) -> Result<usize> {
    match walking {
        Walking::Stored(walk, domain) => {
            walk.visit(most, |view| encode::value(out, view, *domain, Depth::Shallow).map(|_| ()))
        }
        Walking::Changed(keys) => keys.visit(most, out),
    }
}

fn is_under_way(walking: &mut Walking) -> bool {
    match walking {
        Walking::Stored(walk, _) => walk.left() > 0,
        Walking::Changed(keys) => keys.is_under_way(),
    }
}

/// The first part of an iteration, which is remembered if there is more.
pub fn first(state: &mut State, mut walking: Walking, most: usize, env: napi_env, token: napi_value) -> Result<()> {
    let n = visit(&mut state.frame.out, &mut walking, most)?;
    let mut number = 0;
    if is_under_way(&mut walking) {
        state.last_walk = (state.last_walk + 1) & i32::MAX as usize;
        number = state.last_walk.max(1);
        state.walks.insert(number, walking);
        js::on_collected(env, token, forget_walk, number);
    }
    state.frame.set_arg(0, n as i32);
    state.frame.set_arg(1, number as i32);
    Ok(())
}

/// Number of an iteration that is not going to be finished.
pub fn end_walk(state: &mut State) -> Result<()> {
    state.walks.remove(&state.frame.index(0));
    Ok(())
}

unsafe extern "C" fn forget_walk(_env: napi_env, number: *mut c_void, _hint: *mut c_void) {
    state::with(|state| state.walks.remove(&number.addr()));
}

/// Two patches. → 1 if they are equal values.
pub fn equal(state: &mut State) -> Result<()> {
    let (a, rest) = state.patch(state.frame.input())?;
    let (b, _) = state.patch(rest)?;
    state.frame.set_arg(0, i32::from(a == b));
    Ok(())
}
