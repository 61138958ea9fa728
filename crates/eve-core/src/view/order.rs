//! The order of all values, in which sorted maps and sets keep their keys. It agrees with Clojure's `compare` where that is
//! defined, and calls two values the same exactly where `=` does.

use super::open::{Open, open};
use super::trail::{Trail, Work};
use super::{View, magnitude};
use crate::arena::Arena;
use crate::deep;
use crate::error::{Error, Result};
use crate::layout::{Kind, Word};
use crate::value::text::compare_utf16;
use crate::value::{Order, Scalar, Text, Value};
use crate::view::Key;
use std::cmp::Ordering;

/// Values of different types follow each other in this order.
fn class(scalar: &Scalar<'_>) -> u8 {
    match scalar {
        Scalar::Nil => 0,
        Scalar::Bool(_) => 1,
        Scalar::Int(_) | Scalar::BigInt(_) | Scalar::Float(_) | Scalar::Decimal { .. } | Scalar::Ratio { .. } => 2,
        Scalar::Char(_) => 3,
        Scalar::Str(_) => 4,
        Scalar::Keyword(_) => 5,
        Scalar::Symbol(_) => 6,
        Scalar::Uuid(_) => 7,
        Scalar::Instant { .. } => 8,
        Scalar::Bytes(_) => 9,
    }
}
const SEQUENCE: u8 = 10;
const SET: u8 = 11;
const MAP: u8 = 12;
const TAGGED: u8 = 13;

/// The order of two scalars.
pub(crate) fn scalars(a: &Scalar<'_>, b: &Scalar<'_>) -> Ordering {
    use Scalar::*;
    match (a, b) {
        (Int(a), Int(b)) => a.cmp(b),
        (Str(a), Str(b)) => compare_utf16(a.as_bytes(), b.as_bytes()),
        (Keyword(a), Keyword(b)) | (Symbol(a), Symbol(b)) => names(a.as_bytes(), b.as_bytes()),
        (Bool(a), Bool(b)) => a.cmp(b),
        (Char(a), Char(b)) => units(*a).cmp(&units(*b)),
        // As on the JVM, where a uuid is two signed numbers.
        (Uuid(a), Uuid(b)) => halves(a).cmp(&halves(b)),
        (Instant { seconds: a, nanos: n }, Instant { seconds: b, nanos: m }) => (a, n).cmp(&(b, m)),
        (Bytes(a), Bytes(b)) => a.cmp(b),
        _ => match class(a).cmp(&class(b)) {
            Ordering::Equal => magnitude::compare(a, b),
            other => other,
        },
    }
}

/// A character in UTF-16 code units.
fn units(c: u32) -> (u32, u32) {
    if c > 0xFFFF { (0xD800 + ((c - 0x1_0000) >> 10), 0xDC00 + (c & 0x3FF)) } else { (c, 0) }
}

fn halves(uuid: &[u8; 16]) -> (i64, i64) {
    let all = i128::from_be_bytes(*uuid);
    ((all >> 64) as i64, all as i64)
}

