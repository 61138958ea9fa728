"use strict";
// To plain values: for programs that know nothing of eve, and for JSON.

const { Keyword, EveSymbol, Uuid, Decimal, Ratio, Float, Char, Tagged } = require("./types.js");
const { jsonOf } = require("./elements.js");
const read = require("./read.js");

/** What values of eve have as `clone`: it makes cloning them, which would be of no use, an error whose message shows this function. */
function use_toJS() {}

const TAGGED = 19;
const isMap = (kind) => kind === 15 || kind === 27 || kind === 29;
const isSet = (kind) => kind === 16 || kind === 28;

/** The text of a name; any other value as it is. Names stay what they are until their collection is made, which may need to tell them from strings. */
function named(value) {
  return value instanceof Keyword || value instanceof EveSymbol ? value.text : value;
}

/** An object if all keys are texts, and different, by `name`; else null. */
function asObject(items, name) {
  const made = {};
  for (let i = 0; i < items.length; i += 2) {
    const key = name(items[i]);
    if (typeof key !== "string" || Object.hasOwn(made, key)) return null;
    // A key may be called as something that objects inherit.
    Object.defineProperty(made, key, { value: named(items[i + 1]), enumerable: true, writable: true, configurable: true });
  }
  return made;
}

/** Keys and values in pairs. */
function pairs(items, name) {
  const made = [];
  for (let i = 0; i < items.length; i += 2) made.push([name(items[i]), named(items[i + 1])]);
  return made;
}

/** Is it a typed array, object or array of objects? */
function isTyped(value) {
  return value !== null && typeof value === "object" && value.isTyped === true;
}

function scalar(value) {
  if (value instanceof Uuid) return value.text;
  if (value instanceof Decimal || value instanceof Ratio || value instanceof Char) return value.toString();
  if (value instanceof Float) return value.value;
  return value;
}

const asIs = (key) => key;

/** Objects, arrays, Maps, Sets. */
const js = {
  scalar: (value) => (isTyped(value) ? value.toJS() : scalar(value)),
  collection(kind, items, tag) {
    if (isMap(kind)) {
      const object = asObject(items, named);
      if (object !== null) return object;
      // Names become strings if nothing is lost by it.
      const made = new Map(pairs(items, named));
      return made.size * 2 === items.length ? made : new Map(pairs(items, asIs));
    }
    if (isSet(kind)) {
      const made = new Set(items.map(named));
      return made.size === items.length ? made : new Set(items);
    }
    return kind === TAGGED ? { tag, value: named(items[0]) } : items.map(named);
  },
};

/** Texts for keys of any kind; with `exact` names are told from strings. */
const texts = (exact) => (key) => {
  if (typeof key === "string") return key;
  if (key instanceof Keyword || key instanceof EveSymbol) return exact ? String(key) : key.text;
  return JSON.stringify(key);
};

/** What JSON has. */
const json = {
  scalar(value) {
    if (isTyped(value)) return value.toJSON();
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    return scalar(jsonOf(value));
  },
  collection(kind, items, tag) {
    if (isSet(kind)) return items.map(named);
    if (!isMap(kind)) return js.collection(kind, items, tag);
    // An object if it can have all the entries, else these in pairs.
    return asObject(items, texts(false)) ?? asObject(items, texts(true)) ?? pairs(items, named);
  },
};

/** A value in a style. However deep it is, the stack is not used. */
function plain(root, style) {
  const waiting = [];
  let open = { kind: 0, children: [root][Symbol.iterator](), items: [], tag: "" };
  for (;;) {
    const { done, value } = open.children.next();
    if (done) {
      if (open.kind === 0) return named(open.items[0]);
      const made = style.collection(open.kind, open.items, open.tag);
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

module.exports = { plain, js, json, use_toJS };
