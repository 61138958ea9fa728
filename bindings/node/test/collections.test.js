"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const eve = require("..");
const { from, kw, equals, EveMap, EveVector, EveSet, EveList } = eve;
const { stored } = require("./support.js");

test("keys are equal as Clojure has it", () => {
  const map = stored(new Map([[[1, { a: 2 }], "vector"], [1.5, "float"], [1, "int"]]));
  assert.equal(map.get([1, { a: 2 }]), "vector");
  assert.equal(map.get(EveList.of(1, { a: 2 })), "vector");
  assert.equal(map.get(1n), "int");
  assert.equal(map.get(1.5), "float");
  const changed = map.set(EveList.of(1, { a: 2 }), "changed");
  assert.equal(changed.size, 3);
  assert.equal(changed.get([1, { a: 2 }]), "changed");
  assert.ok(equals([1, [2]], EveList.of(1, [2])));
  assert.ok(!equals(new Set([1]), [1]));
  assert.ok(from({ a: [1] }).equals(stored({ a: [1] })));
});

test("keys that only look alike are several", () => {
  const { sym, Float, Tagged } = eve;
  const alike = [
    [[null], [sym("null")], [kw("null")], ["null"]],
    [[NaN], [sym("NaN")]],
    [[12], [sym("12")], [12n ** 20n], [sym(`${12n ** 20n}n`)]],
    [[kw("a"), sym("b")], [kw("a,'b")], [kw('a",\'"b')]],
    [[0], [-0]],
    [new Set([1]), new Set([new Float(1)])],
    [new Map([[1, 2]]), new Map([[new Float(1), 2]])],
    [[new Tagged("a b", 1)], [new Tagged("a", sym("b 1"))]],
  ];
  for (const keys of alike) {
    const made = from(new Map(keys.map((key, i) => [key, i])));
    for (const map of [made, stored(made), stored({}).merge(made), stored(made).set("x", 0)]) {
      assert.deepEqual(keys.map((key) => map.get(key)), [...keys.keys()], String(map));
      assert.equal(map.delete("x").size, keys.length);
      const less = map.delete("x").delete(keys[0]);
      assert.deepEqual([less.size, [...less].length], [keys.length - 1, keys.length - 1], String(map));
    }
  }
  assert.equal(from(new Map([[[-0], 1], [[new Float(0)], 2]])).size, 1, "the zeros of doubles are one");
});

test("a map reads like a Map", () => {
  for (const map of [from({ a: 1, b: 2 }), stored({ a: 1, b: 2 }), stored({ a: 1, c: 3 }).delete("c").set("b", 2)]) {
    assert.equal(map.size, 2);
    assert.deepEqual([...map].sort(), [["a", 1], ["b", 2]]);
    assert.deepEqual([...map.keys()].sort(), ["a", "b"]);
    assert.deepEqual([...map.values()].sort(), [1, 2]);
    assert.equal(map.get("x"), undefined);
    assert.equal(map.has("a"), true);
    const seen = [];
    map.forEach((value, key, all) => seen.push([key, value, all === map]));
    assert.deepEqual(seen.sort(), [["a", 1, true], ["b", 2, true]]);
    assert.deepEqual(new Map(map), new Map([...map]));
    assert.deepEqual(map.toJS(), { a: 1, b: 2 });
    assert.equal(map.merge({ a: 5 }, new Map([["z", 9]])).get("a"), 5);
    assert.equal(map.clear().size, 0);
    assert.equal(map.update("a", (n) => n + 1).get("a"), 2);
    assert.equal(map.get("a"), 1);
  }
});

