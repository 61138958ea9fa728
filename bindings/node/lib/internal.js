"use strict";
// `eve/internal`: what a face of another language needs of this package (ClojureScript's is one, in bindings/clojure). Not for
// programs: it changes with the addon.
//
// Such a face opens domains with a `host` of its own: an object that says what values become when they are read
//
//   makers     by code (15 map, 16 set, 17 vector, 18 list) functions (snap, low, high, count, hasMeta) that make views
//   names      an empty array, in which names that are in use are kept
//   keyword, symbol   from a text;   uuid  from 16 bytes;   tagged  from the tag's text and the value
//
// and what they are when they are written:
//
//   own(value)     the value as the atom keeps it; throws for what cannot be stored
//   result(value)  the same for what a function given to swap made
//   encode(value)  writes it as a patch with the functions below; if it throws, `forget` was called before
//
// Views read with the functions below, by the snapshot, and the word in two halves, that they were made with.

const { native } = require("./addon.js");
const { forget, frame, call } = require("./frame.js");
const { EveError } = require("./error.js");
const { Uuid, Decimal, Ratio } = require("./types.js");
const { scalar, text, float, u8, u32, u64, place } = require("./encode.js");
const { find, nth, rest, meta, some, walk } = require("./read.js");
const { Domain } = require("./domain.js");

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

module.exports = {
  Domain,
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
  forget,
  find,
  nth,
  rest,
  meta,
  some,
  walk,
  equalViews,
};
