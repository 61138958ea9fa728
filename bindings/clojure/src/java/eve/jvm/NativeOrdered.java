package eve.jvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The function of eve.h for sorted collections. */
final class NativeOrdered {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MethodHandle WALK_FROM = Native.plain("eve_walk_from", LONG, LONG, LONG, LONG, LONG,
      ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);

  static final int DOWN = 1, INCLUSIVE = 2, FROM_END = 4;

  private NativeOrdered() {}

  /** A walk in the order of the keys, or against it, from a key that lies in native memory. */
  static long walk(long snapshot, long word, long tag, long bits, int flags) {
    return Native.handleFrom(
        out -> (long) WALK_FROM.invokeExact(snapshot, word, tag, bits, MemorySegment.NULL, flags, out));
  }
}
