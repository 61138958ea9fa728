"use strict";
// The examples of the guide: each `js` block is run, and what a comment `// → value` says is compared with what the line gives.

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { folder, run } = require("./support.js");

const root = path.join(__dirname, "..");
const guide = fs.readFileSync(path.join(root, "..", "..", "docs", "javascript.md"), "utf8");

function runnable(block) {
  return block
    .split("\n")
    .map((line) => {
      const parts = /^(\s*)(.*?);?\s+\/\/ → (.*)$/.exec(line);
      return parts === null ? line : `${parts[1]}same(${parts[2]}, ${JSON.stringify(parts[3])});`;
    })
    .join("\n")
    .replaceAll('from "eve"', `from ${JSON.stringify(path.join(root, "lib", "index.mjs"))}`);
}

const blocks = [...guide.matchAll(/```js\n(.*?)```/gs)].map((match) => match[1]);

test("the guide has examples", () => assert.ok(blocks.length >= 5));

for (const [i, block] of blocks.entries()) {
  test(`example ${i + 1}: ${block.split("\n").find((line) => line !== "" && !line.startsWith("import"))}`, async (t) => {
    const at = folder(t);
    const source = `import { inspect } from "node:util";
      function same(value, shown) {
        const text = inspect(value, { breakLength: Infinity, depth: 9 });
        if (text !== shown) throw new Error("the guide says " + shown + ", it is " + text);
      }
      ${runnable(block)}`;
    fs.writeFileSync(path.join(at, "example.mjs"), source);
    const done = await run(process.execPath, ["example.mjs"], { cwd: at });
    assert.equal(done.code, 0, done.err);
  });
}
