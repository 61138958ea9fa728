//! Typed arrays and objects in the model: cells that change in place, in all versions that share them.
//!
//! Who shares with whom is seen by the addresses, and must be what is promised: two places of one atom that held the same block before
//! hold it after, one value at two places becomes one block, and another atom gets a copy.

use super::Plain;
use eve::{Array, Element, Records, Result, Schema, Value, View};
use eve_core::deep;
use eve_core::typed::{ArrayView, Op};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// What the cells are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// An array: one column.
    Array,
    /// An object: one row.
    Object,
    /// An array of objects.
    Objects,
}

/// An array, or objects with a column for each field.
#[derive(Clone, Debug)]
pub struct Cells {
    /// What it is.
    pub form: Form,
    /// Type and numbers, as 64 bits, of each column.
    pub columns: RefCell<Vec<(Element, Vec<u64>)>>,
    /// The atom in which it is stored, and where; none if it is not stored.
    home: Cell<Option<(usize, usize)>>,
}

/// Where a stored array or objects begin.
fn address(view: View<'_>) -> Result<usize> {
    Ok(match (view.array()?, view.records()?) {
        (Some(array), _) => array.address() as usize,
        (_, Some(records)) => records.column(0)?.address() as usize,
        _ => panic!("no array and no objects"),
    })
}

fn field(i: usize) -> String {
    format!("field-{i}")
}

impl Cells {
    /// Zeros, not stored.
    pub fn new(form: Form, elements: &[Element], rows: usize) -> Rc<Cells> {
        let columns = elements.iter().map(|&e| (e, vec![0; rows])).collect();
        Rc::new(Cells { form, columns: RefCell::new(columns), home: Cell::new(None) })
    }

    /// As a host value of its own.
    pub fn to_value(&self) -> Value {
        let columns = self.columns.borrow();
        let bytes_of = |(element, numbers): &(Element, Vec<u64>)| -> Vec<u8> {
            numbers.iter().flat_map(|n| n.to_le_bytes()[..element.bytes() as usize].to_vec()).collect()
        };
        if self.form == Form::Array {
            let array = Array::from_bytes(columns[0].0, bytes_of(&columns[0]));
            return Value::Array(array.expect("whole elements"));
        }
        let schema = Schema::new(columns.iter().enumerate().map(|(i, c)| (field(i), c.0))).expect("few fields");
        let packed: Vec<u8> = columns.iter().flat_map(bytes_of).collect();
        let rows = columns[0].1.len() as u64;
        Value::Records(
            Records::from_columns(&schema, self.form == Form::Object, rows, &packed)
                .expect("as many bytes as it takes"),
        )
    }

    fn column<'a>(&self, view: View<'a>, i: usize) -> Result<ArrayView<'a>> {
        match self.form {
            Form::Array => Ok(view.array()?.expect("an array")),
            form => {
                let records = view.records()?.expect("typed objects");
                assert_eq!(records.is_one(), form == Form::Object);
                records.column(records.field(field(i).as_bytes()).expect("its field"))
            }
        }
    }

    /// Panics unless a stored value has these numbers.
    pub fn check(&self, view: View<'_>) -> Result<()> {
        for (i, (element, numbers)) in self.columns.borrow().iter().enumerate() {
            let column = self.column(view, i)?;
            assert_eq!((column.element(), column.len()), (*element, numbers.len() as u64));
            for (at, number) in (0..).zip(numbers) {
                assert_eq!(column.get(at)?, *number, "element {at} of column {i}");
            }
        }
        Ok(())
    }

    /// Does something to one element, here and where it is stored.
    pub fn update(
        &self,
        view: View<'_>,
        op: Op,
        place: (usize, usize),
        operand: u64,
        expected: Option<u64>,
    ) -> Result<()> {
        let mut columns = self.columns.borrow_mut();
        let column = place.0 % columns.len();
        let stored = self.column(view, column)?;
        let (element, numbers) = &mut columns[column];
        let Some(at) = place.1.checked_rem(numbers.len()) else {
            assert!(stored.update(op, 0, operand, 0).is_err(), "there is no element");
            return Ok(());
        };
        let old = numbers[at];
        let expected = expected.unwrap_or(old);
        let found = stored.update(op, at as u64, operand, expected);
        let calculates = matches!(op, Op::Add | Op::Sub | Op::And | Op::Or | Op::Xor);
        if calculates && matches!(element, Element::Float32 | Element::Float64) {
            assert!(found.is_err(), "floats are not added to");
            return Ok(());
        }
        assert_eq!(found?, old, "what was there");
        let new = match op {
            Op::Load => old,
            Op::Store | Op::Exchange => operand,
            Op::CompareExchange if element.extend(expected) == old => operand,
            Op::CompareExchange => old,
            Op::Add | Op::Sub if *element == Element::Uint8Clamped => {
                let by = i128::from(operand as i64);
                (i128::from(old) + if op == Op::Add { by } else { -by }).clamp(0, 255) as u64
            }
            Op::Add => old.wrapping_add(operand),
            Op::Sub => old.wrapping_sub(operand),
            Op::And => old & operand,
            Op::Or => old | operand,
            Op::Xor => old ^ operand,
        };
        numbers[at] = element.extend(new);
        Ok(())
    }
}

