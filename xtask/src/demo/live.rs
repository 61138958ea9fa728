//! A live line for each process: redrawn in place on a terminal, else a line every few seconds.

use super::measure::{Measure, count, time};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often a process has a line where lines are not redrawn.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// The lines of all processes.
pub struct Live {
    lines: Vec<Line>,
}

struct Line {
    name: String,
    bar: Option<ProgressBar>,
    printed: Mutex<Instant>,
}

impl Live {
    /// A line for each of these names.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Live {
        let all = std::io::stderr().is_terminal().then(MultiProgress::new);
        let lines = names.map(|name| {
            let bar = all.as_ref().map(|all| {
                let bar = all.add(ProgressBar::new_spinner());
                if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:<18} {msg}") {
                    bar.set_style(style);
                }
                bar.set_prefix(name.to_owned());
                bar.set_message("starting");
                bar
            });
            Line { name: name.to_owned(), bar, printed: Mutex::new(Instant::now()) }
        });
        Live { lines: lines.collect() }
    }

    /// What process `i` said last.
    pub fn show(&self, i: usize, measure: &Measure) {
        let line = &self.lines[i];
        let conflicts = measure.conflicts.map_or(String::new(), |n| format!("  {} conflicts", count(n)));
        let text = format!(
            "{:>12} operations  {:>11}/s  p50 {:>9}  p99 {:>9}{conflicts}",
            count(measure.operations),
            count(measure.per_second as u64),
            time(measure.p50_ns),
            time(measure.p99_ns)
        );
        if let Some(bar) = &line.bar {
            bar.set_message(text);
            bar.tick();
            return;
        }
        let mut printed = line.printed.lock().unwrap_or_else(|e| e.into_inner());
        if printed.elapsed() >= PLAIN_EVERY {
            eprintln!("{:<18} {text}", line.name);
            *printed = Instant::now();
        }
    }

    /// Process `i` is done; its line stays.
    pub fn done(&self, i: usize) {
        if let Some(bar) = &self.lines[i].bar {
            bar.finish();
        }
    }
}
