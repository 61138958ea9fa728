"use strict";
// To plain values: for programs that know nothing of eve, and for JSON.

const { Keyword, EveSymbol, Uuid, Decimal, Ratio, Float, Char, Tagged } = require("./types.js");
const read = require("./read.js");

const TAGGED = 19;
const isMap = (kind) => kind === 15 || kind === 27 || kind === 29;
const isSet = (kind) => kind === 16 || kind === 28;

/** An object if all keys are different names, else null. */
function asObject(items) {
  const made = {};
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    if (typeof key !== "string" || Object.hasOwn(made, key)) return null;
    // A key may be called as something that objects inherit.
    Object.defineProperty(made, key, { value: items[i + 1], enumerable: true, writable: true, configurable: true });
  }
  return made;
}

/** Is it a typed array, object or array of objects? */
function isTyped(value) {
  return value !== null && typeof value === "object" && value.isTyped === true;
}

function scalar(value) {
  if (value instanceof Keyword || value instanceof EveSymbol || value instanceof Uuid) return value.text;
  if (value instanceof Decimal || value instanceof Ratio || value instanceof Char) return value.toString();
  if (value instanceof Float) return value.value;
  return value;
}

/** Objects, arrays, Maps, Sets. */
const js = {
  scalar: (value) => (isTyped(value) ? value.toJS() : scalar(value)),
  collection(kind, items, tag) {
    if (isMap(kind)) {
      const object = asObject(items);
      if (object !== null) return object;
      const made = new Map();
      for (let i = 0; i < items.length; i += 2) made.set(items[i], items[i + 1]);
      return made;
    }
    if (isSet(kind)) return new Set(items);
    return kind === TAGGED ? { tag, value: items[0] } : items;
  },
};

/** What JSON has. */
const json = {
  scalar(value) {
    if (typeof value === "bigint") return value.toString();
    if (isTyped(value)) return value.toJSON();
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    return scalar(value);
  },
  collection(kind, items, tag) {
    if (isSet(kind)) return items;
    if (!isMap(kind)) return js.collection(kind, items, tag);
    return asObject(items) ?? asObject(items.map((key, i) => (i % 2 === 0 && typeof key !== "string" ? JSON.stringify(key) : key)));
  },
};

/** A value in a style. However deep it is, the stack is not used. */
function plain(root, style) {
  const waiting = [];
  let open = { kind: 0, children: [root][Symbol.iterator](), items: [], tag: "" };
  for (;;) {
    const { done, value } = open.children.next();
    if (done) {
      const made = open.kind === 0 ? open.items[0] : style.collection(open.kind, open.items, open.tag);
      if (waiting.length === 0) return made;
      open = waiting.pop();
      open.items.push(made);
    } else if (value instanceof Tagged) {
      waiting.push(open);
      open = { kind: TAGGED, children: [value.value][Symbol.iterator](), items: [], tag: value.tag };
    } else if (value === null || typeof value !== "object" || value.kind === undefined || value.write === undefined || isTyped(value)) {
      open.items.push(style.scalar(value));
    } else if (value.isView) {
      open.items.push(read.deep(value.s, value.low, value.high, style.collection, style.scalar));
    } else {
      waiting.push(open);
      open = { kind: value.kind, children: value.parts(), items: [], tag: "" };
    }
  }
}

module.exports = { plain, js, json };
