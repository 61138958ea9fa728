package eve.jvm;

import clojure.lang.BigInt;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.IObj;
import clojure.lang.IRecord;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentHashSet;
import clojure.lang.PersistentList;
import clojure.lang.PersistentVector;
import clojure.lang.RT;
import clojure.lang.Ratio;
import clojure.lang.Symbol;
import clojure.lang.TaggedLiteral;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** From cells to objects. Called between enter and exit of the snapshot. */
final class Decode {
  static final int NIL = 0, FALSE = 1, TRUE = 2, INT = 3, FLOAT = 4, CHAR = 5, SHORT_STR = 6, STR = 7, SHORT_KEYWORD = 8,
      KEYWORD = 9, SHORT_SYMBOL = 10, SYMBOL = 11, BIG_INT = 12, DECIMAL = 13, RATIO = 14, UUID = 15, INSTANT = 16,
      BYTES = 17, MAP = 18, SET = 19, VECTOR = 20, LIST = 21, TAGGED = 22, ABSENT = 23,
      SORTED_MAP = 24, SORTED_SET = 25, INT_MAP = 26, ARRAY = 27, RECORDS = 28;
  static final long META = 1 << 8;

  private Decode() {}

  static Object value(Snap snap, long tag, long bits) {
    switch ((int) tag & 0xFF) {
      case INT:
        return bits;
      case NIL:
        return null;
      case SHORT_KEYWORD:
        return Keys.shortKeyword(tag, bits);
      case KEYWORD:
        return snap.store.keywords.at(bits, tag >>> 16);
      case SHORT_STR:
        return Text.decodeShort(tag, bits);
      case STR:
        return Text.decode(bits, tag >>> 16);
      case MAP:
        return empty(bits) ? PersistentArrayMap.EMPTY : new EveHashMap(snap, tag, bits, false);
      case VECTOR:
        return empty(bits) ? PersistentVector.EMPTY : new EveVector(snap, tag, bits);
      case SET:
        return empty(bits) ? PersistentHashSet.EMPTY : new EveSet(new EveHashMap(snap, tag, bits, true));
      case LIST:
        return list(snap, tag, bits);
      case FALSE:
        return Boolean.FALSE;
      case TRUE:
        return Boolean.TRUE;
      case FLOAT:
        return Double.longBitsToDouble(bits);
      default:
        return rare(snap, tag, bits);
    }
  }

  /** The empty collections are no blocks. */
  private static boolean empty(long word) {
    return (word & 15) != 0;
  }

  private static Object list(Snap snap, long tag, long word) {
    if (empty(word)) return PersistentList.EMPTY;
    IPersistentMap meta = (tag & META) != 0 ? meta(snap, word) : null;
    return tag >>> 16 == 0 ? ((IObj) PersistentList.EMPTY).withMeta(meta) : new EveList(snap, tag, word, meta);
  }

  /** The metadata of a word that has some. */
  static IPersistentMap meta(Snap snap, long word) {
    long[] out = new long[2];
    long handle = snap.enter();
    try {
      return Native.meta(handle, word, out) ? (IPersistentMap) value(snap, out[0], out[1]) : null;
    } finally {
      snap.exit();
    }
  }