test("a vector reads like an array", () => {
  const array = [...Array(1000).keys()];
  for (const vector of [from(array), stored(array), stored(array.slice(0, 500)).push(...array.slice(500))]) {
    assert.equal(vector.length, 1000);
    assert.equal(vector[0], 0);
    assert.equal(vector[999], 999);
    assert.equal(vector[1000], undefined);
    assert.equal(vector.at(-1), 999);
    assert.deepEqual([...vector], array);
    assert.deepEqual(vector.map((x) => x * 2), array.map((x) => x * 2));
    assert.deepEqual(vector.filter((x) => x % 7 === 0), array.filter((x) => x % 7 === 0));
    assert.deepEqual(vector.slice(-3).toJS(), [997, 998, 999]);
    assert.deepEqual(vector.slice(0, 2).toJS(), [0, 1]);
    assert.equal(vector.reduce((a, b) => a + b), 499500);
    assert.equal(vector.indexOf(7), 7);
    assert.equal(vector.includes(-1), false);
    assert.equal(vector.find((x) => x > 10), 11);
    assert.equal(vector.some((x) => x > 998), true);
    assert.equal(vector.every((x) => x > 0), false);
    assert.equal(vector.with(5, "x")[5], "x");
    assert.equal(vector[5], 5);
    assert.equal(vector.pop().length, 999);
    assert.equal(vector.join("").length, array.join("").length);
    assert.throws(() => { vector[0] = 1; }, TypeError);
    assert.throws(() => vector.with(2000, 1), { kind: "value", path: "[2000]" });
  }
  assert.ok(Array.isArray(stored([1]).toJS()));
});

test("as many elements as there may be are put behind others, and taken out of vectors in them", () => {
  const many = Array.from({ length: 300_000 }, (_, i) => i);
  assert.equal(stored([0]).concat(many, [1], 2).at(-3), 299_999);
  assert.equal(stored([many, [many]]).flat(2).length, 600_000);
});

test("elements set anew go when the vector gets shorter", () => {
  const vector = stored([1, 2, 3]).with(2, "x").push(4).with(3, "y");
  assert.deepEqual(vector.toJS(), [1, 2, "x", "y"]);
  assert.deepEqual(vector.truncate(2).push(5, 6).toJS(), [1, 2, 5, 6]);
  assert.deepEqual(stored(vector.truncate(2).push(5, 6)).toJS(), [1, 2, 5, 6]);
});

test("a set reads like a Set", () => {
  for (const set of [from(new Set([1, "a"])), stored(new Set([1, "a"])), stored(new Set([1, 2])).delete(2).add("a")]) {
    assert.equal(set.size, 2);
    assert.ok(set.has(1) && set.has("a") && !set.has(2));
    assert.deepEqual(set.toJS(), new Set(set));
    assert.equal(set.add(1).size, 2);
    assert.deepEqual([...set.union([3], new Set([4]))].length, 4);
    assert.deepEqual([...set.intersection([1, 9])], [1]);
    assert.deepEqual([...set.difference([1])], ["a"]);
    assert.ok(set.isSubsetOf([1, "a", 2]));
  }
});

test("a list is taken from the front", () => {
  for (const list of [EveList.of(1, 2, 3), stored(EveList.of(1, 2, 3)), stored(EveList.of(2, 3)).prepend(1)]) {
    assert.equal(list.first, 1);
    assert.deepEqual(list.rest.toJS(), [2, 3]);
    assert.equal(list.rest.rest.rest.size, 0);
    assert.equal(list[2], 3);
    assert.deepEqual(stored(list.rest.prepend(9)).toJS(), [9, 2, 3]);
  }
});

test("what reads an array reads a vector and a list, with the same result", () => {
  const array = [3, 1, 2, 1, "x", null];
  const odd = (x) => x === 1;
  const same = {
    findLast: [odd], findLastIndex: [odd], lastIndexOf: [1], indexOf: [1, 2], includes: [3, 1], toReversed: [], toSorted: [], toSpliced: [1, 2, "new"],
    reduceRight: [(all, x, i) => `${all}${x}${i}`, ""], flat: [],
  };
  for (const value of [from(array), stored(array), EveList.from(array), stored(EveList.from(array))]) {
    for (const [method, given] of Object.entries(same)) assert.deepEqual(value[method](...given), array[method](...given), method);
    for (const from of [-2, 0, 3, 99, -99, NaN, 1.5, 3.5, -2.5, -0.5, Infinity, -Infinity]) {
      assert.equal(value.indexOf(1, from), array.indexOf(1, from), `indexOf from ${from}`);
      assert.equal(value.lastIndexOf(1, from), array.lastIndexOf(1, from), `lastIndexOf from ${from}`);
      assert.equal(value.includes(3, from), array.includes(3, from), `includes from ${from}`);
    }
  }
  assert.equal(String(from(stored([1, [2, [3, [4]]]]).flat(2))), "[1 2 3 [4]]");
  assert.deepEqual(stored([1, [2, [3, [4]]]]).flat(Infinity), [1, 2, 3, 4]);
  assert.equal(stored([[1], { a: 2 }, [1]]).lastIndexOf([1]), 2);
  assert.throws(() => stored([]).reduceRight(odd), TypeError);
  assert.throws(() => new Function("v", "v[0] = 1")(stored([5])), { name: "TypeError", message: /element 0 cannot be set; with\(0, value\)/ });
});

