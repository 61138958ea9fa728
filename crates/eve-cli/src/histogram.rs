//! Times of operations in fixed memory.

use std::time::Duration;

/// Steps within each power of two: the error is below 1/64.
const STEPS: usize = 32;
/// Powers of two of nanoseconds.
const POWERS: usize = 60;

/// Counts durations in about 2000 buckets, each at most a 32th of its value wide.
#[derive(Clone)]
pub struct Histogram {
    counts: Box<[u64]>,
    total: u64,
}

impl Histogram {
    /// Empty.
    pub fn new() -> Histogram {
        Histogram { counts: vec![0; STEPS * POWERS].into(), total: 0 }
    }
    /// One more.
    #[inline]
    pub fn add(&mut self, took: Duration) {
        self.counts[bucket(took.as_nanos() as u64)] += 1;
        self.total += 1;
    }
    /// How many.
    pub fn total(&self) -> u64 {
        self.total
    }
    /// Those of another, too.
    pub fn merge(&mut self, other: &Histogram) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }
    /// Empty again.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.total = 0;
    }
    /// The time in nanoseconds that this share of them took at most; 0 if there are none.
    pub fn percentile(&self, share: f64) -> u64 {
        let rank = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (i, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank.max(1) {
                return middle(i);
            }
        }
        0
    }
}

fn bucket(nanos: u64) -> usize {
    if nanos < STEPS as u64 {
        return nanos as usize;
    }
    let power = nanos.ilog2() as usize; // at least 5
    let step = (nanos >> (power - 5)) as usize - STEPS;
    ((power - 4) * STEPS + step).min(STEPS * POWERS - 1)
}

fn middle(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let (power, step) = (bucket / STEPS + 4, bucket % STEPS);
    let width = 1u64 << (power - 5);
    (STEPS + step) as u64 * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_of_known_times() {
        let mut h = Histogram::new();
        assert_eq!(h.percentile(0.5), 0);
        for i in 1..=1000u64 {
            h.add(Duration::from_nanos(i * 100));
        }
        for (share, nanos) in [(0.5, 50_000.0), (0.95, 95_000.0), (0.99, 99_000.0)] {
            let got = h.percentile(share) as f64;
            assert!((got / nanos - 1.0).abs() < 0.02, "{share}: {got}");
        }
    }

    proptest! {
        #[test]
        fn a_bucket_is_near_what_falls_into_it(nanos in any::<u64>().prop_map(|n| n >> (n % 64))) {
            let nanos = nanos.min(1 << 62);
            let near = middle(bucket(nanos));
            prop_assert!(near.abs_diff(nanos) <= nanos / 32, "{nanos}: {near}");
        }
    }
}
