//! Programs of swaps on a domain, beside a plain model: collections of every order that grow and shrink, changes deep inside, pieces of old
//! versions and of other atoms put in, snapshots held meanwhile, and typed arrays and objects changed in place in all of them.

use super::cells::{self, Cells, Form, Settled};
use super::{Input, Plain};
use eve::{Element, Map, Order, Result, Set, Value};
use eve_core::typed::Op;
use eve_core::view::View;
use eve_core::{Atom, Domain, Error, OpenOptions, Snapshot};
use std::rc::Rc;

/// A model larger than this is begun anew: comparing takes the square of its size.
const LARGEST: usize = 1500;
/// Steps of a program.
const LONGEST: usize = 300;

struct Program<'a> {
    input: Input<'a>,
    atoms: Vec<(Atom, Plain)>,
    held: Vec<(Snapshot, Plain)>,
}

/// Runs the bytes as a program of swaps; panics if an atom or an old snapshot is not what it must be, or the domain is not sound.
pub fn patches(bytes: &[u8]) {
    let mut input = Input(bytes);
    // Few bits of the hash, so that keys collide in the first levels, or in all of them.
    let mask = [u64::MAX, 0xFFC0_0000_0000_0000, 0xF800_0000_0000_0000, 0][input.below(4)];
    let domain = OpenOptions::new().reserve(256 << 20).hashing(1, mask).anonymous().expect("address space");
    run(&domain, input).expect("memory and valid operations");
}

fn run(domain: &Domain, input: Input<'_>) -> Result<()> {
    let mut atoms = Vec::new();
    for name in ["a", "the other one"] {
        atoms.push((domain.atom(name, || Ok(Value::empty_map()))?, Plain::Map(Order::Hash, Vec::new())));
    }
    let mut program = Program { input, atoms, held: Vec::new() };
    for _ in 0..LONGEST {
        if program.input.is_empty() {
            break;
        }
        program.step()?;
    }
    for (atom, plain) in &program.atoms {
        plain.check(atom.load()?.view())?;
    }
    for (snapshot, plain) in &program.held {
        plain.check(snapshot.view())?;
    }
    sound(domain)?;
    program.held.clear();
    for (atom, _) in &program.atoms {
        atom.remove()?;
    }
    domain.reclaim()?;
    let report = sound(domain)?;
    assert_eq!((report.limbo, report.atoms), (0, 0), "{report}");
    Ok(())
}

fn sound(domain: &Domain) -> Result<eve_core::check::Report> {
    let report = domain.verify(|_, _| {})?;
    assert!(report.is_ok() && report.exact, "{report}");
    Ok(report)
}

