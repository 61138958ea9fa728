package eve.jvm;

import clojure.lang.ASeq;
import clojure.lang.ArraySeq;
import clojure.lang.IPersistentMap;
import clojure.lang.ISeq;
import clojure.lang.Obj;
import java.util.Iterator;

/** What an iterator gives, read when it is asked for. Unlike Clojure's own such sequence it can be serialized. */
final class SortedSeq extends ASeq {
  private final Object first;
  private final Rest rest;

  private SortedSeq(IPersistentMap meta, Object first, Rest rest) {
    super(meta);
    this.first = first;
    this.rest = rest;
  }

  /** Null if there is nothing. */
  static SortedSeq of(Iterator<?> rows) {
    return rows.hasNext() ? new SortedSeq(null, rows.next(), new Rest(rows)) : null;
  }

  private static final class Rest {
    /** Null once the next one is known. */
    private Iterator<?> rows;
    private ISeq next;

    Rest(Iterator<?> rows) {
      this.rows = rows;
    }

    synchronized ISeq next() {
      if (rows != null) {
        next = of(rows);
        rows = null;
      }
      return next;
    }
  }

  @Override
  public Object first() {
    return first;
  }

  @Override
  public ISeq next() {
    return rest.next();
  }

  @Override
  public Obj withMeta(IPersistentMap meta) {
    return new SortedSeq(meta, first, rest);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return ArraySeq.create(toArray()).withMeta(meta());
  }
}
