/// <reference lib="esnext.disposable" />
import { Domain } from "./domains.js";

import { Input } from "./values.js";

/** An `AbortSignal`, wherever it is declared. */
interface Signal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Ends a watch. */
export interface Stop {
  (): void;
  /** Keeps the process alive from now on. */
  ref(): Stop;
  /** Does not keep the process alive (as from the start). */
  unref(): Stop;
  [Symbol.dispose](): void;
}

export interface Changes<T> extends AsyncIterableIterator<T> {
  /** Waiting does not keep the process alive. */
  unref(): Changes<T>;
  return(value?: unknown): Promise<IteratorResult<T, any>>;
  [Symbol.asyncIterator](): Changes<T>;
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
  watch(f: (now: T | undefined, before: T) => void): Stop;
  /** The values from now on, the newest each time; `undefined` when the atom was removed. Waiting keeps the process alive unless `ref` is false; `signal` ends it. */
  changes(options?: { ref?: boolean; signal?: Signal }): Changes<T | undefined>;
  /** What JSON has of its value. */
  toJSON(): any;
}

export {};
