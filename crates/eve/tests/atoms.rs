//! Typed atoms and snapshots as users meet them.

use eve::{Atom, Changes, Domain, Error, Key, Scalar, Snapshot, Value, kw};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Job {
    name: String,
    tries: u32,
}

#[test]
fn whatever_users_hold_may_be_sent_and_shared() {
    fn both<T: Send + Sync + 'static>() {}
    both::<Domain>();
    both::<Atom>();
    both::<Atom<i64>>();
    both::<Atom<Value>>();
    both::<Snapshot>();
    both::<Snapshot<Job>>();
    both::<Changes<Job>>();
    both::<Value>();
    both::<Error>();
}

#[test]
fn threads_lose_no_swap() {
    let db = Domain::anonymous().unwrap();
    let atom = db.atom("n", || 0u64).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..500).for_each(|_| atom.update(|n| n + 1).unwrap()));
        }
    });
    assert_eq!(atom.get().unwrap(), 4000);
}

#[test]
fn a_failed_or_panicked_swap_changes_nothing() {
    let db = Domain::anonymous().unwrap();
    let atom = db.atom("jobs", BTreeMap::<u32, Job>::new).unwrap();
    let job = Job { name: "a".into(), tries: 0 };
    atom.swap(|mut jobs| {
        jobs.insert(7, job.clone());
        jobs
    })
    .unwrap();
    let before = atom.load().unwrap();
    let seen = atom.version();
    let error = atom.swap(|_| Err::<BTreeMap<u32, Job>, _>(std::io::Error::other("no"))).unwrap_err();
    assert!(matches!(&error, Error::Aborted(e) if e.to_string() == "no"), "{error}");
    let error = atom.swap(|_| Err::<BTreeMap<u32, Job>, _>(Error::value("own"))).unwrap_err();
    assert!(matches!(&error, Error::Value { reason, .. } if reason == "own"), "{error}");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        atom.update(|_| -> BTreeMap<u32, Job> { std::panic::resume_unwind(Box::new("by the user")) })
    }));
    assert!(panicked.is_err());
    assert!(atom.load().unwrap().is_version(&before) && atom.version() == seen);
    assert_eq!(atom.get().unwrap(), BTreeMap::from([(7, job)]));
}

#[test]
fn a_type_that_does_not_fit_says_where() {
    let db = Domain::anonymous().unwrap();
    db.atom("jobs", || Value::vector([Value::map([(kw("name"), Value::from("a")), (kw("tries"), "many".into())])]))
        .unwrap();
    let jobs = db.find::<Vec<Job>>("jobs").unwrap().unwrap();
    let error = jobs.get().unwrap_err().to_string();
    assert!(error.contains("[0 :tries]"), "{error}");
    assert_eq!(jobs.typed::<Value>().get().unwrap().count().unwrap(), 1);
}

#[test]
fn snapshots_stay_while_the_atom_goes_on() {
    let db = Domain::anonymous().unwrap();
    let atom = db.atom("m", Value::empty_map).unwrap();
    let mut held = Vec::new();
    for i in 0..200 {
        held.push(atom.swap(|m| m.assoc(i, Value::vector([i]))).unwrap());
    }
    db.remove("m").unwrap();
    assert!(matches!(atom.load(), Err(Error::NoSuchAtom { .. })));
    std::thread::spawn(move || {
        for (i, snapshot) in held.iter().enumerate() {
            assert_eq!(snapshot.view().len().unwrap(), i as u64 + 1);
            let found = snapshot.get_in([Key::from(i as i64), Key::from(0)]).unwrap().unwrap();
            assert_eq!(found.scalar().unwrap(), Some(Scalar::Int(i as i64)));
        }
    })
    .join()
    .unwrap();
}

#[test]
fn paths_into_what_has_no_keys_are_errors_that_name_the_way() {
    let db = Domain::anonymous().unwrap();
    let atom = db.atom("m", || Value::map([("a", Value::map([(kw("b"), 1)]))])).unwrap();
    let now = atom.load().unwrap();
    let keys = [Key::from("a"), kw("b").into(), "c".into()];
    let error = now.get_in(keys).unwrap_err().to_string();
    assert!(error.contains("[\"a\" :b]"), "{error}");
    assert!(now.get_in(["x", "y"]).unwrap().is_none());
    let path: Vec<Value> = vec!["a".into(), kw("b").into()];
    assert_eq!(now.get_in(&path).unwrap().unwrap().scalar().unwrap(), Some(Scalar::Int(1)));
    assert_eq!(now.value_in(&path).unwrap(), Some(1.into()));
}

#[test]
fn compare_and_set_and_reset() {
    let db = Domain::anonymous().unwrap();
    let atom = db.atom("jobs", || vec![1, 2]).unwrap();
    assert!(!atom.compare_and_set(&vec![1], &vec![9]).unwrap());
    assert!(atom.compare_and_set(&vec![1, 2], &vec![9]).unwrap());
    assert_eq!(atom.get().unwrap(), [9]);
    atom.reset(&vec![]).unwrap();
    assert_eq!(atom.get().unwrap(), []);
    let (before, after) = atom
        .swap_versions(|mut v: Vec<i32>| {
            v.push(5);
            v
        })
        .unwrap();
    assert_eq!((before.get().unwrap(), after.get().unwrap()), (vec![], vec![5]));
    let put = db.put("jobs", &vec![7]).unwrap();
    assert_eq!(put.get().unwrap(), atom.get().unwrap());
    assert_eq!(db.put("other", &"new".to_string()).unwrap().get().unwrap(), "new");
}

