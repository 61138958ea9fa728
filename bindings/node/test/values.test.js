"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const { inspect } = require("node:util");
const eve = require("..");
const { atom, from, kw, sym, toEDN, EveMap, EveVector, EveSet, Uuid, Decimal, Ratio, Tagged } = eve;
const { stored } = require("./support.js");

const scalars = {
  nil: null,
  booleans: true,
  "small integers": -1,
  "integers of 32 bits and more": 2 ** 31,
  "the largest safe integer": Number.MAX_SAFE_INTEGER,
  "the smallest safe integer": Number.MIN_SAFE_INTEGER,
  "integers of 64 bits": 2n ** 63n - 1n,
  "the smallest integer of 64 bits": -(2n ** 63n),
  "big integers": 2n ** 200n + 1n,
  "negative big integers": -(2n ** 200n),
  "a byte's edge": -(2n ** 71n),
  doubles: 0.1,
  "the negative zero": -0,
  "not a number": NaN,
  infinities: -Infinity,
  "large doubles": 1e300,
  "the empty string": "",
  "short strings": "abc",
  "long strings": "a string of more than seven bytes, and more than sixteen",
  "strings beyond ASCII": "grüße, 世界 🌍",
  "lone surrogates": "x\ud800y",
  "a pair of surrogates": "\ud83d\ude00",
  "zero bytes": "a\0b",
  "short keywords": kw("a"),
  "long keywords": kw("some.name-space/of-more-bytes"),
  "keywords beyond ASCII": kw("größe"),
  "short symbols": sym("f"),
  "long symbols": sym("clojure.core/assoc-in"),
};

for (const [name, value] of Object.entries(scalars)) {
  test(`${name} come back as they were`, () => {
    assert.ok(Object.is(stored(value), value), inspect(stored(value)));
    if (Number.isNaN(value)) return; // as a key it is never found: it does not equal itself
    const map = stored(new Map([[value, [value]]]));
    assert.ok(Object.is(map.get(value)[0], value));
    assert.ok(Object.is([...map.keys()][0], [...new Map([[value, 1]]).keys()][0]));
    assert.ok(map.set("other", 1).has(value));
    assert.equal(map.delete(value).size, 0);
  });
}

test("other scalars come back equal", () => {
  const date = new Date(-1);
  assert.deepEqual(stored(date), date);
  assert.deepEqual(stored(new Date(0.5)).getTime(), 0);
  assert.deepEqual(stored(new Uint8Array([0, 255])), new Uint8Array([0, 255]));
  assert.deepEqual(stored(Buffer.from("bytes")), new Uint8Array(Buffer.from("bytes")));
  for (const value of [Uuid.random(), new Decimal("-12.50"), new Decimal("1e400"), new Ratio(-1, 3)]) {
    assert.ok(value.equals(stored(value)), inspect(value));
    assert.equal(stored(new Map([[value, 1]])).get(value), 1);
  }
  assert.equal(stored(new Ratio(4, 2)), 2);
  assert.equal(stored(undefined), null);
  assert.equal(stored(2n), 2);
  const tagged = stored(new Tagged("my/tag", { a: [1] }));
  assert.equal(tagged.tag, "my/tag");
  assert.equal(tagged.value.get("a")[0], 1);
});

test("plain values can be cloned and written as JSON", () => {
  const value = stored(new Map([[kw("a/b"), [1n, new Set([2])]], ["when", new Date(0)]]));
  assert.deepEqual(structuredClone(value.toJS()).when, new Date(0));
  assert.throws(() => structuredClone(value), { name: "DataCloneError", message: /use_toJS/ });
  assert.throws(() => structuredClone(from([1])), { name: "DataCloneError", message: /use_toJS/ });
  assert.throws(() => structuredClone(atom(1)), { name: "DataCloneError", message: /use_the_name_of_the_atom/ });
  assert.deepEqual(stored(new Map([[1, 2]])).toJS(), new Map([[1, 2]]));
  assert.equal(JSON.stringify(stored({ a: [1, null, new Set([2n ** 64n])] })), '{"a":[1,null,["18446744073709551616"]]}');
  assert.equal(JSON.stringify(stored(new Map([[[1], 2]]))), '{"[1]":2}');
  assert.equal(JSON.stringify(from({ __proto__: null, ["__proto__"]: 1 })), '{"__proto__":1}');
});

test("EDN and the console show what there is", () => {
  const value = stored(new Map([[kw("a"), [1, "x", sym("f")]]]));
  assert.equal(String(value), '{:a [1 "x" f]}');
  assert.equal(toEDN(new Set([1.5])), "#{1.5}");
  assert.equal(inspect(from([1, 2, 3]), { maxArrayLength: 0 }), "EveVector(3) [ ... 3 more ]");
  assert.equal(inspect(from([1, 2, 3]), { maxArrayLength: 1 }), "EveVector(3) [ 1, ... 2 more ]");
  assert.match(inspect(value), /EveMap\(1\) \{ :a => EveVector\(3\) \[ 1, 'x', 'f \] \}/);
  assert.match(inspect(stored([...Array(500).keys()])), /400 more/);
  assert.match(inspect(stored({ a: { b: { c: { d: 1 } } } })), /\[EveMap\(1\)\]/);
});

test("large values do not fit the frame and come over all the same", () => {
  const text = "ä".repeat(200_000);
  const bytes = new Uint8Array(3_000_000).fill(7);
  const value = stored({ text, bytes, many: [...Array(50_000).keys()] });
  assert.equal(value.get("text"), text);
  assert.deepEqual(value.get("bytes"), bytes);
  assert.equal(value.toJS().many.length, 50_000);
  assert.equal(value.get("many").at(-1), 49_999);
  assert.equal(stored(1), 1);
});

test("keywords are the same object, symbols of EDN are not those of JavaScript", () => {
  assert.equal(kw("a/b"), stored(kw("a/b")));
  assert.equal(kw("a/b").namespace, "a");
  assert.equal(kw("a/b").name, "b");
  assert.equal(kw("/").name, "/");
  assert.throws(() => kw(""), { kind: "value" });
  assert.throws(() => new eve.Keyword("x"), { kind: "value" });
  assert.ok(EveMap.from([["a", 1]]).equals({ a: 1 }) && EveVector.of(1).equals([1]) && EveSet.of(1).equals(new Set([1])));
});

test("nothing is lost in plain values where a name and a string say the same", () => {
  const entries = [[kw("a"), 1], ["a", 2], [":a", 3], [4, 5], ["4", 6]];
  for (const value of [from(new Map(entries)), atom(new Map(entries)).deref()]) {
    assert.deepEqual(value.toJS(), new Map(entries));
    assert.deepEqual(JSON.parse(JSON.stringify(value)).sort(), [["a", 1], ["a", 2], [":a", 3], [4, 5], ["4", 6]].sort());
  }
  assert.equal(JSON.stringify(from(new Map([[kw("a"), 1], ["a", 2]]))), '{":a":1,"a":2}');
  assert.deepEqual(from(new Set([kw("a"), "a"])).toJS(), new Set([kw("a"), "a"]));
  assert.deepEqual(from([kw("a/b"), { k: kw("c") }]).toJS(), ["a/b", { k: "c" }]);
});
