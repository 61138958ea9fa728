"use strict";
// What a value of JavaScript's own classes is, whatever realm it comes from: code in another context of `node:vm` has classes of its own, of which
// `instanceof` knows nothing.

const { types } = require("node:util");

const { isDate, isMap, isSet, isArrayBuffer, isUint8Array: isBytes } = types;

/** Is it an object as `{}` makes them, or one without a prototype? Only the prototypes of such objects have none themselves. */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** What a typed array is called, as "Int32Array"; `undefined` for anything else. */
const nameOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
function typedArrayName(value) {
  return nameOf.call(value);
}

/** Is what an ArrayBuffer or a typed array held gone: sent to another thread, or cut off? It is empty then, and whatever reads it throws. */
function isGone(data) {
  if (data.byteLength > 0) return false;
  try {
    if (isArrayBuffer(data)) new Uint8Array(data);
    else Uint8Array.prototype.slice.call(data);
    return false;
  } catch {
    return true;
  }
}

module.exports = { isDate, isMap, isSet, isArrayBuffer, isBytes, isPlain, isGone, typedArrayName };
