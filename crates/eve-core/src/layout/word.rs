//! A value is one 64-bit word: an immediate, or the offset of a block. Equal immediates are equal words.

use super::text::{self, Short};

/// Byte offset in the arena; 0 is "none". A block's offset is a multiple of 16.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[repr(transparent)]
pub struct Off(pub u64);

impl Off {
    /// No block.
    pub const NONE: Off = Off(0);
    /// Is this "none"?
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
    /// The offset `bytes` further on (wrapping, so that a hostile offset cannot panic: it is checked when it is used).
    pub fn plus(self, bytes: u64) -> Off {
        Off(self.0.wrapping_add(bytes))
    }
    /// The `i`-th 8-byte word from here.
    pub fn at(self, i: u64) -> Off {
        self.plus(i.wrapping_mul(8))
    }
}

/// One value. The low bits tell the kind; see `spec/2-values.md`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct Word(pub u64);

/// What the low bits of a word say.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Immediate {
    /// The offset of a block (never 0 in a stored value).
    Block(Off),
    /// An integer of 63 bits.
    Int(i64),
    /// A double whose exponent fits.
    Float(f64),
    /// `nil`
    Nil,
    /// `true` and `false`
    Bool(bool),
    /// A Unicode scalar or a lone UTF-16 surrogate.
    Char(u32),
    /// A string of up to 10 bytes.
    Str(Short),
    /// A keyword of up to 7 bytes, `ns/name` without the colon.
    Keyword(Short),
    /// A symbol of up to 7 bytes.
    Symbol(Short),
    /// A longer keyword: its entry in the table of names.
    LongKeyword(Off),
    /// A longer symbol: its entry in the table of names.
    LongSymbol(Off),
    /// An empty collection.
    Empty(Empty),
    /// No value at all: an atom that was removed or not yet created.
    Absent,
    /// Not a word that this version writes.
    Unknown,
}

/// The empty collections, which need no block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Empty {
    /// `{}`
    Map,
    /// `#{}`
    Set,
    /// `[]`
    Vector,
    /// `()`
    List,
    /// A sorted map.
    SortedMap,
    /// A sorted set.
    SortedSet,
    /// An integer map.
    IntMap,
}

const INT: u64 = 0b1;
const FLOAT: u64 = 0b10;
const SMALL: u64 = 0b0100;
const DESCRIPTOR: u64 = 0b1000;

// kinds of small word, in bits 4..8; the payload is in bits 8..64
const CONST: u64 = 0;
const CHAR: u64 = 1;
const STR: u64 = 2; // and 3 for exactly 7 bytes
const KEYWORD: u64 = 4; // and 5
const SYMBOL: u64 = 6; // and 7
const LONG_KEYWORD: u64 = 8;
const LONG_SYMBOL: u64 = 9;
const EMPTY: u64 = 10;

const FLOAT_ZERO: u64 = 0x8000_0000_0000_0000 | FLOAT;

const fn small(kind: u64, payload: u64) -> Word {
    Word(payload << 8 | kind << 4 | SMALL)
}

impl Word {
    /// `nil`
    pub const NIL: Word = small(CONST, 0);
    /// `false`
    pub const FALSE: Word = small(CONST, 1);
    /// `true`
    pub const TRUE: Word = small(CONST, 2);
    /// No value: what the root word of a removed atom holds.
    pub const ABSENT: Word = Word(DESCRIPTOR);
    /// `{}`
    pub const EMPTY_MAP: Word = small(EMPTY, 0);
    /// `#{}`
    pub const EMPTY_SET: Word = small(EMPTY, 1);
    /// `[]`
    pub const EMPTY_VECTOR: Word = small(EMPTY, 2);
    /// `()`
    pub const EMPTY_LIST: Word = small(EMPTY, 3);
    /// A sorted map without entries.
    pub const EMPTY_SORTED_MAP: Word = small(EMPTY, 4);
    /// A sorted set without elements.
    pub const EMPTY_SORTED_SET: Word = small(EMPTY, 5);
    /// An integer map without entries.
    pub const EMPTY_INT_MAP: Word = small(EMPTY, 6);

