//! Processes that are killed in a domain without room: who comes then gets in, and can make room.

use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};
use eve_testkit::child;
use std::io::Read;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

const RESERVE: u64 = 4 << 20;
const PROCESSES: u64 = 3;
const THREADS: u64 = 3;
const KILLS: u64 = 100;

/// A thread that fills the domain, and removes something whenever it is full.
fn fill_and_thin_out(domain: &Domain, seed: u64) {
    let atom = domain.atom("m", || Ok(Value::empty_map())).unwrap();
    let mut random = eve_testkit::Rng::new(seed);
    let mut held = Vec::new();
    loop {
        let mut keys = std::iter::repeat_with(|| random.below(20_000) as i64).take(40).collect::<Vec<_>>();
        let done = atom.update::<Error>(|v| keys.iter().try_fold(v, |v, &k| v.assoc(k, "0123456789".repeat(8))));
        match done {
            Ok(()) => {
                held.push(atom.load().unwrap());
                if held.len() > 4 {
                    held.clear();
                }
            }
            Err(Error::Full { .. }) => {
                held.clear();
                keys.extend((0..200).map(|_| random.below(20_000) as i64));
                match atom.update::<Error>(|v| keys.iter().try_fold(v, |v, &k| v.dissoc(k))) {
                    Ok(()) | Err(Error::Full { .. }) => {}
                    Err(e) => panic!("{e}"),
                }
            }
            Err(e) => panic!("{e}"),
        }
    }
}

fn live_until_killed(task: &str) {
    let (seed, path) = task.split_once(' ').unwrap();
    let (seed, domain) = (seed.parse::<u64>().unwrap(), Domain::open(path).unwrap());
    std::thread::scope(|scope| {
        for i in 0..THREADS {
            let domain = &domain;
            scope.spawn(move || fill_and_thin_out(domain, seed * THREADS + i));
        }
    });
}

/// Killed in the end, whatever happens.
struct Killed(Child);

impl Killed {
    fn start(test: &str, path: &Path, seed: u64) -> Killed {
        Killed(child::command(test, &format!("{seed} {}", path.display())).spawn().unwrap())
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }
}

#[test]
fn who_comes_after_many_kills_gets_in() {
    if let Some(task) = child::task() {
        return live_until_killed(&task);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    drop(OpenOptions::new().reserve(RESERVE).open(&path).unwrap());
    let mut random = eve_testkit::Rng::new(7);
    let run = |seed| Killed::start("who_comes_after_many_kills_gets_in", &path, seed);
    let mut children: Vec<Killed> = (0..PROCESSES).map(run).collect();
    for kill in 0..KILLS {
        std::thread::sleep(Duration::from_millis(5 + random.below(30)));
        let mut victim = children.swap_remove(random.below(PROCESSES) as usize);
        if victim.0.try_wait().unwrap().is_some() {
            let mut told = String::new();
            victim.0.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("after {kill} kills: {told}");
        }
        drop(victim);
        if let Err(e) = Domain::open(&path) {
            panic!("after {kill} kills: {e}");
        }
        children.push(run(PROCESSES + kill));
    }
    drop(children);
    let domain = Domain::open(&path).unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(!report.is_damaged(), "{report}");
    // Room is made by removing; what those who were killed left over is found.
    domain.find("m").unwrap().unwrap().remove().unwrap();
    domain.gc(|_, _| {}).unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.exact && report.is_ok(), "{report}");
    let entries = (0..5000i64).map(|i| (Value::Int(i), Value::from("0123456789".repeat(20))));
    domain.put("n", &Value::map(entries)).unwrap();
}

/// Somebody else has every slot, and there is no room for more: one more was made before.
#[test]
fn who_comes_while_all_live_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let domain = OpenOptions::new().reserve(2 << 20).open(&path).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let all_have_a_slot = std::sync::Barrier::new(7);
    std::thread::scope(|scope| {
        let mut living = Vec::new();
        for thread in 0..7u64 {
            let (domain, tell, all_have_a_slot) = (&domain, tell.clone(), &all_have_a_slot);
            let (end, until_end) = std::sync::mpsc::channel::<()>();
            living.push(end);
            scope.spawn(move || {
                let put = |n| domain.put(&format!("{thread} {n}"), &Value::from("x".repeat(1000)));
                put(0).unwrap();
                all_have_a_slot.wait();
                let made = (1u64..).find(|&n| match put(n) {
                    Ok(_) => false,
                    Err(Error::Full { .. }) => true,
                    Err(e) => panic!("{e}"),
                });
                tell.send((thread, made.unwrap())).unwrap();
                let _ = until_end.recv(); // an error: the other end is gone
            });
        }
        drop(tell);
        let made: Vec<(u64, u64)> = told.iter().take(7).collect();
        assert_eq!(made.len(), 7);
        for (thread, n) in made {
            let other = Domain::open(&path).unwrap_or_else(|e| panic!("thread {thread}: {e}"));
            for n in 0..n {
                assert!(other.find(&format!("{thread} {n}")).unwrap().unwrap().remove().unwrap(), "{thread} {n}");
            }
        }
        Domain::open(&path).unwrap().put("other", &Value::from("x".repeat(1000))).unwrap();
        drop(living);
    });
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.exact && report.is_ok(), "{report}");
}
