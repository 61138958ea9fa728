//! Death at every step of a commit, one after the other, while a reader walks over versions that it holds, and recoverers compete and die
//! as well. What the reader sees is right before, during and after; what the dead left does no damage, and `gc` finds all of it.

use super::explore::explore;
use super::region::Machine;
use super::schedules::{check, domain, formatted, inside, pick, tree};
use super::steps;
use crate::atom::Atom;
use crate::crash::POINTS;
use crate::error::Error;
use crate::sync::bookkeeping::{AtomicU64, Ordering::Relaxed};
use crate::value::Value;
use shuttle::thread;
use std::cell::Cell;
use std::sync::Arc;

/// Accesses of a commit before one of which somebody dies; hardly any commit makes more.
const STEPS: usize = 6000;
/// So many accesses the longest commit made.
static LONGEST: AtomicU64 = AtomicU64::new(0);
/// Deaths before each access of a commit.
static DEATHS: [AtomicU64; STEPS] = [const { AtomicU64::new(0) }; STEPS];
/// Deaths at each named place.
static AT_PLACES: [AtomicU64; POINTS.len()] = [const { AtomicU64::new(0) }; POINTS.len()];
static LEAKED: AtomicU64 = AtomicU64::new(0);
static HIGH: AtomicU64 = AtomicU64::new(0);

/// Places at which a death loses nothing: what was under way stands in the slot, and tells how far it got.
const LOSSLESS: [&str; 12] = [
    "commit: exchanged",
    "commit: published",
    "drop: cursor moved",
    "drop: last edge taken back",
    "retire: in a bag",
    "move: taken over",
    "queue: taken over",
    "queue: bag taken",
    "work: entry to be kept",
    "walk: begun",
    "walk: cursor moved",
    "walk: edge taken back",
];

/// Places that a recoverer comes by.
const CLEANING: [&str; 6] = ["recover", "undo", "drop", "walk", "retire", "free"];

/// Under these two keys stands which commit it was, so that half of one would be seen.
const FIRST: i64 = 10;
const LAST: i64 = 11;

fn stamp(v: Value, n: i64) -> crate::Result<Value> {
    v.assoc(FIRST, format!("commit number {n}"))?.assoc(LAST, format!("commit number {n}"))
}

fn stamp_of(v: &Value) -> i64 {
    let [first, last] = [FIRST, LAST].map(|k| v.get(k).unwrap().expect("a stamp").to_string());
    assert_eq!(first, last, "no half of a commit is seen");
    first.trim_matches('"').rsplit(' ').next().unwrap().parse().unwrap()
}

/// A commit of each kind: edits in place, a graft with a change inside, a move, a subtree with a shared child dropped, a fresh root over old
/// children, something shared by several new parents.
fn commit(v: Value, n: i64) -> crate::Result<Value> {
    let at = |v: &Value, k: i64| v.get(k).map(|v| v.unwrap_or(Value::Nil));
    let v = match n % 6 {
        0 => v.assoc(0, tree(n))?.assoc(1, tree(n))?,
        1 => {
            let graft = inside(at(&v, 1)?, n)?;
            v.assoc(2, graft)?
        }
        2 => {
            let moved = at(&v, 2)?;
            v.dissoc(2)?.assoc(3, moved)?
        }
        3 => {
            let child = at(&v, 0)?;
            v.assoc(4, Value::vector([child.clone(), child]))?
        }
        4 => v.dissoc(4)?.dissoc(1)?,
        _ => {
            let olds = [at(&v, 0)?, at(&v, 3)?, Value::map([(0i64, Value::from(format!("a new text {n}")))])];
            Value::map((0i64..).zip(olds))
        }
    };
    stamp(v, n)
}

/// The text of a value, with others between any two of its parts.
fn slowly(value: &Value) -> String {
    steps::pause();
    match value {
        Value::Map(map) => {
            map.iter().map(|e| e.unwrap()).map(|(k, v)| format!("{} {}, ", slowly(&k), slowly(&v))).collect()
        }
        Value::Vector(vector) => vector.iter().map(|e| slowly(&e.unwrap()) + " ").collect(),
        other => other.to_string(),
    }
}

/// Holds one version all along, and others for a while.
fn read(atom: &Atom) {
    let old = atom.load().unwrap();
    let said = slowly(&old.value().unwrap());
    let mut last = 0;
    for _ in 0..4 {
        let now = atom.load().unwrap();
        let value = now.value().unwrap();
        let stamp = stamp_of(&value);
        assert!(stamp >= last, "time goes forward");
        last = stamp;
        let first = slowly(&value);
        assert_eq!(slowly(&old.value().unwrap()), said, "a version that is held does not change");
        assert_eq!(slowly(&value), first, "a version that is held does not change");
    }
}

