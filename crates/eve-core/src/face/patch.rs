//! A patch: a value as bytes, in which collections of snapshots stand for themselves, changed or not. All numbers are
//! little-endian. A *text* is its length in bytes (4 bytes) and WTF-8; a *count* has 4 bytes.
//!
//! | code | what follows |
//! | --- | --- |
//! | nil, false, true | nothing |
//! | int | 8 bytes, signed |
//! | float | 8 bytes |
//! | char | 4 bytes |
//! | str, keyword, symbol | a text (names without colon) |
//! | big int, bytes | length (4 bytes) and so many bytes; an integer is two's complement |
//! | decimal | scale (4 bytes, signed), then as a big int |
//! | ratio | two big ints, in lowest terms |
//! | uuid | 16 bytes, big-endian |
//! | instant | seconds (8 bytes, signed), nanoseconds (4 bytes) |
//! | map | count, then key and value for each entry |
//! | set, vector, list | count, then the elements |
//! | tagged | a text, then the value |
//! | meta | the metadata (nil takes it away), then the collection |
//! | view | handle of a snapshot (8 bytes), word (8 bytes) |
//! | edit map | view, count, then for each change the key, and 0 (taken out) or 1 and the value |
//! | edit set | view, count, then for each change the element, and 0 (taken out) or 1 |
//! | edit vector | view, elements kept (8 bytes), count, index (8 bytes) and value for each set anew, count, the elements behind |
//! | edit list | view, count, the elements before it, the first one first |
//! | array | type of the elements (1 byte), count, the elements, packed |
//! | records | 0 one object or 1 an array of them (1 byte), a shape ([`schema`](crate::layout::schema)), number of rows (4 bytes), field after field: its values, packed |
//! | str utf-16 | number of units (4 bytes), then 2 bytes each |
//! | sorted map, int map | as a map, the entries in any order; the keys of an int map are ints |
//! | sorted set | as a set, the elements in any order |
//!
//! In an edit that is the new value of an entry of an edited map, or of an element of an edited vector, the handle of the view may be
//! [`IN_PLACE`]: then it changes what lies there now, and the word says nothing. So a face that holds no snapshot of the newest version
//! can go on changing it.
//!
//! Maps and sets are changed by the same codes whatever their order.

use crate::error::{Error, Result};
use crate::layout::{Element, Word};
use crate::value::{Array, Column, List, Map, Name, Order, Records, Scalar, Schema, Set, Str, Text, Value, number};
use crate::{Snapshot, deep};

/// Stands for the handle of a snapshot: see above.
pub const IN_PLACE: u64 = u64::MAX;

/// The codes, by the names of the table above.
#[allow(missing_docs)]
pub mod code {
    pub const NIL: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const INT: u8 = 3;
    pub const FLOAT: u8 = 4;
    pub const CHAR: u8 = 5;
    pub const STR: u8 = 6;
    pub const KEYWORD: u8 = 7;
    pub const SYMBOL: u8 = 8;
    pub const BIG_INT: u8 = 9;
    pub const DECIMAL: u8 = 10;
    pub const RATIO: u8 = 11;
    pub const UUID: u8 = 12;
    pub const INSTANT: u8 = 13;
    pub const BYTES: u8 = 14;
    pub const MAP: u8 = 15;
    pub const SET: u8 = 16;
    pub const VECTOR: u8 = 17;
    pub const LIST: u8 = 18;
    pub const TAGGED: u8 = 19;
    pub const META: u8 = 20;
    pub const VIEW: u8 = 21;
    pub const EDIT_MAP: u8 = 22;
    pub const EDIT_SET: u8 = 23;
    pub const EDIT_VECTOR: u8 = 24;
    pub const EDIT_LIST: u8 = 25;
    pub const STR_UTF16: u8 = 26;
    pub const SORTED_MAP: u8 = 27;
    pub const SORTED_SET: u8 = 28;
    pub const INT_MAP: u8 = 29;
    pub const ARRAY: u8 = 30;
    pub const RECORDS: u8 = 31;
}

