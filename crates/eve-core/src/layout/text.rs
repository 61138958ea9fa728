//! Text that is kept in a word: any up to 7 bytes, and strings of 8 to 10 letters, digits and hyphens, 6 bits each.

use super::word::Word;

/// Text that needs no block: its bytes, zeros behind them, and in the last byte how many they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Short([u8; 16]);

impl Short {
    /// Bytes at most.
    pub const MOST: usize = 10;

    /// The text whose bytes are those of this number, the lowest first. (As one number, so that it need not go through memory.)
    #[inline(always)]
    fn new(text: u128, len: u64) -> Short {
        Short((text | u128::from(len) << 120).to_le_bytes())
    }
    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0[..usize::from(self.0[15])]
    }
    /// The bytes as a number, the first one lowest, and how many there are.
    #[inline]
    pub fn as_number(&self) -> (u128, u64) {
        let all = u128::from_le_bytes(self.0);
        (all & (u128::MAX >> 8), (all >> 120) as u64)
    }
}

/// Bytes of text that any word of text can hold, whatever they are.
const PLAIN: usize = 7;

/// The payload (56 bits) of up to 7 bytes, and whether they are 7: up to 6 have their length in the seventh byte.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> Option<(u64, bool)> {
    // Two loads that may overlap: what is copied piece by piece cannot be loaded as a whole at once.
    let text = match *bytes {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => u64::from(u16::from_le_bytes([a, b])) | u64::from(c) << 16,
        [a, b, c, d, ..] if bytes.len() <= PLAIN => {
            let last = bytes.last_chunk().map_or(0, |last| u32::from_le_bytes(*last));
            u64::from(u32::from_le_bytes([a, b, c, d])) | u64::from(last) << (8 * (bytes.len() - 4))
        }
        _ => return None,
    };
    let full = bytes.len() == PLAIN;
    Some((if full { text } else { text | (bytes.len() as u64) << 48 }, full))
}

/// The text of such a payload.
#[inline(always)]
pub(super) fn from_plain(payload: u64, full: bool) -> Option<Short> {
    let len = if full { PLAIN as u64 } else { payload >> 48 };
    if len > 6 && !full {
        return None;
    }
    let text = payload & ((1 << (8 * len)) - 1);
    Some(Short::new(text.into(), len))
}

/// The low bits of a word of packed text. The first character is in the highest six of the others, so that such words are ordered as their texts.
pub(super) const PACKED: u64 = 0b1100;

/// The characters of packed text by their codes from 1 on, which rise as the bytes do; code 0 says that the text has ended.
const ALPHABET: &[u8; 63] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const CODES: [u8; 256] = {
    let mut codes = [0; 256];
    let mut i = 0;
    while i < ALPHABET.len() {
        codes[ALPHABET[i] as usize] = i as u8 + 1;
        i += 1;
    }
    codes
};

/// The word of a text of 8 to 10 characters, if each of them has a code.
#[inline]
pub(super) fn packed(bytes: &[u8]) -> Option<Word> {
    if !(PLAIN + 1..=Short::MOST).contains(&bytes.len()) {
        return None;
    }
    let (mut codes, mut all) = (0, true);
    for &byte in bytes {
        let code = CODES[byte as usize];
        codes = codes << 6 | u64::from(code);
        all &= code != 0;
    }
    all.then_some(Word(codes << (64 - 6 * bytes.len()) | PACKED))
}

const CHARACTERS: [u8; 64] = {
    let mut characters = [0; 64];
    let mut i = 0;
    while i < ALPHABET.len() {
        characters[i + 1] = ALPHABET[i];
        i += 1;
    }
    characters
};

/// The text of a word of packed text; `None` if it has fewer than 8 characters, or some behind its end.
#[inline(always)]
pub(super) fn from_packed(word: Word) -> Option<Short> {
    let first = eight_characters(word.0 >> 16)?;
    let [ninth, tenth] = [word.0 >> 10, word.0 >> 4].map(|code| u64::from(CHARACTERS[(code & 63) as usize]));
    let len = match (ninth, tenth) {
        (0, 0) => 8,
        (0, _) => return None,
        (_, 0) => 9,
        _ => 10,
    };
    Some(Short::new(u128::from(first) | u128::from(ninth | tenth << 8) << 64, len))
}

