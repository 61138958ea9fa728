//! Whole operations under random schedules. Threads do what users do on one atom; every version that is read must be one value,
//! now and for as long as it is held; at the end the domain is checked exactly.

use super::explore::explore;
use super::region::Machine;
use super::steps;
use crate::atom::{Atom, Domain, OpenOptions, Snapshot};
use crate::error::Error;
use crate::layout::BlockHeader;
use crate::value::{Map, Order, Value};
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;
use std::sync::Arc;

/// Few bits of the hash, so that small maps have inner nodes and collisions; few keys, so that everything meets.
const HASH_MASK: u64 = 0x8C00_0000_0000_0000;
pub(super) const KEYS: i64 = 4;

pub(super) fn domain(machine: &Arc<Machine>, process: u64) -> Domain {
    Domain::over(Box::new(machine.process(process))).unwrap()
}

pub(super) fn formatted() -> Arc<Machine> {
    let machine = Machine::new();
    OpenOptions::new().hashing(7, HASH_MASK).format(&machine.process(0)).unwrap();
    machine
}

pub(super) fn pick(n: i64) -> i64 {
    thread_rng().gen_range(0..n)
}

/// A value with something below it.
pub(super) fn tree(seed: i64) -> Value {
    match pick(5) {
        0 => Value::Int(seed),
        // Two leaves below a root, and keys that are blocks: a first key has two parents.
        1 => Value::Map(sorted_keys().map(|k| (k, Value::Int(seed))).collect::<Map>().in_order(Order::Sorted).unwrap()),
        2 => Value::from(format!("a longer text {seed}")),
        3 => Value::map([(0i64, Value::from(format!("some text {seed}"))), (1, Value::Int(seed))]),
        _ => Value::vector([Value::map([(0i64, Value::from(format!("in a vector {seed}")))]), Value::Int(seed)]),
    }
}

fn sorted_keys() -> impl Iterator<Item = Value> {
    (0..6).map(|i| Value::from(format!("a key of a sorted map {i}")))
}

/// A change inside of what may be a map.
pub(super) fn inside(v: Value, seed: i64) -> crate::Result<Value> {
    let Value::Map(map) = &v else { return Ok(v) };
    let key = if map.order() == Order::Sorted { sorted_keys().nth(pick(6) as usize) } else { None };
    match key {
        Some(key) if pick(2) == 0 => v.dissoc(key),
        Some(key) => v.assoc(key, tree(seed)),
        None => v.assoc(pick(3), tree(seed)),
    }
}

/// What the whole version says, as text: built once when it is loaded, and compared while it is held.
pub(super) fn text(snapshot: &Snapshot) -> String {
    snapshot.value().unwrap().to_string()
}

/// One random change.
fn change(value: Value, old: &Option<Snapshot>) -> crate::Result<Value> {
    let (a, b) = (pick(KEYS), pick(KEYS));
    let at = |v: &Value, k: i64| v.get(k).map(|v| v.unwrap_or(Value::Nil));
    Ok(match pick(12) {
        0 | 1 => value.assoc(a, tree(b))?,
        2 => value.dissoc(a)?,
        // grafts, moves, and both with a change inside
        3 => {
            let v = at(&value, b)?;
            value.assoc(a, v)?
        }
        4 => {
            let v = at(&value, b)?;
            value.dissoc(b)?.assoc(a, v)?
        }
        5 => {
            let v = at(&value, b)?;
            value.assoc(a, inside(v, a)?)?
        }
        6 => {
            let v = at(&value, a)?;
            value.assoc(a, inside(v, b)?)?
        }
        // a fresh parent over old children
        7 => {
            let (v, w) = (at(&value, a)?, at(&value, b)?);
            Value::map([(0i64, v.clone()), (1, w), (2, v)])
        }
        // the old root inside the new one
        8 if pick(3) == 0 => Value::map([(0i64, value), (1, tree(b))]),
        // an old version put back, or a part of it
        9 | 10 => match old {
            Some(old) => {
                let old = old.value()?;
                match pick(3) {
                    0 => value.assoc(a, at(&old, b)?)?,
                    1 => old.assoc(a, tree(b))?,
                    _ => old,
                }
            }
            None => value,
        },
        _ => value.assoc(a, tree(a))?.assoc(b, tree(b))?.dissoc(pick(KEYS))?,
    })
}

