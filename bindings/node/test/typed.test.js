"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const path = require("node:path");
const { inspect } = require("node:util");
const { once } = require("node:events");
const { Worker } = require("node:worker_threads");
const fc = require("fast-check");
const { atom, open, from, equals, edn, EveArray, EveObject, EveRecords } = require("..");
const { folder, node, stored } = require("./support.js");
const kinds = {
  int8: Int8Array,
  uint8: Uint8Array,
  "uint8-clamped": Uint8ClampedArray,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
};

for (const [type, Kind] of Object.entries(kinds)) {
  test(`${type}: what is stored and what is not yet do what a typed array does`, () => {
    const bits = !type.startsWith("float");
    const numbers = bits ? fc.integer({ min: type.startsWith("u") ? 0 : -128, max: type.startsWith("u") ? 255 : 127 }) : fc.double({ noNaN: true }).map(Math.fround);
    const wide = (n) => (Kind === BigInt64Array ? BigInt(n) : n);
    const step = fc.record({ op: fc.constantFrom("set", "add", "sub", "exchange", "compareExchange", "fill", "setAll", ...(bits ? ["and", "or", "xor"] : [])), at: fc.nat(6), a: numbers, b: numbers });
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 7, maxLength: 7 }), fc.array(step), (first, steps) => {
        const model = Kind.from(first.map(wide));
        const arrays = [EveArray.from(type, first), stored([EveArray.from(type, first)])[0]];
        for (const { op, at, a, b } of steps) {
          const before = Number(model[at]);
          for (const array of arrays) {
            const got = op === "setAll" ? array.setAll([a, b], at % 6) : op === "fill" ? array.fill(a, at) : op === "compareExchange" ? array.compareExchange(at, b, a) : array[op](at, a);
            if (!["set", "fill", "setAll"].includes(op)) assert.ok(Object.is(got, before) || got === before, `${op} gave ${got}, not ${before}`);
          }
          if (op === "setAll") model.set([wide(a), wide(b)], at % 6);
          else if (op === "fill") model.fill(wide(a), at);
          else if (op === "set" || op === "exchange") model[at] = wide(a);
          else if (op === "compareExchange") model[at] = Object.is(before, b) ? wide(a) : model[at];
          else {
            const [x, y] = [model[at], wide(a)];
            model[at] = op === "add" ? x + y : op === "sub" ? x - y : op === "and" ? x & y : op === "or" ? x | y : x ^ y;
          }
          for (const array of arrays) assert.deepEqual(array.toTypedArray(), model, op);
        }
        assert.ok(equals(arrays[0], arrays[1]) && equals(arrays[1], EveArray.from(type, model)));
      }),
      { numRuns: 40 },
    );
  });
}

test("typed arrays of JavaScript go in as arrays, bytes as bytes", () => {
  const value = stored({ a: new Int32Array([1, -2]), f: new Float64Array([0.5]), big: new BigInt64Array([2n ** 60n, 1n]), bytes: new Uint8Array([1]), buffer: Buffer.from([2]) });
  assert.ok(value.get("a") instanceof EveArray);
  assert.equal(value.get("a").type, "int32");
  assert.deepEqual([...value.get("a")], [1, -2]);
  assert.deepEqual([...value.get("big")], [2n ** 60n, 1]);
  assert.ok(value.get("bytes") instanceof Uint8Array && value.get("buffer") instanceof Uint8Array);
  assert.deepEqual(value.toJS().a, new Int32Array([1, -2]));
  assert.equal(JSON.stringify(value.get("big")), '["1152921504606846976",1]');
  assert.equal(value.getIn(["a", 1]), -2);
  assert.equal(value.getIn(["a", 2]), undefined);
  assert.equal(value.getIn(["a", 0, "x"]), undefined);
  assert.equal(inspect(value.get("a")), "EveArray(2) int32 [ 1, -2 ]");
  assert.equal(String(value.get("a")), "#eve/array [:int32 1 -2]");
  assert.equal(stored({ many: new Float64Array(300_000).fill(7) }).get("many").toTypedArray(-1)[0], 7);
  const mine = new Int32Array([1]);
  const taken = from(mine);
  mine[0] = 2;
  assert.equal(taken.at(0), 1);
});

