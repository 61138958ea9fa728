//! Stored vectors against `Vec`, over many versions and across the lengths at which they get another shape, also where two places share one.

use eve_core::value::{Value, Vector};
use eve_core::view::{Key, View};
use eve_core::{Domain, Snapshot};
use proptest::prelude::*;

/// Lengths at which a leaf is full, a level is added, or one of them is near.
const LENGTHS: [usize; 12] = [0, 1, 31, 32, 33, 64, 65, 1023, 1056, 1057, 1090, 2100];

#[derive(Clone, Debug)]
enum Step {
    /// Elements set anew, in one commit.
    Set(Vec<usize>),
    /// Some set anew and some appended.
    SetAndPush(Vec<usize>, usize),
    Push(usize),
    Pop(usize),
    /// `:b` becomes what `:a` is.
    Graft,
    /// `:a` and `:b` change places.
    Swap,
    /// `:a` becomes what it was so many versions ago, with a change.
    Back(usize, usize),
    /// `:b` goes.
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    let places =
        || prop_oneof![3 => prop::collection::vec(0..3000usize, 1..3), 1 => prop::collection::vec(0..3000usize, 1..50)];
    let some = || prop_oneof![3 => 1..4usize, 1 => 1..70usize];
    prop_oneof![
        4 => places().prop_map(Step::Set),
        2 => (places(), some()).prop_map(|(places, n)| Step::SetAndPush(places, n)),
        3 => some().prop_map(Step::Push),
        2 => some().prop_map(Step::Pop),
        2 => Just(Step::Graft),
        1 => Just(Step::Swap),
        2 => (1..6usize, 0..3000usize).prop_map(|(n, i)| Step::Back(n, i)),
        1 => Just(Step::Drop),
    ]
}

/// Every third element is a block.
fn element(i: i64) -> Value {
    if i % 3 == 0 { Value::vector([Value::Int(i), Value::from("something")]) } else { Value::Int(i) }
}

fn part(snapshot: &Snapshot, name: &str) -> Vector {
    let word = snapshot.view().get(Key::from(&Value::keyword(name))).unwrap().unwrap().word();
    match snapshot.value_of(word).unwrap() {
        Value::Vector(vector) => vector,
        other => panic!("{other:?}"),
    }
}

fn check(snapshot: &Snapshot, name: &str, model: &[i64]) {
    let view: View<'_> = snapshot.view().get(Key::from(&Value::keyword(name))).unwrap().unwrap();
    assert_eq!(view.len().unwrap(), model.len() as u64);
    let first = |found: View<'_>| match found.as_i64() {
        Some(i) => i,
        None => found.nth(0).unwrap().unwrap().as_i64().unwrap(),
    };
    let all: Vec<i64> = view.elements().unwrap().map(|e| first(e.unwrap())).collect();
    assert_eq!(all, model);
    for i in (0..model.len()).step_by(1 + model.len() / 30) {
        assert_eq!(first(view.nth(i as u64).unwrap().unwrap()), model[i]);
    }
    assert!(view.nth(model.len() as u64).unwrap().is_none());
}

fn set(mut vector: Vector, model: &mut [i64], places: &[usize], next: &mut i64) -> Vector {
    let len = model.len();
    for &place in places.iter().filter(|_| len > 0) {
        *next += 1;
        model[place % len] = *next;
        vector = vector.assoc((place % len) as u64, element(*next)).unwrap();
    }
    vector
}

fn push(mut vector: Vector, model: &mut Vec<i64>, n: usize, next: &mut i64) -> Vector {
    for _ in 0..n {
        *next += 1;
        model.push(*next);
        vector = vector.push(element(*next));
    }
    vector
}

fn run(length: usize, steps: &[Step]) {
    let domain = Domain::anonymous().unwrap();
    let mut a: Vec<i64> = (0..length as i64).collect();
    let mut next = length as i64;
    let start = Value::map([(Value::keyword("a"), Value::vector(a.iter().map(|&i| element(i))))]);
    let atom = domain.atom("m", || Ok(start)).unwrap();
    let mut b: Option<Vec<i64>> = None;
    let mut versions = vec![(atom.load().unwrap(), a.clone())];
    let put = |name: &str, vector: Vector| {
        atom.update(|value| value.assoc(Value::keyword(name), Value::Vector(vector.clone()))).unwrap();
    };
    for step in steps {
        let now = atom.load().unwrap();
        let vector = part(&now, "a");
        match step {
            Step::Set(places) => put("a", set(vector, &mut a, places, &mut next)),
            Step::SetAndPush(places, n) => {
                let vector = set(vector, &mut a, places, &mut next);
                put("a", push(vector, &mut a, *n, &mut next));
            }
            Step::Push(n) => put("a", push(vector, &mut a, *n, &mut next)),
            Step::Pop(n) => {
                a.truncate(a.len().saturating_sub(*n));
                put("a", vector.truncate(a.len() as u64));
            }
            Step::Graft => {
                b = Some(a.clone());
                put("b", vector);
            }
            Step::Swap => {
                if let Some(b) = &mut b {
                    std::mem::swap(&mut a, b);
                    let other = part(&now, "b");
                    let swapped = |value: Value| {
                        value
                            .assoc(Value::keyword("a"), Value::Vector(other.clone()))?
                            .assoc(Value::keyword("b"), Value::Vector(vector.clone()))
                    };
                    atom.update(swapped).unwrap();
                }
            }
            Step::Back(n, place) => {
                let (old, model) = &versions[versions.len().saturating_sub(*n)];
                a = model.clone();
                put("a", set(part(old, "a"), &mut a, &[*place], &mut next));
            }
            Step::Drop => {
                b = None;
                atom.update(|value| value.dissoc(Value::keyword("b"))).unwrap();
            }
        }
        let now = atom.load().unwrap();
        check(&now, "a", &a);
        if let Some(b) = &b {
            check(&now, "b", b);
        }
        versions.push((now, a.clone()));
        if versions.len() > 8 {
            versions.remove(0);
        }
        let report = domain.verify(|_, _| ()).unwrap();
        assert!(report.is_ok(), "{step:?}: {report:?}");
    }
    for (snapshot, model) in &versions {
        check(snapshot, "a", model);
    }
    drop(versions);
    domain.reclaim().unwrap();
    assert!(domain.verify(|_, _| ()).unwrap().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn stored_vectors_are_what_vec_would_be(length in 0..LENGTHS.len(), steps in prop::collection::vec(step(), 1..25)) {
        run(LENGTHS[length], &steps);
    }
}

#[test]
fn three_levels_of_nodes() {
    let all = || (0..34_000).step_by(997).collect::<Vec<usize>>();
    run(
        33_500,
        &[
            Step::Set(all()),
            Step::Graft,
            Step::SetAndPush(all(), 5),
            Step::Set(vec![33_499, 0]),
            Step::Swap,
            Step::Set(all()),
        ],
    );
}
