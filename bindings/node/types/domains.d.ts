/// <reference lib="esnext.disposable" />
import { Atom } from "./atoms.js";
import { Keyword } from "./scalars.js";
import { Stored } from "./values.js";

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
  [Symbol.dispose](): void;
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

