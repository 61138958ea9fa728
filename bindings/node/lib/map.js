"use strict";

const { Collection } = require("./collection.js");
const { Changes, ABSENT } = require("./changes.js");
const { own, ownKey, canonical } = require("./own.js");
const encode = require("./encode.js");
const read = require("./read.js");

/** A map: reads like a `Map`; what would change it returns another. */
class EveMap extends Collection {
  /** From entries, an object or a Map. */
  static from(entries) {
    if (entries instanceof EveMap) return entries;
    const made = own(typeof entries[Symbol.iterator] === "function" ? new Map(entries) : entries);
    return made;
  }
  static of(...entries) {
    return EveMap.from(entries);
  }

  /** Entries of the base. */
  count = 0;
  /** Changes over it, or null: by canonical key the key and its value, or `ABSENT`. */
  changes = null;
  /** Number of entries if it is known, else -1. */
  known = -1;

  constructor(s, low, high, count, changes) {
    super(s, low, high);
    this.count = count;
    this.changes = changes;
    if (changes === null) this.known = count;
  }
  copy() {
    const made = new EveMap(this.s, this.low, this.high, this.count, this.changes);
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  isUnchanged() {
    return this.changes === null || this.changes.own().size === 0;
  }
  writeChanges(out) {
    const changes = this.changes.own();
    if (this.s === null) {
      encode.u8(15);
      encode.u32(changes.size);
      for (const { key, value } of changes.values()) {
        encode.next(out, key);
        encode.next(out, value);
      }
      return;
    }
    encode.u8(22);
    encode.place(this.s, this.low, this.high);
    encode.u32(changes.size);
    for (const { key, value } of changes.values()) {
      encode.next(out, key);
      encode.next(out, value === ABSENT ? encode.TAKEN_OUT : encode.SET_TO);
      if (value !== ABSENT) encode.next(out, value);
    }
  }
  /** Number of entries. */
  get size() {
    if (this.known < 0) {
      let size = this.count;
      for (const { key, value } of this.changes.list()) {
        const before = this.s !== null && read.get(this.s, this.low, this.high, key) !== undefined;
        if (before !== (value !== ABSENT)) size += before ? -1 : 1;
      }
      this.known = size;
    }
    return this.known;
  }
  /** The value under a key, or `undefined`. */
  get(key) {
    if (this.changes !== null) {
      const change = this.changes.own().get(canonical(key));
      if (change !== undefined) return change.value === ABSENT ? undefined : change.value;
    }
    return this.s === null ? undefined : read.get(this.s, this.low, this.high, key);
  }
  look(key) {
    return this.get(key);
  }
  has(key) {
    return this.get(key) !== undefined;
  }
  with_(change, entry) {
    const made = new EveMap(this.s, this.low, this.high, this.count, (this.changes ?? Changes.empty()).with(change, entry));
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  /** With `value` under `key`. */
  set(key, value) {
    return this.with_(canonical(key), { key: ownKey(key), value: own(value) });
  }
  put(key, value) {
    return this.set(key, value);
  }
  /** Without `key`. */
  delete(key) {
    const change = canonical(key);
    if (this.s !== null) return this.with_(change, { key: ownKey(key), value: ABSENT });
    return this.changes.own().has(change) ? this.with_(change, undefined) : this;
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
      for (const [key, value] of typeof other[Symbol.iterator] === "function" ? other : Object.entries(other)) made = made.set(key, value);
    }
    return made;
  }
  /** Nothing in it, with the same metadata. */
  clear() {
    const made = new EveMap(null, 0, 0, 0, Changes.empty());
    made.m = this.meta ?? undefined;
    return made;
  }
  /** Keys and values by turns. */
  *parts() {
    if (this.s !== null) {
      for (const chunk of read.walk(this.s, this.low, this.high, 2)) {
        for (let i = 0; i < chunk.length; i += 2) {
          if (this.changes !== null && this.changes.own().has(canonical(chunk[i]))) continue;
          yield chunk[i];
          yield chunk[i + 1];
        }
      }
    }
    if (this.changes === null) return;
    for (const { key, value } of this.changes.list()) {
      if (value === ABSENT) continue;
      yield key;
      yield value;
    }
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
Object.defineProperty(EveMap.prototype, Symbol.toStringTag, { value: "EveMap", configurable: true });

module.exports = { EveMap };
