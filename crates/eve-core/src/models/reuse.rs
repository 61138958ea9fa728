//! Addresses that come back. Every version is one block of one size, and freed blocks are taken again at once, so that a root soon stands where
//! another root stood. Nobody may take the one for the other: not a committer who compares addresses, not a reader who holds one,
//! not a recoverer who asks whether a root that a dead participant meant was published.

use super::explore::explore;
use super::region::Machine;
use super::schedules::{check, domain, pick, text};
use super::steps;
use crate::atom::{Atom, OpenOptions};
use crate::error::Error;
use crate::layout::Word;
use crate::sync::bookkeeping::{AtomicU64, Ordering::Relaxed};
use crate::value::Value;
use shuttle::thread;
use std::sync::Arc;

/// With all bits of the hash, so that a small map is one block.
fn formatted() -> Arc<Machine> {
    let machine = Machine::new();
    OpenOptions::new().hashing(7, u64::MAX).format(&machine.process(0)).unwrap();
    machine
}

/// A version: a block with a count for each writer and their sum, and below it one of the same size, so that where a root stood
/// there may be a root again, or something else.
fn counts() -> Value {
    Value::map([(0, Value::Int(0)), (1, Value::Int(0)), (SUM, Value::Int(0)), (BELOW, below(0))])
}

const WRITERS: i64 = 2;
const SUM: i64 = -1;
const BELOW: i64 = -2;

fn below(sum: i64) -> Value {
    Value::map((0..4i64).map(|k| (k, sum)))
}

fn count(value: &Value, key: i64) -> i64 {
    value.get(key).unwrap().and_then(|n| n.as_i64()).expect("a count")
}

/// One more for a writer, and for all. Then mostly what was replaced is freed at once, so that it is at hand for the next version.
fn increment(atom: &Atom, me: i64) {
    let more = |v: Value, key: i64| {
        let n = count(&v, key);
        v.assoc(key, n + 1)
    };
    atom.update::<Error>(|v| {
        let v = more(more(v, me)?, SUM)?;
        let sum = count(&v, SUM);
        v.assoc(BELOW, below(sum))
    })
    .unwrap();
    if pick(4) != 0 {
        atom.domain().reclaim().unwrap();
    }
}

/// Each version agrees with itself.
fn agrees(value: &Value) {
    let sum = count(value, SUM);
    assert_eq!((0..WRITERS).map(|k| count(value, k)).sum::<i64>(), sum, "one version: {value}");
    assert_eq!(value.get(BELOW).unwrap(), Some(below(sum)), "one version: {value}");
}

/// Roots met at an address at which another root had stood before, in all executions.
static CAME_BACK: AtomicU64 = AtomicU64::new(0);

/// Roots that somebody met, with the sums that stood there.
type Met = Vec<(Word, i64)>;

fn meet(met: &mut Met, root: Word, sum: i64) {
    if met.iter().any(|(other, before)| *other == root && *before != sum) {
        CAME_BACK.fetch_add(1, Relaxed);
    }
    met.push((root, sum));
}

/// Goes round: loads, looks, holds for a while, looks again.
fn read(atom: &Atom, rounds: usize) {
    let (mut met, mut sum) = (Met::new(), 0);
    for _ in 0..rounds {
        let held = atom.load().unwrap();
        let said = text(&held);
        let value = held.value().unwrap();
        agrees(&value);
        assert!(count(&value, SUM) >= sum, "time goes forward");
        sum = count(&value, SUM);
        meet(&mut met, held.root(), sum);
        drop(value);
        for _ in 0..pick(4) {
            steps::pause();
        }
        assert_eq!(text(&held), said, "a version that is held does not change");
    }
}

#[test]
fn a_root_at_the_address_of_another_fools_no_committer_and_no_reader() {
    explore(|| {
        const ROUNDS: i64 = 5;
        let machine = formatted();
        let domain = domain(&machine, 1);
        let atom = domain.atom("a", || Ok(counts())).unwrap();
        let writers = [0, 1].map(|me| {
            let atom = atom.clone();
            thread::spawn(move || {
                let mut met = Met::new();
                for i in 1..=ROUNDS {
                    increment(&atom, me);
                    let now = atom.load().unwrap();
                    let value = now.value().unwrap();
                    assert_eq!(count(&value, me), i, "what returned is there");
                    meet(&mut met, now.root(), count(&value, SUM));
                }
            })
        });
        let reader = {
            let atom = atom.clone();
            thread::spawn(move || read(&atom, 5))
        };
        for _ in 0..4 {
            domain.reclaim().unwrap();
        }
        for t in writers.into_iter().chain([reader]) {
            t.join().unwrap();
        }
        let last = atom.load().unwrap().value().unwrap();
        assert_eq!([count(&last, 0), count(&last, 1)], [ROUNDS, ROUNDS], "no commit is lost");
        drop(last);
        check(&domain, false);
    });
    let came_back = CAME_BACK.load(Relaxed);
    println!("{came_back} times somebody met a root where it had met another root before");
    assert!(came_back > 0, "no address came back: the model shows nothing");
}

/// Counts until it is killed; how often it returned, and whether it was killed.
fn victim(machine: &Arc<Machine>) -> (i64, bool) {
    let mut returned = 0;
    let died = steps::until_death(|| {
        machine.i_am(2);
        let domain = domain(machine, 2);
        let atom = domain.atom("a", || Ok(counts())).unwrap();
        increment(&atom, 0);
        returned = 1;
        // Mostly just behind the exchange, or just before it.
        match pick(4) {
            0 => steps::doom(pick(4000) as u64),
            1 => steps::doom_at("commit: pinned", pick(4) as u64),
            _ => steps::doom_at("commit: exchanged", pick(4) as u64),
        }
        for _ in 0..6 {
            increment(&atom, 0);
            returned += 1;
        }
        drop((atom, domain));
        steps::spare();
    });
    (returned, died)
}

/// The dead one's new root was replaced, and its address may be wanted by others, when it is asked whether it was published.
#[test]
fn a_root_at_the_address_of_another_fools_no_recoverer() {
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        let atom = first.atom("a", || Ok(counts())).unwrap();
        let victim = {
            let machine = machine.clone();
            thread::spawn(move || victim(&machine))
        };
        let reader = {
            let machine = machine.clone();
            thread::spawn(move || {
                let domain = domain(&machine, 3);
                read(&domain.atom("a", || Ok(counts())).unwrap(), 4);
            })
        };
        let mut mine = 0;
        for _ in 0..4 {
            for _ in 0..pick(4) {
                increment(&atom, 1);
                mine += 1;
            }
            if pick(2) == 0 {
                first.recover().unwrap();
            }
        }
        reader.join().unwrap();
        let (returned, killed) = victim.join().unwrap();
        first.recover().unwrap();
        increment(&atom, 1);
        let last = atom.load().unwrap().value().unwrap();
        agrees(&last);
        assert_eq!(count(&last, 1), mine + 1, "no commit is lost");
        let after = returned + i64::from(killed);
        assert!((returned..=after).contains(&count(&last, 0)), "{returned} swaps returned: {last}");
        drop(last);
        check(&first, killed);
    });
}
