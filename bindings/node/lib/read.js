"use strict";
// Reading in snapshots, one call of the addon each.

const { native } = require("./addon.js");
const { forget, frame, call, reader } = require("./frame.js");
const { EveError } = require("./error.js");
const encode = require("./encode.js");
const decode = require("./decode.js");
const { own, ownIfStorable } = require("./own.js");

const STR = 6;
const META = 20;
const VIEW = 21;

/** How many entries come over at once; fewer at first, since of many collections only the first entries are asked for. */
const CHUNK = 256;
const FIRST = 32;
// Flags of walkFrom, see src/read.rs.
const DESCENDING = 1;
const INCLUSIVE = 2;
const FROM_END = 4;

/**
 * A version of an atom that values are read in. The addon keeps it under a number, and lets it go when this object was
 * collected, or when `end` is called.
 */
class Snap {
  /** `host` says what its values become, see decode.js. */
  constructor(host) {
    this.at = 0;
    this.host = host;
    /** Is there a view in it? Then the addon lets it go with this object. */
    this.viewed = false;
  }
  number() {
    if (this.at === 0) {
      forget();
      throw new EveError("released", "this value was only good inside the function given to update; use swap to keep it");
    }
    return this.at;
  }
}

/** For constructors of what lies in a snapshot, or in none: `new` is nothing for programs, whose mistake is told by what they give. */
function checkMade(Class, snap, low) {
  if ((snap === null || snap instanceof Snap) && typeof low === "number") return;
  throw new EveError("value", `use ${Class.name}.from(…), or from(…): new ${Class.name} makes none`);
}

function place(snap, low, high) {
  const { head } = frame;
  head[0] = snap.number();
  head[1] = low;
  head[2] = high;
  return head;
}

/** The value under a key; `undefined` if there is none. */
function get(snap, low, high, key) {
  if (typeof key === "string") encode.text(STR, key);
  else if (!encode.scalar(key === 0 ? 0 : key)) encode.value(own(key));
  return find(snap, low, high, 1);
}

/** The value under as many keys as were written. */
function find(snap, low, high, keys) {
  place(snap, low, high)[3] = keys;
  call(native.get);
  return frame.head[0] === 1 ? decode.value(snap) : undefined;
}

/** The value under a path of keys; `undefined` if there is none. */
function getIn(snap, low, high, path) {
  // Before anything is written: keys may run code of the user.
  for (let i = 0; i < path.length; i++) {
    if (typeof path[i] === "string" || typeof path[i] === "number") continue;
    path = path.map(ownIfStorable);
    if (path.includes(undefined)) return undefined;
    break;
  }
  for (let i = 0; i < path.length; i++) {
    const key = path[i];
    if (typeof key === "string") encode.text(STR, key);
    else if (!encode.scalar(key === 0 ? 0 : key)) encode.value(key);
  }
  const found = find(snap, low, high, path.length);
  if (frame.head[0] !== 2) return found;
  // The keys led to something typed, which knows the rest itself.
  return path.slice(frame.head[1]).reduce((at, key) => at?.look?.(key), decode.value(snap));
}

function one(f, snap, low, high, argument) {
  const head = place(snap, low, high);
  head[3] = argument % 0x1_0000_0000;
  head[4] = Math.floor(argument / 0x1_0000_0000);
  call(f);
  return frame.head[0] === 0 ? undefined : decode.value(snap);
}

const nth = (snap, low, high, i) => one(native.nth, snap, low, high, i);
const rest = (snap, low, high) => one(native.rest, snap, low, high, 0);
const meta = (snap, low, high) => one(native.meta, snap, low, high, 0);

/** Elements of a vector from an index on, `CHUNK` of them at most. */
function some(snap, low, high, from, to) {
  const head = place(snap, low, high);
  head[3] = from % 0x1_0000_0000;
  head[4] = Math.floor(from / 0x1_0000_0000);
  head[5] = Math.min(CHUNK, to - from);
  call(native.elements);
  const chunk = new Array(frame.head[0]);
  for (let i = 0; i < chunk.length; i++) chunk[i] = decode.value(snap);
  return chunk;
}

/** Elements of a vector from an index on. */
function* elements(snap, low, high, from, to) {
  while (from < to) {
    const chunk = some(snap, low, high, from, to);
    if (chunk.length === 0) return;
    from += chunk.length;
    yield* chunk;
  }
}

/** Keys and values by turns, or elements: an array for each part of the collection. The first of `each` are read exactly if so wished. */
function* walk(snap, low, high, each, exact = false) {
  yield* chunks(snap, low, high, each, exact, CHUNK, native.walk, () => {});
}

