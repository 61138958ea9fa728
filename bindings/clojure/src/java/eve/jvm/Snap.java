package eve.jvm;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A version of an atom. Views hold it, and it the pin that keeps it readable. One given to a function of update! is let go when
 * the function returns, and its views say so if they are used later.
 */
final class Snap {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final long CLOSED = 1L << 62;

  final Store store;
  final Hold hold;
  /** The root word. */
  final long root;
  /** The value of the root. */
  final Object value;
  /** Reads under way, and whether it is over; null if the collector decides. */
  private final AtomicLong guard;

  private Snap(Store store, Hold hold, long[] root, boolean scoped) {
    this.store = store;
    this.hold = hold;
    this.root = root[0];
    this.guard = scoped ? new AtomicLong() : null;
    Object value;
    try {
      value = Decode.value(this, root[1], root[2]);
    } catch (Throwable e) {
      if (!hold.isManaged()) hold.free();
      throw e;
    }
    this.value = value;
    if (!scoped && holdsViews(root)) hold.manage(store);
  }

  /** May views of it be held? Otherwise the value was copied out, and whoever made it closes it. */
  private static boolean holdsViews(long[] root) {
    int kind = (int) root[1] & 0xFF;
    return kind >= Decode.MAP && kind != Decode.ABSENT && (root[0] & 15) == 0;
  }

  /** Of a handle that was just given out, with its root word and cell. */
  static Snap of(Store store, long handle, long[] root) {
    return new Snap(store, new Hold(handle, root[0]), root, false);
  }

  static Snap scoped(Store store, long handle, long[] root) {
    return new Snap(store, new Hold(handle, root[0]), root, true);
  }

  /** A later version that the pin of this one holds too. */
  Snap next(long[] root) {
    return new Snap(store, hold, root, false);
  }

  /** Is it held until the collector finds it dropped? */
  boolean collected() {
    return guard == null && hold.isManaged();
  }

  /** The word of a collection that is in this version as it is; 0 of anything else. */
  long wordOf(Object value) {
    return switch (value) {
      case EveHashMap m when isAsStored(m) -> m.word;
      case EveVector v when v.snap == this && v.isUnchanged() && !v.metaChanged() -> v.word;
      case EveSet s when isAsStored(s.map) -> s.map.word;
      case EveList l when l.snap == this && !l.metaChanged() -> l.word;
      case EveSortedMap m when isAsStored(m) -> m.word;
      case EveSortedSet s when isAsStored(s.map) -> s.map.word;
      case null, default -> 0;
    };
  }

  private boolean isAsStored(EveMap m) {
    return m.snap == this && m.isUnchanged() && !m.metaChanged();
  }

  /** The handle, for a read that ends with {@link #exit}. */
  long enter() {
    if (guard != null) enterScope();
    return hold.handle;
  }

  private void enterScope() {
    while (true) {
      long n = guard.get();
      if ((n & CLOSED) != 0) {
        throw Problem.of("released", null, "this value was given to a function of update!, which has returned: it is gone. "
            + "Use swap! or deref for values that are kept, or copy what is needed inside the function");
      }
      if (guard.compareAndSet(n, n + 1)) return;
    }
  }

  void exit() {
    if (guard != null) exitScope();
    Reference.reachabilityFence(this);
  }

  private void exitScope() {
    if (guard.decrementAndGet() == CLOSED) hold.free();
  }

  /** Ends what the collector does not: a scope, or a value that was copied out. */
  void close() {
    if (hold.isManaged()) return;
    if (guard == null) {
      hold.free();
    } else if (guard.getAndUpdate(n -> n | CLOSED) == 0) {
      hold.free();
    }
  }

  /** For something to be freed when {@code owner} is found dropped. */
  static Cleaner.Cleanable onDrop(Object owner, Runnable free) {
    return CLEANER.register(owner, free);
  }
}