  private static Object rare(Snap snap, long tag, long bits) {
    long length = tag >>> 16;
    switch ((int) tag & 0xFF) {
      case CHAR:
        if (bits > 0xFFFF) return new String(Character.toChars((int) bits)); // the JVM's characters end there
        return (char) bits;
      case SHORT_SYMBOL:
        return Text.symbol(Text.decodeShort(tag, bits));
      case SYMBOL:
        return Text.symbol(Text.decode(bits, length));
      case BIG_INT:
        return BigInt.fromBigInteger(integer(Text.copy(bits, length), 0, (int) length));
      case DECIMAL: {
        byte[] b = Text.copy(bits, length);
        return new BigDecimal(integer(b, 4, b.length), little(b).getInt());
      }
      case RATIO: {
        byte[] b = Text.copy(bits, length);
        int split = 4 + little(b).getInt();
        return new Ratio(integer(b, 4, split), integer(b, split, b.length));
      }
      case UUID: {
        ByteBuffer b = ByteBuffer.wrap(Text.copy(bits, 16));
        return new UUID(b.getLong(), b.getLong());
      }
      case INSTANT:
        return instant(Native.MEMORY.get(ValueLayout.JAVA_LONG_UNALIGNED, bits),
            Native.MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, bits + 8));
      case BYTES:
        return Text.copy(bits, length);
      case TAGGED:
        return tagged(snap, bits);
      case SORTED_MAP:
        return sortedMap(snap, tag, bits);
      case SORTED_SET:
        return sortedSet(snap, tag, bits);
      case INT_MAP:
        return length == 0 ? withMeta(EveSortedMap.NO_INTEGERS, snap, tag, bits)
            : new EveSortedMap(snap, tag, bits, false, true);
      case ARRAY:
        return new EveArray(snap, bits, 0, false);
      case RECORDS:
        return new EveObjects(snap, bits);
      default:
        throw new IllegalStateException("a value of a kind that this version does not know: " + (tag & 0xFF));
    }
  }

  private static Object sortedMap(Snap snap, long tag, long word) {
    return tag >>> 16 == 0 ? withMeta(EveSortedMap.NOTHING, snap, tag, word) : new EveSortedMap(snap, tag, word, false, false);
  }

  private static Object sortedSet(Snap snap, long tag, long word) {
    return tag >>> 16 == 0 ? withMeta(EveSortedSet.NOTHING, snap, tag, word)
        : new EveSortedSet(new EveSortedMap(snap, tag, word, true, false));
  }

  /** An empty collection of the host with the metadata of the word. */
  private static Object withMeta(IObj empty, Snap snap, long tag, long word) {
    return (tag & META) != 0 ? empty.withMeta(meta(snap, word)) : empty;
  }

  /** A java.util.Date, as #inst reads; of what it cannot hold, a java.time.Instant. */
  private static Object instant(long seconds, int nanos) {
    if (nanos % 1_000_000 == 0 && Math.abs(seconds) < Long.MAX_VALUE / 2000) {
      return new Date(seconds * 1000 + nanos / 1_000_000);
    }
    return Instant.ofEpochSecond(seconds, nanos);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static BigInteger integer(byte[] bytes, int from, int to) {
    byte[] big = Arrays.copyOfRange(bytes, from, to);
    for (int i = 0, j = big.length - 1; i < j; i++, j--) {
      byte b = big[i];
      big[i] = big[j];
      big[j] = b;
    }
    return new BigInteger(big);
  }

  private static final ConcurrentHashMap<String, Optional<Method>> CLASSES = new ConcurrentHashMap<>();

  /** A record if its class is there, else a tagged literal. */
  private static Object tagged(Snap snap, long word) {
    long[] out = new long[4];
    Native.tagged(snap.enter(), word, out);
    try {
      Symbol tag = (Symbol) value(snap, out[0], out[1]);
      Object form = value(snap, out[2], out[3]);
      if (form instanceof IPersistentMap && tag.getNamespace() == null && tag.getName().indexOf('.') > 0) {
        Optional<Method> create = recordOf(tag.getName());
        if (create.isPresent()) {
          try {
            Object made = create.get().invoke(null, form);
            IPersistentMap meta = form instanceof IObj o ? o.meta() : null;
            return meta == null ? made : ((IObj) made).withMeta(meta);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a record of class " + tag, e);
          }
        }
      }
      return TaggedLiteral.create(tag, form);
    } finally {
      snap.exit();
    }
  }

  private static Optional<Method> recordOf(String name) {
    Optional<Method> known = CLASSES.get(name);
    if (known != null) return known;
    try {
      Class<?> type = RT.classForNameNonLoading(name);
      if (!IRecord.class.isAssignableFrom(type)) return Optional.empty();
      Optional<Method> create = Optional.of(type.getMethod("create", IPersistentMap.class));
      // Not kept beyond a redefinition at the REPL: a new class of this name has another loader.
      if (type.getClassLoader() == Decode.class.getClassLoader()) CLASSES.put(name, create);
      return create;
    } catch (NoSuchMethodException | LinkageError e) {
      return Optional.empty();
    } catch (Exception e) { // RT throws what it does not declare
      if (e instanceof ClassNotFoundException) return Optional.empty();
      throw e;
    }
  }

  /** The host's own empty collection of the same kind. */
  static IPersistentCollection emptied(IPersistentCollection empty, IPersistentMap meta) {
    return meta == null ? empty : (IPersistentCollection) ((IObj) empty).withMeta(meta);
  }
}
