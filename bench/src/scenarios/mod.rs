//! What takes several processes, threads or a large file. The drivers know an engine only by the traits here; an
//! engine that implements them and stands in [`engines`] gets all scenarios.

mod contention;
mod eve;
mod floor;
mod lifecycle;
pub mod processes;

use serde::Serialize;
use std::any::Any;
use std::path::Path;

use crate::Result;

/// A store of named atoms in a file that several processes open at once.
pub trait Engine: Sync {
    /// The name in the report, also what a worker process finds it by.
    fn name(&self) -> &'static str;
    /// Does it reuse what swaps leave behind? Without that, the scenarios that watch the file's size are left out.
    fn reclaims(&self) -> bool;
    /// A new file.
    fn create(&self, path: &Path) -> Result<Box<dyn Store>>;
    /// A file that is there.
    fn open(&self, path: &Path) -> Result<Box<dyn Store>>;
}

/// An open file.
pub trait Store: Send + Sync {
    /// A handle on the counter of this name, for one thread; the counter begins at 0. Names have 1 to 8 bytes.
    fn counter(&self, atom: &str) -> Result<Box<dyn Counter + '_>>;
    /// A handle on the map of this name, for one thread, if there is one.
    fn map(&self, atom: &str) -> Result<Box<dyn Map + '_>>;
    /// Puts the map of `0..n`, each key with itself as the value, under this name, built in bulk.
    fn fill(&self, atom: &str, n: u64) -> Result<()>;
}

/// A counter in an atom.
pub trait Counter {
    /// Adds one by a swap that cannot lose an update.
    fn bump(&mut self) -> Result<()>;
    /// What it says now.
    fn value(&mut self) -> Result<i64>;
}

/// A map of integers in an atom.
pub trait Map {
    /// Gives an existing key this value by a swap.
    fn swap(&mut self, key: i64, value: i64) -> Result<()>;
    /// Looks a key up in the newest version: takes a snapshot and drops it.
    fn get(&mut self, key: i64) -> Result<Option<i64>>;
    /// Holds the newest version until the guard is dropped.
    fn hold(&mut self) -> Result<Box<dyn Any>>;
}

/// The engines that take part.
pub fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(floor::Floor), Box::new(eve::Eve)]
}

/// A bound on a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Bound {
    /// It should not be above.
    AtMost(f64),
    /// It should not be below.
    AtLeast(f64),
}

impl Bound {
    /// Is it kept?
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bound::AtMost(most) => value <= most,
            Bound::AtLeast(least) => value >= least,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bound::AtMost(most) => write!(f, "at most {most}"),
            Bound::AtLeast(least) => write!(f, "at least {least}"),
        }
    }
}

/// One figure that a scenario found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Whose.
    pub engine: &'static str,
    /// What was measured.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Its unit; empty for a ratio.
    pub unit: &'static str,
    /// What is wanted of the engine.
    pub wanted: Option<Bound>,
}

/// How much the scenarios do.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Settings {
    /// Rounds of each scenario; the median counts.
    pub rounds: usize,
    /// Length of each run of worker processes. Milliseconds.
    pub run_ms: u64,
    /// Entries of the small map (11 MB) and the large one (1.1 GB), at about 27 bytes each.
    pub small_and_large: (u64, u64),
    /// Swaps after which the file must not have grown.
    pub swaps: u64,
    /// Are sizes and times those that the targets are about?
    pub full: bool,
}

impl Settings {
    /// As the targets name them.
    pub fn full() -> Settings {
        Settings { rounds: 5, run_ms: 700, small_and_large: (400_000, 40_000_000), swaps: 10_000_000, full: true }
    }
    /// The same drivers within seconds; the sizes are too small to compare with the targets.
    pub fn quick() -> Settings {
        Settings { rounds: 1, run_ms: 100, small_and_large: (4_000, 400_000), swaps: 100_000, full: false }
    }
}

/// Collects the figures of one engine.
struct Findings {
    engine: &'static str,
    judged: bool,
    found: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, what: impl Into<String>, value: f64, unit: &'static str, wanted: Option<Bound>) {
        let wanted = wanted.filter(|_| self.judged);
        self.found.push(Finding { engine: self.engine, what: what.into(), value, unit, wanted });
    }
}

/// Runs every scenario with one engine; its files are in `dir` and are gone afterwards.
pub fn run(engine: &dyn Engine, settings: &Settings, dir: &Path) -> Result<Vec<Finding>> {
    let dir = tempfile::tempdir_in(dir)?;
    let mut findings = Findings { engine: engine.name(), judged: settings.full, found: Vec::new() };
    lifecycle::create(engine, settings, dir.path(), &mut findings)?;
    contention::one_counter(engine, settings, dir.path(), &mut findings)?;
    contention::readers_beside_a_writer(engine, settings, dir.path(), &mut findings)?;
    lifecycle::large_beside_small(engine, settings, dir.path(), &mut findings)?;
    if engine.reclaims() {
        lifecycle::growth(engine, settings, dir.path(), &mut findings)?;
    }
    Ok(findings.found)
}
