//! A region whose calls fail when a test says so: a full disk, a refused lock, at a chosen call.

use eve_core::error::{Error, Result};
use eve_core::layout::Off;
use eve_core::region::Region;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A call that can be made to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    /// [`Region::grow`]
    Grow,
    /// [`Region::punch`]
    Punch,
    /// [`Region::lock`]
    Lock,
    /// [`Region::is_locked`]
    IsLocked,
}

/// Makes the error of a failing call; errors cannot be copied.
type Make = Box<dyn Fn() -> Error + Send>;

/// When a call fails.
enum Plan {
    /// At the call of this number, counted from the first ever, once.
    At(u64, Make),
    /// From the call of this number on, until it is healed.
    From(u64, Make),
}

#[derive(Default)]
struct State {
    count: u64,
    plan: Option<Plan>,
}

/// The handle by which a test decides what fails, shared with the regions that it was given to.
#[derive(Clone, Default)]
pub struct Faults(Arc<[Mutex<State>; 4]>);

impl Faults {
    /// Nothing fails so far.
    pub fn new() -> Faults {
        Faults::default()
    }
    /// Makes the `n`-th call from now on fail, once; 1 is the next, and 0 is taken as 1. Replaces what was planned for this call.
    pub fn fail_nth(&self, call: Call, n: u64, error: impl Fn() -> Error + Send + 'static) {
        let mut state = self.state(call);
        state.plan = Some(Plan::At(state.count.saturating_add(n.max(1)), Box::new(error)));
    }
    /// Makes every call from now on fail. Replaces what was planned for this call.
    pub fn fail_every(&self, call: Call, error: impl Fn() -> Error + Send + 'static) {
        self.fail_from(call, 1, error);
    }
    /// Makes the `n`-th call from now on fail, and all after it; 1 is the next, and 0 is taken as 1. Replaces what was planned for
    /// this call.
    pub fn fail_from(&self, call: Call, n: u64, error: impl Fn() -> Error + Send + 'static) {
        let mut state = self.state(call);
        state.plan = Some(Plan::From(state.count.saturating_add(n.max(1)), Box::new(error)));
    }
    /// Lets all calls through again.
    pub fn heal(&self) {
        for call in [Call::Grow, Call::Punch, Call::Lock, Call::IsLocked] {
            self.state(call).plan = None;
        }
    }
    /// How many such calls were made so far, those that failed among them.
    pub fn count(&self, call: Call) -> u64 {
        self.state(call).count
    }
    fn state(&self, call: Call) -> MutexGuard<'_, State> {
        // A test that panicked in the maker of an error leaves the counts as they are.
        self.0[call as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Counts a call; the error if it is to fail.
    fn meet(&self, call: Call) -> Result<()> {
        let mut state = self.state(call);
        state.count += 1;
        let error = match &state.plan {
            Some(Plan::From(from, make)) if *from <= state.count => make(),
            Some(Plan::At(at, make)) if *at == state.count => make(),
            _ => return Ok(()),
        };
        if matches!(state.plan, Some(Plan::At(..))) {
            state.plan = None;
        }
        Err(error)
    }
}

/// A region that passes everything on, except for the calls that its [`Faults`] make fail: those do nothing.
pub struct FaultyRegion<R: Region> {
    inner: R,
    faults: Faults,
}

impl<R: Region> FaultyRegion<R> {
    /// Over `inner`.
    pub fn new(inner: R, faults: Faults) -> FaultyRegion<R> {
        FaultyRegion { inner, faults }
    }
}

// SAFETY: memory comes from the inner region alone, and a `grow` that fails promises nothing.
unsafe impl<R: Region> Region for FaultyRegion<R> {
    fn base(&self) -> *mut u8 {
        self.inner.base()
    }
    fn reserve(&self) -> u64 {
        self.inner.reserve()
    }
    fn grow(&self, from: u64, to: u64) -> Result<()> {
        self.faults.meet(Call::Grow)?;
        self.inner.grow(from, to)
    }
    fn check_length(&self, committed: u64) -> Result<()> {
        self.inner.check_length(committed)
    }
    fn punch(&self, from: u64, to: u64) -> Result<()> {
        self.faults.meet(Call::Punch)?;
        self.inner.punch(from, to)
    }
    fn lock(&self, process: u64) -> Result<bool> {
        self.faults.meet(Call::Lock)?;
        self.inner.lock(process)
    }
    fn share(&self, process: u64) -> Result<bool> {
        self.faults.meet(Call::Lock)?;
        self.inner.share(process)
    }
    fn unlock(&self, process: u64) {
        self.inner.unlock(process)
    }
    fn is_locked(&self, process: u64) -> Result<bool> {
        self.faults.meet(Call::IsLocked)?;
        self.inner.is_locked(process)
    }
    fn wait(&self, at: Off, expected: u32, timeout: Option<Duration>) {
        self.inner.wait(at, expected, timeout)
    }
    fn wake(&self, at: Off, most: u32) -> u32 {
        self.inner.wake(at, most)
    }
    fn path(&self) -> &Path {
        self.inner.path()
    }
    fn writable(&self) -> bool {
        self.inner.writable()
    }
    fn identity(&self) -> (u64, u64) {
        self.inner.identity()
    }
    fn forked(&self) -> bool {
        self.inner.forked()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use eve_core::region::AnonRegion;

    fn full() -> Error {
        Error::Full { committed: 0, reason: "the test says so".into() }
    }

    #[test]
    fn only_the_chosen_call_fails() {
        let faults = Faults::new();
        let region = FaultyRegion::new(AnonRegion::new(1 << 20).unwrap(), faults.clone());
        region.grow(0, 4096).unwrap();
        faults.fail_nth(Call::Grow, 2, full);
        region.grow(4096, 8192).unwrap();
        assert!(matches!(region.grow(8192, 12288), Err(Error::Full { .. })));
        region.grow(8192, 12288).unwrap();
        region.punch(0, 4096).unwrap();
        assert_eq!((faults.count(Call::Grow), faults.count(Call::Punch), faults.count(Call::Lock)), (4, 1, 0));
    }

    #[test]
    fn every_call_fails_until_healed() {
        let faults = Faults::new();
        let region = FaultyRegion::new(AnonRegion::new(1 << 20).unwrap(), faults.clone());
        faults.fail_every(Call::Lock, || Error::Forked);
        faults.fail_every(Call::IsLocked, || Error::Forked);
        for _ in 0..3 {
            assert!(matches!(region.lock(1), Err(Error::Forked)));
            assert!(matches!(region.is_locked(1), Err(Error::Forked)));
        }
        faults.heal();
        assert!(region.lock(1).unwrap() && !region.is_locked(1).unwrap());
        assert_eq!((faults.count(Call::Lock), faults.count(Call::IsLocked)), (4, 4));
    }
}
