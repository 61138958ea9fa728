//! Integers of any size as bytes: two's complement, little-endian, as short as they can be but at least one byte.
//! Only what equality, hashing and printing need; arithmetic is the business of a library for big numbers.

use crate::view::strip_zeros;
use num_bigint::BigInt;

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

/// In decimal, with a minus sign if it is below 0. The cost grows with the square of the length.
pub fn to_decimal(bytes: &[u8]) -> String {
    match to_i128(bytes) {
        Some(i) => i.to_string(),
        None => BigInt::from_signed_bytes_le(bytes).to_string(),
    }
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
    let (taken, digits) = strip_zeros(BigInt::from_signed_bytes_le(unscaled), u64::MAX);
    (scale - taken as i64, digits.to_signed_bytes_le())
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
        let ten_times: BigInt = BigInt::from_signed_bytes_le(&bytes) * 10;
        let ten_times = ten_times.to_signed_bytes_le();
        assert_eq!(canonical_decimal(1, &ten_times), (0, trim(&bytes).to_vec()));
    }

    /// A second each, before; or minutes, in a debug build.
    #[test]
    fn a_hundred_thousand_digits_take_no_time() {
        let zeros = 100_000;
        let long = BigInt::from(7) * BigInt::from(10).pow(zeros);
        let bytes = long.to_signed_bytes_le();
        let text = to_decimal(&bytes);
        assert!(text.len() == 100_001 && text.starts_with("70") && text.ends_with('0'));
        assert_eq!(canonical_decimal(1, &bytes), (1 - i64::from(zeros), vec![7]));
        let odd = BigInt::to_signed_bytes_le(&(long + 1));
        assert_eq!(canonical_decimal(1, &odd), (1, odd.clone()));
    }
}
