//! What is written as a string behind a tag: instants, uuids, bytes, and names that have no plain form.

use eve_core::value::Value;

/// What a tag makes of the string behind it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Literal {
    Inst,
    Uuid,
    Bytes,
    Keyword,
    Symbol,
}

impl Literal {
    pub(crate) fn of_tag(tag: &str) -> Option<Literal> {
        Some(match tag {
            "inst" => Literal::Inst,
            "uuid" => Literal::Uuid,
            "eve/bytes" => Literal::Bytes,
            "eve/keyword" => Literal::Keyword,
            "eve/symbol" => Literal::Symbol,
            _ => return None,
        })
    }
    pub(crate) fn example(self) -> &'static str {
        match self {
            Literal::Inst => "#inst \"2026-01-02T03:04:05.678-00:00\"",
            Literal::Uuid => "#uuid \"01234567-89ab-cdef-0123-456789abcdef\"",
            Literal::Bytes => "#eve/bytes \"AQID\"",
            Literal::Keyword => "#eve/keyword \"a name\"",
            Literal::Symbol => "#eve/symbol \"a name\"",
        }
    }
    /// The value, or `None` if the string is none of these.
    pub(crate) fn value(self, text: &[u8]) -> Option<Value> {
        match self {
            Literal::Inst => instant(std::str::from_utf8(text).ok()?),
            Literal::Uuid => uuid(text).map(Value::Uuid),
            Literal::Bytes => base64(text).map(|bytes| Value::Bytes(bytes.into())),
            Literal::Keyword => Some(Value::keyword(eve_core::value::Str::from_bytes(text))),
            Literal::Symbol => Some(Value::symbol(eve_core::value::Str::from_bytes(text))),
        }
    }
}

/// `yyyy[-MM[-dd[Thh[:mm[:ss[.fff…]]]]]][Z|+hh:mm|-hh:mm]`; a year of other than four digits has a sign.
pub(crate) fn instant(text: &str) -> Option<Value> {
    let mut scan = Scan(text);
    let sign = scan.one_of(&['+', '-']);
    let year_digits = scan.digits(4, if sign.is_some() { 18 } else { 4 })?;
    let year: i64 = year_digits.parse().ok()?;
    let year = if sign == Some('-') { -year } else { year };
    let (mut month, mut day, mut hour, mut minute, mut second, mut nanos) = (1, 1, 0, 0, 0, 0);
    // A chain: each part only behind the one before.
    let parts: [(char, &mut i64, i64, i64); 5] = [
        ('-', &mut month, 1, 12),
        ('-', &mut day, 1, 31),
        ('T', &mut hour, 0, 23),
        (':', &mut minute, 0, 59),
        (':', &mut second, 0, 60),
    ];
    let mut complete = true;
    for (i, (before, part, least, most)) in parts.into_iter().enumerate() {
        // "-" behind the hour begins a zone, not a part; behind a year or month it is a part if two digits follow.
        if !complete || scan.0.starts_with(before) && i < 2 && scan.0.get(3..4) == Some(":") {
            break;
        }
        complete = scan.one_of(&[before]).is_some();
        if complete {
            *part = scan.digits(2, 2)?.parse().ok()?;
            if !(least..=most).contains(part) {
                return None;
            }
        }
    }
    if complete && scan.one_of(&['.']).is_some() {
        let digits = scan.digits(1, 18)?;
        nanos = format!("{digits:0<9}")[..9].parse().ok()?;
    }
    let offset = match scan.one_of(&['Z', '+', '-']) {
        None | Some('Z') => 0,
        Some(sign) => {
            let hours: i64 = scan.digits(2, 2)?.parse().ok()?;
            scan.one_of(&[':'])?;
            let minutes: i64 = scan.digits(2, 2)?.parse().ok()?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if sign == '-' { -60 } else { 60 }
        }
    };
    if !scan.0.is_empty() || day > days_in(year, month) {
        return None;
    }
    let seconds = days(year, month, day)? as i128 * 86_400 + (hour * 3600 + minute * 60 + second - offset) as i128;
    Some(Value::Instant { seconds: seconds.try_into().ok()?, nanos })
}

struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn one_of(&mut self, chars: &[char]) -> Option<char> {
        let c = self.0.chars().next().filter(|c| chars.contains(c))?;
        self.0 = &self.0[c.len_utf8()..];
        Some(c)
    }
    fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let n = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(n);
        self.0 = rest;
        (n >= least).then_some(digits)
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar without a beginning.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era.checked_mul(146_097)?.checked_add(of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut n = 0;
    for (i, &b) in text.iter().enumerate() {
        if matches!(i, 8 | 13 | 18 | 23) {
            if b != b'-' {
                return None;
            }
            continue;
        }
        bytes[n / 2] = bytes[n / 2] << 4 | (b as char).to_digit(16)? as u8;
        n += 1;
    }
    Some(bytes)
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.iter().rev().take_while(|&&b| b == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut all, mut bits) = (0u32, 0);
    for &b in &text[..text.len() - padding] {
        let digit = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        all = (all << 6 | digit as u32) & 0xFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((all >> bits) as u8);
        }
    }
    // The bits that no byte takes are 0.
    (all & ((1 << bits) - 1) == 0).then_some(bytes)
}
