package eve.jvm;

import clojure.lang.BigInt;
import clojure.lang.IFn;
import clojure.lang.IMapEntry;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.ISeq;
import clojure.lang.MapEntry;
import clojure.lang.PersistentTreeMap;
import clojure.lang.RT;
import clojure.lang.Reduced;
import clojure.lang.Reversible;
import clojure.lang.Sorted;
import clojure.lang.Util;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * A sorted map, an integer map, or the elements of a sorted set, in the engine's order. Its changes are a sorted map of Clojure's own
 * in the same order: by Clojure's {@code compare} a change of {@code 1.0} would be one of {@code 1} here, and another key there.
 */
public final class EveSortedMap extends EveMap implements Sorted, Reversible {
  /** The sorted map of Clojure's own in this order that is empty. */
  static final PersistentTreeMap EMPTY = new PersistentTreeMap(null, Order.ALL);

  /** The empty integer map: what is put into it is stored as one. */
  public static final EveSortedMap NO_INTEGERS = nothing(false, true);
  /** The empty sorted map. One of Clojure's own with this order could not be read by a JVM without eve when it is serialized. */
  static final EveSortedMap NOTHING = nothing(false, false);
  /** No elements of a sorted set. */
  static final EveSortedMap NO_ELEMENTS = nothing(true, false);

  private static EveSortedMap nothing(boolean set, boolean integers) {
    return new EveSortedMap(null, 0, 0, set, integers, EMPTY, 0, null, META_NONE, null);
  }

  private final boolean integers;

  EveSortedMap(Snap snap, long tag, long word, boolean set, boolean integers) {
    this(snap, word, Math.toIntExact(tag >>> 16), set, integers, EMPTY, Math.toIntExact(tag >>> 16), null,
        (tag & Decode.META) != 0 ? META_STORED : META_NONE, null);
  }

  private EveSortedMap(Snap snap, long word, int base, boolean set, boolean integers, IPersistentMap over, int counted,
      Unasked unasked, byte metaState, IPersistentMap meta) {
    super(snap, word, base, set, over, counted, unasked, metaState, meta);
    this.integers = integers;
  }

  /** Is it an integer map? */
  public boolean isOfIntegers() {
    return integers;
  }

  @Override
  EveSortedMap with(IPersistentMap over, int counted, Unasked unasked, byte metaState, IPersistentMap meta) {
    return new EveSortedMap(snap, word, base, set, integers, over, counted, unasked, metaState, meta);
  }

  // Keys of integer maps: whatever equals an integer of 64 bits is one, 1N as well as 1; all else is none.

  /** The key as it is kept; NONE if it cannot be one here. */
  private Object own(Object key) {
    if (!integers || key instanceof Long) return key;
    if (key instanceof BigInt n) return n.bipart == null ? (Object) n.lpart : NONE;
    if (key instanceof BigInteger n) return n.bitLength() < Long.SIZE ? (Object) n.longValue() : NONE;
    return Util.isInteger(key) || key instanceof Short || key instanceof Byte ? (Object) ((Number) key).longValue() : NONE;
  }

  @Override
  public IPersistentMap assoc(Object key, Object value) {
    Object own = own(key);
    if (own == NONE) {
      throw Problem.argument("a key of an integer map is an integer of 64 bits, not " + RT.printString(key), key);
    }
    return super.assoc(own, value);
  }

  @Override
  public IPersistentMap without(Object key) {
    Object own = own(key);
    return own == NONE ? this : super.without(own);
  }

  @Override
  public Object valAt(Object key) {
    return valAt(key, null);
  }

  @Override
  public Object valAt(Object key, Object notFound) {
    Object own = own(key);
    return own == NONE ? notFound : super.valAt(own, notFound);
  }

  @Override
  public boolean containsKey(Object key) {
    Object own = own(key);
    return own != NONE && super.containsKey(own);
  }

  @Override
  public IMapEntry entryAt(Object key) {
    Object own = own(key);
    return own == NONE ? null : super.entryAt(own);
  }

  @Override
  public IPersistentCollection empty() {
    return (integers ? NO_INTEGERS : NOTHING).withMeta(meta());
  }

  // In order

  @Override
  public Comparator<?> comparator() {
    return Order.ALL;
  }

  @Override
  public Object entryKey(Object entry) {
    return ((IMapEntry) entry).key();
  }

  /** The entries of the view from a key on, chunk by chunk. Freed at its end, or when the iterator is dropped. */
  private static final class Walk implements Runnable {
    private long handle;

