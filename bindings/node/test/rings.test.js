"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const eve = require("..");
const { folder } = require("./support.js");

/** Where the file has these numbers of 63 bits in a row, as it stores them. */
function find(bytes, numbers) {
  const words = Buffer.alloc(8 * numbers.length);
  numbers.forEach((n, i) => words.writeBigInt64LE((BigInt(n) << 1n) | 1n, 8 * i));
  const at = bytes.indexOf(words);
  assert.ok(at > 0);
  return at;
}

test("a value inside itself is told to who reads all of it", (t) => {
  const file = path.join(folder(t), "d");
  const held = eve.atom({ id: "a", persistent: file }, [[123456701, 123456702], 1]);
  const fd = fs.openSync(file, "r+");
  // The block of the inner vector: header, count, number of children, children.
  const first = find(fs.readFileSync(file), [123456701, 123456702]);
  const word = Buffer.alloc(8);
  word.writeBigInt64LE(BigInt(first - 24));
  fs.writeSync(fd, word, 0, 8, first + 8);
  fs.closeSync(fd);
  const value = held.deref();
  assert.equal(value.get(0).get(1).get(0), 123456701);
  const told = { kind: "corrupt", message: /does not contain itself/ };
  assert.throws(() => value.toJS(), told);
  assert.throws(() => eve.edn.stringify(value), told);
  assert.throws(() => eve.atom(null).reset([value]), told);
});
