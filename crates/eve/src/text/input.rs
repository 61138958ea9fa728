//! Bytes with their place: line and column.

use std::io::BufRead;

use eve_core::value::text::push_code_point;
use eve_core::{Error, Result};

/// A place in the text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Pos {
    line: u64,
    column: u64,
}

impl Pos {
    pub(crate) fn error(self, reason: impl Into<String>) -> Error {
        Error::Parse { line: self.line, column: self.column, reason: reason.into() }
    }
    /// An error of a sink becomes one of this place.
    pub(crate) fn at(self, error: Error) -> Error {
        match error {
            Error::Value { path, reason } if path.is_empty() => self.error(reason),
            other => other,
        }
    }
    /// Behind these bytes.
    fn after(mut self, bytes: &[u8]) -> Pos {
        for &b in bytes {
            self.step(b);
        }
        self
    }
    #[inline]
    fn step(&mut self, b: u8) {
        if b == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if b & 0xC0 != 0x80 {
            self.column += 1; // continuation bytes belong to the character before
        }
    }
}

/// A source of bytes, read one by one.
pub(crate) struct Input<R> {
    source: R,
    pos: Pos,
    /// The very beginning has been looked at.
    begun: bool,
}

impl<R: BufRead> Input<R> {
    pub(crate) fn new(source: R) -> Self {
        Input { source, pos: Pos { line: 1, column: 1 }, begun: false }
    }
    pub(crate) fn pos(&self) -> Pos {
        self.pos
    }
    pub(crate) fn error(&self, reason: impl Into<String>) -> Error {
        self.pos.error(reason)
    }
    /// Leaves out a byte order mark at the very beginning.
    pub(crate) fn skip_mark(&mut self) -> Result<()> {
        if !std::mem::replace(&mut self.begun, true) && self.chunk()?.starts_with(b"\xEF\xBB\xBF") {
            self.source.consume(3);
        }
        Ok(())
    }
    fn chunk(&mut self) -> Result<&[u8]> {
        loop {
            // Asked again below because a returned borrow would last too long for the loop.
            match self.source.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => return Err(Error::Io { action: "read the text", path: Default::default(), source }),
            }
        }
        self.source.fill_buf().map_err(|source| Error::Io { action: "read the text", path: Default::default(), source })
    }
    /// The next byte, which stays.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<Option<u8>> {
        Ok(self.chunk()?.first().copied())
    }
    /// The next byte, which is taken.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<u8>> {
        let next = self.peek()?;
        if let Some(b) = next {
            self.pos.step(b);
            self.source.consume(1);
        }
        Ok(next)
    }
    /// Takes bytes as long as `wanted` says so.
    pub(crate) fn take_while(&mut self, into: &mut Vec<u8>, wanted: impl Fn(u8) -> bool) -> Result<()> {
        loop {
            let chunk = self.chunk()?;
            let n = chunk.iter().position(|&b| !wanted(b)).unwrap_or(chunk.len());
            let all = n == chunk.len() && n > 0;
            into.extend_from_slice(&chunk[..n]);
            let taken = into.len() - n;
            self.pos = self.pos.after(&into[taken..]);
            self.source.consume(n);
            if !all {
                return Ok(());
            }
        }
    }
    /// Leaves bytes out as long as `wanted` says so.
    pub(crate) fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> Result<()> {
        while self.peek()?.is_some_and(&wanted) {
            self.next()?;
        }
        Ok(())
    }
    /// A token up to the first byte that is not `wanted`, behind `first`.
    pub(crate) fn token(&mut self, pos: Pos, first: Option<u8>, wanted: impl Fn(u8) -> bool) -> Result<String> {
        let mut bytes: Vec<u8> = first.into_iter().collect();
        self.take_while(&mut bytes, wanted)?;
        String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            pos.after(good).error("this is not UTF-8")
        })
    }
    /// The text of a string, from behind its opening quote to behind its closing one, as WTF-8.
    pub(crate) fn string(&mut self, open: Pos, rules: Escapes, into: &mut Vec<u8>) -> Result<()> {
        into.clear();
        loop {
            let (from, at) = (into.len(), self.pos);
            self.take_while(into, |b| b != b'"' && b != b'\\' && (b >= 0x20 || rules == Escapes::Edn))?;
            if let Err(error) = std::str::from_utf8(&into[from..]) {
                return Err(at.after(&into[from..][..error.valid_up_to()]).error("this is not UTF-8"));
            }
            let at = self.pos;
            match self.next()? {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape(at, rules, into)?,
                Some(_) => return Err(at.error("a control character inside a string: write it as \\u and four digits")),
                None => return Err(open.error("this string has no end")),
            }
        }
    }
    fn escape(&mut self, at: Pos, rules: Escapes, into: &mut Vec<u8>) -> Result<()> {
        let c = match self.next()? {
            Some(b @ (b'"' | b'\\')) => b as u32,
            Some(b'/') if rules == Escapes::Json => '/' as u32,
            Some(b'n') => 0x0A,
            Some(b't') => 0x09,
            Some(b'r') => 0x0D,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'u') => self.hex4(at)?,
            Some(first @ b'0'..=b'7') if rules == Escapes::Edn => {
                let mut c = (first - b'0') as u32;
                for _ in 0..2 {
                    if let Some(b @ b'0'..=b'7') = self.peek()? {
                        self.next()?;
                        c = c * 8 + (b - b'0') as u32;
                    }
                }
                if c > 0o377 {
                    return Err(at.error("an octal escape is at most \\377"));
                }
                c
            }
            Some(b) if b.is_ascii_graphic() => return Err(at.error(format!("there is no escape \\{}", b as char))),
            Some(_) => return Err(at.error("there is no such escape")),
            None => return Err(at.error("the text ends inside an escape")),
        };
        push_code_point(into, c);
        Ok(())
    }
    fn hex4(&mut self, at: Pos) -> Result<u32> {
        let mut c = 0;
        for _ in 0..4 {
            let digit = self.peek()?.and_then(|b| (b as char).to_digit(16));
            c = c * 16 + digit.ok_or_else(|| at.error("\\u wants four hexadecimal digits"))?;
            self.next()?;
        }
        Ok(c)
    }
}

/// Which escapes a string may have.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Escapes {
    Edn,
    Json,
}
