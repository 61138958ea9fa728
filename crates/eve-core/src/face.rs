//! What the faces of other languages need besides values and views: a stored value in two words ([`Cell`]), the words of
//! snapshots, and iterators that own their snapshot.

mod commit;
pub mod patch;

use crate::atom::{Atom, Domain, Snapshot};
pub use crate::atom::{Made, Version};
use crate::error::{Error, Result};
use crate::layout::text::Short;
use crate::layout::word::Immediate;
use crate::layout::{Kind, Word};
use crate::typed::ArrayView;
use crate::value::shared::to_value;
use crate::value::{Scalar, Text, Value};
use crate::view::open::{Open, name, open, open_map};
use crate::view::{Entries, Key, Type, View, peel};
pub use commit::Commit;

/// What a [`Cell`] holds. The numbers are part of the C interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CellKind {
    /// `nil`
    Nil = 0,
    /// `false`
    False = 1,
    /// `true`
    True = 2,
    /// `bits`: the integer.
    Int = 3,
    /// `bits`: the double's bits.
    Float = 4,
    /// `bits`: the code point.
    Char = 5,
    /// A string of up to 10 bytes: the first 2 in bits 48 to 63 of the tag, the others in `bits`, in both the first one lowest; zeros
    /// behind them. So they stand in the cell one behind the other, from byte 6 on.
    ShortStr = 6,
    /// `len` bytes of WTF-8 at the address `bits`.
    Str = 7,
    /// A keyword like `ShortStr`.
    ShortKeyword = 8,
    /// A keyword like `Str`. Its address is the same wherever it is used in the domain, and stays good while that is open.
    Keyword = 9,
    /// A symbol like `ShortStr`.
    ShortSymbol = 10,
    /// A symbol like `Keyword`.
    Symbol = 11,
    /// An integer of more than 64 bits: `len` bytes of two's complement, the lowest first, at the address `bits`.
    BigInt = 12,
    /// At the address `bits`: the scale (4 bytes, signed), then an integer like `BigInt`; `len` bytes together.
    Decimal = 13,
    /// At the address `bits`: the length of the numerator (4 bytes), the numerator, the denominator.
    Ratio = 14,
    /// 16 bytes, big-endian, at the address `bits`.
    Uuid = 15,
    /// At the address `bits`: seconds since 1970 (8 bytes, signed), nanoseconds (4 bytes).
    Instant = 16,
    /// `len` bytes at the address `bits`.
    Bytes = 17,
    /// `bits`: the word; `len`: entries.
    Map = 18,
    /// `bits`: the word; `len`: elements.
    Set = 19,
    /// `bits`: the word; `len`: elements.
    Vector = 20,
    /// `bits`: the word; `len`: elements.
    List = 21,
    /// `bits`: the word.
    Tagged = 22,
    /// No value: an atom that was removed.
    Absent = 23,
    /// `bits`: the word; `len`: elements.
    Array = 27,
    /// `bits`: the word; `len`: rows, 1 for one object.
    Records = 28,
    /// A sorted map. `bits`: the word; `len`: entries.
    SortedMap = 24,
    /// A sorted set. `bits`: the word; `len`: elements.
    SortedSet = 25,
    /// An integer map. `bits`: the word; `len`: entries.
    IntMap = 26,
}

/// Tells the processor that a value is going to be looked into: the root of a map is read first, then one of the cache lines behind it, and which
/// one is known only when the first has come.
#[inline]
pub fn fetch_ahead(view: View<'_>) {
    const LINES: u64 = 5; // of a root with a node at each place
    if let Some(off) = view.word().as_block() {
        for line in 0..LINES {
            view.arena().prefetch(off.plus(64 * line));
        }
    }
}

/// A stored value in two words: scalars as they are or as an address in the mapped file, collections as their word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Cell {
    /// The [`CellKind`] in bits 0 to 7; bit 8: it has metadata; bits 16 to 63 (of short text: to 31): the length.
    pub tag: u64,
    /// See [`CellKind`].
    pub bits: u64,
}

impl Cell {
    /// Bit of the tag: the value has metadata.
    pub const META: u64 = 1 << 8;

