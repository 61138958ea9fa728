//! Values in host memory: what user code reads, makes and changes before a commit.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::array::Array;
use super::event::{Open, Sink, Source};
use super::list::List;
use super::map::Map;
use super::number;
use super::print::Printer;
use super::records::Records;
use super::scalar::{Scalar, Text};
use super::set::Set;
use super::text::{Name, Str};
use super::vector::Vector;
use crate::deep::deep;
use crate::error::Result;

/// Any value. Cloning costs the same for any size. Collections are values too: changing one leaves its clones as they were. What changes one takes it,
/// as in `v.clone().assoc("b", 2)`: the last owner's changes are made in place.
///
/// Equality is Clojure's `=`: a vector and a list with equal elements are equal, `1` and `1N` are, `1` and `1.0` are not; metadata
/// does not count. Unlike there, every `##NaN` equals every other, so that every value can be a key. Comparing reads all of a collection that lives
/// elsewhere; one that cannot be read (its file is damaged) equals nothing.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// `nil`
    #[default]
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A double.
    Float(f64),
    /// A Unicode scalar or a lone UTF-16 surrogate.
    Char(u32),
    /// A string.
    Str(Str),
    /// `:ns/name`
    Keyword(Name),
    /// `ns/name`
    Symbol(Name),
    /// An integer of more than 64 bits, see [`number`]. Use [`Value::big_int`], which makes an `Int` of one that fits.
    BigInt(Arc<[u8]>),
    /// unscaled · 10^-scale
    Decimal {
        /// Digits behind the point.
        scale: i32,
        /// The digits, as an integer in bytes.
        unscaled: Arc<[u8]>,
    },
    /// A fraction.
    Ratio(Arc<Ratio>),
    /// 16 bytes, big-endian.
    Uuid([u8; 16]),
    /// A point in time.
    Instant {
        /// Seconds since 1970, rounded down.
        seconds: i64,
        /// And so many nanoseconds, below a thousand million.
        nanos: u32,
    },
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A map.
    Map(Map),
    /// A set.
    Set(Set),
    /// A vector.
    Vector(Vector),
    /// A list.
    List(List),
    /// A tagged literal.
    Tagged(Arc<Tagged>),
    /// A typed array, changed in place once it is stored.
    Array(Array),
    /// A typed object or an array of them, likewise.
    Records(Records),
}

/// A fraction in lowest terms, its denominator above 1; both are integers in bytes, see [`number`]. Another one cannot be stored.
#[derive(Clone, Eq, Debug)]
pub struct Ratio {
    /// Above the line; it has the sign.
    pub numerator: Box<[u8]>,
    /// Below the line.
    pub denominator: Box<[u8]>,
}

impl Ratio {
    /// Bytes that say nothing do not count.
    fn parts(&self) -> (&[u8], &[u8]) {
        (number::trim(&self.numerator), number::trim(&self.denominator))
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Ratio) -> bool {
        self.parts() == other.parts()
    }
}

