//! A domain takes the room of what it holds, and some that does not grow, whatever is written.

use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};
use std::collections::VecDeque;

const PAGE: u64 = 16 << 10;

fn text(generation: i64, key: i64) -> Value {
    Value::from(format!("the value of {key} in generation {generation}"))
}

fn map(generation: i64, entries: i64) -> Value {
    Value::map((0..entries).map(|i| (Value::Int(i), text(generation, i))))
}

fn nested() -> Value {
    Value::vector((0..50).map(|i| map(i, 100)))
}

/// A domain with one version in it, and the bytes that the version takes.
fn domain(value: &Value) -> (Domain, eve_core::Atom, u64) {
    let domain = OpenOptions::new().reserve(1 << 34).anonymous().unwrap();
    let atom = domain.put("m", value).unwrap();
    domain.reclaim().unwrap();
    let used = used(&domain);
    (domain, atom, used)
}

fn used(domain: &Domain) -> u64 {
    domain.stat().unwrap().pages_used * PAGE
}

#[track_caller]
fn assert_within(domain: &Domain, most: u64, what: &str) {
    let used = used(domain);
    assert!(used <= most, "{what}: {} KiB are in use, {} KiB are allowed", used >> 10, most >> 10);
}

/// Each commit drops as much as it makes, in one entry of limbo.
#[test]
fn values_that_are_replaced_as_a_whole_do_not_pile_up() {
    for (entries, rounds) in [(100, 3000), (1000, 300), (5000, 60)] {
        for held in [false, true] {
            let (domain, atom, one) = domain(&map(0, entries));
            let snapshot = held.then(|| atom.load().unwrap());
            for i in 1..=rounds {
                atom.reset(&map(i, entries)).unwrap();
            }
            // The new version, the one it replaces, the one before that, and the one that is held.
            assert_within(&domain, 4 * one + (1 << 20), &format!("{rounds} maps of {entries}, held: {held}"));
            drop(snapshot);
        }
    }
}

#[test]
fn large_strings_that_are_replaced_do_not_pile_up() {
    let large = || Value::from("x".repeat(1 << 20));
    let (domain, atom, one) = domain(&large());
    for _ in 0..100 {
        atom.reset(&large()).unwrap();
    }
    assert_within(&domain, 3 * one + (1 << 20), "100 strings of 1 MiB");
}

/// Who drops makes nothing, so it owes nothing; who makes has nothing of its own to free.
#[test]
fn what_one_makes_and_another_drops_does_not_pile_up() {
    let (domain, atom, one) = domain(&nested());
    std::thread::scope(|scope| {
        let (send, receive) = std::sync::mpsc::sync_channel::<()>(0);
        let other = &atom;
        scope.spawn(move || receive.into_iter().for_each(|()| other.reset(&Value::Nil).unwrap()));
        for _ in 0..200 {
            atom.reset(&nested()).unwrap();
            send.send(()).unwrap();
        }
    });
    // Up to 32 small drops of unknown size stay with the other until it hands them on.
    assert_within(&domain, 34 * one, "made here, dropped there");
}

/// A long reader holds its version; those that come and go are found to be gone, though the bags of the long one stand between.
#[test]
fn short_readers_beside_a_long_one_hold_nothing_back() {
    const N: i64 = 20_000;
    let (domain, atom, one) = domain(&map(0, N));
    let long = atom.load().unwrap();
    let mut short = VecDeque::new();
    let write = |from: i64, to: i64, short: &mut VecDeque<_>| {
        for i in from..to {
            atom.update::<Error>(|v| v.assoc(i * 7919 % N, text(i, i))).unwrap();
            if i % 500 == 0 {
                short.push_back(atom.load().unwrap());
                if short.len() > 3 {
                    short.pop_front();
                }
            }
        }
    };
    write(0, 300_000, &mut short);
    let most = 2 * one + one / 4 + (3 << 20);
    assert_within(&domain, most, "one long reader and three short ones");
    drop((long, short));
    // What the long one held goes while others write, without being asked for.
    write(300_000, 400_000, &mut VecDeque::new());
    let report = domain.verify(|_, _| {}).unwrap();
    // What the last three short ones held, and what was retired in the last ticks.
    assert!(report.limbo < 7000, "nobody holds it: {report}");
}

/// Each thread that ends leaves bags with an entry or two for the pin. They are put together.
#[test]
fn threads_that_come_and_go_leave_no_bags_half_empty() {
    const N: i64 = 20_000;
    let (domain, atom, one) = domain(&map(0, N));
    let long = atom.load().unwrap();
    for round in 0..1500i64 {
        let atom = &atom;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for i in 0..20 {
                    atom.update::<Error>(|v| v.assoc((round * 20 + i) * 7919 % N, text(round, i))).unwrap();
                }
            });
        });
    }
    let report = domain.verify(|_, _| {}).unwrap();
    let bags = report.kinds.iter().find(|kind| kind.kind == "chain").map_or(0, |kind| kind.blocks);
    assert!(bags <= report.limbo / 60 + 40, "{bags} bags: {report}");
    assert_within(&domain, 2 * one + one / 4 + (5 << 20), "threads that come and go");
    drop(long);
}

/// Growth would make its length right again, with zeros for what is missing, and who opens it later would not be told.
#[test]
fn a_file_that_was_cut_off_does_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let domain = Domain::open(&path).unwrap();
    let large = |bytes| Value::from("x".repeat(bytes));
    let atom = domain.put("m", &large(1 << 20)).unwrap();
    atom.reset(&Value::Nil).unwrap();
    domain.reclaim().unwrap();
    // The last page is free, so nobody touches what is missing.
    let cut = domain.stat().unwrap().committed - PAGE;
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(cut).unwrap();
    let error = atom.reset(&large(4 << 20)).unwrap_err().to_string();
    assert!(error.contains("cut off"), "{error}");
    assert_eq!(file.metadata().unwrap().len(), cut);
    assert_eq!(atom.load().unwrap().value().unwrap(), Value::Nil);
    let error = Domain::open(&path).err().unwrap().to_string();
    assert!(error.contains("cut off"), "{error}");
}
