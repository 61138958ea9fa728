//! What a swap promises: all or nothing, in any thread, whatever the function does.

use eve_core::value::{Map, Value};
use eve_core::{Atom, Domain, Error, OpenOptions};
use std::sync::mpsc;
use std::time::{Duration, Instant};

fn counter(domain: &Domain, name: &str) -> Atom {
    domain.atom(name, || Ok(Value::Int(0))).unwrap()
}

fn inc(value: Value) -> Result<Value, Error> {
    match value {
        Value::Int(i) => Ok(Value::Int(i + 1)),
        other => Err(Error::value(format!("not an integer: {other}"))),
    }
}

fn map(value: Value) -> Map {
    match value {
        Value::Map(map) => map,
        other => panic!("not a map: {other}"),
    }
}

fn int(atom: &Atom) -> i64 {
    atom.load().unwrap().view().as_i64().unwrap()
}

#[test]
fn a_function_that_panics_or_fails_leaves_everything_as_it_was() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("m", || Ok(Map::new().assoc(1i64, 2i64).into())).unwrap();
    let (before, version, stat) = (atom.load().unwrap(), atom.version(), domain.stat().unwrap());
    for _ in 0..1000 {
        let failed = atom.update(|_| Err::<Value, _>(Error::value("no")));
        assert!(matches!(failed, Err(Error::Value { .. })));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            atom.update(|value| -> Result<Value, Error> {
                let _changed = map(value).assoc(1i64, 3i64);
                std::panic::resume_unwind(Box::new("no"))
            })
        }));
        assert!(panicked.is_err());
    }
    assert!(atom.load().unwrap().is_version(&before));
    assert_eq!(atom.version(), version);
    let after = domain.stat().unwrap();
    assert_eq!((after.committed, after.pages_used, after.tick), (stat.committed, stat.pages_used, stat.tick));
    assert_eq!(after.participants, 1);
}

#[test]
fn a_snapshot_stays_valid_in_any_thread_whatever_is_written() {
    let domain = Domain::anonymous().unwrap();
    let atom =
        domain.atom("m", || Ok((0..2000i64).map(|i| (Value::Int(i), Value::Int(i))).collect::<Map>().into())).unwrap();
    let (give, take) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for snapshot in take {
            let snapshot: eve_core::Snapshot = snapshot;
            let generation = snapshot.view().get(0i64).unwrap().unwrap().as_i64().unwrap();
            for i in 1..2000i64 {
                let found = snapshot.view().get(i).unwrap().unwrap().as_i64().unwrap();
                assert_eq!(found, generation + i, "one version, not a mixture");
            }
        }
    });
    for generation in 1..400i64 {
        give.send(atom.load().unwrap()).unwrap();
        atom.update(|_| {
            Ok::<_, Error>((0..2000i64).map(|i| (Value::Int(i), Value::Int(generation + i))).collect::<Map>().into())
        })
        .unwrap();
    }
    drop(give);
    reader.join().unwrap();
    domain.reclaim().unwrap();
    assert_eq!(domain.stat().unwrap().pins, 0);
}

#[test]
fn more_snapshots_than_pins_stay_valid() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("m", || Ok(Map::new().assoc(0i64, 0i64).into())).unwrap();
    let mut held = Vec::new();
    for i in 0..3000i64 {
        atom.update(|value| Ok::<_, Error>(map(value).assoc(i % 50, i).into())).unwrap();
        if i % 3 == 0 {
            held.push((i, atom.load().unwrap()));
        }
        if i % 7 == 0 && held.len() > 10 {
            held.swap_remove((i as usize * 31) % held.len());
        }
    }
    for (i, snapshot) in &held {
        assert_eq!(snapshot.view().get(i % 50).unwrap().unwrap().as_i64(), Some(*i));
    }
    drop(held);
    assert_eq!(domain.stat().unwrap().pins, 0);
}

#[test]
fn nothing_is_lost_between_a_thousand_threads() {
    let domain = Domain::anonymous().unwrap();
    let atom = counter(&domain, "c");
    let barrier = std::sync::Barrier::new(1000);
    std::thread::scope(|scope| {
        for _ in 0..1000 {
            std::thread::Builder::new()
                .stack_size(256 * 1024)
                .spawn_scoped(scope, || {
                    barrier.wait();
                    for _ in 0..20 {
                        atom.update(inc).unwrap();
                    }
                    barrier.wait(); // all of them take part at once
                })
                .unwrap();
        }
    });
    assert_eq!(int(&atom), 20_000);
    assert_eq!(domain.stat().unwrap().participants, 1001, "theirs, and the one of this thread");
}