impl Hash for Ratio {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

/// `#tag value`
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tagged {
    tag: Name,
    pub(super) value: Value,
}

impl Tagged {
    /// The tag, without the `#`.
    pub fn tag(&self) -> &Name {
        &self.tag
    }
    /// What is tagged.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// An error for metadata that is no map.
pub(crate) fn check_meta(meta: Option<&Value>) -> Result<()> {
    match meta {
        None | Some(Value::Map(_)) => Ok(()),
        Some(other) => Err(crate::Error::value(format!("metadata is a map, not {}", other.kind()))),
    }
}

impl Value {
    /// A keyword: `ns/name`, without the colon.
    pub fn keyword(name: impl Into<Name>) -> Value {
        Value::Keyword(name.into())
    }
    /// A symbol: `ns/name`.
    pub fn symbol(name: impl Into<Name>) -> Value {
        Value::Symbol(name.into())
    }
    /// A string from WTF-8 bytes.
    pub fn wtf8(bytes: &[u8]) -> Value {
        Value::Str(Str::from_bytes(bytes))
    }
    /// An integer of any size, from two's complement in little-endian bytes.
    pub fn big_int(bytes: &[u8]) -> Value {
        number::to_i64(bytes).map_or_else(|| Value::BigInt(number::trim(bytes).into()), Value::Int)
    }
    /// A decimal: unscaled · 10^-scale, `unscaled` being an integer in bytes.
    pub fn decimal(scale: i32, unscaled: &[u8]) -> Value {
        Value::Decimal { scale, unscaled: number::trim(unscaled).into() }
    }
    /// A fraction that the caller has brought to its lowest terms, with a denominator above 1: another one cannot be stored.
    pub fn ratio(numerator: &[u8], denominator: &[u8]) -> Value {
        let (numerator, denominator) = (number::trim(numerator).into(), number::trim(denominator).into());
        Value::Ratio(Arc::new(Ratio { numerator, denominator }))
    }
    /// A tagged literal; the tag is without its `#`.
    pub fn tagged(tag: impl Into<Name>, value: impl Into<Value>) -> Value {
        Value::Tagged(Arc::new(Tagged { tag: tag.into(), value: value.into() }))
    }
    /// `{}`
    pub fn empty_map() -> Value {
        Value::Map(Map::new())
    }
    /// `#{}`
    pub fn empty_set() -> Value {
        Value::Set(Set::new())
    }
    /// `[]`
    pub fn empty_vector() -> Value {
        Value::Vector(Vector::new())
    }
    /// `()`
    pub fn empty_list() -> Value {
        Value::List(List::new())
    }
    /// Is it `nil`?
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }
    /// What it is called in messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::BigInt(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Char(_) => "a character",
            Value::Str(_) => "a string",
            Value::Keyword(_) => "a keyword",
            Value::Symbol(_) => "a symbol",
            Value::Decimal { .. } => "a decimal",
            Value::Ratio(_) => "a ratio",
            Value::Uuid(_) => "a uuid",
            Value::Instant { .. } => "an instant",
            Value::Bytes(_) => "bytes",
            Value::Map(_) => "a map",
            Value::Set(_) => "a set",
            Value::Vector(_) => "a vector",
            Value::List(_) => "a list",
            Value::Tagged(_) => "a tagged literal",
            Value::Array(_) => "a typed array",
            Value::Records(records) if records.is_one() => "a typed object",
            Value::Records(_) => "an array of typed objects",
        }
    }
    /// As a scalar that borrows from here; `None` for a collection or a tagged literal.
    pub fn as_scalar(&self) -> Option<Scalar<'_>> {
        Some(match self {
            Value::Nil => Scalar::Nil,
            Value::Bool(b) => Scalar::Bool(*b),
            Value::Int(i) => Scalar::Int(*i),
            Value::Float(f) => Scalar::Float(*f),
            Value::Char(c) => Scalar::Char(*c),
            Value::Str(s) => Scalar::Str(Text::Borrowed(s.as_bytes())),
            Value::Keyword(n) => Scalar::Keyword(Text::Borrowed(n.as_bytes())),
            Value::Symbol(n) => Scalar::Symbol(Text::Borrowed(n.as_bytes())),
            Value::BigInt(bytes) => number::to_i64(bytes).map_or(Scalar::BigInt(bytes), Scalar::Int),
            Value::Decimal { scale, unscaled } => Scalar::Decimal { scale: *scale, unscaled },
            Value::Ratio(r) => Scalar::Ratio { numerator: &r.numerator, denominator: &r.denominator },
            Value::Uuid(bytes) => Scalar::Uuid(*bytes),
            Value::Instant { seconds, nanos } => Scalar::Instant { seconds: *seconds, nanos: *nanos },
            Value::Bytes(bytes) => Scalar::Bytes(bytes),
            Value::Map(_) | Value::Set(_) | Value::Vector(_) | Value::List(_) | Value::Tagged(_) => return None,
            Value::Array(_) | Value::Records(_) => return None,
        })
    }
    /// Its metadata.
    pub fn meta(&self) -> Option<Value> {
        match self {
            Value::Map(c) => c.meta(),
            Value::Set(c) => c.meta(),
            Value::Vector(c) => c.meta(),
            Value::List(c) => c.meta(),
            _ => None,
        }
    }
    /// The same; an error if it cannot be read.
    pub(crate) fn read_meta(&self) -> Result<Option<Value>> {
        match self {
            Value::Map(c) => c.read_meta(),
            Value::Set(c) => c.read_meta(),
            Value::Vector(c) => c.read_meta(),
            Value::List(c) => c.read_meta(),
            _ => Ok(None),
        }
    }
    /// The same value with this metadata, or none. Only collections have metadata, and metadata is a map: anything else is an error.
    pub fn with_meta(self, meta: Option<Value>) -> Result<Value> {
        check_meta(meta.as_ref())?;
        Ok(match self {
            Value::Map(c) => Value::Map(c.with_meta(meta)),
            Value::Set(c) => Value::Set(c.with_meta(meta)),
            Value::Vector(c) => Value::Vector(c.with_meta(meta)),
            Value::List(c) => Value::List(c.with_meta(meta)),
            other => {
                return Err(crate::Error::value(format!(
                    "{} cannot have metadata, only collections can",
                    other.kind()
                )));
            }
        })
    }
}

