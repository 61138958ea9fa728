//! Opening, reading, checking and changing files that were damaged: bits flipped, words replaced, cut off, pages swapped, pages of another
//! age. Whatever was done to it, a file gives values or errors.

use super::Input;
use eve::typed::Op;
use eve::value::{Column, Open, Sink, Source};
use eve::{Array, ArrayView, Element, Order, Records, Result, Scalar, Set, Value};
use eve_core::layout::header::word as header;
use eve_core::{Domain, Error, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const PAGE: usize = 16 * 1024;
/// Values read of one atom: damage can make a small file say that it holds the same thing a thousand million times.
const MOST_READ: u64 = 200_000;

/// Files that are not damaged: `(older, newer, in use)`: the same file twice, and with a participant that died in it.
struct Images {
    older: Vec<u8>,
    newer: Vec<u8>,
    in_use: Vec<u8>,
}

fn folder() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { shm.into() } else { std::env::temp_dir() }
}

fn images() -> &'static Images {
    static IMAGES: OnceLock<Images> = OnceLock::new();
    IMAGES.get_or_init(|| make_images().expect("room for a file of a megabyte"))
}

fn make_images() -> Result<Images> {
    let file = tempfile::NamedTempFile::new_in(folder()).expect("a temporary file");
    let path = file.path().to_owned();
    drop(file);
    let read = || std::fs::read(&path).expect("the file that was just written");
    let options = OpenOptions::new().reserve(16 << 20).hashing(1, 0xFFFF_0000_0000_0000);
    let map = |n: i64| Value::map((0..n).map(|i| (Value::Int(i), Value::from(format!("the value of {i}")))));
    let domain = options.open(&path)?;
    domain.atom("map", || Ok(map(300)))?;
    let sorted = |map: Value, order| map.as_map().cloned().unwrap_or_default().in_order(order);
    domain.atom("sorted map", || {
        let text = (0..200i64).map(|i| (Value::from(format!("the key number {i}")), Value::Int(i)));
        Ok(Value::Map(sorted(Value::map(text.chain((0..100).map(|i| (Value::Int(i), Value::Nil)))), Order::Sorted)?))
    })?;
    domain.atom("int map", || Ok(Value::Map(sorted(map(200), Order::Integer)?)))?;
    domain.atom("sorted set", || Ok(Value::Set((0..90i64).collect::<Set>().in_order(Order::Sorted)?)))?;
    domain.atom("vector", || Ok(Value::vector(0..1100i64)))?;
    domain.atom("list", || Ok(Value::list((0..50i64).map(|i| Value::vector(0..i)))))?;
    let set = (0..60i64).map(|i| Value::keyword(format!("a.namespace/keyword-{i}")));
    domain.atom("set", || Value::set(set).with_meta(Some(map(2))))?;
    domain.atom("text", || Ok(Value::from("0123456789".repeat(4000))))?;
    domain.atom("tagged", || {
        Ok(Value::tagged("a/tag", eve::text::edn::read("[1.5M 2/3 1e300 123456789012345678901234567890N]")?))
    })?;
    domain.atom("typed", || {
        let text = "{\"wide\" #eve/array [:int64 1 2 3], \"bytes\" #eve/array [:uint8 1 2 3 4 5], \"singles\" #eve/array [:float32 0.5],
            \"one\" #eve/obj {:x [:int32 1], :y [:float64 2.5]}, \"rows\" #eve/obj-array {:x [:int8 1 2 3], :y [:int32 4 5 6]}}";
        let large = Array::new(Element::Uint16, 9000)?;
        eve::text::edn::read(text)?.assoc("large", Value::Array(large))
    })?;
    drop(domain);
    let older = read();
    let domain = options.open(&path)?;
    for (_, atom) in domain.atoms()? {
        let held = atom.load()?;
        for i in 0..60i64 {
            atom.update::<Error>(|value| match &value {
                Value::Map(_) => value.assoc(i * 7, Value::vector(0..i)),
                Value::Vector(v) => Ok(Value::Vector(v.clone().truncate(1000).push(i))),
                Value::List(_) | Value::Set(_) => value.conj(i),
                _ => Ok(value),
            })?;
        }
        drop(held);
    }
    let held = domain.atoms()?.iter().map(|(_, atom)| atom.load()).collect::<Result<Vec<_>>>()?;
    domain.put("map", &map(10))?;
    let in_use = read();
    drop((held, domain));
    let newer = read();
    let _ = std::fs::remove_file(&path);
    Ok(Images { older, newer, in_use })
}