/// Names without a namespace first, then by namespace, then by name.
fn names(a: &[u8], b: &[u8]) -> Ordering {
    let divide = |text| match std::str::from_utf8(text) {
        Ok("/") => (None, text),
        _ => match text.iter().position(|&c| c == b'/') {
            Some(at) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        },
    };
    let ((ns_a, name_a), (ns_b, name_b)) = (divide(a), divide(b));
    let namespaces = match (ns_a, ns_b) {
        (Some(a), Some(b)) => compare_utf16(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    namespaces.then_with(|| compare_utf16(name_a, name_b))
}

/// A value, stored or of the host.
#[derive(Clone)]
enum Side<'a> {
    View(View<'a>),
    Host(&'a Value),
    Owned(Value),
}

/// What there is to compare.
enum What<'a> {
    Scalar(Scalar<'a>),
    /// Class, number of elements, and whether they come in order.
    Many(u8, u64, bool),
    Tagged,
}

const CHANGING: &str = "typed arrays and objects have no place in the order of values, since what is in them changes";

fn changing() -> Error {
    Error::value(CHANGING)
}

/// Was something that changes in place to be put in order, as a key of a sorted collection?
pub(crate) fn is_changing(error: &Error) -> bool {
    matches!(error, Error::Value { reason, .. } if reason == CHANGING)
}

impl<'a> Side<'a> {
    fn host(&self) -> Option<&Value> {
        match self {
            Side::View(_) => None,
            Side::Host(value) => Some(value),
            Side::Owned(value) => Some(value),
        }
    }
    fn what(&self) -> Result<What<'_>> {
        Ok(match (self, self.host()) {
            (Side::View(view), _) => match open(view.arena, view.word)? {
                Open::Scalar(scalar) => What::Scalar(scalar),
                Open::Map(root) => What::Many(MAP, root.count, false),
                Open::Set(root) => What::Many(SET, root.count, false),
                Open::Sorted(tree) if tree.is_set() => What::Many(SET, tree.count, true),
                Open::Sorted(tree) => What::Many(MAP, tree.count, true),
                Open::Vector(vector) => What::Many(SEQUENCE, vector.count, true),
                Open::List(root) => What::Many(SEQUENCE, root.count, true),
                Open::Tagged(..) => What::Tagged,
                Open::Array(_) | Open::Records(_) => return Err(changing()),
            },
            (_, Some(Value::Map(map))) => What::Many(MAP, map.len()?, map.order() != Order::Hash),
            (_, Some(Value::Set(set))) => What::Many(SET, set.len()?, set.order() != Order::Hash),
            (_, Some(Value::Vector(vector))) => What::Many(SEQUENCE, vector.len(), true),
            (_, Some(Value::List(list))) => What::Many(SEQUENCE, list.len(), true),
            (_, Some(Value::Tagged(_))) => What::Tagged,
            (_, Some(value)) => What::Scalar(value.as_scalar().ok_or_else(changing)?),
            (_, None) => unreachable!("what is no view is of the host"),
        })
    }
    fn tagged(&self) -> Result<(Side<'_>, Side<'_>)> {
        Ok(match (self, self.host()) {
            (Side::View(view), _) => match view.tagged()? {
                Some((tag, value)) => (Side::View(tag), Side::View(value)),
                None => (Side::View(*view), Side::View(*view)),
            },
            (_, Some(Value::Tagged(tagged))) => {
                (Side::Owned(Value::Symbol(tagged.tag().clone())), Side::Host(tagged.value()))
            }
            _ => unreachable!("a tagged literal has a tag"),
        })
    }
    fn elements(&self) -> Result<Elements<'_>> {
        Ok(match self.host() {
            None => match self {
                Side::View(view) => Box::new(view.elements()?.map(|e| Ok(Side::View(e?)))),
                _ => unreachable!("what is no view is of the host"),
            },
            Some(value) => Box::new(value.elements()?.map(|e| Ok(Side::Owned(e?)))),
        })
    }
    fn entries(&self) -> Result<Vec<(Side<'_>, Side<'_>)>> {
        match (self, self.host()) {
            (Side::View(view), _) => view.entries()?.map(|e| e.map(|(k, v)| (Side::View(k), Side::View(v)))).collect(),
            (_, Some(Value::Map(map))) => {
                map.iter().map(|e| e.map(|(k, v)| (Side::Owned(k), Side::Owned(v)))).collect()
            }
            _ => unreachable!("a map has entries"),
        }
    }
}

/// Sorts by a comparison that may fail.
pub(crate) fn sort<T>(all: &mut [T], mut compare: impl FnMut(&T, &T) -> Result<Ordering>) -> Result<()> {
    let mut failed = None;
    all.sort_by(|a, b| match failed {
        None => compare(a, b).unwrap_or_else(|e| {
            failed = Some(e);
            Ordering::Equal
        }),
        Some(_) => Ordering::Equal,
    });
    failed.map_or(Ok(()), Err)
}

fn sides(a: &Side<'_>, b: &Side<'_>, trail: Trail<'_>) -> Result<Ordering> {
    match (a, b) {
        (Side::View(a), Side::View(b)) => {
            if a.word == b.word && std::ptr::eq(a.arena, b.arena) {
                return Ok(Ordering::Equal);
            }
            if !a.word.is_block() || !b.word.is_block() {
                return parts(&Side::View(*a), &Side::View(*b), trail);
            }
            let here;
            let work = match trail.work() {
                Some(work) => work,
                None => {
                    here = Work::default();
                    &here
                }
            };
            let trail = trail.enter(a.word, b.word)?.with(work);
            work.order(*a, *b, || parts(&Side::View(*a), &Side::View(*b), trail))
        }
        _ => parts(a, b, trail),
    }
}

fn parts(a: &Side<'_>, b: &Side<'_>, trail: Trail<'_>) -> Result<Ordering> {
    let (x, y) = match (a.what()?, b.what()?) {
        (What::Scalar(x), What::Scalar(y)) => return Ok(scalars(&x, &y)),
        (What::Tagged, What::Tagged) => {
            return deep(|| {
                let ((tag_a, value_a), (tag_b, value_b)) = (a.tagged()?, b.tagged()?);
                match sides(&tag_a, &tag_b, trail)? {
                    Ordering::Equal => sides(&value_a, &value_b, trail),
                    other => Ok(other),
                }
            });
        }
        (x, y) => (x, y),
    };
    let class = |what: &What<'_>| match what {
        What::Scalar(scalar) => (class(scalar), 0),
        What::Many(class, n, _) => (*class, *n),
        What::Tagged => (TAGGED, 0),
    };
    match class(&x).cmp(&class(&y)) {
        Ordering::Equal => {}
        other => return Ok(other),
    }
    let in_order = |what: &What<'_>| matches!(what, What::Many(_, _, true));
    let (a_in_order, b_in_order, is_map) = (in_order(&x), in_order(&y), class(&x).0 == MAP);
    deep(|| {
        if is_map {
            maps((a, a_in_order), (b, b_in_order), trail)
        } else {
            many((a, a_in_order), (b, b_in_order), trail)
        }
    })
}

