//! How long a check, a collection and a rebuild of a large file take: `cargo run --release --example verify_large -- FILE ENTRIES`.

use eve_core::value::Value;
use eve_core::{Domain, Error};
use std::time::Instant;

fn main() -> eve_core::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(entries)) = (arguments.next(), arguments.next().and_then(|n| n.parse::<i64>().ok())) else {
        println!("usage: verify_large FILE ENTRIES");
        return Ok(());
    };
    let domain = Domain::open(&file)?;
    let atom = domain.atom("large", || Ok(Value::empty_map()))?;
    let mut at = 0;
    while at < entries {
        let to = (at + 500_000).min(entries);
        atom.update::<Error>(|v| (at..to).try_fold(v, |v, i| v.assoc(i, i)))?;
        at = to;
    }
    let start = Instant::now();
    for i in 0..1_000_000i64 {
        atom.update::<Error>(|v| v.assoc(i.wrapping_mul(7919) % entries, i))?;
    }
    println!("a swap: {:.0} ns on average", start.elapsed().as_nanos() as f64 / 1e6);
    let committed = domain.stat()?.committed;
    let start = Instant::now();
    let report = domain.verify(|_, _| {})?;
    println!(
        "{} MB, {} blocks: verify {:.2} s, ok {}",
        committed >> 20,
        report.blocks,
        start.elapsed().as_secs_f64(),
        report.is_ok()
    );
    let start = Instant::now();
    let collected = domain.gc(|_, _| {})?;
    println!("gc {:.2} s: {collected}", start.elapsed().as_secs_f64());
    drop((atom, domain));
    let start = Instant::now();
    drop(Domain::open(&file)?);
    println!("open {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or(""));
    Ok(())
}
