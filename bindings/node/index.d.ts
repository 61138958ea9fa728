/// <reference lib="esnext.disposable" />

/** A value that is no collection, as it is read. */
export type Scalar = null | boolean | number | bigint | string | Keyword | Symbol | Date | Uint8Array | Uuid | Decimal | Ratio;
/** Any value, as it is read. */
export type Value = Scalar | Tagged | EveMap | EveVector | EveSet | EveList | EveArray | EveObject | EveRecords;
/** What can be stored. */
export type Storable =
  | Scalar
  | Float
  | Char
  | undefined
  | ArrayBuffer
  | TypedArray
  | EveArray
  | EveObject
  | EveRecords
  | Tagged<any>
  | EveMap<any, any>
  | EveVector<any>
  | EveSet<any>
  | EveList<any>
  | readonly Storable[]
  | ReadonlyMap<Storable, Storable>
  | ReadonlySet<Storable>
  | { readonly [key: string]: Storable };

type Collected = EveMap<any, any> | EveVector<any> | EveSet<any> | EveList<any> | EveArray | EveObject<any> | EveRecords<any> | Tagged<any>;
/** What is stored as an array of its type; a `Uint8Array` is bytes. */
export type TypedArray = Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | Float32Array | Float64Array;

/** How a value that goes in as `T` is read. */
export type Stored<T> = [T] extends [never]
  ? never
  : T extends undefined
    ? null
    : T extends boolean
      ? boolean
      : T extends number
        ? number
        : T extends bigint
          ? bigint
          : T extends string
            ? string
            : T extends Float
              ? number
              : T extends Char
                ? string
                : T extends ArrayBuffer
              ? Uint8Array
              : T extends Scalar | Collected
                ? T
                : T extends TypedArray
                ? EveArray
                : T extends readonly (infer E)[]
                  ? EveVector<Stored<E>>
                  : T extends ReadonlyMap<infer K, infer V>
                    ? EveMap<Stored<K>, Stored<V>>
                    : T extends ReadonlySet<infer E>
                      ? EveSet<Stored<E>>
                      : T extends object
                        ? EveMap<string, Stored<T[keyof T]>>
                        : T;

/** What may be given where a `T` is stored: itself, or the arrays, objects, Maps and Sets that become one. */
export type Input<T> =
  | T
  | (T extends EveMap<infer K, infer V>
      ? ReadonlyMap<Input<K>, Input<V>> | (string extends K ? { readonly [key: string]: Input<V> } : never)
      : T extends EveVector<infer E>
        ? readonly Input<E>[]
        : T extends EveSet<infer E>
          ? ReadonlySet<Input<E>>
          : T extends null
            ? null | undefined
            : never);

/** What the collections have in common. None of them is ever changed: what would change it returns another. */
interface Collection {
  readonly size: number;
  /** Its metadata, or null. */
  readonly meta: EveMap | null;
  /** The same with other metadata, or with none for null. */
  withMeta(meta: EveMap | { readonly [key: string]: Storable } | null): this;
  /** Equal, as Clojure's `=` has it. */
  equals(other: unknown): boolean;
  /** What lies under a path of keys; `undefined` if there is nothing. */
  getIn(path: Iterable<Storable>): any;
  /** With `value` at the end of a path; maps are made where there is nothing. */
  setIn(path: Iterable<Storable>, value: Storable): this;
  /** With what `f` makes of what lies at the end of a path. */
  updateIn(path: Iterable<Storable>, f: (value: any) => Storable): this;
  /** As plain objects, arrays, Maps and Sets. */
  toJS(): any;
  toJSON(): any;
  /** As EDN. */
  toString(): string;
}

