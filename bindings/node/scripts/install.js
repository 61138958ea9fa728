"use strict";
// After `npm install`: is there an addon for this platform? Otherwise it is built from the sources in the package.

const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

const root = path.join(__dirname, "..");
const platform = `${process.platform}-${process.arch}`;
const addon = path.join(root, "prebuilt", `eve.${platform}.node`);
const source = path.join(root, "source");

function loads() {
  if (!fs.existsSync(addon)) return false;
  const tried = spawnSync(process.execPath, ["-e", `require(${JSON.stringify(addon)})`], { encoding: "utf8" });
  if (tried.status !== 0) console.error(`eve: the addon in the package does not load here: ${tried.stderr.split("\n", 1)[0]}`);
  return tried.status === 0;
}

function fail(why) {
  console.error(`eve: there is no native addon for ${platform} in this package, and it cannot be built: ${why}`);
  process.exit(1);
}

function build() {
  const cargo = process.env.CARGO ?? "cargo";
  const found = spawnSync(cargo, ["--version"], { encoding: "utf8" });
  if (found.error || found.status !== 0) {
    fail(`${cargo} was not found. Install Rust 1.95 or later (https://rustup.rs) and run "npm rebuild eve".`);
  }
  console.error(`eve: building the native addon for ${platform} (${found.stdout.trim()}); this takes a minute`);
  const target = path.join(source, "target");
  const args = ["build", "--release", "-p", "eve-node", "--manifest-path", path.join(source, "Cargo.toml"), "--target-dir", target];
  const built = spawnSync(cargo, args, { stdio: "inherit", cwd: source });
  if (built.status !== 0) fail("cargo build failed, see above.");
  const library = ["libeve_node.so", "libeve_node.dylib", "eve_node.dll"].map((name) => path.join(target, "release", name)).find(fs.existsSync);
  if (library === undefined) fail("cargo built no library.");
  fs.mkdirSync(path.dirname(addon), { recursive: true });
  fs.copyFileSync(library, addon);
  fs.rmSync(target, { recursive: true, force: true });
  if (!loads()) fail("what was built does not load.");
}

if (!loads()) {
  if (fs.existsSync(path.join(source, "Cargo.toml"))) build();
  else console.error("eve: this is a checkout; bin/build makes the native addon");
}
