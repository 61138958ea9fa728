"use strict";
// Typed arrays and typed objects: numbers of one type, which are read and changed where they lie, by all who have them at once.

const { inspect } = require("node:util");
const { EveError, shownOr } = require("./error.js");
const { EVE, own } = require("./own.js");
const { indexIn, indexToChange, clamp, byIndex } = require("./indices.js");
const { isGone } = require("./realms.js");
const { TYPES, ELEMENTS, typeOf, typeNamed, bytesOf, dataOf, number, jsonOf } = require("./elements.js");
const { use_toJS } = require("./plain.js");
const encode = require("./encode.js");
const lanes = require("./lanes.js");
const read = require("./read.js");

const ARRAY = 30;
const RECORDS = 31;

/** Writes the patch of a new array with the elements of a typed array of JavaScript. */
function writeArray(type, data) {
  encode.u8(ARRAY);
  encode.u8(type);
  encode.u32(data.length);
  encode.raw(bytesOf(data));
}

/** What typed arrays and objects have in common: they lie in a snapshot (`s`, and the word in `low` and `high`), or in this thread alone until they are stored. */
class Typed {
  clone = use_toJS;
  s = null;
  low = 0;
  high = 0;
  constructor(s, low, high) {
    read.checkMade(new.target, s, low);
    this.s = s;
    this.low = low;
    this.high = high;
  }
  equals(other) {
    return read.same(this, other);
  }
  toString() {
    return read.print(this);
  }
  /** Metadata, of which it has none. */
  get meta() {
    return null;
  }
  /** Itself, or a copy of it if it is a part of another value. */
  whole() {
    return this;
  }
  writePlace() {
    encode.u8(21);
    encode.place(this.s, this.low, this.high);
  }
}

/** What every value is asked: found in its own class, it costs nothing, see `byIndex`. */
function mark(Class) {
  Object.defineProperty(Class.prototype, EVE, { value: true });
  Class.prototype.isTyped = true;
}
mark(Typed);

/** A typed array: numbers of one type that all threads and processes change in place, each change at once. */
class EveArray extends Typed {
  /** From a typed array of JavaScript, or of a type (as "int32") and numbers. */
  static from(typeOrArray, numbers) {
    if (typeof typeOrArray !== "string") {
      const made = own(typeOrArray);
      if (made instanceof EveArray) return made;
      throw new EveError("value", 'an EveArray is made from a typed array, or from a type (as "int32") and numbers');
    }
    const type = typeNamed(typeOrArray);
    return fresh(dataOf(type, numbers), type);
  }
  /** So many zeros of a type. */
  static zeros(type, length) {
    if (!Number.isInteger(length) || length < 0 || length > 0x7fff_ffff) throw new EveError("value", `not a length: ${String(length)}`);
    return fresh(new TYPES[typeNamed(type)].Data(length), typeNamed(type));
  }

  length = 0;
  code = 0;
  field = 0;
  /** Where it is as long as it is not stored. */
  data = null;
  /** The objects whose column it is, or null. */
  records = null;

