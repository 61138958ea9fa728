//! Values as a stream of events: what a parser sends, what a printer takes, and what builds host values. So one parser
//! serves every kind of value, and one printer prints whatever can tell its events, be it in host memory or in the arena.
//!
//! A value is one [`Sink::scalar`], or [`Sink::begin`], values, [`Sink::end`]:
//!
//! | opened | values up to the end |
//! | --- | --- |
//! | [`Open::Map`], [`Open::SortedMap`], [`Open::IntMap`] | key, value, key, value, … |
//! | [`Open::Set`], [`Open::SortedSet`], [`Open::Vector`], [`Open::List`] | the elements |
//! | [`Open::Tag`] | one |
//! | [`Open::Meta`] | the metadata, then the value that has it |
//! | [`Open::Array`] | a vector: the type as a keyword, then the elements |
//! | [`Open::Object`], [`Open::Objects`] | a map from each field to such a vector |
//!
//! Typed arrays and objects come as one call of [`Sink::array`] or [`Sink::records`]; a sink that does not know these gets the events.

use super::column::Column;
use super::order::Order;
use super::records::Records;
use super::scalar::{Scalar, Text};
use crate::error::Result;

/// What begins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Open<'a> {
    /// `{`
    Map,
    /// `#{`
    Set,
    /// `[`
    Vector,
    /// `(`
    List,
    /// `#tag`, with the tag's WTF-8 text.
    Tag(&'a [u8]),
    /// `^`
    Meta,
    /// `#eve/array`
    Array,
    /// `#eve/obj`
    Object,
    /// `#eve/obj-array`
    Objects,
    /// `#eve/sorted-map {`
    SortedMap,
    /// `#eve/sorted-set #{`
    SortedSet,
    /// `#eve/int-map {`
    IntMap,
}

impl Open<'_> {
    /// A map of this order.
    pub fn map(order: Order) -> Self {
        match order {
            Order::Hash => Open::Map,
            Order::Sorted => Open::SortedMap,
            Order::Integer => Open::IntMap,
        }
    }
    /// A set of this order.
    pub fn set(order: Order) -> Self {
        if order == Order::Hash { Open::Set } else { Open::SortedSet }
    }
}

/// Takes a value event by event.
pub trait Sink {
    /// A value that is no collection.
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()>;
    /// A collection, a tagged value or one with metadata begins.
    fn begin(&mut self, open: Open<'_>) -> Result<()>;
    /// What began last ends.
    fn end(&mut self) -> Result<()>;
    /// A typed array of these elements.
    fn array(&mut self, column: &Column<'_>) -> Result<()> {
        self.begin(Open::Array)?;
        emit_column(self, column)?;
        self.end()
    }
    /// Typed objects.
    fn records(&mut self, records: &Records) -> Result<()> {
        self.begin(if records.is_one() { Open::Object } else { Open::Objects })?;
        self.begin(Open::Map)?;
        for (i, (name, _)) in records.schema().fields().iter().enumerate() {
            self.scalar(Scalar::Keyword(Text::Borrowed(name.as_bytes())))?;
            if let Some(column) = records.column(i) {
                emit_column(self, &column)?;
            }
        }
        self.end()?;
        self.end()
    }
}

/// The type, then the numbers.
fn emit_column<S: Sink + ?Sized>(sink: &mut S, column: &Column<'_>) -> Result<()> {
    sink.begin(Open::Vector)?;
    sink.scalar(Scalar::Keyword(Text::Borrowed(column.element().name().as_bytes())))?;
    column.scalars().try_for_each(|scalar| sink.scalar(scalar))?;
    sink.end()
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()> {
        (**self).scalar(scalar)
    }
    fn begin(&mut self, open: Open<'_>) -> Result<()> {
        (**self).begin(open)
    }
    fn end(&mut self) -> Result<()> {
        (**self).end()
    }
    fn array(&mut self, column: &Column<'_>) -> Result<()> {
        (**self).array(column)
    }
    fn records(&mut self, records: &Records) -> Result<()> {
        (**self).records(records)
    }
}

/// Tells its events.
pub trait Source {
    /// Sends the whole value.
    fn emit(&self, sink: &mut dyn Sink) -> Result<()>;
}

/// Passes everything on but metadata.
pub struct WithoutMeta<S> {
    inner: S,
    /// For everything open that is passed on or is a `Meta`: is it a `Meta`?
    open: Vec<bool>,
    /// The next value is metadata.
    expect: bool,
    /// How much is open inside the metadata that is being left out.
    skipping: usize,
}

impl<S: Sink> WithoutMeta<S> {
    /// In front of another sink.
    pub fn new(inner: S) -> WithoutMeta<S> {
        WithoutMeta { inner, open: Vec::new(), expect: false, skipping: 0 }
    }
}

impl<S: Sink> Sink for WithoutMeta<S> {
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()> {
        if self.skipping > 0 || std::mem::take(&mut self.expect) {
            return Ok(());
        }
        self.inner.scalar(scalar)
    }
    fn begin(&mut self, open: Open<'_>) -> Result<()> {
        if self.skipping > 0 || std::mem::take(&mut self.expect) {
            self.skipping += 1;
            return Ok(());
        }
        let meta = open == Open::Meta;
        self.open.push(meta);
        self.expect = meta;
        if meta { Ok(()) } else { self.inner.begin(open) }
    }
    fn end(&mut self) -> Result<()> {
        if self.skipping > 0 {
            self.skipping -= 1;
            return Ok(());
        }
        if self.open.pop() == Some(true) { Ok(()) } else { self.inner.end() }
    }
    fn array(&mut self, column: &Column<'_>) -> Result<()> {
        // Metadata is no array, so none is being waited for.
        if self.skipping > 0 { Ok(()) } else { self.inner.array(column) }
    }
    fn records(&mut self, records: &Records) -> Result<()> {
        if self.skipping > 0 { Ok(()) } else { self.inner.records(records) }
    }
}
