"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const path = require("node:path");
const { once } = require("node:events");
const { Worker } = require("node:worker_threads");
const eve = require("..");
const { folder, node } = require("./support.js");

function worker(body, workerData) {
  const source = `
    const { parentPort, workerData } = require("node:worker_threads");
    const eve = require(${JSON.stringify(path.join(__dirname, ".."))});
    (async () => { ${body} })();`;
  return new Worker(source, { eval: true, workerData });
}

test("threads share atoms by name, and lose nothing", async () => {
  const counter = eve.atom({ id: "threads/counter" }, 0);
  const map = eve.atom({ id: "threads/map" }, {});
  const body = `
    const counter = eve.atom({ id: "threads/counter" }, 100);
    const map = eve.atom({ id: "threads/map" }, null);
    for (let i = 0; i < 5000; i++) counter.swap((n) => n + 1);
    for (let i = 0; i < 300; i++) map.swap((m) => m.set(workerData + "-" + i, [i, { i }]));
    parentPort.postMessage(map.deref().size);`;
  const workers = [0, 1, 2, 3].map((n) => worker(body, `w${n}`));
  for (let i = 0; i < 5000; i++) counter.update((n) => n + 1);
  await Promise.all(workers.map((w) => once(w, "exit")));
  assert.equal(counter.deref(), 25_000);
  assert.equal(map.deref().size, 1200);
  assert.equal(map.deref().getIn(["w3-299", 1, "i"]), 299);
});

test("a commit of another thread wakes a loop over changes", async () => {
  const n = eve.atom({ id: "threads/wake" }, 0);
  const changes = n.changes();
  const w = worker(`eve.atom({ id: "threads/wake" }, 0).reset(42);`);
  const exit = once(w, "exit"); // it may be over before the commit is heard of
  assert.deepEqual(await changes.next(), { value: 42, done: false });
  await changes.return();
  await exit;
});

test("a worker that is stopped in the middle does no harm", async (t) => {
  const file = path.join(folder(t), "db");
  const n = eve.atom({ id: "n", persistent: file }, { n: 0 });
  for (let round = 0; round < 5; round++) {
    const w = worker(
      `const n = eve.atom({ id: "n", persistent: workerData }, 0);
       n.watch(() => {});
       n.changes().next();
       const held = [];
       for (let i = 0; ; i++) {
         held.push(n.swap((m) => m.set("n", m.get("n") + 1)));
         if (i === 100) parentPort.postMessage("on the way");
         if (held.length > 1000) held.length = 0;
       }`,
      file,
    );
    await once(w, "message");
    await w.terminate();
  }
  const before = n.deref().get("n");
  assert.ok(before >= 500);
  assert.equal(n.swap((m) => m.set("n", m.get("n") + 1)).get("n"), before + 1);
});

test("many workers load the addon at once", async () => {
  const workers = [...Array(8).keys()].map(() => worker(`parentPort.postMessage(eve.atom(1).swap((n) => n + 1));`));
  const answers = await Promise.all(workers.map((w) => once(w, "message")));
  assert.deepEqual(answers.flat(), Array(8).fill(2));
  await Promise.all(workers.map((w) => w.terminate()));
});

test("a thread that waits for an element for ever ends when it is told to", async () => {
  const source = (end) => `
    const { Worker } = require("node:worker_threads");
    const a = eve.atom({ id: "w" }, new Int32Array(2));
    const w = new Worker(\`const eve = require(\${JSON.stringify(require.resolve(process.argv[1]))});
      const xs = eve.atom({ id: "w" }, null).deref();
      xs.set(1, 1);
      xs.wait(0, 0);\`, { eval: true });
    const begun = setInterval(() => {
      if (a.deref().at(1) === 0) return;
      clearInterval(begun);
      setTimeout(() => { ${end} }, 20);
    }, 5);`;
  const here = path.join(__dirname, "..");
  for (const end of ["process.exit(7)", "w.terminate().then(() => process.exit(7))"]) assert.equal((await node(source(end), [here])).code, 7, end);
});
