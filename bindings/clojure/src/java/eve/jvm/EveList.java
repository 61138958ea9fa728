package eve.jvm;

import clojure.lang.ASeq;
import clojure.lang.Counted;
import clojure.lang.IFn;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentList;
import clojure.lang.IPersistentMap;
import clojure.lang.IReduce;
import clojure.lang.ISeq;
import clojure.lang.Obj;
import clojure.lang.PersistentList;
import clojure.lang.Reduced;

/** A list of a snapshot, or elements put in front of one: an ordinary Clojure list. */
public final class EveList extends ASeq implements IPersistentList, Counted, IReduce {
  /** Null for a cell that was put in front. */
  final transient Snap snap;
  final long word;
  /** What a cell was put in front of. */
  final EveList behind;
  private final int count;
  private final boolean metaChanged;
  /** Of a list of a snapshot: read when asked for. */
  private volatile boolean read;
  private Object first;
  private EveList rest;

  EveList(Snap snap, long tag, long word, IPersistentMap meta) {
    this(snap, word, null, Math.toIntExact(tag >>> 16), null, meta, false);
  }

  private EveList(Snap snap, long word, EveList behind, int count, Object first, IPersistentMap meta, boolean metaChanged) {
    super(meta);
    this.snap = snap;
    this.word = word;
    this.behind = behind;
    this.count = count;
    this.first = first;
    this.metaChanged = metaChanged;
    if (snap == null) {
      this.rest = behind;
      this.read = true;
    }
  }

  boolean metaChanged() {
    return metaChanged;
  }

  private void read() {
    if (read) return;
    long[] out = new long[4];
    long handle = snap.enter();
    try {
      Native.list(handle, word, out);
      first = Decode.value(snap, out[0], out[1]);
      rest = count == 1 ? null : new EveList(snap, out[2], out[3], null);
      read = true;
    } finally {
      snap.exit();
    }
  }

  @Override
  public Object first() {
    read();
    return first;
  }

  @Override
  public ISeq next() {
    read();
    return rest;
  }

  @Override
  public Object peek() {
    return first();
  }

  @Override
  public IPersistentList pop() {
    read();
    return rest == null ? (IPersistentList) empty() : rest;
  }

  @Override
  public int count() {
    return count;
  }

  /** Metadata stays with it, as it does with Clojure's lists. */
  @Override
  public EveList cons(Object element) {
    return new EveList(null, 0, this, count + 1, element, meta(), meta() != null);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return Plain.of(this);
  }

  @Override
  public IPersistentCollection empty() {
    return Decode.emptied(PersistentList.EMPTY, meta());
  }

  @Override
  public Obj withMeta(IPersistentMap meta) {
    if (meta == meta()) return this;
    return new EveList(snap, word, behind, count, snap == null ? first : null, meta, true);
  }

  @Override
  public Object reduce(IFn f) {
    ISeq more = next();
    return more == null ? first() : ((EveList) more).reduce(f, first());
  }

  @Override
  public Object reduce(IFn f, Object init) {
    Object result = init;
    EveList at = this;
    for (; at != null && at.snap == null; at = at.behind) {
      result = f.invoke(result, at.first);
      if (result instanceof Reduced done) return done.deref();
    }
    if (at == null) return result;
    for (ISeq s = at; s != null; s = s.next()) {
      result = f.invoke(result, s.first());
      if (result instanceof Reduced done) return done.deref();
    }
    return result;
  }
}
