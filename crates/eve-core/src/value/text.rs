//! Text that a host value owns: strings, and the names of keywords and symbols.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::scalar::Text;

/// Bytes that are kept in the value itself.
const INLINE: usize = 14;

/// A string: WTF-8, that is UTF-8 which may hold lone surrogates. Cloning costs the same for any length.
#[derive(Clone)]
pub struct Str(Repr);

#[derive(Clone)]
enum Repr {
    Inline { len: u8, bytes: [u8; INLINE] },
    Heap(Arc<Box<[u8]>>),
}

impl Str {
    /// The bytes as they are; the caller says that they are WTF-8. Bytes that are not can be looked up, and print as U+FFFD; storing them is an error.
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Into<Vec<u8>>) -> Str {
        let text = bytes.as_ref();
        if text.len() <= INLINE {
            let mut inline = [0; INLINE];
            inline[..text.len()].copy_from_slice(text);
            return Str(Repr::Inline { len: text.len() as u8, bytes: inline });
        }
        Str(Repr::Heap(Arc::new(bytes.into().into_boxed_slice())))
    }
    /// From UTF-16, as JavaScript and the JVM have it: pairs of surrogates become one character, lone ones are kept.
    pub fn from_utf16(units: &[u16]) -> Str {
        let mut bytes = Vec::with_capacity(units.len());
        for unit in char::decode_utf16(units.iter().copied()) {
            push_code_point(&mut bytes, unit.map_or_else(|lone| lone.unpaired_surrogate() as u32, u32::from));
        }
        Str::from_bytes(bytes)
    }
    /// As UTF-16.
    pub fn to_utf16(&self) -> Vec<u16> {
        let mut units = Vec::with_capacity(self.as_bytes().len());
        for c in code_points(self.as_bytes()) {
            match char::from_u32(c) {
                Some(c) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
                None => units.push(c as u16),
            }
        }
        units
    }
    /// The WTF-8 bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => &bytes[..*len as usize],
            Repr::Heap(bytes) => bytes,
        }
    }
    /// As a Rust string; `None` if it holds a lone surrogate. Looks at every byte.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
    /// As a Rust string, with U+FFFD for what is not UTF-8.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }
    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }
    /// Is there no byte?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Str {
        Str::from_bytes(text.as_bytes())
    }
}
impl From<String> for Str {
    fn from(text: String) -> Str {
        Str::from_bytes(text.into_bytes())
    }
}
impl From<Text<'_>> for Str {
    fn from(text: Text<'_>) -> Str {
        Str::from_bytes(text.as_bytes())
    }
}
impl PartialEq for Str {
    fn eq(&self, other: &Str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl Eq for Str {}
impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Str) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Str {
    fn cmp(&self, other: &Str) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}
impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}
impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::print::write_string(f, self.as_bytes())
    }
}

/// The text of a keyword or a symbol: `name` or `namespace/name`, without a colon.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Str);

impl Name {
    /// From its whole text.
    pub fn new(text: impl Into<Str>) -> Name {
        Name(text.into())
    }
    /// From its two parts.
    pub fn with_namespace(namespace: &str, name: &str) -> Name {
        Name(Str::from(format!("{namespace}/{name}")))
    }
    /// The whole text.
    pub fn text(&self) -> &Str {
        &self.0
    }
    /// The WTF-8 bytes of the whole text.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
    /// The whole text as a Rust string; `None` if it holds a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }
    /// The whole text, with U+FFFD for what is not UTF-8.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        self.0.to_string_lossy()
    }
    /// What is before the first `/`, if that is not the first character.
    pub fn namespace(&self) -> Option<Cow<'_, str>> {
        Some(String::from_utf8_lossy(&self.as_bytes()[..self.slash()?]))
    }
    /// What is behind the first `/`, or all of it.
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.as_bytes()[self.slash().map_or(0, |at| at + 1)..])
    }
    fn slash(&self) -> Option<usize> {
        self.as_bytes().iter().position(|&b| b == b'/').filter(|&at| at > 0)
    }
}

impl<T: Into<Str>> From<T> for Name {
    fn from(text: T) -> Name {
        Name(text.into())
    }
}
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_string_lossy())
    }
}

/// Appends a character or lone surrogate (below 0x110000) as WTF-8. A trailing surrogate behind a leading one becomes one character with it.
pub fn push_code_point(bytes: &mut Vec<u8>, c: u32) {
    if let Some(c) = char::from_u32(c) {
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return;
    }
    if let (0xDC00..=0xDFFF, [.., 0xED, second @ 0xA0..=0xAF, third]) = (c, &bytes[..]) {
        let lead = (*second as u32 & 0x1F) << 6 | *third as u32 & 0x3F; // below 0x400
        let whole = 0x1_0000 + ((lead & 0x3FF) << 10) + (c - 0xDC00);
        bytes.truncate(bytes.len() - 3);
        return push_code_point(bytes, whole);
    }
    bytes.extend_from_slice(&[0xE0 | (c >> 12) as u8 & 0xF, 0x80 | (c >> 6) as u8 & 0x3F, 0x80 | c as u8 & 0x3F]);
}

/// The characters and lone surrogates of WTF-8 text; U+FFFD for each byte that is neither.
pub fn code_points(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (c, len) = next_code_point(rest)?;
        rest = &rest[len..];
        Some(c)
    })
}

