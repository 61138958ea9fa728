//! Death at each of the named places of the engine, beside a process that goes on working.

use super::child::{COLLECT, Running, Task};
use super::driver::{Done, Plan, after_kills, steps_noted};
use crate::rng::Rng;
use eve_core::crash::POINTS;
use eve_core::{Domain, Error, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// How a run went.
#[derive(Clone, Debug, Default)]
pub struct Crashes {
    /// Deaths at a named place.
    pub died: u64,
    /// Places at which nobody died.
    pub not_reached: Vec<&'static str>,
    /// What the runs did.
    pub done: Done,
}

/// Places that are passed in a new file, but hardly ever later.
const FRESH: [&str; 3] = ["grow: bytes exist", "chunk: not linked", "name: not inserted"];

struct Crasher<'p> {
    file: &'p Path,
    notes: &'p Path,
    plan: &'p Plan,
    first: u64,
    dead: Vec<Running>,
}

/// Every named place, `rounds` times, at the first and at some later time that a process comes by.
pub fn crashes(file: &Path, notes: &Path, plan: &Plan, rounds: u64) -> Result<Crashes> {
    let mut rng = Rng::new(plan.seed);
    let mut crashes = Crashes::default();
    let mut crasher = Crasher { file, notes, plan, first: 0, dead: Vec::new() };
    for &name in POINTS {
        let mut reached = false;
        for round in 0..rounds {
            if FRESH.contains(&name) {
                std::fs::remove_file(file).map_err(|source| Error::Io {
                    action: "remove",
                    path: file.into(),
                    source,
                })?;
                Domain::open(file)?;
            }
            let n = if round == 0 { 1 } else { 1 + rng.below(1 << (2 * round).min(12)) };
            let died = crasher.at(name, n)?;
            let (dead, seed) = (std::mem::take(&mut crasher.dead), plan.seed);
            // Opened only now, so that whoever died had been alone.
            let domain = Domain::open(file)?;
            let steps = after_kills(&domain, notes, &dead, plan, &mut crashes.done)
                .map_err(|e| Error::value(format!("after a death at {name:?}, the {n}th time, seed {seed}: {e}")))?;
            crashes.done.steps += steps;
            reached |= died;
            crashes.died += u64::from(died);
            if plan.talk && !died {
                eprintln!("nobody came by {name:?} {n} times");
            }
        }
        if !reached {
            crashes.not_reached.push(name);
        }
        crashes.done.rounds += 1;
        if plan.talk {
            eprintln!("{name}: {:?}", crashes.done);
        }
    }
    Ok(crashes)
}

impl Crasher<'_> {
    fn start(&mut self, environment: &[(&str, &str)], steps: u64) -> Result<Running> {
        let io = |source| Error::Io { action: "start a process", path: Default::default(), source };
        let (file, notes) = (self.file.to_owned(), self.notes.to_owned());
        let task = Task { file, notes, first: self.first, threads: 2, steps, seed: self.plan.seed };
        self.first += 2;
        let arguments: Vec<&str> = self.plan.arguments.iter().map(String::as_str).collect();
        let mut process = task.start(&arguments, environment).map_err(io)?;
        let _ = process.go(); // it may have died already, as it should
        Ok(process)
    }

    /// Starts a process that is to die at this place; true if it did.
    fn dies(&mut self, name: &str, n: u64, collects: bool, patience: Duration) -> Result<bool> {
        let at = format!("{name}:{n}");
        let mut environment = vec![("EVE_CRASH", at.as_str())];
        if collects {
            environment.push((COLLECT, "1"));
        }
        // Some places are passed by those only who end in good order.
        let ends = name.starts_with("leave");
        let mut victim = self.start(&environment, if ends { 40 } else { 0 })?;
        if ends {
            let _ = victim.wait_done();
            victim.let_end();
        }
        let until = Instant::now() + patience;
        let status = loop {
            let status = victim.child.try_wait().ok().flatten();
            if status.is_some() || Instant::now() > until {
                break status;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        if !ends && status.is_some_and(|s| s.code().is_some()) {
            return Err(Error::value(format!("the process that was to die at {name:?} ended by itself")));
        }
        let _ = victim.kill();
        self.dead.push(victim);
        Ok(status.is_some_and(|s| s.code().is_none()))
    }

    /// One death at this place, beside a process that works, and after deaths that leave something to clean up.
    fn at(&mut self, name: &'static str, n: u64) -> Result<bool> {
        let short = Duration::from_secs(3);
        let (recovers, collects) = (name.starts_with("recover"), name.starts_with("gc"));
        if recovers || collects {
            // While these die one after the other, each cleans up after the one before: the last leaves most.
            for litter in ["work: entry erased", "pages: taken", "allocate: bits set", "commit: exchanged"] {
                self.dies(litter, 2 + n % 5, false, short)?;
            }
        }
        // The place is one that only somebody passes who is alone, or who is first to clean up.
        let alone = recovers || collects && name != "gc: marked";
        let mut beside = if alone { None } else { Some(self.start(&[], 0)?) };
        let died = self.dies(name, n, collects, short)?;
        let mut beside = match beside.take() {
            Some(beside) => beside,
            None => self.start(&[], 0)?,
        };
        let before = self.steps_of(&beside);
        let until = Instant::now() + Duration::from_secs(20);
        while self.steps_of(&beside) < before + 5 {
            let ended = beside.child.try_wait().ok().flatten();
            if ended.is_some() || Instant::now() > until {
                return Err(Error::value(format!(
                    "after a death at {name:?} the process beside it got stuck ({ended:?})"
                )));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = beside.kill();
        self.dead.push(beside);
        Ok(died)
    }

    fn steps_of(&self, process: &Running) -> u64 {
        steps_noted(&std::fs::read(self.notes).unwrap_or_default(), process.task.first)
    }
}
