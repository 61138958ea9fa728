//! From Rust to values.

use crate::deep;
use crate::value::{Map, Value};
use serde::ser::{self, Serialize};

use super::Failed;

type Result = std::result::Result<Value, Failed>;

/// Makes a value.
pub(crate) struct Serializer;

/// A sequence under way, and the variant that it is the content of.
pub(crate) struct Elements {
    all: Vec<Value>,
    variant: Option<&'static str>,
}

/// A map or struct under way.
pub(crate) struct Entries {
    map: Map,
    key: Option<Value>,
    variant: Option<&'static str>,
}

fn make<T: Serialize + ?Sized>(value: &T) -> Result {
    deep(|| value.serialize(Serializer))
}

fn variant_of(variant: Option<&'static str>, content: Value) -> Value {
    match variant {
        Some(name) => Value::Map(Map::new().assoc(Value::keyword(name), content)),
        None => content,
    }
}

impl Elements {
    fn new(len: Option<usize>, variant: Option<&'static str>) -> Elements {
        // The length may come from anywhere: room is made for what is likely.
        Elements { all: Vec::with_capacity(len.unwrap_or(0).min(4096)), variant }
    }
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> std::result::Result<(), Failed> {
        let value = make(value).map_err(|failed| failed.under(self.all.len()))?;
        self.all.push(value);
        Ok(())
    }
    fn finish(self) -> Result {
        Ok(variant_of(self.variant, Value::vector(self.all)))
    }
}

impl Entries {
    fn new(variant: Option<&'static str>) -> Entries {
        Entries { map: Map::new(), key: None, variant }
    }
    fn add<T: Serialize + ?Sized>(&mut self, key: Value, value: &T) -> std::result::Result<(), Failed> {
        let value = make(value).map_err(|failed| failed.under(&key))?;
        self.map = std::mem::take(&mut self.map).assoc(key, value);
        Ok(())
    }
    fn finish(self) -> Result {
        Ok(variant_of(self.variant, Value::Map(self.map)))
    }
}

macro_rules! scalars {
    ($($name:ident: $type:ty),* $(,)?) => {
        $(fn $name(self, value: $type) -> Result {
            Ok(value.into())
        })*
    };
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = Failed;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = Elements;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    scalars! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_f32: f32, serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
    }
    fn serialize_u8(self, value: u8) -> Result {
        Ok(Value::Int(value.into()))
    }
    fn serialize_none(self) -> Result {
        Ok(Value::Nil)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        make(value)
    }
    fn serialize_unit(self) -> Result {
        Ok(Value::Nil)
    }
    fn serialize_unit_struct(self, _name: &'static str) -> Result {
        Ok(Value::Nil)
    }
    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result {
        Ok(Value::keyword(variant))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result {
        make(value)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        let content = make(value).map_err(|failed| failed.under(Value::keyword(variant)))?;
        Ok(variant_of(Some(variant), content))
    }
    fn serialize_seq(self, len: Option<usize>) -> std::result::Result<Elements, Failed> {
        Ok(Elements::new(len, None))
    }
    fn serialize_tuple(self, len: usize) -> std::result::Result<Elements, Failed> {
        Ok(Elements::new(Some(len), None))
    }
    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> std::result::Result<Elements, Failed> {
        Ok(Elements::new(Some(len), None))
    }
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> std::result::Result<Elements, Failed> {
        Ok(Elements::new(Some(len), Some(variant)))
    }
    fn serialize_map(self, _len: Option<usize>) -> std::result::Result<Entries, Failed> {
        Ok(Entries::new(None))
    }
    fn serialize_struct(self, _name: &'static str, _len: usize) -> std::result::Result<Entries, Failed> {
        Ok(Entries::new(None))
    }
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> std::result::Result<Entries, Failed> {
        Ok(Entries::new(Some(variant)))
    }
}

macro_rules! elements {
    ($($trait:ident: $method:ident),*) => {
        $(impl ser::$trait for Elements {
            type Ok = Value;
            type Error = Failed;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> std::result::Result<(), Failed> {
                self.add(value)
            }
            fn end(self) -> Result {
                self.finish()
            }
        })*
    };
}

elements! {
    SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
}

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Entries {
            type Ok = Value;
            type Error = Failed;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> std::result::Result<(), Failed> {
                self.add(Value::keyword(key), value)
            }
            fn end(self) -> Result {
                self.finish()
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = Failed;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> std::result::Result<(), Failed> {
        self.key = Some(make(key)?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> std::result::Result<(), Failed> {
        let key = self.key.take().ok_or_else(|| Failed::new("a map's value came before its key"))?;
        self.add(key, value)
    }
    fn end(self) -> Result {
        self.finish()
    }
}
