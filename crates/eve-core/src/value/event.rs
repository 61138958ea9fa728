//! Values as a stream of events: what a parser sends, what a printer takes, and what builds host values. So one parser
//! serves every kind of value, and one printer prints whatever can tell its events, be it in host memory or in the arena.
//!
//! A value is one [`Sink::scalar`], or [`Sink::begin`], values, [`Sink::end`]:
//!
//! | opened | values up to the end |
//! | --- | --- |
//! | [`Open::Map`] | key, value, key, value, … |
//! | [`Open::Set`], [`Open::Vector`], [`Open::List`] | the elements |
//! | [`Open::Tag`] | one |
//! | [`Open::Meta`] | the metadata, then the value that has it |

use super::scalar::Scalar;
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
}

/// Takes a value event by event.
pub trait Sink {
    /// A value that is no collection.
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()>;
    /// A collection, a tagged value or one with metadata begins.
    fn begin(&mut self, open: Open<'_>) -> Result<()>;
    /// What began last ends.
    fn end(&mut self) -> Result<()>;
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
}
