//! `gc` while others change values, hold versions and die, and while it dies itself: what is in use, held or on its way is never taken, and
//! what was lost before is found.

use super::deaths::replace_until_death;
use super::explore::explore;
use super::region::Machine;
use super::schedules::{check, domain, first_value, formatted, pick, tree, work};
use super::steps;
use crate::atom::{Atom, Domain};
use crate::check::Collected;
use crate::layout::Word;
use crate::layout::header::atom::ROOT;
use crate::sync::SeqCst;
use crate::sync::bookkeeping::{AtomicU64, Ordering::Relaxed};
use crate::value::Value;
use shuttle::thread;
use std::sync::Arc;

/// Named places in a collection.
const PLACES: [&str; 6] =
    ["gc: begun", "gc: marked", "gc: block taken", "gc: counts set", "gc: page given back", "retire: in a bag"];

/// An atom whose value hangs on nothing any more, as if who dropped it had died on the way; how many blocks that are.
fn lose(domain: &Domain) -> u64 {
    let lost = domain.atom("lost", || Ok(Value::map((0..3i64).map(|k| (k, tree(k)))))).unwrap();
    steps::at_once(|| {
        domain.reclaim().unwrap();
        domain.inner().arena.word(lost.entry.at(1 + ROOT)).store(Word::EMPTY_MAP.0, SeqCst);
        domain.verify(|_, _| {}).unwrap().leaked
    })
}

fn worker(machine: &Arc<Machine>, process: u64) -> thread::JoinHandle<()> {
    let machine = machine.clone();
    thread::spawn(move || {
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
        let lost = lose(&first);
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
fn collectors_that_die_and_others_that_die_beside_them_do_no_damage() {
    static DEATHS: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        let atom = first.atom("a", || Ok(first_value())).unwrap();
        lose(&first);
        let worker = worker(&machine, 2);
        let collector = doomed_collector(&machine, 3);
        let victim = {
            let machine = machine.clone();
            thread::spawn(move || replace_until_death(&machine, 4))
        };
        let held = atom.load().unwrap();
        let said = held.value().unwrap().to_string();
        first.gc(|_, _| {}).unwrap();
        assert_eq!(held.value().unwrap().to_string(), said, "a version that is held does not change");
        drop(held);
        worker.join().unwrap();
        DEATHS[0].fetch_add(collector.join().unwrap().into(), Relaxed);
        DEATHS[1].fetch_add(victim.join().unwrap().is_some().into(), Relaxed);
        check(&first, true);
        collect_the_rest(&first, &atom);
    });
    let [collectors, others] = [0, 1].map(|i| DEATHS[i].load(Relaxed));
    println!("{collectors} collectors died, {others} others at places");
    assert!(collectors > 0 && others > 0, "hardly anybody died");
}