  constructor(s, low, high, count, type, field = 0, data = null) {
    super(s, low, high);
    this.length = count;
    this.code = type;
    this.field = field;
    this.data = data;
  }
  /** The type of its elements, as "int32". */
  get type() {
    return TYPES[this.code].name;
  }
  get size() {
    return this.length;
  }
  whole() {
    return this.records === null ? this : fresh(this.toTypedArray(), this.code);
  }
  write() {
    if (this.data === null) this.writePlace();
    else writeArray(this.code, this.data);
  }
  index(index) {
    return indexToChange(index, this.length, "array");
  }
  /** Does an operation to an element; what was there before. */
  operate(op, index, operand, expected) {
    const i = this.index(index);
    const type = TYPES[this.code];
    if (this.data !== null) {
      const before = type.shown(this.data[i]);
      const after = ELEMENTS[op](type.wide(before), operand === undefined ? undefined : type.wide(operand), expected === undefined ? undefined : type.wide(expected));
      this.data[i] = type.narrow(after);
      return before;
    }
    return lanes.update(this.s, this.low, this.high, this.field, this.code, i, lanes.OPS[op], operand, expected);
  }
  /** An element; a negative index counts from the end, and where there is nothing it is `undefined`. */
  at(index) {
    const i = indexIn(index, this.length);
    return i < 0 ? undefined : this.operate("load", i);
  }
  get(index) {
    return this.at(index);
  }
  look(key) {
    return this.get(key);
  }
  /** Sets an element. */
  set(index, value) {
    this.operate("store", index, number(value, this.code));
    return this;
  }
  /** Sets an element; what was there before. */
  exchange(index, value) {
    return this.operate("exchange", index, number(value, this.code));
  }
  /** Sets an element if it is what is expected; what was there before. */
  compareExchange(index, expected, value) {
    return this.operate("compareExchange", index, number(value, this.code), number(expected, this.code));
  }
  /** Adds to an element; what was there before. What does not fit wraps around (clamped ones stop). */
  add(index, value) {
    const n = number(value, this.code);
    return TYPES[this.code].float ? this.addFloat(index, n) : this.operate("add", index, n);
  }
  sub(index, value) {
    const n = number(value, this.code);
    return TYPES[this.code].float ? this.addFloat(index, -n) : this.operate("sub", index, n);
  }
  /** No processor adds to a float at once: it is set if nobody was faster. */
  addFloat(index, n) {
    for (;;) {
      const before = this.operate("load", index);
      if (Number.isNaN(before) || Object.is(this.operate("compareExchange", index, before + n, before), before)) return before;
    }
  }
  and(index, value) {
    return this.operate("and", index, this.bits(value));
  }
  or(index, value) {
    return this.operate("or", index, this.bits(value));
  }
  xor(index, value) {
    return this.operate("xor", index, this.bits(value));
  }
  bits(value) {
    if (TYPES[this.code].float) throw new EveError("value", `the elements are of the type ${this.type}, which has no bits to work on`);
    return number(value, this.code);
  }
  stored(what) {
    if (this.data !== null) throw new EveError("value", `${what} an element needs others to have it too: store the array first, and read it from the atom`);
  }
  /**
   * Sleeps until somebody notifies the element: "ok", "not-equal" at once if it is not what is expected, or "timed-out" after so many
   * milliseconds. For int32 and uint32. The thread does nothing else meanwhile.
   */
  wait(index, expected, timeout = Infinity) {
    this.stored("waiting for");
    const i = this.index(index);
    const value = number(expected, this.code);
    const milliseconds = timeout === Infinity ? -1 : Math.min(0x7fff_ffff, Math.max(0, Math.ceil(timeout)));
    return lanes.wait(this.s, this.low, this.high, this.field, i, value, milliseconds);
  }
  /** Wakes those who wait for an element; how many. */
  notify(index, most = Infinity) {
    this.stored("notifying");
    return lanes.notify(this.s, this.low, this.high, this.field, this.index(index), most === Infinity ? -1 : most);
  }
  /** Its elements, from one index up to but not including another, as a typed array of JavaScript: a copy. */
  toTypedArray(from = 0, to = this.length) {
    const [a, b] = [clamp(from, this.length), clamp(to, this.length)];
    if (this.data !== null) return this.data.slice(a, b);
    return lanes.copyOf(this.s, this.low, this.high, this.field, this.code, a, Math.max(0, b - a));
  }
  /** Writes numbers from an index on: not all at once for others. */
  setAll(numbers, at = 0) {
    const source = typeOf(numbers) === this.code && !isGone(numbers) ? numbers : dataOf(this.code, numbers);
    this.range(at, source.length);
    if (this.data !== null) this.data.set(source, at);
    else lanes.write(this.s, this.low, this.high, this.field, at, source);
    return this;
  }
  /** Sets the elements from one index up to another to one number. */
  fill(value, from = 0, to = this.length) {
    const [a, b] = [clamp(from, this.length), clamp(to, this.length)];
    const n = number(value, this.code);
    if (this.data !== null) this.data.fill(TYPES[this.code].stored(n), a, b);
    else if (b > a) lanes.fill(this.s, this.low, this.high, this.field, this.code, a, b - a, n);
    return this;
  }
  range(at, count) {
    if (Number.isInteger(at) && at >= 0 && at + count <= this.length) return;
    throw new EveError("value", `${count} elements do not fit behind index ${String(at)}: the array has ${this.length}`);
  }
  *[Symbol.iterator]() {
    for (let from = 0; from < this.length; from += CHUNK) {
      for (const element of this.toTypedArray(from, from + CHUNK)) yield TYPES[this.code].shown(element);
    }
  }
  values() {
    return this[Symbol.iterator]();
  }
  /** A typed array of JavaScript: a copy. */
  toJS() {
    return this.toTypedArray();
  }
  toJSON() {
    return [...this].map(jsonOf);
  }
  [inspect.custom](_depth, options) {
    return shownOr(this, options, () => this.shown(options));
  }
  shown(options) {
    const most = Math.min(this.length, options.maxArrayLength ?? 100);
    const shown = [...this.toTypedArray(0, most)].map((n) => options.stylize(String(n), "number"));
    if (most < this.length) shown.push(`... ${this.length - most} more`);
    return `EveArray(${this.length}) ${this.type} [${shown.length > 0 ? ` ${shown.join(", ")} ` : ""}]`;
  }
}
byIndex(EveArray, Typed, (array, index, value) => array.set(index, value));
mark(EveArray);
EveArray.prototype.kind = ARRAY;
Object.defineProperty(EveArray.prototype, Symbol.toStringTag, { value: "EveArray", configurable: true });

const CHUNK = 4096;

function fresh(data, type) {
  return new EveArray(null, 0, 0, data.length, type, 0, data);
}

/** Of a typed array of JavaScript, which is copied. `undefined` if eve has no such type, or nothing is left to copy. */
function arrayOf(data) {
  const type = typeOf(data);
  return type < 0 || isGone(data) ? undefined : fresh(new TYPES[type].Data(data), type);
}

module.exports = { ARRAY, RECORDS, EveArray, Typed, mark, arrayOf, fresh, writeArray };
