"use strict";

const { Keyed } = require("./keyed.js");
const { elementsOf } = require("./options.js");
const { own } = require("./own.js");

/** A set: reads like a `Set`; what would change it returns another. */
class EveSet extends Keyed {
  static from(elements) {
    return elements instanceof EveSet ? elements : own(new Set(elementsOf(elements, "EveSet.from")));
  }
  static of(...elements) {
    return EveSet.from(elements);
  }

  look(element) {
    return this.has(element) ? element : undefined;
  }
  /** With an element. */
  add(element) {
    return this.with(element, true);
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
  /** With what only one of the two has. */
  symmetricDifference(other) {
    let made = this;
    for (const element of EveSet.from(other)) made = this.has(element) ? made.delete(element) : made.add(element);
    return made;
  }
  isSupersetOf(other) {
    for (const element of EveSet.from(other)) if (!this.has(element)) return false;
    return true;
  }
  isDisjointFrom(other) {
    for (const element of EveSet.from(other)) if (this.has(element)) return false;
    return true;
  }
  isSubsetOf(other) {
    const all = EveSet.from(other);
    for (const element of this) if (!all.has(element)) return false;
    return true;
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
EveSet.prototype.edit = 23;
EveSet.prototype.each = 1;
Object.defineProperty(EveSet.prototype, Symbol.toStringTag, { value: "EveSet", configurable: true });

module.exports = { EveSet };
