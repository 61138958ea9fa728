//! The check of a whole domain: what is sound is found sound, and what is broken on purpose is found.
use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};

fn update(atom: &eve_core::Atom, f: impl FnMut(Value) -> eve_core::Result<Value>) {
    atom.update::<Error>(f).unwrap();
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

/// A domain with all sorts of things in it, left in the middle of use.
fn in_use(path: &std::path::Path) -> (Domain, eve_core::Atom, Vec<eve_core::Snapshot>) {
    let domain = Domain::open(path).unwrap();
    let atom = domain.atom("m", || Ok(Value::empty_map())).unwrap();
    let mut held = Vec::new();
    for i in 0..3000i64 {
        update(&atom, |v| {
            let graft = v.get(i % 91)?.unwrap_or(Value::Nil);
            let v = if i % 500 == 0 { v.dissoc(i % 91)? } else { v };
            let v = v.assoc(
                format!("a longer key {}", i % 301),
                Value::vector([Value::Int(i), Value::keyword("some/keyword")]),
            )?;
            if i % 10 == 0 { v.assoc(i % 91, Value::list([graft])) } else { v.assoc(i % 700, Value::set(0..i % 5)) }
        });
        if i % 300 == 0 {
            held.push(atom.load().unwrap());
        }
    }
    update(&atom, |v| v.assoc("large", "x".repeat(100_000)));
    (domain, atom, held)
}

#[test]
fn a_copy_of_a_file_in_use_is_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("db"), dir.path().join("copy"));
    let (domain, atom, held) = in_use(&path);
    std::fs::copy(&path, &copy).unwrap();
    let copied = Domain::open(&copy).unwrap();
    assert_sound(&copied);
    let there = copied.find("m").unwrap().unwrap();
    assert_eq!(there.load().unwrap().value().unwrap(), atom.load().unwrap().value().unwrap());
    for i in 0..2000i64 {
        update(&there, |v| v.assoc(i % 100, i)?.dissoc(format!("a longer key {}", i % 301)));
    }
    assert_sound(&copied);
    drop(held);
    assert_sound(&domain);
}

