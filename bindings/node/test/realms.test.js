"use strict";
// Values of another realm: a context of `node:vm`, as the REPL of Node and test runners have it, with classes of its own.

const test = require("node:test");
const assert = require("node:assert/strict");
const vm = require("node:vm");
const { atom, equals, from, kw, EveArray, EveMap, EveSortedMap, EveVector, Uuid } = require("..");
const { stored } = require("./support.js");

const other = vm.createContext({ kw });
const there = (source) => vm.runInContext(`(${source})`, other);

const values = {
  objects: "{ a: { b: 1 }, c: null }",
  "objects without a prototype": "Object.assign(Object.create(null), { a: 1 })",
  arrays: "[1, [2], []]",
  Maps: 'new Map([[{ k: 1 }, "v"], [[1], new Map()], [kw("k"), 1]])',
  Sets: "new Set([1, [2], new Set([3])])",
  dates: "new Date(5)",
  bytes: "new Uint8Array([0, 255])",
  buffers: "new Uint8Array([7]).buffer",
  integers: "[new Int8Array([-1]), new Uint8ClampedArray([1]), new Int16Array([-1]), new Uint16Array([1]), new Int32Array([-1]), new Uint32Array([1])]",
  "64 bits": "[new BigInt64Array([-1n]), new Float32Array([0.5]), new Float64Array([0.1])]",
};

for (const [name, source] of Object.entries(values)) {
  test(`${name} of another realm go in like own ones`, () => {
    const [foreign, own] = [there(source), new Function("kw", `return (${source})`)(kw)];
    assert.ok(!(foreign instanceof Object), "it is of another realm");
    for (const value of [from(foreign), stored(foreign), stored({}).set("x", foreign).get("x"), atom(0).swap(() => foreign)]) {
      assert.ok(equals(value, own));
      assert.equal(value.constructor, from(own).constructor);
    }
    assert.ok(from([foreign]).equals([own]) && from([own]).includes(own) && equals(foreign, own));
    assert.deepEqual(stored([foreign]).toJS(), stored([own]).toJS());
  });
}

test("what was given is copied, into classes of this realm", () => {
  const foreign = there("{ d: new Date(5), b: new Uint8Array([1]), i: new Int32Array([1]) }");
  const mine = from(foreign);
  foreign.d.setTime(6);
  foreign.b[0] = 2;
  foreign.i[0] = 2;
  for (const value of [mine, stored(mine)]) {
    assert.deepEqual(value.toJS(), { d: new Date(5), b: new Uint8Array([1]), i: new Int32Array([1]) });
    assert.ok(value.get("d") instanceof Date && value.get("b") instanceof Uint8Array && value.get("i") instanceof EveArray);
  }
});

test("keys of another realm find what lies under own ones", () => {
  const entries = [[new Date(5), 1], [new Uint8Array([1, 2]), 2], [[1, { a: 2 }], 3], [new Set([1]), 4]];
  const keys = ["new Date(5)", "new Uint8Array([1, 2])", "[1, { a: 2 }]", "new Set([1])"].map(there);
  for (const map of [from(new Map(entries)), stored(new Map(entries)), stored({}).merge(new Map(entries)), stored(EveSortedMap.from(entries))]) {
    keys.forEach((key, i) => {
      assert.equal(map.get(key), i + 1);
      assert.equal(map.getIn([key]), i + 1);
      assert.equal(map.set(key, "new").size, 4);
      assert.equal(map.delete(key).size, 3);
    });
  }
  const vector = stored([new Date(5), [1]]);
  assert.deepEqual([vector.indexOf(there("new Date(5)")), vector.indexOf(there("[1]")), vector.getIn(there("[1, 0]"))], [0, 1, 1]);
  assert.deepEqual([...EveSortedMap.from(entries).range(there("new Date(5)"), there("new Date(6)"))], [[new Date(5), 1]]);
});

test("makers take what is of another realm", () => {
  assert.ok(EveMap.from(there("new Map([[1, 2]])")).equals(new Map([[1, 2]])) && EveVector.from(there("[1]")).equals([1]));
  assert.deepEqual(EveArray.from(there("new Int16Array([1, 2])")).toTypedArray(), new Int16Array([1, 2]));
  assert.deepEqual(stored(new Int16Array(2)).setAll(there("new Int16Array([1, 2])")).toTypedArray(), new Int16Array([1, 2]));
  assert.equal(new Uuid(there("new Uint8Array(16)")).text, "00000000-0000-0000-0000-000000000000");
  assert.ok(from([1]).withMeta(there("{ a: 1 }")).meta.equals({ a: 1 }));
  assert.equal(atom(there("{ id: 'realms/of-another', persistent: null }"), 5).deref(), 5);
});

test("what cannot be stored is called the same wherever it comes from", () => {
  const cases = [
    ["() => 1", /^a function cannot/],
    ["Symbol('s')", /^a symbol of JavaScript/],
    ["Promise.resolve()", /^a promise cannot/],
    ["new Date(NaN)", /^an invalid date cannot/],
    ["new (class Foo {})()", /^an instance of Foo cannot/],
    ["new Error('x')", /^an instance of Error cannot/],
    ["new DataView(new ArrayBuffer(1))", /^an instance of DataView cannot/],
  ];
  for (const [source, message] of cases) {
    const value = there(source);
    assert.throws(() => from({ a: [value] }), { kind: "value", path: '["a" 0]', message });
    assert.equal(stored({ a: 1 }).get(value), undefined);
  }
  const cycle = there("(() => { const a = []; a.push(a); return a; })()");
  assert.throws(() => from(cycle), { kind: "value", message: /a cycle cannot be stored/ });
});
