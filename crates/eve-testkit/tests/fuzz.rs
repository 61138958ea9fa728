//! The fuzz targets as tests: every input that once found something, then new ones for a while. `EVE_FUZZ_SECONDS` says how long, for
//! each target.

use eve_testkit::fuzz::{Mutator, TARGETS, Target};
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn found(name: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus-found").join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Runs one input; says which if it panics, and if it takes too long.
fn run(name: &str, target: Target, input: &[u8]) {
    let begin = Instant::now();
    if let Err(panic) = std::panic::catch_unwind(|| target(input)) {
        eprintln!("{name} fails for the input {}", hex(input));
        std::panic::resume_unwind(panic);
    }
    assert!(begin.elapsed() < Duration::from_secs(20), "{name} takes too long for the input {}", hex(input));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn fuzz(name: &str) {
    let (_, target) = TARGETS[TARGETS.iter().position(|target| target.0 == name).unwrap()];
    let mut seeds = found(name);
    for input in &seeds {
        run(name, target, input);
    }
    seeds.push(br#"{:a [1 2.5 "text" #{1/2 3M}] "b" (nil true \c)}"#.to_vec());
    seeds.push(br#"{"a": [1, -2.5e3, "\ud83d\ude00", null, true, {}], "b": {"c": []}}"#.to_vec());
    let seconds = std::env::var("EVE_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    let seed = std::env::var("EVE_FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(0x5eed);
    let mut mutator = Mutator::new(seed, seeds);
    let (begin, mut runs) = (Instant::now(), 0u64);
    while begin.elapsed().as_secs_f64() < seconds {
        run(name, target, &mutator.next_input());
        runs += 1;
    }
    println!("{name}: {runs} inputs");
}

#[test]
fn programs_of_swaps_do_what_the_model_does() {
    fuzz("patches");
}

#[test]
fn any_bytes_as_edn_are_a_value_or_an_error() {
    fuzz("edn");
}

#[test]
fn any_bytes_as_json_are_a_value_or_an_error() {
    fuzz("json");
}

#[test]
fn damaged_files_give_values_or_errors() {
    fuzz("open_damaged");
}