impl From<Scalar<'_>> for Value {
    fn from(scalar: Scalar<'_>) -> Value {
        match scalar {
            Scalar::Nil => Value::Nil,
            Scalar::Bool(b) => Value::Bool(b),
            Scalar::Int(i) => Value::Int(i),
            Scalar::BigInt(bytes) => Value::big_int(bytes),
            Scalar::Float(f) => Value::Float(f),
            Scalar::Decimal { scale, unscaled } => Value::decimal(scale, unscaled),
            Scalar::Ratio { numerator, denominator } => Value::ratio(numerator, denominator),
            Scalar::Char(c) => Value::Char(c),
            Scalar::Str(text) => Value::Str(text.into()),
            Scalar::Keyword(text) => Value::Keyword(Str::from(text).into()),
            Scalar::Symbol(text) => Value::Symbol(Str::from(text).into()),
            Scalar::Uuid(bytes) => Value::Uuid(bytes),
            Scalar::Instant { seconds, nanos } => Value::Instant { seconds, nanos },
            Scalar::Bytes(bytes) => Value::Bytes(bytes.into()),
        }
    }
}

impl Source for Value {
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        match self {
            Value::Array(array) => return array.emit(sink),
            Value::Records(records) => return records.emit(sink),
            _ => {}
        }
        if let Some(scalar) = self.as_scalar() {
            return sink.scalar(scalar);
        }
        deep(|| {
            let meta = self.read_meta()?;
            if let Some(meta) = &meta {
                sink.begin(Open::Meta)?;
                meta.emit(sink)?;
            }
            match self {
                Value::Map(c) => c.emit(sink)?,
                Value::Set(c) => c.emit(sink)?,
                Value::Vector(c) => c.emit(sink)?,
                Value::List(c) => c.emit(sink)?,
                Value::Tagged(t) => {
                    sink.begin(Open::Tag(t.tag.as_bytes()))?;
                    t.value.emit(sink)?;
                    sink.end()?;
                }
                _ => {}
            }
            if meta.is_some() { sink.end() } else { Ok(()) }
        })
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        use Value::*;
        match (self, other) {
            (Int(a), Int(b)) => a == b,
            (Keyword(a), Keyword(b)) | (Symbol(a), Symbol(b)) => a == b,
            (Str(a), Str(b)) => a == b,
            (Nil, Nil) => true,
            (Bool(a), Bool(b)) => a == b,
            (Float(a), Float(b)) => a == b || a.is_nan() && b.is_nan(),
            (Char(a), Char(b)) => a == b,
            (BigInt(a), BigInt(b)) => number::trim(a) == number::trim(b),
            (BigInt(a), Int(b)) | (Int(b), BigInt(a)) => number::to_i64(a) == Some(*b),
            (Decimal { scale: s, unscaled: a }, Decimal { scale: t, unscaled: b }) => {
                s == t && a == b || number::canonical_decimal(*s, a) == number::canonical_decimal(*t, b)
            }
            (Ratio(a), Ratio(b)) => a == b,
            (Uuid(a), Uuid(b)) => a == b,
            (Instant { seconds: a, nanos: n }, Instant { seconds: b, nanos: m }) => (a, n) == (b, m),
            (Bytes(a), Bytes(b)) => a == b,
            (Map(a), Map(b)) => deep(|| a == b),
            (Set(a), Set(b)) => deep(|| a == b),
            (Vector(a), Vector(b)) => deep(|| a == b),
            (List(a), List(b)) => deep(|| a == b),
            (Vector(a), List(b)) | (List(b), Vector(a)) => {
                deep(|| a.len() == b.len() && super::vector::same_elements(a.iter(), b.iter()))
            }
            (Tagged(a), Tagged(b)) => Arc::ptr_eq(a, b) || deep(|| a == b),
            (Array(a), Array(b)) => a == b,
            (Records(a), Records(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

/// On one line, as EDN.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.emit(&mut Printer::flat(f)).map_err(|_| fmt::Error)
    }
}

/// On one line, as EDN. What cannot be read says why.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.emit(&mut Printer::flat(&mut *f)) {
            Ok(()) => Ok(()),
            Err(error) => write!(f, " … ({error})"),
        }
    }
}

const _: () = assert!(size_of::<Value>() == 24 && size_of::<Map>() == 16);
