//! How the losers of a race for an atom wait.

use std::cell::Cell;
use std::time::Duration;

/// What this thread knows of the others that change an atom.
///
/// A commit from JavaScript takes longer than one from Rust, nearly all of it between the load and the exchange. If all who lose try again at once
/// most attempts are lost, and all that the processors do is hand each other cache lines. So who loses waits for many times as long as a commit
/// takes, and longer the more often that happened lately: meanwhile another does many commits in a row, at the speed of one who is alone. What it has
/// learned it keeps from one swap to the next, since a single swap seldom loses more than once.
#[derive(Default)]
pub struct Crowd {
    /// The longest wait, as a power of two.
    level: Cell<u32>,
    /// Commits since the level was changed.
    calm: Cell<u32>,
    /// Losses since the last commit.
    losses: Cell<u32>,
    random: Cell<u64>,
}

impl Crowd {
    /// The longest wait is 2 to the power of this, in spins: about half a millisecond.
    const MOST: u32 = 14;
    /// What the first loss after a quiet time costs at most: less than a commit takes.
    const LEAST: u32 = 4;
    /// Waits of more spins than this are slept, so that others have the processor.
    const SLEEP: u64 = 1 << 10;
    /// A spin, in nanoseconds; it need not be exact.
    const SPIN: u64 = 30;
    /// After so many losses in a row it is somebody else's turn to wait: others may be quicker than JavaScript can ever be.
    const PATIENCE: u32 = 6;
    /// So many commits in a row without a loss, and the next wait is shorter.
    const CALM: u32 = 256;

    /// A commit was made.
    #[inline]
    pub fn won(&self) {
        self.losses.set(0);
        if self.level.get() > 0 {
            let calm = self.calm.get() + 1;
            self.calm.set(calm % Self::CALM);
            if calm == Self::CALM {
                self.level.set(self.level.get() - 1);
            }
        }
    }

    /// Somebody else was first: waits.
    pub fn lost(&self) {
        let level = (self.level.get() + 1).clamp(Self::LEAST, Self::MOST);
        self.level.set(level);
        self.calm.set(0);
        self.losses.set(self.losses.get().saturating_add(1));
        let level = if self.losses.get() > Self::PATIENCE { Self::LEAST } else { level };
        let mut random = self.random.get();
        if random == 0 {
            // Differs between threads and processes; no more is asked of it.
            random = (std::ptr::from_ref(self).addr() as u64) ^ u64::from(std::process::id()) << 32 | 1;
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        self.random.set(random);
        let spins = (random >> 20) & ((1 << level) - 1);
        if spins > Self::SLEEP {
            std::thread::sleep(Duration::from_nanos(spins * Self::SPIN));
            return;
        }
        for _ in 0..spins {
            std::hint::spin_loop();
        }
    }
}
