package eve.jvm;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The functions of eve.h for typed arrays and typed objects. */
final class NativeTyped {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final MemoryLayout PTR = ValueLayout.ADDRESS;

  static final int LOAD = 0, STORE = 1, EXCHANGE = 2, COMPARE_EXCHANGE = 3, ADD = 4, SUB = 5, AND = 6, OR = 7, XOR = 8;

  private static final MethodHandle INFO = Native.critical("eve_array_info", LONG, LONG, LONG, INT, PTR);
  private static final MethodHandle UPDATE =
      Native.critical("eve_array_update", LONG, LONG, LONG, INT, LONG, INT, LONG, LONG, PTR);
  private static final MethodHandle READ = Native.critical("eve_array_read", LONG, LONG, LONG, INT, LONG, LONG, PTR);
  private static final MethodHandle WRITE = Native.critical("eve_array_write", LONG, LONG, LONG, INT, LONG, LONG, PTR);
  private static final MethodHandle FILL = Native.plain("eve_array_fill", LONG, LONG, LONG, INT, LONG, LONG, LONG);
  private static final MethodHandle COPY =
      Native.plain("eve_array_copy", LONG, LONG, LONG, INT, LONG, LONG, LONG, INT, LONG, LONG);
  private static final MethodHandle WAIT = Native.plain("eve_array_wait", LONG, LONG, LONG, INT, LONG, LONG, LONG);
  private static final MethodHandle NOTIFY = Native.plain("eve_array_notify", LONG, LONG, LONG, INT, LONG, INT);
  private static final MethodHandle RECORDS = Native.critical("eve_records_info", LONG, LONG, LONG, PTR);

  private NativeTyped() {}

  /** Runs a call that gives a number, negative for an error. */
  private interface Call {
    long run() throws Throwable;
  }

  private static long checked(Call call) {
    try {
      return Native.checked(call.run());
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Type and number of elements. */
  static long[] info(long snapshot, long word, int field) {
    long[] out = new long[3];
    checked(() -> (long) INFO.invokeExact(snapshot, word, field, MemorySegment.ofArray(out)));
    return new long[] {out[0] & 0xFFFFFFFFL, out[1]};
  }

  /** One atomic step; false if a compare-exchange did not find what it expected. {@code out}: what was there. */
  static boolean update(long snapshot, long word, int field, long index, int op, long operand, long expected, long[] out) {
    try {
      return Native.checked((long) UPDATE.invokeExact(snapshot, word, field, index, op, operand, expected,
          MemorySegment.ofArray(out))) != 0;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void read(long snapshot, long word, int field, long first, long count, byte[] out) {
    checked(() -> (long) READ.invokeExact(snapshot, word, field, first, count, MemorySegment.ofArray(out)));
  }

  static void write(long snapshot, long word, int field, long first, long count, byte[] from) {
    checked(() -> (long) WRITE.invokeExact(snapshot, word, field, first, count, MemorySegment.ofArray(from)));
  }

  static void fill(long snapshot, long word, int field, long first, long count, long bits) {
    checked(() -> (long) FILL.invokeExact(snapshot, word, field, first, count, bits));
  }

  static void copy(long to, long toWord, int toField, long at, long from, long fromWord, int fromField, long first, long count) {
    checked(() -> (long) COPY.invokeExact(to, toWord, toField, at, from, fromWord, fromField, first, count));
  }

  static int await(long snapshot, long word, int field, long index, long expected, long milliseconds) {
    return (int) checked(() -> (long) WAIT.invokeExact(snapshot, word, field, index, expected, milliseconds));
  }

  static long notify(long snapshot, long word, int field, long index, int most) {
    return checked(() -> (long) NOTIFY.invokeExact(snapshot, word, field, index, most));
  }

  /** Rows, fields and whether it is one object (as the halves of a number), address and length of the shape. */
  static long[] records(long snapshot, long word) {
    long[] out = new long[4];
    checked(() -> (long) RECORDS.invokeExact(snapshot, word, MemorySegment.ofArray(out)));
    return out;
  }
}
