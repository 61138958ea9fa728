"use strict";
// Collections against plain models: the same steps on both, on every version that came about on the way.

const test = require("node:test");
const assert = require("node:assert/strict");
const fc = require("fast-check");
const { atom, from, equals, kw, EveMap, EveVector, EveSet, EveList } = require("..");
const { stored } = require("./support.js");

const runs = { numRuns: Number(process.env.EVE_TEST_RUNS ?? 150) };

// Strings of lengths around those that a word holds, of the characters that it has room for, and of others.
const of = (characters) => fc.string({ unit: fc.constantFrom(...characters), minLength: 6, maxLength: 12 });
const border = fc.oneof(of("abxyABXY089-"), of("a-_"), of(["a", "-", "9", ".", " ", "\0", "ü", "\ud83d", "\ude00"]));

const key = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.string({ maxLength: 3 }),
  border,
  fc.constantFrom("seven-7", "eight-88", "eight_88", "Ten0000000", "eleven-1111"),
  fc.constantFrom("a", "b", "\0", kw("a"), kw("a-long-keyword/indeed"), null, true, 1.5, 2n ** 70n),
);
const leaf = fc.oneof(key, fc.double({ noNaN: true }), fc.string({ unit: "binary", maxLength: 20 }), fc.bigInt());

/** What a model's number is read as. */
const normal = (value) => (typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value);

test("maps do what Maps do, in every version", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("set"), key, value: leaf }),
    fc.record({ do: fc.constant("delete"), key }),
    fc.record({ do: fc.constant("store") }),
    fc.record({ do: fc.constant("back"), to: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const versions = [[from({}), new Map()]];
      let [map, model] = versions[0];
      for (const s of steps) {
        if (s.do === "back") [map, model] = versions[s.to % versions.length];
        else {
          model = new Map(model);
          if (s.do === "set") {
            map = map.set(s.key, s.value);
            model.set(s.key, normal(s.value));
          } else if (s.do === "delete") {
            map = map.delete(s.key);
            model.delete(s.key);
          } else map = stored(map);
          versions.push([map, model]);
        }
      }
      for (const [map, model] of versions) {
        assert.equal(map.size, model.size);
        for (const [k, v] of model) assert.ok(Object.is(map.get(k), v) || (v === 0 && map.get(k) === 0));
        for (const [k] of map) assert.ok(model.has(k));
      }
    }),
    runs,
  );
});

test("vectors do what arrays do, in every version", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("push"), value: leaf }),
    fc.record({ do: fc.constant("many"), n: fc.nat(70) }),
    fc.record({ do: fc.constant("with"), at: fc.nat(), value: leaf }),
    fc.record({ do: fc.constant("pop") }),
    fc.record({ do: fc.constant("slice"), from: fc.integer({ min: -80, max: 80 }), to: fc.integer({ min: -80, max: 200 }) }),
    fc.record({ do: fc.constant("store") }),
    fc.record({ do: fc.constant("back"), to: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const versions = [[from([]), []]];
      let [vector, model] = versions[0];
      for (const s of steps) {
        if (s.do === "back") [vector, model] = versions[s.to % versions.length];
        else {
          model = [...model];
          if (s.do === "push") {
            vector = vector.push(s.value);
            model.push(normal(s.value));
          } else if (s.do === "many") {
            const more = [...Array(s.n).keys()];
            vector = vector.concat(more);
            model.push(...more);
          } else if (s.do === "with" && model.length > 0) {
            vector = vector.with(s.at % model.length, s.value);
            model[s.at % model.length] = normal(s.value);
          } else if (s.do === "pop") {
            vector = vector.pop();
            model.pop();
          } else if (s.do === "slice") {
            vector = vector.slice(s.from, s.to);
            model = model.slice(s.from, s.to);
          } else vector = stored(vector);
          versions.push([vector, model]);
        }
      }
      for (const [vector, model] of versions) {
        assert.deepEqual([...vector], model);
        assert.deepEqual(vector.toJS(), stored(vector).toJS());
        if (model.length > 0) assert.ok(Object.is(vector[model.length - 1], model.at(-1)));
      }
    }),
    runs,
  );
});

test("sets do what Sets do, and lists what stacks do", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), key)), fc.array(leaf), fc.nat(9), (steps, elements, drop) => {
      let set = stored(new Set([1, 2]));
      const model = new Set([1, 2]);
      for (const [add, element] of steps) {
        set = add ? set.add(element) : set.delete(element);
        if (add) model.add(element);
        else model.delete(element);
      }
      for (const s of [set, stored(set)]) {
        assert.equal(s.size, model.size);
        for (const element of model) assert.ok(s.has(element));
        for (const element of s) assert.ok(model.has(element));
      }
      let list = stored(EveList.from(elements));
      for (let i = 0; i < drop; i++) list = list.rest;
      assert.deepEqual([...stored(list.prepend("x"))], ["x", ...elements.map(normal).slice(drop)]);
    }),
    runs,
  );
});

test("nested values come back equal", () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      leaf,
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(fc.oneof(fc.string({ maxLength: 9 }), border), tie("value"), { maxKeys: 5 }),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
      fc.array(key, { maxLength: 4 }).map((elements) => new Set(elements)),
    ),
  }));
  fc.assert(
    fc.property(value, value, (a, b) => {
      const read = stored(a);
      assert.ok(equals(read, a));
      assert.ok(equals(a, read));
      const both = stored([a, b]);
      assert.ok(both.with(0, b).with(1, a).equals([b, a]));
      const changed = atom(both);
      changed.swap((v) => v.push(v[0]).with(0, b));
      assert.ok(changed.deref().equals([b, b, a]));
      assert.deepEqual(from(a)?.toJS?.(), read?.toJS?.());
    }),
    runs,
  );
});

test("the classes are told apart", () => {
  for (const [value, Class] of [[{}, EveMap], [[], EveVector], [new Set(), EveSet], [EveList.of(), EveList]]) {
    assert.ok(from(value) instanceof Class && stored(value) instanceof Class);
  }
});
