"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const path = require("node:path");
const fs = require("node:fs");
const { inspect } = require("node:util");
const eve = require("..");
const { folder, node, turn } = require("./support.js");
const { atom, open, kw, EveObject, EveRecords } = eve;

const places = {
  "in memory": () => {},
  "in a file": (t) => path.join(folder(t), "db"),
};

for (const [where, place] of Object.entries(places)) {
  const make = (t, id, first) => atom({ id, persistent: place(t) }, first);

  test(`${where}: swap, reset and compareAndSet`, (t) => {
    const n = make(t, `a-${t.name}`, 1);
    assert.equal(n.swap((n) => n + 1), 2);
    assert.equal(n.swap((n, a, b) => n + a + b, 10, 20), 32);
    assert.deepEqual(n.swapValues((n) => n + 1), [32, 33]);
    assert.equal(n.update((n) => n + 1), undefined);
    assert.equal(n.value, 34);
    assert.equal(n.reset("text"), "text");
    assert.deepEqual(n.resetValues([1]).map(String), ["text", "[1]"]);
    assert.equal(n.compareAndSet([2], 0), false);
    assert.equal(n.compareAndSet([1], { a: 1 }), true);
    assert.equal(n.compareAndSet(n.deref(), 0), true);
    assert.equal(n.deref(), 0);
  });

  test(`${where}: a function that throws changes nothing`, (t) => {
    const n = make(t, `b-${t.name}`, { a: 1 });
    const error = new Error("mine");
    for (const method of ["swap", "update", "swapValues"]) {
      assert.throws(() => n[method](() => { throw error; }), (thrown) => thrown === error);
      assert.throws(() => n[method](async () => 1), { kind: "value", message: /promise/ });
      assert.throws(() => n[method]("no function"), { kind: "value" });
    }
    assert.deepEqual(n.deref().toJS(), { a: 1 });
    assert.equal(n.version, 1);
  });

  test(`${where}: a swap inside a swap is seen and the outer one runs again`, (t) => {
    const n = make(t, `c-${t.name}`, { n: 0 });
    let runs = 0;
    n.swap((m) => {
      if (runs++ === 0) n.swap((m) => m.set("inner", true));
      return m.update("n", (n) => n + 1);
    });
    assert.equal(runs, 2);
    assert.deepEqual(n.deref().toJS(), { n: 1, inner: true });
  });

  test(`${where}: values held stay as they were`, async (t) => {
    const m = make(t, `d-${t.name}`, { list: [1, 2, 3], text: "a text of some length" });
    const held = [];
    for (let i = 0; i < 500; i++) {
      held.push([i, m.deref(), m.deref().get("list")]);
      m.swap((m) => m.set("n", i).update("list", (l) => l.push(i)));
      if (i % 50 === 0) await turn();
    }
    for (let i = 0; i < 20_000; i++) m.update((m) => m.set("n", i).set("text", `other ${i}`));
    m.domain.reclaim();
    for (const [i, map, list] of held) {
      assert.equal(map.get("text"), "a text of some length");
      assert.equal(map.get("n"), i === 0 ? undefined : i - 1);
      assert.equal(list.length, 3 + i);
      assert.deepEqual([...list].slice(0, 3), [1, 2, 3]);
    }
  });

  test(`${where}: old versions can be put back, and parts of them`, (t) => {
    const m = make(t, `e-${t.name}`, { a: { deep: [1] }, b: 2 });
    const old = m.deref();
    m.reset(null);
    m.reset(old);
    assert.ok(m.deref().equals(old));
    m.swap((m) => m.set("copy", m.get("a")).set("older", old).delete("b"));
    assert.deepEqual(m.deref().toJS(), { a: { deep: [1] }, copy: { deep: [1] }, older: { a: { deep: [1] }, b: 2 } });
    const other = atom(null);
    other.reset(m.deref().get("older"));
    assert.deepEqual(other.deref().toJS(), { a: { deep: [1] }, b: 2 });
  });

  test(`${where}: the view of an update is over when it returns`, (t) => {
    const m = make(t, `f-${t.name}`, { a: { b: 1 }, v: [1], typed: [new Int32Array(1), EveObject.from({ x: "int8" }), EveRecords.from({ x: "int8" }, 1)] });
    let kept;
    let all;
    m.update((m) => {
      kept = m.get("a");
      all = [m.get("v"), ...m.get("typed"), m.set("new", 1)];
      assert.equal(kept.get("b"), 1);
      return m;
    });
    for (const value of [kept, ...all]) assert.match(inspect({ value }), /value: \[Eve\w+: this value was only good inside the function given to update; .*\]/);
    assert.throws(() => kept.get("b"), { kind: "released", message: /only good inside the function given to update/ });
    assert.throws(() => m.reset(kept), { kind: "released" });
    assert.throws(() => [...kept], { kind: "released" });
    assert.equal(m.deref().getIn(["a", "b"]), 1);
  });
}

