interface Named {
  /** All of the name, without a colon. */
  readonly text: string;
  /** The part before the slash, or null. */
  readonly namespace: string | null;
  /** The part behind the slash, or all of it. */
  readonly name: string;
  equals(other: unknown): boolean;
  toString(): string;
  toJSON(): string;
}
export interface Keyword extends Named {}
/** A keyword. Equal ones are the same object. */
export class Keyword {
  private constructor();
  static of(text: string | Keyword): Keyword;
  private readonly isKeyword: true;
}
export interface Symbol extends Named {}
/** A symbol of EDN. Equal ones are the same object. */
export class Symbol {
  private constructor();
  static of(text: string | Symbol): Symbol;
  private readonly isSymbol: true;
}
export class Uuid {
  /** From its 36 characters or its 16 bytes. */
  constructor(from: string | Uint8Array);
  static random(): Uuid;
  readonly text: string;
  readonly bytes: Uint8Array;
  equals(other: unknown): boolean;
  toString(): string;
  toJSON(): string;
}
/** A decimal number: unscaled · 10^-scale. */
export class Decimal {
  /** From text as "12.50" or "1.5e-7", or from an integer and the number of digits behind the point. */
  constructor(from: string);
  constructor(unscaled: bigint | number, scale?: number);
  readonly unscaled: bigint;
  readonly scale: number;
  equals(other: unknown): boolean;
  valueOf(): number;
  toString(): string;
  toJSON(): string;
}
/** A fraction, in its lowest terms. */
export class Ratio {
  constructor(numerator: bigint | number, denominator: bigint | number);
  readonly numerator: bigint;
  readonly denominator: bigint;
  equals(other: unknown): boolean;
  valueOf(): number;
  toString(): string;
  toJSON(): string;
}
/** A double even if it is whole, to be stored as one: it is read as a number, and numbers that are whole are stored as integers. */
export class Float {
  constructor(value: number);
  readonly value: number;
  equals(other: unknown): boolean;
  valueOf(): number;
  toString(): string;
  toJSON(): number;
}
/** A character of EDN, to be stored as one: it is read as a string. */
export class Char {
  /** From a string of one character. */
  constructor(text: string);
  readonly text: string;
  equals(other: unknown): boolean;
  toString(): string;
  toJSON(): string;
}
/** A tagged literal: `#tag value`. */
export class Tagged<T = any> {
  constructor(tag: string | Symbol, value: T);
  readonly tag: string;
  readonly value: T;
}

/** Everything that eve throws. */
export class EveError extends Error {
  /** What went wrong. */
  readonly kind:
    | "io"
    | "not-a-domain"
    | "full"
    | "corrupt"
    | "value"
    | "no-such-atom"
    | "read-only"
    | "forked"
    | "parse"
    | "counter-exhausted"
    | "released"
    | "stale"
    | "closed"
    | "not-built"
    | "not-loaded"
    | "defect"
    | "other";
  /** The way to a value that cannot be stored, or the file; empty if there is none. */
  readonly path: string;
  /** `EVE_` and the kind. */
  readonly code: string;
}

export {};
