//! Memory for models: several "processes", each with a region of its own over the same bytes, and locks that vanish when the
//! process is killed.

use super::steps;
use crate::error::Result;
use crate::layout::Off;
use crate::region::{AnonRegion, Region};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The bytes, and who holds which lock.
pub(super) struct Machine {
    memory: AnonRegion,
    locks: Mutex<BTreeMap<u64, u64>>,
}

/// A process's view of them.
pub(super) struct Process {
    machine: Arc<Machine>,
    number: u64,
}

std::thread_local! {
    // All tasks of an execution run in one thread of the system.
    static RUNS_IN: RefCell<Vec<(shuttle::current::TaskId, Arc<Machine>, u64)>> = const { RefCell::new(Vec::new()) };
}

impl Machine {
    pub fn new() -> Arc<Machine> {
        steps::new_execution();
        RUNS_IN.with_borrow_mut(Vec::clear);
        Arc::new(Machine { memory: AnonRegion::new(4 << 20).unwrap(), locks: Mutex::default() })
    }
    /// A process that takes part; `number` is told to nobody else.
    pub fn process(self: &Arc<Self>, number: u64) -> Process {
        Process { machine: self.clone(), number }
    }
    /// The thread that runs is the one thread of this process.
    pub fn i_am(self: &Arc<Self>, number: u64) {
        RUNS_IN.with_borrow_mut(|all| all.push((shuttle::current::me(), self.clone(), number)));
    }
    fn locks(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, u64>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The process of the thread that runs was killed.
pub(super) fn release_locks() {
    let me = shuttle::current::me();
    RUNS_IN.with_borrow(|all| {
        for (_, machine, number) in all.iter().filter(|r| r.0 == me) {
            machine.locks().retain(|_, holder| holder != number);
        }
    });
}

// SAFETY: the region below keeps the promises.
unsafe impl Region for Process {
    fn base(&self) -> *mut u8 {
        self.machine.memory.base()
    }
    fn reserve(&self) -> u64 {
        self.machine.memory.reserve()
    }
    fn grow(&self, from: u64, to: u64) -> Result<()> {
        self.machine.memory.grow(from, to)
    }
    fn punch(&self, from: u64, to: u64) -> Result<()> {
        self.machine.memory.punch(from, to)
    }
    fn lock(&self, process: u64) -> Result<bool> {
        let mut locks = self.machine.locks();
        Ok(*locks.entry(process).or_insert(self.number) == self.number)
    }
    fn unlock(&self, process: u64) {
        let mut locks = self.machine.locks();
        if locks.get(&process) == Some(&self.number) {
            locks.remove(&process);
        }
    }
    fn is_locked(&self, process: u64) -> Result<bool> {
        Ok(self.machine.locks().get(&process).is_some_and(|holder| *holder != self.number))
    }
    fn wait(&self, _: Off, _: u32, _: Option<Duration>) {
        shuttle::thread::yield_now();
    }
    fn wake(&self, _: Off, _: u32) -> u32 {
        0
    }
    /// A killed thread has no slot any more, so that its destructors leave the shared memory alone.
    fn forked(&self) -> bool {
        steps::is_dead()
    }
}
