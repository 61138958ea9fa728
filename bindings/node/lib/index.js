"use strict";

const { EveError } = require("./error.js");
const { Keyword, EveSymbol, Uuid, Decimal, Ratio, Float, Char, Tagged, kw, sym } = require("./types.js");
const { own } = require("./own.js");
const { EveMap, EveSet, EveVector, EveList, EveSortedMap, EveSortedSet, EveIntMap, EveArray, EveObject, EveRecords } = require("./collections.js");
const { same } = require("./read.js");
const edn = require("./edn.js");
const { Atom } = require("./atom.js");
const { Domain, open, atom } = require("./domain.js");

/** A value of eve from plain objects, arrays, Maps and Sets. */
function from(value) {
  return own(value);
}

/** Are two values equal, as Clojure's `=` has it? */
function equals(a, b) {
  return same(a, b);
}

/** A value as EDN. */
function toEDN(value) {
  return edn.stringify(value);
}

module.exports = {
  atom,
  open,
  kw,
  sym,
  from,
  equals,
  toEDN,
  edn,
  Atom,
  Domain,
  EveMap,
  EveSet,
  EveVector,
  EveList,
  EveSortedMap,
  EveSortedSet,
  EveIntMap,
  EveArray,
  EveObject,
  EveRecords,
  Keyword,
  Symbol: EveSymbol,
  Uuid,
  Decimal,
  Ratio,
  Float,
  Char,
  Tagged,
  EveError,
};
