package eve.jvm;

import clojure.lang.Keyword;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;

/** Keys to look up, as tag and bits; and keywords for words. */
final class Keys {
  private Keys() {}

  /** A key whose text is in its bits or at the address in them. */
  record Cell(long tag, long bits) {}

  /** Bounded, so that a program that makes up keywords does not fill memory: what is not kept is made again. */
  private static final int MOST = 1 << 16;
  private static final ConcurrentHashMap<Keyword, Cell> CELLS = new ConcurrentHashMap<>();

  static Cell of(Keyword keyword) {
    Cell cell = CELLS.get(keyword);
    return cell != null ? cell : make(keyword);
  }

  private static Cell make(Keyword keyword) {
    byte[] text = Text.encode(text(keyword));
    Cell cell;
    if (text.length <= 8) {
      cell = new Cell(Decode.SHORT_KEYWORD | (long) text.length << 16, little(text));
    } else if (CELLS.size() < MOST) {
      MemorySegment kept = Arena.global().allocate(text.length);
      MemorySegment.copy(text, 0, kept, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, text.length);
      cell = new Cell(Decode.KEYWORD | (long) text.length << 16, kept.address());
    } else {
      return null;
    }
    if (CELLS.size() < MOST) CELLS.putIfAbsent(keyword, cell);
    return cell;
  }

  static String text(Keyword keyword) {
    return keyword.sym.toString();
  }

  static long little(byte[] bytes) {
    long bits = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      bits = bits << 8 | bytes[i] & 0xFF;
    }
    return bits;
  }

  private record Short(long tag, long bits, Keyword keyword) {}

  private static final Short[] SHORT = new Short[4096];

  /** The keyword of up to 7 bytes. The cache is racy on purpose: its entries are immutable, and one that is lost is made again. */
  static Keyword shortKeyword(long tag, long bits) {
    int at = (int) ((bits ^ bits >>> 29) * 0x9E3779B97F4A7C15L >>> 52);
    Short found = SHORT[at];
    if (found != null && found.bits == bits && found.tag == tag) return found.keyword;
    Keyword keyword = Text.keyword(Text.decodeShort(bits, (int) (tag >>> 16)));
    SHORT[at] = new Short(tag, bits, keyword);
    return keyword;
  }
}
