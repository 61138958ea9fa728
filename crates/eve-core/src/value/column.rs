//! Numbers of one type, wherever they are: the elements of an array, or one field of all rows.

use super::host::Value;
use super::scalar::Scalar;
use crate::error::{Error, Result};
use crate::layout::Element;
use crate::typed::{ArrayView, number};

/// Numbers of one type.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// Bytes of this process, little-endian and packed.
    Own(Element, &'a [u8]),
    /// Stored ones.
    Stored(ArrayView<'a>),
}

impl Column<'_> {
    /// Their type.
    pub fn element(&self) -> Element {
        match self {
            Column::Own(element, _) => *element,
            Column::Stored(view) => view.element(),
        }
    }
    /// How many.
    pub fn len(&self) -> u64 {
        match self {
            Column::Own(element, bytes) => bytes.len() as u64 / element.bytes(),
            Column::Stored(view) => view.len(),
        }
    }
    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// One of them as 64 bits, see [`Element::extend`]; `None` past the end.
    #[inline]
    pub fn bits(&self, index: u64) -> Option<u64> {
        match self {
            Column::Own(element, bytes) => {
                let at = usize::try_from(index.checked_mul(element.bytes())?).ok()?;
                bytes.get(at..).filter(|rest| !rest.is_empty()).map(|rest| element.read(rest))
            }
            Column::Stored(view) => view.get(index).ok(),
        }
    }
    /// One of them as a value; `None` past the end.
    pub fn get(&self, index: u64) -> Option<Value> {
        self.bits(index).map(|bits| number::scalar_of(self.element(), bits).into())
    }
    /// All of them as scalars, each as it is when it is met.
    pub fn scalars(&self) -> impl Iterator<Item = Scalar<'static>> {
        let element = self.element();
        (0..self.len()).filter_map(move |i| self.bits(i)).map(move |bits| number::scalar_of(element, bits))
    }
    /// All of them, as bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        match self {
            Column::Own(_, bytes) => Ok(bytes.to_vec()),
            Column::Stored(view) => {
                let mut bytes = vec![0; (view.len() * view.element().bytes()) as usize];
                view.read(0, &mut bytes)?;
                Ok(bytes)
            }
        }
    }
}

impl PartialEq for Column<'_> {
    /// Of one type and equal one by one, at the moment of the comparison. Every NaN equals every other.
    fn eq(&self, other: &Self) -> bool {
        let element = self.element();
        if element != other.element() || self.len() != other.len() {
            return false;
        }
        if let (Column::Stored(a), Column::Stored(b)) = (self, other)
            && a.is_same(b)
        {
            return true;
        }
        (0..self.len()).all(|i| match (self.bits(i), other.bits(i)) {
            (Some(a), Some(b)) => number::equal(element, a, b),
            _ => false,
        })
    }
}

/// A value as a number of this type.
pub(super) fn bits(element: Element, value: &Value) -> Result<u64> {
    match value.as_scalar() {
        Some(scalar) => number::bits_of(element, &scalar),
        None => Err(Error::value(format!("{} is no {}", value.kind(), element.name()))),
    }
}

/// Appends a value as a number of this type.
pub(super) fn push(bytes: &mut Vec<u8>, element: Element, value: &Value) -> Result<()> {
    let bits = bits(element, value)?;
    bytes.extend_from_slice(&bits.to_le_bytes()[..element.bytes() as usize]);
    Ok(())
}
