//! Whatever the system refuses, at whichever call: an error, the old value stays, and all goes on once it is healed.

use eve_core::region::{AnonRegion, FileRegion};
use eve_core::value::Value;
use eve_core::{Atom, Domain, Error, OpenOptions, Result};
use eve_testkit::{Call, Faults, FaultyRegion};
use std::path::Path;

const CALLS: [Call; 4] = [Call::Grow, Call::Punch, Call::Lock, Call::IsLocked];
/// Calls of one kind at which a step is made to fail, at most: spread over all that it makes.
const MOST: u64 = 40;

fn options() -> OpenOptions {
    OpenOptions::new().reserve(1 << 30).hashing(1, u64::MAX)
}

fn failure(call: Call) -> Error {
    match call {
        Call::Grow => Error::Full { committed: 0, reason: "the test says so".into() },
        _ => Error::Io { action: "do", path: Default::default(), source: std::io::Error::other("the test says so") },
    }
}

/// A step of a scenario: at most one commit to each atom, and the last thing it does.
type Step = fn(&Domain) -> Result<()>;

struct Scenario {
    name: &'static str,
    steps: &'static [Step],
}

fn atom(domain: &Domain, name: &str) -> Result<Atom> {
    domain.atom(name, || Ok(Value::empty_map()))
}

fn numbers(n: i64) -> Value {
    Value::map((0..n).map(|i| (Value::Int(i), Value::from(format!("the value of the key {i}")))))
}

fn update(domain: &Domain, f: impl Fn(Value) -> Result<Value>) -> Result<()> {
    atom(domain, "m")?.update::<Error>(f)
}

const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "a map that grows over many pages, in a few large steps and in small ones",
        steps: &[
            |d| atom(d, "m").map(drop),
            |d| update(d, |v| (0..2000i64).try_fold(v, |v, i| v.assoc(i, format!("the value of {i}")))),
            |d| update(d, |v| (0..2000i64).try_fold(v, |v, i| v.assoc(i, Value::vector(0..i % 40)))),
            |d| (0..300i64).try_for_each(|i| update(d, |v| v.assoc(i * 5, i))),
        ],
    },
    Scenario {
        name: "large strings",
        steps: &[
            |d| update(d, |v| v.assoc("text", "0123456789abcdef".repeat(1 << 16))),
            |d| update(d, |v| v.assoc("text", "fedcba9876543210".repeat(1 << 17))),
            |d| update(d, |v| v.dissoc("text")),
        ],
    },
    Scenario {
        name: "a build at once, and its end",
        steps: &[
            |d| update(d, |v| v.assoc("large", numbers(30_000))),
            |d| update(d, |v| v.assoc("vector", Value::vector(0..50_000i64))),
            |d| update(d, |v| v.dissoc("large")),
            |d| update(d, |v| v.dissoc("vector")),
            |d| d.reclaim(),
        ],
    },
    Scenario {
        name: "many atoms, keywords, and threads",
        steps: &[
            |d| {
                (0..200i64).try_for_each(|i| {
                    d.put(&format!("atom {i}"), &Value::keyword(format!("long.namespace/{i}"))).map(drop)
                })
            },
            |d| {
                let threads = std::thread::scope(|scope| {
                    let all: Vec<_> = (0..8).map(|_| scope.spawn(|| atom(d, "m")?.load().map(drop))).collect();
                    all.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Result<Vec<()>>>()
                });
                threads.map(drop)
            },
        ],
    },
    Scenario {
        name: "checks and collections",
        steps: &[
            |d| update(d, |v| v.merge(&numbers(3000))),
            |d| d.verify(|_, _| {}).map(drop),
            |d| d.gc(|_, _| {}).map(drop),
            |d| d.recover().map(drop),
            |d| d.stat().map(drop),
        ],
    },
];

/// The values of all atoms, as one number.
fn state(domain: &Domain) -> u64 {
    let mut all = 0u64;
    for (name, atom) in domain.atoms().unwrap() {
        let hash = atom.load().unwrap().view().hash().unwrap();
        all = all.rotate_left(7) ^ hash ^ name.len() as u64;
    }
    all
}

/// Everything dropped: how many pages are in use then. The domain must be sound before and after.
fn drop_all(domain: &Domain, what: &str) -> u64 {
    sound(domain, what);
    for (_, atom) in domain.atoms().unwrap() {
        atom.remove().unwrap();
    }
    domain.reclaim().unwrap();
    sound(domain, what);
    domain.stat().unwrap().pages_used
}

fn sound(domain: &Domain, what: &str) {
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.exact && report.is_ok(), "{what}: {report}");
}

fn anonymous(faults: &Faults) -> Domain {
    let region = AnonRegion::new(1 << 30).unwrap();
    options().format(&region).unwrap();
    Domain::over(Box::new(FaultyRegion::new(region, faults.clone()))).unwrap()
}

fn in_file(faults: &Faults, path: &Path) -> Domain {
    let _ = std::fs::remove_file(path);
    drop(options().open(path).unwrap());
    reopened(faults, path).unwrap()
}

fn reopened(faults: &Faults, path: &Path) -> Result<Domain> {
    Domain::over(Box::new(FaultyRegion::new(FileRegion::open(path, true).unwrap(), faults.clone())))
}

