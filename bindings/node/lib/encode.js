"use strict";
// From values to patches (crates/eve-core/src/face/patch.rs), and which values there are.

const { forget, frame, room } = require("./frame.js");
const { EveError } = require("./error.js");
const { EVE, own } = require("./own.js");
const { isDate, isBytes } = require("./realms.js");
const { Keyword, EveSymbol, Uuid, Decimal, Ratio, Float, Char, Instant, Tagged } = require("./types.js");

/** Bytes of one value; the frame has to have room for them. */
const LONGEST = 0x3fff_ffff;

function int64(value) {
  room(9);
  const { view, at } = frame;
  view.setUint8(at, 3);
  if (value === (value | 0)) {
    view.setInt32(at + 1, value, true);
    view.setInt32(at + 5, value >> 31, true);
  } else {
    view.setBigInt64(at + 1, BigInt(value), true);
  }
  frame.at = at + 9;
}

function float(value) {
  room(9);
  frame.view.setUint8(frame.at, 4);
  frame.view.setFloat64(frame.at + 1, value, true);
  frame.at += 9;
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

function u64(value) {
  u32(value % 0x1_0000_0000);
  u32(Math.floor(value / 0x1_0000_0000));
}

function raw(bytes) {
  room(bytes.length);
  frame.bytes.set(bytes, frame.at);
  frame.at += bytes.length;
}

/** A string under one of the codes for strings and names. */
function text(code, string) {
  const length = string.length;
  room(length * 3 + 5);
  const { bytes, view, at } = frame;
  bytes[at] = code;
  if (length <= 64) {
    let i = 0;
    for (; i < length; i++) {
      const c = string.charCodeAt(i);
      if (c > 127) break;
      bytes[at + 5 + i] = c;
    }
    if (i === length) {
      view.setUint32(at + 1, length, true);
      frame.at = at + 5 + length;
      return;
    }
  }
  if (string.isWellFormed()) {
    const written = bytes.utf8Write(string, at + 5);
    view.setUint32(at + 1, written, true);
    frame.at = at + 5 + written;
  } else {
    bytes[at] = 26;
    view.setUint32(at + 1, length, true);
    bytes.ucs2Write(string, at + 5);
    frame.at = at + 5 + length * 2;
  }
}

/** Two's complement, the lowest byte first. */
function bigBytes(value) {
  let hex = (value < 0n ? ~value : value).toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (parseInt(hex[0], 16) >= 8) hex = `00${hex}`;
  const bytes = Buffer.from(hex, "hex").reverse();
  if (value < 0n) for (let i = 0; i < bytes.length; i++) bytes[i] ^= 0xff;
  return bytes;
}

function sized(bytes) {
  if (bytes.length > LONGEST) {
    forget();
    throw new EveError("value", "more than a gigabyte cannot be stored in one value");
  }
  u32(bytes.length);
  raw(bytes);
}

function bigInt(value) {
  if (BigInt.asIntN(64, value) === value) {
    room(9);
    frame.view.setUint8(frame.at, 3);
    frame.view.setBigInt64(frame.at + 1, value, true);
    frame.at += 9;
  } else {
    u8(9);
    sized(bigBytes(value));
  }
}

function number(value) {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) int64(value);
  else float(value);
}

/** Writes a scalar; false if it is none. */
function scalar(value) {
  switch (typeof value) {
    case "string":
      text(6, value);
      return true;
    case "number":
      number(value);
      return true;
    case "boolean":
      u8(value ? 2 : 1);
      return true;
    case "bigint":
      bigInt(value);
      return true;
    case "undefined":
      u8(0);
      return true;
    case "object":
      if (value === null) u8(0);
      else return value[EVE] !== true && scalarObject(value);
      return true;
    default:
      return false;
  }
}

function scalarObject(value) {
  if (value instanceof Keyword) text(7, value.text);
  else if (value instanceof EveSymbol) text(8, value.text);
  else if (value instanceof Uuid) {
    u8(12);
    raw(value.bytes);
  } else if (value instanceof Decimal) {
    u8(10);
    u32(value.scale >>> 0);
    sized(bigBytes(value.unscaled));
  } else if (value instanceof Ratio) {
    if (value.denominator === 1n) bigInt(value.numerator);
    else {
      u8(11);
      sized(bigBytes(value.numerator));
      sized(bigBytes(value.denominator));
    }
  } else if (value instanceof Float) float(value.value);
  else if (value instanceof Char) {
    u8(5);
    u32(value.text.codePointAt(0));
  } else if (value instanceof Date || isDate(value)) instant(value);
  else if (isBytes(value)) {
    u8(14);
    sized(value);
  } else return false;
  return true;
}

function instant(date) {
  const time = date.getTime();
  if (Number.isNaN(time)) throw new EveError("value", "an invalid date cannot be stored");
  const seconds = Math.floor(time / 1000);
  room(13);
  frame.view.setUint8(frame.at, 13);
  frame.view.setBigInt64(frame.at + 1, BigInt(seconds), true);
  frame.view.setUint32(frame.at + 9, Math.round((time - seconds * 1000) * 1e6) + (date instanceof Instant ? date.nanos : 0), true);
  frame.at += 13;
}

/** What a collection hands to `value` between values. */
class Raw {
  constructor(write) {
    this.write = write;
  }
}
const SET_TO = new Raw(() => u8(1));
const TAKEN_OUT = new Raw(() => u8(0));

/** Hands on the next value or `Raw` of a collection: it is written at once, unless something is waiting before it. */
function next(out, item) {
  if (out.length === 0) {
    if (item instanceof Raw) return item.write();
    if (scalar(item)) return undefined;
  }
  return out.push(item);
}

/**
 * Writes a value. A collection is asked by `write(out)` to write its head, and to hand what follows to `next`: values, and
 * `Raw`s for what is none. However deep values are, the stack is not used.
 */
function value(root) {
  try {
    if (!scalar(root)) collection(root);
  } catch (error) {
    forget();
    throw error;
  }
}

function collection(root) {
  let line = [];
  head(root, line);
  let at = 0;
  const waiting = [];
  for (;;) {
    if (at === line.length) {
      const last = waiting.pop();
      if (last === undefined) return;
      ({ line, at } = last);
      continue;
    }
    const item = line[at++];
    if (item instanceof Raw) item.write();
    else if (!scalar(item)) {
      waiting.push({ line, at });
      line = [];
      at = 0;
      head(item, line);
    }
  }
}

function head(value, out) {
  if (value[EVE] === true) value.write(out);
  else if (value instanceof Tagged) {
    text(19, value.tag);
    out.push(own(value.value));
  } else own(value).write(out);
}

/** The view (or the base of an edit): snapshot and word. */
function place(snap, low, high) {
  placeAt(snap.number(), low, high);
}

/** The base of an edit: what lies where the edit is going to be. */
function inPlace() {
  u32(0xffff_ffff);
  u32(0xffff_ffff);
  u64(0);
}

/** The view: number of the snapshot, and word. */
function placeAt(number, low, high) {
  room(16);
  const { view, at } = frame;
  view.setUint32(at, number, true);
  view.setUint32(at + 4, 0, true);
  view.setInt32(at + 8, low, true);
  view.setInt32(at + 12, high, true);
  frame.at = at + 16;
}

module.exports = { value, scalar, next, text, float, raw, u8, u32, u64, place, placeAt, inPlace, Raw, SET_TO, TAKEN_OUT };