/// Where in a file: in the header, in a page that is chosen, at its start, or anywhere.
fn place(input: &mut Input<'_>, len: usize) -> usize {
    let at = match input.below(4) {
        0 => input.below(160) * 8,
        1 => input.below(len / PAGE + 1) * PAGE + input.below(40) * 8,
        _ => input.below(len / 8 + 1) * 8,
    };
    at.min(len.saturating_sub(8)) / 8 * 8
}

fn damage(input: &mut Input<'_>) -> Vec<u8> {
    let images = images();
    let mut bytes = match input.below(3) {
        0 => images.older.clone(),
        1 => images.newer.clone(),
        _ => images.in_use.clone(),
    };
    for _ in 0..1 + input.below(12) {
        if bytes.len() < 16 || input.is_empty() {
            break;
        }
        let at = place(input, bytes.len());
        let pages = bytes.len() / PAGE;
        match input.below(9) {
            0 | 1 => bytes[at + input.below(8)] ^= 1 << input.below(8),
            2 => bytes[at..at + 8].copy_from_slice(&input.word().to_le_bytes()),
            3 => {
                let small = (input.byte() as i8) as i64;
                let word = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or_default());
                bytes[at..at + 8].copy_from_slice(&word.wrapping_add_signed(small * 8).to_le_bytes());
            }
            4 => {
                let from = place(input, bytes.len());
                let word: [u8; 8] = bytes[from..from + 8].try_into().unwrap_or_default();
                bytes[at..at + 8].copy_from_slice(&word);
            }
            5 if pages > 1 => {
                let (a, b) = (input.below(pages) * PAGE, input.below(pages) * PAGE);
                for i in 0..PAGE {
                    bytes.swap(a + i, b + i);
                }
            }
            6 if pages > 0 => {
                let page = input.below(pages) * PAGE;
                let from = if input.byte() & 1 == 0 { &images.older } else { &images.newer };
                if let Some(stale) = from.get(page..page + PAGE) {
                    bytes[page..page + PAGE].copy_from_slice(stale);
                }
            }
            7 if pages > 0 => {
                let page = input.below(pages) * PAGE;
                bytes[page..page + PAGE].fill(0);
            }
            _ if input.byte() & 3 == 0 => bytes.truncate(at + input.below(8)),
            _ => bytes[at..at + 8].fill(0xFF),
        }
    }
    bytes
}

/// Takes so many values and no more.
struct Budget(u64);

impl Sink for Budget {
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<()> {
        // Touches all bytes that it borrows.
        std::hint::black_box(Value::from(scalar));
        self.spend()
    }
    fn begin(&mut self, _: Open<'_>) -> Result<()> {
        self.spend()
    }
    fn end(&mut self) -> Result<()> {
        Ok(())
    }
    fn array(&mut self, column: &Column<'_>) -> Result<()> {
        column.scalars().try_for_each(|scalar| self.scalar(scalar))
    }
    fn records(&mut self, records: &Records) -> Result<()> {
        (0..records.schema().fields().len()).filter_map(|i| records.column(i)).try_for_each(|c| self.array(&c))
    }
}

/// Elements are read and written in place, at both ends and past them. Damage may be what they lie in: an error, or numbers.
fn change_in_place(value: &Value) {
    let columns: Vec<ArrayView<'_>> = match value {
        Value::Array(array) => array.view().into_iter().collect(),
        Value::Records(records) => match records.view() {
            Some(view) => (0..view.fields()).filter_map(|field| note(view.column(field))).collect(),
            None => Vec::new(),
        },
        _ => return,
    };
    for column in columns {
        for at in [0, column.len() / 2, column.len().wrapping_sub(1), column.len()] {
            note(column.update(Op::Add, at, 1, 0));
            note(column.update(Op::CompareExchange, at, 7, 1));
            note(column.set(at, u64::MAX));
        }
        let mut bytes = vec![0; (column.len().min(5000) * column.element().bytes()) as usize];
        note(column.read(0, &mut bytes));
        note(column.write(0, &bytes));
        note(column.fill(0..column.len(), 3));
        note(column.notify(0, 1));
    }
}

