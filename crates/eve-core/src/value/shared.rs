//! Host values that stand on a snapshot: collections are read where they are, scalars are copied out.

use super::base::{Base, Elements, Entries, ListBase, MapBase, SetBase, VectorBase};
use super::{Array, Column, List, Map, Order, Records, Set, Tagged, Value, Vector};
use crate::arena::Arena;
use crate::atom::{Pinned, Snapshot};
use crate::deep::deep;
use crate::error::{Error, Result};
use crate::layout::{Kind, Word};
use crate::typed::{ArrayView, RecordsView};
use crate::view::{HostKey, Key, SequenceHash, Type, UnorderedHash, View, Way};
use crate::view::{array_hash, records_hash, tagged_hash};
use std::any::Any;
use std::sync::Arc;

/// A collection inside a snapshot, which it holds.
pub(crate) struct Shared {
    snapshot: Snapshot,
    word: Word,
    len: u64,
    /// How it was reached, with itself. So whoever walks over what is in it meets an error where it contains itself.
    way: Way,
}

impl Shared {
    fn view(&self) -> View<'_> {
        View::new(self.snapshot.arena(), self.word)
    }
    /// What a word in it stands for.
    fn value(&self, word: Word) -> Result<Value> {
        value_on(&self.snapshot, word, self.way)
    }
}

impl Pinned {
    /// What a word in the root stands for.
    fn value(&self, word: Word) -> Result<Value> {
        let way = Way::START.enter(self.view().word())?;
        self.with_snapshot(|snapshot| value_on(snapshot, word, way))
    }
}

/// A collection of a snapshot, as a host value's base gives it: the root, or one inside.
#[derive(Clone, Copy)]
pub(crate) enum SharedRef<'a> {
    Root(&'a Pinned),
    Inside(&'a Shared),
}

impl<'a> SharedRef<'a> {
    /// If the base is one of a snapshot.
    #[inline]
    pub fn of(base: &'a dyn Any) -> Option<SharedRef<'a>> {
        match base.downcast_ref::<Pinned>() {
            Some(root) => Some(SharedRef::Root(root)),
            None => base.downcast_ref::<Shared>().map(SharedRef::Inside),
        }
    }
    pub fn view(self) -> View<'a> {
        match self {
            SharedRef::Root(root) => root.view(),
            SharedRef::Inside(shared) => shared.view(),
        }
    }
    /// As it stands at its position: with its metadata around it.
    #[inline]
    pub fn word(self) -> Word {
        self.view().word()
    }
    #[inline]
    pub fn with_snapshot<R>(self, f: impl FnOnce(&Snapshot) -> R) -> R {
        match self {
            SharedRef::Root(root) => root.with_snapshot(f),
            SharedRef::Inside(shared) => f(&shared.snapshot),
        }
    }
    /// How it was reached, with itself.
    pub fn way(self) -> Result<Way> {
        match self {
            SharedRef::Root(root) => Way::START.enter(root.view().word()),
            SharedRef::Inside(shared) => Ok(shared.way),
        }
    }
}

/// The value of a word of a snapshot.
pub(crate) fn to_value(snapshot: &Snapshot, word: Word) -> Result<Value> {
    value_on(snapshot, word, Way::START)
}

/// The same for a word that was met on this way.
pub(crate) fn value_on(snapshot: &Snapshot, word: Word, way: Way) -> Result<Value> {
    let arena = snapshot.arena();
    let Some(off) = word.as_block() else { return immediate(arena, word) };
    let node = arena.node(off)?;
    let shared =
        |len| Ok::<_, Error>(Arc::new(Shared { snapshot: snapshot.clone(), word, len, way: way.enter(word)? }));
    let is_root = way.is_start() && word == snapshot.root();
    Ok(match node.kind {
        Kind::MapRoot if is_root => Value::Map(Map::from_base(snapshot.as_base().clone())),
        Kind::MapRoot => Value::Map(Map::from_base(shared(node.words[1])?)),
        Kind::SetRoot => Value::Set(Set::from_base(shared(node.words[1])?)),
        Kind::SortedMap | Kind::SortedSet | Kind::IntMap => {
            let len = View::new(arena, word).len()?;
            match node.kind {
                Kind::SortedSet => Value::Set(Set::from_base(shared(len)?)),
                _ => Value::Map(Map::from_base(shared(len)?)),
            }
        }
        Kind::VectorRoot => Value::Vector(Vector::from_base(shared(node.words[0])?)),
        Kind::ListCell => Value::List(List::from_base(shared(node.words[0])?)),
        Kind::Pair => pair_value(snapshot, word, way.enter(word)?)?,
        Kind::Array => Value::Array(Array::stored(snapshot, word, ArrayView::of(arena, &node)?)),
        Kind::Records => Value::Records(Records::stored(snapshot, RecordsView::of(arena, &node)?)?),
        _ => immediate(arena, word)?,
    })
}

/// A word that is a scalar or an empty collection.
fn immediate(arena: &Arena, word: Word) -> Result<Value> {
    match View::new(arena, word).scalar()? {
        Some(scalar) => Ok(Value::from(scalar)),
        None => Ok(match View::new(arena, word).type_of()? {
            Type::Map => Value::Map(Map::ordered(View::new(arena, word).order()?)),
            Type::Set if View::new(arena, word).order()? == Order::Sorted => Value::Set(Set::sorted()),
            Type::Set => Value::empty_set(),
            Type::Vector => Value::empty_vector(),
            _ => Value::empty_list(),
        }),
    }
}

/// A tagged literal, or a collection with metadata. The way is the one into it.
fn pair_value(snapshot: &Snapshot, word: Word, way: Way) -> Result<Value> {
    let view = View::new(snapshot.arena(), word);
    if let Some((tag, value)) = view.tagged()? {
        let Value::Symbol(tag) = value_on(snapshot, tag.word(), way)? else {
            return Err(Error::Corrupt { offset: word.0, what: "a tag that is a symbol" });
        };
        return Ok(Value::tagged(tag, deep(|| value_on(snapshot, value.word(), way))?));
    }
    let len = view.len()?;
    let shared = || Arc::new(Shared { snapshot: snapshot.clone(), word, len, way });
    Ok(match view.type_of()? {
        Type::Map => Value::Map(Map::from_base(shared())),
        Type::Set => Value::Set(Set::from_base(shared())),
        Type::Vector => Value::Vector(Vector::from_base(shared())),
        Type::List if len > 0 => Value::List(List::from_base(shared())),
        Type::List => {
            let meta = view.meta()?.map(|meta| value_on(snapshot, meta.word(), way)).transpose()?;
            Value::empty_list().with_meta(meta)?
        }
        _ => return Err(Error::Corrupt { offset: word.0, what: "a collection with metadata" }),
    })
}

macro_rules! bases {
    ($type:ty, $len:expr) => {
        impl MapBase for $type {
            fn len(&self) -> u64 {
                $len(self)
            }
            fn get(&self, key: &Value) -> Result<Option<Value>> {
                let found = self.view().get(key_of(key))?;
                found.map(|found| self.value(found.word())).transpose()
            }
            fn contains_key(&self, key: &Value) -> Result<bool> {
                self.view().contains(key_of(key))
            }
            fn iter(&self) -> Entries<'_> {
                entries(self.view().entries(), |word| self.value(word))
            }
            fn order(&self) -> Order {
                self.view().order().unwrap_or_default() // one that cannot be read says so when it is read
            }
            fn rank(&self, key: &Value) -> Result<(u64, bool)> {
                self.view().rank(key_of(key))
            }
            fn between(&self, from: u64, to: u64, down: bool) -> Entries<'_> {
                let entries_of = self.view().entries_between(from, to, down);
                entries(entries_of, |word| self.value(word))
            }
        }
        impl Base for $type {
            fn read_meta(&self) -> Result<Option<Value>> {
                self.view().meta()?.map(|meta| self.value(meta.word())).transpose()
            }
            fn as_any(&self) -> &dyn Any {
                self
            }
        }
    };
}

