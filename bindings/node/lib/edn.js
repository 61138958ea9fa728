"use strict";
// EDN: the engine reads and prints it, here values are made of what it read.

const { native } = require("./addon.js");
const { frame, call } = require("./frame.js");
const { EveError } = require("./error.js");
const { Tagged } = require("./types.js");
const { eve, own, canonical } = require("./own.js");
const { EveList } = require("./collections.js");
const encode = require("./encode.js");
const decode = require("./decode.js");
const read = require("./read.js");

/** Lines of this width are for people. */
const PRETTY = 100;

const makers = {
  15(items) {
    const { into, changes } = eve.emptyMap();
    for (let i = 0; i < items.length; i += 2) changes.set(canonical(items[i]), { key: items[i], value: items[i + 1] });
    return into;
  },
  16(items) {
    const { into, changes } = eve.emptySet();
    for (const key of items) changes.set(canonical(key), { key, value: true });
    return into;
  },
  17: (items) => eve.vectorOf(items),
  18: (items) => EveList.from(items),
  19: ([value], tag) => new Tagged(tag, value),
  20: ([meta, value]) => value.withMeta(meta),
};

const made = (kind, items, tag) => makers[kind](items, tag);
const asItIs = (value) => value;

function values(text, one, exact) {
  if (typeof text !== "string") throw new EveError("value", "EDN is read from a string");
  encode.value(text);
  frame.head[0] = one ? 1 : 0;
  call(native.parse);
  const read_all = () => Array.from({ length: frame.head[0] }, () => read.tree(null, made, asItIs));
  return exact ? decode.exactly(read_all) : read_all();
}

/** The value that the text holds. With `exact`, whole doubles and characters are `Float`s and `Char`s, which are stored as what they are. */
function parse(text, { exact = false } = {}) {
  return values(text, true, exact)[0];
}

/** All values that the text holds. */
function parseAll(text, { exact = false } = {}) {
  return values(text, false, exact);
}

/** A value as EDN: on one line, or with `pretty` on lines for people; `meta: false` leaves metadata out. */
function stringify(value, { pretty = false, meta = true } = {}) {
  return read.print(own(value), pretty ? PRETTY : 0, meta);
}

module.exports = { parse, parseAll, stringify };
