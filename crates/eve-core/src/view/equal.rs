//! Equality as Clojure's `=` has it: numbers by type and value, sequences by their elements, maps and sets by what is in
//! them; metadata does not count.

use super::key::{Key, Probe, key_hash, speaks_for_itself};
use super::open::{Open, Root, open};
use super::ordered::Tree;
use super::trail::{Trail, Work};
use super::trie::{self, Pairs};
use super::vector::{self, Vector};
use super::{Elements, Type, View, number, ordered};
use crate::deep;
use crate::error::Result;
use crate::layout::Word;
use crate::typed::equal as typed;
use crate::value::Scalar;
use std::ops::ControlFlow;

/// Are these two scalars equal? Every NaN equals every other, so that it is found again where it is a key.
pub(crate) fn scalars(a: &Scalar<'_>, b: &Scalar<'_>) -> bool {
    use Scalar::*;
    match (a, b) {
        (Decimal { scale, unscaled }, Decimal { scale: scale_b, unscaled: unscaled_b }) => {
            number::same_decimal((*scale, unscaled), (*scale_b, unscaled_b))
        }
        (Ratio { numerator, denominator }, Ratio { numerator: numerator_b, denominator: denominator_b }) => {
            number::trim(numerator) == number::trim(numerator_b)
                && number::trim(denominator) == number::trim(denominator_b)
        }
        (Float(a), Float(b)) => a == b || a.is_nan() && b.is_nan(),
        (BigInt(a), BigInt(b)) => number::trim(a) == number::trim(b),
        (BigInt(bytes), Int(i)) | (Int(i), BigInt(bytes)) => number::to_i64(bytes) == Some(*i),
        _ => a == b,
    }
}

/// Are these two values equal?
pub(crate) fn values(a: View<'_>, b: View<'_>, trail: Trail<'_>) -> Result<bool> {
    let same_arena = std::ptr::eq(a.arena, b.arena);
    if same_arena && a.word == b.word {
        return Ok(true);
    }
    if speaks_for_itself(a.word, same_arena) && speaks_for_itself(b.word, same_arena) {
        return Ok(a.word == b.word);
    }
    let trail = match (open(a.arena, a.word)?, open(b.arena, b.word)?) {
        (Open::Scalar(a), Open::Scalar(b)) => return Ok(scalars(&a, &b)),
        (Open::Scalar(_), _) | (_, Open::Scalar(_)) => return Ok(false),
        _ => trail.enter(a.word, b.word)?,
    };
    let here;
    let work = match trail.work() {
        Some(work) => work,
        None => {
            here = Work::default();
            &here
        }
    };
    deep(|| work.equal(a, b, || collections(a, b, trail.with(work))))
}

fn collections(a: View<'_>, b: View<'_>, trail: Trail<'_>) -> Result<bool> {
    match (open(a.arena, a.word)?, open(b.arena, b.word)?) {
        (Open::Map(x), Open::Map(y)) => tries::<2>((a, x), (b, y), trail),
        (Open::Set(x), Open::Set(y)) => tries::<1>((a, x), (b, y), trail),
        (Open::Sorted(x), Open::Sorted(y)) if x.kind == y.kind && std::ptr::eq(a.arena, b.arena) => trees(x, y, trail),
        (Open::Map(_) | Open::Set(_) | Open::Sorted(_), Open::Map(_) | Open::Set(_) | Open::Sorted(_)) => {
            looked_up(a, b, trail)
        }
        (Open::Vector(x), Open::Vector(y)) => vectors(x, y, trail),
        (Open::List(x), Open::List(y)) => lists((a, x), (b, y), trail),
        (Open::Vector(x), Open::List(y)) => {
            Ok(x.count == y.count && sequences(Elements::of_vector(x, 0), Elements::of_list(b.arena, y), trail)?)
        }
        (Open::List(x), Open::Vector(y)) => {
            Ok(x.count == y.count && sequences(Elements::of_list(a.arena, x), Elements::of_vector(y, 0), trail)?)
        }
        (Open::Tagged(tag, value), Open::Tagged(tag_b, value_b)) => {
            Ok(values(View::new(a.arena, tag), View::new(b.arena, tag_b), trail)?
                && values(View::new(a.arena, value), View::new(b.arena, value_b), trail)?)
        }
        (Open::Array(x), Open::Array(y)) => Ok(typed::arrays(x, y)),
        (Open::Records(x), Open::Records(y)) => typed::records(x, y),
        _ => Ok(false),
    }
}