    fn new(kind: CellKind, len: u64, bits: u64) -> Cell {
        Cell { tag: kind as u64 | len << 16, bits }
    }
    fn short(kind: CellKind, text: &Short) -> Cell {
        let (text, len) = text.as_number();
        Cell::new(kind, len | u64::from(text as u16) << 32, (text >> 16) as u64)
    }
    fn at(kind: CellKind, bytes: &[u8]) -> Cell {
        Cell::new(kind, bytes.len() as u64, bytes.as_ptr() as u64)
    }
    /// Of what is most frequent among immediates, if the word is such: it is told before the others, which takes a jump by a table.
    #[inline(always)]
    fn of_frequent(word: Word) -> Option<Cell> {
        match word.as_int() {
            Some(i) => Some(Cell::new(CellKind::Int, 0, i as u64)),
            None => word.as_short_str().map(|text| Cell::short(CellKind::ShortStr, &text)),
        }
    }
    /// If more than the word has to be looked at, only that, and its block or name on the way to the cache: many cells wait for memory together, not
    /// one after the other. Their tag is 0.
    #[inline(always)]
    fn waiting(view: View<'_>) -> Cell {
        Cell::of_frequent(view.word()).unwrap_or_else(|| {
            if let Some(off) = view.word().place() {
                view.arena().prefetch(off);
            }
            Cell { tag: 0, bits: view.word().0 }
        })
    }
    /// What a view shows. Costs a look at the block, if it is one. The addresses are good for as long as the view's snapshot is held.
    #[inline]
    pub fn of(view: View<'_>) -> Result<Cell> {
        Cell::of_frequent(view.word()).map_or_else(|| Cell::of_waiting(view), Ok)
    }

    /// What [`Cell::waiting`] leaves.
    #[inline]
    fn of_waiting(view: View<'_>) -> Result<Cell> {
        Ok(match view.word().decode() {
            Immediate::Float(f) => Cell::new(CellKind::Float, 0, f.to_bits()),
            Immediate::Nil => Cell::new(CellKind::Nil, 0, 0),
            Immediate::Bool(b) => Cell::new(if b { CellKind::True } else { CellKind::False }, 0, 0),
            Immediate::Char(c) => Cell::new(CellKind::Char, 0, c.into()),
            Immediate::Keyword(s) => Cell::short(CellKind::ShortKeyword, &s),
            Immediate::Symbol(s) => Cell::short(CellKind::ShortSymbol, &s),
            Immediate::Absent => Cell::new(CellKind::Absent, 0, 0),
            Immediate::LongKeyword(entry) => Cell::at(CellKind::Keyword, name(view.arena(), entry)?),
            _ => {
                fetch_ahead(view);
                return Cell::of_other(view);
            }
        })
    }

    #[inline]
    fn of_other(view: View<'_>) -> Result<Cell> {
        let word = view.word().0;
        // Strings and maps are most of what is a block: one look at it instead of one for each thing that it might be.
        if let Some(off) = view.word().as_block() {
            match view.arena().block_header(off)?.kind() {
                Some(Kind::Str) => {
                    return Ok(Cell::at(CellKind::Str, view.arena().node_of(off, Kind::Str)?.bytes()));
                }
                Some(Kind::MapRoot) => {
                    return Ok(Cell::new(CellKind::Map, open_map(view.arena(), off)?.count, word));
                }
                _ => {}
            }
        }
        Cell::of_rare(view)
    }

