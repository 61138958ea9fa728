package eve.jvm;

import clojure.lang.ASeq;
import clojure.lang.ArraySeq;
import clojure.lang.IPersistentMap;
import clojure.lang.ISeq;
import clojure.lang.Obj;
import java.util.Iterator;

/**
 * The entries of a map, read when they are asked for. As of Clojure's own maps it has no chunks, which would have `map` call its
 * function ahead; unlike Clojure's own sequence of an iterator it can be serialized, and has a text.
 */
final class EntrySeq extends ASeq {
  private final Object first;
  /** The one that knows what comes next: this one, or that of which it is a copy with other metadata. */
  private final EntrySeq original;
  /** Null once the next one is known. Set under the lock, after {@code next}. */
  private volatile Iterator<?> entries;
  private ISeq next;

  private EntrySeq(Object first, Iterator<?> entries) {
    super();
    this.first = first;
    this.original = this;
    this.entries = entries;
  }

  private EntrySeq(IPersistentMap meta, EntrySeq original) {
    super(meta);
    this.first = original.first;
    this.original = original;
  }

  /** Null if there are none. */
  static EntrySeq of(Iterator<?> entries) {
    return entries.hasNext() ? new EntrySeq(entries.next(), entries) : null;
  }

  @Override
  public Object first() {
    return first;
  }

  @Override
  public ISeq next() {
    return original.read();
  }

  private ISeq read() {
    if (entries != null) readOn();
    return next;
  }

  private synchronized void readOn() {
    Iterator<?> from = entries;
    if (from == null) return;
    next = of(from);
    entries = null;
  }

  @Override
  public Obj withMeta(IPersistentMap meta) {
    return meta == meta() ? this : new EntrySeq(meta, original);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return ArraySeq.create(toArray()).withMeta(meta());
  }
}
