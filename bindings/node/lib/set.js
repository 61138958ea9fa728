"use strict";

const { Collection } = require("./collection.js");
const { Changes, ABSENT } = require("./changes.js");
const { own, ownKey, canonical } = require("./own.js");
const encode = require("./encode.js");
const read = require("./read.js");

/** A set: reads like a `Set`; what would change it returns another. */
class EveSet extends Collection {
  static from(elements) {
    return elements instanceof EveSet ? elements : own(new Set(elements));
  }
  static of(...elements) {
    return EveSet.from(elements);
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
    const made = new EveSet(this.s, this.low, this.high, this.count, this.changes);
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  isUnchanged() {
    return this.changes === null || this.changes.own().size === 0;
  }
  writeChanges(out) {
    const changes = this.changes.own();
    encode.u8(this.s === null ? 16 : 23);
    if (this.s !== null) encode.place(this.s, this.low, this.high);
    encode.u32(changes.size);
    for (const { key, value } of changes.values()) {
      encode.next(out, key);
      if (this.s !== null) encode.next(out, value === ABSENT ? encode.TAKEN_OUT : encode.SET_TO);
    }
  }
  /** Number of elements. */
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
  has(element) {
    if (this.changes !== null) {
      const change = this.changes.own().get(canonical(element));
      if (change !== undefined) return change.value !== ABSENT;
    }
    return this.s !== null && read.get(this.s, this.low, this.high, element) !== undefined;
  }
  look(element) {
    return this.has(element) ? element : undefined;
  }
  with_(change, entry) {
    const made = new EveSet(this.s, this.low, this.high, this.count, (this.changes ?? Changes.empty()).with(change, entry));
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  /** With an element. */
  add(element) {
    return this.with_(canonical(element), { key: ownKey(element), value: true });
  }
  /** Without an element. */
  delete(element) {
    const change = canonical(element);
    if (this.s !== null) return this.with_(change, { key: ownKey(element), value: ABSENT });
    return this.changes.own().has(change) ? this.with_(change, undefined) : this;
  }
  /** With all elements of the others. */
  union(...others) {
    let made = this;
    for (const other of others) for (const element of other) made = made.add(element);
    return made;
  }
  /** Without what another does not have. */
  intersection(other) {
    const kept = EveSet.from(other);
    let made = this;
    for (const element of this) if (!kept.has(element)) made = made.delete(element);
    return made;
  }
  /** Without the elements of the others. */
  difference(...others) {
    let made = this;
    for (const other of others) for (const element of other) made = made.delete(element);
    return made;
  }
  isSubsetOf(other) {
    const all = EveSet.from(other);
    for (const element of this) if (!all.has(element)) return false;
    return true;
  }
  *parts() {
    if (this.s !== null) {
      for (const chunk of read.walk(this.s, this.low, this.high, 1)) {
        for (const element of chunk) {
          if (this.changes === null || !this.changes.own().has(canonical(element))) yield element;
        }
      }
    }
    if (this.changes === null) return;
    for (const { key, value } of this.changes.list()) if (value !== ABSENT) yield key;
  }
  values() {
    return this.parts();
  }
  keys() {
    return this.parts();
  }
  *entries() {
    for (const element of this) yield [element, element];
  }
  [Symbol.iterator]() {
    return this.parts();
  }
  forEach(f, self) {
    for (const element of this) f.call(self, element, element, this);
  }
  sample(n) {
    const made = new Set();
    if (n === 0) return made;
    for (const element of this) if (made.add(element).size >= n) break;
    return made;
  }
}
EveSet.prototype.isSet = true;
EveSet.prototype.kind = 16;
Object.defineProperty(EveSet.prototype, Symbol.toStringTag, { value: "EveSet", configurable: true });

module.exports = { EveSet };
