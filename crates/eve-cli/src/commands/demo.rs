//! `eve demo`

use crate::failure::{At, Failure, Result};
use crate::out::Out;
use eve::{Domain, Value, kw};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A tour of less than a minute: two processes swap one map in a file, you watch, and nothing gets lost.
#[derive(clap::Args)]
pub struct Demo {
    /// How long the two processes swap
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=50))]
    seconds: u64,
}

/// Elements of the vector that is copied.
const LOG: i64 = 100_000;

/// Who swaps.
const WORKERS: [&str; 2] = ["ada", "bob"];

impl Demo {
    pub fn run(self) -> Result<()> {
        let folder = tempfile::Builder::new().prefix("eve-demo-").tempdir().map_err(|e| {
            Failure::new(format!("cannot make a temporary folder: {e}; set TMPDIR to one that can be written"))
        })?;
        let file = folder.path().join("demo.eve");
        let mut out = Out::new();
        let mut say = |text: &dyn std::fmt::Display| out.line(text).and_then(|()| out.flush());
        say(&format_args!("A new file: {}", file.display()))?;
        say(&"  $ eve set demo.eve visits '{:total 0}'")?;
        let domain = Domain::open(&file).at(&file.display())?;
        let start = Value::map([(kw("total"), 0)]);
        let visits = domain.atom("visits", || start).at(&file.display())?;

        say(&format_args!("Two processes that add to the same map, as fast as they can, for {} s:", self.seconds))?;
        say(&"  $ eve bench --file demo.eve --atom visits --op 'update-in [:total] inc' &")?;
        say(&"  $ eve bench --file demo.eve --atom visits --op 'update-in [:total] inc' &")?;
        let mut workers = Vec::new();
        for _ in WORKERS {
            workers.push(Worker::start(&file, self.seconds)?);
        }
        let begin = Instant::now();
        let mut total = 0;
        while workers.iter_mut().any(|worker| worker.runs()) {
            std::thread::sleep(Duration::from_millis(500));
            let now = visits.load().at(&file.display())?; // one version, whatever they do meanwhile
            let seen = now.value_in([kw("total")]).at(&file.display())?.and_then(|n| n.as_i64()).unwrap_or(0);
            say(&format_args!("  {:4.1} s  {{:total {seen}}}  +{}", begin.elapsed().as_secs_f64(), seen - total))?;
            total = seen;
        }
        let mut sum = 0;
        for (name, worker) in WORKERS.iter().zip(workers) {
            let result = worker.result()?;
            let figure = |key: &str| result[key].as_u64().unwrap_or(0);
            sum += figure("operations");
            say(&format_args!(
                "{name}: {} swaps, p50 {} ns, p99 {} ns",
                figure("operations"),
                figure("p50_ns"),
                figure("p99_ns")
            ))?;
        }
        let total = visits.load().and_then(|now| now.value_in([kw("total")])).at(&file.display())?;
        let total = total.and_then(|n| n.as_i64()).unwrap_or(0);
        if total as u64 != sum {
            return Err(Failure::new(format!("{}: {sum} swaps were done, but the map says {total}", file.display())));
        }
        say(&format_args!("Together {sum}, and the map says {total}: none was lost."))?;

        let place = file.display();
        visits.update(|v| v.assoc_in([kw("log")], Value::vector(0..LOG))).at(&place)?;
        say(&format_args!("A vector of {LOG} numbers put at a second place, where it is stored once:"))?;
        say(&"  $ eve swap demo.eve visits copy-in '[:log]' '[:backup :log]'")?;
        let begin = Instant::now();
        let before = domain.stat().at(&place)?.pages_used;
        let copied = visits.swap(|v| {
            let log = v.get_in([kw("log")])?;
            v.assoc_in([kw("backup"), kw("log")], log.unwrap_or_default())
        });
        let took = begin.elapsed();
        let copy = copied.and_then(|after| after.value_in([kw("backup"), kw("log")])).at(&place)?.unwrap_or_default();
        let more = domain.stat().at(&place)?.pages_used.saturating_sub(before);
        say(&format_args!("  {} elements in {took:.0?} and {more} more pages of 16 KiB", copy.count().at(&place)?))?;

        say(&"Every block of the file is looked at:")?;
        say(&"  $ eve verify demo.eve")?;
        drop(copy);
        let report = domain.verify(|_, _| {}).at(&place)?;
        let verdict = if report.is_ok() { "ok" } else { "NOT ok" };
        say(&format_args!(
            "  {verdict}: {} blocks, {} leaked, {} damaged",
            report.blocks, report.leaked, report.damaged
        ))?;
        super::verify::judge(&file, &report)
    }
}

/// A process of this same program that swaps.
struct Worker(Option<Child>);

impl Worker {
    fn start(file: &Path, seconds: u64) -> Result<Worker> {
        let failed = |e| Failure::new(format!("cannot start another process of this program: {e}"));
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(["bench", "--json", "--atom", "visits", "--op", "update-in [:total] inc", "--file"]);
        command.arg(file).args(["--seconds", &seconds.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Ok(Worker(Some(child.map_err(failed)?)))
    }
    fn runs(&mut self) -> bool {
        self.0.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }
    /// What it printed at the end.
    fn result(mut self) -> Result<serde_json::Value> {
        let child = self.0.take().ok_or_else(|| Failure::new("the other process is gone"))?;
        let output = child.wait_with_output().map_err(|e| Failure::new(format!("the other process: {e}")))?;
        if !output.status.success() {
            return Err(Failure::new(format!("the other process: {}", String::from_utf8_lossy(&output.stderr).trim())));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|e| Failure::new(format!("the other process printed no figures: {e}")))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill(); // it may have ended already
            let _ = child.wait();
        }
    }
}