#[test]
fn swapping_another_atom_inside_a_swap_works() {
    let domain = Domain::anonymous().unwrap();
    let (outer, inner) = (counter(&domain, "outer"), counter(&domain, "inner"));
    for _ in 0..100 {
        outer
            .update(|value| {
                inner.update(inc)?;
                inc(value)
            })
            .unwrap();
    }
    assert_eq!((int(&outer), int(&inner)), (100, 100));
}

#[test]
fn ten_thousand_atoms_in_one_domain() {
    let domain = Domain::anonymous().unwrap();
    for i in 0..10_000i64 {
        domain.atom(&format!("atom/{i}"), || Ok(Value::Int(i))).unwrap();
    }
    let atoms = domain.atoms().unwrap();
    assert_eq!(atoms.len(), 10_000);
    for (name, atom) in atoms.iter().step_by(97) {
        assert_eq!(name, &format!("atom/{}", int(atom)));
        assert_eq!(&atom.name().unwrap(), name);
    }
}

#[test]
fn a_removed_atom_is_gone_until_it_is_made_again() {
    let domain = Domain::anonymous().unwrap();
    let atom = counter(&domain, "c");
    assert!(atom.remove().unwrap() && !atom.remove().unwrap());
    assert!(domain.find("c").unwrap().is_none());
    assert!(matches!(atom.update(inc), Err(Error::NoSuchAtom { name }) if name == "c"));
    assert_eq!(domain.atoms().unwrap().len(), 0);
    let again = domain.atom("c", || Ok(Value::Int(7))).unwrap();
    assert_eq!((int(&again), int(&atom)), (7, 7));
}

