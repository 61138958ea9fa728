//! Typed arrays and objects in a commit. Where they are read in the same atom, they are shared: a second edge to the same block, so
//! that whoever changes the elements in place changes them at all places. Anything else is copied into a block of its own, once.
//!
//! That they change is also why they are no keys: what is found by its hash must not change.

use super::build::{Build, Built, Stop};
use super::encode::{check_text, intern};
use super::plan::Plan;
use super::planner::Planner;
use crate::atom::Snapshot;
use crate::deep::deep;
use crate::error::Error;
use crate::layout::block::{Kind, records};
use crate::layout::{Off, Word};
use crate::typed::ArrayView;
use crate::value::{Array, Column, Records, Value};
use crate::view::is_changing;

/// So deep may collections be keys in collections that are keys. Each of them is hashed as a whole, so that what is in the innermost is gone through
/// once for each of them.
const NESTED_KEYS: u32 = 100;

impl Planner<'_, '_> {
    /// What becomes of a position for which an array or objects are wanted.
    pub fn typed(&mut self, value: &Value, at: Option<Word>) -> Built<Plan> {
        let (home, id) = match value {
            Value::Array(array) => (array.home(), array.id()),
            Value::Records(records) => (records.home(), records.id()),
            _ => unreachable!("only these get here"),
        };
        if let Some((snapshot, word)) = home
            && snapshot.same_atom(self.base.held_by)
            && let Some(plan) = self.share(snapshot, word, at)?
        {
            return Ok(plan);
        }
        // One value at two places is one block, as it is for whoever made it.
        let id =
            home.map_or((0, id as u64), |(snapshot, word)| (std::ptr::from_ref(snapshot.arena()) as usize, word.0));
        if let Some(&off) = self.copies.get_or_insert_default().get(&id) {
            self.b.count(off)?;
            return Ok(Plan::Word(Word::block(off)));
        }
        let off = match value {
            Value::Array(array) => store_array(self.b, array)?,
            Value::Records(records) => store_records(self.b, records)?,
            _ => unreachable!("only these get here"),
        };
        self.copies.get_or_insert_default().insert(id, off);
        Ok(Plan::Word(Word::block(off)))
    }

    /// One more edge to a block of this atom. Of another version than the base it may have lost its last edge: then it is copied (`None`).
    /// It has no children that could have passed to a copy, so that as long as it has an edge it can get another, and the snapshot
    /// that the value holds keeps its place from being used again.
    fn share(&mut self, snapshot: &Snapshot, word: Word, at: Option<Word>) -> Built<Option<Plan>> {
        if at == Some(word) {
            return Ok(Some(Plan::Keep));
        }
        let Some(off) = word.as_block() else { return Ok(None) };
        match self.b.count(off) {
            Err(Stop::Conflict) if !self.base.is_of(snapshot) => Ok(None),
            Err(stop) => Err(stop),
            Ok(()) => Ok(Some(Plan::Word(word))),
        }
    }

    /// The word of a key of a map or an element of a set. An error for what changes in place, or has such a thing in it.
    pub fn key(&mut self, key: &Value) -> Built<Word> {
        if key.as_scalar().is_some() {
            return self.word(key);
        }
        if self.keys == NESTED_KEYS {
            return Err(Error::value(format!(
                "keys inside of keys, more than {NESTED_KEYS} deep; put what is so deep under a key, not into it"
            ))
            .into());
        }
        refuse(key).inspect_err(|_| self.refused = true)?;
        self.keys += 1;
        let word = self.word(key);
        self.keys -= 1;
        word
    }
}

fn refuse(key: &Value) -> Result<(), Error> {
    match changeable(key)? {
        None => Ok(()),
        Some(what) => Err(Error::value(format!(
            "{what} can be neither a key of a map nor an element of a set, nor be inside one, because its content changes; use \
             something that stays, as a keyword or a number"
        ))),
    }
}

/// The error of a refused key, with the way to the collection that has it.
#[cold]
pub(super) fn locate(value: &Value, error: Error) -> Error {
    let mut path = Vec::new();
    match (error, way_to_key(value, &mut path)) {
        (Error::Value { reason, .. }, Ok(true)) if !path.is_empty() => {
            path.reverse();
            Error::Value { path: format!("{:?}", Value::vector(path)), reason }
        }
        (error, _) => error,
    }
}

