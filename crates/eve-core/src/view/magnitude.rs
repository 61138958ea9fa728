//! Numbers of all types compared by value, exactly.

use crate::value::Scalar;
use num_bigint::{BigInt, Sign};
use std::cmp::Ordering;

/// Numbers of equal value and of different types are not equal, so their types decide: in this order.
fn class(number: &Scalar<'_>) -> u8 {
    match number {
        Scalar::Ratio { .. } => 1,
        Scalar::Decimal { .. } => 2,
        Scalar::Float(_) => 3,
        _ => 0,
    }
}

/// The order of two numbers. NaN comes before all others. Costs a few instructions for integers and doubles, big arithmetic of about the
/// length of the digits for others.
pub(crate) fn compare(a: &Scalar<'_>, b: &Scalar<'_>) -> Ordering {
    let by_value = match (a, b) {
        (Scalar::Int(a), Scalar::Int(b)) => return a.cmp(b),
        (Scalar::Float(a), Scalar::Float(b)) => return floats(*a, *b),
        (Scalar::Float(f), _) if f.is_nan() => Ordering::Less,
        (_, Scalar::Float(f)) if f.is_nan() => Ordering::Greater,
        (Scalar::Int(i), Scalar::Float(f)) => int_and_float(*i, *f),
        (Scalar::Float(f), Scalar::Int(i)) => int_and_float(*i, *f).reverse(),
        (Scalar::Float(f), _) if f.is_infinite() => infinite(*f),
        (_, Scalar::Float(f)) if f.is_infinite() => infinite(*f).reverse(),
        _ => Exact::of(a).compare(&Exact::of(b)),
    };
    by_value.then_with(|| class(a).cmp(&class(b)))
}

fn floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

fn infinite(f: f64) -> Ordering {
    if f > 0.0 { Ordering::Greater } else { Ordering::Less }
}

fn int_and_float(i: i64, f: f64) -> Ordering {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0; // 2^63
    if f >= LIMIT {
        return Ordering::Less;
    }
    if f < -LIMIT {
        return Ordering::Greater;
    }
    let whole = f.trunc();
    i.cmp(&(whole as i64)).then_with(|| whole.partial_cmp(&f).unwrap_or(Ordering::Equal))
}

/// `numerator / denominator · 10^-scale`
struct Exact {
    numerator: BigInt,
    denominator: BigInt,
    scale: i64,
}

impl Exact {
    fn of(number: &Scalar<'_>) -> Exact {
        let one = || BigInt::from(1);
        match number {
            Scalar::Int(i) => Exact { numerator: (*i).into(), denominator: one(), scale: 0 },
            Scalar::BigInt(bytes) => {
                Exact { numerator: BigInt::from_signed_bytes_le(bytes), denominator: one(), scale: 0 }
            }
            Scalar::Decimal { scale, unscaled } => {
                Exact { numerator: BigInt::from_signed_bytes_le(unscaled), denominator: one(), scale: (*scale).into() }
            }
            Scalar::Ratio { numerator, denominator } => Exact {
                numerator: BigInt::from_signed_bytes_le(numerator),
                denominator: BigInt::from_signed_bytes_le(denominator),
                scale: 0,
            },
            Scalar::Float(f) => {
                let bits = f.to_bits();
                let (exponent, fraction) = ((bits >> 52 & 0x7FF) as i64, bits & ((1 << 52) - 1));
                let (digits, exponent) =
                    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
                let digits = if *f < 0.0 { -BigInt::from(digits) } else { BigInt::from(digits) };
                let power = BigInt::from(1) << exponent.unsigned_abs();
                match exponent {
                    0.. => Exact { numerator: digits * power, denominator: one(), scale: 0 },
                    _ => Exact { numerator: digits, denominator: power, scale: 0 },
                }
            }
            _ => Exact { numerator: BigInt::ZERO, denominator: one(), scale: 0 },
        }
    }

    /// About the logarithm of the absolute value to base 2, two off at most.
    fn size(&self) -> f64 {
        let bits = |n: &BigInt| n.bits() as f64;
        bits(&self.numerator) - bits(&self.denominator) - self.scale as f64 * std::f64::consts::LOG2_10
    }

