//! Typed arrays and objects in atoms: shared by all versions, changed in place, copied to other atoms, refused as keys.

use eve_core::layout::Element;
use eve_core::typed::{ArrayView, Op, Waited};
use eve_core::value::{Array, Records, Schema, Set, Value};
use eve_core::{Atom, Domain, Error, OpenOptions};
use proptest::prelude::*;
use std::time::Duration;

fn domain() -> Domain {
    OpenOptions::new().reserve(1 << 28).anonymous().unwrap()
}

fn sound(domain: &Domain) {
    domain.reclaim().unwrap();
    let report = domain.verify(|_, _| {}).unwrap();
    assert!(report.is_ok() && report.exact, "{report}");
}

fn atom_with(domain: &Domain, array: Array) -> Atom {
    domain.atom("a", || Ok(Value::map([("cells", Value::Array(array))]))).unwrap()
}

/// The array under a key of an atom's value.
fn under(atom: &Atom, key: &str) -> Array {
    match atom.load().unwrap().value().unwrap().get(key).unwrap() {
        Some(Value::Array(array)) => array,
        other => panic!("{other:?} under {key}"),
    }
}

fn view(array: &Array) -> ArrayView<'_> {
    array.view().expect("it is stored")
}

#[test]
fn an_old_snapshot_shows_changes_in_place() {
    let domain = domain();
    let atom = atom_with(&domain, Array::from(vec![1i32, 2, 3]));
    let before = under(&atom, "cells");
    atom.update::<Error>(|v| v.assoc("other", 1)).unwrap();
    let after = under(&atom, "cells");
    assert!(view(&before).is_same(&view(&after)), "a commit that does not touch it leaves it where it is");
    assert_eq!(view(&after).fetch_add(1, 40).unwrap(), 2);
    assert_eq!(before.to_vec::<i32>().unwrap(), [1, 42, 3]);
    sound(&domain);
}

#[test]
fn a_second_place_in_one_atom_shares_the_elements() {
    let domain = domain();
    let atom = atom_with(&domain, Array::from(vec![0u8; 5]));
    atom.update::<Error>(|v| {
        let cells = v.get("cells")?.unwrap();
        v.assoc("again", cells.clone())?.assoc("deep", Value::vector([cells]))
    })
    .unwrap();
    view(&under(&atom, "again")).store(3, 7u8).unwrap();
    assert_eq!(under(&atom, "cells").to_vec::<u8>().unwrap(), [0, 0, 0, 7, 0]);
    atom.update::<Error>(|v| v.dissoc("cells")?.dissoc("deep")).unwrap();
    sound(&domain);
    assert_eq!(under(&atom, "again").get(3), Some(Value::Int(7)));
}

#[test]
fn a_new_array_at_two_places_is_one() {
    let domain = domain();
    let array = Value::Array(Array::new(Element::Int64, 3).unwrap());
    let atom = domain.atom("a", || Ok(Value::map([("x", array.clone()), ("y", array.clone())]))).unwrap();
    view(&under(&atom, "x")).store(0, -5i64).unwrap();
    assert_eq!(under(&atom, "y").to_vec::<i64>().unwrap(), [-5, 0, 0]);
    sound(&domain);
}

#[test]
fn an_array_of_an_older_version_is_shared_while_it_is_there() {
    let domain = domain();
    let atom = atom_with(&domain, Array::from(vec![1i32]));
    let old = under(&atom, "cells");
    for i in 0..10 {
        atom.update::<Error>(|v| v.assoc("n", i)).unwrap();
    }
    // The value is that of a version which is no longer current.
    atom.update::<Error>(|v| v.assoc("copy", Value::Array(old.clone()))).unwrap();
    view(&under(&atom, "copy")).store(0, 9i32).unwrap();
    assert_eq!(under(&atom, "cells").to_vec::<i32>().unwrap(), [9]);
    sound(&domain);
}

