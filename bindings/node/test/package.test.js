"use strict";
// The package as users get it.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { folder, run } = require("./support.js");

const root = path.join(__dirname, "..");
const addon = path.join(root, "prebuilt", `eve.${process.platform}-${process.arch}.node`);

/** An environment in which nothing but node and npm is found: no compiler, no linker, not even a shell. */
function bare(at) {
  const bin = path.join(at, "bin");
  fs.mkdirSync(bin);
  fs.symlinkSync(process.execPath, path.join(bin, "node"));
  for (const folder of process.env.PATH.split(path.delimiter)) {
    const npm = path.join(folder, "npm");
    if (!fs.existsSync(npm)) continue;
    fs.symlinkSync(fs.realpathSync(npm), path.join(bin, "npm"));
    break;
  }
  const { CARGO, CARGO_HOME, RUSTUP_HOME, EVE_NODE_ADDON, ...env } = process.env;
  return { ...env, PATH: bin, npm_config_script_shell: "/bin/sh" };
}

async function pack(at) {
  const packed = await run("npm", ["pack", "--silent", "--pack-destination", at], { cwd: root });
  assert.equal(packed.code, 0, packed.err);
  return path.join(at, packed.out.trim().split("\n").at(-1));
}

/** Packs the package and installs it in a fresh folder where there is no compiler. */
async function install(t, change = () => {}) {
  const at = folder(t);
  const tarball = await pack(at);
  const app = path.join(at, "app");
  fs.mkdirSync(app);
  fs.writeFileSync(path.join(app, "package.json"), '{"name":"app","private":true}');
  await change(at, tarball);
  const env = bare(at);
  const installed = await run(path.join(at, "bin", "npm"), ["install", "--no-audit", "--no-fund", "--foreground-scripts", tarball], { cwd: app, env });
  return { app, installed };
}

