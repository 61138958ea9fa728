//! The rounds. All subjects of one size are built and stay alive; then every round gives each of them one batch of
//! swaps, one of gets and some walks, beginning with another subject each time, so that a drift of the machine hits
//! all alike.

use serde::Serialize;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Result;
use crate::clock::{Clock, now};
use crate::keys::{Key, Rng};
use crate::stats::Rounds;
use crate::subjects::{self, BenchKey, Subject};

/// How much is measured.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// Entries of the maps.
    pub sizes: Vec<usize>,
    /// Rounds a size.
    pub rounds: usize,
    /// Most single operations a batch.
    pub batch: usize,
    /// A batch ends early after this. Milliseconds.
    pub budget_ms: u64,
    /// Untimed operations before each batch, for as long as the batch itself at most: they fetch back what the
    /// subjects before it pushed out of the caches.
    pub warm: usize,
    /// Bulk builds a size below a million entries; from there on one.
    pub builds: usize,
}

impl Settings {
    /// Up to `max` entries.
    pub fn full(max: usize) -> Settings {
        let sizes = [1_000, 100_000, 1_000_000, 10_000_000].into_iter().filter(|n| *n <= max).collect();
        Settings { sizes, rounds: 9, batch: 20_000, budget_ms: 150, warm: 20_000, builds: 5 }
    }
    /// Small sizes, for a check on every change: tells a factor of two, not ten percent.
    pub fn quick() -> Settings {
        Settings { sizes: vec![1_000, 100_000], rounds: 3, batch: 5_000, budget_ms: 40, warm: 5_000, builds: 2 }
    }
    fn budget(&self) -> Duration {
        Duration::from_millis(self.budget_ms)
    }
}

/// What one subject took at one size with one kind of key. Nanoseconds; for a walk and a build, nanoseconds an entry.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// The kind of key.
    pub keys: &'static str,
    /// Entries.
    pub n: usize,
    /// The subject's name.
    pub subject: &'static str,
    /// One swap.
    pub swap: Rounds,
    /// One lookup in a snapshot.
    pub get: Rounds,
    /// A walk over everything.
    pub iterate: Rounds,
    /// A bulk build, creating the file counted.
    pub build: Rounds,
    /// Right after a build.
    pub bytes_per_entry: Option<f64>,
}

/// Measures every subject at one size.
pub fn run_size<K: BenchKey>(n: usize, settings: &Settings, clock: &Clock, dir: &Path) -> Result<Vec<Case>> {
    let dir = tempfile::tempdir_in(dir)?;
    let keys = K::make(n);
    let mut subjects = subjects::all::<K>(dir.path());
    let mut cases: Vec<Case> = subjects.iter().map(|s| Case::new::<K>(s.name(), n)).collect();
    for _ in 0..if n < 1_000_000 { settings.builds } else { 1 } {
        for (subject, case) in subjects.iter_mut().zip(&mut cases) {
            let from = now();
            subject.build(&keys)?;
            case.build.add(vec![clock.ns(now() - from) / n as f64], 0.0);
            case.bytes_per_entry = subject.bytes()?.map(|bytes| bytes as f64 / n as f64);
        }
    }
    let mut rng = Rng::new(n as u64);
    for round in 0..settings.rounds {
        // the same keys for all of them
        let draw: Vec<usize> = (0..settings.warm + settings.batch).map(|_| rng.below(n as u64) as usize).collect();
        for turn in 0..subjects.len() {
            let i = (round + turn) % subjects.len();
            subjects[i].before_round(&keys)?;
            measure(&mut *subjects[i], &mut cases[i], &keys, &draw, settings, clock)
                .map_err(|e| format!("{} with {n} entries, {}: {e}", cases[i].subject, K::NAME))?;
        }
    }
    Ok(cases)
}

impl Case {
    fn new<K: Key>(subject: &'static str, n: usize) -> Case {
        let rounds = Rounds::default;
        let (swap, get, iterate, build) = (rounds(), rounds(), rounds(), rounds());
        Case { keys: K::NAME, n, subject, swap, get, iterate, build, bytes_per_entry: None }
    }
}

/// One subject's turn in one round.
fn measure<K: BenchKey>(
    subject: &mut dyn Subject<K>,
    case: &mut Case,
    keys: &[K],
    draw: &[usize],
    settings: &Settings,
    clock: &Clock,
) -> Result<()> {
    let mut value = 0;
    case.swap.add(
        batch(keys, draw, settings, clock, |key| {
            value += 1;
            subject.swap(key, value)
        })?,
        clock.step_ns(),
    );
    subject.pin()?;
    let mut missed = 0u64;
    case.get.add(
        batch(keys, draw, settings, clock, |key| {
            missed += u64::from(std::hint::black_box(subject.get(key)?).is_none());
            Ok(())
        })?,
        clock.step_ns(),
    );
    if missed > 0 {
        return Err(format!("{missed} keys were not found").into());
    }
    let (deadline, mut walks) = (Instant::now() + settings.budget() / 3, Vec::new());
    while walks.is_empty() || (walks.len() < 200 && Instant::now() < deadline) {
        let from = now();
        let (n, sum) = subject.iterate()?;
        walks.push(clock.ns(now() - from) / keys.len() as f64);
        std::hint::black_box(sum);
        if n != keys.len() as u64 {
            return Err(format!("a walk over {} entries met {n}", keys.len()).into());
        }
    }
    case.iterate.add(walks, 0.0);
    subject.unpin();
    Ok(())
}

/// Times `op` alone, key by key, until the batch is full or its time is up; nanoseconds each.
fn batch<K: Key>(
    keys: &[K],
    draw: &[usize],
    settings: &Settings,
    clock: &Clock,
    mut op: impl FnMut(&K) -> Result<()>,
) -> Result<Vec<f64>> {
    let (warm, timed) = draw.split_at(settings.warm.min(draw.len()));
    let deadline = Instant::now() + settings.budget();
    for some in warm.chunks(100) {
        for &i in some {
            op(&keys[i])?;
        }
        if Instant::now() > deadline {
            break;
        }
    }
    let deadline = Instant::now() + settings.budget();
    let mut samples = Vec::with_capacity(timed.len());
    for some in timed.chunks(100) {
        for &i in some {
            keys[i].touch();
            let from = now();
            op(&keys[i])?;
            samples.push(clock.ns(now() - from));
        }
        if Instant::now() > deadline {
            break;
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_run_measures_every_subject() {
        let dir = tempfile::tempdir().expect("a directory");
        let settings = Settings { sizes: vec![500], rounds: 2, batch: 200, budget_ms: 20, warm: 10, builds: 1 };
        let cases = run_size::<i64>(500, &settings, &Clock::calibrate(), dir.path()).expect("a run");
        assert!(cases.len() >= 4);
        for case in &cases {
            assert_eq!(case.swap.rounds.len(), 2, "{}", case.subject);
            assert!(case.get.typical().is_some_and(|q| q.p50 > 0.0 && q.p50 <= q.p99), "{}", case.subject);
            assert!(case.iterate.typical().is_some() && case.build.typical().is_some(), "{}", case.subject);
        }
    }
}
