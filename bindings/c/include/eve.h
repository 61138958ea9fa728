/*
 * eve: persistent maps, vectors, sets and lists in shared memory, inside atoms that many processes swap at once.
 *
 * The C interface, for faces of other languages. Functions that can fail give a negative number then, and change nothing;
 * eve_last_error has the kind and the message. Those of which nothing else is said give 0. Nothing here throws, longjmps or aborts,
 * except when the process has no memory left. Any thread may call any function; a handle may be used by several threads, but not
 * while or after it is freed. A walk is used by one thread at a time.
 *
 * What is given out as a handle (of a domain, an atom, a snapshot, a walk) is freed by whoever got it, once; NULL may be freed,
 * too. A child that was forked opens the domain again: the handles of its parent are of no use to it (EVE_FORKED).
 *
 * A value is read as a cell, two words: scalars as they are or as an address in the mapped file, collections as their word, with
 * which more is asked. Words and addresses are good for as long as the snapshot they were read in is held, and with that snapshot
 * only. A word of anywhere else is mostly an error; in a patch it may damage the domain.
 */
#ifndef EVE_H
#define EVE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this interface: what eve_interface() must give. */
#define EVE_INTERFACE 3

typedef struct eve_domain eve_domain;
typedef struct eve_atom_handle eve_atom_handle;
typedef struct eve_snapshot eve_snapshot;
typedef struct eve_walk_handle eve_walk_handle;

/* A version that is held by the snapshot of another one (see eve_commit). Where it is read, that snapshot is given. It is looked at
   during the call only. */
typedef struct { const eve_snapshot *pinned_by; uint64_t root; } eve_held;
#define EVE_HELD(v) ((const eve_snapshot *)((uintptr_t)(v) | 1))

/* Kinds of errors. EVE_VALUE: arguments or a patch that cannot be, and what a value cannot do. EVE_FULL: no room in the domain or on
   the disk. EVE_CORRUPT: a damaged file, or a word that is none. EVE_DEFECT: a defect of the library. */
enum {
  EVE_IO = 1, EVE_NOT_A_DOMAIN = 2, EVE_FULL = 3, EVE_CORRUPT = 4, EVE_VALUE = 5, EVE_NO_SUCH_ATOM = 6, EVE_READ_ONLY = 7,
  EVE_FORKED = 8, EVE_PARSE = 9, EVE_ABORTED = 10, EVE_COUNTER_EXHAUSTED = 11, EVE_DEFECT = 12, EVE_OTHER = 14
};

/* tag: the kind in bits 0 to 7; bit 8 (EVE_HAS_META): it has metadata; the length in bits 16 to 63, of short text to 31. */
typedef struct { uint64_t tag, bits; } eve_cell;
#define EVE_HAS_META 0x100u
/* The bytes of a string, a keyword or a symbol, and how many they are. Short text is in the cell itself, of which it takes the last 10 bytes. */
#define EVE_TEXT(cell) ((cell).tag & 1 ? (const char *)(uintptr_t)(cell).bits : (const char *)&(cell) + 6)
#define EVE_TEXT_LENGTH(cell) ((cell).tag & 1 ? (cell).tag >> 16 : (cell).tag >> 16 & 0xFFFF)

