//! Several processes and threads at once on one counter, on two, and readers beside a writer.

use std::path::Path;

use super::processes::{Done, Job, Work, run_together};
use super::{Bound, Engine, Findings, Settings};
use crate::Result;
use crate::stats::median;

/// Entries of the map that readers read.
const READ_FROM: u64 = 100_000;

fn total(done: &[Done]) -> f64 {
    done.iter().map(Done::rate).sum()
}

/// The median over the rounds of each round's `figures`, so that a drift between rounds cancels.
fn medians<const N: usize>(rounds: usize, mut figures: impl FnMut() -> Result<[f64; N]>) -> Result<[f64; N]> {
    let all = (0..rounds.max(1)).map(|_| figures()).collect::<Result<Vec<_>>>()?;
    Ok(std::array::from_fn(|i| median(&all.iter().map(|f| f[i]).collect::<Vec<_>>()).unwrap_or(f64::NAN)))
}

/// 2 and 4 processes, and 2 and 4 threads of one, on one counter; 2 processes on 2 counters. No update may be lost.
pub fn one_counter(engine: &dyn Engine, settings: &Settings, dir: &Path, to: &mut Findings) -> Result<()> {
    let file = dir.join("counters");
    let store = engine.create(&file)?;
    let job = |atom: &str, threads| Job {
        engine: engine.name().into(),
        file: file.clone(),
        atom: atom.into(),
        work: Work::Bump,
        threads,
        millis: settings.run_ms,
    };
    let (mut on_one, mut on_other) = (0, 0);
    let mut run = |jobs: &[Job]| -> Result<f64> {
        let done = run_together(jobs)?;
        for (job, done) in jobs.iter().zip(&done) {
            *(if job.atom == "one" { &mut on_one } else { &mut on_other }) += done.ops;
        }
        Ok(total(&done))
    };
    let figures = medians(settings.rounds, || {
        let alone = run(&[job("one", 1)])?;
        let two = run(&[job("one", 1), job("one", 1)])?;
        let four = run(&vec![job("one", 1); 4])?;
        let apart = run(&[job("one", 1), job("other", 1)])?;
        let (threads2, threads4) = (run(&[job("one", 2)])?, run(&[job("one", 4)])?);
        Ok([alone, two / alone, four / alone, apart / alone, threads2 / alone, threads4 / alone])
    })?;
    for (atom, ops) in [("one", on_one), ("other", on_other)] {
        let value = store.counter(atom)?.value()?;
        if value != ops as i64 {
            return Err(format!("{}: {ops} swaps of counter {atom:?} made {value}", engine.name()).into());
        }
    }
    let [alone, two, four, apart, threads2, threads4] = figures;
    to.add("swaps of one counter, one process", alone / 1e6, "M/s", None);
    to.add("2 processes on one counter, total against one alone", two, "", Some(Bound::AtLeast(0.7)));
    to.add("4 processes on one counter, total against one alone", four, "", Some(Bound::AtLeast(0.7)));
    to.add("2 processes on 2 atoms, total against one alone", apart, "", Some(Bound::AtLeast(1.7)));
    to.add("2 threads of one process on one counter, total against one alone", threads2, "", None);
    to.add("4 threads of one process on one counter, total against one alone", threads4, "", None);
    Ok(())
}

/// A reader process alone, then beside a writer process of the same map.
pub fn readers_beside_a_writer(engine: &dyn Engine, settings: &Settings, dir: &Path, to: &mut Findings) -> Result<()> {
    let file = dir.join("readers");
    engine.create(&file)?.fill("map", READ_FROM)?;
    let job = |work| Job {
        engine: engine.name().into(),
        file: file.clone(),
        atom: "map".into(),
        work,
        threads: 1,
        millis: settings.run_ms,
    };
    let [alone, kept, writes] = medians(settings.rounds, || {
        let alone = total(&run_together(&[job(Work::Get(READ_FROM))])?);
        let done = run_together(&[job(Work::Get(READ_FROM)), job(Work::Swap(READ_FROM))])?;
        Ok([alone, total(&done[..1]) / alone, total(&done[1..])])
    })?;
    to.add("gets of the newest version, one process alone, 100 thousand entries", alone / 1e6, "M/s", None);
    to.add("the same beside a writer, against alone", kept, "", Some(Bound::AtLeast(0.9)));
    to.add("swaps of that writer", writes / 1e6, "M/s", None);
    Ok(())
}
