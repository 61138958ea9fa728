"use strict";
// Which atom a name is, and which file a path.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { atom, open, kw } = require("..");
const { native } = require("../lib/addon.js");
const { folder, node, run, command } = require("./support.js");

const names = ["", " ", "/", ":", "a b", "ä/🌍", "x".repeat(10_000)];

test("the name of an atom may be any string, the empty one too", async (t) => {
  const file = path.join(folder(t), "db");
  const db = open(file);
  for (const name of names) {
    assert.equal(db.atom(name), undefined);
    const made = atom({ id: name, persistent: file }, name);
    assert.equal(made.id, name);
    assert.equal(atom({ id: name, persistent: file }, 0), made);
    assert.equal(db.atom(name).deref(), name);
  }
  assert.deepEqual(db.atoms(), [...names].sort());
  assert.equal(db.remove(""), true);
  assert.equal(db.remove(""), false);
  assert.throws(() => atom({ id: "", persistent: file }, () => { throw new TypeError("not there"); }), TypeError);
  // In memory, and by the shorter form.
  assert.equal(atom("", 5), atom({ id: "" }, 6));
});

test("an atom with an empty name goes from program to program", async (t) => {
  const file = path.join(folder(t), "db");
  assert.equal((await run(command, ["set", file, "", "{:theirs 1}"])).code, 0);
  const db = open(file);
  assert.deepEqual(db.atoms(), [""]);
  assert.equal(db.atom("").deref().get(kw("theirs")), 1);
  db.atom("").swap((m) => m.set("ours", 2));
  assert.equal((await run(command, ["get", file, "", '"ours"'])).out, "2\n");
});

test("what is no name says why", () => {
  for (const wrong of [7, null, {}, Symbol("s")]) assert.throws(() => atom({ id: wrong }, 0), { kind: "value", message: /the id of an atom is a keyword or a string, not / });
  for (const wrong of ["x\ud800", "\0hidden"]) assert.throws(() => atom({ id: wrong }, 0), { kind: "value", message: /has no lone surrogates and does not begin with \\0/ });
});

test("a file that was deleted or replaced is another one", async (t) => {
  const at = folder(t);
  const file = path.join(at, "db");
  const named = (id, first) => atom({ id, persistent: file }, first);
  const old = named("a", "old");
  const opened = open(file);
  assert.equal(named("a", 0), old);
  fs.unlinkSync(file);
  assert.deepEqual(open(file).atoms(), []);
  assert.equal(named("a", "new").deref(), "new");
  assert.notEqual(named("a", 0), old);
  assert.equal((await node('console.log(eve.open(process.argv[1], { create: false }).atom("a").deref())', [file])).out, "new\n");
  // The old one goes on for who has it.
  old.reset("older");
  assert.equal(opened.atom("a").deref(), "older");
  // Replaced by another one that is open, which is found by whatever path leads to it.
  const other = path.join(at, "other");
  const replacing = open(other);
  replacing.atom("a", "replaced");
  fs.renameSync(other, file);
  assert.equal(named("a", 0).deref(), "replaced");
  fs.symlinkSync(file, path.join(at, "link"));
  open(path.join(at, "link")).atom("a").reset("by the link");
  assert.equal(replacing.atom("a").deref(), "by the link");
  // Gone before it was closed, and not created again.
  fs.unlinkSync(file);
  assert.throws(() => open(file, { create: false }), { kind: "io" });
  // One that is there is not opened once more for each name.
  fs.unlinkSync(path.join(at, "link"));
  const again = named("a", "again");
  const { open: opens } = native;
  native.open = () => assert.fail("opened again");
  t.after(() => (native.open = opens));
  for (const to of [file, path.join(at, ".", "db")]) assert.equal(atom({ id: "a", persistent: to }, 0), again);
});
