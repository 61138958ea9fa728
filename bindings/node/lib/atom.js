"use strict";

const { inspect } = require("node:util");
const { native } = require("./addon.js");
const { forget, frame, call, reader } = require("./frame.js");
const { EveError } = require("./error.js");
const { EVE, own } = require("./own.js");
const { isMap } = require("./realms.js");
const { Snap } = require("./read.js");
const { plain, json } = require("./plain.js");
const encode = require("./encode.js");
const decode = require("./decode.js");
const { checked } = require("./options.js");
const { Keyed } = require("./keyed.js");
const { writeDelta } = require("./delta.js");
const { Watching, ChangesIterator } = require("./watching.js");

// Flags of a commit, see src/write.rs.
const KEEP = 1;
const RELEASE = 2;
const HOLD = 4;

/** So many swaps in a row give changes over one snapshot; then a new one is taken. */
const CHAIN = 4096;
/** Where a view that came over has the number of its elements. */
const COUNT = 10;

/** Atoms that remember their newest version until the turn of the event loop ends. */
let fresh = [];

function forgetAll() {
  const atoms = fresh;
  fresh = [];
  for (const atom of atoms) {
    atom.isFresh = false;
    atom.forgetNewest();
  }
}

/**
 * A version of an atom under the number of its snapshot. If it is `ours` no object holds that: it has to be let go. If it has a `snap`, the value
 * is one for `update`, and only good while that has the number.
 */
class Version {
  constructor(at, low, high, ours, value, steps, snap = null) {
    this.at = at;
    this.low = low;
    this.high = high;
    this.ours = ours;
    this.value = value;
    /** Commits since its value's snapshot was taken. */
    this.steps = steps;
    this.snap = snap;
  }
}

function checkedFunction(f, of) {
  if (typeof f !== "function") throw new EveError("value", `${of} takes a function, not ${inspect(f, { depth: 0 })}`);
}

/** What JavaScript's values become when they are given to an atom; see `Domain` for those of other languages. */
const js = {
  ...decode.js,
  own,
  encode: encode.value,
  writeDelta,
  /** What a function given to swap made. One that returns nothing has most likely forgotten to: the value would be gone. */
  result(value) {
    if (value === undefined) {
      throw new EveError("value", "the function given to swap or update returned undefined; it has to return the new value (null for nothing)");
    }
    if (value === null || typeof value !== "object" || value[EVE] === true) return own(value);
    if (typeof value.then === "function" && !isMap(value)) {
      throw new EveError("value", "the function given to swap or update returned a promise; it has to return the new value itself");
    }
    return own(value);
  },
};

function use_the_name_of_the_atom() {}

/** A name with a value that is replaced as a whole, by all who have it. */
class Atom {
  // Another thread asks for it by name: cloning it is an error, whose message shows the function.
  clone = use_the_name_of_the_atom;

  constructor(domain, id, at) {
    this.domain = domain;
    this.host = domain.host;
    /** Its name. */
    this.id = id;
    this.at = at;
    // The version that was read or made last, so that the next reading of it finds the same value, and the next swap need not
    // ask for it. Not for longer than this turn: it is held back.
    this.newest = null;
    this.isFresh = false;
    /** What holds the newest version if somebody else is first; used when that happens. */
    this.spare = null;
    this.watching = null;
  }

  number() {
    if (this.at === 0) {
      forget();
      throw new EveError("closed", `the domain of the atom ${JSON.stringify(this.id)} was closed; open it again`, this.id ?? "");
    }
    return this.at;
  }

  /** Has it a value, that is, was it not removed? */
  isThere() {
    if (this.at === 0) return false;
    frame.head[0] = this.at;
    frame.head[1] = 0;
    frame.head[2] = 0;
    call(native.load, undefined);
    const there = frame.head[0] !== 0;
    if (there && frame.head[1] !== 0) letGo(frame.head[1]);
    return there;
  }

  remember(version) {
    if (!this.isFresh) {
      this.isFresh = true;
      if (fresh.length === 0) setImmediate(forgetAll).unref();
      fresh.push(this);
    }
    this.forgetNewest();
    this.newest = version;
  }
  forgetNewest() {
    const { newest } = this;
    this.newest = null;
    if (newest !== null && newest.ours) letGo(newest.at);
  }

