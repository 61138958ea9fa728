"use strict";

const { EveError } = require("./error.js");
const { Keyword, EveSymbol, Uuid, Decimal, Ratio, Tagged, kw, sym } = require("./types.js");
const { own } = require("./own.js");
const { EveMap, EveSet, EveVector, EveList } = require("./collections.js");
const { equal, print } = require("./read.js");
const { Atom } = require("./atom.js");
const { Domain, open, atom } = require("./domain.js");

/** A value of eve from plain objects, arrays, Maps and Sets. */
function from(value) {
  return own(value);
}

/** Are two values equal, as Clojure's `=` has it? */
function equals(a, b) {
  return equal(own(a), own(b));
}

/** A value as EDN. */
function toEDN(value) {
  return print(own(value));
}

module.exports = {
  atom,
  open,
  kw,
  sym,
  from,
  equals,
  toEDN,
  Atom,
  Domain,
  EveMap,
  EveSet,
  EveVector,
  EveList,
  Keyword,
  Symbol: EveSymbol,
  Uuid,
  Decimal,
  Ratio,
  Tagged,
  EveError,
};