export interface EveMap<K = any, V = any> extends Collection, Iterable<[K, V]> {}
/** A map: reads like a `Map`. */
export class EveMap<K = any, V = any> {
  protected constructor();
  static from<K, V>(entries: Iterable<readonly [K, V]>): EveMap<Stored<K>, Stored<V>>;
  static from<V>(object: { readonly [key: string]: V }): EveMap<string, Stored<V>>;
  static of<K, V>(...entries: (readonly [K, V])[]): EveMap<Stored<K>, Stored<V>>;
  get(key: Input<K>): V | undefined;
  has(key: Input<K>): boolean;
  set(key: Input<K>, value: Input<V>): EveMap<K, V>;
  delete(key: Input<K>): EveMap<K, V>;
  update(key: Input<K>, f: (value: V | undefined) => Input<V>): EveMap<K, V>;
  merge(
    ...others: (Iterable<readonly [Input<K>, Input<V>]> | { readonly [key: string]: Input<V> } | null | undefined)[]
  ): EveMap<K, V>;
  clear(): EveMap<K, V>;
  keys(): IterableIterator<K>;
  values(): IterableIterator<V>;
  entries(): IterableIterator<[K, V]>;
  forEach(f: (value: V, key: K, map: EveMap<K, V>) => void, self?: unknown): void;
  [globalThis.Symbol.iterator](): IterableIterator<[K, V]>;
}

interface Sequence<T> extends Collection, Iterable<T> {
  readonly length: number;
  /** An element, by index. */
  readonly [index: number]: T;
  /** An element; a negative index counts from the end. */
  at(index: number): T | undefined;
  keys(): IterableIterator<number>;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[number, T]>;
  forEach(f: (element: T, index: number, all: this) => void, self?: unknown): void;
  map<U>(f: (element: T, index: number, all: this) => U, self?: unknown): U[];
  flatMap<U>(f: (element: T, index: number, all: this) => U | readonly U[], self?: unknown): U[];
  filter<U extends T>(f: (element: T, index: number, all: this) => element is U, self?: unknown): U[];
  filter(f: (element: T, index: number, all: this) => unknown, self?: unknown): T[];
  reduce(f: (result: T, element: T, index: number, all: this) => T): T;
  reduce<U>(f: (result: U, element: T, index: number, all: this) => U, first: U): U;
  find(f: (element: T, index: number, all: this) => unknown, self?: unknown): T | undefined;
  findIndex(f: (element: T, index: number, all: this) => unknown, self?: unknown): number;
  some(f: (element: T, index: number, all: this) => unknown, self?: unknown): boolean;
  every(f: (element: T, index: number, all: this) => unknown, self?: unknown): boolean;
  indexOf(value: Input<T>): number;
  includes(value: Input<T>): boolean;
  join(separator?: string): string;
  toArray(): T[];
}

export interface EveVector<T = any> extends Sequence<T> {}
/** A vector: reads like an array, by index too. */
export class EveVector<T = any> {
  private constructor();
  static from<T>(elements: Iterable<T>): EveVector<Stored<T>>;
  static of<T>(...elements: T[]): EveVector<Stored<T>>;
  get(index: number): T | undefined;
  /** With another element at an index; one behind the last is appended. */
  with(index: number, value: Input<T>): EveVector<T>;
  set(index: number, value: Input<T>): EveVector<T>;
  update(index: number, f: (value: T | undefined) => Input<T>): EveVector<T>;
  push(...elements: Input<T>[]): EveVector<T>;
  concat(...others: (Iterable<Input<T>> | Input<T>)[]): EveVector<T>;
  /** Without the last element. */
  pop(): EveVector<T>;
  /** Its first `length` elements. */
  truncate(length: number): EveVector<T>;
  slice(from?: number, to?: number): EveVector<T>;
  [globalThis.Symbol.iterator](): IterableIterator<T>;
}

export interface EveList<T = any> extends Sequence<T> {}
/** A list: elements are put before the first, and taken from there. */
export class EveList<T = any> {
  private constructor();
  static from<T>(elements: Iterable<T>): EveList<Stored<T>>;
  static of<T>(...elements: T[]): EveList<Stored<T>>;
  readonly first: T | undefined;
  readonly rest: EveList<T>;
  prepend(element: Input<T>): EveList<T>;
  slice(from?: number, to?: number): EveList<T>;
  [globalThis.Symbol.iterator](): IterableIterator<T>;
}