/// Makes commits in good order, and dies in the next or in what comes of it; how many returned, and whether it died. Every other one dies before
/// some access, every other at a named place.
fn victim(machine: &Arc<Machine>, kind: i64) -> (i64, bool) {
    let returned = Cell::new(0); // also read after a death in between
    // Most commits are much shorter than the longest.
    let within = [STEPS / 8, STEPS / 2, STEPS][pick(3) as usize];
    let (after, place) = (pick(within as i64) as usize, pick(POINTS.len() as i64) as usize);
    let by_count = pick(2) == 0;
    let died = steps::until_death(|| {
        machine.i_am(2);
        let domain = domain(machine, 2);
        let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
        for n in 1..=kind {
            atom.update::<Error>(|v| commit(v, n)).unwrap();
            returned.set(n);
        }
        match by_count {
            true => steps::doom(after as u64),
            false => steps::doom_at(POINTS[place], pick(3) as u64),
        }
        atom.update::<Error>(|v| commit(v, kind + 1)).unwrap();
        returned.set(kind + 1);
        if let Some(left) = steps::left() {
            LONGEST.fetch_max(after as u64 - left, Relaxed);
            steps::spare();
        }
        // Some places are come by when the limbo is worked off, when others are cleaned up after, or when it ends.
        for n in kind + 2..kind + 4 {
            atom.update::<Error>(|v| commit(v, n)).unwrap();
            returned.set(n);
        }
        drop((atom, domain));
        steps::spare();
    });
    if died {
        let (all, at) = if by_count { (&DEATHS[..], after) } else { (&AT_PLACES[..], place) };
        all[at].fetch_add(1, Relaxed);
    }
    (returned.get(), died)
}

/// Recovers, and may die doing it.
fn recoverer(machine: &Arc<Machine>, over: &AtomicU64) -> bool {
    steps::until_death(|| {
        machine.i_am(4);
        let domain = domain(machine, 4);
        if pick(3) != 0 {
            // There is something to clean up.
            while over.load(Relaxed) == 0 {
                thread::yield_now();
            }
        }
        let places: Vec<&str> = POINTS.iter().copied().filter(|p| CLEANING.iter().any(|c| p.starts_with(c))).collect();
        match pick(3) {
            0 => {}
            1 => steps::doom(pick(600) as u64),
            _ => steps::doom_at(places[pick(places.len() as i64) as usize], pick(3) as u64),
        }
        for _ in 0..3 {
            domain.recover().unwrap();
        }
        drop(domain);
        steps::spare();
    })
}

#[test]
fn a_reader_beside_a_death_at_any_step_of_a_commit_reads_on() {
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        let atom = first.atom("a", || stamp(Value::map((0..4i64).map(|k| (k, tree(k)))), 0)).unwrap();
        let over = Arc::new(AtomicU64::new(0));
        let (victim, other, reader) = {
            let machines = [machine.clone(), machine.clone(), machine.clone()];
            let [one, two, three] = machines;
            let (over, seen) = (over.clone(), over.clone());
            let victim = thread::spawn(move || {
                let done = victim(&one, pick(6));
                over.store(1, Relaxed);
                done
            });
            let other = thread::spawn(move || recoverer(&two, &seen));
            let reader = thread::spawn(move || {
                let domain = domain(&three, 3);
                read(&domain.atom("a", || Ok(Value::Nil)).unwrap());
            });
            (victim, other, reader)
        };
        let old = atom.load().unwrap();
        let said = slowly(&old.value().unwrap());
        for _ in 0..pick(4) {
            first.recover().unwrap();
            assert_eq!(slowly(&old.value().unwrap()), said, "a version that is held does not change");
        }
        let (returned, died) = victim.join().unwrap();
        let recoverer_died = other.join().unwrap();
        first.recover().unwrap();
        // Nobody is stopped, and what returned is there; of what did not return all is there, or nothing.
        let stamp = stamp_of(&atom.load().unwrap().value().unwrap());
        assert!(
            (returned..=returned + i64::from(died)).contains(&stamp),
            "{returned} commits returned, {stamp} is there"
        );
        atom.update::<Error>(|v| commit(v, stamp + 1)).unwrap();
        assert_eq!(slowly(&old.value().unwrap()), said, "a version that is held does not change");
        drop(old);
        reader.join().unwrap();
        check(&first, died || recoverer_died);
        steps::at_once(|| {
            let report = first.verify(|_, _| {}).unwrap();
            LEAKED.fetch_max(report.leaked, Relaxed);
            HIGH.fetch_max(report.high_counts, Relaxed);
            let collected = first.gc(|_, _| {}).unwrap();
            assert!(collected.alone, "{collected}");
            let report = first.verify(|_, _| {}).unwrap();
            assert!(report.is_ok() && report.exact, "after {collected}: {report}");
        });
    });
    let at = |all: &[AtomicU64]| {
        let deaths: u64 = all.iter().map(|n| n.load(Relaxed)).sum();
        (deaths, all.iter().filter(|n| n.load(Relaxed) > 0).count())
    };
    let ((deaths, steps), (more, places)) = (at(&DEATHS), at(&AT_PLACES));
    println!(
        "{deaths} deaths before {steps} different accesses (the longest commit makes {}), {more} at {places} of {} named places; \
         at most {} blocks leaked, {} counts too high",
        LONGEST.load(Relaxed),
        POINTS.len(),
        LEAKED.load(Relaxed),
        HIGH.load(Relaxed)
    );
    assert!(steps > 20 && places > 10, "hardly anybody died");
}

