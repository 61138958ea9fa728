//! Swaps one key of a map in a loop: something for a profiler to look at.
//! `cargo run --release -p eve-core --example spin -- ENTRIES SECONDS [PATH]`
use eve_core::value::{Map, Value};
use eve_core::{Error, OpenOptions};
use std::time::{Duration, Instant};

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().collect();
    let number = |i: usize, or: u64| args.get(i).and_then(|a| a.parse().ok()).unwrap_or(or);
    let (entries, seconds) = (number(1, 1000), number(2, 3));
    let domain = match args.get(3) {
        Some(path) => OpenOptions::new().reserve(4 << 30).open(path)?,
        None => OpenOptions::new().reserve(4 << 30).anonymous()?,
    };
    let map: Map = (0..entries as i64).map(|i| (Value::Int(i), Value::Int(i))).collect();
    let atom = domain.atom("spin", || Ok(Value::Map(map)))?;
    let mut x = 88172645463325252u64;
    let (start, mut swaps) = (Instant::now(), 0u64);
    while swaps == 0 || start.elapsed() < Duration::from_secs(seconds) {
        for _ in 0..10_000 {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            let key = (x >> 11) % entries;
            atom.update(|map| match map {
                Value::Map(map) => Ok(Value::Map(map.assoc(key as i64, x as i64 >> 8))),
                other => Err(Error::value(format!("not a map: {other:?}"))),
            })?;
        }
        swaps += 10_000;
    }
    println!("{swaps} swaps, {:.0} ns each", start.elapsed().as_nanos() as f64 / swaps as f64);
    Ok(())
}
