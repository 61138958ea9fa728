//! Typed objects as host values: one, or rows of them that are stored field by field.

use super::array::{too_many, zeros};
use super::column::{self, Column};
use super::event::{Sink, Source};
use super::host::Value;
use super::map::Map;
use super::text::Name;
use crate::atom::Snapshot;
use crate::error::{Error, Result};
use crate::layout::element::MOST_ELEMENTS;
use crate::layout::schema::{self, Fields, MOST_FIELDS};
use crate::layout::{Element, Word};
use crate::typed::RecordsView;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The shape of typed objects: names and types of their fields, in an order of their own. Cheap to clone.
#[derive(Clone)]
pub struct Schema(Arc<Shape>);

struct Shape {
    fields: Vec<(Name, Element)>,
    /// As in `layout::schema`.
    bytes: Box<[u8]>,
    /// Where each field's values begin, for one row.
    starts: Vec<u64>,
    width: u64,
}

impl Schema {
    /// Of these fields. An error if there is none, if there are more than 65536, or a name is there twice.
    pub fn new<N: Into<Name>>(fields: impl IntoIterator<Item = (N, Element)>) -> Result<Schema> {
        let fields: Vec<(Name, Element)> = fields.into_iter().map(|(name, element)| (name.into(), element)).collect();
        if fields.is_empty() || fields.len() > MOST_FIELDS {
            return Err(Error::value(format!(
                "a typed object has from 1 to {MOST_FIELDS} fields, not {}",
                fields.len()
            )));
        }
        let mut names = HashSet::with_capacity(fields.len());
        if let Some((twice, _)) = fields.iter().find(|(name, _)| !names.insert(name.as_bytes())) {
            return Err(Error::value(format!("the field {:?} is there twice", Value::Keyword(twice.clone()))));
        }
        let mut bytes = Vec::new();
        let each = fields.iter().map(|(name, element)| schema::Field { name: name.as_bytes(), element: *element });
        schema::encode(&mut bytes, each);
        Ok(Schema::made(fields, bytes))
    }
    /// Of the fields that bytes say, see [`layout::schema`](crate::layout::schema); how many bytes they were.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Schema, usize)> {
        let wrong = || Error::value("bytes that are no shape of typed objects");
        let mut fields = Fields::new(bytes).ok_or_else(wrong)?;
        let mut all = Vec::with_capacity(fields.left());
        while let Some(field) = fields.step() {
            let field = field.ok_or_else(wrong)?;
            all.push((super::Str::from_bytes(field.name).into(), field.element));
        }
        Ok((Schema::new::<Name>(all)?, bytes.len() - fields.rest().len()))
    }
    fn made(fields: Vec<(Name, Element)>, bytes: Vec<u8>) -> Schema {
        let mut by_size: Vec<usize> = (0..fields.len()).collect();
        by_size.sort_by_key(|&i| std::cmp::Reverse(fields[i].1.bytes())); // a stable sort
        let (mut starts, mut width) = (vec![0; fields.len()], 0);
        for i in by_size {
            starts[i] = width;
            width += fields[i].1.bytes();
        }
        Schema(Arc::new(Shape { fields, bytes: bytes.into(), starts, width }))
    }
    /// Names and types.
    pub fn fields(&self) -> &[(Name, Element)] {
        &self.0.fields
    }
    /// As bytes, see [`layout::schema`](crate::layout::schema).
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.bytes
    }
    /// Bytes of one object.
    pub fn width(&self) -> u64 {
        self.0.width
    }
    /// The number of a field.
    pub fn field(&self, name: &[u8]) -> Option<usize> {
        self.0.fields.iter().position(|(its, _)| its.as_bytes() == name)
    }
    fn place(&self, field: usize, rows: u64) -> std::ops::Range<usize> {
        let start = self.0.starts[field] * rows;
        start as usize..(start + self.0.fields[field].1.bytes() * rows) as usize
    }
}

impl PartialEq for Schema {
    /// The same fields of the same types, in any order.
    fn eq(&self, other: &Schema) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.bytes == other.0.bytes
            || self.fields().len() == other.fields().len()
                && self.fields().iter().all(|f| other.field(f.0.as_bytes()).is_some_and(|i| other.fields()[i].1 == f.1))
    }
}
impl Eq for Schema {}

