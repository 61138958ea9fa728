//! Elements of typed arrays and fields of typed objects, in place. Where a call takes elements, its head begins with snapshot, word
//! and number of the field (0 for an array). Elements are two numbers, the low one first: integers extended to 64 bits, floats as
//! their IEEE bits.

use crate::state::State;
use eve_core::layout::Word;
use eve_core::typed::{ArrayView, Op};
use eve_core::{Error, Result, Snapshot};
use std::time::Duration;

/// The snapshot, word and field that stand in the head from number `at` on.
fn place(state: &State, at: usize) -> Result<(Snapshot, Word, usize)> {
    let held = state.snapshot(state.frame.index(at))?;
    Ok((held.snapshot.clone(), Word(state.frame.long(at + 1)), state.frame.index(at + 3)))
}

/// With the elements of the call.
fn with<R>(state: &mut State, f: impl FnOnce(ArrayView<'_>, &mut State) -> Result<R>) -> Result<R> {
    let (snapshot, word, field) = place(state, 0)?;
    f(snapshot.column_of(word, field)?, state)
}

/// Elements, index, operation ([`Op`]), operand (2 numbers), expected (2 numbers). → what was there before (2 numbers).
pub fn update(state: &mut State) -> Result<()> {
    with(state, |elements, state| {
        let op = Op::from_code(state.frame.index(5) as u64);
        let op = op.ok_or_else(|| Error::value("there is no such operation on an element"))?;
        let (index, operand, expected) = (index(state, 4)?, state.frame.long(6), state.frame.long(8));
        let before = elements.update(op, index, operand, expected)?;
        state.frame.set_arg(0, before as i32);
        state.frame.set_arg(1, (before >> 32) as i32);
        Ok(())
    })
}

/// Elements, first index, how many. → the bytes of the elements.
pub fn read(state: &mut State) -> Result<()> {
    with(state, |elements, state| {
        let (first, n) = (index(state, 4)?, index(state, 5)?);
        state.frame.out.resize((n * elements.element().bytes()) as usize, 0);
        elements.read(first, &mut state.frame.out)
    })
}

/// Elements, first index; bytes of the new elements.
pub fn write(state: &mut State) -> Result<()> {
    with(state, |elements, state| elements.write(index(state, 4)?, state.frame.input()))
}

/// Elements, first index, how many, new element (2 numbers).
pub fn fill(state: &mut State) -> Result<()> {
    with(state, |elements, state| {
        let (first, n) = (index(state, 4)?, index(state, 5)?);
        elements.fill(first..first + n, state.frame.long(6))
    })
}

/// Elements, first index to write; elements (numbers 5 to 8), first index to read (9), how many (10).
pub fn copy(state: &mut State) -> Result<()> {
    with(state, |to, state| {
        let (snapshot, word, field) = place(state, 5)?;
        let from = snapshot.column_of(word, field)?;
        to.copy_from(index(state, 4)?, &from, index(state, 9)?, index(state, 10)?)
    })
}

/// Elements. → their type, how many.
pub fn info(state: &mut State) -> Result<()> {
    with(state, |elements, state| {
        state.frame.set_arg(0, elements.element().code().into());
        state.frame.set_arg(1, elements.len() as i32);
        Ok(())
    })
}

/// Elements, index, expected, milliseconds or a negative number for no end. → 0 notified, 1 not equal, 2 the time was over.
pub fn wait(state: &mut State) -> Result<()> {
    with(state, |elements, state| {
        let (index, expected) = (index(state, 4)?, state.frame.arg(5));
        let timeout = u64::try_from(state.frame.arg(6)).ok().map(Duration::from_millis);
        let waited = elements.wait(index, expected as u32 as u64, timeout)?;
        state.frame.set_arg(0, waited as i32);
        Ok(())
    })
}

/// Elements, index, how many waiters at most. → how many were woken.
pub fn notify(state: &mut State) -> Result<()> {
    with(state, |elements, state| {
        let most = u32::try_from(state.frame.arg(5)).unwrap_or(u32::MAX);
        let woken = elements.notify(index(state, 4)?, most)?;
        state.frame.set_arg(0, woken as i32);
        Ok(())
    })
}

/// Snapshot, word of typed objects. → 0 one object or 1 an array of them, how many; their shape (`eve_core::layout::schema`).
pub fn records(state: &mut State) -> Result<()> {
    let (snapshot, word, _) = place(state, 0)?;
    let records = snapshot.view_of(word).records()?;
    let records = records.ok_or_else(|| Error::value("this value is no typed object and no array of them"))?;
    state.frame.out.extend_from_slice(records.shape());
    state.frame.set_arg(0, i32::from(!records.is_one()));
    state.frame.set_arg(1, records.rows() as i32);
    Ok(())
}

/// A number of the head that counts elements.
fn index(state: &State, at: usize) -> Result<u64> {
    u64::try_from(state.frame.arg(at)).map_err(|_| Error::value("a negative index or number of elements"))
}
