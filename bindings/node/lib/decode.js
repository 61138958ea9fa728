"use strict";
// From the addon's bytes (src/encode.rs) to values.

const { reader, text } = require("./frame.js");
const { EveError } = require("./error.js");
const { Uuid, Decimal, Ratio, Float, Char, Instant, Tagged, kw, sym } = require("./types.js");

/**
 * What values become in JavaScript. Another language on this package (see ../internal) has a table of its own, which its snapshots
 * carry: names and the rest are made from what is given here, views by `makers`, which are filled in by collections.js.
 */
const js = {
  makers: { 15: null, 16: null, 17: null, 18: null, 30: null, 31: null, array: null, records: null },
  names: [],
  keyword: kw,
  symbol: sym,
  uuid: (bytes) => new Uuid(bytes),
  tagged: (tag, value) => new Tagged(tag, value),
};
const { makers } = js;

const SHORT = 16;

/** Are whole doubles and characters told from integers and strings, and instants from dates? See `exactly`. */
let exact = false;

function ascii() {
  const { bytes, view } = reader;
  const length = view.getUint32(reader.at, true);
  const start = reader.at + 4;
  const end = start + length;
  reader.at = end;
  if (length > SHORT) return bytes.latin1Slice(start, end);
  let made = "";
  for (let i = start; i < end; i++) made += String.fromCharCode(bytes[i]);
  return made;
}

function slice() {
  const length = reader.view.getUint32(reader.at, true);
  const start = reader.at + 4;
  reader.at = start + length;
  return reader.bytes.subarray(start, start + length);
}

function bigInt() {
  const bytes = slice();
  let value = 0n;
  let i = bytes.length;
  // From the top, whole words where there are such.
  while (i % 8 !== 0) value = (value << 8n) | BigInt(bytes[--i]);
  while (i > 0) {
    i -= 8;
    value = (value << 64n) | bytes.readBigUInt64LE(i);
  }
  return BigInt.asIntN(bytes.length * 8, value);
}

// Keywords and symbols by word: those in use are found without looking at their text.
const NAMES = 1024;
/** The domain of those that have no word. */
const NOWHERE = -1;

function name(names, make) {
  if (names.length === 0) for (let i = 0; i < NAMES; i++) names.push(null);
  const { view } = reader;
  const domain = view.getInt32(reader.at, true);
  const low = view.getInt32(reader.at + 4, true);
  const high = view.getInt32(reader.at + 8, true);
  const slot = (Math.imul(low ^ (high << 3) ^ (high >>> 11), 0x9e3779b1) >>> 22) % NAMES;
  reader.at += 12;
  if (domain === NOWHERE) return make(text());
  const known = names[slot];
  if (known !== null && known.low === low && known.high === high && known.domain === domain) {
    reader.at += 4 + view.getUint32(reader.at, true);
    return known.name;
  }
  const made = make(text());
  names[slot] = { low, high, domain, name: made };
  return made;
}

function instant() {
  const seconds = Number(reader.view.getBigInt64(reader.at, true));
  const nanos = reader.view.getUint32(reader.at + 8, true);
  reader.at += 12;
  const time = seconds * 1000 + Math.floor(nanos / 1e6);
  return exact && nanos % 1e6 !== 0 ? new Instant(time, nanos % 1e6) : new Date(time);
}

/** The next value; collections are views in `snap`. */
function value(snap) {
  const { bytes, view } = reader;
  const at = reader.at + 1;
  reader.at = at;
  switch (bytes[at - 1]) {
    case 40:
      reader.at = at + 4;
      return view.getInt32(at, true);
    case 42:
      return ascii();
    case 21: {
      const kind = bytes[at];
      snap.viewed = true;
      reader.at = at + 18;
      const count = view.getFloat64(at + 9, true);
      return snap.host.makers[kind](snap, view.getInt32(at + 1, true), view.getInt32(at + 5, true), count, bytes[at + 17]);
    }
    case 0:
      return null;
    case 1:
      return false;
    case 2:
      return true;
    case 3:
      reader.at = at + 8;
      return view.getBigInt64(at, true);
    case 4: {
      reader.at = at + 8;
      const double = view.getFloat64(at, true);
      return exact && Number.isSafeInteger(double) ? new Float(double) : double;
    }
    case 41:
      reader.at = at + 8;
      return view.getFloat64(at, true);
    case 5: {
      reader.at = at + 4;
      const c = view.getUint32(at, true);
      const char = c < 0x10000 ? String.fromCharCode(c) : String.fromCodePoint(c);
      return exact ? new Char(char) : char;
    }
    case 6:
      return text();
    case 7: {
      const { names, keyword } = snap === null ? js : snap.host;
      return name(names, keyword);
    }
    case 8: {
      const { names, symbol } = snap === null ? js : snap.host;
      return name(names, symbol);
    }
    case 9:
      return bigInt();
    case 10: {
      const scale = view.getInt32(at, true);
      reader.at = at + 4;
      return new Decimal(bigInt(), scale);
    }
    case 11: {
      const numerator = bigInt();
      return new Ratio(numerator, bigInt());
    }
    case 12:
      reader.at = at + 16;
      return (snap === null ? js : snap.host).uuid(bytes.subarray(at, at + 16));
    case 13:
      return instant();
    case 14:
      return new Uint8Array(slice());
    case 19: {
      const tag = text();
      return (snap === null ? js : snap.host).tagged(tag, value(snap));
    }
    case 26: {
      const length = view.getUint32(at, true) * 2;
      reader.at = at + 4 + length;
      return bytes.ucs2Slice(at + 4, at + 4 + length);
    }
    case 30:
      return makers.array();
    case 31:
      return makers.records();
    default:
      throw new EveError("defect", `unknown code ${bytes[at - 1]} from the addon`);
  }
}

/**
 * What `f` returns; values read in it that JavaScript has no type of its own for, whole doubles, characters and instants finer than
 * milliseconds, are `Float`s, `Char`s and `Instant`s, so that they are stored again as what they are.
 */
function exactly(f) {
  const before = exact;
  exact = true;
  try {
    return f();
  } finally {
    exact = before;
  }
}

/** As it is read otherwise: outside of `exactly`. */
function inexact(value) {
  if (exact || value === null || typeof value !== "object") return value;
  if (value instanceof Float) return value.value;
  if (value instanceof Tagged) {
    const inner = inexact(value.value);
    return inner === value.value ? value : new Tagged(value.tag, inner);
  }
  if (value instanceof Instant) return new Date(value);
  return value instanceof Char ? value.text : value;
}

module.exports = { js, makers, value, exactly, inexact, reader, text };
