"use strict";
// Ties the collections to what makes them: the decoder, and `own`.

const { makers } = require("./decode.js");
const { EVE, eve } = require("./own.js");
const { Collection, maps } = require("./collection.js");
const { Changes } = require("./changes.js");
const { EveMap } = require("./map.js");
const { EveSet } = require("./set.js");
const { EveSortedMap, EveSortedSet, EveIntMap } = require("./ordered.js");
const { EveVector } = require("./vector.js");
const { EveList } = require("./list.js");
const { reader, count } = require("./frame.js");
const { TYPES, bytesOf } = require("./elements.js");
const { EveArray, arrayOf, fresh } = require("./typed.js");
const { Columns, EveObject, EveRecords, readShape, recordsView } = require("./records.js");

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
makers[27] = viewsOf(EveSortedMap);
makers[28] = viewsOf(EveSortedSet);
makers[29] = viewsOf(EveIntMap);

makers[30] = (snap, low, high, count, type) => new EveArray(snap, low, high, count, type);
makers[31] = recordsView;

/** So many numbers of a type that came over. */
function column(type, length) {
  const data = new TYPES[type].Data(length);
  bytesOf(data).set(reader.bytes.subarray(reader.at, reader.at + data.byteLength));
  reader.at += data.byteLength;
  return data;
}
makers.array = () => {
  const type = reader.bytes[reader.at++];
  return fresh(column(type, count()), type);
};
makers.records = () => {
  const one = reader.bytes[reader.at++] === 0;
  const shape = readShape();
  const rows = count();
  const columns = new Columns(null, 0, 0, rows, one, shape, [...shape.values()].map(({ type }) => column(type, rows)));
  return one ? new EveObject(columns, 0) : new EveRecords(columns);
};
eve.arrayOf = arrayOf;

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

module.exports = { Collection, EveMap, EveSet, EveVector, EveList, EveSortedMap, EveSortedSet, EveIntMap, EveArray, EveObject, EveRecords };
