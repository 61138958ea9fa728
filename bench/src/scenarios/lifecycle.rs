//! Creating, opening, and what a file is like when it is large or has been written for long.

use std::path::Path;
use std::time::Instant;

use super::{Bound, Engine, Findings, Map, Settings};
use crate::Result;
use crate::clock::{Clock, now};
use crate::keys::Rng;
use crate::stats::{Rounds, median};
use crate::subjects::disk_bytes;

/// Entries of the map that is swapped for long.
const GROWTH_ENTRIES: u64 = 10_000;
const MIB: f64 = 1048576.0;

/// Runs `f` often; the median of what it took. Milliseconds.
fn median_ms<T>(times: usize, mut f: impl FnMut(usize) -> Result<T>) -> Result<f64> {
    let mut took = Vec::with_capacity(times);
    for i in 0..times {
        let from = Instant::now();
        let made = f(i)?;
        took.push(from.elapsed().as_secs_f64() * 1e3);
        drop(made);
    }
    median(&took).ok_or_else(|| "nothing was run".into())
}

/// How long a new file takes, and how much disk.
pub fn create(engine: &dyn Engine, settings: &Settings, dir: &Path, to: &mut Findings) -> Result<()> {
    let file = |i: usize| dir.join(format!("new-{i}"));
    let times = settings.rounds * 10;
    let ms = median_ms(times, |i| engine.create(&file(i)))?;
    let kib = disk_bytes(&file(0))? as f64 / 1024.0;
    for i in 0..times {
        std::fs::remove_file(file(i))?;
    }
    to.add("creating a file", ms, "ms", Some(Bound::AtMost(2.0)));
    to.add("a new file on disk", kib, "KiB", Some(Bound::AtMost(128.0)));
    Ok(())
}

/// The p50 of a swap in a large file against that in a small one, round by round; and opening the large one.
pub fn large_beside_small(engine: &dyn Engine, settings: &Settings, dir: &Path, to: &mut Findings) -> Result<()> {
    let (small, large) = settings.small_and_large;
    let files = [(dir.join("small"), small), (dir.join("large"), large)];
    for (file, n) in &files {
        engine.create(file)?.fill("map", *n)?;
    }
    let mb = disk_bytes(&files[1].0)? as f64 / 1e6;
    let open = median_ms(settings.rounds * 4, |_| engine.open(&files[1].0))?;
    let clock = Clock::calibrate();
    let mut swaps = [Rounds::default(), Rounds::default()];
    let mut rng = Rng::new(large);
    for _ in 0..settings.rounds {
        for ((file, n), rounds) in files.iter().zip(&mut swaps) {
            let store = engine.open(file)?;
            let mut map = store.map("map")?;
            // a fresh mapping has no pages in it yet: enough swaps to meet most of the upper nodes first
            for _ in 0..20_000 {
                map.swap(rng.below(*n) as i64, 0)?;
            }
            rounds.add(timed_swaps(&mut *map, *n, &mut rng, &clock)?, clock.step_ns());
        }
    }
    let [in_small, in_large] = swaps;
    let p50 = |rounds: &Rounds| rounds.typical().map_or(f64::NAN, |q| q.p50);
    to.add("the large file", mb, "MB", None);
    to.add("opening it", open, "ms", Some(Bound::AtMost(1.0)));
    to.add("p50 of a swap in the small file, a hundredth of it", p50(&in_small), "ns", None);
    to.add("p50 of a swap in the large file", p50(&in_large), "ns", None);
    let ratio = in_large.ratio(&in_small).unwrap_or(f64::NAN);
    to.add("large against small", ratio, "", Some(Bound::AtMost(2.0)));
    for (file, _) in &files {
        std::fs::remove_file(file)?;
    }
    Ok(())
}

fn timed_swaps(map: &mut dyn Map, n: u64, rng: &mut Rng, clock: &Clock) -> Result<Vec<f64>> {
    let mut samples = Vec::with_capacity(20_000);
    for i in 0..20_000 {
        let key = rng.below(n) as i64;
        let from = now();
        map.swap(key, i)?;
        samples.push(clock.ns(now() - from));
    }
    Ok(samples)
}

/// By how much many swaps of a small map leave the file larger, without and with a reader that holds the first version.
pub fn growth(engine: &dyn Engine, settings: &Settings, dir: &Path, to: &mut Findings) -> Result<()> {
    for (held, name) in [(false, ""), (true, ", a snapshot held all along")] {
        let file = dir.join(format!("growth-{held}"));
        let store = engine.create(&file)?;
        store.fill("map", GROWTH_ENTRIES)?;
        let before = disk_bytes(&file)? as f64;
        let (mut reader, mut map) = (store.map("map")?, store.map("map")?);
        let guard = if held { Some(reader.hold()?) } else { None };
        let mut rng = Rng::new(settings.swaps);
        let from = Instant::now();
        for i in 0..settings.swaps {
            map.swap(rng.below(GROWTH_ENTRIES) as i64, i as i64)?;
        }
        let seconds = from.elapsed().as_secs_f64();
        let grown = (disk_bytes(&file)? as f64 - before) / MIB;
        drop(guard);
        let millions = settings.swaps as f64 / 1e6;
        let wanted = Some(Bound::AtMost(4.0));
        to.add(format!("growth by {millions} M swaps of 10 thousand entries{name}"), grown, "MiB", wanted);
        to.add(format!("rate of these swaps{name}"), millions / seconds, "M/s", None);
    }
    Ok(())
}
