package eve.jvm;

import clojure.lang.AFn;
import clojure.lang.IEditableCollection;
import clojure.lang.IFn;
import clojure.lang.IMapEntry;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentVector;
import clojure.lang.ISeq;
import clojure.lang.ITransientAssociative2;
import clojure.lang.ITransientCollection;
import clojure.lang.ITransientMap;
import clojure.lang.MapEntry;
import clojure.lang.PersistentArrayMap;
import clojure.lang.RT;
import clojure.lang.Reduced;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** A map (or the elements of a set) in no order. */
public final class EveHashMap extends EveMap implements IEditableCollection {
  private static final int SMALL = 32, MANY = 128;

  EveHashMap(Snap snap, long tag, long word, boolean set) {
    this(snap, word, Math.toIntExact(tag >>> 16), set, Few.EMPTY, Math.toIntExact(tag >>> 16), null,
        (tag & Decode.META) != 0 ? META_STORED : META_NONE, null);
  }

  private EveHashMap(Snap snap, long word, int base, boolean set, IPersistentMap over, int counted, Unasked unasked,
      byte metaState, IPersistentMap meta) {
    super(snap, word, base, set, over, counted, unasked, metaState, meta);
  }

  @Override
  EveHashMap with(IPersistentMap over, int counted, Unasked unasked, byte metaState, IPersistentMap meta) {
    return new EveHashMap(snap, word, base, set, over, counted, unasked, metaState, meta);
  }

  @Override
  public IPersistentCollection empty() {
    return Decode.emptied(PersistentArrayMap.EMPTY, meta());
  }

  // Going through all of it

  /** The entries of the view, chunk by chunk. */
  private final class Cells implements Runnable {
    private final int per = set ? 2 : 4;
    /** At first for few: of many sequences only the first one is asked for. */
    private long[] out = new long[Math.min(base, SMALL) * per];
    private long walk;
    private boolean begun;
    /** For texts on their way. */
    private final byte[] scratch = new byte[Text.FEW];
    private final Keywords keywords = snap == null ? null : snap.store.keywords;
    private java.lang.ref.Cleaner.Cleanable clean;

    /** The next ones, into {@code out}; how many. Begins with enter. */
    int next(long handle) {
      if (!begun) {
        begun = true;
        if (base <= SMALL) return base == 0 ? 0 : Native.entries(handle, word, out);
        walk = Native.walk(handle, word);
      } else if (walk != 0 && out.length < MANY * per) {
        out = new long[MANY * per];
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
      return value(out[i * per], out[i * per + 1]);
    }

    Object value(int i) {
      return value(out[i * per + 2], out[i * per + 3]);
    }

    private Object value(long tag, long bits) {
      int kind = (int) tag & 0xFF;
      if (kind == Decode.INT) return bits;
      if (kind == Decode.SHORT_STR) return Text.decodeShort(tag, bits, scratch);
      if (kind == Decode.KEYWORD) return keywords.at(bits, tag >>> 16);
      return other(tag, bits);
    }

    /** By itself, so that the code of what is most frequent stays small enough to be compiled into the loops. */
    private Object other(long tag, long bits) {
      long length = tag >>> 16;
      if (((int) tag & 0xFF) == Decode.STR && Text.isMedium(length)) return Text.decode(bits, (int) length, scratch);
      return Decode.value(snap, tag, bits);
    }
  }

  /** One way through the entries: those of the view as they are now, then those that it does not have. */
  private final class Pass {
    /** Changed keys that the view has. */
    private final IdentityHashMap<Object, Boolean> met = over.count() == 0 ? null : new IdentityHashMap<>();

    /** What is now under a key of the view: REMOVED, or NONE if that was not changed. */
    Object now(Object key) {
      if (met == null) return NONE;
      IMapEntry to = over.entryAt(key);
      if (to == null) return NONE;
      met.put(to.key(), true);
      return to.val();
    }

