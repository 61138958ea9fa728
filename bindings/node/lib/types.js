"use strict";
// The values of EDN that JavaScript has no type for. All of them are immutable, and compare with `equals`.

const { inspect } = require("node:util");
const { EveError } = require("./error.js");
const { isBytes } = require("./realms.js");

const WEAK_EVERY = 4096;

/** One object for each name, as long as somebody has it, so that `===` compares. */
class Interned {
  constructor(make) {
    this.make = make;
    this.known = new Map();
    this.sweepAt = WEAK_EVERY;
  }
  get(text) {
    const found = this.known.get(text)?.deref();
    if (found !== undefined) return found;
    if (this.known.size >= this.sweepAt) this.sweep();
    const made = this.make(text);
    this.known.set(text, new WeakRef(made));
    return made;
  }
  sweep() {
    for (const [text, ref] of this.known) if (ref.deref() === undefined) this.known.delete(text);
    this.sweepAt = this.known.size * 2 + WEAK_EVERY;
  }
}

const token = {};

function checked(text, what) {
  if (typeof text !== "string" || text.length === 0 || !text.isWellFormed()) {
    throw new EveError("value", `the name of a ${what} is a string that is not empty and has no lone surrogates`);
  }
  return text;
}

function split(text) {
  const slash = text.length > 1 ? text.indexOf("/") : -1;
  return slash > 0 ? [text.slice(0, slash), text.slice(slash + 1)] : [null, text];
}

/** A value of EDN that is no collection, as JavaScript has no type for it. */
class Scalar {}

class Named extends Scalar {
  constructor(text, mine) {
    if (mine !== token) throw new EveError("value", `use ${new.target.name}.of(name)`);
    super();
    this.text = text;
    Object.freeze(this);
  }
  /** The part before the slash, or null. */
  get namespace() {
    return split(this.text)[0];
  }
  /** The part behind the slash, or all of it. */
  get name() {
    return split(this.text)[1];
  }
  equals(other) {
    return this === other;
  }
  toJSON() {
    return this.text;
  }
}

class Keyword extends Named {
  static of(text) {
    return text instanceof Keyword ? text : keywords.get(checked(text, "keyword"));
  }
  toString() {
    return `:${this.text}`;
  }
  [inspect.custom](_depth, options) {
    return options.stylize(`:${this.text}`, "symbol");
  }
}

class EveSymbol extends Named {
  static of(text) {
    return text instanceof EveSymbol ? text : symbols.get(checked(text, "symbol"));
  }
  toString() {
    return this.text;
  }
  [inspect.custom](_depth, options) {
    return options.stylize(`'${this.text}`, "symbol");
  }
}
Object.defineProperty(EveSymbol, "name", { value: "Symbol" });

const keywords = new Interned((text) => new Keyword(text, token));
const symbols = new Interned((text) => new EveSymbol(text, token));

/** The keyword of this name: `kw("a/b")` is `:a/b`. */
function kw(text) {
  return Keyword.of(text);
}

/** The symbol of this name. */
function sym(text) {
  return EveSymbol.of(text);
}

class Uuid extends Scalar {
  /** From its 36 characters or its 16 bytes. */
  constructor(from) {
    super();
    if (typeof from === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(from)) {
      this.text = from.toLowerCase();
    } else if (isBytes(from) && from.length === 16) {
      const hex = Buffer.from(from).toString("hex");
      this.text = [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([a, b]) => hex.slice(a, b)).join("-");
    } else {
      throw new EveError("value", "a uuid is made from its 36 characters or its 16 bytes");
    }
    Object.freeze(this);
  }
  static random() {
    return new Uuid(require("node:crypto").randomUUID());
  }
  get bytes() {
    return new Uint8Array(Buffer.from(this.text.replaceAll("-", ""), "hex"));
  }
  equals(other) {
    return other instanceof Uuid && other.text === this.text;
  }
  toString() {
    return this.text;
  }
  toJSON() {
    return this.text;
  }
  [inspect.custom](_depth, options) {
    return options.stylize(`#uuid "${this.text}"`, "special");
  }
}