test("elements are read and set by index, and objects are read", () => {
  for (const array of [EveArray.from("int8", [1, 2]), stored([EveArray.from("int8", [1, 2])])[0], EveRecords.from({ x: "int8" }, [{ x: 1 }, { x: 2 }]).column("x")]) {
    assert.deepEqual([array[0], array[1], array[2]], [1, 2, undefined]);
    array[1] = 5;
    assert.deepEqual([array[1], array.at(-1)], [5, 5]);
    assert.throws(() => (array[2] = 1), { kind: "value", message: /index 2 is out of bounds/ });
    assert.throws(() => (array[0] = 300), { kind: "value", message: /300 is no int8/ });
  }
  for (const made of [EveRecords.from({ x: "int8" }, [{ x: 1 }]), stored([EveRecords.from({ x: "int8" }, [{ x: 1 }])])[0]]) {
    assert.deepEqual([made[0].get("x"), made[1]], [1, undefined]);
    assert.throws(() => (made[0] = { x: 2 }), { name: "TypeError", message: /at\(0\)\.set\(field, value\)/ });
  }
});

test("a number that an element cannot be is an error, and so is a place that is not there", () => {
  for (const a of [EveArray.zeros("int16", 3), stored(EveArray.zeros("int16", 3))]) {
    for (const bad of [1.5, NaN, 40_000, -40_000, "1", null, undefined, 2n ** 70n]) assert.throws(() => a.set(0, bad), { kind: "value" });
    for (const at of [-4, 3]) assert.throws(() => a.set(at, 1), { kind: "value", message: /out of bounds/ });
    for (const at of [0.5, "0", undefined]) assert.throws(() => a.set(at, 1), { kind: "value", message: /an index is a whole number/ });
    assert.throws(() => a.setAll([1, 2], 2), { kind: "value" });
    assert.throws(() => a.wait(0, 0, 1), { name: "EveError" });
    assert.deepEqual([a.at(3), a.get(-1), a.at(-1), a.get(-4), a.get("0")], [undefined, 0, 0, undefined, undefined]);
    assert.deepEqual([...a], [0, 0, 0]);
  }
  assert.throws(() => EveArray.zeros("int33", 1), { kind: "value", message: /int32/ });
  assert.throws(() => EveArray.zeros("int8", -1), { kind: "value" });
  assert.throws(() => stored(new Float32Array(1)).or(0, 1), { kind: "value" });
  assert.throws(() => from(new BigUint64Array(1)), { kind: "value" });
  assert.throws(() => from([new DataView(new ArrayBuffer(1))]), { kind: "value", path: "[0]" });
});

test("changes in place are seen by all, in whatever version and process", async (t) => {
  const file = path.join(folder(t), "db");
  const a = atom({ id: "a", persistent: file }, { xs: new Int32Array(4), n: 0 });
  const old = a.deref().get("xs");
  a.swap((m) => m.set("n", 1));
  const script = `const xs = eve.atom({ id: "a", persistent: process.argv[1] }, 0).deref().get("xs"); for (let i = 0; i < 20000; i++) xs.add(1, 1);`;
  const others = [node(script, [file]), node(script, [file])];
  for (let i = 0; i < 20_000; i++) old.add(1, 1);
  for (const other of await Promise.all(others)) assert.equal(other.code, 0, other.err);
  assert.equal(a.deref().get("xs").at(1), 60_000);
  assert.equal(open(file, { readOnly: true }).atom("a").deref().get("xs").at(1), 60_000);
  assert.throws(() => open(file, { readOnly: true }).atom("a").deref().get("xs").set(0, 1), { kind: "read-only" });
});

