"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const { inspect } = require("node:util");
const { atom, edn, equals, from, kw, sym, Char, EveList, EveMap, EveSet, EveVector, Float, Tagged } = require("..");

test("text becomes the values that are read from atoms", () => {
  const value = edn.parse('{:a/b [1 2.5 "x" nil true], #{s} (1 2), "t" #my/tag {}}');
  assert.ok(value instanceof EveMap);
  assert.ok(value.get(kw("a/b")) instanceof EveVector);
  assert.deepEqual(value.get(kw("a/b")).toJS(), [1, 2.5, "x", null, true]);
  assert.ok(value.get(new Set([sym("s")])) instanceof EveList);
  assert.ok(value.get("t") instanceof Tagged);
  assert.ok(atom(value).deref().equals(value));
  assert.ok(edn.parse("#{1 2}") instanceof EveSet);
  assert.equal(edn.parse("12345678901234567890"), 12345678901234567890n);
  assert.deepEqual(edn.parse("^{:doc 1} [1]").meta.toJS(), { doc: 1 });
  assert.equal(edn.stringify(edn.parse("^{:doc 1} [1]"), { meta: false }), "[1]");
});

test("whole doubles and characters keep their type if that is asked for", () => {
  assert.deepEqual(edn.parse("[1.0 \\a]").toJS(), [1, "a"]);
  assert.equal(edn.stringify(edn.parse("[1.0 \\a]")), '[1 "a"]');
  const exact = edn.parse("[1.0 \\a 1.5]", { exact: true });
  assert.equal(edn.stringify(exact), "[1.0 \\a 1.5]");
  assert.ok(exact[0] instanceof Float && exact[1] instanceof Char && exact[2] === 1.5);
  assert.deepEqual(exact.toJS(), [1, "a", 1.5]);
  assert.equal(String(atom([new Float(2), new Char("😀")]).deref()), "[2.0 \\😀]");
  assert.equal(inspect([new Float(2), new Char("x")]), "[ 2.0, \\x ]");
  assert.equal(JSON.stringify(exact), '[1,"a",1.5]');
  assert.equal(new Float(2) + 1, 3);
  assert.throws(() => new Char("ab"), { kind: "value" });
  assert.throws(() => new Float("1"), { kind: "value" });
});

test("keys that JavaScript cannot tell apart are changed each for itself", () => {
  for (const map of [atom(edn.parse("{1.0 :float, 1 :int}", { exact: true })).deref(), edn.parse("{1.0 :float, 1 :int}", { exact: true })]) {
    assert.equal(map.get(1), kw("int"));
    assert.equal(map.get(new Float(1)), kw("float"));
    const less = map.delete(new Float(1));
    assert.deepEqual([...less], [[1, kw("int")]]);
    assert.equal(less.size, 1);
    assert.equal(String(map.set(new Float(1), 0).delete(1)), "{1.0 0}");
    assert.deepEqual([...map.set(1, 5).values()].map(String).sort(), ["5", ":float"]);
  }
});

test("zeros and fine instants are told apart where nothing may be lost, and are all gone through", () => {
  const fine = '#inst "2020-01-01T00:00:00.000000001-00:00"';
  const text = `{0 1, -0.0 2, [1] 3, [1.0] 4, #inst "2020-01-01T00:00:00.000-00:00" 5, ${fine} 6}`;
  const parsed = edn.parse(text, { exact: true });
  for (const map of [parsed, atom(parsed).deref(), edn.parse(edn.stringify(atom(parsed).deref()), { exact: true })]) {
    assert.equal(map.size, 6);
    assert.ok(edn.stringify(map).includes(`${fine} 6`));
    for (const [key, n] of [[0, 1], [new Float(0), 2], [[1], 3], [[new Float(1)], 4], [new Date("2020-01-01"), 5]]) {
      assert.equal(map.get(key), n);
      const others = [1, 2, 3, 4, 5, 6].filter((m) => m !== n);
      assert.deepEqual([...map.set(key, 9).values()].sort(), [...others, 9], String(key));
      assert.deepEqual([...map.delete(key).values()].sort(), others, String(key));
      assert.deepEqual([...atom(map).swap((m) => m.delete(key)).values()].sort(), others, String(key));
    }
  }
  const sorted = atom(edn.parse(`#eve/sorted-map {${fine} :fine}`, { exact: true })).deref().set("x", 1);
  assert.deepEqual([...sorted.values()], [1, kw("fine")]);
  assert.deepEqual([...sorted].map(([key]) => key.constructor), [String, Date]);
});

test("what is no EDN is an error that says where", () => {
  assert.throws(() => edn.parse("[1\n 2}"), { kind: "parse", message: /line 2, column 3/ });
  assert.throws(() => edn.parse("[1"), { kind: "parse" });
  assert.throws(() => edn.parse(""), { kind: "parse", message: /no value/ });
  assert.throws(() => edn.parse("1 2"), { kind: "parse", message: /more than one/ });
  assert.throws(() => edn.parse("{:a 1 :a 2}"), { name: "EveError" });
  assert.throws(() => edn.parse(7), { kind: "value" });
  assert.deepEqual(edn.parseAll(""), []);
  assert.deepEqual(edn.parseAll("1 [2] ; three").map(String), ["1", "[2]"]);
  assert.throws(() => edn.parseAll("1 ]"), { kind: "parse" });
  assert.equal(edn.parse("1"), 1);
});

test("text for people breaks its lines, and reads back equal", () => {
  const value = from({ list: [...Array(80).keys()], deep: { a: "x".repeat(60), b: "y".repeat(60) } });
  const pretty = edn.stringify(value, { pretty: true });
  assert.ok(pretty.split("\n").length > 2);
  assert.ok(equals(edn.parse(pretty), value));
  assert.ok(!edn.stringify(value).includes("\n"));
});

test("ten thousand levels and a million elements are no trouble", () => {
  const deep = "[".repeat(10_000) + "]".repeat(10_000);
  assert.equal(edn.stringify(edn.parse(deep)), deep);
  const wide = `[${"7 ".repeat(1_000_000)}]`;
  assert.equal(edn.parse(wide).length, 1_000_000);
});
