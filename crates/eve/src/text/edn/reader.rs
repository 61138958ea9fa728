//! The parser: from bytes to events, with a stack of its own, so that depth costs memory and not stack.

use std::io::BufRead;

use eve_core::value::print::{reads_as_keyword, reads_as_symbol};
use eve_core::value::{Open, Scalar, Sink, Text};
use eve_core::{Error, Result};

use crate::text::input::{Escapes, Input, Pos};
use crate::text::literal::Literal;
use crate::text::{MAX_DEPTH, number};

/// Reads values from bytes, and sends them to a sink.
pub struct Reader<R> {
    input: Input<R>,
    frames: Vec<Frame>,
    /// How many `#_` are under way: what they discard goes nowhere.
    muted: usize,
    /// Where the value under way began.
    began: Pos,
    scratch: Vec<u8>,
}

/// Something that has begun and not ended.
struct Frame {
    what: What,
    at: Pos,
    /// Values in it so far.
    n: u64,
}

#[derive(PartialEq)]
enum What {
    Map,
    /// `#:ns{`
    NamespacedMap(String),
    Set,
    Vector,
    List,
    Tag,
    /// A tag that wants a string and makes a scalar of it.
    Literal(Literal),
    /// The tag of a collection that has an order, before its bracket.
    Ordered(Ordered),
    /// `#eve/tagged`, before its vector.
    TaggedVector,
    /// Inside that vector: the tag, then the value.
    TaggedParts,
    Meta,
    Discard,
}

/// What a tag makes of the map or set behind it.
#[derive(Clone, Copy, PartialEq)]
enum Ordered {
    SortedMap,
    SortedSet,
    IntMap,
}

impl Ordered {
    fn of_tag(tag: &str) -> Option<Ordered> {
        Some(match tag {
            "eve/sorted-map" => Ordered::SortedMap,
            "eve/sorted-set" => Ordered::SortedSet,
            "eve/int-map" => Ordered::IntMap,
            _ => return None,
        })
    }
    fn example(self) -> &'static str {
        match self {
            Ordered::SortedMap => "#eve/sorted-map {:key 1}",
            Ordered::SortedSet => "#eve/sorted-set #{1 2}",
            Ordered::IntMap => "#eve/int-map {1 2}",
        }
    }
    fn open(self) -> Open<'static> {
        match self {
            Ordered::SortedMap => Open::SortedMap,
            Ordered::SortedSet => Open::SortedSet,
            Ordered::IntMap => Open::IntMap,
        }
    }
}

impl What {
    fn close(&self) -> Option<u8> {
        Some(match self {
            What::Map | What::NamespacedMap(_) | What::Set => b'}',
            What::Vector | What::TaggedParts => b']',
            What::List => b')',
            _ => return None,
        })
    }
    fn name(&self) -> &'static str {
        match self {
            What::Map | What::NamespacedMap(_) => "map",
            What::Set => "set",
            What::Vector | What::TaggedParts => "vector",
            What::List => "list",
            What::Tag | What::Literal(_) | What::Ordered(_) | What::TaggedVector => "tag",
            What::Meta => "metadata",
            What::Discard => "#_",
        }
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b',' | b'\t'..=b'\r' | 0x1C..=0x1F)
}

fn in_token(b: u8) -> bool {
    !is_space(b) && !matches!(b, b'"' | b';' | b'^' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'\\')
}

