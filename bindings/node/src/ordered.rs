//! Sorted maps, sorted sets and integer maps with changes of JavaScript over them: the engine knows their order.

use crate::encode::Tree;
use crate::read;
use crate::state::{State, Walking};
use eve_core::value::{Source, Value};
use eve_core::{Error, Result};
use napi_sys::{napi_env, napi_value};
use std::cmp::Ordering;
use std::iter::Peekable;
use std::rc::Rc;

/// From the greater to the less.
const DESCENDING: i32 = 1;
/// With the key itself.
const INCLUSIVE: i32 = 2;
/// From the end that the direction begins at: there is no key.
const FROM_END: i32 = 4;

/// The keys of a map or set that has an order, one after the other, with changes that are not in the file over what is.
pub struct Keys {
    // Goes before what it looks into: fields are dropped in this order.
    rest: Peekable<Box<dyn Iterator<Item = Result<Value>>>>,
    _of: Rc<Value>,
}

impl Keys {
    /// From a key on, or all. Sorts what was changed.
    fn new(value: Value, key: Option<&Value>, inclusive: bool, down: bool) -> Result<Keys> {
        let of = Rc::new(value);
        // SAFETY: the value stays where it is, in `_of`, as long as `rest`, and nobody changes it.
        let value: &'static Value = unsafe { &*Rc::as_ptr(&of) };
        let rest: Box<dyn Iterator<Item = Result<Value>>> = match value {
            Value::Map(map) => Box::new(
                match key {
                    Some(key) => map.iter_from(key, inclusive, down),
                    None if down => map.iter_rev(),
                    None => map.iter(),
                }
                .map(|entry| entry.map(|(key, _)| key)),
            ),
            Value::Set(set) => match key {
                Some(key) => set.iter_from(key, inclusive, down),
                None if down => set.iter_rev(),
                None => set.iter(),
            },
            other => return Err(Error::value(format!("{} has no order", other.kind()))),
        };
        Ok(Keys { rest: rest.peekable(), _of: of })
    }
    /// Writes so many of the next ones, with all that is in them; how many there were.
    pub fn visit(&mut self, most: usize, out: &mut Vec<u8>) -> Result<usize> {
        let mut tree = Tree::new(out);
        let mut n = 0;
        for key in self.rest.by_ref().take(most) {
            key?.emit(&mut tree)?;
            n += 1;
        }
        Ok(n)
    }
    /// Is there another one?
    pub fn is_under_way(&mut self) -> bool {
        self.rest.peek().is_some()
    }
}

/// Flags, how many at most; a map or set that has an order as a patch, and a key; an object that holds the iteration. → As `walk`, which goes on: how
/// many, the number of the iteration or 0, and the keys from there on, with all that is in them.
pub fn keys_from(state: &mut State, env: napi_env, token: napi_value) -> Result<()> {
    let (flags, most) = (state.frame.arg(0), state.frame.index(1));
    let (value, rest) = state.patch(state.frame.input())?;
    let key = if flags & FROM_END != 0 { None } else { Some(state.patch(rest)?.0) };
    let keys = Keys::new(value, key.as_ref(), flags & INCLUSIVE != 0, flags & DESCENDING != 0)?;
    read::first(state, Walking::Changed(keys), most, env, token)
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