test("an element is looked for as what it is when it is stored", () => {
  const bytes = new Uint8Array([7]);
  for (const value of [from([[7], bytes, undefined]), stored([[7], bytes, undefined]), EveList.of([7], bytes, undefined)]) {
    assert.deepEqual([[7], bytes, bytes.buffer, undefined, null].map((x) => value.indexOf(x)), [0, 1, 1, 2, 2]);
    for (const none of [() => 1, Symbol("s"), Promise.resolve(), new (class Foo {})(), [() => 1]]) assert.equal(value.includes(none), false);
  }
});

test("sets are compared with all that can be gone through", () => {
  for (const set of [from(new Set([1, 2, 3])), stored(new Set([1, 2, 3]))]) {
    assert.deepEqual(set.symmetricDifference([3, 4]).toJS(), new Set([1, 2, 4]));
    assert.deepEqual([set.isSupersetOf([1, 2]), set.isSupersetOf([9]), set.isSupersetOf([])], [true, false, true]);
    assert.deepEqual([set.isDisjointFrom(new Set([9])), set.isDisjointFrom([3]), set.isSubsetOf([3, 2, 1])], [true, false, true]);
  }
});

test("paths are read and changed", () => {
  const value = stored({ users: { ada: { langs: ["en"] } } });
  assert.equal(value.getIn(["users", "ada", "langs", 0]), "en");
  assert.equal(value.getIn(["users", "bob", "langs", 0]), undefined);
  assert.equal(value.getIn(["users", "ada", "langs", 0, "x"]), undefined);
  assert.equal(value.getIn([]), value);
  const changed = value.setIn(["users", "bob", "age"], 7).updateIn(["users", "ada", "langs"], (v) => v.push("fr"));
  assert.deepEqual(changed.toJS(), { users: { ada: { langs: ["en", "fr"] }, bob: { age: 7 } } });
  assert.equal(changed.getIn(["users", "bob", "age"]), 7);
  assert.throws(() => value.setIn(["users", "ada", "langs", 0, "x"], 1), { kind: "value" });
  for (const path of [new Set(["users", "ada"]), from(["users", "ada"])]) assert.equal(value.getIn(path).size, 1);
});

test("an index means the same wherever it is given", () => {
  const values = [from({ v: [1, 2, 3] }), stored({ v: [1, 2, 3] }), stored({ v: [1, 2] }).update("v", (v) => v.push(3))];
  for (const value of values) {
    const v = value.get("v");
    for (const [i, j] of [[0, 0], [2, 2], [-1, 2], [-3, 0]]) {
      for (const found of [v.at(i), v.get(i), v.getIn([i]), value.getIn(["v", i]), EveList.from(v).at(i), EveList.from(v).getIn([i])]) assert.equal(found, j + 1);
      const made = from([1, 2, 3]).with(j, `${j + 1}`).toJS();
      const change = (n) => String(n);
      for (const changed of [v.set(i, `${j + 1}`), v.update(i, change), v.updateIn([i], change), v.setIn([i], `${j + 1}`), value.updateIn(["v", i], change).get("v")]) {
        assert.deepEqual(changed.toJS(), made);
      }
    }
    for (const i of [3, -4, "0", "-1", 0.5, -0.5, NaN, null, undefined]) {
      for (const found of [v.at(i), v.get(i), v.getIn([i]), value.getIn(["v", i]), EveList.from(v).at(i)]) assert.equal(found, undefined);
      if (i === 3) continue; // is appended
      const message = Number.isInteger(i) ? /index -4 is out of bounds: the vector has 3 elements/ : /an index is a whole number, not /;
      for (const change of [() => v.set(i, 1), () => v.update(i, () => 1), () => v.setIn([i], 1), () => v.updateIn([i], () => 1), () => value.setIn(["v", i], 1)]) {
        assert.throws(change, { kind: "value", message });
      }
    }
    assert.equal(v.set(3, 4).update(4, (none) => none ?? 5).at(-1), 5);
  }
  assert.throws(() => from([1]).set("0", 1), { message: 'an index is a whole number, not "0"' });
  assert.throws(() => from([1]).set(2, 1), { message: "index 2 is out of bounds: the vector has 1 element" });
  assert.equal(stored(new Map([[-1, { a: 1 }]])).getIn([-1, "a"]), 1);
  assert.equal(stored({ xs: new Int32Array([1, 2]) }).getIn(["xs", -1]), 2);
});

