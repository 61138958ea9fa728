//! Typed objects: one, or rows of them stored field by field.

use super::array::{ArrayView, inside};
use crate::arena::{Arena, Node};
use crate::error::{Error, Quick, Result};
use crate::layout::block::{Kind, records};
use crate::layout::schema::{self, Fields};
use crate::layout::{Off, Word};
use std::fmt;

/// A stored typed object, or a stored array of them. Good for as long as the snapshot that it was read in is held.
#[derive(Clone, Copy)]
pub struct RecordsView<'a> {
    arena: &'a Arena,
    off: Off,
    one: bool,
    rows: u64,
    shape: &'a [u8],
    data: Off,
}

impl<'a> RecordsView<'a> {
    /// Of a block.
    pub(crate) fn of(arena: &'a Arena, node: &Node<'a>) -> Quick<RecordsView<'a>> {
        let view = RecordsView::of_any_size(arena, node)?;
        inside(arena, node)?;
        Ok(view)
    }
    /// Of a block whose size nobody has compared with its place.
    pub(crate) fn of_any_size(arena: &'a Arena, node: &Node<'a>) -> Quick<RecordsView<'a>> {
        let wrong = || Error::corrupt(node.off, "typed objects with a shape and as much data as it asks for");
        if node.kind != Kind::Records {
            return Err(wrong());
        }
        let shape = crate::view::open::name(arena, Off(node.words[records::SHAPE]))?;
        let (rows, data) = (node.words[1], node.words[0] & !records::ONE);
        let width = schema::width(shape).ok_or_else(wrong)?;
        if width.saturating_mul(rows).div_ceil(8) != data {
            return Err(wrong());
        }
        let one = node.words[0] & records::ONE != 0;
        Ok(RecordsView { arena, off: node.off, one, rows, shape, data: node.off.at(1 + node.shape.meta) })
    }
    pub(crate) fn word(&self) -> Word {
        Word::block(self.off)
    }
    /// The bytes of its shape, as [`layout::schema`](crate::layout::schema) has them. They stand at one place for all objects of
    /// this shape in the domain.
    pub fn shape(&self) -> &'a [u8] {
        self.shape
    }
    /// Is it one object, not an array of objects?
    pub fn is_one(&self) -> bool {
        self.one
    }
    /// How many objects: 1 if it is one.
    pub fn rows(&self) -> u64 {
        self.rows
    }
    /// How many fields each has.
    pub fn fields(&self) -> usize {
        Fields::new(self.shape).map_or(0, |fields| fields.left())
    }
    /// The values of a field, row by row. An error if there is no such field. Costs a pass over the shape.
    pub fn column(&self, field: usize) -> Result<ArrayView<'a>> {
        match schema::place(self.shape, field) {
            Some((element, start)) => {
                Ok(ArrayView::over(self.arena, self.data.plus(start * self.rows), element, self.rows))
            }
            None => Err(Error::value(format!("there is no field number {field}: the objects have {}", self.fields()))),
        }
    }
    /// The number of the field with this name. Costs a pass over the shape.
    pub fn field(&self, name: &[u8]) -> Option<usize> {
        let mut fields = Fields::new(self.shape)?;
        let mut number = 0;
        while let Some(field) = fields.step() {
            if field?.name == name {
                return Some(number);
            }
            number += 1;
        }
        None
    }
    /// Where its data begins and how many bytes there are, all fields of all rows, as they are stored.
    pub(crate) fn all(&self) -> (Off, u64) {
        (self.data, schema::width(self.shape).unwrap_or(0) * self.rows)
    }
}

impl fmt::Debug for RecordsView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {} fields at {:#x}", self.rows, self.fields(), self.off.0)
    }
}
