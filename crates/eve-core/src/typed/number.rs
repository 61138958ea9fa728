//! Numbers of the types that elements have, and how they go into 64 bits and come out.

use crate::error::{Error, Result};
use crate::layout::Element;
use crate::value::Scalar;

/// A Rust type that elements of one type are read and written as: the integers from 8 to 32 bits, `i64`, `f32`, `f64`.
pub trait Number: Copy + PartialEq + private::Sealed {
    /// The type of the elements.
    const ELEMENT: Element;
    /// As the 64 bits as which it is handed around: see [`Element::extend`].
    fn to_bits(self) -> u64;
    /// From those bits.
    fn from_bits(bits: u64) -> Self;
}

/// The numbers that can be added to and combined bit by bit.
pub trait Integer: Number {}

mod private {
    pub trait Sealed {}
}

macro_rules! integers {
    ($($int:ty: $element:ident),*) => {$(
        impl private::Sealed for $int {}
        impl Number for $int {
            const ELEMENT: Element = Element::$element;
            #[inline]
            fn to_bits(self) -> u64 {
                self as u64
            }
            #[inline]
            fn from_bits(bits: u64) -> $int {
                bits as $int
            }
        }
        impl Integer for $int {}
    )*};
}
integers!(i8: Int8, u8: Uint8, i16: Int16, u16: Uint16, i32: Int32, u32: Uint32, i64: Int64);

impl private::Sealed for f32 {}
impl Number for f32 {
    const ELEMENT: Element = Element::Float32;
    #[inline]
    fn to_bits(self) -> u64 {
        f32::to_bits(self).into()
    }
    #[inline]
    fn from_bits(bits: u64) -> f32 {
        f32::from_bits(bits as u32)
    }
}
impl private::Sealed for f64 {}
impl Number for f64 {
    const ELEMENT: Element = Element::Float64;
    #[inline]
    fn to_bits(self) -> u64 {
        f64::to_bits(self)
    }
    #[inline]
    fn from_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
}

/// May elements of type `of` be read and written as a Rust type that stands for `by`? Clamped bytes are bytes.
pub(crate) fn same(of: Element, by: Element) -> Result<()> {
    if of == by || (of, by) == (Element::Uint8Clamped, Element::Uint8) {
        return Ok(());
    }
    Err(Error::value(format!("the elements are {}, not {}; use the type that they have", of.name(), by.name())))
}

/// An element as a value: an integer or a float.
#[inline]
pub fn scalar_of(element: Element, bits: u64) -> Scalar<'static> {
    match element {
        Element::Float32 => Scalar::Float(f32::from_bits(bits as u32).into()),
        Element::Float64 => Scalar::Float(f64::from_bits(bits)),
        _ => Scalar::Int(bits as i64),
    }
}

/// A value as an element. Integers have to be in range, but for clamped ones, which also take floats and round them (half to even);
/// floats take integers. Anything else is an error.
pub fn bits_of(element: Element, scalar: &Scalar<'_>) -> Result<u64> {
    let bits = match (element, scalar) {
        (Element::Uint8Clamped, Scalar::Int(i)) => Some((*i).clamp(0, 255) as u64),
        (Element::Uint8Clamped, Scalar::Float(f)) => Some(f.round_ties_even() as u8 as u64), // the cast keeps to the range
        (Element::Float32, Scalar::Int(i)) => Some(f32::to_bits(*i as f32).into()),
        (Element::Float32, Scalar::Float(f)) => Some(f32::to_bits(*f as f32).into()),
        (Element::Float64, Scalar::Int(i)) => Some(f64::to_bits(*i as f64)),
        (Element::Float64, Scalar::Float(f)) => Some(f64::to_bits(*f)),
        (_, Scalar::Int(i)) => Some(*i as u64).filter(|&bits| element.extend(bits) == bits),
        _ => None,
    };
    bits.ok_or_else(|| Error::value(format!("{} is no {}", crate::value::Value::from(*scalar), element.name())))
}

/// Are two elements of one type equal? As numbers, but that every NaN equals every other.
#[inline]
pub(crate) fn equal(element: Element, a: u64, b: u64) -> bool {
    match element {
        Element::Float32 => {
            let (a, b) = (f32::from_bits(a as u32), f32::from_bits(b as u32));
            a == b || a.is_nan() && b.is_nan()
        }
        Element::Float64 => {
            let (a, b) = (f64::from_bits(a), f64::from_bits(b));
            a == b || a.is_nan() && b.is_nan()
        }
        _ => a == b,
    }
}
