//! `gc` while others change values, hold versions and die, and while it dies itself: what is in use, held or on its way is never taken, and
//! what was lost before is found.

use super::deaths::replace_until_death;
use super::explore::explore;
use super::region::Machine;
use super::schedules::{check, domain, first_value, formatted, pick, tree, work};
use super::steps;
use crate::atom::{Atom, Domain, Snapshot};
use crate::check::Collected;
use crate::check::models::{own_limbo, seen_in_limbo};
use crate::error::Error;
use crate::layout::Word;
use crate::layout::header::atom::ROOT;
use crate::sync::SeqCst;
use crate::sync::bookkeeping::{AtomicU64, Ordering::Relaxed};
use crate::value::{Array, Value};
use shuttle::thread;
use std::sync::Arc;

/// Named places in a collection.
const PLACES: [&str; 6] =
    ["gc: begun", "gc: marked", "gc: block taken", "gc: counts set", "gc: page given back", "retire: in a bag"];

/// An atom whose value hangs on nothing any more, as if who dropped it had died on the way, though somebody may still hold that version; how many
/// blocks that are.
fn lose(domain: &Domain) -> (Snapshot, u64) {
    let array = || Value::Array(Array::from(vec![7i32; 8]));
    let value = || Value::map([(0i64, tree(0)), (1, array()), (2, Value::vector([tree(2), array()]))]);
    let lost = domain.atom("lost", || Ok(value())).unwrap();
    steps::at_once(|| {
        domain.reclaim().unwrap();
        let held = lost.load().unwrap();
        domain.inner().arena.word(lost.entry.at(1 + ROOT)).store(Word::EMPTY_MAP.0, SeqCst);
        (held, domain.verify(|_, _| {}).unwrap().leaked)
    })
}

/// Changes values, from some time on.
fn worker(machine: &Arc<Machine>, process: u64) -> thread::JoinHandle<()> {
    let machine = machine.clone();
    thread::spawn(move || {
        for _ in 0..[0, 30, 300][pick(3) as usize] {
            steps::pause();
        }
        let domain = domain(&machine, process);
        let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
        work(&atom, 4);
    })
}

/// Collects, and may die doing it.
fn doomed_collector(machine: &Arc<Machine>, process: u64) -> thread::JoinHandle<bool> {
    let machine = machine.clone();
    thread::spawn(move || {
        steps::until_death(|| {
            machine.i_am(process);
            let domain = domain(&machine, process);
            match pick(2) {
                0 => steps::doom(pick(4000) as u64),
                _ => steps::doom_at(PLACES[pick(PLACES.len() as i64) as usize], pick(3) as u64),
            }
            domain.gc(|_, _| {}).unwrap();
            drop(domain);
            steps::spare();
        })
    })
}

/// Puts parts of a version that was lost into the atom again, and takes them out.
fn revive(domain: &Domain, held: &Snapshot) {
    let lost = domain.atom("lost", || Ok(Value::Nil)).unwrap();
    for _ in 0..3 {
        lost.update::<Error>(|v| {
            let part = held.value()?.get(pick(3))?.unwrap_or(Value::Nil);
            v.assoc(pick(3), part)
        })
        .unwrap();
        if pick(3) == 0 {
            lost.update(|v| v.dissoc(pick(3))).unwrap();
        }
    }
}

/// At the end, alone: all that is left is found, and nothing that is right is touched.
fn collect_the_rest(domain: &Domain, atom: &Atom) -> Collected {
    steps::at_once(|| {
        let said = atom.load().unwrap().value().unwrap().to_string();
        let collected = domain.gc(|_, _| {}).unwrap();
        assert!(collected.alone && collected.left.is_none(), "{collected}");
        assert_eq!(atom.load().unwrap().value().unwrap().to_string(), said);
        let report = domain.verify(|_, _| {}).unwrap();
        assert!(report.exact && report.is_ok(), "after {collected}: {report}");
        collected
    })
}

