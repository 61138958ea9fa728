//! How deep a commit may nest.

use super::build::Built;
use super::planner::Planner;
use crate::deep::deep;
use crate::error::Error;

/// So deep may collections stand in each other in what a commit stores: each level costs whoever walks over it some 2 KiB of stack. Readers of text
/// take more, so that what is stored can be read again from a dump.
const MOST_LEVELS: u32 = 1_000_000;

impl Planner<'_, '_> {
    /// Plans what stands in one collection more.
    #[inline]
    pub(super) fn below<T>(&mut self, plan: impl FnOnce(&mut Self) -> Built<T>) -> Built<T> {
        if self.levels == MOST_LEVELS {
            return Err(Error::value(format!(
                "nested more than {MOST_LEVELS} deep; keep what is so deep side by side in a map, and let it refer to each other by keys"
            ))
            .into());
        }
        self.levels += 1;
        let planned = deep(|| plan(self));
        self.levels -= 1;
        planned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Domain;
    use crate::value::Value;

    #[test]
    fn nesting_beyond_the_limit_is_refused() {
        let domain = Domain::anonymous().unwrap();
        let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
        let base = atom.load().unwrap();
        let nested = |levels: u32| (0..levels).fold(Value::from(1), |value, _| Value::vector([value]));
        let store = |value: Value| {
            let made = atom.attempt((&base).into(), false, |b| {
                let mut planner = Planner::new(b, (&base).into());
                planner.levels = MOST_LEVELS - 10; // what is around it
                planner.word(&value)
            });
            made.map(|made| made.is_some())
        };
        let deeper = store(nested(11)).unwrap_err().to_string();
        assert!(deeper.contains("nested more than 1000000 deep"), "{deeper}");
        assert!(store(nested(10)).unwrap());
        assert_eq!(atom.load().unwrap().value().unwrap(), nested(10));
    }
}
