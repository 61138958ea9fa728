package eve.jvm;

import clojure.lang.AFn;
import clojure.lang.APersistentVector;
import clojure.lang.IDrop;
import clojure.lang.IEditableCollection;
import clojure.lang.IFn;
import clojure.lang.IKVReduce;
import clojure.lang.IObj;
import clojure.lang.IMapEntry;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentVector;
import clojure.lang.IReduce;
import clojure.lang.ISeq;
import clojure.lang.ITransientAssociative2;
import clojure.lang.ITransientCollection;
import clojure.lang.ITransientMap;
import clojure.lang.ITransientVector;
import clojure.lang.MapEntry;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentVector;
import clojure.lang.Reduced;
import clojure.lang.Sequential;
import clojure.lang.Util;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A vector of a snapshot, perhaps with changes over it: an ordinary Clojure vector. Of the view its first {@code keep} elements
 * are left, some of them set anew; the others are a vector of Clojure's own.
 */
public final class EveVector extends APersistentVector implements IObj, IEditableCollection, IReduce, IKVReduce, IDrop {
  private static final int CHUNK = 32;
  private static final Object NONE = new Object();

  final transient Snap snap;
  final long word;
  private final int base;
  final int keep;
  /** Elements set anew below {@code keep}, by index. */
  final IPersistentMap sets;
  final IPersistentVector tail;

  private static final byte META_NONE = 0, META_STORED = 1, META_READ = 2, META_CHANGED = 3;
  private volatile byte metaState;
  private IPersistentMap meta;

  EveVector(Snap snap, long tag, long word) {
    this(snap, word, Math.toIntExact(tag >>> 16), Math.toIntExact(tag >>> 16), PersistentArrayMap.EMPTY,
        PersistentVector.EMPTY, (tag & Decode.META) != 0 ? META_STORED : META_NONE, null);
  }

  private EveVector(Snap snap, long word, int base, int keep, IPersistentMap sets, IPersistentVector tail, byte metaState,
      IPersistentMap meta) {
    this.snap = snap;
    this.word = word;
    this.base = base;
    this.keep = keep;
    this.sets = sets;
    this.tail = tail;
    this.meta = meta;
    this.metaState = metaState;
  }

  private EveVector with(int keep, IPersistentMap sets, IPersistentVector tail) {
    return new EveVector(snap, word, base, keep, sets, tail, metaState, meta);
  }

  boolean isUnchanged() {
    return keep == base && sets.count() == 0 && tail.count() == 0;
  }

  boolean metaChanged() {
    return metaState == META_CHANGED;
  }

  @Override
  public IPersistentMap meta() {
    if (metaState == META_STORED) {
      meta = Decode.meta(snap, word);
      metaState = META_READ;
    }
    return meta;
  }

  @Override
  public EveVector withMeta(IPersistentMap meta) {
    if (meta == meta()) return this;
    return new EveVector(snap, word, base, keep, sets, tail, META_CHANGED, meta);
  }

  @Override
  public int count() {
    return keep + tail.count();
  }

  private Object inBase(int i) {
    long[] out = new long[2];
    long handle = snap.enter();
    try {
      if (!Native.nth(handle, word, i, out)) throw new IndexOutOfBoundsException();
      return Decode.value(snap, out[0], out[1]);
    } finally {
      snap.exit();
    }
  }

  @Override
  public Object nth(int i) {
    if (i < 0 || i >= count()) throw new IndexOutOfBoundsException();
    if (i >= keep) return tail.nth(i - keep);
    if (sets.count() != 0) {
      Object set = sets.valAt((long) i, NONE);
      if (set != NONE) return set;
    }
    return inBase(i);
  }

  @Override
  public Object nth(int i, Object notFound) {
    return i >= 0 && i < count() ? nth(i) : notFound;
  }

  @Override
  public IPersistentVector assocN(int i, Object value) {
    if (i == count()) return cons(value);
    if (i < 0 || i > count()) throw new IndexOutOfBoundsException();
    return i >= keep ? with(keep, sets, tail.assocN(i - keep, value)) : with(keep, sets.assoc((long) i, value), tail);
  }

  @Override
  public IPersistentVector cons(Object value) {
    return with(keep, sets, tail.cons(value));
  }

  @Override
  public IPersistentVector pop() {
    if (count() == 0) throw new IllegalStateException("Can't pop empty vector");
    if (tail.count() != 0) return with(keep, sets, (IPersistentVector) tail.pop());
    return with(keep - 1, sets.count() == 0 ? sets : sets.without((long) keep - 1), tail);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return Plain.of(this);
  }

  @Override
  public IPersistentCollection empty() {
    return Decode.emptied(PersistentVector.EMPTY, meta());
  }

  /** The elements from {@code from} on, up to 32 of them; from there to the end of the view or of the vector. */
  Object[] chunk(int from) {
    if (from >= keep) {
      int n = Math.min(CHUNK, count() - from);
      Object[] chunk = new Object[n];
      for (int i = 0; i < n; i++) {
        chunk[i] = tail.nth(from - keep + i);
      }
      return chunk;
    }
    int n = Math.min(CHUNK - from % CHUNK, keep - from);
    long[] out = new long[2 * n];
    long handle = snap.enter();
    try {
      if (Native.elements(handle, word, from, out) != n) throw new IllegalStateException("a vector that is cut short");
      Object[] chunk = new Object[n];
      for (int i = 0; i < n; i++) {
        Object set = sets.count() == 0 ? NONE : sets.valAt((long) from + i, NONE);
        chunk[i] = set != NONE ? set : Decode.value(snap, out[2 * i], out[2 * i + 1]);
      }
      return chunk;
    } finally {
      snap.exit();
    }
  }

