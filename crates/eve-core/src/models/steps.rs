//! Atomics for shuttle that lie in the memory of a domain like the real ones. Each access is a point where the scheduler may go on
//! with another thread, and where a thread can be killed: it never takes another step then.
//!
//! A killed thread unwinds so that the model goes on; what its destructors would do to the shared memory is not done, as no
//! destructor runs in a process that was killed.
#![allow(clippy::disallowed_types)]

use shuttle::current::{TaskId, get_current_task};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;

/// What a killed thread unwinds with.
struct Killed;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// So many accesses are left.
    Doomed(u64),
    /// It comes by this place so many times and goes on.
    DoomedAt(&'static str, u64),
    /// It is unwinding.
    Dying,
    /// It has unwound; its last destructors run.
    Dead,
}

std::thread_local! {
    // All tasks of an execution run in one thread of the system.
    static FATES: RefCell<Vec<(TaskId, Fate)>> = const { RefCell::new(Vec::new()) };
    static NO_STEPS: RefCell<u32> = const { RefCell::new(0) };
}

fn fate(task: TaskId) -> Option<Fate> {
    FATES.with_borrow(|fates| fates.iter().find(|f| f.0 == task).map(|f| f.1))
}

fn set_fate(task: TaskId, fate: Option<Fate>) {
    FATES.with_borrow_mut(|fates| {
        fates.retain(|f| f.0 != task);
        fates.extend(fate.map(|fate| (task, fate)));
    });
}

/// The thread that is running dies before its access number `after` from now.
pub fn doom(after: u64) {
    if let Some(task) = get_current_task() {
        set_fate(task, Some(Fate::Doomed(after)));
    }
}

/// The thread that is running dies at the named place of `crash.rs`, when it has come by `after` times.
pub fn doom_at(place: &'static str, after: u64) {
    if let Some(task) = get_current_task() {
        set_fate(task, Some(Fate::DoomedAt(place, after)));
    }
}

/// A named place.
pub fn crash_point(place: &'static str) {
    let Some(task) = get_current_task() else { return };
    match fate(task) {
        Some(Fate::DoomedAt(at, 0)) if at == place => die(task),
        Some(Fate::DoomedAt(at, n)) if at == place => set_fate(task, Some(Fate::DoomedAt(at, n - 1))),
        _ => {}
    }
}

fn die(task: TaskId) -> ! {
    set_fate(task, Some(Fate::Dying));
    super::on_death();
    resume_unwind(Box::new(Killed));
}

/// It lives after all, if it still does.
pub fn spare() {
    if let Some(task) = get_current_task()
        && matches!(fate(task), Some(Fate::Doomed(_) | Fate::DoomedAt(..)))
    {
        set_fate(task, None);
    }
}

/// How many accesses are left to the thread that is running; none if it is not doomed.
pub fn left() -> Option<u64> {
    match get_current_task().and_then(fate) {
        Some(Fate::Doomed(n)) => Some(n),
        _ => None,
    }
}

/// A point where others may go first, for code that reads without atomics.
pub fn pause() {
    step();
}

/// Does `f`; was the thread killed in it? Any other panic goes on.
pub fn until_death(f: impl FnOnce()) -> bool {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else { return false };
    if !panic.is::<Killed>() {
        resume_unwind(panic);
    }
    if let Some(task) = get_current_task() {
        set_fate(task, Some(Fate::Dead)); // its unwinding has come to an end
    }
    true
}

/// Is it dead?
pub fn is_dead() -> bool {
    get_current_task().and_then(fate).is_some_and(|f| matches!(f, Fate::Dying | Fate::Dead))
}

/// Forgets the fates of a former execution.
pub fn new_execution() {
    FATES.with_borrow_mut(Vec::clear);
}