#[test]
fn the_initial_value_is_used_by_one_creator_only() {
    let domain = Domain::anonymous().unwrap();
    let values: Vec<i64> = std::thread::scope(|scope| {
        let domain = &domain;
        let all: Vec<_> =
            (0..16i64).map(|i| scope.spawn(move || int(&domain.atom("x", || Ok(Value::Int(i))).unwrap()))).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(values.iter().all(|v| *v == values[0]));
}

#[test]
fn waiters_wake_for_a_change_and_not_without_one() {
    let domain = Domain::anonymous().unwrap();
    let atom = counter(&domain, "c");
    let seen = atom.version();
    assert!(!atom.wait(seen, Some(Duration::from_millis(20))));
    let waiter = {
        let atom = atom.clone();
        std::thread::spawn(move || {
            let start = Instant::now();
            assert!(atom.wait(seen, Some(Duration::from_secs(20))));
            start.elapsed()
        })
    };
    std::thread::sleep(Duration::from_millis(50));
    atom.update(inc).unwrap();
    assert!(waiter.join().unwrap() < Duration::from_secs(10));
    // a swap that changes nothing is no change
    let seen = atom.version();
    atom.update(Ok::<_, Error>).unwrap();
    assert_eq!(atom.version(), seen);
}

#[test]
fn compare_and_set_sets_only_what_it_expects() {
    let domain = Domain::anonymous().unwrap();
    let atom = counter(&domain, "c");
    assert!(!atom.compare_and_set(&Value::Int(1), &Value::Int(2)).unwrap());
    assert!(atom.compare_and_set(&Value::Int(0), &Value::Int(2)).unwrap());
    assert_eq!(int(&atom), 2);
    let wins: usize = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8i64)
            .map(|i| {
                let atom = &atom;
                scope.spawn(move || atom.compare_and_set(&Value::Int(2), &Value::Int(100 + i)).unwrap() as usize)
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(wins, 1);
}

#[test]
fn compare_and_set_of_a_removed_atom_is_an_error() {
    let domain = Domain::anonymous().unwrap();
    let atom = counter(&domain, "n");
    atom.remove().unwrap();
    let error = atom.compare_and_set(&Value::Int(0), &Value::Int(1)).unwrap_err();
    assert!(matches!(error, Error::NoSuchAtom { ref name } if name == "n"), "{error}");
}

/// Each key is hashed as a whole, so that time would grow with the square of the depth.
#[test]
fn keys_inside_of_keys_have_a_limit_and_keys_that_are_deep_have_none() {
    let domain = Domain::anonymous().unwrap();
    let atom = counter(&domain, "n");
    let nest = |n: usize| (0..n).fold(Value::Int(1), |v, _| Value::map([(v, 1)]));
    atom.reset(&nest(100)).unwrap();
    assert_eq!(atom.load().unwrap().value().unwrap(), nest(100));
    for deep in [102, 5000] {
        let error = atom.reset(&nest(deep)).unwrap_err().to_string();
        assert!(error.contains("keys inside of keys, more than 100 deep"), "{error}");
    }
    assert_eq!(atom.load().unwrap().value().unwrap(), nest(100), "the atom keeps its value");
    let deep = (0..20_000).fold(Value::Int(1), |v, _| Value::vector([v]));
    atom.reset(&Value::map([(deep.clone(), 1)])).unwrap();
    assert_eq!(atom.load().unwrap().value().unwrap().get(deep).unwrap(), Some(Value::Int(1)));
    assert!(domain.verify(|_, _| {}).unwrap().is_ok());
}

#[test]
fn a_swap_gives_the_version_it_made() {
    let domain = Domain::anonymous().unwrap();
    let atom = counter(&domain, "c");
    let (before, after) = atom.swap_versions(inc).unwrap();
    atom.update(inc).unwrap();
    assert_eq!((before.view().as_i64(), after.view().as_i64()), (Some(0), Some(1)));
    let atom = domain.atom("m", || Ok(Value::empty_map())).unwrap();
    let after = atom.swap(|value| Ok::<_, Error>(map(value).assoc("k", "a string of some length").into())).unwrap();
    atom.update(|_| Ok::<_, Error>(Value::Nil)).unwrap();
    let found = after.view().get("k").unwrap().unwrap();
    assert!(
        matches!(found.scalar().unwrap(), Some(eve_core::value::Scalar::Str(s)) if s.as_str() == Some("a string of some length"))
    );
}

#[test]
fn a_string_of_some_hundred_megabytes_comes_back() {
    let domain = Domain::anonymous().unwrap();
    let text: String = "0123456789abcdef".repeat(300 << 16); // 300 MiB
    let atom = domain.atom("s", || Ok(Value::from(text.as_str()))).unwrap();
    {
        let snapshot = atom.load().unwrap();
        let Some(eve_core::value::Scalar::Str(found)) = snapshot.view().scalar().unwrap() else { panic!() };
        assert!(found.as_bytes() == text.as_bytes());
    }
    atom.reset(&Value::Nil).unwrap();
    domain.reclaim().unwrap();
    let before = domain.stat().unwrap();
    for _ in 0..3 {
        atom.reset(&Value::from(text.as_str())).unwrap();
        atom.reset(&Value::Nil).unwrap();
        domain.reclaim().unwrap();
    }
    assert_eq!(domain.stat().unwrap().committed, before.committed, "its pages are used again");
}

#[test]
fn nesting_of_ten_thousand_levels_is_no_deeper_than_any_other() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("deep", || Ok(Value::Nil)).unwrap();
    let mut value = Value::Int(0);
    for i in 0..10_000i64 {
        value = match i % 3 {
            0 => [value].into_iter().collect::<eve_core::value::Vector>().into(),
            1 => Map::new().assoc("below", value).into(),
            _ => [value].into_iter().collect::<eve_core::value::List>().into(),
        };
    }
    atom.reset(&value).unwrap();
    let snapshot = atom.load().unwrap();
    assert_eq!(snapshot.value().unwrap(), value);
    let hash = snapshot.view().hash().unwrap();
    let other = domain.atom("copy", || Ok(Value::Nil)).unwrap();
    other.reset(&snapshot.value().unwrap()).unwrap();
    assert!(other.load().unwrap().view().equals(snapshot.view()).unwrap());
    assert_eq!(other.load().unwrap().view().hash().unwrap(), hash);
    drop(snapshot);
    atom.remove().unwrap();
    other.remove().unwrap();
    domain.reclaim().unwrap();
}

#[test]
fn of_several_entries_of_one_key_the_last_is_stored() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("m", || Ok(Value::Nil)).unwrap();
    let rows = |n: i64| {
        (0..n).map(|i| (Value::from(format!("a longer key {}", i % 100)), Value::from(format!("a longer value {i}"))))
    };
    for n in [5, 50, 500, 1000] {
        atom.reset(&rows(n).collect::<Map>().into()).unwrap();
        let snapshot = atom.load().unwrap();
        assert_eq!(snapshot.view().len().unwrap(), n.min(100) as u64);
        let model: std::collections::HashMap<Value, Value> = rows(n).collect();
        for (key, value) in &model {
            assert_eq!(map(snapshot.value().unwrap()).get(key).unwrap().as_ref(), Some(value));
        }
        assert_eq!(rows(n).collect::<Map>().len().unwrap(), n.min(100) as u64);
    }
    atom.reset(&Value::Nil).unwrap();
    domain.reclaim().unwrap();
    let used = domain.stat().unwrap().pages_used;
    for _ in 0..50 {
        atom.reset(&rows(20_000).collect::<Map>().into()).unwrap();
        atom.reset(&Value::Nil).unwrap();
        domain.reclaim().unwrap();
    }
    assert!(domain.stat().unwrap().pages_used < used + 200, "the entries that did not count are not left behind");
}

/// `text` hangs under two parents. The first is dropped and waits for an old reader; the second lets go of it, seen by a new reader. When the old one
/// goes, and the first parent with it, the text must not take that parent's tick, which is older than the new reader.
#[test]
fn a_child_that_was_shared_is_held_for_who_came_after_its_first_parent_went() {
    let domain = Domain::anonymous().unwrap();
    let text = "a text that needs a block of its own";
    let first = Value::map([(0i64, Value::vector([text]))]);
    let atom = domain.atom("a", || Ok(Value::map([(0i64, first)]))).unwrap();
    let other = domain.atom("b", || Ok(Value::empty_map())).unwrap();
    // Ticks go by, limbo is looked through, and what was freed is used again.
    let scans = || {
        for i in 0..400i64 {
            let value = Value::vector([format!("another text of about that size {i}")]);
            other.update::<Error>(|v| v.assoc(i % 20, value.clone())).unwrap();
        }
    };
    let update = |f: &dyn Fn(Value) -> eve_core::Result<Value>| {
        atom.update::<Error>(f).unwrap();
        scans();
    };
    let old_reader = atom.load().unwrap();
    scans();
    update(&|v| {
        let shared = v.get(0)?.unwrap().get(0)?.unwrap();
        v.assoc(1, Value::map([(0i64, shared)]))
    });
    update(&|v| v.dissoc(0));
    update(&|v| v.assoc(2, 7));
    let new_reader = atom.load().unwrap();
    update(&|v| {
        let parent = v.get(1)?.unwrap().assoc(0, 5)?;
        v.assoc(1, parent)
    });
    drop(old_reader);
    scans();
    let second = Value::map([(0i64, Value::vector([text]))]);
    assert_eq!(new_reader.value().unwrap(), Value::map([(1i64, second), (2, Value::Int(7))]));
    assert!(domain.verify(|_, _| {}).unwrap().is_ok());
}

/// Two domains that were made alike have the same root words: a version of the one must not pass for one of the other.
#[test]
fn a_version_of_another_domain_is_replaced_by_nothing() {
    let domains = [(); 2].map(|()| OpenOptions::new().hashing(1, u64::MAX).anonymous().unwrap());
    let atoms = domains.each_ref().map(|d| d.atom("a", || Ok(Value::map([("kept in a block", 1)]))).unwrap());
    let other = atoms[1].load().unwrap();
    assert_eq!(other.root_word(), atoms[0].load().unwrap().root_word());
    let Value::Map(map) = other.value().unwrap() else { unreachable!("a map was put there") };
    let error = atoms[0].commit(&other, &Value::Map(map.assoc("b", 2))).map(drop).unwrap_err();
    assert!(error.to_string().contains("in its own domain"), "{error}");
    assert_eq!(atoms[0].load().unwrap().value().unwrap(), other.value().unwrap());
}

/// A word has room for more than the characters there are, but nobody reads it then.
#[test]
fn what_is_no_character_is_not_stored() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("a", || Ok(Value::Char(0x10_FFFF))).unwrap();
    for value in [Value::Char(0x11_0000), Value::map([(Value::Char(u32::MAX), 1)])] {
        let error = atom.reset(&value).unwrap_err();
        assert!(error.to_string().contains("is no character"), "{error}");
    }
    assert_eq!(atom.load().unwrap().value().unwrap(), Value::Char(0x10_FFFF));
}