    fn of_rare(view: View<'_>) -> Result<Cell> {
        let word = view.word().0;
        let (inner, meta) = peel(view.arena(), view.word())?;
        let cell = match open(view.arena(), inner)? {
            Open::Map(root) => Cell::new(CellKind::Map, root.count, word),
            Open::Set(root) => Cell::new(CellKind::Set, root.count, word),
            Open::Sorted(tree) => {
                let kind = match tree.kind {
                    Kind::SortedSet => CellKind::SortedSet,
                    Kind::IntMap => CellKind::IntMap,
                    _ => CellKind::SortedMap,
                };
                Cell::new(kind, tree.count, word)
            }
            Open::Vector(vector) => Cell::new(CellKind::Vector, vector.count, word),
            Open::List(root) => Cell::new(CellKind::List, root.count, word),
            Open::Tagged(..) => Cell::new(CellKind::Tagged, 0, word),
            Open::Array(array) => Cell::new(CellKind::Array, array.len(), word),
            Open::Records(records) => Cell::new(CellKind::Records, records.rows(), word),
            Open::Scalar(scalar) => {
                let kind = match scalar {
                    Scalar::Int(i) => return Ok(Cell::new(CellKind::Int, 0, i as u64)),
                    Scalar::Float(f) => return Ok(Cell::new(CellKind::Float, 0, f.to_bits())),
                    Scalar::Str(Text::Borrowed(text)) => return Ok(Cell::at(CellKind::Str, text)),
                    Scalar::Keyword(Text::Borrowed(text)) => return Ok(Cell::at(CellKind::Keyword, text)),
                    Scalar::Symbol(Text::Borrowed(text)) => return Ok(Cell::at(CellKind::Symbol, text)),
                    Scalar::BigInt(_) => CellKind::BigInt,
                    Scalar::Decimal { .. } => CellKind::Decimal,
                    Scalar::Ratio { .. } => CellKind::Ratio,
                    Scalar::Uuid(_) => CellKind::Uuid,
                    Scalar::Instant { .. } => CellKind::Instant,
                    Scalar::Bytes(_) => CellKind::Bytes,
                    // The others are immediates, which stand alone (metadata is only put around collections).
                    _ => return Err(Error::Corrupt { offset: word, what: "a block that is a value" }),
                };
                let off = inner.as_block().ok_or(Error::Corrupt { offset: word, what: "a scalar in a block" })?;
                Cell::at(kind, view.arena().node(off)?.bytes())
            }
        };
        Ok(if meta.is_some() { Cell { tag: cell.tag | Cell::META, ..cell } } else { cell })
    }
}

impl Snapshot {
    /// The root word.
    pub fn root_word(&self) -> Word {
        self.root()
    }
    /// Does one pin hold both? Then either is a [`Version`] that the other holds.
    pub fn shares_pin(&self, other: &Snapshot) -> bool {
        self.has_pin_of(other)
    }
    /// The view of a word that was read in this snapshot.
    #[inline]
    pub fn view_of(&self, word: Word) -> View<'_> {
        View::new(self.arena(), word)
    }
    /// The elements of the typed array, or the values of a field of the typed objects, of a word that was read in this snapshot. An
    /// array has one field, number 0.
    pub fn column_of(&self, word: Word, field: usize) -> Result<ArrayView<'_>> {
        match open(self.arena(), word)? {
            Open::Array(array) if field == 0 => Ok(array),
            Open::Array(_) => Err(Error::value(format!("a typed array has no field number {field}"))),
            Open::Records(records) => records.column(field),
            _ => Err(Error::value("only typed arrays and typed objects have elements of one type")),
        }
    }
    /// The value of a word that was read in this snapshot, which the value holds.
    pub fn value_of(&self, word: Word) -> Result<Value> {
        to_value(self, word)
    }
}

impl Domain {
    /// Bytes that exist, as [`Domain::stat`] has it. Costs one load.
    pub fn committed(&self) -> u64 {
        self.inner().arena.committed()
    }
}

impl Atom {
    /// Where the root word lies, which is read with acquire ordering. Good for as long as the domain, or a snapshot of it, is held.
    pub fn root_address(&self) -> *const u64 {
        std::ptr::from_ref(self.root_cell()).cast()
    }
    /// The root word as it is now. While a snapshot is held whose root is this block, the atom still has that version.
    #[inline]
    pub fn current_root(&self) -> Word {
        self.root_word()
    }
}

/// The entries of a map or the elements of another collection, with the snapshot that they are read in.
pub struct Walk {
    iter: WalkIter,
    /// Dropped after the iterator, which reads in it.
    _snapshot: Snapshot,
}