#[test]
fn a_removed_array_comes_back_whole() {
    let domain = domain();
    let atom = atom_with(&domain, Array::from((0..1000).collect::<Vec<i32>>()));
    let old = atom.load().unwrap();
    let array = under(&atom, "cells");
    atom.update::<Error>(|v| v.dissoc("cells")).unwrap();
    for i in 0..5000 {
        atom.update::<Error>(|v| v.assoc("n", i)).unwrap(); // so that what is dropped is taken apart
    }
    atom.update::<Error>(|v| v.assoc("back", Value::Array(array.clone()))).unwrap();
    assert_eq!(under(&atom, "back"), array);
    drop(array);
    atom.reset(&old.value().unwrap()).unwrap();
    assert_eq!(under(&atom, "cells").to_vec::<i32>().unwrap(), (0..1000).collect::<Vec<_>>());
    drop(old);
    sound(&domain);
}

#[test]
fn another_atom_and_another_domain_get_copies() {
    let (one, two) = (domain(), domain());
    let atom = atom_with(&one, Array::from(vec![1.5f64, f64::NAN]));
    let array = Value::Array(under(&atom, "cells"));
    let pair = Value::vector([array.clone(), array.clone()]);
    for (name, domain) in [("b", &one), ("b", &two)] {
        let other = domain.atom(name, || Ok(pair.clone())).unwrap();
        assert_eq!(other.load().unwrap().value().unwrap(), pair);
        view(&under(&atom, "cells")).store(0, 2.5f64).unwrap();
        let copies = other.load().unwrap().value().unwrap();
        let (Some(Value::Array(a)), Some(Value::Array(b))) = (copies.nth(0).unwrap(), copies.nth(1).unwrap()) else {
            panic!("{copies:?}");
        };
        assert_eq!(a.get(0), Some(Value::Float(1.5)));
        assert!(view(&a).is_same(&view(&b)), "one array at two places is one in the copy too");
        view(&under(&atom, "cells")).store(0, 1.5f64).unwrap();
    }
    sound(&one);
    sound(&two);
}

#[test]
fn keys_and_elements_of_sets_are_refused_with_the_way_to_them() {
    let domain = domain();
    let atom = domain.atom("a", || Ok(Value::empty_map())).unwrap();
    let array = || Value::Array(Array::from(vec![1i32]));
    let object = || Value::Records(Records::object(&Schema::new([("x", Element::Int8)]).unwrap()));
    let keys = [array(), object(), Value::vector([array()]), Value::map([("k", Value::list([object()]))])];
    for key in keys {
        for (bad, path) in [
            (Value::map([(key.clone(), 1)]), "[:users]"),
            (Value::set([key.clone()]), "[:users]"),
            (Value::Set(Set::sorted().conj(1).conj(key.clone())), "[:users]"),
            (Value::vector([Value::Nil, Value::set([key.clone()])]), "[:users 1]"),
        ] {
            let refused = atom.update::<Error>(|v| v.assoc(Value::keyword("users"), bad.clone()));
            match refused {
                Err(Error::Value { path: found, reason }) => {
                    assert_eq!(found, path, "{bad:?}");
                    assert!(reason.contains("change"), "{reason}");
                }
                other => panic!("{other:?} for {bad:?}"),
            }
        }
        // Nobody can have stored it, so it is not found.
        assert_eq!(atom.load().unwrap().view().get(&key).unwrap().map(|_| ()), None);
    }
    // One that is stored already, inside what becomes a key.
    atom.update::<Error>(|v| v.assoc("m", Value::map([("cells", array())]))).unwrap();
    let refused = atom.update::<Error>(|v| {
        let m = v.get("m")?.unwrap();
        v.assoc("s", Value::set([m]))
    });
    assert!(matches!(&refused, Err(Error::Value { path, .. }) if path == "[\"s\"]"), "{refused:?}");
    sound(&domain);
}