#[test]
fn a_file_from_before_a_restart_is_rebuilt_by_one_of_many() {
    use std::os::unix::fs::FileExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let value = {
        let (_domain, atom, _held) = in_use(&path);
        let value = atom.load().unwrap().value().unwrap();
        Value::map(value.as_map().unwrap().iter().map(|e| e.unwrap()).map(|(k, v)| (k, format!("{v:?}"))))
    };
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[7; 16], 80).unwrap(); // another boot id
    file.write_all_at(&[0xFF; 8], 4096 + 8 * 16).unwrap(); // and a part of the map of pages that did not reach the disk
    let domains: Vec<Domain> = std::thread::scope(|s| {
        let all: Vec<_> = (0..8).map(|_| s.spawn(|| Domain::open(&path).unwrap())).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_sound(&domains[0]);
    for domain in &domains {
        let found = domain.find("m").unwrap().unwrap().load().unwrap().value().unwrap();
        let found = Value::map(found.as_map().unwrap().iter().map(|e| e.unwrap()).map(|(k, v)| (k, format!("{v:?}"))));
        assert!(found == value);
    }
}

/// Not all see the same marks in the header: where the boot id is hidden, or the device has another number, a file looks like one from before a
/// restart. Nobody may come in while such a one rebuilds it, nor be overlooked in between.
#[test]
fn nobody_comes_in_while_another_rebuilds_who_sees_other_marks() {
    use eve_core::region::{FileRegion, Region};
    use std::sync::mpsc;
    use std::time::Duration;
    const DOOR: u64 = 1 << 20;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    drop(in_use(&path));
    let rebuilder = FileRegion::open(&path, true).unwrap();
    assert!(rebuilder.lock(DOOR).unwrap(), "who has gone leaves the door open");
    let path = &path;
    std::thread::scope(|scope| {
        let (send, came_in) = mpsc::channel();
        scope.spawn(move || send.send(Domain::open(path).unwrap()).unwrap());
        assert!(came_in.recv_timeout(Duration::from_millis(200)).is_err(), "came in during a rebuild");
        rebuilder.unlock(DOOR);
        let domain = came_in.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(rebuilder.lock(DOOR).unwrap(), "who is in leaves the door open");
        assert_sound(&domain);
    });
}

/// How far something is, as it was told: never back, and never more than there is.
fn assert_goes_on(told: &[(u64, u64)], what: &str) {
    assert!(told.len() > 1, "{what}: {told:?}");
    assert!(told.windows(2).all(|w| w[0].0 <= w[1].0), "{what}: {told:?}");
    assert!(told.iter().all(|&(done, all)| done <= all), "{what}: {told:?}");
}

#[test]
fn long_checks_collections_and_rebuilds_tell_how_far_they_are() {
    static TOLD: std::sync::Mutex<Vec<(u64, u64)>> = std::sync::Mutex::new(Vec::new());
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("db"), dir.path().join("copy"));
    let domain = Domain::open(&path).unwrap();
    let text = |i: i64| (i, format!("a text for number {i}"));
    domain.put("m", &Value::map((0..100_000i64).map(text))).unwrap();
    let mut told = Vec::new();
    let report = domain.verify(|done, all| told.push((done, all))).unwrap();
    assert_goes_on(&told, "verify");
    let (done, all) = *told.last().unwrap();
    assert!(done == all && all >= report.blocks, "it ends at the end: {told:?}, {report}");
    told.clear();
    domain.gc(|done, all| told.push((done, all))).unwrap();
    assert_goes_on(&told, "gc");
    drop(domain);
    std::fs::copy(&path, &copy).unwrap();
    let tell = |done, all| TOLD.lock().unwrap().push((done, all));
    let copied = OpenOptions::new().on_rebuild(tell).open(&copy).unwrap();
    assert_goes_on(&TOLD.lock().unwrap(), "rebuild");
    assert_sound(&copied);
}

/// What becomes of a value at each age of the test below.
fn aged(age: i64) -> impl Fn(Value) -> eve_core::Result<Value> {
    move |mut v: Value| {
        for i in (0..700i64).filter(|i| i % 4 <= age) {
            v = v.assoc(i, Value::vector([Value::Int(i), Value::from(format!("key {i} at age {age}"))]))?;
        }
        for i in (age * 100)..(age * 100 + 90) {
            v = v.dissoc(format!("a longer key {}", i % 301))?;
        }
        Ok(v)
    }
}

