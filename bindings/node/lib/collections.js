"use strict";
// Ties the collections to what makes them: the decoder, and `own`.

const { makers } = require("./decode.js");
const { EVE, eve } = require("./own.js");
const { Collection, maps } = require("./collection.js");
const { Changes } = require("./changes.js");
const { EveMap } = require("./map.js");
const { EveSet } = require("./set.js");
const { EveVector } = require("./vector.js");
const { EveList } = require("./list.js");

function viewsOf(Class) {
  return (snap, low, high, count, hasMeta) => {
    const view = new Class(snap, low, high, count, null);
    if (hasMeta !== 0) view.hasMeta = true;
    return view;
  };
}
makers[15] = viewsOf(EveMap);
makers[16] = viewsOf(EveSet);
makers[17] = viewsOf(EveVector);
makers[18] = viewsOf(EveList);

for (const Class of [EveMap, EveSet, EveVector, EveList]) Object.defineProperty(Class.prototype, EVE, { value: true });

eve.emptyMap = () => {
  const changes = new Map();
  return { into: new EveMap(null, 0, 0, 0, new Changes(changes)), changes };
};
eve.emptySet = () => {
  const changes = new Map();
  return { into: new EveSet(null, 0, 0, 0, new Changes(changes)), changes };
};
eve.vectorOf = (items) => {
  const vector = new EveVector(null, 0, 0, 0);
  vector.tail = items;
  vector.more = items.length;
  return vector;
};
maps.empty = () => eve.emptyMap().into;

module.exports = { Collection, EveMap, EveSet, EveVector, EveList };