    fn compare(&self, other: &Exact) -> Ordering {
        let signs = (self.numerator.sign(), other.numerator.sign());
        if signs.0 != signs.1 || signs.0 == Sign::NoSign {
            return signs.0.cmp(&signs.1);
        }
        // A power of ten that two numbers differ by may be huge, but then one look at the sizes decides.
        let (a, b) = (self.size(), other.size());
        if (a - b).abs() > 8.0 {
            let larger = if a > b { Ordering::Greater } else { Ordering::Less };
            return if signs.0 == Sign::Minus { larger.reverse() } else { larger };
        }
        let mut left = &self.numerator * &other.denominator;
        let mut right = &other.numerator * &self.denominator;
        let power = BigInt::from(10).pow((self.scale - other.scale).unsigned_abs() as u32);
        if self.scale < other.scale {
            left *= power
        } else {
            right *= power
        }
        left.cmp(&right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(scale: i32, unscaled: &[u8]) -> Scalar<'_> {
        Scalar::Decimal { scale, unscaled }
    }

    #[test]
    fn value_first_then_type() {
        use Ordering::*;
        let (one, two) = ([1u8], [2u8]);
        let half = Scalar::Ratio { numerator: &one, denominator: &two };
        let five = [5u8];
        assert_eq!(compare(&Scalar::Int(1), &Scalar::Float(1.0)), Less);
        assert_eq!(compare(&Scalar::Int(1), &decimal(0, &one)), Less);
        assert_eq!(compare(&decimal(1, &[10]), &decimal(0, &one)), Equal);
        assert_eq!(compare(&half, &decimal(1, &five)), Less);
        assert_eq!(compare(&decimal(1, &five), &Scalar::Float(0.5)), Less);
        assert_eq!(compare(&Scalar::Float(0.1), &decimal(1, &one)), Greater, "0.1 is a little more than a tenth");
        assert_eq!(compare(&Scalar::Float(-0.0), &Scalar::Float(0.0)), Equal);
        assert_eq!(compare(&Scalar::Float(f64::NAN), &Scalar::Float(f64::NEG_INFINITY)), Less);
        assert_eq!(compare(&Scalar::Float(f64::NAN), &Scalar::Float(-f64::NAN)), Equal);
        assert_eq!(compare(&Scalar::Float(f64::INFINITY), &Scalar::BigInt(&[0xFF; 40])), Greater);
        assert_eq!(compare(&Scalar::Int(i64::MAX), &Scalar::Float(9_223_372_036_854_775_807.0)), Less);
        assert_eq!(compare(&Scalar::Int(9_007_199_254_740_993), &Scalar::Float(9_007_199_254_740_992.0)), Greater);
        assert_eq!(compare(&Scalar::Int(-3), &Scalar::Float(-2.5)), Less);
        assert_eq!(compare(&Scalar::Int(-2), &Scalar::Float(-2.5)), Greater);
    }

    #[test]
    fn huge_scales_cost_nothing() {
        use Ordering::*;
        let one = [1u8];
        assert_eq!(compare(&decimal(i32::MIN, &one), &Scalar::Int(i64::MAX)), Greater);
        assert_eq!(compare(&decimal(i32::MAX, &one), &decimal(i32::MIN, &one)), Less);
        assert_eq!(compare(&decimal(i32::MAX, &[0xFF]), &Scalar::Float(-5e-324)), Greater);
        assert_eq!(compare(&decimal(i32::MIN, &[0]), &Scalar::Int(0)), Greater, "a decimal zero after an integer zero");
    }

    proptest! {
        #[test]
        fn integers_and_doubles_as_in_big_arithmetic(i: i64, bits: u64, near: bool) {
            let f = if near { i as f64 } else { f64::from_bits(bits) };
            prop_assume!(f.is_finite());
            let exact = Exact::of(&Scalar::Int(i)).compare(&Exact::of(&Scalar::Float(f)));
            prop_assert_eq!(int_and_float(i, f), exact);
        }
    }
}
