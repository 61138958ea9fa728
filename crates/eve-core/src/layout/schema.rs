//! The shape of typed objects as bytes: what stands in the table of names, in patches and behind the C interface.
//!
//! `[fields: u32]`, then for each field `[bytes of its name: u32] [name] [type: u8]`. The fields have an order of their own, in which
//! they are shown. Their values are stored by falling size, those of one size in that order, so that all stand aligned without
//! gaps: of `n` objects, a field's values begin `n` times its `start` behind the first.

use super::element::Element;

/// Fields of an object, at most.
pub const MOST_FIELDS: usize = 1 << 16;

/// One field of a shape.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its name, WTF-8.
    pub name: &'a [u8],
    /// What it holds.
    pub element: Element,
}

/// The fields that bytes say; `None` for bytes that are no shape. Whether names are there twice is not looked at.
#[derive(Clone)]
pub struct Fields<'a> {
    left: usize,
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Those of a shape at the start of the bytes.
    pub fn new(bytes: &'a [u8]) -> Option<Fields<'a>> {
        let (n, bytes) = bytes.split_first_chunk()?;
        let left = u32::from_le_bytes(*n) as usize;
        ((1..=MOST_FIELDS).contains(&left) && left <= bytes.len()).then_some(Fields { left, bytes })
    }
    /// How many are still to come.
    pub fn left(&self) -> usize {
        self.left
    }
    /// The bytes behind those that were read.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }
    /// The next; `None` in the `Some` if the bytes end or make no sense, `None` at the end.
    pub fn step(&mut self) -> Option<Option<Field<'a>>> {
        self.left = self.left.checked_sub(1)?;
        Some(self.read())
    }
    fn read(&mut self) -> Option<Field<'a>> {
        let (len, rest) = self.bytes.split_first_chunk()?;
        let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        let (&code, rest) = rest.split_first()?;
        self.bytes = rest;
        Some(Field { name, element: Element::from_code(code.into())? })
    }
}

/// Bytes of one object, if all of the bytes are a shape.
pub fn width(bytes: &[u8]) -> Option<u64> {
    let mut fields = Fields::new(bytes)?;
    let mut width = 0;
    while let Some(field) = fields.step() {
        width += field?.element.bytes();
    }
    fields.rest().is_empty().then_some(width)
}

/// The type of field number `index` and its start; `None` if there is no such field. Costs two passes over the shape.
pub fn place(bytes: &[u8], index: usize) -> Option<(Element, u64)> {
    let mut fields = Fields::new(bytes)?;
    for _ in 0..index {
        fields.step()??;
    }
    let element = fields.step()??.element;
    let (mut start, mut number) = (0, 0);
    let mut fields = Fields::new(bytes)?;
    while let Some(field) = fields.step() {
        let size = field?.element.bytes();
        if size > element.bytes() || size == element.bytes() && number < index {
            start += size;
        }
        number += 1;
    }
    Some((element, start))
}

/// Appends a shape.
pub fn encode<'a>(out: &mut Vec<u8>, fields: impl ExactSizeIterator<Item = Field<'a>>) {
    out.extend((fields.len() as u32).to_le_bytes());
    for field in fields {
        out.extend((field.name.len() as u32).to_le_bytes());
        out.extend(field.name);
        out.push(field.element.code());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(elements: &[Element]) -> Vec<u8> {
        let names: Vec<String> = (0..elements.len()).map(|i| format!("field {i}")).collect();
        let mut bytes = Vec::new();
        encode(&mut bytes, names.iter().zip(elements).map(|(n, &element)| Field { name: n.as_bytes(), element }));
        bytes
    }

    proptest! {
        #[test]
        fn fields_stand_aligned_and_do_not_overlap(codes in proptest::collection::vec(0u64..10, 1..20), rows in 1u64..9) {
            let elements: Vec<Element> = codes.into_iter().filter_map(Element::from_code).collect();
            let bytes = shape(&elements);
            let mut taken = vec![false; (width(&bytes).unwrap() * rows) as usize];
            for (i, &element) in elements.iter().enumerate() {
                let (found, start) = place(&bytes, i).unwrap();
                prop_assert_eq!(found, element);
                prop_assert!((start * rows).is_multiple_of(element.bytes()));
                for byte in &mut taken[(start * rows) as usize..][..(element.bytes() * rows) as usize] {
                    prop_assert!(!std::mem::replace(byte, true), "two fields at one place");
                }
            }
            prop_assert!(taken.iter().all(|t| *t), "a gap");
            prop_assert!(place(&bytes, elements.len()).is_none());
        }
        #[test]
        fn any_bytes_are_a_shape_or_none(bytes in proptest::collection::vec(0u8..12, 0..60)) {
            if width(&bytes).is_some() {
                prop_assert!(place(&bytes, 0).is_some());
            }
        }
    }
}
