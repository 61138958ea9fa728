//! Times of single operations. On x86-64 the time stamp counter, fenced on both sides so that neither the operation
//! leaks out of its bracket nor its neighbours in; elsewhere `Instant`. What an empty bracket takes is measured at the
//! start (the median of many) and taken off every sample.

use std::time::{Duration, Instant};

/// A counter, what one tick of it is worth and what reading it twice costs.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Nanoseconds a tick.
    pub ns_per_tick: f64,
    /// Ticks that an empty bracket takes.
    pub overhead: u64,
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
        let middle = empty.len() / 2;
        Clock { ns_per_tick, overhead: *empty.select_nth_unstable(middle).1 }
    }

    /// Nanoseconds of a bracket of `ticks`, without what the bracket itself took.
    pub fn ns(&self, ticks: u64) -> f64 {
        ticks.saturating_sub(self.overhead) as f64 * self.ns_per_tick
    }
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