/// The characters of 8 codes of 6 bits, the first one highest: a byte for each, the first one lowest. All at once: one by one they would be most of
/// what a look at an entry costs. `None` if one of them is 0.
#[inline(always)]
fn eight_characters(codes: u64) -> Option<u64> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let wide = codes & 0x0000_00FF_FFFF | (codes & 0xFFFF_FF00_0000) << 8;
    let wide = wide & 0x0000_0FFF_0000_0FFF | (wide & 0x00FF_F000_00FF_F000) << 4;
    let wide = wide & 0x003F_003F_003F_003F | (wide & 0x0FC0_0FC0_0FC0_0FC0) << 2;
    // 1 in each byte whose code is this one or a later one.
    let from = |code: u64| (wide + (0x80 - code) * ONES) >> 7 & ONES;
    // What is added to a code grows with each run of the alphabet.
    let hyphen = b'-' as u64 - 1;
    let (digit, upper, lower) = (b'0' as u64 - 2, b'A' as u64 - 12, b'a' as u64 - 38);
    let runs = from(2) * (digit - hyphen) + from(12) * (upper - digit) + from(38) * (lower - upper);
    (from(1) == ONES).then(|| (wide + hyphen * ONES + runs).swap_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_comes_back() {
        for n in 0..=PLAIN {
            let text = &b"ab\0d\xE9fg"[..n];
            let (payload, full) = plain(text).unwrap();
            assert!(payload < 1 << 56 && full == (n == PLAIN));
            assert_eq!(from_plain(payload, full).unwrap().as_bytes(), text);
        }
        assert_eq!(plain(b"12345678"), None);
        assert_eq!(from_plain(7 << 48, false), None, "a length of 7 in a word for up to 6");
    }

    #[test]
    fn packed_text_comes_back() {
        for text in ["key-1234", "key-12345", "key-123456", "--------", "0000000000", "zzzzzzzzzz", "AZaz09-xy"] {
            let word = packed(text.as_bytes()).unwrap();
            assert_eq!(word.0 & 15, PACKED);
            assert_eq!(from_packed(word).unwrap().as_bytes(), text.as_bytes());
        }
        for text in ["", "1234567", "12345678901", "key_1234", "key 1234", "key\x001234", "sch\u{f6}n-12"] {
            assert_eq!(packed(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn packed_text_of_each_byte_and_place_comes_back_or_needs_a_block() {
        for len in 8..=Short::MOST {
            for at in 0..len {
                for byte in 0..=255 {
                    let mut text = b"middle-of9"[..len].to_vec();
                    text[at] = byte;
                    match packed(&text) {
                        Some(word) => assert_eq!(from_packed(word).unwrap().as_bytes(), text),
                        None => assert!(!(byte.is_ascii_alphanumeric() || byte == b'-'), "{byte}"),
                    }
                }
            }
        }
    }

    #[test]
    fn packed_words_are_ordered_as_their_texts() {
        let texts =
            ["--------", "-------0", "-------00", "-------0A", "0000000a", "0000000a-", "zzzzzzzz", "zzzzzzzz-"];
        for pair in texts.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|text| packed(text.as_bytes()).unwrap());
            assert!(pair[0] < pair[1] && a.0 < b.0, "{pair:?}");
        }
    }

    #[test]
    fn damaged_packed_words_are_told() {
        let good = packed(b"key-123456").unwrap().0;
        let without = |i: u64| Word(good & !(63 << (58 - 6 * i)));
        for i in 0..9 {
            assert_eq!(from_packed(without(i)), None, "no character at {i}");
        }
        assert_eq!(from_packed(without(9)).unwrap().as_bytes(), b"key-12345");
        assert_eq!(from_packed(Word(PACKED)), None);
    }
}
