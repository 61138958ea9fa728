//! Values as EDN text, in the form in which Clojure's `pr` prints them. What `pr` would print in a way that does not read
//! back is written with a tag: `#eve/keyword "a b"`, `#eve/symbol "1"`, `#eve/bytes "…"`, `#eve/tagged ["odd tag" …]`.

use std::fmt::{self, Write};

use super::event::{Open, Sink};
use super::number;
use super::scalar::Scalar;
use super::text::next_code_point;
use crate::error::{Error, Result};

/// Tags that a reader understands itself.
pub const KNOWN_TAGS: [&str; 12] = [
    "inst",
    "uuid",
    "eve/bytes",
    "eve/keyword",
    "eve/symbol",
    "eve/tagged",
    "eve/array",
    "eve/obj",
    "eve/obj-array",
    "eve/sorted-map",
    "eve/sorted-set",
    "eve/int-map",
];

/// Where printed text goes: straight out, or through something that breaks lines.
pub trait Layout {
    /// Text that is never broken.
    fn text(&mut self, text: &str) -> fmt::Result;
    /// The bracket that opens a collection.
    fn open(&mut self, bracket: &str) -> fmt::Result;
    /// A place between elements where the line may break instead.
    fn gap(&mut self, flat: &str) -> fmt::Result;
    /// The bracket that closes a collection.
    fn close(&mut self, bracket: &str) -> fmt::Result;
}

/// Everything on one line.
pub struct Flat<W>(pub W);

impl<W: Write> Layout for Flat<W> {
    fn text(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(text)
    }
    fn open(&mut self, bracket: &str) -> fmt::Result {
        self.0.write_str(bracket)
    }
    fn gap(&mut self, flat: &str) -> fmt::Result {
        self.0.write_str(flat)
    }
    fn close(&mut self, bracket: &str) -> fmt::Result {
        self.0.write_str(bracket)
    }
}

