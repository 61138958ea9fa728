package eve.jvm;

import clojure.lang.Keyword;
import java.lang.foreign.MemorySegment;

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
    Key[] table = keys;
    int mask = table.length - 1;
    for (int i = place(keyword) & mask; ; i = i + 1 & mask) {
      Key found = table[i];
      if (found == null) return ask(keyword, snapshot);
      if (found.keyword == keyword) return found;
    }
  }

  private static int place(Keyword keyword) {
    int h = keyword.hasheq() * 0x9E3779B9;
    return h ^ h >>> 15;
  }

  private Key ask(Keyword keyword, long snapshot) {
    byte[] text = Text.encode(Keys.text(keyword));
    long[] out = new long[2];
    if (!Native.key(snapshot, Decode.KEYWORD | (long) text.length << 16, 0, MemorySegment.ofArray(text), out)) return null;
    Key made = new Key(keyword, out[0], out[1]);
    add(made);
    return made;
  }

  private synchronized void add(Key made) {
    if (known == MOST) return;
    Key[] table = keys;
    if (2 * (known + 1) > table.length) {
      table = new Key[2 * table.length];
      for (Key key : keys) {
        if (key != null) put(table, key);
      }
    }
    if (put(table, made)) known++;
    keys = table;
  }

  private static boolean put(Key[] table, Key made) {
    int mask = table.length - 1;
    int i = place(made.keyword) & mask;
    while (table[i] != null) {
      if (table[i].keyword == made.keyword) return false; // another thread was first
      i = i + 1 & mask;
    }
    table[i] = made;
    return true;
  }

  /** The keywords whose texts begin in one page of addresses, each at its place: names lie close together. */
  private record Page(long number, Keyword[] keywords) {
    private static final int BITS = 14, GRAIN = 4;

    static long number(long address) {
      return address >>> BITS;
    }

    static int place(long number, int mask) {
      return (int) (number * 0x9E3779B97F4A7C15L >>> 40) & mask;
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
    for (int i = Page.place(number, mask); ; i = i + 1 & mask) {
      Page page = table[i];
      if (page == null || page.number == number) return page;
    }
  }

  private synchronized void keep(long address, Keyword keyword) {
    if (kept == MOST) return;
    Page page = page(Page.number(address));
    if (page == null) {
      page = new Page(Page.number(address), new Keyword[1 << Page.BITS - Page.GRAIN]);
      add(page);
    }
    if (page.keywords[Page.inside(address)] == null) kept++;
    page.keywords[Page.inside(address)] = keyword; // all that a reader needs of it is final
  }

  private void add(Page made) {
    Page[] table = pages;
    if (2 * (used + 1) > table.length) {
      table = new Page[2 * table.length];
      for (Page page : pages) {
        if (page != null) put(table, page);
      }
    }
    put(table, made);
    used++;
    pages = table;
  }

  private static void put(Page[] table, Page made) {
    int mask = table.length - 1;
    int i = Page.place(made.number, mask);
    while (table[i] != null) {
      i = i + 1 & mask;
    }
    table[i] = made;
  }
}
