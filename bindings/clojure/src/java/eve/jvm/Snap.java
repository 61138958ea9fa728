package eve.jvm;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A snapshot: one pinned version of an atom. Views hold it; when the collector finds the last of them dropped, it is let go.
 * One given to a function of update! is let go when the function returns, and its views say so if they are used later.
 */
final class Snap {
  private static final Cleaner CLEANER = Cleaner.create();
  /** About what a version holds back. The collector cannot see shared memory, so each snapshot weighs as much on its heap. */
  private static final int WEIGHT = 1024;
  private static final long CLOSED = 1L << 62;

  final Store store;
  private final long handle;
  /** The root word. */
  final long root;
  /** The value of the root. */
  final Object value;
  /** Reads under way, and whether it is over; null if the collector decides. */
  private final AtomicLong guard;
  @SuppressWarnings("unused")
  private final byte[] weight;

  private Snap(Store store, long handle, long[] root, boolean scoped) {
    this.store = store;
    this.handle = handle;
    this.root = root[0];
    this.guard = scoped ? new AtomicLong() : null;
    boolean collected = !scoped && holdsViews(root);
    this.weight = collected ? new byte[WEIGHT] : null;
    Object value;
    try {
      value = Decode.value(this, root[1], root[2]);
    } catch (Throwable e) {
      Native.snapshotFree(handle);
      throw e;
    }
    this.value = value;
    if (collected) CLEANER.register(this, new Free(handle));
  }

  private record Free(long handle) implements Runnable {
    public void run() {
      Native.snapshotFree(handle);
    }
  }

  /** May views of it be held? Otherwise the value was copied out, and whoever made the snapshot frees it. */
  private static boolean holdsViews(long[] root) {
    int kind = (int) root[1] & 0xFF;
    return kind >= Decode.MAP && kind <= Decode.TAGGED && (root[0] & 15) == 0;
  }

  /** Is it freed by the collector? */
  boolean collected() {
    return weight != null;
  }

  /** Of a handle that was just given out, with its root word and cell. */
  static Snap of(Store store, long handle, long[] root) {
    return new Snap(store, handle, root, false);
  }

  static Snap scoped(Store store, long handle, long[] root) {
    return new Snap(store, handle, root, true);
  }

  /** The handle, for a read that ends with {@link #exit}. */
  long enter() {
    if (guard != null) enterScope();
    return handle;
  }

  private void enterScope() {
    while (true) {
      long n = guard.get();
      if ((n & CLOSED) != 0) {
        throw new IllegalStateException("this value was given to a function of update!, which has returned: it is gone. "
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
    if (guard.decrementAndGet() == CLOSED) Native.snapshotFree(handle);
  }

  /** Ends what the collector does not: a scope, or a value that was copied out. */
  void close() {
    if (collected()) return;
    if (guard == null) {
      Native.snapshotFree(handle);
    } else if (guard.getAndUpdate(n -> n | CLOSED) == 0) {
      Native.snapshotFree(handle);
    }
  }

  /** For something to be freed when {@code owner} is found dropped. */
  static Cleaner.Cleanable onDrop(Object owner, Runnable free) {
    return CLEANER.register(owner, free);
  }
}
