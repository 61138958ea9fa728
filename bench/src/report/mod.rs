//! What a run leaves behind: tables for people, JSON for programs, a plot.

mod markdown;
mod plot;
mod targets;

use serde::Serialize;
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::harness::{Case, Settings};
use crate::machine::{self, Machine};
use crate::scenarios::{self, Finding};
use crate::stats::Rounds;
use crate::{Error, Result};

/// One run, whole.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// UTC.
    pub date: String,
    /// Of the work tree.
    pub commit: String,
    /// Where it ran.
    pub machine: Machine,
    /// How single operations were timed.
    pub timer: Timer,
    /// How much was measured.
    pub settings: Settings,
    /// How much the scenarios did.
    pub scenario_settings: scenarios::Settings,
    /// Every subject at every size with both kinds of keys.
    pub cases: Vec<Case>,
    /// What the scenarios found.
    pub findings: Vec<Finding>,
}

/// How single operations were timed.
#[derive(Clone, Debug, Serialize)]
pub struct Timer {
    /// Which counter.
    pub source: &'static str,
    /// What an empty bracket takes, taken off every sample. Nanoseconds.
    pub overhead_ns: f64,
    /// What the counter moves at once. Nanoseconds.
    pub step_ns: f64,
}

impl Timer {
    /// Of this clock.
    pub fn of(clock: &Clock) -> Timer {
        Timer { source: Clock::SOURCE, overhead_ns: clock.overhead_ns, step_ns: clock.step_ns() }
    }
}

impl Report {
    /// An empty one, of here and now.
    pub fn here(clock: &Clock, settings: &Settings, scenario_settings: &scenarios::Settings, files: &Path) -> Report {
        Report {
            date: machine::today(),
            commit: machine::commit(),
            machine: Machine::here(files),
            timer: Timer::of(clock),
            settings: settings.clone(),
            scenario_settings: *scenario_settings,
            cases: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Writes `<date>-<commit>.md`, `.json` and `.svg` into `dir`; the path of the first.
    pub fn write(&self, dir: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(dir)?;
        let name = format!("{}-{}", self.date, self.commit);
        let file = |ending: &str| dir.join(format!("{name}.{ending}"));
        let save = |path: &Path, text: String| {
            std::fs::write(path, text).map_err(|e| -> Error { format!("{}: {e}", path.display()).into() })
        };
        save(&file("json"), serde_json::to_string_pretty(self)? + "\n")?;
        save(&file("svg"), plot::svg(self))?;
        save(&file("md"), markdown::text(self, &format!("{name}.svg")))?;
        Ok(file("md"))
    }

    /// The same as text, for the terminal.
    pub fn text(&self) -> String {
        markdown::text(self, "")
    }

    fn case(&self, keys: &str, n: usize, subject: &str) -> Option<&Case> {
        self.cases.iter().find(|c| c.keys == keys && c.n == n && c.subject == subject)
    }

    /// The kinds of keys, in order.
    fn kinds(&self) -> Vec<&'static str> {
        distinct(self.cases.iter().map(|c| c.keys))
    }
    /// The sizes measured with this kind of key, in order.
    fn sizes(&self, keys: &str) -> Vec<usize> {
        distinct(self.cases.iter().filter(|c| c.keys == keys).map(|c| c.n))
    }
    /// The names of the subjects, in order.
    fn subjects(&self) -> Vec<&'static str> {
        distinct(self.cases.iter().map(|c| c.subject))
    }
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

/// What can be compared of two cases.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    Swap,
    Get,
    Iterate,
    Build,
}

impl Measure {
    const ALL: [Measure; 4] = [Measure::Swap, Measure::Get, Measure::Iterate, Measure::Build];

    fn of(self, case: &Case) -> &Rounds {
        match self {
            Measure::Swap => &case.swap,
            Measure::Get => &case.get,
            Measure::Iterate => &case.iterate,
            Measure::Build => &case.build,
        }
    }
    fn name(self) -> &'static str {
        match self {
            Measure::Swap => "swap",
            Measure::Get => "get",
            Measure::Iterate => "iterate",
            Measure::Build => "build",
        }
    }
}

/// `1 thousand`, `10 million`.
fn count(n: usize) -> String {
    match n {
        n if n >= 1_000_000 && n % 1_000_000 == 0 => format!("{} million", n / 1_000_000),
        n if n >= 1_000 && n % 1_000 == 0 => format!("{} thousand", n / 1_000),
        n => n.to_string(),
    }
}

/// Three digits that matter.
fn figure(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
