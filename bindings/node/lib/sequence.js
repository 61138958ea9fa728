"use strict";
// What vectors and lists have of arrays: reading by index, and what goes through all of them.

const { Collection } = require("./collection.js");

class Sequence extends Collection {
  get length() {
    return this.size;
  }
  look(key) {
    return typeof key === "number" && Number.isInteger(key) && key >= 0 ? this.at(key) : undefined;
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
  some(f, self) {
    return this.findIndex(f, self) >= 0;
  }
  every(f, self) {
    return this.findIndex((element, i, all) => !f.call(self, element, i, all)) < 0;
  }
  /** The index of the first element that equals `value`, or -1. */
  indexOf(value) {
    const same = sameAs(value);
    return this.findIndex(same);
  }
  /** Has it an element that equals `value`? */
  includes(value) {
    return this.indexOf(value) >= 0;
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

function sameAs(value) {
  const { canonical } = require("./own.js");
  const wanted = canonical(value);
  return (element) => {
    const found = canonical(element);
    return found === wanted || (Number.isNaN(found) && Number.isNaN(wanted));
  };
}

const INDEX = /^(?:0|[1-9]\d{0,15})$/;

/**
 * Lets `sequence[3]` read an element: what is found neither in the object nor in its class is asked of this prototype, which
 * only then looks at the name. Methods cost nothing for it. It would also be asked about every new field: the classes declare
 * theirs.
 */
Object.setPrototypeOf(
  Sequence.prototype,
  new Proxy(Object.create(Collection.prototype), {
    get(target, name, self) {
      if (typeof name === "string" && INDEX.test(name) && self instanceof Sequence) return self.at(Number(name));
      return Reflect.get(target, name, self);
    },
    set(target, name, value, self) {
      // As with a frozen array.
      if (typeof name === "string" && INDEX.test(name) && self instanceof Sequence) return false;
      return Reflect.set(target, name, value, self);
    },
  }),
);

module.exports = { Sequence };
