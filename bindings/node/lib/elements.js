"use strict";
// The types of the elements of typed arrays, by their codes, and what is done to one element of an array that is not stored yet.

const { inspect } = require("node:util");
const { EveError } = require("./error.js");
const { elementsOf } = require("./options.js");
const { typedArrayName } = require("./realms.js");

const same = (n) => n;
const shownLong = (n) => (n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n);

function integers(name, Data, least, most) {
  return { name, Data, least, most, float: false, shown: same, stored: same, wide: same, narrow: same };
}
function floats(name, Data) {
  return { name, Data, float: true, shown: same, stored: same, wide: same, narrow: same };
}

const TYPES = [
  integers("int8", Int8Array, -0x80, 0x7f),
  integers("uint8", Uint8Array, 0, 0xff),
  integers("uint8-clamped", Uint8ClampedArray, 0, 0xff),
  integers("int16", Int16Array, -0x8000, 0x7fff),
  integers("uint16", Uint16Array, 0, 0xffff),
  integers("int32", Int32Array, -0x8000_0000, 0x7fff_ffff),
  integers("uint32", Uint32Array, 0, 0xffff_ffff),
  {
    ...integers("int64", BigInt64Array, -(2n ** 63n), 2n ** 63n - 1n),
    shown: shownLong,
    stored: BigInt,
    wide: BigInt,
    narrow: (n) => BigInt.asIntN(64, n),
  },
  floats("float32", Float32Array),
  floats("float64", Float64Array),
];
const CLAMPED = 2;
const INT64 = 7;
const FLOAT32 = 8;

const CODES = new Map(TYPES.map(({ Data }, code) => [Data.name, code]));

/** The code of the type of a typed array of JavaScript, or -1. */
function typeOf(data) {
  return CODES.get(typedArrayName(data)) ?? -1;
}

/** The code of a type by its name. */
function typeNamed(name) {
  const type = TYPES.findIndex((type) => type.name === name);
  if (type < 0) throw new EveError("value", `${String(name)} is no type of elements; they are ${TYPES.map(({ name }) => name).join(", ")}`);
  return type;
}

/** The bytes of a typed array of JavaScript. */
function bytesOf(data) {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The number, if an element of the type can be it. */
function number(value, code) {
  const type = TYPES[code];
  if (type.float) {
    if (typeof value === "number") return value;
  } else if (typeof value === "bigint" || Number.isInteger(value)) {
    if (code === CLAMPED) return Number(value < 0 ? 0 : value > 255 ? 255 : value);
    if (value >= type.least && value <= type.most) return code === INT64 ? value : Number(value);
    throw new EveError("value", `${value} is no ${type.name}: these are from ${type.least} to ${type.most}`);
  } else if (code === CLAMPED && typeof value === "number") return new Uint8ClampedArray([value])[0];
  throw new EveError("value", `an element of the type ${type.name} is no ${inspect(value, { depth: 0 })}`);
}

/** A typed array of JavaScript of a type, with the numbers in something that can be gone through. */
function dataOf(code, numbers) {
  const { Data, stored } = TYPES[code];
  const all = elementsOf(numbers, "a typed array");
  const data = new Data(all.length);
  for (let i = 0; i < all.length; i++) data[i] = stored(number(all[i], code));
  return data;
}

/** An element, or what is in a field, as JSON has it. */
function jsonOf(element) {
  return typeof element === "bigint" ? element.toString() : element;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Puts a number into two numbers of a head: integers extended to 64 bits, floats as their bits. */
function putBits(head, at, value, code) {
  if (code === INT64) scratch.setBigInt64(0, BigInt(value), true);
  else if (code < INT64) {
    head[at] = value | 0;
    head[at + 1] = value < 0 ? -1 : 0;
    return;
  } else if (code === FLOAT32) {
    scratch.setFloat32(0, value, true);
    scratch.setInt32(4, 0, true);
  } else scratch.setFloat64(0, value, true);
  head[at] = scratch.getInt32(0, true);
  head[at + 1] = scratch.getInt32(4, true);
}

/** The number in two numbers of a head. */
function bitsAt(head, at, code) {
  if (code < INT64) return TYPES[code].least === 0 ? head[at] >>> 0 : head[at];
  scratch.setInt32(0, head[at], true);
  scratch.setInt32(4, head[at + 1], true);
  if (code === INT64) return shownLong(scratch.getBigInt64(0, true));
  return code === FLOAT32 ? scratch.getFloat32(0, true) : scratch.getFloat64(0, true);
}

/** What each operation makes of an element. */
const ELEMENTS = {
  load: (before) => before,
  store: (_, operand) => operand,
  exchange: (_, operand) => operand,
  compareExchange: (before, operand, expected) => (Object.is(before, expected) ? operand : before),
  add: (before, operand) => before + operand,
  sub: (before, operand) => before - operand,
  and: (before, operand) => before & operand,
  or: (before, operand) => before | operand,
  xor: (before, operand) => before ^ operand,
};

module.exports = { TYPES, ELEMENTS, typeOf, typeNamed, bytesOf, dataOf, number, jsonOf, putBits, bitsAt };
