//! Typed arrays and objects from the form in which text shows them.

use super::array::Array;
use super::column;
use super::host::Value;
use super::records::{Records, Schema};
use super::text::Name;
use crate::error::{Error, Result};
use crate::layout::Element;

/// What a tag of text says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Typed {
    /// `#eve/array [:int32 1 2 3]`
    Array,
    /// `#eve/obj {:x [:int32 1]}`
    Object,
    /// `#eve/obj-array {:x [:int32 1 2 3]}`
    Objects,
}

impl Typed {
    /// From what stands behind the tag; the map of an object comes as a vector of its keys and values by turns.
    pub fn value(self, content: Value) -> Result<Value> {
        let Value::Vector(content) = content else {
            return Err(self.wrong(&format!("{} behind it", content.kind())));
        };
        let all = content.iter().collect::<Result<Vec<Value>>>()?;
        match self {
            Typed::Array => {
                let (element, bytes) = self.numbers(&all)?;
                Ok(Value::Array(Array::from_bytes(element, bytes)?))
            }
            Typed::Object | Typed::Objects => self.records(&all).map(Value::Records),
        }
    }
    fn records(self, all: &[Value]) -> Result<Records> {
        let (mut fields, mut packed, mut rows) = (Vec::<(Name, Element)>::new(), Vec::new(), None);
        for field in all.chunks(2) {
            let [Value::Keyword(name), Value::Vector(column)] = field else {
                return Err(self.wrong("a field that is no keyword with a vector"));
            };
            let (element, bytes) = self.numbers(&column.iter().collect::<Result<Vec<Value>>>()?)?;
            let n = bytes.len() as u64 / element.bytes();
            if *rows.get_or_insert(n) != n {
                return Err(self.wrong("fields of different lengths"));
            }
            fields.push((name.clone(), element));
            packed.extend(bytes);
        }
        let schema = Schema::new(fields)?;
        Records::from_columns(&schema, self == Typed::Object, rows.unwrap_or(0), &packed)
            .map_err(|_| self.wrong("a field without exactly one value"))
    }
    /// A type and its numbers.
    fn numbers(self, all: &[Value]) -> Result<(Element, Vec<u8>)> {
        let element = match all.first() {
            Some(Value::Keyword(name)) => Element::from_name(name.as_bytes()),
            _ => None,
        };
        let Some(element) = element else {
            let names: Vec<String> = Element::ALL.iter().map(|e| format!(":{}", e.name())).collect();
            return Err(self.wrong(&format!("numbers without a type before them, which is one of {}", names.join(" "))));
        };
        let mut bytes = Vec::with_capacity((all.len() - 1) * element.bytes() as usize);
        all[1..].iter().try_for_each(|number| column::push(&mut bytes, element, number))?;
        Ok((element, bytes))
    }
    fn wrong(self, found: &str) -> Error {
        let example = match self {
            Typed::Array => "#eve/array [:int32 1 2 3]",
            Typed::Object => "#eve/obj {:x [:int32 1] :y [:float64 2.5]}",
            Typed::Objects => "#eve/obj-array {:x [:int32 1 2] :y [:float64 2.5 3.5]}",
        };
        Error::value(format!("expected something like {example}, found {found}"))
    }
}