  @Override
  public Iterator<Object> iterator() {
    return new Iterator<>() {
      private Object[] chunk = new Object[0];
      private int at;
      private int next;

      @Override
      public boolean hasNext() {
        return at < chunk.length || next < count();
      }

      @Override
      public Object next() {
        if (at == chunk.length) {
          if (next >= count()) throw new NoSuchElementException();
          chunk = chunk(next);
          next += chunk.length;
          at = 0;
        }
        return chunk[at++];
      }
    };
  }

  @Override
  public ISeq seq() {
    return VectorSeq.from(this, 0);
  }

  /** The elements behind the first {@code n}, which are not read. */
  @Override
  public Sequential drop(int n) {
    return VectorSeq.from(this, Math.max(n, 0));
  }

  @Override
  public Object reduce(IFn f) {
    if (count() == 0) return f.invoke();
    Object[] first = chunk(0);
    return reduce(f, first[0], first, 1, 0);
  }

  @Override
  public Object reduce(IFn f, Object init) {
    return count() == 0 ? init : reduce(f, init, chunk(0), 0, 0);
  }

  private Object reduce(IFn f, Object init, Object[] chunk, int from, int start) {
    Object result = init;
    while (true) {
      for (int i = from; i < chunk.length; i++) {
        result = f.invoke(result, chunk[i]);
        if (result instanceof Reduced done) return done.deref();
      }
      start += chunk.length;
      if (start >= count()) return result;
      chunk = chunk(start);
      from = 0;
    }
  }

  @Override
  public Object kvreduce(IFn f, Object init) {
    Object result = init;
    int index = 0;
    for (Object element : this) {
      result = f.invoke(result, (long) index++, element);
      if (result instanceof Reduced done) return done.deref();
    }
    return result;
  }

  @Override
  public Object[] toArray() {
    Object[] all = new Object[count()];
    int i = 0;
    for (Object element : this) {
      all[i++] = element;
    }
    return all;
  }

  @Override
  public boolean equiv(Object other) {
    if (this == other) return true;
    if (other instanceof EveVector v && isUnchanged() && v.isUnchanged()) {
      if (base != v.base) return false;
      long a = snap.enter();
      try {
        long b = v.snap.enter();
        try {
          return Native.equal(a, word, b, v.word);
        } finally {
          v.snap.exit();
        }
      } finally {
        snap.exit();
      }
    }
    return other instanceof IPersistentVector v ? sameElements(v) : super.equiv(other);
  }

  private boolean sameElements(IPersistentVector v) {
    if (v.count() != count()) return false;
    Iterator<?> theirs = ((Iterable<?>) v).iterator();
    for (Object element : this) {
      if (!Util.equiv(element, theirs.next())) return false;
    }
    return true;
  }

  @Override
  public ITransientCollection asTransient() {
    return new Transient(this);
  }

  private static final class Transient extends AFn implements ITransientVector, ITransientAssociative2 {
    private final EveVector vector;
    private int keep;
    private ITransientMap sets;
    private ITransientVector tail;
    private boolean done;

    Transient(EveVector vector) {
      this.vector = vector;
      this.keep = vector.keep;
      this.sets = (ITransientMap) ((IEditableCollection) vector.sets).asTransient();
      this.tail = (ITransientVector) ((IEditableCollection) vector.tail).asTransient();
    }

    private void check() {
      if (done) throw new IllegalAccessError("Transient used after persistent! call");
    }

    @Override
    public int count() {
      check();
      return keep + tail.count();
    }

    @Override
    public ITransientVector conj(Object value) {
      check();
      tail = (ITransientVector) tail.conj(value);
      return this;
    }

    @Override
    public ITransientVector assocN(int i, Object value) {
      if (i == count()) return conj(value);
      if (i < 0 || i > count()) throw new IndexOutOfBoundsException();
      if (i >= keep) tail = tail.assocN(i - keep, value);
      else sets = sets.assoc((long) i, value);
      return this;
    }

    @Override
    public ITransientVector assoc(Object key, Object value) {
      if (!Util.isInteger(key)) throw new IllegalArgumentException("Key must be integer");
      return assocN(((Number) key).intValue(), value);
    }

    @Override
    public ITransientVector pop() {
      if (count() == 0) throw new IllegalStateException("Can't pop empty vector");
      if (tail.count() != 0) {
        tail = tail.pop();
      } else {
        keep--;
        sets = sets.without((long) keep);
      }
      return this;
    }

    @Override
    public IPersistentCollection persistent() {
      check();
      done = true;
      // Transients lose metadata, as Clojure's do.
      byte metaState = vector.metaState == META_NONE ? META_NONE : META_CHANGED;
      return new EveVector(vector.snap, vector.word, vector.base, keep, sets.persistent(),
          (IPersistentVector) tail.persistent(), metaState, null);
    }

    @Override
    public Object nth(int i) {
      if (i < 0 || i >= count()) throw new IndexOutOfBoundsException();
      if (i >= keep) return tail.nth(i - keep);
      Object set = sets.valAt((long) i, NONE);
      return set != NONE ? set : vector.inBase(i);
    }

    @Override
    public Object nth(int i, Object notFound) {
      return i >= 0 && i < count() ? nth(i) : notFound;
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
    public boolean containsKey(Object key) {
      return valAt(key, NONE) != NONE;
    }

    @Override
    public IMapEntry entryAt(Object key) {
      Object found = valAt(key, NONE);
      return found == NONE ? null : MapEntry.create(key, found);
    }

    @Override
    public Object invoke(Object key) {
      if (!Util.isInteger(key)) throw new IllegalArgumentException("Key must be integer");
      return nth(((Number) key).intValue());
    }
  }
}
