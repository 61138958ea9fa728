//! Numbers from their text.

use eve_core::value::Value;
use num_bigint::{BigInt, Sign};

/// Does this token begin as a number?
pub(crate) fn is_number(token: &[u8]) -> bool {
    match token {
        [b'0'..=b'9', ..] => true,
        [b'+' | b'-', second, ..] => second.is_ascii_digit(),
        _ => false,
    }
}

/// An integer as a value.
pub(crate) fn integer(i: &BigInt) -> Value {
    Value::big_int(&i.to_signed_bytes_le())
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits in a radix up to 36, with a sign; `None` if they are not.
fn parse(negative: bool, digits: &str, radix: u32) -> Option<BigInt> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let i = BigInt::parse_bytes(digits.as_bytes(), radix)?;
    Some(if negative { -i } else { i })
}

/// An EDN number; `Err` says what is wrong.
pub(crate) fn edn(token: &str) -> Result<Value, String> {
    let bad = || format!("{token} is no number");
    if let Ok(i) = token.parse::<i64>() {
        let digits = token.trim_start_matches(['+', '-']);
        if digits.len() == 1 || !digits.starts_with('0') {
            return Ok(Value::Int(i));
        }
    }
    let negative = token.starts_with('-');
    let digits = token.strip_prefix(['+', '-']).unwrap_or(token);
    if let Some((above, below)) = digits.split_once('/') {
        return match (parse(negative, above, 10), parse(false, below, 10)) {
            (Some(above), Some(below)) => ratio(above, below).ok_or_else(|| format!("{token} divides by zero")),
            _ => Err(bad()),
        };
    }
    let plain = digits.strip_suffix('N').unwrap_or(digits);
    let whole = if plain == "0" || all_digits(plain) && !plain.starts_with('0') {
        parse(negative, plain, 10)
    } else if let Some(hex) = plain.strip_prefix("0x").or(plain.strip_prefix("0X")) {
        parse(negative, hex, 16)
    } else if let Some((radix, rest)) = plain.split_once(['r', 'R']) {
        let radix = radix.parse::<u32>().ok().filter(|r| (2..=36).contains(r) && all_digits(radix));
        parse(negative, rest, radix.ok_or_else(|| format!("{token} has no radix from 2 to 36"))?)
    } else if all_digits(plain) {
        Some(
            parse(negative, plain, 8)
                .ok_or_else(|| format!("{token} begins with 0, so it is octal, and has a digit above 7"))?,
        )
    } else {
        None
    };
    if let Some(i) = whole {
        return Ok(integer(&i));
    }
    if let Some(text) = digits.strip_suffix('M') {
        return decimal(negative, text).ok_or_else(bad);
    }
    split(digits).ok_or_else(bad)?;
    token.parse().map(Value::Float).map_err(|_| bad())
}

/// A JSON number, by JSON's stricter grammar.
pub(crate) fn json(token: &str) -> Result<Value, String> {
    let bad = || format!("{token} is no JSON value");
    let digits = token.strip_prefix('-').unwrap_or(token);
    let (whole, fraction, exponent) = split(digits).ok_or_else(bad)?;
    let point_alone = digits.contains('.') && fraction.is_empty();
    if digits.starts_with('+') || whole.len() > 1 && whole.starts_with('0') || point_alone {
        return Err(bad());
    }
    if token == "-0" {
        return Ok(Value::Float(-0.0)); // no integer has a sign at zero
    }
    if fraction.is_empty() && exponent.is_none() {
        return match token.parse() {
            Ok(i) => Ok(Value::Int(i)),
            Err(_) => parse(token.starts_with('-'), whole, 10).map(|i| integer(&i)).ok_or_else(bad),
        };
    }
    match token.parse() {
        // JSON has no infinity: a decimal has room for it, unless the exponent is beyond all measure.
        Ok(f) if f64::is_infinite(f) => {
            decimal(token.starts_with('-'), digits).ok_or_else(|| format!("{token} is too large"))
        }
        Ok(f) => Ok(Value::Float(f)),
        Err(_) => Err(bad()),
    }
}

/// `12.5e-3` without sign: whole digits (at least one), digits behind the point, exponent with its sign.
fn split(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fine = all_digits(whole)
        && (fraction.is_empty() || all_digits(fraction))
        && exponent.is_none_or(|e| all_digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    fine.then_some((whole, fraction, exponent))
}

fn decimal(negative: bool, text: &str) -> Option<Value> {
    let (whole, fraction, exponent) = split(text)?;
    let exponent: i64 = exponent.map_or(Some(0), |e| e.parse().ok())?;
    let scale = (fraction.len() as i64).checked_sub(exponent)?.try_into().ok()?;
    let unscaled = parse(negative, &format!("{whole}{fraction}"), 10)?;
    Some(Value::decimal(scale, &unscaled.to_signed_bytes_le()))
}

/// A fraction in lowest terms, or the integer that it is; `None` if it divides by zero.
pub(crate) fn ratio(above: BigInt, below: BigInt) -> Option<Value> {
    let zero = BigInt::ZERO;
    if below == zero {
        return None;
    }
    let (mut a, mut b) = (above.magnitude().clone(), below.magnitude().clone());
    while b != *zero.magnitude() {
        (a, b) = (b.clone(), a % b);
    }
    let divisor = BigInt::from_biguint(Sign::Plus, a);
    let (mut above, mut below) = (above / &divisor, below / &divisor);
    if below < zero {
        (above, below) = (-above, -below);
    }
    if below == BigInt::from(1) {
        return Some(integer(&above));
    }
    Some(Value::ratio(&above.to_signed_bytes_le(), &below.to_signed_bytes_le()))
}
