"use strict";

const { inspect } = require("node:util");
const path = require("node:path");
const { isMainThread, threadId } = require("node:worker_threads");
const { native } = require("./addon.js");
const { forget, frame, call, reader } = require("./frame.js");
const { EveError } = require("./error.js");
const { Keyword, EveSymbol } = require("./types.js");
const { Atom, js } = require("./atom.js");
const { checked } = require("./options.js");
const encode = require("./encode.js");
const decode = require("./decode.js");

const DEFAULT_FILE = "./eve.db";
/** Names that are nobody's business begin so. */
const HIDDEN = "\0";

// Flags of opening, see src/domains.rs.
const RESERVE = 1;
const MUST_EXIST = 2;
const READ_ONLY = 4;

const FIGURES = [
  "committed",
  "reserve",
  "pages",
  "pagesUsed",
  "pagesPunched",
  "tick",
  "oldestPin",
  "pins",
  "participants",
  "processes",
  "atoms",
];
const CHECKED = [
  "damaged",
  "doublyUsed",
  "unreadable",
  "leaked",
  "leakedBytes",
  "leakedPages",
  "highCounts",
  "atoms",
  "names",
  "blocks",
  "limbo",
  "atHand",
  "pages",
];
const COLLECTED = ["blocks", "bytes", "pages", "counts"];

function figure() {
  const read = reader.view.getFloat64(reader.at, true);
  reader.at += 8;
  return read < 0 ? null : read;
}
function figures(names) {
  return Object.fromEntries(names.map((name) => [name, figure()]));
}
function places(count) {
  return Array.from({ length: count }, () => {
    const offset = figure();
    const what = decode.value(null);
    return { offset, what, atom: decode.value(null) };
  });
}

function nameOf(id) {
  if (id instanceof Keyword || id instanceof EveSymbol) return id.text;
  if (typeof id !== "string") throw new EveError("value", `the id of an atom is a keyword or a string, not ${inspect(id, { depth: 0 })}`);
  if (id.isWellFormed() && !id.startsWith(HIDDEN)) return id;
  throw new EveError("value", `the id of an atom has no lone surrogates and does not begin with \\0, as ${inspect(id)} does`);
}

let count = 0;

/** A file (or memory) with named atoms. */
class Domain {
  /** `host`: what values become, and how they are written; JavaScript's own way if not given (see ../internal). */
  constructor(file, { reserve, readOnly = false, create = true, host = js } = {}) {
    if (reserve !== undefined && !(Number.isSafeInteger(reserve) && reserve > 0)) {
      throw new EveError("value", `reserve is a number of bytes, not ${inspect(reserve, { depth: 0 })}`);
    }
    this.host = host;
    /** The file, or null for memory. */
    this.path = file === "" ? null : path.resolve(file);
    encode.value(this.path ?? "");
    const { head } = frame;
    head[0] = (reserve === undefined ? 0 : RESERVE) | (create && !readOnly ? 0 : MUST_EXIST) | (readOnly ? READ_ONLY : 0);
    head[1] = (reserve ?? 0) % 0x1_0000_0000;
    head[2] = Math.floor((reserve ?? 0) / 0x1_0000_0000);
    call(native.open);
    this.at = frame.head[0];
    /** Is nothing written, by this thread and through this domain? */
    this.readOnly = Boolean(readOnly);
    this.named = new Map();
  }
  number() {
    if (this.at !== 0) return this.at;
    forget();
    throw new EveError("closed", `the domain ${this.path} was closed; open it again`, this.path ?? "");
  }
  /** Is it open? */
  get isOpen() {
    return this.at !== 0;
  }
  /** Does its path still lead to its file? Another one may lie there by now, or none. */
  isAtItsPath() {
    frame.head[0] = this.number();
    call(native.atItsPath);
    return frame.head[0] === 1;
  }

  find(name) {
    encode.value(name);
    return this.enter(name, false);
  }
  enter(name, anonymous) {
    const { head } = frame;
    head[0] = this.number();
    head[1] = anonymous ? 1 : 0;
    call(native.atom);
    if (frame.head[0] === 0) return undefined;
    const atom = new Atom(this, name, frame.head[0]);
    if (!anonymous) this.named.set(name, atom);
    return atom;
  }
  create(name, first, anonymous) {
    const mine = this.host.own(typeof first === "function" ? first() : first);
    encode.value(name);
    this.host.encode(mine);
    return this.enter(name, anonymous);
  }

