"use strict";
// The vectors that all faces share (conformance/values.edn), in this runtime and through the `eve` command, which is Rust.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { atom, edn, equals, from, kw, EveMap, EveSet } = require("..");
const { folder, run, command, stored } = require("./support.js");

const folderOfVectors = path.join(__dirname, "../../../conformance");
const files = fs.readdirSync(folderOfVectors).filter((name) => name.endsWith(".edn"));
const read = files.flatMap((name) => edn.parse(fs.readFileSync(path.join(folderOfVectors, name), "utf8")).toArray());
const vectors = read.map((vector) => ({
  keys: [...vector.keys()].map(String),
  name: vector.get(kw("name")),
  text: vector.get(kw("edn")),
  equal: vector.get(kw("equal"))?.toJS() ?? [],
  different: vector.get(kw("different"))?.toJS() ?? [],
}));
const exactly = (text) => edn.parse(text, { exact: true });

test("there are vectors, and nothing in them is passed over", () => {
  assert.ok(vectors.length >= 45);
  for (const { keys, name, text } of vectors) {
    assert.ok(typeof name === "string" && typeof text === "string");
    for (const key of keys) assert.ok([":name", ":edn", ":equal", ":different"].includes(key), `${name}: this runner does not know ${key}`);
  }
});

for (const { name, text, equal, different } of vectors) {
  test(`${name} comes back equal`, () => {
    const value = exactly(text);
    // In a vector, where whatever JavaScript has no type for is still itself.
    const view = stored([value]);
    assert.ok(equals(view, [value]) && equals([value], view));
    assert.ok(atom(value).compareAndSet(value, null));
    assert.ok(equals(exactly(edn.stringify(value)), value));
    assert.ok(equals(exactly(String(view)), view));
    if (/#eve\/(array|obj)/.test(text)) {
      // What changes in place is no key.
      for (const keyed of [new Map([[value, 1]]), new Set([value])]) assert.throws(() => stored(keyed), { kind: "value" });
      for (const other of equal) assert.ok(equals(value, exactly(other)) && equals(view, [exactly(other)]), other);
      for (const other of different) assert.ok(!equals(value, exactly(other)) && !equals(view, [exactly(other)]), other);
      return;
    }
    const maps = [stored(new Map([[value, 1]])), from(new Map([[value, 1]])), EveMap.of(["other", 2]).set(value, 1)];
    const sets = [stored(new Set([value])), from(new Set([value])), EveSet.of("other").add(value)];
    const found = (key) => [...maps.map((map) => map.get(key)), ...sets.map((set) => set.has(key))];
    assert.deepEqual(found(value), [1, 1, 1, true, true, true]);
    for (const other of equal) {
      const same = exactly(other);
      assert.ok(equals(value, same) && equals(same, value) && equals(view, [same]), other);
      assert.ok(atom(value).compareAndSet(same, null), other);
      assert.deepEqual(found(same), [1, 1, 1, true, true, true], other);
    }
    for (const other of different) {
      const unlike = exactly(other);
      assert.ok(!equals(value, unlike) && !equals(unlike, value) && !equals(view, [unlike]), other);
      assert.ok(!atom(value).compareAndSet(unlike, null), other);
      assert.deepEqual(found(unlike), [undefined, undefined, undefined, false, false, false], other);
    }
  });
}

test("what Rust writes is read here, and what is written here Rust reads", async (t) => {
  const file = path.join(folder(t), "db");
  const eve = async (...args) => {
    const { code, out, err } = await run(command, args);
    assert.equal(code, 0, `${args.join(" ")}: ${err}`);
    return out;
  };
  for (const [i, { name, text }] of vectors.entries()) {
    const value = exactly(text);
    atom({ id: `mine-${i}`, persistent: file }, value);
    assert.ok(equals(exactly(await eve("get", file, `mine-${i}`)), value), name);
    await eve("set", file, `theirs-${i}`, "--", text);
    assert.ok(atom({ id: `theirs-${i}`, persistent: file }, null).compareAndSet(value, null), name);
  }
});
