"use strict";

const { Sequence } = require("./sequence.js");
const { indexIn } = require("./indices.js");
const encode = require("./encode.js");
const read = require("./read.js");
const { elementsOf } = require("./options.js");
const { own } = require("./own.js");

/** A list: elements are put before the first, and taken from there. */
class EveList extends Sequence {
  static from(elements) {
    if (elements instanceof EveList) return elements;
    let made = new EveList(null, 0, 0, 0);
    for (const element of elementsOf(elements, "EveList.from").reverse()) made = made.prepend(element);
    return made;
  }
  static of(...elements) {
    return EveList.from(elements);
  }

  /** Elements of the base. */
  count = 0;
  /** Elements before the base: the first one and those behind it. */
  front = null;

  constructor(s, low, high, count) {
    super(s, low, high);
    this.count = count;
  }
  copy() {
    const made = new EveList(this.s, this.low, this.high, this.count);
    made.front = this.front;
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  isUnchanged() {
    return this.front === null;
  }
  writeChanges(out) {
    encode.u8(this.s === null ? 18 : 25);
    if (this.s !== null) encode.place(this.s, this.low, this.high);
    encode.u32(this.front?.length ?? 0);
    for (let at = this.front; at !== null; at = at.rest) encode.next(out, at.first);
  }
  get size() {
    return this.count + (this.front?.length ?? 0);
  }
  /** The first element, or `undefined`. */
  get first() {
    return this.at(0);
  }
  /** The list without its first element. */
  get rest() {
    if (this.front === null) return this.count === 0 ? this : read.rest(this.s, this.low, this.high);
    const made = this.copy();
    made.front = this.front.rest;
    return made;
  }
  /** With an element before the first. */
  prepend(element) {
    const made = this.copy();
    made.front = { first: own(element), rest: this.front, length: 1 + (this.front?.length ?? 0) };
    return made;
  }
  /** An element; takes so many steps. A negative index counts from the end. */
  at(index) {
    let i = indexIn(index, this.size);
    if (i < 0) return undefined;
    for (let at = this.front; at !== null; at = at.rest, i--) if (i === 0) return at.first;
    return read.nth(this.s, this.low, this.high, i);
  }
  *parts() {
    for (let at = this.front; at !== null; at = at.rest) yield at.first;
    if (this.count > 0) for (const chunk of read.walk(this.s, this.low, this.high, 1)) yield* chunk;
  }
  slice(from = 0, to = this.size) {
    return EveList.from([...this].slice(from, to));
  }
}
EveList.prototype.kind = 18;
Object.defineProperty(EveList.prototype, Symbol.toStringTag, { value: "EveList", configurable: true });

module.exports = { EveList };
