//! Several processes change one typed array in place while they swap what is around it, and some are killed: this test binary
//! starts itself again as each of them.

use eve_core::layout::Element;
use eve_core::typed::ArrayView;
use eve_core::value::{Array, Value};
use eve_core::{Atom, Domain, Error, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const FILE: &str = "EVE_TEST_TYPED_FILE";
const NUMBER: &str = "EVE_TEST_TYPED_NUMBER";
const STEPS: &str = "EVE_TEST_TYPED_STEPS";
const WORKERS: u64 = 4;

fn array(atom: &Atom, key: &str) -> Array {
    match atom.load().unwrap().value().unwrap().get(key).unwrap() {
        Some(Value::Array(array)) => array,
        other => panic!("{other:?} under {key}"),
    }
}

fn view(array: &Array) -> ArrayView<'_> {
    array.view().expect("it is stored")
}

fn make(domain: &Domain) -> Atom {
    let zeros = |element, len| Value::Array(Array::new(element, len).unwrap());
    let value = || {
        Value::map([
            ("narrow", zeros(Element::Uint8, WORKERS)),
            ("own", zeros(Element::Int64, WORKERS)),
            ("total", zeros(Element::Int64, 1)),
            ("go", zeros(Element::Int32, 1)),
        ])
    };
    domain.atom("cells", || Ok(value())).unwrap()
}

/// What each process does; without the variable it is no test of its own. It waits for an element of the array to begin.
#[test]
fn worker() {
    let Ok(file) = std::env::var(FILE) else { return };
    let number: u64 = std::env::var(NUMBER).unwrap().parse().unwrap();
    let steps: u64 = std::env::var(STEPS).unwrap().parse().unwrap();
    let domain = Domain::open(file).unwrap();
    let atom = make(&domain);
    let go = array(&atom, "go");
    while view(&go).load::<i32>(0).unwrap() == 0 {
        view(&go).wait(0, 0, Some(Duration::from_secs(60))).unwrap();
    }
    for i in 0..steps {
        // Read again now and then, from a version that is on its way out.
        let (narrow, own, total) = (array(&atom, "narrow"), array(&atom, "own"), array(&atom, "total"));
        atom.update::<Error>(|v| v.assoc(format!("{number} {}", i % 10), Value::vector(0..(i % 40) as i64))).unwrap();
        for _ in 0..20 {
            view(&narrow).fetch_add(number, 1u8).unwrap();
            view(&own).fetch_add(number, 1i64).unwrap();
            view(&total).fetch_add(0, 1i64).unwrap();
        }
        if i % 7 == 0 {
            // Sharing and dropping it elsewhere in the same atom.
            atom.update::<Error>(|v| {
                let shared = v.get("own")?.unwrap();
                v.assoc(format!("again {number}"), Value::vector([shared]))
            })
            .unwrap();
        }
    }
}

fn start(file: &Path, number: u64, steps: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "worker"]).stdout(Stdio::null());
    command.env(FILE, file).env(NUMBER, number.to_string()).env(STEPS, steps.to_string()).spawn().unwrap()
}

fn begin(atom: &Atom) {
    let go = array(atom, "go");
    view(&go).store(0, 1i32).unwrap();
    view(&go).notify(0, u32::MAX).unwrap();
}

#[test]
fn no_addition_of_several_processes_is_lost() {
    const EACH: u64 = 500;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("db");
    let domain = OpenOptions::new().reserve(1 << 30).open(&file).unwrap();
    let atom = make(&domain);
    let children: Vec<Child> = (0..WORKERS).map(|number| start(&file, number, EACH)).collect();
    begin(&atom);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let counts = vec![EACH as i64 * 20; WORKERS as usize];
    assert_eq!(array(&atom, "own").to_vec::<i64>().unwrap(), counts);
    assert_eq!(array(&atom, "total").to_vec::<i64>().unwrap(), [(EACH * 20 * WORKERS) as i64]);
    assert_eq!(array(&atom, "narrow").to_vec::<u8>().unwrap(), vec![(EACH * 20) as u8; WORKERS as usize]);
    domain.reclaim().unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok() && report.exact, "{report}");
}

#[test]
fn a_killed_process_leaves_whole_elements_and_a_sound_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("db");
    let domain = OpenOptions::new().reserve(1 << 30).open(&file).unwrap();
    let atom = make(&domain);
    begin(&atom);
    let mut kills = 0;
    for round in 0..8u64 {
        let mut children: Vec<Child> = (0..WORKERS).map(|number| start(&file, number, u64::MAX)).collect();
        std::thread::sleep(Duration::from_millis(40 + 13 * round));
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        let own = array(&atom, "own").to_vec::<i64>().unwrap();
        let total = array(&atom, "total").to_vec::<i64>().unwrap()[0];
        let behind = own.iter().sum::<i64>() - total;
        assert!((0..=kills).contains(&behind), "{behind} additions are missing after {kills} kills");
        for (n, own) in array(&atom, "narrow").to_vec::<u8>().unwrap().iter().zip(&own) {
            assert!(i64::from(n.wrapping_sub(*own as u8)) <= kills, "{n} beside {own}");
        }
        domain.gc(|_, _| {}).unwrap();
        let report = domain.verify(|_, _| {}).unwrap();
        assert!(report.is_ok() && report.exact, "round {round}: {report}");
    }
    assert!(array(&atom, "total").to_vec::<i64>().unwrap()[0] > 0, "nobody got to do anything");
}