  missing() {
    return new EveError("no-such-atom", `there is no atom ${JSON.stringify(this.id)}; it was removed`, this.id);
  }

  /** The current value. */
  deref() {
    const snap = new Snap(this.host);
    if (this.load(snap, 0) === 1) return this.newest.value;
    const value = decode.value(snap);
    // Of a file that is open read-only nothing is held back, so nothing is remembered.
    if (snap.at !== 0 && !this.domain.readOnly) this.remember(new Version(snap.at, undefined, undefined, false, value, 0));
    return value;
  }
  /**
   * What `f` makes of the value. In a file that is open read-only nothing is held back: if the version was replaced while `f` was reading it, `f` is
   * run again on the newer one. So it should return plain values.
   */
  read(f) {
    checkedFunction(f, "read");
    for (;;) {
      try {
        return f(this.deref());
      } catch (error) {
        if (error?.kind !== "stale") throw error;
      }
    }
  }
  get value() {
    return this.deref();
  }
  /** Asks for the version: 1 if it still is the newest that is known; else 2, and its value can be decoded. */
  load(snap, always) {
    const { head } = frame;
    head[0] = this.number();
    head[1] = this.newest === null || this.newest.snap !== null ? 0 : this.newest.at;
    head[2] = always;
    call(native.load, snap);
    const found = frame.head[0];
    if (found === 0) throw this.missing();
    if (found === 2 && snap !== undefined) snap.at = frame.head[1];
    return found;
  }

  /** Replaces the value by what `f` makes of it and of `rest`, and returns the new value. `f` is run again if somebody else was first. */
  swap(f, ...rest) {
    return this.swapValues(f, ...rest)[1];
  }
  /** The same; returns the value before and the one after. */
  swapValues(f, ...rest) {
    checkedFunction(f, "swap");
    const { host } = this;
    let base = this.newest !== null && this.newest.snap === null ? this.newest : this.ask();
    for (;;) {
      const before = base.value;
      const after = host.result(f(before, ...rest));
      if (this.newest !== base) {
        base = this.ask(); // `f` has changed this very atom
        continue;
      }
      const { low, high } = base; // undefined: those of its value
      const chained = base.steps < CHAIN && host.writeDelta !== undefined && host.writeDelta(before, after, base.at, low, high);
      if (!chained) host.encode(after);
      const result = (this.spare ??= new Snap(host));
      const flags = (chained ? HOLD : KEEP) | (base.ours ? RELEASE : 0);
      const done = this.commit(base.at, flags, result);
      base.ours = false;
      let value = after;
      if (!done) {
        this.newest = null;
        base = this.first(result);
        continue;
      }
      if (chained) {
        const { head } = frame;
        this.remember(new Version(head[1], head[2], head[3], true, after, base.steps + 1));
        if (after instanceof Keyed) after.known = reader.view.getFloat64(reader.at + COUNT, true);
      } else {
        this.spare = null;
        result.at = frame.head[1];
        value = decode.value(result);
        if (result.at !== 0) this.remember(new Version(result.at, undefined, undefined, false, value, 0));
        else this.newest = null;
      }
      if (this.watching !== null) this.watching.changed();
      return [before, value];
    }
  }

  /** The newest version, and its value. */
  ask() {
    const snap = new Snap(this.host);
    if (this.load(snap, 1) === 1) return this.newest;
    return this.found(snap);
  }
  /** The version that has just come over, of which `snap` has the number: remembered, with its value. */
  found(snap) {
    const value = decode.value(snap);
    this.remember(new Version(snap.at, undefined, undefined, !snap.viewed, value, 0));
    return this.newest;
  }
  /** The version of somebody who was first, which a commit that was lost gives. */
  first(snap) {
    this.spare = null;
    snap.at = this.newestAt();
    return this.found(snap);
  }
  /** The number of the newest version after a commit that was lost. */
  newestAt() {
    const at = frame.head[1];
    if (at === 0) throw this.missing();
    return at;
  }

  /** One attempt, with what was encoded; true if it was made. If not, the newest version has come over. */
  commit(base, flags, result) {
    const { head } = frame;
    head[0] = this.number();
    head[1] = base;
    head[2] = flags;
    call(native.commit, result);
    return frame.head[0] === 1;
  }

