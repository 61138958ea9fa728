//! Runs of many processes: batches with a check after each, and kills.

use super::child::{Running, Task};
use super::model::Model;
use super::patches::{self, check_tables};
use super::worker::{HOT, Place, SHARED, Worker, differ, last_step, own_name};
use crate::rng::Rng;
use eve_core::value::Value;
use eve_core::{Domain, Error, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// How a run is told to go.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How long.
    pub time: Duration,
    /// Kills, at most.
    pub kills: u64,
    /// Processes at once.
    pub processes: u64,
    /// Threads in each.
    pub threads: u64,
    /// Seed of everything.
    pub seed: u64,
    /// Arguments before those of a child, as for a test binary.
    pub arguments: Vec<String>,
    /// Say what happens on standard error.
    pub talk: bool,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    /// Batches or rounds.
    pub rounds: u64,
    /// Steps of workers.
    pub steps: u64,
    /// Processes killed.
    pub kills: u64,
    /// Blocks that were leaked by kills, and freed.
    pub leaked: u64,
    /// Leaked blocks that were freed beside processes that went on working.
    pub beside: u64,
    /// Blocks whose counts were too high after kills.
    pub high: u64,
}

fn io(action: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::Io { action, path: Default::default(), source }
}

fn wrong(what: String) -> Error {
    Error::value(what)
}

/// Batches of steps in several processes, all snapshots held meanwhile, and a check of the whole domain after each.
pub fn batches(file: &Path, plan: &Plan) -> Result<Done> {
    let until = Instant::now() + plan.time;
    let mut done = Done::default();
    let mut first = 0;
    while done.rounds == 0 || Instant::now() < until {
        let mut running = Vec::new();
        let arguments: Vec<&str> = plan.arguments.iter().map(String::as_str).collect();
        let steps = 300;
        for _ in 0..plan.processes {
            let task = Task {
                file: file.into(),
                first,
                threads: plan.threads,
                steps,
                seed: plan.seed,
                notes: Default::default(),
            };
            first += plan.threads;
            running.push(task.start(&arguments, &[]).map_err(io("start a process"))?);
        }
        let domain = Domain::open(file)?;
        for batch in 0..4 {
            running.iter_mut().try_for_each(Running::go).map_err(io("talk to a process"))?;
            if batch == 1 {
                let collected = domain.gc(|_, _| {})?;
                if collected.blocks > 0 {
                    return Err(wrong(format!("nobody was killed, but gc {collected}, seed {}", plan.seed)));
                }
            }
            for process in &mut running {
                if !process.wait_done().map_err(io("listen to a process"))? {
                    return Err(wrong(format!("a process found something wrong: {:?}", process.task)));
                }
            }
            let report = domain.verify(|_, _| {})?;
            if !report.is_ok() || !report.exact {
                return Err(wrong(format!("round {}, batch {batch}, seed {}: {report}", done.rounds, plan.seed)));
            }
            done.steps += steps * plan.processes * plan.threads;
            if Instant::now() > until {
                break;
            }
        }
        for process in running {
            let task = process.task.clone();
            if !process.finish().map_err(io("wait for a process"))? {
                return Err(wrong(format!("a process found something wrong at its end: {task:?}")));
            }
        }
        check_tables(&domain)?;
        domain.reclaim()?;
        let report = domain.verify(|_, _| {})?;
        if !report.is_ok() || !report.exact || report.limbo != 0 {
            return Err(wrong(format!("round {}, seed {}, at rest: {report}", done.rounds, plan.seed)));
        }
        for id in first - plan.processes * plan.threads..first {
            forget(&domain, id)?;
        }
        domain.reclaim()?;
        done.rounds += 1;
        if plan.talk {
            let stat = domain.stat()?;
            eprintln!(
                "round {}: {} steps, {} pages in use, {} atoms",
                done.rounds, done.steps, stat.pages_used, stat.atoms
            );
        }
    }
    Ok(done)
}

