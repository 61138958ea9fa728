//! Scalars: what a word or a scalar block says, borrowed from wherever it is. Used for reading, for storing, and as keys to look up.

use crate::layout::text::Short;

/// Text, borrowed from the arena or from the caller, or kept in a word: WTF-8, that is UTF-8 that may hold lone surrogates.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// What was in a word.
    Inline(Short),
    /// Any bytes.
    Borrowed(&'a [u8]),
}

impl Text<'_> {
    /// The WTF-8 bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Text::Inline(short) => short.as_bytes(),
            Text::Borrowed(bytes) => bytes,
        }
    }
    /// As a Rust string; `None` if it holds a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
    /// As a Rust string, with U+FFFD for what is not UTF-8.
    pub fn to_string_lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_string_lossy())
    }
}

/// A value that is no collection. Integers in bytes are two's complement, little-endian, as short as they can be.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Scalar<'a> {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// Any integer of 64 bits.
    Int(i64),
    /// An integer of more than 64 bits.
    BigInt(&'a [u8]),
    /// A double.
    Float(f64),
    /// unscaled · 10^-scale
    Decimal {
        /// Digits behind the point.
        scale: i32,
        /// The digits, as an integer in bytes.
        unscaled: &'a [u8],
    },
    /// A fraction in lowest terms, its denominator above 1.
    Ratio {
        /// Integer in bytes.
        numerator: &'a [u8],
        /// Integer in bytes.
        denominator: &'a [u8],
    },
    /// A Unicode scalar or a lone UTF-16 surrogate.
    Char(u32),
    /// A string.
    Str(Text<'a>),
    /// A keyword: `ns/name`, without the colon.
    Keyword(Text<'a>),
    /// A symbol: `ns/name`.
    Symbol(Text<'a>),
    /// 16 bytes, big-endian.
    Uuid([u8; 16]),
    /// A point in time.
    Instant {
        /// Seconds since 1970, rounded down.
        seconds: i64,
        /// And so many nanoseconds, below a thousand million.
        nanos: u32,
    },
    /// Bytes.
    Bytes(&'a [u8]),
}