type Elements<'a> = Box<dyn Iterator<Item = Result<Side<'a>>> + 'a>;

/// Sequences in their order, the elements of sets from the least.
fn many((a, a_in_order): (&Side<'_>, bool), (b, b_in_order): (&Side<'_>, bool), trail: Trail<'_>) -> Result<Ordering> {
    let (mut xs, mut ys) = (sorted(a.elements()?, a_in_order, trail)?, sorted(b.elements()?, b_in_order, trail)?);
    while let (Some(x), Some(y)) = (xs.next(), ys.next()) {
        match sides(&x?, &y?, trail)? {
            Ordering::Equal => {}
            other => return Ok(other),
        }
    }
    Ok(Ordering::Equal)
}

fn sorted<'a>(elements: Elements<'a>, in_order: bool, trail: Trail<'_>) -> Result<Elements<'a>> {
    if in_order {
        return Ok(elements);
    }
    let mut all = elements.collect::<Result<Vec<_>>>()?;
    sort(&mut all, |a, b| sides(a, b, trail))?;
    Ok(Box::new(all.into_iter().map(Ok)))
}

/// Maps by their keys from the least, then by the values of those keys.
fn maps((a, a_in_order): (&Side<'_>, bool), (b, b_in_order): (&Side<'_>, bool), trail: Trail<'_>) -> Result<Ordering> {
    let (mut xs, mut ys) = (a.entries()?, b.entries()?);
    for (entries, in_order) in [(&mut xs, a_in_order), (&mut ys, b_in_order)] {
        if !in_order {
            sort(entries, |a, b| sides(&a.0, &b.0, trail))?;
        }
    }
    let pairs = || xs.iter().zip(&ys);
    for (x, y) in pairs().map(|(x, y)| (&x.0, &y.0)).chain(pairs().map(|(x, y)| (&x.1, &y.1))) {
        match sides(x, y, trail)? {
            Ordering::Equal => {}
            other => return Ok(other),
        }
    }
    Ok(Ordering::Equal)
}

