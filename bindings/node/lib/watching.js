"use strict";
// Who hears of the commits of an atom: functions that are called, and async iterators.

const { native } = require("./addon.js");
const { frame, call } = require("./frame.js");

/** The watches of one atom in this thread: one thread of the addon for all of them. */
class Watching {
  constructor(atom) {
    this.atom = atom;
    this.listeners = new Set();
    this.referenced = 0;
    /** How often something new was told. */
    this.round = 0;
    this.seen = atom.version;
    this.value = atom.deref();
    frame.head[0] = atom.number();
    call(native.watch, () => this.changed());
    this.at = frame.head[0];
    // What was committed between the two calls above.
    if (atom.version !== this.seen) setImmediate(() => this.changed()).unref();
  }
  add(listener) {
    listener.known = this.value;
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
      if (this.value === undefined) return; // that was told already
      now = undefined; // removed
    }
    this.seen = version;
    this.value = now;
    this.round += 1;
    const { round } = this;
    for (const listener of [...this.listeners]) {
      // One before it may have changed the atom: then all have heard of a newer value by now, and what is told now would be old. Or it may have stopped this one.
      if (this.round !== round) return;
      if (!this.listeners.has(listener)) continue;
      const before = listener.known;
      listener.known = now;
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

module.exports = { Watching, ChangesIterator };
