//! Keys of both kinds, and the fixed generator that draws them.

use std::hash::Hash;
use std::hint::black_box;
use std::sync::Arc;

/// xorshift64*: small, fixed, the same on every machine.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A stream of its own for every seed but 0, which counts as 1.
    pub fn new(seed: u64) -> Rng {
        Rng(seed.max(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    /// One of `0..n` (`n` at least 1, below 2^32 for an even draw).
    pub fn below(&mut self, n: u64) -> u64 {
        ((self.next() >> 32) * n) >> 32
    }
}

/// What the subjects are keyed by.
pub trait Key: Clone + Eq + Hash + 'static {
    /// For the report.
    const NAME: &'static str;
    /// `n` keys, all different, the same ones every time.
    fn make(n: usize) -> Vec<Self>;
    /// Reads the key's own bytes, so that a lookup does not pay for the benchmark's copy of the key.
    fn touch(&self);
    /// A copy that shares nothing, for a subject that owns its keys.
    fn owned(&self) -> Self;
    /// The key as bytes, for stores that know only bytes. In order for integers that are not negative.
    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R;
}

/// `0..n`, in ascending order: what suits the B+ trees best (they fill by appending), and what a hash does not see.
impl Key for i64 {
    const NAME: &'static str = "64-bit integers";
    fn make(n: usize) -> Vec<i64> {
        (0..n as i64).collect()
    }
    fn touch(&self) {
        black_box(*self);
    }
    fn owned(&self) -> i64 {
        *self
    }
    #[inline]
    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&self.to_be_bytes())
    }
}

/// 16 to 40 random letters and digits, in no order.
impl Key for Arc<str> {
    const NAME: &'static str = "strings of 16 to 40 bytes";
    fn make(n: usize) -> Vec<Arc<str>> {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut rng = Rng::new(40);
        let mut text = String::with_capacity(40);
        (0..n)
            .map(|_| {
                text.clear();
                for _ in 0..16 + rng.below(25) {
                    text.push(LETTERS[rng.below(36) as usize] as char);
                }
                Arc::from(text.as_str())
            })
            .collect()
    }
    fn touch(&self) {
        black_box(self.bytes().fold(0u8, u8::wrapping_add));
    }
    fn owned(&self) -> Arc<str> {
        Arc::from(&**self)
    }
    #[inline]
    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(self.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_differ_and_come_back_the_same() {
        let strings = <Arc<str>>::make(50_000);
        assert_eq!(strings.iter().collect::<HashSet<_>>().len(), strings.len());
        assert!(strings.iter().all(|s| (16..=40).contains(&s.len())));
        assert!(strings.iter().any(|s| s.len() == 16) && strings.iter().any(|s| s.len() == 40));
        assert_eq!(strings[..100], <Arc<str>>::make(100)[..]);
    }

    #[test]
    fn below_reaches_every_value_and_no_other() {
        let mut rng = Rng::new(1);
        let seen: HashSet<u64> = (0..1000).map(|_| rng.below(7)).collect();
        assert_eq!(seen, (0..7).collect());
    }
}