impl<R: BufRead> Reader<R> {
    /// From the beginning of a source.
    pub fn new(source: R) -> Reader<R> {
        let input = Input::new(source);
        let began = input.pos();
        Reader { input, frames: Vec::new(), muted: 0, began, scratch: Vec::new() }
    }
    /// An error that says where the reader is.
    pub fn error_here(&self, reason: &str) -> Error {
        self.input.error(reason)
    }
    /// An error that says where the last value began.
    pub fn error_at_value(&self, reason: &str) -> Error {
        self.began.error(reason)
    }
    /// Sends the next value to `sink`; false if there is none. After an error the reader is of no more use.
    pub fn read(&mut self, sink: &mut (impl Sink + ?Sized)) -> Result<bool> {
        self.input.skip_mark()?;
        loop {
            self.input.skip_while(is_space)?;
            let at = self.input.pos();
            if self.frames.is_empty() {
                self.began = at;
            }
            let Some(b) = self.input.next()? else {
                return match self.frames.last() {
                    None => Ok(false),
                    Some(open) => {
                        Err(open.at.error(format!("the text ends inside the {} that begins here", open.what.name())))
                    }
                };
            };
            let done = match b {
                b';' => self.comment()?,
                b'"' => {
                    let mut text = std::mem::take(&mut self.scratch);
                    self.input.string(at, Escapes::Edn, &mut text)?;
                    let done = self.scalar(sink, at, Scalar::Str(Text::Borrowed(&text)))?;
                    self.scratch = text;
                    done
                }
                b'\\' => self.character(sink, at)?,
                b'(' => self.open(sink, at, What::List, Some(Open::List))?,
                b'[' if self.frames.last().is_some_and(|f| f.what == What::TaggedVector) => {
                    self.frames.pop();
                    self.frames.push(Frame { what: What::TaggedParts, at, n: 0 });
                    false
                }
                b'[' => self.open(sink, at, What::Vector, Some(Open::Vector))?,
                b'{' => match self.frames.last() {
                    Some(&Frame { what: What::Ordered(of), at, .. }) if of != Ordered::SortedSet => {
                        self.frames.pop();
                        self.open(sink, at, What::Map, Some(of.open()))?
                    }
                    _ => self.open(sink, at, What::Map, Some(Open::Map))?,
                },
                b')' | b']' | b'}' => self.close(sink, at, b)?,
                b'^' => self.open(sink, at, What::Meta, Some(Open::Meta))?,
                b'#' => self.dispatch(sink, at)?,
                _ => self.token(sink, at, b)?,
            };
            if done {
                return Ok(true);
            }
        }
    }
    fn comment(&mut self) -> Result<bool> {
        self.input.skip_while(|b| b != b'\n')?;
        Ok(false)
    }
    /// A value begins here: may it?
    fn may_begin(&self, at: Pos) -> Result<()> {
        match self.frames.last() {
            Some(Frame { what: What::Literal(literal), .. }) => {
                Err(at.error(format!("this tag wants a string, as in {}", literal.example())))
            }
            Some(Frame { what: What::Ordered(of), .. }) => {
                let wanted = if *of == Ordered::SortedSet { "set" } else { "map" };
                Err(at.error(format!("this tag wants a {wanted}, as in {}", of.example())))
            }
            Some(Frame { what: What::TaggedVector, .. } | Frame { what: What::TaggedParts, n: 0, .. }) => {
                Err(at.error("#eve/tagged wants a vector of the tag, as a string, and the value"))
            }
            _ => Ok(()),
        }
    }
    fn open(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos, what: What, open: Option<Open<'_>>) -> Result<bool> {
        if what != What::Discard {
            self.may_begin(at)?;
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(at.error(format!("nested more than {MAX_DEPTH} deep")));
        }
        if let (Some(open), 0) = (open, self.muted) {
            sink.begin(open).map_err(|error| at.at(error))?;
        }
        self.frames.push(Frame { what, at, n: 0 });
        Ok(false)
    }
    fn close(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos, bracket: u8) -> Result<bool> {
        let Some(frame) = self.frames.pop() else {
            return Err(at.error(format!("nothing is open that {} could close", bracket as char)));
        };
        match (&frame.what, frame.what.close()) {
            (what, None) => return Err(at.error(format!("a value was expected behind the {}", what.name()))),
            (what, Some(wanted)) if wanted != bracket => {
                let (wanted, found) = (wanted as char, bracket as char);
                return Err(at.error(format!("expected {wanted} to close the {}, found {found}", what.name())));
            }
            (What::Map | What::NamespacedMap(_), _) if frame.n % 2 == 1 => {
                return Err(at.error("the last key of this map has no value"));
            }
            (What::TaggedParts, _) if frame.n != 2 => {
                return Err(frame.at.error("#eve/tagged wants a vector of the tag, as a string, and the value"));
            }
            _ => {}
        }
        if self.muted == 0 {
            sink.end().map_err(|error| frame.at.at(error))?;
        }
        self.complete(sink)
    }
    /// A value is complete; is it one that stands by itself?
    fn complete(&mut self, sink: &mut (impl Sink + ?Sized)) -> Result<bool> {
        while let Some(frame) = self.frames.last_mut() {
            frame.n += 1;
            let at = frame.at;
            match (&frame.what, frame.n) {
                (What::Tag, _) | (What::Meta, 2) => {
                    self.frames.pop();
                    if self.muted == 0 {
                        sink.end().map_err(|error| at.at(error))?;
                    }
                }
                (What::Discard, _) => {
                    self.frames.pop();
                    self.muted -= 1;
                    return Ok(false);
                }
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
    fn scalar(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos, scalar: Scalar<'_>) -> Result<bool> {
        match (self.frames.last_mut(), scalar) {
            (Some(Frame { what: What::Literal(literal), at: tag_at, .. }), Scalar::Str(text)) => {
                let (literal, tag_at) = (*literal, *tag_at);
                self.frames.pop();
                if self.muted > 0 {
                    return self.complete(sink);
                }
                let value = literal.value(text.as_bytes());
                let scalar = value.as_ref().and_then(|value| value.as_scalar());
                match scalar {
                    Some(scalar) => return self.scalar(sink, tag_at, scalar),
                    None => return Err(at.error(format!("expected something like {}", literal.example()))),
                }
            }
            (Some(frame @ Frame { what: What::TaggedParts, n: 0, .. }), Scalar::Str(text)) => {
                frame.n = 1;
                if self.muted == 0 {
                    sink.begin(Open::Tag(text.as_bytes())).map_err(|error| at.at(error))?;
                }
                return Ok(false);
            }
            _ => {}
        }
        self.may_begin(at)?;
        if self.muted == 0 {
            let qualified = match (self.frames.last(), &scalar) {
                (Some(Frame { what: What::NamespacedMap(ns), n, .. }), Scalar::Keyword(t) | Scalar::Symbol(t))
                    if n % 2 == 0 =>
                {
                    qualify(ns, t.as_bytes())
                }
                _ => None,
            };
            let scalar = match (&qualified, scalar) {
                (Some(name), Scalar::Keyword(_)) => Scalar::Keyword(Text::Borrowed(name)),
                (Some(name), Scalar::Symbol(_)) => Scalar::Symbol(Text::Borrowed(name)),
                (_, scalar) => scalar,
            };
            sink.scalar(scalar).map_err(|error| at.at(error))?;
        }
        self.complete(sink)
    }
    fn token(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos, first: u8) -> Result<bool> {
        let token = self.input.token(at, Some(first), in_token)?;
        if number::is_number(token.as_bytes()) {
            let value = number::edn(&token).map_err(|reason| at.error(reason))?;
            return match value.as_scalar() {
                Some(scalar) => self.scalar(sink, at, scalar),
                None => Err(at.error(format!("{token} is no number"))),
            };
        }
        let scalar = match &*token {
            "nil" => Scalar::Nil,
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            name => match name.strip_prefix(':') {
                Some(key) if reads_as_keyword(key) => Scalar::Keyword(Text::Borrowed(key.as_bytes())),
                None if reads_as_symbol(name) => Scalar::Symbol(Text::Borrowed(name.as_bytes())),
                Some(_) => return Err(at.error(format!("{name} is no keyword"))),
                None => return Err(at.error(format!("{name} is no value"))),
            },
        };
        self.scalar(sink, at, scalar)
    }
    fn character(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos) -> Result<bool> {
        let Some(first) = self.input.next()? else { return Err(at.error("the text ends inside a character")) };
        let token = self.input.token(at, Some(first), in_token)?;
        let mut chars = token.chars();
        let c = match (chars.next(), chars.as_str()) {
            (Some(c), "") => c as u32,
            (Some('u'), hex) if hex.len() <= 6 && hex.len() >= 4 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
                u32::from_str_radix(hex, 16)
                    .ok()
                    .filter(|&c| c <= 0x10_FFFF)
                    .ok_or_else(|| at.error(format!("\\{token} is beyond the last character")))?
            }
            (Some('o'), octal) if octal.len() <= 3 && octal.bytes().all(|b| matches!(b, b'0'..=b'7')) => {
                u32::from_str_radix(octal, 8)
                    .ok()
                    .filter(|&c| c <= 0o377)
                    .ok_or_else(|| at.error("an octal character is at most \\o377"))?
            }
            _ => match &*token {
                "newline" => 0x0A,
                "space" => 0x20,
                "tab" => 0x09,
                "backspace" => 0x08,
                "formfeed" => 0x0C,
                "return" => 0x0D,
                _ => return Err(at.error(format!("\\{token} is no character"))),
            },
        };
        self.scalar(sink, at, Scalar::Char(c))
    }
    /// Behind a `#`.
    fn dispatch(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos) -> Result<bool> {
        match self.input.peek()? {
            Some(b'{') => {
                self.input.next()?;
                match self.frames.last() {
                    Some(&Frame { what: What::Ordered(of @ Ordered::SortedSet), at, .. }) => {
                        self.frames.pop();
                        self.open(sink, at, What::Set, Some(of.open()))
                    }
                    _ => self.open(sink, at, What::Set, Some(Open::Set)),
                }
            }
            Some(b'_') => {
                self.input.next()?;
                self.open(sink, at, What::Discard, None)?;
                self.muted += 1;
                Ok(false)
            }
            Some(b'^') => {
                self.input.next()?;
                self.open(sink, at, What::Meta, Some(Open::Meta))
            }
            Some(b'!') => self.comment(),
            Some(b'#') => {
                self.input.next()?;
                let f = match &*self.input.token(at, None, in_token)? {
                    "Inf" => f64::INFINITY,
                    "-Inf" => f64::NEG_INFINITY,
                    "NaN" => f64::NAN,
                    other => return Err(at.error(format!("there is no ##{other}, only ##Inf, ##-Inf and ##NaN"))),
                };
                self.scalar(sink, at, Scalar::Float(f))
            }
            Some(b':') => {
                self.input.next()?;
                let ns = self.input.token(at, None, in_token)?;
                self.input.skip_while(is_space)?;
                if !reads_as_symbol(&ns) || ns.contains('/') || self.input.next()? != Some(b'{') {
                    return Err(at.error("expected a map with a namespace, as in #:ns{:key 1}"));
                }
                self.open(sink, at, What::NamespacedMap(ns), Some(Open::Map))
            }
            _ => self.tag(sink, at),
        }
    }
    fn tag(&mut self, sink: &mut (impl Sink + ?Sized), at: Pos) -> Result<bool> {
        let tag = self.input.token(at, None, in_token)?;
        if !tag.starts_with(char::is_alphabetic) || !reads_as_symbol(&tag) {
            return Err(at.error(format!("#{tag} begins nothing; a tag is a symbol that begins with a letter")));
        }
        if let Some(literal) = Literal::of_tag(&tag) {
            return self.open(sink, at, What::Literal(literal), None);
        }
        if let Some(of) = Ordered::of_tag(&tag) {
            return self.open(sink, at, What::Ordered(of), None);
        }
        if tag == "eve/tagged" {
            return self.open(sink, at, What::TaggedVector, None);
        }
        let open = match &*tag {
            "eve/array" => Open::Array,
            "eve/obj" => Open::Object,
            "eve/obj-array" => Open::Objects,
            other => Open::Tag(other.as_bytes()),
        };
        self.open(sink, at, What::Tag, Some(open))
    }
}

/// A key of `#:ns{…}` with its namespace: `_` takes it away, one that has another keeps it.
fn qualify(ns: &str, name: &[u8]) -> Option<Vec<u8>> {
    if let Some(bare) = name.strip_prefix(b"_/") {
        return Some(bare.to_vec());
    }
    (!name.contains(&b'/') || name == b"/").then(|| [ns.as_bytes(), b"/", name].concat())
}