class Decimal extends Scalar {
  /** From text as "12.50" or "1.5e-7", or from an integer and the number of digits behind the point. */
  constructor(from, scale = 0) {
    super();
    if (typeof from === "string") {
      const parts = /^([+-]?\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?M?$/.exec(from);
      if (parts === null) throw new EveError("value", `not a decimal number: ${from}`);
      const digits = parts[2] ?? "";
      this.unscaled = BigInt(parts[1] + digits);
      this.scale = digits.length - Number(parts[3] ?? 0);
    } else {
      this.unscaled = integer(from, "Decimal");
      this.scale = scale;
    }
    if (!Number.isInteger(this.scale) || Math.abs(this.scale) > 0x7fffffff) {
      throw new EveError("value", "a decimal number has at most 2^31 digits behind the point");
    }
    Object.freeze(this);
  }
  /** The value without trailing zeros: equal decimals have equal ones. */
  get canonical() {
    let { unscaled, scale } = this;
    if (unscaled === 0n) return "0e0";
    while (unscaled % 10n === 0n) {
      unscaled /= 10n;
      scale -= 1;
    }
    return `${unscaled}e${-scale}`;
  }
  equals(other) {
    return other instanceof Decimal && other.canonical === this.canonical;
  }
  valueOf() {
    return Number(this.toString());
  }
  toString() {
    const negative = this.unscaled < 0n;
    const digits = (negative ? -this.unscaled : this.unscaled).toString();
    let text;
    if (this.scale === 0) text = digits;
    else if (this.scale < 0 || this.scale > digits.length + 20) text = `${digits}e${-this.scale}`;
    else {
      const padded = digits.padStart(this.scale + 1, "0");
      text = `${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`;
    }
    return negative ? `-${text}` : text;
  }
  toJSON() {
    return this.toString();
  }
  [inspect.custom](_depth, options) {
    return options.stylize(`${this}M`, "number");
  }
}

/** A double that is one even if it is whole: what is read as a number, and would be stored as an integer. */
class Float extends Scalar {
  constructor(value) {
    super();
    if (typeof value !== "number") throw new EveError("value", "a Float is made from a number");
    this.value = value;
    Object.freeze(this);
  }
  equals(other) {
    return other instanceof Float ? Object.is(other.value, this.value) : other === this.value && !Number.isSafeInteger(other);
  }
  valueOf() {
    return this.value;
  }
  toString() {
    return Number.isInteger(this.value) && Math.abs(this.value) < 1e21 ? this.value.toFixed(1) : String(this.value);
  }
  toJSON() {
    return this.value;
  }
  [inspect.custom](_depth, options) {
    return options.stylize(this.toString(), "number");
  }
}

/** A character, as Clojure has them: what is read as a string of one character, and would be stored as one. */
class Char extends Scalar {
  constructor(text) {
    super();
    if (typeof text !== "string" || (text.length !== 1 && [...text].length !== 1)) {
      throw new EveError("value", "a Char is made from a string of one character");
    }
    this.text = text;
    Object.freeze(this);
  }
  equals(other) {
    return other instanceof Char && other.text === this.text;
  }
  toString() {
    return this.text;
  }
  toJSON() {
    return this.text;
  }
  [inspect.custom](_depth, options) {
    return options.stylize(`\\${this.text}`, "string");
  }
}

function integer(value, of) {
  try {
    return BigInt(value);
  } catch {
    throw new EveError("value", `a ${of} is made from integers, not ${inspect(value, { depth: 0 })}`);
  }
}

function gcd(a, b) {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

class Ratio extends Scalar {
  /** A fraction, brought to its lowest terms. */
  constructor(numerator, denominator) {
    super();
    let [n, d] = [integer(numerator, "Ratio"), integer(denominator, "Ratio")];
    if (d === 0n) throw new EveError("value", "the denominator of a ratio is not zero");
    const by = gcd(n, d) * (d < 0n ? -1n : 1n);
    this.numerator = n / by;
    this.denominator = d / by;
    Object.freeze(this);
  }
  equals(other) {
    return other instanceof Ratio && other.numerator === this.numerator && other.denominator === this.denominator;
  }
  valueOf() {
    return Number(this.numerator) / Number(this.denominator);
  }
  toString() {
    return `${this.numerator}/${this.denominator}`;
  }
  toJSON() {
    return this.toString();
  }
  [inspect.custom](_depth, options) {
    return options.stylize(this.toString(), "number");
  }
}

/** An instant finer than milliseconds: a date with the nanoseconds below them, as it is read where nothing may be lost. */
class Instant extends Date {
  constructor(time, nanos) {
    super(time);
    this.nanos = nanos;
  }
}

class Tagged {
  /** `#tag value`; the tag without the `#`. */
  constructor(tag, value) {
    this.tag = checked(tag instanceof EveSymbol ? tag.text : tag, "tag");
    this.value = value;
    Object.freeze(this);
  }
  [inspect.custom](depth, options) {
    return `#${this.tag} ${inspect(this.value, { ...options, depth: depth - 1 })}`;
  }
}

module.exports = { Scalar, Keyword, EveSymbol, Uuid, Decimal, Ratio, Float, Char, Instant, Tagged, kw, sym };
