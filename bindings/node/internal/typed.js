"use strict";
// Typed arrays and objects for faces of other languages: elements in place, and patches of new ones. Elements are those of an array, or
// of one field of typed objects; `type` is the number of their type.

const { native } = require("../lib/addon.js");
const { frame, call, reader, room } = require("../lib/frame.js");
const { TYPES, number, putBits, bitsAt } = require("../lib/elements.js");
// What is typed in a text of EDN is made by it.
require("../lib/collections.js");

const ARRAY = 30;
const RECORDS = 31;
const UINT8 = 1;

/** By the number of the type. */
const names = TYPES.map(({ name }) => name);

/** The number of the type of a typed array of JavaScript, or -1. `Uint8Array` is not asked for here: it is bytes. */
const typeOf = (array) => TYPES.findIndex(({ Data }, i) => i !== UINT8 && array instanceof Data);

/** An element as it is shown: a BigInt only if it has to be one. */
const shown = (type, element) => TYPES[type].shown(element);

function place(snap, low, high, field, index) {
  const { head } = frame;
  head[0] = snap.number();
  head[1] = low;
  head[2] = high;
  head[3] = field;
  head[4] = index;
}

/** Does one of load, store, exchange, compare-exchange, add, sub, and, or, xor (0 to 8) on an element; what was there before. */
function update(snap, low, high, field, type, index, op, operand, expected) {
  place(snap, low, high, field, index);
  frame.head[5] = op;
  putBits(frame.head, 6, number(operand, type), type);
  putBits(frame.head, 8, number(expected, type), type);
  call(native.arrayUpdate);
  return bitsAt(frame.head, 0, type);
}

/** A copy of `n` elements, as a typed array of JavaScript. */
function copyOf(snap, low, high, field, type, from, n) {
  place(snap, low, high, field, from);
  frame.head[5] = n;
  call(native.arrayRead);
  const { Data } = TYPES[type];
  const bytes = new Uint8Array(n * Data.BYTES_PER_ELEMENT);
  bytes.set(reader.bytes.subarray(reader.at, reader.at + bytes.length));
  return new Data(bytes.buffer);
}

/** Writes elements from an index on. */
function write(snap, low, high, field, from, elements) {
  raw(elements);
  place(snap, low, high, field, from);
  call(native.arrayWrite);
}

function fill(snap, low, high, field, type, from, n, value) {
  place(snap, low, high, field, from);
  frame.head[5] = n;
  putBits(frame.head, 6, number(value, type), type);
  call(native.arrayFill);
}

/** Waits until somebody notifies: "ok", "not-equal" or "timed-out". A negative number of milliseconds is for ever. */
function wait(snap, low, high, field, index, expected, milliseconds) {
  place(snap, low, high, field, index);
  frame.head[5] = expected;
  frame.head[6] = milliseconds;
  call(native.arrayWait);
  return ["ok", "not-equal", "timed-out"][frame.head[0]];
}

/** Wakes so many that wait; how many it were. A negative number is all. */
function notify(snap, low, high, field, index, most) {
  place(snap, low, high, field, index);
  frame.head[5] = most;
  call(native.arrayNotify);
  return frame.head[0];
}

/** The fields of typed objects, in their order: names and numbers of types. */
function shape(snap, low, high) {
  place(snap, low, high, 0, 0);
  call(native.recordsInfo);
  const fields = [];
  let at = reader.at + 4;
  for (let left = reader.view.getUint32(reader.at, true); left > 0; left--) {
    const length = reader.view.getUint32(at, true);
    fields.push({ name: reader.bytes.utf8Slice(at + 4, at + 4 + length), type: reader.bytes[at + 4 + length] });
    at += 5 + length;
  }
  return fields;
}

function raw(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  room(bytes.length);
  frame.bytes.set(bytes, frame.at);
  frame.at += bytes.length;
}

function u8(value) {
  room(1);
  frame.bytes[frame.at++] = value;
}

function u32(value) {
  room(4);
  frame.view.setUint32(frame.at, value, true);
  frame.at += 4;
}

/** Writes the patch of a new array with the elements of a typed array of JavaScript. */
function newArray(type, elements) {
  u8(ARRAY);
  u8(type);
  u32(elements.length);
  raw(elements);
}

/** Writes the patch of one new object or of an array of them: fields with `name`, `type` and `column`, a typed array with the value of each row. */
function newRecords(isArray, rows, fields) {
  u8(RECORDS);
  u8(isArray ? 1 : 0);
  u32(fields.length);
  for (const { name, type } of fields) {
    const bytes = Buffer.from(name, "utf8");
    u32(bytes.length);
    raw(bytes);
    u8(type);
  }
  u32(rows);
  for (const { column } of fields) raw(column);
}

/** A typed array of JavaScript for so many elements, or of the elements of an array. */
function elements(type, of) {
  const { Data, stored } = TYPES[type];
  if (typeof of === "number") return new Data(of);
  const made = new Data(of.length);
  for (const [i, element] of of.entries()) made[i] = stored(number(element, type));
  return made;
}

/** What `newArray` or `newRecords` takes, of a typed array or typed objects of this package that are not stored. */
function parts(value) {
  if (value.kind === ARRAY) return [value.code, value.data];
  const { columns } = value;
  const fields = [...columns.shape].map(([name, { index, type }]) => ({ name, type, column: columns.data[index] }));
  return [!columns.one, columns.rows, fields];
}

module.exports = { names, parts, typeOf, shown, update, copyOf, write, fill, wait, notify, shape, newArray, newRecords, elements };
