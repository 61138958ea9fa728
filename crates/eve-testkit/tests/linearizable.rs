//! Readers and writers of several processes on one atom: is there an order of their operations, one by one, that explains all results
//! and agrees with real time? Judged by the checker of `stateright`.
#![cfg(target_os = "linux")]

use eve_core::value::Value;
use eve_core::{Domain, Error};
use eve_testkit::child;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use std::path::Path;
use std::time::{Duration, Instant};

/// Histories that are recorded and judged.
const ROUNDS: u64 = 40;
/// Processes, threads of each, and operations of each thread in a round.
const PROCESSES: u64 = 3;
const THREADS: u64 = 2;
const OPERATIONS: u64 = 12;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Load,
    /// Sets it, gives the value before.
    Swap(i64),
    /// Sets it.
    Reset(i64),
    /// Sets it to the second if it is the first.
    CompareAndSet(i64, i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ret {
    Value(i64),
    Done(bool),
}

/// What an atom promises, when one does something after another.
#[derive(Clone, Debug)]
struct Register(i64);

impl SequentialSpec for Register {
    type Op = Op;
    type Ret = Ret;
    fn invoke(&mut self, op: &Op) -> Ret {
        match *op {
            Op::Load => Ret::Value(self.0),
            Op::Swap(new) => Ret::Value(std::mem::replace(&mut self.0, new)),
            Op::Reset(new) => {
                self.0 = new;
                Ret::Done(true)
            }
            Op::CompareAndSet(old, new) => {
                let right = self.0 == old;
                if right {
                    self.0 = new;
                }
                Ret::Done(right)
            }
        }
    }
}

/// An operation with the times before and after it.
#[derive(Clone, Copy, Debug)]
struct Event {
    thread: u64,
    begin: u64,
    end: u64,
    op: Op,
    ret: Ret,
}

/// Nanoseconds of the clock that all processes share.
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable and of the right type.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Is the history one that one after another could have made?
fn is_linearizable(events: &[Event]) -> bool {
    let mut times: Vec<(u64, bool, usize)> =
        events.iter().enumerate().flat_map(|(i, e)| [(e.begin, false, i), (e.end, true, i)]).collect();
    // Of equal times the beginnings first: then the two overlap, and nothing is claimed that was not seen.
    times.sort();
    let mut tester = LinearizabilityTester::new(Register(0));
    for (_, is_end, i) in times {
        let event = &events[i];
        let done = if is_end {
            tester.on_return(event.thread, event.ret).map(drop)
        } else {
            tester.on_invoke(event.thread, event.op).map(drop)
        };
        done.unwrap();
    }
    tester.is_consistent()
}

/// A child: its threads take part in all rounds, and it prints what they did.
fn take_part(process: u64, path: &Path) {
    let domain = Domain::open(path).unwrap();
    let start = domain.find("start").unwrap().unwrap();
    let all: Vec<(u64, Event)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|t| {
                let (domain, start) = (&domain, &start);
                scope.spawn(move || {
                    let mut events = Vec::new();
                    let mut random = eve_testkit::Rng::new(process * THREADS + t + 1);
                    for round in 0..ROUNDS {
                        while start.load().unwrap().view().as_i64() < Some(round as i64 + 1) {
                            start.wait(start.version(), Some(Duration::from_millis(1)));
                        }
                        one_round(domain, round, process * THREADS + t, &mut random, &mut events);
                        domain.find("done").unwrap().unwrap().update::<Error>(inc).unwrap();
                    }
                    events
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    println!();
    for (round, e) in all {
        let (what, a, b) = match e.op {
            Op::Load => (0, 0, 0),
            Op::Swap(new) => (1, new, 0),
            Op::Reset(new) => (2, new, 0),
            Op::CompareAndSet(old, new) => (3, old, new),
        };
        let (kind, ret) = match e.ret {
            Ret::Value(v) => (0, v),
            Ret::Done(done) => (1, i64::from(done)),
        };
        println!("event {round} {} {} {} {what} {a} {b} {kind} {ret}", e.thread, e.begin, e.end);
    }
}

fn inc(value: Value) -> Result<Value, Error> {
    Ok(Value::Int(value.as_i64().unwrap_or(0) + 1))
}

fn one_round(domain: &Domain, round: u64, thread: u64, random: &mut eve_testkit::Rng, events: &mut Vec<(u64, Event)>) {
    let atom = domain.find(&format!("round {round}")).unwrap().unwrap();
    let value = |found: Value| found.as_i64().unwrap();
    let mut seen = 0;
    for i in 0..OPERATIONS {
        // Every value is written once, so that a value tells who wrote it.
        let new = (thread * OPERATIONS + i + 1) as i64;
        let op = match random.below(6) {
            0..=1 => Op::Load,
            2..=3 => Op::Swap(new),
            4 => Op::Reset(new),
            _ => Op::CompareAndSet(seen, new),
        };
        let begin = now();
        let ret = match op {
            Op::Load => Ret::Value(value(atom.load().unwrap().value().unwrap())),
            Op::Swap(new) => {
                let (before, _) = atom
                    .swap_versions::<Error>(|_| {
                        std::thread::yield_now(); // so that others come in between
                        Ok(Value::Int(new))
                    })
                    .unwrap();
                Ret::Value(value(before.value().unwrap()))
            }
            Op::Reset(new) => {
                atom.reset(&Value::Int(new)).unwrap();
                Ret::Done(true)
            }
            Op::CompareAndSet(old, new) => Ret::Done(atom.compare_and_set(&Value::Int(old), &Value::Int(new)).unwrap()),
        };
        let end = now();
        if let Ret::Value(v) = ret {
            seen = v;
        }
        events.push((round, Event { thread, begin, end, op, ret }));
    }
}

fn parse(line: &str) -> Option<(u64, Event)> {
    let mut words = line.strip_prefix("event ")?.split(' ');
    let mut next = || words.next()?.parse::<i64>().ok();
    let (round, thread, begin, end) = (next()? as u64, next()? as u64, next()? as u64, next()? as u64);
    let (what, a, b, kind, ret) = (next()?, next()?, next()?, next()?, next()?);
    let op = match what {
        0 => Op::Load,
        1 => Op::Swap(a),
        2 => Op::Reset(a),
        _ => Op::CompareAndSet(a, b),
    };
    Some((round, Event { thread, begin, end, op, ret: if kind == 0 { Ret::Value(ret) } else { Ret::Done(ret == 1) } }))
}

#[test]
fn histories_of_several_processes_are_linearizable() {
    if let Some(task) = child::task() {
        let (process, path) = task.split_once(' ').unwrap();
        return take_part(process.parse().unwrap(), Path::new(path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let domain = Domain::open(&path).unwrap();
    let start = domain.atom("start", || Ok(Value::Int(0))).unwrap();
    let done = domain.atom("done", || Ok(Value::Int(0))).unwrap();
    for round in 0..ROUNDS {
        domain.atom(&format!("round {round}"), || Ok(Value::Int(0))).unwrap();
    }
    let children: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let task = format!("{process} {}", path.display());
            child::command("histories_of_several_processes_are_linearizable", &task).spawn().unwrap()
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(120);
    for round in 0..ROUNDS {
        start.reset(&Value::Int(round as i64 + 1)).unwrap();
        let all = ((round + 1) * PROCESSES * THREADS) as i64;
        while done.load().unwrap().view().as_i64() < Some(all) {
            assert!(Instant::now() < deadline, "a child does not go on");
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    let mut rounds = vec![Vec::new(); ROUNDS as usize];
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for (round, event) in String::from_utf8_lossy(&output.stdout).lines().filter_map(parse) {
            rounds[round as usize].push(event);
        }
    }
    let mut overlapping = 0;
    for (round, events) in rounds.iter().enumerate() {
        assert_eq!(events.len() as u64, PROCESSES * THREADS * OPERATIONS);
        let meets = |a: &Event| events.iter().any(|b| a.thread != b.thread && a.begin < b.end && b.begin < a.end);
        overlapping += events.iter().filter(|e| meets(e)).count();
        assert!(is_linearizable(events), "round {round}: {events:#?}");
    }
    println!("{overlapping} of {} operations overlapped others", ROUNDS * PROCESSES * THREADS * OPERATIONS);
    assert!(overlapping > 0, "the processes took turns: nothing was tested");
}

#[test]
fn histories_that_are_wrong_on_purpose_are_rejected() {
    let event = |thread, begin, end, op, ret| Event { thread, begin, end, op, ret };
    let right = [
        event(0, 0, 10, Op::Swap(1), Ret::Value(0)),
        event(1, 5, 20, Op::Load, Ret::Value(0)),
        event(2, 11, 30, Op::CompareAndSet(1, 2), Ret::Done(true)),
        event(0, 40, 50, Op::Load, Ret::Value(2)),
    ];
    assert!(is_linearizable(&right));
    let with = |at: usize, ret| {
        let mut wrong = right;
        wrong[at].ret = ret;
        wrong
    };
    // A value from the past, one from nowhere, a lost update, and a success that cannot have been one.
    assert!(!is_linearizable(&with(3, Ret::Value(1))));
    assert!(!is_linearizable(&with(1, Ret::Value(7))));
    assert!(!is_linearizable(&with(0, Ret::Value(2))));
    assert!(!is_linearizable(&with(2, Ret::Done(false))));
    // Two that both replaced the same version.
    let lost = [event(0, 0, 10, Op::Swap(1), Ret::Value(0)), event(1, 0, 10, Op::Swap(2), Ret::Value(0))];
    assert!(!is_linearizable(&lost));
}