#[test]
fn changes_come_from_other_threads_and_end_with_the_atom() {
    let db = Domain::anonymous().unwrap();
    let atom = db.atom("n", || 0).unwrap();
    let mut changes = atom.changes().unwrap();
    assert!(changes.next_within(Duration::from_millis(20)).unwrap().is_none());
    let writer = std::thread::spawn({
        let atom = atom.clone();
        move || {
            (0..100).for_each(|_| atom.update(|n| n + 1).unwrap());
            atom.remove().unwrap()
        }
    });
    let mut last = 0;
    for change in &mut changes {
        match change {
            Ok(now) => {
                let now = now.get().unwrap();
                assert!(now > last, "{now} after {last}");
                last = now;
            }
            Err(error) => {
                assert!(matches!(error, Error::NoSuchAtom { .. }), "{error}");
                break;
            }
        }
    }
    assert!(changes.next().is_none());
    assert!(writer.join().unwrap());
}

#[test]
fn who_may_only_read_sees_when_a_version_was_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("db");
    let writer = Domain::open(&file).unwrap();
    let atom = writer.atom("m", || Value::map([("a", 1)])).unwrap();
    let reader = Domain::options().read_only().open(&file).unwrap();
    let same = reader.find::<Value>("m").unwrap().unwrap();
    let now = same.load().unwrap();
    assert_eq!(now.get().unwrap(), Value::map([("a", 1)]));
    assert!(now.is_intact() && !now.engine().is_pinned());
    atom.update(|m| m.assoc("b", 2)).unwrap();
    assert!(!now.is_intact());
    assert_eq!(same.get().unwrap(), Value::map([("a", 1), ("b", 2)]));
    assert!(atom.load().unwrap().is_intact());
    assert!(matches!(same.update(|m| m), Err(Error::ReadOnly { .. })));
    assert!(matches!(same.reset(&Value::Nil), Err(Error::ReadOnly { .. })));
    assert!(matches!(reader.atom("new", || 1), Err(Error::ReadOnly { .. })));
    assert!(matches!(reader.remove("m"), Err(Error::ReadOnly { .. })));
    assert_eq!(reader.stat().unwrap().atoms, 1);
    let missing = Domain::options().create(false).open(folder.path().join("none"));
    assert!(matches!(missing, Err(Error::Io { .. })));
}

#[test]
fn atoms_are_listed_removed_and_named_again() {
    let db = Domain::anonymous().unwrap();
    for name in ["b", "a", "ü/1", ""] {
        db.atom(name, || 1).unwrap();
    }
    let names = |db: &Domain| db.atoms().unwrap().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&db), ["", "a", "b", "ü/1"]);
    assert!(db.remove("a").unwrap() && !db.remove("a").unwrap());
    assert!(db.find::<i64>("a").unwrap().is_none());
    assert_eq!(db.atom("a", || 2).unwrap().get().unwrap(), 2);
    assert_eq!(db.atom("b", || 2).unwrap().get().unwrap(), 1, "the initial value is only for who creates it");
}

#[test]
fn an_integer_is_read_in_the_same_way_from_a_view_and_from_a_value() {
    let db = Domain::anonymous().unwrap();
    for (value, wanted) in [
        (Value::from(0), Some(0)),
        (i64::MAX.into(), Some(i64::MAX)), // a view of 63 bits is a word, one of 64 a block
        (i64::MIN.into(), Some(i64::MIN)),
        (Value::from(i128::from(i64::MAX) + 1), None),
        ("1".into(), None),
        (1.0.into(), None),
        (Value::empty_map(), None),
    ] {
        let atom = db.put("n", &value).unwrap();
        assert_eq!(value.as_i64(), wanted);
        assert_eq!(atom.load().unwrap().view().as_i64(), wanted, "{value:?}");
    }
}

/// Thread-locals of the caller may outlive ours, and use atoms when they are dropped.
#[test]
fn what_a_thread_does_while_it_ends_takes_no_room_for_good() {
    struct Last(Option<(Atom<i64>, Snapshot<i64>)>);
    impl Drop for Last {
        fn drop(&mut self) {
            if let Some((atom, first)) = self.0.take() {
                (0..50).for_each(|_| drop(atom.swap(|n| n + 1).unwrap()));
                assert!(first.get().unwrap() < atom.get().unwrap());
            }
        }
    }
    thread_local! {
        static LAST: std::cell::RefCell<Last> = const { std::cell::RefCell::new(Last(None)) };
    }
    let db = Domain::anonymous().unwrap();
    let n = db.atom("n", || 0i64).unwrap();
    for _ in 0..3 {
        let n = n.clone();
        // Used before the engine's own list of this thread is made, so dropped after it.
        let thread =
            std::thread::spawn(move || LAST.with(|last| last.borrow_mut().0 = Some((n.clone(), n.load().unwrap()))));
        thread.join().unwrap();
    }
    assert_eq!(n.get().unwrap(), 150);
    let stat = db.stat().unwrap();
    assert!(stat.participants <= 4 && stat.pins == 0, "{stat:?}");
    assert_eq!(db.verify(|_, _| ()).unwrap().leaked, 0);
}