/// Keeps a value small enough to be read at every step.
fn pruned(value: Value) -> crate::Result<Value> {
    if !matches!(value, Value::Map(_)) || value.to_string().len() > 1500 {
        return Ok(Value::map((0..KEYS).map(|k| (k, Value::vector([Value::from(format!("text number {k}"))])))));
    }
    Ok(value)
}

/// What one thread does: changes, and versions that it holds meanwhile.
pub(super) fn work(atom: &Atom, rounds: i64) {
    let mut held: Vec<(Snapshot, String)> = Vec::new();
    for _ in 0..rounds {
        let old = (!held.is_empty()).then(|| held[pick(held.len() as i64) as usize].0.clone());
        match pick(5) {
            0 => {
                let snapshot = atom.load().unwrap();
                let said = text(&snapshot);
                held.push((snapshot, said));
            }
            1 => {
                let snapshot = atom.swap(|v| change(pruned(v)?, &old)).unwrap();
                let said = text(&snapshot);
                held.push((snapshot, said));
            }
            _ => atom.update(|v| change(pruned(v)?, &old)).unwrap(),
        }
        for (snapshot, said) in &held {
            assert_eq!(&text(snapshot), said, "a version that is held does not change");
        }
        if held.len() > 3 || pick(3) == 0 && !held.is_empty() {
            held.swap_remove(pick(held.len() as i64) as usize);
        }
    }
    for (snapshot, said) in &held {
        assert_eq!(&text(snapshot), said, "a version that is held does not change");
    }
}

pub(super) fn first_value() -> Value {
    Value::map((0..KEYS).map(|k| (k, Value::map([(0i64, Value::from(format!("first text {k}")))]))))
}

/// Everything is as it must be, and nothing is left over. After a kill, leaks and counts that are too high are allowed.
pub(super) fn check(domain: &Domain, killed: bool) {
    steps::at_once(|| {
        domain.recover().unwrap();
        domain.reclaim().unwrap();
        let report = domain.verify(|_, _| {}).unwrap();
        assert!(report.exact, "{report}");
        if killed {
            assert_eq!(report.damaged, 0, "{report}");
        } else {
            assert!(report.is_ok(), "{report}");
        }
        let stat = domain.stat().unwrap();
        assert_eq!(stat.pins, 0, "no pin outlives its snapshot");
        assert_eq!(report.limbo, 0, "what nobody pins leaves limbo: {report}");
    });
}

fn threads_of_one_process(n: usize, rounds: i64, prepare: impl Fn(&Domain, &Atom)) {
    let machine = formatted();
    let domain = domain(&machine, 1);
    let atom = domain.atom("a", || Ok(first_value())).unwrap();
    steps::at_once(|| prepare(&domain, &atom));
    let threads: Vec<_> = (0..n)
        .map(|_| {
            let atom = atom.clone();
            thread::spawn(move || work(&atom, rounds))
        })
        .collect();
    for t in threads {
        t.join().unwrap();
    }
    check(&domain, false);
}

#[test]
fn a_commit_counts_edges_right_whatever_others_do_two_threads() {
    explore(|| threads_of_one_process(2, 6, |_, _| {}));
}

#[test]
fn a_commit_counts_edges_right_whatever_others_do_three_threads() {
    explore(|| threads_of_one_process(3, 4, |_, _| {}));
}

#[test]
fn processes_that_share_a_domain() {
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        let atom = first.atom("a", || Ok(first_value())).unwrap();
        let threads: Vec<_> = (2..4)
            .map(|number| {
                let machine = machine.clone();
                thread::spawn(move || {
                    let domain = domain(&machine, number);
                    let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
                    work(&atom, 4);
                })
            })
            .collect();
        work(&atom, 2);
        for t in threads {
            t.join().unwrap();
        }
        check(&first, false);
    });
}

