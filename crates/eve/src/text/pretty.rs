//! Breaking lines: a collection that fits the rest of its line stays on it, else each element (or entry) gets a line of its own.
//! Oppen's algorithm: no more than a line's width of text waits in memory.

use std::collections::VecDeque;
use std::fmt::{self, Write};

use eve_core::value::print::Layout;

enum Token {
    Text(String),
    /// An opening bracket and, once known, the width of all up to its closing one.
    Open(String, Option<usize>),
    Gap(String),
    Close(String),
}

/// Lines are not indented further than this, so that deep values stay readable and cost no more than their size.
const MAX_INDENT: usize = 60;

/// Lays text out in lines of a width.
pub(crate) struct Pretty<W> {
    out: W,
    width: usize,
    column: usize,
    waiting: VecDeque<Token>,
    /// Number of the first token that waits, and the width of all of them.
    first: usize,
    waiting_width: usize,
    /// Opening brackets that wait without their closing ones: their numbers, and the width in front of each.
    undecided: VecDeque<(usize, usize)>,
    /// Width of all tokens ever.
    total: usize,
    /// For each collection that is being written: how far to indent if it is broken.
    levels: Vec<Option<usize>>,
}

impl<W: Write> Pretty<W> {
    pub(crate) fn new(out: W, width: usize) -> Self {
        let (waiting, undecided) = (VecDeque::new(), VecDeque::new());
        Pretty { out, width, column: 0, waiting, first: 0, waiting_width: 0, undecided, total: 0, levels: Vec::new() }
    }
    /// Writes what still waits.
    pub(crate) fn finish(mut self) -> fmt::Result {
        self.write_out(true)
    }
    fn put(&mut self, token: Token) -> fmt::Result {
        let width = match &token {
            Token::Text(text) | Token::Open(text, _) | Token::Gap(text) | Token::Close(text) => text.chars().count(),
        };
        if let Token::Open(..) = token {
            self.undecided.push_back((self.first + self.waiting.len(), self.total));
        }
        self.total += width;
        self.waiting_width += width;
        let closed = if let Token::Close(_) = token { self.undecided.pop_back() } else { None };
        if let Some((number, before)) = closed
            && let Some(Token::Open(_, width)) = self.waiting.get_mut(number.wrapping_sub(self.first))
        {
            *width = Some(self.total - before);
        }
        self.waiting.push_back(token);
        self.write_out(false)
    }
    fn write_out(&mut self, all: bool) -> fmt::Result {
        while let Some(token) = self.waiting.front() {
            let fits = match token {
                Token::Open(_, Some(width)) => self.column + width <= self.width,
                Token::Open(_, None) if !all && self.column + self.waiting_width <= self.width => return Ok(()),
                _ => false,
            };
            let Some(token) = self.waiting.pop_front() else { return Ok(()) };
            if self.undecided.front().is_some_and(|(number, _)| *number == self.first) {
                self.undecided.pop_front();
            }
            self.first += 1;
            match token {
                Token::Text(text) => self.write(&text)?,
                Token::Open(text, _) => {
                    self.write(&text)?;
                    let inside_flat = self.levels.last().is_some_and(Option::is_none);
                    self.levels.push((!fits && !inside_flat).then_some(self.column.min(MAX_INDENT)));
                }
                Token::Gap(text) => match self.levels.last() {
                    Some(Some(indent)) => {
                        let (indent, kept) = (*indent, text.trim_end().to_owned());
                        self.waiting_width -= text.chars().count() - kept.chars().count();
                        self.write(&kept)?;
                        write!(self.out, "\n{:indent$}", "")?;
                        self.column = indent;
                    }
                    _ => self.write(&text)?,
                },
                Token::Close(text) => {
                    self.levels.pop();
                    self.write(&text)?;
                }
            }
        }
        Ok(())
    }
    fn write(&mut self, text: &str) -> fmt::Result {
        let width = text.chars().count();
        self.column += width;
        self.waiting_width -= width;
        self.out.write_str(text)
    }
}

impl<W: Write> Layout for Pretty<W> {
    fn text(&mut self, text: &str) -> fmt::Result {
        self.put(Token::Text(text.into()))
    }
    fn open(&mut self, bracket: &str) -> fmt::Result {
        self.put(Token::Open(bracket.into(), None))
    }
    fn gap(&mut self, flat: &str) -> fmt::Result {
        self.put(Token::Gap(flat.into()))
    }
    fn close(&mut self, bracket: &str) -> fmt::Result {
        self.put(Token::Close(bracket.into()))
    }
}