    Walk(long handle) {
      this.handle = handle;
    }

    synchronized int next(long[] out) {
      return handle == 0 ? 0 : Native.walkNext(handle, out);
    }

    @Override
    public synchronized void run() {
      if (handle != 0) {
        Native.walkFree(handle);
        handle = 0;
      }
    }
  }

  private final class Below implements Iterator<Object> {
    private final int per = set ? 2 : 4;
    private final long[] out = new long[Math.min(base, 64) * per];
    private final Walk walk;
    private int at;
    private int n;

    Below(Object from, boolean ascending, boolean fromEnd) {
      int flags = (ascending ? 0 : NativeOrdered.DOWN) | NativeOrdered.INCLUSIVE | (fromEnd ? NativeOrdered.FROM_END : 0);
      long handle = snap.enter();
      try (Encoder key = Encoder.take()) {
        key.put(fromEnd ? null : from);
        walk = new Walk(NativeOrdered.walk(handle, word, 255 | key.length() << 16, key.start(), flags));
      } finally {
        snap.exit();
      }
      Snap.onDrop(this, walk);
    }

    @Override
    public boolean hasNext() {
      if (at < n) return true;
      n = walk.next(out);
      at = 0;
      if (n == 0) walk.run();
      return n > 0;
    }

    @Override
    public Object next() {
      if (!hasNext()) throw new NoSuchElementException();
      snap.enter();
      try {
        int i = per * at++;
        Object key = Decode.value(snap, out[i], out[i + 1]);
        return MapEntry.create(key, set ? key : Decode.value(snap, out[i + 2], out[i + 3]));
      } finally {
        snap.exit();
      }
    }
  }

  /** The entries of the view and the changes, as one row. */
  private static final class Merged implements Iterator<Object> {
    private final Iterator<?> below;
    private ISeq over;
    private final int sign;
    private final boolean set;
    private IMapEntry stored;
    private IMapEntry next;

    Merged(Iterator<?> below, ISeq over, boolean ascending, boolean set) {
      this.below = below;
      this.over = over;
      this.sign = ascending ? 1 : -1;
      this.set = set;
    }

    @Override
    public boolean hasNext() {
      while (next == null) {
        if (stored == null && below.hasNext()) stored = (IMapEntry) below.next();
        if (over == null) {
          if (stored == null) return false;
          next = stored;
          stored = null;
          return true;
        }
        IMapEntry change = (IMapEntry) over.first();
        int order = stored == null ? 1 : sign * Order.ALL.compare(stored.key(), change.key());
        if (order < 0) {
          next = stored;
          stored = null;
          return true;
        }
        over = over.next();
        if (order == 0) {
          // The key that was there stays, as with Clojure's own.
          if (change.val() != REMOVED) next = set ? stored : MapEntry.create(stored.key(), change.val());
          stored = null;
        } else if (change.val() != REMOVED) {
          next = change;
        }
      }
      return true;
    }

    @Override
    public Object next() {
      if (!hasNext()) throw new NoSuchElementException();
      Object found = next;
      next = null;
      return found;
    }
  }

  private Iterator<Object> all(boolean ascending) {
    Iterator<?> below = base == 0 ? java.util.Collections.emptyIterator() : new Below(null, ascending, true);
    return new Merged(below, ((PersistentTreeMap) over).seq(ascending), ascending, set);
  }

  Iterator<Object> from(Object key, boolean ascending) {
    Iterator<?> below = base == 0 ? java.util.Collections.emptyIterator() : new Below(key, ascending, false);
    return new Merged(below, ((PersistentTreeMap) over).seqFrom(key, ascending), ascending, set);
  }

  @Override
  public Iterator<Object> iterator() {
    return all(true);
  }

  @Override
  public ISeq seq() {
    return seq(true);
  }

  @Override
  public ISeq seq(boolean ascending) {
    return EntrySeq.of(all(ascending));
  }

  @Override
  public ISeq seqFrom(Object key, boolean ascending) {
    return EntrySeq.of(from(key, ascending));
  }

  @Override
  public ISeq rseq() {
    return seq(false);
  }

  @Override
  public Object kvreduce(IFn f, Object init) {
    Object result = init;
    for (Object entry : this) {
      Map.Entry<?, ?> e = (Map.Entry<?, ?>) entry;
      result = f.invoke(result, e.getKey(), e.getValue());
      if (result instanceof Reduced done) return done.deref();
    }
    return result;
  }
}
