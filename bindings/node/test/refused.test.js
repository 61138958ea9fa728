"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const eve = require("..");
const { atom, from, edn, equals, EveArray, EveList, EveMap, EveObject, EveRecords, EveSet, EveVector, Decimal, Ratio, Tagged } = eve;
const { stored } = require("./support.js");

test("what cannot be stored is an error that names the way to it", () => {
  const cases = [
    [{ a: [1, () => 1] }, '["a" 1]', /a function/],
    [new Map([["k", Symbol("s")]]), '["k"]', /a symbol of JavaScript/],
    [{ p: Promise.resolve() }, '["p"]', /a promise/],
    [[new (class Foo {})()], "[0]", /an instance of Foo/],
    [[new WeakMap()], "[0]", /WeakMap/],
  ];
  const cycle = { list: [] };
  cycle.list.push(cycle);
  cases.push([cycle, '["list" 0]', /a cycle/]);
  const held = atom({ kept: 1 });
  for (const [value, path, message] of cases) {
    assert.throws(() => from(value), (error) => error instanceof eve.EveError && error.path === path && message.test(error.message));
    assert.throws(() => held.reset(value), { kind: "value" });
    assert.throws(() => held.swap((m) => m.set("x", value)), { kind: "value" });
  }
  assert.deepEqual(held.deref().toJS(), { kept: 1 });
  const twice = [1];
  assert.deepEqual(from([twice, twice]).toJS(), [[1], [1]]);
  assert.throws(() => from(() => 1), { kind: "value", message: /a function cannot be stored/ });
  assert.throws(() => stored(new Date(NaN)), { kind: "value" });
  assert.equal(stored(3), 3);
});

test("what cannot be stored is under no key, as in a Map", () => {
  class Mine {}
  for (const map of [from({ a: 1 }), stored({ a: 1 }), stored({ a: 1 }).set("b", 2)]) {
    for (const key of [() => 1, Symbol("a"), new Mine(), Promise.resolve(), [() => 1], { f: () => 1 }]) {
      assert.equal(map.get(key), undefined);
      assert.equal(map.has(key), false);
      assert.equal(map.delete(key), map);
      assert.equal(map.getIn([key]), undefined);
      assert.equal(map.getIn(["a", key]), undefined);
      assert.throws(() => map.set(key, 1), { kind: "value" });
    }
  }
  assert.throws(() => from((function* () {})()), { message: "an instance of Generator cannot be stored" });
});

test("what cannot be stored equals nothing but itself", () => {
  const cycle = [];
  cycle.push(cycle);
  const f = () => 1;
  for (const odd of [f, Symbol("s"), new Date(NaN), Promise.resolve(), [f], { f }, new Tagged("t", f), cycle]) {
    for (const value of [1, null, [1], stored([1]), stored({ a: 1 }), stored(new Int32Array(1)), "text"]) {
      assert.deepEqual([equals(odd, value), equals(value, odd), value?.equals?.(odd) ?? false], [false, false, false]);
    }
    assert.equal(equals(odd, odd), true);
  }
  assert.deepEqual([equals(0, -0), equals(NaN, NaN), equals(1, 1n), equals(undefined, null)], [false, true, true, true]);
});

test("what makes no sense is an error of eve, at once", () => {
  assert.throws(() => from({ a: [new Date(NaN)] }), { kind: "value", path: '["a" 0]', message: /an invalid date cannot be stored/ });
  assert.throws(() => from({}).set("d", new Date(NaN)), { kind: "value" });
  assert.equal(from({}).get(new Date(NaN)), undefined);
  for (const wrong of [5, [1], "ab", true, new Set(["x"])]) {
    assert.throws(() => EveMap.from(wrong), { kind: "value", message: /a map is made from/ });
    assert.throws(() => from({}).merge(wrong), { kind: "value", message: /a map is made from/ });
  }
  assert.deepEqual(from({ a: 1 }).merge(null, undefined, from([["b", 2]]), [["c", 3]], { d: 4 }).toJS(), { a: 1, b: 2, c: 3, d: 4 });
  for (const make of [() => new Decimal(0.5), () => new Decimal(null), () => new Ratio(0.5, 1), () => new Ratio(1, {})]) assert.throws(make, { kind: "value" });
  assert.throws(() => atom(0).changes({ signal: 5 }), { kind: "value", message: /AbortSignal/ });
});

test("a path is keys, and no string, whose characters nobody means", () => {
  for (const value of [from({ ada: 1 }), stored({ ada: 1 }), from([1])]) {
    for (const path of ["ada", 0, null, undefined, {}]) {
      assert.throws(() => value.getIn(path), { kind: "value", message: /getIn takes a path, which is an array of keys/ });
      assert.throws(() => value.setIn(path, 1), { kind: "value", message: /setIn takes a path/ });
      assert.throws(() => value.updateIn(path, () => 1), { kind: "value", message: /updateIn takes a path/ });
    }
  }
});

