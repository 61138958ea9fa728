//! Sorted maps, sorted sets and integer maps with changes of JavaScript over them: the engine knows their order.

use crate::encode::Tree;
use crate::state::State;
use eve_core::value::{Source, Value};
use eve_core::{Error, Result};
use std::cmp::Ordering;

/// From the greater to the less.
const DESCENDING: i32 = 1;
/// With the key itself.
const INCLUSIVE: i32 = 2;
/// From the end that the direction begins at: there is no key.
const FROM_END: i32 = 4;

/// Flags, how many at most; a map or set that has an order as a patch, and a key. → how many, and the keys from there on, with all that is
/// in them.
pub fn keys_from(state: &mut State) -> Result<()> {
    let (flags, most) = (state.frame.arg(0), state.frame.index(1));
    let (value, rest) = state.patch(state.frame.input())?;
    let key = if flags & FROM_END != 0 { None } else { Some(state.patch(rest)?.0) };
    let (down, inclusive) = (flags & DESCENDING != 0, flags & INCLUSIVE != 0);
    let mut tree = Tree::new(&mut state.frame.out);
    let mut n = 0;
    let mut put = |key: Result<Value>| -> Result<()> {
        n += 1;
        key?.emit(&mut tree)
    };
    match &value {
        Value::Map(map) => match &key {
            Some(key) => map.iter_from(key, inclusive, down),
            None if down => map.iter_rev(),
            None => map.iter(),
        }
        .take(most)
        .try_for_each(|entry| put(entry.map(|(key, _)| key)))?,
        Value::Set(set) => match &key {
            Some(key) => set.iter_from(key, inclusive, down),
            None if down => set.iter_rev(),
            None => set.iter(),
        }
        .take(most)
        .try_for_each(put)?,
        other => return Err(Error::value(format!("{} has no order", other.kind()))),
    }
    state.frame.set_arg(0, n);
    Ok(())
}

/// Two patches. → -1, 0 or 1, as the first comes before, with or after the second.
pub fn compare(state: &mut State) -> Result<()> {
    let (a, rest) = state.patch(state.frame.input())?;
    let (b, _) = state.patch(rest)?;
    let order = match a.compare(&b)? {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    };
    state.frame.set_arg(0, order);
    Ok(())
}
