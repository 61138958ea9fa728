//! Vectors: a prefix that lives elsewhere, single elements set in it, and elements pushed behind it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::base::{Elements, VectorBase};
use super::event::{Open, Sink, Source};
use super::host::Value;
use super::over::{Laid, Over};
use super::release::release;
use crate::error::{Error, Result};

/// A persistent vector: the first elements of a base that lives elsewhere (or none), some of them set anew, and others behind.
///
/// | operation | cost |
/// | --- | --- |
/// | clone, `len` | O(1) |
/// | `get` | O(log changes), then a look at the base |
/// | `push`, `pop`, `assoc`, `truncate` | O(1) or O(log changes) if this is the only clone, else a copy of the changes |
/// | `insert`, `remove` | every element behind the index |
/// | `subvec` | as `truncate` from 0 on, else every element of the piece |
#[derive(Clone)]
pub struct Vector(Over<dyn VectorBase, Data>);

#[derive(Clone, Default)]
struct Data {
    /// So many elements of the base are still there.
    keep: u64,
    /// Elements set below `keep`.
    sets: BTreeMap<u64, Value>,
    /// Elements from `keep` on.
    pushed: Vec<Value>,
}

impl Vector {
    /// Tells collections of the host apart that are used more than once; `None` for others.
    pub(crate) fn shared_id(&self) -> Option<usize> {
        self.0.shared_id()
    }
    /// `[]`
    pub fn new() -> Vector {
        Vector(Over::new(Data::default()))
    }
    /// One that lives elsewhere, as it is.
    pub fn from_base(base: Arc<dyn VectorBase>) -> Vector {
        Vector(Over::View(base))
    }
    /// What it stands on.
    pub fn base(&self) -> Option<&Arc<dyn VectorBase>> {
        self.0.base()
    }
    fn data(&self) -> Option<&Data> {
        self.0.changes()
    }
    fn edit(&mut self) -> &mut Data {
        self.0.edit()
    }
    /// How many elements of the base are kept, from the first on.
    pub fn keep(&self) -> u64 {
        match &self.0 {
            Over::View(base) => base.len(),
            Over::Edited(_) => self.data().map_or(0, |data| data.keep),
        }
    }
    /// Elements set anew among those kept, by index, in order.
    pub fn sets(&self) -> impl Iterator<Item = (u64, &Value)> {
        self.data().into_iter().flat_map(|data| data.sets.iter().map(|(i, v)| (*i, v)))
    }
    /// Elements behind those kept.
    pub fn pushed(&self) -> &[Value] {
        self.data().map_or(&[], |data| &data.pushed)
    }
    /// Is it its base and nothing else (but perhaps for metadata)?
    pub fn is_unchanged(&self) -> bool {
        self.base().is_some_and(|base| {
            self.keep() == base.len() && self.data().is_none_or(|data| data.sets.is_empty() && data.pushed.is_empty())
        })
    }
    /// Metadata if it is not the base's: `Some(None)` for metadata taken away.
    pub fn meta_change(&self) -> Option<Option<&Value>> {
        self.0.meta_change()
    }
    /// Its metadata.
    pub fn meta(&self) -> Option<Value> {
        self.0.meta()
    }
    /// The same; an error if it cannot be read.
    pub(crate) fn read_meta(&self) -> Result<Option<Value>> {
        self.0.read_meta()
    }
    /// The same elements with this metadata.
    pub fn with_meta(mut self, meta: Option<Value>) -> Vector {
        self.0.set_meta(meta);
        self
    }
    /// Number of elements.
    pub fn len(&self) -> u64 {
        self.keep() + self.pushed().len() as u64
    }
    /// Has it no element?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// An element; `None` past the end.
    pub fn get(&self, index: u64) -> Result<Option<Value>> {
        let keep = self.keep();
        if index >= keep {
            return Ok(usize::try_from(index - keep).ok().and_then(|i| self.pushed().get(i)).cloned());
        }
        match self.data().and_then(|data| data.sets.get(&index)) {
            Some(value) => Ok(Some(value.clone())),
            None => self.base().map_or(Ok(None), |base| base.get(index)),
        }
    }
    /// The element at an index that is about to be changed, see [`super::Map`]'s method of this name.
    pub(super) fn take(&mut self, index: u64) -> Result<Option<Value>> {
        let keep = self.keep();
        if self.data().is_some_and(|data| index >= keep && index < self.len() || data.sets.contains_key(&index)) {
            let data = self.edit();
            let changed =
                if index < keep { data.sets.get_mut(&index) } else { data.pushed.get_mut((index - keep) as usize) };
            return Ok(changed.map(std::mem::take));
        }
        self.get(index)
    }
    /// With another element at `index`; at the end of the vector it is appended, past that it is an error.
    pub fn assoc(mut self, index: u64, value: impl Into<Value>) -> Result<Vector> {
        let (len, keep) = (self.len(), self.keep());
        if index > len {
            return Err(out_of_bounds(index, len));
        }
        let data = self.edit();
        if index < keep {
            data.sets.insert(index, value.into());
        } else if index == len {
            data.pushed.push(value.into());
        } else {
            data.pushed[(index - keep) as usize] = value.into();
        }
        Ok(self)
    }
    /// With an element behind the last.
    #[must_use = "the vector itself stays as it was"]
    pub fn push(mut self, value: impl Into<Value>) -> Vector {
        self.edit().pushed.push(value.into());
        self
    }
    /// Without the last element, and that element; `None` from an empty vector.
    pub fn pop(self) -> Result<(Vector, Option<Value>)> {
        let Some(last) = self.len().checked_sub(1) else { return Ok((self, None)) };
        let value = self.get(last)?;
        Ok((self.truncate(last), value))
    }
    /// Its first `len` elements, if there are more.
    #[must_use = "the vector itself stays as it was"]
    pub fn truncate(mut self, len: u64) -> Vector {
        let keep = self.keep();
        if len >= self.len() {
            return self;
        }
        let data = self.edit();
        if len >= keep {
            data.pushed.truncate((len - keep) as usize);
        } else {
            data.pushed.clear();
            data.keep = len;
            data.sets.split_off(&len);
        }
        self
    }
    /// With all elements of another vector behind its own.
    pub fn concat(mut self, other: &Vector) -> Result<Vector> {
        for value in other.clone().iter() {
            self.edit().pushed.push(value?);
        }
        Ok(self)
    }
    /// The elements from `from` up to, but not including, `to`.
    pub fn subvec(self, from: u64, to: u64) -> Result<Vector> {
        if to > self.len() || from > to {
            return Err(out_of_bounds(if from > to { from } else { to }, self.len()));
        }
        if from == 0 {
            return Ok(self.truncate(to));
        }
        self.iter_from(from).take((to - from) as usize).collect::<Result<Vec<_>>>().map(Vector::from)
    }
    /// With an element between `index - 1` and `index`.
    pub fn insert(mut self, index: u64, value: impl Into<Value>) -> Result<Vector> {
        let at = self.loosen(index)?;
        self.edit().pushed.insert(at, value.into());
        Ok(self)
    }
    /// Without the element at `index`.
    pub fn remove(mut self, index: u64) -> Result<Vector> {
        if index >= self.len() {
            return Err(out_of_bounds(index, self.len()));
        }
        let at = self.loosen(index)?;
        self.edit().pushed.remove(at);
        Ok(self)
    }
    /// Makes everything from `index` on pushed elements; says which of them is at `index`.
    fn loosen(&mut self, index: u64) -> Result<usize> {
        if index > self.len() {
            return Err(out_of_bounds(index, self.len()));
        }
        let keep = self.keep();
        if index >= keep {
            return Ok((index - keep) as usize);
        }
        let tail = self.iter_from(index).collect::<Result<Vec<_>>>()?;
        let data = self.edit();
        data.keep = index;
        data.sets.split_off(&index);
        data.pushed = tail;
        Ok(0)
    }
    /// All elements in order. Lazy.
    pub fn iter(&self) -> Elements<'_> {
        self.iter_from(0)
    }
    /// The elements from an index on. Lazy.
    pub fn iter_from(&self, index: u64) -> Elements<'_> {
        let keep = self.keep();
        let pushed = self.pushed().get(index.saturating_sub(keep) as usize..).unwrap_or(&[]).iter().cloned().map(Ok);
        let Some(base) = self.base().filter(|_| index < keep) else { return Box::new(pushed) };
        let data = self.data();
        if data.is_none_or(|data| data.sets.is_empty()) {
            return Box::new(base.iter_from(index).take((keep - index) as usize).chain(pushed));
        }
        let set = move |i: u64| data.and_then(|data| data.sets.get(&i)).cloned();
        let kept = base.iter_from(index).zip(index..keep).map(move |(value, i)| set(i).map_or(value, Ok));
        Box::new(kept.chain(pushed))
    }
    /// The same vector in the same place: no need to look at the elements.
    pub fn is_same(&self, other: &Vector) -> bool {
        self.0.is_same(&other.0)
    }
}

