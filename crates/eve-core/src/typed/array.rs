//! The elements of an array, or of one field of all rows of an array of objects.

use super::number::{self, Integer, Number};
use crate::arena::lanes::{self, Lane, each_width};
use crate::arena::{Arena, Node};
use crate::error::{Error, Quick, Result};
use crate::layout::block::Kind;
use crate::layout::slot::{CLASS_BYTES, PageState, page_off};
use crate::layout::{Element, Off, PAGE, PAGE_HEADER};
use crate::sync::{Relaxed, SeqCst};
use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

/// What is done to an element. The numbers are part of the C interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Op {
    /// It is read.
    Load = 0,
    /// It is written.
    Store = 1,
    /// It is written.
    Exchange = 2,
    /// It is written if it was what is expected.
    CompareExchange = 3,
    /// The operand is added; what does not fit wraps around, but clamped elements stop at their ends.
    Add = 4,
    /// The operand is taken off, likewise.
    Sub = 5,
    /// Bits that are not set in the operand are cleared.
    And = 6,
    /// Bits that are set in the operand are set.
    Or = 7,
    /// Bits that are set in the operand are turned.
    Xor = 8,
}

impl Op {
    /// The one with this number.
    pub fn from_code(code: u64) -> Option<Op> {
        use Op::*;
        [Load, Store, Exchange, CompareExchange, Add, Sub, And, Or, Xor].get(usize::try_from(code).ok()?).copied()
    }
}

/// How waiting ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waited {
    /// Somebody notified. It may also happen for no reason.
    Notified = 0,
    /// The element was not what it was expected to be.
    NotEqual = 1,
    /// The time was over.
    TimedOut = 2,
}

/// The elements of a stored array, or of one field of all rows of an array of objects. Good for as long as the snapshot that it
/// was read in is held. Elements are handed around as 64 bits ([`Element::extend`]) or as Rust numbers.
#[derive(Clone, Copy)]
pub struct ArrayView<'a> {
    arena: &'a Arena,
    at: Off,
    element: Element,
    len: u64,
}

impl<'a> ArrayView<'a> {
    /// Over elements that were checked to be inside their block.
    pub(crate) fn over(arena: &'a Arena, at: Off, element: Element, len: u64) -> ArrayView<'a> {
        ArrayView { arena, at, element, len }
    }
    /// Of a block.
    pub(crate) fn of(arena: &'a Arena, node: &Node<'a>) -> Quick<ArrayView<'a>> {
        let element = Element::from_code(node.words[0]).filter(|_| node.kind == Kind::Array);
        let element = element.ok_or_else(|| Error::corrupt(node.off, "a typed array"))?;
        inside(arena, node)?;
        Ok(ArrayView { arena, at: node.off.at(1 + node.shape.meta), element, len: node.words[1] })
    }
    /// Where the elements begin.
    pub(crate) fn at(&self) -> Off {
        self.at
    }
    /// Are they the very same elements?
    pub fn is_same(&self, other: &ArrayView<'_>) -> bool {
        std::ptr::eq(self.arena, other.arena) && self.at == other.at && self.len == other.len
    }
    /// The type of the elements.
    pub fn element(&self) -> Element {
        self.element
    }
    /// How many.
    pub fn len(&self) -> u64 {
        self.len
    }
    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// The address of the first in the mapped memory: for faces that reach elements themselves. They must do so with atomics of the
    /// elements' width.
    pub fn address(&self) -> *const u8 {
        self.arena.region().base().wrapping_add(self.at.0 as usize).cast_const()
    }

    fn place(&self, index: u64) -> Result<Off> {
        if index < self.len {
            return Ok(self.at.plus(index * self.element.bytes()));
        }
        Err(past(index, self.len))
    }
    fn range(&self, first: u64, n: u64) -> Result<Off> {
        if first <= self.len && n <= self.len - first {
            return Ok(self.at.plus(first * self.element.bytes()));
        }
        Err(past(first.saturating_add(n).saturating_sub(1).max(first), self.len))
    }
    fn writable(&self) -> Result<()> {
        let region = self.arena.region();
        if !region.writable() {
            return Err(Error::ReadOnly { path: region.path().to_owned() });
        }
        if region.forked() { Err(Error::Forked) } else { Ok(()) }
    }

