"use strict";
// Typed objects, and arrays of them: for each field a column of numbers of one type.

const { inspect } = require("node:util");
const { native } = require("./addon.js");
const { call, count, reader, text } = require("./frame.js");
const { EveError, shownOr } = require("./error.js");
const { indexIn, byIndex } = require("./indices.js");
const { elementsOf } = require("./options.js");
const { TYPES, typeNamed, bytesOf, number, jsonOf } = require("./elements.js");
const { EveArray, Typed, mark, RECORDS } = require("./typed.js");
const encode = require("./encode.js");
const read = require("./read.js");

/** The fields that came over: by the name of each its number and type. */
function readShape() {
  const shape = new Map();
  for (let fields = count(), index = 0; index < fields; index++) shape.set(text(), { index, type: reader.bytes[reader.at++] });
  return shape;
}

/** Writes the patch of one new object or of an array of them: fields with `name`, `type` and `column`, a typed array with the value of each row. */
function writeRecords(isArray, rows, fields) {
  encode.u8(RECORDS);
  encode.u8(isArray ? 1 : 0);
  encode.u32(fields.length);
  for (const { name, type } of fields) {
    const bytes = Buffer.from(name, "utf8");
    encode.u32(bytes.length);
    encode.raw(bytes);
    encode.u8(type);
  }
  encode.u32(rows);
  for (const { column } of fields) encode.raw(bytesOf(column));
}

/** The columns of typed objects: what both classes below stand on. */
class Columns extends Typed {
  constructor(s, low, high, rows, one, shape = null, data = null) {
    super(s, low, high);
    this.rows = rows;
    this.one = one;
    this.known = shape;
    /** A typed array for each field as long as they are not stored. */
    this.data = data;
  }
  /** By the name of each field its number and type. */
  get shape() {
    if (this.known === null) {
      read.place(this.s, this.low, this.high);
      call(native.recordsInfo);
      this.known = readShape();
    }
    return this.known;
  }
  column(name) {
    const field = this.shape.get(name);
    if (field === undefined) {
      throw new EveError("value", `there is no field ${inspect(name)}; the fields are ${[...this.shape.keys()].join(", ")}`, String(name));
    }
    const column = new EveArray(this.s, this.low, this.high, this.rows, field.type, field.index, this.data === null ? null : this.data[field.index]);
    column.records = this;
    return column;
  }
  write() {
    if (this.data === null) this.writePlace();
    else writeRecords(!this.one, this.rows, this.parts());
  }
  /** As long as they are not stored: each field with its column, as `writeRecords` takes them. */
  parts() {
    return [...this.shape].map(([name, { index, type }]) => ({ name, type, column: this.data[index] }));
  }
}

function fieldsOf(shape) {
  return Object.fromEntries([...shape].map(([name, { type }]) => [name, TYPES[type].name]));
}

/** Columns with what is in the rows; a field that a row does not have is zero. */
function freshColumns(fields, rows, one) {
  const shape = new Map();
  if (fields === null || typeof fields !== "object") throw new EveError("value", 'the fields are an object, as { x: "int32", y: "float64" }');
  for (const [index, [name, type]] of Object.entries(fields).entries()) {
    if (!name.isWellFormed()) throw new EveError("value", "the name of a field has no lone surrogates", name);
    shape.set(name, { index, type: typeNamed(type) });
  }
  if (shape.size === 0) throw new EveError("value", "a typed object has a field at least");
  const data = [...shape.values()].map(({ type }) => new TYPES[type].Data(rows.length));
  for (const [row, object] of rows.entries()) {
    if (object === null || typeof object !== "object") {
      throw new EveError("value", `the values of a typed object are an object, as { x: 1 }, not ${inspect(object, { depth: 0 })} (in row ${row})`, `[${row}]`);
    }
    for (const [name, value] of Object.entries(object)) {
      const field = shape.get(name);
      if (field === undefined) throw new EveError("value", `there is no field ${inspect(name)} (in row ${row})`, `[${row} ${JSON.stringify(name)}]`);
      data[field.index][row] = TYPES[field.type].stored(number(value, field.type));
    }
  }
  return new Columns(null, 0, 0, rows.length, one, shape, data);
}

