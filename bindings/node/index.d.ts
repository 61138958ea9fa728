// One module for users; what is in it is in `types/`.
export * from "./types/values.js";
export * from "./types/scalars.js";
export * from "./types/collections.js";
export * from "./types/ordered.js";
export * from "./types/typed.js";
export * from "./types/atoms.js";
export * from "./types/domains.js";
import { Keyword, Symbol } from "./types/scalars.js";
import { Stored } from "./types/values.js";

/** The keyword of this name, without a colon. */
export function kw(text: string | Keyword): Keyword;
/** The symbol of this name. */
export function sym(text: string | Symbol): Symbol;
/** A value of eve from plain objects, arrays, Maps and Sets. */
export function from<T>(value: T): Stored<T>;
/** Are two values equal, as Clojure's `=` has it? */
export function equals(a: unknown, b: unknown): boolean;
/** A value as EDN: `edn.stringify` without options. */
export function toEDN(value: unknown): string;

export interface ParseOptions {
  /** Whole doubles and characters become `Float`s and `Char`s, which are stored as what they are, instead of numbers and strings. */
  exact?: boolean;
}
/** EDN as text. */
export const edn: {
  /** The value that the text holds. Throws an `EveError` of the kind `parse`, with line and column, if it holds none or more than one. */
  parse(text: string, options?: ParseOptions): any;
  /** All values that the text holds. */
  parseAll(text: string, options?: ParseOptions): any[];
  /** A value as EDN, which reads back equal: on one line or, with `pretty`, on lines for people. `meta: false` leaves metadata out. */
  stringify(value: unknown, options?: { pretty?: boolean; meta?: boolean }): string;
};