    /// The word that names a block.
    pub fn block(off: Off) -> Word {
        debug_assert!(off.0.is_multiple_of(16) && off.0 != 0);
        Word(off.0)
    }
    /// The block that this word names, if it names one.
    #[inline]
    pub fn as_block(self) -> Option<Off> {
        (self.0 & 15 == 0 && self.0 != 0).then_some(Off(self.0))
    }
    /// Where what this word stands for goes on: a block, or an entry of the table of names.
    #[inline]
    pub fn place(self) -> Option<Off> {
        const LONG_KEYWORD: u64 = small(self::LONG_KEYWORD, 0).0;
        const LONG_SYMBOL: u64 = small(self::LONG_SYMBOL, 0).0;
        match self.0 & 0xFF {
            LONG_KEYWORD | LONG_SYMBOL => Some(Off(self.0 >> 8 << 4)),
            _ => self.as_block(),
        }
    }
    /// Does this word name a block?
    #[inline]
    pub fn is_block(self) -> bool {
        self.0 & 15 == 0 && self.0 != 0
    }
    /// An integer, if it fits 63 bits.
    #[inline]
    pub fn int(i: i64) -> Option<Word> {
        let shifted = (i as u64) << 1;
        (shifted as i64 >> 1 == i).then_some(Word(shifted | INT))
    }
    /// The integer that this word is, if it is one.
    #[inline]
    pub fn as_int(self) -> Option<i64> {
        (self.0 & INT != 0).then_some(self.0 as i64 >> 1)
    }
    /// Is this a packed string? The order of two such words, as numbers, is that of the strings.
    #[inline]
    pub fn is_packed(self) -> bool {
        self.0 & 15 == text::PACKED
    }
    /// The string that this word is, if it is one. (Inlined by force, as all that it is made of: so the text stays in registers.)
    #[inline(always)]
    pub fn as_short_str(self) -> Option<Short> {
        const PLAIN: u64 = small(STR, 0).0;
        const FULL: u64 = small(STR | 1, 0).0;
        match self.0 & 0xFF {
            PLAIN => text::from_plain(self.0 >> 8, false),
            FULL => text::from_plain(self.0 >> 8, true),
            _ if self.is_packed() => text::from_packed(self),
            _ => None,
        }
    }
    /// A double, if its exponent is one of those that fit (all from about 1e-77 to 1e77, and 0.0).
    #[inline]
    pub fn float(f: f64) -> Option<Word> {
        let bits = f.to_bits();
        if bits == 0 {
            return Some(Word(FLOAT_ZERO));
        }
        // The three bits below the sign are 011 or 100 for the usual exponents: one bit tells them apart, so two are free.
        let word = bits.rotate_left(3) & !3 | FLOAT;
        (matches!(bits >> 60 & 7, 3 | 4) && word != FLOAT_ZERO).then_some(Word(word))
    }
    fn to_float(self) -> Option<f64> {
        if self.0 & 3 != FLOAT {
            return None;
        }
        if self.0 == FLOAT_ZERO {
            return Some(0.0);
        }
        // Bit 63 of the word is bit 60 of the double (rotated by 3): 1 means 011, 0 means 100.
        let low = 2 - (self.0 >> 63);
        Some(f64::from_bits((self.0 & !3 | low).rotate_right(3)))
    }
    /// A character.
    pub fn char(c: u32) -> Word {
        small(CHAR, c as u64)
    }
    /// `true` or `false`.
    pub fn bool(b: bool) -> Word {
        if b { Word::TRUE } else { Word::FALSE }
    }
    /// A string, if it needs no block: up to 7 bytes, or 8 to 10 letters, digits and hyphens.
    #[inline]
    pub fn short_str(bytes: &[u8]) -> Option<Word> {
        short(STR, bytes).or_else(|| text::packed(bytes))
    }
    /// A keyword (`ns/name` without the colon), if it is short enough to need no entry in the table of names.
    pub fn short_keyword(bytes: &[u8]) -> Option<Word> {
        short(KEYWORD, bytes)
    }
    /// A symbol, likewise.
    pub fn short_symbol(bytes: &[u8]) -> Option<Word> {
        short(SYMBOL, bytes)
    }
    /// A longer keyword, by its entry in the table of names.
    pub fn long_keyword(entry: Off) -> Word {
        small(LONG_KEYWORD, entry.0 >> 4)
    }
    /// A longer symbol, by its entry in the table of names.
    pub fn long_symbol(entry: Off) -> Word {
        small(LONG_SYMBOL, entry.0 >> 4)
    }
    /// What this word says by itself.
    #[inline]
    pub fn decode(self) -> Immediate {
        use Immediate::*;
        let w = self.0;
        if let Some(i) = self.as_int() {
            return Int(i);
        }
        match w & 15 {
            0 if w != 0 => Block(self::Off(w)),
            SMALL => {
                let payload = w >> 8;
                match w >> 4 & 15 {
                    CONST => match payload {
                        0 => Nil,
                        1 => Bool(false),
                        2 => Bool(true),
                        _ => Unknown,
                    },
                    CHAR if payload <= 0x10_FFFF => Char(payload as u32),
                    STR..KEYWORD => self.as_short_str().map_or(Unknown, Str),
                    k @ KEYWORD..LONG_KEYWORD => match text::from_plain(payload, k & 1 == 1) {
                        None => Unknown,
                        Some(s) => match k & !1 {
                            KEYWORD => Keyword(s),
                            _ => Symbol(s),
                        },
                    },
                    LONG_KEYWORD if payload != 0 => LongKeyword(self::Off(payload << 4)),
                    LONG_SYMBOL if payload != 0 => LongSymbol(self::Off(payload << 4)),
                    EMPTY => match payload {
                        0 => Empty(self::Empty::Map),
                        1 => Empty(self::Empty::Set),
                        2 => Empty(self::Empty::Vector),
                        3 => Empty(self::Empty::List),
                        4 => Empty(self::Empty::SortedMap),
                        5 => Empty(self::Empty::SortedSet),
                        6 => Empty(self::Empty::IntMap),
                        _ => Unknown,
                    },
                    _ => Unknown,
                }
            }
            text::PACKED => self.as_short_str().map_or(Unknown, Str),
            DESCRIPTOR if self == Word::ABSENT => Absent,
            _ => self.to_float().map_or(Unknown, Float),
        }
    }
}

