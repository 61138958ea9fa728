//! The parser: from bytes to events, with a stack of its own.

use std::io::BufRead;

use eve_core::value::{Open, Scalar, Sink, Text};
use eve_core::{Error, Result};

use crate::text::input::{Escapes, Input, Pos};
use crate::text::{MAX_DEPTH, number};

/// What the keys of objects become.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Keys {
    /// Strings.
    #[default]
    Strings,
    /// Keywords.
    Keywords,
}

/// Reads values from bytes, and sends them to a sink.
pub struct Reader<R> {
    input: Input<R>,
    keys: Keys,
    frames: Vec<Frame>,
    scratch: Vec<u8>,
}

struct Frame {
    object: bool,
    at: Pos,
    /// Elements or entries so far.
    n: u64,
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

fn in_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_' | 0x80..)
}

impl<R: BufRead> Reader<R> {
    /// From the beginning of a source.
    pub fn new(source: R, keys: Keys) -> Reader<R> {
        Reader { input: Input::new(source), keys, frames: Vec::new(), scratch: Vec::new() }
    }
    /// An error that says where the reader is.
    pub fn error_here(&self, reason: &str) -> Error {
        self.input.error(reason)
    }
    /// Nothing but space follows, or it is an error.
    pub fn expect_end(&mut self) -> Result<()> {
        self.input.skip_while(is_space)?;
        match self.input.peek()? {
            None => Ok(()),
            Some(_) => Err(self.input.error("there is more than one value; one was expected")),
        }
    }
    /// Sends the next value to `sink`; false if there is none. After an error the reader is of no more use.
    pub fn read(&mut self, sink: &mut (impl Sink + ?Sized)) -> Result<bool> {
        self.input.skip_mark()?;
        self.input.skip_while(is_space)?;
        if self.input.peek()?.is_none() {
            return Ok(false);
        }
        loop {
            // A value begins here (or, right behind its bracket, a collection ends).
            let mut complete = self.value(sink)?;
            // Behind a value: what is next?
            while complete {
                let Some(frame) = self.frames.last_mut() else { return Ok(true) };
                frame.n += 1;
                let (object, open) = (frame.object, frame.at);
                self.input.skip_while(is_space)?;
                let at = self.input.pos();
                complete = match (self.input.next()?, object) {
                    (Some(b','), false) => false,
                    (Some(b','), true) => {
                        self.key(sink)?;
                        false
                    }
                    (Some(b']'), false) | (Some(b'}'), true) => {
                        self.frames.pop();
                        sink.end().map_err(|error| open.at(error))?;
                        true
                    }
                    (None, _) => {
                        return Err(open.error(format!("the text ends inside the {} that begins here", name(object))));
                    }
                    (Some(_), _) => {
                        let close = if object { '}' } else { ']' };
                        return Err(at.error(format!("expected a comma or {close} in the {}", name(object))));
                    }
                };
            }
        }
    }
    /// Reads a scalar or an opening bracket; true if the value is complete.
    fn value(&mut self, sink: &mut (impl Sink + ?Sized)) -> Result<bool> {
        self.input.skip_while(is_space)?;
        let at = self.input.pos();
        let Some(b) = self.input.next()? else {
            return Err(self
                .frames
                .last()
                .map_or(at, |open| open.at)
                .error("the text ends where a value was expected"));
        };
        match b {
            b'"' => {
                let mut text = std::mem::take(&mut self.scratch);
                self.input.string(at, Escapes::Json, &mut text)?;
                sink.scalar(Scalar::Str(Text::Borrowed(&text))).map_err(|error| at.at(error))?;
                self.scratch = text;
                Ok(true)
            }
            b'[' | b'{' => self.open(sink, at, b == b'{'),
            _ if in_token(b) => {
                let token = self.input.token(at, Some(b), in_token)?;
                let value = match &*token {
                    "null" => Ok(().into()),
                    "true" => Ok(true.into()),
                    "false" => Ok(false.into()),
                    _ => number::json(&token).map_err(|reason| at.error(reason)),
                }?;
                let scalar = value.as_scalar().ok_or_else(|| at.error(format!("{token} is no JSON value")))?;
                sink.scalar(scalar).map_err(|error| at.at(error))?;
                Ok(true)
            }
            _ => Err(at.error(format!("a value was expected, not {:?}", b as char))),
        }
    }
    fn open(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos, object: bool) -> Result<bool> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(at.error(format!("nested more than {MAX_DEPTH} deep")));
        }
        sink.begin(if object { Open::Map } else { Open::Vector }).map_err(|error| at.at(error))?;
        self.input.skip_while(is_space)?;
        let close = if object { b'}' } else { b']' };
        if self.input.peek()? == Some(close) {
            self.input.next()?;
            sink.end().map_err(|error| at.at(error))?;
            return Ok(true);
        }
        self.frames.push(Frame { object, at, n: 0 });
        if object {
            self.key(sink)?;
        }
        Ok(false)
    }
    /// A key and its colon.
    fn key(&mut self, sink: &mut (impl Sink + ?Sized)) -> Result<()> {
        self.input.skip_while(is_space)?;
        let at = self.input.pos();
        if self.input.next()? != Some(b'"') {
            return Err(at.error("a key in quotes was expected"));
        }
        let mut text = std::mem::take(&mut self.scratch);
        self.input.string(at, Escapes::Json, &mut text)?;
        let key = Text::Borrowed(&text);
        let key = if self.keys == Keys::Keywords { Scalar::Keyword(key) } else { Scalar::Str(key) };
        sink.scalar(key).map_err(|error| at.at(error))?;
        self.scratch = text;
        self.input.skip_while(is_space)?;
        let at = self.input.pos();
        match self.input.next()? {
            Some(b':') => Ok(()),
            _ => Err(at.error("a colon was expected behind the key")),
        }
    }
}

fn name(object: bool) -> &'static str {
    if object { "object" } else { "array" }
}
