/*
 * A tour of the C interface: a map of users in a file, changed and read. Any other process may do the same at once.
 *
 *   cargo build --release -p eve-c
 *   cc -Ibindings/c/include bindings/c/examples/tour.c -Ltarget/release -leve -Wl,-rpath,target/release -o tour
 *   ./tour /tmp/db
 */
#include <eve.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program if the last call failed, with what the library says about it. */
static int64_t check(int64_t result) {
  if (result < 0) {
    uint8_t message[500];
    int32_t kind;
    int64_t length = eve_last_error(&kind, message, sizeof message);
    if (length > (int64_t)sizeof message) length = sizeof message;
    fprintf(stderr, "error %" PRId32 ": %.*s\n", kind, (int)length, (const char *)message);
    exit(1);
  }
  return result;
}

/* Patches are bytes, see eve.h. These are small; a program that stores large values grows its buffer. */
typedef struct { uint8_t bytes[512]; uint64_t length; } patch;

static void put(patch *p, const void *bytes, size_t length) {
  if (length > sizeof p->bytes - p->length) abort();
  memcpy(p->bytes + p->length, bytes, length);
  p->length += length;
}
static void put_code(patch *p, uint8_t code) { put(p, &code, 1); }
static void put_u32(patch *p, uint32_t n) { put(p, &n, sizeof n); } /* little-endian machines */
static void put_u64(patch *p, uint64_t n) { put(p, &n, sizeof n); }
static void put_int(patch *p, int64_t n) {
  put_code(p, 3);
  put(p, &n, sizeof n);
}
static void put_string(patch *p, const char *text) {
  put_code(p, 6);
  put_u32(p, (uint32_t)strlen(text));
  put(p, text, strlen(text));
}

/* The value under a string key of a map, as a cell; its kind is EVE_CELL_ABSENT if there is none. */
static eve_cell get(const eve_snapshot *snapshot, uint64_t word, const char *key) {
  eve_cell cell = {EVE_CELL_ABSENT, 0};
  uint64_t tag = EVE_CELL_STRING | (uint64_t)strlen(key) << 16;
  check(eve_get(snapshot, word, tag, 0, (const uint8_t *)key, &cell));
  return cell;
}

/* One more visit of this user: the function of the swap is the addition. The new version goes to *out. */
static void visit(const eve_atom_handle *users, const char *user, const eve_snapshot **out) {
  for (;;) {
    const eve_snapshot *base;
    uint64_t root[3];
    check(eve_load(users, &base, root));
    eve_cell visits = get(base, root[0], user);
    patch p = {{0}, 0};
    put_code(&p, 22); /* a map of a snapshot, changed: handle, word, number of changes, each a key, 1 and the value */
    put_u64(&p, (uint64_t)(uintptr_t)base);
    put_u64(&p, root[0]);
    put_u32(&p, 1);
    put_string(&p, user);
    put_code(&p, 1);
    put_int(&p, (visits.tag & 0xFF) == EVE_CELL_INT ? (int64_t)visits.bits + 1 : 1);
    int64_t done = check(eve_commit(users, base, p.bytes, p.length, out, root));
    if (done == 1) {
      /* Several versions can share what holds them; here each is wanted by itself. */
      if (*out == NULL) check(eve_load(users, out, root));
      check(eve_snapshot_free(base));
      return;
    }
    check(eve_snapshot_free(base)); /* somebody else was first: once more, on the new version */
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: tour FILE\n"), 2;
  if (eve_interface() != EVE_INTERFACE) return fprintf(stderr, "another version of the library\n"), 1;

  const eve_domain *domain;
  check(eve_open((const uint8_t *)argv[1], strlen(argv[1]), 0, 0, &domain));
  patch empty = {{0}, 0};
  put_code(&empty, 15); /* a map */
  put_u32(&empty, 0);   /* of nothing */
  const eve_atom_handle *users;
  check(eve_atom(domain, (const uint8_t *)"users", 5, empty.bytes, empty.length, &users));

  /* A snapshot stays as it is, whatever is written meanwhile. */
  const eve_snapshot *before, *after;
  uint64_t root[3];
  visit(users, "ada", &after);
  check(eve_snapshot_free(after));
  check(eve_load(users, &before, root));
  visit(users, "ada", &after);
  check(eve_snapshot_free(after));
  visit(users, "grace", &after);
  printf("ada before: %" PRId64 "\n", (int64_t)get(before, root[0], "ada").bits);
  printf("grace before: %s\n", get(before, root[0], "grace").tag == EVE_CELL_ABSENT ? "unknown" : "known");
  check(eve_snapshot_free(before));
  check(eve_snapshot_free(after));

  const eve_snapshot *now;
  eve_walk_handle *walk;
  eve_cell cells[16]; /* keys and values by turns */
  check(eve_load(users, &now, root));
  check(eve_walk(now, root[0], &walk));
  for (int64_t n; (n = check(eve_walk_next(walk, cells, 16))) > 0;) {
    for (int64_t i = 0; i < n; i++) {
      eve_cell *key = &cells[2 * i], *value = key + 1;
      printf("%.*s: %" PRId64 "\n", (int)EVE_TEXT_LENGTH(*key), EVE_TEXT(*key), (int64_t)value->bits);
    }
  }
  check(eve_walk_free(walk));
  check(eve_snapshot_free(now));
  check(eve_atom_free(users));
  check(eve_domain_free(domain));
  return 0;
}