/// A value of which no part has two parents.
fn tall(n: i64) -> Value {
    let text = |i: i64| Value::from(format!("text {i} of commit number {n}"));
    let low = |i: i64| Value::map([(0i64, text(i)), (1, Value::vector([text(i + 10), Value::Int(n)]))]);
    Value::map((0..3).map(|i| (i, low(i))))
}

/// Replaces values until it dies, at one of the places that lose nothing or (then `None`) anywhere.
pub(super) fn replace_until_death(machine: &Arc<Machine>, process: u64) -> Option<&'static str> {
    let place = LOSSLESS[pick(LOSSLESS.len() as i64) as usize];
    let anywhere = pick(3) == 0;
    let died = steps::until_death(|| {
        machine.i_am(process);
        let domain = domain(machine, process);
        let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
        let held = (pick(2) == 0).then(|| atom.load().unwrap());
        match anywhere {
            true => steps::doom(pick(20_000) as u64),
            false => steps::doom_at(place, pick(12) as u64),
        }
        for n in 0..8 {
            atom.update::<Error>(|v| v.assoc(pick(4), tall(n))).unwrap();
        }
        drop(held);
        drop((atom, domain));
        steps::spare();
    });
    (died && !anywhere).then_some(place)
}

#[test]
fn a_death_in_the_middle_of_dropping_loses_nothing() {
    static DEATHS: [AtomicU64; LOSSLESS.len()] = [const { AtomicU64::new(0) }; LOSSLESS.len()];
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        let atom = first.atom("a", || Ok(Value::map((0..4i64).map(|k| (k, tall(k)))))).unwrap();
        let reader = {
            let machine = machine.clone();
            thread::spawn(move || {
                let domain = domain(&machine, 4);
                let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
                for _ in 0..3 {
                    let held = atom.load().unwrap();
                    let said = slowly(&held.value().unwrap());
                    thread::yield_now();
                    assert_eq!(slowly(&held.value().unwrap()), said, "a version that is held does not change");
                }
            })
        };
        // One after the other; the second may die while it cleans up after the first.
        let mut exact = true;
        let mut last = None;
        for process in [2, 3] {
            let machine = machine.clone();
            let place = thread::spawn(move || replace_until_death(&machine, process)).join().unwrap();
            exact &= place.is_some();
            last = place;
            if let Some(i) = LOSSLESS.iter().position(|p| Some(*p) == place) {
                DEATHS[i].fetch_add(1, Relaxed);
            }
        }
        reader.join().unwrap();
        steps::at_once(|| {
            let there = slowly(&atom.load().unwrap().value().unwrap());
            let report = first.verify_as_it_is(|_, _| {}).unwrap();
            assert!(report.exact && report.damaged == 0, "before it is cleaned up: {report}");
            // Whether an exchange took place that nobody noted is judged by who cleans up.
            if exact && last != Some("commit: exchanged") {
                assert!(report.is_ok(), "before it is cleaned up: {report}");
            }
            first.recover().unwrap();
            first.reclaim().unwrap();
            assert_eq!(slowly(&atom.load().unwrap().value().unwrap()), there);
            first.reclaim().unwrap();
            let report = first.verify(|_, _| {}).unwrap();
            assert!(report.exact && report.damaged == 0 && report.high_counts == 0 && report.limbo == 0, "{report}");
            assert!(report.leaked == 0 || !exact, "{report}");
        });
    });
    for (place, deaths) in LOSSLESS.iter().zip(&DEATHS) {
        println!("{} deaths at {place:?}", deaths.load(Relaxed));
    }
    assert!(DEATHS.iter().filter(|n| n.load(Relaxed) > 0).count() > 9, "hardly anybody died");
}
