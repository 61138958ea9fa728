//! The check of a whole domain: what is sound is found sound, and what is broken on purpose is found.
use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};

fn update(atom: &eve_core::Atom, mut f: impl FnMut(Value) -> eve_core::Result<Value>) {
    atom.update::<Error>(|v| f(v)).unwrap();
}

#[track_caller]
fn assert_sound(domain: &Domain) -> eve_core::check::Report {
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.exact, "{report}");
    assert!(report.is_ok(), "{report}");
    report
}

#[test]
fn every_kind_of_value_is_found_sound() {
    for mask in [u64::MAX, 0xF000_0000_0000_0000, 0] {
        let domain = OpenOptions::new().hashing(7, mask).anonymous().unwrap();
        let atom = domain.atom("all", || Ok(Value::empty_map())).unwrap();
        assert_sound(&domain);
        update(&atom, |v| {
            let mut v = v;
            for i in 0..200i64 {
                v = v.assoc(i, Value::vector(0..i))?;
                v = v.assoc(format!("a key that is long {i}"), Value::list(0..i % 50))?;
                v = v.assoc(Value::keyword(format!("some.name.space/{i}")), Value::set(0..i))?;
                v = v.assoc(Value::vector([i, i + 1]), Value::Float(f64::INFINITY))?;
            }
            v = v.assoc("tagged", Value::tagged("some/longer-tag", 1))?;
            v = v.assoc("int", i64::MAX)?.assoc("nil", Value::Nil)?;
            v.with_meta(Some(Value::map([("doc", "metadata")])))
        });
        let report = assert_sound(&domain);
        assert!(report.kinds.len() > 10, "{report}");
        update(&atom, |v| v.dissoc("tagged")?.dissoc(5)?.assoc("graft", v_at(&atom, 7)));
        assert_sound(&domain);
        for round in 0..50i64 {
            update(&atom, |v| {
                let graft = v.get(round)?.unwrap_or(Value::Nil);
                v.assoc(1000 + round % 7, graft)?.dissoc(round * 3)
            });
            assert_sound(&domain);
        }
        assert!(atom.remove().unwrap());
        domain.reclaim().unwrap();
        let report = assert_sound(&domain);
        assert_eq!((report.atoms, report.limbo), (0, 0), "{report}");
    }
}

fn v_at(atom: &eve_core::Atom, key: i64) -> Value {
    atom.load().unwrap().value().unwrap().get(key).unwrap().unwrap_or(Value::Nil)
}

#[test]
fn held_snapshots_and_limbo_are_no_leak() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("m", || Ok(Value::map((0..3000i64).map(|i| (i, i))))).unwrap();
    let mut held = Vec::new();
    for i in 0..5000i64 {
        update(&atom, |v| v.assoc(i % 3000, i));
        if i % 100 == 0 {
            held.push(atom.load().unwrap());
        }
        if i % 500 == 0 {
            assert_sound(&domain);
        }
    }
    assert_sound(&domain);
    drop(held);
    domain.reclaim().unwrap();
    let report = assert_sound(&domain);
    assert_eq!(report.limbo, 0, "{report}");
}

#[test]
fn a_check_beside_writers_raises_no_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let domain = Domain::open(dir.path().join("db")).unwrap();
    let atom = domain.atom("m", || Ok(Value::empty_map())).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|s| {
        for t in 0..2i64 {
            let (atom, stop) = (&atom, &stop);
            s.spawn(move || {
                let mut i = 0i64;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    i += 1;
                    update(atom, |v| {
                        let graft = v.get(i % 91)?.unwrap_or(Value::Nil);
                        v.assoc(i % 501 * 2 + t, Value::vector([Value::Int(i), graft]))?.dissoc(i * 7 % 1001)
                    });
                    if i % 64 == 0 {
                        update(atom, |v| if v.count()? > 300 { Ok(Value::empty_map()) } else { Ok(v) });
                    }
                }
            });
        }
        for _ in 0..20 {
            let report = domain.verify(|_, _| {}).unwrap();
            assert!(report.is_ok(), "{report}");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert_sound(&domain);
    drop(atom);
    let path = dir.path().join("db");
    drop(domain);
    assert_sound(&Domain::open(path).unwrap());
}
