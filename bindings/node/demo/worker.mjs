// The Node process of `cargo xtask demo`: one operation in a loop, as `eve bench` does it, with the same arguments and output.

import { createRequire } from "node:module";
import { parseArgs } from "node:util";

const { open, kw } = createRequire(import.meta.url)("..");

const { values: options } = parseArgs({
  options: {
    file: { type: "string" },
    atom: { type: "string" },
    op: { type: "string" },
    seconds: { type: "string", default: "5" },
    json: { type: "boolean" },
    progress: { type: "boolean" },
  },
});
const parsed = /^\s*(update-in|get-in)\s+\[([^\]]*)\]\s*(inc)?\s*$/.exec(options.op ?? "");
if (parsed === null || (parsed[1] === "update-in") !== (parsed[3] === "inc")) {
  console.error(`worker.mjs does "update-in [PATH] inc" and "get-in [PATH]", not ${JSON.stringify(options.op)}`);
  process.exit(2);
}
const path = [...parsed[2].matchAll(/"(?:[^"\\]|\\.)*"|[^\s,]+/g)].map(([token]) => {
  if (token.startsWith('"')) return JSON.parse(token);
  return token.startsWith(":") ? kw(token.slice(1)) : Number(token);
});

const atom = open(options.file).atom(options.atom);
if (atom === undefined) {
  console.error(`there is no atom ${options.atom} in ${options.file}`);
  process.exit(1);
}

let conflicts = 0;
let attempts = 0;
const inc = (n) => n + 1;
const step = (value) => {
  attempts += 1;
  return value.updateIn(path, inc);
};
const writes = parsed[1] === "update-in";
const once = writes
  ? () => {
      attempts = 0;
      atom.update(step);
      conflicts += attempts - 1;
    }
  : () => atom.deref().getIn(path);

/** Times by their logarithm, a hundred classes for each doubling: within one per cent. */
class Times {
  counts = new Map();
  total = 0;
  add(nanos, count = 1) {
    const at = Math.round(Math.log2(Math.max(1, nanos)) * 100);
    this.counts.set(at, (this.counts.get(at) ?? 0) + count);
    this.total += count;
  }
  merge(other) {
    for (const [at, count] of other.counts) this.add(2 ** (at / 100), count);
  }
  percentile(q) {
    let left = Math.ceil(this.total * q);
    for (const at of [...this.counts.keys()].sort((a, b) => a - b)) {
      left -= this.counts.get(at);
      if (left <= 0) return Math.round(2 ** (at / 100));
    }
    return 0;
  }
}

function line(times, conflicts, seconds) {
  const said = {
    op: options.op,
    operations: times.total,
    seconds,
    per_second: times.total / seconds,
    p50_ns: times.percentile(0.5),
    p95_ns: times.percentile(0.95),
    p99_ns: times.percentile(0.99),
  };
  return JSON.stringify(writes ? { ...said, conflicts } : said);
}

const begin = performance.now();
const end = begin + Number(options.seconds) * 1000;
const all = new Times();
let recent = new Times();
let told = begin;
let toldConflicts = 0;
for (let now = begin; now < end; now = performance.now()) {
  // Some operations, then a turn of the event loop, in which what was read and dropped can go.
  for (let i = 0; i < 5000; i++) {
    const from = process.hrtime.bigint();
    once();
    recent.add(Number(process.hrtime.bigint() - from));
  }
  await new Promise((resolve) => setImmediate(resolve));
  if (now - told >= 1000) {
    if (options.progress) console.error(line(recent, conflicts - toldConflicts, (now - told) / 1000));
    all.merge(recent);
    recent = new Times();
    [told, toldConflicts] = [now, conflicts];
  }
}
all.merge(recent);
const seconds = (performance.now() - begin) / 1000;
if (options.json) console.log(line(all, conflicts, seconds));
else console.log(`${options.op}: ${all.total} in ${seconds.toFixed(2)} s, ${Math.round(all.total / seconds)} a second`);