enum WalkIter {
    Entries(Entries<'static>),
    Elements(crate::view::Elements<'static>),
}

impl Walk {
    /// Over the collection of this word. An error if it is none.
    pub fn new(snapshot: &Snapshot, word: Word) -> Result<Walk> {
        Walk::over(snapshot, word, |view| {
            Ok(match view.type_of()? {
                Type::Map => WalkIter::Entries(view.entries()?),
                _ => WalkIter::Elements(view.elements()?),
            })
        })
    }
    /// Over a sorted map, a sorted set or an integer map, from a key on, or without one from the end that the direction begins at. `inclusive`: the key
    /// itself, if it is there, comes first. `down`: from the greater keys to the less. An error if this is none of them.
    pub fn from(snapshot: &Snapshot, word: Word, key: Option<Key<'_>>, inclusive: bool, down: bool) -> Result<Walk> {
        Walk::over(snapshot, word, |view| {
            let len = view.len()?;
            let (from, to) = match key.map(|key| view.rank(key)).transpose()? {
                None => (0, len),
                Some((rank, found)) if down => (0, rank + u64::from(found && inclusive)),
                Some((rank, found)) => (rank + u64::from(found && !inclusive), len),
            };
            Ok(match view.type_of()? {
                Type::Map => WalkIter::Entries(view.entries_between(from, to, down)?),
                _ => WalkIter::Elements(view.elements_between(from, to, down)?),
            })
        })
    }
    fn over(snapshot: &Snapshot, word: Word, iter: impl FnOnce(View<'static>) -> Result<WalkIter>) -> Result<Walk> {
        let snapshot = snapshot.clone();
        let view = snapshot.view_of(word);
        // SAFETY: the arena is behind the snapshot's `Arc`, so it does not move and lives until `_snapshot` is dropped, after
        // the iterator; what is read is kept by the snapshot's pin.
        let view = unsafe { std::mem::transmute::<View<'_>, View<'static>>(view) };
        Ok(Walk { iter: iter(view)?, _snapshot: snapshot })
    }
    /// Calls `f` with the next `most` elements, or with key and value of so many entries by turns; how many there were.
    pub fn visit(&mut self, most: usize, mut f: impl FnMut(View<'_>) -> Result<()>) -> Result<usize> {
        let mut n = 0;
        match &mut self.iter {
            WalkIter::Entries(entries) => {
                for entry in entries.take(most) {
                    let (key, value) = entry?;
                    f(key)?;
                    f(value)?;
                    n += 1;
                }
            }
            WalkIter::Elements(elements) => {
                for element in elements.take(most) {
                    f(element?)?;
                    n += 1;
                }
            }
        }
        Ok(n)
    }
    /// Entries or elements that are still to come.
    pub fn left(&self) -> usize {
        match &self.iter {
            WalkIter::Entries(entries) => entries.len(),
            WalkIter::Elements(elements) => elements.len(),
        }
    }
    /// The next cells: a key and a value for each entry, one for each element. How many entries or elements were put into
    /// `cells`; 0 at the end.
    pub fn fill(&mut self, cells: &mut [Cell]) -> Result<usize> {
        match &mut self.iter {
            WalkIter::Entries(entries) => fill_entries(entries, cells),
            WalkIter::Elements(elements) => fill_elements(elements, cells),
        }
    }
}

/// Puts entries into `cells`, key and value by turns; how many entries.
pub fn fill_entries<'a>(entries: &mut Entries<'a>, cells: &mut [Cell]) -> Result<usize> {
    let arena = entries.arena();
    let room = cells.len() / 2;
    let mut n = 0;
    while n < room {
        let words = entries.next_words(room - n)?;
        if words.is_empty() {
            break;
        }
        for (cell, &word) in cells[2 * n..].iter_mut().zip(words) {
            *cell = Cell::waiting(View::new(arena, Word(word)));
        }
        n += words.len() / 2;
    }
    fill_in(Some(arena), &mut cells[..2 * n])?;
    Ok(n)
}

/// Puts elements into `cells`; how many.
pub fn fill_elements<'a>(elements: &mut crate::view::Elements<'a>, cells: &mut [Cell]) -> Result<usize> {
    let mut arena = None;
    let mut n = 0;
    for cell in cells.iter_mut() {
        let Some(element) = elements.next() else { break };
        let element = element?;
        *cell = Cell::waiting(element);
        arena = Some(element.arena());
        n += 1;
    }
    fill_in(arena, &mut cells[..n])?;
    Ok(n)
}

/// From the words that [`Cell::waiting`] left to what they stand for.
fn fill_in(arena: Option<&crate::arena::Arena>, cells: &mut [Cell]) -> Result<()> {
    let Some(arena) = arena else { return Ok(()) };
    for cell in cells.iter_mut().filter(|cell| cell.tag == 0) {
        let view = View::new(arena, Word(cell.bits));
        // What the cell says of a block stands in its first line, which was asked for.
        *cell = if view.word().is_block() { Cell::of_other(view)? } else { Cell::of_waiting(view)? };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Domain;
    use crate::value::Order;

    #[test]
    fn walks_from_a_key_go_both_ways() {
        let domain = Domain::anonymous().unwrap();
        let map =
            |order| Value::map((0..100i64).map(|i| (2 * i, i))).as_map().unwrap().clone().in_order(order).unwrap();
        for (order, kind) in [(Order::Sorted, 24), (Order::Integer, 26)] {
            let atom = domain.atom(&format!("a{kind}"), || Ok(Value::Map(map(order)))).unwrap();
            let snapshot = atom.load().unwrap();
            let root = snapshot.root_word();
            assert_eq!(Cell::of(snapshot.view()).unwrap().tag, kind | 100 << 16);
            let keys = |key: Option<i64>, inclusive, down| {
                let key = key.map(Key::from);
                let mut walk = Walk::from(&snapshot, root, key, inclusive, down).unwrap();
                let mut cells = [Cell { tag: 0, bits: 0 }; 6];
                let n = walk.fill(&mut cells).unwrap();
                cells.chunks(2).take(n).map(|c| c[0].bits as i64).collect::<Vec<_>>()
            };
            assert_eq!(keys(None, false, false), [0, 2, 4]);
            assert_eq!(keys(None, false, true), [198, 196, 194]);
            assert_eq!(keys(Some(10), true, false), [10, 12, 14]);
            assert_eq!(keys(Some(10), false, false), [12, 14, 16]);
            assert_eq!(keys(Some(11), true, false), [12, 14, 16]);
            assert_eq!(keys(Some(10), true, true), [10, 8, 6]);
            assert_eq!(keys(Some(10), false, true), [8, 6, 4]);
            assert_eq!(keys(Some(2), false, true), [0]);
            assert_eq!(keys(Some(1000), true, false), [0i64; 0]);
        }
        let empty = domain.atom("empty", || Ok(Value::Set(crate::value::Set::sorted()))).unwrap().load().unwrap();
        assert_eq!(Cell::of(empty.view()).unwrap().tag, 25);
        assert_eq!(Walk::from(&empty, empty.root_word(), None, true, true).unwrap().left(), 0);
    }

    #[test]
    fn cells_say_what_views_show() {
        let domain = Domain::anonymous().unwrap();
        let long = "a string of more than seven bytes";
        let value = Value::vector([
            Value::Nil,
            Value::Int(i64::MIN),
            Value::from("short"),
            Value::from(long),
            Value::keyword("a-long-keyword/too"),
            Value::Uuid([7; 16]),
            Value::map([(1, 2)]).with_meta(Some(Value::map([(3, 4)]))).unwrap(),
        ]);
        let atom = domain.atom("a", || Ok(value)).unwrap();
        let snapshot = atom.load().unwrap();
        assert_eq!(snapshot.root_word(), atom.current_root());
        let mut cells = [Cell { tag: 0, bits: 0 }; 8];
        let n = fill_elements(&mut snapshot.view().elements().unwrap(), &mut cells).unwrap();
        assert_eq!(n, 7);
        let kinds: Vec<u64> = cells[..n].iter().map(|c| c.tag & 0xFF).collect();
        assert_eq!(kinds, [0, 3, 6, 7, 9, 15, 18]);
        assert_eq!(cells[1].bits as i64, i64::MIN);
        assert_eq!((cells[2].tag, cells[2].bits), (6 | 5 << 16 | 0x6873 << 48, 0x74726F));
        assert_eq!(cells[3].tag >> 16, long.len() as u64);
        assert_eq!(cells[6].tag, 18 | Cell::META | 1 << 16);
        let mut walk = Walk::new(&snapshot, Word(cells[6].bits)).unwrap();
        drop(snapshot);
        assert_eq!(walk.fill(&mut cells).unwrap(), 1);
        assert_eq!((cells[0].bits, cells[1].bits), (1, 2));
        assert_eq!(walk.fill(&mut cells).unwrap(), 0);
    }
}
