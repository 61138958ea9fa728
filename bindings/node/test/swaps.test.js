"use strict";
// Swaps in a row, whose results are changes over an older version: each result, and what is in the file after it, against a model.

const test = require("node:test");
const assert = require("node:assert/strict");
const path = require("node:path");
const fc = require("fast-check");
const { atom, open, equals, edn, kw, EveList, Float } = require("..");
const { folder, turn } = require("./support.js");

const runs = { numRuns: Number(process.env.EVE_TEST_RUNS ?? 150) };

const scalar = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom("x", null, true, 1.5, kw("k"), new Date(5), new Float(2), 2n ** 70n));
const fresh = fc.constantFrom(
  () => ({}),
  () => ({ n: 1, deep: { v: [1, 2], when: new Date(1) } }),
  () => [],
  () => [1, { a: 1 }, [2]],
  () => new Set(["x", 1]),
  () => EveList.of(1, 2, 3),
  () => Object.fromEntries([...Array(300).keys()].map((i) => [`f${i}`, i])),
  () => edn.parse("^{:m 1} {:a 1}"),
);
const step = fc.record({
  key: fc.constantFrom("a", "b", "c"),
  inner: fc.constantFrom("n", "a", "deep", "v", 0, 1, "x"),
  scalar,
  fresh,
  at: fc.nat(9),
  what: fc.constantFrom("set", "set", "fresh", "delete", "inner", "inner", "inner", "deeper", "graft", "old", "root", "none", "twice", "update", "reset", "turn", "read"),
});

/** Changes whatever a collection is, in the way that it can be changed. */
function change(value, { inner, scalar, at }) {
  if (value === null || typeof value !== "object" || value.look === undefined) return scalar;
  if (value.first !== undefined || value.rest !== undefined) return at > 5 ? value.rest : value.prepend(scalar);
  if (value.push !== undefined) {
    if (value.length === 0 || at > 4) return value.push(scalar, at);
    return at === 0 ? value.pop() : at === 1 ? value.slice(1) : value.with(at % value.length, scalar);
  }
  if (value.add !== undefined) return at > 4 ? value.add(at) : value.delete(at > 2 ? "x" : at);
  return at === 0 ? value.delete(inner) : value.set(inner, scalar);
}

test("each result is what is stored, and stays so", async (t) => {
  const file = path.join(folder(t), "db");
  const a = atom({ id: "a", persistent: file }, {});
  const other = open(file).atom("a");
  const f = {
    set: (m, s) => m.set(s.key, s.scalar),
    fresh: (m, s) => m.set(s.key, s.fresh()),
    delete: (m, s) => m.delete(s.key),
    inner: (m, s) => m.set(s.key, change(m.get(s.key) ?? null, s)),
    deeper: (m, s) => {
      const below = m.get(s.key);
      return below?.isMap ? m.set(s.key, below.set(s.inner, change(below.get(s.inner) ?? null, s))) : m.set(s.key, { [s.inner]: [s.scalar] });
    },
    graft: (m, s) => m.set(s.key, m.get(s.key === "a" ? "b" : "a") ?? null),
    none: (m) => m,
    twice: (m, s) => m.set(s.key, 1).delete(s.key).set("c", s.scalar).set("c", s.fresh()),
    root: (m, s) => ({ a: s.scalar }),
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      a.reset({});
      const results = [];
      for (const s of steps) {
        if (s.what === "turn") await turn();
        else if (s.what === "update") a.update((m) => m.set("n", s.at));
        else if (s.what === "reset") other.reset(a.deref().set("r", s.at));
        else if (s.what === "read") a.deref().size;
        else {
          const make = s.what === "old" ? () => (results.length > 0 ? results[s.at % results.length].result : {}) : (m) => f[s.what](m, s);
          const result = a.swap(make);
          const stored = other.deref();
          assert.ok(equals(result, stored) && equals(stored, result), `${s.what}: ${result} is not ${stored}`);
          assert.equal(result.size, stored.size);
          assert.equal(a.deref(), result);
          results.push({ result, text: edn.stringify(edn.parse(String(stored), { exact: true })) });
        }
      }
      for (const { result, text } of results) assert.ok(equals(result, edn.parse(text, { exact: true })), `${result} was ${text}`);
    }),
    runs,
  );
});

test("thousands of results in one turn are all what they were", (t) => {
  const a = atom({ id: "a", persistent: path.join(folder(t), "db") }, { n: 0, list: [] });
  const results = [];
  for (let i = 0; i < 3000; i++) results.push(a.swap((m) => m.set("n", i).update("list", (l) => l.push(i)).setIn(["deep", `k${i % 7}`], i)));
  for (const [i, result] of [...results.entries()].reverse()) {
    assert.equal(result.get("n"), i);
    assert.equal(result.get("list").length, i + 1);
    assert.equal(result.getIn(["deep", `k${i % 7}`]), i);
  }
  assert.ok(a.deref().equals(results.at(-1)));
});

test("somebody else's commits between swaps are seen by the next one", (t) => {
  const file = path.join(folder(t), "db");
  const a = atom({ id: "a", persistent: file }, { n: 0 });
  const other = open(file).atom("a");
  for (let i = 0; i < 500; i++) {
    const mine = a.swap((m) => m.update("n", (n) => n + 1));
    assert.equal(mine.get("n"), 2 * i + 1);
    assert.equal(a[i % 2 === 0 ? "deref" : "swap"]((m) => m).get("n"), 2 * i + 1);
    if (i % 3 === 0) other.update((m) => m.update("n", (n) => n + 1));
    else other.swap((m) => m.set("n", m.get("n") + 1));
  }
  assert.equal(a.deref().get("n"), 1000);
});

test("a function given to update may use the atom itself", () => {
  const a = atom({ n: 0, runs: 0 });
  a.update((m) => m.set("n", 1));
  let runs = 0;
  a.update((m) => {
    runs += 1;
    if (runs === 1) {
      a.update((m) => m.set("inner", 1));
      a.swap((m) => m.set("other", 1));
    }
    assert.equal(a.deref().get("n"), 1);
    return m.set("n", m.get("n") + 1).set("runs", runs);
  });
  assert.deepEqual(a.deref().toJS(), { n: 2, runs: 2, inner: 1, other: 1 });
  assert.throws(() => a.update((m) => a.update(() => { throw new Error("mine"); })), { message: "mine" });
  a.update((m) => m.set("n", 9));
  assert.equal(a.deref().get("n"), 9);
});
