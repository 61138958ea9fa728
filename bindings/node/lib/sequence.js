"use strict";
// What vectors and lists have of arrays: reading by index, and what goes through all of them.

const { Collection } = require("./collection.js");
const { canonical, ownIfStorable } = require("./own.js");
const { byIndex } = require("./indices.js");

class Sequence extends Collection {
  get length() {
    return this.size;
  }
  look(key) {
    return this.at(key);
  }
  *keys() {
    for (let i = 0; i < this.size; i++) yield i;
  }
  *entries() {
    let i = 0;
    for (const element of this) yield [i++, element];
  }
  values() {
    return this.parts();
  }
  [Symbol.iterator]() {
    return this.parts();
  }
  forEach(f, self) {
    for (const [i, element] of this.entries()) f.call(self, element, i, this);
  }
  /** An array of what `f` makes of each element. */
  map(f, self) {
    const made = [];
    for (const [i, element] of this.entries()) made.push(f.call(self, element, i, this));
    return made;
  }
  /** An array of the elements for which `f` is true. */
  filter(f, self) {
    const made = [];
    for (const [i, element] of this.entries()) if (f.call(self, element, i, this)) made.push(element);
    return made;
  }
  flatMap(f, self) {
    return this.map(f, self).flatMap((made) => (made instanceof Sequence ? [...made] : made));
  }
  reduce(f, ...first) {
    let [result] = first;
    let begun = first.length > 0;
    for (const [i, element] of this.entries()) {
      result = begun ? f(result, element, i, this) : element;
      begun = true;
    }
    if (!begun) throw new TypeError("Reduce of an empty sequence with no initial value");
    return result;
  }
  findIndex(f, self) {
    for (const [i, element] of this.entries()) if (f.call(self, element, i, this)) return i;
    return -1;
  }
  find(f, self) {
    for (const [i, element] of this.entries()) if (f.call(self, element, i, this)) return element;
    return undefined;
  }
  /** From the last to the first. */
  *backwards() {
    const all = [...this];
    for (let i = all.length - 1; i >= 0; i--) yield [i, all[i]];
  }
  findLastIndex(f, self) {
    for (const [i, element] of this.backwards()) if (f.call(self, element, i, this)) return i;
    return -1;
  }
  findLast(f, self) {
    for (const [i, element] of this.backwards()) if (f.call(self, element, i, this)) return element;
    return undefined;
  }
  reduceRight(f, ...first) {
    return this.toReversed().reduce((result, element, i) => f(result, element, this.size - 1 - i, this), ...first);
  }
  /** An array of the elements, with those of sequences in them so many levels down in their place. */
  flat(depth = 1) {
    const made = [];
    for (const element of this) {
      if (element instanceof Sequence && depth >= 1) for (const inner of element.flat(depth - 1)) made.push(inner);
      else made.push(element);
    }
    return made;
  }
  /** Arrays of the elements in another order, or with others in the place of some. */
  toReversed() {
    return [...this].reverse();
  }
  toSorted(compare) {
    return [...this].sort(compare);
  }
  toSpliced(...how) {
    const made = [...this];
    made.splice(...how);
    return made;
  }
  some(f, self) {
    return this.findIndex(f, self) >= 0;
  }
  every(f, self) {
    return this.findIndex((element, i, all) => !f.call(self, element, i, all)) < 0;
  }
  /** The index of the first element, from an index on, that equals `value`, or -1. */
  indexOf(value, from = 0) {
    const same = sameAs(value);
    const start = startOf(from, this.size);
    return this.findIndex((element, i) => i >= start && same(element));
  }
  /** The index of the last such element, from an index down. */
  lastIndexOf(value, from = this.size) {
    const same = sameAs(value);
    const start = startOf(from, this.size);
    return this.findLastIndex((element, i) => i <= start && same(element));
  }
  /** Has it an element, from an index on, that equals `value`? */
  includes(value, from = 0) {
    return this.indexOf(value, from) >= 0;
  }
  join(separator = ",") {
    return this.map((element) => (element === null ? "" : String(element))).join(separator);
  }
  toArray() {
    return [...this];
  }
  sample(n) {
    const made = [];
    if (n === 0) return made;
    for (const element of this) if (made.push(element) >= n) break;
    return made;
  }
}

/** Where a search starts, as those of arrays take it: a negative index counts from the end. */
function startOf(from, size) {
  const i = Math.trunc(from) || 0;
  return i < 0 ? size + i : i;
}

/** Whether an element equals a value; what cannot be stored equals none. */
function sameAs(value) {
  const mine = ownIfStorable(value);
  if (mine === undefined) return () => false;
  const wanted = canonical(mine);
  return (element) => {
    const found = canonical(element);
    return found === wanted || (Number.isNaN(found) && Number.isNaN(wanted));
  };
}

byIndex(Sequence, Collection, (self, index) => {
  // As with a frozen array, but said in any mode.
  throw new TypeError(`${self.constructor.name} is never changed, so element ${index} cannot be set; with(${index}, value) of a vector gives another`);
});

module.exports = { Sequence };
