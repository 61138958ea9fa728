"use strict";

const { Sequence } = require("./sequence.js");
const { Changes } = require("./changes.js");
const { indexIn, indexToChange, clamp } = require("./indices.js");
const { elementsOf } = require("./options.js");
const { own } = require("./own.js");
const encode = require("./encode.js");
const read = require("./read.js");

/** A vector: reads like an array, by index too; what would change it returns another. */
class EveVector extends Sequence {
  static from(elements) {
    return elements instanceof EveVector ? elements : own(elementsOf(elements, "EveVector.from"));
  }
  static of(...elements) {
    return own(elements);
  }

  /** Elements of the base. */
  count = 0;
  /** So many of them are still there. */
  keep = 0;
  /** Elements behind: the first `more` of an array that is only ever appended to. */
  tail = null;
  more = 0;
  /** Elements set anew, by index, or null. */
  changes = null;

  constructor(s, low, high, count) {
    super(s, low, high);
    this.count = count;
    this.keep = count;
  }
  copy() {
    const made = new EveVector(this.s, this.low, this.high, this.count);
    made.keep = this.keep;
    made.tail = this.tail;
    made.more = this.more;
    made.changes = this.changes;
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  isUnchanged() {
    return this.keep === this.count && this.more === 0 && (this.changes === null || this.changes.own().size === 0);
  }
  writeChanges(out) {
    const changes = this.changes === null ? null : this.changes.own();
    const behind = [];
    for (let i = 0; i < this.more; i++) {
      const change = changes?.get(this.keep + i);
      behind.push(change === undefined ? this.tail[i] : change.value);
    }
    if (this.s === null) {
      encode.u8(17);
      encode.u32(behind.length);
      for (const element of behind) encode.next(out, element);
      return;
    }
    encode.u8(24);
    encode.place(this.s, this.low, this.high);
    const set = changes === null ? [] : [...changes.values()].filter(({ key }) => key < this.keep);
    EveVector.writeEntries(out, this.keep, set, behind);
  }
  /** How many elements are kept, which of them are others, and what is behind them. */
  static writeEntries(out, keep, set, behind) {
    encode.u64(keep);
    encode.u32(set.length);
    for (const { key, value } of set) {
      encode.next(out, new encode.Raw(() => encode.u64(key)));
      encode.next(out, value);
    }
    encode.next(out, new encode.Raw(() => encode.u32(behind.length)));
    for (const element of behind) encode.next(out, element);
  }
  /** Number of elements. */
  get size() {
    return this.keep + this.more;
  }
  /** An element; a negative index counts from the end. `undefined` if there is none. */
  at(index) {
    const i = indexIn(index, this.size);
    if (i < 0) return undefined;
    const change = this.changes === null ? undefined : this.changes.own().get(i);
    if (change !== undefined) return change.value;
    return i < this.keep ? read.get(this.s, this.low, this.high, i) : this.tail[i - this.keep];
  }
  get(index) {
    return this.at(index);
  }
  /** With another element at an index; one behind the last is appended. */
  with(index, value) {
    if (index === this.size) return this.push(value);
    const i = indexToChange(index, this.size, "vector");
    const made = this.copy();
    made.changes = (this.changes ?? Changes.empty()).with(i, { key: i, value: own(value) });
    return made;
  }
  set(index, value) {
    return this.with(index, value);
  }
  put(index, value) {
    return this.with(index, value);
  }
  update(index, f) {
    return this.with(index, f(this.at(index)));
  }
  /** With elements behind the last. */
  push(...elements) {
    return this.append(elements);
  }
  /** The same with an array, which may be longer than a list of arguments. */
  append(elements) {
    const made = this.copy();
    if (made.tail === null || made.tail.length !== made.more) made.tail = made.tail === null ? [] : made.tail.slice(0, made.more);
    for (const element of elements) {
      made.tail.push(own(element));
      made.more += 1;
    }
    return made;
  }
  concat(...others) {
    let made = this;
    for (const other of others) {
      const several = typeof other?.[Symbol.iterator] === "function" && typeof other !== "string";
      made = made.append(several ? elementsOf(other, "concat") : [other]);
    }
    return made;
  }
  /** Without the last element. */
  pop() {
    return this.size === 0 ? this : this.truncate(this.size - 1);
  }
  /** Its first `length` elements. */
  truncate(length) {
    if (length >= this.size) return this;
    const made = this.copy();
    made.more = Math.max(0, length - this.keep);
    made.keep = Math.min(this.keep, length);
    if (this.changes !== null) {
      for (const { key } of this.changes.list()) if (key >= length) made.changes = made.changes.with(key, undefined);
    }
    return made;
  }
  /** The elements from one index up to, but not including, another, as a vector. */
  slice(from = 0, to = this.size) {
    const [a, b] = [clamp(from, this.size), clamp(to, this.size)];
    if (a === 0) return this.truncate(b);
    const made = [];
    for (const element of this.from(a)) {
      if (made.length >= b - a) break;
      made.push(element);
    }
    return EveVector.from(made);
  }
  *backwards() {
    for (let i = this.size - 1; i >= 0; i--) yield [i, this.at(i)];
  }
  *from(first) {
    if (first < this.keep) {
      let i = first;
      for (const element of read.elements(this.s, this.low, this.high, first, this.keep)) {
        const change = this.changes === null ? undefined : this.changes.own().get(i);
        yield change === undefined ? element : change.value;
        i += 1;
      }
    }
    for (let i = Math.max(first, this.keep); i < this.size; i++) yield this.at(i);
  }
  parts() {
    return this.from(0);
  }
}
EveVector.prototype.kind = 17;
Object.defineProperty(EveVector.prototype, Symbol.toStringTag, { value: "EveVector", configurable: true });

module.exports = { EveVector };