/// Where the handles of snapshots in a patch lead.
pub trait Handles {
    /// The value of a word of the snapshot with this handle.
    fn value_of(&self, handle: u64, word: Word) -> Result<Value>;
}

/// From each handle to its snapshot.
impl<F: Fn(u64) -> Result<Snapshot>> Handles for F {
    fn value_of(&self, handle: u64, word: Word) -> Result<Value> {
        self(handle)?.value_of(word)
    }
}

/// The value that a patch says. Bad bytes are an error, whatever they are.
pub fn decode(bytes: &[u8], handles: &impl Handles) -> Result<Value> {
    let mut reader = Reader::new(bytes, handles);
    let value = reader.value()?;
    if reader.bytes.is_empty() { Ok(value) } else { Err(bad("bytes behind the end")) }
}

/// Appends a typed array.
pub fn put_array(out: &mut Vec<u8>, column: &Column<'_>) -> Result<()> {
    out.extend([code::ARRAY, column.element().code()]);
    out.extend((column.len() as u32).to_le_bytes());
    out.extend(column.to_bytes()?);
    Ok(())
}

/// Appends typed objects.
pub fn put_records(out: &mut Vec<u8>, records: &Records) -> Result<()> {
    let schema = records.schema();
    out.extend([code::RECORDS, u8::from(!records.is_one())]);
    out.extend(schema.as_bytes());
    out.extend((records.rows() as u32).to_le_bytes());
    for column in (0..schema.fields().len()).filter_map(|field| records.column(field)) {
        out.extend(column.to_bytes()?);
    }
    Ok(())
}

/// Reads values one after another.
pub struct Reader<'a, 'h, H> {
    bytes: &'a [u8],
    handles: &'h H,
    /// What lies where the value is going to be that is read next.
    there: Option<Value>,
}

