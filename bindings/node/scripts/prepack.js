"use strict";
// Before `npm pack`: puts the sources of the addon into the package, for platforms that it has no addon for.

const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const checkout = path.join(root, "..", "..");
const source = path.join(root, "source");
const addon = path.join(root, "prebuilt", `eve.${process.platform}-${process.arch}.node`);

if (!fs.existsSync(addon)) {
  console.error(`${addon} is missing: run bin/build first`);
  process.exit(1);
}

fs.rmSync(source, { recursive: true, force: true });
const parts = [
  "LICENSE",
  "Cargo.lock",
  ".cargo/config.toml",
  "crates/eve-core/Cargo.toml",
  "crates/eve-core/src",
  "crates/eve/Cargo.toml",
  "crates/eve/src",
  "bindings/node/Cargo.toml",
  "bindings/node/src",
];
for (const part of parts) {
  fs.cpSync(path.join(checkout, part), path.join(source, part), { recursive: true });
}
// The workspace without its other members, and the crates without what only their tests need.
const workspace = fs.readFileSync(path.join(checkout, "Cargo.toml"), "utf8");
const members = '["crates/eve-core", "crates/eve", "bindings/node"]';
fs.writeFileSync(
  path.join(source, "Cargo.toml"),
  workspace
    .replace(/^members = .*$/m, `members = ${members}`)
    .replace(/^default-members = .*\n/m, "")
    .replace(/^(?!eve(?:-core)?\b).*path = "(?:crates|bindings)\/.*\n/gm, ""),
);
for (const crate of ["eve-core", "eve"]) {
  const manifest = path.join(source, "crates", crate, "Cargo.toml");
  const text = fs.readFileSync(manifest, "utf8");
  fs.writeFileSync(manifest, text.replace(/\[dev-dependencies\]\n(?:[^[\n].*\n)*/, "").replace(/\[\[(?:test|bench|example)\]\]\n(?:[^[\n].*\n)*/g, ""));
}
