package eve.jvm;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A pin of shared memory, which one version or several in a row share. One that is managed is let go when the collector finds
 * the last of their views dropped; another by whoever made it.
 *
 * <p>The collector cannot see shared memory, and comes when the heap is full. Until then what was dropped is kept, about a KiB a version; where
 * that is much it shows in the file, which grows, and a collection is asked for: see {@link Store#relieve}.
 */
final class Hold {
  /** So few pins, each of the versions of one tick, are not worth a collection: some MiB. */
  private static final int FEW = 32;
  private static final int DRAIN = 4;

  private static final ReferenceQueue<Hold> QUEUE = new ReferenceQueue<>();
  private static final Set<Free> MANAGED = ConcurrentHashMap.newKeySet();

  static {
    Thread thread = new Thread(Hold::letGo, "eve snapshots");
    thread.setDaemon(true);
    thread.start();
  }

  final long handle;
  /** The root word of the version that was pinned. */
  final long root;
  private boolean managed;

  Hold(long handle, long root) {
    this.handle = handle;
    this.root = root;
  }

  private static final class Free extends PhantomReference<Hold> {
    private final long handle;

    Free(Hold hold) {
      super(hold, QUEUE);
      this.handle = hold.handle;
    }

    void run() {
      if (MANAGED.remove(this)) Native.snapshotFree(handle);
    }
  }

  /** Leaves it to the collector; called for each version that shares it. */
  void manage(Store store) {
    if (managed) return;
    managed = true;
    MANAGED.add(new Free(this));
    drain();
    if (MANAGED.size() > FEW) store.relieve();
  }

  boolean isManaged() {
    return managed;
  }

  /** Lets go of one that is not managed. */
  void free() {
    Native.snapshotFree(handle);
  }

  /** Writers help, so that a busy machine's letting go keeps up with them. */
  static void drain() {
    for (int i = 0; i < DRAIN; i++) {
      Reference<?> found = QUEUE.poll();
      if (found == null) return;
      ((Free) found).run();
    }
  }

  private static void letGo() {
    while (true) {
      try {
        ((Free) QUEUE.remove()).run();
      } catch (InterruptedException e) {
        // Nobody has a reason to; there is nothing to end.
      }
    }
  }
}
