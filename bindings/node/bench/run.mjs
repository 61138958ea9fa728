// Eve beside lmdb-js, in one run on one machine: `node bench/run.mjs` (after bin/build; lmdb is installed into bench/ if it is
// not there). Numbers are nanoseconds an operation unless they say otherwise; `--json FILE` writes them too.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const eve = require("..");
if (!fs.existsSync(path.join(here, "node_modules", "lmdb"))) {
  execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: here, stdio: "inherit" });
}
const lmdb = await import("lmdb");

const quick = process.argv.includes("--quick");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eve-bench-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
const results = {};

function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

const BATCH = 5000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * What one call of `f` takes: quantiles of single calls, and how many a second in a row. Between batches the event loop has a turn, as
 * in a program that serves somebody, so that results that were dropped can go; it is not counted.
 */
async function measure(name, n, f) {
  for (let i = 0; i < Math.min(n, BATCH); i++) f(i);
  const each = new Float64Array(Math.min(n, 50_000));
  for (let i = 0; i < each.length; i++) {
    if (i % BATCH === 0) await turn();
    const from = process.hrtime.bigint();
    f(i);
    each[i] = Number(process.hrtime.bigint() - from);
  }
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    let time = 0;
    for (let i = 0; i < n; ) {
      await turn();
      const end = Math.min(n, i + BATCH);
      const from = process.hrtime.bigint();
      for (; i < end; i++) f(i);
      time += Number(process.hrtime.bigint() - from);
    }
    best = Math.min(best, time / n);
  }
  each.sort();
  const result = { p50: quantile(each, 0.5), p99: quantile(each, 0.99), perSecond: Math.round(1e9 / best) };
  results[name] = result;
  console.log(`${name.padEnd(44)} p50 ${String(result.p50).padStart(8)}  p99 ${String(result.p99).padStart(8)}  ${result.perSecond.toLocaleString("en")} a second`);
  return result;
}

const ratio = (name, value, wanted) => {
  results[name] = { value, wanted };
  console.log(`→ ${name}: ${value.toFixed(1)} (wanted: ${wanted})`);
};

// One key of a map of 17 thousand.
const KEYS = 17_000;
const keys = [...Array(KEYS).keys()].map((i) => `key${i}`);
const map = eve.atom({ id: "map", persistent: path.join(folder, "eve") }, Object.fromEntries(keys.map((key, i) => [key, i])));
const store = lmdb.open({ path: path.join(folder, "lmdb"), noSync: true });
await store.batch(() => keys.forEach((key, i) => store.put(key, i)));
const n = quick ? 20_000 : 200_000;
const swap = await measure("eve swap of one key of 17 thousand", n, (i) => map.swap((m) => m.set("counter", i)));
const update = await measure("eve update of one key of 17 thousand", n, (i) => map.update((m) => m.set("counter", i)));
const put = await measure("lmdb-js putSync (no sync) of one key", quick ? 5000 : 20_000, (i) => store.putSync("counter", i));
const view = map.deref();
const get = await measure("eve get of a small value", n * 5, (i) => view.get(keys[i % KEYS]));
const lmdbGet = await measure("lmdb-js get of a small value", n * 5, (i) => store.get(keys[i % KEYS]));
ratio("swap p50, microseconds", swap.p50 / 1000, "at most 3");
ratio("gets a second, millions", get.perSecond / 1e6, "at least 3");
ratio("get: eve over lmdb-js", get.perSecond / lmdbGet.perSecond, "above 1");
ratio("put: swap over lmdb-js putSync", put.p50 / swap.p50, "at least 5");
ratio("put: update over lmdb-js putSync", put.p50 / update.p50, "at least 5");

// One field of a record.
const RECORDS = quick ? 5000 : 100_000;
const fields = [...Array(100).keys()].map((i) => `field${i}`);
const record = (i) => Object.fromEntries(fields.map((field, j) => [field, i * 100 + j]));
const people = eve.atom({ id: "people", persistent: path.join(folder, "eve") }, {});
const records = lmdb.open({ path: path.join(folder, "records"), noSync: true });
for (let from = 0; from < RECORDS; from += 1000) {
  people.update((m) => {
    let made = m;
    for (let i = from; i < from + 1000; i++) made = made.set(`id${i}`, record(i));
    return made;
  });
  await records.batch(() => {
    for (let i = from; i < from + 1000; i++) records.put(`id${i}`, record(i));
  });
}
const ids = [...Array(RECORDS).keys()].map((i) => `id${(i * 7919) % RECORDS}`);
const all = people.deref();
const field = await measure("eve one field of a record of 100", n, (i) => all.getIn([ids[i % RECORDS], "field42"]));
const whole = await measure("lmdb-js get of the record, then the field", quick ? 5000 : 50_000, (i) => records.get(ids[i % RECORDS]).field42);
ratio("field: eve over lmdb-js", field.perSecond / whole.perSecond, "at least 20");

