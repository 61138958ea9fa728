package eve.jvm;

import clojure.lang.APersistentMap;
import clojure.lang.IKVReduce;
import clojure.lang.IMapEntry;
import clojure.lang.IObj;
import clojure.lang.IPersistentMap;
import clojure.lang.Keyword;
import clojure.lang.MapEntry;
import clojure.lang.Util;
import java.lang.foreign.MemorySegment;

/**
 * A map of a snapshot, perhaps with changes over it: an ordinary Clojure map. Reading asks shared memory for what is wanted;
 * changing costs what it costs on Clojure's own maps and leaves shared memory alone. A set is one too, of its elements to
 * themselves (see {@link EveSet}).
 */
public abstract class EveMap extends APersistentMap implements IObj, IKVReduce {
  static final Object REMOVED = new Object();
  static final Object NONE = new Object();

  final transient Snap snap;
  final long word;
  /** Entries of the view. */
  final int base;
  final boolean set;
  /** Keys with their new values, or REMOVED (which only keys of the view are). Of a set, each element with itself. */
  final IPersistentMap over;
  /** Entries, not counting those of {@code asked}. */
  final int counted;
  /** Keys that were put over the view without asking whether it has them: nobody wanted to know yet. */
  final Unasked unasked;
  static final int UNKNOWN = -1;
  /** The count when it is known. A race asks twice. */
  int count = UNKNOWN;

  record Unasked(Object key, Unasked more) {}

  static final byte META_NONE = 0, META_STORED = 1, META_READ = 2, META_CHANGED = 3;
  volatile byte metaState;
  IPersistentMap meta;
  EveMap(Snap snap, long word, int base, boolean set, IPersistentMap over, int counted, Unasked unasked,
      byte metaState, IPersistentMap meta) {
    this.snap = snap;
    this.word = word;
    this.base = base;
    this.set = set;
    this.over = over;
    this.counted = counted;
    this.unasked = unasked;
    this.meta = meta;
    this.metaState = metaState;
  }

  /** The same view with these changes. */
  abstract EveMap with(IPersistentMap over, int counted, Unasked unasked, byte metaState, IPersistentMap meta);

  private EveMap with(IPersistentMap over, int counted, Unasked unasked) {
    return with(over, counted, unasked, metaState, meta);
  }

  /** With one entry more or less, or as many. */
  private EveMap with(IPersistentMap over, int more) {
    int known = count;
    return known != UNKNOWN ? with(over, known + more, null) : with(over, counted + more, unasked);
  }

  boolean isUnchanged() {
    return over.count() == 0;
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
    return with(over, counted, unasked, META_CHANGED, meta);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return Plain.of(this);
  }

  // Looking up

  /** Asks shared memory; the cells found go into {@code out}. With {@code entry}, two of them. */
  private boolean ask(long handle, Object key, boolean entry, long[] out) {
    MemorySegment text = MemorySegment.NULL;
    long tag;
    long bits = 0;
    if (key instanceof Keyword k && !entry) {
      Keywords.Key known = snap.store.keywords.key(k, handle);
      return known != null && Native.getStored(handle, word, known.word(), known.hash(), out);
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

  Object inBase(Object key) {
    if (base == 0) return NONE;
    long[] out = new long[2];
    long handle = snap.enter();
    try {
      if (!ask(handle, key, false, out)) return NONE;
      return Decode.value(snap, out[0], out[1]);
    } finally {
      snap.exit();
    }
  }

  boolean baseHas(Object key) {
    if (base == 0) return false;
    long[] out = new long[2];
    long handle = snap.enter();
    try {
      return ask(handle, key, false, out);
    } finally {
      snap.exit();
    }
  }

  private Object lookup(Object key) {
    if (over.count() != 0) {
      Object found = over.valAt(key, NONE);
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
    Object found = over.count() == 0 ? NONE : over.valAt(key, NONE);
    return found == NONE ? baseHas(key) : found != REMOVED;
  }

  @Override
  public IMapEntry entryAt(Object key) {
    IMapEntry to = over.count() == 0 ? null : over.entryAt(key);
    if (to != null && to.val() == REMOVED) return null;
    if (base == 0) return to;
    if (key instanceof Keyword) { // whatever is equal to it is the same object
      Object stored = inBase(key);
      return stored == NONE ? to : MapEntry.create(key, to != null ? to.val() : stored);
    }
    long[] out = new long[4];
    long handle = snap.enter();
    try {
      if (!ask(handle, key, true, out)) return to;
      Object stored = Decode.value(snap, out[0], out[1]);
      if (set) return MapEntry.create(stored, stored);
      return MapEntry.create(stored, to != null ? to.val() : Decode.value(snap, out[2], out[3]));
    } finally {
      snap.exit();
    }
  }

  @Override
  public int count() {
    int n = count;
    if (n != UNKNOWN) return n;
    n = counted;
    for (Unasked k = unasked; k != null; k = k.more) {
      if (!baseHas(k.key)) n++;
    }
    count = n;
    return n;
  }

  // Changing

  @Override
  public IPersistentMap assoc(Object key, Object value) {
    Object was = over.count() == 0 ? NONE : over.valAt(key, NONE);
    if (was == NONE) {
      if (isThere(key, value)) return this;
      int known = count;
      IPersistentMap now = over instanceof Few few ? few.with(key, value) : over.assoc(key, value);
      if (base == 0) return with(now, 1);
      return known != UNKNOWN ? with(now, known, new Unasked(key, null)) : with(now, counted, new Unasked(key, unasked));
    }
    return was == value ? this : with(over.assoc(key, value), was == REMOVED ? 1 : 0);
  }

  /**
   * Is the very value under a key of the view? Asked of collections of this version alone: scalars are new objects whenever they are
   * read, and to look up each key that is changed would cost a swap! a tenth, and more in a large map.
   */
  private boolean isThere(Object key, Object value) {
    long stored = snap == null ? 0 : snap.wordOf(value);
    if (stored == 0) return false;
    long[] out = new long[2];
    long handle = snap.enter();
    try {
      return ask(handle, key, false, out) && out[1] == stored && ((int) out[0] & 0xFF) >= Decode.MAP;
    } finally {
      snap.exit();
    }
  }

  @Override
  public IPersistentMap assocEx(Object key, Object value) {
    if (containsKey(key)) throw Util.runtimeException("Key already present");
    return assoc(key, value);
  }

  @Override
  public IPersistentMap without(Object key) {
    Object was = over.count() == 0 ? NONE : over.valAt(key, NONE);
    if (was == REMOVED) return this;
    boolean below = baseHas(key);
    if (was == NONE && !below) return this;
    return with(below ? over.assoc(key, REMOVED) : over.without(key), -1);
  }

  @Override
  public boolean equiv(Object other) {
    if (this == other) return true;
    if (other instanceof EveMap m && snap != null && m.snap != null && isUnchanged() && m.isUnchanged() && set == m.set) return sameAs(m);
    return super.equiv(other);
  }

  /** Asks the engine, which skips what the two share. */
  boolean sameAs(EveMap m) {
    if (count() != m.count()) return false;
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
}
