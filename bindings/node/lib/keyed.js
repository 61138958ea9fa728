"use strict";

const { Collection } = require("./collection.js");
const { Changes, ABSENT } = require("./changes.js");
const { own, ownKey, ownIfStorable, canonical } = require("./own.js");
const encode = require("./encode.js");
const decode = require("./decode.js");
const read = require("./read.js");

/** What maps and sets have in common: a base, and changes over it by key. Each class says of how many parts an entry is: `each`. */
class Keyed extends Collection {
  /** Entries of the base. */
  count = 0;
  /** Changes over it, or null: by canonical key the key and its value, or `ABSENT`. */
  changes = null;
  /** Number of entries if it is known, else -1. */
  known = -1;
  /** That of the version before, if it was known, and what the last change put in the place of what: the size follows from it, should it be asked for. */
  prior = -1;
  was = undefined;
  now = undefined;

  constructor(s, low, high, count, changes) {
    super(s, low, high);
    this.count = count;
    this.changes = changes;
    if (changes === null) this.known = count;
  }
  /** With other changes over its base. */
  over(changes) {
    return new this.constructor(this.s, this.low, this.high, this.count, changes);
  }
  /** One of its class with nothing in it. */
  empty() {
    return new this.constructor(null, 0, 0, 0, Changes.empty());
  }
  copy() {
    const made = this.over(this.changes);
    made.known = this.known;
    made.prior = this.prior;
    made.was = this.was;
    made.now = this.now;
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  isUnchanged() {
    return this.changes === null || this.changes.own().size === 0;
  }
  /** Writes itself as a patch: whole if it has no base, else what is different. */
  writeChanges(out) {
    const changes = this.changes.own();
    const fresh = this.s === null;
    encode.u8(fresh ? this.kind : this.edit);
    if (!fresh) encode.place(this.s, this.low, this.high);
    Keyed.writeEntries(out, changes.size, changes.values(), this.each, fresh);
  }
  /** How many entries, and these: of a fresh collection or of changes. */
  static writeEntries(out, count, entries, each, fresh) {
    encode.u32(count);
    for (const { key, value } of entries) {
      encode.next(out, key);
      if (!fresh) encode.next(out, value === ABSENT ? encode.TAKEN_OUT : encode.SET_TO);
      if (each === 2 && value !== ABSENT) encode.next(out, value);
    }
  }
  /** Number of entries. */
  get size() {
    if (this.known < 0) {
      if (this.s === null) this.known = this.changes.own().size;
      else if (this.prior >= 0) this.known = this.prior + this.grown(this.was, this.now);
      else this.known = this.changes.list().reduce((size, entry) => size + this.grown(undefined, entry), this.count);
      this.was = this.now = undefined;
    }
    return this.known;
  }
  /** By how many entries a change over the base makes it larger; `was`: the change of the same key before, if there was one. */
  grown(was, { key, value }) {
    const before = was === undefined ? read.get(this.s, this.low, this.high, key) !== undefined : was.value !== ABSENT;
    return Number(value !== ABSENT) - Number(before);
  }
  /** What is stored under a key, or `undefined`. */
  find(key) {
    if (typeof key === "function" || typeof key === "symbol") return undefined;
    if (typeof key === "object" && (key = ownIfStorable(key)) === undefined) return undefined;
    if (this.changes !== null) {
      const change = this.changes.own().get(canonical(key));
      if (change !== undefined) return change.value === ABSENT ? undefined : change.value;
    }
    return this.s === null ? undefined : read.get(this.s, this.low, this.high, key);
  }
  has(key) {
    return this.find(key) !== undefined;
  }
  /** With an entry under a canonical key; `undefined` takes a change back. */
  changed(change, entry) {
    const changes = this.changes ?? Changes.empty();
    const made = this.over(changes.with(change, entry));
    if (this.s !== null && this.known >= 0) {
      made.prior = this.known;
      made.was = changes.entry;
      made.now = entry;
    }
    made.hasMeta = this.hasMeta;
    made.m = this.m;
    return made;
  }
  /** With what it is going to have under a key. */
  with(key, value) {
    const mine = ownKey(key);
    return this.changed(canonical(mine), { key: mine, value: own(value) });
  }
  /** Without a key. */
  delete(key) {
    if ((key = ownIfStorable(key)) === undefined) return this;
    const change = canonical(key);
    if (this.s !== null) return this.changed(change, { key: ownKey(key), value: ABSENT });
    return this.changes.own().has(change) ? this.changed(change, undefined) : this;
  }
  /** Nothing in it, with the same metadata. */
  clear() {
    const made = this.empty();
    made.m = this.meta ?? undefined;
    return made;
  }
  /** The parts of all entries in a row. */
  *parts() {
    const { changes, each } = this;
    if (this.s !== null) {
      // Under changes keys are read exactly: an integer and a double that JavaScript takes for the same may both be there.
      for (const chunk of read.walk(this.s, this.low, this.high, each, changes !== null)) {
        for (let i = 0; i < chunk.length; i += each) {
          if (changes === null) yield chunk[i];
          else if (changes.own().has(canonical(chunk[i]))) continue;
          else yield decode.inexact(chunk[i]);
          if (each === 2) yield chunk[i + 1];
        }
      }
    }
    if (changes === null) return;
    for (const { key, value } of changes.list()) {
      if (value === ABSENT) continue;
      yield decode.inexact(key);
      if (each === 2) yield value;
    }
  }
}

module.exports = { Keyed };