fn sequences(a: Elements<'_>, b: Elements<'_>, trail: Trail<'_>) -> Result<bool> {
    for (x, y) in a.zip(b) {
        if !values(x?, y?, trail)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn vectors(a: Vector<'_>, b: Vector<'_>, trail: Trail<'_>) -> Result<bool> {
    if a.count != b.count {
        return Ok(false);
    }
    let differ = vector::unshared(a, b, |_, xs, ys| {
        for (&x, &y) in xs.iter().zip(ys) {
            if !values(View::new(a.arena, Word(x)), View::new(b.arena, Word(y)), trail)? {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(differ.is_continue())
}

/// Lists often share their ends: from the first shared cell on there is nothing left to compare.
fn lists((a, x): (View<'_>, Root), (b, y): (View<'_>, Root), trail: Trail<'_>) -> Result<bool> {
    if x.count != y.count {
        return Ok(false);
    }
    let same_arena = std::ptr::eq(a.arena, b.arena);
    let (mut xs, mut ys) = (Elements::of_list(a.arena, x), Elements::of_list(b.arena, y));
    loop {
        if same_arena && xs.rest() == ys.rest() {
            return Ok(true);
        }
        let (Some(x), Some(y)) = (xs.next(), ys.next()) else { return Ok(true) };
        if !values(x?, y?, trail)? {
            return Ok(false);
        }
    }
}

/// Maps (`PER` 2) or sets (1). Equal ones of one arena have the same nodes at the same places, so they are compared node by
/// node, and what they share is skipped; of two arenas, each entry of one is looked up in the other.
fn tries<const PER: usize>((a, x): (View<'_>, Root), (b, y): (View<'_>, Root), trail: Trail<'_>) -> Result<bool> {
    if x.count != y.count {
        return Ok(false);
    }
    if x.count == 0 {
        return Ok(true);
    }
    if !std::ptr::eq(a.arena, b.arena) {
        return looked_up(a, b, trail);
    }
    let arena = a.arena;
    let same = |x: u64, y: u64| values(View::new(arena, Word(x)), View::new(arena, Word(y)), trail);
    let mut pairs = Pairs::<PER>::new(arena, x, y);
    while let Some((one, other)) = pairs.next()? {
        if one.bitmap != other.bitmap || one.entries.len() != other.entries.len() {
            return Ok(false);
        }
        let others = other.entries.chunks_exact(PER);
        for (i, entry) in one.entries.chunks_exact(PER).enumerate() {
            // In a collision node any entry may be the one; elsewhere only the one at the same place.
            let candidates =
                if one.is_collision { others.clone() } else { other.entries[i * PER..][..PER].chunks_exact(PER) };
            let mut found = false;
            for candidate in candidates {
                if same(entry[0], candidate[0])? {
                    found = PER == 1 || same(entry[1], candidate[1])?;
                    break;
                }
            }
            if !found {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Ordered trees of one arena and one kind: the entries of both in order, without those in nodes that the two share.
fn trees(x: Tree<'_>, y: Tree<'_>, trail: Trail<'_>) -> Result<bool> {
    let mut equal = x.count == y.count;
    if equal {
        let same = |p: u64, q: u64| values(View::new(x.arena, Word(p)), View::new(x.arena, Word(q)), trail);
        ordered::unshared(x, y, |old, new| {
            equal = match (old, new) {
                (Some(old), Some(new)) => same(old[old.len() - 1], new[new.len() - 1])?,
                _ => false,
            };
            Ok(equal)
        })?;
    }
    Ok(equal)
}

/// Maps, or sets, of any kind and any domain: each entry of one is looked up in the other.
fn looked_up(a: View<'_>, b: View<'_>, trail: Trail<'_>) -> Result<bool> {
    if a.type_of()? != b.type_of()? || a.len()? != b.len()? {
        return Ok(false);
    }
    if a.type_of()? == Type::Set {
        for element in a.elements()? {
            if find(b, element?, trail)?.is_none() {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    for entry in a.entries()? {
        let (key, value) = entry?;
        let Some(found) = find(b, key, trail)? else { return Ok(false) };
        if !values(value, found, trail)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What stands under a key, the same way down.
fn find<'b>(b: View<'b>, key: View<'_>, trail: Trail<'_>) -> Result<Option<View<'b>>> {
    let key = Key::View(key);
    let found = match open(b.arena, b.word)? {
        Open::Map(root) => {
            let hash = key_hash(b.arena, &key)?;
            trie::find::<2>(b.arena, root.off, hash, &Probe::new(b.arena, &key), trail)?.map(|entry| entry[1])
        }
        Open::Set(root) => {
            let hash = key_hash(b.arena, &key)?;
            trie::find::<1>(b.arena, root.off, hash, &Probe::new(b.arena, &key), trail)?.map(|entry| entry[0])
        }
        _ => return b.get(key),
    };
    Ok(found.map(|word| View::new(b.arena, word)))
}