/// A typed object, or an array of objects of one shape. Cloning costs the same for any size.
///
/// Like an [`Array`](super::Array) it is bytes of this process until it is stored, and a view of what is shared and changed in
/// place afterwards; it is equal to another by its fields and their values; it is no key.
#[derive(Clone)]
pub struct Records(Arc<Inner>);

struct Inner {
    schema: Schema,
    one: bool,
    rows: u64,
    data: Data,
}

enum Data {
    /// As it is stored.
    Own(Vec<u8>),
    Stored(Snapshot, Word),
}

impl Records {
    fn own(schema: Schema, one: bool, rows: u64, bytes: Vec<u8>) -> Records {
        Records(Arc::new(Inner { schema, one, rows, data: Data::Own(bytes) }))
    }
    /// One object, all fields zero.
    pub fn object(schema: &Schema) -> Records {
        Records::own(schema.clone(), true, 1, vec![0; schema.0.width as usize])
    }
    /// An array of `rows` objects, all fields zero. An error above [`MOST_ELEMENTS`], and where there is no memory for them.
    pub fn array(schema: &Schema, rows: u64) -> Result<Records> {
        if rows > MOST_ELEMENTS {
            return Err(too_many(rows));
        }
        let bytes = zeros(schema.0.width.saturating_mul(rows))?;
        Ok(Records::own(schema.clone(), false, rows, bytes))
    }
    /// From packed values: field after field in the order of the shape, row by row in each.
    pub fn from_columns(schema: &Schema, one: bool, rows: u64, packed: &[u8]) -> Result<Records> {
        let wanted = schema.0.width.saturating_mul(rows);
        if rows > MOST_ELEMENTS || one && rows != 1 || wanted != packed.len() as u64 {
            let bytes = packed.len();
            return Err(Error::value(format!(
                "{rows} objects of {} bytes each do not come from {bytes}",
                schema.0.width
            )));
        }
        let mut bytes = vec![0; packed.len()];
        let mut packed = packed;
        for field in 0..schema.fields().len() {
            let place = &mut bytes[schema.place(field, rows)];
            let (column, rest) = packed.split_at(place.len());
            place.copy_from_slice(column);
            packed = rest;
        }
        Ok(Records::own(schema.clone(), one, rows, bytes))
    }
    pub(crate) fn stored(snapshot: &Snapshot, view: RecordsView<'_>) -> Result<Records> {
        let wrong = || Error::Corrupt { offset: view.word().0, what: "typed objects of a known shape" };
        let (schema, _) = Schema::from_bytes(view.shape()).map_err(|_| wrong())?;
        let data = Data::Stored(snapshot.clone(), view.word());
        Ok(Records(Arc::new(Inner { schema, one: view.is_one(), rows: view.rows(), data })))
    }
    /// The shape.
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }
    /// Is it one object, not an array of objects?
    pub fn is_one(&self) -> bool {
        self.0.one
    }
    /// How many objects: 1 if it is one.
    pub fn rows(&self) -> u64 {
        self.0.rows
    }
    /// The values of a field in all rows, wherever they are; `None` if there is no such field.
    pub fn column(&self, field: usize) -> Option<Column<'_>> {
        let (_, element) = self.schema().fields().get(field)?;
        match &self.0.data {
            Data::Own(bytes) => Some(Column::Own(*element, &bytes[self.schema().place(field, self.rows())])),
            Data::Stored(..) => self.view().and_then(|view| view.column(field).ok()).map(Column::Stored),
        }
    }
    /// The objects where they are stored, to be read and changed in place; `None` if they are not stored.
    pub fn view(&self) -> Option<RecordsView<'_>> {
        match &self.0.data {
            Data::Own(_) => None,
            Data::Stored(snapshot, word) => snapshot.view_of(*word).records().ok().flatten(),
        }
    }
    /// A field of a row; `None` if there is none.
    pub fn get(&self, row: u64, field: &str) -> Option<Value> {
        self.value(row, field.as_bytes())
    }
    /// The same, by a name in WTF-8.
    pub(crate) fn value(&self, row: u64, field: &[u8]) -> Option<Value> {
        self.column(self.schema().field(field)?)?.get(row)
    }
    /// The fields of a row with their values, in the order of the shape; none past the end.
    pub fn values(&self, row: u64) -> impl Iterator<Item = (Name, Value)> {
        let fields = self.schema().fields().iter().enumerate();
        fields.filter_map(move |(i, (name, _))| Some((name.clone(), self.column(i)?.get(row)?)))
    }
    /// A row as a map from keywords to numbers; `None` past the end.
    pub fn row(&self, row: u64) -> Option<Map> {
        (row < self.rows()).then(|| self.values(row).map(|(name, value)| (Value::Keyword(name), value)).collect())
    }
    /// Sets a field of a row of objects that are not stored; clones stay as they are. An error for stored ones (they are changed through
    /// [`view`](Records::view)), for a row or field that is not there, and for a number that the type has no room for.
    pub fn set(&mut self, row: u64, field: &str, to: impl Into<Value>) -> Result<()> {
        let missing = || Error::value(format!("the objects have no field {field:?}"));
        let number = self.schema().field(field.as_bytes()).ok_or_else(missing)?;
        let element = self.schema().fields()[number].1;
        let bits = column::bits(element, &to.into())?;
        let (schema, one, rows) = (self.schema().clone(), self.is_one(), self.rows());
        if let Data::Stored(..) = self.0.data {
            return Err(Error::value("stored objects are changed in place, through their view"));
        }
        if row >= rows {
            return Err(Error::value(format!("row {row} is past the end of {rows}")));
        }
        let start = schema.place(number, rows).start + (row * element.bytes()) as usize;
        match Arc::get_mut(&mut self.0) {
            Some(Inner { data: Data::Own(bytes), .. }) => element.write(&mut bytes[start..], bits),
            _ => {
                let mut bytes = self.own_bytes().to_vec();
                element.write(&mut bytes[start..], bits);
                *self = Records::own(schema, one, rows, bytes);
            }
        }
        Ok(())
    }
    /// Are they equal to stored ones?
    pub(crate) fn equals(&self, stored: RecordsView<'_>) -> Result<bool> {
        let fields = self.schema().fields();
        if self.is_one() != stored.is_one() || self.rows() != stored.rows() || fields.len() != stored.fields() {
            return Ok(false);
        }
        for (i, (name, _)) in fields.iter().enumerate() {
            let Some(theirs) = stored.field(name.as_bytes()) else { return Ok(false) };
            if self.column(i) != Some(Column::Stored(stored.column(theirs)?)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// A copy that is not stored, each value as it is at its moment.
    pub(super) fn to_own(&self) -> Result<Records> {
        let mut packed = Vec::new();
        for field in 0..self.schema().fields().len() {
            packed.extend(self.column(field).map(|column| column.to_bytes()).transpose()?.unwrap_or_default());
        }
        Records::from_columns(self.schema(), self.is_one(), self.rows(), &packed)
    }
    /// Where it is stored.
    pub(crate) fn home(&self) -> Option<(&Snapshot, Word)> {
        match &self.0.data {
            Data::Own(_) => None,
            Data::Stored(snapshot, word) => Some((snapshot, *word)),
        }
    }
    /// The data as it is stored, of objects that are not.
    pub(crate) fn own_bytes(&self) -> &[u8] {
        match &self.0.data {
            Data::Own(bytes) => bytes,
            Data::Stored(..) => &[],
        }
    }
    /// Tells it from others that are not stored.
    pub(crate) fn id(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
}

impl From<Records> for Value {
    fn from(records: Records) -> Value {
        Value::Records(records)
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Records) -> bool {
        if Arc::ptr_eq(&self.0, &other.0) {
            return true;
        }
        let shape = self.is_one() == other.is_one() && self.rows() == other.rows() && self.schema() == other.schema();
        shape
            && self.schema().fields().iter().enumerate().all(|(i, (name, _))| {
                let theirs = other.schema().field(name.as_bytes()).and_then(|j| other.column(j));
                matches!((self.column(i), theirs), (Some(a), Some(b)) if a == b)
            })
    }
}
impl Eq for Records {}

impl Hash for Records {
    /// Not the values: they may change while the objects are somewhere by their hash.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.is_one(), self.rows(), self.schema().fields().len()).hash(state);
    }
}

impl Source for Records {
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        sink.records(self)
    }
}

/// As EDN.
impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Value::Records(self.clone()), f)
    }
}
