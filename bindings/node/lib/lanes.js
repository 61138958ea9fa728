"use strict";
// The elements of typed arrays, and of the fields of typed objects, where they lie: one call of the addon each. Which array it is say snapshot and word,
// and the number of the field (0 for arrays); `type` is the code of the elements' type.

const { native } = require("./addon.js");
const { frame, call, reader } = require("./frame.js");
const { TYPES, putBits, bitsAt, bytesOf } = require("./elements.js");
const encode = require("./encode.js");
const read = require("./read.js");

// Operations on an element, see src/typed.rs.
const OPS = { load: 0, store: 1, exchange: 2, compareExchange: 3, add: 4, sub: 5, and: 6, or: 7, xor: 8 };
/** A thread sleeps no longer than so many milliseconds at once. */
const LONGEST_SLEEP = 200;
const WAITED = ["ok", "not-equal", "timed-out"];

function place(snap, low, high, field, index) {
  const head = read.place(snap, low, high);
  head[3] = field;
  head[4] = index;
  return head;
}

/** Does an operation on an element, with numbers that fit the type; what was there before. */
function update(snap, low, high, field, type, index, op, operand, expected) {
  const head = place(snap, low, high, field, index);
  head[5] = op;
  if (operand !== undefined) putBits(head, 6, operand, type);
  if (expected !== undefined) putBits(head, 8, expected, type);
  call(native.arrayUpdate);
  return bitsAt(frame.head, 0, type);
}

/** A copy of `n` elements, as a typed array of JavaScript. */
function copyOf(snap, low, high, field, type, from, n) {
  const made = new TYPES[type].Data(n);
  if (n === 0) return made;
  place(snap, low, high, field, from)[5] = n;
  call(native.arrayRead);
  bytesOf(made).set(reader.bytes.subarray(reader.at, reader.at + made.byteLength));
  return made;
}

/** Writes the elements of a typed array of JavaScript of the same type, from an index on. */
function write(snap, low, high, field, from, data) {
  if (data.length === 0) return;
  encode.raw(bytesOf(data));
  place(snap, low, high, field, from);
  call(native.arrayWrite);
}

/** Sets `n` elements to a number that fits the type. */
function fill(snap, low, high, field, type, from, n, value) {
  const head = place(snap, low, high, field, from);
  head[5] = n;
  putBits(head, 6, value, type);
  call(native.arrayFill);
}

/**
 * Sleeps until somebody notifies the element: "ok", "not-equal" or "timed-out". A negative number of milliseconds is for ever. A thread that is told
 * to end does so in JavaScript, not in the addon: it comes back now and then, lest the process never end.
 */
function wait(snap, low, high, field, index, expected, milliseconds) {
  const until = milliseconds < 0 ? Infinity : performance.now() + milliseconds;
  for (let left = milliseconds, again = false; ; again = true) {
    const head = place(snap, low, high, field, index);
    head[5] = expected;
    head[6] = left < 0 ? LONGEST_SLEEP : Math.min(left, LONGEST_SLEEP);
    call(native.arrayWait);
    const how = WAITED[frame.head[0]];
    // Who changed it while we were awake between two sleeps, and notified nobody, would have woken us.
    if (how !== "timed-out") return again ? "ok" : how;
    if (until === Infinity) continue;
    left = Math.ceil(until - performance.now());
    if (left <= 0) return how;
  }
}

/** Wakes so many that wait for an element; how many it were. A negative number is all. */
function notify(snap, low, high, field, index, most) {
  place(snap, low, high, field, index)[5] = most;
  call(native.arrayNotify);
  return frame.head[0];
}

module.exports = { OPS, update, copyOf, write, fill, wait, notify };
