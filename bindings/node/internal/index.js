"use strict";
// `eve/internal`: what a face of another language needs of this package (ClojureScript's is one, in bindings/clojure). Not for
// programs: it changes with the addon.
//
// Such a face opens domains with a `host` of its own: an object that says what values become when they are read
//
//   makers     by code (15 map, 16 set, 17 vector, 18 list, 27 sorted map, 28 sorted set, 29 integer map) functions (snap, low, high, count, hasMeta) that make views;
//              of typed arrays (30) and typed objects (31) with the type of the elements, or 1 for an array of objects, as the last one
//   names      an empty array, in which names that are in use are kept
//   keyword, symbol   from a text;   uuid  from 16 bytes;   tagged  from the tag's text and the value
//
// and what they are when they are written:
//
//   own(value)     the value as the atom keeps it; throws for what cannot be stored
//   result(value)  the same for what a function given to swap made
//   encode(value)  writes it as a patch with the functions below; if it throws, `forget` was called before
//   writeDelta(before, after, number, low, high)  if it is there: writes what makes `after` (as `result` gave it) of `before` as a patch against the
//              root under a number, whose word is undefined if it is that of `before`. False, and nothing is written, if it cannot; see lib/delta.js
//
// Views read with the functions below, by the snapshot, and the word in two halves, that they were made with.

const path = require("node:path");
const { native } = require("../lib/addon.js");
const { forget, frame, call, reader } = require("../lib/frame.js");
const { EveError } = require("../lib/error.js");
const { Uuid, Decimal, Ratio } = require("../lib/types.js");
const { EVE } = require("../lib/own.js");
const { isDate, isMap, isSet, isBytes, isPlain, isGone } = require("../lib/realms.js");
const { value, scalar, text, float, u8, u32, u64, place, placeAt, inPlace } = require("../lib/encode.js");
const read = require("../lib/read.js");
const { Domain } = require("../lib/domain.js");
const typed = require("./typed.js");

const { Snap, DESCENDING, INCLUSIVE, FROM_END, find, nth, rest, meta, some, walk, tree, copyReader } = read;
const STR = 6;
const VIEW = 21;

/** Are two views equal? What they share is not looked at. */
function equalViews(snap, low, high, otherSnap, otherLow, otherHigh) {
  u8(VIEW);
  place(snap, low, high);
  u8(VIEW);
  place(otherSnap, otherLow, otherHigh);
  call(native.equal);
  return frame.head[0] === 1;
}

/**
 * As `walk`, of a map or set that keeps an order: from the key that `writeKey` writes on, if it is given, or from the end. The key itself
 * is among them.
 */
function walkFrom(snap, low, high, each, descending, writeKey) {
  const flags = (descending ? DESCENDING : 0) | (writeKey ? INCLUSIVE : FROM_END);
  return read.walkFrom(snap, low, high, each, writeKey, flags);
}

/**
 * The values in a text of EDN: scalars as the host has them, collections as `make(kind, items, tag)` makes them of what is in them, typed
 * arrays (30) and typed objects (31) of the arguments of `typed.newArray` and `typed.newRecords`. `make` may call whatever it likes.
 */
function parse(edn, host, make) {
  text(STR, edn);
  frame.head[0] = 0;
  call(native.parse);
  const count = frame.head[0];
  // Calls that `make` does take the frame, and the reader.
  copyReader();
  const { bytes, view } = reader;
  const made = (kind, items, tag) => {
    const { at } = reader;
    try {
      return make(kind, items, tag);
    } finally {
      Object.assign(reader, { bytes, view, at });
    }
  };
  const snap = new Snap(host);
  const scalar = (value) => (value?.isTyped ? made(value.kind, typed.parts(value)) : value);
  return Array.from({ length: count }, () => tree(snap, made, scalar));
}

/** Is it a value as JavaScript programs have them? It is written by `writeOwn`. */
const isOwn = (value) => value?.[EVE] === true;

/** Has it no half surrogate pairs? Names need that. */
const isWellFormed = (string) => string.isWellFormed();

/** The methods of atoms and domains as functions: names of properties do not survive the compilers of other languages. */
const calls = {
  resolve: (file) => path.resolve(file),
  open: (file, options) => new Domain(file, options),
  isOpen: (domain) => domain.isOpen,
  pathOf: (domain) => domain.path,
  isAtItsPath: (domain) => domain.isAtItsPath(),
  atomOf: (domain, id) => domain.atom(id),
  createAtom: (domain, id, first) => domain.atom(id, first),
  anonymousAtom: (domain, first) => domain.anonymous(first),
  names: (domain) => domain.atoms(),
  remove: (domain, id) => domain.remove(id),
  stat: (domain) => domain.stat(),
  reclaim: (domain) => domain.reclaim(),
  verify: (domain) => domain.verify(),
  close: (domain) => domain.close(),
  idOf: (atom) => atom.id,
  domainOf: (atom) => atom.domain,
  deref: (atom) => atom.deref(),
  swapValues: (atom, f) => atom.swapValues(f),
  update: (atom, f) => atom.update(f),
  version: (atom) => atom.version,
  watch: (atom, f) => atom.watch(f),
};

module.exports = {
  ...calls,
  EveError,
  Uuid,
  Decimal,
  Ratio,
  scalar,
  text,
  float,
  u8,
  u32,
  u64,
  place,
  placeAt,
  inPlace,
  forget,
  find,
  nth,
  rest,
  meta,
  some,
  walk,
  walkFrom,
  equalViews,
  parse,
  isWellFormed,
  isDate,
  isMap,
  isSet,
  isBytes,
  isPlain,
  isGone,
  isOwn,
  writeOwn: value,
  typed,
};