impl Budget {
    fn spend(&mut self) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| Error::value("enough was read"))?;
        Ok(())
    }
}

/// An error says what is wrong, and damage where.
fn note<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            let text = error.to_string();
            match error {
                Error::Corrupt { offset, .. } => assert!(text.contains(&offset.to_string()), "{text}"),
                _ => assert!(!text.is_empty()),
            }
            None
        }
    }
}

fn read_all(domain: &Domain) -> Option<()> {
    for (_, atom) in note(domain.atoms())? {
        note(atom.name());
        let Some(snapshot) = note(atom.load()) else { continue };
        note(snapshot.value().and_then(|value| value.emit(&mut Budget(MOST_READ))));
        if let Some(Value::Map(map)) = note(snapshot.value()) {
            for (_, value) in map.iter().take(50).filter_map(note) {
                change_in_place(&value);
            }
        }
        let view = snapshot.view();
        for key in [0i64, 1, 59, 299] {
            note(view.get(key));
            note(view.nth(key as u64));
        }
        let ends = |view: eve_core::view::View<'_>| -> Result<()> {
            let (rank, _) = view.rank(59i64)?;
            view.entry_at(rank)?;
            match view.entries_between(rank, u64::MAX, true) {
                Ok(entries) => entries.take(300).try_for_each(|e| e.map(drop)),
                Err(_) => view.elements_between(0, rank, false)?.take(300).try_for_each(|e| e.map(drop)),
            }
        };
        if note(view.order()).is_some_and(|order| order != Order::Hash) {
            note(ends(view));
            note(view.equals(view));
        }
        note(view.len());
        note(view.first());
        if let Some(Ok(elements)) = note(view.elements()).map(|all| all.take(2000).collect::<Result<Vec<_>>>()) {
            std::hint::black_box(elements.len());
        }
    }
    Some(())
}

fn change_all(domain: &Domain) -> Option<()> {
    for (_, atom) in note(domain.atoms())? {
        note(atom.update::<Error>(|value| match &value {
            Value::Map(_) => value.assoc(5i64, "new")?.dissoc(7i64),
            Value::Vector(v) => Ok(Value::Vector(v.clone().truncate(v.len() / 2).push(1i64))),
            Value::Set(_) | Value::List(_) => value.conj(1i64),
            _ => Ok(Value::from("new")),
        }));
    }
    note(domain.put("one more", &Value::vector(0..100i64)));
    for (_, atom) in note(domain.atoms())? {
        note(atom.reset(&Value::Nil));
    }
    note(domain.reclaim());
    Some(())
}

/// Damages a file as the bytes say, and does everything with it.
pub fn open_damaged(bytes: &[u8]) {
    let mut image = damage(&mut Input(bytes));
    let file = tempfile::NamedTempFile::new_in(folder()).expect("a temporary file");
    // A copy is checked and rebuilt when it is opened for writing. What is damaged where it lies is used as it is.
    if bytes.last().is_some_and(|last| last & 1 == 1) {
        let stat = file.as_file().metadata().expect("a file that is there");
        for (word, id) in [(header::DEVICE, stat.dev()), (header::INODE, stat.ino())] {
            if let Some(there) = image.get_mut(word as usize * 8..word as usize * 8 + 8) {
                there.copy_from_slice(&id.to_le_bytes());
            }
        }
    }
    std::fs::write(file.path(), &image).expect("room for a file of a megabyte");
    if let Some(domain) = note(OpenOptions::new().read_only().open(file.path())) {
        read_all(&domain);
        note(domain.verify(|_, _| {}));
        note(domain.stat());
    }
    if let Some(domain) = note(OpenOptions::new().create(false).open(file.path())) {
        read_all(&domain);
        note(domain.verify(|_, _| {}));
        change_all(&domain);
        note(domain.verify(|_, _| {}));
        note(domain.stat());
    }
}