  /**
   * `swap` without a result, which holds nothing back: what `f` is given is good until it returns, and says so if it is used later.
   */
  update(f, ...rest) {
    checkedFunction(f, "update");
    const { host } = this;
    let base = this.borrow();
    for (;;) {
      const { snap } = base;
      let done = null;
      try {
        snap.at = base.at;
        const after = host.result(f(base.value, ...rest));
        host.encode(after);
        done = this.commit(base.at, RELEASE | HOLD, undefined);
      } finally {
        snap.at = 0;
        if (done === null) letGo(base.at);
      }
      const next = new Snap(host);
      if (!done) {
        base = new Version(this.newestAt(), 0, 0, true, decode.value(next), 0, next);
        continue;
      }
      const { head } = frame;
      const at = head[1];
      const low = head[2];
      const high = head[3];
      this.remember(new Version(at, low, high, true, decode.value(next), 0, next));
      if (this.watching !== null) this.watching.changed();
      return;
    }
  }
  /** The newest version and its value, for `update`: nobody else has it, so that `f` may itself use the atom. */
  borrow() {
    const { newest } = this;
    if (newest !== null && newest.snap !== null) {
      this.newest = null;
      return newest;
    }
    this.forgetNewest();
    const snap = new Snap(this.host);
    this.load(undefined, 1);
    const at = frame.head[1];
    return new Version(at, 0, 0, true, decode.value(snap), 0, snap);
  }

  /** Sets the value, whatever it was; returns it. */
  reset(value) {
    const mine = this.host.own(value);
    this.host.encode(mine);
    frame.head[0] = this.number();
    call(native.reset);
    this.forgetNewest();
    if (this.watching !== null) this.watching.changed();
    return mine;
  }
  /** Sets the value; returns the one before and the new one. */
  resetValues(value) {
    const mine = this.host.own(value);
    return this.swapValues(() => mine);
  }

  /** Sets the value if it equals `expected`; true if it did. */
  compareAndSet(expected, value) {
    const { host } = this;
    const [old, mine] = [host.own(expected), host.own(value)];
    host.encode(old);
    host.encode(mine);
    frame.head[0] = this.number();
    call(native.compareAndSet);
    if (frame.head[0] !== 1) return false;
    this.forgetNewest();
    if (this.watching !== null) this.watching.changed();
    return true;
  }

  /** How many commits the atom has seen. */
  get version() {
    frame.head[0] = this.number();
    call(native.version);
    return reader.view.getFloat64(reader.at, true);
  }

  /**
   * Calls `f(now, before)` after commits: those of this thread at once, those of other threads and processes on the event loop, of
   * several in a row perhaps only the last. Does not keep the process alive. Returns the function that ends it.
   */
  watch(f) {
    checkedFunction(f, "watch");
    const listener = { f, referenced: false };
    this.watching ??= new Watching(this);
    return this.watching.add(listener);
  }

  /**
   * The values from now on, as they come: an async iterator that gives the newest one each time it is asked, and waits if that was
   * given already. Waiting keeps the process alive, unless `{ ref: false }`. `{ signal }` ends it.
   */
  changes(options = {}) {
    const { ref = true, signal } = checked(options, ["ref", "signal"], "changes");
    if (signal !== undefined && typeof signal?.addEventListener !== "function") {
      throw new EveError("value", `signal is an AbortSignal, not ${inspect(signal, { depth: 0 })}`);
    }
    return new ChangesIterator(this, ref, signal);
  }

  toString() {
    return `#<Atom ${JSON.stringify(this.id)}>`;
  }
  /** What JSON has of its value: that is what somebody who logs an atom wants to see. */
  toJSON() {
    return this.read((value) => plain(value, json));
  }
  [inspect.custom](depth, options) {
    let shown;
    try {
      shown = inspect(this.deref(), { ...options, depth: depth === null ? null : depth - 1 });
    } catch (error) {
      shown = `<${error.message}>`;
    }
    return `Atom ${JSON.stringify(this.id)} ${shown}`;
  }
}

/** The snapshot of this number goes. */
function letGo(at) {
  frame.head[0] = at;
  call(native.release);
}

module.exports = { Atom, js };
