/* What the programs in this folder have in common: checks of calls, patches in a buffer that grows, and a domain. */
#define _POSIX_C_SOURCE 200809L
#include <eve.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *message(int32_t *kind) {
  static _Thread_local uint8_t text[400];
  int64_t length = eve_last_error(kind, text, sizeof text - 1);
  text[length < (int64_t)sizeof text ? length : (int64_t)sizeof text - 1] = 0;
  return (const char *)text;
}

/* Ends the program if a call does not give what is expected, or fails otherwise than by this kind of error. */
static inline void is(int line, const char *what, int64_t found, int64_t expected) {
  if (found == expected) return;
  fprintf(stderr, "line %d: %s is %" PRId64 ", not %" PRId64 "; the last error: %s\n", line, what, found, expected, message(NULL));
  exit(1);
}
static inline void fails(int line, const char *what, int64_t found, int32_t expected) {
  int32_t kind = 0;
  const char *text = message(&kind);
  if (found < 0 && kind == expected) return;
  fprintf(stderr, "line %d: %s gives %" PRId64 ", an error of kind %" PRId32 ": %s\n", line, what, found, kind, text);
  exit(1);
}
#define IS(call, expected) is(__LINE__, #call, (int64_t)(call), (int64_t)(expected))
#define FAILS(call, kind) fails(__LINE__, #call, (call), kind)

/* Patches ------------------------------------------------------------------------------------------------------------ */

typedef struct { uint8_t *bytes; uint64_t length, capacity; } patch;

static inline void put(patch *p, const void *bytes, size_t n) {
  if (p->length + n > p->capacity) {
    p->capacity = 2 * (p->length + n);
    if (!(p->bytes = realloc(p->bytes, p->capacity))) abort();
  }
  if (n != 0) memcpy(p->bytes + p->length, bytes, n);
  p->length += n;
}
static inline void u8(patch *p, uint8_t n) { put(p, &n, 1); }
static inline void u32(patch *p, uint32_t n) { put(p, &n, 4); }
static inline void u64(patch *p, uint64_t n) { put(p, &n, 8); }
static inline void sized(patch *p, const char *bytes, size_t n) { u32(p, (uint32_t)n); put(p, bytes, n); }
static inline void text(patch *p, uint8_t code, const char *text) { u8(p, code); sized(p, text, strlen(text)); }
static inline void integer(patch *p, int64_t n) { u8(p, 3); u64(p, (uint64_t)n); }
static inline void many(patch *p, uint8_t code, uint32_t n) { u8(p, code); u32(p, n); }
/* Codes 21 to 25, as far as they are alike. */
static inline void of(patch *p, uint8_t code, const eve_snapshot *handle, uint64_t word) {
  u8(p, code);
  u64(p, (uint64_t)(uintptr_t)handle);
  u64(p, word);
}

static const eve_domain *domain;

static inline const eve_atom_handle *atom(const char *name, patch *initial) {
  const eve_atom_handle *atom = NULL;
  IS(eve_atom(domain, (const uint8_t *)name, strlen(name), initial->bytes, initial->length, &atom), 1);
  free(initial->bytes);
  *initial = (patch){0};
  return atom;
}
/* The first version of a new atom. */
static inline const eve_snapshot *stored(const char *name, patch *initial, uint64_t root[3]) {
  const eve_atom_handle *a = atom(name, initial);
  const eve_snapshot *snapshot = NULL;
  IS(eve_load(a, &snapshot, root), 1);
  IS(root[0], eve_root(a));
  eve_atom_free(a);
  return snapshot;
}
static inline const void *at(const eve_cell *cell) { return (const void *)(uintptr_t)cell->bits; }
static inline uint64_t length(const eve_cell *cell) { return cell->tag >> 16; }
static inline int is_text(const eve_cell *cell, const char *text) {
  return EVE_TEXT_LENGTH(*cell) == strlen(text) && memcmp(EVE_TEXT(*cell), text, strlen(text)) == 0;
}
static inline eve_cell cell_at(const eve_snapshot *s, uint64_t word, uint64_t index) {
  eve_cell cell = {0, 0};
  IS(eve_nth(s, word, index, &cell), 1);
  return cell;
}
#define INT_KEY(n) EVE_CELL_INT, (uint64_t)(n), NULL
#define TEXT_KEY(kind, text) (kind) | (uint64_t)strlen(text) << 16, 0, (const uint8_t *)(text)

static inline void verified(void) {
  uint8_t report[11];
  IS(eve_verify(domain, report, sizeof report) > 11 && memcmp(report, "{\"ok\":true,", 11) == 0, 1);
}
