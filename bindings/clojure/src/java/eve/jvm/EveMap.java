package eve.jvm;

import clojure.lang.AFn;
import clojure.lang.APersistentMap;
import clojure.lang.IEditableCollection;
import clojure.lang.IFn;
import clojure.lang.IKVReduce;
import clojure.lang.IMapEntry;
import clojure.lang.IObj;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentVector;
import clojure.lang.ISeq;
import clojure.lang.ITransientAssociative2;
import clojure.lang.ITransientCollection;
import clojure.lang.ITransientMap;
import clojure.lang.Keyword;
import clojure.lang.MapEntry;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentHashSet;
import clojure.lang.RT;
import clojure.lang.Reduced;
import clojure.lang.Util;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * A map of a snapshot, perhaps with changes over it: an ordinary Clojure map. Reading asks shared memory for what is wanted;
 * changing costs what it costs on Clojure's own maps and leaves shared memory alone. A set is one too, of its elements to
 * themselves (see {@link EveSet}).
 */
public final class EveMap extends APersistentMap implements IObj, IEditableCollection, IKVReduce {
  static final Object REMOVED = new Object();
  private static final Object NONE = new Object();
  private static final int SMALL = 32;

  final transient Snap snap;
  final long word;
  /** Entries of the view. */
  private final int base;
  private final boolean set;
  /** Keys of the view with their new values, or REMOVED. */
  final IPersistentMap changed;
  /** Entries whose keys the view does not have. */
  final IPersistentMap added;
  private final int count;

  private static final byte META_NONE = 0, META_STORED = 1, META_READ = 2, META_CHANGED = 3;
  private volatile byte metaState;
  private IPersistentMap meta;
  /** The key of the view that was found last: what is read is often changed next. A race loses only time. */
  private Object seen = NONE;

  EveMap(Snap snap, long tag, long word, boolean set) {
    this(snap, word, Math.toIntExact(tag >>> 16), set, PersistentArrayMap.EMPTY, PersistentArrayMap.EMPTY,
        Math.toIntExact(tag >>> 16), (tag & Decode.META) != 0 ? META_STORED : META_NONE, null);
  }

  private EveMap(Snap snap, long word, int base, boolean set, IPersistentMap changed, IPersistentMap added, int count,
      byte metaState, IPersistentMap meta) {
    this.snap = snap;
    this.word = word;
    this.base = base;
    this.set = set;
    this.changed = changed;
    this.added = added;
    this.count = count;
    this.meta = meta;
    this.metaState = metaState;
  }

  private EveMap with(IPersistentMap changed, IPersistentMap added, int count) {
    return new EveMap(snap, word, base, set, changed, added, count, metaState, meta);
  }

  boolean isSet() {
    return set;
  }

