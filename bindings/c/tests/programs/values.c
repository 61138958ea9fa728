/* Every kind of cell and key, every code of a patch and every function that reads, as eve.h has them. */
#include "common.h"

static void scalars(void) {
  static const char big[] = "\0\0\0\0\0\0\0\0\1", long_text[] = "more than the eight bytes of a word";
  double half = 0.5;
  patch p = {0};
  many(&p, 17, 21);
  u8(&p, 0), u8(&p, 1), u8(&p, 2);
  integer(&p, INT64_MIN);
  u8(&p, 4), put(&p, &half, 8);
  u8(&p, 5), u32(&p, 0x10FFFF);
  for (uint8_t code = 6; code <= 8; code++) text(&p, code, "a/b"), text(&p, code, long_text);
  u8(&p, 9), sized(&p, big, 9);
  u8(&p, 10), u32(&p, (uint32_t)-2), sized(&p, "\7", 1);
  u8(&p, 11), sized(&p, "\1", 1), sized(&p, "\3", 1);
  u8(&p, 12), put(&p, "0123456789abcdef", 16);
  u8(&p, 13), u64(&p, (uint64_t)-1), u32(&p, 999999999);
  u8(&p, 14), sized(&p, "\0\xff", 2);
  u8(&p, 9), sized(&p, "\5", 1); /* what fits into 64 bits is read as such an integer */
  many(&p, 26, 2), put(&p, "A\0\x3D\xD8", 4); /* UTF-16: an A and half a pair, which becomes ED A0 BD */
  many(&p, 15, 0);
  uint64_t root[3];
  const eve_snapshot *s = stored("scalars", &p, root);
  static const int kinds[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 3, 6, 18};
  eve_cell c[22];
  IS(eve_elements(s, root[0], 0, c, 22), 21);
  for (int i = 0; i < 21; i++) IS(c[i].tag & 0xFF, kinds[i]);
  IS(c[3].bits, INT64_MIN);
  IS(memcmp(&c[4].bits, &half, 8), 0);
  IS(c[5].bits, 0x10FFFF);
  for (int i = 6; i < 12; i += 2) {
    IS(is_text(&c[i], "a/b"), 1);
    IS(is_text(&c[i + 1], long_text), 1);
  }
  IS(length(&c[12]) == 9 && memcmp(at(&c[12]), big, 9) == 0, 1);
  IS(length(&c[13]) == 5 && memcmp(at(&c[13]), "\xFE\xFF\xFF\xFF\7", 5) == 0, 1);
  IS(length(&c[14]) == 6 && memcmp(at(&c[14]), "\1\0\0\0\1\3", 6) == 0, 1);
  IS(memcmp(at(&c[15]), "0123456789abcdef", 16), 0);
  IS(memcmp(at(&c[16]), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xC9\x9A\x3B", 12), 0);
  IS(length(&c[17]) == 2 && memcmp(at(&c[17]), "\0\xff", 2) == 0, 1);
  IS(c[18].bits, 5);
  IS(is_text(&c[19], "A\xED\xA0\xBD"), 1);
  /* From an index on, and less than there is. */
  IS(eve_elements(s, root[0], 20, c, 22), 1);
  IS(eve_elements(s, root[0], 0, c, 3), 3);
  IS(eve_elements(s, root[0], 99, c, 22), 0);
  IS(eve_nth(s, root[0], 21, c), 0);
  eve_snapshot_free(s);
}

/* Strings of up to 10 bytes: those that are in the cell, and those at an address. All are found by the cells of their keys. */
static void short_strings(void) {
  static const struct { const char *text; int kind; } strings[] = {
    {"", 6}, {"a", 6}, {"ab", 6}, {"abc", 6}, {"seven-7", 6}, {"se\xC3\xA9v 7", 6}, {"eight-88", 6}, {"nine-9999", 6}, {"Ten0000000", 6},
    {"eight 88", 7}, {"nine_9999", 7}, {"Ten.000000", 7}, {"eleven-1111", 7}};
  enum { MANY = sizeof strings / sizeof *strings };
  patch p = {0};
  many(&p, 15, MANY);
  for (int i = 0; i < MANY; i++) text(&p, 6, strings[i].text), integer(&p, i);
  uint64_t root[3];
  const eve_snapshot *s = stored("short strings", &p, root);
  eve_cell c[2 * MANY], found;
  IS(eve_entries(s, root[0], c, 2 * MANY), MANY);
  int met = 0;
  for (eve_cell *key = c; key < c + 2 * MANY; key += 2) {
    uint64_t i = key[1].bits;
    met |= 1 << i;
    IS(key->tag & 0xFF, strings[i].kind);
    IS(is_text(key, strings[i].text), 1);
    IS(eve_get(s, root[0], key->tag, key->bits, NULL, &found) == 1 && found.bits == i, 1);
    IS(eve_get(s, root[0], TEXT_KEY(EVE_CELL_STRING, strings[i].text), &found) == 1 && found.bits == i, 1);
  }
  IS(met, (1 << MANY) - 1);
  FAILS(eve_get(s, root[0], EVE_CELL_SHORT_STRING | 11 << 16, 0, NULL, &found), EVE_VALUE);
  eve_snapshot_free(s);
}

/* A map whose keys are of each kind that a key can have: each is found as a cell, and as a patch. */
static void keys(void) {
  static const char long_text[] = "more than the eight bytes of a word";
  double half = 0.5;
  patch key[13] = {{0}}, p = {0};
  u8(&key[0], 0), u8(&key[1], 1), u8(&key[2], 2), integer(&key[3], -1);
  u8(&key[4], 4), put(&key[4], &half, 8), u8(&key[5], 5), u32(&key[5], 'x');
  for (int i = 6; i < 12; i++) text(&key[i], (uint8_t)(3 + i / 2), i % 2 == 0 ? "a/b" : long_text);
  many(&key[12], 17, 1), integer(&key[12], 1);
  many(&p, 15, 13);
  for (int i = 0; i < 13; i++) put(&p, key[i].bytes, key[i].length), integer(&p, i);
  uint64_t root[3], bits[6] = {0, 0, 0, (uint64_t)-1, 0, 'x'};
  memcpy(&bits[4], &half, 8);
  const eve_snapshot *s = stored("keys", &p, root);
  IS(root[1], EVE_CELL_MAP | 13 << 16);
  for (int i = 0; i < 13; i++) {
    eve_cell c = {0, 0}, e[2];
    const char *t = i % 2 == 0 ? "a/b" : long_text;
    if (i < 6) IS(eve_get(s, root[0], (uint64_t)i, bits[i], NULL, &c), 1);
    else if (i < 12) IS(eve_get(s, root[0], TEXT_KEY((uint64_t)(i | 1), t), &c), 1);
    else IS(eve_get(s, root[0], EVE_KEY_ENCODED | key[i].length << 16, (uint64_t)(uintptr_t)key[i].bytes, NULL, &c), 1);
    IS(c.bits, i);
    IS(eve_find(s, root[0], EVE_KEY_ENCODED | key[i].length << 16, 0, key[i].bytes, e), 1);
    IS(e[1].bits, i);
    /* A cell that was read is a key, unless it has to be encoded. */
    if (i < 12) IS(eve_get(s, root[0], e[0].tag, e[0].bits, NULL, &c) == 1 && c.bits == (uint64_t)i, 1);
    /* What is in no block is looked up by its word, too; a long string and a vector are in one. */
    uint64_t stored_key[2];
    IS(eve_key(s, EVE_KEY_ENCODED | key[i].length << 16, 0, key[i].bytes, stored_key), i != 7 && i != 12);
    if (i != 7 && i != 12) {
      c.bits = 99;
      IS(eve_get_stored(s, root[0], stored_key[0], stored_key[1], &c) == 1 && c.bits == (uint64_t)i, 1);
      IS(eve_get_stored(s, root[0], stored_key[0], ~stored_key[1], &c), 0);
    }
    free(key[i].bytes);
  }
  eve_cell c;
  IS(eve_get(s, root[0], INT_KEY(7), &c), 0);
  uint64_t unknown[2];
  IS(eve_key(s, TEXT_KEY(EVE_CELL_KEYWORD, "a name that nobody stored"), unknown), 0);
  FAILS(eve_get_stored(s, root[0], root[0], 0, &c), EVE_VALUE);
  FAILS(eve_key(s, EVE_CELL_UUID, 0, NULL, unknown), EVE_VALUE);
  FAILS(eve_get(s, root[0], EVE_CELL_UUID, 0, NULL, &c), EVE_VALUE);
  FAILS(eve_get(s, root[0], EVE_CELL_STRING | 9 << 16, 0, NULL, &c), EVE_VALUE);
  FAILS(eve_get(s, root[0], EVE_CELL_CHAR, 1ull << 32 | 'x', NULL, &c), EVE_VALUE);
  FAILS(eve_get(s, root[0], EVE_KEY_ENCODED, 0, NULL, &c), EVE_VALUE);
  eve_snapshot_free(s);
}

/* [(1 2) #{1} #tag 5 ^{1 2} {1 [2]}] and what is in them; then all of them changed at once. */
static void collections(void) {
  patch p = {0};
  many(&p, 17, 4);
  many(&p, 18, 2), integer(&p, 1), integer(&p, 2);
  many(&p, 16, 1), integer(&p, 1);
  u8(&p, 19), sized(&p, "tag", 3), integer(&p, 5);
  u8(&p, 20), many(&p, 15, 1), integer(&p, 1), integer(&p, 2);
  many(&p, 15, 1), integer(&p, 1), many(&p, 17, 1), integer(&p, 2);
  const eve_atom_handle *a = atom("collections", &p);
  const eve_snapshot *s, *after;
  uint64_t root[3];
  IS(eve_load(a, &s, root), 1);
  eve_cell list = cell_at(s, root[0], 0), set = cell_at(s, root[0], 1), tagged = cell_at(s, root[0], 2), map = cell_at(s, root[0], 3);
  eve_cell c[4];
  IS(list.tag, EVE_CELL_LIST | 2 << 16);
  IS(eve_list(s, list.bits, c), 1);
  IS(c[0].bits == 1 && c[1].tag == (EVE_CELL_LIST | 1 << 16), 1);
  IS(eve_list(s, c[1].bits, c) == 1 && eve_list(s, c[1].bits, c) == 0, 1);
  IS(eve_nth(s, list.bits, 1, c) == 1 && c->bits == 2, 1);
  IS(eve_find(s, set.bits, INT_KEY(1), c) == 1 && c[1].bits == 1 && c[0].bits == 1, 1);
  IS(eve_entries(s, set.bits, c, 4), 1);
  IS(eve_tagged(s, tagged.bits, c), 1);
  IS((c[0].tag & 0xFFFFFFFF) == (EVE_CELL_SHORT_SYMBOL | 3 << 16) && c[1].bits == 5, 1);
  IS(memcmp(EVE_TEXT(c[0]), "tag", 4), 0);
  IS(eve_tagged(s, list.bits, c), 0);
  IS(map.tag, EVE_CELL_MAP | EVE_HAS_META | 1 << 16);
  IS(eve_meta(s, map.bits, c), 1);
  IS(eve_get(s, c->bits, INT_KEY(1), c) == 1 && c->bits == 2, 1);
  IS(eve_meta(s, list.bits, c), 0);
  IS(eve_without_meta(s, map.bits, c), 1);
  IS(c->tag, EVE_CELL_MAP | 1 << 16);
  IS(eve_equals(s, map.bits, s, c->bits), 1);
  IS(eve_equals(s, map.bits, s, list.bits), 0);
  IS(eve_entries(s, map.bits, c, 1), 0); /* an entry takes two cells */

  of(&p, 24, s, root[0]), u64(&p, 4), u32(&p, 3);
  u64(&p, 0), of(&p, 25, s, list.bits), u32(&p, 1), integer(&p, 0);
  u64(&p, 1), of(&p, 23, s, set.bits), u32(&p, 2), integer(&p, 1), u8(&p, 0), integer(&p, 3), u8(&p, 1);
  /* What lies there now is named by the handle UINT64_MAX, too; the word does not count then. */
  u64(&p, 3), u8(&p, 22), u64(&p, UINT64_MAX), u64(&p, 0), u32(&p, 2), integer(&p, 2), u8(&p, 1), of(&p, 21, s, list.bits);
  integer(&p, 1), u8(&p, 1), u8(&p, 24), u64(&p, UINT64_MAX), u64(&p, 0), u64(&p, 0), u32(&p, 0), u32(&p, 1), integer(&p, 9);
  u32(&p, 1), u8(&p, 20), u8(&p, 0), of(&p, 21, s, map.bits); /* behind the others: the map, without its metadata */
  IS(eve_commit(a, s, p.bytes, p.length, &after, root), 1);
  if (after == NULL) IS(eve_load(a, &after, root), 1);
  IS(root[1], EVE_CELL_VECTOR | 5 << 16);
  eve_cell list2 = cell_at(after, root[0], 0), set2 = cell_at(after, root[0], 1);
  eve_cell map2 = cell_at(after, root[0], 3), plain = cell_at(after, root[0], 4);
  IS(eve_elements(after, list2.bits, 0, c, 4) == 3 && c[0].bits == 0 && c[2].bits == 2, 1);
  IS(eve_elements(after, set2.bits, 0, c, 4) == 1 && c->bits == 3, 1);
  IS(map2.tag, EVE_CELL_MAP | EVE_HAS_META | 2 << 16);
  IS(eve_get(after, map2.bits, INT_KEY(2), c) == 1 && eve_equals(after, c->bits, s, list.bits) == 1, 1);
  IS(eve_get(after, map2.bits, INT_KEY(1), c) == 1 && cell_at(after, c->bits, 0).bits == 9, 1);
  IS(plain.tag, EVE_CELL_MAP | 1 << 16);
  IS(eve_equals(after, plain.bits, s, map.bits), 1);
  free(p.bytes);
  eve_snapshot_free(s), eve_snapshot_free(after), eve_atom_free(a);
}

/* Walks from a key on over a sorted map, a sorted set and an integer map of 0, 10 … 90. */
static void ordered(void) {
  static const struct { uint8_t code; int kind; } kinds[] = {
    {27, EVE_CELL_SORTED_MAP}, {28, EVE_CELL_SORTED_SET}, {29, EVE_CELL_INT_MAP}};
  static const struct { int64_t key; uint32_t flags; int64_t n, first; } walks[] = {
    {30, 0, 6, 40}, {30, EVE_WALK_INCLUSIVE, 7, 30}, {30, EVE_WALK_DOWN, 3, 20}, {30, EVE_WALK_DOWN | EVE_WALK_INCLUSIVE, 4, 30},
    {35, EVE_WALK_INCLUSIVE, 6, 40}, {0, EVE_WALK_FROM_END, 10, 0}, {0, EVE_WALK_FROM_END | EVE_WALK_DOWN, 10, 90}, {90, 0, 0, 0}};
  for (int k = 0; k < 3; k++) {
    patch p = {0};
    uint64_t root[3];
    char name[] = {'o', (char)('0' + k), 0};
    int cells = kinds[k].code == 28 ? 1 : 2;
    many(&p, kinds[k].code, 10);
    for (int i = 9; i >= 0; i--) {
      integer(&p, 10 * i);
      if (cells == 2) integer(&p, i);
    }
    const eve_snapshot *s = stored(name, &p, root);
    IS(root[1], kinds[k].kind | 10 << 16);
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
      eve_walk_handle *walk;
      eve_cell c[4], first = {0, 0};
      int64_t n, sum = 0;
      IS(eve_walk_from(s, root[0], INT_KEY(walks[i].key), walks[i].flags, &walk), 0);
      while ((n = eve_walk_next(walk, c, 4)) > 0) {
        if (sum == 0) first = c[0];
        sum += n;
      }
      IS(n == 0 && sum == walks[i].n && (sum == 0 || (int64_t)first.bits == walks[i].first), 1);
      eve_walk_free(walk);
    }
    eve_walk_handle *walk;
    eve_cell c[20];
    FAILS(eve_walk_from(s, root[0], INT_KEY(0), 8, &walk), EVE_VALUE);
    IS(eve_walk(s, root[0], &walk), 0);
    eve_snapshot_free(s); /* the walk holds it */
    IS(eve_walk_next(walk, c, (uint64_t)cells * 10), 10);
    IS(c[9 * cells].bits == 90 && eve_walk_next(walk, c, 2) == 0, 1);
    eve_walk_free(walk);
  }
}

static void typed(void) {
  patch p = {0};
  uint64_t root[3], out = 0;
  static const int bytes[] = {1, 1, 1, 2, 2, 4, 4, 8, 4, 8};
  many(&p, 17, 12);
  for (uint8_t type = EVE_INT8; type <= EVE_FLOAT64; type++) {
    u8(&p, 30), u8(&p, type), u32(&p, 3);
    for (int i = 0; i < 3 * bytes[type]; i++) u8(&p, 0);
  }
  for (uint8_t many_rows = 0; many_rows < 2; many_rows++) {
    u8(&p, 31), u8(&p, many_rows), u32(&p, 2), sized(&p, "id", 2), u8(&p, EVE_UINT8), sized(&p, "x", 1), u8(&p, EVE_INT16);
    u32(&p, 1u + many_rows);
    put(&p, "\1\2", 1u + many_rows), put(&p, "\xFF\xFF\3\0", many_rows ? 4 : 2);
  }
  const eve_snapshot *s = stored("typed", &p, root);
  for (uint32_t type = 0; type < 10; type++) {
    eve_cell c = cell_at(s, root[0], type);
    eve_array_shape shape;
    IS(c.tag, EVE_CELL_ARRAY | 3 << 16);
    IS(eve_array_info(s, c.bits, 0, &shape), 0);
    IS(shape.type == type && shape.bytes == (uint32_t)bytes[type] && shape.length == 3, 1);
    for (uint32_t op = EVE_OP_LOAD; op <= EVE_OP_XOR; op++) {
      if (type >= EVE_FLOAT32 && op > EVE_OP_COMPARE_EXCHANGE) FAILS(eve_array_update(s, c.bits, 0, 1, op, 1, 0, &out), EVE_VALUE);
      else IS(eve_array_set(s, c.bits, 0, 1, 6) == 0 && eve_array_update(s, c.bits, 0, 1, op, 5, 6, &out) == 1 && out == 6, 1);
      static const uint64_t results[] = {6, 5, 5, 5, 11, 1, 4, 7, 3};
      IS(eve_array_get(s, c.bits, 0, 1, &out) == 0 && (out == results[op] || type >= EVE_FLOAT32), 1);
    }
    IS(eve_array_fill(s, c.bits, 0, 0, 3, (uint64_t)-2) == 0 && eve_array_get(s, c.bits, 0, 2, &out) == 0, 1);
    if (type == EVE_INT8 || type == EVE_INT16 || type == EVE_INT32 || type == EVE_INT64) IS(out, -2);
    if (type == EVE_UINT16) IS(out, 0xFFFE);
    IS(eve_array_update(s, c.bits, 0, 2, EVE_OP_COMPARE_EXCHANGE, 0, 1, &out), 0);
    FAILS(eve_array_get(s, c.bits, 0, 3, &out), EVE_VALUE);
    FAILS(eve_array_get(s, c.bits, 1, 0, &out), EVE_VALUE);
    FAILS(eve_array_fill(s, c.bits, 0, UINT64_MAX, 2, 0), EVE_VALUE);
    FAILS(eve_array_read(s, c.bits, 0, 1, UINT64_MAX, &out), EVE_VALUE);
    FAILS(eve_array_update(s, c.bits, 0, 0, 9, 0, 0, NULL), EVE_VALUE);
  }
  eve_cell clamped = cell_at(s, root[0], EVE_UINT8_CLAMPED), words = cell_at(s, root[0], EVE_INT32);
  eve_cell one = cell_at(s, root[0], 10), rows = cell_at(s, root[0], 11);
  IS(eve_array_set(s, clamped.bits, 0, 0, 250) == 0 && eve_array_update(s, clamped.bits, 0, 0, EVE_OP_ADD, 9, 0, NULL) == 1, 1);
  IS(eve_array_get(s, clamped.bits, 0, 0, &out) == 0 && out == 255, 1);
  int32_t in[3] = {1, 2, 3}, back[3];
  IS(eve_array_write(s, words.bits, 0, 0, 3, in), 0);
  IS(eve_array_copy(s, words.bits, 0, 1, s, words.bits, 0, 0, 2), 0);
  IS(eve_array_read(s, words.bits, 0, 0, 3, back) == 0 && back[0] == 1 && back[1] == 1 && back[2] == 2, 1);
  FAILS(eve_array_copy(s, words.bits, 0, 0, s, clamped.bits, 0, 0, 1), EVE_VALUE);
  IS(eve_array_wait(s, words.bits, 0, 0, 7, -1), 1);
  IS(eve_array_wait(s, words.bits, 0, 0, 1, 1), 2);
  IS(eve_array_notify(s, words.bits, 0, 0, 1), 0);
  FAILS(eve_array_wait(s, clamped.bits, 0, 0, 0, 0), EVE_VALUE);
  eve_records_shape shape;
  IS(one.tag == (EVE_CELL_RECORDS | 1 << 16) && rows.tag == (EVE_CELL_RECORDS | 2 << 16), 1);
  IS(eve_records_info(s, one.bits, &shape) == 0 && shape.one == 1 && shape.rows == 1, 1);
  const uint8_t *address = shape.shape;
  IS(eve_records_info(s, rows.bits, &shape) == 0 && shape.one == 0 && shape.rows == 2 && shape.fields == 2, 1);
  IS(shape.shape == address, 1);
  IS(shape.shape_len == 17 && memcmp(shape.shape, "\2\0\0\0\2\0\0\0id\1\1\0\0\0x\3", 17) == 0, 1);
  IS(eve_array_get(s, rows.bits, 1, 0, &out) == 0 && (int64_t)out == -1, 1);
  FAILS(eve_records_info(s, words.bits, &shape), EVE_VALUE);
  FAILS(eve_array_info(s, root[0], 0, NULL), EVE_VALUE);
  eve_snapshot_free(s);
}

/* Patches that are cut off, or damaged in places that are no handle and no word, are errors or other values. */
static void damaged_patches(void) {
  patch p = {0}, q = {0};
  many(&p, 15, 0);
  const eve_atom_handle *a = atom("damaged", &p);
  const eve_snapshot *s;
  uint64_t root[3], random = 1;
  IS(eve_load(a, &s, root), 1);
  many(&p, 17, 6), text(&p, 6, "text"), many(&p, 27, 1), integer(&p, 1), many(&p, 18, 0);
  u8(&p, 20), many(&p, 15, 0), many(&p, 16, 1), u8(&p, 5), u32(&p, 'x');
  u8(&p, 30), u8(&p, EVE_INT16), u32(&p, 2), u32(&p, 0);
  u8(&p, 31), u8(&p, 0), u32(&p, 1), sized(&p, "id", 2), u8(&p, EVE_UINT8), u32(&p, 1), u8(&p, 0);
  u8(&p, 11), sized(&p, "\1", 1), sized(&p, "\2", 1);
  for (uint64_t cut = 0; cut < p.length; cut++) FAILS(eve_commit(a, s, p.bytes, cut, NULL, NULL), EVE_VALUE);
  for (int i = 0; i < 20000; i++) {
    q.length = 0;
    put(&q, p.bytes, p.length);
    for (int j = 0; j < 2; j++) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      uint8_t *byte = &q.bytes[(random >> 33) % q.length];
      *byte = (random >> 20 & 1) ? (uint8_t)(random >> 24) : (uint8_t)((random >> 24) % 21);
    }
    int handles = 0; /* what looks like one would be followed */
    for (uint64_t j = 0; j < q.length; j++) handles |= q.bytes[j] >= 21 && q.bytes[j] <= 25;
    if (handles) continue;
    const eve_snapshot *base;
    IS(eve_load(a, &base, root), 1);
    IS(eve_commit(a, base, q.bytes, q.length, NULL, NULL) != 0, 1);
    eve_snapshot_free(base);
  }
  free(p.bytes), free(q.bytes);
  FAILS(eve_commit(a, s, (const uint8_t *)"\5\0\0\x11\0", 5, NULL, NULL), EVE_VALUE); /* no character */
  FAILS(eve_commit(a, s, (const uint8_t *)"\13\1\0\0\0\1\1\0\0\0\0", 11, NULL, NULL), EVE_VALUE); /* 1/0 */
  FAILS(eve_commit(a, s, NULL, 1, NULL, NULL), EVE_VALUE);
  FAILS(eve_commit(a, NULL, (const uint8_t *)"", 1, NULL, NULL), EVE_VALUE);
  eve_snapshot_free(s), eve_atom_free(a);
}

int main(void) {
  if (eve_interface() != EVE_INTERFACE || strlen(eve_version()) == 0) return 2;
  IS(eve_open_memory(1 << 26, &domain), 0);
  scalars(), short_strings(), keys(), collections(), ordered(), typed(), damaged_patches();
  verified();
  IS(eve_reclaim(domain), 0);
  verified();
  return (int)eve_domain_free(domain);
}
