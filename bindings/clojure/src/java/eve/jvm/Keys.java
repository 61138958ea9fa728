package eve.jvm;

import clojure.lang.Keyword;

/** Keywords and their texts, in whatever domain. */
final class Keys {
  private Keys() {}

  static String text(Keyword keyword) {
    return keyword.sym.toString();
  }

  private record Short(long tag, long bits, Keyword keyword) {}

  private static final Short[] SHORT = new Short[4096];

  /** The keyword of up to 7 bytes. The cache is racy on purpose: its entries are immutable, and one that is lost is made again. */
  static Keyword shortKeyword(long tag, long bits) {
    long text = bits << 16 | tag >>> 48;
    int at = (int) ((text ^ text >>> 29) * 0x9E3779B97F4A7C15L >>> 52);
    Short found = SHORT[at];
    if (found != null && found.bits == bits && found.tag == tag) return found.keyword;
    Keyword keyword = Text.keyword(Text.decodeShort(tag, bits));
    SHORT[at] = new Short(tag, bits, keyword);
    return keyword;
  }
}