test("atoms of one name are one atom", (t) => {
  const file = path.join(folder(t), "db");
  const a = atom({ id: kw("app/x"), persistent: file }, { n: 1 });
  const b = atom({ id: "app/x", persistent: path.join(path.dirname(file), ".", "db") }, () => assert.fail("not asked"));
  a.swap((m) => m.set("n", 2));
  assert.equal(b.deref().get("n"), 2);
  assert.equal(atom("same", 1), atom({ id: "same" }, 2));
  assert.notEqual(atom(1), atom(1));
  assert.equal(atom({ id: "lazy" }, () => 5).deref(), 5);
  assert.throws(() => atom({ id: 7 }, 0), { kind: "value", message: /a keyword or a string, not 7/ });
  assert.throws(() => atom({}, 0), { kind: "value" });
});

test("options that are wrong are errors that name them", (t) => {
  const file = path.join(folder(t), "db");
  assert.throws(() => atom({ id: "a", persistent: file }), { kind: "value", message: /takes the first value too/ });
  assert.throws(() => atom({ id: "a", persistant: file }, 0), { kind: "value", message: 'atom has no option "persistant"; it has id, persistent' });
  assert.throws(() => open(file, { readonly: true }), { kind: "value", message: 'open has no option "readonly"; it has readOnly, create, reserve' });
  for (const options of [null, 5, "x"]) assert.throws(() => open(file, options), { kind: "value" });
  for (const persistent of [5, "", {}]) assert.throws(() => atom({ id: "a", persistent }, 0), { kind: "value", message: /persistent is the path of a file/ });
  assert.ok(!fs.existsSync(file));
  assert.deepEqual(atom({ a: 1 }).deref().toJS(), { a: 1 });
  assert.deepEqual(atom({ id: 7, name: "x" }).deref().toJS(), { id: 7, name: "x" });
  assert.equal(atom({ id: "undefined first", persistent: file }, undefined).deref(), null);
});

test("a function that returns nothing changes nothing", () => {
  const a = atom({ a: 1 });
  for (const forgetful of [(m) => { m.set("b", 1); }, () => undefined, (m) => m.get("none")]) {
    for (const change of [() => a.swap(forgetful), () => a.swapValues(forgetful), () => a.update(forgetful)]) {
      assert.throws(change, { kind: "value", message: /returned undefined; it has to return the new value \(null for nothing\)/ });
    }
  }
  assert.deepEqual(a.deref().toJS(), { a: 1 });
  assert.equal(a.swap(() => null), null);
  assert.deepEqual(a.resetValues(undefined), [null, null]);
  assert.equal(a.reset(undefined), null);
});

test("a domain lists, tells, removes and closes", (t) => {
  const file = path.join(folder(t), "db");
  const db = open(file);
  const a = db.atom("a", { x: [1] });
  db.atom("b", 0);
  assert.deepEqual(db.atoms(), ["a", "b"]);
  assert.equal(db.atom("none"), undefined);
  const stat = db.stat();
  assert.equal(stat.atoms, 2);
  assert.ok(stat.committed > 0 && stat.processes === 1);
  assert.equal(db.remove("b"), true);
  assert.equal(db.remove("b"), false);
  assert.deepEqual(db.atoms(), ["a"]);
  assert.equal(db.atom("b", "again").deref(), "again");
  const value = a.deref();
  db.close();
  db.close();
  assert.equal(value.getIn(["x", 0]), 1);
  assert.throws(() => a.deref(), { kind: "closed" });
  assert.throws(() => db.atoms(), { kind: "closed" });
  assert.equal(open(file).atom("a").deref().getIn(["x", 0]), 1);
});

test("a file that is open read-only is read and watched, and not changed", async (t) => {
  const file = path.join(folder(t), "db");
  assert.throws(() => open(file, { readOnly: true }), { kind: "io" });
  assert.throws(() => open(file, { create: false }), { kind: "io" });
  assert.ok(!fs.existsSync(file));
  const a = open(file).atom("a", { n: 0 });
  const db = open(file, { readOnly: true });
  assert.ok(db.readOnly && !a.domain.readOnly);
  const mine = db.atom("a", "not used");
  const old = mine.deref();
  const changes = mine.changes();
  const next = changes.next();
  a.swap((m) => m.set("n", 1));
  assert.equal((await next).value.get("n"), 1);
  await changes.return();
  assert.equal(mine.deref().get("n"), 1);
  assert.throws(() => old.get("n"), { kind: "stale" });
  for (const change of [() => mine.reset(1), () => mine.swap((m) => m.set("n", 2)), () => mine.update((m) => m.set("n", 2)), () => mine.compareAndSet({ n: 1 }, 0), () => db.atom("b", 1), () => db.remove("a"), () => db.gc(), () => db.reclaim()]) {
    assert.throws(change, { kind: "read-only", path: file });
  }
  assert.equal(db.atom("b"), undefined);
  assert.equal(db.verify().damaged, 0);
  assert.deepEqual(a.deref().toJS(), { n: 1 });
  db.close();
});