/// All cells of a value, each as often as it is met.
pub fn all<'p>(plain: &'p Plain, found: &mut Vec<&'p Rc<Cells>>) {
    deep(|| match plain {
        Plain::Scalar(_) => {}
        Plain::Cells(cells) => found.push(cells),
        Plain::Map(_, all_of) => all_of.iter().for_each(|(_, v)| all(v, found)),
        Plain::Set(..) => {} // they are no elements of sets
        Plain::Vector(all_of) | Plain::List(all_of) => all_of.iter().for_each(|v| all(v, found)),
    });
}

/// What becomes of the cells of a value that was stored as the new version of an atom.
pub struct Settled<'b> {
    atom: usize,
    /// Those of the version that was replaced.
    before: Vec<&'b Rc<Cells>>,
    /// What each became, by where it was.
    became: HashMap<*const Cells, Rc<Cells>>,
}

impl<'b> Settled<'b> {
    /// Of this atom, over a version.
    pub fn new(atom: usize, old: &'b Plain) -> Settled<'b> {
        let mut before = Vec::new();
        all(old, &mut before);
        Settled { atom, before, became: HashMap::new() }
    }

    /// Goes through the model beside what is stored.
    pub fn settle(&mut self, plain: &mut Plain, view: View<'_>) -> Result<()> {
        deep(|| {
            match plain {
                Plain::Scalar(_) | Plain::Set(..) => {}
                Plain::Cells(cells) => *cells = self.place(cells, address(view)?),
                Plain::Map(_, all) => {
                    for (key, value) in all {
                        self.settle(value, view.get(&key.to_value())?.expect("the model has the key"))?;
                    }
                }
                Plain::Vector(all) | Plain::List(all) => {
                    for (value, stored) in all.iter_mut().zip(view.elements()?) {
                        self.settle(value, stored?)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn place(&mut self, cells: &Rc<Cells>, address: usize) -> Rc<Cells> {
        let here = Some((self.atom, address));
        if let Some(known) = self.became.get(&Rc::as_ptr(cells)) {
            assert_eq!(known.home.get(), here, "one array at two places is one");
            return known.clone();
        }
        let shared = cells.home.get() == here;
        if !shared {
            assert!(!self.before.iter().any(|b| Rc::ptr_eq(b, cells)), "what an atom has is shared in it, not copied");
            // A copy belongs to nobody else.
            let others = self.before.iter().copied().chain(self.became.values());
            assert!(others.clone().all(|other| other.home.get() != here), "a copy is a block of its own");
        }
        let new = match shared {
            true => cells.clone(),
            false => {
                let copy = Cells::clone(cells);
                copy.home.set(here);
                Rc::new(copy)
            }
        };
        self.became.insert(Rc::as_ptr(cells), new.clone());
        new
    }
}
