"use strict";
// What a function given to swap changed, as a patch against the newest version, though what it was given stands on an older one.
//
// The result of a swap is the value that the function made: changes over a snapshot that is held anyway. No snapshot is taken of
// the new version for it, which would cost more than the commit. The next swap gets that value, and sends what is different from it.

const { EVE } = require("./own.js");
const { Keyword, EveSymbol, Uuid, Decimal, Ratio } = require("./types.js");
const { Collection } = require("./collection.js");
const { ABSENT } = require("./changes.js");
const { Keyed } = require("./keyed.js");
const { EveVector } = require("./vector.js");
const { EveList } = require("./list.js");
const encode = require("./encode.js");

/** More changes than this in one swap are better sent as they are, and read from the new version. */
const MOST = 256;

/** Is a scalar what will be read, and can nobody change it? */
function fixed(value) {
  return (
    value === null ||
    typeof value !== "object" ||
    value instanceof Keyword ||
    value instanceof EveSymbol ||
    value instanceof Uuid ||
    value instanceof Decimal ||
    value instanceof Ratio
  );
}

/** Can a value stand for what will be read? Says so by what is left of `most`, the number of values that are looked at: below zero if not. */
function lasts(value, most) {
  if (fixed(value)) return most - 1;
  if (!(value instanceof Collection) || value.m !== undefined) return -1;
  if (value.isUnchanged()) return most - 1;
  let left = most;
  const look = (inner) => left >= 0 && (left = lasts(inner, left)) >= 0;
  const { changes } = value;
  if (changes !== undefined && changes !== null) {
    for (const { key, value: inner } of changes.own().values()) {
      if (!fixed(key) || (inner !== ABSENT && !look(inner)) || --left < 0) return -1;
    }
  }
  if (value instanceof EveVector) {
    for (let i = 0; i < value.more; i++) if (!look(value.tail[i])) return -1;
  } else if (value instanceof EveList) {
    for (let at = value.front; at !== null; at = at.rest) if (!look(at.first)) return -1;
  } else if (!(value instanceof Keyed)) return -1;
  return left;
}

/** What is written for a value in whose place `old` was (undefined: what the base has there), or `undefined` if that is not known. */
function written(old, value) {
  if (value === old) return value;
  if (old instanceof Collection && value instanceof Collection) return difference(old, value);
  return value === ABSENT || lasts(value, MOST) >= 0 ? value : undefined;
}

/** What has to be written to make `after` of `before`, each key once, or null if that is not known. */
function between(before, after) {
  const older = before.changes;
  const newer = after.changes;
  const found = [];
  if (newer === older) return found;
  if (newer === null) return null;
  const now = newer.own();
  if (older === null) {
    if (now.size > MOST) return null;
    for (const entry of now.values()) if (!add(found, entry.key, undefined, entry.value)) return null;
    return found;
  }
  // The way of the versions from the older to the newer one, see changes.js.
  const seen = older.next === newer ? null : new Set();
  let steps = 0;
  for (let at = older; at !== newer; at = at.next) {
    if (at.map !== null || ++steps > MOST) return null;
    if (seen !== null && seen.size === seen.add(at.key).size) continue;
    const entry = now.get(at.key);
    if (entry !== undefined) {
      if (!add(found, entry.key, at.entry?.value, entry.value)) return null;
    } else if (after.s === null && at.entry !== undefined) add(found, at.entry.key, undefined, ABSENT);
    else return null;
  }
  return found;
}

function add(found, key, old, value) {
  const made = fixed(key) ? written(old, value) : undefined;
  if (made !== undefined) found.push({ key, value: made });
  return made !== undefined;
}

/** An edit that makes `after` of `before`, both changes of one base, or `undefined` if it is not known. */
function difference(before, after) {
  if (before.s !== after.s || before.low !== after.low || before.high !== after.high || before.m !== after.m) return undefined;
  if (before.constructor !== after.constructor) return undefined;
  if (before instanceof EveVector) {
    const grown = before.keep === after.keep && after.more >= before.more && after.more - before.more <= MOST;
    if (!grown || (before.more > 0 && before.tail !== after.tail)) return undefined;
  } else if (!(before instanceof Keyed)) return undefined;
  const changes = between(before, after);
  if (changes === null) return undefined;
  return before instanceof EveVector ? vectorDelta(changes, before, after) : new KeyedDelta(before, changes);
}

/** An edit of what lies in the place where it is written, or of what `place` writes. */
class Delta {
  constructor(changes) {
    this.changes = changes;
    this.place = encode.inPlace;
  }
}
Object.defineProperty(Delta.prototype, EVE, { value: true });

class KeyedDelta extends Delta {
  constructor({ edit, each }, changes) {
    super(changes);
    this.edit = edit;
    this.each = each;
  }
  write(out) {
    encode.u8(this.edit);
    this.place();
    Keyed.writeEntries(out, this.changes.length, this.changes, this.each, false);
  }
}

function vectorDelta(changes, before, after) {
  const made = new VectorDelta(changes);
  made.size = before.size;
  for (let i = before.size; i < after.size; i++) {
    const value = after.at(i);
    if (lasts(value, MOST) < 0) return undefined;
    made.behind.push(value);
  }
  return made;
}

class VectorDelta extends Delta {
  size = 0;
  behind = [];
  write(out) {
    encode.u8(24);
    this.place();
    const set = this.changes.filter(({ key }) => key < this.size);
    EveVector.writeEntries(out, this.size, set, this.behind);
  }
}

/** Writes what one more change of a key to a scalar makes of `before`, the usual case, with no object made on the way; false if it is something else. */
function writeOne(before, after, number, low, high) {
  if (!(before instanceof Keyed) || before.constructor !== after.constructor || before.m !== after.m) return false;
  if (before.s !== after.s || before.low !== after.low || before.high !== after.high) return false;
  const older = before.changes;
  const newer = after.changes;
  if (older === null || newer === null || older.next !== newer || older.map !== null || newer.map === null || newer.map.size > WIDE) return false;
  const entry = newer.map.get(older.key);
  if (entry === undefined || !fixed(entry.key)) return false;
  const { value } = entry;
  if (value !== ABSENT && (!fixed(value) || value === undefined)) return false;
  encode.u8(after.edit);
  encode.placeAt(number, low, high);
  encode.u32(1);
  encode.scalar(entry.key);
  encode.u8(value === ABSENT ? 0 : 1);
  if (after.each === 2 && value !== ABSENT) encode.scalar(value);
  return true;
}

/** Changes of more keys than this are not carried on: reading would be slower than from a new version. */
const WIDE = 256;

/** Writes, as a patch against a root that is held under a number, what makes `after` of `before`; false if that is not known: nothing is written then. */
function writeDelta(before, after, number, low, high) {
  if (fixed(after)) return encode.scalar(after);
  if (!(before instanceof Collection && after instanceof Collection)) return false;
  if (low === undefined) ({ low, high } = before);
  if (writeOne(before, after, number, low, high)) return true;
  if (after.changes !== undefined && after.changes !== null && after.changes.own().size > WIDE) return false;
  const delta = difference(before, after);
  if (delta === undefined) return false;
  delta.place = () => encode.placeAt(number, low, high);
  encode.value(delta);
  return true;
}

module.exports = { writeDelta };
