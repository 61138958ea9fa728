//! Integers of any size as bytes: two's complement, little-endian, as short as they can be but at least one byte.
//! Only what equality, hashing and printing need; arithmetic is the business of a library for big numbers.

/// The same integer without bytes that say nothing. No bytes at all mean 0.
pub fn trim(bytes: &[u8]) -> &[u8] {
    let mut n = bytes.len();
    while n >= 2 && (bytes[n - 1] == 0 && bytes[n - 2] < 0x80 || bytes[n - 1] == 0xFF && bytes[n - 2] >= 0x80) {
        n -= 1;
    }
    if n == 0 { &[0] } else { &bytes[..n] }
}

/// An integer as bytes, as short as they can be.
pub fn from_i128(i: i128) -> Vec<u8> {
    trim(&i.to_le_bytes()).to_vec()
}

/// The integer, if it fits.
pub fn to_i128(bytes: &[u8]) -> Option<i128> {
    let bytes = trim(bytes);
    let mut all = [if is_negative(bytes) { 0xFF } else { 0 }; 16];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i128::from_le_bytes(all))
}

/// The integer, if it fits.
pub fn to_i64(bytes: &[u8]) -> Option<i64> {
    to_i128(bytes)?.try_into().ok()
}

/// Is it below 0?
pub fn is_negative(bytes: &[u8]) -> bool {
    bytes.last().is_some_and(|&b| b >= 0x80)
}

/// Absolute value in 32-bit digits, the lowest first, without zeros at the end.
fn magnitude(bytes: &[u8]) -> Vec<u32> {
    let negative = is_negative(bytes);
    let fill = if negative { 0xFF } else { 0 };
    let mut carry = negative;
    let mut digits: Vec<u32> = bytes
        .chunks(4)
        .map(|chunk| {
            let mut four = [fill; 4];
            four[..chunk.len()].copy_from_slice(chunk);
            let digit = u32::from_le_bytes(four);
            if !negative {
                return digit;
            }
            let (digit, over) = (!digit).overflowing_add(carry as u32);
            carry = over;
            digit
        })
        .collect();
    if negative && carry {
        digits.push(1);
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}

/// The integer with this absolute value and sign.
fn from_magnitude(negative: bool, digits: &[u32]) -> Vec<u8> {
    let mut bytes: Vec<u8> = digits.iter().flat_map(|d| d.to_le_bytes()).chain([0]).collect();
    if negative {
        let mut carry = true;
        for b in &mut bytes {
            let (next, over) = (!*b).overflowing_add(carry as u8);
            (*b, carry) = (next, over);
        }
    }
    trim(&bytes).to_vec()
}

/// Divides in place and gives the remainder.
fn divide(digits: &mut Vec<u32>, by: u32) -> u32 {
    let mut rest = 0u64;
    for digit in digits.iter_mut().rev() {
        let all = rest << 32 | *digit as u64;
        *digit = (all / by as u64) as u32;
        rest = all % by as u64;
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    rest as u32
}

/// In decimal, with a minus sign if it is below 0. The cost grows with the square of the length.
pub fn to_decimal(bytes: &[u8]) -> String {
    if let Some(i) = to_i128(bytes) {
        return i.to_string();
    }
    let mut digits = magnitude(bytes);
    let mut groups = Vec::new();
    while !digits.is_empty() {
        groups.push(divide(&mut digits, 1_000_000_000));
    }
    let mut text = String::with_capacity(groups.len() * 9 + 1);
    if is_negative(bytes) {
        text.push('-');
    }
    for (i, group) in groups.iter().rev().enumerate() {
        text.push_str(&if i == 0 { group.to_string() } else { format!("{group:09}") });
    }
    text
}

/// A decimal without zeros at its end, so that equal decimals become the same pair.
pub fn canonical_decimal(scale: i32, unscaled: &[u8]) -> (i64, Vec<u8>) {
    let mut scale = scale as i64;
    if let Some(mut i) = to_i128(unscaled) {
        if i == 0 {
            return (0, vec![0]);
        }
        while i % 10 == 0 {
            i /= 10;
            scale -= 1;
        }
        return (scale, from_i128(i));
    }
    let mut digits = magnitude(unscaled);
    loop {
        let mut shorter = digits.clone();
        if divide(&mut shorter, 10) != 0 {
            return (scale, from_magnitude(is_negative(unscaled), &digits));
        }
        digits = shorter;
        scale -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_at_the_edges() {
        for i in
            [0, 1, -1, 127, 128, -128, -129, 255, 256, i64::MAX as i128 + 1, i64::MIN as i128 - 1, i128::MAX, i128::MIN]
        {
            let bytes = from_i128(i);
            assert_eq!(to_i128(&bytes), Some(i));
            assert_eq!(trim(&bytes), &bytes[..]);
            assert_eq!(from_magnitude(i < 0, &magnitude(&bytes)), bytes, "{i}");
        }
        assert_eq!(trim(&[]), &[0]);
        assert_eq!(to_i64(&from_i128(i64::MAX as i128 + 1)), None);
    }

    #[test]
    fn decimals_of_any_length_print_and_shorten() {
        // -2^200
        let mut bytes = vec![0u8; 25];
        bytes.push(0xFF);
        assert_eq!(to_decimal(&bytes), "-1606938044258990275541962092341162602522202993782792835301376");
        assert_eq!(canonical_decimal(2, &from_i128(150)), canonical_decimal(1, &from_i128(15)));
        assert_eq!(canonical_decimal(7, &[0]), (0, vec![0]));
        let mut digits = magnitude(&bytes);
        let by = digits.iter().map(|&d| d as u64 * 10).fold((vec![], 0u64), |(mut out, carry), d| {
            out.push((d + carry) as u32);
            (out, (d + carry) >> 32)
        });
        digits = by.0;
        digits.push(by.1 as u32);
        assert_eq!(canonical_decimal(1, &from_magnitude(true, &digits)), (0, trim(&bytes).to_vec()));
    }
}
