// The JavaScript process of interop.mjs: FILE NAME CONFORMANCE SECONDS, then the names of all.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { open, edn, equals, kw } = createRequire(import.meta.url)("../bindings/node");
const [file, name, conformance, seconds, ...all] = process.argv.slice(2);

const pause = new Int32Array(new SharedArrayBuffer(4));
function waitFor(what, ready) {
  const end = Date.now() + 120_000;
  while (!ready()) {
    if (Date.now() > end) throw new Error(`waited too long for ${what}`);
    Atomics.wait(pause, 0, 0, 10);
  }
}

const db = open(file);
const shared = db.atom("shared");
const [n, by, ready, go] = ["n", "by", "ready", "go"].map(kw);
const mine = new Map([["metadata", edn.parse("^{:m [1 2]} {:v ^:tagged [1 2 3]}")]]);
for (const vector of edn.parse(readFileSync(conformance, "utf8"))) {
  mine.set(vector.get(kw("name")), edn.parse(vector.get(kw("edn")), { exact: true }));
}

shared.update((m) => m.setIn([ready, name], true));
waitFor("the start", () => shared.deref().get(go));
const end = Date.now() + Number(seconds) * 1000;
let swaps = 0;
while (Date.now() < end) {
  for (let i = 0; i < 100; i++) {
    swaps += 1; // out here: the function may run more than once
    shared.swap((m) => m.update(n, (count) => count + 1).setIn([by, name], swaps));
  }
  await new Promise((resolve) => setImmediate(resolve));
}
db.atom(`values/${name}`, mine);
waitFor("what the others store", () => all.every((other) => db.atom(`values/${other}`)?.deref()));

let checked = 0;
for (const other of all) {
  const theirs = db.atom(`values/${other}`).deref();
  if (theirs.size !== mine.size) throw new Error(`${other} stored others`);
  for (const [key, value] of mine) {
    const found = theirs.get(key);
    // As it is read: a whole double as a number, a character as a string.
    const wanted = edn.parse(edn.stringify(value));
    if (!equals(wanted, found)) throw new Error(`${key} of ${other}: ${edn.stringify(found)} is not ${edn.stringify(value)}`);
    if (!equals(found?.meta ?? null, value?.meta ?? null)) throw new Error(`${key} of ${other} has other metadata`);
    checked += 1;
  }
  if (theirs.get("metadata").get(kw("v")).meta?.get(kw("tagged")) !== true) throw new Error(`metadata inside, of ${other}`);
}
console.log(JSON.stringify({ swaps, checked }));