// Four threads and two processes on one counter. All of them have run the code before it counts, so that it is not the compiler that is measured; one alone
// is measured before and after, for as many updates as all of them make together: on a machine that has other work its best moment is not what the
// six can have. Latencies are of single updates, among the others.
const file = path.join(folder, "counter");
const each = quick ? 20_000 : 300_000;
const body = `const eve = require(${JSON.stringify(path.join(here, ".."))});
  const counter = eve.atom({ id: "counter", persistent: FILE }, 0);
  const mine = eve.atom(0);
  const took = new Float64Array(${each});
  let attempts = 0;
  const step = (counter) => {
    attempts = 0;
    for (let i = 0; i < ${each}; i++) {
      const from = performance.now();
      counter.update((n) => { attempts += 1; return n + 1; });
      took[i] = performance.now() - from;
    }
    took.sort();
    return { attempts, p50: took[${each} >> 1] * 1e6, p99: took[${Math.floor(each * 0.99)}] * 1e6, longest: took[${each - 1}] * 1e6 };
  };
  step(mine);`;
const counter = eve.atom({ id: "counter", persistent: file }, 0);
async function alone() {
  let time = 0;
  for (let i = 0; i < each * 6; i += BATCH) {
    await turn();
    const from = process.hrtime.bigint();
    for (let j = 0; j < BATCH; j++) counter.update((n) => n + 1);
    time += Number(process.hrtime.bigint() - from);
  }
  return (each * 6 * 1e9) / time;
}
await alone();
const before = await alone();
counter.reset(0);
const barrier = new Int32Array(new SharedArrayBuffer(4));
const workers = [0, 1, 2, 3].map(
  () =>
    new Worker(
      `const { workerData, parentPort } = require("node:worker_threads"); ${body.replace("FILE", "workerData.file")}
       parentPort.postMessage("ready"); Atomics.wait(workerData.barrier, 0, 0); parentPort.postMessage(step(counter));`,
      { eval: true, workerData: { file, barrier } },
    ),
);
const processes = [0, 1].map(() =>
  spawn(
    process.execPath,
    ["-e", `${body.replace("FILE", "process.argv[1]")} console.log("ready"); process.stdin.once("data", () => { console.log(JSON.stringify(step(counter))); process.exit(); });`, "--", file],
    { stdio: ["pipe", "pipe", "inherit"] },
  ),
);
await Promise.all([...workers.map((w) => once(w, "message")), ...processes.map((p) => once(p.stdout, "data"))]);
const answers = [...workers.map(async (w) => (await once(w, "message"))[0]), ...processes.map(async (p) => JSON.parse((await once(p.stdout, "data"))[0]))];
const from = process.hrtime.bigint();
Atomics.store(barrier, 0, 1);
Atomics.notify(barrier, 0);
for (const p of processes) p.stdin.write("go\n");
const told = await Promise.all(answers);
const total = Math.round((each * 6 * 1e9) / Number(process.hrtime.bigint() - from));
if (counter.deref() !== each * 6) throw new Error(`lost: ${each * 6 - counter.deref()}`);
const after = await alone();
const single = { perSecond: Math.round((before + after) / 2) };
const worst = (name) => Math.round(Math.max(...told.map((one) => one[name])));
const attempts = told.reduce((sum, one) => sum + one.attempts, 0) / (each * 6);
results["eve update of a counter alone"] = single;
results["eve update by 4 threads and 2 processes"] = { p50: worst("p50"), p99: worst("p99"), longest: worst("longest"), attempts, perSecond: total };
console.log(`${"eve update of a counter alone, for as long".padEnd(44)} ${single.perSecond.toLocaleString("en")} a second`);
console.log(
  `${"eve update by 4 threads and 2 processes".padEnd(44)} p50 ${worst("p50")}  p99 ${worst("p99")}  longest ${worst("longest")}  ${total.toLocaleString("en")} a second, ` +
    `${attempts.toFixed(3)} runs of the function each, nothing lost`,
);
ratio("counter: all over one alone", total / single.perSecond, "at least 0.5");

const json = process.argv.indexOf("--json");
if (json > 0) {
  const machine = { cpu: os.cpus()[0]?.model, cores: os.cpus().length, node: process.version };
  fs.writeFileSync(process.argv[json + 1], `${JSON.stringify({ machine, results }, null, 2)}\n`);
}
await store.close();
await records.close();
process.exit();
