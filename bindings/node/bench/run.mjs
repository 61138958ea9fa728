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

// Four threads and two processes on one counter.
const file = path.join(folder, "counter");
const each = quick ? 20_000 : 200_000;
const body = `const eve = require(${JSON.stringify(path.join(here, ".."))});
  const counter = eve.atom({ id: "counter", persistent: FILE }, 0);
  const step = () => { for (let i = 0; i < ${each}; i++) counter.update((n) => n + 1); };`;
const counter = eve.atom({ id: "counter", persistent: file }, 0);
const alone = await measure("eve update of a counter alone", each, () => counter.update((n) => n + 1));
counter.reset(0);
const barrier = new Int32Array(new SharedArrayBuffer(4));
const workers = [0, 1, 2, 3].map(
  () =>
    new Worker(
      `const { workerData, parentPort } = require("node:worker_threads"); ${body.replace("FILE", "workerData.file")}
       parentPort.postMessage("ready"); Atomics.wait(workerData.barrier, 0, 0); step();`,
      { eval: true, workerData: { file, barrier } },
    ),
);
const processes = [0, 1].map(() =>
  spawn(process.execPath, ["-e", `${body.replace("FILE", "process.argv[1]")} console.log("ready"); process.stdin.once("data", () => { step(); process.exit(); });`, "--", file], {
    stdio: ["pipe", "pipe", "inherit"],
  }),
);
await Promise.all([...workers.map((w) => once(w, "message")), ...processes.map((p) => once(p.stdout, "data"))]);
const from = process.hrtime.bigint();
const ends = [...workers, ...processes].map((w) => once(w, "exit"));
Atomics.store(barrier, 0, 1);
Atomics.notify(barrier, 0);
for (const p of processes) p.stdin.write("go\n");
await Promise.all(ends);
const total = Math.round((each * 6 * 1e9) / Number(process.hrtime.bigint() - from));
if (counter.deref() !== each * 6) throw new Error(`lost: ${each * 6 - counter.deref()}`);
results["eve update by 4 threads and 2 processes"] = { perSecond: total };
console.log(`${"eve update by 4 threads and 2 processes".padEnd(44)} ${total.toLocaleString("en")} a second, nothing lost`);
ratio("counter: all over one alone", total / alone.perSecond, "at least 0.5");

const json = process.argv.indexOf("--json");
if (json > 0) {
  const machine = { cpu: os.cpus()[0]?.model, cores: os.cpus().length, node: process.version };
  fs.writeFileSync(process.argv[json + 1], `${JSON.stringify({ machine, results }, null, 2)}\n`);
}
await store.close();
await records.close();
process.exit();
