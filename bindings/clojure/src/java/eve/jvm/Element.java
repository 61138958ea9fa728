package eve.jvm;

import clojure.lang.ExceptionInfo;
import clojure.lang.Keyword;
import clojure.lang.PersistentHashMap;
import clojure.lang.RT;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Types of elements, by their codes in eve.h, and elements as numbers of the JVM. */
public final class Element {
  private static final String[] NAMES = {
    "int8", "uint8", "uint8-clamped", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"
  };
  private static final int[] BYTES = {1, 1, 1, 2, 2, 4, 4, 8, 4, 8};
  static final int UINT8_CLAMPED = 2, INT32 = 5, UINT32 = 6, FLOAT32 = 8, FLOAT64 = 9;

  private Element() {}

  /** The code of a type like {@code :int32}. */
  public static int code(Object type) {
    if (type instanceof Keyword k && k.getNamespace() == null) {
      for (int i = 0; i < NAMES.length; i++) {
        if (NAMES[i].equals(k.getName())) return i;
      }
    }
    throw new ExceptionInfo("there is no type of elements " + RT.printString(type) + "; there are :"
        + String.join(", :", NAMES), PersistentHashMap.create(Keyword.intern("type"), type));
  }

  public static Keyword name(int code) {
    return Keyword.intern(NAMES[code]);
  }

  static int bytes(int code) {
    return BYTES[code];
  }

  static Number number(int code, long bits) {
    return switch (code) {
      case FLOAT32 -> (double) Float.intBitsToFloat((int) bits);
      case FLOAT64 -> Double.longBitsToDouble(bits);
      default -> bits;
    };
  }

  /** As an element has it: integers lose the bits that it has no room for, clamped ones stop at 0 and 255. */
  static long bits(int code, Object value) {
    if (!(value instanceof Number n)) {
      throw new ExceptionInfo("an element of type " + name(code) + " is a number, not " + RT.printString(value),
          PersistentHashMap.create(Keyword.intern("value"), value));
    }
    return switch (code) {
      case FLOAT32 -> Integer.toUnsignedLong(Float.floatToRawIntBits(n.floatValue()));
      case FLOAT64 -> Double.doubleToRawLongBits(n.doubleValue());
      case UINT8_CLAMPED -> Math.clamp(Math.round(n.doubleValue()), 0, 255);
      default -> n.longValue();
    };
  }

  /** These values, packed. */
  public static byte[] pack(int code, Iterable<?> values, int count) {
    ByteBuffer out = ByteBuffer.allocate(Math.multiplyExact(count, BYTES[code])).order(ByteOrder.LITTLE_ENDIAN);
    for (Object value : values) {
      put(out, code, bits(code, value));
    }
    return out.array();
  }

  private static void put(ByteBuffer out, int code, long bits) {
    switch (BYTES[code]) {
      case 1 -> out.put((byte) bits);
      case 2 -> out.putShort((short) bits);
      case 4 -> out.putInt((int) bits);
      default -> out.putLong(bits);
    }
  }

  /** The element of packed ones, extended to 64 bits. */
  static long unpack(ByteBuffer packed, int code, int index) {
    int at = index * BYTES[code];
    return switch (code) {
      case 0 -> packed.get(at);
      case 1, 2 -> packed.get(at) & 0xFF;
      case 3 -> packed.getShort(at);
      case 4 -> packed.getShort(at) & 0xFFFF;
      case 5 -> packed.getInt(at);
      case 6, FLOAT32 -> packed.getInt(at) & 0xFFFFFFFFL;
      default -> packed.getLong(at);
    };
  }
}
