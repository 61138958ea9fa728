/*
 * Versions, and who changes them at once: threads, processes, other domains. The argument is a file that is not there yet.
 */
#include "common.h"

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A key of the atom's map changed, over this version: what eve_commit gives. */
static int64_t change(const eve_atom_handle *a, const eve_snapshot *base, uint64_t root, int64_t key, int64_t value,
                      const eve_snapshot **out, uint64_t new_root[3]) {
  patch p = {0};
  of(&p, 22, base, root), u32(&p, 1), integer(&p, key), u8(&p, 1), integer(&p, value);
  int64_t done = eve_commit(a, base, p.bytes, p.length, out, new_root);
  free(p.bytes);
  return done;
}
/* Adds one under a key, until nobody else was first. */
static void add_one(const eve_atom_handle *a, int64_t key) {
  for (int64_t done = 0; done == 0;) {
    const eve_snapshot *base;
    uint64_t root[3];
    eve_cell c = {0, 0};
    IS(eve_load(a, &base, root), 1);
    IS(eve_get(base, root[0], INT_KEY(key), &c) >= 0, 1);
    done = change(a, base, root[0], key, (int64_t)c.bits + 1, NULL, NULL);
    IS(done >= 0, 1);
    eve_snapshot_free(base);
  }
}
enum { THREADS = 3, ROUNDS = 300, PROCESSES = 2 };
static void *adder(void *a) {
  for (int i = 0; i < ROUNDS; i++) add_one(a, i % 3);
  return NULL;
}
static void *waiter(void *a) {
  IS(eve_wait(a, eve_commits(a), 20000), 1);
  return NULL;
}

static void versions(void) {
  patch p = {0};
  many(&p, 15, 0);
  const eve_atom_handle *a = atom("versions", &p);
  const eve_snapshot *first, *out;
  uint64_t root[3], new_root[3];
  IS(eve_load(a, &first, root), 1);
  IS(change(a, first, root[0], 1, 1, NULL, NULL), 1);
  IS(change(a, first, root[0], 1, 2, NULL, NULL), 0);
  eve_snapshot_free(first);
  /* Many in a row: of most the snapshot of the first holds the version. */
  IS(eve_load(a, &first, root), 1);
  eve_held version = {first, root[0]};
  const eve_snapshot *others[50];
  int n = 0;
  eve_cell c;
  for (int i = 0; i < 50; i++) {
    eve_held base = version;
    IS(change(a, EVE_HELD(&base), base.root, 10 + i, i, &out, new_root), 1);
    version = (eve_held){out == NULL ? base.pinned_by : out, new_root[0]};
    if (out != NULL) others[n++] = out;
    IS(*eve_root_address(a) == new_root[0] && eve_root(a) == new_root[0], 1);
    IS(change(a, EVE_HELD(&base), base.root, 0, 0, NULL, NULL), 0);
    IS(eve_get(version.pinned_by, version.root, INT_KEY(10 + i), &c) == 1 && c.bits == (uint64_t)i, 1);
  }
  IS(n < 50, 1);
  IS(eve_get(first, root[0], INT_KEY(10), &c), 0);
  while (n > 0) eve_snapshot_free(others[--n]);
  /* Without room for the root nothing is done. */
  uint64_t commits = eve_commits(a);
  FAILS(change(a, EVE_HELD(&version), version.root, 0, 0, &out, NULL), EVE_VALUE);
  IS(eve_commits(a), commits);
  eve_snapshot_free(first);
  IS(eve_wait(a, eve_commits(a), 0), 0);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) IS(pthread_create(&threads[i], NULL, waiter, (void *)(uintptr_t)a), 0);
  struct timespec a_while = {0, 50000000};
  nanosleep(&a_while, NULL);
  IS(eve_remove(a), 1);
  for (int i = 0; i < THREADS; i++) IS(pthread_join(threads[i], NULL), 0);
  IS(eve_remove(a), 0);
  IS(eve_load(a, &first, root) == 1 && root[1] == EVE_CELL_ABSENT, 1);
  FAILS(eve_get(first, root[0], INT_KEY(1), &c), EVE_NO_SUCH_ATOM);
  FAILS(change(a, first, root[0], 1, 1, NULL, NULL), EVE_NO_SUCH_ATOM);
  IS(eve_commit(a, first, (const uint8_t *)"\2", 1, NULL, NULL), 1); /* made again */
  eve_snapshot_free(first), eve_atom_free(a);
}

/* A snapshot of another domain is no version of an atom of this one, though it may have the same root word. */
static void other_domains(void) {
  const eve_domain *other;
  const eve_snapshot *s, *mine;
  const eve_atom_handle *a;
  uint64_t root[3], my_root[3];
  patch p = {0};
  IS(eve_open_memory(1 << 26, &other), 0);
  many(&p, 15, 1), integer(&p, 1), text(&p, 6, "a text in a block");
  IS(eve_atom(other, NULL, 0, p.bytes, p.length, &a), 1); /* its name is "" */
  IS(eve_load(a, &s, root), 1);
  eve_atom_free(a), eve_domain_free(other); /* the snapshot stays */
  p.length = 0;
  of(&p, 21, s, root[0]);
  const eve_atom_handle *copy = atom("copied", &p);
  IS(eve_load(copy, &mine, my_root), 1);
  IS(eve_equals(s, root[0], mine, my_root[0]), 1);
  FAILS(change(copy, s, root[0], 1, 1, NULL, NULL), EVE_VALUE);
  eve_snapshot_free(s), eve_snapshot_free(mine), eve_atom_free(copy);
}

