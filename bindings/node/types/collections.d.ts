import { Input, Storable, Stored } from "./values.js";

/** Keys, one below the other. Not the characters of a string. */
type Path = Iterable<Storable> & object;

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
  getIn(path: Path): any;
  /** With `value` at the end of a path; maps are made where there is nothing. */
  setIn(path: Path, value: Storable): this;
  /** With what `f` makes of what lies at the end of a path. */
  updateIn(path: Path, f: (value: any) => Storable): this;
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
  [Symbol.iterator](): IterableIterator<[K, V]>;
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
  findLast(f: (element: T, index: number, all: this) => unknown, self?: unknown): T | undefined;
  findLastIndex(f: (element: T, index: number, all: this) => unknown, self?: unknown): number;
  reduceRight(f: (result: T, element: T, index: number, all: this) => T): T;
  reduceRight<U>(f: (result: U, element: T, index: number, all: this) => U, first: U): U;
  /** An array, with the elements of vectors and lists in the place of these, so many levels down. */
  flat(depth?: number): any[];
  toReversed(): T[];
  toSorted(compare?: (a: T, b: T) => number): T[];
  toSpliced<U = T>(start: number, deleteCount?: number, ...elements: U[]): (T | U)[];
  some(f: (element: T, index: number, all: this) => unknown, self?: unknown): boolean;
  every(f: (element: T, index: number, all: this) => unknown, self?: unknown): boolean;
  /** By value: collections too are found by what is in them. */
  indexOf(value: Input<T>, from?: number): number;
  lastIndexOf(value: Input<T>, from?: number): number;
  includes(value: Input<T>, from?: number): boolean;
  join(separator?: string): string;
  toArray(): T[];
}

export interface EveVector<T = any> extends Sequence<T> {}
/** A vector: reads like an array, by index too. */
export class EveVector<T = any> {
  private constructor();
  static from<T>(elements: Iterable<T>): EveVector<Stored<T>>;
  static of<T>(...elements: T[]): EveVector<Stored<T>>;
  /** As `at`. */
  get(index: number): T | undefined;
  /** With another element at an index, which counts from the end if it is negative; one behind the last is appended. */
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
  [Symbol.iterator](): IterableIterator<T>;
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
  [Symbol.iterator](): IterableIterator<T>;
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
  symmetricDifference(other: Iterable<Input<T>>): EveSet<T>;
  isSubsetOf(other: Iterable<Input<T>>): boolean;
  isSupersetOf(other: Iterable<Input<T>>): boolean;
  isDisjointFrom(other: Iterable<Input<T>>): boolean;
  keys(): IterableIterator<T>;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[T, T]>;
  forEach(f: (element: T, same: T, set: EveSet<T>) => void, self?: unknown): void;
  [Symbol.iterator](): IterableIterator<T>;
}

export {};
