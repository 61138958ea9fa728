// Processes of all runtimes on one file at once: see README.md. Prints the totals of what it checked.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const here = (...parts) => path.join(root, ...parts);
const conformance = here("conformance", "values.edn");
const SECONDS = 3;

function build(what, program, args, options = {}) {
  const done = spawnSync(program, args, { cwd: root, stdio: ["ignore", "inherit", "pipe"], encoding: "utf8", ...options });
  return done.status === 0 ? null : `${what}: ${(done.stderr ?? String(done.error)).trim().split("\n").slice(-3).join(" ")}`;
}
function must(problem) {
  if (problem === null) return;
  console.error(problem);
  process.exit(1);
}

must(build("the command", "cargo", ["build", "--release", "-p", "eve-cli"]));
must(build("the addon", here("bindings/node/bin/build"), []));
must(
  build("ClojureScript", here("bindings/clojure/bin/build-cljs"), ["none", "eve.e2e", "e2e.js"], {
    env: { ...process.env, EVE_CLJS_SOURCES: here("e2e") },
  }),
);
const workers = {
  node: [process.execPath, here("e2e/worker.mjs")],
  cljs: [process.execPath, here("bindings/clojure/target/cljs/e2e.js")],
};
const jvm = build("Clojure on the JVM", here("bindings/clojure/bin/clj"), ["-e", "nil"]);
if (jvm === null) workers.jvm = [here("bindings/clojure/bin/clj"), "-m", "eve.e2e"];
else console.log(`left out: ${jvm}`);

const { open, edn, equals, kw } = createRequire(import.meta.url)("../bindings/node");
const eve = path.join(process.env.CARGO_TARGET_DIR ?? here("target"), "release", "eve");
const folder = mkdtempSync(path.join(os.tmpdir(), "eve-e2e-"));
const file = path.join(folder, "db");
const db = open(file);
const shared = db.atom("shared", edn.parse("{:n 0 :by {} :ready {}}"));
const names = [...Object.keys(workers), "rust"];

/** What a process printed; it has to end well. */
function run([program, ...args], input) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, EVE_CLASSPATH: here("e2e") };
    // What is compiled without optimisation finds its parts from there.
    const cwd = here("bindings/clojure/target/cljs");
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env, cwd });
    let [out, err] = ["", ""];
    child.stdout.on("data", (bytes) => (out += bytes));
    child.stderr.on("data", (bytes) => (err += bytes));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(out) : reject(new Error(`${[program, ...args].join(" ")}: ${code}\n${out}${err}`))));
    // One that has failed does not read.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });
}

let failed = 0;
let passed = 0;
function check(what, good) {
  if (good) passed += 1;
  else {
    failed += 1;
    console.log(`FAILED: ${what}`);
  }
}

try {
  const running = Object.entries(workers).map(([name, command]) => run([...command, file, name, conformance, String(SECONDS), ...names]));
  const early = Promise.race(running).then(
    () => Promise.reject(new Error("a process ended before the others began")),
    (error) => Promise.reject(error),
  );
  early.catch(() => {});
  const allReady = async () => {
    while (shared.deref().get(kw("ready")).size < running.length) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await Promise.race([allReady(), early]);
  shared.update((m) => m.set(kw("go"), true));
  const bench = run([eve, "bench", "--file", file, "--atom", "shared", "--op", "update-in [:n] inc", "--seconds", String(SECONDS), "--json"]);
  const vectors = edn.parseAll(readFileSync(conformance, "utf8"), { exact: true })[0];
  const entries = [...vectors].map((vector) => `${edn.stringify(vector.get(kw("name")))} ${vector.get(kw("edn"))}`);
  await run([eve, "set", file, "values/rust", "-"], `{"metadata" ^{:m [1 2]} {:v ^:tagged [1 2 3]} ${entries.join(" ")}}`);
  const rust = JSON.parse(await bench).operations;
  const done = (await Promise.all(running)).map((out) => JSON.parse(out.trim().split("\n").pop()));

  const now = shared.deref();
  for (const [i, name] of Object.keys(workers).entries()) {
    check(`${name} changed the atom`, done[i].swaps > 0);
    check(`the last change of ${name} is there`, now.get(kw("by")).get(name) === done[i].swaps);
    passed += done[i].checked;
  }
  check("rust changed the atom", rust > 0);
  const total = done.reduce((sum, { swaps }) => sum + swaps, rust);
  check(`no change is lost: ${now.get(kw("n"))} of ${total}`, now.get(kw("n")) === total);
  // What Rust reads: the text of it is the text of the value.
  const texts = await Promise.all(names.map((name) => run([eve, "get", file, `values/${name}`])));
  for (const [i, name] of names.entries()) {
    const exact = name !== "cljs";
    const own = edn.parse(texts[names.indexOf("rust")], { exact });
    check(`rust reads what ${name} stored`, equals(edn.parse(texts[i], { exact }), own));
  }
  db.close();
  await run([eve, "verify", file]);
  passed += 1;
  console.log(`${names.join(", ")}: ${total} swaps`);
} catch (error) {
  failed += 1;
  console.log(`FAILED: ${error.message}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`test result: ${failed === 0 ? "ok" : "FAILED"}. ${passed} passed; ${failed} failed; 0 ignored`);
process.exitCode = failed === 0 ? 0 : 1;