test("the packed package installs without a compiler, and works by import and require", async (t) => {
  const { app, installed } = await install(t);
  assert.equal(installed.code, 0, installed.err);
  fs.writeFileSync(path.join(app, "a.mjs"), `import eve, { atom, kw } from "eve";
    console.log(atom({ id: "x", persistent: "./db" }, 1).swap((n) => n + 1), eve.kw("a") === kw("a"));`);
  fs.writeFileSync(path.join(app, "b.cjs"), `const { atom } = require("eve"); console.log(atom({ id: "x", persistent: "./db" }, 1).deref());
    import("eve").then((m) => console.log(m.atom === atom));`);
  const [a, b] = [await run(process.execPath, ["a.mjs"], { cwd: app }), await run(process.execPath, ["b.cjs"], { cwd: app })];
  assert.equal(a.out, "2 true\n", a.err);
  assert.equal(b.out, "2\ntrue\n", b.err);
  // Types, by import and by require, where neither node's nor a browser's are known.
  const options = { strict: true, noEmit: true, module: "nodenext", target: "es2022", lib: ["es2022"], types: [], exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
  fs.writeFileSync(path.join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.mts", "*.cts"] }));
  fs.writeFileSync(path.join(app, "c.mts"), `import eve, { atom, type EveMap } from "eve";
    const users = atom({ id: "users", persistent: "./db" }, {});
    users.swap((m) => m.set("ada", { role: "admin", langs: ["en"] }));
    const n: number = eve.atom(1).swap((n) => n + 1);
    export const now: EveMap = users.deref();`);
  fs.writeFileSync(path.join(app, "d.cts"), `import eve = require("eve"); export const n: number = eve.atom(1).deref();`);
  const checked = await run(process.execPath, [path.join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "."], { cwd: app });
  assert.equal(checked.code, 0, checked.out);
  const inside = fs.readdirSync(path.join(app, "node_modules", "eve"));
  assert.deepEqual(inside.sort(), ["README.md", "index.d.mts", "index.d.ts", "internal", "lib", "package.json", "prebuilt", "scripts", "source", "types"]);
});

test("without an addon and without Rust the installation says what is missing", async (t) => {
  const { installed } = await install(t, async (at, tarball) => {
    const unpacked = path.join(at, "unpacked");
    fs.mkdirSync(unpacked);
    await run("tar", ["xzf", tarball, "-C", unpacked]);
    fs.rmSync(path.join(unpacked, "package", "prebuilt"), { recursive: true });
    await run("tar", ["czf", tarball, "-C", unpacked, "package"]);
  });
  assert.notEqual(installed.code, 0);
  assert.match(installed.err + installed.out, /there is no native addon for \S+ in this package.*Install Rust/s);
});

test("the sources in the package build the addon", { skip: !process.env.EVE_TEST_BUILD && "EVE_TEST_BUILD=1 builds it, which takes a minute" }, async (t) => {
  const at = folder(t);
  await run("tar", ["xzf", await pack(at), "-C", at]);
  const app = path.join(at, "package");
  fs.rmSync(path.join(app, "prebuilt"), { recursive: true });
  // Not as fast as it is shipped, but built sooner.
  const quick = { CARGO_PROFILE_RELEASE_LTO: "off", CARGO_PROFILE_RELEASE_OPT_LEVEL: "0", CARGO_PROFILE_RELEASE_DEBUG: "0" };
  const built = await run(process.execPath, ["scripts/install.js"], { cwd: app, env: { ...process.env, ...quick } });
  assert.equal(built.code, 0, built.err);
  const works = await run(process.execPath, ["-p", `require(".").atom(1).swap((n) => n + 1)`], { cwd: app });
  assert.equal(works.out, "2\n", works.err);
});

test("a checkout that was built is required from its root", async () => {
  const checkout = path.join(root, "..", "..");
  const done = await run(process.execPath, ["-p", `require("./bindings/node").atom(1).swap((n) => n + 1)`], { cwd: checkout });
  assert.equal(done.out, "2\n", done.err);
});

test("an addon that is missing or broken is an error that says so", async (t) => {
  const bad = path.join(folder(t), "bad.node");
  fs.writeFileSync(bad, "no library");
  const source = `try { require(${JSON.stringify(root)}) } catch (e) { console.log(e.name, e.kind, e.message.includes(process.env.EVE_NODE_ADDON)) }`;
  const broken = await run(process.execPath, ["-e", source], { env: { ...process.env, EVE_NODE_ADDON: bad } });
  assert.equal(broken.out, "EveError not-loaded true\n", broken.err);
  const missing = await run(process.execPath, ["-e", source], { env: { ...process.env, EVE_NODE_ADDON: "/nowhere/eve.node" } });
  assert.equal(missing.out, "EveError not-built true\n", missing.err);
});

/** What a program that uses the package says under the permission model, and whether it came to its end. */
async function permitted(t, flags, source) {
  const newer = Number(process.versions.node.split(".")[0]) >= 24;
  const at = folder(t);
  const file = path.join(at, "main.js");
  fs.writeFileSync(
    file,
    `const db = ${JSON.stringify(path.join(at, "db"))}, root = ${JSON.stringify(root)};
     try { const eve = require(root); ${source} } catch (e) { console.log(e.name, e.kind ?? e.code, /--allow-addons/.test(e.message)); }`,
  );
  const all = [newer ? "--permission" : "--experimental-permission", `--allow-fs-read=${at}`, ...flags, file];
  const done = await run(process.execPath, all);
  assert.equal(done.signal, null, done.err);
  assert.equal(done.code, 0, done.err);
  return done.out;
}
const use = `console.log(eve.atom(1).deref(), eve.atom({ id: "x", persistent: db }, 1).swap((n) => n + 1));`;

test("under node's permission model addons that are denied are an error that says what to allow", async (t) => {
  assert.equal(await permitted(t, [`--allow-fs-read=${root}`], use), "EveError not-loaded true\n");
  assert.equal(await permitted(t, ["--allow-fs-read=*", "--allow-fs-write=*"], use), "EveError not-loaded true\n");
});

test("under node's permission model with addons allowed it works, or says which file may not be read", async (t) => {
  assert.equal(await permitted(t, ["--allow-addons", `--allow-fs-read=${root}`], use), "1 2\n");
  assert.equal(await permitted(t, ["--allow-addons", "--allow-fs-read=*", "--allow-fs-write=*"], use), "1 2\n");
  assert.equal(await permitted(t, ["--allow-addons", `--allow-fs-read=${path.join(root, "lib")}`], use), "EveError not-loaded true\n");
  // Not even the package's JavaScript may be read: that is node's to say.
  assert.match(await permitted(t, ["--allow-addons"], use), /^Error ERR_ACCESS_DENIED/);
});

test("under node's permission model workers load the addon, or say why not", async (t) => {
  const worker = `const { Worker } = require("node:worker_threads");
    const body = "const { parentPort } = require('node:worker_threads'); let said;" +
      "try { said = require(" + JSON.stringify(root) + ").atom({ id: 'n' }, 0).swap((n) => n + 1) } catch (e) { said = e.kind } parentPort.postMessage(said)";
    new Worker(body, { eval: true }).on("message", (said) => console.log(said));`;
  assert.equal(await permitted(t, ["--allow-addons", "--allow-worker", `--allow-fs-read=${root}`], worker), "1\n");
  const source = worker.replace("const { Worker }", "} catch {} try { const { Worker }");
  assert.equal(await permitted(t, ["--allow-worker", `--allow-fs-read=${root}`], source), "not-loaded\n");
});

test("a process that ends in whatever way, with values, watches and workers under way, does so quietly", async (t) => {
  const file = path.join(folder(t), "db");
  const busy = `const eve = require(${JSON.stringify(root)});
    const a = eve.atom({ id: "a", persistent: ${JSON.stringify(file)} }, { n: 0 });
    const held = [];
    const step = () => held.push(a.swap((m) => m.set("n", m.get("n") + 1)));
    a.watch(() => {});
    a.changes().next();
    for (let i = 0; i < 100; i++) step();`;
  const worker = `const { Worker } = require("node:worker_threads");
    const workers = [0, 1, 2].map(() => new Worker(${JSON.stringify(`${busy} for (;;) step();`)}, { eval: true }));
    await new Promise((resolve) => setTimeout(resolve, 100));`;
  const ends = {
    "process.exit(3)": [3, null],
    "setImmediate(() => process.exit(3)); for (let i = 0; i < 1000; i++) step()": [3, null],
    "a.swap(() => process.exit(3))": [3, null],
    "for (const v of a.deref().keys()) process.exit(3)": [3, null],
    "a.watch(() => process.exit(3)); step()": [3, null],
    "a.update(() => { throw new Error('mine'); })": [1, null],
    "queueMicrotask(() => { throw new Error('mine'); }); step()": [1, null],
    "process.kill(process.pid, 'SIGKILL')": [null, "SIGKILL"],
    "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1000)": [null, "SIGTERM"],
    "process.abort()": [null, "SIGABRT"],
  };
  for (const [end, [code, signal]] of Object.entries(ends)) {
    for (const others of ["", worker]) {
      const done = await run(process.execPath, ["-e", `(async () => { ${busy} ${others} ${end} })()`]);
      assert.deepEqual([done.code, done.signal], [code, signal], `${end}${others && " with workers"}: ${done.err}`);
    }
  }
  const db = require(root).open(file);
  assert.ok(db.atom("a").swap((m) => m.set("n", m.get("n") + 1)).get("n") > 1000);
  assert.ok(db.verify().ok);
  db.close();
});

test("a second copy of the addon in one process keeps to itself", async (t) => {
  const copy = path.join(folder(t), "copy.node");
  fs.copyFileSync(addon, copy);
  const source = `const eve = require(${JSON.stringify(root)}); require(${JSON.stringify(copy)});
    console.log(eve.atom({ id: "x" }, 1).swap((n) => n + 1));`;
  const done = await run(process.execPath, ["-e", source]);
  assert.equal(done.out, "2\n", done.err);
});