/// Removes what a worker left.
fn forget(domain: &Domain, id: u64) -> Result<()> {
    if let Some(own) = domain.find(&own_name(id))? {
        own.remove()?;
    }
    let key = Value::Int(id as i64);
    if let Some(shared) = domain.find(SHARED)? {
        shared.update::<Error>(|v| v.dissoc(key.clone()))?;
    }
    if let Some(hot) = domain.find(HOT)? {
        hot.update::<Error>(|v| {
            let mine = v.get(key.clone())?.and_then(|n| n.as_i64()).unwrap_or(0);
            let sum = v.get("sum")?.and_then(|n| n.as_i64()).unwrap_or(0);
            v.dissoc(key.clone())?.assoc("sum", sum - mine)
        })?;
    }
    patches::forget(domain, id)
}

/// Processes that are killed at random instants, and others in their place. After each round of kills the values are compared
/// with what the dead had noted, and the domain is checked.
pub fn kills(file: &Path, notes: &Path, plan: &Plan, environment: &[(&str, &str)]) -> Result<Done> {
    let until = Instant::now() + plan.time;
    let mut rng = Rng::new(plan.seed);
    let mut done = Done::default();
    let arguments: Vec<&str> = plan.arguments.iter().map(String::as_str).collect();
    let mut first = 0;
    while done.kills < plan.kills && Instant::now() < until {
        let mut running: Vec<Running> = Vec::new();
        let mut all = Vec::new();
        let start = |first: &mut u64, environment: &[(&str, &str)]| -> Result<Running> {
            let (file, notes) = (file.to_owned(), notes.to_owned());
            let task = Task { file, first: *first, threads: plan.threads, steps: 0, seed: plan.seed, notes };
            *first += plan.threads;
            let mut process = task.start(&arguments, environment).map_err(io("start a process"))?;
            process.go().map_err(io("talk to a process"))?;
            Ok(process)
        };
        for _ in 0..plan.processes {
            running.push(start(&mut first, environment)?);
        }
        let round = 1 + rng.below(2 * plan.processes);
        for _ in 0..round {
            std::thread::sleep(Duration::from_micros(500 + rng.below(40_000)));
            let i = rng.below(running.len() as u64) as usize;
            check_alive(&mut running, environment.is_empty())?;
            running[i].kill().map_err(io("kill a process"))?;
            done.kills += 1;
            all.push(std::mem::replace(&mut running[i], start(&mut first, environment)?));
        }
        std::thread::sleep(Duration::from_micros(rng.below(20_000)));
        check_alive(&mut running, environment.is_empty())?;
        if environment.is_empty() && rng.chance(30) {
            all_go_on(&mut running, notes, plan.seed)?;
        }
        if rng.chance(30) {
            // Beside those that live.
            let domain = Domain::open(file)?;
            let report = domain.verify(|_, _| {})?;
            if report.damaged > 0 {
                return Err(wrong(format!("beside {} processes, seed {}: {report}", running.len(), plan.seed)));
            }
            done.beside += domain.gc(|_, _| {})?.blocks;
        }
        for mut process in running {
            process.kill().map_err(io("kill a process"))?;
            done.kills += 1;
            all.push(process);
        }
        let domain = Domain::open(file)?;
        done.steps += after_kills(&domain, notes, &all, plan, &mut done)?;
        done.rounds += 1;
        if plan.talk && done.rounds.is_multiple_of(10) {
            let stat = domain.stat()?;
            eprintln!("round {}: {done:?}, {} pages in use", done.rounds, stat.pages_used);
        }
    }
    Ok(done)
}

/// No process ended by itself, which it would only do if it found something wrong.
fn check_alive(running: &mut [Running], must: bool) -> Result<()> {
    for process in running {
        if let Some(status) = process.child.try_wait().map_err(io("look at a process"))?
            && (must || status.code().is_some())
        {
            return Err(wrong(format!("a process ended by itself ({status}): {:?}", process.task)));
        }
    }
    Ok(())
}

