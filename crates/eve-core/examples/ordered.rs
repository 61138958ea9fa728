//! Sorted maps and integer maps beside maps without order: nanoseconds for one new key in a commit, for a look-up, and for an entry
//! on the way through. `cargo run --release -p eve-core --example ordered [ENTRIES]`

use eve_core::value::{Map, Order, Value};
use eve_core::{Domain, Error};
use std::ops::ControlFlow;
use std::time::Instant;

fn key(i: u64, text: bool) -> Value {
    let i = (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as i64;
    if text { Value::from(format!("a key of some length {i}")) } else { Value::Int(i) }
}

fn main() -> Result<(), Error> {
    let n: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    for text in [false, true] {
        for order in [Order::Hash, Order::Sorted, Order::Integer] {
            if text && order == Order::Integer {
                continue;
            }
            let domain = Domain::anonymous()?;
            let map: Map = (0..n).map(|i| (key(i, text), Value::Int(i as i64))).collect();
            let map = map.in_order(order)?;
            let begin = Instant::now();
            let atom = domain.atom("m", || Ok(map.into()))?;
            let build = begin.elapsed().as_nanos() as u64 / n;
            let mut inserts = Vec::new();
            for i in n..n + 50_000 {
                let key = key(i, text);
                let begin = Instant::now();
                atom.update(|value| value.assoc(&key, 1i64))?;
                inserts.push(begin.elapsed().as_nanos() as u64);
            }
            inserts.sort_unstable();
            let mut puts = Vec::new();
            for i in 0..50_000 {
                let key = key(i * 7919 % n, text);
                let begin = Instant::now();
                atom.update(|value| value.assoc(&key, -1i64))?;
                puts.push(begin.elapsed().as_nanos() as u64);
            }
            puts.sort_unstable();
            let now = atom.load()?;
            let keys: Vec<Value> = (0..200_000).map(|i| key(i * 7919 % n, text)).collect();
            let begin = Instant::now();
            let mut sum = 0;
            for key in &keys {
                sum += now.view().get(key)?.and_then(|v| v.as_i64()).unwrap_or(0);
            }
            let get = begin.elapsed().as_nanos() as u64 / keys.len() as u64;
            let begin = Instant::now();
            let mut seen = 0u64;
            let _ = now.view().for_each_entry(|_, v| {
                seen += 1;
                sum += v.as_i64().unwrap_or(0);
                ControlFlow::<()>::Continue(())
            })?;
            let walk = begin.elapsed().as_nanos() as f64 / seen as f64;
            println!(
                "{order:?} {}: build {build} ns an entry, new key p50 {} p99 {}, put p50 {} p99 {}, get {get}, walk {walk:.1} ({sum})",
                if text { "text" } else { "integers" },
                inserts[inserts.len() / 2],
                inserts[inserts.len() * 99 / 100],
                puts[puts.len() / 2],
                puts[puts.len() * 99 / 100],
            );
        }
    }
    Ok(())
}