test("a value of a file that is open read-only is right or stale, never wrong", (t) => {
  const file = path.join(folder(t), "db");
  const a = open(file).atom("a", { n: 0, list: [0], text: "0 ".repeat(50) });
  const mine = open(file, { readOnly: true }).atom("a");
  let stale = 0;
  for (let round = 0; round < 200; round++) {
    const value = mine.deref();
    const inner = value.get("list");
    const iteration = value.entries();
    for (let i = 0; i < (round % 3) * 40; i++) {
      const n = round * 100 + i + 1;
      a.reset({ n, list: [n], text: `${n} `.repeat(50) });
    }
    const all = a.deref().toJS();
    assert.deepEqual(mine.read((v) => v.toJS()), all);
    for (const look of [() => [value.get("n"), all.n], () => [inner.at(0), all.n], () => [value.toJS(), all], () => [new Map(iteration).get("n"), all.n], () => [value.getIn(["list", 0]), all.n]]) {
      try {
        const [got, wanted] = look();
        assert.deepEqual(got, wanted);
        assert.equal(round % 3, 0);
      } catch (error) {
        if (error.kind !== "stale") throw error;
        stale += 1;
      }
    }
  }
  assert.ok(stale > 0);
  assert.throws(() => mine.read(() => { throw new Error("mine"); }), { message: "mine" });
});

test("verify finds nothing wrong, or says what and where; gc frees what the killed left", async (t) => {
  const file = path.join(folder(t), "db");
  await node(
    `const a = eve.atom({ id: "a", persistent: process.argv[1] }, {});
     for (let i = 0; i < 2000; i++) a.update((m) => m.set("k" + (i % 500), { i }));
     process.kill(process.pid, "SIGKILL");`,
    [file],
  );
  let db = open(file);
  const done = db.gc();
  assert.equal(done.left, null);
  assert.ok(done.alone);
  const report = db.verify();
  assert.deepEqual([report.ok, report.exact, report.damaged, report.atoms, report.damages], [true, true, 0, 1, []]);
  assert.ok(report.kinds.some(({ kind, blocks, bytes }) => kind === "map root" && blocks >= 500 && bytes > 0));
  assert.match(String(report), /^ok\natoms: 1,/);
  assert.ok(!Object.keys(report).includes("toString"));
  db.close();
  // Damage in the middle of the values.
  const bytes = fs.readFileSync(file);
  const broken = path.join(path.dirname(file), "broken");
  for (let at = bytes.indexOf("k4"); at >= 0; at = bytes.indexOf("k4", at + 40)) bytes.fill(0xff, Math.max(0, at - 32), Math.min(at + 32, bytes.length));
  fs.writeFileSync(broken, bytes);
  const told = await node(
    `try {
       const db = eve.open(process.argv[1]);
       const report = db.verify();
       console.log(report.ok, report.damaged > 0, report.damages[0].what.length > 0, Number.isInteger(report.damages[0].offset));
     } catch (error) { console.log(error.name, error.kind); }`,
    [broken],
  );
  assert.match(told.out, /^(false true true true|EveError (corrupt|not-a-domain))\n$/, told.err);
});

test("an error before a call leaves nothing behind for the next one", (t) => {
  const db = open(path.join(folder(t), "db"));
  const closed = db.atom("a", { x: 1 });
  const value = closed.deref();
  db.close();
  const other = atom({ n: 1 });
  const failures = [
    () => closed.reset("some bytes"),
    () => closed.compareAndSet({}, {}),
    () => closed.swap((m) => m),
    () => other.compareAndSet(1, new Date(NaN)),
    () => other.compareAndSet(new Date(NaN), 1),
    () => other.deref().set("x", () => 1),
    () => db.atom("b", 1),
    () => new eve.Tagged("t", { get x() { return other.deref().get("n") + nothing; } }) && eve.toEDN(new eve.Tagged("t", [() => 1])),
  ];
  for (const failure of failures) {
    assert.throws(failure);
    assert.equal(other.swap((m) => m.update("n", (n) => n + 1)).get("n"), other.deref().get("n"));
    assert.equal(value.get("x"), 1);
  }
});

