//! Which schedules a model is run under.

use shuttle::scheduler::{PctScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId};
use std::io::Write;

/// Goes on with the same thread for a while: a switch at every access finds other things than few switches do.
struct Bursts {
    inner: RandomScheduler,
    /// One chance in so many to switch, another in each execution.
    rarely: u64,
    executions: u64,
}

impl Scheduler for Bursts {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.executions += 1;
        self.rarely = [1, 3, 10, 40, 150][(self.executions % 5) as usize];
        self.inner.new_execution()
    }
    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, yielding: bool) -> Option<TaskId> {
        if let Some(current) = current
            && !yielding
            && runnable.iter().any(|t| t.id() == current)
            && !self.inner.next_u64().is_multiple_of(self.rarely)
        {
            return Some(current);
        }
        self.inner.next_task(runnable, current, yielding)
    }
    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}

/// Schedules of each test: `EVE_MODEL_SCHEDULES`, or few enough for every change of the code.
fn schedules() -> usize {
    std::env::var("EVE_MODEL_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(1200)
}

/// Runs the model under random schedules with bursts, and under PCT. `EVE_MODEL_SEED` repeats those of an earlier run.
pub(super) fn explore(model: impl Fn() + Send + Sync + Copy + 'static) {
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 20;
    config.silence_warnings = true;
    config.failure_persistence = shuttle::FailurePersistence::None; // the seed says it all
    let (n, begun) = (schedules(), std::time::Instant::now());
    let seed = std::env::var("EVE_MODEL_SEED").ok().and_then(|n| n.parse().ok());
    let seed = seed.unwrap_or_else(now);
    if std::env::var_os("EVE_MODEL_SCHEDULES").is_some() {
        // Past the test's capture, which is lost with a process that aborts: what a long run found can be found again.
        let _ = writeln!(std::io::stderr(), "EVE_MODEL_SEED={seed}");
    }
    let inner = RandomScheduler::new_from_seed(seed, n * 2 / 3);
    shuttle::Runner::new(Bursts { inner, rarely: 1, executions: seed % 5 }, config.clone()).run(model);
    shuttle::Runner::new(PctScheduler::new_from_seed(seed, 4, n / 3), config).run(model);
    println!("{} schedules in {:.1?}", n * 2 / 3 + n / 3, begun.elapsed());
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |t| t.as_nanos() as u64)
}