impl<'a, 'h, H: Handles> Reader<'a, 'h, H> {
    /// Over these bytes.
    pub fn new(bytes: &'a [u8], handles: &'h H) -> Self {
        Reader { bytes, handles, there: None }
    }
    /// The bytes that were not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(n).ok_or_else(|| bad("it ends early"))?;
        self.bytes = rest;
        Ok(taken)
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }
    pub(super) fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }
    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }
    pub(super) fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }
    fn sized(&mut self) -> Result<&'a [u8]> {
        let n = self.u32()?;
        self.take(n as usize)
    }
    /// A number of things that take a byte at least: no more than there are bytes.
    pub(super) fn count(&mut self) -> Result<usize> {
        let n = self.u32()? as usize;
        if n <= self.bytes.len() { Ok(n) } else { Err(bad("a count that it has no room for")) }
    }
    fn values(&mut self) -> Result<Vec<Value>> {
        let n = self.count()?;
        (0..n).map(|_| self.value()).collect()
    }
    fn name(&mut self) -> Result<Name> {
        Ok(Str::from_bytes(self.sized()?).into())
    }

    /// A collection of a snapshot.
    fn view(&mut self) -> Result<Value> {
        let (handle, word) = (self.u64()?, self.u64()?);
        if handle == IN_PLACE {
            return self.there.take().ok_or_else(|| bad("a change of what lies in no place"));
        }
        self.handles.value_of(handle, Word(word))
    }
    /// The next value, which is going to be where `there` gives what lies there now.
    fn value_at(&mut self, there: impl FnOnce() -> Result<Option<Value>>) -> Result<Value> {
        let in_place = match self.bytes {
            [code::EDIT_MAP..=code::EDIT_LIST, rest @ ..] => rest.starts_with(&IN_PLACE.to_le_bytes()),
            _ => false,
        };
        self.there = if in_place { there()? } else { None };
        self.value()
    }
    fn map(&mut self) -> Result<Map> {
        let n = self.count()?;
        let entries = (0..n).map(|_| Ok((self.value()?, self.value()?)));
        Ok(entries.collect::<Result<Vec<_>>>()?.into_iter().collect())
    }
    fn map_view(&mut self) -> Result<Map> {
        match self.view()? {
            Value::Map(map) => Ok(map),
            other => Err(not("a map", &other)),
        }
    }

    /// Reads the next value to where it is wanted, if it is a scalar; if not, the reader is of no use any more. (Text in UTF-16 has to be rewritten first,
    /// so it is none.) Written in place, since a scalar that is copied right after it was made waits for its parts to leave the store buffer.
    #[inline(always)]
    pub fn scalar_to<T>(&mut self, to: &mut T, wrap: impl Fn(Scalar<'a>) -> T) -> Result<bool> {
        match self.byte()? {
            code::INT => *to = wrap(Scalar::Int(self.u64()? as i64)),
            code::STR => *to = wrap(Scalar::Str(Text::Borrowed(self.sized()?))),
            code::KEYWORD => *to = wrap(Scalar::Keyword(Text::Borrowed(self.sized()?))),
            other => match self.scalar_of(other)? {
                Some(scalar) => *to = wrap(scalar),
                None => return Ok(false),
            },
        }
        Ok(true)
    }
    /// The scalar that begins with this code.
    fn scalar_of(&mut self, code: u8) -> Result<Option<Scalar<'a>>> {
        Ok(Some(match code {
            code::NIL => Scalar::Nil,
            code::FALSE => Scalar::Bool(false),
            code::TRUE => Scalar::Bool(true),
            code::INT => Scalar::Int(self.u64()? as i64),
            code::FLOAT => Scalar::Float(f64::from_bits(self.u64()?)),
            code::CHAR => Scalar::Char(self.u32()?),
            code::STR => Scalar::Str(Text::Borrowed(self.sized()?)),
            code::KEYWORD => Scalar::Keyword(Text::Borrowed(self.sized()?)),
            code::SYMBOL => Scalar::Symbol(Text::Borrowed(self.sized()?)),
            code::BIG_INT => {
                let bytes = self.sized()?;
                number::to_i64(bytes).map_or_else(|| Scalar::BigInt(number::trim(bytes)), Scalar::Int)
            }
            code::DECIMAL => {
                let scale = i32::from_le_bytes(self.array()?);
                Scalar::Decimal { scale, unscaled: number::trim(self.sized()?) }
            }
            code::RATIO => {
                let numerator = number::trim(self.sized()?);
                let denominator = number::trim(self.sized()?);
                if number::is_negative(denominator) || denominator == [0] {
                    return Err(bad("a ratio whose denominator is not above 0")); // its text could not be read again
                }
                Scalar::Ratio { numerator, denominator }
            }
            code::UUID => Scalar::Uuid(self.array()?),
            code::INSTANT => {
                let seconds = self.u64()? as i64;
                match self.u32()? {
                    nanos @ 0..1_000_000_000 => Scalar::Instant { seconds, nanos },
                    _ => return Err(bad("an instant with a whole second of nanoseconds")),
                }
            }
            code::BYTES => Scalar::Bytes(self.sized()?),
            _ => return Ok(None),
        }))
    }

    /// The next value.
    pub fn value(&mut self) -> Result<Value> {
        let code = self.byte()?;
        if let Some(scalar) = self.scalar_of(code)? {
            return Ok(scalar.into());
        }
        Ok(match code {
            code::STR_UTF16 => {
                let units = self.u32()? as usize * 2;
                let units = self.take(units)?.chunks_exact(2).map(|u| u16::from_le_bytes([u[0], u[1]]));
                Value::Str(Str::from_utf16(&units.collect::<Vec<u16>>()))
            }
            code::ARRAY => {
                let element =
                    Element::from_code(self.byte()?.into()).ok_or_else(|| bad("an unknown type of elements"))?;
                let bytes = u64::from(self.u32()?) * element.bytes();
                Value::Array(Array::from_bytes(element, self.take(bytes as usize)?.into())?)
            }
            code::RECORDS => {
                let one = match self.byte()? {
                    0 => true,
                    1 => false,
                    other => return Err(bad(&format!("{other} for one object or many"))),
                };
                let (schema, read) = Schema::from_bytes(self.bytes)?;
                self.take(read)?;
                let rows = u64::from(self.u32()?);
                let bytes = schema.width().saturating_mul(rows);
                let packed = self.take(usize::try_from(bytes).unwrap_or(usize::MAX))?;
                Value::Records(Records::from_columns(&schema, one, rows, packed)?)
            }
            _ => return deep(|| self.collection(code)),
        })
    }

    fn collection(&mut self, code: u8) -> Result<Value> {
        Ok(match code {
            code::MAP => Value::Map(self.map()?),
            code::SORTED_MAP => Value::Map(self.map()?.in_order(Order::Sorted)?),
            code::INT_MAP => Value::Map(self.map()?.in_order(Order::Integer)?),
            code::SORTED_SET => Value::Set(self.values()?.into_iter().collect::<Set>().in_order(Order::Sorted)?),
            code::SET => Value::Set(self.values()?.into_iter().collect::<Set>()),
            code::VECTOR => Value::Vector(self.values()?.into()),
            code::LIST => Value::List(List::from(self.values()?)),
            code::TAGGED => {
                let tag = self.name()?;
                Value::tagged(tag, self.value()?)
            }
            code::META => {
                let meta = self.value()?;
                self.value()?.with_meta(if meta.is_nil() { None } else { Some(meta) })?
            }
            code::VIEW => self.view()?,
            code::EDIT_MAP => {
                let map = self.map_view()?;
                let n = self.count()?;
                Value::Map(map.change(n, |edits| {
                    for _ in 0..n {
                        let key = self.value()?;
                        if self.byte()? == 0 {
                            edits.take_out(key);
                            continue;
                        }
                        edits.check_key(&key)?;
                        let value = self.value_at(|| edits.get(&key))?;
                        edits.put(key, value);
                    }
                    Ok(())
                })?)
            }
            code::EDIT_SET => {
                let mut set = match self.view()? {
                    Value::Set(set) => set,
                    other => return Err(not("a set", &other)),
                };
                for _ in 0..self.count()? {
                    let element = self.value()?;
                    set = if self.byte()? == 0 { set.disj(&element) } else { set.conj(element) };
                }
                Value::Set(set)
            }
            code::EDIT_VECTOR => {
                let vector = match self.view()? {
                    Value::Vector(vector) => vector,
                    other => return Err(not("a vector", &other)),
                };
                let mut vector = vector.truncate(self.u64()?);
                for _ in 0..self.count()? {
                    let index = self.u64()?;
                    let value = self.value_at(|| vector.get(index))?;
                    vector = vector.assoc(index, value)?;
                }
                for _ in 0..self.count()? {
                    vector = vector.push(self.value()?);
                }
                Value::Vector(vector)
            }
            code::EDIT_LIST => {
                let mut list = match self.view()? {
                    Value::List(list) => list,
                    other => return Err(not("a list", &other)),
                };
                for value in self.values()?.into_iter().rev() {
                    list = list.push_front(value);
                }
                Value::List(list)
            }
            other => return Err(bad(&format!("the unknown code {other}"))),
        })
    }
}