impl Program<'_> {
    fn step(&mut self) -> Result<()> {
        let which = self.input.below(self.atoms.len());
        let (atom, old) = self.atoms[which].clone();
        match self.input.below(12) {
            0 => {
                if self.held.len() < 20 {
                    self.held.push((atom.load()?, old));
                }
            }
            1 => {
                if !self.held.is_empty() {
                    let at = self.input.below(self.held.len());
                    let (snapshot, plain) = self.held.swap_remove(at);
                    plain.check(snapshot.view())?;
                }
            }
            2 => {
                let (value, plain) = self.any(2)?;
                atom.reset(&value)?;
                self.stored(which, plain)?;
            }
            3 => {
                let (value, plain) = self.any(1)?;
                assert!(!atom.compare_and_set(&Value::keyword("never there"), &value)?);
                let equal = if self.input.byte() & 1 == 0 { old.to_value() } else { atom.load()?.value()? };
                assert!(atom.compare_and_set(&equal, &value)?, "{equal}");
                self.stored(which, plain)?;
            }
            4 => {
                let key = self.any(2)?;
                let failed = atom.update::<Error>(|value| {
                    let _changed = value.conj(1i64);
                    // What changes in place is no key, however deep it is.
                    let wrong = Value::map([(0i64, Value::set([key.0.clone()]))]);
                    if key.1.is_key() { Err(Error::value("on purpose")) } else { Ok(wrong) }
                });
                assert!(failed.is_err());
            }
            5 | 6 => self.in_place()?,
            _ => {
                let mut plain = old;
                // A function is run again if somebody else was first; here nobody is.
                let mut once = Some(());
                let times = 1 + self.input.below(4);
                atom.update::<Error>(|mut value| {
                    once.take().expect("a swap without competition runs once");
                    for _ in 0..times {
                        value = self.change(value, &mut plain, 0)?;
                    }
                    Ok(value)
                })?;
                if self.input.byte() & 7 == 0 {
                    plain.check(atom.load()?.view())?;
                }
                if plain.size() > LARGEST {
                    plain = Plain::Map(Order::Hash, Vec::new());
                    atom.reset(&Value::empty_map())?;
                }
                self.stored(which, plain)?;
            }
        }
        Ok(())
    }

    /// The value of an atom was replaced by this one.
    fn stored(&mut self, which: usize, mut plain: Plain) -> Result<()> {
        let (atom, old) = &self.atoms[which];
        Settled::new(which, old).settle(&mut plain, atom.load()?.view())?;
        self.atoms[which].1 = plain;
        Ok(())
    }

    /// Changes an element of some array or objects that somebody holds or that an atom has.
    fn in_place(&mut self) -> Result<()> {
        let from = self.input.below(self.held.len() + self.atoms.len());
        let (snapshot, plain) = match self.held.get(from) {
            Some((snapshot, plain)) => (snapshot.clone(), plain),
            None => {
                let (atom, plain) = &self.atoms[from - self.held.len()];
                (atom.load()?, plain)
            }
        };
        let mut found = Vec::new();
        cells::all(plain, &mut found);
        if found.is_empty() {
            return Ok(());
        }
        let mut number = self.input.below(found.len());
        let (cells, view) = stored_cells(plain, snapshot.view(), &mut number)?.expect("there are so many");
        for _ in 0..1 + self.input.below(4) {
            let op = Op::from_code(self.input.below(9) as u64).expect("there are nine");
            let place = (self.input.below(4), self.input.below(300));
            let operand = if self.input.byte() & 1 == 0 { u64::from(self.input.byte()) } else { self.input.word() };
            let expected = (self.input.byte() & 3 == 0).then(|| self.input.word());
            cells.update(view, op, place, operand, expected)?;
        }
        Ok(())
    }

    /// A new array or new objects.
    fn cells(&mut self) -> Rc<Cells> {
        let form = [Form::Array, Form::Array, Form::Object, Form::Objects][self.input.below(4)];
        let columns = if form == Form::Array { 1 } else { 1 + self.input.below(4) };
        let elements: Vec<Element> = (0..columns).map(|_| Element::ALL[self.input.below(10)]).collect();
        let rows = match (form, self.input.below(8)) {
            (Form::Object, _) => 1,
            (_, 7) => 300 + 40 * self.input.below(100),
            _ => self.input.below(12),
        };
        let cells = Cells::new(form, &elements, rows);
        for (element, numbers) in cells.columns.borrow_mut().iter_mut() {
            numbers.iter_mut().take(3).for_each(|n| *n = element.extend(self.input.word()));
        }
        cells
    }

    fn scalar(&mut self) -> Value {
        let n = self.input.byte();
        match n % 16 {
            0 => Value::Nil,
            1 => Value::Bool(n > 128),
            2 => Value::Float(f64::from(n) * 1e100),
            3 => Value::from("a string that is long enough for a block".repeat(1 + usize::from(n / 64))),
            4 => Value::from(
                ["short", "seven-7", "eight-88", "eight_88", "ten-567890", "ten 567890"][usize::from(n / 16) % 6],
            ),
            5 => Value::keyword("a.namespace/long-name"),
            6 => Value::keyword("k"),
            7 => Value::Int(i64::MAX - i64::from(n)),
            8 => Value::Bytes(vec![n; usize::from(n) * 100].into()),
            _ => Value::Int(i64::from(n)),
        }
    }

    /// A new value, or a piece of a version that somebody holds or of another atom.
    fn any(&mut self, depth: usize) -> Result<(Value, Plain)> {
        let choice = self.input.below(16);
        if choice >= 14 {
            let cells = self.cells();
            return Ok((cells.to_value(), Plain::Cells(cells)));
        }
        if choice >= 8 || (depth == 0 && choice > 2) {
            let value = self.scalar();
            return Ok((value.clone(), Plain::Scalar(value)));
        }
        if choice < 3 {
            let from = self.input.below(self.held.len() + self.atoms.len());
            let (snapshot, plain) = match self.held.get(from) {
                Some((snapshot, plain)) => (snapshot.clone(), plain.clone()),
                None => {
                    let (atom, plain) = &self.atoms[from - self.held.len()];
                    (atom.load()?, plain.clone())
                }
            };
            let (mut value, mut plain) = (snapshot.value()?, plain);
            for _ in 0..self.input.below(3) {
                let Some((key, child)) = self.child(&plain) else { break };
                (value, plain) = (value.get(key)?.expect("the model has it"), child);
            }
            return Ok((value, plain));
        }
        let n = self.input.below(70);
        let mut all = Vec::new();
        for _ in 0..n {
            all.push(self.any(if n > 8 { 0 } else { depth - 1 })?);
        }
        let set_order = if choice == 5 && self.input.byte() & 1 == 0 { Order::Hash } else { Order::Sorted };
        if choice == 5 {
            all.retain(|(_, plain)| plain.is_key());
        }
        let (values, plains): (Vec<Value>, Vec<Plain>) = all.into_iter().unzip();
        Ok(match choice {
            3 | 4 => {
                let ints = plains.chunks_exact(2).all(|pair| pair[0].is_integer());
                let order = match choice {
                    3 if ints => Order::Integer,
                    3 => Order::Hash,
                    _ => Order::Sorted,
                };
                let (mut map, mut model) = (Value::Map(Map::ordered(order)), Vec::new());
                for pair in values.chunks_exact(2).zip(plains.chunks_exact(2)) {
                    if !pair.1[0].is_key() {
                        continue;
                    }
                    map = map.assoc(pair.0[0].clone(), pair.0[1].clone())?;
                    put(&mut model, pair.1[0].clone(), pair.1[1].clone());
                }
                (map, Plain::Map(order, model))
            }
            5 => {
                let mut model: Vec<Plain> = Vec::new();
                for plain in plains {
                    if !model.contains(&plain) {
                        model.push(plain);
                    }
                }
                (Value::Set(values.into_iter().collect::<Set>().in_order(set_order)?), Plain::Set(set_order, model))
            }
            6 => (Value::list(values), Plain::List(plains)),
            _ => (Value::vector(values), Plain::Vector(plains)),
        })
    }

    /// A key of a map or an index of a vector, and what is there.
    fn child(&mut self, plain: &Plain) -> Option<(Value, Plain)> {
        match plain {
            Plain::Map(_, all) if !all.is_empty() => {
                let (key, value) = &all[self.input.below(all.len())];
                Some((key.to_value(), value.clone()))
            }
            Plain::Vector(all) if !all.is_empty() => {
                let at = self.input.below(all.len());
                Some((Value::Int(at as i64), all[at].clone()))
            }
            _ => None,
        }
    }

    /// One change, of the value itself or of something inside, to the value and to the model.
    fn change(&mut self, value: Value, plain: &mut Plain, depth: usize) -> Result<Value> {
        if depth < 6
            && self.input.byte() & 3 == 0
            && let Some((key, mut child)) = self.child(plain)
        {
            let inner = value.get(&key)?.expect("the model has it");
            let inner = self.change(inner, &mut child, depth + 1)?;
            match plain {
                Plain::Map(_, all) => {
                    all.iter_mut().find(|(k, _)| k.to_value() == key).expect("it was chosen from there").1 = child
                }
                Plain::Vector(all) => all[key.as_i64().unwrap_or(0) as usize] = child,
                _ => unreachable!("only these have children"),
            }
            return value.assoc(key, inner);
        }
        let what = self.input.below(8);
        match plain {
            Plain::Scalar(_) | Plain::Cells(_) => {
                let (value, new) = self.any(1)?;
                *plain = new;
                Ok(value)
            }
            Plain::Map(order, all) => match what {
                0..=1 if !all.is_empty() => {
                    let at = self.input.below(all.len());
                    let (key, _) = all.swap_remove(at);
                    value.dissoc(key.to_value())
                }
                2 => value.with_meta(Some(Value::map([(Value::keyword("m"), Value::Int(what as i64))]))),
                3 => {
                    let (other, model) = self.any(1)?;
                    let Plain::Map(_, model) = model else { return Ok(value) };
                    if *order == Order::Integer && !model.iter().all(|(key, _)| key.is_integer()) {
                        return Ok(value);
                    }
                    model.into_iter().for_each(|(k, v)| put(all, k, v));
                    value.merge(&other)
                }
                _ => {
                    let ((key, k), (new, v)) = (self.any(usize::from(what == 7))?, self.any(1)?);
                    if !k.is_key() || *order == Order::Integer && !k.is_integer() {
                        return Ok(value);
                    }
                    put(all, k, v);
                    value.assoc(key, new)
                }
            },
            Plain::Set(_, all) => {
                let (new, model) = self.any(usize::from(what == 7))?;
                if !model.is_key() {
                    return Ok(value);
                }
                match what {
                    0..=2 if !all.is_empty() => {
                        let at = self.input.below(all.len());
                        value.disj(all.swap_remove(at).to_value())
                    }
                    3 | 4 if matches!(model, Plain::Set(..)) => {
                        let Plain::Set(_, other) = model else { return Ok(value) };
                        if what == 3 {
                            all.retain(|x| other.contains(x));
                            return value.intersection(&new);
                        }
                        all.retain(|x| !other.contains(x));
                        value.difference(&new)
                    }
                    _ => {
                        if !all.contains(&model) {
                            all.push(model);
                        }
                        value.conj(new)
                    }
                }
            }
            Plain::Vector(all) => match (what, value) {
                (0 | 1, value) if !all.is_empty() => {
                    all.pop();
                    value.pop()
                }
                (2, Value::Vector(vector)) => {
                    let len = self.input.below(all.len() + 1);
                    all.truncate(len);
                    Ok(Value::Vector(vector.truncate(len as u64)))
                }
                (3, Value::Vector(vector)) => {
                    let (other, model) = self.any(1)?;
                    match (other, model) {
                        (Value::Vector(other), Plain::Vector(model)) => {
                            all.extend(model);
                            Ok(Value::Vector(vector.concat(&other)?))
                        }
                        _ => Ok(Value::Vector(vector)),
                    }
                }
                (4, Value::Vector(vector)) => {
                    let at = self.input.below(all.len() + 1);
                    let (new, model) = self.any(1)?;
                    all.insert(at, model);
                    Ok(Value::Vector(vector.insert(at as u64, new)?))
                }
                (_, value) => {
                    let (new, model) = self.any(1)?;
                    all.push(model);
                    value.conj(new)
                }
            },
            Plain::List(all) => {
                if what < 3 && !all.is_empty() {
                    all.remove(0);
                    return value.pop();
                }
                let (new, model) = self.any(1)?;
                all.insert(0, model);
                value.conj(new)
            }
        }
    }
}

fn put(all: &mut Vec<(Plain, Plain)>, key: Plain, value: Plain) {
    match all.iter_mut().find(|(k, _)| *k == key) {
        Some((_, old)) => *old = value,
        None => all.push((key, value)),
    }
}

/// The cells number `n`, in the order of `cells::all`, with where they are stored.
fn stored_cells<'p, 'v>(plain: &'p Plain, view: View<'v>, n: &mut usize) -> Result<Option<(&'p Rc<Cells>, View<'v>)>> {
    match plain {
        Plain::Scalar(_) | Plain::Set(..) => {}
        Plain::Cells(cells) => {
            if *n == 0 {
                return Ok(Some((cells, view)));
            }
            *n -= 1;
        }
        Plain::Map(_, all) => {
            for (key, value) in all {
                let found = view.get(&key.to_value())?.expect("the model has the key");
                if let Some(found) = stored_cells(value, found, n)? {
                    return Ok(Some(found));
                }
            }
        }
        Plain::Vector(all) | Plain::List(all) => {
            for (value, stored) in all.iter().zip(view.elements()?) {
                if let Some(found) = stored_cells(value, stored?, n)? {
                    return Ok(Some(found));
                }
            }
        }
    }
    Ok(None)
}