    /// Does something to an element, as one atomic step; gives what was there before. Only integers can be added to and combined bit
    /// by bit; floats are exchanged and compared by their bits. An error past the end, and for a change in a domain that was
    /// opened read-only.
    #[inline]
    pub fn update(&self, op: Op, index: u64, operand: u64, expected: u64) -> Result<u64> {
        let (place, element) = (self.place(index)?, self.element);
        if op == Op::Load {
            return self.get(index);
        }
        self.writable()?;
        let is_sum = matches!(op, Op::Add | Op::Sub);
        if (is_sum || matches!(op, Op::And | Op::Or | Op::Xor)) && !element.is_integer() {
            return Err(Error::value(format!("{} can be neither added to nor combined bit by bit", element.name())));
        }
        if is_sum && element == Element::Uint8Clamped {
            return Ok(clamped_sum(self.arena, place, op, operand as i64));
        }
        let before = each_width!(element.bytes(), L => {
            let lane = L::at(self.arena, place);
            match op {
                Op::Load => lane.get(SeqCst), // as for every single access, see `Lane`
                Op::Store | Op::Exchange => lane.replace(operand),
                Op::CompareExchange => {
                    let narrow = u64::MAX >> (64 - 8 * element.bytes());
                    lane.exchange(expected & narrow, operand)
                }
                Op::Add => lane.add(operand),
                Op::Sub => lane.sub(operand),
                Op::And => lane.and(operand),
                Op::Or => lane.or(operand),
                Op::Xor => lane.xor(operand),
            }
        });
        Ok(element.extend(before))
    }
    /// An element.
    #[inline]
    pub fn get(&self, index: u64) -> Result<u64> {
        let place = self.place(index)?;
        // SeqCst: as for every single access, see `Lane`.
        Ok(self.element.extend(each_width!(self.element.bytes(), L => L::at(self.arena, place).get(SeqCst))))
    }
    /// Sets an element.
    #[inline]
    pub fn set(&self, index: u64, bits: u64) -> Result<()> {
        let place = self.place(index)?;
        self.writable()?;
        each_width!(self.element.bytes(), L => L::at(self.arena, place).put(bits, SeqCst)); // likewise
        Ok(())
    }

    /// An element, as the Rust type that it has. An error for another type, and past the end.
    #[inline]
    pub fn load<T: Number>(&self, index: u64) -> Result<T> {
        number::same(self.element, T::ELEMENT)?;
        Ok(T::from_bits(self.get(index)?))
    }
    /// Sets an element.
    #[inline]
    pub fn store<T: Number>(&self, index: u64, to: T) -> Result<()> {
        number::same(self.element, T::ELEMENT)?;
        self.set(index, to.to_bits())
    }
    #[inline]
    fn change<T: Number>(&self, op: Op, index: u64, operand: T, expected: u64) -> Result<T> {
        number::same(self.element, T::ELEMENT)?;
        Ok(T::from_bits(self.update(op, index, operand.to_bits(), expected)?))
    }
    /// Sets an element and gives what it was.
    pub fn swap<T: Number>(&self, index: u64, to: T) -> Result<T> {
        self.change(Op::Exchange, index, to, 0)
    }
    /// Sets an element if it is `expected` (floats: bit by bit). `Ok` in the `Ok` if it was set, else what it is.
    pub fn compare_exchange<T: Number>(&self, index: u64, expected: T, to: T) -> Result<std::result::Result<T, T>> {
        let found = self.change(Op::CompareExchange, index, to, expected.to_bits())?;
        Ok(if found.to_bits() == expected.to_bits() { Ok(found) } else { Err(found) })
    }
    /// Adds to an element and gives what it was. Wraps around; clamped elements stop at 0 and 255.
    pub fn fetch_add<T: Integer>(&self, index: u64, by: T) -> Result<T> {
        self.change(Op::Add, index, by, 0)
    }
    /// Takes off from an element and gives what it was.
    pub fn fetch_sub<T: Integer>(&self, index: u64, by: T) -> Result<T> {
        self.change(Op::Sub, index, by, 0)
    }
    /// Keeps the bits of an element that are set in `mask`; gives what it was.
    pub fn fetch_and<T: Integer>(&self, index: u64, mask: T) -> Result<T> {
        self.change(Op::And, index, mask, 0)
    }
    /// Sets the bits of `mask`; gives what the element was.
    pub fn fetch_or<T: Integer>(&self, index: u64, mask: T) -> Result<T> {
        self.change(Op::Or, index, mask, 0)
    }
    /// Turns the bits of `mask`; gives what the element was.
    pub fn fetch_xor<T: Integer>(&self, index: u64, mask: T) -> Result<T> {
        self.change(Op::Xor, index, mask, 0)
    }

