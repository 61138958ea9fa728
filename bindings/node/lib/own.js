"use strict";
// From what JavaScript has (objects, arrays, Maps, Sets) to eve's collections, and the form of a value as a key.

const { EveError } = require("./error.js");
const { Scalar, Keyword, EveSymbol, Uuid, Decimal, Ratio, Float, Char, Instant, Tagged } = require("./types.js");
const { exactly } = require("./decode.js");
const { isDate, isMap, isSet, isArrayBuffer, isBytes, isPlain, isGone } = require("./realms.js");

/** What eve's collections have, and nothing else: asked before anything else, since a value is mostly one of them or no object. */
const EVE = Symbol("eve");

/** Makers of fresh collections to be filled, put in by collections.js. */
const eve = { is: (value) => value[EVE] === true, emptyMap: null, emptySet: null, vectorOf: null, arrayOf: null };

function isScalar(value) {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "undefined":
      return true;
    case "object":
      return value === null || (value[EVE] !== true && isScalarObject(value));
    default:
      return false;
  }
}

function isScalarObject(value) {
  if (value instanceof Scalar) return true;
  // Most are one of these: to ask what else it may be takes longer.
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) return false;
  if (prototype !== Date.prototype && isBytes(value)) return !isGone(value);
  return (prototype === Date.prototype || isDate(value)) && !Number.isNaN(value.getTime());
}

function step(key) {
  return typeof key === "string" ? JSON.stringify(key) : String(key);
}

function pathTo(job, key) {
  const path = [];
  if (key !== undefined) path.unshift(step(key));
  for (let at = job; at !== null && at.parent !== null; at = at.parent) path.unshift(step(at.key));
  return `[${path.join(" ")}]`;
}

/** What the class of an object is called. */
function nameOf(value) {
  return value.constructor?.name || Object.prototype.toString.call(value).slice(8, -1);
}

function unfit(value, job, key) {
  let what;
  if (typeof value === "function") what = "a function";
  else if (typeof value === "symbol") what = "a symbol of JavaScript (use sym or kw)";
  else if (isDate(value)) what = "an invalid date";
  else if ((ArrayBuffer.isView(value) || isArrayBuffer(value)) && isGone(value)) what = `an instance of ${nameOf(value)} whose memory was transferred or cut off`;
  else if (typeof value.then === "function") what = "a promise";
  else what = `an instance of ${nameOf(value)}`;
  const path = pathTo(job, key);
  const where = path === "[]" ? "" : ` (at ${path})`;
  return new EveError("value", `${what} cannot be stored${where}`, path);
}

/** The collection that is going to have what `value` has, and what is to be put into it; `null` if that cannot be stored. */
function shell(value, open) {
  if (typeof value !== "object") return null;
  if (Array.isArray(value)) return vectorShell(value);
  if (isPlain(value)) return mapShell(Object.entries(value), open);
  if (value instanceof Tagged) return { into: ownTagged(value, open), children: null };
  if (isMap(value)) return mapShell(value.entries(), open);
  if (isSet(value)) return setShell(value);
  if (isArrayBuffer(value)) return isGone(value) ? null : { into: new Uint8Array(value.slice(0)), children: null };
  if (ArrayBuffer.isView(value)) {
    const into = eve.arrayOf(value);
    return into === undefined ? null : { into, children: null };
  }
  return null;
}

function ownTagged(tagged, open) {
  const value = own(tagged.value, open);
  return value === tagged.value ? tagged : new Tagged(tagged.tag, value);
}

function vectorShell(array) {
  const items = new Array(array.length);
  const children = function* () {
    for (let i = 0; i < array.length; i++) yield [i, array[i]];
  };
  return { into: eve.vectorOf(items), children: children(), put: (i, v) => (items[i] = v) };
}

function mapShell(entries, open) {
  const { into, changes } = eve.emptyMap();
  const children = function* () {
    for (const [k, v] of entries) yield [k, v];
  };
  const put = (k, v) => {
    const key = ownKey(k, open);
    changes.set(canonical(key), { key, value: v });
  };
  return { into, children: children(), put };
}

function setShell(set) {
  const { into, changes } = eve.emptySet();
  const children = function* () {
    for (const v of set) yield [undefined, v];
  };
  const put = (_, v) => changes.set(canonical(v), { key: ownKey(v), value: true });
  return { into, children: children(), put };
}