#[test]
fn a_count_at_its_ceiling_stays_there() {
    explore(|| {
        let machine = formatted();
        let domain = domain(&machine, 1);
        let atom = domain.atom("a", || Ok(first_value())).unwrap();
        // The node at key 0 has as many parents as can be counted, but for two.
        let child = steps::at_once(|| {
            let snapshot = atom.load().unwrap();
            let child = snapshot.view().get(0i64).unwrap().unwrap().word().as_block().unwrap();
            let word = snapshot.arena().word(child);
            let header = word.load(crate::sync::Acquire) | BlockHeader::SHARED;
            word.store(header + (BlockHeader::EDGES_MAX - 3), crate::sync::Release);
            child
        });
        let shared = atom.load().unwrap().value().unwrap().get(0i64).unwrap().unwrap();
        let said = shared.to_string();
        let threads: Vec<_> = (0..2i64)
            .map(|t| {
                let (atom, shared) = (atom.clone(), shared.clone());
                thread::spawn(move || {
                    for i in 0..3 {
                        let at = 10 + t * 10 + i;
                        atom.update(|v| {
                            let v0 = v.get(0i64)?.unwrap_or(Value::Nil);
                            v.assoc(at, v0.clone())?.assoc(at + 100, v0)
                        })
                        .unwrap();
                        if i != 1 {
                            atom.update(|v| v.dissoc(at)).unwrap();
                        }
                    }
                    drop(shared);
                })
            })
            .collect();
        for t in threads {
            t.join().unwrap();
        }
        assert_eq!(shared.to_string(), said);
        drop(shared);
        steps::at_once(|| {
            let header = BlockHeader(domain.inner().arena.word(child).load(crate::sync::Acquire));
            // The first commit brought it there.
            assert!(
                header.edges() == BlockHeader::EDGES_MAX,
                "full for ever, and never into its neighbours: {header:?}"
            );
            let report = domain.verify(|_, _| {}).unwrap();
            assert_eq!(report.damaged, 0, "{report}");
        });
    });
}

/// A vector hangs under two parents. The first is dropped and waits for an old reader; the second lets go of it, seen by a new one; then the old
/// reader goes. Others work beside it, so that each step of limbo is done by anybody.
#[test]
fn a_child_that_was_shared_is_held_for_who_came_after_its_first_parent_went() {
    explore(|| {
        let machine = formatted();
        let domain = domain(&machine, 1);
        let shared = Value::vector([Value::from("a text that needs a block")]);
        let first = Value::map([(0i64, Value::map([(0i64, shared)]))]);
        let atom = domain.atom("a", || Ok(first.clone())).unwrap();
        let other = domain.atom("b", || Ok(first_value())).unwrap();
        let beside = {
            let other = other.clone();
            thread::spawn(move || work(&other, 6))
        };
        let update = |f: &dyn Fn(Value) -> crate::Result<Value>| {
            atom.update(f).unwrap();
            for _ in 0..1 + pick(3) {
                other.update(|v| v.assoc(pick(KEYS), tree(pick(9)))).unwrap();
            }
        };
        let old_reader = atom.load().unwrap();
        update(&|v| {
            let shared = v.get(0)?.unwrap().get(0)?.unwrap();
            v.assoc(1, Value::map([(0i64, shared)]))
        });
        update(&|v| v.dissoc(0));
        update(&|v| v.assoc(2, 7));
        let new_reader = atom.load().unwrap();
        let said = text(&new_reader);
        update(&|v| {
            let parent = v.get(1)?.unwrap().assoc(0, 5)?;
            v.assoc(1, parent)
        });
        drop(old_reader);
        for _ in 0..4 {
            other.update(|v| v.assoc(pick(KEYS), tree(pick(9)))).unwrap();
        }
        assert_eq!(text(&new_reader), said, "a version that is held does not change");
        drop(new_reader);
        beside.join().unwrap();
        check(&domain, false);
    });
}

