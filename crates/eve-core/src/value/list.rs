//! Lists: the end of one that lives elsewhere, and elements put in front of it.

use std::fmt;
use std::sync::Arc;

use super::base::{Elements, ListBase};
use super::event::{Open, Sink, Source};
use super::host::Value;
use super::over::{Laid, Over};
use super::release::release;
use super::vector::same_elements;
use crate::error::Result;

/// A persistent list: elements in front of a base that lives elsewhere (or none) and may have lost its first elements.
///
/// Cloning, `len`, `first` and `rest` are O(1); so is `push_front` if this is the only clone, else the front is copied.
#[derive(Clone)]
pub struct List(Over<dyn ListBase, Data>);

#[derive(Clone, Default)]
struct Data {
    /// So many first elements of the base are gone.
    dropped: u64,
    /// What is left of the base.
    left: Option<Arc<dyn ListBase>>,
    /// Elements in front, the first one last. Only the first `shown` of them count, so that `rest` needs no copy.
    front: Arc<Front>,
    shown: usize,
}

#[derive(Clone, Default)]
struct Front(Vec<Value>);

impl List {
    /// Tells collections of the host apart that are used more than once; `None` for others.
    pub(crate) fn shared_id(&self) -> Option<usize> {
        self.0.shared_id()
    }
    /// `()`
    pub fn new() -> List {
        List(Over::new(Data::default()))
    }
    /// One that lives elsewhere, as it is.
    pub fn from_base(base: Arc<dyn ListBase>) -> List {
        List(Over::View(base))
    }
    /// What it stands on.
    pub fn base(&self) -> Option<&Arc<dyn ListBase>> {
        self.0.base()
    }
    fn data(&self) -> Option<&Data> {
        self.0.changes()
    }
    fn edit(&mut self) -> &mut Data {
        self.0.edit()
    }
    /// How many first elements of the base are gone.
    pub fn dropped(&self) -> u64 {
        self.data().map_or(0, |data| data.dropped)
    }
    /// What is left of the base.
    pub fn left(&self) -> Option<&Arc<dyn ListBase>> {
        match &self.0 {
            Over::View(base) => Some(base),
            Over::Edited(_) => self.data()?.left.as_ref(),
        }
    }
    fn shown(&self) -> &[Value] {
        self.data().map_or(&[], |data| &data.front.0[..data.shown])
    }
    /// The elements in front of what is left of the base, in order.
    pub fn front(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.shown().iter().rev()
    }
    /// Is it its base and nothing else (but perhaps for metadata)?
    pub fn is_unchanged(&self) -> bool {
        self.base().is_some() && self.dropped() == 0 && self.shown().is_empty()
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
    pub fn with_meta(mut self, meta: Option<Value>) -> List {
        self.0.set_meta(meta);
        self
    }
    /// Number of elements.
    pub fn len(&self) -> u64 {
        self.shown().len() as u64 + self.left().map_or(0, |left| left.len())
    }
    /// Has it no element?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The first element; `None` of an empty list.
    pub fn first(&self) -> Result<Option<Value>> {
        match self.shown().last() {
            Some(value) => Ok(Some(value.clone())),
            None => self.left().map(|left| left.first()).transpose(),
        }
    }
    /// Without the first element. An empty list stays empty.
    pub fn rest(mut self) -> Result<List> {
        if self.is_empty() {
            return Ok(self);
        }
        let data = self.edit();
        if data.shown > 0 {
            data.shown -= 1;
            if let Some(front) = Arc::get_mut(&mut data.front) {
                front.0.truncate(data.shown);
            }
        } else if let Some(left) = &data.left {
            data.left = left.rest()?;
            data.dropped += 1;
        }
        Ok(self)
    }
    /// With an element in front.
    #[must_use = "the list itself stays as it was"]
    pub fn push_front(mut self, value: impl Into<Value>) -> List {
        let data = self.edit();
        let shown = data.shown;
        let front = Arc::make_mut(&mut data.front);
        front.0.truncate(shown);
        front.0.push(value.into());
        data.shown += 1;
        self
    }
    /// All elements from the first on. Lazy.
    pub fn iter(&self) -> Elements<'_> {
        let front = self.front().cloned().map(Ok);
        match self.left() {
            Some(left) => Box::new(front.chain(left.iter())),
            None => Box::new(front),
        }
    }
    /// An element by its place; `None` past the end. Goes through all before it, except among those in front.
    pub fn nth(&self, index: u64) -> Result<Option<Value>> {
        let front = self.shown();
        match usize::try_from(index).ok().and_then(|i| front.len().checked_sub(i.saturating_add(1))) {
            Some(at) => Ok(Some(front[at].clone())),
            None => {
                let skip = usize::try_from(index).unwrap_or(usize::MAX) - front.len();
                self.left().and_then(|left| left.iter().nth(skip)).transpose()
            }
        }
    }
    /// The same list in the same place: no need to look at the elements.
    pub fn is_same(&self, other: &List) -> bool {
        self.0.is_same(&other.0)
    }
}

impl Laid<dyn ListBase> for Data {
    fn over(base: &Arc<dyn ListBase>) -> Data {
        Data { left: Some(base.clone()), ..Data::default() }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if self.0.iter().any(Value::is_nested) {
            release(std::mem::take(&mut self.0));
        }
    }
}

impl Default for List {
    fn default() -> List {
        List::new()
    }
}

impl Source for List {
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        if let Some(base) = self.base().filter(|_| self.is_unchanged()) {
            return base.emit(sink);
        }
        sink.begin(Open::List)?;
        for element in self.iter() {
            element?.emit(sink)?;
        }
        sink.end()
    }
}

impl From<Vec<Value>> for List {
    fn from(mut elements: Vec<Value>) -> List {
        elements.reverse();
        let shown = elements.len();
        List(Over::new(Data { dropped: 0, left: None, front: Arc::new(Front(elements)), shown }))
    }
}

impl<T: Into<Value>> FromIterator<T> for List {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> List {
        elements.into_iter().map(Into::into).collect::<Vec<Value>>().into()
    }
}

impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        self.is_same(other) || self.len() == other.len() && same_elements(self.iter(), other.iter())
    }
}

impl Eq for List {}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::List(self.clone()).fmt(f)
    }
}
