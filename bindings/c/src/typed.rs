//! Elements of typed arrays and fields of typed objects, in place.

use crate::error::{guard, usage};
use crate::raw;
use eve_core::typed::{ArrayView, Op};
use eve_core::{Error, Result, Snapshot};
use std::time::Duration;

/// What [`eve_array_info`] answers.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct ArrayInfo {
    element: u32,
    bytes: u32,
    length: u64,
    data: *const u8,
}

/// What [`eve_records_info`] answers.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RecordsInfo {
    rows: u64,
    fields: u32,
    one: u32,
    shape: *const u8,
    shape_len: u64,
}

/// The elements of a word: of an array (field 0), or of a field of objects.
///
/// # Safety
/// The handle is live.
unsafe fn elements<'a>(snapshot: *const Snapshot, word: u64, field: u32) -> Result<ArrayView<'a>> {
    // SAFETY: the caller promises a live handle.
    unsafe { raw::handle(snapshot, "the snapshot")? }.column_of(raw::word(word)?, field as usize)
}

/// The bytes of so many elements.
fn size(elements: &ArrayView<'_>, count: u64) -> Result<u64> {
    count.checked_mul(elements.element().bytes()).ok_or_else(|| usage("more elements than memory has room for"))
}

/// Type, number and address of the elements.
///
/// # Safety
/// The handle is live, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_info(snapshot: *const Snapshot, word: u64, field: u32, out: *mut ArrayInfo) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle and room.
        let (elements, out) = unsafe { (elements(snapshot, word, field)?, raw::room(out, 1)?) };
        let element = elements.element();
        out[0] = ArrayInfo {
            element: element.code().into(),
            bytes: element.bytes() as u32,
            length: elements.len(),
            data: elements.address(),
        };
        Ok(0)
    })
}

/// An element.
///
/// # Safety
/// The handle is live, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_get(
    snapshot: *const Snapshot,
    word: u64,
    field: u32,
    index: u64,
    out: *mut u64,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle and room.
        let (elements, out) = unsafe { (elements(snapshot, word, field)?, raw::room(out, 1)?) };
        out[0] = elements.get(index)?;
        Ok(0)
    })
}

/// Sets an element.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_set(snapshot: *const Snapshot, word: u64, field: u32, index: u64, bits: u64) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        unsafe { elements(snapshot, word, field)? }.set(index, bits)?;
        Ok(0)
    })
}

/// One atomic step on an element: 1 if it took place, 0 if a compare-exchange found something else.
///
/// # Safety
/// The handle is live, `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_update(
    snapshot: *const Snapshot,
    word: u64,
    field: u32,
    index: u64,
    op: u32,
    operand: u64,
    expected: u64,
    out: *mut u64,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let elements = unsafe { elements(snapshot, word, field)? };
        let op = Op::from_code(op.into()).ok_or_else(|| usage(&format!("an operation of number {op}")))?;
        let before = elements.update(op, index, operand, expected)?;
        if !out.is_null() {
            // SAFETY: the caller promises that it can be written.
            unsafe { out.write(before) };
        }
        Ok(i64::from(op != Op::CompareExchange || before == elements.element().extend(expected)))
    })
}

/// Copies elements out.
///
/// # Safety
/// The handle is live, `out` has room for `count` elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_read(
    snapshot: *const Snapshot,
    word: u64,
    field: u32,
    first: u64,
    count: u64,
    out: *mut u8,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let elements = unsafe { elements(snapshot, word, field)? };
        // SAFETY: the caller promises so much room.
        elements.read(first, unsafe { raw::room(out, size(&elements, count)?)? })?;
        Ok(0)
    })
}

/// Copies elements in.
///
/// # Safety
/// The handle is live, `count` elements can be read at `from`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_write(
    snapshot: *const Snapshot,
    word: u64,
    field: u32,
    first: u64,
    count: u64,
    from: *const u8,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let elements = unsafe { elements(snapshot, word, field)? };
        // SAFETY: the caller promises so many bytes.
        elements.write(first, unsafe { raw::bytes(from, size(&elements, count)?)? })?;
        Ok(0)
    })
}