/** As it will be read: one form for each value, and nothing that somebody else can change. */
function ownScalar(value) {
  switch (typeof value) {
    case "undefined":
      return null;
    case "bigint": {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    case "object":
      if (value === null) return null;
      if (value instanceof Scalar) return value instanceof Ratio && value.denominator === 1n ? ownScalar(value.numerator) : value;
      if (isBytes(value)) return new Uint8Array(value);
      return value instanceof Instant ? new Instant(value, value.nanos) : new Date(value);
    default:
      return value;
  }
}

/**
 * As a value of eve: scalars and eve's own as they are, anything else copied. Throws for what cannot be stored. `open`: what is being copied, which
 * a value in it cannot be.
 */
function own(value, open) {
  if (isScalar(value)) return ownScalar(value);
  if (eve.is(value)) return value.isTyped === true ? value.whole() : value;
  open ??= new Set();
  const made = shell(value, open);
  if (made === null) throw unfit(value, null);
  if (made.children === null) return made.into;
  // From the outside in, one job for each collection, so that the stack is not used.
  let job = begin(open, value, made, null, undefined);
  for (;;) {
    const { done, value: child } = job.children.next();
    if (done) {
      open.delete(job.source);
      if (job.parent === null) return job.into;
      job.parent.put(job.key, job.into);
      job = job.parent;
      continue;
    }
    const [key, inner] = child;
    if (isScalar(inner) || eve.is(inner)) {
      job.put(key, isScalar(inner) ? ownScalar(inner) : inner.isTyped === true ? inner.whole() : inner);
      continue;
    }
    const made = shell(inner, open);
    if (made === null) throw unfit(inner, job, key);
    if (made.children === null) {
      job.put(key, made.into);
      continue;
    }
    job = begin(open, inner, made, job, key);
  }
}

/** A collection that is going to be copied. */
function begin(open, source, made, parent, key) {
  if (open.has(source)) {
    const path = pathTo(parent, key);
    throw new EveError("value", `a cycle cannot be stored${path === "[]" ? "" : ` (at ${path})`}`, path);
  }
  open.add(source);
  return { source, ...made, parent, key };
}

/** A key as something to look up; `undefined` if it cannot be stored, so that it is nowhere. */
function ownIfStorable(key) {
  if (isScalar(key) || key[EVE] === true) return key ?? null;
  try {
    return own(key);
  } catch (error) {
    if (error instanceof EveError) return undefined;
    throw error;
  }
}

/** A key as a value of eve. The two zeros are one key, as in a Map: the integer. */
function ownKey(key, open) {
  return key === 0 ? 0 : own(key, open);
}

/** What `===` (as a Map has it) for this is `=` for the value: numbers, strings, keywords are their own. */
function canonical(key) {
  switch (typeof key) {
    case "string":
      return key.charCodeAt(0) === 0 ? `\0s${key}` : key;
    case "bigint":
      return Number.isSafeInteger(Number(key)) ? Number(key) : key;
    case "undefined":
      return null;
    case "object":
      return key === null || key instanceof Keyword || key instanceof EveSymbol ? key : canonicalObject(key);
    default:
      return key;
  }
}

function canonicalObject(key) {
  if (key instanceof Uuid) return `\0u${key.text}`;
  if (key instanceof Decimal) return `\0m${key.canonical}`;
  if (key instanceof Ratio) return key.denominator === 1n ? canonical(key.numerator) : `\0r${key}`;
  // The two zeros of doubles are one key, which is another than the integer's.
  if (key instanceof Float) return Number.isSafeInteger(key.value) ? `\0f${key.value}` : key.value;
  if (key instanceof Char) return `\0h${key.text}`;
  if (key instanceof Instant) return `\0d${key.getTime()} ${key.nanos}`;
  if (key instanceof Date || isDate(key)) return `\0d${key.getTime()}`;
  if (isBytes(key)) return `\0b${Buffer.from(key).toString("hex")}`;
  return `\0c${structure(key)}`;
}

/** A value within a collection as text. Names have any characters, and may read as what is no name: they are quoted. */
function inner(value) {
  // Zeros within a key stay what they are, see `ownKey`: the negative one is a double.
  const c = Object.is(value, -0) ? canonical(new Float(value)) : canonical(value);
  if (typeof c === "string") return JSON.stringify(c);
  if (c instanceof Keyword) return `:${JSON.stringify(c.text)}`;
  if (c instanceof EveSymbol) return `'${JSON.stringify(c.text)}`;
  return typeof c === "bigint" ? `${c}n` : String(c);
}

/** A collection as text: the same for equal ones, and different for others. */
function structure(value) {
  if (value instanceof Tagged) return `#${JSON.stringify(value.tag)} ${inner(value.value)}`;
  const mine = own(value);
  const parts = [];
  const items = exactly(() => [...mine]);
  if (mine.isMap) for (const [k, v] of items) parts.push(`${inner(k)} ${inner(v)}`);
  else for (const v of items) parts.push(inner(v));
  if (mine.isMap || mine.isSet) parts.sort();
  return mine.isMap ? `{${parts.join()}}` : mine.isSet ? `#{${parts.join()}}` : `[${parts.join()}]`;
}

module.exports = { EVE, eve, own, ownKey, ownIfStorable, canonical };