test("cycles through keys and tagged values are found", () => {
  const map = new Map();
  map.set([map], 1);
  const list = [];
  list.push(new Tagged("t", list));
  const key = [1];
  key.push(key);
  for (const cycle of [map, list, key, [map]]) assert.throws(() => from(cycle), { kind: "value", message: /a cycle cannot be stored/ });
  assert.throws(() => from({}).set(key, 1), { kind: "value", message: /a cycle/ });
  assert.equal(from({}).get(key), undefined);
  assert.equal(from(new Map([[list.slice(0, 0), [1]], [[1], [1]]])).size, 2);
  const both = [1];
  assert.equal(from(new Map([[both, both]])).get([1])[0], 1);
});

test("ten thousand levels are no trouble", () => {
  let deep = [];
  for (let i = 0; i < 10_000; i++) deep = i % 2 === 0 ? [deep] : { deep };
  const value = stored(deep);
  let js = value.toJS();
  let levels = 0;
  for (; js.length !== 0; levels++) js = Array.isArray(js) ? js[0] : js.deep;
  assert.equal(levels, 10_000);
  assert.ok(equals(value, deep));
  assert.equal(from(deep).toJS() !== null, true);
});

test("depth costs what it is, not its square", () => {
  const took = (levels) => {
    let deep = null;
    for (let i = 0; i < levels; i++) deep = { next: deep };
    const begun = process.cpuUsage().user;
    from(deep);
    return process.cpuUsage().user - begun;
  };
  took(20_000);
  const short = Math.min(took(5_000), took(5_000), took(5_000));
  assert.ok(took(80_000) < 80 * Math.max(short, 1_000));
});

test("a typed array whose memory went to another thread is refused, with the way to it", () => {
  const gone = (data) => {
    const buffer = data.buffer ?? data;
    structuredClone(buffer, { transfer: [buffer] });
    return data;
  };
  const cases = [new Uint8Array(3), Buffer.from(new ArrayBuffer(3)), new ArrayBuffer(3), new Int32Array(3), new Float64Array(3), new Uint8ClampedArray(3)];
  for (const data of cases.map(gone)) {
    const message = new RegExp(`an instance of ${data.constructor.name} whose memory was transferred or cut off cannot be stored`);
    const held = atom({ kept: 1 });
    assert.throws(() => from({ a: [1, data] }), { kind: "value", path: '["a" 1]', message });
    assert.throws(() => held.reset(data), { kind: "value", message });
    assert.throws(() => held.swap((m) => m.set("x", data)), { kind: "value", message });
    assert.throws(() => held.deref().setIn(["x", "y"], [data]), { kind: "value", path: "[0]", message });
    assert.throws(() => edn.stringify([data]), { kind: "value", path: "[0]", message });
    assert.deepEqual([held.deref().get(data), held.deref().has(data), held.deref().toJS()], [undefined, false, { kept: 1 }]);
  }
  assert.equal(stored(from([new Uint8Array(0), new ArrayBuffer(0), new Int8Array(0)])).size, 3, "what is only empty is stored");
  const lanes = stored(new Int32Array(2));
  for (const take of [EveArray.from("int8", [1]), lanes]) {
    for (const data of [new Int8Array(2), new Int32Array(2)]) assert.throws(() => take.setAll(gone(data)), { kind: "value", message: /whose memory was transferred/ });
  }
  for (const take of [EveArray.from.bind(null, "int8"), EveVector.from, EveList.from, EveSet.from, (data) => from([]).concat(data)]) {
    assert.throws(() => take(gone(new Uint8Array(2))), { kind: "value", message: /was given a typed array whose memory was transferred/ });
  }
});

test("what cannot be gone through is no elements", () => {
  for (const wrong of [5, null, undefined, {}]) {
    for (const take of [EveArray.from.bind(null, "int8"), EveVector.from, EveList.from, EveSet.from]) {
      assert.throws(() => take(wrong), { kind: "value", message: /takes elements in an array, a Set or something else to go through/ });
    }
  }
  for (const rows of [5.5, -1, NaN, null, {}]) assert.throws(() => EveRecords.from({ x: "int8" }, rows), { kind: "value" });
  assert.throws(() => EveObject.from({ x: "int8" }, null), { kind: "value", path: "[0]" });
  assert.throws(() => EveRecords.from({ x: "int8" }, [{ x: 1 }, 7]), { kind: "value", path: "[1]" });
});

test("options that are nothing are none, or an error of eve", () => {
  assert.throws(() => atom(0).changes(null), { kind: "value", message: /the options of changes are an object, not null/ });
  assert.throws(() => atom(0).changes({ reff: false }), { kind: "value", message: 'changes has no option "reff"; it has ref, signal' });
  assert.equal(edn.parse("1.0", null), 1);
  assert.equal(edn.stringify([1], null), "[1]");
  assert.deepEqual(["[1]", "2"].map(edn.parse).map(String), ["[1]", "2"]);
});
