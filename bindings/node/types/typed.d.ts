import { TypedArray } from "./values.js";

/** The types of the elements of typed arrays and of the fields of typed objects. */
export type ElementType = "int8" | "uint8" | "uint8-clamped" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "float32" | "float64";

/**
 * A typed array: numbers of one type that all threads and processes which have it read and change in place, each change of one element at once. Not a
 * version: a change is seen by all who hold it, in whatever version. 64-bit integers beyond what is safe are `bigint`s.
 */
export class EveArray {
  private constructor();
  /** From a typed array of JavaScript, which is copied. */
  static from(array: TypedArray): EveArray;
  static from(type: ElementType, numbers: Iterable<number | bigint>): EveArray;
  static zeros(type: ElementType, length: number): EveArray;
  readonly type: ElementType;
  readonly length: number;
  readonly size: number;
  /** An element; a negative index counts from the end, and where there is nothing it is `undefined`. */
  at(index: number): any;
  /** As `at`. */
  get(index: number): any;
  /** Sets an element; here and below a negative index counts from the end, too. */
  set(index: number, value: number | bigint): this;
  /** Sets an element; what was there before. */
  exchange(index: number, value: number | bigint): any;
  /** Sets an element if it is what is expected; what was there before. */
  compareExchange(index: number, expected: number | bigint, value: number | bigint): any;
  /** Adds to an element; what was there before. What does not fit wraps around (clamped ones stop). */
  add(index: number, value: number | bigint): any;
  sub(index: number, value: number | bigint): any;
  and(index: number, value: number | bigint): any;
  or(index: number, value: number | bigint): any;
  xor(index: number, value: number | bigint): any;
  /** Sleeps until somebody notifies the element, unless it is not what is expected. For int32 and uint32; milliseconds. The thread does nothing else meanwhile. */
  wait(index: number, expected: number, timeout?: number): "ok" | "not-equal" | "timed-out";
  /** Wakes those who wait for an element; how many. Change it first: who waits looks up now and then, and may miss a notification without a change. */
  notify(index: number, most?: number): number;
  /** Elements as a typed array of JavaScript: a copy. */
  toTypedArray(from?: number, to?: number): any;
  /** Writes numbers from an index on: not all at once for others. */
  setAll(numbers: Iterable<number | bigint>, at?: number): this;
  fill(value: number | bigint, from?: number, to?: number): this;
  values(): IterableIterator<any>;
  equals(other: unknown): boolean;
  toJS(): any;
  toJSON(): (number | string)[];
  toString(): string;
  [Symbol.iterator](): IterableIterator<any>;
  /** As `at` and `set`. */
  [index: number]: any;
}

/** The fields of typed objects with their types, in their order. */
export interface Fields {
  readonly [field: string]: ElementType;
}
/** The numbers of a type, as they are read. */
export type NumberOf<T extends ElementType> = [ElementType] extends [T] ? any : T extends "int64" ? number | bigint : number;
type Names<F extends Fields> = Extract<keyof F, string>;
/** What is given for the fields; those left out are zero. */
type Given<F extends Fields> = { readonly [field in Names<F>]?: number | bigint };
type Row<F extends Fields> = { [field in Names<F>]: NumberOf<F[field]> };
type Entry<F extends Fields> = { [field in Names<F>]: [field, NumberOf<F[field]>] }[Names<F>];

/** A typed object: fields that hold numbers, and are changed in place by all who have it. */
export class EveObject<F extends Fields = Fields> {
  private constructor();
  /** Of fields and their first values, zero where there is none. */
  static from<F extends Fields>(fields: F, values?: Given<F>): EveObject<F>;
  readonly fields: { [field in Names<F>]: F[field] };
  readonly size: number;
  get<N extends Names<F>>(field: N): NumberOf<F[N]>;
  has(field: string): boolean;
  set(field: Names<F>, value: number | bigint): this;
  exchange<N extends Names<F>>(field: N, value: number | bigint): NumberOf<F[N]>;
  compareExchange<N extends Names<F>>(field: N, expected: number | bigint, value: number | bigint): NumberOf<F[N]>;
  add<N extends Names<F>>(field: N, value: number | bigint): NumberOf<F[N]>;
  sub<N extends Names<F>>(field: N, value: number | bigint): NumberOf<F[N]>;
  keys(): IterableIterator<Names<F>>;
  entries(): IterableIterator<Entry<F>>;
  equals(other: unknown): boolean;
  toJS(): Row<F>;
  toJSON(): { [field in Names<F>]: number | string };
  toString(): string;
  [Symbol.iterator](): IterableIterator<Entry<F>>;
}

/** An array of typed objects of one shape, stored field by field. */
export class EveRecords<F extends Fields = Fields> {
  private constructor();
  /** Of fields, and objects with their values or how many there are, all zero. */
  static from<F extends Fields>(fields: F, rows: number | Iterable<Given<F>>): EveRecords<F>;
  readonly fields: { [field in Names<F>]: F[field] };
  readonly length: number;
  readonly size: number;
  /** One of the objects, to be changed in place; a negative index counts from the end. */
  at(index: number): EveObject<F> | undefined;
  /** As `at`. */
  get(index: number): EveObject<F> | undefined;
  /** The values of one field, to be changed in place. */
  column(field: Names<F>): EveArray;
  equals(other: unknown): boolean;
  toJS(): Row<F>[];
  toJSON(): { [field in Names<F>]: number | string }[];
  toString(): string;
  [Symbol.iterator](): IterableIterator<EveObject<F>>;
  readonly [index: number]: EveObject<F>;
}

export {};
