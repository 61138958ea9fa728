"use strict";
// The package as users get it.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { folder, run } = require("./support.js");

const root = path.join(__dirname, "..");
const addon = path.join(root, "prebuilt", `eve.${process.platform}-${process.arch}.node`);

/** Packs the package and installs it in a fresh folder, without the package's scripts being told of a compiler. */
async function install(t, change = () => {}) {
  const at = folder(t);
  const packed = await run("npm", ["pack", "--silent", "--pack-destination", at], { cwd: root });
  assert.equal(packed.code, 0, packed.err);
  const tarball = path.join(at, packed.out.trim().split("\n").at(-1));
  const app = path.join(at, "app");
  fs.mkdirSync(app);
  fs.writeFileSync(path.join(app, "package.json"), '{"name":"app","private":true}');
  await change(at, tarball);
  const env = { ...process.env, CARGO: path.join(at, "no-cargo-here") };
  const installed = await run("npm", ["install", "--no-audit", "--no-fund", "--foreground-scripts", tarball], { cwd: app, env });
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
  const inside = fs.readdirSync(path.join(app, "node_modules", "eve"));
  assert.deepEqual(inside.sort(), ["README.md", "index.d.mts", "index.d.ts", "internal", "lib", "package.json", "prebuilt", "scripts", "source"]);
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
  const packed = await run("npm", ["pack", "--silent", "--pack-destination", at], { cwd: root });
  await run("tar", ["xzf", path.join(at, packed.out.trim().split("\n").at(-1)), "-C", at]);
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

test("node's permission model gives a clear error, or works", async () => {
  const source = `try { console.log(require(${JSON.stringify(root)}).atom(1).deref()) } catch (e) { console.log(e.name, e.kind) }`;
  const flag = Number(process.versions.node.split(".")[0]) >= 24 ? "--permission" : "--experimental-permission";
  const denied = await run(process.execPath, [flag, `--allow-fs-read=${root}`, "-e", source]);
  assert.equal(denied.signal, null, denied.err);
  assert.match(denied.out, /^EveError not-loaded\n$/, denied.err);
});

test("a second copy of the addon in one process keeps to itself", async (t) => {
  const copy = path.join(folder(t), "copy.node");
  fs.copyFileSync(addon, copy);
  const source = `const eve = require(${JSON.stringify(root)}); require(${JSON.stringify(copy)});
    console.log(eve.atom({ id: "x" }, 1).swap((n) => n + 1));`;
  const done = await run(process.execPath, ["-e", source]);
  assert.equal(done.out, "2\n", done.err);
});
