//! First steps: values go in and come out.
use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};

fn ok(v: Value) -> Result<Value, Error> {
    Ok(v)
}

#[test]
fn a_map_grows_and_shrinks() {
    let domain = Domain::anonymous().unwrap();
    let atom = domain.atom("m", || Ok(Value::empty_map())).unwrap();
    for i in 0..2000i64 {
        atom.update(|v| match v {
            Value::Map(m) => ok(Value::Map(m.assoc(i, i * 2))),
            _ => panic!(),
        })
        .unwrap();
    }
    let s = atom.load().unwrap();
    assert_eq!(s.view().len().unwrap(), 2000);
    for i in 0..2000i64 {
        assert_eq!(s.view().get(i).unwrap().unwrap().scalar().unwrap(), Some(eve_core::value::Scalar::Int(i * 2)));
    }
    for i in 0..2000i64 {
        atom.update(|v| match v {
            Value::Map(m) => ok(Value::Map(m.dissoc(&Value::Int(i)))),
            _ => panic!(),
        })
        .unwrap();
    }
    assert_eq!(atom.load().unwrap().view().len().unwrap(), 0);
    assert_eq!(s.view().len().unwrap(), 2000);
    println!("{:?}", domain.stat().unwrap());
}

#[test]
fn a_counter_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    {
        let domain = OpenOptions::new().open(&path).unwrap();
        let atom = domain.atom("c", || Ok(Value::Int(0))).unwrap();
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..10_000 {
                        atom.update(|v| match v {
                            Value::Int(i) => ok(Value::Int(i + 1)),
                            _ => panic!(),
                        })
                        .unwrap();
                    }
                });
            }
        });
    }
    let domain = Domain::open(&path).unwrap();
    let atom = domain.find("c").unwrap().unwrap();
    assert_eq!(atom.load().unwrap().value().unwrap(), Value::Int(40_000));
    println!("{:?}", domain.stat().unwrap());
}

#[test]
fn a_map_in_a_file_by_threads() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let domain = OpenOptions::new().open(&path).unwrap();
    let atom = domain.atom("m", || Ok(Value::empty_map())).unwrap();
    std::thread::scope(|s| {
        for t in 0..4i64 {
            let atom = &atom;
            s.spawn(move || {
                for i in 0..20_000i64 {
                    atom.update(|v| match v {
                        Value::Map(m) => ok(Value::Map(m.assoc(i % 500 * 4 + t, i))),
                        _ => panic!(),
                    })
                    .unwrap();
                }
            });
        }
    });
    let s = atom.load().unwrap();
    assert_eq!(s.view().len().unwrap(), 2000);
    for k in 0..2000i64 {
        let v = s.view().get(k).unwrap().unwrap().scalar().unwrap();
        assert_eq!(v, Some(eve_core::value::Scalar::Int(19_500 + k / 4)));
    }
    println!("{:?}", domain.stat().unwrap());
}
