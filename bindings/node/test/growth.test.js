"use strict";
// What is dropped does not stay in the file.

const test = require("node:test");
const assert = require("node:assert/strict");
const path = require("node:path");
const eve = require("..");
const { folder, onDisk, turn } = require("./support.js");

const MiB = 1024 * 1024;
const scale = Number(process.env.EVE_TEST_SCALE ?? 1);

function make(t) {
  const file = path.join(folder(t), "db");
  const entries = Object.fromEntries([...Array(17_000).keys()].map((i) => [`key${i}`, i]));
  return [file, eve.atom({ id: "m", persistent: file }, entries)];
}

test("results that are dropped go with the turns of the event loop", async (t) => {
  const [file, m] = make(t);
  for (let batch = 0; batch < 100 * scale; batch++) {
    for (let i = 0; i < 10_000; i++) m.swap((m) => m.set("counter", i));
    await turn();
  }
  assert.ok(onDisk(file) < 256 * MiB, `${onDisk(file) / MiB} MiB`);
});

test("results that have a snapshot each go too", async (t) => {
  const [file, m] = make(t);
  for (let batch = 0; batch < 30 * scale; batch++) {
    for (let i = 0; i < 10_000; i++) m.swap((m) => m.set("counter", new Date(i)));
    await turn();
  }
  assert.ok(onDisk(file) < 256 * MiB, `${onDisk(file) / MiB} MiB`);
});

test("a long loop without a turn ends", (t) => {
  const [, m] = make(t);
  for (let i = 0; i < 200_000 * scale; i++) m.swap((m) => m.set("counter", i));
  assert.equal(m.deref().get("counter"), 200_000 * scale - 1);
});

test("update holds nothing at all", (t) => {
  const [file, m] = make(t);
  for (let i = 0; i < 1_000_000 * scale; i++) m.update((m) => m.set("counter", i));
  assert.ok(onDisk(file) < 8 * MiB, `${onDisk(file) / MiB} MiB`);
});

test("update holds nothing with turns between either, nor does a counter", async (t) => {
  const [file, m] = make(t);
  const n = eve.atom({ id: "n", persistent: file }, 0);
  for (let batch = 0; batch < 20 * scale; batch++) {
    for (let i = 0; i < 10_000; i++) {
      m.update((m) => m.set("counter", new Date(i)));
      n.swap((n) => n + 1);
    }
    await turn();
  }
  assert.equal(n.deref(), 200_000 * scale);
  assert.ok(onDisk(file) < 8 * MiB, `${onDisk(file) / MiB} MiB`);
});

test("iterations that are not finished go too", async (t) => {
  const [file, m] = make(t);
  for (let batch = 0; batch < 20; batch++) {
    for (let i = 0; i < 1000; i++) {
      m.deref().entries().next();
      m.update((m) => m.set("counter", i));
    }
    await turn();
  }
  for (let i = 0; i < 20_000; i++) m.update((m) => m.set("counter", i));
  assert.ok(onDisk(file) < 64 * MiB, `${onDisk(file) / MiB} MiB`);
});