/* Kinds of cells. Text is WTF-8. Integers in bytes are two's complement, the lowest byte first. */
enum {
  EVE_CELL_NIL = 0,
  EVE_CELL_FALSE = 1,
  EVE_CELL_TRUE = 2,
  EVE_CELL_INT = 3,            /* bits: the integer */
  EVE_CELL_FLOAT = 4,          /* bits: those of the double */
  EVE_CELL_CHAR = 5,           /* bits: the code point */
  EVE_CELL_SHORT_STRING = 6,   /* up to 10 bytes in the cell itself, zeros behind them: see EVE_TEXT */
  EVE_CELL_STRING = 7,         /* length bytes at the address bits */
  EVE_CELL_SHORT_KEYWORD = 8,  /* like SHORT_STRING: "ns/name" without the colon */
  EVE_CELL_KEYWORD = 9,        /* like STRING; one address for each keyword of a domain, good while the domain is open */
  EVE_CELL_SHORT_SYMBOL = 10,
  EVE_CELL_SYMBOL = 11,
  EVE_CELL_BIG_INT = 12,       /* length bytes at the address bits */
  EVE_CELL_DECIMAL = 13,       /* at the address bits: scale (int32), then an integer; length bytes together */
  EVE_CELL_RATIO = 14,         /* at the address bits: length of the numerator (uint32), numerator, denominator */
  EVE_CELL_UUID = 15,          /* 16 bytes, big-endian, at the address bits */
  EVE_CELL_INSTANT = 16,       /* at the address bits: seconds since 1970 (int64), nanoseconds (uint32) */
  EVE_CELL_BYTES = 17,         /* length bytes at the address bits */
  EVE_CELL_MAP = 18,           /* bits: the word; length: entries */
  EVE_CELL_SET = 19,
  EVE_CELL_VECTOR = 20,
  EVE_CELL_LIST = 21,
  EVE_CELL_TAGGED = 22,        /* bits: the word (see eve_tagged) */
  EVE_CELL_ABSENT = 23,        /* an atom that was removed; its word can only be the base of a commit */
  EVE_CELL_ARRAY = 27,         /* bits: the word; length: elements */
  EVE_CELL_RECORDS = 28,       /* bits: the word; length: objects, 1 for a single one */
  EVE_CELL_SORTED_MAP = 24,    /* bits: the word; length: entries */
  EVE_CELL_SORTED_SET = 25,
  EVE_CELL_INT_MAP = 26,
  EVE_KEY_ENCODED = 255        /* keys only: a patch of length bytes */
};

int eve_interface(void);
const char *eve_version(void);

/* This thread's last error: its kind into *kind, its message into buffer as far as it fits. The message's length. */
int64_t eve_last_error(int32_t *kind, uint8_t *buffer, uint64_t capacity);

/* Domains ------------------------------------------------------------------------------------------------------------ */

#define EVE_OPEN_READ_ONLY 1u
#define EVE_OPEN_MUST_EXIST 2u

/* Opens a file, and creates it if it is not there, unless a flag says otherwise (READ_ONLY does, too). The path is UTF-8.
   reserve: bytes of address space of one that is created, which it never outgrows (0: the usual 1 TiB). */
int64_t eve_open(const uint8_t *path, uint64_t path_len, uint32_t flags, uint64_t reserve, const eve_domain **out);
/* A domain in the memory of this process. */
int64_t eve_open_memory(uint64_t reserve, const eve_domain **out);
/* The domain is closed when its handle and those of all its atoms are freed; snapshots may stay. */
int64_t eve_domain_free(const eve_domain *domain);
/* Figures: committed, reserve, pages, pages used, pages punched, tick, oldest pin (UINT64_MAX: none), pins, participants,
   processes, atoms. Up to n are written; gives how many there are. */
int64_t eve_stat(const eve_domain *domain, uint64_t *out, uint64_t n);
/* The first of these figures alone, which costs one load. */
uint64_t eve_committed(const eve_domain *domain);
/* Frees what can be freed. */
int64_t eve_reclaim(const eve_domain *domain);
/* Checks every block of the domain: a report in JSON ({"ok":true,…, as of `eve verify --json`), as far as it fits; how many bytes it
   needs. Damage that is found is no error of the call. */
int64_t eve_verify(const eve_domain *domain, uint8_t *out, uint64_t capacity);
/* The names of all atoms, each a length (uint32) and so many bytes, as far as they fit; how many bytes they need. */
int64_t eve_atoms(const eve_domain *domain, uint8_t *out, uint64_t capacity);

/* Atoms -------------------------------------------------------------------------------------------------------------- */

/* The atom of a name, which is UTF-8 of any length: 1. With initial (a patch, not looked at otherwise) it is created if it is not
   there; with NULL, 0 says that it is not. */
int64_t eve_atom(const eve_domain *domain, const uint8_t *name, uint64_t name_len, const uint8_t *initial,
                 uint64_t initial_len, const eve_atom_handle **out);
int64_t eve_atom_free(const eve_atom_handle *atom);
/* 1 if it was there, 0 if not. From then on eve_load gives a version whose cell is EVE_CELL_ABSENT; a commit over that creates the atom
   again, a commit over an older version gives 0. */