#[test]
fn a_collection_beside_others_takes_all_that_is_lost_and_nothing_else() {
    static BESIDE: AtomicU64 = AtomicU64::new(0);
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        let atom = first.atom("a", || Ok(first_value())).unwrap();
        let (held, lost) = lose(&first);
        let mut held = (pick(2) == 0).then(|| (held.value().unwrap().to_string(), held));
        let workers = [2, 3].map(|process| worker(&machine, process));
        let mut taken = 0;
        for _ in 0..2 {
            let collected = first.gc(|_, _| {}).unwrap();
            taken += collected.blocks;
            BESIDE.fetch_add((!collected.alone && collected.left.is_none()).into(), Relaxed);
            TAKEN.fetch_add(if collected.alone { 0 } else { collected.blocks }, Relaxed);
        }
        for worker in workers {
            worker.join().unwrap();
        }
        if let Some((said, held)) = held.take() {
            assert_eq!(held.value().unwrap().to_string(), said, "a version that is held does not change");
        }
        check(&first, true);
        // One on a page from which somebody takes blocks meanwhile is left for the next collection.
        let rest = collect_the_rest(&first, &atom).blocks;
        assert_eq!(taken + rest, lost, "{taken} blocks were taken beside others");
    });
    let (beside, taken) = (BESIDE.load(Relaxed), TAKEN.load(Relaxed));
    println!("{beside} collections beside others, which took {taken} blocks");
    assert!(beside > 0 && taken > 0, "hardly any collection was beside others");
}

#[test]
fn a_collection_beside_a_thread_of_its_process_and_who_revives_what_was_lost_does_no_damage() {
    explore(|| _ = beside_one_who_revives(|_| Vec::new()));
}

#[test]
fn collectors_that_die_and_others_that_die_beside_them_do_no_damage() {
    static DEATHS: AtomicU64 = AtomicU64::new(0);
    explore(|| {
        let deaths = beside_one_who_revives(|machine| {
            let collector = doomed_collector(machine, 3);
            let machine = machine.clone();
            vec![collector, thread::spawn(move || replace_until_death(&machine, 4).is_some())]
        });
        DEATHS.fetch_add(deaths, Relaxed);
    });
    println!("{} died", DEATHS.load(Relaxed));
    assert!(DEATHS.load(Relaxed) > 0, "hardly anybody died");
}

/// Bags go from being filled to the full ones and on to the queue while a collection looks; one is always seen.
#[test]
fn what_was_in_limbo_before_a_collection_looks_is_seen() {
    static MOVED: AtomicU64 = AtomicU64::new(0);
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        first.atom("a", || Ok(first_value())).unwrap();
        let (begun, noted) = (Arc::new(steps::AtomicU64::new(0)), Arc::new(steps::AtomicU64::new(0)));
        let writer = {
            let (machine, begun, noted) = (machine.clone(), begun.clone(), noted.clone());
            thread::spawn(move || {
                let domain = domain(&machine, 2);
                let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
                work(&atom, 1 + pick(3));
                while begun.load(SeqCst) == 0 {
                    thread::yield_now();
                }
                let before = steps::at_once(|| own_limbo(&domain));
                noted.store(1, SeqCst);
                work(&atom, pick(6));
                let after = steps::at_once(|| own_limbo(&domain));
                MOVED.fetch_add(u64::from(!before.is_subset(&after)), Relaxed);
                drop(atom);
                drop(domain); // all of it goes to the queue
                before
            })
        };
        let seen = seen_in_limbo(&first, || {
            begun.store(1, SeqCst);
            while noted.load(SeqCst) == 0 {
                thread::yield_now();
            }
        });
        let missed: Vec<u64> = writer.join().unwrap().difference(&seen).copied().collect();
        assert!(missed.is_empty(), "{missed:?} were not seen");
        check(&first, false);
    });
    assert!(MOVED.load(Relaxed) > 0, "hardly any bag moved");
}

/// A collection, and beside it a worker, a thread of the same process that revives, and others who tell whether they died; how many did.
fn beside_one_who_revives(others: impl Fn(&Arc<Machine>) -> Vec<thread::JoinHandle<bool>>) -> u64 {
    let machine = formatted();
    let first = domain(&machine, 1);
    let atom = first.atom("a", || Ok(first_value())).unwrap();
    let (lost, _) = lose(&first);
    let said_lost = lost.value().unwrap().to_string();
    let worker = worker(&machine, 2);
    let others = others(&machine);
    let reviver = {
        let (first, lost) = (first.clone(), lost.clone());
        thread::spawn(move || revive(&first, &lost))
    };
    let held = atom.load().unwrap();
    let said = held.value().unwrap().to_string();
    first.gc(|_, _| {}).unwrap();
    assert_eq!(held.value().unwrap().to_string(), said, "a version that is held does not change");
    reviver.join().unwrap();
    assert_eq!(lost.value().unwrap().to_string(), said_lost, "a version that is held does not change");
    drop((held, lost));
    worker.join().unwrap();
    let deaths = others.into_iter().map(|other| u64::from(other.join().unwrap())).sum();
    check(&first, true);
    collect_the_rest(&first, &atom);
    deaths
}
