"use strict";
// Sorted maps, sorted sets and integer maps: maps and sets that are gone through in order. The order is the engine's.

const { native } = require("./addon.js");
const { frame, call } = require("./frame.js");
const { EveError } = require("./error.js");
const { ownKey } = require("./own.js");
const { checked } = require("./options.js");
const { Changes } = require("./changes.js");
const { EveMap } = require("./map.js");
const { EveSet } = require("./set.js");
const encode = require("./encode.js");
const decode = require("./decode.js");
const read = require("./read.js");

const { CHUNK, DESCENDING, INCLUSIVE, FROM_END } = read;

/** Which of two keys comes first: below zero, zero, or above. */
function compare(a, b) {
  if (typeof a === "number" && typeof b === "number" && !Number.isNaN(a) && !Number.isNaN(b)) return a < b ? -1 : a > b ? 1 : 0;
  encode.value(a);
  encode.value(b);
  call(native.compare);
  return frame.head[0];
}

/** One end of a range as a value of eve; `undefined` is that of the collection. */
function bound(key, name) {
  if (key === undefined) return undefined;
  try {
    return ownKey(key);
  } catch (error) {
    if (error instanceof EveError) throw new EveError(error.kind, `${name} of a range is a key, and ${error.message}`, error.path);
    throw error;
  }
}

/** Gives a class of maps or sets what those in an order have. */
function inOrder(Base) {
  return class Ordered extends Base {
    /** Parts of entries in a row, in arrays, from a key on (undefined: from the end). */
    *walkFrom(key, flags, most = CHUNK) {
      const known = this.changes === null || this.changes.own().size === 0;
      if (known) {
        const writeKey = (flags & FROM_END) === 0 ? () => encode.value(key) : undefined;
        if (this.s !== null) yield* read.walkFrom(this.s, this.low, this.high, this.each, writeKey, flags, most);
        return;
      }
      // The changes go to the addon once, which keeps them and its place in them.
      const from = (flags & FROM_END) === 0 ? key : undefined;
      const token = {};
      let number = 0;
      try {
        do {
          if (number === 0) {
            encode.value(this);
            if (from !== undefined) encode.value(from);
            frame.head[0] = flags;
            frame.head[1] = most;
            call(native.keysFrom, token);
          } else {
            frame.head[3] = number;
            frame.head[4] = most;
            call(native.walk, token);
          }
          const count = frame.head[0];
          number = frame.head[1];
          const chunk = [];
          for (const key of decode.exactly(() => read.trees(count))) {
            chunk.push(decode.inexact(key));
            if (this.each === 2) chunk.push(this.find(key));
          }
          yield chunk;
        } while (number !== 0);
      } finally {
        read.endWalk(number);
      }
    }
    *parts() {
      const { changes } = this;
      if (changes === null || changes.own().size === 0) yield* super.parts();
      else for (const chunk of this.walkFrom(undefined, FROM_END)) yield* chunk;
    }
    item(chunk, i) {
      return this.each === 2 ? [chunk[i], chunk[i + 1]] : chunk[i];
    }
    end(flags) {
      for (const chunk of this.walkFrom(undefined, flags | FROM_END, 1)) return chunk.length === 0 ? undefined : this.item(chunk, 0);
      return undefined;
    }
    /** The first entry (of a map) or element, or `undefined`. */
    get first() {
      return this.end(0);
    }
    get last() {
      return this.end(DESCENDING);
    }
    /** From the last to the first. */
    descending() {
      return this.range(undefined, undefined, { descending: true });
    }
    /**
     * The entries or elements from one key on, up to but not including another (`undefined`: the end). With `descending` the other way round: from the
     * greater key down to the less.
     */
    range(from, to, options = {}) {
      return this.between(bound(from, "from"), bound(to, "to"), checked(options, ["descending", "fromInclusive", "toInclusive"], "range"));
    }
    *between(from, to, { descending = false, fromInclusive = true, toInclusive = false }) {
      const flags = (descending ? DESCENDING : 0) | (fromInclusive ? INCLUSIVE : 0) | (from === undefined ? FROM_END : 0);
      const { each } = this;
      const past = (key) => {
        const order = descending ? compare(to, key) : compare(key, to);
        return order > 0 || (order === 0 && !toInclusive);
      };
      for (const chunk of this.walkFrom(from, flags)) {
        let n = chunk.length / each;
        const whole = to === undefined || n === 0 || !past(chunk[(n - 1) * each]);
        if (!whole) {
          // The first that is past the end.
          let low = 0;
          while (low < n) {
            const middle = (low + n) >>> 1;
            if (past(chunk[middle * each])) n = middle;
            else low = middle + 1;
          }
        }
        for (let i = 0; i < n; i++) yield this.item(chunk, i * each);
        if (!whole) return;
      }
    }
  };
}

/** A map whose entries are in the order of their keys. */
class EveSortedMap extends inOrder(EveMap) {
}
EveSortedMap.prototype.kind = 27;

/** A map whose keys are integers of 64 bits, in their order. */
class EveIntMap extends inOrder(EveMap) {
  with(key, value) {
    const fits = typeof key === "bigint" ? BigInt.asIntN(64, key) === key : Number.isSafeInteger(key);
    if (!fits) throw new EveError("value", `the keys of an integer map are integers of 64 bits, which ${String(key)} is not`, `[${String(key)}]`);
    return super.with(key, value);
  }
}
EveIntMap.prototype.kind = 29;

/** A set whose elements are in order. */
class EveSortedSet extends inOrder(EveSet) {
}
EveSortedSet.prototype.kind = 28;

for (const [Class, Base] of [[EveSortedMap, EveMap], [EveIntMap, EveMap], [EveSortedSet, EveSet]]) {
  Class.from = (items) => (items instanceof Class ? items : filled(new Class(null, 0, 0, 0, Changes.empty()), Base.from(items)));
  Class.of = (...items) => Class.from(items);
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: Class.name, configurable: true });
}

function filled(made, from) {
  if (made.each === 2) for (const [key, value] of from) made = made.set(key, value);
  else for (const element of from) made = made.add(element);
  return made;
}

module.exports = { EveSortedMap, EveSortedSet, EveIntMap };
