//! Builds a map of many integers and puts it into an atom: something for a profiler to look at.
//! `cargo run --release -p eve-core --example bulk -- ENTRIES`
use eve_core::value::{Map, Value};
use eve_core::{Error, OpenOptions};
use std::time::Instant;

fn main() -> Result<(), Error> {
    let entries: i64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(1_000_000);
    let domain = OpenOptions::new().reserve(64 << 30).anonymous()?;
    let atom = domain.atom("bulk", || Ok(Value::empty_map()))?;
    let start = Instant::now();
    let map: Map = (0..entries).map(|i| (Value::Int(i), Value::Int(i))).collect();
    let made = start.elapsed();
    atom.reset(&Value::Map(map))?;
    let all = start.elapsed();
    println!("{:.0} ns an entry, of which the host's map took {:.0}", per(all, entries), per(made, entries));
    Ok(())
}

fn per(time: std::time::Duration, n: i64) -> f64 {
    time.as_nanos() as f64 / n as f64
}
