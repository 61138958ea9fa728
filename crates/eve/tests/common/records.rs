//! Typed objects for property tests, of the texts within the library and of whole values.

use eve_core::layout::Element;
use eve_core::value::{Records, Schema, Str, Value};
use proptest::prelude::*;

/// One object or several, with fields of these names.
pub fn records(names: impl Strategy<Value = Str>) -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map(names, 0u64..10, 1..5);
    (fields, 0u64..4, any::<bool>(), any::<[u8; 96]>()).prop_map(|(fields, rows, one, bytes)| {
        let fields = fields.into_iter().map(|(name, code)| (name, Element::from_code(code).unwrap()));
        let (schema, rows) = (Schema::new(fields).unwrap(), if one { 1 } else { rows });
        let packed = &bytes[..(schema.width() * rows) as usize];
        Value::Records(Records::from_columns(&schema, one, rows, packed).unwrap())
    })
}