    /** After the last key of the view. */
    Iterator<Object> others() {
      List<Object> others = new ArrayList<>();
      if (met != null && met.size() < over.count()) {
        for (Object entry : (Iterable<?>) over) {
          IMapEntry e = (IMapEntry) entry;
          if (e.val() != REMOVED && !met.containsKey(e.key())) others.add(e);
        }
      }
      return others.iterator();
    }
  }

  private final class Entries implements Iterator<Object> {
    private final Walker walker = new Walker();
    private final Pass pass = new Pass();
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
        chunk = walker.entries(EveHashMap.this, pass);
        at = 0;
        if (chunk == null) more = pass.others();
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
    synchronized Object[] entries(EveHashMap map, Pass pass) {
      if (cells == null) cells = map.new Cells();
      long handle = map.snap.enter();
      try {
        int n = cells.next(handle);
        if (n == 0) return null;
        Object[] entries = new Object[n];
        int kept = 0;
        for (int i = 0; i < n; i++) {
          Object key = cells.key(i);
          Object to = pass.now(key);
          if (to == REMOVED) continue;
          entries[kept++] = MapEntry.create(key, map.set ? key : to != NONE ? to : cells.value(i));
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
    return EntrySeq.of(iterator());
  }

  @Override
  public Object kvreduce(IFn f, Object init) {
    Object result = init;
    Cells cells = new Cells();
    Pass pass = new Pass();
    try {
      while (true) {
        int n;
        long handle = snap.enter();
        try {
          n = cells.next(handle);
          if (n == 0) break;
          for (int i = 0; i < n; i++) {
            Object key = cells.key(i);
            Object to = pass.now(key);
            if (to == REMOVED) continue;
            result = f.invoke(result, key, set ? key : to != NONE ? to : cells.value(i));
            if (result instanceof Reduced done) return done.deref();
          }
        } finally {
          snap.exit();
        }
      }
    } finally {
      cells.run();
    }
    for (Iterator<?> others = pass.others(); others.hasNext(); ) {
      Map.Entry<?, ?> e = (Map.Entry<?, ?>) others.next();
      result = f.invoke(result, e.getKey(), e.getValue());
      if (result instanceof Reduced done) return done.deref();
    }
    return result;
  }

  @Override
  public ITransientCollection asTransient() {
    return new Transient(this);
  }

  /** Changes in place: the changes of a map are a transient of Clojure's own. */
  private static final class Transient extends AFn implements ITransientMap, ITransientAssociative2 {
    private final EveHashMap map;
    private ITransientMap over;
    private int counted;
    private Unasked unasked;
    private boolean done;

    Transient(EveHashMap map) {
      this.map = map;
      this.over = (ITransientMap) ((IEditableCollection) map.over).asTransient();
      boolean known = map.count != UNKNOWN;
      this.counted = known ? map.count : map.counted;
      this.unasked = known ? null : map.unasked;
    }

    private void check() {
      if (done) throw new IllegalAccessError("Transient used after persistent! call");
    }

    private Object changed(Object key) {
      return over.count() == 0 ? NONE : over.valAt(key, NONE);
    }

    @Override
    public ITransientMap assoc(Object key, Object value) {
      check();
      Object was = changed(key);
      if (was == REMOVED || was == NONE && map.base == 0) counted++;
      else if (was == NONE) unasked = new Unasked(key, unasked);
      over = over.assoc(key, value);
      return this;
    }

    @Override
    public ITransientMap without(Object key) {
      check();
      Object was = changed(key);
      if (was == REMOVED) return this;
      boolean below = map.baseHas(key);
      if (was == NONE && !below) return this;
      over = below ? over.assoc(key, REMOVED) : over.without(key);
      counted--;
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
      // Transients lose metadata, as Clojure's do.
      byte metaState = map.metaState == META_NONE ? META_NONE : META_CHANGED;
      return map.with(over.persistent(), counted, unasked, metaState, null);
    }

    private Object lookup(Object key) {
      check();
      Object found = changed(key);
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
      for (; unasked != null; unasked = unasked.more()) {
        if (!map.baseHas(unasked.key())) counted++;
      }
      return counted;
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