/// Finds a collection with a key that changes in place; the way to it, from its end.
fn way_to_key(value: &Value, path: &mut Vec<Value>) -> Result<bool, Error> {
    let mut below = |key: &Value, value: &Value| -> Result<bool, Error> {
        let found = deep(|| way_to_key(value, path))?;
        if found {
            path.push(key.clone());
        }
        Ok(found)
    };
    match value {
        Value::Map(map) => {
            for entry in map.iter() {
                // A sorted one that has such a key cannot be brought into order.
                let (key, value) = match entry {
                    Err(error) if is_changing(&error) => return Ok(true),
                    entry => entry?,
                };
                if changeable(&key)?.is_some() || below(&key, &value)? {
                    return Ok(true);
                }
            }
        }
        Value::Set(set) => {
            for element in set.iter() {
                let element = match element {
                    Err(error) if is_changing(&error) => return Ok(true),
                    element => element?,
                };
                if changeable(&element)?.is_some() {
                    return Ok(true);
                }
            }
        }
        Value::Tagged(tagged) => return way_to_key(tagged.value(), path),
        Value::Vector(_) | Value::List(_) => {
            for (i, element) in (0i64..).zip(value.elements()?) {
                if below(&Value::Int(i), &element?)? {
                    return Ok(true);
                }
            }
        }
        _ => {}
    }
    Ok(false)
}

/// The array or objects in a value, if there are any. Costs a walk over all of it, as its hash does.
fn changeable(value: &Value) -> Result<Option<&'static str>, Error> {
    if value.as_scalar().is_some() {
        return Ok(None);
    }
    deep(|| {
        Ok(match value {
            Value::Array(_) | Value::Records(_) => Some(value.kind()),
            Value::Tagged(tagged) => changeable(tagged.value())?,
            // The keys of what is in it were refused when it was made, or are when it is stored.
            Value::Map(map) => {
                for entry in map.iter() {
                    if let Some(what) = changeable(&entry?.1)? {
                        return Ok(Some(what));
                    }
                }
                None
            }
            // Likewise its elements.
            Value::Set(_) => None,
            sequence => {
                for element in sequence.elements()? {
                    if let Some(what) = changeable(&element?)? {
                        return Ok(Some(what));
                    }
                }
                None
            }
        })
    })
}

/// A copy of an array, each element as it is at its moment.
fn store_array(b: &mut Build<'_>, array: &Array) -> Built<Off> {
    let (column, element) = (array.column(), array.element());
    let bytes = column.len() * element.bytes();
    let off = block(b, Kind::Array, &[element.code().into(), column.len()], bytes)?;
    match column {
        Column::Own(_, bytes) => b.arena().write_bytes(off.at(3), bytes),
        Column::Stored(view) => copy(b, off.at(3), view)?,
    }
    Ok(off)
}

/// The same of objects.
fn store_records(b: &mut Build<'_>, objects: &Records) -> Built<Off> {
    for (name, _) in objects.schema().fields() {
        check_text(name.as_bytes())?;
    }
    let shape = intern(b, objects.schema().as_bytes())?;
    let stored = objects.view();
    let bytes = stored.map_or(objects.own_bytes().len() as u64, |view| view.all().1);
    let one = if objects.is_one() { records::ONE } else { 0 };
    let off = block(b, Kind::Records, &[bytes.div_ceil(8) | one, objects.rows(), shape.0], bytes)?;
    let to = off.at(4);
    match stored {
        None => b.arena().write_bytes(to, objects.own_bytes()),
        Some(view) => {
            let (from, _) = view.all();
            for field in 0..view.fields() {
                let column = view.column(field)?;
                copy(b, to.plus(column.at().0 - from.0), column)?;
            }
        }
    }
    Ok(off)
}

/// A block for so many bytes behind these words, its end zero.
fn block(b: &mut Build<'_>, kind: Kind, meta: &[u64], bytes: u64) -> Built<Off> {
    let words = meta.len() as u64 + bytes.div_ceil(8);
    let off = b.alloc(kind, words)?;
    b.arena().write(off.at(words), &[0]);
    b.arena().write(off.at(1), meta);
    Ok(off)
}

fn copy(b: &Build<'_>, to: Off, from: ArrayView<'_>) -> Built<()> {
    const AT_ONCE: u64 = 1 << 16;
    let width = from.element().bytes();
    let (mut buffer, mut done) = (vec![0; AT_ONCE.min(from.len() * width) as usize], 0);
    while done < from.len() {
        let n = (AT_ONCE / width).min(from.len() - done);
        let buffer = &mut buffer[..(n * width) as usize];
        from.read(done, buffer)?;
        b.arena().write_bytes(to.plus(done * width), buffer);
        done += n;
    }
    Ok(())
}