/// Each step of the scenario fails at each call of each kind: once, and from there on until it is healed.
fn scenario(scenario: &Scenario, make: &dyn Fn(&Faults) -> Domain) {
    // How many calls a step makes, and the state after it.
    let faults = Faults::new();
    let domain = make(&faults);
    let mut expected = vec![(state(&domain), [0; 4])];
    for step in scenario.steps {
        let before = CALLS.map(|call| faults.count(call));
        step(&domain).unwrap();
        let calls = std::array::from_fn(|i| faults.count(CALLS[i]) - before[i]);
        expected.push((state(&domain), calls));
    }
    let pages = drop_all(&domain, scenario.name);
    drop(domain);
    let mut tried = 0;
    for (number, _) in scenario.steps.iter().enumerate() {
        let (old, (new, calls)) = (expected[number].0, expected[number + 1]);
        for (call, &made) in CALLS.iter().copied().zip(&calls) {
            for n in (1..=made).step_by(made.div_ceil(MOST).max(1) as usize) {
                for lasting in [false, true] {
                    let what = format!("{}, step {number}, {call:?} {n} of {made}, lasting: {lasting}", scenario.name);
                    let faults = Faults::new();
                    let domain = make(&faults);
                    scenario.steps[..number].iter().for_each(|step| step(&domain).unwrap());
                    let error = move || failure(call);
                    if lasting {
                        faults.fail_from(call, n, error)
                    } else {
                        faults.fail_nth(call, n, error)
                    }
                    let several_commits = matches!((scenario.name, number), (name, 3) if name.starts_with("a map"))
                        || matches!((scenario.name, number), (name, 0) if name.starts_with("many"));
                    match scenario.steps[number](&domain) {
                        Ok(()) => {}
                        Err(_) if several_commits => {}
                        Err(e) => assert_eq!(state(&domain), old, "{what}: {e}, and yet the value is another"),
                    }
                    faults.heal();
                    scenario.steps[number](&domain).unwrap_or_else(|e| panic!("{what}: still {e} when healed"));
                    assert_eq!(state(&domain), new, "{what}");
                    let left = drop_all(&domain, &what);
                    // Leaks were looked for above. Empty pages stay with their class until somebody needs them.
                    assert!(
                        left <= 2 * pages + 16,
                        "{what}: {left} pages in use after everything was dropped, not {pages}"
                    );
                    tried += 1;
                }
            }
        }
    }
    println!("{}: {tried} failures", scenario.name);
}

#[test]
fn in_memory_every_failing_call_is_an_error_and_nothing_else() {
    for s in &SCENARIOS {
        scenario(s, &anonymous);
    }
}

#[test]
fn in_a_file_every_failing_call_is_an_error_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    for s in &SCENARIOS {
        scenario(s, &|faults| in_file(faults, &path));
    }
}

#[test]
fn formatting_fails_whole_or_works() {
    for n in 1.. {
        let faults = Faults::new();
        let region = FaultyRegion::new(AnonRegion::new(1 << 30).unwrap(), faults.clone());
        faults.fail_from(Call::Grow, n, || failure(Call::Grow));
        let Err(e) = options().format(&region) else { break };
        assert!(matches!(e, Error::Full { .. }));
        faults.heal();
        options().format(&region).unwrap();
        sound(&Domain::over(Box::new(region)).unwrap(), "formatted at the second try");
    }
}

/// A copy of a file that is in use is what its users leave behind when they all die at once.
#[test]
fn opening_and_cleaning_up_after_the_dead_can_fail_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (live, dead) = (folder.path().join("live"), folder.path().join("dead"));
    let domain = options().open(&live).unwrap();
    let held = atom(&domain, "m").unwrap().load().unwrap();
    std::thread::scope(|scope| {
        for t in 0..4i64 {
            let domain = &domain;
            scope.spawn(move || (0..500i64).for_each(|i| update(domain, |v| v.assoc(i * 4 + t, i)).unwrap()));
        }
    });
    let expected = state(&domain);
    let copy = || {
        let _ = std::fs::remove_file(&dead);
        std::fs::copy(&live, &dead).unwrap();
    };
    copy();
    let faults = Faults::new();
    drop(reopened(&faults, &dead).unwrap());
    let made = CALLS.map(|call| faults.count(call));
    for (call, made) in CALLS.into_iter().zip(made) {
        for n in 1..=made {
            for lasting in [false, true] {
                let what = format!("{call:?} {n} of {made}, lasting: {lasting}");
                copy();
                let faults = Faults::new();
                let error = move || failure(call);
                if lasting {
                    faults.fail_from(call, n, error)
                } else {
                    faults.fail_nth(call, n, error)
                }
                let opened = reopened(&faults, &dead);
                faults.heal();
                let domain = opened.or_else(|_| reopened(&faults, &dead)).unwrap();
                assert_eq!(state(&domain), expected, "{what}");
                domain.recover().unwrap();
                sound(&domain, &what);
                update(&domain, |v| v.assoc("more", 1i64)).unwrap();
                drop_all(&domain, &what);
            }
        }
    }
    drop(held);
}
