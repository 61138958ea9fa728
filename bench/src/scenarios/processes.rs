//! Worker processes: this program again, with a hidden subcommand and its job as JSON. A worker opens the file, says
//! `ready`, waits for a line, works for the time it was given, and prints what it did.

use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::{Engine, Store, engines};
use crate::Result;
use crate::keys::Rng;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "worker";

/// What a worker does over and over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Work {
    /// Adds one to the counter.
    Bump,
    /// Swaps a random key of the map of so many entries.
    Swap(u64),
    /// Looks one up in the newest version.
    Get(u64),
}

/// One worker's job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// [`Engine::name`].
    pub engine: String,
    /// The file, which is there.
    pub file: PathBuf,
    /// The atom.
    pub atom: String,
    /// What to do with it.
    pub work: Work,
    /// In so many threads.
    pub threads: usize,
    /// For so long.
    pub millis: u64,
}

/// What a worker did.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Done {
    /// Operations.
    pub ops: u64,
    /// In this time.
    pub seconds: f64,
}

impl Done {
    /// Operations a second.
    pub fn rate(&self) -> f64 {
        self.ops as f64 / self.seconds
    }
}

/// A child that does not outlive an error here.
struct Worker {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        // both fail only for a child that is gone, which is what is wanted
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Worker {
    fn start(job: &Job) -> Result<Worker> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([SUBCOMMAND, &serde_json::to_string(job)?])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (to, from) = to.zip(from).ok_or("a worker without pipes")?;
        Ok(Worker { child, to, from: BufReader::new(from) })
    }
    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.from.read_line(&mut line)? {
            0 => Err("a worker ended early; its own message stands above".into()),
            _ => Ok(line),
        }
    }
}

/// Runs the jobs at once, each in a process of its own; they begin when all are ready.
pub fn run_together(jobs: &[Job]) -> Result<Vec<Done>> {
    let mut workers = jobs.iter().map(Worker::start).collect::<Result<Vec<_>>>()?;
    for worker in &mut workers {
        worker.line()?;
    }
    for worker in &mut workers {
        worker.to.write_all(b"go\n")?;
    }
    workers.iter_mut().map(|worker| Ok(serde_json::from_str(&worker.line()?)?)).collect()
}

/// The hidden subcommand: does the job and talks to the parent by its pipes.
pub fn worker(job: &str) -> Result<()> {
    let job: Job = serde_json::from_str(job)?;
    let engines = engines();
    let engine = engines.iter().find(|e| e.name() == job.engine).ok_or_else(|| format!("no engine {}", job.engine))?;
    let done = work(&**engine, &job, || {
        println!("ready");
        std::io::stdin().lock().read_line(&mut String::new())?;
        Ok(())
    })?;
    println!("{}", serde_json::to_string(&done)?);
    Ok(())
}

/// Opens the file, waits in `start`, and works in all threads.
fn work(engine: &dyn Engine, job: &Job, start: impl FnOnce() -> Result<()>) -> Result<Done> {
    let store = engine.open(&job.file)?;
    start()?;
    let begin = Barrier::new(job.threads);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..job.threads as u64)
            .map(|i| {
                let (store, begin) = (&*store, &begin);
                scope.spawn(move || {
                    begin.wait();
                    work_alone(store, job, i)
                })
            })
            .collect();
        let mut all = Done { ops: 0, seconds: 0.0 };
        for thread in threads {
            let done = thread.join().map_err(|_| "a worker's thread panicked")??;
            all = Done { ops: all.ops + done.ops, seconds: all.seconds.max(done.seconds) };
        }
        Ok(all)
    })
}

fn work_alone(store: &dyn Store, job: &Job, thread: u64) -> Result<Done> {
    let mut rng = Rng::new(u64::from(std::process::id()) << 8 | thread);
    match job.work {
        Work::Bump => {
            let mut counter = store.counter(&job.atom)?;
            repeat(job.millis, || counter.bump())
        }
        Work::Swap(n) => {
            let (mut map, mut value) = (store.map(&job.atom)?, 0);
            repeat(job.millis, || {
                value += 1;
                map.swap(rng.below(n) as i64, value)
            })
        }
        Work::Get(n) => {
            let mut map = store.map(&job.atom)?;
            repeat(job.millis, || match map.get(rng.below(n) as i64)? {
                Some(_) => Ok(()),
                None => Err("a key is missing".into()),
            })
        }
    }
}

/// Until the time is up, which is looked at every 64 operations.
fn repeat(millis: u64, mut op: impl FnMut() -> Result<()>) -> Result<Done> {
    let (from, mut ops) = (Instant::now(), 0);
    while from.elapsed() < Duration::from_millis(millis) {
        for _ in 0..64 {
            op()?;
        }
        ops += 64;
    }
    Ok(Done { ops, seconds: from.elapsed().as_secs_f64() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_a_worker_lose_no_update() {
        let dir = tempfile::tempdir().expect("a directory");
        for engine in engines() {
            let file = dir.path().join(engine.name());
            let store = engine.create(&file).expect("create");
            let job = |work, atom: &str| Job {
                engine: engine.name().into(),
                file: file.clone(),
                atom: atom.into(),
                work,
                threads: 3,
                millis: 30,
            };
            let done = work(&*engine, &job(Work::Bump, "n"), || Ok(())).expect("work");
            assert_eq!(store.counter("n").expect("counter").value().expect("value"), done.ops as i64);
            store.fill("map", 1000).expect("fill");
            work(&*engine, &job(Work::Swap(1000), "map"), || Ok(())).expect("work");
            work(&*engine, &job(Work::Get(1000), "map"), || Ok(())).expect("work");
        }
    }
}
