//! From values to Rust.

use crate::deep;
use crate::value::{Value, number};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::Failed;

type Result<T> = std::result::Result<T, Failed>;

/// Reads a value.
pub(crate) struct Deserializer(pub(crate) Value);

impl Deserializer {
    fn wrong<T>(&self, visitor: &dyn de::Expected) -> Result<T> {
        Err(Failed::new(format!("expected {visitor}, found {}", self.0.kind())))
    }
    fn entries<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value> {
        let row = match &self.0 {
            Value::Records(records) if records.is_one() => records.row(0),
            _ => None,
        };
        let map = match (&self.0, &row) {
            (Value::Map(map), _) | (_, Some(map)) => map,
            _ => return self.wrong(&visitor),
        };
        deep(|| visitor.visit_map(Entries { entries: map.iter(), value: None }))
    }
    fn elements<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value> {
        let len = match &self.0 {
            Value::Vector(v) => v.len(),
            Value::List(l) => l.len(),
            Value::Set(s) => s.len()?,
            Value::Array(a) => a.len(),
            Value::Records(records) if !records.is_one() => records.rows(),
            // Bytes are a sequence too for whoever wants one.
            Value::Bytes(bytes) => return visitor.visit_seq(de::value::SeqDeserializer::new(bytes.iter().copied())),
            _ => return self.wrong(&visitor),
        };
        let mut elements = Elements { elements: self.0.elements()?, at: 0, len };
        let value = deep(|| visitor.visit_seq(&mut elements))?;
        if elements.at < len {
            return Err(Failed::new(format!("expected {} elements, found {len}", elements.at)));
        }
        Ok(value)
    }
}

impl<'de> de::Deserializer<'de> for Deserializer {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.0 {
            Value::Nil => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Int(i) => visitor.visit_i64(*i),
            Value::BigInt(bytes) => match number::to_i128(bytes) {
                Some(i) => match u64::try_from(i) {
                    Ok(i) => visitor.visit_u64(i),
                    Err(_) => visitor.visit_i128(i),
                },
                None => match unsigned(bytes) {
                    Some(i) => visitor.visit_u128(i),
                    None => Err(Failed::new(format!(
                        "expected {}, found an integer of more than 128 bits",
                        &visitor as &dyn de::Expected
                    ))),
                },
            },
            Value::Float(f) => visitor.visit_f64(*f),
            Value::Char(c) => match char::from_u32(*c) {
                Some(c) => visitor.visit_char(c),
                None => Err(Failed::new("a lone surrogate is no Rust character")),
            },
            Value::Str(s) => match s.as_str() {
                Some(s) => visitor.visit_str(s),
                None => Err(Failed::new("the string holds a lone surrogate: it is no Rust string")),
            },
            Value::Keyword(name) | Value::Symbol(name) => visitor.visit_str(&name.to_string_lossy()),
            Value::Bytes(bytes) => visitor.visit_bytes(bytes),
            Value::Uuid(bytes) => visitor.visit_bytes(bytes),
            Value::Decimal { .. } | Value::Ratio(_) | Value::Instant { .. } => {
                visitor.visit_string(format!("{:?}", self.0).trim_start_matches("#inst ").trim_matches('"').to_owned())
            }
            Value::Map(_) => self.entries(visitor),
            Value::Vector(_) | Value::List(_) | Value::Set(_) | Value::Array(_) => self.elements(visitor),
            Value::Records(records) if records.is_one() => self.entries(visitor),
            Value::Records(_) => self.elements(visitor),
            Value::Tagged(tagged) => deep(|| Deserializer(tagged.value().clone()).deserialize_any(visitor)),
        }
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.0.is_nil() { visitor.visit_none() } else { deep(|| visitor.visit_some(self)) }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        deep(|| visitor.visit_newtype_struct(self))
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let (variant, content) = match &self.0 {
            Value::Keyword(_) | Value::Str(_) | Value::Symbol(_) => (self.0.clone(), None),
            Value::Map(map) if map.len()? == 1 => match map.iter().next() {
                Some(entry) => entry.map(|(variant, content)| (variant, Some(content)))?,
                None => return self.wrong(&visitor),
            },
            _ => {
                return Err(Failed::new(format!(
                    "expected a variant's name, or a map of one variant, found {}",
                    self.0.kind()
                )));
            }
        };
        visitor.visit_enum(Variant { variant, content })
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.elements(visitor)
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        if let Value::Uuid(bytes) = &self.0 {
            return visitor.visit_seq(de::value::SeqDeserializer::new(bytes.iter().copied()));
        }
        self.elements(visitor)
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.elements(visitor)
    }
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.entries(visitor)
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.entries(visitor)
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct identifier
    }
}

fn unsigned(bytes: &[u8]) -> Option<u128> {
    let bytes = number::trim(bytes);
    let mut all = [0; 16];
    match bytes {
        [low @ .., 0] if low.len() == 16 => all.copy_from_slice(low),
        _ => return None,
    }
    Some(u128::from_le_bytes(all))
}

struct Elements<'a> {
    elements: crate::value::base::Elements<'a>,
    at: u64,
    len: u64,
}

impl<'de> de::SeqAccess<'de> for &mut Elements<'_> {
    type Error = Failed;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(element) = self.elements.next() else { return Ok(None) };
        let at = self.at;
        self.at += 1;
        deep(|| seed.deserialize(Deserializer(element?))).map(Some).map_err(|failed| failed.under(at))
    }
    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.len - self.at).ok()
    }
}

struct Entries<'a> {
    entries: crate::value::base::Entries<'a>,
    value: Option<(Value, Value)>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Failed;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        let (key, value) = entry?;
        self.value = Some((key.clone(), value));
        deep(|| seed.deserialize(Deserializer(key))).map(Some)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let (key, value) =
            self.value.take().ok_or_else(|| Failed::new("a map's value was asked for before its key"))?;
        deep(|| seed.deserialize(Deserializer(value))).map_err(|failed| failed.under(key))
    }
}

struct Variant {
    variant: Value,
    content: Option<Value>,
}

struct Content {
    variant: Value,
    content: Option<Value>,
}

impl<'de> de::EnumAccess<'de> for Variant {
    type Error = Failed;
    type Variant = Content;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content)> {
        let name = match &self.variant {
            Value::Keyword(name) | Value::Symbol(name) => name.to_string_lossy().into_owned(),
            Value::Str(name) => name.to_string_lossy().into_owned(),
            other => return Err(Failed::new(format!("expected a variant's name, found {}", other.kind()))),
        };
        let value = seed.deserialize(IntoDeserializer::<Failed>::into_deserializer(name))?;
        Ok((value, Content { variant: self.variant, content: self.content }))
    }
}

impl Content {
    fn get(self) -> Result<(Value, Deserializer)> {
        match self.content {
            Some(content) => Ok((self.variant, Deserializer(content))),
            None => Err(Failed::new(format!("the variant {:?} wants a content: a map of one entry", self.variant))),
        }
    }
}

impl<'de> de::VariantAccess<'de> for Content {
    type Error = Failed;
    fn unit_variant(self) -> Result<()> {
        match self.content {
            None | Some(Value::Nil) => Ok(()),
            Some(_) => Err(Failed::new(format!("the variant {:?} has no content", self.variant))),
        }
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        let (variant, content) = self.get()?;
        deep(|| seed.deserialize(content)).map_err(|failed| failed.under(variant))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        let (variant, content) = self.get()?;
        content.elements(visitor).map_err(|failed| failed.under(variant))
    }
    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        let (variant, content) = self.get()?;
        content.entries(visitor).map_err(|failed| failed.under(variant))
    }
}
