"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const eve = require("..");
const { folder, run, node, count } = require("./support.js");

test("processes of Node and Rust count together, and lose nothing", async (t) => {
  const file = path.join(folder(t), "db");
  const counter = eve.atom({ id: "counter", persistent: file }, 0);
  const script = `const c = eve.atom({ id: "counter", persistent: process.argv[1] }, 0);
    for (let i = 0; i < 20000; i++) c.swap((n) => n + 1);`;
  const others = [node(script, [file]), node(script, [file]), run(count, [file, "counter", "20000"])];
  for (let i = 0; i < 20_000; i++) counter.update((n) => n + 1);
  for (const other of await Promise.all(others)) assert.equal(other.code, 0, other.err);
  assert.equal(counter.deref(), 80_000);
  assert.equal((await run(count, [file, "counter"])).out, "80000\n");
});

test("Rust reads what Node wrote", async (t) => {
  const file = path.join(folder(t), "db");
  const value = new Map([
    [eve.kw("app/keyword-of-some-length"), new Set([2n ** 80n])],
    ["when", new Date(1)],
    ["list", eve.EveList.of(1, null, eve.sym("f"))],
    ["id", new eve.Uuid("c0ffee00-0000-4000-8000-000000000001")],
    ["price", new eve.Decimal("1.50")],
    ["ratio", new eve.Ratio(1, 3)],
    ["text", "grüße 🌍"],
    ["tagged", new eve.Tagged("my/tag", [1.5])],
  ]);
  const a = eve.atom({ id: "values", persistent: file }, value);
  const { out } = await run(count, [file, "values"]);
  assert.equal(out.trim(), eve.toEDN(a.deref()));
  assert.match(out, /:app\/keyword-of-some-length #\{1208925819614629174706176N?\}/);
});

test("a commit of another process wakes a loop over changes and a watch", async (t) => {
  const file = path.join(folder(t), "db");
  const n = eve.atom({ id: "n", persistent: file }, 0);
  const heard = new Promise((resolve) => n.watch((now, before) => resolve([before, now])));
  const changes = n.changes();
  const next = changes.next();
  await node(`eve.atom({ id: "n", persistent: process.argv[1] }, 0).reset("from elsewhere")`, [file]);
  assert.deepEqual(await next, { value: "from elsewhere", done: false });
  assert.deepEqual(await heard, [0, "from elsewhere"]);
  await changes.return();
});

test("watches and loops that are not referenced let the process end", async () => {
  const done = await node(`
    const a = eve.atom(0);
    a.watch(() => {});
    (async () => { for await (const _ of a.changes({ ref: false })) {} })();
    console.log("end");`);
  assert.deepEqual([done.code, done.out], [0, "end\n"]);
});

test("a referenced loop keeps the process until it is left", async (t) => {
  const file = path.join(folder(t), "db");
  const n = eve.atom({ id: "n", persistent: file }, 0);
  const child = node(
    `(async () => {
      for await (const v of eve.atom({ id: "n", persistent: process.argv[1] }, 0).changes()) { console.log(v); if (v === 2) break; }
    })()`,
    [file],
  );
  const timer = setInterval(() => n.reset(n.deref() === 1 ? 2 : 1), 50);
  const done = await child;
  clearInterval(timer);
  assert.equal(done.code, 0, done.err);
  assert.match(done.out, /2\n$/);
});

for (const [how, end] of [["process.exit", "process.exit(3)"], ["abort", "process.abort()"], ["a signal", 'process.kill(process.pid, "SIGKILL")'], ["an exception", "throw new Error('mine')"]]) {
  test(`a process that ends by ${how} with all in use loses nothing`, async (t) => {
    const file = path.join(folder(t), "db");
    const done = await node(
      `const a = eve.atom({ id: "a", persistent: process.argv[1] }, { n: 0 });
       const held = [];
       a.watch(() => {}); a.changes().next();
       const entries = a.reset(Object.fromEntries([...Array(999).keys()].map((i) => ["k" + i, i])));
       const walk = a.deref().entries(); walk.next();
       for (let i = 0; i < 500; i++) held.push(a.swap((m) => m.set("n", i)));
       a.update((m) => { ${end}; return m.set("n", "never"); });`,
      [file],
    );
    assert.ok(done.code !== 0 || done.signal, done.err);
    const a = eve.atom({ id: "a", persistent: file }, null);
    assert.equal(a.deref().get("n"), 499);
    assert.equal(a.swap((m) => m.set("n", "again")).size, 1000);
  });
}

test("processes that are killed while they write lose nothing that was committed", async (t) => {
  const file = path.join(folder(t), "db");
  const a = eve.atom({ id: "a", persistent: file }, {});
  for (let round = 0; round < 4; round++) {
    const script = `const eve = require(${JSON.stringify(path.join(__dirname, ".."))});
      const a = eve.atom({ id: "a", persistent: process.argv[1] }, {});
      for (let i = 0; ; i++) { a.update((m) => m.set(String(i % 3000), { round: process.argv[2], i })); if (i === 200) console.log("on the way"); }`;
    const child = spawn(process.execPath, ["-e", script, "--", file, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok(a.deref().size >= 200);
    for (const [key, value] of a.deref()) if (key !== "mine") assert.equal(typeof value.get("i"), "number");
    a.swap((m) => m.set("mine", round));
  }
  assert.ok(fs.statSync(file).size > 0);
});