fn out_of_bounds(index: u64, len: u64) -> Error {
    Error::value(format!("index {index} is out of bounds: the vector has {len} elements"))
}

/// Are these equal, one by one? What cannot be read equals nothing.
pub(super) fn same_elements(mut a: Elements<'_>, mut b: Elements<'_>) -> bool {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(Ok(a)), Some(Ok(b))) if a == b => {}
            _ => return false,
        }
    }
}

impl Laid<dyn VectorBase> for Data {
    fn over(base: &Arc<dyn VectorBase>) -> Data {
        Data { keep: base.len(), sets: BTreeMap::new(), pushed: Vec::new() }
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let nested = |v: &Value| v.is_nested();
        if self.pushed.iter().any(nested) || self.sets.values().any(nested) {
            let mut values = std::mem::take(&mut self.pushed);
            values.extend(std::mem::take(&mut self.sets).into_values());
            release(values);
        }
    }
}

impl Default for Vector {
    fn default() -> Vector {
        Vector::new()
    }
}

impl Source for Vector {
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        if let Some(base) = self.base().filter(|_| self.is_unchanged()) {
            return base.emit(sink);
        }
        sink.begin(Open::Vector)?;
        for element in self.iter() {
            element?.emit(sink)?;
        }
        sink.end()
    }
}

impl From<Vec<Value>> for Vector {
    fn from(pushed: Vec<Value>) -> Vector {
        Vector(Over::new(Data { keep: 0, sets: BTreeMap::new(), pushed }))
    }
}

impl<T: Into<Value>> FromIterator<T> for Vector {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Vector {
        elements.into_iter().map(Into::into).collect::<Vec<Value>>().into()
    }
}

impl PartialEq for Vector {
    fn eq(&self, other: &Vector) -> bool {
        self.is_same(other) || self.len() == other.len() && same_elements(self.iter(), other.iter())
    }
}

impl Eq for Vector {}

impl fmt::Debug for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Vector(self.clone()).fmt(f)
    }
}