int64_t eve_remove(const eve_atom_handle *atom);
/* Where the root word lies, to be read with acquire ordering without a call; good while the domain, or a snapshot of it, is held. */
const uint64_t *eve_root_address(const eve_atom_handle *atom);
/* The current root word. While a snapshot of the atom is held whose root word is this one and a multiple of 16, the atom has that
   version. */
uint64_t eve_root(const eve_atom_handle *atom);
/* How many commits it has seen, of all processes; creating and removing it are some, too. */
uint64_t eve_commits(const eve_atom_handle *atom);
/* Waits until they are not `seen` any more: 1; 0 when the time is over. A negative time has no end. */
int64_t eve_wait(const eve_atom_handle *atom, uint64_t seen, int64_t milliseconds);
/* Pins the current version: 1. root: its word, and the cell of the value (tag, bits). */
int64_t eve_load(const eve_atom_handle *atom, const eve_snapshot **out, uint64_t root[3]);
int64_t eve_snapshot_free(const eve_snapshot *snapshot);
/* Makes the value of the patch the atom's, if it still has the version `base`: 1; 0 if somebody else was first.
   out: NULL (then root is not used), or where the new version's snapshot goes (then root is set, too), if it is 1. NULL goes there if
   the snapshot behind `base` holds the new version too, as it does for most of several commits in a row: then {that snapshot, root[0]}
   is an eve_held. `base`, like a handle in a patch, is a snapshot, or EVE_HELD(v) of such a version. It was loaded by way of the same
   domain handle; those in the patch may be of any domain: from others is copied. Nothing of the patch is needed after the call.
   If the patch comes to the same version, 1 is given without a commit. */
int64_t eve_commit(const eve_atom_handle *atom, const eve_snapshot *base, const uint8_t *patch, uint64_t len,
                   const eve_snapshot **out, uint64_t root[3]);

/*
 * A patch is a code (1 byte) and what follows, without padding. Numbers are little-endian; "sized" is a length (uint32) and so many
 * bytes; a value, a key or an element is a patch itself.
 *
 *    0 nil   1 false   2 true   3 integer: int64   4 double   5 character: uint32   6 string: sized   7 keyword: sized
 *    8 symbol: sized   9 big integer: sized   10 decimal: int32 scale, sized   11 ratio: sized, sized
 *   12 uuid: 16 bytes, big-endian   13 instant: int64 seconds, uint32 nanoseconds   14 bytes: sized
 *   26 string in UTF-16: uint32 n, n units of 16 bits
 *   15 map: uint32 n, n keys and values by turns   16 set, 17 vector, 18 list: uint32 n, n values
 *   19 tagged: sized tag, value   20 metadata: a map (nil takes it away), then the map, set, vector or list that has it
 *   21 a value of a snapshot: its handle, its word (uint64 each)
 *   22 such a map, changed:    handle, word, uint32 n, n times: key, then 0 (taken out) or 1 and the new value
 *   23 such a set, changed:    handle, word, uint32 n, n times: element, then 0 (taken out) or 1 (put in)
 *   24 such a vector, changed: handle, word, uint64 how many first elements stay (at most), uint32 n, n times: uint64 index (that of
 *                              an element, or of the place behind the last one), value; uint32 n, n values that follow
 *   25 such a list, changed:   handle, word, uint32 n, n values in front, the first one first
 *   30 typed array: type (1 byte, EVE_INT8 …), uint32 n, n elements, packed
 *   31 typed objects: 0 one object or 1 an array of them (1 byte), a shape (uint32 fields, for each: sized name, type (1 byte)),
 *      uint32 rows, then for each field its values in all rows, packed
 *   27 sorted map, 29 integer map: as 15, in any order; the keys of an integer map are integers
 *   28 sorted set: as 16, in any order
 *   22 and 23 change maps and sets of any order. In a change that is itself the new value in a 22 or 24, the handle UINT64_MAX stands
 *   for what lies there now; the word does not count then.
 *
 * Of equal keys the last value counts. A character is at most 0x10FFFF, nanoseconds are below 1000000000. Text is WTF-8 (UTF-8 in
 * which surrogates may stand, but no pairs of them), or it is not stored; as a key that is looked for it is found nowhere. A ratio is in lowest terms, its denominator above 1; only that it is above 0 is checked. Integers may have
 * more bytes than they need; those of 64 bits are read as EVE_CELL_INT, however they were written, and strings and names of a few
 * bytes as the short kinds. Keys inside of keys go 100 levels deep.
 */