export interface EveSet<T = any> extends Collection, Iterable<T> {}
/** A set: reads like a `Set`. */
export class EveSet<T = any> {
  protected constructor();
  static from<T>(elements: Iterable<T>): EveSet<Stored<T>>;
  static of<T>(...elements: T[]): EveSet<Stored<T>>;
  has(element: Input<T>): boolean;
  add(element: Input<T>): EveSet<T>;
  delete(element: Input<T>): EveSet<T>;
  union(...others: Iterable<Input<T>>[]): EveSet<T>;
  intersection(other: Iterable<Input<T>>): EveSet<T>;
  difference(...others: Iterable<Input<T>>[]): EveSet<T>;
  isSubsetOf(other: Iterable<Input<T>>): boolean;
  keys(): IterableIterator<T>;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[T, T]>;
  forEach(f: (element: T, same: T, set: EveSet<T>) => void, self?: unknown): void;
  [globalThis.Symbol.iterator](): IterableIterator<T>;
}

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
  get(index: number): any;
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
  /** Wakes those who wait for an element; how many. */
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
  [globalThis.Symbol.iterator](): IterableIterator<any>;
}

/** A typed object: fields that hold numbers, and are changed in place by all who have it. */
export class EveObject<F extends string = string> {
  private constructor();
  /** Of fields and their first values, zero where there is none. */
  static from<F extends string>(fields: { readonly [field in F]: ElementType }, values?: { readonly [field in F]?: number | bigint }): EveObject<F>;
  readonly fields: { [field in F]: ElementType };
  readonly size: number;
  get(field: F): any;
  has(field: string): boolean;
  set(field: F, value: number | bigint): this;
  exchange(field: F, value: number | bigint): any;
  compareExchange(field: F, expected: number | bigint, value: number | bigint): any;
  add(field: F, value: number | bigint): any;
  sub(field: F, value: number | bigint): any;
  keys(): IterableIterator<F>;
  entries(): IterableIterator<[F, any]>;
  equals(other: unknown): boolean;
  toJS(): { [field in F]: any };
  toJSON(): { [field in F]: number | string };
  toString(): string;
  [globalThis.Symbol.iterator](): IterableIterator<[F, any]>;
}

/** An array of typed objects of one shape, stored field by field. */
export class EveRecords<F extends string = string> {
  private constructor();
  /** Of fields, and objects with their values or how many there are, all zero. */
  static from<F extends string>(
    fields: { readonly [field in F]: ElementType },
    rows: number | Iterable<{ readonly [field in F]?: number | bigint }>,
  ): EveRecords<F>;
  readonly fields: { [field in F]: ElementType };
  readonly length: number;
  readonly size: number;
  /** One of the objects, to be changed in place; a negative index counts from the end. */
  at(index: number): EveObject<F> | undefined;
  get(index: number): EveObject<F> | undefined;
  /** The values of one field, to be changed in place. */
  column(field: F): EveArray;
  equals(other: unknown): boolean;
  toJS(): { [field in F]: any }[];
  toJSON(): { [field in F]: number | string }[];
  toString(): string;
  [globalThis.Symbol.iterator](): IterableIterator<EveObject<F>>;
}

export interface RangeOptions {
  /** From the greater key down to the less. */
  descending?: boolean;
  /** With what is under the first key itself (true). */
  fromInclusive?: boolean;
  /** With what is under the last key itself (false). */
  toInclusive?: boolean;
}
interface InOrder<K, E> {
  /** The first entry or element, or `undefined`. */
  readonly first: E | undefined;
  readonly last: E | undefined;
  /** From the last to the first. */
  descending(): IterableIterator<E>;
  /** From one key on, up to but not including another; `undefined` is the end. */
  range(from?: Input<K>, to?: Input<K>, options?: RangeOptions): IterableIterator<E>;
}
export interface EveSortedMap<K = any, V = any> extends InOrder<K, [K, V]> {}
/** A map that is gone through in the order of its keys. */
export class EveSortedMap<K = any, V = any> extends EveMap<K, V> {
  static from<K, V>(entries: Iterable<readonly [K, V]>): EveSortedMap<Stored<K>, Stored<V>>;
  static from<V>(object: { readonly [key: string]: V }): EveSortedMap<string, Stored<V>>;
  static of<K, V>(...entries: (readonly [K, V])[]): EveSortedMap<Stored<K>, Stored<V>>;
  set(key: Input<K>, value: Input<V>): EveSortedMap<K, V>;
  delete(key: Input<K>): EveSortedMap<K, V>;
}
/** A map whose keys are integers of 64 bits, in their order. */
export interface EveIntMap<V = any> extends EveMap<number | bigint, V>, InOrder<number | bigint, [number | bigint, V]> {
  set(key: number | bigint, value: Input<V>): EveIntMap<V>;
  delete(key: number | bigint): EveIntMap<V>;
}
export const EveIntMap: Function & {
  readonly prototype: EveIntMap<any>;
  from<V>(entries: Iterable<readonly [number | bigint, V]>): EveIntMap<Stored<V>>;
  of<V>(...entries: (readonly [number | bigint, V])[]): EveIntMap<Stored<V>>;
};
export interface EveSortedSet<T = any> extends InOrder<T, T> {}
/** A set that is gone through in the order of its elements. */
export class EveSortedSet<T = any> extends EveSet<T> {
  static from<T>(elements: Iterable<T>): EveSortedSet<Stored<T>>;
  static of<T>(...elements: T[]): EveSortedSet<Stored<T>>;
  add(element: Input<T>): EveSortedSet<T>;
  delete(element: Input<T>): EveSortedSet<T>;
}

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