/// Nobody is stopped by the dead: each of those that live makes a step.
fn all_go_on(running: &mut [Running], notes: &Path, seed: u64) -> Result<()> {
    let steps = |process: &Running| steps_noted(&std::fs::read(notes).unwrap_or_default(), process.task.first);
    let before: Vec<u64> = running.iter().map(steps).collect();
    let until = Instant::now() + Duration::from_secs(60);
    for (i, before) in before.into_iter().enumerate() {
        while steps(&running[i]) == before {
            let ended = running[i].child.try_wait().map_err(io("look at a process"))?;
            if ended.is_some() || Instant::now() > until {
                return Err(wrong(format!(
                    "{:?} made no step after others had died ({ended:?}), seed {seed}",
                    running[i].task
                )));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    Ok(())
}

/// The step that a worker has noted.
pub fn steps_noted(notes: &[u8], worker: u64) -> u64 {
    let at = worker as usize * 8;
    notes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Compares what the dead left with what they had noted, checks the domain, and cleans up.
pub fn after_kills(domain: &Domain, notes: &Path, dead: &[Running], plan: &Plan, done: &mut Done) -> Result<u64> {
    let written = std::fs::read(notes).unwrap_or_default();
    let noted = |id: u64| steps_noted(&written, id);
    let report = domain.verify(|_, _| {})?;
    if report.damaged > 0 || !report.exact {
        return Err(wrong(format!("after kills, seed {}: {report}", plan.seed)));
    }
    done.leaked += report.leaked;
    done.high += report.high_counts;
    let collected = domain.gc(|_, _| {})?;
    let report = domain.verify(|_, _| {})?;
    if !report.is_ok() || !report.exact || !collected.alone {
        return Err(wrong(format!("after {collected}, seed {}: {report}", plan.seed)));
    }
    let mut steps = 0;
    let ids: Vec<u64> = dead.iter().flat_map(|p| p.task.first..p.task.first + p.task.threads).collect();
    for &id in &ids {
        steps += compare(domain, id, noted(id), plan.seed)?;
    }
    check_tables(domain).map_err(|e| wrong(format!("after kills, seed {}: {e}", plan.seed)))?;
    for &id in &ids {
        forget(domain, id)?;
    }
    let left = check_tables(domain)?;
    if left > 0 {
        return Err(wrong(format!("{left} entries that no worker has made, seed {}", plan.seed)));
    }
    domain.reclaim()?;
    Ok(steps)
}

/// A dead worker's values are those of the last step it noted, or of the next one.
fn compare(domain: &Domain, id: u64, noted: u64, seed: u64) -> Result<u64> {
    let own = match domain.find(&own_name(id))? {
        Some(own) => Some(Model::of(&own.load()?.value()?)?),
        None => None,
    };
    let shared = match domain.find(SHARED)? {
        Some(shared) => shared.load()?.value()?.get(id as i64)?.map(|v| Model::of(&v)).transpose()?,
        None => None,
    };
    let mut worker = Worker::replay(id, seed);
    for _ in 0..noted {
        worker.step()?;
    }
    for (place, found) in [(Place::Own, &own), (Place::Shared, &shared)] {
        let before = worker.model(place).clone();
        match found {
            None if noted == 0 => continue,
            None => return Err(wrong(format!("worker {id}: {place:?} is gone after step {noted}"))),
            Some(found) if *found == before => continue,
            Some(found) => {
                let mut next = worker.clone_model_after_step()?;
                let after = next.remove(place as usize);
                if *found != after {
                    return Err(wrong(format!(
                        "worker {id}, seed {seed}: {place:?} is neither that of step {noted} nor of the next (it says {:?}): {}",
                        last_step(found),
                        differ(&before, found)
                    )));
                }
            }
        }
    }
    let found = patches::found(domain, id)?;
    if found != *worker.entries() && Some(&found) != worker.clone_model_after_step()?.last() {
        return Err(wrong(format!(
            "worker {id}, seed {seed}: its entries are neither those of step {noted} nor of the next: {}",
            differ(worker.entries(), &found)
        )));
    }
    Ok(noted)
}