/// A child with three parents, each of which is dropped by another at the same time; one of them gives it a fourth parent first, and that goes too.
#[test]
fn a_child_of_several_parents_that_several_drop_at_once_is_freed_once_and_not_too_early() {
    explore(|| {
        let machine = formatted();
        let domain = domain(&machine, 1);
        let child = || Value::map([(0i64, Value::vector([Value::from("a text that needs a block")])), (1, tree(1))]);
        let atom = domain.atom("a", || Ok(Value::map([(0i64, Value::vector([child()]))]))).unwrap();
        steps::at_once(|| {
            for parent in [1, 2] {
                atom.update(|v| {
                    let child = v.get(0)?.unwrap().nth(0)?.unwrap();
                    v.assoc(parent, Value::vector([child]))
                })
                .unwrap();
            }
        });
        let said = text(&atom.load().unwrap());
        let threads: Vec<_> = (0..3i64)
            .map(|parent| {
                let (atom, said) = (atom.clone(), said.clone());
                thread::spawn(move || {
                    let held = atom.load().unwrap();
                    let before = text(&held);
                    if parent == 2 {
                        atom.update(|v| {
                            let child = v.get(2)?.unwrap().nth(0)?.unwrap();
                            v.assoc(3, Value::vector([Value::Int(3), child]))
                        })
                        .unwrap();
                    }
                    atom.update(|v| v.dissoc(parent)).unwrap();
                    // What is left is what it was, for as long as it is there.
                    for _ in 0..2 {
                        let now = atom.load().unwrap().value().unwrap();
                        for left in [0, 1, 2, 3] {
                            if let Some(parent) = now.get(left).unwrap() {
                                let child = parent.nth(u64::from(left == 3)).unwrap().unwrap();
                                assert!(said.contains(&child.to_string()), "{child} under {left}");
                            }
                        }
                        atom.update(|v| v.assoc(9, tree(parent))).unwrap();
                    }
                    if parent == 2 {
                        atom.update(|v| v.dissoc(3)).unwrap();
                    }
                    assert_eq!(text(&held), before, "a version that is held does not change");
                })
            })
            .collect();
        for t in threads {
            t.join().unwrap();
        }
        check(&domain, false);
    });
}

/// One thread is one process, and may be killed at any access; what it returned from is there.
fn victim(machine: &Arc<Machine>, number: u64, deadly: bool) -> bool {
    steps::until_death(|| {
        machine.i_am(number);
        if deadly {
            steps::doom(thread_rng().gen_range(0..[300, 3000, 12000][pick(3) as usize]));
        }
        let domain = domain(machine, number);
        let atom = domain.atom("a", || Ok(first_value())).unwrap();
        let counter = domain.atom(&format!("done{number}"), || Ok(Value::Int(0))).unwrap();
        for _ in 0..3 {
            work(&atom, 2);
            counter.update(|v| Ok::<_, Error>(Value::Int(if let Value::Int(i) = v { i + 1 } else { 0 }))).unwrap();
        }
        drop((counter, atom, domain));
        steps::spare();
    })
}

fn kills(victims: u64) {
    let machine = formatted();
    let first = domain(&machine, 1);
    let atom = first.atom("a", || Ok(first_value())).unwrap();
    let threads: Vec<_> = (2..2 + victims)
        .map(|number| {
            let machine = machine.clone();
            thread::spawn(move || victim(&machine, number, number % 3 != 1))
        })
        .collect();
    for _ in 0..3 {
        work(&atom, 1);
        first.recover().unwrap();
    }
    let mut killed = false;
    for t in threads {
        killed |= t.join().unwrap();
    }
    work(&atom, 2);
    check(&first, killed);
}

#[test]
fn a_killed_process_damages_nothing_and_stops_nobody() {
    explore(|| kills(1));
}

#[test]
fn several_processes_die_while_others_recover_them() {
    explore(|| kills(3));
}
