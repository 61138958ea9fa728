package eve.jvm;

import clojure.lang.Keyword;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * The keywords of a domain that were met: what they are there, and which one a stored name is. Names are never removed from a domain, so what is
 * known stays true. Read without a lock: the tables only grow, their entries are immutable, and what a race misses is asked for again. Bounded, so
 * that a program that makes up keywords does not fill memory.
 */
final class Keywords {
  private static final int MOST = 1 << 18;

  /** A keyword's word and hash in the domain. */
  record Key(Keyword keyword, long word, long hash) {}

  private volatile Key[] keys = new Key[256];
  private int known;

  /** What a keyword is in the domain of the snapshot; null if nothing there has it. */
  Key key(Keyword keyword, long snapshot) {
    Key found = find(keyword);
    return found != null ? found : ask(keyword, snapshot);
  }

  private Key find(Keyword keyword) {
    Key[] table = keys;
    int mask = table.length - 1;
    for (int i = place(keyword) & mask; ; i = i + 1 & mask) {
      Key found = table[i];
      if (found == null || found.keyword == keyword) return found;
    }
  }

  private static int place(Keyword keyword) {
    int h = keyword.hasheq() * 0x9E3779B9;
    return h ^ h >>> 15;
  }

  private Key ask(Keyword keyword, long snapshot) {
    byte[] text = Text.encode(Keys.text(keyword));
    long[] out = new long[2];
    if (!Native.key(snapshot, Decode.KEYWORD | (long) text.length << 16, MemorySegment.ofArray(text), out)) return null;
    Key made = new Key(keyword, out[0], out[1]);
    keep(made);
    return made;
  }

  private synchronized void keep(Key made) {
    if (known == MOST || find(made.keyword) != null) return; // another thread may have been first
    keys = with(keys, known++, made, key -> place(key.keyword));
  }

  /** A table of so many entries with one more: the same one, or a larger one. Half of it stays free. */
  private static <E> E[] with(E[] table, int entries, E made, ToIntFunction<E> place) {
    E[] to = table;
    if (2 * (entries + 1) > table.length) {
      to = Arrays.copyOf(table, 2 * table.length);
      Arrays.fill(to, null);
      for (E entry : table) {
        if (entry != null) put(to, entry, place);
      }
    }
    put(to, made, place);
    return to;
  }

  private static <E> void put(E[] table, E made, ToIntFunction<E> place) {
    int mask = table.length - 1;
    int i = place.applyAsInt(made) & mask;
    while (table[i] != null) {
      i = i + 1 & mask;
    }
    table[i] = made;
  }

  /** The keywords whose texts begin in one page of addresses, each at its place: names lie close together. */
  private record Page(long number, Keyword[] keywords) {
    private static final int BITS = 14, GRAIN = 4;

    static long number(long address) {
      return address >>> BITS;
    }

    static int place(long number) {
      return (int) (number * 0x9E3779B97F4A7C15L >>> 40);
    }

    static int inside(long address) {
      return (int) (address >>> GRAIN) & (1 << BITS - GRAIN) - 1;
    }
  }

  private volatile Page[] pages = new Page[64];
  private int used;
  private int kept;

  /** The keyword whose text is at this address. */
  Keyword at(long address, long length) {
    Page page = page(Page.number(address));
    if (page != null) {
      Keyword found = page.keywords[Page.inside(address)];
      if (found != null) return found;
    }
    Keyword keyword = Text.keyword(Text.decode(address, length));
    keep(address, keyword);
    return keyword;
  }

  private Page page(long number) {
    Page[] table = pages;
    int mask = table.length - 1;
    for (int i = Page.place(number) & mask; ; i = i + 1 & mask) {
      Page page = table[i];
      if (page == null || page.number == number) return page;
    }
  }

  private synchronized void keep(long address, Keyword keyword) {
    if (kept == MOST) return;
    Page page = page(Page.number(address));
    if (page == null) {
      page = new Page(Page.number(address), new Keyword[1 << Page.BITS - Page.GRAIN]);
      pages = with(pages, used++, page, p -> Page.place(p.number));
    }
    if (page.keywords[Page.inside(address)] == null) kept++;
    page.keywords[Page.inside(address)] = keyword; // all that a reader needs of it is final
  }
}