/// Not two ages but five, and another boot id in the very same file: what an unordered write-back leaves behind.
#[test]
fn a_file_with_pages_of_five_ages_is_rebuilt_or_refused_after_a_restart() {
    use std::os::unix::fs::FileExt;
    const AGES: usize = 5;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let mut ages: Vec<Vec<u8>> = Vec::new();
    let mut texts = Vec::new();
    {
        let (domain, atom, held) = in_use(&path);
        for age in 0..AGES as i64 {
            update(&atom, aged(age));
            // Blocks of the age before are freed, and taken again.
            for i in 0..500i64 {
                update(&atom, |v| v.assoc(10_000 + i % 50, Value::vector([age, i])));
            }
            if age == 2 {
                domain.reclaim().unwrap();
            }
            ages.push(std::fs::read(&path).unwrap());
            texts.push(atom.load().unwrap().value().unwrap().to_string());
        }
        drop(held);
    }
    let (mut sound, mut refused, mut wrong, mut x) = (0, 0, 0, 0x2545_F491_4F6C_DD1Du64);
    let mut random = |n: u64| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x % n
    };
    let last = &ages[AGES - 1];
    for round in 0..60u64 {
        let mut mixed = last.clone();
        let mut old_pages = 0;
        for page in 0..last.len() / 4096 {
            if random(400) < round / 4 {
                // The header too may be of any age.
                let age = &ages[random(AGES as u64) as usize];
                let at = page * 4096..page * 4096 + 4096;
                if let Some(old) = age.get(at.clone()) {
                    old_pages += u32::from(mixed[at.clone()] != *old);
                    mixed[at].copy_from_slice(old);
                }
            }
        }
        mixed[80..96].fill(7); // another boot id
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(mixed.len() as u64).unwrap();
        file.write_all_at(&mixed, 0).unwrap();
        drop(file);
        match Domain::open(&path) {
            Ok(domain) => {
                sound += 1;
                assert_sound(&domain);
                let Some(atom) = domain.find("m").unwrap() else {
                    assert!(old_pages > 0);
                    continue;
                };
                // Whatever age it is of, it can be read to its end, and be changed.
                let value = atom.load().unwrap().value().unwrap();
                assert_eq!(value.as_map().unwrap().iter().count() as u64, value.count().unwrap());
                assert!(
                    old_pages > 0 || value.to_string() == texts[AGES - 1],
                    "the newest, if nothing of it is missing"
                );
                if !texts.contains(&value.to_string()) {
                    wrong += 1;
                    println!("round {round}: {old_pages} old pages were taken for new ones");
                }
                for i in 0..300i64 {
                    update(&atom, |v| v.assoc(i, i)?.dissoc(format!("a longer key {i}")));
                }
                assert_sound(&domain);
            }
            Err(Error::NotADomain { reason, .. }) => {
                refused += 1;
                assert!(reason.contains("damaged in"), "{reason}");
                // Nothing was written.
                assert!(std::fs::read(&path).unwrap() == mixed, "a file that is refused stays as it is");
            }
            Err(other) => panic!("{other}"),
        }
    }
    println!("{sound} rebuilt, of which {wrong} are of no single age; {refused} refused");
    assert!(sound > 5 && refused > 5, "{sound} rebuilt, {refused} refused");
    // What cannot be told (spec/5-recovery.md) is rare.
    assert!(wrong < 6, "{wrong} of {sound} are of no single age");
}

#[test]
fn a_copy_with_pages_of_several_ages_is_rebuilt_or_refused() {
    use std::os::unix::fs::FileExt;
    let dir = tempfile::tempdir().unwrap();
    let (path, old, new) = (dir.path().join("db"), dir.path().join("old"), dir.path().join("new"));
    let (_domain, atom, _held) = in_use(&path);
    std::fs::copy(&path, &old).unwrap();
    for i in 0..3000i64 {
        update(&atom, |v| v.assoc(i % 700, Value::vector([i]))?.assoc(format!("a longer key {}", i % 77), i));
    }
    std::fs::copy(&path, &new).unwrap();
    let (old, new) = (std::fs::read(&old).unwrap(), std::fs::read(&new).unwrap());
    let (mut sound, mut refused, mut x) = (0, 0, 88172645463325252u64);
    for round in 0..60 {
        let mut mixed = new.clone();
        for page in 1..old.len() / 4096 {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            if x % 200 < round / 4 {
                mixed[page * 4096..][..4096].copy_from_slice(&old[page * 4096..][..4096]);
            }
        }
        let path = dir.path().join(format!("mixed{round}"));
        std::fs::File::create(&path).unwrap().write_all_at(&mixed, 0).unwrap();
        match Domain::open(&path) {
            Ok(domain) => {
                sound += 1;
                assert_sound(&domain);
            }
            Err(Error::NotADomain { reason, .. }) => {
                refused += 1;
                assert!(reason.contains("damaged in"), "{reason}");
            }
            Err(other) => panic!("{other}"),
        }
        std::fs::remove_file(&path).unwrap();
    }
    assert!(sound > 0 && refused > 0, "{sound} rebuilt, {refused} refused");
}
