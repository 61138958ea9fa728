//! Elements of typed arrays change in place while commits share, move, drop and replace the arrays and what is around them. No change of an
//! element is lost, and none lands in a block that was freed.

use super::explore::explore;
use super::region::Machine;
use super::schedules::{check, domain, formatted, pick, tree};
use super::steps;
use crate::atom::{Atom, Domain};
use crate::error::Error;
use crate::layout::Element;
use crate::typed::ArrayView;
use crate::value::{Array, Records, Schema, Value};
use shuttle::thread;
use std::sync::Arc;

const CELLS: i64 = 0;
const NARROW: i64 = 1;
const OBJECT: i64 = 2;
/// Here stands an array that is replaced all the time.
const SHORT_LIVED: i64 = 3;
const AGAIN: i64 = 4;
const OTHER: i64 = 5;

/// Additions to each element in a round.
const EACH: i64 = 5;

fn short_lived(id: i64) -> Value {
    Value::Array(Array::from(vec![id, 0, id]))
}

fn first_value() -> Value {
    let schema = Schema::new([("small", Element::Uint16), ("large", Element::Int64)]).unwrap();
    Value::map([
        (CELLS, Value::Array(Array::new(Element::Int64, 3).unwrap())),
        (NARROW, Value::Array(Array::new(Element::Uint8, 8).unwrap())),
        (OBJECT, Value::Records(Records::object(&schema))),
        (SHORT_LIVED, short_lived(0)),
    ])
}

fn at(atom: &Atom, key: i64) -> Value {
    atom.load().unwrap().value().unwrap().get(key).unwrap().expect("it never goes away")
}

fn array(value: &Value) -> ArrayView<'_> {
    match value {
        Value::Array(array) => array.view().expect("it is stored"),
        other => panic!("{other}"),
    }
}

/// One more by compare-and-exchange, as often as it takes.
fn increment(view: &ArrayView<'_>, index: u64) {
    let mut seen: i64 = view.load(index).unwrap();
    while let Err(now) = view.compare_exchange(index, seen, seen + 1).unwrap() {
        assert!(now > seen, "elements only go up here");
        seen = now;
    }
}

/// Changes elements, each time of what it has just read, and holds it for some more.
fn add(atom: &Atom, me: u64, rounds: i64) {
    for round in 0..rounds {
        let (cells, narrow, object, short) =
            (at(atom, CELLS), at(atom, NARROW), at(atom, OBJECT), at(atom, SHORT_LIVED));
        let short = array(&short);
        let id: i64 = short.load(0).unwrap();
        let mut seen: i64 = short.load(1).unwrap();
        for _ in 0..EACH {
            array(&cells).fetch_add(me, 1i64).unwrap();
            increment(&array(&cells), 2);
            array(&narrow).fetch_add(me * 3, 1u8).unwrap(); // neighbours in one word
            array(&narrow).fetch_add(1, 1u8).unwrap();
            let Value::Records(object) = &object else { panic!("{object}") };
            object.view().unwrap().column(1).unwrap().fetch_add(0, 1i64).unwrap();
            // What is on its way out is still this very array.
            let before: i64 = short.fetch_add(1, 1i64).unwrap();
            assert!(before >= seen, "nobody else uses these bytes");
            seen = before + 1;
            assert_eq!([short.load::<i64>(0).unwrap(), short.load(2).unwrap()], [id, id], "held, so not freed");
        }
        if round % 2 == 1 {
            replace(atom, me as i64 + 10 * round);
        }
    }
}

