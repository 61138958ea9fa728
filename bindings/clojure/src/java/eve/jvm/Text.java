package eve.jvm;

import clojure.lang.Keyword;
import clojure.lang.Symbol;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text between the JVM's UTF-16 and the file's WTF-8, where a lone surrogate has three bytes of its own. */
final class Text {
  private Text() {}

  static byte[] encode(String s) {
    byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      if (b == '?') return hasLoneSurrogate(s) ? encodeSlowly(s) : bytes; // a lone surrogate became one
    }
    return bytes;
  }

  private static boolean hasLoneSurrogate(String s) {
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c) || i + 1 == s.length() || !Character.isLowSurrogate(s.charAt(i + 1))) return true;
        i++;
      }
    }
    return false;
  }

  private static byte[] encodeSlowly(String s) {
    byte[] out = new byte[s.length() * 3];
    int n = 0;
    for (int i = 0; i < s.length(); ) {
      int c = s.codePointAt(i);
      i += Character.charCount(c);
      if (c < 0x80) {
        out[n++] = (byte) c;
      } else if (c < 0x800) {
        out[n++] = (byte) (0xC0 | c >> 6);
        out[n++] = (byte) (0x80 | c & 0x3F);
      } else if (c < 0x10000) {
        out[n++] = (byte) (0xE0 | c >> 12);
        out[n++] = (byte) (0x80 | c >> 6 & 0x3F);
        out[n++] = (byte) (0x80 | c & 0x3F);
      } else {
        out[n++] = (byte) (0xF0 | c >> 18);
        out[n++] = (byte) (0x80 | c >> 12 & 0x3F);
        out[n++] = (byte) (0x80 | c >> 6 & 0x3F);
        out[n++] = (byte) (0x80 | c & 0x3F);
      }
    }
    return Arrays.copyOf(out, n);
  }

  static String decode(byte[] bytes) {
    String s = new String(bytes, StandardCharsets.UTF_8);
    return s.indexOf('\uFFFD') < 0 ? s : decodeSlowly(bytes, s);
  }

  private static String decodeSlowly(byte[] b, String lossy) {
    boolean lone = false;
    for (int i = 0; i + 2 < b.length && !lone; i++) {
      lone = b[i] == (byte) 0xED && (b[i + 1] & 0xE0) == 0xA0;
    }
    if (!lone) return lossy;
    StringBuilder out = new StringBuilder(b.length);
    int from = 0;
    for (int i = 0; i + 2 < b.length; i++) {
      if (b[i] == (byte) 0xED && (b[i + 1] & 0xE0) == 0xA0) {
        out.append(new String(b, from, i - from, StandardCharsets.UTF_8));
        out.append((char) (0xD000 | (b[i + 1] & 0x3F) << 6 | b[i + 2] & 0x3F));
        from = i + 3;
        i += 2;
      }
    }
    return out.append(new String(b, from, b.length - from, StandardCharsets.UTF_8)).toString();
  }

  private static final int SHORT = 10;

  /** Up to 10 bytes that lie in a cell: the first two highest in the tag, the others in the bits, the first one lowest. */
  static String decodeShort(long tag, long bits) {
    return decodeShort(tag, bits, new byte[SHORT]);
  }

  /** With room for them. */
  static String decodeShort(long tag, long bits, byte[] scratch) {
    int length = (int) (tag >>> 16) & 0xFFFF;
    WORDS.set(scratch, 0, tag >>> 48 | bits << 16);
    WORDS.set(scratch, SHORT - 8, bits);
    boolean ascii = ((bits | tag >>> 48) & NOT_ASCII) == 0;
    return ascii ? ascii(scratch, length) : decode(Arrays.copyOf(scratch, length));
  }

  /** The constructor with a byte for the upper halves is small enough to be compiled into loops, which those with a character set are not. */
  @SuppressWarnings("deprecation")
  private static String ascii(byte[] bytes, int length) {
    return new String(bytes, 0, 0, length);
  }

  static byte[] copy(long address, long length) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    MemorySegment.copy(Native.MEMORY, ValueLayout.JAVA_BYTE, address, bytes, 0, bytes.length);
    return bytes;
  }

  /** Longer texts are worth the calls that copy and look through many bytes at once. */
  static final int FEW = 64;
  private static final long NOT_ASCII = 0x8080808080808080L;
  private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  static String decode(long address, long length) {
    return isMedium(length) ? decode(address, (int) length, new byte[(int) length]) : decode(copy(address, length));
  }

  /** Of a text of {@link #isMedium medium} length; {@code scratch} has room for it. */
  static String decode(long address, int length, byte[] scratch) {
    int last = length - 8;
    long seen = 0;
    for (int i = 0; i < last; i += 8) {
      long word = Native.MEMORY.get(ValueLayout.JAVA_LONG_UNALIGNED, address + i);
      WORDS.set(scratch, i, word);
      seen |= word;
    }
    long word = Native.MEMORY.get(ValueLayout.JAVA_LONG_UNALIGNED, address + last); // may overlap the one before
    WORDS.set(scratch, last, word);
    if (((seen | word) & NOT_ASCII) == 0) return ascii(scratch, length);
    return decode(Arrays.copyOf(scratch, length));
  }

  /** Is it worth being copied word by word? Such are most keys. */
  static boolean isMedium(long length) {
    return length >= 8 && length <= FEW;
  }

  static Symbol symbol(String text) {
    int slash = text.indexOf('/');
    return slash <= 0 ? Symbol.intern(null, text) : Symbol.intern(text.substring(0, slash), text.substring(slash + 1));
  }

  static Keyword keyword(String text) {
    return Keyword.intern(symbol(text));
  }
}
