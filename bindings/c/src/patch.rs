//! A patch: a value as bytes, in which collections of snapshots stand for themselves, changed or not. `eve.h` has the table.

use crate::error::usage;
use eve_core::layout::Word;
use eve_core::value::{List, Map, Set, Value};
use eve_core::{Error, Result, Snapshot, deep};

mod code {
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
}

/// The value that a patch says.
pub fn decode(bytes: &[u8]) -> Result<Value> {
    let mut reader = Reader(bytes);
    let value = reader.value()?;
    if reader.0.is_empty() { Ok(value) } else { Err(usage("bytes behind the end of a patch")) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or_else(|| usage("a patch that ends early"))?;
        self.0 = rest;
        Ok(taken)
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }
    fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }
    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }
    fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }
    fn sized(&mut self) -> Result<&'a [u8]> {
        let n = self.u32()?;
        self.take(n as usize)
    }
    /// A number of things that take a byte at least: no more than there are bytes.
    fn count(&mut self) -> Result<usize> {
        let n = self.u32()? as usize;
        if n <= self.0.len() { Ok(n) } else { Err(usage("a patch with a count that it has no room for")) }
    }
    fn values(&mut self) -> Result<Vec<Value>> {
        let n = self.count()?;
        (0..n).map(|_| self.value()).collect()
    }
    fn name(&mut self) -> Result<eve_core::value::Name> {
        Ok(eve_core::value::Str::from_bytes(self.sized()?).into())
    }

    /// A collection of a snapshot.
    fn view(&mut self) -> Result<Value> {
        let (handle, word) = (self.u64()?, self.u64()?);
        // SAFETY: whoever wrote the patch promises (`eve_commit`) that the handles in it are live.
        let snapshot = unsafe { crate::raw::handle(handle as usize as *const Snapshot, "a snapshot in a patch")? };
        snapshot.value_of(Word(word))
    }
    fn map_view(&mut self) -> Result<Map> {
        match self.view()? {
            Value::Map(map) => Ok(map),
            other => Err(not("a map", &other)),
        }
    }

    fn value(&mut self) -> Result<Value> {
        let code = self.byte()?;
        Ok(match code {
            code::NIL => Value::Nil,
            code::FALSE => Value::Bool(false),
            code::TRUE => Value::Bool(true),
            code::INT => Value::Int(self.u64()? as i64),
            code::FLOAT => Value::Float(f64::from_bits(self.u64()?)),
            code::CHAR => Value::Char(self.u32()?),
            code::STR => Value::wtf8(self.sized()?),
            code::KEYWORD => Value::Keyword(self.name()?),
            code::SYMBOL => Value::Symbol(self.name()?),
            code::BIG_INT => Value::big_int(self.sized()?),
            code::DECIMAL => {
                let scale = i32::from_le_bytes(self.array()?);
                Value::decimal(scale, self.sized()?)
            }
            code::RATIO => {
                let numerator = self.sized()?;
                Value::ratio(numerator, self.sized()?)
            }
            code::UUID => Value::Uuid(self.array()?),
            code::INSTANT => {
                let seconds = self.u64()? as i64;
                match self.u32()? {
                    nanos @ 0..1_000_000_000 => Value::Instant { seconds, nanos },
                    _ => return Err(usage("an instant with a whole second of nanoseconds")),
                }
            }
            code::BYTES => Value::Bytes(self.sized()?.into()),
            _ => return deep(|| self.collection(code)),
        })
    }

    fn collection(&mut self, code: u8) -> Result<Value> {
        Ok(match code {
            code::MAP => {
                let n = self.count()?;
                let entries = (0..n).map(|_| Ok((self.value()?, self.value()?)));
                Value::Map(entries.collect::<Result<Vec<_>>>()?.into_iter().collect())
            }
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
                let mut map = self.map_view()?;
                for _ in 0..self.count()? {
                    let key = self.value()?;
                    map = if self.byte()? == 0 { map.dissoc(&key) } else { map.assoc(key, self.value()?) };
                }
                Value::Map(map)
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
                    vector = vector.assoc(index, self.value()?)?;
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
            other => return Err(usage(&format!("a patch with the unknown code {other}"))),
        })
    }
}

fn not(wanted: &str, found: &Value) -> Error {
    usage(&format!("a patch that changes {} as {wanted}", found.kind()))
}
