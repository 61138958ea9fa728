//! Host values that stand on a snapshot: collections are read where they are, scalars are copied out.

use super::base::{Elements, Entries, ListBase, MapBase, SetBase, VectorBase};
use super::{List, Map, Set, Tagged, Value, Vector};
use crate::arena::Arena;
use crate::atom::Snapshot;
use crate::deep::deep;
use crate::error::{Error, Result};
use crate::layout::Word;
use crate::view::{HostKey, Key, SequenceHash, Type, UnorderedHash, View, tagged_hash};
use std::any::Any;
use std::sync::Arc;

/// A collection inside a snapshot, which it holds.
pub(crate) struct Shared {
    pub snapshot: Snapshot,
    /// As it stands at its position: with its metadata around it.
    pub word: Word,
    len: u64,
}

impl Shared {
    pub fn view(&self) -> View<'_> {
        View::new(self.snapshot.arena(), self.word)
    }
    fn value(&self, view: View<'_>) -> Result<Value> {
        to_value(&self.snapshot, view.word())
    }
    fn its_meta(&self) -> Option<Value> {
        // Metadata that cannot be read is left out, as the value itself is checked when it is read.
        self.view().meta().ok().flatten().and_then(|meta| self.value(meta).ok())
    }
    fn get_value(&self, key: &Value) -> Result<Option<Value>> {
        self.view().get(key_of(key))?.map(|found| self.value(found)).transpose()
    }
    fn elements(&self, from: u64) -> Elements<'_> {
        match self.view().elements_from(from) {
            Ok(elements) => Box::new(elements.map(|e| self.value(e?))),
            Err(e) => Box::new(std::iter::once(Err(e))),
        }
    }
}

/// The value of a word of a snapshot.
pub(crate) fn to_value(snapshot: &Snapshot, word: Word) -> Result<Value> {
    let view = View::new(snapshot.arena(), word);
    if let Some(scalar) = view.scalar()? {
        return Ok(Value::from(scalar));
    }
    if let Some((tag, value)) = view.tagged()? {
        let Value::Symbol(tag) = to_value(snapshot, tag.word())? else {
            return Err(Error::Corrupt { offset: word.0, what: "a tag that is a symbol" });
        };
        return Ok(Value::tagged(tag, deep(|| to_value(snapshot, value.word()))?));
    }
    let shared =
        || -> Result<Arc<Shared>> { Ok(Arc::new(Shared { snapshot: snapshot.clone(), word, len: view.len()? })) };
    Ok(match view.type_of()? {
        Type::Map if word == Word::EMPTY_MAP => Value::empty_map(),
        Type::Set if word == Word::EMPTY_SET => Value::empty_set(),
        Type::Vector if word == Word::EMPTY_VECTOR => Value::empty_vector(),
        Type::List if word == Word::EMPTY_LIST => Value::empty_list(),
        Type::Map => Value::Map(Map::from_base(shared()?)),
        Type::Set => Value::Set(Set::from_base(shared()?)),
        Type::Vector => Value::Vector(Vector::from_base(shared()?)),
        Type::List if view.len()? == 0 => {
            Value::empty_list().with_meta(view.meta()?.map(|m| to_value(snapshot, m.word())).transpose()?)?
        }
        _ => Value::List(List::from_base(shared()?)),
    })
}