/// Sets a range of elements.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_fill(
    snapshot: *const Snapshot,
    word: u64,
    field: u32,
    first: u64,
    count: u64,
    bits: u64,
) -> i64 {
    guard(|| {
        let end = first.checked_add(count).ok_or_else(|| usage("a range without an end"))?;
        // SAFETY: the caller promises a live handle.
        unsafe { elements(snapshot, word, field)? }.fill(first..end, bits)?;
        Ok(0)
    })
}

/// Copies elements of one array to another of the same type, or within one.
///
/// # Safety
/// The handles are live.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments)] // two places and a number
pub unsafe extern "C" fn eve_array_copy(
    to_snapshot: *const Snapshot,
    to_word: u64,
    to_field: u32,
    to: u64,
    from_snapshot: *const Snapshot,
    from_word: u64,
    from_field: u32,
    from: u64,
    count: u64,
) -> i64 {
    guard(|| {
        // SAFETY: the caller promises live handles.
        let (target, source) =
            unsafe { (elements(to_snapshot, to_word, to_field)?, elements(from_snapshot, from_word, from_field)?) };
        target.copy_from(to, &source, from, count)?;
        Ok(0)
    })
}

/// Sleeps until an element is notified: 0; 1 if it is not what is expected, 2 if the time is over. A negative time has no end.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_wait(
    snapshot: *const Snapshot,
    word: u64,
    field: u32,
    index: u64,
    expected: u64,
    milliseconds: i64,
) -> i64 {
    guard(|| {
        let timeout = u64::try_from(milliseconds).ok().map(Duration::from_millis);
        // SAFETY: the caller promises a live handle.
        Ok(unsafe { elements(snapshot, word, field)? }.wait(index, expected, timeout)? as i64)
    })
}

/// Wakes up to `most` that sleep on an element; how many.
///
/// # Safety
/// The handle is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_array_notify(
    snapshot: *const Snapshot,
    word: u64,
    field: u32,
    index: u64,
    most: u32,
) -> i64 {
    // SAFETY: the caller promises a live handle.
    guard(|| Ok(unsafe { elements(snapshot, word, field)? }.notify(index, most)?.into()))
}

