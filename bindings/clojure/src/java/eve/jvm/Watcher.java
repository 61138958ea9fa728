package eve.jvm;

import clojure.lang.ExceptionInfo;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Calls the watches of an atom for what other processes commit. Commits of this process call them themselves, so those are
 * counted, and the watcher looks only at the rest. It sleeps in the kernel until the atom changes.
 */
final class Watcher implements Runnable {
  /** So often it looks whether it is still wanted. */
  private static final long NAP = 250;

  /** One with a name: its domain keeps it until that is closed. */
  private final EveAtom atom;
  /** Commits of this process hold it shared while they publish and count themselves; the watcher alone while it compares. */
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Object state = new Object();
  private volatile boolean stopped;
  private long seen;
  private long own;
  private Object value;

  Watcher(EveAtom atom) {
    this.atom = atom;
    this.value = atom.deref();
    this.seen = atom.commits();
  }

  void start() {
    Thread thread = new Thread(this, "eve watch " + atom.name());
    thread.setDaemon(true);
    thread.start();
  }

  void stop() {
    stopped = true;
  }

  void beginCommit() {
    lock.readLock().lock();
  }

  void endCommit(boolean changed, Object now) {
    if (changed) {
      synchronized (state) {
        own++;
        value = now;
      }
    }
    lock.readLock().unlock();
  }

  @Override
  public void run() {
    while (!stopped) {
      try {
        if (atom.await(seen, NAP)) look();
      } catch (Throwable e) {
        if (!atom.store().isOpen()) return;
        report(e);
      }
    }
  }

  /** What a watch throws ends in the thread's handler, and the watcher goes on. */
  private static void report(Throwable e) {
    Thread thread = Thread.currentThread();
    thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
  }

  private void look() {
    Object before;
    Object now;
    lock.writeLock().lock();
    try {
      long commits = atom.commits();
      boolean ours = commits - seen == own;
      seen = commits;
      own = 0;
      if (ours) return;
      before = value;
      try {
        now = atom.deref();
      } catch (ExceptionInfo e) {
        if (Problem.is(e, "no-such-atom")) return; // removed; there is more to tell if its name is used again
        throw e;
      }
      value = now;
    } finally {
      lock.writeLock().unlock();
    }
    if (!stopped) atom.notifyWatches(before, now);
  }
}