/** The same of what has an order: from the key that `writeKey` writes on, if it is given. */
function* walkFrom(snap, low, high, each, writeKey, flags, most = CHUNK) {
  yield* chunks(snap, low, high, each, false, most, native.walkFrom, () => {
    writeKey?.();
    frame.head[5] = flags;
  });
}

function* chunks(snap, low, high, each, exact, most, first, begin) {
  let number = 0;
  const token = {};
  try {
    do {
      if (number === 0) begin();
      const head = place(snap, low, high);
      head[3] = number;
      head[4] = number === 0 ? Math.min(FIRST, most) : most;
      call(number === 0 ? first : native.walk, token);
      const chunk = new Array(frame.head[0] * each);
      number = frame.head[1];
      for (let i = 0; i < chunk.length; i++) {
        chunk[i] = exact && i % each === 0 ? decode.exactly(() => decode.value(snap)) : decode.value(snap);
      }
      yield chunk;
    } while (number !== 0);
  } finally {
    endWalk(number);
  }
}

/** The iteration of this number will not be finished; 0 is none. */
function endWalk(number) {
  if (number === 0) return;
  frame.head[0] = number;
  call(native.endWalk);
}

/** Everything in a view, as plain values that `plain(kind, items, tag)` makes of what is in each collection. */
function deep(snap, low, high, plain, scalar) {
  place(snap, low, high);
  call(native.deep);
  return tree(snap, plain, scalar);
}

/** Entries, elements or values up to the end of each kind that the addon writes with what is in it. */
const each = { 15: 2, 16: 1, 17: 1, 18: 1, 27: 2, 28: 1, 29: 2 };

/** The reader no longer stands in the frame, which other calls use. */
function copyReader() {
  const bytes = new Uint8Array(reader.bytes).buffer;
  reader.bytes = Buffer.from(bytes);
  reader.view = new DataView(bytes);
}

/** A value that came over with all that is in it: `plain(kind, items, tag)` makes each collection, tagged value and value with metadata. */
function tree(snap, plain, scalar) {
  const waiting = [];
  let open = { kind: 0, left: 1, items: [], tag: "" };
  for (;;) {
    while (open.left === 0) {
      const made = open.kind === 0 ? open.items[0] : plain(open.kind, open.items, open.tag);
      if (waiting.length === 0) return made;
      open = waiting.pop();
      open.items.push(made);
    }
    open.left -= 1;
    const kind = reader.bytes[reader.at];
    if (each[kind] !== undefined) {
      const count = reader.view.getUint32(reader.at + 1, true);
      reader.at += 5;
      waiting.push(open);
      open = { kind, left: count * each[kind], items: [], tag: "" };
    } else if (kind === META) {
      reader.at += 1;
      waiting.push(open);
      open = { kind, left: 2, items: [], tag: "" };
    } else if (kind === 19) {
      reader.at += 1;
      waiting.push(open);
      open = { kind, left: 1, items: [], tag: decode.text() };
    } else if (kind === VIEW) {
      // Of what is typed: it is read by calls of its own, which take the reader.
      const view = decode.value(snap);
      const { at } = reader;
      if (reader.bytes === frame.bytes) copyReader();
      const { bytes, view: numbers } = reader;
      open.items.push(scalar(view));
      reader.bytes = bytes;
      reader.view = numbers;
      reader.at = at;
    } else open.items.push(scalar(decode.value(snap)));
  }
}

/** So many values that came over with all that is in them, as eve's. */
function trees(count) {
  return Array.from({ length: count }, () => tree(null, trees.made, (value) => value));
}
/** Makes collections of what is in them; filled in by edn.js. */
trees.made = null;

/** Are two values equal? */
function equal(a, b) {
  encode.value(a);
  encode.value(b);
  call(native.equal);
  return frame.head[0] === 1;
}

/** The same for any two values of JavaScript: what cannot be stored equals nothing but itself. */
function same(a, b) {
  if (Object.is(a, b)) return true;
  let mine;
  let other;
  try {
    mine = own(a);
    other = own(b);
  } catch (error) {
    if (error instanceof EveError && error.kind === "value") return false;
    throw error;
  }
  return equal(mine, other);
}

/** As EDN, on lines of so many characters or, for 0, on one. */
function print(value, width = 0, meta = true) {
  encode.value(value);
  frame.head[0] = width;
  frame.head[1] = meta ? 1 : 0;
  call(native.print);
  return decode.value(null);
}

module.exports = {
  Snap,
  checkMade,
  place,
  get,
  find,
  getIn,
  nth,
  rest,
  meta,
  some,
  elements,
  CHUNK,
  DESCENDING,
  INCLUSIVE,
  FROM_END,
  walk,
  walkFrom,
  endWalk,
  deep,
  tree,
  trees,
  copyReader,
  same,
  print,
};
