//! Closing a domain while threads that used it are still ending.

use eve_core::value::Value;
use eve_core::{Domain, Error};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Keeps the end of its thread back until the flag is set. Thread-local values made last are dropped first.
struct Gate(Arc<AtomicBool>);

impl Drop for Gate {
    fn drop(&mut self) {
        while !self.0.load(SeqCst) {
            std::hint::spin_loop(); // awake when it opens
        }
    }
}

thread_local! {
    static GATE: RefCell<Option<Gate>> = const { RefCell::new(None) };
}

fn churn(domain: &Domain, generation: i64) {
    let fill = |m: Value| m.assoc(generation % 7, Value::map((0..40).map(|i| (i, generation))));
    let atom = domain.find("m").unwrap().unwrap();
    for _ in 0..4 {
        atom.update::<Error>(fill).unwrap();
    }
}

/// A scope of threads is left before the thread-local values of its threads are dropped, so the domain may be closed, by the thread that
/// waited for them, at the moment they give their slots back. Two that empty one slot lose a block, or free it twice.
#[test]
fn threads_that_end_while_the_domain_is_closed_lose_no_block() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("domain.eve");
    let watcher = Domain::open(&file).unwrap();
    watcher.put("m", &Value::map([(0, 0)])).unwrap();
    for round in 0..4000 {
        let domain = Domain::open(&file).unwrap();
        let go = Arc::new(AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                churn(&domain, round);
                GATE.set(Some(Gate(go.clone())));
            });
        });
        go.store(true, SeqCst);
        for _ in 0..round % 97 * 8 {
            std::hint::spin_loop(); // meets another moment of the end each time
        }
        drop(domain);
        if round % 8 == 7 {
            watcher.reclaim().unwrap();
            let report = watcher.verify(|_, _| {}).unwrap();
            assert!(report.is_ok() && report.exact && report.limbo == 0, "round {round}: {report}");
        }
    }
}
