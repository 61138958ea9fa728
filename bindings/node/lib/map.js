"use strict";

const { inspect } = require("node:util");
const { EveError } = require("./error.js");
const { Keyed } = require("./keyed.js");
const { own } = require("./own.js");

/** The entries of what a map is made from. */
function* entriesOf(source) {
  const wrong = (what) => new EveError("value", `a map is made from an object, a Map or entries [key, value], not ${inspect(what, { depth: 0 })}`);
  if (source === null || typeof source !== "object" || ArrayBuffer.isView(source)) throw wrong(source);
  for (const entry of typeof source[Symbol.iterator] === "function" ? source : Object.entries(source)) {
    if (entry === null || typeof entry !== "object") throw wrong(source);
    yield entry;
  }
}

/** A map: reads like a `Map`; what would change it returns another. */
class EveMap extends Keyed {
  /** From entries, an object or a Map. */
  static from(entries) {
    if (entries instanceof EveMap) return entries;
    return own(new Map(entriesOf(entries)));
  }
  static of(...entries) {
    return EveMap.from(entries);
  }

  /** The value under a key, or `undefined`. */
  get(key) {
    return this.find(key);
  }
  look(key) {
    return this.find(key);
  }
  /** With `value` under `key`. */
  set(key, value) {
    return this.with(key, value);
  }
  put(key, value) {
    return this.with(key, value);
  }
  /** With what `f` makes of the value under `key` (`undefined` if there is none). */
  update(key, f) {
    return this.set(key, f(this.get(key)));
  }
  /** With all entries of the others (maps, objects, entries) over its own. */
  merge(...others) {
    let made = this;
    for (const other of others) {
      if (other === null || other === undefined) continue;
      for (const [key, value] of entriesOf(other)) made = made.set(key, value);
    }
    return made;
  }
  *entries() {
    const parts = this.parts();
    try {
      for (let key = parts.next(); !key.done; key = parts.next()) yield [key.value, parts.next().value];
    } finally {
      parts.return();
    }
  }
  *keys() {
    for (const [key] of this.entries()) yield key;
  }
  *values() {
    for (const [, value] of this.entries()) yield value;
  }
  [Symbol.iterator]() {
    return this.entries();
  }
  forEach(f, self) {
    for (const [key, value] of this.entries()) f.call(self, value, key, this);
  }
  sample(n) {
    const made = new Map();
    if (n === 0) return made;
    for (const [key, value] of this.entries()) if (made.set(key, value).size >= n) break;
    return made;
  }
}
EveMap.prototype.isMap = true;
EveMap.prototype.kind = 15;
EveMap.prototype.edit = 22;
EveMap.prototype.each = 2;
Object.defineProperty(EveMap.prototype, Symbol.toStringTag, { value: "EveMap", configurable: true });

module.exports = { EveMap };
