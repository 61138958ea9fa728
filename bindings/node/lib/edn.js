"use strict";
// EDN: the engine reads and prints it, here values are made of what it read.

const { native } = require("./addon.js");
const { frame, call } = require("./frame.js");
const { EveError } = require("./error.js");
const { Tagged } = require("./types.js");
const { eve, own, ownKey, canonical } = require("./own.js");
const { Changes } = require("./changes.js");
const { EveMap, EveSet, EveList, EveSortedMap, EveSortedSet, EveIntMap } = require("./collections.js");
const encode = require("./encode.js");
const decode = require("./decode.js");
const read = require("./read.js");

/** Lines of this width are for people. */
const PRETTY = 100;

/** A map or set of a class with these parts of entries. */
function keyed(Class, items) {
  const changes = new Map();
  const { each } = Class.prototype;
  for (let i = 0; i < items.length; i += each) changes.set(canonical(items[i]), { key: ownKey(items[i]), value: each === 2 ? items[i + 1] : true });
  return new Class(null, 0, 0, 0, new Changes(changes));
}

const makers = {
  15: (items) => keyed(EveMap, items),
  16: (items) => keyed(EveSet, items),
  27: (items) => keyed(EveSortedMap, items),
  28: (items) => keyed(EveSortedSet, items),
  29: (items) => keyed(EveIntMap, items),
  17: (items) => eve.vectorOf(items),
  18: (items) => EveList.from(items),
  19: ([value], tag) => new Tagged(tag, value),
  20: ([meta, value]) => value.withMeta(meta),
};

read.trees.made = (kind, items, tag) => makers[kind](items, tag);

function values(text, one, options) {
  if (typeof text !== "string") throw new EveError("value", "EDN is read from a string");
  encode.value(text);
  frame.head[0] = one ? 1 : 0;
  call(native.parse);
  const count = frame.head[0];
  return options?.exact ? decode.exactly(() => read.trees(count)) : read.trees(count);
}

/** The value that the text holds. With `exact`, whole doubles and characters are `Float`s and `Char`s, which are stored as what they are. */
function parse(text, options) {
  return values(text, true, options)[0];
}

/** All values that the text holds. */
function parseAll(text, options) {
  return values(text, false, options);
}

/** A value as EDN: on one line, or with `pretty` on lines for people; `meta: false` leaves metadata out. */
function stringify(value, options) {
  const { pretty = false, meta = true } = options ?? {};
  return read.print(own(value), pretty ? PRETTY : 0, meta);
}

module.exports = { parse, parseAll, stringify };