/// The order of two stored values, which may be of different domains.
#[inline]
pub(crate) fn views(a: View<'_>, b: View<'_>) -> Result<Ordering> {
    if let (Some(a), Some(b)) = (a.small_int(), b.small_int()) {
        return Ok(a.cmp(&b));
    }
    other_views(a, b)
}

fn other_views(a: View<'_>, b: View<'_>) -> Result<Ordering> {
    if a.word.is_packed() && b.word.is_packed() {
        return Ok(a.word.0.cmp(&b.word.0));
    }
    if let (Some(a), Some(b)) = (text(a.arena, a.word)?, text(b.arena, b.word)?) {
        return Ok(compare_utf16(a.as_bytes(), b.as_bytes()));
    }
    sides(&Side::View(a), &Side::View(b), Trail::START)
}

/// The text of a string.
#[inline]
fn text(arena: &Arena, word: Word) -> Result<Option<Text<'_>>> {
    let Some(off) = word.as_block() else { return Ok(word.as_short_str().map(Text::Inline)) };
    if arena.block_header(off)?.kind() != Some(Kind::Str) {
        return Ok(None);
    }
    Ok(Some(Text::Borrowed(arena.node_of(off, Kind::Str)?.bytes())))
}

/// The order of two values of the host.
pub(crate) fn hosts(a: &Value, b: &Value) -> Result<Ordering> {
    match (a.as_scalar(), b.as_scalar()) {
        (Some(a), Some(b)) => Ok(scalars(&a, &b)),
        _ => sides(&Side::Host(a), &Side::Host(b), Trail::START),
    }
}

/// The order of a value of the host and a stored one.
pub(crate) fn host_and_view(a: &Value, b: View<'_>) -> Result<Ordering> {
    sides(&Side::Host(a), &Side::View(b), Trail::START)
}

fn scalar_place(arena: &Arena, word: Word, key: &Scalar<'_>) -> Result<Ordering> {
    match open(arena, word)? {
        Open::Scalar(scalar) => Ok(scalars(&scalar, key)),
        _ => Ok(Ordering::Greater), // collections come after all scalars
    }
}

/// A key, prepared to be compared with many stored words.
pub(crate) struct Measure<'p, 'k> {
    key: &'p Key<'k>,
    /// If it is an integer that words have room for, or might have.
    int: Option<i64>,
    /// If it is a string that is packed: its word. 0 if not.
    packed: Word,
}

impl<'p, 'k> Measure<'p, 'k> {
    #[inline]
    pub fn new(key: &'p Key<'k>) -> Measure<'p, 'k> {
        let int = match key {
            Key::Scalar(Scalar::Int(i)) => Some(*i),
            Key::View(view) => view.small_int(),
            _ => None,
        };
        let packed = match key {
            Key::Scalar(Scalar::Str(text)) => Word::short_str(text.as_bytes()),
            Key::View(view) => Some(view.word),
            _ => None,
        };
        Measure { key, int, packed: packed.filter(|word| word.is_packed()).unwrap_or(Word(0)) }
    }

    /// Where the stored value `word` is, seen from the key: before it, behind it, or at its place.
    #[inline]
    pub fn place(&self, arena: &Arena, word: Word) -> Result<Ordering> {
        match (self.int, word.as_int()) {
            (Some(key), Some(i)) => Ok(i.cmp(&key)),
            _ if word.is_packed() && self.packed.is_packed() => Ok(word.0.cmp(&self.packed.0)),
            _ => self.other_place(arena, word),
        }
    }

    /// The integer that the key is, if a word holds it.
    #[inline]
    pub fn small_int(&self) -> Option<i64> {
        self.int
    }

    fn other_place(&self, arena: &Arena, word: Word) -> Result<Ordering> {
        match self.key {
            Key::Scalar(Scalar::Str(key)) => match text(arena, word)? {
                Some(stored) => Ok(compare_utf16(stored.as_bytes(), key.as_bytes())),
                None => scalar_place(arena, word, &Scalar::Str(*key)),
            },
            Key::Scalar(key) => scalar_place(arena, word, key),
            Key::View(view) => views(View::new(arena, word), *view),
            Key::Host(host) => Ok(host.compare(View::new(arena, word))?.reverse()),
        }
    }
}
