//! Adds to a counter in a file so many times, and prints its value: the Rust part of tests with several runtimes.
//!
//! `count FILE ATOM TIMES`, or `count FILE ATOM` to print the value alone.

use eve_core::value::Value;
use eve_core::{Domain, Error};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (file, name) = match &arguments[..] {
        [file, name] | [file, name, _] => (file, name),
        _ => return Err("usage: count FILE ATOM [TIMES]".into()),
    };
    let atom = Domain::open(file)?.atom(name, || Ok(Value::from(0)))?;
    if let Some(times) = arguments.get(2) {
        for _ in 0..times.parse::<u64>()? {
            atom.update(|n| Ok::<_, Error>(Value::from(i64::try_from(n)? + 1)))?;
        }
    }
    println!("{}", atom.load()?.value()?);
    Ok(())
}