    /// Copies elements from `first` on into `out`, little-endian. Each is as it is at its moment: not one state of the whole. An
    /// error past the end, and if `out` does not have room for whole elements.
    pub fn read(&self, first: u64, out: &mut [u8]) -> Result<()> {
        let place = self.range(first, self.whole(out.len())?)?;
        let bytes = self.element.bytes();
        each_width!(bytes, L => lanes::read::<L<'_>>(self.arena, place, bytes as usize, out));
        Ok(())
    }
    /// Copies elements into the array from `first` on, likewise.
    pub fn write(&self, first: u64, from: &[u8]) -> Result<()> {
        let place = self.range(first, self.whole(from.len())?)?;
        self.writable()?;
        let bytes = self.element.bytes();
        each_width!(bytes, L => lanes::write::<L<'_>>(self.arena, place, bytes as usize, from));
        Ok(())
    }
    fn whole(&self, bytes: usize) -> Result<u64> {
        if !(bytes as u64).is_multiple_of(self.element.bytes()) {
            return Err(Error::value(format!("{bytes} bytes are not a whole number of {}", self.element.name())));
        }
        Ok(bytes as u64 / self.element.bytes())
    }
    /// Sets the elements of a range, one after another.
    pub fn fill(&self, range: Range<u64>, bits: u64) -> Result<()> {
        let n = range.end.saturating_sub(range.start);
        let place = self.range(range.start, n)?;
        self.writable()?;
        let bytes = self.element.bytes();
        each_width!(bytes, L => {
            for i in 0..n {
                L::at(self.arena, place.plus(i * bytes)).put(bits, Relaxed); // as in `lanes::write`
            }
        });
        Ok(())
    }
    /// Copies `n` elements of an array of the same type, from its `first` on, to `to` on here. They may overlap.
    pub fn copy_from(&self, to: u64, from: &ArrayView<'_>, first: u64, n: u64) -> Result<()> {
        number::same(self.element, from.element).or_else(|_| number::same(from.element, self.element))?;
        from.range(first, n)?;
        self.range(to, n)?;
        self.writable()?;
        const AT_ONCE: u64 = 4096;
        let bytes = self.element.bytes();
        let mut buffer = [0; (AT_ONCE * 8) as usize];
        let backward = to > first; // so that what overlaps is read before it is written
        let mut done = 0;
        while done < n {
            let now = AT_ONCE.min(n - done);
            let at = if backward { n - done - now } else { done };
            let buffer = &mut buffer[..(now * bytes) as usize];
            from.read(first + at, buffer)?;
            self.write(to + at, buffer)?;
            done += now;
        }
        Ok(())
    }
    /// All of it, as the Rust type that it has.
    pub fn to_vec<T: Number>(&self) -> Result<Vec<T>> {
        number::same(self.element, T::ELEMENT)?;
        (0..self.len).map(|i| self.get(i).map(T::from_bits)).collect()
    }

    /// Sleeps until somebody [notifies](ArrayView::notify) this element, in any process, or the time is over; returns at once if the
    /// element is not `expected`. Elements of 32 bits only (`int32`, `uint32`).
    pub fn wait(&self, index: u64, expected: u64, timeout: Option<Duration>) -> Result<Waited> {
        let place = self.sleeping_place(index)?;
        let until = timeout.and_then(|t| Instant::now().checked_add(t));
        if self.get(index)? as u32 != expected as u32 {
            return Ok(Waited::NotEqual);
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_none_or(|left| !left.is_zero()) {
            self.arena.region().wait(place, expected as u32, left);
        }
        let over = until.is_some_and(|until| Instant::now() >= until);
        Ok(if over { Waited::TimedOut } else { Waited::Notified })
    }
    /// Wakes up to `most` of those who wait for this element; how many.
    pub fn notify(&self, index: u64, most: u32) -> Result<u32> {
        Ok(self.arena.region().wake(self.sleeping_place(index)?, most))
    }
    fn sleeping_place(&self, index: u64) -> Result<Off> {
        if !matches!(self.element, Element::Int32 | Element::Uint32) {
            let name = self.element.name();
            return Err(Error::value(format!("one can wait for elements of int32 and uint32, not of {name}")));
        }
        self.place(index)
    }
}

impl fmt::Debug for ArrayView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {} at {:#x}", self.len, self.element.name(), self.at.0)
    }
}

pub(super) fn past(index: u64, len: u64) -> Error {
    Error::value(format!("index {index} is past the end of an array of {len}"))
}

/// Adds to a clamped byte: not what one instruction does.
fn clamped_sum(arena: &Arena, place: Off, op: Op, by: i64) -> u64 {
    let by = by.clamp(-256, 256) * if op == Op::Sub { -1 } else { 1 };
    let lane = lanes::One::at(arena, place);
    let mut old = lane.get(SeqCst); // as for every single access, see `Lane`
    loop {
        let found = lane.exchange(old, (old as i64 + by).clamp(0, 255) as u64);
        if found == old {
            return old;
        }
        old = found;
    }
}

/// Has the block of this node the room that the node says? What is written in place must not reach into another block.
pub(super) fn inside(arena: &Arena, node: &Node<'_>) -> Quick<()> {
    let page = node.off.0 / PAGE;
    arena.check(page_off(page), 8)?;
    let state = arena.word(page_off(page)).load(Relaxed); // a page keeps its class while a block of it is in use
    let room = match PageState::class(state) {
        Some(class) => CLASS_BYTES[class] as u64,
        None => match PageState::from_word(state) {
            Some(PageState::Large(pages)) if node.off.0 % PAGE == PAGE_HEADER => {
                pages.saturating_mul(PAGE).saturating_sub(PAGE_HEADER)
            }
            _ => 0,
        },
    };
    if 8 + node.shape.words * 8 <= room {
        return Ok(());
    }
    Err(Error::corrupt(node.off, "typed elements that their block has room for"))
}