fn not(wanted: &str, found: &Value) -> Error {
    bad(&format!("{} is changed as {wanted}", found.kind()))
}

pub(super) fn bad(what: &str) -> Error {
    Error::value(format!("not a patch: {what}; this is a defect of the language binding, please report it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Domain;
    use proptest::prelude::*;

    fn none(_: u64) -> Result<Snapshot> {
        Err(Error::value("no snapshot here"))
    }

    #[test]
    fn changes_are_laid_over_the_view() {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.atom("a", || Ok(Value::map([("kept", 1), ("gone", 2)]))).unwrap();
        let snapshot = atom.load().unwrap();
        let mut patch = vec![code::EDIT_MAP];
        patch.extend(7u64.to_le_bytes());
        patch.extend(snapshot.root_word().0.to_le_bytes());
        patch.extend(2u32.to_le_bytes());
        patch.extend([code::STR, 4, 0, 0, 0]);
        patch.extend(b"gone\0");
        patch.extend([code::STR_UTF16, 1, 0, 0, 0, 0x00, 0xD8, 1, code::TRUE]);
        let handles = |handle| if handle == 7 { Ok(snapshot.clone()) } else { none(handle) };
        let value = decode(&patch, &handles).unwrap();
        let lone = Value::Str(Str::from_utf16(&[0xD800]));
        assert_eq!(value, Value::map([(Value::from("kept"), Value::from(1)), (lone, Value::from(true))]));
        assert!(decode(&patch, &none).is_err());
    }

    #[test]
    fn typed_values_come_through() {
        let array = Array::from(vec![1i16, -2, 300]);
        let schema = Schema::new([("b", Element::Uint8), ("f", Element::Float64)]).unwrap();
        let mut rows = Records::array(&schema, 3).unwrap();
        rows.set(1, "b", 7).unwrap();
        rows.set(2, "f", 0.5).unwrap();
        let mut one = Records::object(&schema);
        one.set(0, "f", -1.5).unwrap();
        let mut patch = vec![code::VECTOR, 3, 0, 0, 0];
        put_array(&mut patch, &array.column()).unwrap();
        put_records(&mut patch, &rows).unwrap();
        put_records(&mut patch, &one).unwrap();
        let value = Value::vector([Value::Array(array), Value::Records(rows), Value::Records(one)]);
        assert_eq!(decode(&patch, &none).unwrap(), value);
        for cut in 0..patch.len() {
            assert!(decode(&patch[..cut], &none).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn what_lies_in_a_place_is_changed_there() {
        let domain = Domain::anonymous().unwrap();
        let inner = Value::map([("a", Value::vector([1, 2])), ("b", Value::from(0))]);
        let atom = domain.atom("a", || Ok(Value::map([("inner", inner)]))).unwrap();
        let snapshot = atom.load().unwrap();
        let edit = |code: u8, handle: u64, word: u64| {
            let mut bytes = vec![code];
            bytes.extend(handle.to_le_bytes());
            bytes.extend(word.to_le_bytes());
            bytes
        };
        let text = |text: &str| [&[code::STR, text.len() as u8, 0, 0, 0], text.as_bytes()].concat();
        let mut patch = edit(code::EDIT_MAP, 7, snapshot.root_word().0);
        patch.extend(1u32.to_le_bytes());
        patch.extend([text("inner"), vec![1]].concat());
        patch.extend(edit(code::EDIT_MAP, IN_PLACE, 0));
        patch.extend(2u32.to_le_bytes());
        patch.extend([text("b"), vec![0], text("a"), vec![1]].concat());
        patch.extend(edit(code::EDIT_VECTOR, IN_PLACE, 0));
        patch.extend([2u64.to_le_bytes().as_slice(), &[0; 4], &1u32.to_le_bytes(), &[code::TRUE]].concat());
        let handles = |handle| if handle == 7 { Ok(snapshot.clone()) } else { none(handle) };
        let value = decode(&patch, &handles).unwrap();
        let vector = Value::vector([Value::from(1), Value::from(2), Value::from(true)]);
        assert_eq!(value, Value::map([("inner", Value::map([("a", vector)]))]));
        // Nothing lies there, or something else.
        let mut nowhere = edit(code::EDIT_MAP, IN_PLACE, 0);
        nowhere.extend(0u32.to_le_bytes());
        assert!(decode(&nowhere, &handles).is_err());
        let at = patch.windows(5).position(|w| w == b"inner").unwrap();
        patch[at] = b'x';
        assert!(decode(&patch, &handles).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_value_or_an_error(bytes in proptest::collection::vec(0u8..32, 0..200)) {
            let _ = decode(&bytes, &none);
        }
    }
}