#[test]
fn a_domain_opened_read_only_refuses_changes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("db");
    let domain = OpenOptions::new().reserve(1 << 28).open(&file).unwrap();
    let atom = atom_with(&domain, Array::from(vec![1i32, 2]));
    let reader = OpenOptions::new().read_only().open(&file).unwrap();
    let seen = under(&reader.find("a").unwrap().unwrap(), "cells");
    for refused in [
        view(&seen).store(0, 5i32).map(drop),
        view(&seen).fetch_add(0, 5i32).map(drop),
        view(&seen).write(0, &[0; 8]),
        view(&seen).fill(0..2, 1),
    ] {
        assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
    }
    view(&under(&atom, "cells")).store(0, 5i32).unwrap();
    assert_eq!(view(&seen).load::<i32>(0).unwrap(), 5);
    assert_eq!(view(&seen).wait(0, 7, None).unwrap(), Waited::NotEqual);
}

#[test]
fn whoever_waits_is_woken_or_gives_up() {
    let domain = domain();
    let atom = atom_with(&domain, Array::from(vec![0i32; 4]));
    let array = under(&atom, "cells");
    assert_eq!(view(&array).wait(2, 1, None).unwrap(), Waited::NotEqual);
    assert_eq!(view(&array).wait(2, 0, Some(Duration::from_millis(5))).unwrap(), Waited::TimedOut);
    assert_eq!(view(&array).notify(2, 10).unwrap(), 0);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            while view(&array).load::<i32>(2).unwrap() == 0 {
                view(&array).wait(2, 0, Some(Duration::from_secs(20))).unwrap();
            }
        });
        std::thread::sleep(Duration::from_millis(20));
        view(&array).store(2, 1i32).unwrap();
        view(&array).notify(2, 1).unwrap();
        waiter.join().unwrap();
    });
    let bytes = atom_with(&domain, Array::from(vec![0u8]));
    bytes.update::<Error>(|v| v.assoc("b", Value::Array(Array::from(vec![0u8])))).unwrap();
    assert!(view(&under(&bytes, "b")).wait(0, 0, None).is_err());
}

#[test]
fn additions_of_many_threads_are_not_lost_whatever_is_swapped_around_them() {
    let domain = domain();
    let atom = atom_with(&domain, Array::from(vec![0u16; 8]));
    const EACH: u64 = 20_000;
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let atom = &atom;
            scope.spawn(move || {
                let mut array = under(atom, "cells");
                for i in 0..EACH {
                    view(&array).fetch_add(i % 8, 1u16).unwrap();
                    if i % 50 == 0 {
                        atom.update::<Error>(|v| v.assoc(thread as i64, i)).unwrap();
                        array = under(atom, "cells");
                    }
                }
            });
        }
    });
    let found = under(&atom, "cells").to_vec::<u16>().unwrap();
    assert_eq!(found, [(4 * EACH / 8) as u16; 8]);
    sound(&domain);
}