/// Where bytes stop being WTF-8: UTF-8 in which surrogates may stand, but none behind its leading one, since the pair is one character of 4 bytes.
pub(crate) fn invalid_wtf8(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    let mut led = None; // where a leading surrogate ends that was the last to be read
    loop {
        let at = from + std::str::from_utf8(&bytes[from..]).err()?.valid_up_to();
        match bytes[at..] {
            [0xED, 0xA0..=0xAF, 0x80..=0xBF, ..] => led = Some(at + 3),
            [0xED, 0xB0..=0xBF, 0x80..=0xBF, ..] if led != Some(at) => {}
            [0xED, 0xB0..=0xBF, 0x80..=0xBF, ..] => return Some(at - 3),
            _ => return Some(at),
        }
        from = at + 3;
    }
}

/// The order of two texts by their UTF-16 code units, as Clojure and JavaScript have it; but a lone surrogate comes before all
/// characters above U+FFFF. It is that of the bytes, if those that begin characters from U+E000 to U+FFFF come last.
pub(crate) fn compare_utf16(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let rank = |byte: u8| if matches!(byte, 0xEE | 0xEF) { u16::from(byte) + 0x100 } else { byte.into() };
    // What they begin with is often long and the same.
    let same = a.chunks_exact(8).zip(b.chunks_exact(8)).take_while(|(x, y)| x == y).count() * 8;
    match a[same..].iter().zip(&b[same..]).find(|(x, y)| x != y) {
        Some((x, y)) => rank(*x).cmp(&rank(*y)),
        None => a.len().cmp(&b.len()),
    }
}

/// The first character of WTF-8 text, and how many bytes it takes.
pub(crate) fn next_code_point(bytes: &[u8]) -> Option<(u32, usize)> {
    if let [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] = bytes {
        return Some((0xD000 | (*second as u32 & 0x3F) << 6 | *third as u32 & 0x3F, 3));
    }
    let len = match bytes.first()? {
        0..0x80 => return Some((bytes[0] as u32, 1)),
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    let whole = bytes.get(..len).and_then(|b| std::str::from_utf8(b).ok()).and_then(|s| s.chars().next());
    Some(whole.map_or((0xFFFD, 1), |c| (c as u32, len)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ordered_as_their_utf16() {
        let texts = [
            "",
            "a",
            "ab",
            "b",
            "é",
            "\u{7FF}",
            "\u{800}",
            "\u{D7FF}",
            "\u{E000}",
            "\u{FFFF}",
            "\u{10000}",
            "a\u{10FFFF}",
        ];
        for a in texts {
            for b in texts {
                let expected = a.encode_utf16().cmp(b.encode_utf16());
                assert_eq!(compare_utf16(a.as_bytes(), b.as_bytes()), expected, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn utf16_comes_back_with_lone_surrogates() {
        for units in [&[0x61u16, 0xD83D, 0xDE00][..], &[0xD800], &[0xDC00, 0xD800], &[0xD800, 0x61], &[]] {
            assert_eq!(Str::from_utf16(units).to_utf16(), units);
        }
        assert_eq!(Str::from_utf16(&[0xD83D, 0xDE00]).as_str(), Some("😀"));
        let mut bytes = Vec::new();
        push_code_point(&mut bytes, 0xDBFF);
        push_code_point(&mut bytes, 0xDFFF);
        assert_eq!(bytes, "\u{10FFFF}".as_bytes());
    }

    #[test]
    fn what_is_wtf8_is_told_from_what_is_not() {
        let lone = |c: u32| {
            let mut bytes = Vec::new();
            push_code_point(&mut bytes, c);
            bytes
        };
        let (lead, trail) = (lone(0xD83D), lone(0xDE00));
        for good in [&b""[..], b"abc", "\u{FFFF}é😀".as_bytes(), &lead, &trail] {
            assert_eq!(invalid_wtf8(good), None, "{good:x?}");
            for other in [&lead[..], &trail, b"x", "é".as_bytes()] {
                let (together, pair) = ([good, other].concat(), good == lead && other == trail);
                assert_eq!(invalid_wtf8(&together), pair.then_some(0), "{together:x?}");
            }
        }
        let bad = [
            &b"\xff"[..],
            b"\x80",
            b"\xc0\x80",
            b"\xe2\x82",
            b"\xed\xa0",
            b"\xed\xa0a",
            b"\xf4\x90\x80\x80",
            b"\xf5\x80\x80\x80",
        ];
        for bad in bad {
            assert_eq!(invalid_wtf8(bad), Some(0), "{bad:x?}");
            let within = [b"a", &lead[..], bad, b"a"].concat();
            assert_eq!(invalid_wtf8(&within), Some(4), "{within:x?}");
        }
    }

    #[test]
    fn names_divide_at_the_first_slash_behind_something() {
        let parts = |s: &str| (Name::from(s).namespace().map(String::from), Name::from(s).name().to_string());
        assert_eq!(parts("a/b"), (Some("a".into()), "b".into()));
        assert_eq!(parts("/"), (None, "/".into()));
        assert_eq!(parts("a//"), (Some("a".into()), "/".into()));
        assert_eq!(parts("plain"), (None, "plain".into()));
    }

    #[test]
    fn a_string_is_two_words() {
        assert_eq!(size_of::<Str>(), 16);
    }
}
