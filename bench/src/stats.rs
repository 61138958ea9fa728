//! Quantiles of one batch, and what many rounds say together.

use serde::Serialize;

/// Quantiles of one batch of single operations, in nanoseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
    /// Half of them took at most this.
    pub p50: f64,
    /// 95 of 100 took at most this.
    pub p95: f64,
    /// 99 of 100 took at most this.
    pub p99: f64,
}

impl Quantiles {
    /// Of these samples (any order); `None` if there are none. A counter that moves in steps makes many samples equal:
    /// such a run is taken as spread evenly over the `step` around its value, so that a quantile is finer than a step.
    pub fn of(samples: &mut [f64], step: f64) -> Option<Quantiles> {
        samples.sort_unstable_by(f64::total_cmp);
        let at = |q: f64| {
            let rank = ((samples.len() as f64 * q) as usize).min(samples.len().checked_sub(1)?);
            let value = samples[rank];
            let near = |other: f64| (other - value).abs() < step / 4.0;
            let first = samples[..rank].partition_point(|s| !near(*s));
            let after = rank + samples[rank..].partition_point(|s| near(*s)).max(1);
            let within = (rank - first) as f64 + 0.5;
            Some(value + step * (within / (after - first) as f64 - 0.5))
        };
        Some(Quantiles { p50: at(0.50)?, p95: at(0.95)?, p99: at(0.99)? })
    }
}

/// The median; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// One operation of one subject over all rounds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rounds {
    /// Each round's quantiles, in the order of the rounds.
    pub rounds: Vec<Quantiles>,
    /// Single operations in all.
    pub samples: u64,
}

impl Rounds {
    /// Adds a batch, in nanoseconds, taken with a counter of this step (0 for "none").
    pub fn add(&mut self, mut batch: Vec<f64>, step: f64) {
        if let Some(quantiles) = Quantiles::of(&mut batch, step) {
            self.rounds.push(quantiles);
            self.samples += batch.len() as u64;
        }
    }
    /// The median over the rounds, of each quantile.
    pub fn typical(&self) -> Option<Quantiles> {
        let of = |pick: fn(&Quantiles) -> f64| median(&self.rounds.iter().map(pick).collect::<Vec<_>>());
        Some(Quantiles { p50: of(|q| q.p50)?, p95: of(|q| q.p95)?, p99: of(|q| q.p99)? })
    }
    /// The lowest and the highest p50 of any round.
    pub fn spread(&self) -> Option<(f64, f64)> {
        let p50 = || self.rounds.iter().map(|q| q.p50);
        (!self.rounds.is_empty()).then(|| (p50().fold(f64::INFINITY, f64::min), p50().fold(0.0, f64::max)))
    }
    /// How many times the p50 of `base` this p50 is: the median of the rounds' own ratios, so that a drift of the
    /// machine, which hits both in the same round, cancels.
    pub fn ratio(&self, base: &Rounds) -> Option<f64> {
        let ratios: Vec<f64> =
            self.rounds.iter().zip(&base.rounds).filter(|(_, b)| b.p50 > 0.0).map(|(a, b)| a.p50 / b.p50).collect();
        median(&ratios)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_ranks_they_name() {
        let mut samples: Vec<f64> = (0..100).rev().map(f64::from).collect();
        let q = Quantiles::of(&mut samples, 0.0).expect("there are samples");
        assert_eq!((q.p50, q.p95, q.p99), (50.0, 95.0, 99.0));
        assert!(Quantiles::of(&mut [], 1.0).is_none());
        let one = Quantiles::of(&mut [7.0], 1.0).expect("there is one");
        assert_eq!((one.p50, one.p99), (7.0, 7.0));
    }

    #[test]
    fn a_coarse_counter_still_tells_finer_than_its_step() {
        // 30 of 100 read 10, the other 70 read 20: the median is 20 of 70 into the upper step
        let mut samples: Vec<f64> = [vec![10.0; 30], vec![20.0; 70]].concat();
        let q = Quantiles::of(&mut samples, 10.0).expect("there are samples");
        assert!((q.p50 - (15.0 + 10.0 * 20.5 / 70.0)).abs() < 1e-9, "{q:?}");
    }

    #[test]
    fn ratio_cancels_a_drift_that_hits_both() {
        let (mut a, mut b) = (Rounds::default(), Rounds::default());
        for speed in [1.0, 5.0, 2.0] {
            a.add(vec![3.0 * speed; 9], 0.0);
            b.add(vec![2.0 * speed; 9], 0.0);
        }
        assert_eq!(a.ratio(&b), Some(1.5));
        assert_eq!(a.spread(), Some((3.0, 15.0)));
        assert_eq!(a.ratio(&Rounds::default()), None);
    }
}