/* Several threads in several processes. */
static void crowd(const char *file) {
  for (int i = 0; i < PROCESSES; i++) {
    if (fork() != 0) continue;
    const eve_atom_handle *a, *bell;
    const eve_snapshot *s;
    uint64_t root[3], before;
    FAILS(eve_reclaim(domain), EVE_FORKED); /* a child opens the file again */
    IS(eve_open((const uint8_t *)file, strlen(file), EVE_OPEN_MUST_EXIST, 0, &domain), 0);
    IS(eve_atom(domain, (const uint8_t *)"sums", 4, NULL, 0, &a), 1);
    IS(eve_atom(domain, (const uint8_t *)"bell", 4, NULL, 0, &bell), 1);
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) IS(pthread_create(&threads[t], NULL, adder, (void *)(uintptr_t)a), 0);
    for (int t = 0; t < THREADS; t++) IS(pthread_join(threads[t], NULL), 0);
    IS(eve_load(bell, &s, root), 1);
    IS(eve_array_update(s, root[0], 0, 0, EVE_OP_ADD, 1, 0, &before), 1);
    /* The last one wakes the others. */
    if (before == PROCESSES - 1) IS(eve_array_notify(s, root[0], 0, 0, UINT32_MAX) >= 0, 1);
    for (uint64_t n; eve_array_get(s, root[0], 0, 0, &n) == 0 && n < PROCESSES;) {
      int64_t woken = eve_array_wait(s, root[0], 0, 0, n, 20000);
      IS(woken == 0 || woken == 1, 1);
    }
    eve_snapshot_free(s), eve_atom_free(a), eve_atom_free(bell), eve_domain_free(domain);
    _exit(0);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const uint8_t *file = (const uint8_t *)argv[1];
  uint64_t file_len = strlen(argv[1]), figures[12], root[3];
  const eve_domain *reader;
  FAILS(eve_open(file, file_len, EVE_OPEN_MUST_EXIST, 0, &domain), EVE_IO);
  FAILS(eve_open(file, file_len, EVE_OPEN_READ_ONLY, 0, &domain), EVE_IO);
  FAILS(eve_open(file, file_len, 64, 0, &domain), EVE_VALUE);
  FAILS(eve_open((const uint8_t *)"\xff", 1, 0, 0, &domain), EVE_VALUE);
  IS(eve_open(file, file_len, 0, 1 << 28, &domain), 0);
  patch p = {0};
  many(&p, 15, 0);
  eve_atom_free(atom("sums", &p));
  u8(&p, 30), u8(&p, EVE_UINT32), u32(&p, 1), u32(&p, 0);
  eve_atom_free(atom("bell", &p));
  crowd(argv[1]);
  versions(), other_domains();
  for (int i = 0, status; i < PROCESSES; i++) IS(wait(&status) > 0 && status == 0, 1);
  verified();
  IS(eve_reclaim(domain), 0);
  IS(eve_stat(domain, figures, 12), 11);
  IS(figures[0] == eve_committed(domain) && figures[6] == UINT64_MAX && figures[7] == 0, 1);
  IS(figures[10], 4);
  IS(eve_atoms(domain, NULL, 0), 4 * 4 + strlen("sumsbellversionscopied"));

  /* Read-only, beside the other. */
  const eve_atom_handle *a;
  const eve_snapshot *s;
  eve_cell c;
  IS(eve_open(file, file_len, EVE_OPEN_READ_ONLY, 0, &reader), 0);
  IS(eve_atom(reader, (const uint8_t *)"none", 4, NULL, 0, &a), 0);
  IS(eve_atom(reader, (const uint8_t *)"sums", 4, NULL, 0, &a), 1);
  IS(eve_load(a, &s, root), 1);
  for (int i = 0; i < 3; i++) IS(eve_get(s, root[0], INT_KEY(i), &c) == 1 && c.bits == PROCESSES * THREADS * ROUNDS / 3, 1);
  FAILS(change(a, s, root[0], 1, 1, NULL, NULL), EVE_READ_ONLY);
  FAILS(eve_remove(a), EVE_READ_ONLY);
  /* A snapshot outlives the handles. */
  eve_atom_free(a), eve_domain_free(reader), eve_domain_free(domain);
  IS(eve_get(s, root[0], INT_KEY(1), &c), 1);
  eve_snapshot_free(s);
  IS(eve_open(file, file_len, EVE_OPEN_MUST_EXIST, 0, &domain), 0);
  verified();
  eve_domain_free(domain);
  return 0;
}
