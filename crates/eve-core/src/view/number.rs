//! Integers in bytes and decimals, brought to the one form in which they are hashed and compared.

use num_bigint::BigInt;
use smallvec::SmallVec;

/// Bytes of a number that mostly need no memory of their own.
pub(crate) type Digits = SmallVec<[u8; 16]>;

/// The shortest two's complement with the same value; no bytes at all are zero.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let mut n = bytes.len();
    while n > 1 && matches!((bytes[n - 1], bytes[n - 2] >= 0x80), (0, false) | (0xFF, true)) {
        n -= 1;
    }
    if n == 0 { &[0] } else { &bytes[..n] }
}

/// The integer, if it is one of 64 bits.
pub(crate) fn to_i64(bytes: &[u8]) -> Option<i64> {
    to_i128(bytes).and_then(|i| i.try_into().ok())
}

/// The integer, if its shortest form has up to 16 bytes.
fn to_i128(bytes: &[u8]) -> Option<i128> {
    let bytes = trim(bytes);
    let sign = if bytes[bytes.len() - 1] >= 0x80 { 0xFF } else { 0 };
    let mut all = [sign; 16];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i128::from_le_bytes(all))
}

/// A decimal without trailing zeros; zero has scale 0. Zeros stay where taking them off would need a scale below `i32::MIN`.
pub(crate) fn normal_decimal(scale: i32, unscaled: &[u8]) -> (i32, Digits) {
    let most = (scale as i64 - i32::MIN as i64) as u64;
    let Some(mut i) = to_i128(unscaled) else {
        let (taken, digits) = strip_zeros(BigInt::from_signed_bytes_le(unscaled), most);
        return ((scale as i64 - taken as i64) as i32, Digits::from_vec(digits.to_signed_bytes_le()));
    };
    if i == 0 {
        return (0, Digits::from_slice(&[0]));
    }
    let mut taken = 0;
    while taken < most && i % 10 == 0 {
        i /= 10;
        taken += 1;
    }
    ((scale as i64 - taken as i64) as i32, Digits::from_slice(trim(&i.to_le_bytes())))
}

/// Divides by the highest power of ten, up to 10^`most`, that divides `n` (not zero): how high it is, and what is left.
/// The powers 10^(2^k) are tried from the highest down, so a number of many zeros takes few divisions.
pub(crate) fn strip_zeros(mut n: BigInt, most: u64) -> (u64, BigInt) {
    let zeros = n.trailing_zeros().unwrap_or(0).min(most);
    let mut powers = vec![];
    let mut power = BigInt::from(10);
    while 1u64 << powers.len() <= zeros && power.bits() <= n.bits() {
        let next = &power * &power;
        powers.push(std::mem::replace(&mut power, next));
    }
    let mut taken = 0;
    for (k, power) in powers.iter().enumerate().rev() {
        if taken + (1 << k) <= zeros && (&n % power).bits() == 0 {
            n /= power;
            taken += 1 << k;
        }
    }
    (taken, n)
}

/// Is it a fraction that is no integer, in lowest terms, with its sign above the line? That is its one form: equality and hash go by it.
pub(crate) fn is_lowest_terms(numerator: &[u8], denominator: &[u8]) -> bool {
    if let (Some(a), Some(b)) = (to_i128(numerator), to_i128(denominator)) {
        let (mut a, mut rest) = (a.unsigned_abs(), b.unsigned_abs());
        while rest != 0 {
            (a, rest) = (rest, a % rest);
        }
        return b > 1 && a == 1;
    }
    let one = BigInt::from(1);
    let (mut a, b) = (BigInt::from_signed_bytes_le(numerator), BigInt::from_signed_bytes_le(denominator));
    let mut rest = b.clone();
    while rest != BigInt::ZERO {
        let next = &a % &rest;
        a = std::mem::replace(&mut rest, next);
    }
    b > one && (a == one || a == -one)
}

/// Are these two decimals of equal value?
pub(crate) fn same_decimal(a: (i32, &[u8]), b: (i32, &[u8])) -> bool {
    if a.0 == b.0 { trim(a.1) == trim(b.1) } else { normal_decimal(a.0, a.1) == normal_decimal(b.0, b.1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(scale: i32, unscaled: &str) -> (i32, String) {
        let (scale, digits) = normal_decimal(scale, &unscaled.parse::<BigInt>().unwrap().to_signed_bytes_le());
        (scale, BigInt::from_signed_bytes_le(&digits).to_string())
    }

    #[test]
    fn zeros_behind_do_not_count() {
        assert_eq!(decimal(2, "100"), (0, "1".into()));
        assert_eq!(decimal(7, "0"), (0, "0".into()));
        assert_eq!(decimal(-3, "-120"), (-4, "-12".into()));
        let long = format!("7{}", "0".repeat(3000));
        assert_eq!(decimal(1, &long), (-2999, "7".into()));
        assert_eq!(decimal(0, &format!("123456789{long}")), (-3000, "1234567897".into()));
        assert_eq!(decimal(i32::MIN + 1, "1000"), (i32::MIN, "100".into()));
        assert_eq!(decimal(i32::MIN + 2, &long), (i32::MIN, long[..2999].into()));
    }

    #[test]
    fn ratios_have_one_form() {
        let is = |a: &str, b: &str| {
            let bytes = |s: &str| s.parse::<BigInt>().unwrap().to_signed_bytes_le();
            is_lowest_terms(&bytes(a), &bytes(b))
        };
        let huge = "1000000000000000000000000000000000000000000000000000000000000001"; // 10^63 + 1
        for (a, b) in [("1", "2"), ("-3", "2"), ("1", huge), ("-2", huge), (huge, "2")] {
            assert!(is(a, b), "{a}/{b}");
        }
        for (a, b) in
            [("1", "0"), ("0", "0"), ("0", "2"), ("2", "4"), ("1", "-2"), ("-1", "-2"), ("4", "2"), ("5", "1")]
        {
            assert!(!is(a, b), "{a}/{b}");
        }
        for (a, b) in [(huge, "0"), ("0", huge), (huge, "1"), (huge, huge), ("11", huge), (huge, "-2")] {
            assert!(!is(a, b), "{a}/{b}");
        }
        let min = "-170141183460469231731687303715884105728"; // the least of 128 bits
        assert!(is(min, "3") && !is(min, "2") && !is("3", min) && !is(min, min));
    }

    #[test]
    fn integers_have_one_form() {
        for i in [0i64, 1, -1, 127, 128, -128, -129, 255, 256, i64::MAX, i64::MIN] {
            assert_eq!(trim(&i.to_le_bytes()), BigInt::from(i).to_signed_bytes_le());
            assert_eq!(to_i64(&(i as i128).to_le_bytes()), Some(i));
        }
        assert_eq!(to_i64(&(i64::MAX as i128 + 1).to_le_bytes()), None);
        assert_eq!(to_i64(&[]), Some(0));
    }
}