test("metadata is kept", () => {
  const value = stored(from([1]).withMeta({ doc: "yes" }));
  assert.deepEqual(value.meta.toJS(), { doc: "yes" });
  assert.deepEqual(stored(value.push(2)).meta.toJS(), { doc: "yes" });
  assert.equal(stored(value.withMeta(null)).meta, null);
  assert.ok(value.equals([1]));
});

test("metadata is a map or null", () => {
  for (const value of [from({ a: 1 }), from([1]), from(new Set([1])), EveList.of(1), eve.EveSortedMap.from({ a: 1 }), stored({ a: 1 })]) {
    for (const wrong of [5, "text", [1], new Date(0), new Set([1]), true, kw("k"), new Int32Array(1)]) {
      assert.throws(() => value.withMeta(wrong), { kind: "value", message: /metadata is a map/ });
    }
    for (const right of [{ a: 1 }, new Map([[kw("a"), 1]]), from({ a: 1 }), eve.EveSortedMap.from({ a: 1 })]) assert.ok(value.withMeta(right).meta.equals(right));
    assert.equal(value.withMeta(null).meta, null);
  }
});

test("the size is known at each step, also of versions before", () => {
  for (const first of [from({ a: 1, b: 2 }), stored({ a: 1, b: 2 })]) {
    const steps = [(m) => m.set("c", 1), (m) => m.set("a", 5), (m) => m.delete("a"), (m) => m.delete("a"), (m) => m.delete("none"), (m) => m.set("a", 1), (m) => m.set("d", 1), (m) => m.delete("c"), (m) => m.withMeta({ x: 1 })];
    const sizes = [3, 3, 2, 2, 2, 3, 4, 3, 3];
    for (const asked of [() => true, () => false, (i) => i % 2 === 0, (i) => i % 3 === 0]) {
      const versions = [];
      steps.reduce((m, step, i) => {
        const made = step(m);
        if (asked(i)) assert.equal(made.size, sizes[i]);
        versions.push(made);
        return made;
      }, first);
      assert.deepEqual(versions.map((m) => m.size), sizes);
      assert.deepEqual(versions.map((m) => [...m].length), sizes);
    }
  }
});

test("an iteration that is left lets go, and others go on meanwhile", () => {
  const map = stored(Object.fromEntries([...Array(2000).keys()].map((i) => [`k${i}`, i])));
  for (const _ of map) break;
  const a = map.entries();
  const b = map.entries();
  let sum = 0;
  for (let i = 0; i < 2000; i++) {
    sum += a.next().value[1];
    if (i % 2 === 0) sum += b.next().value[1];
  }
  assert.equal(a.next().done, true);
  for (const [, value] of b) sum += value;
  assert.equal(sum, 1999 * 2000);
  let changed = map;
  for (const [key] of map) changed = changed.set(key, 0);
  assert.equal(changed.size, 2000);
  assert.ok([...changed.values()].every((value) => value === 0));
});

test("collections are not made with new, and say how they are", () => {
  for (const Class of [EveMap, EveSet, EveVector, EveList, eve.EveSortedMap, eve.EveSortedSet, eve.EveIntMap, eve.EveArray, eve.EveObject, eve.EveRecords]) {
    for (const given of [[], [[["a", 1]]], [{ a: 1 }], [new Map()], [1, 2, 3], [null], [5], [new Int32Array(3)]]) {
      assert.throws(() => new Class(...given), { kind: "value", message: new RegExp(`use ${Class.name}\\.from\\(`) });
    }
  }
});