/// Rows, number of fields and shape of typed objects.
///
/// # Safety
/// The handle is live, `out` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eve_records_info(snapshot: *const Snapshot, word: u64, out: *mut RecordsInfo) -> i64 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let records = unsafe { raw::handle(snapshot, "the snapshot")? }.view_of(raw::word(word)?).records()?;
        let records = records.ok_or_else(|| Error::value("the value is no typed object and no array of them"))?;
        let shape = records.shape();
        // SAFETY: the caller promises room.
        let out = unsafe { raw::room(out, 1)? };
        out[0] = RecordsInfo {
            rows: records.rows(),
            fields: records.fields() as u32,
            one: records.is_one().into(),
            shape: shape.as_ptr(),
            shape_len: shape.len() as u64,
        };
        Ok(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eve_core::layout::Element;
    use eve_core::value::{Array, Records, Schema, Value};
    use eve_core::{Domain, OpenOptions};

    fn cells() -> (Domain, Snapshot) {
        let domain = OpenOptions::new().reserve(1 << 26).anonymous().unwrap();
        let schema = Schema::new([("n", Element::Int32), ("f", Element::Float64)]).unwrap();
        let value = Value::vector([
            Value::Array(Array::from(vec![1i16, -2, 3])),
            Value::Records(Records::array(&schema, 4).unwrap()),
        ]);
        let snapshot = domain.put("typed", &value).unwrap().load().unwrap();
        (domain, snapshot)
    }

    #[test]
    fn elements_go_through_the_boundary_as_64_bits() {
        let (_domain, snapshot) = cells();
        let word = |i| snapshot.view().nth(i).unwrap().unwrap().word().0;
        let (array, rows) = (word(0), word(1));
        let mut out = 0;
        // SAFETY: the snapshot lives, and every pointer is to a local with the room that the call needs.
        unsafe {
            assert_eq!(eve_array_get(&snapshot, array, 0, 1, &mut out), 0);
            assert_eq!(out as i64, -2);
            assert_eq!(eve_array_update(&snapshot, array, 0, 1, Op::Add as u32, -1i64 as u64, 0, &mut out), 1);
            assert_eq!(out as i64, -2);
            let expected = 0xFFFD; // the low bits are what counts
            assert_eq!(eve_array_update(&snapshot, array, 0, 1, 3, 9, expected, &mut out), 1);
            assert_eq!(eve_array_update(&snapshot, array, 0, 1, 3, 9, expected, &mut out), 0);
            assert_eq!(out, 9);
            assert_eq!(eve_array_set(&snapshot, rows, 1, 3, 1.5f64.to_bits()), 0);
            assert_eq!(eve_array_get(&snapshot, rows, 1, 3, &mut out), 0);
            assert_eq!(f64::from_bits(out), 1.5);
            assert_eq!(
                eve_array_update(&snapshot, rows, 1, 3, Op::Add as u32, 1, 0, &mut out),
                -1,
                "floats do not add"
            );
            assert_eq!(eve_array_get(&snapshot, array, 1, 0, &mut out), -1, "an array has one field");
            assert_eq!(eve_array_get(&snapshot, array, 0, 3, &mut out), -1, "past the end");
            assert_eq!(eve_array_update(&snapshot, array, 0, 0, 9, 0, 0, &mut out), -1, "no such operation");
        }
    }

    #[test]
    fn ranges_and_what_is_told_of_arrays_and_objects() {
        let (_domain, snapshot) = cells();
        let word = |i| snapshot.view().nth(i).unwrap().unwrap().word().0;
        let (array, rows) = (word(0), word(1));
        let mut info = ArrayInfo { element: 0, bytes: 0, length: 0, data: std::ptr::null() };
        let mut objects = RecordsInfo { rows: 0, fields: 0, one: 9, shape: std::ptr::null(), shape_len: 0 };
        let mut bytes = [0u8; 6];
        // SAFETY: the snapshot lives, and every pointer is to a local with the room that the call needs.
        unsafe {
            assert_eq!(eve_array_info(&snapshot, array, 0, &mut info), 0);
            assert_eq!((info.element, info.bytes, info.length), (3, 2, 3));
            assert_eq!(eve_array_read(&snapshot, array, 0, 0, 3, bytes.as_mut_ptr()), 0);
            assert_eq!(bytes, [1, 0, 0xFE, 0xFF, 3, 0]);
            assert_eq!(eve_array_write(&snapshot, array, 0, 1, 2, bytes.as_ptr()), 0);
            assert_eq!(info.data.cast::<i16>().add(1).read(), 1);
            assert_eq!(eve_array_fill(&snapshot, rows, 0, 0, 4, 7), 0);
            assert_eq!(eve_array_copy(&snapshot, rows, 0, 0, &snapshot, rows, 0, 2, 2), 0);
            assert_eq!(eve_array_copy(&snapshot, rows, 0, 0, &snapshot, array, 0, 0, 1), -1, "of another type");
            assert_eq!(eve_array_wait(&snapshot, rows, 0, 0, 8, -1), 1, "it is 7");
            assert_eq!(eve_array_wait(&snapshot, rows, 0, 0, 7, 1), 2, "nobody notifies");
            assert_eq!(eve_array_notify(&snapshot, rows, 0, 0, 5), 0);
            assert_eq!(eve_array_read(&snapshot, array, 0, 0, u64::MAX, bytes.as_mut_ptr()), -1);
            assert_eq!(eve_records_info(&snapshot, rows, &mut objects), 0);
            assert_eq!((objects.rows, objects.fields, objects.one), (4, 2, 0));
            let shape = std::slice::from_raw_parts(objects.shape, objects.shape_len as usize);
            assert_eq!(shape, b"\x02\0\0\0\x01\0\0\0n\x05\x01\0\0\0f\x09");
            assert_eq!(eve_records_info(&snapshot, array, &mut objects), -1);
        }
    }
}
