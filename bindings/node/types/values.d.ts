import { EveList, EveMap, EveSet, EveVector } from "./collections.js";
import { Char, Decimal, Float, Keyword, Ratio, Symbol, Tagged, Uuid } from "./scalars.js";
import { EveArray, EveObject, EveRecords } from "./typed.js";

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

/**
 * How a value that goes in as `T` is read. Of `{}` and `[]` nothing is known but that they are a map and a vector. Functions and symbols of JavaScript do not
 * go in, so nothing is read: `never`.
 */
export type Stored<T> = [T] extends [never]
  ? never
  : T extends ((...args: never) => unknown) | symbol
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
                      : StoredCollection<T>;

type StoredCollection<T> = T extends TypedArray
  ? EveArray
  : T extends readonly (infer E)[]
    ? EveVector<Known<E>>
    : T extends ReadonlyMap<infer K, infer V>
      ? EveMap<Known<K>, Known<V>>
      : T extends ReadonlySet<infer E>
        ? EveSet<Known<E>>
        : T extends object
          ? [keyof T] extends [never]
            ? EveMap<any, any>
            : EveMap<string, Stored<T[keyof T]>>
          : T;

/** What is in a collection; of an empty one nothing is known. */
type Known<E> = [E] extends [never] ? any : unknown extends E ? any : Stored<E>;

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

export {};