  /** The atom of this id, or `undefined` if there is none and no first value is given. The first value (or what a function gives) is used by who creates it. */
  atom(id, ...first) {
    const name = nameOf(id);
    this.number();
    const known = this.named.get(name);
    if (known !== undefined && known.isThere()) return known;
    return this.find(name) ?? (first.length === 0 ? undefined : this.create(name, first[0], false));
  }
  /** An atom without a name; it goes when it is collected. */
  anonymous(first) {
    count += 1;
    const made = this.create(`${HIDDEN}${process.pid}/${isMainThread ? 0 : threadId}/${count}`, first, true);
    made.id = null;
    collected.register(made, made.at);
    return made;
  }
  /** The names of its atoms, sorted. */
  atoms() {
    frame.head[0] = this.number();
    call(native.atoms);
    const names = [];
    for (let i = frame.head[0]; i > 0; i--) names.push(decode.value(null));
    return names.filter((name) => !name.startsWith(HIDDEN));
  }
  /** Removes an atom; false if there was none. Its id may be used again. */
  remove(id) {
    const atom = this.atom(id);
    if (atom === undefined) return false;
    frame.head[0] = atom.number();
    call(native.remove);
    const done = frame.head[0] === 1;
    atom.watching?.changed();
    return done;
  }
  /** Figures, as of now. */
  stat() {
    frame.head[0] = this.number();
    call(native.stat);
    return figures(FIGURES);
  }
  /** Frees all that can be freed. Nothing depends on it: who writes does the same bit by bit. */
  reclaim() {
    frame.head[0] = this.number();
    call(native.reclaim);
  }
  /**
   * Checks everything in it, and tells what it found; nothing is changed. While others are at work only what hangs on the atoms is judged
   * (`exact` is false then). Takes some 0.2 µs for each block, in which this thread does nothing else.
   */
  verify() {
    frame.head[0] = this.number();
    call(native.verify);
    const [ok, exact, damages, leaks, kinds] = frame.head;
    const text = decode.value(null);
    const report = { ok: ok === 1, exact: exact === 1, ...figures(CHECKED) };
    report.damages = places(damages);
    report.leaks = places(leaks);
    report.kinds = Array.from({ length: kinds }, () => ({ kind: decode.value(null), blocks: figure(), bytes: figure() }));
    // For people, and in nobody's way.
    Object.defineProperty(report, "toString", { value: () => text });
    return report;
  }
  /** Frees what killed processes left over, while others go on working. Takes as long as `verify`. */
  gc() {
    frame.head[0] = this.number();
    call(native.gc);
    const alone = frame.head[0] === 1;
    return { ...figures(COLLECTED), alone, left: decode.value(null) || null };
  }
  /** Lets it go in this thread, with its atoms and their watches. Values that were read stay good. */
  close() {
    if (this.at === 0) return;
    for (const atom of this.named.values()) {
      atom.watching?.end();
      atom.forgetNewest();
      atom.at = 0;
    }
    this.named.clear();
    frame.head[0] = this.at;
    this.at = 0;
    call(native.close);
  }
  [inspect.custom](_depth, options) {
    return `Domain ${options.stylize(this.path ?? "memory", "string")}${this.isOpen ? "" : " (closed)"}`;
  }
}
if (Symbol.dispose) Object.defineProperty(Domain.prototype, Symbol.dispose, { value: Domain.prototype.close });

/**
 * Opens the domain in a file; it is created if it is not there, unless `create` is false. With `readOnly` nothing is ever written, not even who is
 * reading. `reserve`: bytes that a file which is created can never exceed.
 */
function open(file = DEFAULT_FILE, options = {}) {
  if (typeof file !== "string" || file === "") throw new EveError("value", "open takes the path of a file");
  return new Domain(file, checked(options, ["readOnly", "create", "reserve"], "open"));
}

let memory;
/** By path the domain of the file that was last found there. */
const files = new Map();

function domainOf(persistent) {
  if (persistent === undefined || persistent === null || persistent === false) return (memory ??= new Domain(""));
  if (persistent !== true && (typeof persistent !== "string" || persistent === "")) {
    throw new EveError("value", `persistent is the path of a file, or true for ${DEFAULT_FILE}, not ${inspect(persistent, { depth: 0 })}`);
  }
  const file = path.resolve(persistent === true ? DEFAULT_FILE : persistent);
  const known = files.get(file);
  if (known?.isOpen && known.isAtItsPath()) return known;
  const found = open(file);
  files.set(file, found);
  return found;
}

const collected = new FinalizationRegistry((at) => {
  frame.head[0] = at;
  call(native.forgetAtom);
});

/**
 * `atom(value)`: a nameless one in this process. `atom({ id }, value)`: the one of this name in the process, shared by all its threads.
 * `atom({ id, persistent: file }, value)`: in a file, shared by every process that opens it; `true` is the file ./eve.db.
 */
function atom(...args) {
  const [options, first] = args;
  if (args.length < 2) {
    // No value that anybody means, but options.
    if (options !== null && typeof options === "object" && Object.hasOwn(options, "id") && Object.hasOwn(options, "persistent")) {
      throw new EveError("value", "atom({ id, persistent }, first) takes the first value too; null is nothing");
    }
    return domainOf(false).anonymous(options);
  }
  const given = typeof options === "string" || options instanceof Keyword ? { id: options } : options;
  if (given === null || typeof given !== "object" || given.id === undefined) {
    throw new EveError("value", "atom takes a value, or options with an id and the first value");
  }
  checked(given, ["id", "persistent"], "atom");
  return domainOf(given.persistent).atom(given.id, first);
}

module.exports = { Domain, open, atom };
