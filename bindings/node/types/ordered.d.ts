import { EveMap, EveSet } from "./collections.js";
import { Input, Stored } from "./values.js";

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

export {};