/** Ends a watch. */
export interface Stop {
  (): void;
  /** Keeps the process alive from now on. */
  ref(): Stop;
  /** Does not keep the process alive (as from the start). */
  unref(): Stop;
  [globalThis.Symbol.dispose](): void;
}

export interface Changes<T> extends AsyncIterableIterator<T> {
  /** Waiting does not keep the process alive. */
  unref(): Changes<T>;
  return(value?: unknown): Promise<IteratorResult<T, any>>;
  [globalThis.Symbol.asyncIterator](): Changes<T>;
}

/** A name with a value that is replaced as a whole, by all who have it. */
export class Atom<T = any> {
  private constructor();
  /** Its name; null if it has none. */
  readonly id: string | null;
  readonly domain: Domain;
  /** The current value. */
  deref(): T;
  readonly value: T;
  /**
   * What `f` makes of the value. In a file that is open read-only nothing is held back: there `f` is run again on the newer version if that which it was
   * reading was replaced, so it should return plain values (outside of it that is an `EveError` of the kind `stale`).
   */
  read<R>(f: (value: T) => R): R;
  /** Replaces the value by what `f` makes of it, and returns the new value. `f` is run again if somebody else was first. */
  swap<A extends unknown[]>(f: (value: T, ...rest: A) => Input<T>, ...rest: A): T;
  /** The same; returns the value before and the new one. */
  swapValues<A extends unknown[]>(f: (value: T, ...rest: A) => Input<T>, ...rest: A): [before: T, after: T];
  /** `swap` without a result, which holds nothing back: what `f` is given is good until it returns. */
  update<A extends unknown[]>(f: (value: T, ...rest: A) => Input<T>, ...rest: A): void;
  /** Sets the value, whatever it was; returns it. */
  reset(value: Input<T>): T;
  /** Sets the value; returns the one before and the new one. */
  resetValues(value: Input<T>): [before: T, after: T];
  /** Sets the value if it equals `expected`; true if it did. */
  compareAndSet(expected: Input<T>, value: Input<T>): boolean;
  /** How many commits the atom has seen. */
  readonly version: number;
  /**
   * Calls `f(now, before)` after commits: those of this thread at once, those of other threads and processes on the event loop, of
   * several in a row perhaps only the last. `now` is `undefined` when the atom was removed. Does not keep the process alive.
   */
  watch(f: (now: T, before: T) => void): Stop;
  /** The values from now on, the newest each time. Waiting keeps the process alive unless `ref` is false; `signal` ends it. */
  changes(options?: { ref?: boolean; signal?: AbortSignal }): Changes<T>;
}

export interface Stat {
  /** Bytes that exist. */
  committed: number;
  /** Bytes of address space: the file can never be larger. */
  reserve: number;
  /** Pages of 16 KiB that exist. */
  pages: number;
  pagesUsed: number;
  pagesPunched: number;
  /** The commit counter. */
  tick: number;
  /** The oldest tick that is pinned. */
  oldestPin: number | null;
  pins: number;
  participants: number;
  processes: number;
  atoms: number;
}

