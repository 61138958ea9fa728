//! Sums of integers of any size and of floats.

use crate::failure::{Failure, Result};
use eve::{Error, Value};
use num_bigint::BigInt;

enum Number {
    Integer(BigInt),
    Float(f64),
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Nil => Some(Number::Integer(BigInt::ZERO)),
        Value::Int(i) => Some(Number::Integer((*i).into())),
        Value::BigInt(bytes) => Some(Number::Integer(BigInt::from_signed_bytes_le(bytes))),
        Value::Float(f) => Some(Number::Float(*f)),
        _ => None,
    }
}

/// The nearest float, infinite if there is none.
fn float(n: Number) -> f64 {
    match n {
        Number::Float(f) => f,
        // Its digits always parse, to the nearest float.
        Number::Integer(i) => i.to_string().parse().unwrap_or(f64::NAN),
    }
}

/// An operand that is a number that can be added.
pub fn checked(operand: &Value) -> Result<Value> {
    match number(operand) {
        Some(_) if !operand.is_nil() => Ok(operand.clone()),
        _ => Err(Failure::new(format!("{operand} cannot be added or subtracted, only an integer or a float"))),
    }
}

/// The sum; `nil` counts as 0.
pub fn add(a: &Value, b: &Value) -> eve::Result<Value> {
    sum(a, b, "add to", i64::checked_add, |a, b| a + b, |a, b| a + b)
}

/// The difference; `nil` counts as 0.
pub fn subtract(a: &Value, b: &Value) -> eve::Result<Value> {
    sum(a, b, "subtract from", i64::checked_sub, |a, b| a - b, |a, b| a - b)
}

#[inline]
fn sum(
    a: &Value,
    b: &Value,
    what: &str,
    small: impl Fn(i64, i64) -> Option<i64>,
    big: impl Fn(BigInt, BigInt) -> BigInt,
    floats: impl Fn(f64, f64) -> f64,
) -> eve::Result<Value> {
    if let (Value::Int(a), Value::Int(b)) = (a, b)
        && let Some(sum) = small(*a, *b)
    {
        return Ok(Value::Int(sum));
    }
    match (number(a), number(b)) {
        (Some(Number::Integer(a)), Some(Number::Integer(b))) => Ok(Value::big_int(&big(a, b).to_signed_bytes_le())),
        (Some(a), Some(b)) => Ok(Value::Float(floats(float(a), float(b)))),
        (None, _) => Err(Error::value(format!("cannot {what} {}, only integers and floats", a.kind()))),
        (_, None) => Err(Error::value(format!("cannot {what} something {}, only integers and floats", b.kind()))),
    }
}