enum Level {
    Elements { close: &'static str, n: u64 },
    Map { n: u64 },
    Tag { close: Option<&'static str> },
    Meta { n: u64 },
}

/// Prints the events that it is sent.
pub struct Printer<L> {
    layout: L,
    levels: Vec<Level>,
    scratch: String,
}

impl<W: Write> Printer<Flat<W>> {
    /// Onto one line.
    pub fn flat(out: W) -> Self {
        Printer::new(Flat(out))
    }
}

impl<L: Layout> Printer<L> {
    /// Through this layout.
    pub fn new(layout: L) -> Self {
        Printer { layout, levels: Vec::new(), scratch: String::new() }
    }
    /// The layout, when everything is printed.
    pub fn into_layout(self) -> L {
        self.layout
    }
    fn before(&mut self) -> fmt::Result {
        match self.levels.last_mut() {
            Some(Level::Elements { n, .. }) => {
                *n += 1;
                if *n > 1 { self.layout.gap(" ") } else { Ok(()) }
            }
            Some(Level::Map { n }) => {
                *n += 1;
                match *n {
                    1 => Ok(()),
                    n if n % 2 == 1 => self.layout.gap(", "),
                    _ => self.layout.text(" "),
                }
            }
            Some(Level::Meta { n }) => {
                *n += 1;
                if *n > 1 { self.layout.text(" ") } else { Ok(()) }
            }
            Some(Level::Tag { .. }) | None => Ok(()),
        }
    }
    fn open(&mut self, open: Open<'_>) -> fmt::Result {
        let (bracket, level) = match open {
            Open::Map => ("{", Level::Map { n: 0 }),
            Open::SortedMap => {
                self.layout.text("#eve/sorted-map ")?;
                ("{", Level::Map { n: 0 })
            }
            Open::IntMap => {
                self.layout.text("#eve/int-map ")?;
                ("{", Level::Map { n: 0 })
            }
            Open::SortedSet => {
                self.layout.text("#eve/sorted-set ")?;
                ("#{", Level::Elements { close: "}", n: 0 })
            }
            Open::Set => ("#{", Level::Elements { close: "}", n: 0 }),
            Open::Vector => ("[", Level::Elements { close: "]", n: 0 }),
            Open::List => ("(", Level::Elements { close: ")", n: 0 }),
            Open::Meta => {
                self.levels.push(Level::Meta { n: 0 });
                return self.layout.text("^");
            }
            Open::Tag(tag) => return self.tag(tag),
            Open::Array => return self.known_tag("#eve/array "),
            Open::Object => return self.known_tag("#eve/obj "),
            Open::Objects => return self.known_tag("#eve/obj-array "),
        };
        self.levels.push(level);
        self.layout.open(bracket)
    }
    fn known_tag(&mut self, text: &str) -> fmt::Result {
        self.levels.push(Level::Tag { close: None });
        self.layout.text(text)
    }
    fn tag(&mut self, tag: &[u8]) -> fmt::Result {
        self.scratch.clear();
        let plain = std::str::from_utf8(tag)
            .ok()
            .filter(|t| prints_as_symbol(t) && t.starts_with(char::is_alphabetic) && !KNOWN_TAGS.contains(t));
        let close = match plain {
            Some(tag) => {
                write!(self.scratch, "#{tag} ")?;
                None
            }
            None => {
                self.scratch.push_str("#eve/tagged [");
                write_string(&mut self.scratch, tag)?;
                self.scratch.push(' ');
                Some("]")
            }
        };
        self.levels.push(Level::Tag { close });
        self.layout.text(&self.scratch)
    }
    fn close(&mut self) -> fmt::Result {
        match self.levels.pop() {
            Some(Level::Elements { close, .. }) => self.layout.close(close),
            Some(Level::Map { .. }) => self.layout.close("}"),
            Some(Level::Tag { close: Some(close) }) => self.layout.text(close),
            _ => Ok(()),
        }
    }
}

fn refused(_: fmt::Error) -> Error {
    Error::value("the text could not be written: its destination refused it")
}

impl<L: Layout> Sink for Printer<L> {
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()> {
        self.before().map_err(refused)?;
        self.scratch.clear();
        write_scalar(&mut self.scratch, scalar).map_err(refused)?;
        self.layout.text(&self.scratch).map_err(refused)
    }
    fn begin(&mut self, open: Open<'_>) -> Result<()> {
        self.before().and_then(|()| self.open(open)).map_err(refused)
    }
    fn end(&mut self) -> Result<()> {
        self.close().map_err(refused)
    }
}

/// A scalar as EDN.
pub fn write_scalar(out: &mut impl Write, scalar: Scalar<'_>) -> fmt::Result {
    match scalar {
        Scalar::Nil => out.write_str("nil"),
        Scalar::Bool(b) => write!(out, "{b}"),
        Scalar::Int(i) => write!(out, "{i}"),
        Scalar::BigInt(bytes) => write!(out, "{}N", number::to_decimal(bytes)),
        Scalar::Float(f) => write_float(out, f),
        Scalar::Decimal { scale, unscaled } => {
            write_decimal(out, scale, unscaled)?;
            out.write_char('M')
        }
        Scalar::Ratio { numerator, denominator } => {
            write!(out, "{}/{}", number::to_decimal(numerator), number::to_decimal(denominator))
        }
        Scalar::Char(c) => write_char(out, c),
        Scalar::Str(text) => write_string(out, text.as_bytes()),
        Scalar::Keyword(text) => match text.as_str().filter(|t| prints_as_keyword(t)) {
            Some(name) => write!(out, ":{name}"),
            None => {
                out.write_str("#eve/keyword ")?;
                write_string(out, text.as_bytes())
            }
        },
        Scalar::Symbol(text) => match text.as_str().filter(|t| prints_as_symbol(t)) {
            Some(name) => out.write_str(name),
            None => {
                out.write_str("#eve/symbol ")?;
                write_string(out, text.as_bytes())
            }
        },
        Scalar::Uuid(bytes) => {
            out.write_str("#uuid \"")?;
            write_uuid(out, &bytes)?;
            out.write_char('"')
        }
        Scalar::Instant { seconds, nanos } => {
            out.write_str("#inst \"")?;
            write_instant(out, seconds, nanos, "-00:00")?;
            out.write_char('"')
        }
        Scalar::Bytes(bytes) => {
            out.write_str("#eve/bytes \"")?;
            write_base64(out, bytes)?;
            out.write_char('"')
        }
    }
}

/// A double in the shortest form that reads back equal, as Java writes it: `1.0`, `1.0E10`, `##NaN`.
pub fn write_float(out: &mut impl Write, f: f64) -> fmt::Result {
    let size = f.abs();
    if f.is_nan() {
        out.write_str("##NaN")
    } else if f.is_infinite() {
        out.write_str(if f > 0.0 { "##Inf" } else { "##-Inf" })
    } else if size == 0.0 || (1e-3..1e7).contains(&size) {
        write!(out, "{f:?}")
    } else {
        let text = format!("{f:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        write!(out, "{digits}{}E{exponent}", if digits.contains('.') { "" } else { ".0" })
    }
}

/// A decimal without its `M`, as Java's `BigDecimal` writes it.
pub fn write_decimal(out: &mut impl Write, scale: i32, unscaled: &[u8]) -> fmt::Result {
    let text = number::to_decimal(unscaled);
    let (sign, digits) = text.strip_prefix('-').map_or(("", &*text), |digits| ("-", digits));
    let scale = scale as i64;
    let exponent = digits.len() as i64 - 1 - scale;
    out.write_str(sign)?;
    if scale == 0 {
        out.write_str(digits)
    } else if scale > 0 && exponent >= -6 {
        match (digits.len() as i64).checked_sub(scale) {
            Some(whole) if whole > 0 => write!(out, "{}.{}", &digits[..whole as usize], &digits[whole as usize..]),
            _ => write!(out, "0.{}{digits}", &"000000"[..(scale as usize - digits.len()).min(6)]),
        }
    } else {
        out.write_str(&digits[..1])?;
        if digits.len() > 1 {
            write!(out, ".{}", &digits[1..])?;
        }
        write!(out, "E{exponent:+}")
    }
}

fn write_char(out: &mut impl Write, c: u32) -> fmt::Result {
    let name = match c {
        0x0A => "newline",
        0x20 => "space",
        0x09 => "tab",
        0x08 => "backspace",
        0x0C => "formfeed",
        0x0D => "return",
        _ => match char::from_u32(c).filter(|c| !c.is_control() && !c.is_whitespace()) {
            Some(c) => return write!(out, "\\{c}"),
            None => return write!(out, "\\u{c:04X}"),
        },
    };
    write!(out, "\\{name}")
}

/// Text between quotes, with escapes that EDN and JSON share. Lone surrogates become `\uD800`.
pub fn write_string(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    out.write_char('"')?;
    let mut plain = 0; // from here on nothing is written yet
    let mut at = 0;
    while at < bytes.len() {
        let escape = match bytes[at] {
            b'"' | b'\\' | 0..0x20 | 0x7F => true,
            // These begin control characters, line separators and surrogates.
            0xC2 | 0xE2 | 0xED => next_code_point(&bytes[at..]).is_some_and(|(c, _)| is_escaped(c)),
            _ => false,
        };
        if !escape {
            at += 1;
            continue;
        }
        out.write_str(&String::from_utf8_lossy(&bytes[plain..at]))?;
        let (c, len) = next_code_point(&bytes[at..]).unwrap_or((0xFFFD, 1));
        match c {
            0x22 => out.write_str("\\\"")?,
            0x5C => out.write_str("\\\\")?,
            0x0A => out.write_str("\\n")?,
            0x0D => out.write_str("\\r")?,
            0x09 => out.write_str("\\t")?,
            0x08 => out.write_str("\\b")?,
            0x0C => out.write_str("\\f")?,
            _ => write!(out, "\\u{c:04X}")?,
        }
        at += len;
        plain = at;
    }
    out.write_str(&String::from_utf8_lossy(&bytes[plain..]))?;
    out.write_char('"')
}

fn is_escaped(c: u32) -> bool {
    matches!(c, 0x7F..=0x9F | 0x2028 | 0x2029 | 0xD800..=0xDFFF)
}

/// `01234567-89ab-…`
pub fn write_uuid(out: &mut impl Write, bytes: &[u8; 16]) -> fmt::Result {
    for (i, b) in bytes.iter().enumerate() {
        write!(out, "{}{b:02x}", if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" })?;
    }
    Ok(())
}

/// `2026-01-02T03:04:05.678` and the zone given; nine digits behind the point if three do not do.
/// Years of other than four digits have a sign.
pub fn write_instant(out: &mut impl Write, seconds: i64, nanos: u32, zone: &str) -> fmt::Result {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let time = seconds.rem_euclid(86_400);
    match year {
        0..=9999 => write!(out, "{year:04}")?,
        _ => write!(out, "{year:+05}")?,
    }
    write!(out, "-{month:02}-{day:02}T{:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60)?;
    if nanos.is_multiple_of(1_000_000) {
        write!(out, ".{:03}{zone}", nanos / 1_000_000)
    } else {
        write!(out, ".{nanos:09}{zone}")
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar without a beginning.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468; // from 0000-03-01, so that leap days come last
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let month_of = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + (month_of <= 2) as i64, month_of, of_year - (153 * month + 2) / 5 + 1)
}

/// Bytes in base64, with padding.
pub fn write_base64(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().enumerate().fold(0u32, |all, (i, &b)| all | (b as u32) << (16 - 8 * i));
        for i in 0..4 {
            let digit = DIGITS[(all >> (18 - 6 * i) & 63) as usize];
            out.write_char(if i <= chunk.len() { digit as char } else { '=' })?;
        }
    }
    Ok(())
}

/// Can a reader tell that this token is a symbol? (Keywords: the text behind the colon.)
fn is_name(text: &str, digits_may_lead: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second = text.chars().nth(1);
    let number = first.is_ascii_digit() || matches!(first, '+' | '-') && second.is_some_and(|c| c.is_ascii_digit());
    (!number || digits_may_lead)
        && !matches!(first, ':' | '#' | '\'' | '@' | '~' | '`')
        && !text.ends_with(':')
        && !text.contains("::")
        && (text == "/" || !text.starts_with('/') && !text.ends_with('/') || text.ends_with("//") && text.len() > 2)
        && !text.chars().any(|c| is_delimiter(c) || c.is_whitespace() || c.is_control())
}

fn is_delimiter(c: char) -> bool {
    matches!(c, '"' | ';' | '^' | '(' | ')' | '[' | ']' | '{' | '}' | '\\' | ',')
}

/// Is this token, without its colon, a keyword?
pub fn reads_as_keyword(text: &str) -> bool {
    is_name(text, true)
}

/// Is this token a symbol?
pub fn reads_as_symbol(text: &str) -> bool {
    is_name(text, false) && !matches!(text, "nil" | "true" | "false")
}

/// Other readers are stricter about what comes behind the slash.
fn strict(text: &str) -> bool {
    text.split_once('/')
        .is_none_or(|(ns, name)| !ns.ends_with(':') && !name.starts_with(|c: char| c.is_ascii_digit() || c == ':'))
}

fn prints_as_keyword(text: &str) -> bool {
    reads_as_keyword(text) && strict(text)
}

fn prints_as_symbol(text: &str) -> bool {
    // At the beginning of a text it would be taken for a byte order mark.
    reads_as_symbol(text) && strict(text) && !text.starts_with('\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(s: Scalar<'_>) -> String {
        let mut out = String::new();
        write_scalar(&mut out, s).unwrap();
        out
    }

    #[test]
    fn doubles_print_as_on_the_jvm() {
        for (f, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e7, "1.0E7"),
            (9999999.0, "9999999.0"),
            (1e-3, "0.001"),
            (1.5e-4, "1.5E-4"),
            (1.7976931348623157e308, "1.7976931348623157E308"),
            (5e-324, "5.0E-324"),
            (f64::INFINITY, "##Inf"),
            (f64::NEG_INFINITY, "##-Inf"),
            (f64::NAN, "##NaN"),
        ] {
            assert_eq!(print(Scalar::Float(f)), text);
        }
    }

    #[test]
    fn decimals_print_as_on_the_jvm() {
        for (unscaled, scale, text) in [
            (15, 1, "1.5M"),
            (-5, 3, "-0.005M"),
            (0, 2, "0.00M"),
            (1, -3, "1E+3M"),
            (123, -3, "1.23E+5M"),
            (1, 7, "1E-7M"),
            (12, 8, "1.2E-7M"),
            (1, 6, "0.000001M"),
            (150, 2, "1.50M"),
            (7, 0, "7M"),
        ] {
            assert_eq!(print(Scalar::Decimal { scale, unscaled: &number::from_i128(unscaled) }), text);
        }
    }

    #[test]
    fn instants_print_at_the_edges() {
        let inst = |seconds, nanos| print(Scalar::Instant { seconds, nanos });
        assert_eq!(inst(0, 0), "#inst \"1970-01-01T00:00:00.000-00:00\"");
        assert_eq!(inst(951_782_400, 678_000_000), "#inst \"2000-02-29T00:00:00.678-00:00\"");
        assert_eq!(inst(-1, 1), "#inst \"1969-12-31T23:59:59.000000001-00:00\"");
        assert_eq!(inst(-62_167_219_201, 0), "#inst \"-0001-12-31T23:59:59.000-00:00\"");
        assert!(inst(i64::MAX, 0).starts_with("#inst \"+292277026596-12-04T15:30:07"));
    }

    #[test]
    fn strings_escape_what_does_not_show() {
        let mut out = String::new();
        write_string(&mut out, b"a\"\\\n\x01\xED\xA0\x80\xC2\x85\xC3\xA9\xE2\x80\xA8").unwrap();
        assert_eq!(out, r#""a\"\\\n\u0001\uD800\u0085é\u2028""#);
    }
}
