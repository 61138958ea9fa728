"use strict";

const { inspect } = require("node:util");
const { native } = require("./addon.js");
const { forget, frame, call, reader } = require("./frame.js");
const { EveError } = require("./error.js");
const { EVE, own } = require("./own.js");
const { Snap } = require("./read.js");
const encode = require("./encode.js");
const decode = require("./decode.js");

const KEEP = 1;
const RELEASE = 2;

/** Atoms that remember their last version until the turn of the event loop ends. */
let fresh = [];

function forgetAll() {
  for (const atom of fresh) {
    atom.last = null;
    atom.lastValue = undefined;
  }
  fresh = [];
}

function checkedFunction(f, of) {
  if (typeof f !== "function") throw new EveError("value", `${of} takes a function, not ${inspect(f, { depth: 0 })}`);
}

/** What JavaScript's values become when they are given to an atom; see `Domain` for those of other languages. */
const js = {
  ...decode.js,
  own,
  encode: encode.value,
  /** What a function given to swap made. */
  result(value) {
    if (value === null || typeof value !== "object" || value[EVE] === true) return own(value);
    if (typeof value.then === "function" && !(value instanceof Map)) {
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
    // The version that was read or made last, so that the next reading of it finds the same view. Not for longer than this
    // turn: it would hold the version back.
    this.last = null;
    this.lastValue = undefined;
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
    if (there && frame.head[1] !== 0) {
      frame.head[0] = frame.head[1];
      call(native.release);
    }
    return there;
  }

  remember(snap, value) {
    if (this.last === null) {
      if (fresh.length === 0) setImmediate(forgetAll).unref();
      fresh.push(this);
    }
    this.last = snap;
    this.lastValue = value;
  }

  missing() {
    return new EveError("no-such-atom", `there is no atom ${JSON.stringify(this.id)}; it was removed`, this.id);
  }

  /** The current value. */
  deref() {
    const snap = new Snap(this.host);
    const { head } = frame;
    head[0] = this.number();
    head[1] = this.last === null ? 0 : this.last.at;
    head[2] = 0;
    call(native.load, snap);
    if (frame.head[0] === 1) return this.lastValue;
    if (frame.head[0] === 0) throw this.missing();
    snap.at = frame.head[1];
    const value = decode.value(snap);
    if (snap.at !== 0) this.remember(snap, value);
    return value;
  }
  get value() {
    return this.deref();
  }

  /** Replaces the value by what `f` makes of it and of `rest`, and returns the new value. `f` is run again if somebody else was first. */
  swap(f, ...rest) {
    return this.swapValues(f, ...rest)[1];
  }
  /** The same; returns the value before and the one after. */
  swapValues(f, ...rest) {
    checkedFunction(f, "swap");
    for (let tries = 0; ; tries++) {
      const { base, before, owned } = this.base();
      let after;
      try {
        after = this.host.result(f(before, ...rest));
        const result = new Snap(this.host);
        if (this.commit(base.number(), KEEP | (owned ? RELEASE : 0), tries, after, result)) {
          result.at = frame.head[1];
          const value = decode.value(result);
          if (result.at !== 0) this.remember(result, value);
          if (this.watching !== null) this.watching.changed();
          return [before, value];
        }
      } catch (error) {
        if (owned) release(base);
        throw error;
      }
    }
  }

  /** The current version as a base, and its value. It is `owned` if no object lets it go. */
  base() {
    const snap = new Snap(this.host);
    const { head } = frame;
    head[0] = this.number();
    head[1] = this.last === null ? 0 : this.last.at;
    head[2] = 1;
    call(native.load, snap);
    if (frame.head[0] === 1) return { base: this.last, before: this.lastValue, owned: false };
    if (frame.head[0] === 0) throw this.missing();
    snap.at = frame.head[1];
    const before = decode.value(snap);
    const owned = !snap.viewed;
    if (!owned) this.remember(snap, before);
    return { base: snap, before, owned };
  }

  /** One attempt; true if it was made. */
  commit(base, flags, tries, value, result) {
    this.host.encode(value);
    const { head } = frame;
    head[0] = this.number();
    head[1] = base;
    head[2] = flags;
    head[3] = tries;
    call(native.commit, result);
    return frame.head[0] === 1;
  }

  /**
   * `swap` without a result, which holds nothing back: what `f` is given is good until it returns, and says so if it is used later.
   */
  update(f, ...rest) {
    checkedFunction(f, "update");
    for (let tries = 0; ; tries++) {
      const base = new Snap(this.host);
      const { head } = frame;
      head[0] = this.number();
      head[1] = 0;
      head[2] = 1;
      call(native.load, undefined);
      if (frame.head[0] === 0) throw this.missing();
      base.at = frame.head[1];
      try {
        const before = decode.value(base);
        const after = this.host.result(f(before, ...rest));
        const done = this.commit(base.number(), RELEASE, tries, after, undefined);
        base.at = 0;
        if (done) {
          if (this.watching !== null) this.watching.changed();
          return;
        }
      } finally {
        release(base);
      }
    }
  }

  /** Sets the value, whatever it was; returns it. */
  reset(value) {
    const mine = this.host.own(value);
    this.host.encode(mine);
    frame.head[0] = this.number();
    call(native.reset);
    if (this.watching !== null) this.watching.changed();
    return mine;
  }
  /** Sets the value; returns the one before and the new one. */
  resetValues(value) {
    return this.swapValues(() => value);
  }

  /** Sets the value if it equals `expected`; true if it did. */
  compareAndSet(expected, value) {
    const { host } = this;
    const [old, mine] = [host.own(expected), host.own(value)];
    host.encode(old);
    host.encode(mine);
    frame.head[0] = this.number();
    call(native.compareAndSet);
    const done = frame.head[0] === 1;
    if (done && this.watching !== null) this.watching.changed();
    return done;
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
  changes({ ref = true, signal } = {}) {
    return new ChangesIterator(this, ref, signal);
  }

  toString() {
    return `#<Atom ${JSON.stringify(this.id)}>`;
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

function release(snap) {
  if (snap.at === 0) return;
  frame.head[0] = snap.at;
  snap.at = 0;
  call(native.release);
}

/** The watches of one atom in this thread: one thread of the addon for all of them. */
class Watching {
  constructor(atom) {
    this.atom = atom;
    this.listeners = new Set();
    this.referenced = 0;
    this.seen = atom.version;
    this.value = atom.deref();
    frame.head[0] = atom.number();
    call(native.watch, () => this.changed());
    this.at = frame.head[0];
    // What was committed between the two calls above.
    if (atom.version !== this.seen) setImmediate(() => this.changed()).unref();
  }
  add(listener) {
    this.listeners.add(listener);
    const stop = () => this.remove(listener);
    stop.ref = () => (this.refer(listener, true), stop);
    stop.unref = () => (this.refer(listener, false), stop);
    if (Symbol.dispose) stop[Symbol.dispose] = stop;
    return stop;
  }
  remove(listener) {
    if (!this.listeners.delete(listener)) return;
    this.refer(listener, false);
    if (this.listeners.size === 0) this.end();
  }
  refer(listener, yes) {
    if (listener.referenced === yes) return;
    listener.referenced = yes;
    this.referenced += yes ? 1 : -1;
    if (this.at === 0 || this.referenced !== (yes ? 1 : 0)) return;
    frame.head[0] = this.at;
    frame.head[1] = yes ? 1 : 0;
    call(native.refer);
  }
  /** Tells the listeners, if there is something new. */
  changed() {
    if (this.at === 0) return;
    let version;
    let now;
    try {
      version = this.atom.version;
      if (version === this.seen) return;
      now = this.atom.deref();
    } catch (error) {
      if (error.kind !== "no-such-atom") throw error;
      now = undefined; // removed
    }
    const before = this.value;
    this.seen = version;
    this.value = now;
    for (const listener of [...this.listeners]) {
      try {
        listener.f(now, before);
      } catch (error) {
        // The commit is made and the other listeners have a right to hear of it: as with an error in an event handler.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
  end() {
    if (this.at === 0) return;
    frame.head[0] = this.at;
    this.at = 0;
    this.atom.watching = null;
    call(native.unwatch);
    for (const listener of this.listeners) listener.ended?.();
    this.listeners.clear();
  }
}

class ChangesIterator {
  constructor(atom, ref, signal) {
    this.keepsAlive = ref;
    this.waiting = [];
    this.news = false;
    this.value = undefined;
    this.done = false;
    this.listener = { f: (now) => this.push(now), referenced: false, ended: () => this.finish() };
    atom.watching ??= new Watching(atom);
    this.stop = atom.watching.add(this.listener);
    this.signal = signal;
    this.abort = () => this.finish();
    if (signal?.aborted) this.finish();
    else signal?.addEventListener("abort", this.abort, { once: true });
  }
  push(value) {
    const waiting = this.waiting.shift();
    if (waiting === undefined) {
      this.value = value;
      this.news = true;
      return;
    }
    if (this.waiting.length === 0) this.stop.unref();
    waiting({ value, done: false });
  }
  next() {
    if (this.news) {
      const { value } = this;
      this.news = false;
      this.value = undefined;
      return Promise.resolve({ value, done: false });
    }
    if (this.done) return Promise.resolve({ value: undefined, done: true });
    if (this.keepsAlive) this.stop.ref();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  finish() {
    if (this.done) return;
    this.done = true;
    this.news = false;
    this.value = undefined;
    this.signal?.removeEventListener("abort", this.abort);
    this.stop();
    for (const waiting of this.waiting.splice(0)) waiting({ value: undefined, done: true });
  }
  return(value) {
    this.finish();
    return Promise.resolve({ value, done: true });
  }
  /** Waiting does not keep the process alive. */
  unref() {
    this.keepsAlive = false;
    this.stop.unref();
    return this;
  }
  [Symbol.asyncIterator]() {
    return this;
  }
}

module.exports = { Atom, js };
