"use strict";
// Typed arrays and objects for faces of other languages: elements in place, and patches of new ones. Elements are those of an array, or
// of one field of typed objects; `type` is the number of their type.

const { native } = require("../lib/addon.js");
const { call } = require("../lib/frame.js");
const { TYPES, number, typeOf, dataOf } = require("../lib/elements.js");
const { writeArray, ARRAY } = require("../lib/typed.js");
const { writeRecords, readShape } = require("../lib/records.js");
const lanes = require("../lib/lanes.js");
const read = require("../lib/read.js");
// What is typed in a text of EDN is made by it.
require("../lib/collections.js");

const UINT8 = 1;

/** By the number of the type. */
const names = TYPES.map(({ name }) => name);

/** The number of the type of a typed array of JavaScript, or -1. A `Uint8Array` has none here: it is bytes. */
function laneOf(array) {
  const type = typeOf(array);
  return type === UINT8 ? -1 : type;
}

/** An element as it is shown: a BigInt only if it has to be one. */
const shown = (type, element) => TYPES[type].shown(element);

/** Does one of load, store, exchange, compare-exchange, add, sub, and, or, xor (0 to 8) on an element; what was there before. */
function update(snap, low, high, field, type, index, op, operand, expected) {
  return lanes.update(snap, low, high, field, type, index, op, number(operand, type), number(expected, type));
}

function fill(snap, low, high, field, type, from, n, value) {
  lanes.fill(snap, low, high, field, type, from, n, number(value, type));
}

/** The fields of typed objects, in their order: names and numbers of types. */
function shape(snap, low, high) {
  read.place(snap, low, high);
  call(native.recordsInfo);
  return [...readShape()].map(([name, { type }]) => ({ name, type }));
}

/** A typed array of JavaScript for so many elements, or of the elements of an array. */
function elements(type, of) {
  return typeof of === "number" ? new TYPES[type].Data(of) : dataOf(type, of);
}

/** What `newArray` or `newRecords` takes, of a typed array or typed objects of this package that are not stored. */
function parts(value) {
  if (value.kind === ARRAY) return [value.code, value.data];
  const { columns } = value;
  return [!columns.one, columns.rows, columns.parts()];
}

const { copyOf, write, wait, notify } = lanes;

module.exports = {
  names,
  parts,
  typeOf: laneOf,
  shown,
  update,
  copyOf,
  write,
  fill,
  wait,
  notify,
  shape,
  elements,
  newArray: writeArray,
  newRecords: writeRecords,
};