/// Another short-lived array, and now and then other things as well.
fn replace(atom: &Atom, id: i64) {
    let choice = pick(6);
    atom.update::<Error>(|v| {
        let v = v.assoc(SHORT_LIVED, short_lived(id))?;
        let get = |v: &Value, key| v.get(key).map(|v| v.expect("it never goes away"));
        Ok(match choice {
            // shared, at one more place or two
            0 => {
                let cells = get(&v, CELLS)?;
                v.assoc(AGAIN, Value::vector([cells.clone(), cells]))?
            }
            1 => {
                let (narrow, object) = (get(&v, NARROW)?, get(&v, OBJECT)?);
                v.assoc(AGAIN, Value::map([(0i64, narrow), (1, object)]))?
            }
            2 => v.dissoc(AGAIN)?,
            // a fresh root over all of them
            3 => {
                let keys = [CELLS, NARROW, OBJECT, SHORT_LIVED];
                let kept = keys.map(|k| Ok((Value::Int(k), get(&v, k)?)));
                Value::map(kept.into_iter().collect::<crate::Result<Vec<_>>>()?)
            }
            // out and in again
            4 => {
                let cells = get(&v, CELLS)?;
                v.dissoc(CELLS)?.assoc(OTHER, tree(id))?.assoc(CELLS, cells)?
            }
            _ => v.assoc(OTHER, tree(id))?,
        })
    })
    .unwrap();
}

/// Every addition arrived: so many of each of two threads; `lost` at most of each kind were not made, by one that was killed.
fn all_there(atom: &Atom, additions: i64, behind: i64) {
    let (cells, narrow, object) = (at(atom, CELLS), at(atom, NARROW), at(atom, OBJECT));
    let cells = array(&cells).to_vec::<i64>().unwrap();
    let narrow = array(&narrow).to_vec::<u8>().unwrap();
    let Value::Records(object) = &object else { panic!("{object}") };
    let large = object.view().unwrap().column(1).unwrap().load::<i64>(0).unwrap();
    let n = cells[0] + cells[1];
    assert!((additions..=additions + behind).contains(&n), "{cells:?} after {additions}");
    // Of one after the other, the later may miss what the killed had begun.
    for (sum, what) in [
        (cells[2], "compared and exchanged"),
        (i64::from(narrow[0]) + i64::from(narrow[3]), "narrow, own"),
        (i64::from(narrow[1]), "narrow, of both"),
        (large, "of the object"),
    ] {
        assert!((n - i64::from(behind > 0)..=n).contains(&sum), "{what}: {sum} of {n}");
    }
    assert_eq!([2, 4, 5, 6, 7].map(|i| narrow[i]), [0; 5], "neighbours");
}

#[test]
fn elements_lose_no_addition_whatever_is_swapped_around_them() {
    explore(|| {
        let machine = formatted();
        let domain = domain(&machine, 1);
        let atom = domain.atom("a", || Ok(first_value())).unwrap();
        let threads = [0, 1].map(|me| {
            let atom = atom.clone();
            thread::spawn(move || add(&atom, me, 3))
        });
        for i in 0..4 {
            replace(&atom, 100 + i);
        }
        for t in threads {
            t.join().unwrap();
        }
        all_there(&atom, 2 * 3 * EACH, 0);
        check(&domain, false);
        atom.update::<Error>(|_| Ok(Value::Nil)).unwrap();
        check(&domain, false);
    });
}

/// Adds until it is killed; how many rounds were done, and whether it was killed.
fn victim(machine: &Arc<Machine>) -> (i64, bool) {
    let mut rounds = 0;
    let died = steps::until_death(|| {
        machine.i_am(2);
        let domain: Domain = domain(machine, 2);
        let atom = domain.atom("a", || Ok(Value::Nil)).unwrap();
        steps::doom(pick(4000) as u64);
        for _ in 0..3 {
            add(&atom, 1, 1);
            rounds += 1;
            replace(&atom, rounds);
        }
        drop((atom, domain));
        steps::spare();
    });
    (rounds, died)
}

#[test]
fn elements_lose_no_addition_when_one_who_adds_is_killed() {
    explore(|| {
        let machine = formatted();
        let first = domain(&machine, 1);
        let atom = first.atom("a", || Ok(first_value())).unwrap();
        let victim = {
            let machine = machine.clone();
            thread::spawn(move || victim(&machine))
        };
        add(&atom, 0, 2);
        first.recover().unwrap();
        add(&atom, 0, 1);
        let (rounds, killed) = victim.join().unwrap();
        first.recover().unwrap();
        all_there(&atom, (3 + rounds) * EACH, EACH * i64::from(killed));
        check(&first, killed);
        steps::at_once(|| {
            first.gc(|_, _| {}).unwrap();
            let report = first.verify(|_, _| {}).unwrap();
            assert!(report.is_ok() && report.exact, "{report}");
        });
    });
}