#[test]
fn a_copy_taken_while_others_write_is_right_element_by_element() {
    let domain = domain();
    let atom = atom_with(&domain, Array::from(vec![0i64; 3000]));
    let array = under(&atom, "cells");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0u64;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                n += 1;
                view(&array).fill(0..3000, n | n << 32).unwrap();
            }
        });
        for i in 0..50 {
            let copy = domain.put(&format!("copy {}", i % 3), &Value::Array(array.clone())).unwrap();
            let Value::Array(copy) = copy.load().unwrap().value().unwrap() else { panic!("no array") };
            for n in copy.to_vec::<i64>().unwrap() {
                assert_eq!(n >> 32, n & 0xFFFF_FFFF, "half of an element");
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    sound(&domain);
}

#[test]
fn objects_are_read_and_changed_field_by_field() {
    let domain = domain();
    let schema = Schema::new([
        ("flag", Element::Uint8),
        ("x", Element::Float64),
        ("n", Element::Int32),
        ("y", Element::Float32),
    ])
    .unwrap();
    let mut one = Records::object(&schema);
    one.set(0, "n", -7).unwrap();
    one.set(0, "x", 2.5).unwrap();
    let mut many = Records::array(&schema, 3).unwrap();
    many.set(1, "y", 0.5).unwrap();
    many.set(2, "flag", 255).unwrap();
    assert!(many.set(3, "flag", 1).is_err() && many.set(0, "flag", 256).is_err() && many.set(0, "z", 0).is_err());
    let value = Value::map([("one", Value::Records(one.clone())), ("many", Value::Records(many.clone()))]);
    let atom = domain.atom("o", || Ok(value.clone())).unwrap();
    let now = atom.load().unwrap().value().unwrap();
    assert_eq!(now, value);
    let Some(Value::Records(stored)) = now.get("many").unwrap() else { panic!("{now:?}") };
    let objects = stored.view().unwrap();
    assert_eq!((objects.rows(), objects.fields(), objects.is_one()), (3, 4, false));
    let n = objects.column(objects.field(b"n").unwrap()).unwrap();
    assert_eq!(n.fetch_sub(1, 5i32).unwrap(), 0);
    assert_eq!(stored.get(1, "n"), Some(Value::Int(-5)));
    assert_eq!(now.get_in([Value::from("many"), 1.into(), Value::keyword("y")]).unwrap(), Some(Value::Float(0.5)));
    assert_eq!(now.get_in([Value::from("one"), Value::keyword("x")]).unwrap(), Some(Value::Float(2.5)));
    assert_ne!(atom.load().unwrap().value().unwrap(), value);
    // In another order the fields are the same ones.
    let turned = Schema::new(schema.fields().iter().rev().map(|(name, element)| (name.clone(), *element))).unwrap();
    let mut same = Records::object(&turned);
    same.set(0, "x", 2.5).unwrap();
    same.set(0, "n", -7).unwrap();
    assert_eq!(same, one);
    assert_eq!(Value::Records(same), now.get("one").unwrap().unwrap());
    // Objects of one shape share it.
    let names = domain.verify(|_, _| {}).unwrap().names;
    atom.update::<Error>(|v| v.assoc("more", Value::Records(Records::object(&schema)))).unwrap();
    assert_eq!(domain.verify(|_, _| {}).unwrap().names, names);
    sound(&domain);
}

#[test]
fn large_arrays_are_stored_read_and_given_back() {
    let domain = OpenOptions::new().reserve(1 << 30).anonymous().unwrap();
    let atom = domain.atom("large", || Ok(Value::Nil)).unwrap();
    for round in 0..5u64 {
        let mut bytes = vec![0; 100 << 20];
        bytes[99 << 20] = round as u8 + 1;
        let array = Array::from_bytes(Element::Int32, bytes).unwrap();
        atom.reset(&Value::Array(array)).unwrap();
        let Value::Array(stored) = atom.load().unwrap().value().unwrap() else { panic!("no array") };
        assert_eq!(stored.get((99 << 20) / 4), Some(Value::Int(round as i64 + 1)));
    }
    sound(&domain);
    let stat = domain.stat().unwrap();
    assert!(stat.committed < 700 << 20, "what was dropped is used again: {} bytes", stat.committed);
    assert!(Array::new(Element::Int8, 1 << 31).is_err());
}

#[test]
fn empty_arrays_and_one_as_the_whole_value_are_fine() {
    let domain = domain();
    for element in Element::ALL {
        let atom = domain.put("e", &Value::Array(Array::new(element, 0).unwrap())).unwrap();
        let Value::Array(array) = atom.load().unwrap().value().unwrap() else { panic!("no array") };
        assert_eq!((array.len(), array.element()), (0, element));
        assert!(view(&array).get(0).is_err());
        assert!(atom.compare_and_set(&Value::Array(array.clone()), &Value::Array(array)).unwrap());
    }
    sound(&domain);
}

/// One operation on one element of the model, bit by bit as 128-bit arithmetic has it.
fn on_model(element: Element, op: Op, cell: &mut u64, operand: u64, expected: u64) {
    let wide = |bits: u64| bits as i64 as i128;
    let new = match op {
        Op::Load => *cell,
        Op::Store | Op::Exchange => operand,
        Op::CompareExchange => {
            if element.extend(expected) == *cell {
                operand
            } else {
                *cell
            }
        }
        Op::Add | Op::Sub => {
            let sum = if op == Op::Add { wide(*cell) + wide(operand) } else { wide(*cell) - wide(operand) };
            if element == Element::Uint8Clamped { sum.clamp(0, 255) as u64 } else { sum as u64 }
        }
        Op::And => *cell & operand,
        Op::Or => *cell | operand,
        Op::Xor => *cell ^ operand,
    };
    *cell = element.extend(new);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn an_operation_changes_its_element_and_no_neighbour(
        code in 0u64..10,
        len in 1u64..40,
        ops in proptest::collection::vec((0u64..9, any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>()), 1..80),
    ) {
        let element = Element::from_code(code).unwrap();
        let domain = OpenOptions::new().reserve(1 << 26).anonymous().unwrap();
        let atom = domain.put("p", &Value::Array(Array::new(element, len).unwrap())).unwrap();
        let Value::Array(array) = atom.load().unwrap().value().unwrap() else { panic!("no array") };
        let mut model = vec![0u64; len as usize];
        for (op, at, operand, expected, hit) in ops {
            let (op, at) = (Op::from_code(op).unwrap(), at % len);
            let cell = &mut model[at as usize];
            let expected = if hit { *cell } else { expected };
            let result = view(&array).update(op, at, operand, expected);
            let sums = matches!(op, Op::Add | Op::Sub | Op::And | Op::Or | Op::Xor);
            if sums && !element.is_integer() {
                prop_assert!(result.is_err());
                continue;
            }
            prop_assert_eq!(result.unwrap(), *cell);
            on_model(element, op, cell, operand, expected);
            let found: Vec<u64> = (0..len).map(|i| view(&array).get(i).unwrap()).collect();
            prop_assert_eq!(&found, &model);
        }
    }
    #[test]
    fn ranges_are_read_written_filled_and_copied_as_in_a_slice(
        code in 0u64..10,
        len in 1u64..60,
        steps in proptest::collection::vec((0u8..3, any::<u64>(), any::<u64>(), any::<u64>()), 1..30),
    ) {
        let element = Element::from_code(code).unwrap();
        let domain = OpenOptions::new().reserve(1 << 26).anonymous().unwrap();
        let atom = domain.put("p", &Value::Array(Array::new(element, len).unwrap())).unwrap();
        let Value::Array(array) = atom.load().unwrap().value().unwrap() else { panic!("no array") };
        let width = element.bytes() as usize;
        let mut model = vec![0u8; len as usize * width];
        for (what, a, b, bits) in steps {
            let first = a % len;
            let n = b % (len - first + 1);
            match what {
                0 => {
                    let bytes: Vec<u8> = (0..n as usize * width).map(|i| (bits >> (i % 8)) as u8).collect();
                    view(&array).write(first, &bytes).unwrap();
                    model[first as usize * width..][..bytes.len()].copy_from_slice(&bytes);
                }
                1 => {
                    view(&array).fill(first..first + n, bits).unwrap();
                    for cell in model[first as usize * width..][..n as usize * width].chunks_mut(width) {
                        element.write(cell, bits);
                    }
                }
                _ => {
                    let to = bits % (len - n + 1);
                    view(&array).copy_from(to, &view(&array), first, n).unwrap();
                    let from = first as usize * width..(first + n) as usize * width;
                    model.copy_within(from, to as usize * width);
                }
            }
            let mut found = vec![0; model.len()];
            view(&array).read(0, &mut found).unwrap();
            prop_assert_eq!(&found, &model);
        }
        prop_assert!(view(&array).write(len, &vec![0; width]).is_err());
        prop_assert!(view(&array).read(1, &mut vec![0; model.len()]).is_err());
    }
}