impl MapBase for Shared {
    fn len(&self) -> u64 {
        self.len
    }
    fn get(&self, key: &Value) -> Result<Option<Value>> {
        self.get_value(key)
    }
    fn contains_key(&self, key: &Value) -> Result<bool> {
        self.view().contains(key_of(key))
    }
    fn iter(&self) -> Entries<'_> {
        match self.view().entries() {
            Ok(entries) => Box::new(entries.map(|e| {
                let (k, v) = e?;
                Ok((self.value(k)?, self.value(v)?))
            })),
            Err(e) => Box::new(std::iter::once(Err(e))),
        }
    }
    fn meta(&self) -> Option<Value> {
        self.its_meta()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl SetBase for Shared {
    fn len(&self) -> u64 {
        self.len
    }
    fn contains(&self, element: &Value) -> Result<bool> {
        self.view().contains(key_of(element))
    }
    fn iter(&self) -> Elements<'_> {
        match self.view().elements() {
            Ok(elements) => Box::new(elements.map(|e| self.value(e?))),
            Err(e) => Box::new(std::iter::once(Err(e))),
        }
    }
    fn meta(&self) -> Option<Value> {
        self.its_meta()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl VectorBase for Shared {
    fn len(&self) -> u64 {
        self.len
    }
    fn get(&self, index: u64) -> Result<Option<Value>> {
        self.view().nth(index)?.map(|found| self.value(found)).transpose()
    }
    fn iter_from(&self, index: u64) -> Elements<'_> {
        self.elements(index)
    }
    fn meta(&self) -> Option<Value> {
        self.its_meta()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl ListBase for Shared {
    fn len(&self) -> u64 {
        self.len
    }
    fn first(&self) -> Result<Value> {
        let first =
            self.view().first()?.ok_or(Error::Corrupt { offset: self.word.0, what: "a list with a first element" })?;
        self.value(first)
    }
    fn rest(&self) -> Result<Option<Arc<dyn ListBase>>> {
        let rest = self.view().rest()?;
        if rest.is_empty()? {
            return Ok(None);
        }
        Ok(Some(Arc::new(Shared { snapshot: self.snapshot.clone(), word: rest.word(), len: self.len - 1 })))
    }
    fn iter(&self) -> Elements<'_> {
        self.elements(0)
    }
    fn meta(&self) -> Option<Value> {
        self.its_meta()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A host value as a key to look up.
pub(crate) fn key_of(value: &Value) -> Key<'_> {
    match value.as_scalar() {
        Some(scalar) => Key::Scalar(scalar),
        None => Key::Host(value),
    }
}

/// The hash of any host value, as the engine hashes it: the one that [`View::hash`] gives for it once stored.
fn host_hash(value: &Value, arena: &Arena) -> Result<u64> {
    if let Some(scalar) = value.as_scalar() {
        return Ok(crate::view::scalar_hash(arena, &scalar));
    }
    deep(|| match value {
        Value::Map(map) => {
            let mut hash = UnorderedHash::default();
            for entry in map.iter() {
                let (k, v) = entry?;
                hash.push_entry(arena, host_hash(&k, arena)?, host_hash(&v, arena)?);
            }
            Ok(hash.finish_map(arena))
        }
        Value::Set(set) => {
            let mut hash = UnorderedHash::default();
            for element in set.iter() {
                hash.push_element(host_hash(&element?, arena)?);
            }
            Ok(hash.finish_set(arena))
        }
        Value::Vector(vector) => sequence_hash(vector.iter(), arena),
        Value::List(list) => sequence_hash(list.iter(), arena),
        Value::Tagged(tagged) => {
            let tag = crate::view::scalar_hash(
                arena,
                &Value::Symbol(tagged.tag().clone()).as_scalar().unwrap_or(crate::value::Scalar::Nil),
            );
            Ok(tagged_hash(arena, tag, host_hash(tagged.value(), arena)?))
        }
        _ => unreachable!("every other value is a scalar"),
    })
}

fn sequence_hash(elements: Elements<'_>, arena: &Arena) -> Result<u64> {
    let mut hash = SequenceHash::new(arena);
    for element in elements {
        hash.push(host_hash(&element?, arena)?);
    }
    Ok(hash.finish())
}

impl HostKey for Value {
    fn hash(&self, arena: &Arena) -> Result<u64> {
        host_hash(self, arena)
    }
    fn equals(&self, view: View<'_>) -> Result<bool> {
        host_equals(self, view)
    }
}

/// Is the host value equal to what a view shows?
pub(crate) fn host_equals(value: &Value, view: View<'_>) -> Result<bool> {
    if let Some(scalar) = value.as_scalar() {
        return crate::view::same_key(view.arena(), view.word(), &Key::Scalar(scalar));
    }
    let kind = view.type_of()?;
    deep(|| match (value, kind) {
        (Value::Map(map), Type::Map) => {
            if map.len()? != view.len()? {
                return Ok(false);
            }
            for entry in map.iter() {
                let (k, v) = entry?;
                match view.get(key_of(&k))? {
                    Some(found) if host_equals(&v, found)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        (Value::Set(set), Type::Set) => {
            if set.len()? != view.len()? {
                return Ok(false);
            }
            for element in set.iter() {
                if !view.contains(key_of(&element?))? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Vector(v), Type::Vector | Type::List) => same_elements(v.len(), v.iter(), view),
        (Value::List(v), Type::Vector | Type::List) => same_elements(v.len(), v.iter(), view),
        (Value::Tagged(tagged), Type::Tagged) => same_tagged(tagged, view),
        _ => Ok(false),
    })
}

fn same_elements(len: u64, elements: Elements<'_>, view: View<'_>) -> Result<bool> {
    if len != view.len()? {
        return Ok(false);
    }
    for (mine, theirs) in elements.zip(view.elements()?) {
        if !host_equals(&mine?, theirs?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same_tagged(tagged: &Tagged, view: View<'_>) -> Result<bool> {
    match view.tagged()? {
        Some((tag, value)) => {
            Ok(host_equals(&Value::Symbol(tagged.tag().clone()), tag)? && host_equals(tagged.value(), value)?)
        }
        None => Ok(false),
    }
}