/* Reading ------------------------------------------------------------------------------------------------------------ */

/*
 * A key is a cell (kinds 0 to 11) in tag and bits, as it was read or made by the caller: the length is in the tag; text is in bits for
 * the short kinds, at the address bits for the others, or at `text` if bits is 0. Text of any length may come as either kind.
 * EVE_KEY_ENCODED: any value, as a patch of so many bytes at the same place.
 *
 * Functions that look for something give 1 if there is such a thing, or 0, and leave *out as it was. What another kind of value would
 * have is an error.
 */
/* The value under a key of a map, the element of a set, the element at an index (EVE_CELL_INT) of a vector. */
int64_t eve_get(const eve_snapshot *snapshot, uint64_t word, uint64_t tag, uint64_t bits, const uint8_t *text, eve_cell *out);
/* The same for keys that are looked up again and again: what a key is in the domain of the snapshot (its word and its hash: 1; 0 if it has no
   such word, being a value in a block, or a name that nobody stored yet, which no map has then), and the value under such a key. What eve_key gave
   stays true for all snapshots that are loaded by way of the same domain handle. */
int64_t eve_key(const eve_snapshot *snapshot, uint64_t tag, uint64_t bits, const uint8_t *text, uint64_t out[2]);
int64_t eve_get_stored(const eve_snapshot *snapshot, uint64_t word, uint64_t key, uint64_t hash, eve_cell *out);
/* Key and value as they are stored; of a set the element twice. */
int64_t eve_find(const eve_snapshot *snapshot, uint64_t word, uint64_t tag, uint64_t bits, const uint8_t *text,
                 eve_cell out[2]);
/* An element of a vector or list. */
int64_t eve_nth(const eve_snapshot *snapshot, uint64_t word, uint64_t index, eve_cell *out);
/* The metadata, if it has some; the value without it, which is the value itself then. */
int64_t eve_meta(const eve_snapshot *snapshot, uint64_t word, eve_cell *out);
int64_t eve_without_meta(const eve_snapshot *snapshot, uint64_t word, eve_cell *out);
/* Tag (a symbol) and value of a tagged literal; 0 for anything else. */
int64_t eve_tagged(const eve_snapshot *snapshot, uint64_t word, eve_cell out[2]);
/* First element of a list, and the list behind it; 0 for the empty one. */
int64_t eve_list(const eve_snapshot *snapshot, uint64_t word, eve_cell out[2]);
/* 1 if the two are equal, as Clojure's = has it, 0 if not; of any snapshots. */
int64_t eve_equals(const eve_snapshot *a, uint64_t a_word, const eve_snapshot *b, uint64_t b_word);
/* The first entries of a map (two cells each) or elements of a set, as many as fit into `cells` cells; how many entries or elements.
   (There is no order but in the sorted kinds; all of a larger one are had by a walk.) */
int64_t eve_entries(const eve_snapshot *snapshot, uint64_t word, eve_cell *out, uint64_t cells);
/* The same for a vector from an index on, or a list or set from its first element on (`from` is 0 then). */
int64_t eve_elements(const eve_snapshot *snapshot, uint64_t word, uint64_t from, eve_cell *out, uint64_t cells);
/* A walk over all of a collection. It holds its snapshot, which may be freed before. */
int64_t eve_walk(const eve_snapshot *snapshot, uint64_t word, eve_walk_handle **out);

#define EVE_WALK_DOWN 1u      /* from the greater keys to the less */
#define EVE_WALK_INCLUSIVE 2u /* with the key itself, if it is there */
#define EVE_WALK_FROM_END 4u  /* from the end that the direction begins at; the key is not looked at */
/* A walk over a sorted map, a sorted set or an integer map from a key on, in the order of the keys or against it. */
int64_t eve_walk_from(const eve_snapshot *snapshot, uint64_t word, uint64_t tag, uint64_t bits, const uint8_t *text,
                      uint32_t flags, eve_walk_handle **out);
