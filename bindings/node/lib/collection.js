"use strict";

const { inspect } = require("node:util");
const { EveError, shownOr } = require("./error.js");
const { own } = require("./own.js");
const { plain, js, json, use_toJS } = require("./plain.js");
const { anyFromEnd } = require("./indices.js");
const { keysOf } = require("./options.js");
const encode = require("./encode.js");
const read = require("./read.js");

/**
 * What the collections have in common. Each is a base in a snapshot (`s`, and the word in `low` and `high`; none if `s` is null) with
 * changes over it, and perhaps other metadata (`m`; undefined: the base's). None of them is ever changed.
 */
class Collection {
  clone = use_toJS;
  s = null;
  low = 0;
  high = 0;
  m = undefined;
  /** Has the base metadata? */
  hasMeta = false;

  constructor(s, low, high) {
    read.checkMade(new.target, s, low);
    this.s = s;
    this.low = low;
    this.high = high;
  }
  /** Is it as it lies in the snapshot? */
  get isView() {
    return this.s !== null && this.m === undefined && this.isUnchanged();
  }
  /** Writes itself as a patch, see encode.js. */
  write(out) {
    if (this.m !== undefined) {
      encode.u8(20);
      const bare = this.copy();
      bare.m = undefined;
      out.push(this.m, bare);
    } else if (this.s !== null && this.isUnchanged()) {
      encode.u8(21);
      encode.place(this.s, this.low, this.high);
    } else this.writeChanges(out);
  }
  /** Equal, as Clojure's `=` has it. */
  equals(other) {
    return read.same(this, other);
  }
  /** What lies under a path of keys; `undefined` if there is nothing. */
  getIn(path) {
    const keys = keysOf(path, "getIn");
    // The addon looks keys up as they are: what is counted from the end is found here.
    if (this.isView && keys.length > 0 && !anyFromEnd(keys)) return read.getIn(this.s, this.low, this.high, keys);
    let at = this;
    for (const key of keys) {
      if (at === null || at === undefined || typeof at.look !== "function") return undefined;
      at = at.look(key);
    }
    return at;
  }
  /** With `value` at the end of a path; maps are made where there is nothing. */
  setIn(path, value) {
    return this.updateIn(keysOf(path, "setIn"), () => value);
  }
  /** With what `f` makes of what lies at the end of a path. */
  updateIn(path, f) {
    const keys = keysOf(path, "updateIn");
    if (keys.length === 0) return own(f(this));
    const levels = [this];
    for (let i = 0; i + 1 < keys.length; i++) levels.push(child(levels[i], keys[i]));
    let made = f(levels[keys.length - 1].look(keys[keys.length - 1]));
    for (let i = keys.length - 1; i >= 0; i--) made = levels[i].put(keys[i], made);
    return made;
  }
  /** Its metadata, or null. */
  get meta() {
    if (this.m !== undefined) return this.m;
    return this.s === null || !this.hasMeta ? null : (read.meta(this.s, this.low, this.high) ?? null);
  }
  /** The same with other metadata: a map, or null for none. */
  withMeta(meta) {
    const mine = own(meta);
    if (mine !== null && mine.isMap !== true) {
      throw new EveError("value", `metadata is a map (an object, a Map, an EveMap) or null, not ${inspect(meta, { depth: 0 })}`);
    }
    const made = this.copy();
    made.m = mine;
    return made;
  }
  /** As plain objects, arrays, Maps and Sets. */
  toJS() {
    return plain(this, js);
  }
  toJSON() {
    return plain(this, json);
  }
  /** As EDN. */
  toString() {
    return read.print(this);
  }
  [inspect.custom](depth, options) {
    return shownOr(this, options, () => this.shown(depth, options));
  }
  shown(depth, options) {
    const title = `${this.constructor.name}(${this.size})`;
    if (depth !== null && depth < 0) return options.stylize(`[${title}]`, "special");
    const most = options.maxArrayLength ?? 100;
    const shown = this.sample(Math.min(most, this.size));
    const left = this.size - (shown.size ?? shown.length);
    // An array shows no title of its own.
    const text = inspect(shown, { ...options, depth, maxArrayLength: null }).replace(/^(Map|Set)\(\d+\) /, "");
    const more = left > 0 ? text.replace(/\s*([\]}])$/, `${left < this.size ? "," : ""} ... ${left} more $1`) : text;
    return `${title} ${more}`;
  }
}
const maps = { empty: null };

function child(collection, key) {
  const found = collection.look(key);
  if (found === undefined || found === null) return maps.empty();
  if (typeof found.put === "function") return found;
  throw new EveError("value", `there is a value without keys under ${String(key)}`, String(key));
}

module.exports = { Collection, maps };