  boolean isUnchanged() {
    return changed.count() == 0 && added.count() == 0;
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
  public EveMap withMeta(IPersistentMap meta) {
    if (meta == meta()) return this;
    return new EveMap(snap, word, base, set, changed, added, count, META_CHANGED, meta);
  }

  // Looking up

  /** Asks shared memory; the cells found go into {@code out}. With {@code entry}, two of them. */
  private boolean ask(long handle, Object key, boolean entry, long[] out) {
    MemorySegment text = MemorySegment.NULL;
    long tag;
    long bits = 0;
    if (key instanceof Keyword k) {
      Keys.Cell cell = Keys.of(k);
      if (cell == null) return askEncoded(handle, key, entry, out);
      tag = cell.tag();
      bits = cell.bits();
    } else if (key instanceof String s) {
      byte[] bytes = Text.encode(s);
      tag = Decode.STR | (long) bytes.length << 16;
      text = MemorySegment.ofArray(bytes);
    } else if (key instanceof Long i) {
      tag = Decode.INT;
      bits = i;
    } else {
      return askEncoded(handle, key, entry, out);
    }
    return entry ? Native.find(handle, word, tag, bits, text, out) : Native.get(handle, word, tag, bits, text, out);
  }

  private boolean askEncoded(long handle, Object key, boolean entry, long[] out) {
    try (Encoder encoded = Encoder.take()) {
      encoded.put(key);
      long tag = 255 | encoded.length() << 16;
      MemorySegment none = MemorySegment.NULL;
      return entry ? Native.find(handle, word, tag, encoded.start(), none, out)
          : Native.get(handle, word, tag, encoded.start(), none, out);
    } catch (clojure.lang.ExceptionInfo e) {
      if (e.getData().valAt(Keyword.intern("path")) != null) return false; // what cannot be stored is no key here
      throw e;
    }
  }

  private Object inBase(Object key) {
    if (base == 0) return NONE;
    long[] out = new long[2];
    long handle = snap.enter();
    try {
      if (!ask(handle, key, false, out)) return NONE;
      seen = key;
      return Decode.value(snap, out[0], out[1]);
    } finally {
      snap.exit();
    }
  }

  private boolean baseHas(Object key) {
    if (base == 0) return false;
    if (seen == key && key != null) return true;
    long[] out = new long[2];
    long handle = snap.enter();
    try {
      return ask(handle, key, false, out);
    } finally {
      snap.exit();
    }
  }

  private Object lookup(Object key) {
    if (added.count() != 0) {
      Object found = added.valAt(key, NONE);
      if (found != NONE) return found;
    }
    if (changed.count() != 0) {
      Object found = changed.valAt(key, NONE);
      if (found == REMOVED) return NONE;
      if (found != NONE) return found;
    }
    return inBase(key);
  }

  @Override
  public Object valAt(Object key) {
    Object found = lookup(key);
    return found == NONE ? null : found;
  }

  @Override
  public Object valAt(Object key, Object notFound) {
    Object found = lookup(key);
    return found == NONE ? notFound : found;
  }

  @Override
  public boolean containsKey(Object key) {
    if (added.count() != 0 && added.containsKey(key)) return true;
    if (changed.count() != 0) {
      Object found = changed.valAt(key, NONE);
      if (found != NONE) return found != REMOVED;
    }
    return baseHas(key);
  }

  @Override
  public IMapEntry entryAt(Object key) {
    if (added.count() != 0) {
      IMapEntry found = added.entryAt(key);
      if (found != null) return found;
    }
    Object to = changed.count() == 0 ? NONE : changed.valAt(key, NONE);
    if (to == REMOVED || base == 0) return null;
    long[] out = new long[4];
    long handle = snap.enter();
    try {
      if (!ask(handle, key, true, out)) return null;
      Object stored = Decode.value(snap, out[0], out[1]);
      return MapEntry.create(stored, to != NONE ? to : set ? stored : Decode.value(snap, out[2], out[3]));
    } finally {
      snap.exit();
    }
  }

  @Override
  public int count() {
    return count;
  }

  // Changing

  @Override
  public IPersistentMap assoc(Object key, Object value) {
    if (changed.count() != 0) {
      Object was = changed.valAt(key, NONE);
      if (was != NONE) {
        if (was == value) return this;
        return with(changed.assoc(key, value), added, was == REMOVED ? count + 1 : count);
      }
    }
    if (added.count() != 0 && added.containsKey(key)) {
      IPersistentMap now = added.assoc(key, value);
      return now == added ? this : with(changed, now, count);
    }
    return baseHas(key) ? with(changed.assoc(key, value), added, count) : with(changed, added.assoc(key, value), count + 1);
  }

  @Override
  public IPersistentMap assocEx(Object key, Object value) {
    if (containsKey(key)) throw Util.runtimeException("Key already present");
    return assoc(key, value);
  }

  @Override
  public IPersistentMap without(Object key) {
    if (added.count() != 0 && added.containsKey(key)) return with(changed, added.without(key), count - 1);
    Object was = changed.count() == 0 ? NONE : changed.valAt(key, NONE);
    if (was == REMOVED || was == NONE && !baseHas(key)) return this;
    return with(changed.assoc(key, REMOVED), added, count - 1);
  }

  @Override
  public IPersistentCollection empty() {
    return Decode.emptied(PersistentArrayMap.EMPTY, meta());
  }

  // Going through all of it

  /** The entries of the view, chunk by chunk. */
  private final class Cells implements Runnable {
    private final int per = set ? 2 : 4;
    final long[] out = new long[(base <= SMALL ? base : 128) * per];
    private long walk;
    private boolean begun;
    private java.lang.ref.Cleaner.Cleanable clean;

    /** The next ones, into {@code out}; how many. Begins with enter. */
    int next(long handle) {
      if (!begun) {
        begun = true;
        if (base <= SMALL) return base == 0 ? 0 : Native.entries(handle, word, out);
        walk = Native.walk(handle, word);
      }
      if (walk == 0) return 0;
      int n = Native.walkNext(walk, out);
      if (n == 0) run();
      return n;
    }

    /** Frees the walk, also if nobody goes to its end. */
    @Override
    public void run() {
      if (walk != 0) {
        long done = walk;
        walk = 0;
        Native.walkFree(done);
      }
    }

    Object key(int i) {
      return Decode.value(snap, out[i * per], out[i * per + 1]);
    }

    Object value(int i) {
      return Decode.value(snap, out[i * per + 2], out[i * per + 3]);
    }
  }

  private final class Entries implements Iterator<Object> {
    private final Walker walker = new Walker();
    private Object[] chunk = new Object[0];
    private int at;
    private Iterator<?> more;

    Entries() {
      if (base > SMALL) Snap.onDrop(this, walker);
    }

    @Override
    public boolean hasNext() {
      while (more == null) {
        if (at < chunk.length) return true;
        chunk = walker.entries(EveMap.this);
        at = 0;
        if (chunk == null) more = added.iterator();
      }
      return more.hasNext();
    }

    @Override
    public Object next() {
      if (!hasNext()) throw new NoSuchElementException();
      return more == null ? chunk[at++] : more.next();
    }
  }

  /** The walk of an iterator: it does not hold the iterator, so that the collector finds that one dropped. */
  private static final class Walker implements Runnable {
    private Cells cells;

    /** The next entries that are still there; null at the end. */
    synchronized Object[] entries(EveMap map) {
      if (cells == null) cells = map.new Cells();
      long handle = map.snap.enter();
      try {
        int n = cells.next(handle);
        if (n == 0) return null;
        Object[] entries = new Object[n];
        int kept = 0;
        for (int i = 0; i < n; i++) {
          Object key = cells.key(i);
          Object to = map.changed.count() == 0 ? NONE : map.changed.valAt(key, NONE);
          if (to == REMOVED) continue;
          entries[kept++] = MapEntry.create(key, to != NONE ? to : map.set ? key : cells.value(i));
        }
        return kept == n ? entries : java.util.Arrays.copyOf(entries, kept);
      } finally {
        map.snap.exit();
      }
    }

    @Override
    public synchronized void run() {
      if (cells != null) cells.run();
    }
  }

  @Override
  public Iterator<Object> iterator() {
    return new Entries();
  }

  @Override
  public ISeq seq() {
    return count == 0 ? null : RT.chunkIteratorSeq(iterator());
  }

  @Override
  public Object kvreduce(IFn f, Object init) {
    Object result = init;
    Cells cells = new Cells();
    try {
      while (true) {
        int n;
        long handle = snap.enter();
        try {
          n = cells.next(handle);
          if (n == 0) break;
          for (int i = 0; i < n; i++) {
            Object key = cells.key(i);
            Object to = changed.count() == 0 ? NONE : changed.valAt(key, NONE);
            if (to == REMOVED) continue;
            result = f.invoke(result, key, to != NONE ? to : set ? key : cells.value(i));
            if (result instanceof Reduced done) return done.deref();
          }
        } finally {
          snap.exit();
        }
      }
    } finally {
      cells.run();
    }
    for (Object entry : (Iterable<?>) added) {
      Map.Entry<?, ?> e = (Map.Entry<?, ?>) entry;
      result = f.invoke(result, e.getKey(), e.getValue());
      if (result instanceof Reduced done) return done.deref();
    }
    return result;
  }

  @Override
  public boolean equiv(Object other) {
    if (this == other) return true;
    if (other instanceof EveMap m && isUnchanged() && m.isUnchanged() && set == m.set) return sameAs(m);
    return super.equiv(other);
  }

  /** Asks the engine, which skips what the two share. */
  boolean sameAs(EveMap m) {
    if (count != m.count) return false;
    long a = snap.enter();
    try {
      long b = m.snap.enter();
      try {
        return Native.equal(a, word, b, m.word);
      } finally {
        m.snap.exit();
      }
    } finally {
      snap.exit();
    }
  }

  @Override
  public ITransientCollection asTransient() {
    return new Transient(this);
  }

  /** Changes in place: the changes of a map are transients of Clojure's own. */
  private static final class Transient extends AFn implements ITransientMap, ITransientAssociative2 {
    private final EveMap map;
    private ITransientMap changed;
    private ITransientMap added;
    private int count;
    private boolean done;

    Transient(EveMap map) {
      this.map = map;
      this.changed = (ITransientMap) ((IEditableCollection) map.changed).asTransient();
      this.added = (ITransientMap) ((IEditableCollection) map.added).asTransient();
      this.count = map.count;
    }

    private void check() {
      if (done) throw new IllegalAccessError("Transient used after persistent! call");
    }

    @Override
    public ITransientMap assoc(Object key, Object value) {
      check();
      Object was = changed.count() == 0 ? NONE : changed.valAt(key, NONE);
      if (was != NONE) {
        if (was == REMOVED) count++;
        changed = changed.assoc(key, value);
      } else if (added.count() != 0 && added.valAt(key, NONE) != NONE) {
        added = added.assoc(key, value);
      } else if (map.baseHas(key)) {
        changed = changed.assoc(key, value);
      } else {
        added = added.assoc(key, value);
        count++;
      }
      return this;
    }

    @Override
    public ITransientMap without(Object key) {
      check();
      if (added.count() != 0 && added.valAt(key, NONE) != NONE) {
        added = added.without(key);
        count--;
        return this;
      }
      Object was = changed.count() == 0 ? NONE : changed.valAt(key, NONE);
      if (was == REMOVED || was == NONE && !map.baseHas(key)) return this;
      changed = changed.assoc(key, REMOVED);
      count--;
      return this;
    }

    @Override
    public ITransientMap conj(Object entry) {
      check();
      if (entry instanceof Map.Entry<?, ?> e) return assoc(e.getKey(), e.getValue());
      if (entry instanceof IPersistentVector v) {
        if (v.count() != 2) throw new IllegalArgumentException("Vector arg to map conj must be a pair");
        return assoc(v.nth(0), v.nth(1));
      }
      ITransientMap all = this;
      for (ISeq s = RT.seq(entry); s != null; s = s.next()) {
        Map.Entry<?, ?> e = (Map.Entry<?, ?>) s.first();
        all = all.assoc(e.getKey(), e.getValue());
      }
      return all;
    }

    @Override
    public IPersistentMap persistent() {
      check();
      done = true;
      IPersistentMap changed = this.changed.persistent();
      IPersistentMap added = this.added.persistent();
      // Transients lose metadata, as Clojure's do.
      byte metaState = map.metaState == META_NONE ? META_NONE : META_CHANGED;
      return new EveMap(map.snap, map.word, map.base, map.set, changed, added, count, metaState, null);
    }

    private Object lookup(Object key) {
      check();
      Object found = added.count() == 0 ? NONE : added.valAt(key, NONE);
      if (found != NONE) return found;
      found = changed.count() == 0 ? NONE : changed.valAt(key, NONE);
      if (found == REMOVED) return NONE;
      return found != NONE ? found : map.inBase(key);
    }

    @Override
    public Object valAt(Object key) {
      return valAt(key, null);
    }

    @Override
    public Object valAt(Object key, Object notFound) {
      Object found = lookup(key);
      return found == NONE ? notFound : found;
    }

    @Override
    public boolean containsKey(Object key) {
      return lookup(key) != NONE;
    }

    @Override
    public IMapEntry entryAt(Object key) {
      Object found = lookup(key);
      return found == NONE ? null : MapEntry.create(key, found);
    }

    @Override
    public int count() {
      check();
      return count;
    }

    @Override
    public Object invoke(Object key) {
      return valAt(key);
    }

    @Override
    public Object invoke(Object key, Object notFound) {
      return valAt(key, notFound);
    }
  }
}
