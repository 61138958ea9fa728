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
 * <p>The collector cannot see shared memory. So that it comes in time, what is held back there is weighed on its heap: a version
 * stands for some nodes, about a KiB, and is accompanied by half of that in garbage once there are many: a little for some of them together,
 * since much at a time is a pause that users see. More would be memory that is written for nothing and takes the place of the nodes in the
 * caches. What drops far more than that shows in the file, which grows: see {@link Store#relieve}.
 */
final class Hold {
  /** So few pins, each of the versions of one tick, are not worth a collection: some MiB. */
  private static final int FEW = 32;
  private static final int LEAST_WEIGHT = 1 << 8, MOST_WEIGHT = 1 << 9;
  /** So many versions are weighed together. */
  private static final int TOGETHER = 8;
  /** A heap is filled by the garbage of so many versions: about as many are held at most. */
  private static final int PER_HEAP = 1 << 17;
  private static final int DRAIN = 4;

  private static final ReferenceQueue<Hold> QUEUE = new ReferenceQueue<>();
  private static final Set<Free> MANAGED = ConcurrentHashMap.newKeySet();
  /** The last garbage, so that it is made. */
  @SuppressWarnings("unused")
  private static byte[] garbage;
  /** Of what size for a version; 0 while few are held. */
  private static int weight;
  /** Versions, about: threads may count over each other. */
  private static int versions;

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
    int weight = Hold.weight;
    if (weight != 0 && ++versions % TOGETHER == 0) garbage = new byte[weight * TOGETHER];
    if (managed) return;
    managed = true;
    MANAGED.add(new Free(this));
    drain();
    boolean few = MANAGED.size() <= FEW;
    Hold.weight = few ? 0 : (int) Math.clamp(Runtime.getRuntime().totalMemory() / PER_HEAP, LEAST_WEIGHT, MOST_WEIGHT);
    if (!few) store.relieve();
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
