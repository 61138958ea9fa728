//! The changes of an atom, one after another.

use crate::{Atom, Error, Result, Snapshot, Value};
use std::time::{Duration, Instant};

/// The versions of an atom from now on, whoever writes them: a blocking iterator. See [`Atom::changes`].
///
/// A version that was replaced before it was looked at is passed over. The version given last is held until the next is asked for.
pub struct Changes<T = Value> {
    atom: Atom<T>,
    seen: u64,
    last: Option<Snapshot<T>>,
    ended: bool,
}

impl<T> Changes<T> {
    pub(crate) fn new(atom: Atom<T>) -> Result<Changes<T>> {
        let seen = atom.version(); // before the load: a commit in between is a change
        let last = Some(atom.load()?);
        Ok(Changes { atom, seen, last, ended: false })
    }
    /// The version that the changes start from, or the one given last.
    pub fn current(&self) -> Option<&Snapshot<T>> {
        self.last.as_ref()
    }
    /// The next version; `None` if there is none in this time.
    ///
    /// # Errors
    /// [`Error::NoSuchAtom`] once the atom is removed.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Snapshot<T>>> {
        self.next_until(Instant::now().checked_add(timeout))
    }

    fn next_until(&mut self, deadline: Option<Instant>) -> Result<Option<Snapshot<T>>> {
        loop {
            let left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
            if !self.atom.wait(self.seen, left) {
                return Ok(None);
            }
            self.seen = self.atom.version();
            let now = self.atom.load()?;
            // A commit counts a moment after it shows, so its version may have been given already.
            if self.last.as_ref().is_none_or(|last| !last.is_version(&now)) {
                self.last = Some(now.clone());
                return Ok(Some(now));
            }
        }
    }
}

impl<T> Iterator for Changes<T> {
    type Item = Result<Snapshot<T>>;

    /// Waits for the next version. After an error (the atom was removed) there are no more.
    fn next(&mut self) -> Option<Result<Snapshot<T>>> {
        if self.ended {
            return None;
        }
        let next = self.next_until(None).and_then(|next| next.ok_or_else(|| Error::value("the wait ended too early")));
        self.ended = next.is_err();
        Some(next)
    }
}