#[inline]
fn short(kind: u64, bytes: &[u8]) -> Option<Word> {
    let (payload, full) = text::plain(bytes)?;
    Some(small(kind | u64::from(full), payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_63_bits_come_back() {
        for i in [0, 1, -1, i64::MAX >> 1, i64::MIN >> 1, 42] {
            assert_eq!(Word::int(i).unwrap().decode(), Immediate::Int(i));
        }
        assert_eq!(Word::int(i64::MAX), None);
        assert_eq!(Word::int(i64::MIN), None);
    }

    #[test]
    fn doubles_come_back_or_need_a_block() {
        for f in [0.0, 1.0, -1.0, 1.5, 0.1, -1e-70, 1e70, std::f64::consts::PI, 2.0, 4.0, 1.7272337110188893e-77] {
            if let Some(w) = Word::float(f) {
                assert_eq!(w.decode(), Immediate::Float(f), "{f}");
            }
        }
        for f in [0.0, 1.0, -1.0, 0.1, 1e70, -1e-70] {
            assert!(Word::float(f).is_some(), "{f}");
        }
        for f in [-0.0, f64::INFINITY, f64::NAN, 1e300, 1e-300, f64::MIN_POSITIVE / 2.0] {
            assert_eq!(Word::float(f), None, "{f}");
        }
        let mut x = 1u64;
        for _ in 0..1_000_000 {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            let f = f64::from_bits(x);
            if let Some(w) = Word::float(f) {
                assert_eq!(w.decode(), Immediate::Float(f));
            }
        }
    }

    #[test]
    fn short_text_comes_back() {
        for n in 0..=7 {
            let text = &b"ab\0defg"[..n];
            for word in [Word::short_str(text), Word::short_keyword(text), Word::short_symbol(text)] {
                let found = word.unwrap().decode();
                let (Immediate::Str(s) | Immediate::Keyword(s) | Immediate::Symbol(s)) = found else {
                    panic!("{found:?}")
                };
                assert_eq!(s.as_bytes(), text);
            }
        }
        let Immediate::Str(s) = Word::short_str(b"key-12345").unwrap().decode() else { panic!("no string") };
        assert_eq!(s.as_bytes(), b"key-12345");
        assert_eq!(Word::short_str(b"12345678901"), None);
        assert_eq!(Word::short_keyword(b"key-12345"), None);
        assert_eq!(Word::short_symbol(b"key-12345"), None);
    }

    #[test]
    fn blocks_and_names_have_a_place_and_nothing_else_has() {
        let off = Off(0x1230);
        for word in [Word::block(off), Word::long_keyword(off), Word::long_symbol(off)] {
            assert_eq!(word.place(), Some(off));
        }
        let texts =
            [Word::short_str(b"1234567890"), Word::short_keyword(b"a"), Word::short_symbol(b"b")].map(Option::unwrap);
        let numbers = [Word::int(0x1280).unwrap(), Word::float(2.5).unwrap(), Word::char(8)];
        for word in texts.into_iter().chain(numbers).chain([Word::NIL, Word::TRUE, Word::EMPTY_MAP, Word::ABSENT]) {
            assert_eq!(word.place(), None, "{word:?}");
        }
    }

    #[test]
    fn constants_are_distinct_and_frozen() {
        assert_eq!(Word::NIL.0, 0x4);
        assert_eq!(Word::TRUE.0, 0x204);
        assert_eq!(Word::EMPTY_MAP.0, 0xa4);
        assert_eq!(Word::EMPTY_LIST.0, 0x3a4);
        assert_eq!(Word::ABSENT.decode(), Immediate::Absent);
        assert_eq!(Word::int(1).unwrap().0, 3);
        assert_eq!(Word::short_str(b"a").unwrap().0, 0x0100_0000_0000_6124);
        assert_eq!(Word::short_str(b"-0Az----").unwrap().0, 0x0423_3F04_1041_000C);
        assert_eq!(Word(0).decode(), Immediate::Unknown);
    }
}