bases!(Shared, |shared: &Shared| shared.len);
bases!(Pinned, |root: &Pinned| root.view().len().unwrap_or(0)); // one that cannot be read says so when it is read

fn entries<'a>(
    entries: Result<crate::view::Entries<'a>>,
    value_of: impl Fn(Word) -> Result<Value> + 'a,
) -> Entries<'a> {
    match entries {
        Ok(entries) => Box::new(entries.map(move |e| {
            let (k, v) = e?;
            Ok((value_of(k.word())?, value_of(v.word())?))
        })),
        Err(e) => Box::new(std::iter::once(Err(e))),
    }
}

fn elements<'a>(shared: &'a Shared, elements: Result<crate::view::Elements<'a>>) -> Elements<'a> {
    match elements {
        Ok(elements) => Box::new(elements.map(|e| shared.value(e?.word()))),
        Err(e) => Box::new(std::iter::once(Err(e))),
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
        elements(self, self.view().elements())
    }
    fn order(&self) -> Order {
        self.view().order().unwrap_or_default() // one that cannot be read says so when it is read
    }
    fn rank(&self, element: &Value) -> Result<(u64, bool)> {
        self.view().rank(key_of(element))
    }
    fn between(&self, from: u64, to: u64, down: bool) -> Elements<'_> {
        elements(self, self.view().elements_between(from, to, down))
    }
}

impl VectorBase for Shared {
    fn len(&self) -> u64 {
        self.len
    }
    fn get(&self, index: u64) -> Result<Option<Value>> {
        self.view().nth(index)?.map(|found| self.value(found.word())).transpose()
    }
    fn iter_from(&self, index: u64) -> Elements<'_> {
        elements(self, self.view().elements_from(index))
    }
}

impl ListBase for Shared {
    fn len(&self) -> u64 {
        self.len
    }
    fn first(&self) -> Result<Value> {
        let wrong = || Error::Corrupt { offset: self.word.0, what: "a list with a first element" };
        self.value(self.view().first()?.ok_or_else(wrong)?.word())
    }
    fn rest(&self) -> Result<Option<Arc<dyn ListBase>>> {
        let rest = self.view().rest()?;
        if rest.is_empty()? {
            return Ok(None);
        }
        let (snapshot, word, len) = (self.snapshot.clone(), rest.word(), self.len - 1);
        Ok(Some(Arc::new(Shared { snapshot, word, len, way: self.way })))
    }
    fn iter(&self) -> Elements<'_> {
        elements(self, self.view().elements())
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
        Value::Array(array) => Ok(array_hash(arena, array.element(), array.len())),
        Value::Records(records) => Ok(records_hash(arena, records.schema().fields().len() as u64, records.rows())),
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
    fn compare(&self, view: View<'_>) -> Result<std::cmp::Ordering> {
        crate::view::host_order(self, view)
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
        (Value::Array(array), Type::Array) => {
            Ok(view.array()?.is_some_and(|theirs| array.column() == Column::Stored(theirs)))
        }
        (Value::Records(records), Type::Records) => match view.records()? {
            Some(theirs) => records.equals(theirs),
            None => Ok(false),
        },
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