/// Runs `f` without giving others a turn: for checks between steps.
pub fn at_once<R>(f: impl FnOnce() -> R) -> R {
    NO_STEPS.with_borrow_mut(|n| *n += 1);
    let result = f();
    NO_STEPS.with_borrow_mut(|n| *n -= 1);
    result
}

/// One access: may others go first, and may it take place?
fn step() -> bool {
    if NO_STEPS.with_borrow(|n| *n > 0) {
        return true;
    }
    let Some(task) = get_current_task() else { return true };
    match fate(task) {
        None | Some(Fate::DoomedAt(..)) => {}
        Some(Fate::Doomed(0)) => die(task),
        Some(Fate::Doomed(n)) => set_fate(task, Some(Fate::Doomed(n - 1))),
        Some(Fate::Dying) if !std::thread::panicking() => resume_unwind(Box::new(Killed)),
        Some(Fate::Dying | Fate::Dead) => return false,
    }
    // The scheduler decides at every access of an atomic of its own.
    shuttle::sync::atomic::AtomicBool::new(false).load(Ordering::SeqCst);
    true
}

/// A fence. The model's memory is sequentially consistent, so it does nothing; orderings are loom's matter.
pub fn fence(_: Ordering) {}

macro_rules! atomic {
    ($name:ident, $int:ty, $what:literal) => {
        #[doc = $what]
        #[derive(Debug, Default)]
        #[repr(transparent)]
        pub struct $name(std::sync::atomic::$name);

        impl $name {
            /// A new one.
            pub const fn new(value: $int) -> Self {
                Self(std::sync::atomic::$name::new(value))
            }
            /// Reads it.
            pub fn load(&self, _: Ordering) -> $int {
                step();
                self.0.load(Ordering::SeqCst)
            }
            /// Writes it.
            pub fn store(&self, value: $int, _: Ordering) {
                if step() {
                    self.0.store(value, Ordering::SeqCst);
                }
            }
            /// Writes it and gives what was there.
            pub fn swap(&self, value: $int, _: Ordering) -> $int {
                if step() { self.0.swap(value, Ordering::SeqCst) } else { self.0.load(Ordering::SeqCst) }
            }
            /// Exchanges it.
            pub fn compare_exchange(&self, old: $int, new: $int, _: Ordering, _: Ordering) -> Result<$int, $int> {
                if !step() {
                    return Ok(old); // so that no loop of a dead thread goes on
                }
                self.0.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst)
            }
            /// The same.
            pub fn compare_exchange_weak(&self, old: $int, new: $int, a: Ordering, b: Ordering) -> Result<$int, $int> {
                self.compare_exchange(old, new, a, b)
            }
            atomic!(@ $int, fetch_add fetch_sub fetch_or fetch_and fetch_xor fetch_min fetch_max);
        }
    };
    (@ $int:ty, $($op:ident)*) => {$(
        /// Changes it and gives what was there.
        pub fn $op(&self, value: $int, _: Ordering) -> $int {
            if step() { self.0.$op(value, Ordering::SeqCst) } else { self.0.load(Ordering::SeqCst) }
        }
    )*};
}

atomic!(AtomicU8, u8, "8 bits.");
atomic!(AtomicU16, u16, "16 bits.");
atomic!(AtomicU32, u32, "32 bits.");
atomic!(AtomicU64, u64, "64 bits.");

/// A lock. That of shuttle lets others go on when it is given back, also by a thread that is being killed: they would be taken for threads
/// that panic until it has unwound, and wake nobody.
#[derive(Debug, Default)]
pub struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    /// A new one.
    pub const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }
    /// Waits for it.
    pub fn lock(&self) -> std::sync::LockResult<std::sync::MutexGuard<'_, T>> {
        step();
        loop {
            match self.0.try_lock() {
                Ok(guard) => return Ok(guard),
                Err(std::sync::TryLockError::Poisoned(error)) => return Err(error),
                Err(std::sync::TryLockError::WouldBlock) => shuttle::thread::yield_now(),
            }
        }
    }
}
