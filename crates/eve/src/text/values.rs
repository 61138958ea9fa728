//! Values one after another, of either form of text.

use eve_core::Result;
use eve_core::value::{Builder, Value};

/// Reads one value after another into a sink.
pub trait ReadNext {
    /// The next value, into the builder; false at the end of the text.
    fn read_next(&mut self, builder: &mut Builder) -> Result<bool>;
}

/// Values read one by one, of which only one is in memory at a time. After an error there are no more.
pub struct Values<R> {
    reader: R,
    builder: Builder,
    ended: bool,
}

impl<R: ReadNext> Values<R> {
    pub(crate) fn new(reader: R, builder: Builder) -> Values<R> {
        Values { reader, builder, ended: false }
    }
}

impl<R: ReadNext> Iterator for Values<R> {
    type Item = Result<Value>;
    fn next(&mut self) -> Option<Result<Value>> {
        if self.ended {
            return None;
        }
        let next = match self.reader.read_next(&mut self.builder) {
            Ok(true) => Some(self.builder.take()),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        };
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
