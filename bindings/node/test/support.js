"use strict";

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { spawn } = require("node:child_process");

const { atom } = require("..");

const root = path.join(__dirname, "..", "..", "..");

/** A folder that goes when the test ends. */
function folder(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "eve-node-"));
  t.after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Runs a program to its end. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let out = "";
    let err = "";
    child.stdout.on("data", (bytes) => (out += bytes));
    child.stderr.on("data", (bytes) => (err += bytes));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
}

/** Runs JavaScript that finds eve as `eve`. */
function node(source, args = [], flags = []) {
  const prelude = `const eve = require(${JSON.stringify(path.join(__dirname, ".."))});`;
  return run(process.execPath, [...flags, "-e", `${prelude}\n${source}`, "--", ...args]);
}

/** The program of crates/eve-core/examples/count.rs. */
const target = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "release");
const count = path.join(target, "examples", "count");
/** The command `eve`. */
const command = path.join(target, "eve");

/** Bytes that a file takes on the disk. */
const onDisk = (file) => fs.statSync(file).blocks * 512;

/** A value as it is read from shared memory. */
const stored = (value) => atom(value).deref();

const turn = () => new Promise((resolve) => setImmediate(resolve));

module.exports = { folder, run, node, count, command, onDisk, stored, turn };
