//! Dropping nested values without recursion, however deep they are.

use std::cell::RefCell;

use super::host::{Tagged, Value};

crate::sync::thread_local! {
    /// What is still to be dropped, while this thread is dropping.
    static PENDING: RefCell<Option<Vec<Value>>> = const { RefCell::new(None) };
}

impl Value {
    /// May dropping it drop other values?
    pub(super) fn is_nested(&self) -> bool {
        matches!(self, Value::Map(_) | Value::Set(_) | Value::Vector(_) | Value::List(_) | Value::Tagged(_))
    }
}

/// Drops values one after another: what they drop in turn is put in line and not dropped inside them.
pub(super) fn release(values: Vec<Value>) {
    let first = PENDING.try_with(|pending| {
        let mut pending = pending.borrow_mut();
        match &mut *pending {
            Some(line) => {
                line.extend(values);
                false
            }
            None => {
                *pending = Some(values);
                true
            }
        }
    });
    // Without the line (the thread is ending) the values have been dropped with the closure.
    if !matches!(first, Ok(true)) {
        return;
    }
    loop {
        let next = PENDING.with(|pending| {
            let mut pending = pending.borrow_mut();
            let next = pending.as_mut().and_then(Vec::pop);
            if next.is_none() {
                *pending = None;
            }
            next
        });
        match next {
            Some(value) => drop(value),
            None => return,
        }
    }
}

impl Drop for Tagged {
    fn drop(&mut self) {
        if self.value.is_nested() {
            release(vec![std::mem::take(&mut self.value)]);
        }
    }
}
