//! Times of single operations. On x86-64 the time stamp counter, fenced on both sides so that neither the operation
//! leaks out of its bracket nor its neighbours in; elsewhere `Instant`. What an empty bracket takes is measured at the
//! start (the mean of many, without the slowest tenth) and taken off every sample. The counter may move in steps of
//! several nanoseconds; the mean over many brackets does not mind, and quantiles are spread over the step.

use std::time::{Duration, Instant};

/// A counter, what one tick of it is worth and what reading it twice costs.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Nanoseconds a tick.
    pub ns_per_tick: f64,
    /// Nanoseconds that an empty bracket takes.
    pub overhead_ns: f64,
    /// Ticks that the counter moves at once.
    step: u64,
}

impl Clock {
    /// Which counter this is, for the report.
    pub const SOURCE: &str = if cfg!(target_arch = "x86_64") { "rdtsc between lfences" } else { "Instant" };

    /// Measures the tick (for 50 ms) and the bracket.
    pub fn calibrate() -> Clock {
        let (wall, from) = (Instant::now(), now());
        while wall.elapsed() < Duration::from_millis(50) {
            std::hint::spin_loop();
        }
        let ticks = now() - from;
        let ns_per_tick = wall.elapsed().as_nanos() as f64 / ticks as f64;
        let mut empty: Vec<u64> = (0..100_001)
            .map(|_| {
                let start = now();
                now() - start
            })
            .collect();
        empty.sort_unstable();
        let step = empty.iter().fold(0, |step, ticks| gcd(step, *ticks)).max(1);
        let usual = &empty[..empty.len() / 10 * 9];
        let overhead_ns = usual.iter().sum::<u64>() as f64 / usual.len() as f64 * ns_per_tick;
        Clock { ns_per_tick, overhead_ns, step }
    }

    /// What the counter moves at once, in nanoseconds.
    pub fn step_ns(&self) -> f64 {
        self.step as f64 * self.ns_per_tick
    }

    /// Nanoseconds of a bracket of `ticks`, without what the bracket itself took.
    pub fn ns(&self, ticks: u64) -> f64 {
        ticks as f64 * self.ns_per_tick - self.overhead_ns
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The counter, now.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn now() -> u64 {
    use std::arch::x86_64::{_mm_lfence, _rdtsc};
    // SAFETY: every x86-64 has SSE2 and the time stamp counter.
    unsafe {
        _mm_lfence();
        let ticks = _rdtsc();
        _mm_lfence();
        ticks
    }
}

/// The counter, now.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub fn now() -> u64 {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}