/** A typed object: fields that hold numbers, and are changed in place by all who have it. */
class EveObject extends Typed {
  /** Of fields, as `{ x: "int32" }`, and their first values (zero where there is none). */
  static from(fields, values = {}) {
    return new EveObject(freshColumns(fields, [values], true), 0);
  }
  constructor(columns, row) {
    super(columns?.s, columns?.low, columns?.high);
    this.columns = columns;
    this.row = row;
  }
  /** The names of its fields with their types. */
  get fields() {
    return fieldsOf(this.columns.shape);
  }
  get size() {
    return this.columns.shape.size;
  }
  whole() {
    return this.columns.one ? this : EveObject.from(this.fields, this.toJS());
  }
  write() {
    this.columns.write();
  }
  get(field) {
    return this.columns.shape.has(field) ? this.columns.column(field).at(this.row) : undefined;
  }
  look(field) {
    return this.get(field);
  }
  has(field) {
    return this.columns.shape.has(field);
  }
  /** Sets a field. */
  set(field, value) {
    this.columns.column(field).set(this.row, value);
    return this;
  }
  /** Sets a field; what was there before. */
  exchange(field, value) {
    return this.columns.column(field).exchange(this.row, value);
  }
  /** Sets a field if it is what is expected; what was there before. */
  compareExchange(field, expected, value) {
    return this.columns.column(field).compareExchange(this.row, expected, value);
  }
  /** Adds to a field; what was there before. */
  add(field, value) {
    return this.columns.column(field).add(this.row, value);
  }
  sub(field, value) {
    return this.columns.column(field).sub(this.row, value);
  }
  keys() {
    return this.columns.shape.keys();
  }
  *entries() {
    for (const field of this.keys()) yield [field, this.get(field)];
  }
  [Symbol.iterator]() {
    return this.entries();
  }
  /** A plain object: a copy. */
  toJS() {
    return Object.fromEntries(this.entries());
  }
  toJSON() {
    return Object.fromEntries([...this.entries()].map(([field, n]) => [field, jsonOf(n)]));
  }
  [inspect.custom](_depth, options) {
    return shownOr(this, options, () => `EveObject ${inspect(this.toJS(), options)}`);
  }
}
EveObject.prototype.kind = RECORDS;

/** An array of typed objects of one shape. */
class EveRecords extends Typed {
  /** Of fields, as `{ x: "int32" }`, and objects with their values, or how many objects there are (all zero). */
  static from(fields, rows) {
    if (typeof rows === "number" && !(Number.isInteger(rows) && rows >= 0 && rows <= 0x7fff_ffff)) throw new EveError("value", `not a number of objects: ${rows}`);
    const all = typeof rows === "number" ? Array(rows).fill({}) : elementsOf(rows, "EveRecords.from");
    return new EveRecords(freshColumns(fields, all, false));
  }
  columns = null;

  constructor(columns) {
    super(columns?.s, columns?.low, columns?.high);
    this.columns = columns;
  }
  get length() {
    return this.columns.rows;
  }
  get size() {
    return this.columns.rows;
  }
  /** The names of the fields with their types. */
  get fields() {
    return fieldsOf(this.columns.shape);
  }
  write() {
    return this.columns.write();
  }
  /** The values of one field, as a typed array that is changed in place. */
  column(field) {
    return this.columns.column(field);
  }
  /** One of the objects; a negative index counts from the end. */
  at(index) {
    const i = indexIn(index, this.length);
    return i < 0 ? undefined : new EveObject(this.columns, i);
  }
  get(index) {
    return this.at(index);
  }
  look(key) {
    return this.get(key);
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.length; i++) yield new EveObject(this.columns, i);
  }
  /** An array of plain objects: a copy. */
  toJS() {
    const columns = [...this.columns.shape.keys()].map((name) => [name, [...this.column(name)]]);
    return Array.from({ length: this.length }, (_, i) => Object.fromEntries(columns.map(([name, values]) => [name, values[i]])));
  }
  toJSON() {
    return [...this].map((row) => row.toJSON());
  }
  [inspect.custom](depth, options) {
    return shownOr(this, options, () => this.shown(depth, options));
  }
  shown(depth, options) {
    const most = Math.min(this.length, options.maxArrayLength ?? 100);
    const shown = Array.from({ length: most }, (_, i) => this.at(i).toJS());
    const more = most < this.length ? ` ... ${this.length - most} more` : "";
    return `EveRecords(${this.length}) ${inspect(shown, { ...options, depth })}${more}`;
  }
}
byIndex(EveRecords, Typed, (_, index) => {
  throw new TypeError(`an object of EveRecords is changed field by field: at(${index}).set(field, value)`);
});
mark(EveRecords);
EveRecords.prototype.kind = RECORDS;
for (const Class of [EveObject, EveRecords]) {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: Class.name, configurable: true });
}

function recordsView(s, low, high, rows, many) {
  const columns = new Columns(s, low, high, rows, many === 0);
  return many === 0 ? new EveObject(columns, 0) : new EveRecords(columns);
}

module.exports = { EveObject, EveRecords, recordsView, Columns, readShape, writeRecords };
