//! `eve bench`

use crate::failure::{At, Failure, Place, Result};
use crate::files;
use crate::histogram::Histogram;
use crate::ops::Op;
use crate::out::Out;
use eve::{Atom, Key};
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Do one operation in a loop and print how many a second there were and how long they took.
///
/// Times are those of whole operations, with all attempts of one that others were faster than.
#[derive(clap::Args)]
pub struct Bench {
    /// The file
    #[arg(long)]
    file: PathBuf,
    /// The name of the atom
    #[arg(long)]
    atom: String,
    /// The operation, as 'update-in [:counter] inc' (see `eve swap --help`) or 'get-in [:counter]'
    #[arg(long)]
    op: String,
    /// How long
    #[arg(long, default_value_t = 5.0, allow_negative_numbers = true)]
    seconds: f64,
    /// Threads of this process
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1024))]
    threads: u64,
    /// The result as one JSON object
    #[arg(long)]
    json: bool,
    /// What happened in the last second, every second, on standard error
    #[arg(long)]
    progress: bool,
}

/// How often a thread tells what it did.
const TELL: Duration = Duration::from_millis(200);

/// What was done in some time.
struct Done {
    times: Histogram,
    /// How often somebody else was first.
    conflicts: u64,
}

impl Done {
    fn nothing() -> Done {
        Done { times: Histogram::new(), conflicts: 0 }
    }
    fn merge(&mut self, other: &Done) {
        self.times.merge(&other.times);
        self.conflicts += other.conflicts;
    }
    fn clear(&mut self) {
        self.times.clear();
        self.conflicts = 0;
    }
}

impl Bench {
    pub fn run(self) -> Result<()> {
        let op = Op::from_text(&self.op)?;
        let duration = Duration::try_from_secs_f64(self.seconds)
            .map_err(|_| Failure::new(format!("--seconds {} is no time; give 0 or more", self.seconds)))?;
        let domain = if let Op::Get(_) = op { files::read(&self.file)? } else { files::change(&self.file)? };
        let atom = files::find(&domain, &self.atom)?;
        let place = Place { file: &self.file, atom: &self.atom };
        let recent = Mutex::new(Done::nothing());
        let begin = Instant::now();
        let end = begin + duration;
        let mut all = Done::nothing();
        let results: Vec<eve::Result<()>> = std::thread::scope(|scope| {
            let run = || drive(&atom, &op, end, &recent);
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(run)).collect();
            let mut told = begin;
            while threads.iter().any(|thread| !thread.is_finished()) {
                let next = (told + Duration::from_secs(1)).min(end + Duration::from_millis(1));
                // Looks up now and then, in case that a thread failed.
                std::thread::sleep(next.saturating_duration_since(Instant::now()).min(Duration::from_millis(50)));
                let now = Instant::now();
                if now >= told + Duration::from_secs(1) {
                    let last = take(&recent);
                    if self.progress {
                        eprintln!("{}", self.line(&last, now - told));
                    }
                    all.merge(&last);
                    told = now;
                }
            }
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(eve::Error::value("a thread panicked"))))
                .collect()
        });
        let took = begin.elapsed();
        all.merge(&take(&recent));
        results.into_iter().collect::<eve::Result<()>>().at(&place)?;
        let mut out = Out::new();
        if self.json {
            out.line(self.line(&all, took))?;
        } else {
            out.line(format_args!(
                "{}: {} in {:.2} s, {:.0} a second; p50 {}, p95 {}, p99 {}",
                self.op,
                all.times.total(),
                took.as_secs_f64(),
                all.times.total() as f64 / took.as_secs_f64(),
                time(all.times.percentile(0.5)),
                time(all.times.percentile(0.95)),
                time(all.times.percentile(0.99)),
            ))?;
        }
        out.flush()
    }

    fn line(&self, done: &Done, took: Duration) -> serde_json::Value {
        let (seconds, times) = (took.as_secs_f64(), &done.times);
        let mut line = json!({
            "op": self.op,
            "operations": times.total(),
            "seconds": seconds,
            "per_second": times.total() as f64 / seconds.max(f64::MIN_POSITIVE),
            "p50_ns": times.percentile(0.5),
            "p95_ns": times.percentile(0.95),
            "p99_ns": times.percentile(0.99),
        });
        if !self.op.trim_start().starts_with("get-in") {
            line["conflicts"] = done.conflicts.into();
        }
        line
    }
}

fn take(recent: &Mutex<Done>) -> Done {
    std::mem::replace(&mut *recent.lock().unwrap_or_else(PoisonError::into_inner), Done::nothing())
}

/// One thread's loop. The only other work in it is one look at the clock for each operation.
fn drive(atom: &Atom, op: &Op, end: Instant, recent: &Mutex<Done>) -> eve::Result<()> {
    let keys: Vec<Key<'_>> = op.path().iter().map(Key::from).collect();
    let mut mine = Done::nothing();
    let mut now = Instant::now();
    let mut told = now;
    let result = loop {
        let done = match op {
            Op::Get(_) => files::read_version(atom, |version| version.view().get_in(&keys).map(drop)),
            _ => {
                let mut attempts = 0;
                let done = atom.update(|value| {
                    attempts += 1;
                    op.apply(value)
                });
                mine.conflicts += u64::saturating_sub(attempts, 1);
                done
            }
        };
        if done.is_err() {
            break done;
        }
        let then = Instant::now();
        mine.times.add(then - now);
        now = then;
        if now - told >= TELL || now >= end {
            recent.lock().unwrap_or_else(PoisonError::into_inner).merge(&mine);
            mine.clear();
            told = now;
            now = Instant::now(); // telling is no part of the next operation
        }
        if now >= end {
            break Ok(());
        }
    };
    recent.lock().unwrap_or_else(PoisonError::into_inner).merge(&mine);
    result
}

/// A time for people.
fn time(nanos: u64) -> String {
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..1_000_000 => format!("{:.1} µs", nanos as f64 / 1e3),
        _ => format!("{:.1} ms", nanos as f64 / 1e6),
    }
}
