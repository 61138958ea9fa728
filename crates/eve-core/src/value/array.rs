//! Typed arrays as host values: bytes of our own until they are stored, then the elements where they lie.

use super::column::Column;
use super::event::{Sink, Source};
use super::host::Value;
use crate::atom::Snapshot;
use crate::error::{Error, Result};
use crate::layout::Element;
use crate::layout::element::MOST_ELEMENTS;
use crate::layout::{Off, Word};
use crate::typed::{ArrayView, Number, number};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A typed array. Cloning costs the same for any length.
///
/// A new one is bytes of this process: [`set`](Array::set) changes this one and no clone. Storing it in an atom copies it there. What
/// is read from an atom is a view: all versions that hold the array share its elements, which are changed in place through
/// [`view`](Array::view), without a commit.
///
/// Two arrays are equal if type and elements are at that moment. An array can be neither a key of a map nor an element of a set.
#[derive(Clone)]
pub struct Array(Inner);

#[derive(Clone)]
enum Inner {
    Own(Arc<Own>),
    Stored(Arc<Stored>),
}

#[derive(Clone)]
struct Own {
    element: Element,
    bytes: Vec<u8>,
}

struct Stored {
    snapshot: Snapshot,
    word: Word,
    at: Off,
    element: Element,
    len: u64,
}

/// The error for more elements than there can be.
pub(super) fn too_many(n: u64) -> Error {
    Error::value(format!("{n} elements or rows are more than there can be, which is {MOST_ELEMENTS}"))
}

/// So many zeros. Asked for twice, since the allocation that gives zeros for nothing ends the process where there is no memory.
pub(super) fn zeros(bytes: u64) -> Result<Vec<u8>> {
    let mut asked = Vec::<u8>::new();
    let len = usize::try_from(bytes).ok().filter(|len| asked.try_reserve_exact(*len).is_ok());
    std::hint::black_box(asked.as_ptr()); // or the question is taken for idle
    drop(asked);
    match len {
        Some(len) => Ok(vec![0; len]),
        None => Err(Error::value(format!("there is no memory for {bytes} bytes"))),
    }
}

impl Array {
    /// `len` zeros. An error above [`MOST_ELEMENTS`], and where there is no memory for them.
    pub fn new(element: Element, len: u64) -> Result<Array> {
        if len > MOST_ELEMENTS {
            return Err(too_many(len));
        }
        Ok(Array::own(element, zeros(len * element.bytes())?))
    }
    /// Of these bytes, little-endian and packed. An error if they are not whole elements.
    pub fn from_bytes(element: Element, bytes: Vec<u8>) -> Result<Array> {
        let len = bytes.len() as u64 / element.bytes();
        if len * element.bytes() != bytes.len() as u64 {
            return Err(Error::value(format!("{} bytes are not a whole number of {}", bytes.len(), element.name())));
        }
        if len > MOST_ELEMENTS { Err(too_many(len)) } else { Ok(Array::own(element, bytes)) }
    }
    /// Of these numbers. An error for one that the type has no room for.
    pub fn of(element: Element, numbers: impl IntoIterator<Item = impl Into<Value>>) -> Result<Array> {
        let mut bytes = Vec::new();
        for number in numbers {
            super::column::push(&mut bytes, element, &number.into())?;
        }
        Array::from_bytes(element, bytes)
    }
    fn own(element: Element, bytes: Vec<u8>) -> Array {
        Array(Inner::Own(Arc::new(Own { element, bytes })))
    }
    pub(crate) fn stored(snapshot: &Snapshot, word: Word, view: ArrayView<'_>) -> Array {
        let (at, element, len) = (view.at(), view.element(), view.len());
        Array(Inner::Stored(Arc::new(Stored { snapshot: snapshot.clone(), word, at, element, len })))
    }
    /// The type of the elements.
    pub fn element(&self) -> Element {
        match &self.0 {
            Inner::Own(own) => own.element,
            Inner::Stored(stored) => stored.element,
        }
    }
    /// How many.
    pub fn len(&self) -> u64 {
        self.column().len()
    }
    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The elements where they are stored, to be read and changed in place; `None` if the array is not stored.
    pub fn view(&self) -> Option<ArrayView<'_>> {
        match &self.0 {
            Inner::Own(_) => None,
            Inner::Stored(stored) => {
                Some(ArrayView::over(stored.snapshot.arena(), stored.at, stored.element, stored.len))
            }
        }
    }
    /// The elements, wherever they are.
    pub fn column(&self) -> Column<'_> {
        match &self.0 {
            Inner::Own(own) => Column::Own(own.element, &own.bytes),
            Inner::Stored(_) => self.view().map_or(Column::Own(self.element(), &[]), Column::Stored),
        }
    }
    /// An element as a value; `None` past the end.
    pub fn get(&self, index: u64) -> Option<Value> {
        self.column().get(index)
    }
    /// All elements, as the Rust type that they have.
    pub fn to_vec<T: Number>(&self) -> Result<Vec<T>> {
        number::same(self.element(), T::ELEMENT)?;
        let column = self.column();
        Ok((0..column.len()).filter_map(|i| column.bits(i)).map(T::from_bits).collect())
    }
    /// Sets an element of an array that is not stored; clones of it stay as they are. An error for one that is (its elements are
    /// changed through [`view`](Array::view)), past the end, and for a number that the type has no room for.
    pub fn set(&mut self, index: u64, to: impl Into<Value>) -> Result<()> {
        let (element, len) = (self.element(), self.len());
        let bits = super::column::bits(element, &to.into())?;
        let Inner::Own(own) = &mut self.0 else {
            return Err(Error::value("a stored array is changed in place, through its view"));
        };
        if index >= len {
            return Err(Error::value(format!("index {index} is past the end of an array of {len}")));
        }
        element.write(&mut Arc::make_mut(own).bytes[(index * element.bytes()) as usize..], bits);
        Ok(())
    }
    /// Where it is stored.
    pub(crate) fn home(&self) -> Option<(&Snapshot, Word)> {
        match &self.0 {
            Inner::Own(_) => None,
            Inner::Stored(stored) => Some((&stored.snapshot, stored.word)),
        }
    }
    /// Tells it from others that are not stored.
    pub(crate) fn id(&self) -> usize {
        match &self.0 {
            Inner::Own(own) => Arc::as_ptr(own) as usize,
            Inner::Stored(stored) => Arc::as_ptr(stored) as usize,
        }
    }
}

impl<T: Number> From<Vec<T>> for Array {
    /// An array of these numbers. Panics above [`MOST_ELEMENTS`].
    fn from(numbers: Vec<T>) -> Array {
        let mut bytes = vec![0; numbers.len() * T::ELEMENT.bytes() as usize];
        for (to, number) in bytes.chunks_exact_mut(T::ELEMENT.bytes() as usize).zip(&numbers) {
            T::ELEMENT.write(to, number.to_bits());
        }
        Array::from_bytes(T::ELEMENT, bytes).expect("so many elements")
    }
}

impl From<Array> for Value {
    fn from(array: Array) -> Value {
        Value::Array(array)
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Array) -> bool {
        self.column() == other.column()
    }
}
impl Eq for Array {}

impl Hash for Array {
    /// Not the elements: they may change while the array is somewhere by its hash.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.element(), self.len()).hash(state);
    }
}

impl Source for Array {
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        sink.array(&self.column())
    }
}

/// As EDN.
impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Value::Array(self.clone()), f)
    }
}
