"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const fc = require("fast-check");
const { atom, from, edn, equals, kw, EveMap, EveSet, EveIntMap, EveSortedMap, EveSortedSet } = require("..");
const { stored } = require("./support.js");

const key = fc.integer({ min: -60, max: 60 });
const runs = { numRuns: Number(process.env.EVE_TEST_RUNS ?? 100) };

for (const [name, Class] of [["sorted maps", EveSortedMap], ["integer maps", EveIntMap]]) {
  test(`${name} are maps whose entries come in order, in every version and over any range`, () => {
    const step = fc.record({ do: fc.constantFrom("set", "set", "delete", "store", "swap"), key, value: fc.nat(9) });
    const bound = fc.option(key, { nil: undefined });
    fc.assert(
      fc.property(fc.uniqueArray(key), fc.array(step), bound, bound, fc.boolean(), fc.boolean(), fc.boolean(), (first, steps, a, b, descending, fromInclusive, toInclusive) => {
        const model = new Map(first.map((k) => [k, 0]));
        let map = Class.from(model);
        for (const { do: what, key, value } of steps) {
          if (what === "set") map = map.set(key, value), model.set(key, value);
          else if (what === "delete") map = map.delete(key), model.delete(key);
          else if (what === "store") map = stored(map);
          else {
            const inside = atom(map);
            map = inside.swap((m) => m.set(key, value));
            map = inside.swap((m) => m.delete(key + 1));
            model.set(key, value).delete(key + 1);
          }
          const order = [...model].sort(([a], [b]) => a - b);
          assert.deepEqual([...map], order);
          assert.deepEqual([map.first, map.last], [order[0], order.at(-1)]);
          const [start, end] = descending ? [b, a] : [a, b];
          const wanted = (descending ? [...order].reverse() : order).filter(([k]) => {
            const [low, high] = descending ? [k - (start ?? 99), (end ?? -99) - k] : [(start ?? -99) - k, k - (end ?? 99)];
            return (low < 0 || (low === 0 && fromInclusive)) && (high < 0 || (high === 0 && toInclusive));
          });
          assert.deepEqual([...map.range(start, end, { descending, fromInclusive, toInclusive })], wanted);
          assert.equal(map.size, model.size);
        }
        assert.ok(map instanceof Class && map instanceof EveMap && map.equals(model));
        assert.deepEqual([...map.descending()], [...model].sort(([a], [b]) => b - a));
      }),
      runs,
    );
  });
}

test("sorted sets hold what sets hold, in the order of all values", () => {
  const all = [null, false, true, -5, 0, 1.5, 2, "a", "b", kw("a"), kw("b")];
  for (const set of [EveSortedSet.from([...all].reverse()), stored(EveSortedSet.of(...all)), stored(EveSortedSet.of(...all.slice(3))).union(all.slice(0, 3))]) {
    assert.deepEqual([...set], all);
    assert.ok(set instanceof EveSet && set.equals(new Set(all)));
    assert.deepEqual([set.first, set.last], [null, kw("b")]);
    assert.deepEqual([...set.range(0, "b")], [0, 1.5, 2, "a"]);
    assert.deepEqual([...set.delete(0).add(7).range(-5, 8)], [-5, 1.5, 2, 7]);
    assert.deepEqual([...set.range(2, undefined, { descending: true, fromInclusive: false })].slice(0, 2), [1.5, 0]);
  }
  assert.deepEqual([EveSortedSet.of().first, [...stored(EveSortedSet.of())]], [undefined, []]);
});

test("ranges of many entries stop where they should", () => {
  const map = stored(EveIntMap.from([...Array(5000).keys()].map((i) => [i * 2, i])));
  for (const m of [map, map.set(-1, 0)]) {
    assert.equal([...m.range(1001, 8001)].length, 3500);
    assert.deepEqual([...m.range(7000, 7001)], [[7000, 3500]]);
    assert.deepEqual([...m.range(9999)], []);
    for (const [k] of m.range(4000, undefined, { descending: true })) {
      assert.equal(k, 4000);
      break;
    }
  }
});