/** A place in a file that is not as it must be. */
export interface Damage {
  /** Byte offset in the file. */
  offset: number;
  what: string;
  /** The atom under which it was found, or null. */
  atom: string | null;
}
/** What `verify` found; as a string it is a text for people. */
export interface Report {
  /** Nothing is damaged, leaked or counted too high. */
  ok: boolean;
  /** Everything was judged: nobody changed the domain meanwhile. If not, leaks and counts were not looked at. */
  exact: boolean;
  /** Places that are not as they must be; of these, blocks that are in use twice or cannot be read. */
  damaged: number;
  doublyUsed: number;
  unreadable: number;
  /** Blocks and pages that nobody uses, and blocks that are counted too high: `gc` sees to them. */
  leaked: number;
  leakedBytes: number;
  leakedPages: number;
  highCounts: number;
  atoms: number;
  /** Names of keywords, symbols and atoms. */
  names: number;
  /** Blocks that hang on the atoms. */
  blocks: number;
  /** Blocks that wait for their last reader, and free ones that participants keep at hand. */
  limbo: number;
  atHand: number;
  pages: number;
  /** The first of the damaged places and of the leaks. */
  damages: Damage[];
  leaks: Damage[];
  /** What the blocks in use are. */
  kinds: { kind: string; blocks: number; bytes: number }[];
  toString(): string;
}
/** What `gc` did. */
export interface Freed {
  /** Leaked blocks that were freed, and their bytes. */
  blocks: number;
  bytes: number;
  /** Pages that nobody owned, given back. */
  pages: number;
  /** Counts that were too high, set right. */
  counts: number;
  /** Nobody else took part, so pages and counts were looked at too. */
  alone: boolean;
  /** Why not everything was looked at, or null. */
  left: string | null;
}

/** A file (or memory) with named atoms. */
export class Domain {
  private constructor();
  /** The file; null for memory. */
  readonly path: string | null;
  readonly readOnly: boolean;
  readonly isOpen: boolean;
  /** The atom of this id. The first value (or what a function gives) is used by who creates it. */
  atom<T>(id: string | Keyword, first: T | (() => T)): Atom<Stored<T>>;
  /** The atom of this id, if there is one. */
  atom<T = any>(id: string | Keyword): Atom<T> | undefined;
  /** The names of its atoms, sorted. */
  atoms(): string[];
  /** Removes an atom; false if there was none. */
  remove(id: string | Keyword): boolean;
  stat(): Stat;
  /** Frees all that can be freed. Nothing depends on it. */
  reclaim(): void;
  /**
   * Checks everything in it; damage is no error, the report tells of it. While others are at work only what hangs on the atoms is judged. Takes some
   * 0.2 µs for each block, in which this thread does nothing else.
   */
  verify(): Report;
  /** Frees what killed processes left over, while others go on working. Throws if the domain is damaged or open read-only. Takes as long as `verify`. */
  gc(): Freed;
  /** Lets it go in this thread, with its atoms and their watches. Values that were read stay good. */
  close(): void;
  [globalThis.Symbol.dispose](): void;
}

export interface OpenOptions {
  /** Nothing is written, not even who is reading: atoms can be read and watched, and whatever would change the file is an error. */
  readOnly?: boolean;
  /** Is a file that is not there created? Otherwise it is an error. Default true, unless `readOnly`. */
  create?: boolean;
  /** Bytes that a file which is created can never exceed. Default 1 TiB: address space, not disk. */
  reserve?: number;
}
/** Opens the domain in a file (./eve.db if none is named). */
export function open(file?: string, options?: OpenOptions): Domain;

export interface AtomOptions {
  id: string | Keyword;
  /** A file, or true for ./eve.db; otherwise the atom lives in the memory of this process, shared by its threads. */
  persistent?: string | boolean | null;
}
/** A named atom; the first value (or what a function gives) is used by who creates it. */
export function atom<T>(options: AtomOptions | string | Keyword, first: T | (() => T)): Atom<Stored<T>>;
/** A nameless atom in this process. */
export function atom<T>(first: T | (() => T)): Atom<Stored<T>>;

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