test("code that runs while a value is stored may use atoms itself", () => {
  const other = atom({ n: 1 });
  const tricky = { get x() { return other.swap((m) => m.update("n", (n) => n + 1)).get("n"); } };
  const a = atom({ list: [tricky, new eve.Tagged("t", { tricky })] });
  assert.deepEqual(a.deref().getIn(["list", 0]).toJS(), { x: 2 });
  assert.equal(a.deref().getIn(["list", 1]).value.getIn(["tricky", "x"]), 3);
});

test("an atom is its value in JSON, whatever was done to it before", () => {
  for (const value of [{ a: [1, kw("k")] }, [1, null], 5, "text", null, kw("k")]) {
    const a = atom(value);
    const expected = JSON.stringify({ a: value });
    assert.equal(JSON.stringify({ a }), expected);
    a.update((value) => value);
    assert.equal(JSON.stringify({ a }), expected);
  }
});

test("a removed atom says so", () => {
  const a = atom({ id: "to be removed" }, 1);
  a.domain.remove("to be removed");
  assert.throws(() => a.deref(), { kind: "no-such-atom", path: "to be removed" });
  assert.throws(() => a.swap((n) => n), { kind: "no-such-atom" });
  assert.equal(atom({ id: "to be removed" }, 2).deref(), 2);
});

test("who watches hears once that the atom was removed", async () => {
  const a = atom({ id: "watched and removed" }, 1);
  const heard = [];
  const stop = a.watch((now, before) => heard.push([before, now]));
  const changes = a.changes();
  a.domain.remove("watched and removed");
  assert.deepEqual(await changes.next(), { value: undefined, done: false });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(heard, [[1, undefined]]);
  stop();
  await changes.return();
});

test("what is no domain is refused, and says why", (t) => {
  const file = path.join(folder(t), "text");
  fs.writeFileSync(file, "this is not a domain, but a text of some length".repeat(1000));
  assert.throws(() => open(file), (error) => error instanceof eve.EveError && error.kind === "not-a-domain" && error.path === file);
  assert.throws(() => open(path.join(file, "x")), { kind: "io" });
  assert.throws(() => open(""), { kind: "value" });
});

test("a watch hears of each commit of this thread at once", () => {
  const n = atom(0);
  const heard = [];
  const stop = n.watch((now, before) => heard.push([before, now]));
  n.swap((n) => n + 1);
  n.update((n) => n + 1);
  n.reset(5);
  n.compareAndSet(5, 6);
  n.compareAndSet(5, 7);
  assert.deepEqual(heard, [[0, 1], [1, 2], [2, 5], [5, 6]]);
  stop();
  n.reset(0);
  assert.equal(heard.length, 4);
});

test("a watch that changes the atom leaves nobody with the older value", async () => {
  const n = atom(0);
  const heard = [];
  const early = n.changes();
  const stops = [
    n.watch((now) => now === 1 && n.reset(2)),
    n.watch((now, before) => heard.push([before, now])),
    n.watch((now) => now === 3 && stops[3]()),
    n.watch((now, before) => heard.push([before, now])),
  ];
  const late = n.changes();
  n.reset(1);
  assert.deepEqual(heard, [[0, 2], [0, 2]]);
  for (const changes of [early, late]) {
    assert.deepEqual(await changes.next(), { value: 2, done: false });
    await changes.return();
  }
  n.reset(3);
  assert.deepEqual(heard.slice(2), [[2, 3]], "who was stopped by another hears nothing more");
  for (const stop of stops) stop();
});

test("changes gives the newest value and ends", async () => {
  const n = atom(0);
  const changes = n.changes();
  n.reset(1);
  n.reset(2);
  assert.deepEqual(await changes.next(), { value: 2, done: false });
  setTimeout(() => n.reset(3), 5);
  assert.deepEqual(await changes.next(), { value: 3, done: false });
  const waiting = changes.next();
  await changes.return();
  assert.equal((await waiting).done, true);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 5);
  for await (const _ of n.changes({ signal: controller.signal })) assert.fail("nothing changes");
  let seen = 0;
  setTimeout(() => n.reset(7), 5);
  for await (const value of n.changes()) {
    seen = value;
    break;
  }
  assert.equal(seen, 7);
});

test("closing ends watches and loops over changes", async (t) => {
  const db = open(path.join(folder(t), "db"));
  const n = db.atom("n", 0);
  n.watch(() => {});
  setTimeout(() => db.close(), 5);
  for await (const _ of n.changes()) assert.fail("nothing changes");
});

test("disposable where JavaScript has it", { skip: !Symbol.dispose }, (t) => {
  const db = open(path.join(folder(t), "db"));
  db[Symbol.dispose]();
  assert.equal(db.isOpen, false);
});
