package eve.jvm;

import clojure.lang.AFn;
import clojure.lang.IFn;
import clojure.lang.IHashEq;
import clojure.lang.ILookup;
import clojure.lang.IReduce;
import clojure.lang.Indexed;
import clojure.lang.Reduced;
import clojure.lang.Util;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Elements of one type in shared memory, which change in place: a typed array, or a field of typed objects in all rows. Single
 * elements are read and changed atomically, in one order for all processes.
 */
public final class EveArray extends AFn
    implements Indexed, Iterable<Object>, ILookup, IReduce, IHashEq {
  final Snap snap;
  final long word;
  private final int field;
  private final int type;
  private final int count;
  private final boolean ofObjects;

  EveArray(Snap snap, long word, int field, boolean ofObjects) {
    this.snap = snap;
    this.ofObjects = ofObjects;
    this.word = word;
    this.field = field;
    long[] info = NativeTyped.info(snap.enter(), word, field);
    snap.exit();
    this.type = (int) info[0];
    this.count = Math.toIntExact(info[1]);
  }

  /** What a new array is written from. */
  record Fresh(int type, int count, byte[] packed) {}

  /** A new one, in the memory of this process until it is put into an atom, which copies it. */
  public static EveArray make(Store memory, int type, int count, byte[] packed) {
    return (EveArray) memory.anonymous(new Fresh(type, count, packed)).deref();
  }

  /** Is it a field of objects? Then it is no value of its own, and is stored as an array. */
  boolean isField() {
    return ofObjects;
  }

  /** As an array of its own. */
  Fresh copied() {
    return new Fresh(type, count, bytes(0, count).array());
  }

  public Object type() {
    return Element.name(type);
  }

  @Override
  public int count() {
    return count;
  }

  private int checked(long index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException("there is no element " + index + ": the array has " + count);
    }
    return (int) index;
  }

  private Object step(int op, long index, long operand) {
    checked(index);
    long[] out = new long[1];
    long handle = snap.enter();
    try {
      NativeTyped.update(handle, word, field, index, op, operand, 0, out);
    } finally {
      snap.exit();
    }
    return Element.number(type, out[0]);
  }

  public Object get(long index) {
    return step(NativeTyped.LOAD, index, 0);
  }

  public void set(long index, Object value) {
    step(NativeTyped.STORE, index, Element.bits(type, value));
  }

  /** Puts a value in; what was there. */
  public Object exchange(long index, Object value) {
    return step(NativeTyped.EXCHANGE, index, Element.bits(type, value));
  }

  /** Changes an integer by {@code :add}, {@code :sub}, {@code :and}, {@code :or} or {@code :xor}; what was there. */
  public Object update(String op, long index, Object operand) {
    int code = switch (op) {
      case "add" -> NativeTyped.ADD;
      case "sub" -> NativeTyped.SUB;
      case "and" -> NativeTyped.AND;
      case "or" -> NativeTyped.OR;
      default -> NativeTyped.XOR;
    };
    // The operand of a clamped element is signed.
    long bits = type == Element.UINT8_CLAMPED ? ((Number) operand).longValue() : Element.bits(type, operand);
    return step(code, index, bits);
  }

  /** Puts a value in if the expected one is there; whether it was. */
  public boolean compareAndSet(long index, Object expected, Object value) {
    checked(index);
    long[] out = new long[1];
    long handle = snap.enter();
    try {
      return NativeTyped.update(handle, word, field, index, NativeTyped.COMPARE_EXCHANGE, Element.bits(type, value),
          Element.bits(type, expected), out);
    } finally {
      snap.exit();
    }
  }

  private void range(long first, long end) {
    if (first < 0 || end < first || end > count) {
      throw new IndexOutOfBoundsException("there are no elements " + first + " to " + end + ": the array has " + count);
    }
  }

  public void fill(long first, long end, Object value) {
    range(first, end);
    long handle = snap.enter();
    try {
      NativeTyped.fill(handle, word, field, first, end - first, Element.bits(type, value));
    } finally {
      snap.exit();
    }
  }

  /** Copies elements of an array of the same type. */
  public void copyFrom(long at, EveArray from, long start, long n) {
    range(at, at + n);
    from.range(start, start + n);
    long handle = snap.enter();
    try {
      long theirs = from.snap.enter();
      try {
        NativeTyped.copy(handle, word, field, at, theirs, from.word, from.field, start, n);
      } finally {
        from.snap.exit();
      }
    } finally {
      snap.exit();
    }
  }

  /** Sleeps until an element of 32 bits is notified: {@code "ok"}, {@code "not-equal"} or {@code "timed-out"}. */
  public String await(long index, Object expected, long milliseconds) {
    checked(index);
    long handle = snap.enter();
    try {
      return switch (NativeTyped.await(handle, word, field, index, Element.bits(type, expected), milliseconds)) {
        case 0 -> "ok";
        case 1 -> "not-equal";
        default -> "timed-out";
      };
    } finally {
      snap.exit();
    }
  }

  /** Wakes up to so many that sleep on an element; how many. */
  public long wake(long index, int most) {
    checked(index);
    long handle = snap.enter();
    try {
      return NativeTyped.notify(handle, word, field, index, most);
    } finally {
      snap.exit();
    }
  }

  /** The elements from {@code first} on, packed, each as it was at its moment. */
  public ByteBuffer bytes(int first, int n) {
    byte[] out = new byte[Math.multiplyExact(n, Element.bytes(type))];
    if (n > 0) {
      long handle = snap.enter();
      try {
        NativeTyped.read(handle, word, field, first, n, out);
      } finally {
        snap.exit();
      }
    }
    return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static final int CHUNK = 256;

  @Override
  public Iterator<Object> iterator() {
    return new Iterator<>() {
      private ByteBuffer chunk;
      private int next;

      @Override
      public boolean hasNext() {
        return next < count;
      }

      @Override
      public Object next() {
        if (next >= count) throw new NoSuchElementException();
        if (next % CHUNK == 0) chunk = bytes(next, Math.min(CHUNK, count - next));
        return Element.number(type, Element.unpack(chunk, type, next++ % CHUNK));
      }
    };
  }

  @Override
  public Object reduce(IFn f) {
    if (count == 0) return f.invoke();
    Iterator<Object> all = iterator();
    return reduce(f, all.next(), all);
  }

  @Override
  public Object reduce(IFn f, Object init) {
    return reduce(f, init, iterator());
  }

  private static Object reduce(IFn f, Object init, Iterator<Object> rest) {
    Object result = init;
    while (rest.hasNext()) {
      result = f.invoke(result, rest.next());
      if (result instanceof Reduced done) return done.deref();
    }
    return result;
  }

  @Override
  public Object nth(int i) {
    return get(i);
  }

  @Override
  public Object nth(int i, Object notFound) {
    return i >= 0 && i < count ? get(i) : notFound;
  }

  @Override
  public Object valAt(Object key) {
    return valAt(key, null);
  }

  @Override
  public Object valAt(Object key, Object notFound) {
    return Util.isInteger(key) ? nth(((Number) key).intValue(), notFound) : notFound;
  }

  @Override
  public Object invoke(Object index) {
    if (!Util.isInteger(index)) throw new IllegalArgumentException("Key must be integer"); // as Clojure's vectors
    return get(((Number) index).longValue());
  }

  @Override
  public Object invoke(Object index, Object notFound) {
    return valAt(index, notFound);
  }

  /** As the engine has it: zeros are equal, and so is every NaN to every other. */
  private static boolean same(Object a, Object b) {
    return a.equals(b) || a instanceof Double x && b instanceof Double y && x.doubleValue() == y.doubleValue();
  }

  /** Of one type and with equal elements now. */
  @Override
  public boolean equals(Object other) {
    if (this == other) return true;
    if (!(other instanceof EveArray a) || a.type != type || a.count != count) return false;
    Iterator<Object> theirs = a.iterator();
    for (Object element : this) {
      if (!same(element, theirs.next())) return false;
    }
    return true;
  }

  /** Of what does not change. */
  @Override
  public int hashCode() {
    return 31 * type + count;
  }

  @Override
  public int hasheq() {
    return hashCode();
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("#eve/array [").append(type());
    for (Object element : this) {
      out.append(' ').append(clojure.lang.RT.printString(element));
    }
    return out.append(']').toString();
  }
}