test("a thread that waits for an element is woken", async () => {
  const a = atom({ id: "typed/wait" }, { xs: new Int32Array(2) });
  const worker = new Worker(
    `const eve = require(${JSON.stringify(path.join(__dirname, ".."))});
     const { parentPort } = require("node:worker_threads");
     const xs = eve.atom({ id: "typed/wait" }, 0).deref().get("xs");
     parentPort.postMessage("ready");
     const how = xs.wait(0, 0, 20000);
     parentPort.postMessage([how, xs.at(0)]);`,
    { eval: true },
  );
  await once(worker, "message");
  const answer = once(worker, "message");
  const xs = a.deref().get("xs");
  xs.set(0, 5);
  let woken = 0;
  for (let i = 0; i < 2000 && woken === 0; i++) {
    woken = xs.notify(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (i > 20) break; // it came too late to sleep
  }
  const [[how, value]] = await answer;
  assert.ok(how === "ok" || how === "not-equal");
  assert.equal(value, 5);
  assert.equal(xs.wait(1, 0, 5), "timed-out");
  assert.equal(xs.wait(1, 7, 5), "not-equal");
});

test("typed objects and arrays of them are changed in place", () => {
  const fields = { id: "uint16", x: "float64", big: "int64" };
  const rows = [{ id: 1, x: 0.5, big: 2n ** 60n }, { id: 2 }, {}];
  for (const many of [EveRecords.from(fields, rows), stored({ r: EveRecords.from(fields, rows) }).get("r")]) {
    assert.deepEqual(many.fields, fields);
    assert.deepEqual(many.toJS(), [{ id: 1, x: 0.5, big: 2n ** 60n }, { id: 2, x: 0, big: 0 }, { id: 0, x: 0, big: 0 }]);
    assert.equal(many.at(0).add("x", 1), 0.5);
    assert.equal(many.at(-1).set("id", 9).get("id"), 9);
    assert.deepEqual([...many.column("id")], [1, 2, 9]);
    many.column("x").fill(2);
    assert.deepEqual([...many].map((row) => row.get("x")), [2, 2, 2]);
    assert.throws(() => many.column("none"), { kind: "value", message: /id, x, big/ });
    assert.equal(many.at(3), undefined);
    assert.ok(edn.parse(String(many)).equals(many));
  }
  for (const one of [EveObject.from(fields, rows[0]), stored({ o: EveObject.from(fields, rows[0]) }).get("o")]) {
    assert.equal(one.compareExchange("id", 1, 7), 1);
    assert.equal(one.exchange("id", 8), 7);
    assert.equal(one.sub("big", 1), 2n ** 60n);
    assert.deepEqual(one.toJS(), { id: 8, x: 0.5, big: 2n ** 60n - 1n });
    assert.equal(one.get("none"), undefined);
    assert.ok(edn.parse(String(one)).equals(one));
  }
  assert.equal(stored({ r: EveRecords.from(fields, rows) }).getIn(["r", 1, "id"]), 2);
  assert.equal(EveRecords.from({ n: "int8" }, 5).length, 5);
  assert.throws(() => EveRecords.from({}, []), { kind: "value" });
  assert.throws(() => EveRecords.from(fields, [{ y: 1 }]), { kind: "value", message: /"y"|'y'/ });
});

test("a column or one of many objects is stored as a copy of its own", () => {
  const a = atom({ r: EveRecords.from({ x: "int32" }, [{ x: 1 }, { x: 2 }]) });
  const after = a.swap((m) => m.set("row", m.get("r").at(1)).set("column", m.get("r").column("x")));
  after.get("row").set("x", 9);
  after.get("column").set(0, 8);
  assert.deepEqual(after.get("r").toJS(), [{ x: 1 }, { x: 2 }]);
  assert.deepEqual(a.deref().toJS(), { r: [{ x: 1 }, { x: 2 }], row: { x: 9 }, column: new Int32Array([8, 2]) });
});