test("what is no range is an error of eve, at once", () => {
  const detached = new Uint8Array(1);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  for (const Class of [EveSortedMap, EveIntMap, EveSortedSet]) {
    const items = Class === EveSortedSet ? [1, 2] : [[1, "a"], [2, "b"]];
    for (const value of [Class.from(items), stored(Class.from(items))]) {
      for (const options of [null, 5, "descending"]) assert.throws(() => value.range(1, 2, options), { kind: "value", message: /the options of range are an object, not / });
      assert.throws(() => value.range(1, 2, { desc: true }), { kind: "value", message: 'range has no option "desc"; it has descending, fromInclusive, toInclusive' });
      assert.throws(() => value.range(() => 1), { kind: "value", message: "from of a range is a key, and a function cannot be stored" });
      assert.throws(() => value.range(1, [detached]), { kind: "value", path: "[0]", message: /^to of a range is a key, and an instance of Uint8Array whose memory/ });
      assert.deepEqual([...value.range(1, 2)], items.slice(0, 1));
      assert.deepEqual([...value.range(-0, 1n, { toInclusive: true })], items.slice(0, 1));
    }
  }
});

test("a range over changes sends them once, however long it is, and other ranges do not disturb it", () => {
  const big = "x".repeat(1000);
  const base = stored(EveSortedMap.from([...Array(3000).keys()].map((i) => [`k${String(i).padStart(5, "0")}`, i])));
  let map = base;
  for (let i = 0; i < 3000; i += 3) map = map.set(`k${String(i).padStart(5, "0")}x`, [big, i]);
  let sent = 0;
  const { write } = EveSortedMap.prototype;
  EveSortedMap.prototype.write = function (out) {
    sent += 1;
    return write.call(this, out);
  };
  try {
    const keys = [...map.keys()];
    assert.equal(keys.length, 4000);
    assert.deepEqual(keys, [...keys].sort());
    assert.equal(sent, 1);
    const [a, b] = [map.range("k00100"), map.range("k02000", undefined, { descending: true })];
    const [up, down] = [[], []];
    for (let i = 0; i < 600; i++) {
      up.push(a.next().value[0]);
      down.push(b.next().value[0]);
      if (i % 100 === 0) atom(map).swap((m) => m.set("z", i));
    }
    a.return();
    assert.deepEqual(up, keys.slice(keys.indexOf("k00100")).slice(0, 600));
    assert.deepEqual(down, keys.slice(0, keys.indexOf("k02000") + 1).reverse().slice(0, 600));
    assert.equal([...b].length, keys.indexOf("k02000") + 1 - 600);
  } finally {
    EveSortedMap.prototype.write = write;
  }
});

test("a range may end at infinity", () => {
  for (const made of [EveSortedSet.of(1, Infinity, -Infinity), stored(EveSortedSet.of(1, Infinity, -Infinity)), stored(EveSortedSet.of(1, Infinity)).add(-Infinity)]) {
    assert.deepEqual([...made.range(undefined, Infinity)], [-Infinity, 1]);
    assert.deepEqual([...made.range(undefined, Infinity, { toInclusive: true })], [-Infinity, 1, Infinity]);
    assert.deepEqual([...made.range(undefined, -Infinity, { descending: true })], [Infinity, 1]);
    assert.deepEqual([...made.range(-Infinity, -Infinity)], []);
  }
});

test("orders are kept by storing, EDN and changes, and equality does not look at them", () => {
  const value = edn.parse('[#eve/sorted-map {"b" 1, "a" #eve/sorted-set #{2 1}} #eve/int-map {2 :two, 1 :one}]');
  assert.equal(String(stored(value)), String(value));
  assert.ok(value[0] instanceof EveSortedMap && value.getIn([0, "a"]) instanceof EveSortedSet && value[1] instanceof EveIntMap);
  assert.ok(equals(stored(value), from([{ a: new Set([1, 2]), b: 1 }, new Map([[1, kw("one")], [2, kw("two")]])])));
  assert.deepEqual(stored(value).toJS()[0], { a: new Set([1, 2]), b: 1 });
  assert.equal(JSON.stringify(stored(value)[0]), '{"a":[1,2],"b":1}');
  assert.ok(stored(value)[0].clear().set("z", 1) instanceof EveSortedMap);
  for (const bad of ["a", 1.5, null, 2n ** 64n]) {
    assert.throws(() => EveIntMap.of([bad, 1]), { kind: "value", message: /integers/ });
    assert.equal(stored(value)[1].get(bad), undefined);
  }
});