/* The next of it, as many as fit into `cells` cells (an entry takes two); how many entries or elements. 0 at the end, and if not even
   one fits. */
int64_t eve_walk_next(eve_walk_handle *walk, eve_cell *out, uint64_t cells);
int64_t eve_walk_free(eve_walk_handle *walk);

/* Typed arrays and typed objects ------------------------------------------------------------------------------------- */

/*
 * Elements are changed in place: at once, for all processes and in all versions of the atom that hold the array, without a commit.
 * An array has one field, number 0; typed objects are one array a field, with an element for each object (one object: index 0).
 * Each function takes them by snapshot, word and field. An element is 64 bits: integers extended by their sign (or by zeros), floats
 * as the bits of the single or double; of what is written only as many low bits count as an element has. Single elements are read and
 * changed atomically, in one order for all. In a domain that was opened read-only changes are errors, and places past the end are
 * everywhere.
 */
enum {
  EVE_INT8 = 0, EVE_UINT8 = 1, EVE_UINT8_CLAMPED = 2, EVE_INT16 = 3, EVE_UINT16 = 4, EVE_INT32 = 5, EVE_UINT32 = 6, EVE_INT64 = 7,
  EVE_FLOAT32 = 8, EVE_FLOAT64 = 9
};

/* data: where the first element stands, good while the snapshot is held; others change what is there, so use atomics of this
   width, and none for writing if the domain was opened read-only. */
typedef struct { uint32_t type, bytes; uint64_t length; const void *data; } eve_array_shape;
int64_t eve_array_info(const eve_snapshot *snapshot, uint64_t word, uint32_t field, eve_array_shape *out);
int64_t eve_array_get(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t index, uint64_t *out);
int64_t eve_array_set(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t index, uint64_t bits);

/* Sums wrap around (EVE_UINT8_CLAMPED: they stop at 0 and 255; the operand is signed). Floats know the first four only, and compare
   by their bits. */
enum {
  EVE_OP_LOAD = 0, EVE_OP_STORE = 1, EVE_OP_EXCHANGE = 2, EVE_OP_COMPARE_EXCHANGE = 3, EVE_OP_ADD = 4, EVE_OP_SUB = 5,
  EVE_OP_AND = 6, EVE_OP_OR = 7, EVE_OP_XOR = 8
};
/* 1, and in *out (if that is not NULL) what was there before; 0 if a compare-exchange did not find `expected`. */
int64_t eve_array_update(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t index, uint32_t op,
                         uint64_t operand, uint64_t expected, uint64_t *out);

/* Ranges, packed and little-endian: element by element, not one state of the whole. The caller's memory is none of an array (for that
   there is eve_array_copy). */
int64_t eve_array_read(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t first, uint64_t count, void *out);
int64_t eve_array_write(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t first, uint64_t count,
                        const void *from);
int64_t eve_array_fill(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t first, uint64_t count,
                       uint64_t bits);
/* Both of one type; they may overlap. */
int64_t eve_array_copy(const eve_snapshot *to_snapshot, uint64_t to_word, uint32_t to_field, uint64_t to,
                       const eve_snapshot *from_snapshot, uint64_t from_word, uint32_t from_field, uint64_t from,
                       uint64_t count);

/* Elements of 32 bits: sleeps until the element is notified, by any process (0; may happen for no reason), unless it is not what is
   expected (1) or the time is over (2). A negative time has no end. */
int64_t eve_array_wait(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t index, uint64_t expected,
                       int64_t milliseconds);
/* Wakes up to `most`; how many. */
int64_t eve_array_notify(const eve_snapshot *snapshot, uint64_t word, uint32_t field, uint64_t index, uint32_t most);

/* shape: as in a patch, at one address for all objects of this shape in the domain, good while the domain is open. */
typedef struct { uint64_t rows; uint32_t fields, one; const uint8_t *shape; uint64_t shape_len; } eve_records_shape;
int64_t eve_records_info(const eve_snapshot *snapshot, uint64_t word, eve_records_shape *out);

#ifdef __cplusplus
}
#endif
#endif
